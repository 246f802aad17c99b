"""The files that a Python function's modules are loaded from."""

# ruff: noqa: PTH118

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from cfnlint_eda_rules.handlers.source.files import Files

MOST_DISTRIBUTIONS = 500


class PythonModules:
    """Finds modules from the folders `roots`, as `sys.path` has them.

    A module is a dotted name, relative with leading dots; a folder without `__init__.py` is a
    package whose text reads as "". Installed distributions are no files of the function.
    """

    def __init__(self, files: Files, roots: Iterable[str] = ()) -> None:
        self.files = files
        self.roots = tuple(roots)
        self._modules: dict[tuple[str, str], str | None] = {}
        self._installed: dict[str, frozenset[str]] = {}

    def resolve(self, module: str, importer: str) -> str | None:
        """The file of a module; None when it is no file of the function."""
        own = module.startswith(".") or module.partition(".")[0] not in sys.stdlib_module_names
        key = (module, importer if own else "")
        if key not in self._modules:
            known = bool(module) and "\0" not in module
            self._modules[key] = self._found(module, importer) if known else None
        return self._modules[key]

    def _found(self, module: str, importer: str) -> str | None:
        dots = len(module) - len(module.lstrip("."))
        names = module[dots:].split(".") if len(module) > dots else []
        if not all(name.isidentifier() for name in names):
            return None
        beside = self.files.folder_of(importer)
        if not dots:
            return self._absolute(names, beside)
        if not beside:
            return None
        path = os.path.normpath(os.path.join(beside, *[".."] * (dots - 1), *names))
        return self._file(path, bool(names), True)

    def _absolute(self, names: list[str], beside: str) -> str | None:
        standard = names[0] in sys.stdlib_module_names
        # Last, the importer's own folder: handlers in sub-folders put it on `sys.path` themselves.
        folders = [
            folder for folder in dict.fromkeys((*self.roots, "" if standard else beside)) if folder
        ]
        folders = [folder for folder in folders if names[0] not in self._distributions(folder)]
        for namespace in (False, True):
            for folder in folders:
                path = os.path.join(folder, *names)
                found = self._file(path, True, namespace and not standard)
                if found is not None:
                    return found
        return None

    def _file(self, path: str, named: bool, namespace: bool) -> str | None:
        package = os.path.join(path, "__init__.py")
        if self.files.holds(package):
            return package
        if named and self.files.holds(path + ".py"):
            return path + ".py"
        if namespace and self.files.has_folder(path):
            return self.files.stand_in(package)
        return None

    def _distributions(self, root: str) -> frozenset[str]:
        """Top-level modules that pip has installed into `root`."""
        if root not in self._installed:
            names: set[str] = set()
            for entry in self.files.names(root, ".dist-info")[:MOST_DISTRIBUTIONS]:
                names.update(self._top_level(os.path.join(root, entry)))
                names.add(entry.partition("-")[0].lower())
            self._installed[root] = frozenset(names)
        return self._installed[root]

    def _top_level(self, distribution: str) -> list[str]:
        text = self.files.text(os.path.join(distribution, "top_level.txt"))
        if text is not None:
            return text.split()
        record = self.files.text(os.path.join(distribution, "RECORD")) or ""
        return [
            line.partition(",")[0].partition("/")[0].removesuffix(".py")
            for line in record.splitlines()
        ]

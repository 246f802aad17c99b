"""The files that a Python function's modules are loaded from."""

# ruff: noqa: PTH118, PTH119, PTH120

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable
from functools import cached_property

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import upwards
from cfnlint_eda_rules.handlers.source.requirements import (
    declared,
    every_declared,
    local_packages,
)
from cfnlint_eda_rules.handlers.source.tree import holds_tests

MOST_DISTRIBUTIONS = 500
MOST_NAMES = 200
MOST_FITTING = 50


def module_paths(path: str) -> list[str]:
    """The files that the module at `path` may be: a package comes before a module of its name."""
    return [os.path.join(path, "__init__.py"), path + ".py"]


def layer_roots(layer: str, files: Files) -> list[str]:
    """The folders of a layer that are on `sys.path`."""
    library = os.path.join(layer, "python", "lib")
    below = [os.path.join(library, name, "site-packages") for name in files.names(library)]
    return [os.path.join(layer, "python"), *below]


_SHARED = ("common", "commons", "shared", "lib", "libs", "utils", "helpers")
# Distributions of types alone.
_TYPES = ("mypy_boto3_", "types_", "_")


@functools.cache
def _known_libraries() -> frozenset[str]:
    rows = load("other_libraries")["python"]
    return frozenset((*rows["plain"], *rows["calls_aws"]))


class PythonModules:
    """Finds modules from the folders `roots`, as `sys.path` has them.

    A module is a dotted name, relative with leading dots; a folder without `__init__.py` is a
    package whose text reads as "". Installed distributions are no files of the function. `layers`
    are the folders of its layers.
    """

    def __init__(self, files: Files, roots: Iterable[str] = (), layers: Iterable[str] = ()) -> None:
        self.files: Files = files
        self.roots = tuple(roots)
        self.layers: tuple[str, ...] = tuple(layers)
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

    def missing(self, module: str, importer: str) -> list[str] | None:
        """Where a module that was not found would lie; None when it is none of the project's."""
        package = module.rpartition(".")[0]
        parent = self.resolve(package, importer) if package.strip(".") else None
        if parent is not None and (not parent.endswith("__init__.py") or self.files.read(parent)):
            # What is asked of a package that says something may be anything it makes.
            return None
        if module.startswith("."):
            return self._relative_place(module, importer)
        first = module.partition(".")[0]
        if parent is None and self._is_library(first):
            return None
        return [os.path.join(root, *module.split(".")) for root in self.roots]

    def _is_library(self, name: str) -> bool:
        """Whether a module that is no file of the project is part of Python, installed, or may
        be.
        """
        plain = name.lower()
        return (
            name in sys.stdlib_module_names
            or plain in _known_libraries()
            or plain.startswith(_TYPES)
            or self._is_installed(name)
            or plain in self._declared
            or plain in every_declared(self.files)
        )

    def _relative_place(self, module: str, importer: str) -> list[str]:
        names = module.lstrip(".").split(".")
        above = [".."] * (len(module) - len(module.lstrip(".")) - 1)
        beside = self.files.folder_of(importer)
        return [os.path.normpath(os.path.join(beside, *above, *names))] if beside else []

    def like(self, before: str, after: str, importer: str) -> list[str]:
        """The names of modules that begin and end so, as the file `importer` writes them."""
        package, dot, stem = before.rpartition(".")
        place = self.resolve(package, importer) if dot and package else None
        if place is None or not place.endswith("__init__.py"):
            return []
        stems = (name.removesuffix(".py") for name in self.files.names(os.path.dirname(place)))
        cores = [name.removesuffix(after) for name in stems if name.startswith(stem)][:MOST_NAMES]
        names = dict.fromkeys(f"{package}.{core}{after}" for core in cores)
        return [name for name in names if self.resolve(name, importer) is not None][:MOST_FITTING]

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
        found = self._in(folders, names, not standard)
        if found is not None or standard or self._is_installed(names[0]):
            return found
        return (
            self._in(self._local_packages, names, True)
            or self._above(names)
            or self._shared(names)
            or self._elsewhere(names)
        )

    def _in(self, folders: Iterable[str], names: list[str], namespaces: bool) -> str | None:
        folders = [folder for folder in folders if names[0] not in self._distributions(folder)]
        for namespace in (False, namespaces):
            for folder in folders:
                found = self._file(os.path.join(folder, *names), True, namespace)
                if found is not None:
                    return found
        return None

    def _above(self, names: list[str]) -> str | None:
        """The module in a package that stands above the code folder or is named like it or like a
        layer's: tests and type checkers run from there, and layers of other stacks bring it along.
        """
        for folder in () if names[0].lower() in self._declared else self._folders_above:
            top = os.path.join(folder, names[0])
            if self.files.holds(os.path.join(top, "__init__.py")) or self._has_modules(top):
                return self._file(os.path.join(folder, *names), True, True)
            if self.files.holds(top + ".py"):
                return top + ".py" if len(names) == 1 else None
        return None

    def _shared(self, names: list[str]) -> str | None:
        """The module in a folder of what several functions share, beside a folder above the code
        folder: scripts that pack the archives copy its modules to the handler's.
        """
        library = names[0].lower()
        if library in _known_libraries() or library in every_declared(self.files):
            return None
        return self._in(self._shared_folders, names, False)

    @cached_property
    def _shared_folders(self) -> list[str]:
        above = [os.path.dirname(root) for root in self.roots[:1]]
        return [
            os.path.join(folder, name)
            for start in above
            for folder in upwards(self.files, start)
            for name in _SHARED
            if self.files.has_folder(os.path.join(folder, name))
        ]

    def _elsewhere(self, names: list[str]) -> str | None:
        """The module in the one package of the project that is called so, wherever it lies: how it
        gets beside the code the template need not say.
        """
        plain = names[0].lower()
        if plain in _known_libraries() or plain in self._declared:
            return None
        named = self.files.project.tree.named(names[0])[:MOST_FITTING]
        packages = [folder for folder in named if os.path.basename(folder) == names[0]]
        found = [
            file
            for package in packages
            if not holds_tests(package)
            and (file := self._file(os.path.join(package, *names[1:]), len(names) > 1, False))
        ]
        return found[0] if len(found) == 1 else None

    def _has_modules(self, folder: str) -> bool:
        """Whether a folder without `__init__.py` holds Python, or one of its own folders does."""
        names = self.files.names(folder)[:MOST_NAMES]
        return any(name.endswith(".py") for name in names) or any(
            self.files.holds(os.path.join(folder, name, "__init__.py")) for name in names
        )

    @cached_property
    def _folders_above(self) -> list[str]:
        folders = (os.path.dirname(folder) for folder in (*self.roots[:1], *self.layers))
        above = (folder for start in folders for folder in upwards(self.files, start))
        return list(dict.fromkeys(above))

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset().union(*(declared(self.files, folder) for folder in self.roots[:1]))

    @cached_property
    def _local_packages(self) -> list[str]:
        starts = (*self.roots[:1], *self.layers)
        found = (package for start in starts for package in local_packages(self.files, start))
        return list(dict.fromkeys(found))

    def _is_installed(self, name: str) -> bool:
        return any(name in self._distributions(root) for root in self.roots)

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

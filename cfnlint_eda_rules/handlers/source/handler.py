"""The file of a handler's module, sought in the folders that the code may be in."""

# ruff: noqa: PTH118, PTH122

from __future__ import annotations

import os
import posixpath

from cfnlint_eda_rules.handlers.source.code import EXTENSIONS, JAVASCRIPT, PYTHON
from cfnlint_eda_rules.handlers.source.files import Files

DEEPEST_MODULE = 50


def split(handler: str, language: str) -> tuple[str, str]:
    """The handler's module as a path without extension, and the symbol in it, split as Lambda's own
    runtimes split them.
    """
    if language == PYTHON:
        module, _, symbol = handler.rpartition(".")
        return module.replace(".", "/"), symbol
    folder, slash, name = handler.rpartition("/")
    module, _, symbol = name.partition(".")
    return folder + slash + module, symbol


def module_parts(handler: str, language: str) -> list[str]:
    """The names on the way to the handler's module; empty when that is no path below a folder."""
    module, symbol = split(handler, language)
    parts = [part for part in module.split("/") if part not in {"", "."}]
    strange = not symbol or len(parts) > DEEPEST_MODULE or ".." in parts or module.startswith("/")
    return [] if strange else parts


def module_file(files: Files, path: str, language: str) -> str | None:
    """The file of the module at `path`, which has no extension."""
    if language == JAVASCRIPT:
        names = (path + extension for extension in EXTENSIONS[JAVASCRIPT])
    else:
        names = (name for name in (os.path.join(path, "__init__.py"), path + ".py"))
    return next((name for name in names if files.holds(name)), None)


def is_source(path: str, language: str) -> bool:
    """Whether a path is named as a file of the language."""
    return os.path.splitext(path)[1] in EXTENSIONS[language]


def entry_points(module: str, points: tuple[str, ...]) -> list[str]:
    """The entry points that esbuild may write to `module`, the likeliest first: it keeps the paths
    below the entry points' common folder.
    """
    stems = {os.path.splitext(point)[0].removeprefix("./"): point for point in points}
    tail = "/" + module
    matching = [point for stem, point in stems.items() if ("/" + stem).endswith(tail)]
    matching += [
        point
        for stem, point in stems.items()
        if posixpath.basename(stem) == posixpath.basename(module)
    ]
    return [*matching, *(points if len(points) == 1 else ())]

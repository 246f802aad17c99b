"""The file of a handler's module, sought in the folders that the code may be in."""

# ruff: noqa: PTH122

from __future__ import annotations

import os

from cfnlint_eda_rules.handlers.source.code import Layout
from cfnlint_eda_rules.handlers.source.files import Files

DEEPEST_MODULE = 50


def module_parts(handler: str, language: Layout) -> list[str]:
    """The names on the way to the handler's module; empty when that is no path below a folder."""
    module, symbol = language.parted_handler(handler)
    parts = [part for part in module.split("/") if part not in {"", "."}]
    strange = not symbol or len(parts) > DEEPEST_MODULE or ".." in parts or module.startswith("/")
    return [] if strange else parts


def module_file(files: Files, path: str, language: Layout) -> str | None:
    """The file of the module at `path`, which has no extension."""
    return next((name for name in language.module_paths(path) if files.holds(name)), None)


def is_source(path: str, language: Layout) -> bool:
    """Whether a path is named as a file of the language."""
    return os.path.splitext(path)[1] in language.extensions

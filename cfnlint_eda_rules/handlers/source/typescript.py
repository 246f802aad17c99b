"""What the TypeScript compiler is told of where modules are: the nearest `tsconfig.json`."""

# ruff: noqa: PTH118

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import strings, upwards

MOST_PATTERNS = 500
MOST_CANDIDATES = 50

# Strings are kept; comments and trailing commas go. What is not closed reaches to the end, so that
# reading stays linear.
_RELAXED_JSON = re.compile(
    r'("(?:[^"\\]|\\.)*(?:"|\Z))|//[^\n]*|/\*.*?(?:\*/|\Z)|,(?=\s*[}\]])', re.DOTALL
)


class CompilerOptions:
    """The `compilerOptions` of the `tsconfig.json` files of a project."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._options: dict[str, dict[str, Any] | None] = {}

    def candidates(self, module: str, folder: str) -> list[str]:
        """The paths, without extensions, that the nearest `tsconfig.json` at or above `folder` maps
        the module to (TypeScript reference, `paths` and `baseUrl`).
        """
        for above in upwards(self._files, folder):
            options = self._read(above)
            if options is not None:
                return list(islice(_candidates(module, above, options), MOST_CANDIDATES))
        return []

    def _read(self, folder: str) -> dict[str, Any] | None:
        """The options in the folder; None when there is no `tsconfig.json`."""
        if folder not in self._options:
            path = os.path.join(folder, "tsconfig.json")
            found = relaxed_json(self._files.text(path)) if self._files.holds(path) else None
            options = found.get("compilerOptions", {}) if isinstance(found, dict) else found
            self._options[folder] = options if isinstance(options, dict) or options is None else {}
        return self._options[folder]


def relaxed_json(text: str | None) -> Any:
    """JSON that may have comments and trailing commas; empty when it cannot be read."""
    try:
        return json.loads(_RELAXED_JSON.sub(lambda match: match[1] or "", text or "{}"))
    except (ValueError, RecursionError):
        return {}


def _candidates(module: str, folder: str, options: Mapping[str, Any]) -> Iterator[str]:
    given = options.get("baseUrl")
    base = os.path.join(folder, given) if isinstance(given, str) else folder
    paths = options.get("paths")
    for candidate in _mapped(module, paths if isinstance(paths, dict) else {}):
        yield os.path.normpath(os.path.join(base, candidate))
    if isinstance(given, str):
        yield os.path.normpath(os.path.join(base, module))


def _mapped(module: str, paths: Mapping[str, Any]) -> Iterator[str]:
    """What the patterns of `paths`, the most specific first, make of a module's name."""
    for pattern, targets in sorted(
        islice(paths.items(), MOST_PATTERNS), key=lambda entry: -len(entry[0].partition("*")[0])
    ):
        before, star, after = pattern.partition("*")
        if module != pattern and not (
            star
            and module.startswith(before)
            and module.endswith(after)
            and len(module) >= len(before + after)
        ):
            continue
        rest = module[len(before) : len(module) - len(after)] if star else ""
        yield from (target.replace("*", rest, 1) for target in strings(targets))

"""What the TypeScript compiler is told of where modules are: the nearest `tsconfig.json`."""

# ruff: noqa: PTH118, PTH120, PTH122

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import islice
from typing import Any

from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import strings, upwards
from cfnlint_eda_rules.records import dataclass

MOST_PATTERNS = 500
MOST_PROJECTS = 50
DEEPEST_EXTENDS = 10
MOST_CANDIDATES = 50

# Strings are kept; comments and trailing commas go. What is not closed reaches to the end, so that
# reading stays linear.
_RELAXED_JSON = re.compile(
    r'("(?:[^"\\]|\\.)*(?:"|\Z))|//[^\n]*|/\*.*?(?:\*/|\Z)|,(?=\s*[}\]])', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Project:
    """What one `tsconfig.json` says, with what it extends; paths are absolute.

    `paths` maps patterns of modules to files, `roots` are the folders that the sources lie in, the
    most certain first, `out` is the folder of what is compiled.
    """

    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    base: str = ""
    roots: tuple[str, ...] = ()
    out: str = ""
    references: tuple[str, ...] = ()


class CompilerOptions:
    """What the `tsconfig.json` files of a project say."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._projects: dict[str, Project | None] = {}

    def candidates(self, module: str, folder: str) -> list[str]:
        """The paths, without extensions, that the nearest `tsconfig.json` at or above `folder` maps
        the module to (TypeScript reference, `paths` and `baseUrl`).
        """
        for above in upwards(self._files, folder):
            project = self._project(os.path.join(above, "tsconfig.json"))
            if project is not None:
                return list(islice(_candidates(module, project), MOST_CANDIDATES))
        return []

    def sources(self, folder: str, target: str) -> Iterator[str]:
        """The paths that the compiler makes `target` from, all without extensions, as the
        `tsconfig.json` files in `folder` and those they refer to say (`outDir`, `rootDir`).
        """
        names = [name for name in self._files.names(folder, ".json") if name.startswith("tsconfig")]
        pending = [os.path.join(folder, name) for name in names]
        for path in islice(pending, MOST_PROJECTS):
            project = self._project(path)
            if project is not None:
                pending += project.references
                if project.out and target.startswith(project.out + os.sep):
                    rest = target[len(project.out) + 1 :]
                    yield from (os.path.join(root, rest) for root in project.roots)

    def _project(self, path: str) -> Project | None:
        """What the file says; None when there is none."""
        if path not in self._projects:
            held = self._files.holds(path)
            self._projects[path] = _project(self._merged(path, path, 0), path) if held else None
        return self._projects[path]

    def _merged(self, path: str, leaf: str, depth: int) -> dict[str, Any]:
        """The settings of a file over those it extends; paths are absolute, relative ones being
        relative to the file that has them.
        """
        found = relaxed_json(self._files.text(path))
        if not isinstance(found, dict) or depth > DEEPEST_EXTENDS:
            return {}
        merged: dict[str, Any] = {}
        for name in strings(found.get("extends"))[:DEEPEST_EXTENDS]:
            extended = self._extended(os.path.dirname(path), name)
            if extended is not None:
                merged.update(self._merged(extended, leaf, depth + 1))
        merged.pop("references", None)
        return merged | _settings(found, os.path.dirname(path), os.path.dirname(leaf))

    def _extended(self, folder: str, name: str) -> str | None:
        """The file that `extends` names: a path, or a package's."""
        if name.startswith((".", "/")):
            places = [_absolute(folder, name)]
        else:
            above = upwards(self._files, folder)
            places = [os.path.join(each, "node_modules", name) for each in above]
        for place in places:
            for path in (place, place + ".json", os.path.join(place, "tsconfig.json")):
                if self._files.holds(path):
                    return path
        return None


def _settings(found: Mapping[str, Any], folder: str, configured: str) -> dict[str, Any]:
    options = found.get("compilerOptions")
    options = options if isinstance(options, dict) else {}

    def places(value: Any) -> list[str]:
        return [
            _absolute(folder, text.replace("${configDir}", configured))
            for text in strings(value)[:MOST_PATTERNS]
        ]

    made: dict[str, Any] = {}
    for source, names in (
        (options, ("outDir", "rootDir", "rootDirs", "baseUrl")),
        (found, ("include", "files", "references")),
    ):
        for name in names:
            value = source.get(name)
            if name == "references" and isinstance(value, list):
                value = [each.get("path") for each in value if isinstance(each, dict)]
            if value is not None:
                made[name] = places(value)
    if isinstance(options.get("paths"), dict):
        made["paths"] = (folder, configured, options["paths"])
    return made


def _project(settings: Mapping[str, Any], path: str) -> Project:
    folder = os.path.dirname(path)
    base = next(iter(settings.get("baseUrl", ())), "")
    declared, configured, paths = settings.get("paths", (folder, folder, {}))
    included = [*settings.get("include", ()), *settings.get("files", ())]
    roots = [
        *settings.get("rootDir", ()),
        *settings.get("rootDirs", ()),
        *([] if settings.get("rootDir") else [folder, *map(_before_glob, included)]),
    ]
    return Project(
        {
            pattern: tuple(
                _absolute(base or declared, text.replace("${configDir}", configured))
                for text in strings(targets)
            )
            for pattern, targets in islice(paths.items(), MOST_PATTERNS)
        },
        base,
        tuple(dict.fromkeys(roots)),
        next(iter(settings.get("outDir", ())), ""),
        tuple(
            place if place.endswith(".json") else os.path.join(place, "tsconfig.json")
            for place in settings.get("references", ())
        ),
    )


def _before_glob(pattern: str) -> str:
    before, glob, _ = pattern.partition("*")
    return os.path.dirname(before) if glob or os.path.splitext(before)[1] else before


def _absolute(folder: str, name: str) -> str:
    return os.path.normpath(os.path.join(folder, name))


def relaxed_json(text: str | None) -> Any:
    """JSON that may have comments and trailing commas; empty when it cannot be read."""
    try:
        return json.loads(_RELAXED_JSON.sub(lambda match: match[1] or "", text or "{}"))
    except (ValueError, RecursionError):
        return {}


def _candidates(module: str, project: Project) -> Iterator[str]:
    yield from _mapped(module, project.paths)
    if project.base:
        yield _absolute(project.base, module)


def _mapped(module: str, paths: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What the patterns of `paths`, the most specific first, make of a module's name."""
    for pattern in sorted(paths, key=lambda pattern: -len(pattern.partition("*")[0])):
        before, star, after = pattern.partition("*")
        if module != pattern and not (
            star
            and module.startswith(before)
            and module.endswith(after)
            and len(module) >= len(before + after)
        ):
            continue
        rest = module[len(before) : len(module) - len(after)] if star else ""
        yield from (os.path.normpath(target.replace("*", rest, 1)) for target in paths[pattern])

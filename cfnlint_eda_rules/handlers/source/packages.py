"""JavaScript files and packages: what a path or a `package.json` stands for."""

# ruff: noqa: PTH118, PTH120, PTH122, PTH206

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from cfnlint_eda_rules.handlers.source.files import Files

# Of JavaScript's and TypeScript's files, in the order they are looked for.
EXTENSIONS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx")

LOCAL_DEPENDENCY = ("file:", "link:", "portal:", "./", "../")
MOST_PARTS = 50
MOST_MAINS = 20
MOST_WORKSPACES = 200
MOST_PACKAGES = 500
DEEPEST_WORKSPACE = 3

# Quoted or listed patterns of packages: `- "packages/*"`, `"packages": ["packages/*"]`.
_LISTED = re.compile(r"""["' ]((?:[\w.@-]{1,100}/){1,9}[\w.@-]{0,100}\*{1,2})""")
# An import in TypeScript names the file that the compiler will write.
_WRITTEN_AS = {
    ".js": (".ts", ".tsx", ".jsx"),
    ".mjs": (".mts",),
    ".cjs": (".cts",),
    ".jsx": (".tsx",),
}
BUILD_FOLDERS = frozenset(
    {
        "dist",
        "build",
        ".build",
        "out",
        "lib",
        "compiled",
        "bundle",
        ".esbuild",
        ".webpack",
    }
)


class Packages:
    """The JavaScript files and packages of a project."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._packages: dict[str, dict[str, Any]] = {}
        self._workspaces: dict[str, dict[str, str]] = {}

    def file(self, path: str, as_package: bool = True) -> str | None:
        """The JavaScript or TypeScript file that `path`, with or without an extension, names; a
        folder's is its package's main file.
        """
        extension = os.path.splitext(path)[1]
        if extension == ".json":
            return path if self._files.holds(path) else None
        if extension in EXTENSIONS:
            stem = path.removesuffix(extension)
            for candidate in (path, *(stem + twin for twin in _WRITTEN_AS.get(extension, ()))):
                if self._files.holds(candidate):
                    return candidate
        for extension in EXTENSIONS:
            if self._files.holds(path + extension):
                return path + extension
        if not self._files.has_folder(path):
            return None
        if as_package and self.package(path):
            return self.package_file(path, "")
        return self._index(path)

    def _index(self, folder: str) -> str | None:
        paths = (os.path.join(folder, "index" + extension) for extension in EXTENSIONS)
        return next((path for path in paths if self._files.holds(path)), None)

    def package(self, folder: str) -> dict[str, Any]:
        """The `package.json` in `folder`; empty when there is none."""
        if folder not in self._packages:
            try:
                found = json.loads(self._files.text(os.path.join(folder, "package.json")) or "{}")
            except (ValueError, RecursionError):
                found = {}
            self._packages[folder] = found if isinstance(found, dict) else {}
        return self._packages[folder]

    def package_file(self, folder: str, subpath: str) -> str | None:
        """The file of the package in `folder`: its main one, or the one at `subpath`; what a build
        writes is sought in its sources.
        """
        package = self.package(folder)
        mains = [
            *strings(package.get("source")),
            *_mains(package.get("exports")),
            *strings(package.get("main")),
        ]
        below = [*exported(package.get("exports"), "./" + subpath), subpath]
        names = below[:MOST_MAINS] if subpath else [*mains[:MOST_MAINS], "index"]
        return self.one_of(folder, names) or self.file(
            os.path.join(folder, "src", subpath or "index"), as_package=False
        )

    def one_of(self, folder: str, names: list[str]) -> str | None:
        """The first file of a package that is there, or that it is built from."""
        for name in names[:MOST_MAINS]:
            for variant in sources(name.removeprefix("./").split("/")):
                path = os.path.normpath(os.path.join(folder, *variant))
                found = self.file(path, as_package=False)
                if found is not None:
                    return found
        return None

    def local_package(self, folder: str, name: str, wanted: str) -> str | None:
        """The folder of a dependency that lies in the project: named by its path, linked, or one of
        a workspace.
        """
        if wanted.startswith(LOCAL_DEPENDENCY):
            path = wanted.partition(":")[2] if ":" in wanted else wanted
            local = os.path.normpath(os.path.join(folder, path))
            return local if self._files.has_folder(local) else None
        for ancestor in upwards(self._files, folder):
            found = self._linked(ancestor, name) or self.in_workspace(ancestor, name)
            if found is not None:
                return found
        return None

    def _linked(self, folder: str, name: str) -> str | None:
        path = os.path.join(folder, "node_modules", *name.split("/"))
        real = self._files.boundary.real(path)
        linked = real is not None and real != path and self._files.has_folder(path)
        return real if linked and real and "node_modules" not in real.split(os.sep) else None

    def in_workspace(self, folder: str, name: str) -> str | None:
        """The folder of the package of that name in the workspace that a folder is the top of."""
        if folder not in self._workspaces:
            self._workspaces[folder] = dict(self._members(folder))
        return self._workspaces[folder].get(name)

    def _members(self, folder: str) -> Iterator[tuple[str, str]]:
        """The packages of the workspace in a folder by their names (npm, Yarn, pnpm, Lerna).

        https://docs.npmjs.com/cli/using-npm/workspaces, https://pnpm.io/pnpm-workspace_yaml
        """
        workspaces = self.package(folder).get("workspaces")
        patterns = strings(
            workspaces.get("packages") if isinstance(workspaces, dict) else workspaces
        )
        for name in ("pnpm-workspace.yaml", "lerna.json"):
            text = self._files.text(os.path.join(folder, name)) or ""
            patterns += _LISTED.findall(text)[:MOST_WORKSPACES]
        found = (
            place
            for pattern in patterns[:MOST_WORKSPACES]
            for place in self._places(folder, pattern)
        )
        for place in islice(found, MOST_PACKAGES):
            called = self.package(place).get("name")
            if isinstance(called, str):
                yield called, place

    def _places(self, folder: str, pattern: str) -> list[str]:
        """The folders that a pattern of a workspace fits: `packages/*`, `services/**`."""
        places = [folder]
        for part in pattern.strip("./").split("/")[:MOST_PARTS]:
            if part == "**":
                for _ in range(DEEPEST_WORKSPACE):
                    places = list(dict.fromkeys([*places, *self._below(places, "*")]))
            elif "*" in part:
                places = self._below(places, part)
            else:
                places = [os.path.join(place, part) for place in places]
        return [place for place in places[:MOST_PACKAGES] if self._files.has_folder(place)]

    def _below(self, places: list[str], part: str) -> list[str]:
        before, after = part.partition("*")[0], part.rpartition("*")[2]
        found = (
            os.path.join(place, name)
            for place in places
            for name in self._files.boundary.folders(place)
            if name.startswith(before)
            and name.endswith(after)
            and name != "node_modules"
            and name[0] != "."
        )
        return list(islice(found, MOST_PACKAGES))


def upwards(files: Files, folder: str) -> Iterator[str]:
    """The folder and those above it, inside the boundary."""
    while files.boundary.encloses(folder):
        yield folder
        if folder == files.boundary.root:
            return
        folder = os.path.dirname(folder)


def sources(parts: list[str]) -> Iterator[list[str]]:
    """`parts` of a path, then those of the sources that a build folder among them is made from."""
    yield parts
    if len(parts) > MOST_PARTS:
        return
    for index, part in enumerate(parts):
        if part in BUILD_FOLDERS:
            yield [*parts[:index], "src", *parts[index + 1 :]]
            yield parts[:index] + parts[index + 1 :]


def strings(value: Any) -> list[str]:
    """The text, or the texts of a list; empty for anything else."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def dependency(package: Mapping[str, Any], name: str) -> str | None:
    """What `package.json` wants of a dependency, "^1.2.0" or "file:../library"; None when it is no
    dependency.
    """
    for section in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        wanted = package.get(section)
        if isinstance(wanted, dict) and isinstance(wanted.get(name), str):
            return str(wanted[name])
    return None


def exported(entries: Any, name: str) -> list[str]:
    """What a package's `exports` or `imports` give for a name, patterns included, the most specific
    first: https://nodejs.org/api/packages.html#subpath-patterns.
    """
    if not isinstance(entries, dict):
        return []
    if name in entries:
        return _mains(entries[name])
    found: list[str] = []
    patterns = sorted((key for key in entries if "*" in key), key=len, reverse=True)
    for pattern in patterns[:MOST_WORKSPACES]:
        before, _, after = pattern.partition("*")
        if name.startswith(before) and name.endswith(after) and len(name) >= len(pattern) - 1:
            rest = name[len(before) : len(name) - len(after)]
            found += [target.replace("*", rest, 1) for target in _mains(entries[pattern])]
    return found


def _mains(exports: Any, depth: int = 0) -> list[str]:
    """The main files among a package's `exports`:
    https://nodejs.org/api/packages.html#conditional-exports.
    """
    if isinstance(exports, dict) and depth < 5:
        names = (".", "import", "require", "node", "default")
        return [
            found for name in names if name in exports for found in _mains(exports[name], depth + 1)
        ]
    return strings(exports)

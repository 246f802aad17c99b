"""The files that a Java function's classes are in: Maven's and Gradle's layouts, or plain folders.

https://maven.apache.org/guides/introduction/introduction-to-the-standard-directory-layout.html
https://docs.gradle.org/current/userguide/building_java_projects.html
"""

# ruff: noqa: PTH118, PTH119, PTH120

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence

from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.files import Files

SOURCES = os.path.join("src", "main", "java")
IMPLEMENTED = "implemented "
ROUTES = "@"
_BUILT = (
    os.path.join("build", "libs"),
    os.path.join("build", "distributions"),
    os.path.join("target", "classes"),
    "target",
    "build",
    "dist",
    os.path.join("app", "build", "libs"),
)
_BUILDS = ("pom.xml", "settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts")
# Samples of those who make a library begin their packages as the library does.
_LIBRARIES = (
    *("com.amazonaws.", "software.amazon.", "org.springframework.", "org.apache."),
    *("io.quarkus.", "io.micronaut.", "io.awspring.", "com.google.", "com.fasterxml."),
)
_MOST_FILES = 400
_MOST_FITTING = 50
_PACKAGE = re.compile(r"^[ \t]*package[ \t]+([\w.]{1,300})[ \t]*;", re.MULTILINE)
_CLASS = re.compile(r"\b(?:class|record|enum)\s{1,20}(\w{1,200})([^{;]{0,600})")
_ROUTED = re.compile(
    r"@(?:(?:Get|Post|Put|Delete|Patch|Request)Mapping|Path|Get|Post|Put|Delete|Patch|Route"
    r"|SpringBootApplication|Controller|RestController)\b"
)


class JavaModules:
    """Finds classes by their full names below the folders of sources.

    `roots` are folders that lie above the package of the handler's class, or hold it; `layers` the
    folders of its layers.
    """

    def __init__(self, files: Files, roots: Iterable[str] = (), layers: Iterable[str] = ()) -> None:
        self.files = files
        self.roots = tuple(roots)
        self.layers = tuple(layers)
        self._sources: dict[str, tuple[str, ...]] = {}
        self._classes: dict[tuple[str, str], str | None] = {}

    def resolve(self, module: str, importer: str) -> str | None:
        """The file of a class, or of the one class that implements an interface
        (`implemented a.b.Store`); None when it is no file of the function.
        """
        key = (module, self.files.folder_of(importer))
        if key not in self._classes:
            self._classes[key] = self._found(module, importer)
        return self._classes[key]

    def missing(self, module: str, importer: str) -> list[str] | None:
        """Where a class would lie that was not found: one that is imported by its full name, from
        a package that begins as the importer's own does; None for others.
        """
        text = self.files.text(importer) or ""
        own = _PACKAGE.search(text[:5_000])
        parts = module.split(".")
        if own is None or len(parts) < 3 or f"import {module};" not in text:
            return None
        if own[1].split(".")[:2] != parts[:2] or module.startswith(_LIBRARIES):
            return None
        return [os.path.join(folder, *parts) for folder in self._folders(importer)[:1]]

    def like(self, before: str, after: str, importer: str) -> list[str]:
        """The classes whose annotations may declare routes, for `before` `ROUTES`."""
        if not before.startswith(ROUTES):
            return []
        found = (
            self.class_in(path, text)
            for path, text in self._texts(importer)
            if _ROUTED.search(text) is not None
        )
        return [name for _, name in zip(range(_MOST_FITTING), found, strict=False)]

    def _found(self, module: str, importer: str) -> str | None:
        if module.startswith(IMPLEMENTED):
            return self._implementation(module.removeprefix(IMPLEMENTED), importer)
        parts = module.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        for folder in self._folders(importer):
            path = os.path.join(folder, *parts) + ".java"
            if self.files.holds(path):
                return path
        return None

    def _folders(self, importer: str) -> tuple[str, ...]:
        """The folders that packages start from: the importer's own, then those of the modules that
        are built together with it, then the layers'.
        """
        folder = self.files.folder_of(importer)
        if folder not in self._sources:
            own = self._root_of(importer, folder)
            found = (own, *_beside(self.files, own), *self.roots)
            self._sources[folder] = tuple(dict.fromkeys(found))
        return self._sources[folder]

    def _root_of(self, importer: str, folder: str) -> str:
        head, among, _ = folder.rpartition(os.sep + SOURCES)
        if among:
            return head + among
        declared = _PACKAGE.search((self.files.text(importer) or "")[:5_000])
        below = os.sep + os.path.join(*declared[1].split(".")) if declared else ""
        return folder[: -len(below)] if below and folder.endswith(below) else folder

    def _texts(self, importer: str) -> Iterator[tuple[str, str]]:
        """The files of sources that are built together with the importer, with their texts."""
        left = _MOST_FILES
        seen: set[str] = set()
        for root in self._folders(importer):
            for folder in self.files.project.tree.folders:
                below = folder == root or folder.startswith(root + os.sep)
                if not below or folder in seen:
                    continue
                seen.add(folder)
                for name in self.files.names(folder, ".java"):
                    left -= 1
                    if left < 0:
                        return
                    path = os.path.join(folder, name)
                    yield path, self.files.text(path) or ""

    def class_in(self, path: str, text: str) -> str:
        """The full name of the class that a file is called after."""
        name = os.path.basename(path).removesuffix(".java")
        declared = _PACKAGE.search(text[:5_000])
        return f"{declared[1]}.{name}" if declared else name

    def _implementation(self, interface: str, importer: str) -> str | None:
        name = interface.rpartition(".")[2]
        word = re.compile(rf"\b{re.escape(name)}\b")
        found = [
            path
            for path, text in self._texts(importer)
            if name in text
            and any(
                word.search(match[2].partition("implements")[2] or match[2].partition("extends")[2])
                for match in _CLASS.finditer(text)
            )
        ]
        return found[0] if len(found) == 1 else None


def _beside(files: Files, root: str) -> Iterator[str]:
    """The folders of sources of the modules that one build makes with that of `root`."""
    if not root.endswith(os.sep + SOURCES):
        return
    module = root[: -len(SOURCES) - 1]
    above = os.path.dirname(module)
    if not any(files.holds(os.path.join(above, name)) for name in _BUILDS):
        return
    for folder in files.project.tree.named("java"):
        if folder.endswith(os.sep + SOURCES) and folder.startswith(above + os.sep):
            yield folder


# --------------------------------------------------------------------------------------------------


def layer_roots(layer: str) -> list[str]:
    """The folders of a layer that its classes are in."""
    return [os.path.join(layer, SOURCES)]


def sources_of(
    files: Files, base: str, targets: Sequence[str], code: Code, parts: Sequence[str]
) -> Iterator[Sequence[str]]:
    """The files that may be what a handler's class is built from: in the module whose folder or
    whose archive the template names, then in modules below it, then in the whole project.
    """
    modules = list(dict.fromkeys(_modules(files, base, targets, code)))
    for module in modules:
        found = [path for path in _places(module, parts) if files.holds(path)]
        if found:
            yield found[:1]
    tail = os.path.join(os.sep + SOURCES, *parts[:-1])
    name = parts[-1] + ".java"
    trees = [folder for folder in files.project.tree.folders if folder.endswith(tail)]
    fitting = [path for folder in trees if files.holds(path := os.path.join(folder, name))]
    for module in modules:
        below = [path for path in fitting if path.startswith(module + os.sep)]
        if below:
            yield below
    yield fitting


def _modules(files: Files, base: str, targets: Sequence[str], code: Code) -> Iterator[str]:
    """The folders of the modules that a template's code may be built in."""
    place = code.location
    if place is not None and "://" not in place:
        path = os.path.normpath(os.path.join(base, place))
        if path.endswith((".jar", ".zip", ".war")):
            path = os.path.dirname(path)
        yield _before_build(path)
        yield path
    for target in targets:
        folder = target
        for _ in range(12):
            folder = os.path.dirname(folder)
            if files.has_folder(os.path.join(_before_build(folder), SOURCES)):
                yield _before_build(folder)
            if len(folder) <= len(base):
                break


def _before_build(path: str) -> str:
    """A folder, without the folders in it that a build makes."""
    for built in _BUILT:
        if path.endswith(os.sep + built):
            return path[: -len(built) - 1]
    return path


def _places(module: str, parts: Sequence[str]) -> list[str]:
    name = os.path.join(*parts) + ".java"
    roots = (SOURCES, os.path.join("app", SOURCES), "src", "")
    return [os.path.join(module, root, name) for root in roots]


def applications(files: Files, base: str, targets: Sequence[str], code: Code) -> Iterator[str]:
    """The files that declare routes in the module that a template's code is built in, for handlers
    that a framework brings.
    """
    for module in dict.fromkeys(_modules(files, base, targets, code)):
        root = os.path.join(module, SOURCES)
        for folder in files.project.tree.folders:
            if folder != root and not folder.startswith(root + os.sep):
                continue
            for name in files.names(folder, ".java")[:_MOST_FILES]:
                path = os.path.join(folder, name)
                if _ROUTED.search(files.text(path) or "") is not None:
                    yield path

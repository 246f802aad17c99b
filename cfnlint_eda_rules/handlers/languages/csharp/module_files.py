"""The files that a C# function's types are in: those of its project, found by what they declare,
for neither folders nor files need be called as namespaces and types are.

https://docs.aws.amazon.com/lambda/latest/dg/csharp-handler.html
"""

# ruff: noqa: PTH118, PTH119, PTH120

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cfnlint_eda_rules.handlers.languages.csharp.names import candidates, wrapped_type
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.files import Files

PROGRAM = "program"
IMPLEMENTED = "implemented "
EXTENSION = "extension "
ROUTES = "["
_MOST_FILES = 400
_MOST_PROJECTS = 20
_MOST_FITTING = 50
_LONGEST_BASES = 600
_SPACE = re.compile(r"^[ \t]*namespace[ \t]+([\w.]{1,300})", re.MULTILINE)
_DECLARED = re.compile(
    r"^[ \t]*(?:(?:public|private|protected|internal|static|sealed|abstract|partial|readonly|ref"
    r"|unsafe|file|new)[ \t]{1,8}){0,6}(?:class|interface|struct|enum"
    r"|record(?:[ \t]{1,8}(?:class|struct))?)[ \t]{1,20}(\w{1,200})",
    re.MULTILINE,
)
_BOOTSTRAP = re.compile(r"\bLambdaBootstrap(?:Builder)?\b|\bAddAWSLambdaHosting\b")
_PROGRAM = re.compile(
    r"\bLambdaBootstrap(?:Builder)?\b|\bAddAWSLambdaHosting\b|\.Run(?:Async)?\(\s{0,4}\)\s{0,4};"
)
_ROUTED = re.compile(
    r"\[\s{0,4}(?:Http(?:Get|Post|Put|Delete|Patch)|Route)\b|\.Map(?:Get|Post|Put|Delete|Patch)\("
)
_EXTENDS = re.compile(r"\b(\w{1,200})(?:<[^<>()]{0,100}>)?\(\s{0,4}this\s")
_REFERENCE = re.compile(r"<ProjectReference\s{1,20}Include\s{0,4}=\s{0,4}\"([^\"]{1,300})\"")
_BUILT = frozenset({"bin", "obj", "publish", "Debug", "Release", "artifacts"})
_FRAMEWORK = re.compile(r"net(?:coreapp)?\d+\.\d+$|linux-(?:x64|arm64|musl-x64)$")
_TESTS = re.compile(r"(?:^|[._-])(?:Unit|Integration)?Tests?$|^tests?$", re.IGNORECASE)


class CSharpModules:
    """Finds the files of types by their names in the projects that make the function.

    `roots` are folders of sources of it; `layers` those of its layers.
    """

    def __init__(self, files: Files, roots: Iterable[str] = (), layers: Iterable[str] = ()) -> None:
        self.files = files
        self.roots = tuple(roots)
        self.layers = tuple(layers)
        self._indexes: dict[str, dict[str, str]] = {}
        self._texts: dict[str, list[tuple[str, str]]] = {}
        self._found: dict[tuple[str, str], str | None] = {}

    def resolve(self, module: str, importer: str) -> str | None:
        """The file of a type, of the one class that implements an interface
        (`implemented IStore`), or of the one that has an extension method (`extension Store`);
        None when it is no file of the function.
        """
        project = self._project(importer)
        key = (module, project)
        if key not in self._found:
            self._found[key] = self._sought(module, project)
        return self._found[key]

    def missing(self, module: str, importer: str) -> Sequence[str] | None:
        """None: the names of types do not say whether they are the project's."""
        return None

    def like(self, before: str, after: str, importer: str) -> list[str]:
        """The types whose attributes may declare routes, for `before` `ROUTES`."""
        if not before.startswith(ROUTES):
            return []
        texts = self._texts_of(self._project(importer))
        routed = (text for _, text in texts if _ROUTED.search(text) is not None)
        names = [name for text in routed for name in declared(text)]
        return names[:_MOST_FITTING]

    def _sought(self, module: str, project: str) -> str | None:
        if module.startswith(IMPLEMENTED):
            name = self._implementation(module.removeprefix(IMPLEMENTED), project)
            return None if name is None else self._index(project).get(name)
        index = self._index(project)
        return next((index[name] for name in candidates(module) if name in index), None)

    def _implementation(self, interface: str, project: str) -> str | None:
        word = re.compile(rf"[:,]\s{{0,80}}(?:[\w.]{{1,200}}\.)?{re.escape(interface)}\b")
        found = [
            name
            for _, text in self._texts_of(project)
            if interface in text
            for name, rest in declared(text).items()
            if word.search(rest)
        ]
        return found[0] if len(found) == 1 else None

    def _project(self, importer: str) -> str:
        """The folder of the project that the function is built from: what it refers to is all
        there is at run time, wherever the importer lies.
        """
        folder = self.roots[0] if self.roots else self.files.folder_of(importer)
        return project_folder(self.files, folder) or folder

    def _texts_of(self, project: str) -> list[tuple[str, str]]:
        if project not in self._texts:
            self._texts[project] = list(texts(self.files, projects(self.files, project)))
        return self._texts[project]

    def _index(self, project: str) -> dict[str, str]:
        """The files of the types, by full names, and of `extension` methods."""
        if project not in self._indexes:
            index: dict[str, str] = {}
            for path, text in self._texts_of(project):
                extensions = (f"{EXTENSION}{name}" for name in _EXTENDS.findall(text))
                for name in (*declared(text), *extensions):
                    index.setdefault(name, path)
            self._indexes[project] = index
        return self._indexes[project]


def declared(text: str) -> dict[str, str]:
    """The full names of the types in a text, with what follows each name in its declaration."""
    spaces = [(found.start(), found[1]) for found in _SPACE.finditer(text)]
    types: dict[str, str] = {}
    for found in _DECLARED.finditer(text):
        space = next((name for start, name in reversed(spaces) if start < found.start()), "")
        rest = re.split(r"[{;]", text[found.end() : found.end() + _LONGEST_BASES], maxsplit=1)[0]
        types.setdefault(f"{space}.{found[1]}" if space else found[1], rest)
    return types


def texts(files: Files, folders: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The sources below the folders of projects, with their texts."""
    left = _MOST_FILES
    for project in folders:
        for folder in _below(files, project):
            for name in files.names(folder, ".cs"):
                left -= 1
                if left < 0:
                    return
                path = os.path.join(folder, name)
                yield path, files.text(path) or ""


def _below(files: Files, project: str) -> Iterator[str]:
    """A folder and those below it that hold sources of the same project."""
    if not files.has_folder(project):
        return
    yield project
    for folder in files.project.tree.folders:
        if folder.startswith(project.rstrip(os.sep) + os.sep):
            names = Path(folder[len(project) :]).parts
            if not any(name in _BUILT or _TESTS.search(name) for name in names):
                yield folder


def project_folder(files: Files, folder: str) -> str:
    """The nearest folder above that has a project's file; "" when there is none."""
    here = folder
    for _ in range(20):
        if not here or not files.has_folder(here):
            return ""
        if files.names(here, ".csproj"):
            return here
        here = os.path.dirname(here)
    return ""


def projects(files: Files, folder: str) -> list[str]:
    """The folder of a project and of those that it refers to."""
    found = [folder]
    for here in found:
        for name in files.names(here, ".csproj")[:1]:
            text = files.text(os.path.join(here, name)) or ""
            for reference in _REFERENCE.findall(text[:50_000]):
                path = os.path.normpath(os.path.join(here, reference.replace("\\", "/")))
                other = os.path.dirname(path)
                if other not in found and len(found) < _MOST_PROJECTS:
                    found.append(other)
    return found


# --------------------------------------------------------------------------------------------------


def sources_of(
    files: Files, base: str, targets: Sequence[str], code: Code, handler: str
) -> Iterator[Sequence[str]]:
    """The files that may hold a handler's type: below the folder that the template names, then in
    the project that makes the assembly, then in the whole of what may be read.
    """
    assembly, _, rest = handler.partition("::")
    name = wrapped_type(rest.partition("::")[0]).replace("+", ".")
    if not rest and not re.fullmatch(r"[\w.-]{1,200}", assembly):
        return
    made = [
        folder
        for folder in files.project.tree.folders
        if files.holds(os.path.join(folder, f"{assembly}.csproj"))
    ]
    named = list(dict.fromkeys(_folders(files, base, targets, code)))
    below = [one for one in made if any(f"{one}{os.sep}".startswith(f"{n}{os.sep}") for n in named)]
    for folder in (*below, *named):
        found = _fitting(files, [folder], name)
        if found:
            yield found
    if len(made) == 1:
        yield _fitting(files, projects(files, made[0]), name)
    if name:
        yield _fitting(files, [files.boundary.root], name)


def _fitting(files: Files, folders: Sequence[str], name: str) -> list[str]:
    found = [(path, text) for path, text in texts(files, folders) if holds(text, name)]
    if len(found) > 1 and not name:
        starts = [one for one in found if _BOOTSTRAP.search(one[1]) is not None]
        named = [one for one in starts or found if os.path.basename(one[0]) == "Program.cs"]
        found = named or starts or found
    return [path for path, _ in found]


def holds(text: str, name: str) -> bool:
    """Whether a text declares a type, or, of no name, is a program that serves events."""
    if not name:
        return _PROGRAM.search(text) is not None
    simple = name.rpartition(".")[2]
    if simple not in text:
        return False
    types = declared(text)
    outer = name.rpartition(".")[0]
    return name in types or (outer in types and f"{outer.rpartition('.')[0]}.{simple}" in types)


def _folders(files: Files, base: str, targets: Sequence[str], code: Code) -> Iterator[str]:
    """The folders of sources that a template's code may be built from."""
    place = code.location
    if place is not None and "://" not in place:
        path = os.path.normpath(os.path.join(base, place))
        if path.endswith((".zip", ".dll")):
            path = os.path.dirname(path)
        yield before_build(path)
    for target in targets:
        yield before_build(os.path.dirname(target))


def before_build(path: str) -> str:
    """A folder, without the folders at its end that a build makes."""
    while os.path.basename(path) in _BUILT or _FRAMEWORK.match(os.path.basename(path)):
        path = os.path.dirname(path)
    return path

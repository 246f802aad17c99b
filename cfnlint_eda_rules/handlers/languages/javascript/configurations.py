"""What the configurations of JavaScript bundlers say that they build, read as data."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field, fields, is_dataclass
from typing import Any, TypeAlias

from cfnlint_eda_rules.handlers import syntax as s
from cfnlint_eda_rules.handlers.languages.javascript import parser
from cfnlint_eda_rules.records import dataclass

MOST_NODES = 20_000
MOST_ENTRIES = 500
LARGEST = 200_000  # characters
DEEPEST = 30

_ENTRIES = ("entry", "entryPoints", "input", "entries")
_FOLDERS = ("outdir", "outDir", "dir", "path", "outputPath")
_FILES = ("outfile", "outFile", "file")
_SOURCE = re.compile(r"[^\s\"'`<>|]{0,300}\.[cm]?[jt]sx?")
_JOINS = frozenset(("join", "resolve"))
_WRITES_TO_DIST = re.compile(r"webpack|tsup|vite|tsdown")
ANYTHING = "*"

Data: TypeAlias = "str | list[Any] | dict[str, Any] | None"


@dataclass(frozen=True, slots=True)
class Build:
    """What a tool builds: `entries` are (name, file), the name "" where it follows from the file;
    `folder` is written to, or the one `file`. Paths are relative to the tool's folder, and have `*`
    where anything may stand.
    """

    entries: tuple[tuple[str, str], ...]
    folder: str = ""
    file: str = ""


def is_source(text: str) -> bool:
    """Whether a text names a JavaScript or TypeScript file."""
    return _SOURCE.fullmatch(text) is not None


def builds(path: str, text: str, folder: str) -> Iterator[Build]:
    """What the configuration at `path` builds, as a tool that is started in `folder` does."""
    if len(text) > LARGEST:
        return
    try:
        module = parser.parse(path, text) if not path.endswith(".json") else None
        reader = _Reader({} if module is None else _variables(module.body))
        tables = [] if module is None else list(_tables(module.body))
        if module is None:
            module = parser.parse("configuration.js", f"({text})")
            tables = list(_tables(module.body))
        found = [(reader.build(table), table) for table in tables]
    except (ValueError, RecursionError):
        return
    written = [build.folder for build, _ in found if build.folder]
    usual = written[0] if written else "dist" if _WRITES_TO_DIST.search(path) else ""
    for build, _ in found:
        if build.entries:
            yield Build(build.entries, build.folder or ("" if build.file else usual), build.file)


def _variables(body: list[s.Statement]) -> dict[str, s.Expression]:
    """The variables of a module that have one value."""
    found: dict[str, s.Expression] = {}
    for node in _nodes(body):
        if isinstance(node, s.Assign) and isinstance(node.target, s.NamePattern) and node.value:
            found.setdefault(node.target.id, node.value)
    return found


def _tables(body: list[s.Statement]) -> Iterator[s.Mapping]:
    for node in _nodes(body):
        if isinstance(node, s.Mapping):
            yield node


def _nodes(body: list[s.Statement]) -> Iterator[Any]:
    """All nodes, those that come first first."""
    pending: list[Any] = list(reversed(body))
    for _ in range(MOST_NODES):
        if not pending:
            return
        node = pending.pop()
        if isinstance(node, list | tuple):
            pending += reversed(node)
        elif is_dataclass(node):
            yield node
            pending += [getattr(node, each.name) for each in reversed(fields(node))]


@dataclass(slots=True)
class _Reader:
    """Reads expressions as data; what is not known is None, in a text `*`."""

    variables: Mapping[str, s.Expression]
    left: list[int] = field(default_factory=lambda: [MOST_NODES])

    def build(self, table: s.Mapping) -> Build:
        members = {
            key.value: value
            for key, value in table.pairs
            if isinstance(key, s.Constant) and isinstance(key.value, str)
        }
        given = [members[name] for name in _ENTRIES if name in members]
        if not given:
            return Build((), self.text(members, ("outDir", "outdir")))
        output = members.get("output")
        inner = self.value(output) if output is not None else None
        first = inner[0] if isinstance(inner, list) and inner else inner
        written = first if isinstance(first, dict) else {}
        folder = next((written[n] for n in _FOLDERS if isinstance(written.get(n), str)), "")
        file = next((written[n] for n in _FILES if isinstance(written.get(n), str)), "")
        return Build(
            tuple(self.entries(given[0]))[:MOST_ENTRIES],
            folder or self.text(members, _FOLDERS),
            file or self.text(members, _FILES),
        )

    def text(self, members: Mapping[str, s.Expression], names: tuple[str, ...]) -> str:
        values = (self.value(members.get(name)) for name in names)
        return next((value for value in values if isinstance(value, str)), "")

    def entries(self, given: s.Expression) -> Iterator[tuple[str, str]]:
        found = list(_listed(self.value(given)))
        if found:
            yield from found
            return
        # A computation on names: the files among its texts.
        for node in _nodes([s.Do(given)]):
            text = self.value(node) if isinstance(node, s.Constant | s.Template) else None
            if isinstance(text, str) and (is_source(text) or "*" in text):
                yield "", text

    def value(self, node: s.Expression | None, depth: int = 0) -> Data:
        self.left[0] -= 1
        if node is None or depth > DEEPEST or self.left[0] < 0:
            return None
        depth += 1
        match node:
            case s.Constant(str(text)):
                return text
            case s.Template(parts):
                return _joined([self.value(part, depth) for part in parts])
            case s.Binary("+", left, right):
                return _joined([self.value(left, depth), self.value(right, depth)])
            case s.Collection(items):
                return [value for item in items for value in self.spread(item, depth)]
            case s.Mapping(pairs):
                return self.mapping(pairs, depth)
            case s.Name("__dirname"):
                return "."
            case s.Name(name) if name in self.variables:
                return self.value(self.variables[name], depth)
            case s.Attribute(s.Name("import.meta" | "meta"), "dirname"):
                return "."
            case s.Attribute(value, name):
                found = self.value(value, depth)
                return found.get(name) if isinstance(found, dict) else None
            case s.Await(value):
                return self.value(value, depth)
            case s.Conditional(_, then, _):
                return self.value(then, depth)
            case s.Lambda(function):
                returned = [each for each in function.body if isinstance(each, s.Return)]
                return self.value(returned[-1].value, depth) if returned else None
            case s.Invoke(function, arguments):
                return self.called(function, [each.value for each in arguments], depth)
        return None

    def spread(self, item: s.Expression, depth: int) -> list[Any]:
        if isinstance(item, s.Spread):
            found = self.value(item.value, depth)
            return found if isinstance(found, list) else []
        return [self.value(item, depth)]

    def mapping(
        self, pairs: list[tuple[s.Expression | None, s.Expression]], depth: int
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key is None:
                inner = self.value(value, depth)
                found.update(inner if isinstance(inner, dict) else {})
            elif isinstance(name := self.value(key, depth), str):
                found[name] = self.value(value, depth)
        return found

    def called(self, function: s.Expression, arguments: list[s.Expression], depth: int) -> Data:
        name = (
            function.name
            if isinstance(function, s.Attribute)
            else function.id
            if isinstance(function, s.Name)
            else ""
        )
        if name in _JOINS:
            texts = [self.value(argument, depth) for argument in arguments]
            return posixpath.join(*(t if isinstance(t, str) else ANYTHING for t in texts), "")[:-1]
        if isinstance(function, s.Lambda):
            return self.value(function, depth)
        if name in ("URL", "fileURLToPath", "defineConfig", "glob", "globSync", "sync", "freeze"):
            return self.value(arguments[0], depth) if arguments else None
        return None


def _joined(parts: list[Data]) -> str:
    return "".join(part if isinstance(part, str) else ANYTHING for part in parts)


def _listed(value: Data) -> Iterator[tuple[str, str]]:
    """The names and files of entries: a text, a list, a mapping, esbuild's `{ in, out }`, webpack's
    `{ import }`.
    """
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str):
                yield "", item
            elif isinstance(item, dict) and isinstance(item.get("in"), str):
                out = item.get("out")
                yield out if isinstance(out, str) else "", item["in"]
    elif isinstance(value, dict):
        for name, given in value.items():
            inner = given.get("import") if isinstance(given, dict) else given
            last = inner[-1] if isinstance(inner, list) and inner else inner
            if isinstance(last, str):
                yield name, last

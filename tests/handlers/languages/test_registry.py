"""A language is one object: registered here, without a word about it anywhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.facts import Call, Source
from cfnlint_eda_rules.handlers.interpreter.constructs import Action
from cfnlint_eda_rules.handlers.interpreter.objects import Loaded, concatenate, literal
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import registry
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.reading import read
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.symbolic_values import EventField, Literal, Text

WORD = re.compile(r'"[^"]*"|[^\s()]+|[()]')


class Reader:
    """`word word ... ;` a statement, `( ... )` a call whose first word is the function, `a.b` an
    attribute, `name = expression`, `to name parameter ...` until `end`.
    """

    def __init__(self, text: str) -> None:
        self.lines = [WORD.findall(line) for line in text.splitlines()]
        self.number = 0

    def statements(self) -> list[syntax.Statement]:
        found: list[syntax.Statement] = []
        while self.number < len(self.lines):
            words = self.lines[self.number]
            self.number += 1
            if words == ["end"]:
                break
            if words:
                found.append(self.statement(words))
        return found

    def statement(self, words: list[str]) -> syntax.Statement:
        line = self.number
        match words:
            case ["use", name]:
                return syntax.ImportFrom(name, None, name, line=line)
            case ["to", name, *names]:
                parameters = [syntax.Parameter(syntax.NamePattern(each, True)) for each in names]
                function = syntax.Function(name, parameters, self.statements(), line=line)
                return syntax.FunctionDefinition(function, line=line)
            case [name, "=", *rest]:
                return syntax.Assign(syntax.NamePattern(name), self.expression(rest), line=line)
            case _:
                return syntax.Do(self.expression(words), line=line)

    def expression(self, words: list[str]) -> syntax.Expression:
        word = words.pop(0)
        if word == "(":
            function = self.expression(words)
            arguments = []
            while words and words[0] != ")":
                arguments.append(syntax.Argument(self.expression(words)))
            if not words:
                raise ValueError("not closed")
            words.pop(0)
            return syntax.Invoke(function, arguments, line=self.number)
        if word.startswith('"'):
            return syntax.Constant(word.strip('"'), line=self.number)
        first, *names = word.split(".")
        found: syntax.Expression = syntax.Name(first, line=self.number)
        for name in names:
            found = syntax.Attribute(found, name, line=self.number)
        return found


def shouted(subject: Object, arguments: Arguments, run: Run) -> Object:
    return concatenate([subject, literal("!")])


class Logo(Language):
    """A language of nobody's, with a handler that is called with the context first."""

    name = "logo"
    runtimes = ("turtle",)
    extensions = (".logo",)
    inline_file = "index.logo"
    methods: Mapping[str, Action] = {"shouted": shouted}

    def parse(self, path: str, text: str) -> syntax.Module:
        return syntax.Module(path, self.name, Reader(text).statements())

    def modules(self, files: Files, roots: Sequence[str], layers: Sequence[str]) -> Siblings:
        return Siblings(files)

    def handler(self, loaded: Loaded, symbol: str, run: Run) -> Object | None:
        return loaded.scope.variables.get(f"on-{symbol}")

    def handler_arguments(self, event: Object, context: Object) -> list[Object]:
        return [context, event]

    def module(self, name: str) -> Object | None:
        if name != "cloud":
            return None
        put = Native("put", on_call=self._put)
        return Native("cloud", attributes={"put": put})

    def global_name(self, name: str) -> Object | None:
        return literal("home") if name == "home" else None

    def _put(self, arguments: Arguments, run: Run) -> Object:
        named = dict(zip(("Bucket", "Key"), arguments.positional, strict=False))
        return run.request("sdk", "s3", "PutObject", named)


@dataclass
class Siblings:
    """Modules lie beside the one that uses them."""

    files: Files
    layers: tuple[str, ...] = ()

    def resolve(self, module: str, importer: str) -> str | None:
        path = Path(importer).with_name(f"{module}.logo")
        return str(path) if self.files.holds(str(path)) else None

    def missing(self, module: str, importer: str) -> Sequence[str] | None:
        return None

    def like(self, before: str, after: str, importer: str) -> Sequence[str]:
        return ()


@pytest.fixture
def logo() -> Iterator[Language]:
    language = Logo()
    registry.register(language)
    yield language
    registry.unregister(language)


def read_logo(folder: Path, main: str, **others: str) -> Source | None:
    for name, text in {"main": main, **others}.items():
        (folder / f"{name}.logo").write_text(text)
    code = Code(runtime="turtle2", handler="main.upload", inline=None, location=".")
    found = read(str(folder / "template.yaml"), code)
    return found if isinstance(found, Source) else None


def call(source: Source | None) -> Call:
    assert source is not None
    (found,) = source.calls
    return found


def test_a_registered_language_is_found(logo: Language) -> None:
    assert registry.named("logo") is logo
    assert registry.of_runtime("turtle2.x") == (logo,)
    assert logo in registry.of_runtime("")


@pytest.mark.parametrize("runtime", ["ruby9", "turtl"])
def test_no_language_of_another_runtime(logo: Language, runtime: str) -> None:
    assert logo not in registry.of_runtime(runtime)


def test_the_languages_own_handler_built_ins_and_methods(logo: Language, tmp_path: Path) -> None:
    source = read_logo(
        tmp_path,
        """use cloud
to on-upload context event
bucket = (home.shouted)
(cloud.put bucket event.name)
end
""",
    )
    put = call(source)
    assert source is not None
    assert source.language == "logo"
    assert put.place == "main.logo:4"
    assert put.arguments == {"Bucket": Literal("home!"), "Key": EventField(("name",))}


def test_its_modules_are_the_programs(logo: Language, tmp_path: Path) -> None:
    source = read_logo(
        tmp_path,
        "use store\nto on-upload context event\n(store.save event.id)\nend\n",
        store="use cloud\nto save id\n(cloud.put home (id.shouted))\nend\n",
    )
    put = call(source)
    assert put.place == "store.logo:3"
    assert put.arguments["Key"] == Text((EventField(("id",)), Literal("!")))


class Overloading(Logo):
    """A language whose methods of one name are told apart."""

    overloads = True

    def parse(self, path: str, text: str) -> syntax.Module:
        [use, *handlers] = Reader(text).statements()
        methods = [
            syntax.Function("save", parameters(*names), body(line))
            for names, line in ((("key",), 10), (("key", "name"), 20))
        ]
        store = syntax.ClassDefinition(syntax.Class("Store", [], methods, []))
        return syntax.Module(path, self.name, [use, store, *handlers])


def parameters(*names: str) -> list[syntax.Parameter]:
    return [syntax.Parameter(syntax.NamePattern(name, True)) for name in names]


def body(line: int) -> list[syntax.Statement]:
    put = syntax.Attribute(syntax.Name("cloud"), "put")
    arguments = [syntax.Argument(syntax.Name("home")), syntax.Argument(syntax.Name("key"))]
    return [syntax.Do(syntax.Invoke(put, arguments, line=line), line=line)]


@pytest.mark.parametrize(("given", "line"), [("event.a", 10), ("event.a event.b", 20)])
def test_methods_of_one_name_are_told_apart(tmp_path: Path, given: str, line: int) -> None:
    registry.register(Overloading())
    text = f"use cloud\nto on-upload context event\nstore = (Store)\n(store.save {given})\nend\n"
    try:
        assert call(read_logo(tmp_path, text)).line == line
    finally:
        registry.unregister(Overloading())


def test_a_handler_of_another_name_is_none(logo: Language, tmp_path: Path) -> None:
    assert read_logo(tmp_path, "to upload context event\nend\n") is None


def test_every_language_of_a_folder_is_named_like_it() -> None:
    for language in registry.of_runtime(""):
        assert registry.named(language.name) is language
        assert all(registry.of_runtime(f"{runtime}1.x") for runtime in language.runtimes)


def test_inline_code_of_the_runtime(logo: Language) -> None:
    text = "use cloud\nto on-upload context event\n(cloud.put home event.id)\nend\n"
    code = Code(runtime="turtle2", handler="index.upload", inline=text, location=None)
    found = read(None, code)
    assert isinstance(found, Source)
    assert call(found).place == "index.logo:3"


Check = Callable[[Language], bool]
COMPLETE: Mapping[str, Check] = {
    "runtimes": lambda language: bool(language.runtimes),
    "extensions": lambda language: all(name.startswith(".") for name in language.extensions),
    "inline file": lambda language: (
        not language.inline_file or language.inline_file.endswith(language.extensions)
    ),
}


@pytest.mark.parametrize("what", COMPLETE)
def test_every_language_says(what: str) -> None:
    assert all(COMPLETE[what](language) for language in registry.of_runtime(""))

"""The Python reader: source text in, the common syntax tree out."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import pytest

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.languages.python.parser import parse


def brief(node: Any) -> Any:
    """A tree as nested tuples without lines, fields that hold their default left out."""
    if isinstance(node, list | tuple):
        return [brief(item) for item in node]
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        return node
    found: list[Any] = [type(node).__name__]
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if field.name in {"line", "path", "language"}:
            continue
        default = (
            field.default_factory()
            if field.default_factory is not dataclasses.MISSING
            else field.default
        )
        if default is dataclasses.MISSING or value != default:
            found.append(brief(value))
    return tuple(found)


def statements(text: str) -> Any:
    return brief(parse("app.py", text).body)


def expression(text: str) -> Any:
    (statement,) = parse("app.py", f"x = {text}").body
    assert isinstance(statement, syntax.Assign)
    return brief(statement.value)


def name(id: str) -> tuple[str, str]:
    return ("Name", id)


def bound(id: str) -> tuple[str, str]:
    return ("NamePattern", id)


def constant(value: Any) -> tuple[str, Any]:
    return ("Constant", value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("b'key'", constant("key")),
        ("b'\\xff'", ("Opaque", [])),
        ("1j", ("Opaque", [])),
        ("0x" + "f" * 200, ("Opaque", [])),
        ("-3", constant(-3)),
        ("not a", ("Not", name("a"))),
        ("a.b[0]", ("Index", ("Attribute", name("a"), "b"), constant(0))),
        ("a[1:]", ("Index", name("a"), ("Opaque", [constant(1)]))),
        ("f(1, *a, k=2, **d)", ("Invoke", name("f"), [
            ("Argument", constant(1)), ("Argument", name("a"), True), ("Argument", constant(2), "k"), ("Argument", name("d"), "**", True),
        ])),
        ("f'in/{key}'", ("Template", [constant("in/"), name("key")])),
        ("f'{key!s:}'", ("Template", [name("key")])),
        ("f'{n:05d}'", ("Template", [("Opaque", [name("n"), ("Template", [constant("05d")])])])),
        ("'%s.jpg' % key", ("Binary", "%", constant("%s.jpg"), name("key"))),
        ("a < b <= c", ("Logical", "and", [("Compare", "<", name("a"), name("b")), ("Compare", "<=", name("b"), name("c"))])),
        ("a < f() < b", ("Opaque", [name("a"), ("Invoke", name("f"), []), name("b")])),
        ("a not in b", ("Compare", "not-in", name("a"), name("b"))),
        ("[*a, 1]", ("Collection", [("Spread", name("a")), constant(1)])),
        ("{'a': 1, **d}", ("Mapping", [[constant("a"), constant(1)], [None, name("d")]])),
        ("(y := f)", ("Bind", bound("y"), name("f"))),
        ("[a for b in c if d for a in b]", (
            "Comprehension", ("Comprehension", name("a"), bound("a"), name("b"), []), bound("b"), name("c"), [name("d")],
        )),
        ("{k: v for k, v in c}", ("Comprehension", name("v"), ("ListPattern", [bound("k"), bound("v")]), name("c"), [], name("k"))),
        ("(a for a in b)", ("Comprehension", name("a"), bound("a"), name("b"), [], True)),
        ("lambda a: a", ("Lambda", ("Function", "<lambda>", [("Parameter", bound("a"))], [("Return", name("a"))]))),
    ],
)  # fmt: skip
def test_expressions(text: str, tree: Any) -> None:
    assert expression(text) == tree


@pytest.mark.parametrize(
    ("text", "trees"),
    [
        ("import a.b.c", [("ImportFrom", "a", None, "a", "a.b.c")]),
        ("import a.b as c", [("ImportFrom", "a.b", None, "c")]),
        ("from . import x", [("ImportFrom", ".", "x", "x")]),
        ("from ..a import y as z", [("ImportFrom", "..a", "y", "z")]),
        ("from a import *", [("ImportFrom", "a", "*", "*")]),
        ("from __future__ import annotations", []),
        ("a = b = f()", [("Assign", bound("a"), ("Invoke", name("f"), [])), ("Assign", bound("b"), name("a"))]),
        ("o.a = o.b = f()", [
            ("Assign", ("MemberPattern", ("Attribute", name("o"), "b")),
             ("Bind", ("MemberPattern", ("Attribute", name("o"), "a")), ("Invoke", name("f"), []))),
        ]),
        ("a, *b = c", [("Assign", ("ListPattern", [bound("a"), bound("b")], 1), name("c"))]),
        ("a += 'x'", [("Assign", bound("a"), ("Binary", "+", name("a"), constant("x")), True)]),
        ("s3: 'm.S3Client' = f", [("Assign", bound("s3"), name("f"), "m.S3Client")]),
        ("s3: Optional[S3Client]", [("Assign", bound("s3"), None, "S3Client")]),
        ("s3: 'S3Client | None'", [("Assign", bound("s3"), None, "S3Client")]),
        ("s3: list[S3Client]", [("Assign", bound("s3"), None)]),
        ("while True: break", [("While", None, [("Break",)], [])]),
        ("with a as b, c: pass", [("With", name("a"), bound("b"), [("With", name("c"), None, [])])]),
        ("assert a", [("If", ("Not", name("a")), [("Raise", ("Invoke", name("AssertionError"), []))], [])]),
        ("del a[k]", [("Do", ("Opaque", [name("a"), name("k")]))]),
        ("if __name__ == '__main__': f()", []),
        ("'text'\n...", []),
        ("try: a()\nexcept s3.exceptions.NoSuchKey as e: b()\nexcept (A, B): pass\nexcept: pass\nelse: c()\nfinally: d()", [
            ("Try", [("Do", ("Invoke", name("a"), []))], [
                ("Handler", ["s3.exceptions.NoSuchKey"], bound("e"), [("Do", ("Invoke", name("b"), []))]),
                ("Handler", ["A", "B"], None, []), ("Handler", [], None, []),
            ], [("Do", ("Invoke", name("c"), []))], [("Do", ("Invoke", name("d"), []))]),
        ]),
    ],
)  # fmt: skip
def test_statements(text: str, trees: Any) -> None:
    assert statements(text) == trees


@pytest.mark.parametrize(
    ("cases", "tree"),
    [
        ("case 'a' | 'b': pass\n case _: pass", [("Case", [constant("a"), constant("b")], []), ("Case", [], [])]),
        ("case x if x: pass", [
            ("Case", [], [("Assign", bound("x"), name("s"))], ("Opaque", [("Bind", bound("x"), name("s")), name("x")])),
        ]),
        ("case {'op': 'put', 'key': k}: pass", [
            ("Case", [], [("Assign", bound("k"), ("Index", name("s"), constant("key")))], ("Logical", "and", [
                ("Compare", "==", ("Index", name("s"), constant("op")), constant("put")), ("Opaque", [name("s")]),
            ])),
        ]),
        ("case [a, *_]: pass", [("Case", [], [("Assign", bound("a"), ("Index", name("s"), constant(0)))], ("Opaque", [name("s")]))]),
        ("case Put(key='k'): pass", [("Case", [], [], ("Logical", "and", [
            ("Compare", "instanceof", name("s"), name("Put")), ("Compare", "==", ("Attribute", name("s"), "key"), constant("k")),
        ]))]),
    ],
)  # fmt: skip
def test_match(cases: str, tree: Any) -> None:
    assert statements(f"match s:\n {cases}") == [("Switch", name("s"), tree, False)]


def test_match_on_a_pair_compares_each_and_evaluates_its_subject_once() -> None:
    first, switch = parse("app.py", "match (method, path()):\n case ('GET', '/'): pass").body
    assert isinstance(first, syntax.Assign)
    assert isinstance(switch, syntax.Switch)
    assert brief(first.value) == ("Invoke", name("path"), [])
    guard = switch.cases[0].guard
    assert isinstance(guard, syntax.Logical)
    assert brief(guard.operands[0]) == ("Compare", "==", name("method"), constant("GET"))
    assert brief(guard.operands[1])[2] == brief(syntax.Name(first.target.id))  # type: ignore[attr-defined]


def test_parameters() -> None:
    (statement,) = parse(
        "app.py", "async def f(a, /, b: m.T = 1, *args, c, d=2, **kw): yield a"
    ).body
    assert isinstance(statement, syntax.FunctionDefinition)
    function = statement.function
    assert [
        (getattr(p.pattern, "id", None), p.kind, p.annotation, brief(p.default))
        for p in function.parameters
    ] == [
        ("a", "positional", None, None),
        ("b", "positional", "m.T", constant(1)),
        ("args", "rest", None, None),
        ("c", "keyword-only", None, None),
        ("d", "keyword-only", None, constant(2)),
        ("kw", "keywords", None, None),
    ]
    assert (function.asynchronous, function.generator) == (True, True)


def test_a_nested_generator_does_not_make_the_function_one() -> None:
    (statement,) = parse("app.py", "def f():\n def g(): yield 1\n return lambda: (yield)").body
    assert isinstance(statement, syntax.FunctionDefinition)
    assert not statement.function.generator


@pytest.mark.parametrize(
    ("text", "declares"),
    [
        ("def f():\n global c\n c = 1", [False]),
        ("def f():\n nonlocal c\n c = 1\n d = 2", [False, True]),
        ("def f():\n c = 1", [True]),
    ],
)
def test_global_names_are_not_the_functions_own(text: str, declares: list[bool]) -> None:
    (statement,) = parse("app.py", text).body
    assert isinstance(statement, syntax.FunctionDefinition)
    assert [s.target.declares for s in statement.function.body] == declares  # type: ignore[attr-defined]


CLASS = """
@register
class Store(Base):
    table: Table = None
    class Meta:
        pass
    def __init__(self): self.a = 1
    @staticmethod
    def make(): pass
    @classmethod
    def of(cls): pass
    @property
    def bucket(self): pass
    @bucket.setter
    def bucket(self, value): pass
    @bucket.deleter
    def bucket(self): pass
    @tracer.capture_method
    def put(self): pass
"""


def test_class() -> None:
    (statement,) = parse("app.py", CLASS).body
    assert isinstance(statement, syntax.ClassDefinition)
    found = statement.definition
    assert brief(found.bases) == [name("Base")]
    assert brief(found.decorators) == [name("register")]
    assert [field.target.id for field in found.fields] == ["table", "Meta"]  # type: ignore[attr-defined]
    assert [(method.name, method.kind, len(method.decorators)) for method in found.methods] == [
        ("__init__", "constructor", 0),
        ("make", "static", 0),
        ("of", "class", 0),
        ("bucket", "getter", 0),
        ("bucket", "setter", 0),
        ("put", "method", 1),
    ]


def test_lines_are_those_of_the_file() -> None:
    first, second = parse("app.py", "\ufeffa = 1\n\nb = f(\n  c)").body
    assert isinstance(second, syntax.Assign)
    assert (first.line, second.line) == (1, 3)
    assert isinstance(second.value, syntax.Invoke)
    assert second.value.arguments[0].value.line == 4


@pytest.mark.filterwarnings("error")
def test_dubious_escapes_warn_nobody() -> None:
    assert statements(r"a = '\d'") == [("Assign", bound("a"), constant(r"\d"))]


def test_exception_groups() -> None:
    text = "try: a()\nexcept* OSError: b()"
    if sys.version_info < (3, 11):
        with pytest.raises(ValueError, match="SyntaxError"):
            parse("app.py", text)
        return
    (statement,) = parse("app.py", text).body
    assert isinstance(statement, syntax.Try)
    assert statement.handlers[0].types == ["OSError"]


@pytest.mark.parametrize(
    "text",
    [
        "print 'python 2'",
        "a\0b",
        "x = (",
        "-" * 100_000 + "1",
        "a" + ".b()" * 50_000,
        "x = 1" + " + 1" * 50_000,
        "'\ud800'",
        "\x1f\x8b",
    ],
    ids=["python2", "null", "open", "minus", "chain", "sum", "surrogate", "binary"],
)
def test_what_cannot_be_read_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse("app.py", text)

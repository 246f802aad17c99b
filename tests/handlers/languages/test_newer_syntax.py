"""Python's newer syntax, parsed by the oldest supported Python's grammar."""

from __future__ import annotations

import ast

import pytest

from cfnlint_eda_rules.handlers.languages.python import newer_syntax
from cfnlint_eda_rules.handlers.languages.python.newer_syntax import parse


def older(text: str) -> ast.Module:
    return ast.parse(text, feature_version=(3, 10))


NEWER = {
    "same quotes": ("x = f'{event['id']}/{f'{a}'}.json'", 'x = f\'{event["id"]}/{f"{a}"}.json\''),
    "line breaks": ("x = f'{\n  a(\n1)\n}-{b}'\ny = 2", "x = f'{a(1)}-{b}'\ny = 2"),
    "backslash": ("x = f'{'\\n'.join(a)}\\t'", "j = '\\n'\nx = f'{j.join(a)}\\t'"),
    "comment": ("x = f'{\na # the } key\n}'", "x = f'{a}'"),
    "conversion and format": (
        "x = f'{a!r:>{w['x']}}{b:%Y-%m}{c != d}{e=}'",
        "x = f'{a}{b}{c != d}{e}'",
    ),
    "doubled braces": ("x = f'{{{a['b']}}}'", "x = f'{{{a[\"b\"]}}}'"),
    "template string": ("x = t'{a}' + rt'\\d{b}'", "x = f'{a}' + rf'\\d{b}'"),
    "triple": ('x = f"""\n{a["""b"""]}\n"""', 'x = f"""\n{a["b"]}\n"""'),
    "type parameters": (
        "def f[T: (int, str) = int, *A, **P](x: T) -> T:\n  return x\nclass C[T](B[T]): pass\nasync def g[\n T\n](x): pass",
        "def f(x: T) -> T:\n  return x\nclass C(B[T]): pass\nasync def g(x): pass",
    ),
    "type statement": (
        "type A = int\ntype B[T] = list[T]\ntype = 1\ntype(x)",
        "A = int\nB = list[T]\ntype = 1\ntype(x)",
    ),
    "exception groups": (
        "try:\n  a()\nexcept* (A, B) as e:\n  b()",
        "try:\n  a()\nexcept (A, B) as e:\n  b()",
    ),
    "exceptions": ("try:\n  a()\nexcept A, B:\n  b()", "try:\n  a()\nexcept (A, B):\n  b()"),
    "lazy imports": (
        "lazy import json\nlazy from a import b\nlazy = 1",
        "import json\nfrom a import b\nlazy = 1",
    ),
}


@pytest.mark.parametrize(("newer", "plain"), NEWER.values(), ids=NEWER)
def test_it_reads_as_the_plain_spelling(newer: str, plain: str) -> None:
    def shape(tree: ast.Module) -> list[str]:
        return [
            ast.dump(node).replace("conversion=114", "conversion=-1")
            for node in tree.body
            if not (isinstance(node, ast.Assign) and ast.unparse(node).startswith("j ="))
        ]

    expected = [
        text.replace("Name(id='j', ctx=Load())", "Constant(value='\\n')")
        for text in shape(older(plain))
    ]
    assert shape(parse(newer, older)) == expected


def test_lines_are_those_of_the_source() -> None:
    text = "def f[\n  T\n](a):\n  x = f'{\n    put(a['k'])\n  }' + send(1)\n  return last()\n"
    calls = {
        node.func.id: node.lineno
        for node in ast.walk(parse(text, older))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert calls == {"put": 5, "send": 6, "last": 7}


@pytest.mark.parametrize(
    "text",
    [
        "x = f'{",
        "x = f'{a",
        "x = f'{}'",
        "x = f'{a:{b'",
        "x = f'{\\N{'",
        "def f[",
        "except ",
        "print 'x'",
        "f'{" * 500,
        "x = " + "f'{" * 50 + "a" + "}'" * 50,
        "'" * 1001,
    ],
)
def test_what_is_no_python_is_a_syntax_error(text: str) -> None:
    with pytest.raises((SyntaxError, RecursionError, ValueError)):
        parse(text, older)


def test_a_long_text_is_not_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newer_syntax, "LONGEST_TEXT", 10)
    with pytest.raises(SyntaxError):
        parse("type A = 'long enough'", older)

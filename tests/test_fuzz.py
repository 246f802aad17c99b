"""The fixtures with something wrong in them: whatever a template or a handler holds, the rules
answer, and never with an exception.

Every mutant is made from its number alone, so a failure is found again by its test's name.
"""

from __future__ import annotations

import json
import random
import shutil
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode
from cfnlint.match import Match
from cfnlint.rules import RuleMatch
from cfnlint.template import Template

from cases import Case, cases, lint
from cfnlint_eda_rules.rule import AntiPatternRule

CASES = list(cases())
SOURCES = {".py", ".js", ".mjs", ".ts", ".java"}
WITH_HANDLERS = [
    case
    for case in CASES
    if any(path.suffix in SOURCES for path in case.template.parent.rglob("*"))
]
CRASH = "E0002"
READABLE = "E0000"


def rules_answer(template: Path) -> list[Match]:
    """What the rules find; an exception of cfn-lint itself, which no rule is asked before, is not
    theirs.
    """
    try:
        found = lint(template)
    except Exception as error:
        frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        assert not any("cfnlint_eda_rules" in name for name in frames), traceback.format_exc()
        return []
    assert [match.message for match in found if match.rule.id == CRASH] == []
    return found


# --------------------------------------------------------------------------------------------------

TEXTS = [
    "",
    "-",
    "orders",
    "${",
    "${}",
    "${Nope.Arn}",
    "arn:aws:lambda:::",
    "arn:aws:s3:::b/*",
    "{",
    "[1, 2",
    '{"a": 1}',
    "$.a[",
    "*" * 50,
    "\x00",
    "é\ud7ff",
]
CALLS: list[tuple[str, list[Any]]] = [
    ("Ref", [None, 7, [], {}, "Nope", "AWS::NoValue", "AWS::Region"]),
    ("Fn::GetAtt", [None, "Nope", [], ["Nope"], [3, 4], ["Nope", {"Ref": "Nope"}], {}]),
    ("Fn::Sub", [None, 5, [], ["${a}"], ["${a}", []], ["${a}", {"a": None}], "${Nope}"]),
    ("Fn::If", [None, [], ["C"], ["C", 1, 2], [{}, 1, 2], ["C", {"Ref": "AWS::NoValue"}, []]]),
    ("Fn::Join", [None, [], [","], [",", "x"], [{}, ["x"]], [",", [None, {"Ref": "Nope"}, []]]]),
    ("Fn::Select", [None, [], [0], [-1, ["x"]], [9, ["x"]], ["x", "y"], [0, {"Fn::GetAZs": ""}]]),
    ("Fn::Split", [None, [], [",", 7], ["", "x"], [",", {"Ref": "Nope"}]]),
    ("Fn::FindInMap", [None, [], ["M", "a"], ["M", "a", "b"], [{}, [], None]]),
    ("Fn::ImportValue", [None, {}, {"Fn::Sub": "${Nope}-x"}]),
    (
        "Fn::Transform",
        [None, {}, {"Name": "AWS::Include", "Parameters": {"Location": "template.json"}}],
    ),
    ("Fn::ForEach::Loop", [None, ["x", ["a"], {"${x}": {}}]]),
]
PLAIN: list[Any] = [
    None,
    True,
    False,
    0,
    -7,
    2.5,
    1e300,
    10**30,
    [],
    {},
    [[]],
    [{}],
    [None, None],
    {"": ""},
    {"a": {"b": [{"c": None}]}},
    "y" * 9000,
]


def wrong(rng: random.Random) -> Any:
    """A value that has no place where it is put."""
    match rng.randrange(5):
        case 0:
            return rng.choice(TEXTS)
        case 1 | 2:
            name, arguments = rng.choice(CALLS)
            return {name: rng.choice(arguments)}
        case 3:
            # An intrinsic function within others.
            name, arguments = rng.choice(CALLS)
            inner: Any = {name: rng.choice(arguments)}
            for _ in range(rng.choice([1, 2, 3, 100])):
                inner = rng.choice(
                    [
                        {"Fn::Join": ["", [inner, "x"]]},
                        {"Fn::Sub": ["${v}", {"v": inner}]},
                        {"Fn::If": ["C", inner, "x"]},
                    ]
                )
            return inner
    return rng.choice(PLAIN)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a value, however deep."""
    waiting = [node]
    while waiting:
        container = waiting.pop()
        keys = (
            list(container)
            if isinstance(container, dict)
            else list(range(len(container)))
            if isinstance(container, list)
            else []
        )
        yield from ((container, key) for key in keys)
        waiting.extend(container[key] for key in reversed(keys))


def plain(case: Case) -> dict[str, Any]:
    template, problems = decode(str(case.template))
    assert not problems
    copy: dict[str, Any] = json.loads(json.dumps(template, default=str))
    return copy


def mutate(template: dict[str, Any], rng: random.Random) -> None:
    for _ in range(rng.randint(1, 5)):
        spots = list(places(template.get("Resources") if rng.random() < 0.9 else template))
        if not spots:
            return
        container, key = rng.choice(spots)
        match rng.randrange(8):
            case 0:
                del container[key]
            case 1:
                # Another part of the template, of a type and depth that does not belong here.
                other, name = rng.choice(spots)
                container[key] = json.loads(json.dumps(other[name]))
            case 2:
                container[key] = [container[key]]
            case 3 if isinstance(container, dict):
                container[
                    rng.choice(["Fn::If", "Ref", "Fn::Transform", "Type", "Properties", ""])
                ] = container.pop(key)
            case _:
                container[key] = wrong(rng)


def copied(case: Case, folder: Path) -> Path:
    shutil.copytree(case.template.parent, folder / "project")
    return folder / "project" / case.template.name


@pytest.mark.parametrize("number", range(150))
def test_templates_with_wrong_values(number: int, tmp_path: Path) -> None:
    rng = random.Random(f"template {number}")
    case = CASES[number % len(CASES)]
    template = plain(case)
    mutate(template, rng)
    original = copied(case, tmp_path)
    original.unlink()
    mutant = original.with_name("template.json")
    mutant.write_text(json.dumps(template), encoding="utf-8")
    rules_answer(mutant)


def test_mutants_are_read(tmp_path: Path) -> None:
    """A template is changed by the mutation and still reaches the rules: else the mutants would
    show nothing.
    """
    case = next(case for case in CASES if case.name == "s3-thumbnail-in-uploads-bucket")
    template = plain(case)
    before = json.dumps(template)
    mutant = copied(case, tmp_path).with_name("template.json")
    mutant.write_text(before)
    assert [match.rule.id for match in rules_answer(mutant)] == [
        finding["rule"] for finding in case.findings
    ]
    mutate(template, random.Random("template"))
    assert json.dumps(template) != before


# --------------------------------------------------------------------------------------------------


def anywhere(data: bytes, rng: random.Random) -> int:
    return rng.randint(0, len(data))


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: anywhere(data, rng)]


def without_a_line(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    at = anywhere(data, rng) % max(len(lines), 1)
    return b"".join(lines[:at] + lines[at + 1 :])


def doubled(data: bytes, rng: random.Random) -> bytes:
    start, end = sorted((anywhere(data, rng), anywhere(data, rng)))
    return data[:end] + data[start:end] * rng.choice([1, 2, 30]) + data[end:]


def sprinkled(data: bytes, rng: random.Random) -> bytes:
    """With signs, words and bytes of other encodings in the middle of it."""
    extra = [
        b"\x00",
        b"\xe9\xff",
        b"\xef\xbb\xbf",
        b"\r",
        b"\x0c",
        "\u2028\U0001f4a9".encode(),
        b"'",
        b'"""',
        b"`${",
        b"/*",
        b"#",
        b"}",
        b")",
        b"]",
    ]
    words = [
        b" await ",
        b" yield ",
        b" return ",
        b" = ",
        b" => ",
        b" lambda: ",
        b" async ",
        b"...",
        b" if ",
        b"\nbreak\n",
        b" del ",
        b"@",
        b" match x:\n",
    ]
    for _ in range(rng.randint(1, 4)):
        at = anywhere(data, rng)
        data = data[:at] + rng.choice(extra + words) + data[at:]
    return data


def shuffled(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    rng.shuffle(lines)
    return b"".join(lines)


def renamed(data: bytes, rng: random.Random) -> bytes:
    """With one name in place of another everywhere: calls of what is no function, classes of
    themselves, names before they are bound.
    """
    names = sorted(
        {
            word
            for word in data.replace(b"(", b" ").replace(b".", b" ").replace(b",", b" ").split()
            if word.isalnum() and len(word) > 2
        }
    )
    if len(names) < 2:
        return data + b"\nx"
    one, other = rng.sample(names, 2)
    return data.replace(one, other)


def nested(data: bytes, rng: random.Random) -> bytes:
    """With an expression deeper than any parser's or interpreter's stack."""
    opening, closing = rng.choice(
        [
            (b"(", b")"),
            (b"[", b"]"),
            (b"-", b""),
            (b"not(", b")"),
            (b"f(", b")"),
            (b"{0:", b"}"),
            (b"a.b+", b"c"),
        ]
    )
    depth = rng.choice([50, 150, 1000, 20_000])
    return data + b"\nx = " + opening * depth + b"1" + closing * depth + b"\n"


def endless(data: bytes, rng: random.Random) -> bytes:
    """With names that call, hold or inherit themselves, at module level."""
    python = [
        b"def f(*a, **k):\n    return f(f, *a, **k)\nf(f)\n",
        b"a = []\na.append(a)\nb = {'a': a}\nb['b'] = b\n",
        b"class A(A): pass\nclass B(B): pass\n",
    ]
    javascript = [
        b"function f(...a) { return f(f, ...a) }\nf(f)\n",
        b"const o = {}; o.o = o; o[o] = {...o};\n",
        b"class A extends A {}\n",
    ]
    loops = [
        b"while True:\n    x = [1]\n",
        b"for (;;) { var x = [x, x] }\n",
        b"x = 'a' * 10 ** 12\ny = [0] * 10 ** 10\n",
        b"z = 2 ** 2 ** 99\n",
    ]
    return rng.choice([*python, *javascript, *loops]) + data


def in_another_encoding(data: bytes, rng: random.Random) -> bytes:
    return data.decode().encode(
        rng.choice(["utf-16", "utf-32", "latin-1", "cp037"]), errors="replace"
    )


def huge(data: bytes, rng: random.Random) -> bytes:
    return data + rng.choice(
        [b"\n# " + b"x" * 5_000_000, b"\nx = '" + b"y" * 5_000_000 + b"'", b"\nx = 1" * 800_000]
    )


def random_bytes(data: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(rng.choice([0, 1, 3000]))


DAMAGES: list[Callable[[bytes, random.Random], bytes]] = [
    truncated, without_a_line, doubled, sprinkled, sprinkled, shuffled, renamed, renamed, nested, endless, in_another_encoding, huge, random_bytes,
]  # fmt: skip


@pytest.mark.parametrize("number", range(104))
def test_damaged_handlers(number: int, tmp_path: Path) -> None:
    rng = random.Random(f"handler {number}")
    case = WITH_HANDLERS[rng.randrange(len(WITH_HANDLERS))]
    template = copied(case, tmp_path)
    damage = DAMAGES[number % len(DAMAGES)]
    for path in sorted(template.parent.rglob("*")):
        if path.suffix in SOURCES:
            path.write_bytes(damage(path.read_bytes(), rng))
    found = rules_answer(template)
    assert READABLE not in {match.rule.id for match in found}


def test_a_rule_that_raises_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: AntiPatternRule, cfn: Template) -> list[RuleMatch]:
        raise LookupError("a bug")

    monkeypatch.setattr(AntiPatternRule, "match", fails)
    assert {match.rule.id for match in lint(CASES[0].template)} == {CRASH}

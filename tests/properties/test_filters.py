"""Filters against plain evaluation: exact for what is known, and never wrong about what is known in
part.

An event is drawn as plain data, and what the source might tell of it is made by hiding parts. The
plain event is one of those the hidden one stands for, so an answer of True or False must be the
plain one's.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfnlint_eda_rules.application.filters import begins, ends, event_passes, key_passes, matches
from cfnlint_eda_rules.handlers.symbolic_values import (
    EventField,
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
)

TEXTS = st.text("ab./", max_size=6)
NUMBERS = st.integers(-3, 3)
HIDDEN: st.SearchStrategy[Value] = st.sampled_from(
    [Unknown(), Unknown("x"), EventField(("Records", "*", "key"))]
)


def read(leaf: Any) -> Value:
    return (
        Literal(leaf) if leaf is None or isinstance(leaf, str | int | float | bool) else Unknown()
    )


# --------------------------------------------------------------------------------------------------


def covers(pattern: str, text: str) -> bool:
    """EventBridge's wildcard, straight from its definition: try every length a `*` can stand for."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(covers(pattern[1:], text[length:]) for length in range(len(text) + 1))
    if pattern[0] == "\\" and pattern[1:2] in ("*", "\\"):
        return text[:1] == pattern[1] and covers(pattern[2:], text[1:])
    return text[:1] == pattern[0] and covers(pattern[1:], text[1:])


def holds(condition: Any, value: Any) -> bool:
    match condition:
        case {"prefix": {"equals-ignore-case": text}}:
            return str(value).lower().startswith(text.lower())
        case {"suffix": {"equals-ignore-case": text}}:
            return str(value).lower().endswith(text.lower())
        case {"prefix": text}:
            return str(value).startswith(text)
        case {"suffix": text}:
            return str(value).endswith(text)
        case {"wildcard": text}:
            return covers(text, value)
        case {"equals-ignore-case": text}:
            return bool(value.lower() == text.lower())
        case {"anything-but": list() as excluded}:
            return not any(holds(option, value) for option in excluded)
        case {"anything-but": excluded}:
            return not holds(excluded, value)
        case {"numeric": [">=", low, "<", high]}:
            return bool(low <= value < high)
        case {"numeric": ["=", number]}:
            return bool(value == number)
        case _:
            return (
                value is condition
                if isinstance(value, bool) or value is None
                else bool(value == condition)
            )


def accepts(pattern: dict[str, Any], event: dict[str, Any] | None) -> bool:
    for name, wanted in pattern.items():
        if name == "$or":
            if not any(accepts(option, event) for option in wanted):
                return False
            continue
        there = event is not None and name in event
        value = event[name] if event is not None and there else None
        if isinstance(wanted, dict):
            if not accepts(wanted, value):
                return False
            continue
        options = value if isinstance(value, list) else [value]
        if not any(
            condition["exists"] is there
            if isinstance(condition, dict) and "exists" in condition
            else there and any(holds(condition, option) for option in options)
            for condition in wanted
        ):
            return False
    return True


# --------------------------------------------------------------------------------------------------

LEAVES = {
    "text": TEXTS,
    "number": NUMBERS,
    "flag": st.booleans() | st.none(),
    "list": st.lists(TEXTS, min_size=1, max_size=3),
}
EVENTS = st.recursive(
    st.fixed_dictionaries({}, optional=LEAVES),
    lambda inner: st.fixed_dictionaries({}, optional={**LEAVES, "detail": inner, "more": inner}),
    max_leaves=3,
)
WILDCARDS = st.text("ab*\\.", max_size=6).filter(
    lambda text: not re.sub(r"\\[*\\]", "", text).count("\\")
)
PLAIN_TEXT_CONDITIONS = (
    TEXTS
    | st.builds(lambda text: {"prefix": text}, TEXTS)
    | st.builds(lambda text: {"suffix": text}, TEXTS)
    | st.builds(lambda text: {"equals-ignore-case": text.upper()}, TEXTS)
    | st.builds(lambda text: {"prefix": {"equals-ignore-case": text.upper()}}, TEXTS)
    | st.builds(lambda text: {"suffix": {"equals-ignore-case": text.upper()}}, TEXTS)
    | st.builds(lambda text: {"wildcard": text}, WILDCARDS)
)
EXISTS = st.builds(lambda wanted: {"exists": wanted}, st.booleans())
TEXT_CONDITIONS = (
    PLAIN_TEXT_CONDITIONS
    | EXISTS
    | st.builds(
        lambda excluded: {"anything-but": excluded},
        PLAIN_TEXT_CONDITIONS | st.lists(TEXTS, min_size=1, max_size=3),
    )
)
NUMBER_CONDITIONS = (
    NUMBERS
    | EXISTS
    | st.builds(lambda number: {"numeric": ["=", number]}, NUMBERS)
    | st.builds(lambda low, high: {"numeric": [">=", low, "<", high]}, NUMBERS, NUMBERS)
    | st.builds(
        lambda excluded: {"anything-but": excluded},
        NUMBERS | st.lists(NUMBERS, min_size=1, max_size=3),
    )
)
PATTERN_LEAVES = {
    "text": st.lists(TEXT_CONDITIONS, min_size=1, max_size=3),
    "number": st.lists(NUMBER_CONDITIONS, min_size=1, max_size=3),
    "flag": st.lists(st.booleans() | st.none() | EXISTS, min_size=1, max_size=2),
    "list": st.lists(TEXT_CONDITIONS, min_size=1, max_size=3),
}
PATTERNS = st.recursive(
    st.fixed_dictionaries({}, optional=PATTERN_LEAVES),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            **PATTERN_LEAVES,
            "detail": inner,
            "more": inner,
            "$or": st.lists(inner, min_size=1, max_size=3),
        },
    ),
    max_leaves=4,
)


def known(event: Any) -> Value:
    match event:
        case dict():
            return Record(tuple((name, known(value)) for name, value in event.items()))
        case list():
            return Items(tuple(known(item) for item in event))
    return Literal(event)


def hidden_text(draw: st.DrawFn, text: str) -> Value:
    """A text some pieces of which are not known, nested and unmerged as texts may be."""
    parts: list[Value] = []
    at = 0
    while at < len(text):
        length = draw(st.integers(1, len(text) - at))
        piece: Value = Literal(text[at : at + length])
        match draw(st.sampled_from(["known", "known", "hidden", "nested"])):
            case "hidden":
                piece = draw(HIDDEN)
            case "nested":
                piece = Text((piece, Literal("")))
        parts.append(piece)
        at += length
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), draw(HIDDEN))
    return Text(tuple(parts))


def hidden(draw: st.DrawFn, event: Any) -> Value:
    """Something a source could tell of the event: true of it, and of others."""
    match event:
        case dict():
            partial = draw(st.booleans())
            kept = [name for name in event if not partial or draw(st.booleans())]
            return Record(tuple((name, hidden(draw, event[name])) for name in kept), partial)
        case list():
            partial = draw(st.booleans())
            return Items(
                tuple(hidden(draw, item) for item in (event[:1] if partial else event)), partial
            )
        case str() if draw(st.booleans()):
            return hidden_text(draw, event)
    told: list[Value] = [Literal(event), Literal(event), Unknown(), EventField(("detail", "*"))]
    return draw(st.sampled_from(told))


@st.composite
def seen_in_part(draw: st.DrawFn, events: st.SearchStrategy[Any]) -> tuple[Any, Value]:
    event = draw(events)
    return event, hidden(draw, event)


@st.composite
def text_in_part(draw: st.DrawFn) -> tuple[str, Value]:
    text = draw(TEXTS)
    return text, hidden_text(draw, text)


@st.composite
def text_in_pieces(draw: st.DrawFn) -> tuple[str, Value]:
    pieces = draw(st.lists(TEXTS, max_size=3))
    return "".join(pieces), Text(tuple(Literal(piece) for piece in pieces))


# --------------------------------------------------------------------------------------------------


@given(text_in_pieces(), TEXTS)
def test_known_texts(seen: tuple[str, Value], affix: str) -> None:
    text, value = seen
    for spelt in (value, Literal(text)):
        assert begins(spelt, affix) is text.startswith(affix)
        assert ends(spelt, affix) is text.endswith(affix)


@given(text_in_part(), TEXTS)
def test_texts_known_in_part(seen: tuple[str, Value], affix: str) -> None:
    text, value = seen
    assert begins(value, affix) in (None, text.startswith(affix))
    assert ends(value, affix) in (None, text.endswith(affix))


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_one_of_several_texts_is_enough(texts: list[str], affix: str) -> None:
    value = OneOf(tuple(Literal(text) for text in texts))
    assert begins(value, affix) is any(text.startswith(affix) for text in texts)
    assert ends(value, affix) is any(text.endswith(affix) for text in texts)


@given(text_in_pieces(), TEXT_CONDITIONS)
def test_conditions_on_known_texts(seen: tuple[str, Value], condition: Any) -> None:
    text, value = seen
    wanted = accepts({"name": [condition]}, {"name": text})
    for spelt in (value, Literal(text)):
        assert matches({"name": [condition]}, Record((("name", spelt),)), read) is wanted


@given(text_in_part(), TEXT_CONDITIONS)
def test_conditions_on_texts_known_in_part(seen: tuple[str, Value], condition: Any) -> None:
    text, value = seen
    wanted = accepts({"name": [condition]}, {"name": text})
    assert matches({"name": [condition]}, Record((("name", value),)), read) in (None, wanted)


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXT_CONDITIONS)
def test_a_condition_is_passed_when_one_option_passes(texts: list[str], condition: Any) -> None:
    value = OneOf(tuple(Literal(text) for text in texts))
    wanted = any(accepts({"name": [condition]}, {"name": text}) for text in texts)
    assert matches({"name": [condition]}, Record((("name", value),)), read) is wanted


@given(PATTERNS, EVENTS)
def test_known_events(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    assert matches(pattern, known(event), read) is accepts(pattern, event)


@given(PATTERNS, seen_in_part(EVENTS))
def test_events_known_in_part(pattern: dict[str, Any], seen: tuple[Any, Value]) -> None:
    event, value = seen
    assert matches(pattern, value, read) in (None, accepts(pattern, event))


@given(PATTERNS, seen_in_part(EVENTS), seen_in_part(EVENTS))
def test_an_event_of_several_is_not_ruled_out_when_one_passes(
    pattern: dict[str, Any], one: tuple[Any, Value], two: tuple[Any, Value]
) -> None:
    answer = matches(pattern, OneOf((one[1], two[1])), read)
    assert answer is not False or not (accepts(pattern, one[0]) or accepts(pattern, two[0]))
    assert answer is not True or accepts(pattern, one[0]) or accepts(pattern, two[0])


@given(
    st.lists(
        st.tuples(st.sampled_from(["prefix", "suffix", "Prefix", "Suffix", "PREFIX"]), TEXTS),
        max_size=2,
    ),
    text_in_part(),
)
def test_object_keys(rules: list[tuple[str, str]], seen: tuple[str, Value]) -> None:
    text, value = seen
    wanted = all(
        text.startswith(affix) if name.lower() == "prefix" else text.endswith(affix)
        for name, affix in rules
    )
    written = [{"Name": name, "Value": affix} for name, affix in rules]
    assert key_passes(written, Literal(text), read) is wanted
    assert key_passes(written, value, read) in (None, wanted)
    assert key_passes(written, None, read) is not False


@pytest.mark.parametrize(
    "rule",
    [
        {"Name": {"Ref": "Which"}, "Value": "a"},
        {"Value": "a"},
        {"Name": "prefix", "Value": {"Ref": "P"}},
    ],
)
def test_a_rule_that_is_not_understood_decides_nothing(rule: Any) -> None:
    assert key_passes([rule], Literal("b"), read) is None


TYPES = ["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy", "s3:ObjectRemoved:Delete"]


@given(
    st.lists(st.sampled_from([*TYPES, "s3:ObjectCreated:*", "s3:*"]), max_size=2),
    st.sampled_from(TYPES),
    st.sampled_from(TYPES),
)
def test_event_types(accepted: list[str], one: str, two: str) -> None:
    fits = [
        not accepted or any(covers(pattern, event) for pattern in accepted) for event in (one, two)
    ]
    assert event_passes(accepted, (one,)) is fits[0]
    assert event_passes(accepted, (one, two)) is (fits[0] if fits[0] == fits[1] else None)


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXTS
    | st.sampled_from([10**400, "\x00", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "prefix",
                    "suffix",
                    "wildcard",
                    "anything-but",
                    "exists",
                    "numeric",
                    "cidr",
                    "$or",
                    "text",
                    "Ref",
                    "Fn::Sub",
                ]
            )
            | st.sampled_from([1, None]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(JUNK, JUNK)
def test_patterns_of_any_type_are_answered(pattern: Any, content: Any) -> None:
    value = known(content) if isinstance(content, dict) else Literal(10**400)
    for event in (value, Record((("text", value), ("number", Literal(0x7F << 20_000))))):
        for wrapped in (pattern, {"text": pattern}, {"text": [pattern]}, {"number": pattern}):
            assert matches(wrapped, event, read) in (True, False, None)
    assert key_passes(pattern, value, read) in (True, False, None)

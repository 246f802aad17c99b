"""Reading the arguments of a call at the places the catalogue names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cfnlint_eda_rules.handlers.symbolic_values import (
    EventField,
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
    alternatives,
)
from cfnlint_eda_rules.template.jsonpath import Selector, compile

# Unicode's private use area: signs that stand for the parts of a text.
_PRIVATE = 0xE000
_LONGEST_TEXT = 100_000


def at(value: Value, path: str) -> tuple[Value, ...]:
    """The values at a JSONPath of the catalogue inside a request: `$.Entries[*].Source`;
    `$.RequestItems.*~` gives the keys.
    """
    keys = path.endswith(".*~")
    location = path.removesuffix(".*~")
    found: list[Value] = [value]
    for step in compile(f"${location}" if location.startswith(".") else location):
        found = [
            inner
            for outer in found
            for option in alternatives(outer)
            for inner in _step(option, step)
        ]
    if keys:
        return tuple(
            Literal(name)
            for outer in found
            if isinstance(outer, Record)
            for name, _ in outer.entries
        )
    return tuple(found)


def _step(value: Value, step: Selector) -> Iterator[Value]:
    match value:
        case Record(entries) if step == "*":
            yield from (inner for _, inner in entries)
        case Record() if isinstance(step, tuple):
            yield from (inner for name in step if (inner := value.get(name)) is not None)
        case Items(items) if step in ("*", "[*]"):
            yield from items
        case _ if step == "[*]" and not isinstance(value, EventField):
            yield value
        case Items(items) if isinstance(step, int):
            yield from items[step : step + 1]
        case EventField(path):
            yield EventField((*path, step[0] if isinstance(step, tuple) else "*"))


def plain(value: Value) -> str:
    """A text with `*` for each stretch that is not known."""
    match value:
        case Literal(str() | int() as known) if not isinstance(known, bool):
            return str(known)
        case Text(parts):
            return "".join(plain(part) for part in parts)
    return "*"


def within(value: Value, pattern: str) -> Value:
    """The part of a text that the group `name` of a pattern finds, whose own parts may be known at
    deployment only.
    """
    if isinstance(value, OneOf):
        return OneOf(tuple(within(option, pattern) for option in value.options))
    parts = value.parts if isinstance(value, Text) else (value,)
    text = "".join(
        part.value
        if isinstance(part, Literal) and isinstance(part.value, str)
        else chr(_PRIVATE + n)
        for n, part in enumerate(parts)
    )
    found = re.match(pattern, text[:_LONGEST_TEXT])
    if found is None:
        return Unknown()
    pieces = re.split(f"([{chr(_PRIVATE)}-{chr(_PRIVATE + 1000)}])", found["name"])
    named: list[Value] = []
    for piece in pieces:
        number = ord(piece) - _PRIVATE if len(piece) == 1 else -1
        if 0 <= number < len(parts):
            named.append(parts[number])
        elif piece:
            named.append(Literal(piece))
    return named[0] if len(named) == 1 else Text(tuple(named))

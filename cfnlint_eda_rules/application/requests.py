"""Reading the arguments of a call at the places the catalogue names."""

from __future__ import annotations

from collections.abc import Iterator

from cfnlint_eda_rules.handlers.symbolic_values import (
    EventField,
    Items,
    Literal,
    Record,
    Text,
    Value,
    alternatives,
)
from cfnlint_eda_rules.template.jsonpath import Selector, compile


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

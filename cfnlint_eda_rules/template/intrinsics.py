"""Calls of intrinsic functions in a template's text.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MAX_DEPTH = 40
MAX_NODES = 20000
MAX_TEXT = 65536
# Python refuses to write longer integers as text.
MOST_BITS = 4096
_SUB = re.compile(r"\$\{([^{}]*)\}")


def intrinsic(value: Any) -> tuple[str, Any] | None:
    """Name and argument of an intrinsic function call, `("Fn::Sub", ...)`; None for anything
    else.
    """
    if isinstance(value, Mapping) and len(value) == 1:
        for key, argument in value.items():
            if isinstance(key, str) and (key.startswith("Fn::") or key in ("Ref", "Condition")):
                return str(key), argument
    return None


class Variable(NamedTuple):
    """`${name}` in the text of an `Fn::Sub`."""

    name: str


def sub_pieces(text: str) -> Iterator[str | Variable]:
    """The text of an `Fn::Sub` as literal pieces and variables; `${!Literal}` is `${Literal}`.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
    """
    position = 0
    for found in _SUB.finditer(text):
        if found.start() > position:
            yield text[position : found.start()]
        name = found[1].strip()
        yield f"${{{name[1:]}}}" if name.startswith("!") else Variable(name)
        position = found.end()
    if position < len(text):
        yield text[position:]


def canonical(value: Any) -> str:
    """The value as JSON with sorted keys, the same text for the same expression; cut off in depth
    where it refers to itself.
    """
    return json.dumps(
        _plain(value, MAX_DEPTH, [MAX_NODES], set()), sort_keys=True, separators=(",", ":")
    )


def _plain(value: Any, depth: int, budget: list[int], active: set[int]) -> Any:
    budget[0] -= 1
    if depth <= 0 or budget[0] <= 0 or id(value) in active:
        return None
    match value:
        case int() if value.bit_length() > MOST_BITS:
            return "a huge number"
        case str() | bool() | int() | float() | None:
            return value
        case Mapping():
            active.add(id(value))
            plain: Any = {
                str(key): _plain(item, depth - 1, budget, active) for key, item in value.items()
            }
        case list() | tuple():
            active.add(id(value))
            plain = [_plain(item, depth - 1, budget, active) for item in value]
        case _:
            return str(value)
    active.discard(id(value))
    return plain

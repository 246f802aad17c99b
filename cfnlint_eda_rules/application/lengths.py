"""How long a sleep can be, as far as the source says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

UNKNOWN = float("inf")
# An expression as it is told from others: `+(0.1, *(random.random()#28, 0.4))`.
_PIECE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?![\w.])|[-+*/\w.]{1,60}(?=\()|[(),]|#[0-9]+")
_LONGEST, _DEEPEST = 200, 20


def longest(expression: str) -> float:
    """The largest number that an expression of constants and random numbers can be; beyond all
    where it is made of anything else.
    """
    pieces = _PIECE.findall(expression[: _LONGEST + 1])
    whole = "".join(pieces) == re.sub(r"\s", "", expression)
    if not whole or pieces.count("(") != pieces.count(")"):
        return UNKNOWN
    value, rest = _value([piece for piece in pieces if piece[0] != "#"], 0, 0)
    return value if rest >= 0 else UNKNOWN


def _value(pieces: list[str], at: int, depth: int) -> tuple[float, int]:
    """(the largest value of the expression that begins here, where it ends); -1 for none."""
    if at >= len(pieces) or depth > _DEEPEST:
        return UNKNOWN, -1
    if pieces[at][0].isdigit():
        return float(pieces[at]), at + 1
    name, given, at = pieces[at], [], at + 2
    while at < len(pieces) and pieces[at] != ")":
        one, at = _value(pieces, at, depth + 1)
        if at < 0:
            return UNKNOWN, -1
        given.append(one)
        at += at < len(pieces) and pieces[at] == ","
    return _applied(name, given), at + 1


def _applied(name: str, given: list[float]) -> float:
    known = _FUNCTIONS.get(name.rpartition(".")[2] or name)
    try:
        return UNKNOWN if known is None else known(*given)
    except (TypeError, ValueError, ZeroDivisionError):
        return UNKNOWN


# None of them is negative but a difference, of which the first part is no less than all.
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one,
    "*": lambda one, other: one * other,
    "random": lambda: 1.0,
    "uniform": lambda low, high: max(low, high),
    "randint": lambda low, high: max(low, high),
    "randrange": lambda *bounds: max(bounds[:2]),
    "min": lambda *given: min(given),
    "floor": lambda one: one,
    "round": lambda one, *places: one + 0.5,
    "float": lambda one: one,
    "int": lambda one: one,
}

"""What is wrong with a regular expression over foreign text: how it is written, and how much more
work twice the text is.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

try:
    from re import _constants as constants  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # Python 3.10
    import sre_constants as constants
    import sre_parse as parser

SCANS = frozenset({"search", "finditer", "findall", "sub", "subn", "split"})
MANY = 1_000  # passes: a repeat that allows more, or any number, is unbounded
SMALL, FACTOR = 1_000, 8  # characters, and how many times as many
MOST_TIMES = 24  # the work of FACTOR times the text: 8 where it is linear, 64 where quadratic
NOTHING = 0.01  # seconds
LONGEST = 1.0  # seconds
CHARACTERS = frozenset(map(chr, (*range(256), 0x3BB, 0xE000, 0xF000)))
CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def _of_class(operator: str, value: Any) -> frozenset[str]:
    match operator:
        case "LITERAL":
            return frozenset({chr(value)})
        case "NOT_LITERAL":
            return CHARACTERS - {chr(value)}
        case "RANGE":
            return frozenset(c for c in CHARACTERS if value[0] <= ord(c) <= value[1])
        case "CATEGORY":
            known = re.compile(CATEGORIES[str(value)])
            return frozenset(c for c in CHARACTERS if known.match(c))
        case "ANY":
            return CHARACTERS
        case "IN":
            parts = [_of_class(str(op), inner) for op, inner in value if str(op) != "NEGATE"]
            found = frozenset[str]().union(*parts)
            return CHARACTERS - found if str(value[0][0]) == "NEGATE" else found
    return frozenset()


def _parts(operator: str, value: Any) -> list[Any]:
    """The sequences inside an item."""
    match operator:
        case "SUBPATTERN":
            return [value[3]]
        case "BRANCH":
            return list(value[1])
        case "ATOMIC_GROUP":
            return [value]
        case _ if operator in REPEATS:
            return [value[2]]
    return []


def _nullable(items: Any) -> bool:
    return all(_item_nullable(str(operator), value) for operator, value in items)


def _item_nullable(operator: str, value: Any) -> bool:
    if operator in ("AT", "ASSERT", "ASSERT_NOT"):
        return True
    if operator in REPEATS:
        return value[0] == 0 or _nullable(value[2])
    inner = _parts(operator, value)
    return bool(inner) and any(map(_nullable, inner))


def _first(items: Any) -> frozenset[str]:
    """The characters that a sequence may begin with."""
    found: frozenset[str] = frozenset()
    for operator, value in items:
        inner = _parts(str(operator), value)
        found |= (
            frozenset[str]().union(*map(_first, inner))
            if inner
            else _of_class(str(operator), value)
        )
        if not _item_nullable(str(operator), value):
            break
    return found


def _unbounded(operator: str, value: Any) -> bool:
    return operator in REPEATS[:2] and (value[1] is constants.MAXREPEAT or value[1] > MANY)


def _flat(items: Any) -> Iterator[tuple[str, Any]]:
    """The items of a sequence, groups of one way opened."""
    for operator, value in items:
        if str(operator) == "SUBPATTERN":
            yield from _flat(value[3])
        else:
            yield str(operator), value


def _apart(taken: frozenset[str], items: Any) -> bool:
    """Whether each pass over a sequence takes a character that is none of these."""
    flat = [(str(operator), value) for operator, value in _flat(items)]
    needed = [_first([item]) for item in flat if not _item_nullable(*item)]
    return any(not taken & first for first in needed)


def _adjacent(items: list[tuple[str, Any]]) -> Iterator[str]:
    for index, (operator, value) in enumerate(items):
        if not _unbounded(operator, value):
            continue
        for after, its in items[index + 1 :]:
            if _unbounded(after, its) and not _apart(_first(value[2]), its[2]):
                yield "two repeats side by side may take the same characters"
            if not _item_nullable(after, its):
                break


def _nested(value: Any) -> Iterator[str]:
    """A repeat in a repeat, where nothing that the inner one cannot take stands between its
    passes.
    """
    ways = [value[2]]
    while len(ways) == 1 and len(ways[0]) == 1 and str(ways[0][0][0]) in ("BRANCH", "SUBPATTERN"):
        operator, inner = ways[0][0]
        ways = _parts(str(operator), inner)
    for way in ways:
        items = list(_flat(way))
        for index, (operator, inner) in enumerate(items):
            if not _unbounded(operator, inner):
                continue
            around = [*items[index + 1 :], *items[:index]]
            if not _apart(_first(inner[2]), around):
                yield "a repeat in a repeat may share its characters in many ways"


def _all(items: Any) -> Iterator[str]:
    flat = list(_flat(items))
    yield from _adjacent(flat)
    for operator, value in flat:
        if _unbounded(operator, value):
            yield from _nested(value)
        for inner in _parts(operator, value):
            yield from _all(inner)


def _rescans(items: Any) -> bool:
    """Whether a search may read the same run of characters again from each of its places."""
    flat = list(_flat(items))
    while flat and (flat[0][0] == "BRANCH"):
        return any(map(_rescans, flat[0][1][1]))
    bare = [item for item in flat if item[0] != "AT" or str(item[1]) != "AT_BEGINNING_LINE"]
    return (
        bool(bare)
        and _unbounded(*bare[0])
        and any(not _item_nullable(*item) or item[0] in ("AT", "ASSERT") for item in bare[1:])
    )


def written_badly(pattern: re.Pattern[Any], scans: bool) -> list[str]:
    """What the parse tree of a pattern has that makes it more than linear."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    found = list(_all(tree))
    if scans and _rescans(tree):
        found.append("a search that begins with a repeat reads again what it has read")
    return found


# --------------------------------------------------------------------------------------------------


def _sample(items: Any, way: int) -> str:
    """A text that a sequence takes, more or less: the `way`th of each choice."""
    text = ""
    for operator, value in items:
        inner = _parts(str(operator), value)
        if inner:
            part = _sample(inner[way % len(inner)], way)
            text += part * max(1, min(value[0], 3)) if str(operator) in REPEATS else part
        else:
            text += _character(_of_class(str(operator), value), way)
    return text


def _character(characters: frozenset[str], way: int) -> str:
    liked = [c for c in "a0 _/.-,:(['\"\n\t*{$=" if c in characters] or sorted(characters)
    return liked[way % len(liked)] if liked else ""


def _sequences(items: Any) -> Iterator[Any]:
    yield items
    for operator, value in items:
        for inner in _parts(str(operator), value):
            yield from _sequences(inner)


def attacks(pattern: re.Pattern[Any]) -> Iterator[Callable[[int], str]]:
    """Texts by their length: what the pattern's repeats take, again and again, after what stands
    before them, with an end that it does not take; each of its beginnings, again and again.
    """
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    seen: set[tuple[str, str]] = set()
    for way in range(4):
        for sequence in _sequences(tree):
            for index in range(len(sequence)):
                before = _sample(sequence[:index], way)
                body = _sample(sequence[index : index + 1], way)
                for head, again in ((before, body), ("", before + body), (before, body * 2 + " ")):
                    if again and (head, again) not in seen:
                        seen.add((head, again))
                        yield partial(_attack, head, again)


def _attack(head: str, again: str, length: int) -> str:
    return head + (again * (length // len(again) + 1))[:length] + "\0"


class TooLong(Exception):
    """More time than any pattern needs."""


def _alarm(_number: int, _frame: FrameType | None) -> None:
    raise TooLong


def _work(use: Callable[[Any], object], text: Any) -> float:
    start = time.thread_time()
    use(text)
    return time.thread_time() - start


def runs_away(pattern: re.Pattern[Any], scans: bool, most: int | None = None) -> str | None:
    """A short text after which the work grows faster than the text; None where there is none. Where
    no text is longer than `most`, one that never ends. Only for the main thread of a process of its
    own.
    """

    def use(text: Any) -> object:
        if not scans:
            return (pattern.match(text), pattern.fullmatch(text))
        return sum(1 for _ in pattern.finditer(text))

    signal.signal(signal.SIGVTALRM, _alarm)
    for attack in attacks(pattern):
        if not _linear(use, attack, isinstance(pattern.pattern, bytes), most):
            return attack(40)
    return None


def _linear(
    use: Callable[[Any], object], attack: Callable[[int], str], in_bytes: bool, most: int | None
) -> bool:
    texts: list[Any] = [attack(SMALL), attack(most or SMALL * FACTOR)]
    if in_bytes:
        texts = [text.encode("latin-1", "replace") for text in texts]
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        large = _work(use, texts[1])
        if most or large < NOTHING:
            return True
        small = min(_work(use, texts[0]) for _ in range(5))
        large = min(large, *(_work(use, texts[1]) for _ in range(2)))
        return large < NOTHING or large < MOST_TIMES * small
    except TooLong:
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)

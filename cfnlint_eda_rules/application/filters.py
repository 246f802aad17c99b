"""Does this message pass this filter? Answers are three-valued: True, False, or None where the
message is not known well enough.

The pattern languages are one family (EventBridge User Guide, "Event pattern syntax"; Lambda
Developer Guide, "Event filtering"; SNS Developer Guide, "Filter policy constraints"): mappings
nest, a list holds alternatives, an alternative is a literal or an operator. S3 key filters (S3 User
Guide, "Configuring event notifications using object key name filtering") are a prefix and a suffix.
Everything matches in time linear in pattern and text: no regular expressions are built from input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cfnlint_eda_rules.application.messages import ANYTHING, OTHERWISE, OUTCOME, Message, as_event
from cfnlint_eda_rules.handlers.symbolic_values import (
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
)

Answer = bool | None
ReadLeaf = Callable[[Any], Value]
"""Turns a leaf of a pattern, which may be an intrinsic function, into a value."""

_RESOURCE = "resource:"
_ONE_A_DEPLOYMENT = ("parameter:", "pseudo:", "import:", "dynamic:", "unknown:{")
_DEPTH = 20


def any_of(answers: Iterable[Answer]) -> Answer:
    """True when one is; False when all are; else None."""
    result: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result


def all_of(answers: Iterable[Answer]) -> Answer:
    """False when one is; True when all are; else None."""
    result: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def negation(answer: Answer) -> Answer:
    """The opposite, None staying None."""
    return None if answer is None else not answer


# --------------------------------------------------------------------------------------------------


def _pieces(value: Value) -> list[str | None]:
    """A text as known pieces and None for each unknown stretch."""
    match value:
        case Literal(known) if isinstance(known, bool):
            return ["true" if known else "false"]
        case Literal(str() as known):
            return [known]
        case Literal(int() | float() as known):
            return [_spelt(known)]
        case Text(parts):
            return [piece for part in parts for piece in _pieces(part)]
    return [None]


def _spelt(number: int | float) -> str | None:
    try:
        return str(number)
    except ValueError:
        # Python spells no integer of thousands of digits.
        return None


def _known_ends(value: Value) -> tuple[str, str, bool]:
    """(known beginning, known end, whether that is all there is)."""
    pieces = _pieces(value)
    if None not in pieces:
        whole = "".join(piece for piece in pieces if piece is not None)
        return whole, whole, True
    first = pieces.index(None)
    last = len(pieces) - 1 - pieces[::-1].index(None)
    return (
        "".join(p for p in pieces[:first] if p),
        "".join(p for p in pieces[last + 1 :] if p),
        False,
    )


def begins(value: Value, prefix: str) -> Answer:
    """Whether the text begins with `prefix`."""
    if not prefix:
        return True
    if isinstance(value, OneOf):
        return any_of(begins(option, prefix) for option in value.options)
    head, _, complete = _known_ends(value)
    if head.startswith(prefix):
        return True
    return None if not complete and prefix.startswith(head) else False


def ends(value: Value, suffix: str) -> Answer:
    """Whether the text ends with `suffix`."""
    if not suffix:
        return True
    if isinstance(value, OneOf):
        return any_of(ends(option, suffix) for option in value.options)
    _, tail, complete = _known_ends(value)
    if tail.endswith(suffix):
        return True
    return None if not complete and suffix.endswith(tail) else False


def differ(one: Value, other: Value) -> bool:
    """Whether two texts surely differ, by what is known of their beginnings and ends."""
    if isinstance(one, OneOf):
        return all(differ(option, other) for option in one.options)
    if isinstance(other, OneOf):
        return differ(other, one)
    head, tail, complete = _known_ends(one)
    their_head, their_tail, their_complete = _known_ends(other)
    if complete and their_complete:
        return head != their_head
    begun, ended = min(len(head), len(their_head)), min(len(tail), len(their_tail))
    return (
        head[:begun] != their_head[:begun]
        or tail[len(tail) - ended :] != their_tail[len(their_tail) - ended :]
    )


def equals(value: Value, wanted: Value) -> Answer:
    """Whether two values are the same."""
    if value == ANYTHING:
        return True
    if isinstance(value, OneOf):
        return any_of(equals(option, wanted) for option in value.options)
    match value, wanted:
        case Literal(known), Literal(other):
            if isinstance(known, bool) or isinstance(other, bool) or known is None or other is None:
                return known is other
            return known == other or (
                isinstance(known, str) != isinstance(other, str)
                and _pieces(value) == _pieces(wanted)
            )
        case Unknown(known), Unknown(other) if known.startswith(_RESOURCE) and other.startswith(
            _RESOURCE
        ):
            return known == other
        case Unknown(known), Unknown(other) if known == other and known.startswith(
            _ONE_A_DEPLOYMENT
        ):
            return True
        case Text(), Literal(str() as other):
            head, tail, complete = _known_ends(value)
            if complete:
                return head == other
            fits = (
                other.startswith(head)
                and other.endswith(tail)
                and len(other) >= len(head) + len(tail)
            )
            return None if fits else False
        case Record() | Items(), Literal():
            return False
    return True if value == wanted and not isinstance(value, Unknown) else None


def _between_stars(pattern: str) -> list[str]:
    pieces: list[list[str]] = [[]]
    signs = iter(pattern)
    for sign in signs:
        if sign == "*":
            pieces.append([])
        else:
            pieces[-1].append(next(signs, sign) if sign == "\\" else sign)
    return ["".join(piece) for piece in pieces]


def fits_wildcard(value: Value, pattern: str) -> Answer:
    r"""`*` stands for any characters, `\*` for itself (EventBridge "wildcard"); greedy matching
    piece by piece, linear in both.
    """
    pieces = _between_stars(pattern)
    if len(pieces) == 1:
        return equals(value, Literal(pieces[0]))
    head, _, complete = _known_ends(value)
    if not complete:
        # The known beginning and the known end never overlap: what is unknown lies between them.
        edges = all_of([begins(value, pieces[0]), ends(value, pieces[-1])])
        return None if edges and len(pieces) > 2 else edges
    if (
        len(head) < len(pieces[0]) + len(pieces[-1])
        or not head.startswith(pieces[0])
        or not head.endswith(pieces[-1])
    ):
        return False
    at, stop = len(pieces[0]), len(head) - len(pieces[-1])
    for piece in pieces[1:-1]:
        found = head.find(piece, at, stop)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _number(value: Value) -> int | float | None:
    if (
        isinstance(value, Literal)
        and isinstance(value.value, int | float)
        and not isinstance(value.value, bool)
    ):
        return value.value
    return None


def numeric(value: Value, conditions: Any) -> Answer:
    """Whether a number meets conditions as patterns write them, `[">", 0, "<=", 5]`."""
    number = _number(value)
    if number is None or not isinstance(conditions, list):
        return False if isinstance(value, Literal) else None
    for operator, operand in zip(conditions[::2], conditions[1::2], strict=False):
        if not isinstance(operand, int | float):
            return None
        holds = {
            "=": number == operand,
            "<": number < operand,
            "<=": number <= operand,
            ">": number > operand,
            ">=": number >= operand,
        }
        if not holds.get(str(operator), False):
            return False
    return True


# --------------------------------------------------------------------------------------------------


def _condition(
    value: Value | None, absent: Answer, condition: Any, read: ReadLeaf, depth: int = 0
) -> Answer:
    """One alternative against a field. `absent`: whether a missing field (value None) is really
    missing (True) or not known (None).
    """
    if value == OUTCOME:
        return True
    match condition:
        case {"exists": bool() as wanted}:
            present: Answer = True if value is not None else negation(absent)
            return present if wanted else negation(present)
    if depth > _DEPTH:
        return None
    if value is None:
        return False if absent else None
    if value == ANYTHING:
        return True
    if isinstance(value, OneOf):
        return any_of(
            _condition(option, absent, condition, read, depth + 1) for option in value.options
        )
    if isinstance(value, Items):
        answers = [_condition(item, absent, condition, read, depth + 1) for item in value.items]
        return any_of([*answers, None] if value.partial else answers)
    match condition:
        case {"anything-but": excluded}:
            options = excluded if isinstance(excluded, list) else [excluded]
            return negation(
                any_of(_condition(value, absent, option, read, depth + 1) for option in options)
            )
        case {"prefix": str() as prefix}:
            return begins(value, prefix)
        case {"suffix": str() as suffix}:
            return ends(value, suffix)
        case {"wildcard": str() as pattern}:
            return fits_wildcard(value, pattern)
        case {"equals-ignore-case": str() as text}:
            return equals(_lowered(value), Literal(text.lower()))
        case {"prefix": {"equals-ignore-case": str() as text}}:
            return begins(_lowered(value), text.lower())
        case {"suffix": {"equals-ignore-case": str() as text}}:
            return ends(_lowered(value), text.lower())
        case {"numeric": conditions}:
            return numeric(value, conditions)
        case {"cidr": _}:
            return None
    return equals(value, read(condition))


def _lowered(value: Value) -> Value:
    match value:
        case Literal(str() as text):
            return Literal(text.lower())
        case Text(parts):
            return Text(tuple(_lowered(part) for part in parts))
        case OneOf(options):
            return OneOf(tuple(_lowered(option) for option in options))
    return value


def matches(
    pattern: Any, content: Value | None, read: ReadLeaf, absent: Answer = True, depth: int = 0
) -> Answer:
    """Whether `content` passes an event pattern; `absent` tells what a missing `content` means
    (True: it is not there).
    """
    if not isinstance(pattern, dict) or depth > _DEPTH:
        return None
    if content == OUTCOME:
        return True
    if isinstance(content, OneOf):
        return any_of(
            matches(pattern, option, read, absent, depth + 1) for option in content.options
        )
    if isinstance(content, Items):
        found = [matches(pattern, item, read, absent, depth + 1) for item in content.items]
        return any_of([*found, None] if content.partial else found)
    answers: list[Answer] = []
    for name, wanted in pattern.items():
        if name == "$or" and isinstance(wanted, list):
            answers.append(
                any_of(matches(option, content, read, absent, depth + 1) for option in wanted)
            )
            continue
        value, missing = field_of(content, str(name), absent)
        if isinstance(wanted, dict) and not any(
            str(key).startswith("Fn::") or key == "Ref" for key in wanted
        ):
            answers.append(matches(wanted, value, read, missing, depth + 1))
        elif isinstance(wanted, list):
            answers.append(
                any_of(_condition(value, missing, condition, read) for condition in wanted)
            )
        else:
            answers.append(None)
    return all_of(answers)


def field_of(content: Value | None, name: str, absent: Answer) -> tuple[Value | None, Answer]:
    """(the field's value or None, whether None means that it is not there)."""
    match content:
        case None:
            return None, absent
        case Record(_, partial):
            found = content.get(name) or content.get(OTHERWISE)
            return (found, True) if found is not None else (None, None if partial else True)
        case Literal():
            return None, True
    return None, None


# --------------------------------------------------------------------------------------------------


def key_passes(rules: Any, key: Value | None, read: ReadLeaf) -> Answer:
    """Whether an object key passes S3 key filter rules (`[{"Name": "prefix", "Value": "in/"},
    ...]`, names in any case).
    """
    answers: list[Answer] = []
    for rule in rules if isinstance(rules, list | tuple) else ():
        if not isinstance(rule, dict):
            continue
        wanted = read(rule.get("Value"))
        if not isinstance(wanted, Literal) or not isinstance(wanted.value, str):
            answers.append(None)
            continue
        match str(rule.get("Name")).lower():
            case "prefix":
                answers.append(begins(key if key is not None else Unknown(), wanted.value))
            case "suffix":
                answers.append(ends(key if key is not None else Unknown(), wanted.value))
            case _:
                answers.append(None)
    return all_of(answers)


def event_passes(accepted: Iterable[str], events: tuple[str, ...]) -> Answer:
    """Whether one of `events` is of an accepted S3 event type (`s3:ObjectCreated:*` accepts all of
    its kind).
    """
    wanted = [pattern.removeprefix("s3:") for pattern in accepted]
    if not wanted or not events:
        return True if not wanted else None
    names = [event.removeprefix("s3:") for event in events]
    fits = [
        any(name == w or (w.endswith("*") and name.startswith(w[:-1])) for w in wanted)
        for name in names
    ]
    return True if all(fits) else None if any(fits) else False


def passes(
    language: str, patterns: tuple[Any, ...], message: Message, read: ReadLeaf, scope: str = ""
) -> Answer:
    """Whether a message passes a filter of the given language (`deliveries.Filter`): any one of
    `patterns` is enough, none is no filter.
    """
    if not patterns:
        return True
    match language:
        case "s3":
            return any_of(key_passes(rules, message.key, read) for rules in patterns)
        case "eventbridge":
            event = as_event(message)
            return any_of(matches(pattern, event.content, read) for pattern in patterns)
        case "eventsv2":
            return any_of(_scoped(filters, message, read) for filters in patterns)
        case "fields":
            return any_of(matches(pattern, message.content, read) for pattern in patterns)
        case "lambda":
            return any_of(_criteria(pattern, message, read) for pattern in patterns)
        case "sns":
            return any_of(_policy(pattern, message, read, scope) for pattern in patterns)
        case "logs":
            return any_of(
                True if isinstance(pattern, str) and not pattern.strip() else None
                for pattern in patterns
            )
        case "iot":
            return any_of(
                None
                if isinstance(pattern, str) and " where " in " ".join(pattern.lower().split())
                else True
                for pattern in patterns
            )
    return None


def _scoped(filters: Any, message: Message, read: ReadLeaf) -> Answer:
    """Whether an event passes all filters of an EventBridge v2 subscriber, each of which looks at
    one part of it.
    """
    if message.format != "eventsv2" or not isinstance(filters, list):
        return None
    scopes = {"DATA": message.content.get("data"), "METADATA": message.content.get("metadata")}
    return all_of(
        matches(entry.get("Pattern"), scopes[scope], read, None)
        if isinstance(entry, dict) and (scope := entry.get("Scope")) in scopes
        else None
        for entry in filters
    )


def _criteria(pattern: Any, message: Message, read: ReadLeaf) -> Answer:
    if not isinstance(pattern, dict):
        return None
    answers: list[Answer] = []
    rest = dict(pattern)
    if message.format == "dynamodb" and message.events and isinstance(rest.get("eventName"), list):
        names = rest.pop("eventName")
        each = [
            any_of(_condition(Literal(event), True, condition, read) for condition in names)
            for event in message.events
        ]
        answers.append(True if all(each) else any_of(each) and None)
    if rest:
        answers.append(matches(rest, message.content, read, None))
    return all_of(answers)


def _policy(pattern: Any, message: Message, read: ReadLeaf, scope: str) -> Answer:
    part = "Message" if scope == "MessageBody" else "MessageAttributes"
    if message.format != "sns":
        return None
    content = message.content.get(part)
    if content is None:
        return matches(pattern, Unknown(), read, None)
    return matches(pattern, content, read)

"""What a call goes to, to tell one target from another: a resource, an HTTP host and path, the
connection of a client.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.filters import differ
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.handler_values import filled_in
from cfnlint_eda_rules.handlers.interpreter.protocol import describe
from cfnlint_eda_rules.handlers.symbolic_values import (
    ContextField,
    Environment,
    EventField,
    Literal,
    Text,
    Unknown,
    Value,
    alternatives,
)
from cfnlint_eda_rules.records import dataclass

# Unicode's private use area: signs that stand for the variables of a URL.
_PRIVATE, _MOST_VARIABLES = 0xE000, 1000
_VARIABLE = re.compile(f"[{chr(_PRIVATE)}-{chr(_PRIVATE + _MOST_VARIABLES)}]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:(?=//)|(?=//)")
_NUMBER = re.compile(r"#\d+")
_NAMED = (EventField, Environment, ContextField, Unknown)
CallTarget: TypeAlias = tuple[str, str, Value | None]
"""(service, resource, subject): the resource is its logical id or text, "" when it is not known;
the subject what else is said of it.
"""


def differ_surely(one: CallTarget, other: CallTarget) -> bool:
    """Whether two targets are not the same: of two services, of two known resources, or said to be
    two by what the code calls them.
    """
    service, resource, subject = one
    their_service, their_resource, their_subject = other
    if service != their_service:
        return True
    if (
        subject
        and their_subject
        and (differ(subject, their_subject) or _apart(subject, their_subject))
    ):
        return True
    return bool(resource and their_resource and resource != their_resource)


def _apart(one: Value, other: Value) -> bool:
    """Whether the code calls two things by two names: two fields of the event, two keys of a
    map.
    """
    if not isinstance(one, _NAMED) or not isinstance(other, _NAMED):
        return False
    first, second = name_of(one), name_of(other)
    return bool(first and second) and first != second


def name_of(value: Value) -> str:
    """What the code calls a value that is not known, whichever call's answer it is taken from; ""
    when nothing tells.
    """
    return _NUMBER.sub("", describe(value))


# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """Where an HTTP request goes: `host` "" when not known; `path` is the literal segments with
    what is not known between them, None when no segment is known; `shown` is how a message names
    it, "" when nothing is known.
    """

    host: str
    path: Value | None
    shown: str

    @property
    def target(self) -> CallTarget:
        return ("http", self.host, self.path)


def http_targets(
    deployment: Deployment, function: LambdaFunction, url: Value
) -> tuple[HttpTarget, ...]:
    """The targets a request can have, by its URL: the host, and the literal segments of the path
    with variables left blank.
    """
    known = filled_in(deployment, function, url, {})
    return tuple(dict.fromkeys(_http_target(option) for option in alternatives(known)))


def _http_target(url: Value) -> HttpTarget:
    parts = url.parts if isinstance(url, Text) else (url,)
    if len(parts) > _MOST_VARIABLES:
        return HttpTarget("", None, "")
    text = "".join(
        str(part.value) if isinstance(part, Literal) else chr(_PRIVATE + place)
        for place, part in enumerate(parts)
    )
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :].removeprefix("//") if scheme else text
    before = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = before.partition("/")
    named = _VARIABLE.sub(lambda sign: _symbol(parts, sign[0]), host).lower()
    segments = [segment for segment in path.split("/") if segment] if slash else []
    return HttpTarget(
        "" if "?" in named else named,
        _path(segments, bool(slash) or not _VARIABLE.search(host)),
        _shown(host, segments),
    )


def _symbol(parts: tuple[Value, ...], sign: str) -> str:
    name = name_of(parts[ord(sign) - _PRIVATE])
    return f"{{{name}}}" if name else "?"


def _path(segments: list[str], complete: bool) -> Value | None:
    """The path as a text: a blank is not known, blanks at the end are left away."""
    blanks = [bool(_VARIABLE.search(segment)) for segment in segments]
    if all(blanks):
        return None if segments or not complete else Literal("/")
    last = len(blanks) - blanks[::-1].index(False)
    merged: list[Value] = []
    text = "/"
    for segment, blank in list(zip(segments, blanks, strict=True))[:last]:
        if blank:
            merged += [Literal(text), Unknown()]
            text = "/"
        else:
            text += f"{segment}/"
    merged.append(Literal(text))
    return merged[0] if len(merged) == 1 else Text(tuple(merged))


def _shown(host: str, segments: list[str]) -> str:
    known = [segment for segment in segments if not _VARIABLE.search(segment)]
    name = "" if _VARIABLE.search(host) else host
    return f"{name}{''.join(f'/{segment}' for segment in known)}"


# --------------------------------------------------------------------------------------------------


def connection(deployment: Deployment, function: LambdaFunction, value: Value | None) -> str:
    """What a client is connected to, as far as the source and the template tell; "" else."""
    match None if value is None else filled_in(deployment, function, value, {}):
        case Literal(None) | None:
            return ""
        case Literal(known):
            return str(known)
        case Environment() | EventField() as named:
            return name_of(named)
        case Unknown(expression) if expression.startswith(("environment:", "resource:")):
            return expression
        case Text() as text:
            return name_of(text) if "?" not in describe(text) else ""
    return ""

"""What AWS operations do: one row is the IAM action, the API operation, the boto3 method and the
JavaScript SDK's command.

Rows are in ``operations/<service>.yaml``, read only for services that are met. A service is named
as boto3 names its client. What no row says follows from the operation's verb (``services.yaml``),
so every operation has an answer.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

from cfnlint_eda_rules.catalogue import patterns
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import StrEnum, dataclass

_READS = re.compile(r"\s*(?:\(\s*)*(?:select|with|show|describe|explain)\b", re.IGNORECASE)


class EffectKind(StrEnum):
    """What an operation does to the world."""

    WRITE = "write"
    START = "start"
    """It ends later."""
    INVOKE = "invoke"
    READ = "read"
    INFERENCE = "inference"
    CONFIGURATION = "configuration"
    TELEMETRY = "telemetry"
    ACKNOWLEDGE = "acknowledge"
    LOCAL = "local"


SIDE_EFFECTS = frozenset({EffectKind.WRITE, EffectKind.START, EffectKind.INVOKE})
READS = frozenset({EffectKind.READ, EffectKind.INFERENCE, EffectKind.CONFIGURATION})


@dataclass(frozen=True, slots=True)
class Target:
    """What an operation works on.

    `types`    resource types it can be; empty: none that a template declares.
    `at`       where the request names it, from its root: `$.Bucket`; `$.Entries[*].EventBusName` in
               a batch; `$.RequestItems.*~` are the
               keys of RequestItems; `$.TopicArn,TargetArn` is whichever parameter is given.
    `default`  what is meant when the request names none; "" when there is no such thing.
    `named`    where the place outside of the template that a text names is called: `iot/{}` for a
               topic, `mail/{}` for an address.
    `granted`  in the ARN of a grant, what the name comes after (`:topic/`); "" where a grant names
               no such place.
    `within`   a pattern whose group `name` is the target's name inside a longer text (a PartiQL
               statement); "" when the text is the name.
    """

    types: tuple[str, ...]
    at: str
    default: str = ""
    named: tuple[str, ...] = ()
    granted: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True)
class Emits:
    """What an operation puts where an event can start from.

    `event`        the event types it causes: `s3:ObjectCreated:Put`; one of `INSERT,MODIFY`; each
                   of `PreSignUp+CustomMessage`; "" for
                   plain messages.
    `by`           the event types by what an entry holds: JSONPath inside it -> as `event` ("" for
                   none), instead of `event` where one is there.
    `verbs`        the event types by the first word of the operation's `statement`, instead of
                   `event`.
    `versioned`    the event type instead where the target keeps versions and the entry names none
                   at `version`.
    `unless`       parameter -> values with which it emits nothing.
    `each`         where the entries of a batch are, from the request's root (`$.Entries[*]`); ""
                   when the request is the one entry.
    `key`          the object key's parameter inside an entry; "" when there is none.
    `content`      named parts of the message, each by its place inside an entry: `{"detail":
                   "Detail"}`.
    `detail_type`  of the event the service itself sends to the default event bus; "" when it sends
                   none.
    """

    event: str = ""
    each: str = ""
    key: str = ""
    content: Mapping[str, str] = field(default_factory=dict, hash=False)
    detail_type: str = ""
    by: Mapping[str, str] = field(default_factory=dict, hash=False)
    verbs: Mapping[str, str] = field(default_factory=dict, hash=False)
    versioned: str = ""
    version: str = ""
    unless: Mapping[str, list[str]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Waits:
    """The caller gets the answer of what it calls, unless `parameter` (JSONPath in the request) is
    one of `unless`.
    """

    parameter: str = ""
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one service.

    `name`       as messages and CloudTrail call it: what the SDK makes of one is the API's.
    `actions`    the IAM actions it needs, the most telling first: `("s3:PutObject",)`; empty when
                 it needs none.
    `target`     None when all its calls work on the one service.
    `emits`      None when no event can start from what it does.
    `waits`      None unless it waits for the function or execution it calls.
    `polled_by`  operations of the same service that tell whether what it started has ended.
    `answers`    fields of its answer that name what a parameter names, by that parameter
                 (`{"QueueUrl": "QueueName"}`).
    `subject`    JSONPath of the name of what it works on, where that is not its target (a schedule,
                 whose target is what it starts); "" else.
    `statement`  JSONPath of the query language text that decides whether it reads or writes; "" for
                 none.
    """

    service: str
    name: str
    actions: tuple[str, ...]
    effect: EffectKind
    target: Target | None = None
    emits: Emits | None = None
    waits: Waits | None = None
    polled_by: tuple[str, ...] = ()
    statement: str = ""
    subject: str = ""
    answers: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def action(self) -> str:
        """The IAM action it goes by; the service and operation where it needs none."""
        return self.actions[0] if self.actions else f"{prefix(self.service)}:{self.name}"

    def effect_of(self, statement: str | None) -> EffectKind:
        """The effect, given the text found at `statement` (None: not known)."""
        return (
            EffectKind.READ
            if self.statement and statement is not None and _READS.match(statement)
            else self.effect
        )


@functools.cache
def operation(service: str, name: str) -> Operation:
    """The operation `name` (`PutObject`) of the service with the boto3 client `service` (`s3`);
    never fails.
    """
    rows = _rows(service)
    row = rows.get("operations", {}).get(name)
    listed: dict[str, Any] = row or {}
    emits = listed.get("emits")
    waits = listed.get("waits")
    return Operation(
        service=service,
        name=listed.get("name", name),
        actions=_actions(service, listed.get("action", name)),
        effect=EffectKind(listed.get("effect") or _effect(name, rows.get("effects", []))),
        target=_target(
            listed,
            None
            if row is None and patterns.holds(load("services")["untargeted"], name)
            else rows.get("target"),
        ),
        emits=None if emits is None else Emits(**emits),
        waits=None
        if waits is None
        else Waits(waits.get("parameter", ""), tuple(waits.get("unless", ()))),
        polled_by=tuple(listed.get("polled_by", ())),
        statement=listed.get("statement", ""),
        subject=listed.get("subject", ""),
        answers=MappingProxyType(listed.get("answers", {})),
    )


@functools.cache
def tells_progress(service: str, name: str) -> bool:
    """Whether the operation tells if something that another operation of the service started has
    ended.
    """
    return any(
        name in (row or {}).get("polled_by", ())
        for row in _rows(service).get("operations", {}).values()
    )


@functools.cache
def emitting_actions() -> Mapping[str, tuple[Operation, ...]]:
    """IAM action -> the operations it allows that put something where an event can start from, both
    in catalogue order.
    """
    found: dict[str, tuple[Operation, ...]] = {}
    for service in load("services")["emitters"]:
        for name, row in _rows(service)["operations"].items():
            if "emits" in row and "name" not in row:
                emitter = operation(service, name)
                for action in emitter.actions:
                    found[action] = (*found.get(action, ()), emitter)
    return MappingProxyType(found)


def prefix(service: str) -> str:
    """The prefix of the service's IAM actions: `states` for `stepfunctions`."""
    return str(load("services")["services"].get(service, {}).get("prefix", service))


@functools.cache
def is_service(service: str) -> bool:
    """Whether the catalogue knows a service with this boto3 client."""
    # Any other name of one word may as well be that of a class of the handler's own.
    return (
        service in load("services")["services"]
        or service in load("sdk_names")["hyphenated"]
        or bool(_rows(service))
    )


def service_of_client(name: str) -> str:
    """The service of the boto3 client asked for by this name, an old one among them."""
    return str(load("sdk_names")["aliases"].get(name, name))


@functools.cache
def method(name: str) -> str:
    """The operation that a boto3 client's method calls: `PutObject` for `put_object`,
    `CreateDBSnapshot` for `create_db_snapshot`.
    """
    return str(load("sdk_names")["names"].get(name) or spelled(name))


def spelled(name: str) -> str:
    """The operation that a method is named after, by the words of its name alone."""
    words = load("services")["words"]
    return "".join(words.get(word) or word[:1].upper() + word[1:] for word in name.split("_"))


@functools.cache
def service_of_package(package: str) -> str:
    """The service of the JavaScript SDK v3's `@aws-sdk/client-<package>`; its hyphens may be left
    out.
    """
    return _by_package().get(package) or _by_class().get(package, package)


@functools.cache
def service_of_class(name: str) -> str:
    """The service of the JavaScript SDK v2's class `AWS.<name>`, or of v3's `<name>Client`."""
    squashed = name.lower()
    return _by_class().get(squashed, squashed)


@functools.cache
def _by_package() -> dict[str, str]:
    return {
        package: service
        for service, row in load("services")["services"].items()
        for package in _listed(row.get("package", []))
    }


@functools.cache
def _by_class() -> dict[str, str]:
    found: dict[str, str] = {}
    for service, row in load("services")["services"].items():
        for name in (service, *_listed(row.get("package", [])), *_listed(row.get("class", []))):
            found.setdefault(name.replace("-", "").lower(), service)
    for service in load("sdk_names")["hyphenated"]:
        found.setdefault(service.replace("-", ""), service)
    return found


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@functools.cache
def _rows(service: str) -> dict[str, Any]:
    if not re.fullmatch(r"[a-z0-9-]+", service):
        return {}
    try:
        rows: dict[str, Any] = load(f"operations/{service}")
    except FileNotFoundError:
        return {}
    return rows


def _actions(service: str, action: str | list[str]) -> tuple[str, ...]:
    return tuple(name if ":" in name else f"{prefix(service)}:{name}" for name in _listed(action))


def _target(row: Mapping[str, Any], of_service: Mapping[str, Any] | None) -> Target | None:
    if row.get("target") == "none":
        return None
    if "at" not in row and of_service is None:
        return None
    here = row if "types" in row or of_service is None else {**of_service, **row}
    at = row.get("at") or (of_service or {}).get("at", "")
    default = here.get("default", "") if "at" not in row or "default" in row else ""
    return Target(
        tuple(here.get("types", ())),
        at,
        default,
        tuple(here.get("named", ())),
        here.get("granted", ""),
        here.get("within", ""),
    )


def _effect(name: str, of_service: list[list[str]]) -> str:
    for effect, pattern in (*of_service, *load("services")["effects"]):
        if patterns.holds(pattern, name):
            return str(effect)
    return "write"

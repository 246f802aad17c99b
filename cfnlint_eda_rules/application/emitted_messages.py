"""The message an effect puts where it goes, as far as the call's arguments tell: what filters on
the way will look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.effects import Effect
from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.handler_values import filled_in
from cfnlint_eda_rules.application.http_calls import HttpCall
from cfnlint_eda_rules.application.links import Link, LinkRole
from cfnlint_eda_rules.application.messages import UNKNOWN_MESSAGE, Message, record, sent_event
from cfnlint_eda_rules.application.requests import at, plain
from cfnlint_eda_rules.application.workflows import at_run_time
from cfnlint_eda_rules.catalogue.operations import Emits, operation
from cfnlint_eda_rules.handlers.symbolic_values import (
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
    alternatives,
)
from cfnlint_eda_rules.template.intrinsics import intrinsic

Part: TypeAlias = Callable[[str], Value | None]
"""Gives a named part of an emitting call's request (catalogue/operations), or None where the
request leaves it out.
"""

_EMPTY = Record(())
_DEPTH = 12
_WRITTEN = ("s3:ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload")
_SERVICE_DELETES = Record(
    (("type", Literal("Service")), ("principalId", Literal("dynamodb.amazonaws.com")))
)
_TYPE_KEYS = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})


def of_effect(
    deployment: Deployment,
    function: LambdaFunction,
    effect: Effect,
    event_fields: Mapping[tuple[str, ...], Value],
) -> tuple[Message, ...]:
    """The messages of an emitting effect, in the format of the resource it goes to: one for each
    thing that happens, which may be none.
    """
    emits = effect.operation.emits
    assert emits is not None
    format = deployment.message_format(effect.target) or deployment.format_of_types(
        effect.operation.target.types if effect.operation.target else ()
    )
    if effect.call is None and format == "eventbridge":
        return (sent_event(Unknown(), Unknown(), Unknown()),)
    happenings = _happenings(deployment, effect, emits)
    if effect.call is None:
        return tuple(
            Message(format, events=events, key=effect.key, bucket=str(effect.target))
            for events in happenings
        )
    if emits_nothing(effect):
        return ()

    def part(name: str) -> Value | None:
        path = emits.content.get(name) if name != "key" else emits.key or emits.content.get(name)
        found = at(effect.request, path) if path else ()
        if not found:
            return None
        return filled_in(
            deployment, function, found[0] if len(found) == 1 else OneOf(found), event_fields
        )

    return tuple(
        message
        for events in happenings
        for message in _messages(deployment, effect.target, format, events, part, emits)
    )


def emits_nothing(effect: Effect) -> bool:
    """Whether the call's own parameters keep it from doing anything (a dry run)."""
    emits = effect.operation.emits
    return emits is None or any(
        _is_any_of(at(effect.request, parameter), values)
        for parameter, values in emits.unless.items()
    )


def of_task(deployment: Deployment, link: Link) -> tuple[Message, ...]:
    """The messages of a state machine's task, as far as its arguments in the definition tell."""
    known = operation(link.service, link.operation) if link.operation else None
    if known is None or known.emits is None:
        return (UNKNOWN_MESSAGE,)
    emits, request, format = (
        known.emits,
        _argument(deployment, link.content),
        deployment.message_format(link.target),
    )

    def part(name: str) -> Value | None:
        path = emits.content.get(name) if name != "key" else emits.key or emits.content.get(name)
        found = at(request, path) if path else ()
        return (found[0] if len(found) == 1 else OneOf(found)) if found else None

    effect = Effect("", known, link.target, Evidence.CONFIGURED, "", request=request)
    happenings = _happenings(deployment, effect, emits)
    return tuple(
        message
        for events in happenings
        for message in _messages(deployment, link.target, format, events, part, emits)
    )


def _argument(deployment: Deployment, value: Any, depth: int = 0) -> Value:
    """A task's argument as a value; what the machine works out when it runs is unknown."""
    if depth > _DEPTH or at_run_time(value):
        return Unknown()
    if isinstance(value, Mapping) and intrinsic(value) is None:
        entries = ((str(name), inner) for name, inner in value.items())
        return Record(
            tuple(
                (
                    name.removesuffix(".$"),
                    Unknown() if name.endswith(".$") else _argument(deployment, inner, depth + 1),
                )
                for name, inner in entries
            )
        )
    if isinstance(value, list):
        return Items(tuple(_argument(deployment, inner, depth + 1) for inner in value))
    return deployment.leaf(value)


def _messages(
    deployment: Deployment,
    target: Any,
    format: str,
    events: tuple[str, ...],
    part: Part,
    emits: Emits,
) -> Iterator[Message]:
    match format:
        case "s3":
            yield Message(
                format, events=events, key=part("key") if emits.key else None, bucket=str(target)
            )
        case "eventbridge":
            yield sent_event(part("source"), part("detail-type"), part("detail"), part("resources"))
        case "eventsv2":
            raw = "data" in emits.content
            envelope = sent_event(
                part("source"), part("detail-type"), part("detail"), part("resources")
            ).content
            yield Message(
                format,
                record(
                    data=(part("data") or Unknown()) if raw else envelope,
                    metadata=part("metadata") or _EMPTY,
                ),
            )
        case "sns":
            attributes = _attributes(part("attributes"), "StringValue")
            yield Message(
                format,
                Record(
                    (("Message", part("message") or Unknown()), ("MessageAttributes", attributes))
                ),
            )
        case "sqs":
            attributes = _attributes(part("attributes"), "StringValue")
            yield Message(format, record(body=part("body"), messageAttributes=attributes))
        case "kinesis":
            yield Message(format, record(data=part("data"), partitionKey=part("partitionKey")))
        case "dynamodb":
            yield from _changes(deployment, target, events, part)
        case _:
            named = ((name, part(name)) for name in emits.content)
            yield Message(
                format,
                Record(
                    tuple((name, value) for name, value in named if value is not None), partial=True
                ),
                events=events,
            )


def _is_any_of(found: tuple[Value, ...], values: list[str]) -> bool:
    return bool(found) and all(
        isinstance(value, Literal) and value.value in values for value in found
    )


def _happenings(
    deployment: Deployment, effect: Effect, emits: Emits
) -> tuple[tuple[str, ...], ...]:
    """What happens, each as the event types it may be: `A+B,C` is A, and B or C. An empty one is a
    plain message.
    """
    told = [emits.event]
    if effect.call is not None or effect.evidence == Evidence.CONFIGURED:
        held = [event for place, event in emits.by.items() if at(effect.request, place)]
        told = held or told
        statement = (
            at(effect.request, effect.operation.statement.rpartition(".")[2]) if emits.verbs else ()
        )
        words = {
            plain(value).split(maxsplit=1)[0].lower() for value in statement if plain(value).strip()
        }
        if len(words) == 1 and (word := next(iter(words))) in emits.verbs:
            told = [emits.verbs[word]]
        if held or words:
            told = [event for event in told if event]
    if emits.versioned:
        told = [_removal(deployment, effect, emits)]
    return tuple(
        tuple(event.strip() for event in one.split(",") if event.strip())
        for events in dict.fromkeys(told)
        for one in events.split("+")
    )


def _removal(deployment: Deployment, effect: Effect, emits: Emits) -> str:
    """What a deletion is: of the object, of one version of it, or a marker in a bucket that keeps
    versions (Amazon S3 User Guide, "Deleting object versions from a versioning-enabled bucket").
    """
    resource = deployment.resources.get(effect.target) if isinstance(effect.target, str) else None
    if emits.version and at(effect.request, emits.version):
        return emits.event
    properties = resource.get("Properties", {}) if resource is not None else None
    versioning = (
        properties.get("VersioningConfiguration") if isinstance(properties, Mapping) else None
    )
    if resource is None or (effect.call is None and versioning is not None):
        return f"{emits.event},{emits.versioned}"
    if versioning is None:
        return emits.event
    status = (
        deployment.references.literal(versioning.get("Status"))
        if isinstance(versioning, Mapping)
        else None
    )
    return (
        emits.versioned
        if status in ("Enabled", "Suspended")
        else f"{emits.event},{emits.versioned}"
    )


def _attributes(value: Value | None, name: str) -> Value:
    """Message attributes as filters see them: name -> value. No attributes given are known to be
    none.
    """
    if value is None:
        return _EMPTY
    if not isinstance(value, Record):
        return Unknown()
    entries = []
    for attribute, described in value.entries:
        text = described.get(name) if isinstance(described, Record) else None
        entries.append((attribute, text if text is not None else Unknown()))
    return Record(tuple(entries), value.partial)


def _changes(
    deployment: Deployment, table: Any, events: tuple[str, ...], part: Part
) -> Iterator[Message]:
    """DynamoDB stream records (DynamoDB Developer Guide, "Change data capture"): a write whose
    condition asks for an existing item modifies it, one that asks for a missing item inserts it. An
    item written with the attribute of the table's time to live is removed by the service later,
    which is a change as well ("DynamoDB Streams and Time to Live").
    """
    condition = part("condition")
    if isinstance(condition, Literal) and isinstance(condition.value, str) and len(events) > 1:
        if "attribute_not_exists" in condition.value:
            events = tuple(event for event in events if event == "INSERT")
        elif "attribute_exists" in condition.value:
            events = tuple(event for event in events if event == "MODIFY")
    if events == ("REMOVE",):
        yield Message("dynamodb", record(eventName=None), events=events)
        return
    images = [
        _typed_image(image)
        for image in alternatives(part("item") or _EMPTY)
        if isinstance(image, Record) and image.entries
    ]
    if not images and (changed := tuple(_assignments(part))):
        images = [Record(changed, partial=True)]
    new_image = (images[0] if len(images) == 1 else OneOf(tuple(images))) if images else None
    yield Message(
        "dynamodb", record(eventName=None, dynamodb=record(NewImage=new_image)), events=events
    )
    expiry = _time_to_live(deployment, table)
    for image in images:
        if expiry is not None and image.get(expiry) is not None:
            content = record(userIdentity=_SERVICE_DELETES, dynamodb=record(OldImage=image))
            yield Message("dynamodb", content, events=("REMOVE",))


def _time_to_live(deployment: Deployment, table: Any) -> str | None:
    """The attribute that tells when an item of the table expires; None where nothing expires."""
    resource = deployment.resources.get(table) if isinstance(table, str) else None
    properties = resource.get("Properties") if resource is not None else None
    setting = properties.get("TimeToLiveSpecification") if isinstance(properties, Mapping) else None
    if (
        not isinstance(setting, Mapping)
        or deployment.references.literal(setting.get("Enabled", True)) == "false"
    ):
        return None
    return deployment.references.literal(setting.get("AttributeName"))


def _assignments(part: Part) -> Iterator[tuple[str, Value]]:
    """(attribute, typed value) of the `SET name = :value` clauses of an update expression."""
    expression, names, values = part("update"), part("names"), part("values")
    if (
        not isinstance(expression, Literal)
        or not isinstance(expression.value, str)
        or not isinstance(values, Record)
    ):
        return
    text = expression.value
    at_set = text.upper().find("SET ")
    if at_set < 0:
        return
    for clause in text[at_set + 4 :].split(","):
        name, _, placeholder = (piece.strip() for piece in clause.partition("="))
        words = placeholder.split()
        value = values.get(words[0]) if len(words) >= 1 else None
        alias = names.get(name) if isinstance(names, Record) else None
        if isinstance(alias, Literal):
            name = str(alias.value)
        if value is not None and name.isidentifier():
            yield name, _typed(value)


def _typed_image(image: Record) -> Record:
    if image.entries and all(_is_typed(value) for _, value in image.entries):
        return image
    return Record(tuple((name, _typed(value)) for name, value in image.entries), image.partial)


def _is_typed(value: Value) -> bool:
    return (
        isinstance(value, Record) and len(value.entries) == 1 and value.entries[0][0] in _TYPE_KEYS
    )


def _typed(value: Value) -> Value:
    """A plain value in the stream's attribute notation (`{"S": "text"}`), which document clients
    and boto3 tables leave out.
    """
    if _is_typed(value):
        return value
    match value:
        case Literal(bool() as known):
            return Record((("BOOL", Literal(known)),))
        case Literal(int() | float() as known):
            return Record((("N", Literal(str(known))),))
        case Literal(str()):
            return Record((("S", value),))
        case Record():
            return Record((("M", _typed_image(value)),))
        case Items(items):
            return Record((("L", Items(tuple(_typed(item) for item in items), value.partial)),))
        case OneOf(options):
            return OneOf(tuple(_typed(option) for option in options))
    return Unknown()


def written(prefix: Value | None, target: str) -> Message:
    """The object that a service writes to a bucket for what it got: a new key that begins with
    `prefix` (None: nothing is known of it).
    """
    key: Value = Unknown() if prefix is None else Text((prefix, Unknown()))
    return Message("s3", events=_WRITTEN, key=key, bucket=target)


def piped(deployment: Deployment, link: Link) -> Message:
    """The event that a pipe puts on a bus, as far as its target parameters tell (EventBridge Pipes
    Reference, PipeTargetEventBridgeEventBusParameters); a field can be a path into what the pipe
    carries.
    """

    def field(name: str) -> Value:
        value = (
            deployment.leaf(link.content.get(name))
            if isinstance(link.content, Mapping) and link.content.get(name)
            else Unknown()
        )
        return (
            Unknown() if isinstance(value, Literal) and str(value.value).startswith("$.") else value
        )

    return sent_event(field("Source"), field("DetailType"), Unknown())


def result_of(role: LinkRole, format: str) -> Message:
    """What a function's destination or dead letter gets: the invocation
    record (Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations").
    """
    outcome = "Failure" if role == LinkRole.FAILURE else "Success"
    match format:
        case "eventbridge":
            return sent_event(
                Literal("lambda"),
                Literal(f"Lambda Function Invocation Result - {outcome}"),
                Unknown(),
            )
        case "sns":
            return Message(format, Record((("Message", Unknown()), ("MessageAttributes", _EMPTY))))
    return Message(format)


def requested(deployment: Deployment, request: HttpCall) -> Message:
    """What arrives where a request leads: at a route the name of its function, at what a resolver
    works on a change of which nothing more is known.
    """
    if request.target in deployment.functions:
        return Message("http", record(function=Literal(str(request.target))))
    match deployment.message_format(request.target):
        case "dynamodb":
            return Message("dynamodb", events=("INSERT", "MODIFY"))
        case "eventbridge":
            return sent_event(Unknown(), Unknown(), Unknown())
        case format:
            return Message(format)

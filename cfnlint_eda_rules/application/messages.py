"""What travels on the event flow: a message, as far as the emitting call and the relays it passed
tell.
"""

from __future__ import annotations

from dataclasses import replace

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.symbolic_values import (
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
)
from cfnlint_eda_rules.records import dataclass

NO_FIELDS_KNOWN = Record((), partial=True)

ANYTHING = Unknown("*")
"""The value of a field that is always there and that no author filters on to tell emissions apart
(account, region, id, time).
"""

OUTCOME = Unknown("outcome")
"""The value of a field that the service decides: it can come to be anything, or not be there, so
that no filter on it tells messages apart.
"""

OTHERWISE = "\uf8ff"
"""The name of an entry that stands for all fields that a record does not name."""

_SNS_ENVELOPE = (
    "Type",
    "MessageId",
    "TopicArn",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertURL",
    "UnsubscribeURL",
)
_DEEPEST = 8
_ENVELOPE = ("version", "id", "time", "account", "region")


@dataclass(frozen=True, slots=True)
class Message:
    """One message or change on its way.

    `format`     what it looks like where it now is: "s3", "eventbridge", "sqs", "sns", "kinesis",
               "dynamodb", "invocation", "log", "iot".
    `events`   the event types it may be ("s3:ObjectCreated:Put"; "INSERT", "MODIFY"); which of them
               is not known. Empty: not applicable.
    `key`      the S3 object key.
    `bucket`   the logical id (or text) of the bucket an S3 event comes from; `name` the name that
               it declares.
    `read_only` the record of a call that only reads: EventBridge gives it to rules that ask for
               such records alone.
    `content`  the fields a filter can look at, in the shape of `format`: the EventBridge event;
               `body` and `messageAttributes` of a queue's
               message; `Message` and `MessageAttributes` of a topic's; `data` of a stream's record;
               `dynamodb` of a change; `topic` of IoT.
    """

    format: str
    content: Record = NO_FIELDS_KNOWN
    events: tuple[str, ...] = ()
    key: Value | None = None
    bucket: str = ""
    name: Value | None = None
    read_only: bool = False


UNKNOWN_MESSAGE = Message("unknown")


def unknown_content(message: Message) -> Message:
    """The message without what is known of its content."""
    return Message(message.format, events=message.events, bucket=message.bucket)


def record(**fields: Value | None) -> Record:
    """A partial record of the fields that are given; `_` in a name stands for `-`."""
    return Record(
        tuple(
            (name.replace("_", "-"), value) for name, value in fields.items() if value is not None
        ),
        partial=True,
    )


def open_ended(value: Value, depth: int = 0) -> Value:
    """The value, whose records may come to hold anything where they name nothing."""
    match value:
        case Record(entries) if depth <= _DEEPEST:
            named = tuple((name, open_ended(inner, depth + 1)) for name, inner in entries)
            return Record((*named, (OTHERWISE, OUTCOME)), partial=True)
        case Items(items, partial):
            return Items(tuple(open_ended(item, depth + 1) for item in items), partial)
        case OneOf(options):
            return OneOf(tuple(open_ended(option, depth + 1) for option in options))
    return value


def service_event(
    source: str, detail_type: str, detail: Value, *, read_only: bool = False
) -> Message:
    """An event that AWS itself sends to the default event bus."""
    return replace(
        sent_event(Literal(source), Literal(detail_type), detail, Unknown()), read_only=read_only
    )


def as_event(message: Message) -> Message:
    """The message as the EventBridge event that carries it.

    S3's event types, their names on EventBridge and their reasons: Amazon S3 User Guide,
    "EventBridge event message structure".
    """
    if message.format == "eventbridge":
        return message
    envelope: list[tuple[str, Value]] = [(name, ANYTHING) for name in _ENVELOPE]
    if message.format == "s3":
        known = load("s3_events")
        kinds = {event.split(":")[1] for event in message.events if event.count(":") >= 1}
        reasons = {known["reasons"].get(event.removeprefix("s3:")) for event in message.events}
        detail_types = sorted(
            known["detail_types"][kind] for kind in kinds if kind in known["detail_types"]
        )
        detail = record(
            bucket=Record((("name", _bucket_name(message)),), partial=True),
            object=Record((("key", message.key or Unknown()),), partial=True),
            reason=Literal(next(iter(reasons)))
            if len(reasons) == 1 and None not in reasons
            else None,
        )
        envelope.append(("source", Literal("aws.s3")))
        envelope.append(
            ("detail-type", Literal(detail_types[0]) if len(detail_types) == 1 else Unknown())
        )
        envelope.append(("detail", detail))
    return Message(
        "eventbridge",
        Record(tuple(envelope), partial=True),
        key=message.key,
        bucket=message.bucket,
        events=message.events,
    )


def sent_event(
    source: Value | None,
    detail_type: Value | None,
    detail: Value | None,
    resources: Value | None = None,
) -> Message:
    """The event of one PutEvents entry (EventBridge API Reference, PutEventsRequestEntry): a field
    the entry leaves out is not in the event.
    """
    fields: list[tuple[str, Value]] = [(name, ANYTHING) for name in _ENVELOPE]
    for name, value in (
        ("source", source),
        ("detail-type", detail_type),
        ("detail", detail),
        ("resources", resources),
    ):
        if value is not None:
            fields.append((name, value))
    return Message("eventbridge", Record(tuple(fields), partial=detail is None))


def _notification(message: Message) -> Value:
    """The JSON document a service puts in a queue's or topic's message when it delivers `message`
    there.
    """
    if message.format == "s3":
        s3 = record(
            bucket=record(name=_bucket_name(message)), object=record(key=message.key or Unknown())
        )
        names = {event.removeprefix("s3:") for event in message.events}
        event_name: Value = Literal(next(iter(names))) if len(names) == 1 else Unknown()
        return record(
            Records=Items((record(eventSource=Literal("aws:s3"), eventName=event_name, s3=s3),))
        )
    return message.content


def _bucket_name(message: Message) -> Value:
    """The bucket's name as a filter can spell it: by reference, or by the name that the bucket
    declares.
    """
    referred = Unknown(f"resource:{message.bucket}")
    return OneOf((referred, message.name)) if message.name is not None else referred


def _wrapped(message: Value) -> Value:
    """What a topic sends to a queue (SNS Developer Guide, "Parsing Amazon SNS message formats"):
    the message itself is a text in it.
    """
    text = message if isinstance(message, Literal | Text) else Unknown()
    fields = [("Message", text), ("Subject", Unknown()), ("MessageAttributes", Unknown())]
    return Record((*fields, *((name, ANYTHING) for name in _SNS_ENVELOPE)))


def _bounded(value: Value, depth: int = _DEEPEST) -> Value:
    """The value without what lies too deep in it: relays in a circle wrap a message again and
    again.
    """
    match value:
        case Record(entries, partial):
            if depth == 0:
                return Unknown()
            return Record(
                tuple((name, _bounded(inner, depth - 1)) for name, inner in entries), partial
            )
    return value


def delivered(message: Message, format: str, *, raw: bool = False) -> Message:
    """The message as it looks after delivery to a resource of that format.

    A topic wraps what it delivers to a queue in `Message` unless raw delivery is on (SNS Developer
    Guide, "raw message delivery").
    """
    if format == message.format or message.format == "unknown":
        return replace(message, format=format) if message.format == "unknown" else message
    match format:
        case "eventbridge":
            return as_event(message)
        case "sqs" if message.format == "sns":
            body = message.content.get("Message") or Unknown()
            attributes = message.content.get("MessageAttributes")
            if raw:
                return replace(
                    message, format=format, content=record(body=body, messageAttributes=attributes)
                )
            return replace(message, format=format, content=record(body=_wrapped(body)))
        case "sqs":
            return replace(
                message, format=format, content=record(body=_bounded(_notification(message)))
            )
        case "sns":
            content = Record(
                (("Message", _bounded(_notification(message))), ("MessageAttributes", Record(())))
            )
            return replace(message, format=format, content=content)
        case "kinesis":
            return replace(
                message, format=format, content=record(data=_bounded(_notification(message)))
            )
    return Message(format, events=())

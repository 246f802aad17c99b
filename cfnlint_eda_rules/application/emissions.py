"""The message an activity puts where it goes, as far as the call's arguments tell: what filters on the way will look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from cfnlint_eda_rules.application.activities import Activity, at, filled_in
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.messages import Message, record, sent_event
from cfnlint_eda_rules.handlers.values import Items, Literal, OneOf, Record, Unknown, Value

if TYPE_CHECKING:
    from cfnlint_eda_rules.application.model import Application

Part: TypeAlias = Callable[[str], Value | None]
"""Gives a named part of an emitting call's request (catalogue/operations), or None where the request leaves it out."""

_EMPTY = Record(())
_TYPE_KEYS = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})


def of_activity(
    application: Application, function: LambdaFunction, activity: Activity, event_fields: Mapping[tuple[str, ...], Value]
) -> Message:
    """The message of an emitting activity, in the form of the resource it goes to."""
    emits = activity.operation.emits
    assert emits is not None
    form = application.form(activity.target) or application.form_of_types(
        activity.operation.target.types if activity.operation.target else ()
    )
    events = tuple(event for event in emits.event.split(",") if event)
    if activity.call is None and form == "eventbridge":
        return sent_event(Unknown(), Unknown(), Unknown())
    if activity.call is None:
        return Message(form, events=events, key=activity.key, bucket=str(activity.target))

    def part(name: str) -> Value | None:
        path = emits.content.get(name)
        found = at(activity.request, path) if path else ()
        if not found:
            return None
        return filled_in(application, function, found[0] if len(found) == 1 else OneOf(found), event_fields)

    match form:
        case "s3":
            keys = at(activity.request, emits.key) if emits.key else ()
            key = filled_in(application, function, keys[0] if len(keys) == 1 else OneOf(keys), event_fields) if keys else None
            return Message(form, events=events, key=key, bucket=str(activity.target))
        case "eventbridge":
            return sent_event(part("source"), part("detail-type"), part("detail"), part("resources"))
        case "sns":
            attributes = _attributes(part("attributes"), "StringValue")
            return Message(form, Record((("Message", part("message") or Unknown()), ("MessageAttributes", attributes))))
        case "sqs":
            attributes = _attributes(part("attributes"), "StringValue")
            return Message(form, record(body=part("body"), messageAttributes=attributes))
        case "kinesis":
            return Message(form, record(data=part("data"), partitionKey=part("partitionKey")))
        case "dynamodb":
            return _change(events, part)
    return Message(form, events=events)


def _attributes(value: Value | None, name: str) -> Value:
    """Message attributes as filters see them: name -> value. No attributes given are known to be none."""
    if value is None:
        return _EMPTY
    if not isinstance(value, Record):
        return Unknown()
    entries = []
    for attribute, described in value.entries:
        text = described.get(name) if isinstance(described, Record) else None
        entries.append((attribute, text if text is not None else Unknown()))
    return Record(tuple(entries), value.partial)


def _change(events: tuple[str, ...], part: Part) -> Message:
    """A DynamoDB stream record (DynamoDB Developer Guide, "Change data capture"): a write whose condition asks for an existing
    item modifies it, one that asks for a missing item inserts it."""
    condition = part("condition")
    if isinstance(condition, Literal) and isinstance(condition.value, str) and len(events) > 1:
        if "attribute_not_exists" in condition.value:
            events = tuple(event for event in events if event == "INSERT")
        elif "attribute_exists" in condition.value:
            events = tuple(event for event in events if event == "MODIFY")
    image = part("item")
    new_image = _typed_image(image) if isinstance(image, Record) else None
    if new_image is None and (changed := tuple(_assignments(part))):
        new_image = Record(changed, partial=True)
    return Message("dynamodb", record(eventName=None, dynamodb=record(NewImage=new_image)), events=events)


def _assignments(part: Part) -> Iterator[tuple[str, Value]]:
    """(attribute, typed value) of the `SET name = :value` clauses of an update expression."""
    expression, names, values = part("update"), part("names"), part("values")
    if not isinstance(expression, Literal) or not isinstance(expression.value, str) or not isinstance(values, Record):
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
    return isinstance(value, Record) and len(value.entries) == 1 and value.entries[0][0] in _TYPE_KEYS


def _typed(value: Value) -> Value:
    """A plain value in the stream's attribute notation (`{"S": "text"}`), which document clients and boto3 tables leave out."""
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


def result_of(role: str, form: str) -> Message:
    """What a function's destination ("destination") or dead letter ("failure") gets: the invocation record
    (Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations")."""
    outcome = "Failure" if role == "failure" else "Success"
    match form:
        case "eventbridge":
            return sent_event(Literal("lambda"), Literal(f"Lambda Function Invocation Result - {outcome}"), Unknown())
        case "sns":
            return Message(form, Record((("Message", Unknown()), ("MessageAttributes", _EMPTY))))
    return Message(form)

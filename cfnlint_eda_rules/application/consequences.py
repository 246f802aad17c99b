"""What AWS does elsewhere because of a call, beside what the call puts at its own target.

- Its record by CloudTrail is an event on the default event bus, and a line in a trail's log files.
- The service tells the default event bus what came of it (`catalogue/service_events.yaml`).
- A started job writes its results where the request says (`catalogue/job_results.yaml`).
- A changed configuration is looked at by AWS Config (`catalogue/config_resources.yaml`).
- A bucket with server access logging logs each request to it (Amazon S3 User Guide, "Logging
  requests using server access logging").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from cfnlint_eda_rules.application.aliases import follow
from cfnlint_eda_rules.application.deployment import Deployment, value_of_part
from cfnlint_eda_rules.application.effects import Effect, Effects
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.handler_values import filled_in, resolved, texts
from cfnlint_eda_rules.application.links import LinkRole
from cfnlint_eda_rules.application.messages import (
    OUTCOME,
    Message,
    open_ended,
    record,
    service_event,
)
from cfnlint_eda_rules.application.requests import at, plain, within
from cfnlint_eda_rules.application.trails import ApiCall, Trail, recorded, trails
from cfnlint_eda_rules.catalogue import patterns
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import EffectKind
from cfnlint_eda_rules.handlers.symbolic_values import (
    Environment,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
    alternatives,
)
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions
from cfnlint_eda_rules.template.conditions import all_of as together
from cfnlint_eda_rules.template.jsonpath import find
from cfnlint_eda_rules.template.references import External, Reference
from cfnlint_eda_rules.template.symbolic_text import Parts

Row = Mapping[str, Any]

DEFAULT_BUS = External("event-bus/default")
CONFIGURATION = External("AWS Config")
_BUCKET = ("AWS::S3::Bucket",)
_CREATED = ("s3:ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload")
_URI = r"s3[a-z0-9-]*://"
_MOST = 2000


@dataclass(frozen=True, slots=True)
class Consequence:
    """A message that arrives at a place because of a call; `how` says it after the call's own
    evidence.
    """

    place: str | External
    message: Message
    how: str
    conditions: Conditions = ALWAYS


class Consequences:
    """The consequences of calls in one deployment, as far as something is delivered from the place
    they arrive at (`heard`).
    """

    def __init__(
        self, deployment: Deployment, effects: Effects, heard: Collection[str | External]
    ) -> None:
        self._deployment = deployment
        self._effects = effects
        self._heard = heard

    @cached_property
    def _trails(self) -> tuple[Trail, ...]:
        return trails(self._deployment)

    def of(
        self,
        function: LambdaFunction,
        effect: Effect,
        event_fields: Mapping[tuple[str, ...], Value],
    ) -> Iterator[Consequence]:
        """The consequences of what a function does, without those that nobody hears of."""
        given = (
            Record(tuple(effect.call.arguments.items()), partial=True)
            if effect.call is not None
            else effect.request
        )
        request = filled_in(self._deployment, function, given, event_fields)
        key_at = effect.operation.emits.key if effect.operation.emits else ""
        keys = at(effect.request, key_at or "$.Key") if effect.call is not None else ()
        key = filled_in(self._deployment, function, keys[0], event_fields) if keys else effect.key
        known = effect.operation
        call = ApiCall(known.service, known.name, known.effect, request, effect.target, key)
        yield from self._of_call(call)
        if effect.call is not None:
            started = replace(call, name=effect.call.operation, request=given)
            yield from self._heard_of(self._results(function, started))
            yield from self._heard_of(self._redriven(function, replace(call, request=given)))

    def of_invocation(self, function_id: str) -> Iterator[Consequence]:
        """The consequences of the function's being invoked at all, by whoever does it."""
        call = ApiCall("lambda", "Invoke", EffectKind.INVOKE, Record((), partial=True), function_id)
        yield from self._heard_of(self._records(call))

    def of_execution(self, machine: str) -> Iterator[Consequence]:
        """What Step Functions says of each execution of a state machine."""
        call = ApiCall(
            "stepfunctions", "StartExecution", EffectKind.START, Record((), partial=True), machine
        )
        if not self._express(machine):
            yield from self._heard_of(self._announcements(call))

    # ----------------------------------------------------------------------------------------------

    def _heard_of(self, found: Iterator[Consequence]) -> Iterator[Consequence]:
        for _, consequence in zip(range(_MOST), found, strict=False):
            if consequence.place in self._heard:
                yield consequence

    def _of_call(self, call: ApiCall) -> Iterator[Consequence]:
        if not call.recorded:
            return
        yield from self._heard_of(self._records(call))
        if DEFAULT_BUS in self._heard and not (
            call.service == "stepfunctions" and self._is_machine(call.target)
        ):
            yield from self._announcements(call)
        yield from self._heard_of(self._configuration_changes(call))
        yield from self._heard_of(self._access_logs(call))

    def _is_machine(self, target: str | External | None) -> bool:
        """Whether the executions of a machine speak for themselves."""
        return isinstance(target, str) and target in self._deployment.state_machines

    def _express(self, machine: str) -> bool:
        """Express workflows send no status changes.

        https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
        """
        properties = self._deployment.resources[machine].get("Properties")
        literal = self._deployment.references.literal
        return any(
            literal(found.value) == "EXPRESS"
            for name in ("StateMachineType", "Type")
            for found in find(name, properties)
        )

    def _records(self, call: ApiCall) -> Iterator[Consequence]:
        if not call.data_event:
            yield Consequence(DEFAULT_BUS, recorded(call), ", which CloudTrail records")
            return
        for trail in self._trails:
            for conditions in trail.selecting(call):
                how = f", which {trail.logical_id} records"
                yield Consequence(DEFAULT_BUS, recorded(call), how, conditions)
                for delivery in trail.deliveries:
                    held = together(conditions, delivery.conditions)
                    if held is not None:
                        how = f", which {trail.logical_id} logs"
                        yield Consequence(delivery.place, delivery.message, how, held)

    def _announcements(self, call: ApiCall) -> Iterator[Consequence]:
        for row in _rows("service_events", call):
            if not all(
                _is_one_of(at(call.request, place), wanted)
                for place, wanted in row.get("when", {}).items()
            ):
                continue
            entries = at(call.request, row["each"]) if "each" in row else ()
            for entry in entries or (call.request,):
                detail = self._described(row.get("detail", {}), entry, call)
                message = service_event(
                    row["source"],
                    row["detail_type"],
                    open_ended(detail) if row.get("kept") else detail,
                )
                how = f', of which the event "{row["detail_type"]}" tells'
                yield Consequence(DEFAULT_BUS, message, how)

    def _described(self, described: Any, request: Value, call: ApiCall) -> Value:
        """A part of an event's details, as the row describes it."""
        match described:
            case dict():
                fields = (
                    (name, self._described(inner, request, call))
                    for name, inner in described.items()
                )
                return Record(
                    tuple((name, value) for name, value in fields if value != _LEFT_OUT),
                    partial=True,
                )
            case list():
                return OneOf(tuple(Literal(outcome) for outcome in described))
            case "target":
                return self._named(call.target)
            case str() if described.startswith("$"):
                found = at(request, described)
                if not found:
                    return _LEFT_OUT
                return found[0] if len(found) == 1 else OneOf(found)
        return Literal(described)

    def _named(self, target: str | External | None) -> Value:
        if isinstance(target, str):
            return Unknown(f"resource:{target}")
        return Unknown() if target is None else Literal(target.text)

    def _configuration_changes(self, call: ApiCall) -> Iterator[Consequence]:
        kinds = set(_rows("config_resources", call))
        if not kinds or call.reads:
            return
        known: Value = OneOf(tuple(Literal(kind) for kind in sorted(kinds - {"*"})))
        if "*" in kinds:
            known = self._watched(call.service)
        how = ", a change that AWS Config records"
        yield Consequence(CONFIGURATION, Message("config", record(resourceType=known)), how)
        detail = record(
            messageType=Literal("ConfigurationItemChangeNotification"),
            configurationItem=open_ended(record(resourceType=known)),
            configurationItemDiff=OUTCOME,
        )
        event = service_event("aws.config", "Config Configuration Item Change", detail)
        yield Consequence(DEFAULT_BUS, event, how)

    def _watched(self, service: str) -> Value:
        """The resource types of a service that rules of the template look at: what a tag is put on
        is known by its identifier alone.
        """
        if service == "resourcegroupstaggingapi":
            return OUTCOME
        named = [
            Literal(kind)
            for link in self._deployment.links_from(CONFIGURATION)
            for pattern in (link.accepts.patterns if link.accepts is not None else ())
            for kinds in (pattern.values() if isinstance(pattern, Mapping) else ())
            for kind in (kinds if isinstance(kinds, list) else ())
            if isinstance(kind, str) and kind.lower().split("::")[1:2] == [service]
        ]
        return OneOf(tuple(named)) if named else Text((Literal("AWS::"), Unknown()))

    def _access_logs(self, call: ApiCall) -> Iterator[Consequence]:
        if call.service != "s3" or not isinstance(call.target, str):
            return
        properties = self._deployment.resources.get(call.target, {}).get("Properties")
        for logging in find("LoggingConfiguration", properties):
            prefixes = [
                self._deployment.leaf(found.value) for found in find("LogFilePrefix", logging.value)
            ]
            message = Message(
                "s3", events=("s3:ObjectCreated:Put",), key=Text((*prefixes[:1], Unknown()))
            )
            named = find("DestinationBucketName", logging.value)
            places = [
                (reference.target, together(logging.conditions, reference.conditions))
                for found in named
                for reference in self._deployment.references.resolve(found.value, *_BUCKET)
            ]
            for place, held in places if named else [(call.target, logging.conditions)]:
                if held is not None:
                    yield Consequence(place, message, f", which {call.target} logs", held)

    # ----------------------------------------------------------------------------------------------

    def _results(self, function: LambdaFunction | None, call: ApiCall) -> Iterator[Consequence]:
        for row in _rows("job_results", call):
            settled = False
            for place, key, held in self._locations(function, call, row):
                settled = settled or "of" in row
                for message in _written(row, place, key):
                    how = "" if row.get("direct") else ", whose results go there"
                    yield Consequence(place, message, how, held)
            if settled and self._enforced(call, row):
                return

    def _redriven(self, function: LambdaFunction, call: ApiCall) -> Iterator[Consequence]:
        """Dead letters that Amazon SQS moves back, to where they came from unless the call says
        where (Amazon SQS API Reference, StartMessageMoveTask).
        """
        if (call.service, call.name) != ("sqs", "StartMessageMoveTask"):
            return
        named = at(call.request, "$.DestinationArn")
        places = [
            (reference.target, reference.conditions)
            for value in named
            for reference in resolved(self._deployment, function, value, "AWS::SQS::Queue")
        ] or [
            (link.source, link.conditions)
            for link in self._deployment.links
            if not named and link.role == LinkRole.FAILURE and link.target == call.target
        ]
        for place, held in places:
            yield Consequence(place, Message("sqs"), ", which moves its messages back", held)

    def _locations(
        self, function: LambdaFunction | None, call: ApiCall, row: Row
    ) -> Iterator[tuple[str | External, Value | None, Conditions]]:
        """(place, what is known of the key, conditions) of what a row names."""
        if "of" in row:
            yield from self._declared(function, call, row)
            return
        for name, types in _KINDS.items():
            if name in row:
                for value in at(call.request, row[name]):
                    for reference in self._meant(function, value, types, call):
                        yield reference.target, self._key(call.request, row), reference.conditions
        for value in at(call.request, row["uri"]) if "uri" in row else ():
            for uri in _uris(value, row):
                yield from self._in_uri(function, uri, call)

    def _meant(
        self, function: LambdaFunction | None, value: Value, types: tuple[str, ...], call: ApiCall
    ) -> Iterator[Reference]:
        """The resources a value of a request means; where the source does not tell, those that the
        caller may write to.
        """
        found = [
            Reference(place, conditions)
            for reference in self._references(function, value, types)
            for place, conditions in follow(
                reference, self._deployment.resources, self._deployment.references
            )
        ]
        if not found and function is not None and types == _BUCKET:
            found = [
                Reference(grant.resource.target, grant.conditions)
                for grant in self._deployment.permissions.grants(
                    function.logical_id, "s3:PutObject"
                )
                if grant.resource is not None
            ]
        yield from dict.fromkeys(found)

    def _references(
        self, function: LambdaFunction | None, value: Value, types: tuple[str, ...]
    ) -> Iterator[Reference]:
        for option in alternatives(value):
            name = option.expression if isinstance(option, Unknown) else ""
            if name.startswith("resource:"):
                yield Reference(name.removeprefix("resource:"))
            elif function is not None:
                yield from resolved(self._deployment, function, option, *types)
            elif isinstance(option, Literal) and isinstance(option.value, str):
                yield from self._deployment.references.resolve(option.value, *types)

    def _in_uri(
        self, function: LambdaFunction | None, uri: Value, call: ApiCall
    ) -> Iterator[tuple[str | External, Value | None, Conditions]]:
        spelled = texts(self._deployment, function, uri) if function is not None else ()
        for parts, held in spelled:
            reference = self._deployment.references.match(parts, *_BUCKET, conditions=held)
            yield reference.target, _as_value(reference.rest), reference.conditions
        if spelled:
            return
        bucket = within(uri, rf"{_URI}(?P<name>[^/]+)")
        key = within(uri, rf"{_URI}[^/]+/(?P<name>.+)")
        # Without a text after the bucket's name, nothing is asked of the key.
        known = None if key == Unknown() else key
        for reference in self._meant(function, bucket, _BUCKET, call):
            yield reference.target, known, reference.conditions

    def _key(self, request: Value, row: Row) -> Value | None:
        places = [at(request, row[name]) for name in ("key", "prefix") if name in row]
        return next((found[0] for found in places if found), None)

    def _declared(
        self, function: LambdaFunction | None, call: ApiCall, row: Row
    ) -> Iterator[tuple[str | External, Value | None, Conditions]]:
        """The location that the resource says which the call works on."""
        for resource in self._worked_on(function, call, row["of"]):
            properties = self._deployment.resources[resource].get("Properties")
            for name in ("uri", "bucket"):
                for found in find(row[name], properties) if name in row else ():
                    for reference in self._deployment.references.resolve(found.value, *_BUCKET):
                        held = together(found.conditions, reference.conditions)
                        prefix = _as_value(reference.rest) if name == "uri" else None
                        for place in find(row["prefix"], properties) if "prefix" in row else ():
                            prefix = self._deployment.leaf(place.value)
                        if held is not None:
                            yield reference.target, prefix, held

    def _worked_on(
        self, function: LambdaFunction | None, call: ApiCall, where: Row
    ) -> Iterator[str]:
        types = tuple(where["types"])
        named = at(call.request, where["at"]) or (
            (Literal(where["default"]),) if "default" in where else ()
        )
        for value in named:
            for reference in self._references(function, value, types):
                place = reference.target
                if self._deployment.type_of(place) not in types or not isinstance(place, str):
                    continue
                if "then" not in where:
                    yield place
                    continue
                properties = self._deployment.resources[place].get("Properties")
                for found in find(where["then"]["at"], properties):
                    for inner in self._deployment.references.resolve(
                        found.value, *where["then"]["types"]
                    ):
                        if isinstance(inner.target, str) and self._deployment.type_of(inner.target):
                            yield inner.target

    def _enforced(self, call: ApiCall, row: Row) -> bool:
        """Whether the location of the resource is used whatever the request says."""
        location = row.get("enforced")
        if location is None:
            return False
        resources = self._worked_on(None, call, row["of"])
        settings = [
            self._deployment.references.literal(found.value)
            for resource in resources
            for found in find(location, self._deployment.resources[resource].get("Properties"))
        ]
        return "false" not in settings


_LEFT_OUT = Unknown("left out")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "bucket": _BUCKET,
    "topic": ("AWS::SNS::Topic",),
    "stream": ("AWS::Kinesis::Stream",),
}


def _rows(catalogue: str, call: ApiCall) -> Iterator[Any]:
    """The rows of a catalogue that are about a call: those of its service and those of all."""
    data = load(catalogue)
    for service in (call.service, "*"):
        for pattern, rows in data.get(service, {}).items():
            if patterns.fits(pattern, call.name):
                yield from rows


def _is_one_of(found: tuple[Value, ...], wanted: list[Any]) -> bool:
    return any(isinstance(value, Literal) and value.value in wanted for value in found)


def _as_value(rest: Parts) -> Value | None:
    """The key in the rest of a bucket's URI."""
    parts = [value_of_part(part) for part in rest]
    if parts and isinstance(parts[0], Literal):
        parts[0] = Literal(str(parts[0].value).removeprefix("/"))
    return Text(tuple(parts)) if parts else None


def _uris(value: Value, row: Row) -> Iterator[Value]:
    """The URIs of S3 in what a row points at."""
    for option in alternatives(value):
        if "named" in row:
            entries = option.entries if isinstance(option, Record) else ()
            for name, inner in entries:
                if patterns.holds(row["named"], name):
                    yield from (found for found in alternatives(inner) if _may_be_uri(found))
        elif "within" in row:
            found = within(option, row["within"])
            yield from (found,) if _may_be_uri(found) else ()
        else:
            yield option


def _may_be_uri(value: Value) -> bool:
    first = value.parts[0] if isinstance(value, Text) and value.parts else value
    return isinstance(first, Environment) or re.match(_URI, plain(value)) is not None


def _written(row: Row, place: str | External, key: Value | None) -> Iterator[Message]:
    if "topic" in row:
        content = Record((("Message", Unknown()), ("MessageAttributes", Record(()))))
        yield Message("sns", content)
        return
    if "stream" in row:
        yield Message("kinesis", record(data=None))
        return
    parts: tuple[Value, ...] = () if key is None else (key,)
    whole = "key" in row and key is not None and not plain(key).endswith(("/", "*"))
    ends = () if whole else (Unknown(), *((Literal(row["suffix"]),) if "suffix" in row else ()))
    for event in [row["event"]] if "event" in row else _CREATED:
        yield Message("s3", events=(event,), key=Text((*parts, *ends)), bucket=str(place))

"""What CloudTrail makes of API calls: events on the default event bus, and log files.

Management events come from every account's own trail; data events only from a trail of the template
that selects them.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.filters import (
    Answer,
    all_of,
    any_of,
    begins,
    ends,
    negation,
)
from cfnlint_eda_rules.application.messages import ANYTHING, OUTCOME, Message, record, service_event
from cfnlint_eda_rules.catalogue import patterns
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import EffectKind
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
from cfnlint_eda_rules.template.conditions import Conditions
from cfnlint_eda_rules.template.conditions import all_of as together
from cfnlint_eda_rules.template.jsonpath import Found, branches, find
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.symbolic_text import ARN_PART, render

_TRAIL = "AWS::CloudTrail::Trail"
_READS = frozenset({EffectKind.READ, EffectKind.INFERENCE, EffectKind.CONFIGURATION})
_PARTITION = f"arn:{ARN_PART}:"
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call as CloudTrail sees it.

    `service`   the boto3 client name; `name` the operation; `effect` what it does (catalogue).
    `request`   its parameters, `target` and `key` the resource and object it works on.
    """

    service: str
    name: str
    effect: EffectKind
    request: Value
    target: str | External | None
    key: Value | None = None

    @property
    def reads(self) -> bool:
        """Whether CloudTrail calls it read-only."""
        return self.effect in _READS

    @property
    def data_event(self) -> bool:
        """Whether it is recorded only where a trail selects it."""
        return _is_one_of(load("cloudtrail")["data"], self.service, self.name)

    @property
    def recorded(self) -> bool:
        """Whether CloudTrail records it at all."""
        return self.effect != EffectKind.LOCAL and not _is_one_of(
            load("cloudtrail")["unrecorded"], self.service, self.name
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the log files of a trail go: a bucket with the beginning of their keys, a topic that is
    told of them, or a log group.
    """

    place: str | External
    message: Message
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail of the template that records data events. `selectors` are alternatives."""

    logical_id: str
    selectors: tuple[_Selector, ...]
    deliveries: tuple[Delivery, ...]

    def selecting(self, call: ApiCall) -> Iterator[Conditions]:
        """The conditions under which a data event is surely selected."""
        for selector in self.selectors:
            if selector.selects(call):
                yield selector.conditions


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One field of a selector: any of `wanted` as `operator` says ("Equals", "NotStartsWith")."""

    field: str
    operator: str
    wanted: tuple[_Wanted, ...]

    def holds(self, call: ApiCall) -> Answer:
        negated = self.operator.startswith("Not")
        operator = self.operator.removeprefix("Not")
        answer = any_of(self._one(call, operator, wanted) for wanted in self.wanted)
        return negation(answer) if negated else answer

    def _one(self, call: ApiCall, operator: str, wanted: _Wanted) -> Answer:
        match self.field:
            case "eventCategory":
                return wanted.text == "Data"
            case "readOnly":
                return wanted.text == ("true" if call.reads else "false")
            case "eventName":
                return _compared(operator, Literal(event_name(call.service, call.name)), wanted)
            case "eventSource":
                source = f"{source_of(call.service)}.amazonaws.com"
                return _compared(operator, Literal(source), wanted)
            case "resources.type":
                row = load("cloudtrail")["resources"].get(wanted.text)
                return row is not None and row["service"] == call.service
            case "resources.ARN":
                return wanted.covers(call, exactly=operator == "Equals")
        return None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A value of a selector: its text and the resource its ARN means; `every` where it is the
    beginning of every ARN of a service.
    """

    text: str
    resource: str | External | None = None
    rest: str = ""
    every: bool = False

    def covers(self, call: ApiCall, exactly: bool) -> Answer:
        """Whether what the call works on is the resource, or within it."""
        if self.every:
            return not exactly
        if call.target is None or self.resource is None:
            return None
        if call.target != self.resource:
            return False if isinstance(call.target, str) else None
        prefix = self.rest.removeprefix("/")
        return begins(call.key if call.key is not None else Unknown(), prefix)


def _compared(operator: str, value: Value, wanted: _Wanted) -> Answer:
    match operator:
        case "Equals":
            return isinstance(value, Literal) and value.value == wanted.text
        case "StartsWith":
            return begins(value, wanted.text)
        case "EndsWith":
            return ends(value, wanted.text)
    return None


@dataclass(frozen=True, slots=True)
class _Selector:
    """Every one of `comparisons` must hold."""

    comparisons: tuple[_Comparison, ...]
    conditions: Conditions

    def selects(self, call: ApiCall) -> bool:
        return all_of(comparison.holds(call) for comparison in self.comparisons) is True


# --------------------------------------------------------------------------------------------------


def source_of(service: str) -> str:
    """What stands before `.amazonaws.com` in the records of a service's calls."""
    signed = load("sdk_names")["signed"]
    return str(load("cloudtrail")["exceptions"].get(service) or signed.get(service, service))


def event_name(service: str, name: str) -> str:
    """What CloudTrail calls an operation."""
    return str(load("cloudtrail")["names"].get(service, {}).get(name, name))


def _is_one_of(rows: Mapping[str, str], service: str, name: str) -> bool:
    return service in rows and patterns.fits(rows[service], name)


def recorded(call: ApiCall) -> Message:
    """The record of a call as an event (CloudTrail User Guide, "CloudTrail record contents"): how
    the call ends is an outcome that no filter tells apart from this call.
    """
    category = "Data" if call.data_event else "Management"
    source = source_of(call.service)
    detail = record(
        eventSource=Literal(f"{source}.amazonaws.com"),
        eventName=Literal(event_name(call.service, call.name)),
        eventType=Literal("AwsApiCall"),
        eventCategory=Literal(category),
        managementEvent=Literal(category == "Management"),
        readOnly=Literal(call.reads),
        eventVersion=ANYTHING,
        awsRegion=ANYTHING,
        recipientAccountId=ANYTHING,
        userIdentity=record(type=Literal("AssumedRole")),
        requestParameters=_as_recorded(call.service, call.request),
        errorCode=OUTCOME,
        errorMessage=OUTCOME,
    )
    return service_event(
        f"aws.{source}",
        "AWS API Call via CloudTrail",
        detail,
        read_only=call.reads and category == "Management",
    )


def _as_recorded(service: str, value: Value, depth: int = 0) -> Value:
    """The parameters of a request by the names that CloudTrail gives them."""
    if depth > _DEPTH:
        return Unknown()
    match value:
        case Record(entries):
            names = load("cloudtrail")["parameters"].get(service, {}) if depth == 0 else {}
            return Record(
                tuple(
                    (names.get(name, name[:1].lower() + name[1:]), _as_recorded(service, inner, 1))
                    if depth == 0
                    else (name[:1].lower() + name[1:], _as_recorded(service, inner, depth + 1))
                    for name, inner in entries
                ),
                partial=True,
            )
        case Items(items, partial):
            return Items(tuple(_as_recorded(service, item, depth + 1) for item in items), partial)
        case OneOf(options):
            return OneOf(tuple(_as_recorded(service, option, depth + 1) for option in options))
    return value


# --------------------------------------------------------------------------------------------------


def trails(deployment: Deployment) -> tuple[Trail, ...]:
    """The template's trails that record data events, in template order."""
    return tuple(
        trail
        for logical_id, resource in deployment.resources.items()
        if resource["Type"] == _TRAIL and (trail := _trail(deployment, logical_id)) is not None
    )


def _trail(deployment: Deployment, logical_id: str) -> Trail | None:
    properties = deployment.resources[logical_id].get("Properties")
    own = deployment.references.resource_conditions(logical_id)
    selectors: list[_Selector] = []
    deliveries: list[Delivery] = []
    for place in branches(properties, ("Resources", logical_id, "Properties"), own):
        logging = find("IsLogging", place.value)
        if any(deployment.references.literal(found.value) == "false" for found in logging):
            continue
        selectors += _basic(deployment, place)
        selectors += _advanced(deployment, place)
        deliveries += _deliveries(deployment, place)
    return Trail(logical_id, tuple(selectors), tuple(deliveries)) if selectors else None


def _basic(deployment: Deployment, place: Found) -> Iterator[_Selector]:
    for selector in find("EventSelectors[*]", place.value):
        modes = [
            deployment.references.literal(found.value)
            for found in find("ReadWriteType", selector.value)
        ]
        reads = {"ReadOnly": "true", "WriteOnly": "false"}.get(modes[0] or "" if modes else "")
        modal = (_Comparison("readOnly", "Equals", (_Wanted(reads),)),) if reads else ()
        for data in find("DataResources[*]", selector.value):
            held = together(place.conditions, selector.conditions, data.conditions)
            kinds = [
                text
                for found in find("Type", data.value)
                if (text := deployment.references.literal(found.value)) is not None
            ]
            for kind in kinds if held is not None else ():
                wanted = tuple(
                    _wanted(deployment, found.value, kind)
                    for found in find("Values[*]", data.value)
                )
                comparisons = (
                    _Comparison("resources.type", "Equals", (_Wanted(kind),)),
                    _Comparison("resources.ARN", "StartsWith", wanted),
                )
                yield _Selector((*modal, *comparisons), held or frozenset())


def _advanced(deployment: Deployment, place: Found) -> Iterator[_Selector]:
    for selector in find("AdvancedEventSelectors[*]", place.value):
        fields = [found.value for found in find("FieldSelectors[*]", selector.value)]
        kinds = [
            _text(deployment, value)
            for field in fields
            if _text(deployment, _member(field, "Field")) == "resources.type"
            for value in _list(_member(field, "Equals"))
        ]
        held = together(place.conditions, selector.conditions)
        if held is not None and kinds:
            yield _Selector(
                tuple(
                    comparison
                    for field in fields
                    for comparison in _comparisons(deployment, field, kinds[0])
                ),
                held,
            )


def _comparisons(deployment: Deployment, field: Any, kind: str) -> Iterator[_Comparison]:
    name = _text(deployment, _member(field, "Field"))
    for operator in (
        "Equals",
        "StartsWith",
        "EndsWith",
        "NotEquals",
        "NotStartsWith",
        "NotEndsWith",
    ):
        wanted = _list(_member(field, operator))
        if wanted:
            yield _Comparison(
                name, operator, tuple(_wanted(deployment, value, kind) for value in wanted)
            )


def _wanted(deployment: Deployment, value: Any, kind: str) -> _Wanted:
    row = load("cloudtrail")["resources"].get(kind)
    text = _text(deployment, value)
    if row is None:
        return _Wanted(text)
    if re.fullmatch(rf"{_PARTITION}{row['arn']}:*", text):
        return _Wanted(text, every=True)
    for reference in deployment.references.resolve(value, *row["types"]):
        return _Wanted(text, reference.target, render(reference.rest))
    return _Wanted(text)


def _text(deployment: Deployment, value: Any) -> str:
    found = deployment.references.alternatives(value)
    return render(found[0].parts) if len(found) == 1 else ""


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _deliveries(deployment: Deployment, place: Found) -> Iterator[Delivery]:
    prefixes = [deployment.leaf(found.value) for found in find("S3KeyPrefix", place.value)]
    folder = (*prefixes[:1], Literal("/AWSLogs/" if prefixes else "AWSLogs/"), Unknown())
    file = Message("s3", events=("s3:ObjectCreated:Put",), key=Text(folder))
    notice = Message("sns", Record((("Message", Unknown()), ("MessageAttributes", Record(())))))
    for name, types, message in (
        ("S3BucketName", "bucket", file),
        ("SnsTopicName", "topic", notice),
        ("CloudWatchLogsLogGroupArn", "logs", Message("log")),
    ):
        for found in find(name, place.value):
            kinds = load("event_sources")["types"][types]
            for reference in deployment.references.resolve(found.value, *kinds):
                held = together(place.conditions, found.conditions, reference.conditions)
                if held is not None:
                    yield Delivery(reference.target, message, held)

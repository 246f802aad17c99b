"""What the template itself routes: links from event sources to their targets, as
`catalogue/event_sources.yaml` tells of each type.

A link says that messages (objects, changes, events) of its source are delivered to its target,
unless a filter holds them back. What is switched off, or what AWS does not deliver, is no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from cfnlint_eda_rules.application.aliases import follow
from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.application.workflows import integration, targets, tasks
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import StrEnum, dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, both
from cfnlint_eda_rules.template.embedded_json import decode
from cfnlint_eda_rules.template.intrinsics import intrinsic
from cfnlint_eda_rules.template.jsonpath import Found, branches, find
from cfnlint_eda_rules.template.references import External, Reference, References
from cfnlint_eda_rules.template.sections import TemplatePath, as_mapping, resources_of
from cfnlint_eda_rules.template.symbolic_text import ARN_PART, Parts, may_be, render

Node: TypeAlias = str | External
Row: TypeAlias = Mapping[str, Any]

_MOST_LINKS = 5000
_MOST_PER_ROW = 400
_FUNCTION = "AWS::Serverless::Function"
STATE_MACHINES = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
_LAMBDA_LOGS = "/aws/lambda/"
_SERVICE = re.compile(rf"arn:{ARN_PART}:([a-z0-9-]+):")
_BUS = re.compile(
    rf"arn:{ARN_PART}:events:(?P<region>{ARN_PART}):(?P<account>{ARN_PART}):event-bus/default$"
)
_LEFT_OUT = re.compile(r"\s*LogGroupName\s+NOT\s+IN\s*(?P<names>\[.*\])\s*$", re.DOTALL)
_TOPIC = re.compile(r"""\bfrom\s+(['"])(?P<topic>.*?)\1""", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Filter:
    """What passes a link.

    `language` "s3" (lists of key rules), "eventbridge" (event patterns), "eventsv2" (lists of such
               patterns, each with the scope it looks at, that must all match), "lambda" (patterns
               of a FilterCriteria), "sns" (filter policies), "logs", "iot" (SQL), "fields" (a
               field is one of these values), "events" (the event type alone) or "choice" (Choice
               states decide: the definition and the place of the state in it).
    `patterns` are alternatives: any one passing is enough, none is no filter. JSON in texts is
               parsed; what cannot be is left as it is.
    `events`   S3 event types; `scope` of an SNS filter policy: "MessageAttributes" or
               "MessageBody".
    """

    language: str
    patterns: tuple[Any, ...]
    events: tuple[str, ...] = ()
    scope: str = ""


class LinkRole(StrEnum):
    """What a link carries."""

    TRIGGER = "trigger"
    """Messages of the source are delivered to the target."""
    DESTINATION = "destination"
    """Results of a function's asynchronous invocations."""
    FAILURE = "failure"
    """What could not be delivered or worked off."""
    TASK = "task"
    """A state machine runs the target."""
    REPLICATION = "replication"
    TRANSFORM = "transform"
    """The target gets the messages and answers."""
    ENRICHMENT = "enrichment"
    EVALUATION = "evaluation"
    """The target judges what has changed."""
    LOG = "log"
    """A function's log group."""
    CALL = "call"
    """A service calls the function and waits."""


@dataclass(frozen=True, slots=True)
class Link:
    """A delivery.

    `kind`    the kind of event source; `caller` says what calls instead, for role CALL.
    `accepts` what passes; None: everything.
    `path`    template path of the place that declares it.
    `via`     logical id of the resource that declares it; "" when source or target itself does.
    `raw`     a topic delivers the message without its envelope.
    `reads`   a rule gets the records of calls that only read, too.
    `prefix`  template value of what begins the keys of objects written by it; None when it says
              nothing.
    `service`, `operation`, `content`  the API call of a state machine's task and its arguments; ""
                                       where it is none.
    `content` of other links holds the Source and DetailType of the event that is put on a bus; None
              where nothing says them.
    """

    source: Node
    target: Node
    role: LinkRole
    kind: SourceKind
    accepts: Filter | None
    path: TemplatePath
    via: str = ""
    conditions: Conditions = ALWAYS
    raw: bool = False
    reads: bool = False
    prefix: Any = None
    service: str = ""
    operation: str = ""
    content: Any = None
    caller: str = ""


def links(
    template: Any, references: References, functions: Functions, template_file: str | None = None
) -> tuple[Link, ...]:
    """All links of a template, in template order; `template_file` is where it lies, for definitions
    in files beside it.
    """
    return tuple(_Deliveries(template, references, functions, template_file).links())


class LogGroups:
    """Which log group each function writes to."""

    def __init__(self, template: Any, references: References, functions: Functions) -> None:
        self._references = references
        self._functions = functions
        self._groups = load("event_sources")["types"]["logs"]
        self._of: dict[str, Node] = {}
        for logical_id, resource in resources_of(template).items():
            if resource.get("Type") in self._groups:
                for node, _ in self._by_name(
                    as_mapping(resource.get("Properties")).get("LogGroupName")
                ):
                    self._of.setdefault(node, logical_id)

    def of(self, function_id: str) -> Node:
        """The function's log group: the resource that is it, else `External("logs:<function>")`.

        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
        """
        if function_id in self._functions:
            for place in find("LoggingConfig.LogGroup", self._functions[function_id].properties):
                for reference in self._references.resolve(place.value, *self._groups):
                    return reference.target
        return self._of.get(function_id) or External(f"logs:{function_id}")

    def named(self, value: Any) -> list[tuple[Node, Conditions]]:
        """The log groups a name or ARN means: resources, the groups of functions, or something
        outside.
        """
        found: list[tuple[Node, Conditions]] = []
        for reference in self._references.resolve(value, *self._groups):
            if isinstance(reference.target, str):
                found.append((reference.target, reference.conditions))
        if found:
            return found
        owned: list[tuple[Node, Conditions]] = [
            (self.of(function_id), held) for function_id, held in self._by_name(value)
        ]
        return owned or [
            (reference.target, reference.conditions)
            for reference in self._references.resolve(value, *self._groups)
        ]

    def _by_name(self, value: Any) -> list[tuple[str, Conditions]]:
        """The functions whose default log group has this name."""
        found: list[tuple[str, Conditions]] = []
        for alternative in self._references.alternatives(value):
            name = _after(alternative.parts, _LAMBDA_LOGS)
            if name:
                reference = self._references.match(
                    name,
                    *load("event_sources")["types"]["function"],
                    conditions=alternative.conditions,
                )
                if (
                    isinstance(reference.target, str)
                    and reference.target in self._functions
                    and reference.rest in ((), (":*",))
                ):
                    found.append((reference.target, reference.conditions))
        return found


def _after(parts: Parts, start: str) -> Parts:
    """The text after `start`, where it begins or an ARN's name begins with it."""
    for index, part in enumerate(parts):
        if isinstance(part, str) and (part.startswith(start) or f":{start}" in part):
            rest = part[part.index(start) + len(start) :]
            return ((rest,) if rest else ()) + parts[index + 1 :]
    return ()


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a link and the place that names it."""

    node: Node
    conditions: Conditions
    path: TemplatePath | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row is read: an item of a resource or event. `anchor` is the path to name where it is
    not that of the place itself.
    """

    owner: str
    event: str
    properties: Any
    base: TemplatePath
    item: Found
    anchor: TemplatePath | None

    def find(self, location: Any) -> list[Found]:
        """The values at one location or several."""
        found: list[Found] = []
        for expression in location if isinstance(location, list) else [location]:
            root, node, path = expression.startswith("$"), self.item.value, self.item.path
            found += find(
                expression, self.properties if root else node, self.base if root else path
            )
        return found


class _Deliveries:
    def __init__(
        self, template: Any, references: References, functions: Functions, template_file: str | None
    ) -> None:
        self._template = template
        self._references = references
        self._functions = functions
        self._template_file = template_file
        self._data: Mapping[str, Any] = load("event_sources")
        self._resources = resources_of(template)
        self._groups: LogGroups | None = None

    # ----------------------------------------------------------------------------------------------

    def links(self) -> Iterator[Link]:
        found: list[Link] = []
        for logical_id, resource in self._resources.items():
            if len(found) < _MOST_LINKS:
                found += self._resource(logical_id, resource)
        yield from found
        watched = {link.source for link in found if link.kind == SourceKind.LOGS}
        for function_id in self._functions if watched else ():
            node = self._log_groups.of(function_id)
            if node in watched:
                yield Link(
                    function_id,
                    node,
                    LinkRole.LOG,
                    SourceKind.NONE,
                    None,
                    ("Resources", function_id),
                    "",
                    self._own(function_id),
                )

    def _resource(self, logical_id: str, resource: Mapping[str, Any]) -> Iterator[Link]:
        kind = resource.get("Type")
        if not isinstance(kind, str):
            return
        base = ("Resources", logical_id, "Properties")
        held = self._own(logical_id)
        rows, callers = self._data["rows"].get(kind, ()), self._data["callers"].get(kind, {})
        for properties in (
            branches(resource.get("Properties"), base, held)
            if rows or callers or kind in STATE_MACHINES
            else ()
        ):
            for row in rows:
                yield from self._row(row, logical_id, "", properties, None)
            for location, what in callers.items():
                yield from self._calls(logical_id, location, what, properties)
            if kind in STATE_MACHINES:
                yield from self._tasks(logical_id, properties)
            if kind in (_FUNCTION, STATE_MACHINES[1]):
                yield from self._events(
                    logical_id, "function" if kind == _FUNCTION else "state_machine", properties
                )

    def _events(self, logical_id: str, owner: str, properties: Found) -> Iterator[Link]:
        rows = load("sam_events")[owner]
        for section in find("Events", properties.value, properties.path):
            for name, event in section.value.items() if isinstance(section.value, Mapping) else ():
                for found in branches(
                    event, (*section.path, str(name)), properties.conditions | section.conditions
                ):
                    kind = self._references.literal(as_mapping(found.value).get("Type"))
                    settings = branches(
                        as_mapping(found.value).get("Properties", {}),
                        (*found.path, "Properties"),
                        found.conditions,
                    )
                    for row in rows.get(kind or "", ()):
                        for place in settings:
                            yield from self._row(row, logical_id, str(name), place, found.path)

    def _tasks(self, logical_id: str, properties: Found) -> Iterator[Link]:
        for task in tasks(
            properties.value,
            self._references,
            self._functions,
            self._template_file,
            properties.path,
        ):
            held = self._together(
                properties.conditions, task.conditions, self._existing(task.target)
            )
            if task.emits and held is not None:
                decided = ((task.definition, task.state),)
                accepts = Filter("choice", decided) if task.choice else None
                yield Link(
                    logical_id,
                    task.target,
                    LinkRole.TASK,
                    SourceKind.WORKFLOW,
                    accepts,
                    task.path,
                    "",
                    held,
                    service=task.service,
                    operation=task.operation,
                    content=task.content,
                )

    def _calls(
        self, logical_id: str, location: str, what: str, properties: Found
    ) -> Iterator[Link]:
        for place in find(location, properties.value, properties.path):
            for function_id, conditions in self._functions.resolve(place.value):
                held = self._together(properties.conditions, place.conditions, conditions)
                if held is not None:
                    yield Link(
                        logical_id,
                        function_id,
                        LinkRole.CALL,
                        SourceKind.NONE,
                        None,
                        place.path,
                        "",
                        held,
                        caller=what,
                    )

    # ----------------------------------------------------------------------------------------------

    def _row(
        self, row: Row, owner: str, event: str, properties: Found, anchor: TemplatePath | None
    ) -> Iterator[Link]:
        made = 0
        repeated = str(row.get("each", "")).endswith("[*]")
        for place in self._places(row, owner, event, properties, anchor):
            held = self._allowed(row, place)
            if not held:
                continue
            sources, ends = self._ends(row["from"], place), self._targets(row["to"], place)
            if not sources or not ends:
                continue
            accepted = self._filters(row["filter"], place) if "filter" in row else [(None, ALWAYS)]
            raw = "raw" in row and any(
                self._references.literal(found.value) == "true" for found in place.find(row["raw"])
            )
            prefix = (
                next((found.value for found in place.find(row["prefix"])), None)
                if "prefix" in row
                else None
            )
            content = (
                next((found.value for found in place.find(row["content"])), None)
                if "content" in row
                else None
            )
            kind = row.get("kind", "")
            for source in sources:
                for end in ends:
                    if row.get("own") is False and source.node == self._log_groups.of(
                        str(end.node)
                    ):
                        continue
                    for also in held:
                        for accepts, under in accepted:
                            if row.get("filter", {}).get("by") == "name" and end.path is not None:
                                accepts = Filter(
                                    row["filter"]["language"],
                                    (),
                                    (str(end.path[len(place.item.path)]),),
                                )
                            conditions = self._together(
                                place.item.conditions,
                                source.conditions,
                                end.conditions,
                                also,
                                under,
                            )
                            if conditions is None or made >= _MOST_PER_ROW:
                                continue
                            made += 1
                            yield Link(
                                source.node,
                                end.node,
                                LinkRole(row.get("role", LinkRole.TRIGGER)),
                                self._kind(row, source.node, place)
                                if kind == "source"
                                else SourceKind(kind),
                                accepts,
                                place.anchor
                                or (
                                    place.item.path
                                    if repeated
                                    else end.path or source.path or place.item.path
                                ),
                                "" if owner in (source.node, end.node) else owner,
                                conditions,
                                raw,
                                "reads" in row and self._is_one_of(row["reads"], place),
                                prefix,
                                content=content,
                            )

    def _places(
        self, row: Row, owner: str, event: str, properties: Found, anchor: TemplatePath | None
    ) -> Iterator[_Place]:
        whole = _Place(owner, event, properties.value, properties.path, properties, anchor)
        if "each" not in row:
            yield whole
            return
        for found in whole.find(row["each"]):
            held = both(properties.conditions, found.conditions)
            if held is None:
                continue
            if row.get("decode"):
                document = decode(found.value)
                if document is not None:
                    item = Found(document, found.path, held)
                    yield replace(whole, item=item, anchor=anchor or found.path)
            else:
                yield replace(whole, item=replace(found, conditions=held))

    def _allowed(self, row: Row, place: _Place) -> list[Conditions]:
        """The sets of conditions under which the row applies; none when it is switched off or not
        meant.
        """
        if "only" in row and not self._is_one_of(row["only"], place):
            return []
        held: list[Conditions] = [ALWAYS]
        if "when" in row:
            held = list(dict.fromkeys(found.conditions for found in place.find(row["when"])))
        enabled = row.get("enabled")
        if enabled is None:
            return held
        locations = enabled["at"] if isinstance(enabled["at"], list) else [enabled["at"]]
        for location in locations:
            on = []
            for value, conditions in _variants(place.find(location)):
                text = self._references.literal(value.value) if value is not None else None
                if value is None:
                    off = enabled.get("missing") == "inactive"
                else:
                    off = text is not None and text.lower() in [
                        word.lower() for word in enabled["unless"]
                    ]
                if not off:
                    on.append(conditions)
            merged = (both(left, right) for left in held for right in on)
            held = list(
                dict.fromkeys(conditions for conditions in merged if conditions is not None)
            )
        return held

    def _is_one_of(self, only: Row, place: _Place) -> bool:
        """Whether the value is one of those named; one that only the deployment knows may be."""
        for found in place.find(only["at"]):
            for value in found.value if isinstance(found.value, list) else [found.value]:
                texts = self._references.alternatives(value)
                if any(may_be(text.parts, wanted) for text in texts for wanted in only["in"]):
                    return True
        return False

    def _kind(self, row: Row, source: Node, place: _Place) -> SourceKind:
        kinds, hints = self._data["kinds"], row.get("hints", {})
        if isinstance(source, str):
            known = kinds["types"].get(self._references.type(source))
            if known:
                return SourceKind(known)
        else:
            service = _SERVICE.match(source.text)
            if service and service[1] in kinds["services"]:
                return SourceKind(kinds["services"][service[1]])
            words = source.text.lower()
            for word, kind in kinds["words"].items():
                if word in words:
                    return SourceKind(kind)
        for name, kind in hints.items():
            if name and place.find(name):
                return SourceKind(kind)
        return SourceKind(hints.get("", SourceKind.UNKNOWN))

    # ----------------------------------------------------------------------------------------------

    def _targets(self, specification: Any, place: _Place) -> list[_End]:
        several = specification if isinstance(specification, list) else [specification]
        return [end for each in several for end in self._ends(each, place)]

    def _ends(self, specification: Any, place: _Place) -> list[_End]:
        if specification == "self":
            return [_End(place.owner, ALWAYS)]
        if "external" in specification:
            return [_End(External(specification["external"]), ALWAYS)]
        form = specification.get("form", "")
        if "at" not in specification:
            spared = [found.value for found in place.find(specification.get("except", []))]
            return [_End(node, held) for node, held in self._formed(form, spared, place) or ()]
        wanted = specification.get("types", ())
        types = tuple(
            name
            for key in ([wanted] if isinstance(wanted, str) else wanted)
            for name in self._data["types"][key]
        )
        ends: list[_End] = []
        found = place.find(specification["at"])
        for value in found:
            named = self._formed(form, value.value, place) if form else None
            for node, conditions in named if named is not None else self._nodes(value.value, types):
                if wanted == "function" and isinstance(node, External):
                    continue
                held = both(value.conditions, conditions)
                if held is not None:
                    ends.append(_End(node, held, value.path))
        if "else" in specification:
            other = (
                External(specification["else"]) if specification["else"] != "self" else place.owner
            )
            missing = [conditions for value, conditions in _variants(found) if value is None]
            ends += [
                _End(other, conditions) for conditions in missing or ([] if ends else [ALWAYS])
            ]
        return ends

    def _nodes(self, value: Any, types: tuple[str, ...]) -> list[tuple[Node, Conditions]]:
        return [
            end
            for reference in self._references.resolve(value, *types)
            for end in self._follow(reference)
        ]

    def _follow(self, reference: Reference) -> list[tuple[Node, Conditions]]:
        """What a reference ends at, through aliases, versions, consumers and access points."""
        followed = self._functions.follow(reference)
        if followed:
            return list(followed)
        found: list[tuple[Node, Conditions]] = []
        for target, conditions in follow(reference, self._resources, self._references):
            inner = Reference(target, conditions)
            found += self._functions.follow(inner) or [(target, conditions)]
        return list(dict.fromkeys(found))

    def _formed(self, form: str, value: Any, place: _Place) -> list[tuple[Node, Conditions]] | None:
        """The ends a text of a certain form names; None when it is to be read as any other."""
        match form:
            case "bus":
                return self._bus(value)
            case "universal":
                return self._universal(value, place)
            case "log_group":
                return self._log_groups.named(value)
            case "every_log_group":
                return self._every_log_group(value)
            case "iot_sql":
                return [(_iot_topic(text), held) for text, held in self._texts(value)]
            case "iot_topic":
                return [(External(f"iot/{text}"), held) for text, held in self._texts(value)]
            case "mail":
                items = find("[*]", value) if value is not None else []
                return [
                    (External(f"mail/{text}"), held)
                    for item in items
                    for text, held in self._texts(item.value)
                ] or [(External("mail/"), ALWAYS)]
            case "outside":
                if not isinstance(value, str) and intrinsic(value) is None:
                    return []
                types = self._data["types"]["bucket"]
                return [end for end in self._nodes(value, types) if isinstance(end[0], External)]
            case "sqs_subscription":
                return self._sqs_subscription(value, place)
        return None

    def _every_log_group(self, criteria: list[Any]) -> list[tuple[Node, Conditions]]:
        """The log groups of functions that the selection criteria of an account policy do not leave
        out; none where they say what is not understood.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html
        """
        spared: set[Node] = set()
        for text in (text for value in criteria for text, _ in self._texts(value)):
            left_out = _LEFT_OUT.match(text)
            names = decode(left_out["names"]) if left_out is not None else None
            if text.strip() and not isinstance(names, list):
                return []
            for name in names or ():
                spared.update(node for node, _ in self._log_groups.named({"Fn::Sub": str(name)}))
        return [
            (group, self._own(function_id))
            for function_id in self._functions
            if (group := self._log_groups.of(function_id)) not in spared
        ]

    def _texts(self, value: Any) -> list[tuple[str, Conditions]]:
        return [
            (render(alternative.parts), alternative.conditions)
            for alternative in self._references.alternatives(value)
        ]

    def _bus(self, value: Any) -> list[tuple[Node, Conditions]] | None:
        """The default buses of other regions and accounts, which are not this stack's; None for all
        other values.
        """
        found: list[tuple[Node, Conditions]] = []
        for text, conditions in self._texts(value):
            bus = _BUS.match(text)
            if bus is None or all(
                part.startswith("${") or part.strip("*") == ""
                for part in (bus["region"], bus["account"])
            ):
                return None
            found.append((External(text), conditions))
        return found or None

    def _universal(self, value: Any, place: _Place) -> list[tuple[Node, Conditions]] | None:
        """What the API call of a universal target goes to.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
        """
        found: list[tuple[Node, Conditions]] = []
        calls = False
        for text, conditions in self._texts(value):
            if ":scheduler:::aws-sdk:" not in text:
                continue
            calls = True
            row = integration(text)
            for content in (
                find("Input", place.item.value)
                if row is not None and row.get("emits", True)
                else ()
            ):
                for target, held, _ in targets(
                    row or {}, decode(content.value), self._references, self._functions
                ):
                    together = self._together(conditions, content.conditions, held)
                    if together is not None:
                        found.append((target, together))
        return found if calls else self._bus(value)

    def _sqs_subscription(self, value: Any, place: _Place) -> list[tuple[Node, Conditions]]:
        """The queue between a topic and a SAM function: one it names or one SAM makes.

        https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sqssubscriptionobject.html
        """
        if isinstance(value, Mapping) and intrinsic(value) is None:
            return self._nodes(value.get("QueueArn"), tuple(self._data["types"]["queue"]))
        return (
            [(External(f"queue/{place.owner}{place.event}Queue"), ALWAYS)]
            if self._references.literal(value) == "true"
            else []
        )

    # ----------------------------------------------------------------------------------------------

    def _filters(self, specification: Row, place: _Place) -> list[tuple[Filter | None, Conditions]]:
        language = specification["language"]
        events = tuple(
            text
            for found in (place.find(specification["events"]) if "events" in specification else ())
            for value in (found.value if isinstance(found.value, list) else [found.value])
            for text, _ in self._texts(value)
        )
        if specification.get("every") in events:
            events = ()
        scope = ""
        for found in place.find(specification["scope"]) if "scope" in specification else ():
            scope = self._references.literal(found.value) or scope
        accepted: list[tuple[Filter | None, Conditions]] = []
        for value, conditions in _variants(
            place.find(specification["at"]) if "at" in specification else []
        ):
            patterns = self._patterns(specification, value.value) if value is not None else ()
            filter_ = Filter(language, patterns, events, scope) if patterns or events else None
            accepted.append((filter_, conditions))
        return accepted

    def _patterns(self, specification: Row, value: Any) -> tuple[Any, ...]:
        match specification["language"]:
            case "s3":
                if "name" in specification:
                    return (
                        ([{"Name": specification["name"], "Value": value}],) if value != "" else ()
                    )
                rules = [rule for item in find("[*]", value) for rule in _key_rules(item.value)]
                return (rules,) if rules else ()
            case "fields":
                return (
                    ({specification["name"]: value},) if isinstance(value, list) and value else ()
                )
            case "logs" | "iot":
                text = self._references.literal(value)
                return (
                    ()
                    if text is not None and not text.strip()
                    else (text if text is not None else value,)
                )
            case "eventsv2":
                filters = [
                    {name: _decoded(inner) for name, inner in item.value.items()}
                    for item in find("[*]", value)
                    if isinstance(item.value, Mapping)
                ]
                return (filters,) if filters else ()
            case _ if "pattern" in specification:
                return tuple(
                    _decoded(found.value)
                    for item in find("[*]", value)
                    for found in find(specification["pattern"], item.value)
                )
        pattern = _decoded(value)
        return (pattern,) if pattern not in ({}, None) else ()

    # ----------------------------------------------------------------------------------------------

    @property
    def _log_groups(self) -> LogGroups:
        if self._groups is None:
            self._groups = LogGroups(self._template, self._references, self._functions)
        return self._groups

    def _own(self, logical_id: str) -> Conditions:
        return self._references.resource_conditions(logical_id)

    def _existing(self, node: Node) -> Conditions:
        return self._own(node) if isinstance(node, str) else ALWAYS

    def _together(self, *sets: Conditions) -> Conditions | None:
        held: Conditions = ALWAYS
        for conditions in sets:
            merged = both(held, conditions)
            if merged is None:
                return None
            held = merged
        return held if not held or self._references.compatible(held) else None


def _variants(found: list[Found]) -> list[tuple[Found | None, Conditions]]:
    """The values a place can have, each with its conditions; None where it can be that nothing is
    there.
    """
    if not found:
        return [(None, ALWAYS)]
    variants: list[tuple[Found | None, Conditions]] = [(place, place.conditions) for place in found]
    if len(found) == 1 and len(found[0].conditions) == 1:
        ((name, wanted),) = found[0].conditions
        variants.append((None, frozenset({(name, not wanted)})))
    return variants


def _key_rules(rule: Any) -> Iterator[dict[str, Any]]:
    """S3 key filter rules as the API spells them; the Serverless Framework writes `{"Prefix":
    "in/"}`.
    """
    if not isinstance(rule, Mapping):
        return
    if "Name" in rule:
        yield {"Name": rule["Name"], "Value": rule.get("Value")}
        return
    for name in ("Prefix", "Suffix", "prefix", "suffix"):
        if name in rule:
            yield {"Name": name.lower(), "Value": rule[name]}


def _decoded(value: Any) -> Any:
    document = decode(value)
    return value if document is None else document


def _iot_topic(sql: str) -> External:
    """The topic filter an IoT SQL statement reads from (AWS IoT Developer Guide, "FROM clause")."""
    found = _TOPIC.search(sql)
    return External(f"iot/{found['topic']}") if found else External("iot")


# --------------------------------------------------------------------------------------------------

_MOST_VALUES = 50_000


def unknown_invokers(
    template: Any,
    references: References,
    functions: Functions,
    known_paths: Iterable[TemplatePath] = (),
) -> tuple[Link, ...]:
    """Links of role CALL and kind UNKNOWN: resources that name a function at a place nothing is
    known of.

    Types in the catalogue are known as a whole; permissions, outputs, alarms, environment variables
    and the like invoke nothing. What lies at or below one of `known_paths` has been explained.
    """
    data = load("event_sources")
    silent = data["silent"]
    explained = {*data["rows"], *data["callers"], *data["elsewhere"], *silent["types"]}
    prefixes = tuple(silent["prefixes"])
    known = {tuple(path) for path in known_paths}
    found: list[Link] = []
    for logical_id, resource in resources_of(template).items() if functions else ():
        kind = resource.get("Type")
        if not isinstance(kind, str) or kind in explained or kind.startswith(prefixes):
            continue
        own = references.resource_conditions(logical_id)
        seen: set[str] = set()
        for value, path in _mentions(
            resource.get("Properties"),
            ("Resources", logical_id, "Properties"),
            frozenset(silent["properties"]),
        ):
            if any(path[: len(place)] == place for place in known):
                continue
            for function_id, conditions in functions.resolve(value):
                held = both(own, conditions)
                if function_id not in seen and held is not None and references.compatible(held):
                    seen.add(function_id)
                    found.append(
                        Link(
                            logical_id,
                            function_id,
                            LinkRole.CALL,
                            SourceKind.UNKNOWN,
                            None,
                            path,
                            "",
                            held,
                        )
                    )
    return tuple(found)


def _mentions(
    value: Any, path: TemplatePath, silent: frozenset[str]
) -> Iterator[tuple[Any, TemplatePath]]:
    """The intrinsic functions and ARNs in a value, those that could name a function, in template
    order.
    """
    waiting: list[tuple[Any, TemplatePath]] = [(value, path)]
    seen: set[int] = set()
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        value, path = waiting.pop()
        if isinstance(value, str):
            if ":function:" in value:
                yield value, path
            continue
        if not isinstance(value, Mapping | list | tuple) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            call = intrinsic(value)
            if call is not None and call[0] in ("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join"):
                yield value, path
                continue
            waiting += [
                (item, (*path, str(key)))
                for key, item in reversed(list(value.items()))
                if key not in silent
            ]
        else:
            waiting += [(item, (*path, index)) for index, item in reversed(list(enumerate(value)))]

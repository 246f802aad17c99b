"""Amazon States Language: which tasks a state machine runs, and whether a Choice decides over them.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import networkx as nx

from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, both
from cfnlint_eda_rules.template.documents import read_document
from cfnlint_eda_rules.template.embedded_json import decode, substitute
from cfnlint_eda_rules.template.jsonpath import Found, find
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.sections import TemplatePath
from cfnlint_eda_rules.template.symbolic_text import ARN_PART, render

_MOST_STATES = 1000
# No name of a state: those are texts that are not empty.
_END = ""
_MOST_NESTED = 12
_INTEGRATION = re.compile(
    rf"arn:{ARN_PART}:(?:states|scheduler):::(?:(?P<sdk>aws-sdk):)?(?P<service>[\w-]+):(?P<operation>\w+)"
)
_MODE = re.compile(r"\.(?:sync(?::\d+)?|waitForTaskToken)$")
# Values a state works out when it runs: JSONPath and JSONata.
_RUNTIME = re.compile(r"^\s*(?:\$|\{%|States\.)")


@dataclass(frozen=True, slots=True)
class WorkflowTask:
    """One call a state machine makes.

    `target`  the logical id of what it goes to, or the external thing.
    `action`  as IAM names it: "lambda:InvokeFunction", "sqs:SendMessage".
    `content` the call's arguments as the definition gives them (template values).
    `choice`  a Choice state lies between the start and the task, whatever way is taken.
    `emits`   whether the call puts something at the target that an event could start from (a read
              does not).
    `service`, `operation`  the API call as catalogue/operations names it: "sqs", "SendMessage"; ""
                            for a function run directly.
    `path`    template path of the state, or of the property that names the definition's file.
    `state`   the state by the names that lead to it, as `choices.Place`, in `definition`.
    """

    target: str | External
    action: str
    content: Mapping[str, Any]
    choice: bool
    path: TemplatePath
    conditions: Conditions = ALWAYS
    emits: bool = True
    service: str = ""
    operation: str = ""
    state: tuple[str, ...] = ()
    definition: Any = None


def at_run_time(value: Any) -> bool:
    """Whether a state works the value out when it runs."""
    return isinstance(value, str) and bool(_RUNTIME.match(value))


def tasks(
    properties: Any,
    references: References,
    functions: Functions,
    template_file: str | None = None,
    path: TemplatePath = (),
) -> tuple[WorkflowTask, ...]:
    """The tasks of a state machine, given its Properties at template path `path`, in the order of
    the definition.

    The definition is `Definition`, `DefinitionString` (JSON, also with Fn::Sub and Fn::Join) or the
    file `DefinitionUri` names, with `DefinitionSubstitutions` filled in. What is only decided when
    the state machine runs (`FunctionName.$`) is not there.
    """
    found: list[WorkflowTask] = []
    for definition, place, inside in _definitions(properties, references, template_file, path):
        machine = _Machine(references, functions, definition.conditions, place, inside)
        found.extend(
            replace(task, definition=definition.value)
            for task in machine.tasks(definition.value, place if inside else (), False, ())
        )
    return tuple(found)


def integration(name: str) -> Mapping[str, Any] | None:
    """The catalogue's row of an integration or universal target ARN; None for one that is not
    known.
    """
    found = _INTEGRATION.match(name)
    if found is None:
        return None
    data = load("states")
    service = data["services"].get(found["service"], found["service"])
    row = data["integrations"].get(f"{service}:{found['operation']}")
    return row if isinstance(row, Mapping) else None


def called(name: str) -> tuple[str, str]:
    """(service, operation) of an integration, as catalogue/operations names them; ("", "") where it
    is none.
    """
    found = _INTEGRATION.match(name)
    if found is None:
        return "", ""
    data = load("states")
    service = data["services"].get(found["service"], found["service"])
    return data["clients"].get(service, service), found["operation"][:1].upper() + found[
        "operation"
    ][1:]


def targets(
    row: Mapping[str, Any], arguments: Any, references: References, functions: Functions
) -> Iterator[tuple[str | External, Conditions, Mapping[str, Any]]]:
    """What a call of the integration `row` with these arguments goes to: (target, conditions, the
    arguments of that one message).
    """
    if not isinstance(arguments, Mapping):
        return
    items = find(row["each"], arguments) if "each" in row else [Found(arguments, ())]
    locations = row["target"] if isinstance(row["target"], list) else [row["target"]]
    types = load("event_sources")["types"].get(row.get("types"), ())
    for item in items:
        if not isinstance(item.value, Mapping):
            continue
        content = {str(name).removesuffix(".$"): value for name, value in item.value.items()}
        places = [place for location in locations for place in _named(item.value, location)]
        if (
            not places
            and "else" in row
            and not any(f"{location}.$" in item.value for location in locations)
        ):
            yield External(row["else"]), item.conditions, content
        for place in places:
            if at_run_time(place.value):
                continue
            for reference in references.resolve(place.value, *types):
                together = both(
                    both(item.conditions, place.conditions) or ALWAYS, reference.conditions
                )
                if together is None:
                    continue
                ends = functions.follow(reference) or ((reference.target, together),)
                for target, conditions in ends:
                    yield target, together | conditions, content


def _named(arguments: Mapping[str, Any], location: str) -> list[Found]:
    # SDK integrations begin names with a capital; universal targets of a schedule are written
    # either way.
    return find(location, arguments) or find(location[:1].lower() + location[1:], arguments)


def _definitions(
    properties: Any, references: References, template_file: str | None, path: TemplatePath
) -> Iterator[tuple[Found, TemplatePath, bool]]:
    """(the definition as a mapping, the place to name, whether paths go on inside it)."""
    for found in find("Definition", properties, path):
        if isinstance(document := _filled(decode(found.value), properties), Mapping):
            yield Found(document, found.path, found.conditions), found.path, True
    for found in find("DefinitionString", properties, path):
        if isinstance(document := _filled(decode(found.value), properties), Mapping):
            yield Found(document, found.path, found.conditions), found.path, False
    for name in ("DefinitionUri", "DefinitionS3Location"):
        for found in find(name, properties, path):
            location = references.literal(found.value)
            if location is None:
                continue
            if isinstance(
                document := _filled(read_document(template_file, location), properties), Mapping
            ):
                yield Found(document, found.path, found.conditions), found.path, False


def _filled(document: Any, properties: Any) -> Any:
    substitutions: dict[str, Any] = {}
    for found in find("DefinitionSubstitutions", properties):
        if isinstance(found.value, Mapping):
            substitutions.update({str(name): value for name, value in found.value.items()})
    return substitute(document, substitutions)


class _Machine:
    """Reads one definition. `place` is its template path; `inside`: states have template paths
    below it.
    """

    def __init__(
        self,
        references: References,
        functions: Functions,
        conditions: Conditions,
        place: TemplatePath,
        inside: bool,
    ) -> None:
        self._references = references
        self._functions = functions
        self._conditions = conditions
        self._place = place
        self._inside = inside
        self._budget = _MOST_STATES

    def tasks(
        self, definition: Any, place: TemplatePath, choice: bool, around: tuple[str, ...]
    ) -> Iterator[WorkflowTask]:
        """The tasks of a definition or of a nested one (a branch, a map's processor), `around`
        which are the states of these names.
        """
        states = definition.get("States") if isinstance(definition, Mapping) else None
        if not isinstance(states, Mapping) or len(around) > 2 * _MOST_NESTED:
            return
        reached = _reached(definition.get("StartAt"), states)
        for name, state in states.items():
            self._budget -= 1
            if name not in reached or not isinstance(state, Mapping) or self._budget < 0:
                continue
            where = (*place, "States", str(name)) if self._inside else self._place
            for task in self._state(state, where, choice or reached[name], (*around, str(name))):
                yield task if task.state else replace(task, state=(*around, str(name)))

    def _state(
        self, state: Mapping[str, Any], place: TemplatePath, choice: bool, names: tuple[str, ...]
    ) -> Iterator[WorkflowTask]:
        match state.get("Type"):
            case "Task":
                yield from self._task(state.get("Resource"), _arguments(state), place, choice)
            case "Parallel":
                branches = state.get("Branches")
                for index, branch in enumerate(branches if isinstance(branches, list) else ()):
                    inner = (*names, str(index))
                    yield from self.tasks(branch, (*place, "Branches", index), choice, inner)
            case "Map":
                for name in ("ItemProcessor", "Iterator"):
                    yield from self.tasks(state.get(name), (*place, name), choice, (*names, name))
                for name in ("ItemReader", "ResultWriter"):
                    step = state.get(name)
                    if isinstance(step, Mapping):
                        yield from self._task(step.get("Resource"), _arguments(step), place, choice)

    def _task(
        self, resource: Any, arguments: Mapping[str, Any], place: TemplatePath, choice: bool
    ) -> Iterator[WorkflowTask]:
        for alternative in self._references.alternatives(resource):
            name = _MODE.sub("", render(alternative.parts))
            row = integration(name)
            held = both(self._conditions, alternative.conditions)
            if row is None or held is None:
                continue
            for target, conditions, content in targets(
                row, arguments, self._references, self._functions
            ):
                together = both(held, conditions)
                if together is not None:
                    yield WorkflowTask(
                        target,
                        row["action"],
                        content,
                        choice,
                        place,
                        together,
                        row.get("emits", True),
                        *called(name),
                    )
        for function, conditions in self._functions.resolve(resource):
            together = both(self._conditions, conditions)
            if together is not None:
                yield WorkflowTask(
                    function, "lambda:InvokeFunction", arguments, choice, place, together
                )


def _arguments(state: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("Arguments", "Parameters"):
        if isinstance(found := state.get(name), Mapping):
            return found
    return {}


def _reached(start: Any, states: Mapping[Any, Any]) -> dict[str, bool]:
    """The states that can be reached, and whether a Choice decides over them: every way to them
    leads through one, and there are ways past them.
    """
    free = {**_reach([start], states, through_choices=False), **_inevitable(start, states)}
    return {name: name not in free for name in _reach([start], states, through_choices=True)}


def _inevitable(start: Any, states: Mapping[Any, Any]) -> dict[str, None]:
    """The states that every way from the start to an end leads through, errors aside: those that
    dominate the start on the ways back from the end.
    """
    if len(states) > _MOST_STATES:
        return {}
    back: nx.DiGraph[str] = nx.DiGraph()
    for name in _reach([start], states, through_choices=True):
        state = states[name]
        ways = [way for way in _ways(state) if isinstance(way, str) and way in states]
        open_ended = state.get("Type") == "Choice" and "Default" not in state
        back.add_edges_from((way, name) for way in ways)
        if not ways or open_ended:
            back.add_edge(_END, name)
    if not isinstance(start, str) or start not in back or _END not in back:
        return {}
    before = nx.immediate_dominators(back, _END)
    found: dict[str, None] = {}
    name = start
    while name in before and name != _END and name not in found:
        found[name] = None
        name = before[name]
    return found


def _ways(state: Mapping[str, Any]) -> Iterator[Any]:
    """The states that a state goes on to when nothing fails."""
    yield state.get("Next")
    yield state.get("Default")
    choices = state.get("Choices")
    for rule in choices if isinstance(choices, list) else ():
        if isinstance(rule, Mapping):
            yield rule.get("Next")


def _reach(waiting: list[Any], states: Mapping[Any, Any], through_choices: bool) -> dict[str, None]:
    seen: dict[str, None] = {}
    while waiting:
        name = waiting.pop()
        if (
            not isinstance(name, str)
            or name in seen
            or not isinstance(state := states.get(name), Mapping)
        ):
            continue
        seen[name] = None
        if through_choices or state.get("Type") != "Choice":
            waiting.extend(_following(state))
    return seen


def _following(state: Mapping[str, Any]) -> Iterator[Any]:
    yield from _ways(state)
    caught = state.get("Catch")
    for rule in caught if isinstance(caught, list) else ():
        if isinstance(rule, Mapping):
            yield rule.get("Next")

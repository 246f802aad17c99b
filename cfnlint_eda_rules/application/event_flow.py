"""The event flow: which messages can come back to the function that emitted them.

A networkx MultiDiGraph whose nodes are states and whose edges are what moves between them:
- `Running(actor, mode)`: a function (or state machine) runs, invoked synchronously (API, poller) or
  asynchronously;
- `At(resource, message)`: a message with this content lies at a resource. An emission leads from
  Running to At; a delivery of the template leads from At to At or to Running when the message
  passes its filter. Messages keep their content through relays, so a filter three hops away still
  sees the key the code wrote. A loop is a cycle through a Running function; strongly connected
  components are found in linear time and one shortest cycle is named for each emission on one:
  cycles are never enumerated, and the looking for short ones is bounded by the size of the
  component.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import networkx as nx

from cfnlint_eda_rules.application import filters
from cfnlint_eda_rules.application.choices import comes_to
from cfnlint_eda_rules.application.consequences import Consequence, Consequences
from cfnlint_eda_rules.application.deployment import Deployment, value_of_part
from cfnlint_eda_rules.application.effects import Effect, Effects, waits
from cfnlint_eda_rules.application.emitted_messages import (
    of_effect,
    of_task,
    piped,
    requested,
    result_of,
    written,
)
from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.links import Filter, Link, LinkRole
from cfnlint_eda_rules.application.messages import Message, delivered, unknown_content
from cfnlint_eda_rules.application.naming import evidence_of
from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.budget import STATES
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.symbolic_values import Literal, OneOf, Text, Unknown, Value
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import Conditions
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.symbolic_text import parsed

Place: TypeAlias = str | External

NO_CONDITIONS: Conditions = frozenset()
_LOOKS_PER_EDGE = 20
_LOOKS_AT_LEAST = 20_000
_DEEPEST_FIELD = 10
# At one place; relays in a circle wrap a message anew each time round.
_MOST_MESSAGES = 500
_MOST_INPUTS = 100
_RESULTS = frozenset({LinkRole.DESTINATION, LinkRole.FAILURE})
_EMITTED_BY_LAMBDA = _RESULTS | {LinkRole.LOG, LinkRole.ENRICHMENT}
_MOST_NAMED = 5
_MOST_ALIKE = 50
_TAKES = frozenset({"ReceiveMessage", "StartMessageMoveTask"})


@dataclass(frozen=True, slots=True)
class Running:
    """A function or state machine at work; `waited_for` when its invoker waits or polls, `given`
    the input of a state machine as far as it is known.
    """

    actor: str
    waited_for: bool = False
    given: Value | None = None


@dataclass(frozen=True, slots=True)
class At:
    """A message at a resource."""

    place: Place
    message: Message


State: TypeAlias = Running | At


@dataclass(frozen=True, slots=True)
class Emission:
    """An edge from a running actor: what it puts where, on which evidence ("configured", "code",
    "granted", "broad").

    `after_asynchronous`: it happens only after asynchronous invocations (destinations, dead letters
    of the function); `waited_for`: the actor waits for what it invokes.
    `by_service`: AWS does it because of what the actor did; `choice`: Choice states decide whether
    a state machine comes to it.
    """

    actor: str
    target: Place
    evidence: Evidence
    because: str
    conditions: Conditions = NO_CONDITIONS
    effect: Effect | None = None
    after_asynchronous: bool = False
    waited_for: bool = False
    by_service: bool = False
    choice: Filter | None = None


@dataclass(frozen=True, slots=True)
class RecursiveLoop:
    """One loop. `places` are the resources in order, first and last the same; `emissions` those of
    its actors, in order of travel.

    `functions` are the logical ids of the functions on it, in template order; `trigger` is the link
    that invokes the first of them; `failing` are the functions on it that only fail: what they
    could not work off goes on as dead letters.
    """

    places: tuple[Place, ...]
    functions: tuple[str, ...]
    emissions: tuple[Emission, ...]
    trigger: Link | None
    failing: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether no emission rests on a grant alone."""
        return all(e.evidence in (Evidence.CONFIGURED, Evidence.CODE) for e in self.emissions)

    @property
    def guarded(self) -> bool:
        """Whether the code makes one of the emissions only under a condition, which may end it."""
        calls = [e.effect.call for e in self.emissions if e.effect is not None]
        return any(call is not None and (call.guards or call.decided_by) for call in calls)

    @property
    def by_service(self) -> bool:
        """Whether AWS itself, not an actor, puts something on the way."""
        return any(emission.by_service for emission in self.emissions)


class _Component:
    """A strongly connected component of the graph, and how many edges may still be looked at for
    short cycles in it.
    """

    def __init__(self, graph: nx.MultiDiGraph[State], states: set[State]) -> None:
        self.states = states
        edges = sum(len(graph.adj[state]) for state in states)
        self.looks = max(_LOOKS_AT_LEAST, _LOOKS_PER_EDGE * edges)


class EventFlow:
    """The event flow of one deployment. `strict` admits broad grants and messages that are not
    known to be filtered out.
    """

    def __init__(self, deployment: Deployment, effects: Effects, strict: bool = False) -> None:
        self._deployment = deployment
        self._effects = effects
        self._strict = strict
        self._outgoing: dict[Place, list[Link]] = {}
        for link in deployment.links:
            if link.role in {
                LinkRole.TRIGGER,
                LinkRole.REPLICATION,
                LinkRole.FAILURE,
                LinkRole.ENRICHMENT,
                LinkRole.TRANSFORM,
                LinkRole.EVALUATION,
            } and not self._is_actor(link.source):
                self._outgoing.setdefault(link.source, []).append(link)
        for link in (*self._polled(), *self._routed()):
            self._outgoing.setdefault(link.source, []).append(link)
        self._described = [
            place
            for place in self._outgoing
            if isinstance(place, External) and place.text.partition("/")[0] in _MATCHES
        ]
        self._consequences = Consequences(deployment, effects, self._outgoing)
        self._inputs: dict[str, set[Value]] = {}
        self.graph: nx.MultiDiGraph[State] = nx.MultiDiGraph()
        self._build()

    # ----------------------------------------------------------------------------------------------

    def _is_actor(self, place: Place) -> bool:
        return isinstance(place, str) and (
            place in self._deployment.functions or place in self._deployment.state_machines
        )

    def _polled(self) -> Iterator[Link]:
        """Dead-letter queues that a function takes messages from itself: whatever it does with
        them, what comes to lie there again is worked on again.
        """
        dead = {link.target for link in self._deployment.links if link.role == LinkRole.FAILURE}
        for function in self._deployment.functions:
            for effect in self._effects.of(function) if dead else ():
                operation = effect.operation
                taken = operation.service == "sqs" and operation.name in _TAKES
                if taken and effect.call is not None and effect.target in dead:
                    assert effect.target is not None
                    yield Link(
                        effect.target,
                        function,
                        LinkRole.TRIGGER,
                        SourceKind.QUEUE,
                        None,
                        ("Resources", function),
                        conditions=effect.conditions,
                    )

    def _routed(self) -> Iterator[Link]:
        """The routes that functions of the deployment make requests to."""
        for function in self._deployment.functions:
            for request in self._effects.http_calls.of(function):
                if request.target in self._deployment.functions and request.api != request.target:
                    yield Link(
                        request.api,
                        request.target,
                        LinkRole.TRIGGER,
                        SourceKind.API,
                        Filter("fields", ({"function": [request.target]},)),
                        ("Resources", str(request.target)),
                        conditions=request.conditions,
                    )

    def _requested(self, function: LambdaFunction) -> Iterator[tuple[Emission, Message]]:
        """The requests a function makes to routes and resolvers of the deployment."""
        for request in self._effects.http_calls.of(function.logical_id):
            invokes = request.target in self._deployment.functions
            emission = Emission(
                function.logical_id,
                request.api if invokes else request.target,
                Evidence.CODE,
                request.because,
                request.conditions | function.conditions,
                waited_for=request.call.blocking,
            )
            yield emission, requested(self._deployment, request)

    def _build(self) -> None:
        emissions = {
            actor: tuple(self._emissions(actor))
            for actor in (*self._deployment.functions, *self._deployment.state_machines)
        }
        waiting: deque[State] = deque(
            Running(actor, mode)
            for actor, found in emissions.items()
            if found
            for mode in (False, True)
        )
        self.graph.add_nodes_from(waiting)
        seen: set[State] = set(waiting)
        kept: Counter[Place] = Counter()
        while waiting:
            state = waiting.popleft()
            for following, edge in self._following(state, emissions):
                if following not in seen and isinstance(following, At):
                    kept[following.place] += 1
                    if kept[following.place] > _MOST_MESSAGES:
                        following = At(following.place, unknown_content(following.message))
                self.graph.add_edge(state, following, edge=edge)
                if following not in seen:
                    if not self._deployment.budget.affords(STATES):
                        return
                    seen.add(following)
                    waiting.append(following)

    def _following(
        self, state: State, emissions: Mapping[str, tuple[tuple[Emission, Message], ...]]
    ) -> Iterator[tuple[State, Emission | Link]]:
        if isinstance(state, Running):
            for emission, message in emissions.get(state.actor, ()):
                if state.waited_for and emission.after_asynchronous:
                    continue
                if emission.choice is not None and not self._chosen(emission.choice, state.given):
                    continue
                yield self._arrive(emission.target, message, emission), emission
            return
        for link in self._leaving(state):
            passed = self._pass(link, state.message)
            if passed is not None:
                yield self._arrive(link.target, passed, link), link

    def _arrive(self, place: Place, message: Message, edge: Emission | Link) -> State:
        if not self._is_actor(place):
            return At(
                place,
                replace(message, name=self._declared_name(place))
                if message.format == "s3"
                else message,
            )
        assert isinstance(place, str)
        given = self._given(place, message)
        if isinstance(edge, Link):
            return Running(place, edge.kind in load("invocation")["synchronous"], given)
        waited_for = edge.waited_for or (edge.effect is not None and waits(edge.effect))
        return Running(place, waited_for, given)

    def _given(self, place: str, message: Message) -> Value | None:
        """The input that a message starts a state machine with, of the first hundred different."""
        if place in self._deployment.functions or message.format != "invocation":
            return None
        given = message.content.get("input")
        known = self._inputs.setdefault(place, set())
        if given is None or (given not in known and len(known) >= _MOST_INPUTS):
            return None
        known.add(given)
        return given

    def _chosen(self, choice: Filter, given: Value | None) -> bool:
        """Whether Choice states let an execution come to a task: what is not known is taken to be
        decided by the author.
        """
        ((definition, state),) = choice.patterns
        answer = comes_to(definition, state, given)
        return self._strict if answer is None else answer

    def _declared_name(self, place: Place) -> Value | None:
        if isinstance(place, External):
            # A bucket of another stack is named in the template by the text it is known by.
            spelt = parsed(place.text.rpartition(":::")[2])
        else:
            spelt = self._deployment.references.physical_name(place)
        parts = tuple(value_of_part(part) for part in spelt)
        return (parts[0] if len(parts) == 1 else Text(parts)) if parts else None

    def _leaving(self, state: At) -> Iterator[Link]:
        yield from self._outgoing.get(state.place, ())
        if isinstance(state.place, External):
            kind, _, name = state.place.text.partition("/")
            for place in self._described:
                wanted, _, description = place.text.partition("/")
                if place != state.place and wanted == kind and _MATCHES[kind](description, name):
                    yield from self._outgoing[place]

    def _pass(self, link: Link, message: Message) -> Message | None:
        """The message after the link, or None when it does not get through."""
        format_ = self._deployment.message_format(link.target)
        if link.accepts is not None and not self._accepts(link.accepts, message):
            return None
        if message.read_only and link.kind == SourceKind.BUS and not link.reads:
            return None
        if link.role == LinkRole.FAILURE and format_ == message.format:
            return message
        if format_ == "s3" and message.format == "s3":
            return replace(message, bucket=str(link.target))
        if format_ == "s3":
            return written(
                self._deployment.leaf(link.prefix) if link.prefix is not None else None,
                str(link.target),
            )
        if format_ == "eventbridge" and link.content is not None:
            return piped(self._deployment, link)
        return delivered(message, format_, raw=link.raw) if format_ else message

    def _accepts(self, accepts: Filter, message: Message) -> bool:
        answers = [
            filters.event_passes(accepts.events, message.events),
            filters.passes(
                accepts.language, accepts.patterns, message, self._deployment.leaf, accepts.scope
            ),
        ]
        answer = filters.all_of(answers)
        return self._strict if answer is None else answer

    def _emissions(self, actor: str) -> Iterator[tuple[Emission, Message]]:
        deployment = self._deployment
        function = deployment.functions.get(actor)
        if function is None:
            for link in deployment.links_from(actor):
                if link.role in {LinkRole.TASK, LinkRole.DESTINATION, LinkRole.FAILURE}:
                    emission = Emission(
                        actor,
                        link.target,
                        Evidence.CONFIGURED,
                        evidence_of(link),
                        link.conditions,
                        choice=link.accepts,
                    )
                    yield from ((emission, message) for message in of_task(deployment, link))
            for consequence in self._consequences.of_execution(actor):
                yield self._by(actor, Evidence.CONFIGURED, self._executions(actor), consequence)
            return
        if not function.in_scope:
            return
        held = function.conditions
        for link in deployment.links_from(actor):
            if link.role in {
                LinkRole.DESTINATION,
                LinkRole.FAILURE,
                LinkRole.LOG,
                LinkRole.ENRICHMENT,
            }:
                emission = Emission(
                    actor,
                    link.target,
                    Evidence.CONFIGURED,
                    evidence_of(link),
                    link.conditions | held,
                    after_asynchronous=link.role in _RESULTS,
                )
                format_ = deployment.message_format(link.target)
                on_a_bus = link.role == LinkRole.ENRICHMENT and format_ == "eventbridge"
                yield (
                    emission,
                    piped(deployment, link) if on_a_bus else result_of(link.role, format_),
                )
        fields = self._event_fields(actor)
        yield from self._requested(function)
        yield from self._following_calls(function, fields)
        seen = set()
        for effect in self._emitting(actor):
            if self._at_start(effect):
                continue
            assert effect.target is not None
            emission = Emission(
                actor,
                effect.target,
                effect.evidence,
                effect.because,
                effect.conditions | held,
                effect,
            )
            for message in of_effect(deployment, function, effect, fields):
                if (identity := (effect.target, message, emission.conditions)) not in seen:
                    seen.add(identity)
                    yield emission, message

    def _following_calls(
        self, function: LambdaFunction, event_fields: Mapping[tuple[str, ...], Value]
    ) -> Iterator[tuple[Emission, Message]]:
        """What AWS does because of the function's invocation and its calls."""
        actor, held = function.logical_id, function.conditions
        for consequence in self._consequences.of_invocation(actor):
            because = f"the invocation of {actor}"
            yield self._by(actor, Evidence.CONFIGURED, because, consequence, held)
        for effect in self._effects.of(actor):
            if self._at_start(effect) or (effect.evidence == Evidence.BROAD and not self._strict):
                continue
            for consequence in self._consequences.of(function, effect, event_fields):
                together = held | effect.conditions
                yield self._by(
                    actor, effect.evidence, effect.because, consequence, together, effect
                )

    def _executions(self, machine: str) -> str:
        """How a message names the executions of a state machine: with the functions that work in
        them.
        """
        links = self._deployment.links_from(machine)
        run = [str(link.target) for link in links if link.target in self._deployment.functions]
        named = ", ".join(dict.fromkeys(run[:_MOST_NAMED]))
        return f"the executions of {machine}" + (f" ({named})" if named else "")

    def _at_start(self, effect: Effect) -> bool:
        return effect.call is not None and effect.call.at_start

    def _by(
        self,
        actor: str,
        evidence: Evidence,
        because: str,
        consequence: Consequence,
        conditions: Conditions = NO_CONDITIONS,
        effect: Effect | None = None,
    ) -> tuple[Emission, Message]:
        emission = Emission(
            actor,
            consequence.place,
            evidence,
            f"{because}{consequence.how}",
            conditions | consequence.conditions,
            effect,
            by_service=bool(consequence.how),
        )
        return emission, consequence.message

    def _emitting(self, function_id: str) -> Iterator[Effect]:
        """The effects that put something somewhere; a grant on everything is one on each
        resource that something starts from.
        """
        deployment = self._deployment
        for effect in self._effects.of(function_id):
            known = effect.operation
            if known.emits is None or (effect.evidence == Evidence.BROAD and not self._strict):
                continue
            if effect.target is not None:
                yield effect
            elif effect.call is None and known.target is not None:
                for place in (*self._outgoing, *deployment.functions):
                    if deployment.type_of(place) in known.target.types:
                        assert isinstance(place, str)
                        if not deployment.permissions.denied(function_id, known.action, place):
                            yield replace(effect, target=place)

    def _event_fields(self, function_id: str) -> dict[tuple[str, ...], Value]:
        """What is known of the triggering event's fields: it passed the filters in front of the
        function.
        """
        keys: list[Value] = []
        for link in self._deployment.upstream(function_id):
            if link.accepts is not None and link.accepts.language == "s3" and link.accepts.patterns:
                keys.extend(self._filtered_key(rules) for rules in link.accepts.patterns)
            elif link.kind == SourceKind.BUCKET:
                keys.append(Unknown("event key"))
        key = OneOf(tuple(keys)) if len(keys) > 1 else keys[0] if keys else None
        return self._selected_fields(function_id) | (
            {("s3", "object", "key"): key, ("detail", "object", "key"): key}
            if key is not None
            else {}
        )

    def _selected_fields(self, function_id: str) -> dict[tuple[str, ...], Value]:
        """The fields of the function's events that every event pattern in front of it names the
        values of.
        """
        direct = [
            link.accepts
            for link in self._deployment.upstream(function_id)
            if link.target == function_id and link.kind == SourceKind.BUS
        ]
        patterns: list[dict[tuple[str, ...], tuple[Value, ...]]] = []
        for accepts in direct:
            if accepts is None or accepts.language != "eventbridge" or not accepts.patterns:
                return {}
            patterns.extend(dict(self._named_values(pattern)) for pattern in accepts.patterns)
        shared = (
            [path for path in patterns[0] if all(path in pattern for pattern in patterns)]
            if patterns
            else []
        )
        found: dict[tuple[str, ...], Value] = {}
        for path in shared:
            values = tuple(dict.fromkeys(value for pattern in patterns for value in pattern[path]))
            found[path[-3:]] = values[0] if len(values) == 1 else OneOf(values)
        return found

    def _named_values(
        self, pattern: Any, path: tuple[str, ...] = ()
    ) -> Iterator[tuple[tuple[str, ...], tuple[Value, ...]]]:
        """(path, values) of the fields that an event pattern wants to equal one of some texts."""
        if not isinstance(pattern, dict) or len(path) > _DEEPEST_FIELD:
            return
        for name, wanted in pattern.items():
            if (
                isinstance(wanted, list)
                and wanted
                and all(isinstance(value, str) for value in wanted)
            ):
                yield (*path, str(name)), tuple(Literal(value) for value in wanted)
            else:
                yield from self._named_values(wanted, (*path, str(name)))

    def _filtered_key(self, rules: Any) -> Value:
        known = {"prefix": "", "suffix": ""}
        for rule in rules if isinstance(rules, list | tuple) else ():
            value = self._deployment.leaf(rule.get("Value")) if isinstance(rule, dict) else None
            if isinstance(value, Literal) and isinstance(value.value, str):
                known[str(rule.get("Name")).lower()] = value.value
        parts = (Literal(known["prefix"]), Unknown("event key"), Literal(known["suffix"]))
        return Text(tuple(part for part in parts if part != Literal("")))

    # ----------------------------------------------------------------------------------------------

    def loops(self) -> tuple[RecursiveLoop, ...]:
        """Every loop once, in template order of the function that closes it."""
        found: dict[tuple[Place, ...], RecursiveLoop] = {}
        covered: set[tuple[str, Place]] = set()
        components = [
            c
            for c in nx.strongly_connected_components(self.graph)
            if len(c) > 1 or self._loops_on_itself(c)
        ]
        starts = [
            (state, component)
            for component in (_Component(self.graph, states) for states in components)
            for state in component.states
            if isinstance(state, Running)
        ]
        order = self._deployment.order
        for state, component in sorted(
            starts, key=lambda start: (order(start[0].actor), start[0].waited_for)
        ):
            if state.actor not in self._deployment.functions:
                continue
            for following, edge in self._edges(state):
                if following not in component.states or (state.actor, edge.target) in covered:
                    continue
                cycle = self._shortest(state, following, edge, component)
                if cycle is None:
                    continue
                covered |= {(e.actor, e.target) for e in cycle if isinstance(e, Emission)}
                loop = self._loop(cycle)
                found.setdefault(_canonical(loop.places), loop)
        ordered = sorted(
            found.values(),
            key=lambda loop: (order(loop.functions[0]), [str(place) for place in loop.places]),
        )
        return tuple(self._without_twins(ordered))

    def _without_twins(self, loops: list[RecursiveLoop]) -> Iterator[RecursiveLoop]:
        """The loops, those left out that lead through another resource only where one excludes the
        other: the same loop in another deployment.
        """
        kept: dict[int, list[RecursiveLoop]] = {}
        for loop in loops:
            alike = kept.setdefault(len(loop.places), [])
            if not any(self._twins(loop, other) for other in alike[:_MOST_ALIKE]):
                alike.append(loop)
                yield loop

    def _twins(self, one: RecursiveLoop, other: RecursiveLoop) -> bool:
        differing = [
            (mine, theirs)
            for mine, theirs in zip(one.places, other.places, strict=True)
            if mine != theirs
        ]
        references = self._deployment.references
        return bool(differing) and all(
            isinstance(mine, str)
            and isinstance(theirs, str)
            and self._deployment.type_of(mine) == self._deployment.type_of(theirs)
            and not references.compatible(
                references.resource_conditions(mine) | references.resource_conditions(theirs)
            )
            for mine, theirs in differing
        )

    def _edges(self, state: State) -> Iterator[tuple[State, Emission | Link]]:
        """The edges that leave a state, with where they lead."""
        for following, parallel in self.graph.adj[state].items():
            yield from ((following, edge["edge"]) for edge in parallel.values())

    def _loops_on_itself(self, component: set[State]) -> bool:
        (state,) = component
        return bool(self.graph.has_edge(state, state))

    def _shortest(
        self, start: Running, first: State, edge: Emission | Link, component: _Component
    ) -> list[Emission | Link] | None:
        """The edges of a shortest cycle from `start` over `edge`, whose conditions can hold
        together; None when there is none.
        """
        compatible = self._deployment.references.compatible
        if not compatible(edge.conditions):
            return None
        if first == start:
            return [edge]
        waiting: deque[tuple[State, Conditions, tuple[Any, ...]]] = deque(
            [(first, edge.conditions, (edge, None))]
        )
        seen = {(first, edge.conditions)}
        while waiting and component.looks > 0:
            state, held, trail = waiting.popleft()
            # Asked first, so that a hub of thousands is not gone through to find the way back.
            for parallel in self.graph.adj[state].get(start, {}).values():
                if compatible(held | parallel["edge"].conditions):
                    return _unwound((parallel["edge"], trail))
            for following, link in self._edges(state):
                component.looks -= 1
                conditions = held | link.conditions
                if (
                    following in component.states
                    and (following, conditions) not in seen
                    and (conditions == held or compatible(conditions))
                ):
                    seen.add((following, conditions))
                    waiting.append((following, conditions, (link, trail)))
        return None

    def _loop(self, cycle: list[Emission | Link]) -> RecursiveLoop:
        emissions = [edge for edge in cycle if isinstance(edge, Emission)]
        functions = sorted(
            {e.actor for e in emissions if e.actor in self._deployment.functions},
            key=self._deployment.order,
        )
        begin = next(
            index
            for index, edge in enumerate(cycle)
            if isinstance(edge, Emission) and edge.actor == functions[0]
        )
        cycle = cycle[begin:] + cycle[:begin]
        places: list[Place] = [functions[0], *(edge.target for edge in cycle)]
        if len(places) > 2:
            places = [places[-2], *places[:-1]]
        trigger = cycle[-1] if isinstance(cycle[-1], Link) else None
        return RecursiveLoop(
            tuple(places),
            tuple(functions),
            tuple(e for e in cycle if isinstance(e, Emission)),
            trigger,
            tuple(self._failing(cycle, functions)),
        )

    def _failing(self, cycle: list[Emission | Link], functions: list[str]) -> Iterator[str]:
        """The consumers of the queues whose dead letters are on a loop."""
        for edge in cycle:
            if isinstance(edge, Link) and edge.role == LinkRole.FAILURE:
                for link in self._outgoing.get(edge.source, ()):
                    known = link.target in self._deployment.functions
                    if known and link.target not in functions and link.role == LinkRole.TRIGGER:
                        yield str(link.target)


def undetected(deployment: Deployment, loop: RecursiveLoop) -> tuple[Place, ...]:
    """The places of a loop that Lambda's own recursive loop detection does not follow; () when it
    would stop the loop.
    """
    detected = load("loop_detection")["detected"]
    return tuple(
        dict.fromkeys(place for place in loop.places if deployment.type_of(place) not in detected)
    )


def stopped_after() -> int:
    """About how often a loop goes round before Lambda's own detection stops it."""
    return int(load("loop_detection")["passes"])


def _unwound(trail: tuple[Any, ...]) -> list[Emission | Link]:
    edges: list[Emission | Link] = []
    rest: tuple[Any, ...] | None = trail
    while rest is not None:
        edge, rest = rest
        edges.append(edge)
    return edges[::-1]


def _canonical(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """The same for a loop wherever one starts to follow it."""
    ring = places[:-1]
    least = min(range(len(ring)), key=lambda index: str(ring[index]))
    return ring[least:] + ring[:least]


def topic_matches(topic_filter: str, topic: str) -> bool:
    """Whether an MQTT topic passes a topic filter with `+` and `#` (AWS IoT Developer Guide, "MQTT
    topics"); unknown levels pass `+` and `#` only.
    """
    wanted, given = topic_filter.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(given) or level not in ("+", given[index]):
            return False
    return len(wanted) == len(given)


def mail_matches(recipient: str, address: str) -> bool:
    """Whether a receipt rule's recipient takes mail to an address (SES Developer Guide, "Receipt
    rules": an address, a domain, or `.domain` for its subdomains). A rule without recipients takes
    the mail of all verified domains, which no template names.
    """
    mailbox, _, domain = address.rpartition("<")[2].rstrip("> ").strip().lower().rpartition("@")
    wanted = recipient.lower()
    if "@" in wanted:
        return wanted in (f"{mailbox}@{domain}", f"{mailbox.partition('+')[0]}@{domain}")
    return bool(wanted) and (
        domain.endswith(wanted) if wanted.startswith(".") else domain == wanted
    )


_MATCHES: Mapping[str, Callable[[str, str], bool]] = {"iot": topic_matches, "mail": mail_matches}
"""Kinds of places outside of the template that links describe by a pattern: does a description mean
this name?
"""

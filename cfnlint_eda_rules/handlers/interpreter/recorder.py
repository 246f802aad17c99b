"""The recorder: what the handler calls and mounts, put down as facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from cfnlint_eda_rules.budget import CALLS, RELATIONS, Exhausted, spend, walked
from cfnlint_eda_rules.handlers.facts import Call, CallKind, Guard, Mount
from cfnlint_eda_rules.handlers.interpreter.language import Models, Semantics
from cfnlint_eda_rules.handlers.interpreter.objects import (
    needs_of,
    value_of,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Known,
    Object,
    Promise,
    Task,
)
from cfnlint_eda_rules.handlers.interpreter.state import Program, State
from cfnlint_eda_rules.handlers.symbolic_values import OneOf, Unknown, Value, alternatives
from cfnlint_eda_rules.records import dataclass

MAX_CALLS = 400  # told apart by the ways to them; beyond, by their places alone
MAX_PLACES = 1_000  # of calls; a handler with more is not followed


@dataclass(slots=True)
class Recorded:
    """A call while more may be learnt of it: the same call of a later pass or another alternative
    is merged in.
    """

    id: int
    kind: str
    service: str
    operation: str
    arguments: Mapping[str, Value]
    file: str
    line: int
    through: str
    before: set[int]
    needs: set[int]
    decided: set[int]
    guards: frozenset[Guard]
    in_error: bool
    in_loop: bool
    at_start: bool
    durable: bool
    polls: bool = False
    given: Mapping[str, Value] = field(default_factory=dict)  # the first time it was made
    varies: bool = False  # asks for something else when it is made again
    tasks: list[Task | None] = field(default_factory=list)

    def blocking(self) -> bool:
        return any(task is None or task.awaited() for task in self.tasks)


class Recorder(State):
    """Puts down what is called (`protocol.Recording`). A call is one that is written at one place
    and reached on one way: made again, in another alternative or pass, it is merged in.
    """

    def __init__(self, program: Program, language: Semantics, models: Models) -> None:
        super().__init__(program, language, models)
        self.recorded: dict[Any, Recorded] = {}
        self.mounts: dict[tuple[str, str, int], Mount] = {}

    def request(
        self,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        *,
        result: Object | None = None,
    ) -> Object:
        call = self._record(kind, service, operation, arguments, self.context.task)
        if call is None or self.path is None:
            return Object()
        self.path = self.path.after((call,))
        return self._answer(call, service, operation, result)

    def start(
        self,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        *,
        result: Object | None = None,
    ) -> Object:
        task = self.new_task()
        call = self._record(kind, service, operation, arguments, task)
        if call is None:
            return Promise(Object())
        return Promise(self._answer(call, service, operation, result), frozenset((call,)), (task,))

    def new_task(self) -> Task:
        task = Task(self.context.task)
        self.tasks.append(task)
        return task

    def _answer(self, call: int, service: str, operation: str, result: Object | None) -> Object:
        needs = frozenset((call,))
        if result is None:
            return Object(f"{service or 'call'}.{operation}#{call}", needs)
        if type(result) is Known:
            return Known(result.known, result.needs | needs, result.expression)
        result.needs = result.needs | needs
        if not result.expression:
            result.expression = f"{service or 'call'}.{operation}#{call}"
        return result

    def _record(
        self,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        task: Task | None,
    ) -> int | None:
        path = self.path
        if path is None:
            return None
        stack = self.context.stack if len(self.recorded) < MAX_CALLS else ()
        key = (id(self.site), stack, kind, service, operation)
        walked(len(path.before) + len(path.guards))
        # "**" stands for parameters that are not known, for their needs alone.
        given = {name: value_of(argument) for name, argument in arguments.items()}
        values = {name: value for name, value in given.items() if name != "**"}
        needs = NOTHING
        for argument in arguments.values():
            needs |= needs_of(argument)
        found = self.recorded.get(key)
        if found is None:
            if len(self.recorded) >= MAX_PLACES:
                raise Exhausted(CALLS)
            spend(RELATIONS, len(path.before) + len(needs) + len(path.decided))
            found = Recorded(
                id=len(self.recorded) + 1,
                kind=kind,
                service=service,
                operation=operation,
                arguments=values,
                file=self.program.shown(self.file),
                line=self.site.line,
                through=self._through(),
                before=set(path.before),
                needs=set(needs),
                decided=set(path.decided),
                guards=path.guards,
                in_error=path.error,
                in_loop=self.loops > 0,
                at_start=self.context.start_up,
                durable=self.context.durable,
                tasks=[task],
                given=given,
            )
            self.recorded[key] = found
        else:
            # A way that only errors take says nothing of the normal order, once there is a normal
            # one; of normal ways, one that makes both calls has them one after the other.
            if path.error == found.in_error or found.in_error:
                found.before = (
                    set(path.before)
                    if found.in_error and not path.error
                    else found.before | path.before
                )
                found.guards &= path.guards
                found.in_error = found.in_error and path.error
            found.arguments = {
                name: _merged_values(
                    [one[name] for one in (found.arguments, values) if name in one]
                )
                for name in (
                    *found.arguments,
                    *(name for name in values if name not in found.arguments),
                )
            }
            found.varies = found.varies or given != found.given
            found.needs |= needs
            found.decided |= path.decided
            found.in_loop = found.in_loop or self.loops > 0
            found.at_start = found.at_start and self.context.start_up
            found.durable = found.durable and self.context.durable
            found.tasks.append(task)
        self.touched.append(found.id)
        return found.id

    def _through(self) -> str:
        line = self.context.through
        return f"{self.program.shown(self.context.home)}:{line}" if line else ""

    def mount(self, framework: str, routes: int) -> None:
        key = (framework, self.file, self.site.line)
        before = self.mounts.get(key)
        if before is None or before.routes < routes:
            self.mounts[key] = Mount(
                framework, routes, self.program.shown(self.file), self.site.line
            )

    def calls(self) -> tuple[Call, ...]:
        """All calls recorded, in the order of their ids."""
        return tuple(
            Call(
                id=call.id,
                kind=CallKind(call.kind),
                service=call.service,
                operation=call.operation,
                arguments=call.arguments,
                file=call.file,
                line=call.line,
                through=call.through,
                preceded_by=frozenset(call.before - {call.id}),
                needs=frozenset(call.needs - {call.id}),
                decided_by=frozenset(call.decided - {call.id}),
                guards=call.guards,
                blocking=call.blocking(),
                in_error_handler=call.in_error,
                in_loop=call.in_loop,
                polls=call.polls,
                at_start=call.at_start,
                durable=call.durable,
            )
            for call in self.recorded.values()
            if call.kind != "sleep" or call.blocking()
        )

    def mark_polls(
        self, since: int, exits: frozenset[int], going_on: frozenset[int] = NOTHING
    ) -> None:
        """Marks the calls made since `since` whose answers decide when their loop ends, unless they
        ask for what the loop's answers say, or the loop works on what they answer.

        Following a marker from page to page, or looking up one by one what another call lists, asks
        something else each time; what a loop has worked on is gone the next time it looks (a queue
        that is drained).
        """
        made = set(self.touched[since:])
        walked(len(self.touched) - since + len(self.recorded))
        calls = {call.id: call for call in self.recorded.values() if call.id in made}
        deciding = made & exits
        pending = list(deciding)
        while pending:
            more = (calls[pending.pop()].needs & made) - deciding
            deciding |= more
            pending.extend(more)
        worked_on: set[int] = set()
        for number in (made & going_on) - deciding:
            worked_on |= calls[number].needs
        for number in deciding - self.paged - worked_on:
            if not calls[number].needs & made and not calls[number].varies:
                calls[number].polls = True

    def normal_calls(self, since: int) -> frozenset[int]:
        normal = {call.id for call in self.recorded.values() if not call.in_error}
        return frozenset(call for call in self.touched[since:] if call in normal)

    def sleeps(self) -> frozenset[int]:
        return frozenset(call.id for call in self.recorded.values() if call.kind == "sleep")

    def polled(self, action: Callable[[], Object]) -> Object:
        since = len(self.touched)
        with self.within(self.context.looped()):
            result = action()
        made = set(self.touched[since:])
        decided = [call.decided for call in self.recorded.values() if call.id in made]
        self.mark_polls(since, NOTHING.union(*decided))
        return result


def _merged_values(found: Sequence[Value]) -> Value:
    options = tuple(dict.fromkeys(option for value in found for option in alternatives(value)))
    if len(options) == 1:
        return options[0]
    return OneOf(options) if len(options) <= 4 else Unknown()

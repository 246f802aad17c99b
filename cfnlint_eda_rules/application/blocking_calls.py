"""The blocking steps of a handler in the order they happen: what it waits for, one after the other.

A step is a call that blocks the invocation on its normal path: a side effect ("write"), a read or
inference ("read"), or a wait for something outside ("wait": sleep, waiter, polling). Calls in error
handlers, at start-up, in checkpointed steps, and those for logs, metrics, traces or acknowledgement
are no steps; a state that an error handler waits for is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from cfnlint_eda_rules.application.call_targets import (
    CallTarget,
    connection,
    differ_surely,
    http_targets,
)
from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.effects import Effect, Effects, operation_of
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.handler_values import texts
from cfnlint_eda_rules.application.lengths import UNKNOWN, longest
from cfnlint_eda_rules.application.naming import label
from cfnlint_eda_rules.application.requests import at
from cfnlint_eda_rules.budget import COMPARISONS
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import (
    READS,
    SIDE_EFFECTS,
    EffectKind,
    Operation,
    tells_progress,
)
from cfnlint_eda_rules.handlers.answers import tells_failure
from cfnlint_eda_rules.handlers.facts import Call, CallKind, exclusive
from cfnlint_eda_rules.handlers.symbolic_values import (
    EventField,
    Literal,
    Unknown,
    Value,
    alternatives,
)
from cfnlint_eda_rules.records import StrEnum, dataclass
from cfnlint_eda_rules.template.references import External

MOST_COMPARED = 120  # calls of one kind that are judged one against the other
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SHORTEST_WAIT = 1.0  # seconds
_UNITS = {"seconds": 1.0, "milliseconds": 0.001}


class Blocks(StrEnum):
    """What the handler waits for."""

    WRITE = "write"
    READ = "read"
    WAIT = "wait"
    """Something outside: a sleep, a waiter, polling."""


@dataclass(frozen=True, slots=True)
class BlockingCall:
    """One call as a step. `kind` "write", "read" or "wait"; `targets` those it can go to; `says`
    names it, with its place; `needs` are the calls any of whose answers reaches it, over any number
    of steps; `starts` that what it begins ends later.
    """

    call: Call
    kind: Blocks
    targets: frozenset[CallTarget]
    says: str
    operation: Operation | None = None
    effects: tuple[Effect, ...] = ()
    needs: frozenset[int] = frozenset()
    starts: bool = False

    def elsewhere(self, other: BlockingCall) -> bool:
        """Whether the two surely go to different targets: another service, or another known
        resource of the same.
        """
        return bool(self.targets and other.targets) and all(
            differ_surely(mine, theirs) for mine in self.targets for theirs in other.targets
        )

    def follows(self, other: BlockingCall) -> bool:
        """Whether some normal path makes the other call, waits for it, and then this one."""
        return other.call.id in self.call.preceded_by and not exclusive(self.call, other.call)


def blocking_calls(effects: Effects, function_id: str) -> tuple[BlockingCall, ...]:
    """The steps of a function's normal paths, in source order; () without readable source, or where
    the run has not enough left to compare them with each other.
    """
    found = tuple(step for step in _all(effects, function_id) if step.call.blocking)
    if not effects.deployment.budget.affords(COMPARISONS, min(len(found), MOST_COMPARED) ** 2):
        return ()
    looked_at = frozenset(
        step.call.id for step in found if step.call.polls and step.call.in_error_handler
    )
    return tuple(
        step
        for step in found
        if not step.call.in_error_handler
        or (step.kind == Blocks.WAIT and _watches(step, looked_at))
    )


def language(effects: Effects, function_id: str) -> str:
    """The language of a function's readable source; "" without."""
    source = effects.sources.of(function_id)
    return source.language if source is not None else ""


def _watches(step: BlockingCall, looked_at: frozenset[int]) -> bool:
    """Whether a wait in an error handler is for a state that is looked at there."""
    call = step.call
    return bool(looked_at & ({call.id} | call.preceded_by | call.decided_by))


def compensations(effects: Effects, function_id: str) -> tuple[BlockingCall, ...]:
    """The side effects a function has only in its error handlers."""
    return tuple(
        step
        for step in _all(effects, function_id)
        if step.call.in_error_handler and step.kind == Blocks.WRITE
    )


def _all(effects: Effects, function_id: str) -> Iterator[BlockingCall]:
    source = effects.sources.of(function_id)
    function = effects.deployment.functions[function_id]
    by_call: dict[int, list[Effect]] = {}
    for effect in effects.of(function_id):
        if effect.call is not None:
            by_call.setdefault(effect.call.id, []).append(effect)
    calls = source.calls if source is not None else ()
    needed = _needed(calls)
    for call in calls:
        if call.at_start or call.durable:
            continue
        step = _step(effects.deployment, function, call, tuple(by_call.get(call.id, ())))
        if step is not None:
            yield replace(step, needs=needed[call.id])


def _needed(calls: tuple[Call, ...]) -> Mapping[int, frozenset[int]]:
    """By call, those any of whose answers reaches it: its arguments, its client, its choice, the
    decision to make it, over any number of steps.
    """
    places = {call.id: place for place, call in enumerate(calls)}
    direct = [
        [places[needed] for needed in call.needs | call.decided_by if needed in places]
        for call in calls
    ]
    reached = [sum(1 << place for place in set(row)) for row in direct]
    changed = True
    while changed:  # as often as the longest chain that runs against the order of the calls
        changed = False
        for place, row in enumerate(direct):
            before = reached[place]
            for needed in row:
                reached[place] |= reached[needed]
            changed = changed or reached[place] != before
    return {
        call.id: frozenset(other.id for other in calls if reached[place] >> places[other.id] & 1)
        for place, call in enumerate(calls)
    }


def _where(call: Call) -> str:
    """The place in the handler's own file, and that of the helper which makes the call."""
    if call.through in ("", call.place):
        return f"`{call.place}`"
    return f"`{call.through}` (in `{call.place}`)"


def _step(
    deployment: Deployment, function: LambdaFunction, call: Call, effects: tuple[Effect, ...]
) -> BlockingCall | None:
    match call.kind:
        case CallKind.SLEEP:
            return _sleep(deployment, function, call)
        case CallKind.WAITER:
            says = f"the waiter {call.operation} at {_where(call)}"
            return BlockingCall(call, Blocks.WAIT, frozenset(), says)
        case CallKind.HTTP:
            return _http_request(deployment, function, call)
        case CallKind.CLIENT:
            return _client_call(deployment, function, call)
        case CallKind.SDK:
            return _operation(call, effects)
    return None


def _sleep(deployment: Deployment, function: LambdaFunction, call: Call) -> BlockingCall | None:
    """A sleep of a second or more, or of a time not known, but for one before what failed is tried
    again.
    """
    if any(map(tells_failure, call.guards)):
        return None
    seconds = [
        length * unit
        for name, unit in _UNITS.items()
        for length in _lengths(deployment, function, call.arguments.get(name))
    ]
    if seconds and max(seconds) < _SHORTEST_WAIT:
        return None
    return BlockingCall(call, Blocks.WAIT, frozenset(), f"a sleep at {_where(call)}")


def _lengths(
    deployment: Deployment, function: LambdaFunction, value: Value | None
) -> Iterator[float]:
    """The numbers that a value can be; one beyond all for what is not known."""
    for option in alternatives(value) if value is not None else ():
        if isinstance(option, Unknown):
            yield longest(option.expression)
            continue
        found = texts(deployment, function, option)
        for parts in [parts for parts, _ in found] or [()]:
            yield _number(parts[0]) if len(parts) == 1 else UNKNOWN


def _number(part: object) -> float:
    try:
        return float(part) if isinstance(part, str) else UNKNOWN
    except ValueError:
        return UNKNOWN


def _http_request(
    deployment: Deployment, function: LambdaFunction, call: Call
) -> BlockingCall | None:
    url = call.arguments.get("url", Unknown())
    if _answers_the_stack(url):
        return None
    found = http_targets(deployment, function, url)
    shown = found[0].shown if len(found) == 1 else ""
    method = call.operation or "request"
    says = f"HTTP {method}{f' to {shown}' if shown else ''} at {_where(call)}"
    kind = Blocks.READ if call.operation in _SAFE_METHODS else Blocks.WRITE
    return _outside(call, kind, frozenset(one.target for one in found), says)


def _answers_the_stack(url: Value | None) -> bool:
    """Whether a request goes to where a custom resource's handler acknowledges its event."""
    return isinstance(url, EventField) and url.path[-1:] == (
        load("function_roles")["custom_resources"]["answered_at"],
    )


def _client_call(deployment: Deployment, function: LambdaFunction, call: Call) -> BlockingCall:
    told = call.arguments.get("effect", Literal("read"))
    kinds = {option.value for option in alternatives(told) if isinstance(option, Literal)}
    kind = Blocks.READ if kinds <= {"read"} else Blocks.WRITE
    connected = connection(deployment, function, call.arguments.get("connection"))
    says = f"{call.service} {call.operation} at {_where(call)}"
    target = frozenset({(call.service, connected, None)})
    return _outside(call, kind, target, says, starts="start" in kinds)


def _operation(call: Call, effects: tuple[Effect, ...]) -> BlockingCall | None:
    known = operation_of(call)
    if known.effect not in SIDE_EFFECTS | READS:
        return None
    kind = Blocks.WRITE if known.effect in SIDE_EFFECTS else Blocks.READ
    targets = frozenset(
        (
            call.service,
            effect.target.text if isinstance(effect.target, External) else effect.target or "",
            effect.subject,
        )
        for effect in effects
    )
    named = sorted({label(effect.target) for effect in effects if effect.target is not None})
    # Where the target is only what the thing worked on leads to, it is not what the call is "on".
    on = f" on {named[0]}" if len(named) == 1 and not known.subject else ""
    says = f"{known.service}:{known.name}{on} at {_where(call)}"
    starts = known.effect == EffectKind.START or bool(known.polled_by)
    return _outside(call, kind, targets, says, known, effects, starts=starts)


def _outside(
    call: Call,
    kind: Blocks,
    targets: frozenset[CallTarget],
    says: str,
    operation: Operation | None = None,
    effects: tuple[Effect, ...] = (),
    *,
    starts: bool = False,
) -> BlockingCall:
    """A call of something outside; one that reads the same until it has changed is a wait."""
    if kind == Blocks.READ and call.polls:
        kind, says = Blocks.WAIT, f"polling by {says}"
    return BlockingCall(call, kind, targets, says, operation, effects, starts=starts)


# --------------------------------------------------------------------------------------------------


def writes_in_a_row(found: tuple[BlockingCall, ...], least: int = 2) -> tuple[BlockingCall, ...]:
    """The first run of at least so many side effects that go to different targets one after the
    other on one path; () when there is none.
    """
    return _run(found, Blocks.WRITE, lambda before, after: True, least)


def reads_in_a_row(found: tuple[BlockingCall, ...]) -> tuple[BlockingCall, ...]:
    """The first run of reads of different targets, one after the other, none of which needs an
    earlier one's result.

    A read of what was written in between had to wait for that.
    """
    writes = {step.call.id: step for step in found if step.kind == Blocks.WRITE}
    between = frozenset(list(writes)[:MOST_COMPARED])

    def free(before: BlockingCall, after: BlockingCall) -> bool:
        if before.call.id in after.needs:
            return False
        return not any(
            write.follows(before) and after.follows(write) and not after.elsewhere(write)
            for write in map(writes.__getitem__, sorted(between & after.call.preceded_by))
        )

    return _run(found, Blocks.READ, free)


def _run(
    found: tuple[BlockingCall, ...],
    kind: Blocks,
    free: Callable[[BlockingCall, BlockingCall], bool],
    least: int = 2,
) -> tuple[BlockingCall, ...]:
    chosen = [step for step in found if step.kind == kind][:MOST_COMPARED]
    for index, first in enumerate(chosen):
        run = [first]
        for step in chosen[index + 1 :]:
            if all(
                step.follows(before) and step.elsewhere(before) and free(before, step)
                for before in run
            ):
                run.append(step)
        if len(run) >= least:
            return tuple(run)
    return ()


def waits(found: tuple[BlockingCall, ...]) -> tuple[BlockingCall, ...]:
    """The steps that sleep, poll or use a waiter."""
    return tuple(step for step in found if step.kind == Blocks.WAIT)


def awaited_job(found: tuple[BlockingCall, ...]) -> tuple[BlockingCall, BlockingCall] | None:
    """(start, wait): a job or execution the function starts and then waits for itself; None when
    there is none.
    """
    started = [step for step in found if step.starts][:MOST_COMPARED]
    return next(
        (
            (start, wait)
            for wait in waits(found)[:MOST_COMPARED]
            for start in started
            if wait.call.id != start.call.id and wait.follows(start)
        ),
        None,
    )


def continued_job(
    effects: Effects, function_id: str, found: tuple[BlockingCall, ...]
) -> tuple[BlockingCall, BlockingCall] | None:
    """(job, continuation): the function re-invokes itself or re-sends to its own event source to
    look after a job again.

    The job is one it started on the way, or a state it looked at and that decides the continuation,
    where that comes back later or what was looked at tells progress; paging through results is no
    job.
    """
    sources = {function_id, *(link.source for link in effects.deployment.upstream(function_id))}
    found = found[:MOST_COMPARED]
    for step in found:
        again = [a for a in step.effects if step.kind == Blocks.WRITE and a.target in sources]
        if not again:
            continue
        later = any(_delayed(effects.deployment, a) for a in again) or _after_a_sleep(step, found)
        # What decides itself is named before what only led to it, the last one looked at first.
        decided = [job for job in found if job.call.id in step.call.decided_by]
        for job in [*reversed(decided), *reversed(found)]:
            if job is not step and _looks_after(job, step, later):
                return job, step
    return None


def _looks_after(job: BlockingCall, step: BlockingCall, later: bool) -> bool:
    if job.starts and job.kind == Blocks.WRITE:
        return job.call.id in step.call.needs
    if job.kind == Blocks.WRITE or not job.targets or job.call.id not in step.needs:
        return False
    if later:
        return True
    known = job.operation
    return known is not None and tells_progress(known.service, known.name)


def _delayed(deployment: Deployment, effect: Effect) -> bool:
    """Whether what is sent comes back only after a while, as for looking again later: by the delay
    of the call, or else of the queue.
    """
    delay = effect.operation.emits.content.get("delay") if effect.operation.emits else None
    told = at(effect.request, delay) if delay else ()
    if told:
        return any(value != Literal(0) for value in told)
    resource = deployment.resources.get(str(effect.target), {}) if delay else {}
    properties = resource.get("Properties")
    kept = properties.get("DelaySeconds") if isinstance(properties, Mapping) else None
    return kept not in (None, 0, "0")


def _after_a_sleep(step: BlockingCall, found: tuple[BlockingCall, ...]) -> bool:
    return any(wait.call.kind == CallKind.SLEEP and step.follows(wait) for wait in waits(found))


@dataclass(frozen=True, slots=True)
class Workflow:
    """Side effects on different targets one after the other, and what makes a workflow of them:
    `branched` is decided by what the step `on` of them answered, `compensated` happens in an error
    handler; None where there is none.
    """

    run: tuple[BlockingCall, ...]
    on: BlockingCall | None = None
    branched: BlockingCall | None = None
    compensated: BlockingCall | None = None


def workflow(
    effects: Effects, function_id: str, found: tuple[BlockingCall, ...]
) -> Workflow | None:
    """Three or more side effects on different targets on one path, one of them compensated or
    decided by an earlier one's result; None when there is none.
    """
    run = writes_in_a_row(found, least=3)
    if not run:
        return None
    compensated = next(iter(compensations(effects, function_id)), None)
    for step in found:
        on = next((one for one in run if _branches(step, one)), None)
        if step.kind == Blocks.WRITE and on is not None:
            return Workflow(run, on, step, compensated)
    return Workflow(run, compensated=compensated) if compensated is not None else None


def _branches(step: BlockingCall, on: BlockingCall) -> bool:
    """Whether what `on` answered decides if `step` happens, and not merely whether it failed."""
    if on.call.id not in step.call.decided_by:
        return False
    about = [guard for guard in step.call.guards if f"#{on.call.id}" in guard.subject]
    return not about or not all(map(tells_failure, about))


def repeated(found: tuple[BlockingCall, ...]) -> tuple[BlockingCall, ...]:
    """The side effects made once per pass of a loop."""
    return tuple(step for step in found if step.kind == Blocks.WRITE and step.call.in_loop)


def granted_services(effects: Effects, function_id: str) -> tuple[str, ...]:
    """What a function without readable source may write to, when that is two or more different
    services; else ().
    """
    if effects.sources.of(function_id) is not None:
        return ()
    places: dict[str, str] = {}
    # What a grant names says more than a grant on everything of the same service.
    for effect in sorted(effects.of(function_id), key=lambda effect: effect.target is None):
        service = effect.operation.service
        if effect.operation.effect in SIDE_EFFECTS:
            places.setdefault(
                service,
                label(effect.target) if effect.target is not None else f"anything of {service}",
            )
    return tuple(places.values()) if len(places) > 1 else ()

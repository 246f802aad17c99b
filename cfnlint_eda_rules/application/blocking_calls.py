"""The blocking steps of a handler in the order they happen: what it waits for, one after the other.

A step is a call that blocks the invocation on its normal path: a side effect ("write"), a read or
inference ("read"), or a wait for something outside ("wait": sleep, waiter, polling). Calls in error
handlers, at start-up, in checkpointed steps, and those for logs, metrics, traces or acknowledgement
are no steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias
from urllib.parse import urlsplit

from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.effects import Effect, Effects, operation_of
from cfnlint_eda_rules.application.filters import differ
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.handler_values import texts
from cfnlint_eda_rules.application.naming import label
from cfnlint_eda_rules.application.requests import at
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import (
    READS,
    SIDE_EFFECTS,
    EffectKind,
    Operation,
    tells_progress,
)
from cfnlint_eda_rules.handlers.facts import Call, CallKind, exclusive
from cfnlint_eda_rules.handlers.symbolic_values import EventField, Literal, Unknown, Value
from cfnlint_eda_rules.records import StrEnum, dataclass
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.symbolic_text import Parts

CallTarget: TypeAlias = tuple[str, str, Value | None]
"""(service, resource, subject): the resource is its logical id or text, "" when it is not known;
the subject what else is said of it.
"""

MOST_COMPARED = 120  # calls of one kind that are judged one against the other
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Blocks(StrEnum):
    """What the handler waits for."""

    WRITE = "write"
    READ = "read"
    WAIT = "wait"
    """Something outside: a sleep, a waiter, polling."""


@dataclass(frozen=True, slots=True)
class BlockingCall:
    """One call as a step. `kind` "write", "read" or "wait"; `targets` those it can go to; `says`
    names it, with its place.
    """

    call: Call
    kind: Blocks
    targets: frozenset[CallTarget]
    says: str
    operation: Operation | None = None
    effects: tuple[Effect, ...] = ()

    def elsewhere(self, other: BlockingCall) -> bool:
        """Whether the two surely go to different targets: another service, or another known
        resource of the same.
        """
        for service, resource, subject in self.targets:
            for their_service, their_resource, their_subject in other.targets:
                if service != their_service or (
                    subject and their_subject and differ(subject, their_subject)
                ):
                    continue
                if not resource or not their_resource or resource == their_resource:
                    return False
        return bool(self.targets and other.targets)

    def follows(self, other: BlockingCall) -> bool:
        """Whether some normal path makes the other call, waits for it, and then this one."""
        return other.call.id in self.call.preceded_by and not exclusive(self.call, other.call)


def blocking_calls(effects: Effects, function_id: str) -> tuple[BlockingCall, ...]:
    """The steps of a function's normal paths, in source order; () without readable source."""
    return tuple(
        step
        for step in _all(effects, function_id)
        if step.call.blocking and not step.call.in_error_handler
    )


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
    for call in source.calls if source is not None else ():
        if not call.at_start and not call.durable:
            yield from _step(effects.deployment, function, call, tuple(by_call.get(call.id, ())))


def _step(
    deployment: Deployment, function: LambdaFunction, call: Call, effects: tuple[Effect, ...]
) -> Iterator[BlockingCall]:
    match call.kind:
        case CallKind.SLEEP:
            yield BlockingCall(call, Blocks.WAIT, frozenset(), f"a sleep at `{call.place}`")
        case CallKind.WAITER:
            yield BlockingCall(
                call, Blocks.WAIT, frozenset(), f"the waiter {call.operation} at `{call.place}`"
            )
        case CallKind.HTTP if _answers_the_stack(call.arguments.get("url")):
            return
        case CallKind.HTTP:
            host = _host(deployment, function, call)
            kind = Blocks.READ if call.operation in _SAFE_METHODS else Blocks.WRITE
            says = (
                f"HTTP {call.operation or 'request'}{f' to {host}' if host else ''} at "
                f"`{call.place}`"
            )
            yield BlockingCall(
                call,
                Blocks.WAIT if call.polls and kind == Blocks.READ else kind,
                frozenset({("http", host, None)}),
                says,
            )
        case CallKind.SDK:
            known = operation_of(call)
            if known.effect not in SIDE_EFFECTS | READS:
                return
            kind = Blocks.WRITE if known.effect in SIDE_EFFECTS else Blocks.READ
            targets = frozenset(
                (
                    call.service,
                    label(effect.target) if effect.target is not None else "",
                    effect.subject,
                )
                for effect in effects
            )
            named = sorted(resource for _, resource, _ in targets if resource)
            # Where the target is only what the thing worked on leads to, it is not what the call is
            # "on".
            on = f" on {named[0]}" if len(named) == 1 and not known.subject else ""
            says = f"{known.service}:{known.name}{on} at `{call.place}`"
            if kind == Blocks.READ and call.polls:
                yield BlockingCall(call, Blocks.WAIT, targets, f"polling by {says}", known, effects)
            else:
                yield BlockingCall(call, kind, targets, says, known, effects)


def _answers_the_stack(url: Value | None) -> bool:
    """Whether a request goes to where a custom resource's handler acknowledges its event."""
    return isinstance(url, EventField) and url.path[-1:] == (
        load("function_roles")["custom_resources"]["answered_at"],
    )


def _host(deployment: Deployment, function: LambdaFunction, call: Call) -> str:
    """The host an HTTP request goes to, or the expression its URL begins with; "" when not
    known.
    """
    found = texts(deployment, function, call.arguments.get("url", Unknown()))
    return _host_of(found[0][0]) if len(found) == 1 else ""


def _host_of(parts: Parts) -> str:
    first = parts[0] if parts else ""
    if not isinstance(first, str):
        return first.name
    try:
        host = urlsplit(first).netloc
    except ValueError:
        return ""
    complete = len(parts) == 1 or first.count("/") >= 3
    return host if host and complete else External(first).text if len(parts) == 1 else ""


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
        if before.call.id in after.call.needs | after.call.decided_by:
            return False
        return not any(
            write.follows(before) and after.follows(write) and not after.elsewhere(write)
            for write in map(writes.__getitem__, sorted(between & after.call.preceded_by))
        )

    return _run(found, Blocks.READ, free)


def _run(
    found: tuple[BlockingCall, ...],
    kind: str,
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
    """The steps that sleep, poll or use a waiter. A sleep is for something outside when the
    function has called something outside before.
    """
    others = {step.call.id for step in found if step.call.kind != CallKind.SLEEP}
    return tuple(
        step
        for step in found
        if step.kind == Blocks.WAIT
        and (step.call.kind != CallKind.SLEEP or step.call.preceded_by & others)
    )


def awaited_job(found: tuple[BlockingCall, ...]) -> tuple[BlockingCall, BlockingCall] | None:
    """(start, wait): a job or execution the function starts and then waits for itself; None when
    there is none.
    """
    for wait in waits(found):
        for step in found:
            if step.operation is None or step.kind != Blocks.WRITE or not wait.follows(step):
                continue
            if step.operation.effect == EffectKind.START or step.operation.polled_by:
                return step, wait
    return None


def continued_job(
    effects: Effects, function_id: str, found: tuple[BlockingCall, ...]
) -> tuple[BlockingCall, BlockingCall] | None:
    """(job, continuation): the function re-invokes itself or re-sends to its own event source to
    look after a job again.

    The job is one it started on the way, or whose status decides the continuation; paging through
    results is no job.
    """
    sources = {
        link.source
        for link in effects.deployment.upstream(function_id)
        if link.target == function_id
    }
    for step in found:
        again = [
            a
            for a in step.effects
            if step.kind == Blocks.WRITE and (a.target == function_id or a.target in sources)
        ]
        for job in found if again else ():
            if job.operation is None or job is step:
                continue
            started = job.operation.effect == EffectKind.START and job.call.id in step.call.needs
            looked_at = job.kind == Blocks.READ and job.call.id in step.call.decided_by
            watched = looked_at and (
                tells_progress(job.operation.service, job.operation.name)
                or any(map(_delayed, again))
            )
            if started or watched:
                return job, step
    return None


def _delayed(effect: Effect) -> bool:
    """Whether what is sent comes back only after a while, as for looking again later."""
    delay = effect.operation.emits.content.get("delay") if effect.operation.emits else None
    return any(value != Literal(0) for value in at(effect.request, delay)) if delay else False


def workflow(
    effects: Effects, function_id: str, found: tuple[BlockingCall, ...]
) -> tuple[BlockingCall, ...]:
    """Three or more side effects on different targets on one path, one of them compensated or
    decided by an earlier one's result; or ().
    """
    run = writes_in_a_row(found, least=3)
    ids = {step.call.id for step in run}
    decided = any(step.call.decided_by & ids for step in found if step.kind == Blocks.WRITE)
    return run if run and (decided or compensations(effects, function_id)) else ()


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

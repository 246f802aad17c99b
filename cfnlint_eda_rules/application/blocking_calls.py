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

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.effects import Activity, at, operation_of, texts
from cfnlint_eda_rules.application.filters import differ
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import Operation, tells_progress
from cfnlint_eda_rules.handlers.facts import Call, exclusive
from cfnlint_eda_rules.handlers.symbolic_values import EventField, Literal, Unknown, Value
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.references import External, Parts

Target: TypeAlias = tuple[str, str, Value | None]
"""(service, resource, subject): the resource is its logical id or text, "" when it is not known;
the subject what else is said of it.
"""

SIDE_EFFECTS = frozenset({"write", "start", "invoke"})
_READS = frozenset({"read", "inference", "configuration"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Step:
    """One call as a step. `kind` "write", "read" or "wait"; `targets` those it can go to; `says`
    names it, with its place.
    """

    call: Call
    kind: str
    targets: frozenset[Target]
    says: str
    operation: Operation | None = None
    activities: tuple[Activity, ...] = ()

    def elsewhere(self, other: Step) -> bool:
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

    def follows(self, other: Step) -> bool:
        """Whether some normal path makes the other call, waits for it, and then this one."""
        return other.call.id in self.call.preceded_by and not exclusive(self.call, other.call)


def steps(application: Application, function_id: str) -> tuple[Step, ...]:
    """The steps of a function's normal paths, in source order; () without readable source."""
    return tuple(
        step
        for step in _all(application, function_id)
        if step.call.blocking and not step.call.in_error_handler
    )


def compensations(application: Application, function_id: str) -> tuple[Step, ...]:
    """The side effects a function has only in its error handlers."""
    return tuple(
        step
        for step in _all(application, function_id)
        if step.call.in_error_handler and step.kind == "write"
    )


def _all(application: Application, function_id: str) -> Iterator[Step]:
    source = application.source(function_id)
    function = application.functions[function_id]
    by_call: dict[int, list[Activity]] = {}
    for activity in application.activities.of(function_id):
        if activity.call is not None:
            by_call.setdefault(activity.call.id, []).append(activity)
    for call in source.calls if source is not None else ():
        if not call.at_start and not call.durable:
            yield from _step(application, function, call, tuple(by_call.get(call.id, ())))


def _step(
    application: Application, function: LambdaFunction, call: Call, activities: tuple[Activity, ...]
) -> Iterator[Step]:
    match call.kind:
        case "sleep":
            yield Step(call, "wait", frozenset(), f"a sleep at `{call.place}`")
        case "waiter":
            yield Step(call, "wait", frozenset(), f"the waiter {call.operation} at `{call.place}`")
        case "http" if _answers_the_stack(call.arguments.get("url")):
            return
        case "http":
            host = _host(application, function, call)
            kind = "read" if call.operation in _SAFE_METHODS else "write"
            says = (
                f"HTTP {call.operation or 'request'}{f' to {host}' if host else ''} at "
                f"`{call.place}`"
            )
            yield Step(
                call,
                "wait" if call.polls and kind == "read" else kind,
                frozenset({("http", host, None)}),
                says,
            )
        case "sdk":
            known = operation_of(call)
            kind = (
                "write"
                if known.effect in SIDE_EFFECTS
                else "read"
                if known.effect in _READS
                else ""
            )
            if not kind:
                return
            targets = frozenset(
                (
                    call.service,
                    application.label(activity.target) if activity.target is not None else "",
                    activity.subject,
                )
                for activity in activities
            )
            named = sorted(resource for _, resource, _ in targets if resource)
            # Where the target is only what the thing worked on leads to, it is not what the call is
            # "on".
            on = f" on {named[0]}" if len(named) == 1 and not known.subject else ""
            says = f"{known.service}:{known.name}{on} at `{call.place}`"
            if kind == "read" and call.polls:
                yield Step(call, "wait", targets, f"polling by {says}", known, activities)
            else:
                yield Step(call, kind, targets, says, known, activities)


def _answers_the_stack(url: Value | None) -> bool:
    """Whether a request goes to where a custom resource's handler acknowledges its event."""
    return isinstance(url, EventField) and url.path[-1:] == (
        load("function_roles")["custom_resources"]["answered_at"],
    )


def _host(application: Application, function: LambdaFunction, call: Call) -> str:
    """The host an HTTP request goes to, or the expression its URL begins with; "" when not
    known.
    """
    found = texts(application, function, call.arguments.get("url", Unknown()))
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


def writes_in_a_row(found: tuple[Step, ...], least: int = 2) -> tuple[Step, ...]:
    """The first run of at least so many side effects that go to different targets one after the
    other on one path; () when there is none.
    """
    return _run(found, "write", lambda before, after: True, least)


def reads_in_a_row(found: tuple[Step, ...]) -> tuple[Step, ...]:
    """The first run of reads of different targets, one after the other, none of which needs an
    earlier one's result.

    A read of what was written in between had to wait for that.
    """
    writes = [step for step in found if step.kind == "write"]

    def free(before: Step, after: Step) -> bool:
        if before.call.id in after.call.needs | after.call.decided_by:
            return False
        return not any(
            write.follows(before) and after.follows(write) and not after.elsewhere(write)
            for write in writes
        )

    return _run(found, "read", free)


def _run(
    found: tuple[Step, ...], kind: str, free: Callable[[Step, Step], bool], least: int = 2
) -> tuple[Step, ...]:
    chosen = [step for step in found if step.kind == kind]
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


def waits(found: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps that sleep, poll or use a waiter. A sleep is for something outside when the
    function has called something outside before.
    """
    others = {step.call.id for step in found if step.call.kind != "sleep"}
    return tuple(
        step
        for step in found
        if step.kind == "wait" and (step.call.kind != "sleep" or step.call.preceded_by & others)
    )


def awaited_job(found: tuple[Step, ...]) -> tuple[Step, Step] | None:
    """(start, wait): a job or execution the function starts and then waits for itself; None when
    there is none.
    """
    for wait in waits(found):
        for step in found:
            if step.operation is None or step.kind != "write" or not wait.follows(step):
                continue
            if step.operation.effect == "start" or step.operation.polled_by:
                return step, wait
    return None


def continued_job(
    application: Application, function_id: str, found: tuple[Step, ...]
) -> tuple[Step, Step] | None:
    """(job, continuation): the function re-invokes itself or re-sends to its own event source to
    look after a job again.

    The job is one it started on the way, or whose status decides the continuation; paging through
    results is no job.
    """
    sources = {
        link.source for link in application.upstream(function_id) if link.target == function_id
    }
    for step in found:
        again = [
            a
            for a in step.activities
            if step.kind == "write" and (a.target == function_id or a.target in sources)
        ]
        for job in found if again else ():
            if job.operation is None or job is step:
                continue
            started = job.operation.effect == "start" and job.call.id in step.call.needs
            looked_at = job.kind == "read" and job.call.id in step.call.decided_by
            watched = looked_at and (
                tells_progress(job.operation.service, job.operation.name)
                or any(map(_delayed, again))
            )
            if started or watched:
                return job, step
    return None


def _delayed(activity: Activity) -> bool:
    """Whether what is sent comes back only after a while, as for looking again later."""
    delay = activity.operation.emits.content.get("delay") if activity.operation.emits else None
    return any(value != Literal(0) for value in at(activity.request, delay)) if delay else False


def workflow(
    application: Application, function_id: str, found: tuple[Step, ...]
) -> tuple[Step, ...]:
    """Three or more side effects on different targets on one path, one of them compensated or
    decided by an earlier one's result; or ().
    """
    run = writes_in_a_row(found, least=3)
    ids = {step.call.id for step in run}
    decided = any(step.call.decided_by & ids for step in found if step.kind == "write")
    return run if run and (decided or compensations(application, function_id)) else ()


def repeated(found: tuple[Step, ...]) -> tuple[Step, ...]:
    """The side effects made once per pass of a loop."""
    return tuple(step for step in found if step.kind == "write" and step.call.in_loop)


def granted_services(application: Application, function_id: str) -> tuple[str, ...]:
    """What a function without readable source may write to, when that is two or more different
    services; else ().
    """
    if application.source(function_id) is not None:
        return ()
    places: dict[str, str] = {}
    # What a grant names says more than a grant on everything of the same service.
    for activity in sorted(
        application.activities.of(function_id), key=lambda activity: activity.target is None
    ):
        service = activity.operation.service
        if activity.operation.effect in SIDE_EFFECTS:
            places.setdefault(
                service,
                application.label(activity.target)
                if activity.target is not None
                else f"anything of {service}",
            )
    return tuple(places.values()) if len(places) > 1 else ()

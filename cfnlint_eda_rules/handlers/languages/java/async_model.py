"""What runs beside what in Java: `CompletableFuture`, executors, threads, parallel streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from weakref import WeakKeyDictionary

from cfnlint_eda_rules.handlers.interpreter.constructs import Action, Plain
from cfnlint_eda_rules.handlers.interpreter.functions import parameter_names
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ErrorValue,
    FunctionObject,
    Instance,
    ListObject,
    NativeClass,
    constant,
    literal,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Promise, Run
from cfnlint_eda_rules.handlers.languages import common as shared

_FUNCTIONAL = ("run", "call", "get", "apply", "accept", "test", "handleRequest")
# What each evaluation started in executors: a latch waits for it.
_STARTED: WeakKeyDictionary[Run, list[Object]] = WeakKeyDictionary()


def function_of(subject: Object, run: Run) -> Object:
    """What a functional interface's method runs: the lambda, or the method of an instance."""
    if isinstance(subject, Instance):
        found = (subject.kind.lookup(name) for name in _FUNCTIONAL)
        method = next((one for one in found if isinstance(one, FunctionObject)), None)
        return subject if method is None else run.got(method, subject)
    return subject


def apply(subject: Object, given: Sequence[Object], run: Run) -> Object:
    """Calls what implements a functional interface."""
    return run.invoke(function_of(subject, run), given)


def _started(run: Run) -> list[Object]:
    return _STARTED.setdefault(run, [])


def _fork(function: Object, given: Sequence[Object], run: Run) -> Promise:
    promise = run.forked(lambda: apply(function, given, run))
    _started(run).append(promise)
    return promise


# --------------------------------------------------------------------------------------------------


def _after(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`thenApply`, `thenAccept`, `thenCompose`, `thenRun`."""
    action = shared.first(arguments)
    return run.then(subject, shared.native("then", lambda given, run: _run(action, given, run)))


def _run(action: Object, given: Arguments, run: Run) -> Object:
    function = function_of(action, run)
    takes_none = isinstance(function, FunctionObject) and not function.node.parameters
    return run.invoke(function, [] if takes_none else given.positional)


def _with_error(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`whenComplete` and `handle`: the action gets the value and the error."""
    action = function_of(shared.first(arguments), run)
    return run.then(
        subject,
        shared.native(
            "complete",
            lambda given, run: run.invoke(action, [*given.positional[:1], ErrorValue("error")]),
        ),
    )


def _completed(subject: Object, arguments: Arguments, run: Run) -> Object:
    outcome = _with_error(subject, arguments, run)
    if isinstance(outcome, Promise):
        outcome.result = run.settled(subject)
    return outcome


def _exceptionally(subject: Object, arguments: Arguments, run: Run) -> Object:
    return run.then(subject, None, function_of(shared.first(arguments), run))


def _combined(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`thenCombine(other, action)`: both, then the action."""
    both = run.gather(run.items([subject, shared.first(arguments)]))
    action = arguments.get("", 1)

    def combine(given: Arguments, run: Run) -> Object:
        values = [run.get_item(shared.first(given), literal(index)) for index in (0, 1)]
        return nothing() if action is None else apply(action, values, run)

    return run.then(both, shared.native("combine", combine))


def joined(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`future.join()`, `future.get()`."""
    return run.join(subject)


METHODS: Mapping[str, Action] = {
    **dict.fromkeys(
        (
            *("thenApply", "thenAccept", "thenCompose", "thenRun", "thenApplyAsync"),
            *("thenAcceptAsync", "thenComposeAsync", "thenRunAsync"),
        ),
        _after,
    ),
    **dict.fromkeys(("whenComplete", "whenCompleteAsync"), _completed),
    **dict.fromkeys(("handle", "handleAsync"), _with_error),
    "exceptionally": _exceptionally,
    **dict.fromkeys(("thenCombine", "thenAcceptBoth", "thenCombineAsync"), _combined),
    **dict.fromkeys(
        (
            *("orTimeout", "toCompletableFuture", "completeOnTimeout", "completionFuture"),
            *("subscribeAsCompletionStage", "asCompletionStage"),
        ),
        shared.keep,
    ),
}


def _all_of(arguments: Arguments, run: Run) -> Object:
    given = arguments.positional
    return run.gather(given[0] if len(given) == 1 else run.items(given))


def _any_of(arguments: Arguments, run: Run) -> Object:
    return _all_of(arguments, run)


def _supply(arguments: Arguments, run: Run) -> Object:
    return _fork(shared.first(arguments), (), run)


def _done(arguments: Arguments, run: Run) -> Object:
    value = shared.first(arguments) if arguments.positional else nothing()
    return value if isinstance(value, Promise) else Promise(value)


def future_class() -> Native:
    """`CompletableFuture`."""
    made = shared.namespace(
        "CompletableFuture",
        {
            "supplyAsync": _supply,
            "runAsync": _supply,
            "allOf": _all_of,
            "anyOf": _any_of,
            "completedFuture": _done,
            "failedFuture": lambda arguments, run: Promise(Object("error"), rejects=True),
        },
    )
    made.on_call = _done
    return made


# --------------------------------------------------------------------------------------------------


def executor(arguments: Arguments, run: Run) -> Object:
    """An `ExecutorService`: what is submitted runs beside the path until somebody waits for it."""
    started: list[Object] = []

    def submit(given: Arguments, run: Run) -> Object:
        promise = _fork(shared.first(given), (), run)
        started.append(promise)
        return promise

    def invoke_all(given: Arguments, run: Run) -> Object:
        found, partial = run.each(shared.first(given), lambda task, index: _fork(task, (), run))
        promises = run.items(found, partial)
        run.join(promises)
        return promises

    def wait(given: Arguments, run: Run) -> Object:
        run.join(*started)
        return nothing()

    return shared.namespace(
        "executor",
        {
            **dict.fromkeys(("submit", "execute", "fork", "schedule"), submit),
            **dict.fromkeys(("invokeAll", "invokeAny"), invoke_all),
            **dict.fromkeys(("awaitTermination", "close", "join"), wait),
            **dict.fromkeys(("shutdown", "shutdownNow"), lambda given, run: nothing()),
        },
    )


def executors() -> Native:
    """`Executors`, whose every method makes an executor."""
    return Native("Executors", on_attribute=lambda name, run: shared.native(name, executor))


def latch(arguments: Arguments, run: Run) -> Object:
    """`CountDownLatch`: who awaits it waits for what was started in executors."""

    def wait(given: Arguments, run: Run) -> Object:
        run.join(*_started(run))
        return nothing()

    return shared.namespace("latch", {"await": wait, "countDown": lambda given, run: nothing()})


def _thread(action: Object) -> Native:
    running: list[Object] = []

    def start(arguments: Arguments, run: Run) -> Object:
        running[:] = [_fork(action, (), run)]
        return nothing()

    def join(arguments: Arguments, run: Run) -> Object:
        run.join(*running)
        return nothing()

    return shared.namespace("thread", {"start": start, "join": join})


def _inherited(instance: Instance, name: str, run: Run) -> Object | None:
    if name not in ("start", "join"):
        return None
    found = instance.attributes.get(" thread")
    if found is None:
        found = _thread(instance)
        run.write(instance.attributes, " thread", found)
    return run.get_attribute(found, name)


def thread_class() -> Native:
    """`Thread`, with what makes and starts virtual threads."""
    made = NativeClass("Thread", lambda arguments, run: _thread(_task(arguments)), _inherited)
    made.attributes = {
        "sleep": shared.native("sleep", sleep),
        "startVirtualThread": shared.native("startVirtualThread", _start),
        "ofVirtual": shared.native("ofVirtual", lambda arguments, run: builder),
        "ofPlatform": shared.native("ofPlatform", lambda arguments, run: builder),
    }
    builder = shared.namespace(
        "builder",
        {
            "start": _start,
            "unstarted": lambda arguments, run: _thread(_task(arguments)),
            "name": lambda arguments, run: builder,
        },
    )
    return made


def _task(arguments: Arguments) -> Object:
    given = (one for one in arguments.positional if not isinstance(constant(one), str))
    return next(given, Object("task"))


def _start(arguments: Arguments, run: Run) -> Object:
    made = _thread(_task(arguments))
    run.invoke(made.attributes["start"])
    return made


# --------------------------------------------------------------------------------------------------

_UNITS = {
    "NANOSECONDS": 1e-6,
    "MICROSECONDS": 1e-3,
    "MILLISECONDS": 1,
    "SECONDS": 1_000,
    "MINUTES": 60_000,
    "HOURS": 3_600_000,
    "DAYS": 86_400_000,
}


def sleep(arguments: Arguments, run: Run) -> Object:
    """`Thread.sleep(milliseconds)`."""
    run.request("sleep", "", "", {"milliseconds": shared.first(arguments)})
    return nothing()


def _milliseconds(factor: float) -> Plain:
    def made(arguments: Arguments, run: Run) -> Object:
        number = constant(shared.first(arguments))
        if isinstance(number, int | float):
            return literal(number * factor, shared.first(arguments).needs)
        return shared.first(arguments)

    return made


def _unit(name: str) -> Native:
    def slept(arguments: Arguments, run: Run) -> Object:
        return sleep(Arguments([_milliseconds(_UNITS[name])(arguments, run)], {}), run)

    return shared.namespace(name, {"sleep": slept, "toMillis": _milliseconds(_UNITS[name])})


def units() -> Native:
    """`TimeUnit`."""
    return shared.namespace("TimeUnit", {name: _unit(name) for name in _UNITS})


def duration() -> Native:
    """`Duration`, which is its milliseconds here."""
    made = {f"of{name.capitalize()}": _milliseconds(factor) for name, factor in _UNITS.items()}
    return shared.namespace("Duration", {**made, "ofMillis": _milliseconds(1)})


# --------------------------------------------------------------------------------------------------


class ParallelStream(ListObject):
    """A stream whose elements are worked on side by side."""


def parallel(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`parallelStream()`."""
    return ParallelStream(*run.elements(subject), depth=run.loops)


def over(
    subject: Object, action: Callable[[Object], Object], run: Run
) -> tuple[list[Object], bool]:
    """The results of `action` for the elements of a stream, and whether there are more."""
    if not isinstance(subject, ParallelStream):
        return run.each(subject, lambda element, index: action(element))
    found, partial = run.each(subject, lambda element, index: run.forked(lambda: action(element)))
    done = run.join(run.items(found, partial))
    return run.elements(done)


def takes(function: Object, run: Run) -> int:
    """How many parameters a function has."""
    return len(parameter_names(function_of(function, run)))

"""What runs beside what in Python: threads, executors, multiprocessing and asyncio."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cfnlint_eda_rules.handlers.interpreter.constructs import (
    Plain,
)
from cfnlint_eda_rules.handlers.interpreter.objects import (
    Choice,
    Coroutine,
    Instance,
    ListObject,
    NativeClass,
    is_nothing,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Promise, Run
from cfnlint_eda_rules.handlers.languages import common as shared


def future_attribute(promise: Promise, name: str) -> Object | None:
    """The methods of a future, task or asynchronous result of a pool."""
    match name:
        case "result" | "get" | "wait" | "join" | "exception":
            return shared.native(name, lambda arguments, run: run.join(promise))
        case "add_done_callback":
            return shared.native(
                name, lambda arguments, run: run.then(promise, shared.first(arguments))
            )
        case "cancel" | "done" | "cancelled" | "ready" | "successful" | "running":
            return shared.native(name, lambda arguments, run: Object(name))
        case _:
            return None


def _positional(subject: Object | None, run: Run) -> list[Object]:
    return [] if subject is None or is_nothing(subject) else run.elements(subject)[0]


def _forked_call(run: Run, function: Object, arguments: Arguments) -> Promise:
    def action() -> Object:
        result = run.call(function, arguments)
        return run.join(result) if isinstance(result, Coroutine) else result

    return run.forked(action)


def _executor(arguments: Arguments, run: Run) -> Object:
    started: list[Promise] = []

    def submit(given: Arguments, run: Run) -> Object:
        if not given.positional:
            return Object()
        function, *rest = given.positional
        promise = _forked_call(run, function, Arguments(rest, given.named, given.partial))
        started.append(promise)
        return promise

    def apply(given: Arguments, run: Run) -> Object:
        if not given.positional:
            return Object()
        rest = _positional(given.get("args", 1), run)
        named = given.get("kwds", 2)
        promise = _forked_call(
            run,
            given.positional[0],
            Arguments(rest, {} if named is None else run.entries(named)[0]),
        )
        started.append(promise)
        return promise

    def mapped(given: Arguments, run: Run) -> Object:
        if len(given.positional) < 2:
            return Object()
        function, *lists = given.positional
        others = [run.iterate(other) for other in lists[1:]]
        results, partial = run.each(
            lists[0],
            lambda element, index: _forked_call(run, function, Arguments([element, *others], {})),
        )
        gathered = run.gather(ListObject(results, partial))
        assert isinstance(gathered, Promise)
        started.append(gathered)
        return gathered

    def star(given: Arguments, run: Run) -> Object:
        if len(given.positional) < 2:
            return Object()
        function, subject = given.positional[:2]
        results, partial = run.each(
            subject,
            lambda element, index: _forked_call(
                run, function, Arguments(_positional(element, run), {})
            ),
        )
        gathered = run.gather(ListObject(results, partial))
        assert isinstance(gathered, Promise)
        started.append(gathered)
        return gathered

    def finish(given: Arguments, run: Run) -> Object:
        run.join(*started)
        return nothing()

    def blocking(behaviour: Plain) -> Plain:
        return lambda given, run: run.join(behaviour(given, run))

    process_pool: dict[str, Plain] = {
        "map": mapped,
        "submit": submit,
        "apply": blocking(apply),
        "apply_async": apply,
        "map_async": mapped,
        "imap": mapped,
        "imap_unordered": mapped,
        "starmap": blocking(star),
        "starmap_async": star,
        "shutdown": finish,
        "join": finish,
        "close": lambda given, run: nothing(),
        "terminate": lambda given, run: nothing(),
        "__exit__": finish,
        "__aexit__": finish,
    }
    made = Native(
        "executor",
        attributes={
            name: shared.native(name, behaviour) for name, behaviour in process_pool.items()
        },
    )
    made.attributes = {
        **made.attributes,
        "__enter__": shared.native("__enter__", lambda given, run: made),
    }
    return made


def _thread(target: Object, positional: list[Object], named: Mapping[str, Object]) -> Native:
    running: list[Promise] = []

    def start(arguments: Arguments, run: Run) -> Object:
        running[:] = [_forked_call(run, target, Arguments(list(positional), dict(named)))]
        return nothing()

    def join(arguments: Arguments, run: Run) -> Object:
        run.join(*running)
        return nothing()

    return Native(
        "thread",
        attributes={"start": shared.native("start", start), "join": shared.native("join", join)},
    )


def _new_thread(arguments: Arguments, run: Run) -> Object:
    target = arguments.get("target", 1) or Object("target")
    named = arguments.get("kwargs", 4)
    return _thread(
        target,
        _positional(arguments.get("args", 3), run),
        {} if named is None else run.entries(named)[0],
    )


def _new_timer(arguments: Arguments, run: Run) -> Object:
    return _thread(
        arguments.get("function", 1) or Object("function"),
        _positional(arguments.get("args", 2), run),
        {},
    )


def _inherited_thread(instance: Instance, name: str, run: Run) -> Object | None:
    if name not in ("start", "join"):
        return None
    thread = instance.attributes.get(" thread")
    if thread is None:
        thread = _thread(instance.own("run", run) or Object("run"), [], {})
        run.write(instance.attributes, " thread", thread)
    return thread.attribute(name, run)


def _thread_class(name: str) -> Native:
    return NativeClass(name, _new_thread, _inherited_thread)


def _gather(arguments: Arguments, run: Run) -> Object:
    return run.gather(ListObject(arguments.positional, arguments.partial))


def _task(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    promises = run.promises(subject)
    return promises[0] if promises and not isinstance(subject, Choice) else run.gather(subject)


def _wait(arguments: Arguments, run: Run) -> Object:
    """`asyncio.wait`: a coroutine, done when all are; gives the sets of those done and those
    pending.
    """
    gathered = run.gather(shared.first(arguments))
    if isinstance(gathered, Promise):
        gathered.result = ListObject([shared.first(arguments), ListObject()])
    return gathered


def _wait_for(arguments: Arguments, run: Run) -> Object:
    return shared.first(arguments)


def _run_coroutine(arguments: Arguments, run: Run) -> Object:
    return run.join(shared.first(arguments))


def _sleep_task(arguments: Arguments, run: Run) -> Object:
    return Coroutine(lambda: _slept(arguments, run))


def _slept(arguments: Arguments, run: Run) -> Object:
    run.request("sleep", "", "", {"seconds": shared.first(arguments)})
    return nothing()


def _in_thread(skip: int) -> Plain:
    def behaviour(arguments: Arguments, run: Run) -> Object:
        if len(arguments.positional) <= skip:
            return Object()
        function, *rest = arguments.positional[skip:]
        return _forked_call(run, function, Arguments(rest, arguments.named))

    return behaviour


def _loop(arguments: Arguments, run: Run) -> Object:
    return shared.namespace(
        "loop",
        {
            "run_until_complete": _run_coroutine,
            "run_in_executor": _in_thread(1),
            "create_task": _task,
            "close": lambda arguments, run: nothing(),
            "stop": lambda arguments, run: nothing(),
        },
    )


def _task_group(arguments: Arguments, run: Run) -> Object:
    started: list[Object] = []

    def create(given: Arguments, run: Run) -> Object:
        promise = _task(given, run)
        started.append(promise)
        return promise

    def finish(given: Arguments, run: Run) -> Object:
        run.join(*started)
        return nothing()

    made = shared.namespace(
        "TaskGroup", {"create_task": create, "start_soon": create, "__aexit__": finish}
    )
    made.attributes = {
        **made.attributes,
        "__aenter__": shared.native("__aenter__", lambda given, run: made),
    }
    return made


def _completed(arguments: Arguments, run: Run) -> Object:
    """`concurrent.futures.as_completed(futures)` and asyncio's: the same, in another order. A dict
    of futures is iterated by its keys.
    """
    subject = shared.first(arguments)
    return (
        ListObject(*run.elements(subject)) if isinstance(subject, ListObject | Choice) else subject
    )


def _wait_futures(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    run.join(subject)
    return shared.namespace("waited", {"done": subject, "not_done": ListObject()})


def _futures() -> Object:
    return shared.namespace(
        "concurrent.futures",
        {
            "ThreadPoolExecutor": _executor,
            "ProcessPoolExecutor": _executor,
            "as_completed": _completed,
            "wait": _wait_futures,
        },
    )


def _asyncio() -> Object:
    return shared.namespace(
        "asyncio",
        {
            "run": _run_coroutine,
            "gather": _gather,
            "create_task": _task,
            "ensure_future": _task,
            "wait": _wait,
            "wait_for": _wait_for,
            "shield": _wait_for,
            "as_completed": _completed,
            "sleep": _sleep_task,
            "to_thread": _in_thread(0),
            "get_event_loop": _loop,
            "new_event_loop": _loop,
            "get_running_loop": _loop,
            "set_event_loop": lambda arguments, run: nothing(),
            "TaskGroup": _task_group,
        },
    )


def _multiprocessing() -> Object:
    return shared.namespace(
        "multiprocessing",
        {
            "Process": _thread_class("Process"),
            "Pool": _executor,
            "pool": shared.namespace("pool", {"ThreadPool": _executor}),
        },
    )


_MODULES: Mapping[str, Callable[[], Object]] = {
    "asyncio": _asyncio,
    "anyio": lambda: shared.namespace(
        "anyio", {"sleep": _sleep_task, "create_task_group": _task_group}
    ),
    "concurrent.futures": _futures,
    "concurrent": lambda: shared.namespace("concurrent", {"futures": _futures()}),
    "threading": lambda: shared.namespace(
        "threading", {"Thread": _thread_class("Thread"), "Timer": _new_timer}
    ),
    "multiprocessing": _multiprocessing,
    "multiprocessing.pool": lambda: shared.namespace(
        "multiprocessing.pool", {"ThreadPool": _executor, "Pool": _executor}
    ),
    "multiprocessing.dummy": _multiprocessing,
}


def module(name: str) -> Object | None:
    """The model of a module for concurrency; None for other modules."""
    make = _MODULES.get(name)
    return None if make is None else make()

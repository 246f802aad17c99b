"""What runs beside what: Python's threads, executors, multiprocessing and asyncio; JavaScript's
promises and timers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cfnlint_eda_rules.handlers.interpreter.objects import (
    Choice,
    Coroutine,
    FunctionObject,
    Instance,
    ListObject,
    NativeClass,
    Promise,
    RecordObject,
    choose,
    is_nothing,
    literal,
    machine,
    needs_of,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared

# --------------------------------------------------------------------------------------------------


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
    current = machine(run)

    def action() -> Object:
        result = current.call(function, arguments)
        return current.join(result) if isinstance(result, Coroutine) else result

    return current.forked(action)


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
        current = machine(run)
        others = [current.iterate(other) for other in lists[1:]]
        results, partial = current.each(
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
        results, partial = machine(run).each(
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

    def blocking(behaviour: shared.Plain) -> shared.Plain:
        return lambda given, run: run.join(behaviour(given, run))

    process_pool: dict[str, shared.Plain] = {
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
    current = machine(run)
    thread = instance.attributes.get(" thread")
    if thread is None:
        thread = _thread(instance.own("run", run) or Object("run"), [], {})
        current.write(instance.attributes, " thread", thread)
    return thread.attribute(name, run)


def _thread_class(name: str) -> Native:
    return NativeClass(name, _new_thread, _inherited_thread)


def _gather(arguments: Arguments, run: Run) -> Object:
    return run.gather(ListObject(arguments.positional, arguments.partial))


def _task(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    promises = machine(run)._promises(subject)
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


def _in_thread(skip: int) -> shared.Plain:
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


_PYTHON: Mapping[str, Callable[[], Object]] = {
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


def python_module(name: str) -> Object | None:
    """The models of Python's modules for concurrency."""
    make = _PYTHON.get(name)
    return None if make is None else make()


# --------------------------------------------------------------------------------------------------


def then(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`promise.then(on_value, on_error)`."""
    return run.then(subject, arguments.get("", 0), arguments.get("", 1))


def catch(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`promise.catch(on_error)`."""
    return run.then(subject, None, arguments.get("", 0))


def finally_(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`promise.finally(action)`: the action runs on the normal path, the value stays."""
    outcome = run.then(
        subject, shared.native("finally", lambda given, run: run.invoke(shared.first(arguments)))
    )
    if isinstance(outcome, Promise):
        outcome.result = machine(run).settled(subject)
    return outcome


def new_promise(arguments: Arguments, run: Run) -> Object:
    """`new Promise((resolve, reject) => ...)`: done when all that its executor starts is, and the
    value it resolves with.
    """
    m = machine(run)
    entry = m.path
    if entry is None:
        return Promise(Object())
    since, tasks = len(m.touched), len(m.tasks)
    values: list[Object] = []

    def resolve(given: Arguments, run: Run) -> Object:
        values.append(given.positional[0] if given.positional else nothing())
        return nothing()

    def reject(given: Arguments, run: Run) -> Object:
        return nothing()

    executor = shared.first(arguments)
    promise = m.forked(
        lambda: m.invoke(
            executor, (shared.native("resolve", resolve), shared.native("reject", reject))
        )
    )
    promise.rejects = False
    normal = {call.id for call in m.recorded.values() if not call.in_error}
    promise.pending |= frozenset(call for call in m.touched[since:] if call in normal)
    promise.tasks.extend(task for task in m.tasks[tasks:] if task not in promise.tasks)
    for value in values:
        promise.absorb(value)
    promise.result = (
        choose([m.settled(value) for value in values])
        if values
        else Object("", frozenset(promise.pending))
    )
    promise.needs = promise.result.needs
    return promise


def _race(arguments: Arguments, run: Run) -> Object:
    """`Promise.race` and `any`: a timer in it is a limit, no waiting."""
    m = machine(run)
    sleeps = {call.id for call in m.recorded.values() if call.kind == "sleep"}
    elements, _ = run.elements(shared.first(arguments))
    promises = [found for element in elements for found in m._promises(element)]
    raced = Promise(choose([m.settled(element) for element in elements]) if elements else Object())
    for promise in promises:
        if promise.pending and promise.pending <= sleeps:
            continue
        raced.pending |= promise.pending - sleeps
        raced.tasks.extend(promise.tasks)
    return raced


def _all_settled(arguments: Arguments, run: Run) -> Object:
    gathered = run.gather(shared.first(arguments))
    if isinstance(gathered, Promise):
        elements, partial = run.elements(gathered.result)
        gathered.result = ListObject(
            [
                RecordObject(
                    {"status": Object(f"status({one.text()})", needs_of(one)), "value": one}, True
                )
                for one in elements
            ],
            partial,
        )
    return gathered


def _resolved(arguments: Arguments, run: Run) -> Object:
    value = arguments.positional[0] if arguments.positional else nothing()
    return value if isinstance(value, Promise) else Promise(value)


def _rejected(arguments: Arguments, run: Run) -> Object:
    return Promise(Object("error"), rejects=True)


def promise_class() -> Object:
    """JavaScript's `Promise`."""
    made = shared.namespace(
        "Promise",
        {
            "all": lambda arguments, run: run.gather(shared.first(arguments)),
            "allSettled": _all_settled,
            "race": _race,
            "any": _race,
            "resolve": _resolved,
            "reject": _rejected,
        },
    )
    made.on_call = new_promise
    return made


def set_timeout(arguments: Arguments, run: Run) -> Object:
    """`setTimeout(action, milliseconds)`: a wait only for who awaits it."""
    promise = run.start("sleep", "", "", {"milliseconds": arguments.get("", 1) or literal(0)})
    action = arguments.get("", 0)
    rest: Sequence[Object] = arguments.positional[2:]
    if action is not None:
        run.then(promise, shared.native("timer", lambda given, run: run.invoke(action, rest)))
    return Object("timer")


def timer_promise(arguments: Arguments, run: Run) -> Object:
    """`setTimeout` of `timers/promises`."""
    return run.start("sleep", "", "", {"milliseconds": shared.first(arguments)}, result=nothing())


def set_immediate(arguments: Arguments, run: Run) -> Object:
    """`setImmediate(action)`, `process.nextTick(action)`."""
    action = arguments.get("", 0)
    if action is not None:
        rest = arguments.positional[1:]
        machine(run).forked(lambda: run.invoke(action, rest))
    return Object("timer")


def promisified(arguments: Arguments, run: Run) -> Object:
    """`util.promisify(function)`."""
    function = shared.first(arguments)
    if function.expression == "setTimeout":
        return shared.native("setTimeout", timer_promise)

    def called(given: Arguments, run: Run) -> Object:
        m = machine(run)
        answers: list[Object] = []

        def executor(parts: Arguments, run: Run) -> Object:
            def done(outcome: Arguments, run: Run) -> Object:
                answers.append(outcome.positional[1] if len(outcome.positional) > 1 else nothing())
                return m.call(parts.positional[0], Arguments(answers[-1:], {}))

            result = m.call(
                function, Arguments([*given.positional, shared.native("callback", done)], {})
            )
            if isinstance(function, FunctionObject) or answers:
                return result
            # A model that takes no callback has answered.
            answers.append(result)
            return m.call(parts.positional[0], Arguments([result], {}))

        return new_promise(Arguments([shared.native("executor", executor)], {}), run)

    return Native(function.expression, on_call=called)


def interval(arguments: Arguments, run: Run) -> Object:
    """`setInterval(action, milliseconds)`: passes with waits between."""
    m = machine(run)
    action = arguments.get("", 0)
    if action is None or m.path is None:
        return Object("timer")
    since = len(m.touched)
    promise = run.start("sleep", "", "", {"milliseconds": arguments.get("", 1) or literal(0)})
    with m.within(loops=m.loops + 1):
        run.then(promise, shared.native("timer", lambda given, run: run.invoke(action)))
    m.mark_polls(
        since,
        frozenset().union(
            *(call.decided for call in m.recorded.values() if call.id in m.touched[since:])
        ),
    )
    return Object("timer")

"""What runs beside what in JavaScript: promises, timers and callbacks."""

from __future__ import annotations

from collections.abc import Sequence

from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    ListObject,
    Promise,
    RecordObject,
    choose,
    literal,
    machine,
    needs_of,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared


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

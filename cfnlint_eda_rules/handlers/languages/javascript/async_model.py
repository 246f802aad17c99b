"""What runs beside what in JavaScript: promises, timers and callbacks."""

from __future__ import annotations

from collections.abc import Sequence

from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    ListObject,
    RecordObject,
    choose,
    literal,
    needs_of,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Promise, Run
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
        outcome.result = run.settled(subject)
    return outcome


def new_promise(arguments: Arguments, run: Run) -> Object:
    """`new Promise((resolve, reject) => ...)`: done when all that its executor starts is, and the
    value it resolves with.
    """
    values: list[Object] = []

    def resolve(given: Arguments, run: Run) -> Object:
        values.append(given.positional[0] if given.positional else nothing())
        return nothing()

    def reject(given: Arguments, run: Run) -> Object:
        return nothing()

    executor = shared.first(arguments)
    promise = run.forked_entirely(
        lambda: run.invoke(
            executor, (shared.native("resolve", resolve), shared.native("reject", reject))
        )
    )
    for value in values:
        promise.absorb(value)
    promise.result = (
        choose([run.settled(value) for value in values])
        if values
        else Object("", frozenset(promise.pending))
    )
    promise.needs = promise.result.needs
    return promise


def _race(arguments: Arguments, run: Run) -> Object:
    """`Promise.race` and `any`: a timer in it is a limit, no waiting."""
    sleeps = run.sleeps()
    elements, _ = run.elements(shared.first(arguments))
    promises = [found for element in elements for found in run.promises(element)]
    raced = Promise(
        choose([run.settled(element) for element in elements]) if elements else Object()
    )
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
        run.forked(lambda: run.invoke(action, rest))
    return Object("timer")


def promisified(arguments: Arguments, run: Run) -> Object:
    """`util.promisify(function)`."""
    function = shared.first(arguments)
    if function.expression == "setTimeout":
        return shared.native("setTimeout", timer_promise)

    def called(given: Arguments, run: Run) -> Object:
        answers: list[Object] = []

        def executor(parts: Arguments, run: Run) -> Object:
            def done(outcome: Arguments, run: Run) -> Object:
                answers.append(outcome.positional[1] if len(outcome.positional) > 1 else nothing())
                return run.call(parts.positional[0], Arguments(answers[-1:], {}))

            result = run.call(
                function, Arguments([*given.positional, shared.native("callback", done)], {})
            )
            if isinstance(function, FunctionObject) or answers:
                return result
            # A model that takes no callback has answered.
            answers.append(result)
            return run.call(parts.positional[0], Arguments([result], {}))

        return new_promise(Arguments([shared.native("executor", executor)], {}), run)

    return Native(function.expression, on_call=called)


def interval(arguments: Arguments, run: Run) -> Object:
    """`setInterval(action, milliseconds)`: passes with waits between."""
    action = arguments.get("", 0)
    if action is None:
        return Object("timer")
    promise = run.start("sleep", "", "", {"milliseconds": arguments.get("", 1) or literal(0)})
    passed = shared.native("timer", lambda given, run: run.invoke(action))
    run.polled(lambda: run.then(promise, passed))
    return Object("timer")

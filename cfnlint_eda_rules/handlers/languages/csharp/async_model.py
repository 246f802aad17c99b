"""What runs beside what in C#: tasks, threads, parallel loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cfnlint_eda_rules.handlers.interpreter.constructs import Action, Plain
from cfnlint_eda_rules.handlers.interpreter.functions import parameter_names
from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    ListObject,
    choose,
    constant,
    literal,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Promise, Run
from cfnlint_eda_rules.handlers.languages import common as shared


def apply(function: Object, given: list[Object], run: Run) -> Object:
    """Calls a function with as many of the values as it takes."""
    names = parameter_names(function) if isinstance(function, FunctionObject) else None
    return run.invoke(function, given if names is None else given[: len(names)])


def waited(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`task.Wait()`, `task.GetAwaiter().GetResult()`."""
    return run.join(subject)


def _continued(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`task.ContinueWith(done => ...)`: the function gets the task."""
    action = shared.first(arguments)
    return run.then(
        subject,
        shared.native(
            "then", lambda given, run: apply(action, [Promise(shared.first(given))], run)
        ),
    )


METHODS: Mapping[str, Action] = {
    **dict.fromkeys(("Wait", "GetResult", "RunSynchronously"), waited),
    **dict.fromkeys(
        (
            *("ConfigureAwait", "GetAwaiter", "AsTask", "Unwrap", "WaitAsync"),
            *("AsValueTask", "Preserve"),
        ),
        shared.keep,
    ),
    "ContinueWith": _continued,
}


def _given_tasks(arguments: Arguments, run: Run) -> Object:
    given = [one for one in arguments.positional if type(one) is not Object or one.expression]
    return given[0] if len(given) == 1 else run.items(given)


def _when_all(arguments: Arguments, run: Run) -> Object:
    tasks = _given_tasks(arguments, run)
    return tasks if isinstance(tasks, Promise) else run.gather(tasks)


def _when_any(arguments: Arguments, run: Run) -> Object:
    """`Task.WhenAny`: a delay in it is a limit, no waiting. Its answer is the task that is done."""
    sleeps = run.sleeps()
    elements, _ = run.elements(_given_tasks(arguments, run))
    promises = [found for element in elements for found in run.promises(element)]
    done = choose([run.settled(element) for element in elements]) if elements else Object()
    raced = Promise(done)
    for promise in promises:
        if promise.pending and promise.pending <= sleeps:
            continue
        raced.pending |= promise.pending - sleeps
        raced.tasks.extend(promise.tasks)
    return raced


def _wait_all(arguments: Arguments, run: Run) -> Object:
    return run.join(_given_tasks(arguments, run))


def _run(arguments: Arguments, run: Run) -> Object:
    """`Task.Run(action)`: a task that waits for what an asynchronous action waits for."""
    action = shared.first(arguments)

    def both() -> Object:
        return run.join(run.invoke(action))

    return run.forked(both)


def _done(arguments: Arguments, run: Run) -> Object:
    return Promise(shared.first(arguments) if arguments.positional else nothing())


def _delay(arguments: Arguments, run: Run) -> Object:
    """`Task.Delay(milliseconds)`, `Task.Delay(timeSpan)`."""
    return run.start("sleep", "", "", {"milliseconds": shared.first(arguments)}, result=nothing())


def sleep(arguments: Arguments, run: Run) -> Object:
    """`Thread.Sleep(milliseconds)`."""
    run.request("sleep", "", "", {"milliseconds": shared.first(arguments)})
    return nothing()


def task_class() -> Native:
    """`Task` and `ValueTask`."""
    made = shared.namespace(
        "Task",
        {
            "WhenAll": _when_all,
            "WhenAny": _when_any,
            "WaitAll": _wait_all,
            "WaitAny": _wait_all,
            "Run": _run,
            "Delay": _delay,
            "FromResult": _done,
            "FromException": lambda arguments, run: Promise(Object("error"), rejects=True),
            "Yield": _done,
        },
    )
    factory = shared.namespace("Factory", {"StartNew": _run})
    made.attributes = {**made.attributes, "Factory": factory}
    made.on_attribute = lambda name, run: Promise(nothing()) if name == "CompletedTask" else None
    made.on_call = _done
    return made


def parallel_class() -> Native:
    """`Parallel`: its loops are done when all passes are."""

    def each(arguments: Arguments, run: Run) -> Object:
        subject, *rest = [*arguments.positional, Object()]
        action = rest[-2] if len(rest) > 1 else Object()
        found, partial = run.each(
            subject,
            lambda element, index: run.forked(
                lambda: run.join(apply(action, [element, Object("token")], run))
            ),
        )
        return run.gather(run.items(found, partial))

    def each_now(arguments: Arguments, run: Run) -> Object:
        return run.join(each(arguments, run))

    def counted(arguments: Arguments, run: Run) -> Object:
        passes = ListObject([Object("index")], True)
        return run.join(each(Arguments([passes, *arguments.positional[2:]], {}), run))

    def invoke(arguments: Arguments, run: Run) -> Object:
        started = [run.fork(action) for action in arguments.positional]
        return run.join(run.items(started))

    return shared.namespace(
        "Parallel", {"ForEach": each_now, "ForEachAsync": each, "For": counted, "Invoke": invoke}
    )


def thread(arguments: Arguments, run: Run) -> Object:
    """`new Thread(action)`, which runs from its start on."""
    action = shared.first(arguments)
    running: list[Object] = []

    def start(given: Arguments, run: Run) -> Object:
        running[:] = [run.forked(lambda: apply(action, given.positional, run))]
        return nothing()

    def join(given: Arguments, run: Run) -> Object:
        run.join(*running)
        return nothing()

    return shared.namespace("thread", {"Start": start, "Join": join})


# --------------------------------------------------------------------------------------------------

_UNITS = {
    "FromMilliseconds": 1,
    "FromSeconds": 1_000,
    "FromMinutes": 60_000,
    "FromHours": 3_600_000,
    "FromDays": 86_400_000,
}


def _span(factor: float) -> Plain:
    def made(arguments: Arguments, run: Run) -> Object:
        given = shared.first(arguments)
        number = constant(given)
        if isinstance(number, int | float):
            return literal(number * factor, given.needs)
        return given

    return made


def time_span() -> Native:
    """`TimeSpan`, which is its milliseconds here."""

    def made(arguments: Arguments, run: Run) -> Object:
        numbers = [constant(one) for one in arguments.positional[-3:]]
        if len(numbers) < 3 or not all(isinstance(one, int | float) for one in numbers):
            return Object("span")
        hours, minutes, seconds = numbers
        return literal(((hours * 60 + minutes) * 60 + seconds) * 1_000)

    found = shared.namespace("TimeSpan", {name: _span(unit) for name, unit in _UNITS.items()})
    found.attributes = {**found.attributes, "Zero": literal(0)}
    found.on_call = made
    return found


def over(
    subject: Object, action: Callable[[Object], Object], run: Run
) -> tuple[list[Object], bool]:
    """The results of `action` for the elements of a sequence, and whether there are more."""
    return run.each(subject, lambda element, index: action(element))

"""Libraries that put functions one after the other: `async` (https://caolan.github.io/async) and
Bluebird (http://bluebirdjs.com).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Known, Native, Object, Run
from cfnlint_eda_rules.handlers.languages.javascript import async_model
from cfnlint_eda_rules.handlers.libraries.model import (
    Behaviour,
    LibraryModule,
    each,
    function,
    is_function,
    nothing,
)
from cfnlint_eda_rules.handlers.symbolic_values import Literal

_SUFFIX = "Async"


def library(language: str, module: str) -> Object | None:
    """`async`, whose functions that run side by side are like those of any unknown library, and
    `bluebird`; None for other packages.
    """
    match module:
        case "async":
            return LibraryModule(
                module,
                attributes={
                    name: function(name, behaviour) for name, behaviour in _IN_SERIES.items()
                },
            )
        case "bluebird":
            return _bluebird()
    return None


class _Sequence:
    """Promises made one after the other, each when the one before it is done."""

    def __init__(self) -> None:
        self.promise: Object | None = None

    def add(self, run: Run, begin: Callable[[Object], Object]) -> Object:
        """The next promise: `begin` gets what the one before was resolved with, and makes it."""
        if self.promise is None:
            self.promise = begin(run.items([]))
        else:
            self.promise = run.then(
                self.promise,
                function("next", lambda arguments, run: begin(arguments.positional[0])),
            )
        return self.promise

    def done(self, run: Run, callback: Object | None) -> Object:
        """The last promise, or what follows from it where a callback is given."""
        if self.promise is None:
            return nothing()
        return (
            run.callback(self.promise, callback)
            if is_function(callback) and callback is not None
            else self.promise
        )


# --------------------------------------------------------------------------------------------------


def _promise_of(run: Run, task: Object, given: Sequence[Object]) -> Object:
    """The promise of a task that reports to its last argument: resolved with the list of its
    results.
    """

    def executor(parts: Arguments, run: Run) -> Object:
        def report(outcome: Arguments, run: Run) -> Object:
            failed = len(outcome.positional) == 1 and outcome.positional[0].value() != Literal(None)
            return (
                nothing()
                if failed
                else run.invoke(parts.positional[0], [run.items(outcome.positional[1:])])
            )

        return run.invoke(task, [*given, function("callback", report)])

    return async_model.new_promise(Arguments([function("executor", executor)], {}), run)


def _tasks(arguments: Arguments, run: Run) -> list[Object]:
    given = arguments.get("tasks", 0)
    if given is None:
        return []
    entries, _ = run.entries(given)
    return [task for task in entries.values() if is_function(task)]


def _with_results(run: Run, task: Object, results: Object) -> Object:
    return _promise_of(run, task, run.elements(results)[0])


def _alone(run: Run, task: Object, results: Object) -> Object:
    return _promise_of(run, task, ())


def _waterfall(arguments: Arguments, run: Run) -> Object:
    sequence = _Sequence()
    for task in _tasks(arguments, run):
        sequence.add(run, functools.partial(_with_results, run, task))
    return sequence.done(run, arguments.get("callback", 1))


def _series(arguments: Arguments, run: Run) -> Object:
    sequence = _Sequence()
    for task in _tasks(arguments, run):
        sequence.add(run, functools.partial(_alone, run, task))
    return sequence.done(run, arguments.get("callback", 1))


def _each_in_series(arguments: Arguments, run: Run) -> Object:
    sequence = _Sequence()
    if len(arguments.positional) > 1:
        subject, task = arguments.positional[:2]
        each(
            run,
            subject,
            lambda element: sequence.add(run, lambda results: _promise_of(run, task, (element,))),
        )
    return sequence.done(run, arguments.get("callback", 2))


_IN_SERIES: dict[str, Behaviour] = {
    "waterfall": _waterfall,
    "series": _series,
    **dict.fromkeys(("eachSeries", "forEachSeries", "mapSeries", "concatSeries"), _each_in_series),
}


# --------------------------------------------------------------------------------------------------


def _bluebird() -> Object:
    made = async_model.promise_class()
    assert isinstance(made, Native)
    more: dict[str, Behaviour] = {
        "promisify": async_model.promisified,
        "promisifyAll": _promisify_all,
        "delay": async_model.timer_promise,
        "map": lambda arguments, run: run.gather(_mapped(arguments, run)),
        "each": _in_turn,
        "mapSeries": _in_turn,
    }
    made.attributes = {
        **made.attributes,
        **{name: function(name, behaviour) for name, behaviour in more.items()},
        "default": made,
    }
    return made


def _promisify_all(arguments: Arguments, run: Run) -> Object:
    """The object, whose methods have twins that answer with promises (`putObjectAsync`)."""
    subject = arguments.get("target", 0)
    if subject is None:
        return Object()

    def attribute(name: str, run: Run) -> Object:
        if name.endswith(_SUFFIX):
            return async_model.promisified(
                Arguments([subject.attribute(name.removesuffix(_SUFFIX), run)], {}), run
            )
        return subject.attribute(name, run)

    return Native(
        subject.expression,
        on_attribute=attribute,
        on_call=lambda given, run: subject.call(given, run),
        needs=subject.needs,
    )


def _mapped(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) < 2:
        return Object()
    subject, action = arguments.positional[:2]
    found: list[Object] = []

    def one(element: Object) -> Object:
        found.append(run.invoke(action, [element]))
        return found[-1]

    each(run, subject, one)
    return run.items(found, not isinstance(subject, Known))


def _in_turn(arguments: Arguments, run: Run) -> Object:
    sequence = _Sequence()
    if len(arguments.positional) > 1:
        subject, action = arguments.positional[:2]
        each(
            run,
            subject,
            lambda element: sequence.add(run, lambda results: run.invoke(action, [element])),
        )
    return sequence.done(run, None)

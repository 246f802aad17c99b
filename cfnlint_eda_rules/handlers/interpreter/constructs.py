"""Objects that one construct asks for: counting loops, context managers, decorators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    Instance,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run

Action: TypeAlias = Callable[
    [Object, Arguments, Run], Object
]  # a method: its subject, its arguments
Plain: TypeAlias = Callable[[Arguments, Run], Object]  # a function


class Counter(Object):
    """A number of times: what `range` and its kin iterate over."""

    def iterate(self, run: Run) -> Object:
        return Object("index")


class Managed(Object):
    """A call of a generator made a context manager."""

    __slots__ = ("arguments", "function")

    def __init__(self, function: FunctionObject, arguments: Arguments) -> None:
        super().__init__("")
        self.function = function
        self.arguments = arguments


class Keeps(Native):
    """A decorator that leaves a function as it is."""

    def __init__(self, expression: str) -> None:
        super().__init__(
            expression,
            on_call=lambda arguments, run: (
                arguments.positional[0] if arguments.positional else self
            ),
        )


class Decorated(Native):
    """A function that a modelled decorator changed: `action` gets the function and the arguments.
    Methods stay methods.
    """

    __slots__ = ("action", "function")

    def __init__(self, function: Object, action: Action) -> None:
        super().__init__(
            function.expression, on_call=lambda arguments, run: action(function, arguments, run)
        )
        self.function = function
        self.action = action


def keeps_function(decorator: Object) -> bool:
    """Whether a decorator leaves what it decorates as it is."""
    return isinstance(decorator, Keeps)


def special(run: Run, subject: Object, name: str) -> Object | None:
    """The method of that name that a statement itself calls; None when the object is not known to
    have one.
    """
    if isinstance(subject, Instance):
        found = subject.own(name, run)
        foreign = subject.kind.foreign()
        return found if found is not None or foreign is None else special(run, foreign, name)
    if isinstance(subject, Native):
        return subject.attributes.get(name) or (
            subject.on_attribute(name, run) if subject.on_attribute else None
        )
    return None

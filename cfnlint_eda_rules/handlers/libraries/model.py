"""What models of libraries are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from cfnlint_eda_rules.handlers.interpreter.objects import FunctionObject
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Arguments,
    Known,
    Native,
    Object,
    Run,
)
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Text, Value

Behaviour: TypeAlias = Callable[[Arguments, Run], Object]


class Container(Native):
    """An object whose every element is `element`."""

    __slots__ = ("element",)

    def __init__(
        self,
        expression: str,
        element: Object,
        *,
        attributes: Mapping[str, Object] | None = None,
        needs: frozenset[int] = NOTHING,
    ) -> None:
        super().__init__(
            expression, attributes=attributes, on_item=lambda key, run: element, needs=needs
        )
        self.element = element

    def iterate(self, run: Run) -> Object:
        return self.element


class LibraryModule(Native):
    """A module: `import m from "m"` of a CommonJS package, and `m.default`, is the module
    itself.
    """

    def attribute(self, name: str, run: Run) -> Object:
        if name == "default" and name not in self.attributes:
            return self
        return super().attribute(name, run)


def function(name: str, behaviour: Behaviour) -> Native:
    """A function, class or method of a library."""
    return Native(name, on_call=behaviour)


def answering(name: str, answer: Callable[[], Object]) -> Native:
    """A function that only makes something, whatever its arguments."""
    return Native(name, on_call=lambda arguments, run: answer())


def nothing() -> Object:
    """None, undefined."""
    return Known(Literal(None))


def harmless(name: str) -> Native:
    """Something that makes no calls: loggers, tracers, decorators. It gives back what it is given,
    so that what it wraps stays known.

    Called with something that is no constant, it answers with that (`decorate(function)`,
    `captureAWSClient(client)`); else with itself (`decorator(option=True)`, `logger.info("text")`).
    `captureAsyncFunc("name", function)` runs the function.
    """

    def called(arguments: Arguments, run: Run) -> Object:
        captured = next((given for given in arguments.positional[1:] if is_function(given)), None)
        if captured is not None and name.startswith("capture"):
            return run.invoke(captured, [harmless("subsegment")])
        given = arguments.positional[0] if arguments.positional else None
        return made if given is None or isinstance(given, Known) else given

    made = Native(
        name,
        on_call=called,
        on_attribute=lambda attribute, run: (
            None if attribute.startswith("__") else harmless(attribute)
        ),
    )
    return made


def managed(
    name: str,
    attributes: Mapping[str, Object],
    on_attribute: Callable[[str, Run], Object | None] | None = None,
) -> Native:
    """An object that is also its own context manager."""
    entered = {"__enter__", "__aenter__"}
    left = {"__exit__", "__aexit__", "close", "aclose"}

    def attribute(asked: str, run: Run) -> Object | None:
        if asked in entered:
            return answering(asked, lambda: made)
        if asked in left:
            return answering(asked, nothing)
        return on_attribute(asked, run) if on_attribute else None

    made = Native(name, attributes=attributes, on_attribute=attribute)
    return made


def constant(subject: Object | None) -> str | int | float | bool | None:
    """The constant that an object is known to be; None when it is none."""
    value = subject.value() if subject is not None else None
    return value.value if isinstance(value, Literal) else None


def text(subject: Object | None) -> str:
    """The text that an object is known to be; "" when it is none."""
    found = constant(subject)
    return found if isinstance(found, str) else ""


def joined(first: Object | None, second: Object | None) -> Object | None:
    """The text of two objects one after the other."""
    if first is None or second is None:
        return first if second is None else second
    one, other = first.value(), second.value()
    parts: list[Value] = [
        *(one.parts if isinstance(one, Text) else (one,)),
        *(other.parts if isinstance(other, Text) else (other,)),
    ]
    merged: list[Value] = []
    for part in parts:
        if merged and isinstance(part, Literal) and isinstance(before := merged[-1], Literal):
            merged[-1] = Literal(f"{before.value}{part.value}")
        else:
            merged.append(part)
    return Known(merged[0] if len(merged) == 1 else Text(tuple(merged)), first.needs | second.needs)


def request_of(
    run: Run, mapping: Object | None, bound: Mapping[str, Object] | None = None
) -> dict[str, Object]:
    """The parameters in a mapping, over those bound before; what may be hidden in it is under "**",
    for its needs alone.
    """
    found = dict(bound or {})
    if mapping is not None:
        entries, partial = run.entries(mapping)
        found.update(entries)
        if partial:
            before = found.get("**")
            found["**"] = Object(
                mapping.expression, mapping.needs | (before.needs if before else NOTHING)
            )
    return found


def chained(promise: Object, names: Sequence[str]) -> Object:
    """The promise, whose methods of these names answer with itself (`got(url).json()`)."""
    members = getattr(promise, "members", None)
    if isinstance(members, dict):
        members.update({name: lambda arguments, run: promise for name in names})
    return promise


def is_function(subject: Object | None) -> bool:
    """Whether an object is known to be a function."""
    return isinstance(subject, FunctionObject) or (
        isinstance(subject, Native) and subject.on_call is not None
    )


def apply(
    run: Run,
    target: Object,
    positional: Sequence[Object],
    named: Mapping[str, Object] | None = None,
) -> Object:
    """Calls an object, with named arguments too."""
    return target.call(Arguments(list(positional), dict(named or {})), run)


def each(run: Run, subject: Object, action: Callable[[Object], Object]) -> None:
    """Runs `action` for the elements of `subject`, as a loop does."""
    run.each(subject, lambda element, index: action(element))

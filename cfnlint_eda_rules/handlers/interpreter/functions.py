"""What is asked of functions without calling them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from cfnlint_eda_rules.budget import walked
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.objects import (
    Choice,
    FunctionObject,
    ListObject,
    RecordObject,
    Wrapped,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Object,
)

MAX_WRAPPED = 40  # functions that an unknown library was given


def few(functions: Iterable[Object]) -> list[Object]:
    """The functions, each once, those of a library that is given more than it can tell apart left
    out.
    """
    different = {id(function): function for function in functions}
    return list(islice(different.values(), MAX_WRAPPED))


def functions_in(arguments: Sequence[Object]) -> list[Object]:
    found: list[Object] = []
    pending = [(argument, 0) for argument in reversed(arguments)]
    while pending:
        argument, depth = pending.pop()
        match argument:
            case FunctionObject():
                found.append(argument)
            case Wrapped():
                found.extend(argument.functions)
            case RecordObject() if depth < 2:
                walked(len(argument.entries))
                pending.extend((entry, depth + 1) for entry in reversed(argument.entries.values()))
            case ListObject() if depth < 2:
                below = argument.needing()
                walked(len(below))
                pending.extend((element, depth + 1) for element in reversed(below))
            case Choice():
                pending.extend((option, depth + 1) for option in reversed(argument.options))
    return few(found)


def parameter_names(function: Object) -> list[str]:
    if not isinstance(function, FunctionObject):
        return []
    targets = [
        parameter.pattern.target
        if isinstance(parameter.pattern, syntax.DefaultPattern)
        else parameter.pattern
        for parameter in function.node.parameters
    ]
    return [target.id if isinstance(target, syntax.NamePattern) else "" for target in targets][
        len(function.bound) :
    ]

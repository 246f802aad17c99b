"""Abstract interpretation of handlers: from a program's syntax to the facts of its calls.

The entry module's top level is run as the process's start, then the handler with an event whose
fields are `values.EventField`s and a context whose fields are `values.ContextField`s. The program's
own functions are entered where they are called; libraries answer by their models. What is unknown
stays unknown and says what it needs. `evaluation` holds the parts.
"""

from __future__ import annotations

from cfnlint_eda_rules.budget import STEPS, Budget, current, spending
from cfnlint_eda_rules.handlers.facts import Source
from cfnlint_eda_rules.handlers.interpreter import modules
from cfnlint_eda_rules.handlers.interpreter.language import Models, Semantics
from cfnlint_eda_rules.handlers.interpreter.machine import Machine
from cfnlint_eda_rules.handlers.interpreter.objects import Coroutine, Loaded, Scope, nothing
from cfnlint_eda_rules.handlers.interpreter.paths import Path
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Known,
    Native,
    Object,
    Promise,
)
from cfnlint_eda_rules.handlers.interpreter.state import Context, Frame, Program
from cfnlint_eda_rules.handlers.symbolic_values import ContextField, EventField

MAX_STEPS = 100_000  # of one handler

__all__ = ["Program", "evaluate"]


def evaluate(program: Program, language: Semantics, models: Models) -> Source | None:
    """The facts of a handler's source; None when the handler cannot be found or read. Raises
    `Exhausted` where it takes more steps than an evaluation may.
    """
    machine = Machine(program, language, models)
    with spending(Budget({STEPS: MAX_STEPS}, within=current())):
        try:
            return _evaluate(machine)
        except RecursionError:
            return None


def _evaluate(m: Machine) -> Source | None:
    loaded = modules.load(m, m.program.entry)
    if loaded is None:
        return None
    symbol = m.program.symbol
    handler = m.language.handler(loaded, symbol, m) if symbol else _server(loaded)
    if handler is None:
        return None
    m.path = Path()
    m.context = Context(loaded.file, ("handler",), start_up=False)
    m.frame = Frame(None, Scope(loaded.scope), m.trail.mark(), m.path)
    if type(handler) is Object and not m.mounts:
        return None
    result = m.call(handler, Arguments(_arguments(m), {}))
    _finish(m, result)
    return Source(
        language=m.language.name,
        files=tuple(
            m.program.shown(file) for file, module in m.loaded.items() if module is not None
        ),
        calls=m.calls(),
        mounts=tuple(m.mounts.values()),
    )


def _server(loaded: Loaded) -> Object:
    """What serves the requests of a program that is started; where that is not known, nothing."""
    for value in loaded.scope.variables.values():
        if isinstance(value, Native) and value.serves:
            return value
    return Native("program", on_call=lambda arguments, run: nothing())


def _arguments(m: Machine) -> list[Object]:
    return m.language.handler_arguments(Known(EventField(())), Known(ContextField("")))


def _finish(m: Machine, result: Object) -> None:
    """Waits for what the handler answers; where the process waits for its events, a handler that
    answers nothing is done when all it started is.
    """
    waits = isinstance(result, Promise | Coroutine)
    m.join(result)
    if m.language.event_loop and not waits:
        sleeping = {
            id(task) for call in m.recorded.values() if call.kind == "sleep" for task in call.tasks
        }
        for task in m.tasks:
            task.joined = task.joined or id(task) not in sleeping

"""Abstract interpretation of handlers: from a program's syntax to the facts of its calls.

The entry module's top level is run as the process's start, then the handler with an event whose
fields are `values.EventField`s and a context whose fields are `values.ContextField`s. The program's
own functions are entered where they are called; libraries answer by their models. What is unknown
stays unknown and says what it needs. `evaluation` holds the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cfnlint_eda_rules.budget import STEPS, Budget, Exhausted, current, spending
from cfnlint_eda_rules.handlers.facts import Source
from cfnlint_eda_rules.handlers.interpreter import modules
from cfnlint_eda_rules.handlers.interpreter.machine import Frame, Machine, Program
from cfnlint_eda_rules.handlers.interpreter.objects import (
    Coroutine,
    Promise,
    RecordObject,
    Scope,
    is_nothing,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.paths import Path
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Known, Native, Object
from cfnlint_eda_rules.handlers.symbolic_values import ContextField, EventField

MAX_STEPS = 100_000  # of one handler

__all__ = ["Program", "evaluate"]


def evaluate(
    program: Program,
    libraries: Callable[[str, str], Object | None],
    *,
    names: Mapping[str, Object] | None = None,
    annotated: Callable[[str, str], Object | None] | None = None,
) -> Source | None:
    """The facts of a handler's source; None when the handler cannot be found or read, or takes more
    steps than an evaluation may.

    `libraries(language, module)` is the model of an external module, `names` are the models of
    global names, and `annotated(language, annotation)` is what a parameter with that type
    annotation is; the latter two default to those of `libraries`.
    """
    if names is None or annotated is None:
        # Not at the top: models of libraries import the runtime.
        from cfnlint_eda_rules.handlers import libraries as models

        names = models.global_names(program.language) if names is None else names
        annotated = annotated or models.annotated
    machine = Machine(program, libraries, names, annotated)
    with spending(Budget({STEPS: MAX_STEPS}, within=current())):
        try:
            return _evaluate(machine)
        except (Exhausted, RecursionError):
            return None


def _evaluate(m: Machine) -> Source | None:
    loaded = modules.load(m, m.program.entry)
    if loaded is None:
        return None
    handler = _handler(m, loaded)
    if handler is None:
        return None
    m.path = Path()
    m.start_up = False
    m.file = loaded.file
    m.stack = ("handler",)
    m.frame = Frame(None, Scope(loaded.scope), m.trail.mark(), m.path)
    if type(handler) is Object and not m.mounts:
        return None
    result = m.call(handler, Arguments(_arguments(m), {}))
    _finish(m, result)
    return Source(
        language=m.language,
        files=tuple(
            m.program.shown(file) for file, module in m.modules.items() if module is not None
        ),
        calls=m.calls(),
        mounts=tuple(m.mounts.values()),
    )


def _handler(m: Machine, loaded: modules.Loaded) -> Object | None:
    names = m.program.symbol.split(".")
    if m.language == "python":
        found = loaded.scope.variables.get(names[0])
    else:
        exports = loaded.exports
        if isinstance(exports, RecordObject) and names[0] not in exports.entries:
            default = exports.entries.get("default")
            exports = default if default is not None else exports
        if (
            isinstance(exports, RecordObject)
            and names[0] not in exports.entries
            and not exports.partial
        ):
            return None
        found = m.get_attribute(exports, names[0])
    for name in names[1:]:
        found = None if found is None else m.get_attribute(found, name)
    return None if found is None or is_nothing(found) else found


def _arguments(m: Machine) -> list[Object]:
    event, context = Known(EventField(())), Known(ContextField(""))
    if m.language == "python":
        return [event, context]
    return [event, context, Native("callback", on_call=lambda arguments, run: nothing())]


def _finish(m: Machine, result: Object) -> None:
    """Waits for what the handler answers; a JavaScript handler that answers nothing is done when
    all it started is.
    """
    waits = isinstance(result, Promise | Coroutine)
    m.join(result)
    if m.language == "javascript" and not waits:
        sleeping = {
            id(task) for call in m.recorded.values() if call.kind == "sleep" for task in call.tasks
        }
        for task in m.tasks:
            task.joined = task.joined or id(task) not in sleeping

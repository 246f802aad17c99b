"""Middy: middleware around a handler (https://middy.js.org)."""

from __future__ import annotations

from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.libraries.model import (
    LibraryModule,
    function,
    harmless,
    is_function,
)


def library(language: str, module: str) -> Object | None:
    """Middy itself, and its own middlewares, which make no calls that matter; None for its
    router.
    """
    if module == "@middy/http-router":
        return None
    if module in ("@middy/core", "middy"):
        return LibraryModule(
            module, attributes={"middy": function("middy", _middy)}, on_call=_middy
        )
    return LibraryModule(
        module,
        on_call=lambda arguments, run: harmless(module),
        on_attribute=lambda name, run: harmless(name),
    )


def _middy(arguments: Arguments, run: Run) -> Object:
    """A handler: what comes before it, it, and what comes after it in reverse order."""
    handlers = [given for given in arguments.positional[:1] if is_function(given)]
    phases: dict[str, list[Object]] = {"before": [], "after": [], "onError": []}

    def use(arguments: Arguments, run: Run) -> Object:
        for given in arguments.positional:
            one, _ = run.entries(given)
            for middleware in (
                [given]
                if one.keys() & phases.keys()
                else []
                if isinstance(given, Native)
                else run.elements(given)[0]
            ):
                entries, _ = run.entries(middleware)
                for phase, functions in phases.items():
                    functions.extend([entries[phase]] if phase in entries else [])
        return made

    def adding(phase: str) -> Native:
        def add(arguments: Arguments, run: Run) -> Object:
            phases[phase].extend(arguments.positional[:1])
            return made

        return function(phase, add)

    def set_handler(arguments: Arguments, run: Run) -> Object:
        handlers[:] = arguments.positional[:1]
        return made

    def handle(arguments: Arguments, run: Run) -> Object:
        request = run.record(
            dict(zip(("event", "context"), arguments.positional, strict=False)), partial=True
        )
        for before in phases["before"]:
            run.join(run.invoke(before, [request]))
        result = run.join(handlers[0].call(arguments, run)) if handlers else Object()
        for after in reversed(phases["after"]):
            run.join(run.invoke(after, [request]))
        for on_error in phases["onError"]:
            run.handle_errors(on_error, [request])
        return result

    chain = {"use": function("use", use), "handler": function("handler", set_handler)}
    made = Native(
        "middy", attributes=chain | {phase: adding(phase) for phase in phases}, on_call=handle
    )
    return made

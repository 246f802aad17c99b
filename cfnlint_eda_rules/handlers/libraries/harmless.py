"""Libraries that watch and make no calls of their own that matter: AWS X-Ray, embedded metrics."""

from __future__ import annotations

from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Object, Run
from cfnlint_eda_rules.handlers.libraries.model import LibraryModule, apply, function, harmless


def library(language: str, module: str) -> Object | None:
    """The module: what it captures stays what it is, and captured functions run."""
    scope = {"metricScope": function("metricScope", _metric_scope)}
    submodules = ("core", "ext") if language == "python" else ()
    return LibraryModule(
        module,
        attributes=scope,
        on_attribute=lambda name, run: None if name in submodules else harmless(name),
    )


def _metric_scope(arguments: Arguments, run: Run) -> Object:
    """`metricScope(metrics => handler)` is the handler."""
    scoped = arguments.get("handler", 0)
    if scoped is None:
        return harmless("metricScope")
    return function(
        "metricScope",
        lambda arguments, run: apply(
            run, run.invoke(scoped, [harmless("metrics")]), arguments.positional
        ),
    )

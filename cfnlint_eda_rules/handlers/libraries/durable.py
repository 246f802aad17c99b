"""AWS Lambda durable functions: the durable execution SDKs for Python and for JavaScript.

What runs in a step is checkpointed; waits suspend the execution and keep nothing waiting. Lambda
Developer Guide, "Lambda durable functions":
https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-sdk.html
"""

from __future__ import annotations

from collections.abc import Sequence

from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.libraries.model import (
    LibraryModule,
    apply,
    function,
    harmless,
    is_function,
    nothing,
)
from cfnlint_eda_rules.handlers.libraries.sdk import perform
from cfnlint_eda_rules.handlers.symbolic_values import ContextField, Environment, Literal, Text


def library(language: str, module: str) -> Object | None:
    """The durable execution SDK; None for other packages of the `@aws` scope."""
    if language == "javascript" and module != "@aws/durable-execution-sdk-js":
        return None

    def attribute(name: str, run: Run) -> Object | None:
        match name:
            case "durable_execution" | "withDurableExecution":
                return function(name, _durable_execution)
            case (
                "durable_step"
                | "durable_with_child_context"
                | "durable_wait_for_callback"
                | "durable_parallel_branch"
            ):
                return function(name, _prepared)
            case "context" | "execution" | "config" | "types":
                return library(language, module) if language == "python" else None
        return None

    return LibraryModule(module, on_attribute=attribute)


def annotated(language: str, name: str) -> Object | None:
    """The context of a durable execution, for parameters annotated as one."""
    return durable_context(Object("context")) if name == "DurableContext" else None


def _durable_execution(arguments: Arguments, run: Run) -> Object:
    """The handler, given the durable context in place of Lambda's."""
    handler = arguments.get("func", 0)
    if handler is None:
        return function("durable_execution", _durable_execution)

    def handle(arguments: Arguments, run: Run) -> Object:
        context = arguments.get("context", 1)
        return apply(
            run,
            handler,
            [
                arguments.get("event", 0) or Object("event"),
                durable_context(context or Object("context")),
            ],
        )

    return function("durable_execution", handle)


def _prepared(arguments: Arguments, run: Run) -> Object:
    """`@durable_step`: calling the function prepares it; it runs when the context calls what that
    gave, with the context first.
    """
    decorated = arguments.get("func", 0)
    if decorated is None:
        return function("durable_step", _prepared)

    def prepare(given: Arguments, run: Run) -> Object:
        return function(
            "prepared",
            lambda arguments, run: apply(
                run, decorated, [*arguments.positional[:1], *given.positional], given.named
            ),
        )

    return function("durable_step", prepare)


def durable_context(context: Object) -> Object:
    """The context of a durable execution; what it has not of its own is Lambda's context's."""

    def attribute(name: str, run: Run) -> Object | None:
        behaviour = _OPERATIONS.get(name)
        if behaviour is not None:
            return function(name, lambda arguments, run: behaviour(made, arguments, run))
        if name in ("wait", "create_callback", "createCallback"):
            return function(name, lambda arguments, run: harmless(name))
        if name in ("logger", "configure_logger", "configureLogger", "set_logger"):
            return harmless(name)
        if name == "promise":
            return Native(name, on_attribute=lambda name, run: function(name, _gathered))
        return (
            context if name in ("lambda_context", "lambdaContext") else context.attribute(name, run)
        )

    made = Native("context", on_attribute=attribute)
    return made


def _functions(arguments: Arguments) -> list[Object]:
    return [
        given for given in (*arguments.positional, *arguments.named.values()) if is_function(given)
    ]


def _beside(run: Run, action: Native) -> Object:
    """Runs something: JavaScript's operations are awaited, Python's return when done."""
    return run.fork(action) if not run.waits else action.call(Arguments([], {}), run)


def _step(context: Native, arguments: Arguments, run: Run) -> Object:
    found = _functions(arguments)
    if not found:
        return Object("step")
    return _beside(
        run,
        function(
            "step",
            lambda arguments, run: run.checkpointed(
                found[0], [harmless("step_context"), harmless("step_context")]
            ),
        ),
    )


def _child(context: Native, arguments: Arguments, run: Run) -> Object:
    found = _functions(arguments)
    return (
        _beside(
            run, function("child", lambda arguments, run: run.join(run.invoke(found[0], [context])))
        )
        if found
        else Object("child")
    )


def _invoke(context: Native, arguments: Arguments, run: Run) -> Object:
    """`context.invoke(function, payload)`, where a name may come first in JavaScript. The execution
    is suspended until it ends.
    """
    given = arguments.positional
    if not run.waits and len(given) > 1 and _names_something(given[1]):
        given = given[1:]
    target = arguments.named.get("function_name") or (given[0] if given else Object("function"))
    payload = arguments.named.get("payload") or (given[1] if len(given) > 1 else None)
    request = {"FunctionName": target} | ({} if payload is None else {"Payload": payload})
    call = function(
        "invoke", lambda arguments, run: perform(run, "lambda", "DurableInvoke", request)
    )
    return _beside(run, function("invoke", lambda arguments, run: run.checkpointed(call)))


def _names_something(given: Object) -> bool:
    match given.value():
        case Literal(str()) | Environment() | Text() | ContextField():
            return True
    return False


def _parallel(context: Native, arguments: Arguments, run: Run) -> Object:
    branches: list[Object] = []
    for given in (*arguments.positional, *arguments.named.values()):
        elements, _ = ([], False) if is_function(given) else run.elements(given)
        for element in elements:
            entries, _ = ({}, False) if is_function(element) else run.entries(element)
            branches.append(entries.get("func", element))
    return _together(run, [(branch, [context]) for branch in branches])


def _map(context: Native, arguments: Arguments, run: Run) -> Object:
    mapped = _functions(arguments)
    lists = [
        given
        for given in (*arguments.positional, *arguments.named.values())
        if not is_function(given) and not _names_something(given)
    ]
    if not mapped:
        return Object("map")
    element = lists[0].iterate(run) if lists else Object("item")
    return _together(
        run,
        [(mapped[0], [context, element, Object("index"), lists[0] if lists else Object("items")])],
    )


def _together(run: Run, branches: Sequence[tuple[Object, Sequence[Object]]]) -> Object:
    promises = [run.fork(branch, given) for branch, given in branches]
    gathered = run.gather(run.items(promises))
    return gathered if not run.waits else run.join(gathered)


def _condition(context: Native, arguments: Arguments, run: Run) -> Object:
    """`wait_for_callback(submitter)`, `wait_for_condition(check)`: a step, after which the
    execution is suspended.
    """
    found = _functions(arguments)
    if not found:
        return nothing()
    given = [Object("callback"), harmless("step_context")]
    return _beside(
        run, function("condition", lambda arguments, run: run.checkpointed(found[0], given))
    )


def _gathered(arguments: Arguments, run: Run) -> Object:
    lists = [given for given in arguments.positional if not _names_something(given)]
    return run.gather(lists[0]) if lists else nothing()


_OPERATIONS = {
    "step": _step,
    "invoke": _invoke,
    "run_in_child_context": _child,
    "runInChildContext": _child,
    "parallel": _parallel,
    "map": _map,
    "wait_for_callback": _condition,
    "waitForCallback": _condition,
    "wait_for_condition": _condition,
    "waitForCondition": _condition,
}

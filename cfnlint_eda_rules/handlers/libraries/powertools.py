"""Powertools for AWS Lambda: parameters, batch processing, event data classes. Loggers, tracers,
metrics and idempotency make no calls that matter here. The event handler's resolvers are among the
web frameworks.
"""

from __future__ import annotations

from collections.abc import Mapping

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Known, Native, Object, Run
from cfnlint_eda_rules.handlers.libraries.model import (
    LibraryModule,
    answering,
    apply,
    each,
    function,
    harmless,
    nothing,
    request_of,
)
from cfnlint_eda_rules.handlers.libraries.sdk import perform
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Value


def library(language: str, module: str) -> Object | None:
    """A module of Powertools for Python or a package of Powertools for TypeScript; None for the
    event handler.
    """
    if "event_handler" in module or "event-handler" in module:
        return None
    return LibraryModule(module, on_attribute=lambda name, run: _exported(module, name))


def annotated(language: str, name: str) -> Object | None:
    """Nothing: an event is a data class only where a decorator makes it one."""
    return None


def _exported(module: str, name: str) -> Object | None:
    known = load("powertools")
    plain = _snake(name)
    if "parameters" in module:
        if plain in known["parameters"]:
            return _fetching(name, known["parameters"][plain])
        if plain in known["setters"]:
            return _setting(name, known["setters"][plain])
        if name in known["providers"]:
            return answering(name, lambda: _provider(known["providers"][name]))
        if name == "DynamoDBProvider":
            return function(name, _table_provider)
    if "data_classes" in module:
        if name == "event_source":
            return function(name, _event_source)
        if name[:1].isupper():
            return function(name, lambda arguments, run: _wrapped(arguments.get("data", 0)))
    if plain in (
        "process_partial_response",
        "async_process_partial_response",
        "process_partial_response_sync",
    ):
        return function(name, _process_partial_response)
    if plain in ("batch_processor", "async_batch_processor"):
        return function(name, _batch_decorator)
    if "batch" in module and name.endswith("Processor"):
        return answering(name, _processor)
    if name in ("parse", "validate"):
        return function(name, lambda arguments, run: arguments.get("event", 0) or Object())
    if name == "lambda_handler_decorator":
        return function(name, _middleware_factory)
    if name in (
        "utilities",
        "parameters",
        "batch",
        "data_classes",
        "parser",
        "idempotency",
        "middleware_factory",
        "validation",
    ):
        return library("python", f"{module}.{name}")
    return harmless(name)


def _snake(name: str) -> str:
    return (
        "".join(
            f"_{letter.lower()}" if letter.isupper() and index else letter
            for index, letter in enumerate(name)
        )
        if name[:1].islower()
        else name
    )


# --------------------------------------------------------------------------------------------------


def _fetching(
    name: str, row: Mapping[str, str], bound: Mapping[str, Object] | None = None
) -> Native:
    def fetch(arguments: Arguments, run: Run) -> Object:
        named = next(
            (
                arguments.named[key]
                for key in ("name", "path", "parameters")
                if key in arguments.named
            ),
            None,
        )
        identifier = named or arguments.get("name", 0) or Object("name")
        return run.once(
            function(
                name,
                lambda arguments, run: perform(
                    run, row["service"], row["operation"], {row["parameter"]: identifier}
                ),
            )
        )

    return function(name, fetch)


def _setting(name: str, row: Mapping[str, str]) -> Native:
    def put(arguments: Arguments, run: Run) -> Object:
        identifier = arguments.get("name", 0) or Object("name")
        request = {row["parameter"]: identifier}
        return perform(
            run,
            row["service"],
            row["operation"],
            request,
            asynchronous=not run.waits,
        )

    return function(name, put)


def _provider(row: Mapping[str, str]) -> Native:
    known = load("powertools")["parameters"]
    return Native(
        "provider",
        on_attribute=lambda name, run: (
            _fetching(name, known[row[_snake(name)]]) if _snake(name) in row else harmless(name)
        ),
    )


def _table_provider(arguments: Arguments, run: Run) -> Object:
    options = (
        request_of(run, arguments.positional[0]) if not run.waits and arguments.positional else {}
    )
    table = arguments.get("table_name", 0) if run.waits else options.get("tableName")

    def fetch(arguments: Arguments, run: Run) -> Object:
        request = {"TableName": table or Object("table")}
        return run.once(
            function("get", lambda arguments, run: perform(run, "dynamodb", "GetItem", request))
        )

    return Native(
        "provider",
        attributes={"get": function("get", fetch), "get_multiple": function("get_multiple", fetch)},
    )


# --------------------------------------------------------------------------------------------------


def _run_handler(handler: Object | None, records: Object, run: Run) -> Object:
    """Runs a record handler on each record: a data class in Python."""
    if handler is not None:
        each(
            run,
            records,
            lambda record: run.join(
                run.invoke(handler, [DataClass(record) if run.waits else record])
            ),
        )
    return Object("batchItemFailures")


def _records(event: Object | None, run: Run) -> Object:
    return Object("records") if event is None else event.item(Known(Literal("Records")), run)


def _process_partial_response(arguments: Arguments, run: Run) -> Object:
    return _run_handler(
        arguments.get("record_handler", 1), _records(arguments.get("event", 0), run), run
    )


def _batch_decorator(arguments: Arguments, run: Run) -> Object:
    record_handler = arguments.get("record_handler", 0)

    def handle(handler: Object, arguments: Arguments, run: Run) -> Object:
        _run_handler(record_handler, _records(arguments.get("event", 0), run), run)
        return handler.call(arguments, run)

    def decorate(arguments: Arguments, run: Run) -> Object:
        handler = arguments.get("handler", 0)
        return (
            nothing()
            if handler is None
            else function("handler", lambda arguments, run: handle(handler, arguments, run))
        )

    return function("batch_processor", decorate)


def _processor() -> Object:
    """`with processor(records=..., handler=...): processor.process()`."""

    def prepare(arguments: Arguments, run: Run) -> Object:
        handler, records = arguments.get("handler", 1), arguments.get("records", 0)
        given[:] = (
            []
            if handler is None
            else [(handler, Object("records") if records is None else records)]
        )
        return made

    def process(arguments: Arguments, run: Run) -> Object:
        for handler, records in given:
            _run_handler(handler, records, run)
        return Object("processed")

    given: list[tuple[Object, Object]] = []
    entered = {name: answering(name, lambda: made) for name in ("__enter__", "__aenter__")}
    steps = {
        "process": function("process", process),
        "async_process": function("async_process", process),
    }
    made = Native(
        "processor",
        attributes=entered | steps | {"response": answering("response", Object)},
        on_call=prepare,
    )
    return made


def _middleware_factory(arguments: Arguments, run: Run) -> Object:
    """`@lambda_handler_decorator` makes a decorator of `middleware(handler, event, context)`."""
    middleware = arguments.get("decorator", 0)
    if middleware is None:
        return function("lambda_handler_decorator", _middleware_factory)

    def decorate(arguments: Arguments, run: Run) -> Object:
        handler, options = arguments.get("func", 0), arguments.named
        if handler is None:
            return function(
                "middleware",
                lambda arguments, run: decorate(Arguments(arguments.positional, options), run),
            )
        return function(
            "handler",
            lambda arguments, run: apply(
                run, middleware, [handler, *arguments.positional], options
            ),
        )

    return function("middleware", decorate)


# --------------------------------------------------------------------------------------------------


class DataClass(Object):
    """An event, or part of one, whose fields are attributes in snake case. As a value it is the
    event itself.
    """

    __slots__ = ("event",)

    def __init__(self, event: Object) -> None:
        super().__init__(event.expression, event.needs)
        self.event = event

    def attribute(self, name: str, run: Run) -> Object:
        known = load("powertools")
        if name in known["paths"]:
            found = self.event
            for key in known["paths"][name]:
                found = found.iterate(run) if key == "*" else found.item(Known(Literal(key)), run)
            return DataClass(found) if name == "record" else found
        if name in known["nested"]:
            key = known["nested"][name]
            return DataClass(self.event.item(Known(Literal(key)), run) if key else self.event)
        if name in known["methods"]:
            return function(
                name, lambda arguments, run: self._looked_up(known["methods"][name], arguments, run)
            )
        if name in ("get", "items", "keys", "values") or name.startswith("__"):
            return self.event.attribute(name, run)
        words = name.split("_")
        camel = words[0] + "".join(word.capitalize() for word in words[1:])
        return self.event.item(Known(Literal(known["fields"].get(name, camel))), run)

    def _looked_up(self, key: str, arguments: Arguments, run: Run) -> Object:
        found = self.event.item(Known(Literal(key)), run)
        name = arguments.get("name", 0)
        return found if name is None else found.item(name, run)

    def item(self, key: Object, run: Run) -> Object:
        return self.event.item(key, run)

    def iterate(self, run: Run) -> Object:
        return DataClass(self.event.iterate(run))

    def value(self) -> Value:
        return self.event.value()

    def text(self) -> str:
        return self.event.text()


def _wrapped(event: Object | None) -> Object:
    return Object("event") if event is None else DataClass(event)


def _event_source(arguments: Arguments, run: Run) -> Object:
    """`@event_source(data_class=S3Event)`: the handler gets its event as a data class."""

    def decorate(arguments: Arguments, run: Run) -> Object:
        handler = arguments.get("handler", 0)
        if handler is None:
            return nothing()
        return function(
            "handler",
            lambda arguments, run: apply(
                run, handler, [_wrapped(arguments.get("event", 0)), *arguments.positional[1:]]
            ),
        )

    return decorate(arguments, run) if arguments.positional else function("event_source", decorate)

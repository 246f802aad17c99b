"""Types of .NET's libraries, by their simple names: the AWS SDK's, ASP.NET Core's and its adapters
for Lambda, `HttpClient`, databases.

https://github.com/aws/aws-lambda-dotnet
https://learn.microsoft.com/dotnet/api/
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from cfnlint_eda_rules.catalogue.clients import effect_of_statement
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    FunctionObject,
    Instance,
    NativeClass,
    argument_needs,
    literal,
    needs_of,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages.csharp import classes
from cfnlint_eda_rules.handlers.languages.csharp.names import AMONG
from cfnlint_eda_rules.handlers.libraries import aws_csharp
from cfnlint_eda_rules.handlers.libraries.http import send
from cfnlint_eda_rules.handlers.libraries.model import (
    answering,
    function,
    harmless,
    is_function,
    joined,
    nothing,
    text,
)
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Text

# The routes that a program declares, per evaluation.
_ROUTES: WeakKeyDictionary[Run, dict[str, Object]] = WeakKeyDictionary()


def library(language: str, module: str) -> Object | None:
    """A type (`library.HttpClient of System.Net.Http`) or an attribute; None for others."""
    kind, _, rest = module.partition(".")
    name, _, namespaces = rest.partition(AMONG)
    if kind == "attribute":
        return function(name, lambda arguments, run: _declared(name))
    rows = load("csharp_sdk")
    if name in ("HttpClient", "IHttpClientFactory"):
        return _http_class(name)
    if name == "HttpRequestMessage":
        return function(name, lambda arguments, run: _Message(arguments))
    if name == "HttpMethod":
        return _http_methods()
    if name in rows["adapters"] or name.partition("<")[0] in rows["adapters"]:
        return _adapter()
    if name == "WebApplication":
        return Native(name, on_attribute=lambda asked, run: answering(asked, _web_builder))
    if name == "Host" or name == "WebHost":
        return None
    if name in ("LambdaBootstrapBuilder", "LambdaBootstrap", "HandlerWrapper"):
        return _bootstrap(name)
    if name in rows["databases"]:
        return _connection_class(rows["databases"][name])
    if name in _COMMANDS:
        return function(name, lambda given, run: _Command(given, run))
    if name == "DbContext" or name.endswith("DbContext"):
        return _context_class()
    return aws_csharp.library(name, namespaces)


# ------------------------------------------------------------------------------------ ASP.NET Core


def _declared(name: str) -> Native:
    """The attribute of a method: it serves a route."""

    def decorate(given: Arguments, run: Run) -> Object:
        handler = given.positional[0] if given.positional else None
        if isinstance(handler, FunctionObject) and name in load("csharp_sdk")["routes"]:
            _ROUTES.setdefault(run, {})[handler.text()] = handler
        return Object()

    return function(name, decorate)


def _adapter() -> Native:
    """`APIGatewayProxyFunction` and its kin: handlers that hand events to ASP.NET Core."""

    def inherited(instance: Instance, name: str, run: Run) -> Object | None:
        return function(name, _serve) if name.startswith("FunctionHandler") else None

    return NativeClass("ASP.NET Core", lambda arguments, run: Object("function"), inherited)


def _serve(arguments: Arguments, run: Run) -> Object:
    """Serves an event: one of the routes runs."""
    run.mount("ASP.NET Core", len(_routes(run)))
    return _branched(run)


def _routes(run: Run) -> list[Object]:
    for _ in classes.controllers(run):
        pass
    return list(_ROUTES.get(run, {}).values())


def _branched(run: Run) -> Object:
    served = [_server(_bound(route, run), _given(route)) for route in _routes(run)]
    if served:
        run.branch([(server, ()) for server in served])
    return Object("response")


def _server(route: Object, given: list[Object]) -> Native:
    """A route as it is served: the framework waits for what it answers."""
    return function("route", lambda arguments, run: run.join(run.invoke(route, given)))


def _bound(route: Object, run: Run) -> Object:
    """A route's function; that of a controller is its instance's, which the framework makes."""
    if not isinstance(route, FunctionObject) or not isinstance(route.owner, ClassObject):
        return route
    owner = route.owner
    instance = run.at_start(lambda: classes.inject(owner, run))
    return run.got(route, instance)


def _given(route: Object) -> list[Object]:
    parameters = route.node.parameters if isinstance(route, FunctionObject) else []
    return [Object(getattr(one.pattern, "id", "")) for one in parameters if not one.annotation]


def _web_builder() -> Native:
    """`WebApplication.CreateBuilder(args)`."""

    def attribute(name: str, run: Run) -> Object | None:
        if name == "Build":
            return answering(name, _application)
        return None if name == "Services" else harmless(name)

    return Native("builder", on_attribute=attribute)


def _application() -> Native:
    """A minimal API: `app.MapGet("/", handler)`, served from `app.Run()` on."""

    def attribute(name: str, run: Run) -> Object | None:
        if name == "MapGroup":
            return answering(name, lambda: made)
        if name in ("Run", "RunAsync", "Start"):
            return function(name, started)
        if name.startswith("Map") and name != "MapControllers":
            return function(name, lambda given, run: mapped(name, given, run))
        if name in ("Services", "Logger", "Configuration", "Environment"):
            return None
        return answering(name, lambda: made) if name.startswith("Use") else harmless(name)

    def mapped(name: str, arguments: Arguments, run: Run) -> Object:
        path = arguments.positional[0].text() if arguments.positional else ""
        handler = next((one for one in arguments.positional[1:] if is_function(one)), None)
        if handler is not None:
            _ROUTES.setdefault(run, {})[f"{name} {path}"] = handler
        return harmless("route")

    def started(arguments: Arguments, run: Run) -> Object:
        run.mount("ASP.NET Core", len(_routes(run)))
        classes.serve(function("ASP.NET Core", lambda given, run: _branched(run)), run)
        return nothing()

    made = Native("application", on_attribute=attribute)
    return made


def _bootstrap(name: str) -> Native:
    """`LambdaBootstrapBuilder.Create(handler, serializer)`: the function that serves the events of
    a top-level program.

    https://docs.aws.amazon.com/lambda/latest/dg/csharp-handler.html
    """

    def noted(arguments: Arguments, run: Run) -> Object:
        for given in arguments.positional[:1]:
            if isinstance(given, FunctionObject):
                classes.serve(given, run)
        return builder

    builder = Native(name, on_attribute=lambda asked, run: answering(asked, lambda: builder))
    return Native(name, on_call=noted, on_attribute=lambda asked, run: function(asked, noted))


# -------------------------------------------------------------------------------------------- HTTP

_VERBS = {
    **dict.fromkeys(("Get", "GetString", "GetStream", "GetByteArray", "GetFromJson"), "GET"),
    **dict.fromkeys(("Post", "PostAsJson"), "POST"),
    **dict.fromkeys(("Put", "PutAsJson"), "PUT"),
    **dict.fromkeys(("Patch", "PatchAsJson"), "PATCH"),
    **dict.fromkeys(("Delete", "DeleteFromJson"), "DELETE"),
}


def _http_class(name: str) -> Native:
    make = _factory if name == "IHttpClientFactory" else _HttpClient
    return Native(
        name,
        on_call=lambda arguments, run: make(),
        attributes={"inject": answering("inject", make)},
    )


def _factory() -> Native:
    return Native("factory", attributes={"CreateClient": answering("CreateClient", _HttpClient)})


class _HttpClient(Native):
    """An `HttpClient`, whose base address is put before its relative URLs."""

    __slots__ = ("base",)

    def __init__(self) -> None:
        super().__init__("HttpClient", on_attribute=self._asked)
        self.base: Object | None = None

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        if name == "BaseAddress":
            self.base = value
        self.needs |= value.needs

    def _asked(self, name: str, run: Run) -> Object | None:
        plain = name.removesuffix("Async")
        if plain == "Send":
            return function(name, self._sent)
        verb = _VERBS.get(plain)
        if verb is None:
            return harmless(name)
        return function(name, lambda given, run: self._called(verb, given.get("", 0), given, run))

    def _called(self, verb: str, url: Object | None, given: Arguments, run: Run) -> Object:
        if self.base is not None and not _is_absolute(url):
            url = joined(self.base, url)
        return send(run, verb, url, given, asynchronous=True)

    def _sent(self, arguments: Arguments, run: Run) -> Object:
        message = arguments.positional[0] if arguments.positional else Object()
        if not isinstance(message, _Message):
            return self._called("", None, arguments, run)
        return self._called(message.method, message.url, arguments, run)


def _is_absolute(url: Object | None) -> bool:
    value = None if url is None else url.value()
    start = value.parts[0] if isinstance(value, Text) and value.parts else value
    known = start.value if isinstance(start, Literal) else ""
    return isinstance(known, str) and known.startswith(("http:", "https:"))


class _Message(Native):
    """An `HttpRequestMessage`."""

    __slots__ = ("method", "url")

    def __init__(self, arguments: Arguments) -> None:
        super().__init__("message", needs=argument_needs(arguments))
        given = arguments.positional
        self.method = text(given[0]) if given else "GET"
        self.url: Object | None = given[1] if len(given) > 1 else None

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        self.needs |= needs_of(value)
        if name == "Method":
            self.method = text(value)
        elif name == "RequestUri":
            self.url = value


def _http_methods() -> Native:
    return Native("HttpMethod", on_attribute=lambda name, run: literal(name.upper()))


# --------------------------------------------------------------------------------------- databases

_COMMANDS = frozenset({"NpgsqlCommand", "MySqlCommand", "SqlCommand", "OracleCommand"})


def _connection_class(database: str) -> Native:
    def made(arguments: Arguments | None = None, run: Run | None = None) -> Native:
        given = arguments.positional if arguments is not None else []
        return _Connection(database, given[0] if given else None)

    found = Native(database, on_call=made)
    found.attributes = {
        "inject": answering("inject", made),
        "Create": function("Create", lambda given, run: made(given, run)),
    }
    return found


class _Connection(Native):
    """A connection to a database, with Dapper's methods."""

    __slots__ = ("database", "place")

    def __init__(self, database: str, place: Object | None) -> None:
        super().__init__(database, on_attribute=self._asked)
        self.database = database
        self.place = place

    def _asked(self, name: str, run: Run) -> Object | None:
        plain = name.removesuffix("Async")
        if plain in ("CreateCommand", "OpenConnection", "BeginTransaction"):
            command = plain == "CreateCommand"
            return function(
                name,
                lambda given, run: (
                    _Command(Arguments([*given.positional[:1], self], {}), run) if command else self
                ),
            )
        if plain in load("csharp_sdk")["statements"]:
            return function(name, lambda given, run: self.carried_out(name, given, None, run))
        return harmless(name)

    def carried_out(
        self, name: str, arguments: Arguments, statement: Object | None, run: Run
    ) -> Object:
        """The call that carries out a statement."""
        given = arguments.positional
        words = text(statement or (given[0] if given else None))
        reads = name.startswith(("Query", "ExecuteReader", "ExecuteScalar"))
        effect = effect_of_statement(words) if words else "read" if reads else "write"
        made = run.items([*given, *([] if statement is None else [statement])])
        request: dict[str, Object] = {"effect": literal(effect), "**": made}
        if self.place is not None:
            request["connection"] = self.place
        begins = name.endswith("Async")
        return (run.start if begins else run.request)("client", self.database, name, request)


class _Command(Native):
    """A statement that is carried out later."""

    __slots__ = ("connection", "statement")

    def __init__(self, arguments: Arguments, run: Run) -> None:
        super().__init__("command", on_attribute=self._asked)
        given = arguments.positional
        self.statement: Object | None = None
        self.connection: Object | None = None
        for one in given:
            if isinstance(one, _Connection):
                self.connection = one
            elif self.statement is None:
                self.statement = one

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        if name == "CommandText":
            self.statement = value
        elif name == "Connection":
            self.connection = value
        self.needs |= needs_of(value)

    def _asked(self, name: str, run: Run) -> Object | None:
        if not name.startswith("Execute"):
            return function(name, self._given)
        connection = self.connection
        if not isinstance(connection, _Connection):
            connection = _Connection("the database", None)
        return function(
            name,
            lambda given, run: connection.carried_out(
                name, Arguments([Object("", self.needs)], {}), self.statement, run
            ),
        )

    def _given(self, arguments: Arguments, run: Run) -> Object:
        self.needs |= argument_needs(arguments)
        return self


def _context_class() -> Native:
    """Entity Framework's `DbContext`: its sets are read when their elements are asked for, and
    written when the changes are saved.
    """

    def inherited(instance: Instance, name: str, run: Run) -> Object | None:
        return _set_member(name, Object("", needs_of(instance)))

    return NativeClass(
        "DbContext", lambda arguments, run: Native("DbContext", on_attribute=_asked), inherited
    )


def _asked(name: str, run: Run) -> Object | None:
    return _set_member(name, Object())


def _set_member(name: str, given: Object) -> Object:
    plain = name.removesuffix("Async")
    effect = load("csharp_sdk")["contexts"].get(plain)
    if effect is None:
        return _Set(given)
    return function(name, lambda arguments, run: _queried(name, effect, given, arguments, run))


def _queried(name: str, effect: str, given: Object, arguments: Arguments, run: Run) -> Object:
    made = Object("", needs_of(given) | argument_needs(arguments))
    request = {"effect": literal(effect), "**": made}
    begins = name.endswith("Async")
    database = "the database behind Entity Framework"
    return (run.start if begins else run.request)("client", database, name, request)


class _Set(Native):
    """A set of a context, or a query over it; called, it goes on being one."""

    __slots__ = ("given",)

    def __init__(self, given: Object) -> None:
        super().__init__("set", on_call=self._called, needs=given.needs)
        self.given = given
        self.on_attribute = lambda name, run: _set_member(name, Object("", self.needs))

    def _called(self, arguments: Arguments, run: Run) -> Object:
        return _Set(Object("", self.needs | argument_needs(arguments)))


__all__ = ["library"]

"""The AWS SDKs for JavaScript: v3 (`@aws-sdk/client-*`, `lib-dynamodb`, `lib-storage`, presigners)
and v2 (`aws-sdk`).

Developer guides: https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/ and
.../v2/developer-guide/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import is_service, service_of_class, service_of_package
from cfnlint_eda_rules.handlers.interpreter.objects import argument_needs
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Arguments,
    Known,
    Native,
    Object,
    Run,
)
from cfnlint_eda_rules.handlers.libraries.model import (
    Container,
    LibraryModule,
    answering,
    chained,
    function,
    harmless,
    is_function,
    nothing,
    request_of,
)
from cfnlint_eda_rules.handlers.libraries.sdk import perform, wait
from cfnlint_eda_rules.handlers.symbolic_values import Literal

_SENDS = ("promise", "send")  # of a request that is under way: no other is made
_HARMLESS = ("config", "middlewareStack", "endpoint")


def library(language: str, module: str) -> Object | None:
    """A package of v3 (`@aws-sdk/client-s3`), or v2's `aws-sdk`, `aws-sdk/clients/s3`,
    `aws-sdk/global`; None for other packages.
    """
    if module == "dynamodb-doc":  # the document client before version 2 had one
        return LibraryModule(module, attributes={"DynamoDB": _service_class("dynamodb")})
    if module.startswith("aws-sdk"):
        return _version_2(module)
    package = module.removeprefix("@aws-sdk/").split("/", 1)[0]
    if package.startswith("client-"):
        return _client_package(package.removeprefix("client-"))
    match package:
        case "lib-dynamodb":
            return _document_package()
        case "lib-storage":
            return LibraryModule(module, attributes={"Upload": function("Upload", _upload)})
        case "util-dynamodb":
            return LibraryModule(module, on_attribute=lambda name, run: function(name, _unchanged))
        case (
            "s3-request-presigner"
            | "s3-presigned-post"
            | "cloudfront-signer"
            | "rds-signer"
            | "polly-request-presigner"
        ):
            return LibraryModule(module, on_attribute=lambda name, run: answering(name, Object))
    return None


def annotated(language: str, name: str) -> Object | None:
    """The client with this type name: `S3Client`, `DynamoDBDocumentClient`, `DynamoDBDocument`."""
    if name in ("DynamoDBDocumentClient", "DynamoDBDocument", "DocumentClient"):
        return (
            _request_client("dynamodb", document=True)
            if name == "DocumentClient"
            else _client("dynamodb", document=True)
        )
    stem = name.removesuffix("Client")
    service = service_of_class(stem)
    return _client(service) if stem != name and is_service(service) else None


def _unchanged(arguments: Arguments, run: Run) -> Object:
    return arguments.positional[0] if arguments.positional else nothing()


# --------------------------------------------------------------------------------------------------


class Command(Native):
    """A command object, not sent yet."""

    __slots__ = ("operation", "request", "service")

    def __init__(self, service: str, operation: str, request: Mapping[str, Object]) -> None:
        super().__init__(f"{operation}Command")
        self.service = service
        self.operation = operation
        self.request = request

    def attribute(self, name: str, run: Run) -> Object:
        return (
            run.record(self.request, "**" in self.request)
            if name == "input"
            else super().attribute(name, run)
        )

    def send(self, run: Run, needs: frozenset[int] = NOTHING) -> Object:
        """The promise of the answer, by a client that needs these calls."""
        request = _needing(self.request, needs)
        return perform(run, self.service, self.operation, request, asynchronous=True)


def _needing(request: Mapping[str, Object], needs: frozenset[int]) -> Mapping[str, Object]:
    """The parameters, with what the client needs."""
    if not needs:
        return request
    hidden = request.get("**")
    return {**request, "**": Object("", needs | (hidden.needs if hidden else NOTHING))}


def _client_package(package: str) -> Object:
    service = service_of_package(package)
    squashed = package.replace("-", "")

    def attribute(name: str, run: Run) -> Object | None:
        if name.endswith("Command"):
            return _command_class(service, name.removesuffix("Command"))
        if name.startswith("paginate") and name[8:9].isupper():
            return function(
                name,
                lambda arguments, run: _paginate(
                    service, name.removeprefix("paginate"), arguments, run
                ),
            )
        if name.startswith("waitUntil") and name[9:10].isupper():
            return function(
                name,
                lambda arguments, run: _wait_until(
                    service, name.removeprefix("waitUntil"), arguments, run
                ),
            )
        if name.endswith("Client") or name.lower() == squashed:
            return _client_class(name, service)
        return _enumeration(name) if name[:1].isupper() else None

    return LibraryModule(f"@aws-sdk/client-{package}", on_attribute=attribute)


def _client_class(name: str, service: str, *, document: bool = False) -> Native:
    return function(
        name,
        lambda arguments, run: _client(service, document=document, needs=argument_needs(arguments)),
    )


def _enumeration(name: str) -> Native:
    """An enumeration, whose members' values mostly are their names (`InvocationType.Event`); or an
    exception class.
    """
    return Native(
        name,
        on_attribute=lambda member, run: Known(Literal(member)),
        on_call=lambda arguments, run: Object(),
    )


def _command_class(service: str, operation: str) -> Native:
    def made(arguments: Arguments, run: Run) -> Object:
        return Command(
            service,
            operation,
            request_of(run, arguments.positional[0] if arguments.positional else None),
        )

    return function(f"{operation}Command", made)


def _client(service: str, *, document: bool = False, needs: frozenset[int] = NOTHING) -> Native:
    """A client: `send(command)`, and the aggregated client's method for each operation. It needs
    the calls that its credentials or endpoint come from.
    """

    def attribute(name: str, run: Run) -> Object | None:
        if name in _HARMLESS or name == "destroy":
            return harmless(name)
        if name.startswith("waitUntil"):
            return function(
                name,
                lambda arguments, run: _wait_until(
                    service, name.removeprefix("waitUntil"), arguments, run, first=0
                ),
            )
        operation = _operation(name, document)
        return (
            function(
                name,
                lambda arguments, run: _aggregated(service, operation, arguments, run, needs),
            )
            if operation
            else None
        )

    return Native(
        f"client({service})",
        attributes={"send": function("send", lambda arguments, run: _send(arguments, run, needs))},
        on_attribute=attribute,
        needs=needs,
    )


def _operation(name: str, document: bool) -> str:
    operation = name[:1].upper() + name[1:]
    known: str = load("services")["document"].get(operation, operation) if document else operation
    return (
        known
        if name[:1].islower()
        and name not in ("then", "catch", "finally", "constructor", "toString")
        else ""
    )


def _send(arguments: Arguments, run: Run, needs: frozenset[int]) -> Object:
    given = arguments.positional[0] if arguments.positional else None
    # A command made on several branches is one of several.
    commands = [
        command for command in getattr(given, "options", (given,)) if isinstance(command, Command)
    ]
    if not commands:
        return run.unknown_call(Object("send"), arguments)
    if len(commands) == 1:
        return _called_back(commands[0].send(run, needs), arguments, run)
    sent = run.branch([(_sending(command, needs), ()) for command in commands])
    return _called_back(sent, arguments, run)


def _sending(command: Command, needs: frozenset[int]) -> Native:
    return function("send", lambda arguments, run: command.send(run, needs))


def _aggregated(
    service: str, operation: str, arguments: Arguments, run: Run, needs: frozenset[int]
) -> Object:
    given = (
        arguments.positional[0]
        if arguments.positional and not is_function(arguments.positional[0])
        else None
    )
    request = _needing(request_of(run, given), needs)
    promise = perform(run, service, operation, request, asynchronous=True)
    return _called_back(promise, arguments, run)


def _called_back(promise: Object, arguments: Arguments, run: Run) -> Object:
    """The promise, or what follows from it where a Node callback comes last."""
    last = arguments.positional[-1] if arguments.positional else None
    return run.callback(promise, last) if last is not None and is_function(last) else promise


def _paginate(service: str, operation: str, arguments: Arguments, run: Run) -> Object:
    request = _needing(request_of(run, arguments.get("input", 1)), _of_client(arguments, run))
    result = perform(run, service, operation, request)
    return Container("pages", result, needs=result.needs)


def _wait_until(service: str, name: str, arguments: Arguments, run: Run, first: int = 1) -> Object:
    request = request_of(run, arguments.get("input", first))
    needs = _of_client(arguments, run) if first else NOTHING
    return wait(run, service, name, _needing(request, needs), asynchronous=True)


def _of_client(arguments: Arguments, run: Run) -> frozenset[int]:
    """What the client needs that a paginator or waiter is given: `paginateX({client}, input)`."""
    client = request_of(run, arguments.get("config", 0)).get("client")
    return client.needs if client is not None else NOTHING


def _document_package() -> Object:
    def attribute(name: str, run: Run) -> Object | None:
        known = load("services")["document"]
        if name.endswith("Command"):
            stem = name.removesuffix("Command")
            return _command_class("dynamodb", known.get(stem) or stem)
        if name.startswith("paginate"):
            stem = name.removeprefix("paginate")
            return function(
                name,
                lambda arguments, run: _paginate(
                    "dynamodb", known.get(stem) or stem, arguments, run
                ),
            )
        if name in ("DynamoDBDocumentClient", "DynamoDBDocument"):
            made = _client_class(name, "dynamodb", document=True)
            made.attributes = {"from": _client_class("from", "dynamodb", document=True)}
            return made
        return None

    return LibraryModule("@aws-sdk/lib-dynamodb", on_attribute=attribute)


def _upload(arguments: Arguments, run: Run) -> Object:
    """`new Upload({ client, params }).done()`: one object, in one part or several."""
    options = request_of(run, arguments.positional[0] if arguments.positional else None)

    def done(arguments: Arguments, run: Run) -> Object:
        client = options.get("client")
        request = request_of(run, options.get("params"))
        needs = client.needs if client is not None else NOTHING
        return perform(run, "s3", "ManagedUpload", _needing(request, needs), asynchronous=True)

    return Native(
        "upload",
        attributes={
            "done": function("done", done),
            "on": harmless("on"),
            "abort": harmless("abort"),
        },
    )


# --------------------------------------------------------------------------------------------------


def _version_2(module: str) -> Object | None:
    if module.startswith("aws-sdk/clients/") and module != "aws-sdk/clients/all":
        return _service_class(service_of_class(module.removeprefix("aws-sdk/clients/")))

    def attribute(name: str, run: Run) -> Object | None:
        if name == "config":
            return harmless(name)
        if name in ("NodeHttpClient", "HttpClient"):
            return answering(
                name,
                lambda: Native(
                    name, attributes={"handleRequest": function("handleRequest", _handle_request)}
                ),
            )
        if not name[:1].isupper() or name in load("services")["not_services"]:
            return None
        return _service_class(service_of_class(name))

    return LibraryModule(module, on_attribute=attribute)


def _service_class(service: str) -> Object:
    made = LibraryModule(
        f"AWS.{service}",
        on_call=lambda arguments, run: _request_client(service, _bound(arguments, run)),
    )
    if service == "dynamodb":
        document = function(
            "DocumentClient",
            lambda arguments, run: _request_client(
                "dynamodb", _bound(arguments, run), document=True
            ),
        )
        converter = Native("Converter", on_attribute=lambda name, run: function(name, _unchanged))
        made.attributes = {"DocumentClient": document, "Converter": converter}
    return made


def _bound(arguments: Arguments, run: Run) -> dict[str, Object]:
    """The parameters that a service object sends with each request, and what it needs itself."""
    options = request_of(run, arguments.positional[0] if arguments.positional else None)
    bound = request_of(run, options["params"]) if "params" in options else {}
    return dict(_needing(bound, argument_needs(arguments)))


def _request_client(
    service: str, bound: Mapping[str, Object] | None = None, *, document: bool = False
) -> Native:
    """A service object: each method makes a request, which is sent by a callback, `send` or
    `promise`.
    """

    def attribute(name: str, run: Run) -> Object | None:
        match name:
            case "config" | "endpoint" | "setEndpoint" | "createSet":
                return harmless(name)
            case "getSignedUrl" | "getSignedUrlPromise" | "createPresignedPost":
                return function(name, _signed)
            case "upload":
                return function(
                    name,
                    lambda arguments, run: _requested(
                        service, "ManagedUpload", bound, arguments, run
                    ),
                )
            case "waitFor":
                return function(name, lambda arguments, run: _waited_for(service, arguments, run))
            case "makeRequest" | "makeUnauthenticatedRequest":
                return function(
                    name, lambda arguments, run: _made_request(service, bound, arguments, run)
                )
        operation = _operation(name, document)
        return (
            function(
                name, lambda arguments, run: _requested(service, operation, bound, arguments, run)
            )
            if operation
            else None
        )

    needs = bound["**"].needs if bound and "**" in bound else NOTHING
    return Native(f"AWS.{service}", on_attribute=attribute, needs=needs)


def _signed(arguments: Arguments, run: Run) -> Object:
    last = arguments.positional[-1] if arguments.positional else None
    return (
        run.invoke(last, [nothing(), Object("signed")])
        if last is not None and is_function(last)
        else Object("signed")
    )


def _requested(
    service: str, operation: str, bound: Mapping[str, Object] | None, arguments: Arguments, run: Run
) -> Object:
    given = [argument for argument in arguments.positional if not is_function(argument)]
    request = request_of(run, given[0] if given else None, bound)
    return _pending(
        lambda run: perform(run, service, operation, request, asynchronous=True), arguments, run
    )


def _made_request(
    service: str, bound: Mapping[str, Object] | None, arguments: Arguments, run: Run
) -> Object:
    name = arguments.positional[0].value() if arguments.positional else None
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        return run.unknown_call(Object("makeRequest"), arguments)
    return _requested(
        service, _operation(name.value, False), bound, Arguments(arguments.positional[1:], {}), run
    )


def _waited_for(service: str, arguments: Arguments, run: Run) -> Object:
    state = arguments.positional[0].value() if arguments.positional else None
    name = state.value if isinstance(state, Literal) and isinstance(state.value, str) else ""
    given = [argument for argument in arguments.positional[1:] if not is_function(argument)]
    request = request_of(run, given[0] if given else None)
    return _pending(
        lambda run: wait(run, service, name[:1].upper() + name[1:], request, asynchronous=True),
        arguments,
        run,
        2,
    )


def _pending(
    begin: Callable[[Run], Object], arguments: Arguments, run: Run, parameters: int = 1
) -> Object:
    """A request object: with a callback (after so many parameters, though it may not be known) it
    is sent at once, else when asked to.
    """
    last = arguments.positional[-1] if arguments.positional else None
    if last is not None and is_function(last):
        return chained(run.callback(begin(run), last), _SENDS)
    if (
        last is not None
        and len(arguments.positional) > parameters
        and last.value() != Literal(None)
    ):
        return chained(begin(run), _SENDS)

    def send(arguments: Arguments, run: Run) -> Object:
        promise = begin(run)
        given = arguments.positional[0] if arguments.positional else None
        return promise if given is None else run.callback(promise, given)

    def stream(arguments: Arguments, run: Run) -> Object:
        return run.join(begin(run))

    def on(arguments: Arguments, run: Run) -> Object:
        event, listener = (arguments.get("event", 0), arguments.get("listener", 1))
        value = event.value() if event is not None else None
        if isinstance(value, Literal) and listener is not None:
            listeners.append((str(value.value), listener))
        return made

    def send_to_listeners(arguments: Arguments, run: Run) -> Object:
        promise = send(arguments, run)
        for event, listener in listeners:
            if event in ("success", "complete", "send"):
                promise = run.then(promise, listener)
            elif event == "error":
                promise = run.then(promise, None, listener)
        return promise

    listeners: list[tuple[str, Object]] = []
    made = Native(
        "request",
        attributes={
            "promise": function("promise", send_to_listeners),
            "send": function("send", send_to_listeners),
            "eachPage": function("eachPage", send),
            "eachItem": function("eachItem", send),
            "createReadStream": function("createReadStream", stream),
            "on": function("on", on),
            "httpRequest": harmless("httpRequest"),
            "abort": harmless("abort"),
        },
    )
    return made


def _handle_request(arguments: Arguments, run: Run) -> Object:
    promise = run.start(
        "http", "", "", {"url": arguments.positional[0] if arguments.positional else Object()}
    )
    listener = arguments.get("callback", 2)
    return (
        promise
        if listener is None
        else run.then(promise, listener, arguments.get("errCallback", 3))
    )

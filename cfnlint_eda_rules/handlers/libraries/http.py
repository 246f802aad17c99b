"""Plain HTTP clients: each request is a call with its method and URL.

How a client is used is in the catalogue (`http_clients.yaml`); here are the shapes that need code:
Python's `urllib.request` and `http.client`, Node's `http` and `https`, superagent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.objects import argument_needs
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Known, Native, Object, Run
from cfnlint_eda_rules.handlers.libraries.model import (
    LibraryModule,
    answering,
    chained,
    constant,
    function,
    harmless,
    is_function,
    joined,
    managed,
    nothing,
    request_of,
    text,
)


def library(language: str, module: str) -> Object | None:
    """An HTTP client's module; None for other modules."""
    special = _SPECIAL.get((language, module))
    if special is not None:
        return special()
    row = load("http_clients").get(language, {}).get(module)
    return (
        None
        if row is None
        else _client(module, row, asynchronous=row.get("asynchronous", False), module=True)
    )


def global_names(language: str) -> Mapping[str, Object]:
    """JavaScript's `fetch` and `Request`, and what Lambda's own Node runtime adds for streamed
    responses.
    """
    if language != "javascript":
        return {}
    fetch = function(
        "fetch", lambda arguments, run: _by_options(arguments, run, {}, None, asynchronous=True)
    )
    streams = {
        "from": function(
            "from",
            lambda arguments, run: arguments.positional[0] if arguments.positional else Object(),
        )
    }
    awslambda = {
        "streamifyResponse": function("streamifyResponse", _streaming_handler),
        "HttpResponseStream": Native("HttpResponseStream", attributes=streams),
    }
    return {
        "fetch": fetch,
        "Request": function("Request", _request_object),
        "awslambda": Native("awslambda", attributes=awslambda),
    }


def _streaming_handler(arguments: Arguments, run: Run) -> Object:
    """`awslambda.streamifyResponse(handler)`: the handler gets the response's stream between event
    and context.
    """
    handler = arguments.get("handler", 0)
    if handler is None:
        return nothing()
    return function(
        "handler",
        lambda arguments, run: run.invoke(
            handler, [*arguments.positional[:1], Object("stream"), *arguments.positional[1:2]]
        ),
    )


def send(
    run: Run, method: str, url: Object | None, given: Arguments, *, asynchronous: bool
) -> Object:
    """Makes a request and returns the response, or the promise of it. `method` "" is not known.

    Headers, body and all else `given` to the client count for what the request is made of.
    """
    made = {"url": Object("url") if url is None else url}
    if (body := _body(run, given)) is not None:
        made["body"] = body
    # What else is given tells one pass of a loop from the next: a page's number.
    made["**"] = run.items([*given.positional, *given.named.values()])
    return (run.start if asynchronous else run.request)("http", "", method.upper(), made)


def _body(run: Run, given: Arguments) -> Object | None:
    """What a request carries: an argument or an option that clients call so, else the mapping after
    the URL (`axios.post(url, data)`).
    """
    options = [dict(given.named)]
    plain: Object | None = None
    for index, argument in enumerate(given.positional):
        if isinstance(argument, _Request):
            options.append({} if argument.body is None else {"body": argument.body})
        elif not isinstance(argument, Known | Native) and not is_function(argument):
            options.append(request_of(run, argument))
            plain = argument if index == 1 and plain is None else plain
    named = (entries[name] for entries in options for name in _BODIES if name in entries)
    return next(named, plain)


# --------------------------------------------------------------------------------------------------


def _client(
    name: str,
    row: Mapping[str, Any],
    *,
    asynchronous: bool,
    module: bool = False,
    base: Object | None = None,
) -> Native:
    verbs = load("http_clients")["methods"] if row.get("verbs") or not module else []

    def attribute(asked: str, run: Run) -> Object | None:
        if asked in verbs:
            return function(
                asked,
                lambda arguments, run: _by_verb(
                    asked, arguments, run, row, base, asynchronous=asynchronous
                ),
            )
        if asked in row.get("request", ()) or (
            asked == "request" and not module and "settings" not in row
        ):
            return function(
                asked,
                lambda arguments, run: _by_method(arguments, run, base, asynchronous=asynchronous),
            )
        if asked in row.get("options", ()) or asked in row.get("settings", ()):
            return function(
                asked,
                lambda arguments, run: _by_options(
                    arguments, run, row, base, asynchronous=asynchronous
                ),
            )
        if asked in row.get("objects", ()):
            return function(
                asked, lambda arguments, run: _made(asked, row, arguments, run, base, asynchronous)
            )
        if asked in row.get("asynchronous_objects", ()):
            return function(
                asked, lambda arguments, run: _made(asked, row, arguments, run, base, True)
            )
        if asked in (
            "headers",
            "auth",
            "defaults",
            "interceptors",
            "mount",
            "cookies",
            "verify",
            "raise_for_status",
        ):
            return harmless(asked)
        return None

    def called(arguments: Arguments, run: Run) -> Object:
        if "()" in row.get("request", ()):
            return _by_method(arguments, run, base, asynchronous=asynchronous)
        if "()" in row.get("options", ()) or "()" in row.get("settings", ()):
            return _by_options(arguments, run, row, base, asynchronous=asynchronous)
        return run.unknown_call(made, arguments)

    if not module:
        managed_client = managed(name, {}, attribute)
        managed_client.on_call = called
        return managed_client
    made = LibraryModule(name, on_attribute=attribute, on_call=called)
    return made


def _made(
    name: str,
    row: Mapping[str, Any],
    arguments: Arguments,
    run: Run,
    base: Object | None,
    asynchronous: bool,
) -> Object:
    settings = dict(arguments.named)
    if not run.waits:
        settings = request_of(run, arguments.positional[0] if arguments.positional else None)
    elif arguments.positional and row.get("base"):
        settings.setdefault(row["base"][0], arguments.positional[0])
    prefix = next(
        (settings[setting] for setting in row.get("base", ()) if setting in settings), None
    )
    return _client(name, row, asynchronous=asynchronous, base=joined(base, prefix))


def _by_verb(
    method: str,
    arguments: Arguments,
    run: Run,
    row: Mapping[str, Any],
    base: Object | None,
    *,
    asynchronous: bool,
) -> Object:
    promise = send(
        run,
        method,
        joined(base, _url(arguments.get("url", 0), run)),
        arguments,
        asynchronous=asynchronous,
    )
    return _followed(chained(promise, row.get("chain", ())), arguments, run)


def _by_method(
    arguments: Arguments, run: Run, base: Object | None, *, asynchronous: bool
) -> Object:
    url = joined(base, _url(arguments.get("url", 1), run))
    return _followed(
        send(run, text(arguments.get("method", 0)), url, arguments, asynchronous=asynchronous),
        arguments,
        run,
    )


def _by_options(
    arguments: Arguments,
    run: Run,
    row: Mapping[str, Any],
    base: Object | None,
    *,
    asynchronous: bool,
) -> Object:
    """`request(url, options)`, or `request(settings)` where the client takes them."""
    first = arguments.positional[0] if arguments.positional else None
    options: Mapping[str, Object] = {}
    if len(arguments.positional) > 1 and not is_function(arguments.positional[1]):
        options = request_of(run, arguments.positional[1])
    elif first is not None and not isinstance(first, Known | Native):
        options = request_of(run, first)
    url = options.get("url") or options.get("uri") or _url(first, run)
    prefix = next((options[setting] for setting in row.get("base", ()) if setting in options), base)
    promise = send(
        run, _method(options, first), joined(prefix, url), arguments, asynchronous=asynchronous
    )
    return _followed(chained(promise, row.get("chain", ())), arguments, run)


def _followed(promise: Object, arguments: Arguments, run: Run) -> Object:
    last = arguments.positional[-1] if arguments.positional else None
    return (
        run.callback(promise, last)
        if last is not None and not run.waits and is_function(last)
        else promise
    )


class _Request(Native):
    """A request made before it is sent."""

    __slots__ = ("body", "method", "url")

    def __init__(
        self, method: str, url: Object | None, given: Arguments, body: Object | None = None
    ) -> None:
        super().__init__(
            "request",
            on_attribute=lambda name, run: (
                harmless(name) if name.startswith(("add_", "set")) else None
            ),
            needs=argument_needs(given),
        )
        self.method = method
        self.url = url
        self.body = body


def _url(given: Object | None, run: Run) -> Object | None:
    return given.url if isinstance(given, _Request) else given


def _method(options: Mapping[str, Object], first: Object | None) -> str:
    """The HTTP method in options: GET when they are known and do not say, "" when they may."""
    if "method" in options:
        return text(options["method"])
    if isinstance(first, _Request):
        return first.method
    return "" if "**" in options else "GET"


def _request_object(arguments: Arguments, run: Run) -> Object:
    options = request_of(run, arguments.positional[1]) if len(arguments.positional) > 1 else {}
    first = arguments.positional[0] if arguments.positional else None
    return _Request(_method(options, None), first, arguments, options.get("body"))


# --------------------------------------------------------------------------------------------------


def _urllib() -> Object:
    def request(arguments: Arguments, run: Run) -> Object:
        url, data, method = (
            arguments.get("url", 0),
            arguments.get("data", 1),
            arguments.get("method", 5),
        )
        return _Request(
            text(method) if method is not None else _default_method(data), url, arguments, data
        )

    def opened(arguments: Arguments, run: Run) -> Object:
        target = arguments.get("url", 0) or arguments.get("fullurl")
        method = (
            target.method
            if isinstance(target, _Request)
            else _default_method(arguments.get("data", 1))
        )
        return send(run, method, _url(target, run), arguments, asynchronous=False)

    opener = Native(
        "opener",
        attributes={"open": function("open", opened)},
        on_attribute=lambda name, run: harmless(name),
    )
    names = {
        "Request": function("Request", request),
        "urlopen": function("urlopen", opened),
        "urlretrieve": function("urlretrieve", opened),
    }
    return LibraryModule(
        "urllib.request",
        attributes=names | {"build_opener": answering("build_opener", lambda: opener)},
    )


def _default_method(data: Object | None) -> str:
    return "GET" if data is None or (isinstance(data, Known) and constant(data) is None) else "POST"


def _urllib_package() -> Object:
    return LibraryModule(
        "urllib", on_attribute=lambda name, run: _urllib() if name == "request" else None
    )


def _http_client() -> Object:
    def connection(arguments: Arguments, run: Run) -> Object:
        host = arguments.get("host", 0)

        def request(arguments: Arguments, run: Run) -> Object:
            path = arguments.get("url", 1)
            answers.append(
                send(
                    run,
                    text(arguments.get("method", 0)),
                    joined(host, path),
                    arguments,
                    asynchronous=False,
                )
            )
            return nothing()

        def response(arguments: Arguments, run: Run) -> Object:
            return answers[-1] if answers else Object("response")

        answers: list[Object] = []
        return managed(
            "connection",
            {
                "request": function("request", request),
                "getresponse": function("getresponse", response),
            },
        )

    return LibraryModule(
        "http.client",
        on_attribute=lambda name, run: (
            function(name, connection) if name.endswith("Connection") else None
        ),
    )


def _http_package() -> Object:
    return LibraryModule(
        "http", on_attribute=lambda name, run: _http_client() if name == "client" else None
    )


# --------------------------------------------------------------------------------------------------


def _node_http() -> Object:
    def request(default: str) -> Native:
        def called(arguments: Arguments, run: Run) -> Object:
            listeners = [argument for argument in arguments.positional if is_function(argument)]
            others = [argument for argument in arguments.positional if not is_function(argument)]
            described = next(
                (other for other in reversed(others) if not isinstance(other, Known)), None
            )
            options = request_of(run, described)
            url: Object | None = (
                others[0]
                if others and (others[0] is not described or not options or set(options) == {"**"})
                else None
            )
            if url is None:
                host = options.get("hostname") or options.get("host")
                url = joined(host, options.get("path"))
            # What is written to a request before its end does not matter: it is one exchange, begun
            # here.
            promise = send(
                run, _method(options, None) if default else "GET", url, arguments, asynchronous=True
            )
            return _exchange(promise, listeners, run)

        return function("request", called)

    return LibraryModule(
        "http",
        attributes={"request": request("GET"), "get": request("")},
        on_attribute=_node_http_other,
    )


def _node_http_other(name: str, run: Run) -> Object | None:
    """`http.createServer(app)` is the application, for what hands requests to it."""
    if name == "createServer":
        return harmless(name)
    return harmless(name) if name in ("Agent", "globalAgent") else None


def _exchange(promise: Object, listeners: list[Object], run: Run) -> Object:
    """A Node request under way: its listeners run when the response is there."""

    def respond(listener: Object) -> None:
        run.then(
            promise,
            function(
                "response", lambda arguments, run: run.invoke(listener, [_response(arguments, run)])
            ),
        )

    def on(arguments: Arguments, run: Run) -> Object:
        event, listener = text(arguments.get("event", 0)), arguments.get("listener", 1)
        if listener is not None and event == "response":
            respond(listener)
        elif listener is not None and event in ("error", "timeout", "abort"):
            run.then(promise, None, listener)
        return made

    made = Native(
        "request",
        attributes={"on": function("on", on), "once": function("once", on)},
        on_attribute=lambda name, run: answering(name, lambda: made),
    )
    for listener in listeners:
        respond(listener)
    return made


def _response(arguments: Arguments, run: Run) -> Object:
    needs = arguments.positional[0].needs if arguments.positional else frozenset()

    def on(arguments: Arguments, run: Run) -> Object:
        event, listener = text(arguments.get("event", 0)), arguments.get("listener", 1)
        if listener is not None and event in ("error", "aborted"):
            run.handle_errors(listener, [Object("error")])
        elif listener is not None:
            run.invoke(listener, [Object("chunk", needs)])
        return made

    made = Native(
        "response", attributes={"on": function("on", on), "once": function("once", on)}, needs=needs
    )
    return made


def _superagent() -> Object:
    row = {"verbs": True, "chain": load("http_clients")["superagent"]}

    def verb(name: str) -> Native:
        method = {"del": "delete"}.get(name, name)

        def called(arguments: Arguments, run: Run) -> Object:
            promise = _by_verb(method, arguments, run, row, None, asynchronous=True)
            members = getattr(promise, "members", None)
            if isinstance(members, dict):
                members["end"] = lambda arguments, run: (
                    run.callback(promise, arguments.positional[0])
                    if arguments.positional
                    else promise
                )
            return promise

        return function(name, called)

    return LibraryModule(
        "superagent",
        attributes={name: verb(name) for name in (*load("http_clients")["methods"], "del")},
    )


def _signing() -> Object:
    """What signs requests: a request is the options it is made of, signed or not."""

    def signer() -> Object:
        return Native(
            "signer",
            on_attribute=lambda name, run: (
                function(name, lambda arguments, run: arguments.get("request", 0) or Object(name))
                if name == "sign"
                else None
            ),
        )

    return LibraryModule(
        "signing",
        attributes={
            "SignatureV4": answering("SignatureV4", signer),
            "HttpRequest": function(
                "HttpRequest", lambda arguments, run: arguments.get("options", 0) or Object()
            ),
            "sign": function(
                "sign", lambda arguments, run: arguments.get("request", 0) or Object()
            ),
        },
    )


_BODIES = ("body", "json", "data", "content", "fields")
_SIGNING = (
    "@aws-sdk/signature-v4",
    "@smithy/signature-v4",
    "@aws-sdk/protocol-http",
    "@smithy/protocol-http",
    "aws4",
)
_SPECIAL = {
    **{("javascript", package): _signing for package in _SIGNING},
    ("python", "urllib"): _urllib_package,
    ("python", "urllib.request"): _urllib,
    ("python", "http"): _http_package,
    ("python", "http.client"): _http_client,
    ("javascript", "http"): _node_http,
    ("javascript", "https"): _node_http,
    ("javascript", "superagent"): _superagent,
}

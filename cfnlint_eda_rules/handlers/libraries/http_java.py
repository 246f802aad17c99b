"""HTTP clients for Java besides its own: OkHttp, Spring's `RestTemplate`, `RestClient` and
`WebClient`, Apache HttpClient.
"""

from __future__ import annotations

from collections.abc import Callable

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.objects import argument_needs
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.libraries.http import send
from cfnlint_eda_rules.handlers.libraries.model import answering, function, joined, text


def library(language: str, module: str) -> Object | None:
    """A class of an HTTP client; None for others."""
    name = module.rpartition(".")[2]
    if module.startswith("okhttp3."):
        return _okhttp(module.removeprefix("okhttp3."))
    if module.startswith("org.springframework.") and name in _SPRING:
        return _SPRING[name]()
    if module.startswith("org.springframework.http.") and name == "HttpMethod":
        return Native(name, on_attribute=lambda method, run: Object(method))
    if module.startswith("org.apache.h"):
        return _apache(name)
    return None


class _Building(Native):
    """A request that is being built: its method and URL so far."""

    __slots__ = ("method", "sends", "url", "verbs")

    def __init__(self, method: str, url: Object | None, sends: frozenset[str]) -> None:
        super().__init__("request", on_attribute=self._asked)
        self.method = method
        self.url = url
        self.sends = sends

    def _asked(self, name: str, run: Run) -> Object | None:
        def called(arguments: Arguments, run: Run) -> Object:
            given = arguments.positional[0] if arguments.positional else None
            if name in self.sends:
                self.needs |= argument_needs(arguments)
                return send(run, self.method, self.url, Arguments([self], {}), asynchronous=False)
            made = _Building(self.method, self.url, self.sends)
            made.needs = self.needs | argument_needs(arguments)
            if name in ("url", "uri"):
                made.url = joined(self.url, given) if self.url is not None else given
            elif name in load("http_clients")["methods"]:
                made.method = name.upper()
            elif name == "method" and given is not None:
                made.method = text(given) or given.expression
            return made

        return function(name, called)


_NEVER: frozenset[str] = frozenset()
_RETRIEVED = frozenset(
    {"body", "block", "bodyToMono", "toEntity", "toBodilessEntity", "exchangeToMono"}
)


def _okhttp(name: str) -> Object | None:
    if name in ("OkHttpClient", "OkHttpClient.Builder"):
        return function(name, lambda arguments, run: client)
    if name == "Request.Builder":
        return function(name, lambda arguments, run: _Building("GET", None, _NEVER))
    if name == "Request":
        builder = function("Builder", lambda arguments, run: _Building("GET", None, _NEVER))
        return Native(name, attributes={"Builder": builder})
    if name == "RequestBody":
        return Native(name, on_attribute=lambda member, run: function(member, _content))
    return None


def _content(arguments: Arguments, run: Run) -> Object:
    return arguments.positional[0] if arguments.positional else Object()


def _call(arguments: Arguments, run: Run) -> Object:
    request = arguments.positional[0] if arguments.positional else Object()
    method = request.method if isinstance(request, _Building) else ""
    url = request.url if isinstance(request, _Building) else None

    def execute(given: Arguments, run: Run) -> Object:
        return send(run, method, url, arguments, asynchronous=False)

    def enqueue(given: Arguments, run: Run) -> Object:
        return send(run, method, url, arguments, asynchronous=True)

    return Native(
        "call",
        attributes={
            "execute": function("execute", execute),
            "enqueue": function("enqueue", enqueue),
        },
    )


client: Native = Native(
    "OkHttpClient",
    attributes={"newCall": function("newCall", _call)},
    on_attribute=lambda name, run: answering(name, lambda: client),
)


# --------------------------------------------------------------------------------------------------

_TEMPLATE = {
    "getForObject": "GET",
    "getForEntity": "GET",
    "postForObject": "POST",
    "postForEntity": "POST",
    "postForLocation": "POST",
    "put": "PUT",
    "patchForObject": "PATCH",
    "delete": "DELETE",
    "headForHeaders": "HEAD",
}


def _rest_template() -> Object:
    def attribute(name: str, run: Run) -> Object | None:
        if name == "exchange":
            return function(name, exchange)
        method = _TEMPLATE.get(name)
        if method is None:
            return None
        return function(
            name,
            lambda given, run: send(run, method, given.get("", 0), given, asynchronous=False),
        )

    def exchange(arguments: Arguments, run: Run) -> Object:
        given = arguments.get("", 1)
        method = "" if given is None else text(given) or given.expression
        return send(run, method, arguments.get("", 0), arguments, asynchronous=False)

    made = Native("RestTemplate", on_attribute=attribute)
    return Native(
        "RestTemplate",
        on_call=lambda arguments, run: made,
        attributes={"inject": answering("inject", lambda: made)},
    )


def _fluent_client() -> Object:
    def begun(arguments: Arguments, run: Run) -> Object:
        url = arguments.positional[0] if arguments.positional else None
        return _Building("GET", url, _RETRIEVED)

    made = _Building("GET", None, _RETRIEVED)
    return Native(
        "client",
        attributes={
            "create": function("create", begun),
            "builder": function("builder", begun),
            "inject": answering("inject", lambda: made),
        },
    )


_SPRING: dict[str, Callable[[], Object]] = {
    "RestTemplate": _rest_template,
    "RestClient": _fluent_client,
    "WebClient": _fluent_client,
}


def _apache(name: str) -> Object | None:
    if name in ("HttpClients", "HttpClientBuilder"):
        return Native(name, on_attribute=lambda asked, run: answering(asked, lambda: _APACHE))
    method = name.removeprefix("Http")
    if name.startswith("Http") and method.lower() in load("http_clients")["methods"]:
        return function(
            name,
            lambda given, run: _Building(method.upper(), given.get("", 0), _NEVER),
        )
    return None


def _executed(arguments: Arguments, run: Run) -> Object:
    request = arguments.positional[0] if arguments.positional else Object()
    method = request.method if isinstance(request, _Building) else ""
    url = request.url if isinstance(request, _Building) else None
    return send(run, method, url, arguments, asynchronous=False)


_APACHE: Native = Native(
    "client",
    attributes={"execute": function("execute", _executed)},
    on_attribute=lambda name, run: answering(name, lambda: _APACHE),
)

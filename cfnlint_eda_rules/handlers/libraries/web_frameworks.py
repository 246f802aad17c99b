"""Web frameworks, routers, and the adapters that connect them to Lambda: which routes there are,
and which functions serve them.

Routes are registered on application objects while the program is evaluated, also from other
modules. Where an event is handed to an application, its routes are exclusive alternatives. Which
names are what is in the catalogue (`web_frameworks.yaml`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Known,
    Native,
    Object,
    Route,
    Run,
)
from cfnlint_eda_rules.handlers.libraries.model import (
    LibraryModule,
    answering,
    function,
    harmless,
    is_function,
    nothing,
    text,
)
from cfnlint_eda_rules.handlers.libraries.powertools import DataClass


def library(language: str, module: str) -> Object | None:
    """A framework's or adapter's module; None for other modules."""
    if language == "javascript" and module.startswith("@nestjs/"):
        special = {"@nestjs/common": _nest_common, "@nestjs/core": _nest_core}.get(module)
        if special is not None:
            return special()
    row = _language(language).get("modules", {}).get(module)
    return None if row is None else _module(language, module, row)


def _language(name: str) -> Mapping[str, Any]:
    """What the catalogue says of the frameworks of a language."""
    found: Mapping[str, Any] = load("web_frameworks").get(name, {})
    return found


def _module(language: str, module: str, row: Mapping[str, Any]) -> Native:
    framework = row.get("framework", module)
    hands_over = tuple(row.get("hands_over", ()))

    def factory(name: str) -> Callable[[Arguments, Run], Object] | None:
        if name in row.get("application", ()) or name in row.get("router", ()):
            return lambda arguments, run: _made(
                WebApplication(framework, language, hands_over=hands_over), arguments, run
            )
        if name in row.get("route", ()):
            return lambda arguments, run: _one_route(framework, language, arguments)
        if name in row.get("unknown", ()):
            return lambda arguments, run: WebApplication(framework, language)
        if name in row.get("routes", ()):
            return lambda arguments, run: _listed(
                WebApplication(framework, language), arguments.get("routes", 0), run
            )
        if name in row.get("adapter", ()):
            return lambda arguments, run: adapter(
                framework, language, _application_in(arguments, run)
            )
        if name in row.get("bridge", ()):
            return lambda arguments, run: hand_over(
                framework, language, _application_in(arguments, run), run
            )
        if name in row.get("through", ()):
            return lambda arguments, run: (
                _application_in(arguments, run) or WebApplication(framework, language)
            )
        return None

    def attribute(name: str, run: Run) -> Object | None:
        behaviour = factory(name)
        if behaviour is not None:
            return function(name, behaviour)
        if name == "Depends":
            return function(name, _dependency)
        frameworks = _language(language)
        if frameworks.get("middleware"):
            return harmless(name) if name[:1].islower() and name != "default" else None
        if name in frameworks.get("below", ()):
            return library(language, f"{module}.{name}")
        return None

    return LibraryModule(module, on_call=factory("()"), on_attribute=attribute)


def _dependency(arguments: Arguments, run: Run) -> Object:
    """FastAPI's `Depends(f)`: the parameter is what `f` returns."""
    provider = arguments.get("dependency", 0)
    return Object() if provider is None else run.invoke(provider)


# --------------------------------------------------------------------------------------------------


class WebApplication(Native):
    """An application or router.

    `routes` and those of `parts` are what it serves. `hands_over` are the methods that serve an
    event; `event` becomes its `current_event`.
    """

    __slots__ = ("event", "framework", "hands_over", "language", "parts", "routes")
    serves = True

    def __init__(self, framework: str, language: str, *, hands_over: Sequence[str] = ()) -> None:
        super().__init__(framework, on_call=self._called, on_attribute=self._asked)
        self.framework = framework
        self.language = language
        self.hands_over = hands_over
        self.routes: dict[tuple[str, str], Route] = {}
        self.parts: list[WebApplication] = []
        self.event: Object | None = None

    @property
    def decorates(self) -> bool:
        """Whether its routes are registered by decorators."""
        return bool(_language(self.language).get("decorates"))

    def all_routes(self, seen: set[int] | None = None) -> list[Route]:
        """Its own routes and those of the routers it includes."""
        seen = set() if seen is None else seen
        if id(self) in seen:
            return []
        seen.add(id(self))
        return [
            *self.routes.values(),
            *(route for part in self.parts for route in part.all_routes(seen)),
        ]

    def register(self, method: str, path: Object | None, handlers: Sequence[Object]) -> None:
        """Adds a route; the same method and path again is the same route."""
        where = "" if path is None else path.text()
        self.routes[method, where] = Route(where, list(handlers))

    def receive(self, event: Object | None, seen: frozenset[int] = frozenset()) -> None:
        """Makes an event the current one, for its routers too."""
        self.event = event
        for part in self.parts:
            if id(part) not in seen:
                part.receive(event, seen | {id(self)})

    def include(self, part: Object) -> None:
        """Adds the routes of another router, those it has now and those it will have."""
        if isinstance(part, WebApplication) and all(part is not other for other in self.parts):
            self.parts.append(part)

    # ----------------------------------------------------------------------------------------------

    def _called(self, arguments: Arguments, run: Run) -> Object:
        self.receive(arguments.get("event", 0))
        return hand_over(self.framework, self.language, self, run)

    def _asked(self, name: str, run: Run) -> Object | None:
        row = _language(self.language)
        if name in self.hands_over:
            return function(name, self._called)
        if name == "current_event":
            return None if self.event is None else DataClass(self.event)
        if name in row.get("adds", {}):
            return function(name, lambda arguments, run: self._add(row["adds"][name], arguments))
        if name in row.get("includes", ()):
            return function(name, lambda arguments, run: self._include(name, arguments, run))
        if name in row.get("verbs", ()):
            return function(name, lambda arguments, run: self._register(name, arguments, run))
        if self.decorates:
            return self if name in row.get("itself", ()) else harmless(name)
        return (
            None
            if name in ("then", "catch", "finally", "prototype")
            else answering(name, lambda: self)
        )

    def _add(self, place: Mapping[str, Any], arguments: Arguments) -> Object:
        handler = arguments.get(place["name"], place["at"])
        path = (
            arguments.positional[0]
            if arguments.positional
            else arguments.get("path") or arguments.get("rule")
        )
        self.register(
            "",
            path if path is not handler else arguments.get("urls", 1),
            [] if handler is None else [handler],
        )
        return nothing()

    def _register(self, verb: str, arguments: Arguments, run: Run) -> Object:
        if self.decorates:
            return self._decorator(verb, [*arguments.positional[:2], *arguments.named.values()])
        given = [argument for outer in arguments.positional for argument in _flattened(outer, run)]
        path = given[0] if given and not is_function(given[0]) else None
        handlers = [
            handler for handler in given if handler is not path and not isinstance(handler, Known)
        ]
        if handlers:
            self.register(verb, path, handlers)
            return self
        # `app.get("setting")` of Express.
        return Object()

    def _decorator(self, verb: str, given: Sequence[Object]) -> Object:
        where = given[0] if given else None

        def decorate(arguments: Arguments, run: Run) -> Object:
            handler = arguments.get("f", 0)
            if handler is None:
                return nothing()
            self.register(verb, where, [handler])
            return handler

        return function(verb, decorate)

    def _include(self, name: str, arguments: Arguments, run: Run) -> Object:
        given = [
            argument
            for outer in (*arguments.positional, *arguments.named.values())
            for argument in _flattened(outer, run)
        ]
        for argument in given:
            self.include(argument)
        if self.decorates:
            return nothing()
        if name == "route":
            return self._chain(arguments, run)
        if (
            name == "register"
            and given
            and is_function(given[0])
            and not isinstance(given[0], WebApplication)
        ):
            run.invoke(given[0], [self, *arguments.positional[1:2], harmless("done")])
        return self

    def _chain(self, arguments: Arguments, run: Run) -> Object:
        """`app.route(path).get(f).post(g)`, and `route({ method, path, handler })`."""
        path = arguments.positional[0] if arguments.positional else None
        for described in _elements(path, run):
            entries, _ = run.entries(described)
            if "handler" in entries:
                self.register(
                    text(entries.get("method")),
                    entries.get("path") or entries.get("url"),
                    [entries["handler"]],
                )
        if len(arguments.positional) > 1:
            return self

        def attribute(verb: str, run: Run) -> Object | None:
            if verb not in _language(self.language).get("verbs", ()):
                return None
            return function(
                verb,
                lambda arguments, run: (
                    self._register(
                        verb, Arguments([path or Object(), *arguments.positional], {}), run
                    )
                    and chain
                ),
            )

        chain = Native("route", on_attribute=attribute)
        return chain


def _flattened(given: Object, run: Run) -> Iterable[Object]:
    if isinstance(given, Known | Native) or is_function(given):
        return [given]
    elements, _ = run.elements(given)
    return elements or [given]


def _elements(given: Object | None, run: Run) -> Iterable[Object]:
    return [] if given is None else _flattened(given, run)


def _made(application: WebApplication, arguments: Arguments, run: Run) -> WebApplication:
    """An application with the routes given to its constructor: `Starlette(routes=[...])`,
    `Application([...])`, `Api(app)`.
    """
    for given in (
        *arguments.positional,
        *(
            arguments.named[name]
            for name in ("routes", "app", "handlers", "route_handlers")
            if name in arguments.named
        ),
    ):
        if isinstance(given, WebApplication):
            # Flask-RESTful's `Api(app)`: what is registered on either is served by the other.
            application.include(given)
            given.include(application)
        elif (
            application.decorates
            and not isinstance(given, Known | Native)
            and not is_function(given)
        ):
            _listed(application, given, run)
    return application


def _listed(application: WebApplication, given: Object | None, run: Run) -> WebApplication:
    elements = run.elements(given)[0] if given is not None else []
    for number, element in enumerate(elements):
        if isinstance(element, WebApplication):
            application.include(element)
            continue
        entries, _ = run.entries(element)
        handler = entries.get("handler")
        method, path = text(entries.get("method")), entries.get("path")
        application.register(method or str(number), path, [] if handler is None else [handler])
    return application


def _one_route(framework: str, language: str, arguments: Arguments) -> WebApplication:
    made = WebApplication(framework, language)
    handler = arguments.get("endpoint", 1)
    made.register("", arguments.get("path", 0), [] if handler is None else [handler])
    return made


def _application_in(arguments: Arguments, run: Run) -> WebApplication | None:
    """The application among the arguments: itself, or `{ app }`."""
    for given in (*arguments.positional, *arguments.named.values()):
        if isinstance(given, WebApplication):
            return given
        if not isinstance(given, Known | Native):
            entries, _ = run.entries(given)
            for name in ("app", "server", "framework"):
                if isinstance(found := entries.get(name), WebApplication):
                    return found
    return None


# --------------------------------------------------------------------------------------------------


def adapter(framework: str, language: str, application: WebApplication | None) -> Object:
    """A Lambda handler that hands its events to an application."""
    return function(
        framework, lambda arguments, run: hand_over(framework, language, application, run)
    )


def hand_over(
    framework: str, language: str, application: WebApplication | None, run: Run
) -> Object:
    """Serves an event: one of the routes runs. Not knowing the application, there is no more to say
    than that.
    """
    if application is None:
        run.mount(framework, 0)
        return Object("response")
    routes = application.all_routes()
    run.mount(application.framework, len(routes))
    served = [_server(route, language) for route in routes if route.handlers]
    if served:
        run.branch([(server, ()) for server in served])
    return Object("response")


def _server(route: Route, language: str) -> Native:
    return function("route", lambda arguments, run: _serve(route, language, run))


def _serve(route: Route, language: str, run: Run) -> Object:
    """Runs a route's functions one after the other: those before the last guard or prepare it."""
    result: Object = nothing()
    for handler in route.handlers:
        result = run.join(
            run.invoke(handler, [Object(name) for name in _language(language).get("request", ())])
        )
    return result


# --------------------------------------------------------------------------------------------------

_nest: WeakKeyDictionary[Run, WebApplication] = WeakKeyDictionary()
"""The routes that decorators declare, per evaluation: NestJS finds controllers by metadata, not by
registration.
"""


def _nest_application(run: Run) -> WebApplication:
    if run not in _nest:
        _nest[run] = WebApplication("NestJS", "javascript")
    return _nest[run]


def _nest_common() -> Object:
    verbs = ("Get", "Post", "Put", "Patch", "Delete", "Head", "Options", "All")

    def route(verb: str) -> Native:
        def decorator(arguments: Arguments, run: Run) -> Object:
            path = arguments.positional[0] if arguments.positional else None

            def decorate(arguments: Arguments, run: Run) -> Object:
                handler = next(
                    (given for given in arguments.positional if is_function(given)), None
                )
                application = _nest_application(run)
                # One path of two controllers is two routes: what tells them apart is where they
                # are.
                where = "" if handler is None else handler.text()
                application.routes[verb, f"{where} {'' if path is None else path.text()}"] = Route(
                    where
                )
                return nothing() if handler is None else handler

            return function(verb, decorate)

        return function(verb, decorator)

    return LibraryModule(
        "@nestjs/common",
        attributes={verb: route(verb) for verb in verbs},
        on_attribute=lambda name, run: harmless(name),
    )


def _nest_core() -> Object:
    def create(arguments: Arguments, run: Run) -> Object:
        application = _nest_application(run)
        for given in arguments.positional[1:]:
            if isinstance(given, WebApplication):
                # The application of the platform adapter serves the controllers.
                given.include(application)
                given.framework = application.framework
        return application

    factory = Native("NestFactory", attributes={"create": function("create", create)})
    return LibraryModule(
        "@nestjs/core",
        attributes={"NestFactory": factory},
        on_attribute=lambda name, run: harmless(name),
    )

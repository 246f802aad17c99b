"""Web frameworks of Java behind Lambda: Spring (with serverless-java-container or Spring Cloud
Function), Micronaut, Quarkus, Jersey. Their routes are annotations of classes, which they find
themselves; the adapter that hands an event over counts them.

https://github.com/aws/serverless-java-container
"""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    FunctionObject,
    Instance,
    NativeClass,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages.java import classes
from cfnlint_eda_rules.handlers.libraries import aws_java, http_java
from cfnlint_eda_rules.handlers.libraries.model import answering, function, harmless

# The routes that annotations declare, per evaluation.
_ROUTES: WeakKeyDictionary[Run, dict[str, Object]] = WeakKeyDictionary()


def library(language: str, module: str) -> Object | None:
    """An annotation that declares a route, an adapter, or an HTTP client of a framework."""
    rows = load("web_frameworks")["java"]
    name = module.rpartition(".")[2]
    of_sdk = aws_java.library(language, module)
    if of_sdk is not None:
        return of_sdk
    if name in rows["annotations"]:
        return function(name, lambda arguments, run: _declared(name, arguments))
    if module in rows["handlers"]:
        return _adapter(rows["handlers"][module])
    for prefix in rows["adapters"]:
        if module.startswith(prefix):
            return _adapter(rows["adapters"][prefix])
    return http_java.library(language, module)


def _declared(name: str, arguments: Arguments) -> Object:
    """The annotation of a method: it serves a route. Those of classes and fields serve none."""

    def decorate(given: Arguments, run: Run) -> Object:
        handler = given.positional[0] if given.positional else None
        if isinstance(handler, FunctionObject):
            _ROUTES.setdefault(run, {})[handler.text()] = handler
        return Object()

    return function(name, decorate)


def _adapter(framework: str) -> Native:
    """What connects Lambda with an application: a handler of its own, or one that hands over."""

    def serve(arguments: Arguments, run: Run) -> Object:
        return _served(framework, run)

    def inherited(instance: Instance, name: str, run: Run) -> Object | None:
        return function(name, serve) if name in ("handleRequest", "proxy", "proxyStream") else None

    made = NativeClass(
        framework,
        lambda arguments, run: container(),
        inherited,
        {"serve": function("serve", serve)},
    )

    def asked(name: str, run: Run) -> Object | None:
        if name in ("proxy", "proxyStream", "handleRequest", "handle"):
            return function(name, serve)
        return (
            answering(name, lambda: it)
            if name.startswith(("get", "build", "with", "default"))
            else harmless(name)
        )

    it = Native("container", on_attribute=asked)

    def container() -> Object:
        return it

    made.on_attribute = asked
    return made


def _served(framework: str, run: Run) -> Object:
    for _ in classes.controllers(run):
        pass
    routes = list(_ROUTES.get(run, {}).values())
    run.mount(framework, len(routes))
    served = [_bound(route, run) for route in routes if isinstance(route, FunctionObject)]
    if served:
        run.branch([(one, _given(one)) for one in served])
    return Object("response")


def _bound(route: FunctionObject, run: Run) -> Object:
    """The method of an instance that the framework makes of its controller."""
    if not isinstance(route.owner, ClassObject):
        return route
    instance = run.at_start(lambda: classes.inject(route.owner or Object(), run))
    return run.got(route, instance)


def _given(route: Object) -> Sequence[Object]:
    names = route.node.parameters if isinstance(route, FunctionObject) else ()
    return [Object(getattr(one.pattern, "id", "")) for one in names]

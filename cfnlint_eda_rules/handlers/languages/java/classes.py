"""Java's classes: what their names mean, what a container of dependencies makes of them, and which
of them a handler is in.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.language import Importing
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    FunctionObject,
    Instance,
    Loaded,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages.java.module_files import IMPLEMENTED, ROUTES
from cfnlint_eda_rules.handlers.languages.java.names import INJECTED, candidates, parted

_NONE = Arguments([], {})
# The methods of functional interfaces, and of the handlers that frameworks call.
FUNCTIONAL = (
    *("handleRequest", "execute", "apply", "accept", "run", "call", "get", "test", "handle"),
)


def is_adapter(name: str) -> bool:
    """Whether a class is a handler that a framework brings."""
    return name in load("web_frameworks")["java"]["handlers"]


def imported(module: str, run: Importing) -> Object:
    """What a type's name means, or what is injected for it."""
    if module.startswith(INJECTED):
        return _injected(module.removeprefix(INJECTED), run)
    names = list(candidates(module))
    of_program = (_own(name, run) for name in names)
    found = next((one for one in of_program if one is not None), None)
    if found is not None:
        return found
    alone = len(names) == 1
    models = (run.model(name) for name in sorted(names, key=_vagueness) if alone or _there(name))
    found = next((one for one in models if one is not None), None)
    return found or Object(names[0].rpartition(".")[2] if names else module)


def _vagueness(name: str) -> int:
    """Which package comes last of those imported as a whole: the models of some have any name."""
    if name.startswith(("java.", "okhttp3.", "org.springframework.")):
        return 0
    if name.startswith(("software.amazon.", "com.amazonaws.")):
        return 2 if ".model." in name else 1
    return 3


def _there(name: str) -> bool:
    """Whether a package that is imported as a whole may have the class."""
    of_jdbc = name.startswith(("java.sql.", "javax.sql."))
    return not of_jdbc or name.rpartition(".")[2] in load("java_sdk")["databases"]


def _own(name: str, run: Importing) -> Object | None:
    """The program's class of that full name; None when there is none."""
    of_file, nested = parted(name)
    file = run.resolve(of_file)
    loaded = None if file is None else run.load(file)
    if loaded is None:
        return None
    own = posixpath.basename(loaded.file).removesuffix(".java")
    found = loaded.scope.variables.get(f"{own}.{nested}" if nested else own)
    return Object(name) if found is None else found


def _injected(module: str, run: Importing) -> Object:
    kind = imported(module, run)
    return inject(kind, run)


def inject(kind: Object, run: Run) -> Object:
    """What a container of dependencies gives for a type: an instance of the class, or of the one
    class that implements the interface.
    """
    if isinstance(kind, ClassObject):
        return run.instantiate(_implementation(kind, run), _NONE)
    if isinstance(kind, Native):
        made_by = kind.attributes.get("inject")
        return Object(kind.expression) if made_by is None else run.call(made_by, _NONE)
    return Object(kind.expression)


def _implementation(kind: ClassObject, run: Run) -> ClassObject:
    """The class itself where it has code, else the one that implements it."""
    if any(method.body for method in kind.node.methods):
        return kind
    found = run.imported(f"{IMPLEMENTED}{kind.node.name}")
    return found if isinstance(found, ClassObject) else kind


# --------------------------------------------------------------------------------------------------


def handler(loaded: Loaded, symbol: str, run: Run) -> Object | None:
    """The handler: a method of an instance that Lambda makes before the first event; where a
    framework brings the handler, what serves its routes.
    """
    name, _, method = symbol.partition("::")
    kind = loaded.scope.variables.get(name.replace("$", "."))
    if not isinstance(kind, ClassObject):
        return served(name, run)
    instance = run.instantiate(kind, _NONE)
    for wanted in (method, *FUNCTIONAL[:3]):
        found = kind.lookup(wanted)
        if isinstance(found, FunctionObject) and isinstance(instance, Instance):
            return _called_by_lambda(found, instance, run)
    base = kind.foreign()
    return None if base is None else served(base.expression.rpartition(".")[2], run)


def _called_by_lambda(method: FunctionObject, instance: Instance, run: Run) -> Native:
    """The handler as it is called with event and context: a stream handler gets the stream it
    writes to between them.
    """
    choices = [method, *method.overloads]
    streams = not any(one.takes(2) or one.takes(1) for one in choices)
    bound = run.got(method, instance)

    def called(arguments: Arguments, run: Run) -> Object:
        event, *rest = arguments.positional
        given = [event, Object("output"), *rest] if streams else list(arguments.positional)
        if not streams and not any(one.takes(2) for one in choices):
            given = given[:1]
        return run.call(bound, Arguments(given, {}))

    return Native("handler", on_call=called)


def controllers(run: Run) -> Iterator[Object]:
    """The classes of the program whose annotations may declare routes."""
    for name in run.modules_like(ROUTES, ""):
        yield run.imported(name)


def served(name: str, run: Run) -> Object | None:
    """What serves the routes of the program, handed over by the adapter of this name."""
    adapters = {
        full.rpartition(".")[2]: full for full in load("web_frameworks")["java"]["handlers"]
    }
    if name not in adapters:
        return None
    model = run.imported(adapters[name])
    return model.attributes.get("serve") if isinstance(model, Native) else None

"""C#'s types: what their names mean, what a container of dependencies makes of them, and which of
them a handler is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from weakref import WeakKeyDictionary

from cfnlint_eda_rules.handlers.interpreter.constructs import Action
from cfnlint_eda_rules.handlers.interpreter.language import Importing
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    FunctionObject,
    Instance,
    Loaded,
    constant,
    is_nothing,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Known, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.languages.csharp import builtins, standard_library
from cfnlint_eda_rules.handlers.languages.csharp.module_files import (
    EXTENSION,
    IMPLEMENTED,
    PROGRAM,
    ROUTES,
)
from cfnlint_eda_rules.handlers.languages.csharp.names import (
    AMONG,
    INHERITED_OR_TYPE,
    INJECTED,
    OWN_CONSTRUCTOR,
    candidates,
    simple,
    wrapped_type,
)
from cfnlint_eda_rules.handlers.symbolic_values import EventField

_NONE = Arguments([], {})
_ROOTS = frozenset({"System", "Amazon", "Microsoft", "Newtonsoft"})
_BASE_HANDLERS = ("FunctionHandlerAsync", "FunctionHandler")
# What a top-level program gives Lambda's runtime to call, per evaluation.
_SERVED: WeakKeyDictionary[Run, Object] = WeakKeyDictionary()


def serve(function: Object, run: Run) -> None:
    """Notes what the program has the runtime call for each event."""
    _SERVED[run] = function


def imported(module: str, run: Importing) -> Object:
    """What a type's name means, or what is injected for it."""
    if module.startswith(INJECTED):
        return inject(imported(module.removeprefix(INJECTED), run), run)
    if module.startswith("attribute "):
        return run.model(f"attribute.{module.removeprefix('attribute ')}") or Object()
    found = _own(module, run)
    if found is not None or module.startswith(EXTENSION):
        return found or Object()
    name, _, among = module.partition(AMONG)
    found = standard_library.module(simple(module))
    if found is None:
        found = run.model(f"library.{simple(module)}{AMONG}{_namespaces(name, among)}")
    if found is None and name in _ROOTS:
        return _namespace(name)
    return Object(simple(module)) if found is None else found


def _namespaces(name: str, among: str) -> str:
    """The namespaces of a type; of a full name, the one it has."""
    return among or name.rpartition(".")[0]


def _own(module: str, run: Importing) -> Object | None:
    """The type of the program with that name."""
    file = run.resolve(module)
    loaded = None if file is None else run.load(file)
    if loaded is None:
        return None
    variables = loaded.scope.variables
    if module.startswith(EXTENSION):
        name = module.removeprefix(EXTENSION)
        kinds = [kind for kind in variables.values() if isinstance(kind, ClassObject)]
        return next((kind.members[name] for kind in kinds if name in kind.members), None)
    if module.startswith(IMPLEMENTED):
        return _implementing(module.removeprefix(IMPLEMENTED), list(variables.values()))
    for name in candidates(module):
        parts = name.split(".")
        for start in range(len(parts)):
            found = variables.get(".".join(parts[start:]))
            if isinstance(found, ClassObject):
                return found
    return None


def extension(subject: Object, name: str, run: Run) -> Object | None:
    """The program's extension method of that name, as a method of `subject`; None when there is
    none.
    """
    found = run.imported(f"{EXTENSION}{name}")
    if not isinstance(found, FunctionObject):
        return None

    def called(arguments: Arguments, run: Run) -> Object:
        given = Arguments([subject, *arguments.positional], arguments.named, arguments.partial)
        return run.call(found, given)

    return Native(name, on_call=called)


def _implementing(interface: str, found: Sequence[Object]) -> Object | None:
    """The first class among the types of a file that implements an interface."""
    for kind in found:
        bases = kind.line()[1:] if isinstance(kind, ClassObject) else ()
        if any(base.expression.rpartition(".")[2] == interface for base in bases):
            return kind
    return None


def _namespace(name: str) -> Native:
    """A namespace that is written out: `System.Environment`."""

    def attribute(member: str, run: Run) -> Object | None:
        found = run.imported(f"{name}.{member}")
        return _namespace(f"{name}.{member}") if type(found) is Object else found

    return Native(name, on_attribute=attribute)


# --------------------------------------------------------------------------------------------------


def inject(kind: Object, run: Run) -> Object:
    """What a container of dependencies gives for a type: an instance of the class, or of the one
    class that implements the interface.
    """
    if isinstance(kind, ClassObject):
        made = run.at_start(lambda: run.instantiate(_implementation(kind, run), _NONE))
        return made
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
    """The handler: a method of an instance that Lambda makes before the first event; what a program
    that is started has the runtime call; where a framework brings the handler, what serves its
    routes.
    """
    if symbol == PROGRAM:
        return _of_program(loaded, run)
    name, _, method = symbol.partition("::")
    kind = _named(loaded, wrapped_type(name).replace("+", "."))
    if kind is None:
        return None
    found = kind.lookup(method)
    if isinstance(found, FunctionObject):
        instance = run.instantiate(kind, _NONE)
        return _called_by_lambda(found, run.got(found, instance))
    foreign = kind.foreign()
    if foreign is not None and method in _BASE_HANDLERS:
        instance = run.instantiate(kind, _NONE)
        return run.get_attribute(instance, method)
    return None


def _named(loaded: Loaded, name: str) -> ClassObject | None:
    """The type of a file whose full name ends so."""
    found = loaded.scope.variables.get(name)
    return found if isinstance(found, ClassObject) else None


def _of_program(loaded: Loaded, run: Run) -> Object | None:
    if run not in _SERVED:
        for kind in list(loaded.scope.variables.values()):
            main = kind.lookup("Main") if isinstance(kind, ClassObject) else None
            if isinstance(main, FunctionObject):
                run.at_start(lambda main=main: run.invoke(main, [Object("args")]))  # type: ignore[misc]
                break
    found = _SERVED.get(run)
    return as_called(found) if isinstance(found, FunctionObject) else found


def as_called(function: FunctionObject) -> Object:
    """A function as Lambda's runtime calls it."""
    return _called_by_lambda(function, function)


def _called_by_lambda(method: FunctionObject, bound: Object) -> Native:
    """A handler as it is called with event and context: it takes one of them, both or none, and a
    generated handler gives it parts of the request and services, too.
    """

    def called(arguments: Arguments, run: Run) -> Object:
        event, context = [*arguments.positional, Object(), Object()][:2]
        return run.call(bound, Arguments([], dict(_given(method, event, context))))

    return Native("handler", on_call=called)


def _given(method: FunctionObject, event: Object, context: Object) -> Iterator[tuple[str, Object]]:
    first = True
    for parameter in method.node.parameters:
        name = getattr(parameter.pattern, "id", "")
        annotation = (parameter.annotation or "").rpartition(".")[2]
        if annotation == "ILambdaContext" or (not annotation and not first):
            yield name, context
        elif parameter.default is None:
            yield name, event if first else Known(EventField(("pathParameters", name)))
            first = False


def controllers(run: Run) -> Iterator[Object]:
    """The types of the program whose attributes may declare routes."""
    for name in run.modules_like(ROUTES, ""):
        yield run.imported(name)


# --------------------------------------------------------------------------------------------------


def _service(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`provider.GetRequiredService<IOrders>()`."""
    kind = arguments.get("<>", 0)
    return Object("service") if kind is None else inject(kind, run)


METHODS: Mapping[str, Action] = dict.fromkeys(("GetService", "GetRequiredService"), _service)


def _inherited_or_type(arguments: Arguments, run: Run) -> Object:
    """A name before a dot in a class that inherits: its ancestor's member, or a type."""
    this, name, module = [*arguments.positional, Object(), Object(), Object()][:3]
    member, written = constant(name), constant(module)
    if not isinstance(member, str) or not isinstance(written, str):
        return Object()
    own = this.own(member, run) if isinstance(this, Instance) else None
    if own is not None and not is_nothing(own):
        return own
    found = run.imported(written)
    return run.get_attribute(this, member) if type(found) is Object else found


def _own_constructor(arguments: Arguments, run: Run) -> Object:
    """`: this(...)`: another constructor of the class itself, whatever class the instance has."""
    this, kind, *given = [*arguments.positional, Object()]
    found = kind.lookup("constructor") if isinstance(kind, ClassObject) else None
    if found is None:
        return nothing()
    return run.enter(found, Arguments(given[:-1], arguments.named, arguments.partial), this)


GLOBALS: Mapping[str, Object] = {
    "inject": shared.native("inject", lambda given, run: inject(shared.first(given), run)),
    "initialised": shared.native(
        "initialised", lambda given, run: builtins.initialised(*_two(given), run)
    ),
    "with": shared.native("with", lambda given, run: _changed(*_two(given), run)),
    OWN_CONSTRUCTOR: shared.native(OWN_CONSTRUCTOR, _own_constructor),
    INHERITED_OR_TYPE: shared.native(INHERITED_OR_TYPE, _inherited_or_type),
}


def _two(arguments: Arguments) -> tuple[Object, Object]:
    first, second = [*arguments.positional, Object(), Object()][:2]
    return first, second


def _changed(subject: Object, given: Object, run: Run) -> Object:
    """`order with { State = "x" }`: a copy with what is changed."""
    entries, _ = run.entries(given)
    if isinstance(subject, Instance):
        made = Instance(subject.kind)
        for name, value in {**subject.attributes, **entries}.items():
            run.write(made.attributes, name, value)
        return made
    return builtins.initialised(shared.copied(subject, run), given, run)

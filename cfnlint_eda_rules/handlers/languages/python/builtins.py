"""Python's built-ins and the pure part of its standard library."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cfnlint_eda_rules.handlers.interpreter import concurrency
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    FunctionObject,
    Instance,
    ListObject,
    NativeClass,
    Promise,
    RecordObject,
    Super,
    choose,
    concatenate,
    constant,
    derived,
    event_path,
    literal,
    machine,
    needs_of,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Known, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.symbolic_values import EventField

if TYPE_CHECKING:
    from cfnlint_eda_rules.handlers.interpreter.machine import Machine

# --------------------------------------------------------------------------------------------------


def _items(subject: Object, arguments: Arguments, run: Run) -> Object:
    entries, partial = run.entries(subject)
    pairs: list[Object] = [ListObject([literal(name), value]) for name, value in entries.items()]
    if partial or not isinstance(subject, RecordObject):
        pairs.append(ListObject([_key(subject), run.element(subject, None)]))
    return ListObject(pairs, partial)


def _key(subject: Object) -> Object:
    return derived("key", subject)


def _keys(subject: Object, arguments: Arguments, run: Run) -> Object:
    if not isinstance(subject, RecordObject):
        return ListObject([_key(subject)], True)
    return ListObject([literal(name) for name in subject.entries], subject.partial)


def _values(subject: Object, arguments: Arguments, run: Run) -> Object:
    entries, partial = run.entries(subject)
    if partial and not entries:
        return ListObject([run.element(subject, None)], True)
    return ListObject(entries.values(), partial)


def _pop(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        if (
            not subject.partial
            and subject.elements
            and not arguments.positional
            and machine(run).loops <= subject.depth
        ):
            last = subject.elements[-1]
            machine(run).write(subject.cells, "elements", subject.elements[:-1])
            return last
        return machine(run).iterate(subject)
    found = shared.looked_up(subject, arguments, run)
    name = constant(shared.first(arguments))
    if isinstance(subject, RecordObject) and str(name) in subject.entries:
        machine(run).write(subject.entries, str(name), MISSING)
    return found


def _setdefault(subject: Object, arguments: Arguments, run: Run) -> Object:
    key = shared.first(arguments)
    default = arguments.get("default", 1) or nothing()
    name = constant(key)
    if isinstance(subject, RecordObject) and name is not MISSING:
        if str(name) not in subject.entries:
            subject.set(str(name), default, run)
        return subject.entries[str(name)]
    if isinstance(subject, RecordObject):
        subject.set_item(key, default, run)
    return default


def _update(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, RecordObject):
        for other in arguments.positional:
            subject.update(other, run)
        for name, value in arguments.named.items():
            subject.set(name, value, run)
    elif isinstance(subject, ListObject):
        for other in arguments.positional:
            subject.extend(other, run)
    return nothing()


def _append(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        subject.append(arguments.positional[-1] if arguments.positional else Object(), run)
    return nothing()


def _extend(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        subject.extend(shared.first(arguments), run)
    return nothing()


def _sort(subject: Object, arguments: Arguments, run: Run) -> Object:
    return nothing()


def _clear(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        machine(run).write(subject.cells, "elements", ())
        machine(run).write(subject.cells, "partial", machine(run).loops > subject.depth)
    elif isinstance(subject, RecordObject):
        for name in list(subject.entries):
            machine(run).write(subject.entries, name, MISSING)
    return nothing()


def _join(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, Promise):
        return run.join(subject)
    return shared.join_text(subject, shared.first(arguments), run)


def _replace(subject: Object, arguments: Arguments, run: Run) -> Object:
    given = [constant(argument) for argument in arguments.positional]
    if given[:2] == ["+", " "] and event_path(subject) is not None:
        return subject  # what S3 notifications need before anything else
    return shared.text_method("replace", str.replace)(subject, arguments, run)


def _partition(last: bool) -> shared.Action:
    def action(subject: Object, arguments: Arguments, run: Run) -> Object:
        text, separator = constant(subject), constant(shared.first(arguments))
        if isinstance(text, str) and isinstance(separator, str) and separator:
            return shared.to_object(
                text.rpartition(separator) if last else text.partition(separator), subject.needs
            )
        whole = derived("rpartition" if last else "partition", subject, *arguments.positional)
        after = derived("after", whole)
        return ListObject(
            [
                derived("before", whole),
                shared.first(arguments),
                shared.after_last(subject, separator, after) if last else after,
            ]
        )

    return action


def _read(subject: Object, arguments: Arguments, run: Run) -> Object:
    text = subject.text()
    return Object(f"{text}.read()" if text else "", needs_of(subject))


_TEXT: dict[str, Callable[..., Any]] = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "capitalize": str.capitalize,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "find": str.find,
    "rfind": str.rfind,
    "zfill": str.zfill,
    "removeprefix": str.removeprefix,
    "removesuffix": str.removesuffix,
    "isdigit": str.isdigit,
}


def _strip(compute: Callable[..., Any], name: str) -> shared.Action:
    plain = shared.text_method(name, compute)

    def action(subject: Object, arguments: Arguments, run: Run) -> Object:
        return (
            subject
            if not arguments.positional and constant(subject) is MISSING
            else plain(subject, arguments, run)
        )

    return action


METHODS: Mapping[str, shared.Action] = {
    "get": shared.looked_up,
    "items": _items,
    "keys": _keys,
    "values": _values,
    "pop": _pop,
    "popleft": _pop,
    "setdefault": _setdefault,
    "update": _update,
    "copy": lambda subject, arguments, run: shared.copied(subject, run),
    "append": _append,
    "appendleft": _append,
    "add": _append,
    "insert": _append,
    "extend": _extend,
    "sort": _sort,
    "reverse": _sort,
    "clear": _clear,
    "join": _join,
    "split": shared.split,
    "rsplit": shared.split,
    "splitlines": lambda subject, arguments, run: ListObject([derived("line", subject)], True),
    "partition": _partition(False),
    "rpartition": _partition(True),
    "format": shared.formatted,
    "replace": _replace,
    "encode": shared.keep,
    "decode": shared.keep,
    "strip": _strip(str.strip, "strip"),
    "lstrip": _strip(str.lstrip, "lstrip"),
    "rstrip": _strip(str.rstrip, "rstrip"),
    "read": _read,
    **{name: shared.text_method(name, compute) for name, compute in _TEXT.items()},
}


def own_attribute(subject: Object, name: str, m: Machine) -> Object | None:
    """Attributes that only some things have."""
    if isinstance(subject, Promise):
        return concurrency.future_attribute(subject, name)
    if name == "__class__" and isinstance(subject, Instance):
        return subject.kind
    if (
        name in ("value", "name")
        and isinstance(subject, Known)
        and not isinstance(subject.known, EventField)
    ):
        return subject  # of an enumeration's member
    if name == "__name__" and isinstance(subject, FunctionObject | ClassObject):
        return literal(subject.node.name)
    if name == "__wrapped__":
        return subject
    return None


# --------------------------------------------------------------------------------------------------


def _range(arguments: Arguments, run: Run) -> Object:
    needs = (
        frozenset[int]().union(*(needs_of(argument) for argument in arguments.positional))
        if arguments.positional
        else frozenset()
    )
    return shared.Counter("range", needs)


def _enumerate(arguments: Arguments, run: Run) -> Object:
    elements, partial = run.elements(shared.first(arguments))
    if isinstance(shared.first(arguments), shared.Counter):
        return shared.first(arguments)
    return ListObject(
        [
            ListObject([Object("index") if partial else literal(index), one])
            for index, one in enumerate(elements)
        ],
        partial,
    )


def _zip(arguments: Arguments, run: Run) -> Object:
    sides = [run.elements(argument) for argument in arguments.positional]
    if sides and all(not partial for _, partial in sides):
        return ListObject(
            [ListObject(group) for group in zip(*(elements for elements, _ in sides), strict=False)]
        )
    return ListObject(
        [ListObject([machine(run).iterate(argument) for argument in arguments.positional])], True
    )


def _map(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) < 2:
        return Object()
    function, subject = arguments.positional[:2]
    results, partial = machine(run).each(
        subject, lambda element, index: run.invoke(function, (element,))
    )
    return ListObject(results, partial)


def _filter(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) < 2:
        return Object()
    function, subject = arguments.positional[:2]
    if constant(function) is MISSING:
        machine(run).each(subject, lambda element, index: run.invoke(function, (element,)))
    return (
        subject if event_path(subject) is not None else ListObject(run.elements(subject)[0], True)
    )


def _dict(arguments: Arguments, run: Run) -> Object:
    made = RecordObject(partial=arguments.partial)
    for other in arguments.positional:
        if isinstance(other, ListObject):
            for pair in other.elements:
                made.set_item(
                    machine(run).get_item(pair, literal(0)),
                    machine(run).get_item(pair, literal(1)),
                    run,
                )
            made.flags["partial"] = made.partial or other.partial
        else:
            made.update(other, run)
    for name, value in arguments.named.items():
        made.entries[name] = value
    return made


def _list(arguments: Arguments, run: Run) -> Object:
    if not arguments.positional:
        return ListObject(depth=machine(run).loops)
    subject = shared.first(arguments)
    return run.join(subject) if isinstance(subject, Promise) else shared.listed(subject, run)


def _ordered(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    return (
        subject if event_path(subject) is not None else ListObject(run.elements(subject)[0], True)
    )


def _next(arguments: Arguments, run: Run) -> Object:
    found = machine(run).iterate(shared.first(arguments))
    default = arguments.get("default", 1)
    return found if default is None else choose([found, default], needs_of(shared.first(arguments)))


def _getattr(arguments: Arguments, run: Run) -> Object:
    name = constant(arguments.get("name", 1))
    subject = shared.first(arguments)
    if isinstance(name, str):
        return machine(run).get_attribute(subject, name)
    if isinstance(subject, Instance):
        # A method chosen by a name that is not known: any that is not private.
        methods = {
            key: member
            for ancestor in reversed(subject.kind.line())
            if isinstance(ancestor, ClassObject)
            for key, member in ancestor.members.items()
            if isinstance(member, FunctionObject) and not key.startswith("_")
        }
        return choose(
            [machine(run).got(member, subject) for member in methods.values()],
            needs_of(shared.first(arguments)),
        )
    return Object("", needs_of(subject))


def _setattr(arguments: Arguments, run: Run) -> Object:
    name = constant(arguments.get("name", 1))
    if isinstance(name, str) and len(arguments.positional) > 2:
        shared.first(arguments).set_attribute(name, arguments.positional[2], run)
    return nothing()


def _exit(arguments: Arguments, run: Run) -> Object:
    machine(run).path = None
    return Object()


def _str(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    found = constant(subject)
    if found is MISSING:
        return subject
    return literal(str(found) if arguments.positional else "", subject.needs)


def _number(kind: type[int] | type[float]) -> shared.Plain:
    def convert(arguments: Arguments, run: Run) -> Object:
        subject = shared.first(arguments)
        found = constant(subject)
        if isinstance(found, str | int | float) and len(str(found)) < 20:
            try:
                return literal(kind(found), subject.needs)
            except (ValueError, OverflowError):
                return Object("", subject.needs)
        return derived(kind.__name__, subject) if event_path(subject) is None else subject

    return convert


def _len(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    if isinstance(subject, ListObject) and not subject.partial:
        return literal(len(subject.elements))
    return derived("len", subject) if subject.text() else Object("", needs_of(subject))


def _super(arguments: Arguments, run: Run) -> Object:
    frame = machine(run).frame
    function = frame.function
    if function is None or function.owner is None or not function.node.parameters:
        return Object("super")
    target = function.node.parameters[0].pattern
    name = getattr(target, "id", "")
    return Super(function.owner, frame.scope.variables.get(name, Object()))


@functools.cache
def _globals() -> Mapping[str, Object]:
    functions: dict[str, shared.Plain] = {
        "range": _range,
        "enumerate": _enumerate,
        "zip": _zip,
        "map": _map,
        "filter": _filter,
        "dict": _dict,
        "list": _list,
        "tuple": _list,
        "set": _list,
        "frozenset": _list,
        "sorted": _ordered,
        "reversed": _ordered,
        "iter": shared.same,
        "next": _next,
        "getattr": _getattr,
        "setattr": _setattr,
        "exit": _exit,
        "quit": _exit,
        "str": _str,
        "repr": shared.pure("repr"),
        "bytes": shared.same,
        "bytearray": shared.same,
        "memoryview": shared.same,
        "int": _number(int),
        "float": _number(float),
        "len": _len,
        "super": _super,
        "isinstance": shared.pure("isinstance"),
        "hasattr": shared.pure("hasattr"),
        "callable": shared.pure("callable"),
        "bool": shared.pure("bool"),
        "print": lambda arguments, run: nothing(),
    }
    made: dict[str, Object] = {
        name: shared.native(name, behaviour) for name, behaviour in functions.items()
    }
    made["str"] = shared.namespace(
        "str",
        {
            "join": lambda arguments, run: _join(
                shared.first(arguments), Arguments(arguments.positional[1:], {}), run
            )
        },
    )
    assert isinstance(made["str"], Native)
    made["str"].on_call = _str
    made["dict"] = shared.namespace(
        "dict", {"fromkeys": lambda arguments, run: RecordObject(partial=True)}
    )
    assert isinstance(made["dict"], Native)
    made["dict"].on_call = _dict
    made.update({name: shared.Keeps(name) for name in ("property", "staticmethod", "classmethod")})
    return made


def global_name(m: Machine, name: str) -> Object | None:
    """A built-in function."""
    return _globals().get(name)


# --------------------------------------------------------------------------------------------------


def _once(function: Object, arguments: Arguments, run: Run) -> Object:
    with machine(run).within(start_up=True):
        return (
            run.unknown_call(function, arguments)
            if type(function) is Object
            else machine(run).call(function, arguments)
        )


def _memoised(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    if isinstance(subject, FunctionObject | Native) and not arguments.named:
        return shared.Decorated(subject, _once)
    return shared.native("memoised", _memoised)


def _context_manager(arguments: Arguments, run: Run) -> Object:
    def manage(function: Object, given: Arguments, run: Run) -> Object:
        return (
            shared.Managed(function, given)
            if isinstance(function, FunctionObject)
            else run.unknown_call(function, given)
        )

    return shared.Decorated(shared.first(arguments), manage)


def _partial(arguments: Arguments, run: Run) -> Object:
    if not arguments.positional:
        return Object()
    function, *bound = arguments.positional
    named = dict(arguments.named)

    def called(given: Arguments, run: Run) -> Object:
        return machine(run).call(
            function,
            Arguments([*bound, *given.positional], {**named, **given.named}, given.partial),
        )

    return Native(function.expression, on_call=called)


def _reduce(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) < 2:
        return Object()
    function, subject = arguments.positional[:2]
    value = (
        arguments.positional[2] if len(arguments.positional) > 2 else machine(run).iterate(subject)
    )

    def step(element: Object, index: Object) -> Object:
        nonlocal value
        value = run.invoke(function, (value, element))
        return value

    machine(run).each(subject, step, passes=2)
    return value


def _getenv(arguments: Arguments, run: Run) -> Object:
    name = constant(shared.first(arguments))
    return shared.environment(name) if isinstance(name, str) else Object("env")


def _environ() -> Native:
    def item(key: Object, run: Run) -> Object | None:
        name = constant(key)
        return (
            shared.environment(name)
            if isinstance(name, str)
            else Object(f"env[{key.text()}]" if key.text() else "")
        )

    return Native(
        "environ",
        on_item=item,
        attributes={name: shared.native(name, _getenv) for name in ("get", "pop", "setdefault")},
    )


def _split_path(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    return ListObject([shared.path_part("dirname", subject), shared.path_part("basename", subject)])


def _split_extension(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    return ListObject([shared.path_part("root", subject), shared.path_part("extension", subject)])


def _path_functions() -> dict[str, shared.Plain | Object]:
    return {
        "join": lambda arguments, run: shared.join_path(arguments.positional),
        "basename": lambda arguments, run: shared.path_part("basename", shared.first(arguments)),
        "dirname": lambda arguments, run: shared.path_part("dirname", shared.first(arguments)),
        "split": _split_path,
        "splitext": _split_extension,
        "normpath": shared.same,
        "abspath": shared.same,
    }


def _path(arguments: Arguments, run: Run) -> Object:
    return shared.PathText(
        shared.join_path(arguments.positional).value(),
        frozenset().union(*(needs_of(part) for part in arguments.positional))
        if arguments.positional
        else frozenset(),
    )


def _sleep(arguments: Arguments, run: Run) -> Object:
    run.request("sleep", "", "", {"seconds": shared.first(arguments)})
    return nothing()


def _default_dict(arguments: Arguments, run: Run) -> Object:
    made = RecordObject()
    factory = arguments.get("default_factory", 0)
    if factory is not None and constant(factory) is MISSING:
        made.on_missing = lambda run: run.invoke(factory)
    for other in arguments.positional[1:]:
        made.update(other, run)
    return made


def _closing(arguments: Arguments, run: Run) -> Object:
    return shared.first(arguments)


def _context_method(manager: Object, name: str, run: Run) -> Object | None:
    m = machine(run)
    return shared.special(m, manager, f"__{name}__") or shared.special(m, manager, f"__a{name}__")


def _exit_stack(arguments: Arguments, run: Run) -> Object:
    """`contextlib.ExitStack()`: what is called back is called at its end, the last one first."""
    later: list[Callable[[], Object]] = []

    def called_back(arguments: Arguments, run: Run) -> Object:
        if arguments.positional:
            function, *rest = arguments.positional
            later.append(
                lambda: run.join(
                    machine(run).call(function, Arguments(rest, dict(arguments.named)))
                )
            )
        return shared.first(arguments)

    def pushed(arguments: Arguments, run: Run) -> Object:
        leaving = _context_method(shared.first(arguments), "exit", run)
        if leaving is None:
            return shared.first(arguments)
        return called_back(Arguments([leaving, nothing(), nothing(), nothing()], {}), run)

    def entered(arguments: Arguments, run: Run) -> Object:
        manager = shared.first(arguments)
        enter = _context_method(manager, "enter", run)
        found = manager if enter is None else run.join(run.invoke(enter, []))
        pushed(arguments, run)
        return found

    def left(arguments: Arguments, run: Run) -> Object:
        pending, later[:] = later[::-1], []
        for action in pending:
            action()
        return nothing()

    made = Native("ExitStack")
    members = {"callback": called_back, "push": pushed, "enter_context": entered, "close": left}
    awaited = {
        "push_async_callback": called_back,
        "push_async_exit": pushed,
        "enter_async_context": entered,
        "aclose": left,
    }
    made.attributes = {
        **{name: shared.native(name, behaviour) for name, behaviour in (members | awaited).items()},
        **{
            name: shared.native(name, lambda arguments, run: made)
            for name in ("__enter__", "__aenter__")
        },
        **{name: shared.native(name, left) for name in ("__exit__", "__aexit__")},
    }
    return made


def _chain(arguments: Arguments, run: Run) -> Object:
    elements: list[Object] = []
    partial = False
    for argument in arguments.positional:
        more, unknown = run.elements(argument)
        elements += more
        partial = partial or unknown
    return ListObject(elements, partial)


def _substituted(arguments: Arguments, run: Run) -> Object:
    return derived("re.sub", *arguments.positional)


@functools.cache
def module(name: str) -> Object | None:
    """A module of the standard library."""
    make = _MODULES.get(name)
    return make() if make is not None else concurrency.python_module(name)


_MODULES: Mapping[str, Callable[[], Object]] = {
    "json": lambda: shared.namespace(
        "json",
        {
            "loads": lambda arguments, run: shared.decode_json(shared.first(arguments)),
            "load": lambda arguments, run: shared.decode_json(shared.first(arguments)),
            "dumps": lambda arguments, run: shared.encode_json(shared.first(arguments)),
        },
    ),
    "os": lambda: shared.namespace(
        "os",
        {
            "environ": _environ(),
            "getenv": _getenv,
            "path": shared.namespace("os.path", _path_functions()),
            "_exit": _exit,
        },
    ),
    "os.path": lambda: shared.namespace("os.path", _path_functions()),
    "posixpath": lambda: shared.namespace("posixpath", _path_functions()),
    "ntpath": lambda: shared.namespace("ntpath", {}),
    "pathlib": lambda: shared.namespace(
        "pathlib", {"Path": _path, "PurePath": _path, "PurePosixPath": _path, "PosixPath": _path}
    ),
    "urllib.parse": lambda: shared.namespace(
        "urllib.parse",
        {
            "unquote_plus": shared.same,
            "unquote": shared.same,
            "quote": shared.pure("quote"),
            "quote_plus": shared.pure("quote_plus"),
            "urljoin": shared.pure("urljoin"),
        },
    ),
    "base64": lambda: shared.namespace(
        "base64",
        {
            **dict.fromkeys(
                ("b64decode", "urlsafe_b64decode", "standard_b64decode", "decodebytes"), shared.same
            ),
            **dict.fromkeys(("b64encode", "urlsafe_b64encode", "standard_b64encode"), shared.same),
        },
    ),
    "gzip": lambda: shared.namespace("gzip", {"decompress": shared.same, "compress": shared.same}),
    "zlib": lambda: shared.namespace("zlib", {"decompress": shared.same, "compress": shared.same}),
    "io": lambda: shared.namespace(
        "io", {"BytesIO": shared.same, "StringIO": shared.same, "TextIOWrapper": shared.same}
    ),
    "copy": lambda: shared.namespace(
        "copy",
        {
            "copy": lambda arguments, run: shared.copied(shared.first(arguments), run),
            "deepcopy": lambda arguments, run: shared.copied(shared.first(arguments), run),
        },
    ),
    "sys": lambda: shared.namespace("sys", {"exit": _exit, "path": Object("sys.path")}),
    "time": lambda: shared.namespace("time", {"sleep": _sleep}),
    "functools": lambda: shared.namespace(
        "functools",
        {
            "wraps": lambda arguments, run: shared.Keeps("wraps"),
            "lru_cache": _memoised,
            "cache": _memoised,
            "cached_property": shared.Keeps("cached_property"),
            "partial": _partial,
            "reduce": _reduce,
        },
    ),
    "cachetools": lambda: shared.namespace(
        "cachetools", {"cached": _memoised, "cachedmethod": _memoised}
    ),
    "itertools": lambda: shared.namespace(
        "itertools",
        {
            "count": _range,
            "repeat": _range,
            "chain": _chain,
            "islice": lambda arguments, run: _ordered(arguments, run),
        },
    ),
    "collections": lambda: shared.namespace(
        "collections", {"defaultdict": _default_dict, "OrderedDict": _dict, "deque": _list}
    ),
    "contextlib": lambda: shared.namespace(
        "contextlib",
        {
            "contextmanager": _context_manager,
            "asynccontextmanager": _context_manager,
            "closing": _closing,
            "ExitStack": _exit_stack,
            "AsyncExitStack": _exit_stack,
            "suppress": lambda arguments, run: Object("suppress"),
            "nullcontext": lambda arguments, run: (
                shared.first(arguments) if arguments.positional else nothing()
            ),
        },
    ),
    "dataclasses": lambda: shared.namespace(
        "dataclasses",
        {
            "dataclass": lambda arguments, run: (
                shared.first(arguments) if arguments.positional else shared.Keeps("dataclass")
            ),
            "asdict": lambda arguments, run: _as_dict(shared.first(arguments)),
            "replace": shared.same,
            "field": lambda arguments, run: _field(arguments, run),
        },
    ),
    "enum": lambda: Object("enum"),
    "re": lambda: shared.namespace("re", {"sub": _substituted, "escape": shared.pure("re.escape")}),
    "uuid": lambda: Object("uuid"),
}


def _as_dict(subject: Object) -> Object:
    return RecordObject(dict(subject.attributes)) if isinstance(subject, Instance) else subject


def _field(arguments: Arguments, run: Run) -> Object:
    factory = arguments.get("default_factory")
    if factory is not None:
        return run.invoke(factory)
    return arguments.get("default") or Object()


__all__ = ["METHODS", "NativeClass", "concatenate", "global_name", "module", "own_attribute"]

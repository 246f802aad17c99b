"""The pure part of Python's standard library, and what waits in it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from cfnlint_eda_rules.handlers.interpreter.constructs import (
    Decorated,
    Keeps,
    Managed,
    Plain,
    special,
)
from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    Instance,
    ListObject,
    RecordObject,
    constant,
    derived,
    needs_of,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.languages.python import async_model, builtins


def _once(function: Object, arguments: Arguments, run: Run) -> Object:
    if type(function) is Object:
        return run.at_start(lambda: run.unknown_call(function, arguments))
    return run.at_start(lambda: run.call(function, arguments))


def _memoised(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    if isinstance(subject, FunctionObject | Native) and not arguments.named:
        return Decorated(subject, _once)
    return shared.native("memoised", _memoised)


def _context_manager(arguments: Arguments, run: Run) -> Object:
    def manage(function: Object, given: Arguments, run: Run) -> Object:
        return (
            Managed(function, given)
            if isinstance(function, FunctionObject)
            else run.unknown_call(function, given)
        )

    return Decorated(shared.first(arguments), manage)


def _partial(arguments: Arguments, run: Run) -> Object:
    if not arguments.positional:
        return Object()
    function, *bound = arguments.positional
    named = dict(arguments.named)

    def called(given: Arguments, run: Run) -> Object:
        return run.call(
            function,
            Arguments([*bound, *given.positional], {**named, **given.named}, given.partial),
        )

    return Native(function.expression, on_call=called)


def _reduce(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) < 2:
        return Object()
    function, subject = arguments.positional[:2]
    value = arguments.positional[2] if len(arguments.positional) > 2 else run.iterate(subject)

    def step(element: Object, index: Object) -> Object:
        nonlocal value
        value = run.invoke(function, (value, element))
        return value

    run.each(subject, step, passes=2)
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


def _path_functions() -> dict[str, Plain | Object]:
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
    return special(run, manager, f"__{name}__") or special(run, manager, f"__a{name}__")


def _exit_stack(arguments: Arguments, run: Run) -> Object:
    """`contextlib.ExitStack()`: what is called back is called at its end, the last one first."""
    later: list[Callable[[], Object]] = []

    def called_back(arguments: Arguments, run: Run) -> Object:
        if arguments.positional:
            function, *rest = arguments.positional
            later.append(
                lambda: run.join(run.call(function, Arguments(rest, dict(arguments.named))))
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


_YAML_LOADERS = ("safe_load", "load", "full_load", "unsafe_load")


def _decoded(arguments: Arguments, run: Run) -> Object:
    return shared.decode_json(shared.first(arguments))


@functools.cache
def module(name: str) -> Object | None:
    """A module of the standard library."""
    make = _MODULES.get(name)
    return make() if make is not None else async_model.module(name)


_MODULES: Mapping[str, Callable[[], Object]] = {
    "json": lambda: shared.namespace(
        "json",
        {
            "loads": lambda arguments, run: shared.decode_json(shared.first(arguments)),
            "load": lambda arguments, run: shared.decode_json(shared.first(arguments)),
            "dumps": lambda arguments, run: shared.encode_json(shared.first(arguments)),
        },
    ),
    "importlib": lambda: shared.namespace("importlib", {"import_module": shared.computed_import}),
    "yaml": lambda: shared.namespace("yaml", dict.fromkeys(_YAML_LOADERS, _decoded)),
    "ruamel.yaml": lambda: shared.namespace("ruamel.yaml", dict.fromkeys(_YAML_LOADERS, _decoded)),
    "os": lambda: shared.namespace(
        "os",
        {
            "environ": _environ(),
            "getenv": _getenv,
            "path": shared.namespace("os.path", _path_functions()),
            "_exit": builtins.exit_process,
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
    "sys": lambda: shared.namespace(
        "sys", {"exit": builtins.exit_process, "path": Object("sys.path")}
    ),
    "time": lambda: shared.namespace("time", {"sleep": _sleep}),
    "functools": lambda: shared.namespace(
        "functools",
        {
            "wraps": lambda arguments, run: Keeps("wraps"),
            "lru_cache": _memoised,
            "cache": _memoised,
            "cached_property": Keeps("cached_property"),
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
            "count": builtins.counted,
            "repeat": builtins.counted,
            "chain": _chain,
            "islice": lambda arguments, run: builtins.ordered(arguments, run),
        },
    ),
    "collections": lambda: shared.namespace(
        "collections",
        {
            "defaultdict": _default_dict,
            "OrderedDict": builtins.new_dict,
            "deque": builtins.new_list,
        },
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
                shared.first(arguments) if arguments.positional else Keeps("dataclass")
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

"""What Java's own library does with values, and its HTTP client."""

from __future__ import annotations

from collections.abc import Mapping

from cfnlint_eda_rules.handlers.interpreter.constructs import Plain
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    FunctionObject,
    ListObject,
    RecordObject,
    argument_needs,
    concatenate,
    constant,
    derived,
    is_nothing,
    literal,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.languages.java import async_model, builtins, classes

_FRESH = ("randomUUID", "now", "nanoTime", "currentTimeMillis", "random", "nextInt")


def _class(name: str, functions: Mapping[str, Plain | Object], made: Plain | None = None) -> Native:
    found = shared.namespace(name, functions)
    found.on_call = made
    return found


def _fresh(name: str) -> Plain:
    """A function that answers with something new each time."""
    return lambda arguments, run: run.unknown_call(Object(name), arguments)


def _list(arguments: Arguments, run: Run) -> Object:
    """`List.of(...)`, `Arrays.asList(...)`: the elements; of one list, a list like it."""
    given = arguments.positional
    if len(given) == 1 and isinstance(given[0], ListObject):
        return shared.copied(given[0], run)
    return ListObject(given, arguments.partial, depth=run.loops)


def _new_list(arguments: Arguments, run: Run) -> Object:
    given = arguments.positional[:1]
    if given and not isinstance(constant(given[0]), int | float):
        return shared.listed(given[0], run)
    return ListObject(depth=run.loops)


def _map(arguments: Arguments, run: Run) -> Object:
    """`Map.of(key, value, ...)`."""
    made = RecordObject()
    given = arguments.positional
    for key, value in zip(given[::2], given[1::2], strict=False):
        made.set_item(key, value, run)
    return made


def _new_map(arguments: Arguments, run: Run) -> Object:
    made = RecordObject()
    for given in arguments.positional[:1]:
        if not isinstance(constant(given), int | float):
            made.update(given, run)
    return made


def _entry(arguments: Arguments, run: Run) -> Object:
    key, value = [*arguments.positional, Object(), Object()][:2]
    return RecordObject({"key": key, "value": value})


def _of_entries(arguments: Arguments, run: Run) -> Object:
    made = RecordObject()
    for entry in arguments.positional:
        fields, _ = run.entries(entry)
        made.set_item(fields.get("key", Object()), fields.get("value", Object()), run)
    return made


def _collections() -> Mapping[str, Object]:
    of_list: dict[str, Plain | Object] = dict.fromkeys(
        ("of", "copyOf", "asList", "stream", "ofNullable", "concat", "empty"), _list
    )
    of_map: dict[str, Plain | Object] = {
        "of": _map,
        "copyOf": shared.same,
        "ofEntries": _of_entries,
        "entry": _entry,
    }
    lists = ("ArrayList", "LinkedList", "HashSet", "LinkedHashSet", "TreeSet", "ArrayDeque")
    maps = ("HashMap", "LinkedHashMap", "TreeMap", "EnumMap", "Hashtable")
    return {
        **{f"java.util.{name}": _class(name, of_list) for name in ("List", "Set", "Arrays")},
        "java.util.stream.Stream": _class("Stream", of_list),
        "java.util.stream.StreamSupport": _class("StreamSupport", {"stream": shared.same}),
        "java.util.stream.IntStream": _class(
            "IntStream", {"range": _counted, "rangeClosed": _counted}
        ),
        "java.util.stream.Collectors": _class(
            "Collectors",
            {
                "joining": _joining,
                **dict.fromkeys(
                    ("toList", "toSet", "toUnmodifiableList", "toCollection"),
                    lambda arguments, run: shared.native("collector", shared.same),
                ),
                "toMap": _to_map,
            },
        ),
        **{f"java.util.{name}": _class(name, of_list, _new_list) for name in lists},
        "java.util.concurrent.CopyOnWriteArrayList": _class("List", {}, _new_list),
        "java.util.concurrent.ConcurrentLinkedQueue": _class("Queue", {}, _new_list),
        "java.util.concurrent.LinkedBlockingQueue": _class("Queue", {}, _new_list),
        "java.util.Map": _class("Map", of_map),
        **{f"java.util.{name}": _class(name, of_map, _new_map) for name in maps},
        "java.util.concurrent.ConcurrentHashMap": _class("Map", of_map, _new_map),
        "java.util.Properties": _class("Properties", {}, _new_map),
        "java.util.AbstractMap.SimpleEntry": _class("SimpleEntry", {}, _entry),
        "java.util.Collections": _class(
            "Collections",
            {
                **dict.fromkeys(("singletonList", "singleton", "emptyList", "emptySet"), _list),
                **dict.fromkeys(("singletonMap", "emptyMap"), _map),
                **dict.fromkeys(
                    ("unmodifiableList", "unmodifiableMap", "synchronizedList", "unmodifiableSet"),
                    shared.same,
                ),
            },
        ),
    }


def _counted(arguments: Arguments, run: Run) -> Object:
    return ListObject([Object("index")], True)


def _joining(arguments: Arguments, run: Run) -> Object:
    separator = shared.first(arguments) if arguments.positional else literal("")
    return shared.native(
        "collector", lambda given, run: shared.join_text(separator, shared.first(given), run)
    )


def _to_map(arguments: Arguments, run: Run) -> Object:
    given = arguments.positional

    def collect(stream: Arguments, run: Run) -> Object:
        made = RecordObject()

        def one(element: Object) -> Object:
            key, value = (async_model.apply(function, (element,), run) for function in given[:2])
            made.set_item(key, value, run)
            return nothing()

        if len(given) > 1:
            async_model.over(shared.first(stream), one, run)
        return made

    return shared.native("collector", collect)


# --------------------------------------------------------------------------------------------------


def _variable(arguments: Arguments, run: Run) -> Object:
    """`System.getenv(name)`; without one, all of them."""
    if not arguments.positional:
        return _ENVIRONMENT
    name = constant(arguments.positional[0])
    if isinstance(name, str):
        return shared.environment(name)
    return derived("getenv", *arguments.positional)


_ENVIRONMENT = shared.namespace(
    "environment", {"get": _variable, "getOrDefault": _variable, "containsKey": shared.pure("has")}
)


def _property(arguments: Arguments, run: Run) -> Object:
    return arguments.get("", 1) or derived("property", *arguments.positional)


def _joined_text(arguments: Arguments, run: Run) -> Object:
    separator, *items = arguments.positional or [literal("")]
    whole = items[0] if len(items) == 1 and not is_text(items[0]) else run.items(items)
    return shared.join_text(separator, whole, run)


def is_text(subject: Object) -> bool:
    """Whether an object is a text that is known."""
    return isinstance(constant(subject), str)


def _formatted(arguments: Arguments, run: Run) -> Object:
    template, *given = arguments.positional or [Object()]
    return builtins.formatted(template, given)


class _Text(Native):
    """A `StringBuilder`: the texts that are appended."""

    __slots__ = ("parts",)

    def __init__(self, parts: ListObject) -> None:
        super().__init__("", on_attribute=self._asked)
        self.parts = parts

    def _asked(self, name: str, run: Run) -> Object | None:
        if name == "append":
            return shared.native(name, self._append)
        if name in ("toString", "reverse"):
            return shared.native(name, lambda arguments, run: self._whole())
        return None

    def _append(self, arguments: Arguments, run: Run) -> Object:
        for value in arguments.positional[:1]:
            self.parts.append(value, run)
        return self

    def _whole(self) -> Object:
        if self.parts.partial:
            return derived("text", *self.parts.elements[:20])
        return concatenate(self.parts.elements)


def _builder(arguments: Arguments, run: Run) -> Object:
    given = [one for one in arguments.positional if not isinstance(constant(one), int)]
    return _Text(ListObject(given, depth=run.loops))


def _required(arguments: Arguments, run: Run) -> Object:
    return shared.first(arguments)


def _or_default(arguments: Arguments, run: Run) -> Object:
    """`Objects.requireNonNullElse(value, default)`."""
    value = shared.first(arguments)
    return shared.first(Arguments(arguments.positional[1:], {})) if is_nothing(value) else value


def _path(arguments: Arguments, run: Run) -> Object:
    return shared.join_path(list(arguments.positional))


def _wrapped(arguments: Arguments, run: Run) -> Object:
    """`new BufferedReader(reader)`: what is read is what it reads."""
    return shared.first(arguments)


def _same_class(name: str, functions: Mapping[str, Plain | Object] | None = None) -> Native:
    return _class(name, functions or {}, _wrapped)


def _values() -> Mapping[str, Object]:
    plain = ("valueOf", "parseInt", "parseLong", "parseDouble", "toString", "fromString", "create")
    same: dict[str, Plain | Object] = dict.fromkeys(plain, shared.same)
    readers = (
        *("BufferedReader", "InputStreamReader", "ByteArrayInputStream", "StringReader"),
        *("BufferedInputStream", "FileInputStream", "FileReader"),
    )
    text: dict[str, Plain | Object] = {**same, "join": _joined_text, "format": _formatted}
    system: dict[str, Plain | Object] = {
        "getenv": _variable,
        "getProperty": _property,
        "exit": _exit,
        **{name: _fresh(f"System.{name}") for name in _FRESH},
    }
    return {
        "java.lang.String": _class("String", text, _wrapped),
        **{
            f"java.lang.{name}": _class(name, same, _wrapped)
            for name in ("Integer", "Long", "Double", "Boolean", "Float")
        },
        **{
            f"java.lang.{name}": _class(name, {}, _builder)
            for name in ("StringBuilder", "StringBuffer")
        },
        "java.lang.System": shared.namespace("System", system),
        "java.lang.Math": Native("Math", on_attribute=lambda name, run: _pure(name)),
        "java.lang.Thread": async_model.thread_class(),
        "java.util.Optional": shared.namespace(
            "Optional",
            {
                "of": builtins.optional,
                "ofNullable": builtins.optional,
                "empty": lambda arguments, run: builtins.Optional(nothing()),
            },
        ),
        "java.util.Objects": shared.namespace(
            "Objects",
            {
                "requireNonNull": _required,
                "requireNonNullElse": _or_default,
                "toString": _required,
            },
        ),
        "java.util.UUID": shared.namespace(
            "UUID", {"randomUUID": _fresh("UUID.randomUUID"), "fromString": shared.same}
        ),
        "java.util.concurrent.atomic.AtomicReference": _same_class("AtomicReference"),
        **{f"java.io.{name}": _same_class(name) for name in readers},
        "java.io.File": _class("File", {"createTempFile": _fresh("File.createTempFile")}, _path),
        "java.nio.file.Paths": shared.namespace("Paths", {"get": _path}),
        "java.nio.file.Path": shared.namespace("Path", {"of": _path}),
        "java.net.URLDecoder": shared.namespace("URLDecoder", {"decode": shared.same}),
        "java.net.URLEncoder": shared.namespace("URLEncoder", {"encode": shared.same}),
        "java.util.Base64": shared.namespace("Base64", {}),
        **{
            f"java.time.{name}": shared.namespace(name, {"now": _fresh(f"{name}.now")})
            for name in ("Instant", "LocalDate", "LocalDateTime", "ZonedDateTime")
        },
        "java.time.Duration": async_model.duration(),
    }


def _pure(name: str) -> Object:
    return shared.native(name, shared.pure(name))


def _exit(arguments: Arguments, run: Run) -> Object:
    run.exit()
    return nothing()


def _base64() -> Object:
    coder = shared.namespace(
        "coder",
        dict.fromkeys(("decode", "encode", "encodeToString", "withoutPadding"), shared.same),
    )
    names = ("getDecoder", "getEncoder", "getUrlDecoder", "getUrlEncoder", "getMimeDecoder")
    return shared.namespace("Base64", dict.fromkeys(names, lambda arguments, run: coder))


# --------------------------------------------------------------------------------------------------


class _Request(Native):
    """A request of `java.net.http`, or its builder."""

    __slots__ = ("method", "url")

    def __init__(self, url: Object | None, method: str = "GET") -> None:
        super().__init__("request", on_attribute=self._asked)
        self.url = url
        self.method = method

    def _asked(self, name: str, run: Run) -> Object | None:
        def called(arguments: Arguments, run: Run) -> Object:
            made = _Request(self.url, self.method)
            made.needs = self.needs | argument_needs(arguments)
            given = shared.first(arguments) if arguments.positional else Object("url")
            if name == "uri":
                made.url = given
            elif name == "method":
                method = constant(given)
                made.method = method if isinstance(method, str) else ""
            elif name.isupper():
                made.method = name
            return made

        return shared.native(name, called)


def _send(asynchronous: bool) -> Plain:
    def sent(arguments: Arguments, run: Run) -> Object:
        request = shared.first(arguments)
        url = request.url if isinstance(request, _Request) else None
        method = request.method if isinstance(request, _Request) else ""
        made = {"url": url or Object("url"), "**": Object("", argument_needs(arguments))}
        return (run.start if asynchronous else run.request)("http", "", method, made)

    return sent


def _http_client(arguments: Arguments, run: Run) -> Object:
    made = shared.namespace("HttpClient", {"send": _send(False), "sendAsync": _send(True)})
    made.on_attribute = lambda name, run: shared.native(name, lambda given, run: made)
    return made


def _connection(arguments: Arguments, run: Run) -> Object:
    """`new URL(url)`, whose connection makes its request when its answer is asked for."""
    return _Connection(shared.first(arguments))


class _Connection(Native):
    __slots__ = ("answer", "method", "url")

    def __init__(self, url: Object) -> None:
        super().__init__("connection", on_attribute=self._asked, needs=url.needs)
        self.url = url
        self.method = "GET"
        self.answer: Object | None = None

    def _asked(self, name: str, run: Run) -> Object | None:
        if name in ("getInputStream", "getResponseCode", "openStream", "getContent"):
            return shared.native(name, self._answered)
        if name in ("setRequestMethod", "setDoOutput"):
            return shared.native(name, self._set)
        if name == "getOutputStream":
            return shared.native(name, lambda arguments, run: Object("stream"))
        return shared.native(name, lambda arguments, run: self)

    def _set(self, arguments: Arguments, run: Run) -> Object:
        given = constant(shared.first(arguments))
        if isinstance(given, str):
            self.method = given
        elif given is True and self.method == "GET":
            self.method = "POST"
        return nothing()

    def _answered(self, arguments: Arguments, run: Run) -> Object:
        if self.answer is None:
            self.answer = run.request("http", "", self.method, {"url": self.url})
        return self.answer


def _http() -> Mapping[str, Object]:
    client = _class("HttpClient", dict.fromkeys(("newHttpClient", "newBuilder"), _http_client))
    request = shared.namespace(
        "HttpRequest",
        {
            "newBuilder": lambda arguments, run: _Request(
                arguments.positional[0] if arguments.positional else None
            )
        },
    )
    request.attributes = {
        **request.attributes,
        "BodyPublishers": Native("BodyPublishers", on_attribute=lambda name, run: _same(name)),
    }
    return {
        "java.net.http.HttpClient": client,
        "java.net.http.HttpRequest": request,
        "java.net.URI": _class("URI", {"create": shared.same}, _wrapped),
        "java.net.URL": _class("URL", {}, _connection),
    }


def _same(name: str) -> Object:
    return shared.native(name, shared.same)


def _concurrency() -> Mapping[str, Object]:
    executor = _class("executor", {"commonPool": async_model.executor}, async_model.executor)
    return {
        "java.util.concurrent.CompletableFuture": async_model.future_class(),
        "java.util.concurrent.Executors": async_model.executors(),
        "java.util.concurrent.ForkJoinPool": executor,
        "java.util.concurrent.ThreadPoolExecutor": executor,
        "java.util.concurrent.StructuredTaskScope": executor,
        "java.util.concurrent.CountDownLatch": _class("latch", {}, async_model.latch),
        "java.util.concurrent.TimeUnit": async_model.units(),
    }


_MODULES: Mapping[str, Object] = {
    **_collections(),
    **_values(),
    "java.util.Base64": _base64(),
    **_concurrency(),
    **_http(),
}


def module(name: str) -> Object | None:
    """A class of Java's library; None for others."""
    return _MODULES.get(name)


# --------------------------------------------------------------------------------------------------


def _refer(arguments: Arguments, run: Run) -> Object:
    """`Type::method` called: the method of the type itself, or of the first argument."""
    kind, name, *given = arguments.positional
    method = constant(name)
    if not isinstance(method, str):
        return Object()
    if _is_static(kind, method):
        return run.call(run.get_attribute(kind, method), Arguments(given, {}))
    if not given:
        return run.call(run.get_attribute(kind, method), Arguments([], {}))
    return run.call(run.get_attribute(given[0], method), Arguments(given[1:], {}), given[0])


def _is_static(kind: Object, name: str) -> bool:
    if isinstance(kind, ClassObject):
        found = kind.lookup(name)
        return isinstance(found, FunctionObject) and found.node.kind == "static"
    return isinstance(kind, Native) and name in kind.attributes and name != "toString"


def _inject(arguments: Arguments, run: Run) -> Object:
    return classes.inject(shared.first(arguments), run)


GLOBALS: Mapping[str, Object] = {
    "refer": shared.native("refer", _refer),
    "inject": shared.native("inject", _inject),
}

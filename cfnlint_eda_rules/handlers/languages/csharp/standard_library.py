"""What .NET's own library does with values: texts, collections, JSON, the environment, streams."""

from __future__ import annotations

from collections.abc import Mapping

from cfnlint_eda_rules.handlers.interpreter.constructs import Plain
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ListObject,
    RecordObject,
    argument_needs,
    constant,
    derived,
    literal,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.languages.csharp import async_model, builtins


def _class(name: str, functions: Mapping[str, Plain | Object], made: Plain | None = None) -> Native:
    found = shared.namespace(name, functions)
    found.on_call = made
    return found


def _fresh(name: str) -> Plain:
    """A function that answers with something new each time."""
    return lambda arguments, run: run.unknown_call(Object(name), arguments)


def _new_list(arguments: Arguments, run: Run) -> Object:
    given = arguments.positional[:1]
    if given and not isinstance(constant(given[0]), int | float):
        return shared.listed(given[0], run)
    return ListObject(depth=run.loops)


def _new_map(arguments: Arguments, run: Run) -> Object:
    made = RecordObject()
    for given in arguments.positional[:1]:
        if not isinstance(constant(given), int | float):
            made.update(given, run)
    return made


def _variable(arguments: Arguments, run: Run) -> Object:
    """`Environment.GetEnvironmentVariable(name)`."""
    name = constant(shared.first(arguments))
    if isinstance(name, str):
        return shared.environment(name)
    return derived("GetEnvironmentVariable", *arguments.positional)


def _joined(arguments: Arguments, run: Run) -> Object:
    separator, *items = arguments.positional or [literal("")]
    whole = items[0] if len(items) == 1 else run.items(items)
    return shared.join_text(separator, whole, run)


def _formatted(arguments: Arguments, run: Run) -> Object:
    template, *given = arguments.positional or [Object()]
    return builtins.formatted(template, given)


def _concatenated(arguments: Arguments, run: Run) -> Object:
    given = arguments.positional
    whole = given[0] if len(given) == 1 else run.items(given)
    return shared.join_text(literal(""), whole, run)


def _path(arguments: Arguments, run: Run) -> Object:
    return shared.join_path(list(arguments.positional))


def _part(part: str) -> Plain:
    return lambda arguments, run: shared.path_part(part, shared.first(arguments))


def _serialised(arguments: Arguments, run: Run) -> Object:
    return builtins.encoded(shared.first(arguments)) if arguments.positional else nothing()


def _written(arguments: Arguments, run: Run) -> Object:
    """`JsonSerializer.SerializeAsync(stream, value)`."""
    return async_model.task_class().call(Arguments([], {}), run)


def _deserialised(arguments: Arguments, run: Run) -> Object:
    return shared.decode_json(shared.first(arguments)) if arguments.positional else RecordObject()


def _wrapped(arguments: Arguments, run: Run) -> Object:
    """`new StreamReader(stream)`: what is read is what it reads."""
    return shared.first(arguments) if arguments.positional else Object("stream")


class _Reader(Native):
    """A reader of a stream or text: what it reads is that."""

    __slots__ = ("subject",)

    def __init__(self, subject: Object) -> None:
        super().__init__("reader", on_attribute=self._asked, needs=subject.needs)
        self.subject = subject

    def _asked(self, name: str, run: Run) -> Object | None:
        if name.startswith("Read"):
            return shared.native(name, lambda arguments, run: self.subject)
        return None


def _reader(arguments: Arguments, run: Run) -> Object:
    return _Reader(_wrapped(arguments, run))


def _printed(arguments: Arguments, run: Run) -> Object:
    return nothing()


class _Text(Native):
    """A `StringBuilder`: the texts that are appended."""

    __slots__ = ("parts",)

    def __init__(self, parts: ListObject) -> None:
        super().__init__("", on_attribute=self._asked)
        self.parts = parts

    def _asked(self, name: str, run: Run) -> Object | None:
        if name in ("Append", "AppendLine", "AppendFormat"):
            return shared.native(name, self._append)
        if name == "ToString":
            return shared.native(
                name, lambda arguments, run: shared.join_text(literal(""), self.parts, run)
            )
        return None

    def _append(self, arguments: Arguments, run: Run) -> Object:
        for value in arguments.positional[:1]:
            self.parts.append(value, run)
        return self


def _builder(arguments: Arguments, run: Run) -> Object:
    given = [one for one in arguments.positional if not isinstance(constant(one), int)]
    return _Text(ListObject(given, depth=run.loops))


def _exit(arguments: Arguments, run: Run) -> Object:
    run.exit()
    return nothing()


def _counted(arguments: Arguments, run: Run) -> Object:
    """`Enumerable.Range(start, count)`."""
    numbers = [constant(one) for one in arguments.positional]
    match numbers:
        case [int(start), int(count)] if 0 <= count <= 50:
            return ListObject([literal(start + index) for index in range(count)])
    return ListObject([Object("index")], True)


def _empty(arguments: Arguments, run: Run) -> Object:
    return ListObject(depth=run.loops)


def _url(arguments: Arguments, run: Run) -> Object:
    """`new Uri(text)`, `new Uri(base, relative)`."""
    given = arguments.positional
    return shared.join_path(given) if len(given) > 1 else shared.first(arguments)


def _lazy(arguments: Arguments, run: Run) -> Object:
    """`new Lazy<T>(() => value)`."""
    action = shared.first(arguments)
    value = run.once(action) if arguments.positional else Object("lazy")
    return Native("lazy", attributes={"Value": value})


def _random(arguments: Arguments, run: Run) -> Object:
    return Native("random", on_attribute=lambda name, run: shared.native(name, _fresh(name)))


_LISTS = (
    *(
        "List",
        "HashSet",
        "Queue",
        "Stack",
        "LinkedList",
        "SortedSet",
        "ConcurrentBag",
        "Collection",
    ),
    *("ConcurrentQueue", "ObservableCollection", "ImmutableList", "ConcurrentStack"),
)
_MAPS = (
    *("Dictionary", "SortedDictionary", "ConcurrentDictionary", "SortedList", "JObject"),
    *("JsonObject", "NameValueCollection", "Hashtable"),
)
_NUMBERS = (
    "Int32",
    "Int",
    "Int64",
    "Long",
    "Double",
    "Decimal",
    "Bool",
    "Boolean",
    "Float",
    "Guid",
)
_STREAMS = ("MemoryStream", "StringContent", "ByteArrayContent", "StreamContent")


def _text_class() -> Native:
    functions: dict[str, Plain | Object] = {
        "Join": _joined,
        "Format": _formatted,
        "Concat": _concatenated,
        "IsNullOrEmpty": shared.pure("empty"),
        "IsNullOrWhiteSpace": shared.pure("empty"),
        "Equals": shared.pure("equals"),
        "Copy": shared.same,
    }
    made = _class("String", functions, _wrapped)
    made.attributes = {**made.attributes, "Empty": literal("")}
    return made


def _number_class(name: str) -> Native:
    same = dict.fromkeys(("Parse", "TryParse", "FromString"), shared.same)
    made = _class(name, {**same, "NewGuid": _fresh("Guid.NewGuid")}, _wrapped)
    return made


def _times(name: str) -> Native:
    """`DateTime`: what is now is something new each time."""

    def attribute(asked: str, run: Run) -> Object | None:
        if asked in ("Now", "UtcNow", "Today"):
            return run.unknown_call(Object(f"{name}.{asked}"), Arguments([], {}))
        return shared.native(asked, shared.pure(asked))

    return Native(name, on_call=shared.pure(name), on_attribute=attribute)


def _encoding() -> Native:
    coder = shared.namespace("coder", dict.fromkeys(("GetBytes", "GetString"), shared.same))
    return Native("Encoding", on_attribute=lambda name, run: coder)


def _json() -> Mapping[str, Object]:
    reads = dict.fromkeys(
        ("Deserialize", "DeserializeObject", "Parse", "DeserializeAsync"), _deserialised
    )
    writes: dict[str, Plain | Object] = {
        **dict.fromkeys(
            (
                *("Serialize", "SerializeObject", "SerializeToUtf8Bytes", "FromObject"),
                *("SerializeToNode", "SerializeToElement"),
            ),
            _serialised,
        ),
        "SerializeAsync": _written,
    }
    names = ("JsonSerializer", "JsonConvert", "JsonDocument", "JsonNode", "JToken", "JArray")
    return {
        **{name: _class(name, {**reads, **writes}) for name in names},
        **{name: _class(name, {**reads, **writes}, _new_map) for name in ("JObject", "JsonObject")},
    }


_TYPES: Mapping[str, Object] = {
    **{name: _class(name, {"Empty": _empty}, _new_list) for name in _LISTS},
    **{name: _class(name, {}, _new_map) for name in _MAPS},
    "Array": _class("Array", {"Empty": _empty}),
    "Enumerable": _class("Enumerable", {"Range": _counted, "Empty": _empty}),
    **{name: _number_class(name) for name in _NUMBERS},
    "String": _text_class(),
    "StringBuilder": _class("StringBuilder", {}, _builder),
    "Environment": shared.namespace(
        "Environment", {"GetEnvironmentVariable": _variable, "Exit": _exit}
    ),
    "Console": Native("Console", on_attribute=lambda name, run: shared.native(name, _printed)),
    "Math": Native("Math", on_attribute=lambda name, run: shared.native(name, shared.pure(name))),
    "Convert": Native("Convert", on_attribute=lambda name, run: shared.native(name, shared.same)),
    "Task": async_model.task_class(),
    "ValueTask": async_model.task_class(),
    "Parallel": async_model.parallel_class(),
    "TimeSpan": async_model.time_span(),
    "Thread": _class("Thread", {"Sleep": async_model.sleep}, async_model.thread),
    **_json(),
    "Encoding": _encoding(),
    "Path": shared.namespace(
        "Path",
        {
            **dict.fromkeys(("Combine", "Join"), _path),
            "GetFileName": _part("basename"),
            "GetFileNameWithoutExtension": _part("stem"),
            "GetExtension": _part("extension"),
            "GetDirectoryName": _part("dirname"),
            "GetTempPath": lambda arguments, run: literal("/tmp"),
            "GetTempFileName": _fresh("Path.GetTempFileName"),
            "GetRandomFileName": _fresh("Path.GetRandomFileName"),
        },
    ),
    **{name: _class(name, {}, _reader) for name in ("StreamReader", "StringReader")},
    **{name: _class(name, {}, _wrapped) for name in _STREAMS},
    "JsonContent": _class("JsonContent", {"Create": _serialised}),
    "Uri": _class(
        "Uri", {"EscapeDataString": shared.same, "UnescapeDataString": shared.same}, _url
    ),
    "HttpUtility": _class("HttpUtility", dict.fromkeys(("UrlDecode", "UrlEncode"), shared.same)),
    "WebUtility": _class("WebUtility", dict.fromkeys(("UrlDecode", "UrlEncode"), shared.same)),
    **{name: _times(name) for name in ("DateTime", "DateTimeOffset", "DateOnly")},
    "Lazy": _class("Lazy", {}, _lazy),
    "Random": _class("Random", {"Shared": Object("random")}, _random),
    "KeyValuePair": _class(
        "KeyValuePair",
        {},
        lambda arguments, run: RecordObject(
            dict(zip(("Key", "Value"), arguments.positional, strict=False)),
            needs=argument_needs(arguments),
        ),
    ),
}


def module(name: str) -> Object | None:
    """A type of .NET's library; None for others."""
    return _TYPES.get(name)

"""Java's built-ins: the methods of texts, collections, streams, optionals and functions, and what
beans have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.constructs import Action
from cfnlint_eda_rules.handlers.interpreter.objects import (
    Choice,
    ClassObject,
    FunctionObject,
    Instance,
    ListObject,
    Method,
    RecordObject,
    choose,
    concatenate,
    constant,
    derived,
    event_path,
    is_nothing,
    literal,
    needs_of,
    nothing,
    sliced,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Known,
    Native,
    Object,
    Promise,
    Run,
)
from cfnlint_eda_rules.handlers.interpreter.unknowns import plain_attribute
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.languages.java import async_model
from cfnlint_eda_rules.handlers.languages.java.async_model import apply, over
from cfnlint_eda_rules.handlers.symbolic_values import ContextField

_FLUENT = ("set", "add", "with", "put", "append", "write", "header")


def _map(subject: Object, arguments: Arguments, run: Run) -> Object:
    function = shared.first(arguments)
    results, partial = over(subject, lambda element: apply(function, (element,), run), run)
    return ListObject(results, partial, depth=run.loops)


def _flat_map(subject: Object, arguments: Arguments, run: Run) -> Object:
    mapped = _map(subject, arguments, run)
    found: list[Object] = []
    partial = isinstance(mapped, ListObject) and mapped.partial
    for result in run.elements(mapped)[0]:
        elements, more = run.elements(result)
        found += elements
        partial = partial or more
    return ListObject(found, partial, depth=run.loops)


def _for_each(subject: Object, arguments: Arguments, run: Run) -> Object:
    function = shared.first(arguments)
    if async_model.takes(function, run) == 2:
        pairs = _pairs(subject, run)
        run.each(pairs, lambda pair, index: apply(function, _both(pair, run), run))
    else:
        over(subject, lambda element: apply(function, (element,), run), run)
    return nothing()


def _both(pair: Object, run: Run) -> tuple[Object, Object]:
    entries, _ = run.entries(pair)
    return entries.get("key", Object("key")), entries.get("value", Object("value"))


def _peek(subject: Object, arguments: Arguments, run: Run) -> Object:
    _for_each(subject, arguments, run)
    return subject


def _filter(subject: Object, arguments: Arguments, run: Run) -> Object:
    over(subject, lambda element: apply(shared.first(arguments), (element,), run), run)
    if event_path(subject) is not None:
        return subject
    kind = type(subject) if isinstance(subject, ListObject) else ListObject
    return kind(run.elements(subject)[0], True, needs_of(subject), run.loops)


def _match(subject: Object, arguments: Arguments, run: Run) -> Object:
    function = shared.first(arguments)
    results, _ = over(subject, lambda element: apply(function, (element,), run), run)
    return derived("match", subject, *results)


def _first(subject: Object, arguments: Arguments, run: Run) -> Object:
    return Optional(run.iterate(subject))


def _reduce(subject: Object, arguments: Arguments, run: Run) -> Object:
    *start, function = arguments.positional or [Object()]
    value = start[0] if start else run.iterate(subject)

    def step(element: Object, index: Object) -> Object:
        nonlocal value
        value = apply(function, (value, element), run)
        return value

    run.each(subject, step, passes=2)
    return value if start else Optional(value)


def _collect(subject: Object, arguments: Arguments, run: Run) -> Object:
    collector = shared.first(arguments) if arguments.positional else None
    if isinstance(collector, Native) and collector.on_call is not None:
        return run.invoke(collector, (subject,))
    return ListObject(*run.elements(subject)) if _is_parallel(subject) else subject


def _is_parallel(subject: Object) -> bool:
    return isinstance(subject, async_model.ParallelStream)


# --------------------------------------------------------------------------------------------------


def _get(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`list.get(0)`, `map.get(key)`; `optional.get()`, `supplier.get()`, `future.get()`."""
    if isinstance(subject, Promise):
        return run.join(subject)
    if isinstance(subject, FunctionObject):
        return run.invoke(subject)
    return shared.looked_up(subject, arguments, run) if arguments.positional else subject


def _join(subject: Object, arguments: Arguments, run: Run) -> Object:
    return run.join(subject)


def _add(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        for value in arguments.positional[-1:]:
            subject.append(value, run)
        return literal(True)
    return _changed(subject, arguments, run)


def _add_all(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject) and arguments.positional:
        subject.extend(arguments.positional[-1], run)
        return literal(True)
    return _changed(subject, arguments, run)


def _changed(subject: Object, arguments: Arguments, run: Run) -> Object:
    """Something unknown that is added to: it is made of what it is given, too."""
    if type(subject) is Object:
        for argument in arguments.positional:
            subject.needs |= needs_of(argument)
    answer = run.unknown_call(plain_attribute(subject, "add"), arguments)
    return subject if type(answer) is Object else answer


def _put(subject: Object, arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) != 2:
        return run.unknown_call(plain_attribute(subject, "put"), arguments)
    key, value = arguments.positional
    subject.set_item(key, value, run)
    if type(subject) is Object:
        subject.needs |= needs_of(value)
    return subject


def _put_all(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, RecordObject):
        subject.update(shared.first(arguments), run)
    return nothing()


def _removed(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        run.write(subject.cells, "partial", True)
    elif isinstance(subject, RecordObject):
        run.write(subject.flags, "partial", True)
    return run.element(subject, shared.first(arguments) if arguments.positional else None)


def _compute(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`map.computeIfAbsent(key, key -> value)`."""
    if len(arguments.positional) != 2:
        return run.unknown_call(plain_attribute(subject, "compute"), arguments)
    key, function = arguments.positional
    found = run.get_item(subject, key)
    made = run.alternatives([lambda: found, lambda: apply(function, (key,), run)])
    subject.set_item(key, made, run)
    return made


def _pairs(subject: Object, run: Run) -> Object:
    if isinstance(subject, RecordObject) and not subject.partial:
        pairs = [RecordObject({"key": literal(k), "value": v}) for k, v in subject.entries.items()]
        return ListObject(pairs)
    value = run.element(subject, None)
    if isinstance(subject, RecordObject) and subject.entries:
        value = choose(subject.entries.values())
    pair = RecordObject({"key": derived("key", subject), "value": value})
    return ListObject([pair], True)


def _entry_set(subject: Object, arguments: Arguments, run: Run) -> Object:
    return _pairs(subject, run)


def _keys(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, RecordObject) and not subject.partial:
        return ListObject([literal(name) for name in subject.entries])
    return ListObject([derived("key", subject)], True)


def _values(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        return subject
    entries, partial = run.entries(subject)
    if entries or not partial:
        return ListObject(entries.values(), partial)
    return ListObject([run.element(subject, None)], True)


def _size(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject) and not subject.partial:
        return literal(len(subject.elements), subject.needs)
    text = constant(subject)
    return literal(len(text), subject.needs) if isinstance(text, str) else derived("size", subject)


def _is_empty(subject: Object, arguments: Arguments, run: Run) -> Object:
    text = constant(subject)
    if isinstance(text, str):
        return literal(not text.strip(), subject.needs)
    if isinstance(subject, ListObject) and not subject.partial:
        return literal(not subject.elements, subject.needs)
    return derived("empty", subject)


def _has(subject: Object, arguments: Arguments, run: Run) -> Object:
    text, part = constant(subject), constant(shared.first(arguments))
    if isinstance(text, str) and isinstance(part, str):
        return literal(part in text, subject.needs)
    return derived("has", subject, *arguments.positional)


# --------------------------------------------------------------------------------------------------


class Optional(Native):
    """`Optional`: something, or nothing."""

    __slots__ = ("held",)

    def __init__(self, held: Object) -> None:
        super().__init__("", on_attribute=self._asked, needs=held.needs)
        self.held = held

    def _asked(self, name: str, run: Run) -> Object | None:
        action = _OPTIONAL.get(name)
        return None if action is None else Method(self.held, name, action, self)


def optional(arguments: Arguments, run: Run) -> Object:
    """`Optional.of(value)`."""
    return Optional(shared.first(arguments))


def _mapped(subject: Object, arguments: Arguments, run: Run) -> Object:
    made = apply(shared.first(arguments), (subject,), run)
    return made if isinstance(made, Optional) else Optional(made)


def _if_present(subject: Object, arguments: Arguments, run: Run) -> Object:
    given = arguments.positional
    if given:
        other = given[1:2]
        if other:
            run.alternatives(
                [lambda: apply(given[0], (subject,), run), lambda: apply(other[0], (), run)],
                needs_of(subject),
            )
        else:
            run.perhaps(lambda: apply(given[0], (subject,), run))
    return nothing()


def _or_else(subject: Object, arguments: Arguments, run: Run) -> Object:
    default = shared.first(arguments)
    if isinstance(default, FunctionObject):
        found = run.alternatives([lambda: subject, lambda: run.invoke(default)], needs_of(subject))
        return found
    if constant(default) in (None, "", 0, False) or event_path(subject) is not None:
        return subject
    return choose([subject, default], needs_of(subject))


def _kept(subject: Object, arguments: Arguments, run: Run) -> Object:
    return Optional(subject)


_OPTIONAL: Mapping[str, Action] = {
    "map": _mapped,
    "flatMap": _mapped,
    "filter": _kept,
    "or": _kept,
    "stream": lambda subject, arguments, run: ListObject([subject], True),
    "ifPresent": _if_present,
    "ifPresentOrElse": _if_present,
    "orElse": _or_else,
    "orElseGet": _or_else,
    "orElseThrow": shared.keep,
    "get": shared.keep,
    "isPresent": lambda subject, arguments, run: derived("present", subject),
    "isEmpty": lambda subject, arguments, run: derived("empty", subject),
}


# --------------------------------------------------------------------------------------------------


def _apply(subject: Object, arguments: Arguments, run: Run) -> Object:
    """The method of a functional interface."""
    function = async_model.function_of(subject, run)
    if function is subject and not isinstance(subject, FunctionObject | Choice | Native):
        return run.unknown_call(plain_attribute(subject, "apply"), arguments)
    return run.call(function, arguments)


def _replace(subject: Object, arguments: Arguments, run: Run) -> Object:
    if event_path(subject) is not None and constant(arguments.get("", 1)) == " ":
        return subject  # plus signs of an S3 notification's key, before it is decoded
    given = [constant(argument) for argument in arguments.positional]
    if len(given) == 2 and all(isinstance(one, str) for one in given):
        return shared.text_method("replace", str.replace)(subject, arguments, run)
    return derived("replace", subject, *arguments.positional)


def _substring(subject: Object, arguments: Arguments, run: Run) -> Object:
    text = constant(subject)
    given = [constant(argument) for argument in arguments.positional]
    if isinstance(text, str) and given and all(isinstance(index, int) for index in given):
        return literal(text[slice(*[*given, None][:2])], subject.needs)
    return sliced(subject, arguments.positional, run)


def formatted(template: Object, given: list[Object]) -> Object:
    """`String.format(template, ...)`."""
    text = constant(template)
    if not isinstance(text, str) or text.count("%s") + text.count("%d") != text.count("%"):
        return derived("format", template, *given)
    pieces = text.replace("%d", "%s").split("%s")
    if len(pieces) != len(given) + 1:
        return derived("format", template, *given)
    parts: list[Object] = [literal(pieces[0])]
    for value, piece in zip(given, pieces[1:], strict=True):
        parts += [value, literal(piece)]
    return concatenate(parts)


def _concat(subject: Object, arguments: Arguments, run: Run) -> Object:
    return concatenate([subject, *arguments.positional])


def _at(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`node.at("/a/b")` of a JSON tree."""
    path = constant(shared.first(arguments))
    if not isinstance(path, str):
        return derived("at", subject, *arguments.positional)
    found = subject
    for name in path.split("/")[1:20]:
        found = run.get_item(found, literal(name))
    return found


_TEXT: dict[str, Callable[..., Any]] = {
    "toLowerCase": str.lower,
    "toUpperCase": str.upper,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "indexOf": str.find,
    "lastIndexOf": str.rfind,
}
_SAME = (
    *("stream", "toList", "distinct", "sorted", "limit", "skip", "boxed", "sequential"),
    *("iterator", "listIterator", "toArray", "trim", "strip", "intern", "getBytes", "toCharArray"),
    *("asText", "textValue", "asString", "toPrettyString", "asUtf8String", "asByteArray"),
    *("asInputStream", "asByteBuffer", "asUtf8ByteBuffer", "readAllBytes", "duplicate", "rewind"),
    *(
        "toString",
        "getAsString",
        "getAsJsonObject",
        "getAsJsonArray",
        "asLong",
        "asInt",
        "elements",
    ),
    *("intValue", "longValue", "doubleValue", "clone", "toURI", "toUri", "normalize", "toPath"),
    *("toFile", "toAbsolutePath", "collectList", "asJson", "getContentAsString", "stripIndent"),
    *("orElseThrow", "subList", "reversed", "mapToObj", "unordered"),
)

METHODS: Mapping[str, Action] = {
    **dict.fromkeys(_SAME, shared.keep),
    **async_model.METHODS,
    "parallelStream": async_model.parallel,
    "parallel": async_model.parallel,
    **dict.fromkeys(("map", "mapToObj", "mapToInt", "mapToLong", "mapToDouble"), _map),
    "flatMap": _flat_map,
    **dict.fromkeys(("forEach", "forEachOrdered", "forEachRemaining"), _for_each),
    "peek": _peek,
    **dict.fromkeys(("filter", "takeWhile", "dropWhile"), _filter),
    **dict.fromkeys(("anyMatch", "allMatch", "noneMatch", "removeIf"), _match),
    **dict.fromkeys(("findFirst", "findAny", "min", "max"), _first),
    "reduce": _reduce,
    "collect": _collect,
    **dict.fromkeys(("get", "path", "getOrDefault", "opt", "optString", "getString"), _get),
    "at": _at,
    "join": _join,
    **dict.fromkeys(("add", "offer", "push", "addLast", "addFirst"), _add),
    "addAll": _add_all,
    **dict.fromkeys(("put", "putIfAbsent", "addProperty", "set"), _put),
    "putAll": _put_all,
    **dict.fromkeys(("remove", "poll", "pop"), _removed),
    **dict.fromkeys(("computeIfAbsent", "compute", "computeIfPresent"), _compute),
    "entrySet": _entry_set,
    "keySet": _keys,
    "values": _values,
    **dict.fromkeys(("size", "length", "count"), _size),
    **dict.fromkeys(("isEmpty", "isBlank"), _is_empty),
    **dict.fromkeys(("contains", "containsKey", "has", "hasNonNull"), _has),
    **dict.fromkeys(
        (
            *("apply", "accept", "test", "run", "call", "applyAsInt", "applyAsLong"),
            *("getAsInt", "getAsBoolean"),
        ),
        _apply,
    ),
    "split": shared.split,
    **dict.fromkeys(("replace", "replaceAll", "replaceFirst"), _replace),
    "substring": _substring,
    "formatted": lambda subject, arguments, run: formatted(subject, arguments.positional),
    "concat": _concat,
    **{name: shared.text_method(name, compute) for name, compute in _TEXT.items()},
}


# --------------------------------------------------------------------------------------------------


def own_attribute(subject: Object, name: str, run: Run) -> Object | None:
    """Attributes that only some things have: what getters of events and beans get, static members,
    what is asked of something unknown.
    """
    match subject:
        case ClassObject():
            return _static(subject, name, run)
        case Instance():
            return _bean(subject, name, run)
        case RecordObject():
            return _entry(subject, name, run)
        case ListObject() if name == "length" and not subject.partial:
            return literal(len(subject.elements))
        case Known(known=ContextField("")):
            return _context(subject, name)
        case Known() | Object() if name not in METHODS and type(subject) in (Known, Object):
            plain = plain_attribute(subject, field_of(subject, name))
            return Method(subject, name, _asked(name, plain), plain)
    return None


def _context(subject: Object, name: str) -> Object | None:
    if name == "getLogger":
        return shared.native(name, lambda arguments, run: Object("logger"))
    plain = plain_attribute(subject, bean_field(name) or name)
    return Method(subject, name, lambda subject, arguments, run: plain, plain)


def _asked(name: str, plain: Object) -> Action:
    """A method of something unknown: without arguments, what it asks for."""

    def action(subject: Object, arguments: Arguments, run: Run) -> Object:
        if not arguments.positional and not arguments.partial:
            return plain
        if type(subject) is Object and name.startswith(_FLUENT):
            for argument in arguments.positional:
                subject.needs |= needs_of(argument)
        return run.unknown_call(plain, arguments)

    return action


def bean_field(name: str) -> str:
    """The field that a getter gets; "" for other methods."""
    for prefix in ("get", "is"):
        rest = name.removeprefix(prefix)
        if rest != name and rest[:1].isupper():
            return rest[:1].lower() + rest[1:]
    return ""


def field_of(subject: Object, name: str) -> str:
    """The field of an event that a method of its class gets, as the event spells it."""
    path = event_path(subject)
    field = bean_field(name) or name
    if path is None:
        return field
    known = load("java_events")
    if path and path[-1] in known["capitalised"]:
        return field[:1].upper() + field[1:]
    found: str = known["fields"].get(field, field)
    return found


def _static(kind: ClassObject, name: str, run: Run) -> Object | None:
    """A static field or nested class, which is a variable of the class's file."""
    for ancestor in kind.line():
        if isinstance(ancestor, ClassObject):
            found = ancestor.scope.variables.get(f"{ancestor.node.name}.{name}")
            if found is not None:
                return found
    match name:
        case "valueOf":
            return shared.native(name, shared.same)
        case "values":
            return shared.native(name, lambda arguments, run: _constants(kind))
        case "builder":
            return shared.native(name, lambda arguments, run: _Builder(kind))
        case "getSimpleName" | "getName":
            return shared.native(name, lambda arguments, run: literal(kind.node.name))
    return None


def _constants(kind: ClassObject) -> Object:
    """The constants of an enumeration."""
    prefix = f"{kind.node.name}."
    named = [
        value
        for name, value in kind.scope.variables.items()
        if name.startswith(prefix) and isinstance(value, Instance | Known)
    ]
    return ListObject(named, not named)


class _Builder(Native):
    """What Lombok's `@Builder` makes: an instance with the fields that are set."""

    __slots__ = ("fields", "kind")

    def __init__(self, kind: ClassObject) -> None:
        super().__init__("builder", on_attribute=self._asked)
        self.kind = kind
        self.fields: dict[str, Object] = {}

    def _asked(self, name: str, run: Run) -> Object:
        def called(arguments: Arguments, run: Run) -> Object:
            if name == "build":
                return self._built(run)
            self.fields[name] = shared.first(arguments)
            return self

        return shared.native(name, called)

    def _built(self, run: Run) -> Object:
        made = Instance(self.kind)
        for name, value in self.fields.items():
            run.write(made.attributes, name, value)
        return made


def _bean(instance: Instance, name: str, run: Run) -> Object | None:
    """What Lombok, records and enumerations give a class."""
    if name in ("name", "toString") and "$name" in instance.attributes:
        return shared.native(name, lambda arguments, run: instance.attributes["$name"])
    places = (f".{name}", bean_field(name))
    found = next((instance.attributes[one] for one in places if one in instance.attributes), None)
    if found is not None:
        held = found
        return shared.native(name, lambda arguments, run: held)
    if name.startswith("set") and len(name) > 3:
        field = name[3:4].lower() + name[4:]
        return shared.native(name, lambda arguments, run: _set(instance, field, arguments, run))
    return None


def _set(instance: Instance, field: str, arguments: Arguments, run: Run) -> Object:
    instance.set_attribute(field, shared.first(arguments), run)
    return nothing()


def _entry(record: RecordObject, name: str, run: Run) -> Object | None:
    """What a method of a request, an answer or a pair gets: `request.bucket()`, `pair.getKey()`."""
    for field in (bean_field(name), name):
        for spelled in (field, field[:1].upper() + field[1:]):
            found = record.entries.get(spelled) if spelled else None
            if found is not None and name not in ("get", "size"):
                return _getter(record, name, found)
    if name not in METHODS and (record.partial or bean_field(name)):
        plain = derived(bean_field(name) or name, record)
        return Method(record, name, _asked(name, plain), plain)
    return None


def _getter(record: RecordObject, name: str, found: Object) -> Object:
    def action(subject: Object, arguments: Arguments, run: Run) -> Object:
        method = METHODS.get(name)
        if arguments.positional and method is not None:
            return method(record, arguments, run)
        return found

    return Method(record, name, action, found)


def encoded(subject: Object, depth: int = 0) -> Object:
    """What a mapper writes of an object: the fields of a bean."""
    match subject:
        case Instance() if depth < 6:
            entries = {
                name.removeprefix("."): encoded(value, depth + 1)
                for name, value in subject.attributes.items()
                if not name.startswith((" ", "$")) and not is_nothing(value)
            }
            return RecordObject(entries, partial=True)
        case ListObject() if depth < 6:
            items = [encoded(item, depth + 1) for item in subject.elements]
            return ListObject(items, subject.partial, subject.needs)
        case Optional():
            return encoded(subject.held, depth + 1)
        case _:
            return shared.encode_json(subject)

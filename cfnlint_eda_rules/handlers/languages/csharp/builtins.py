"""C#'s built-ins: the methods of texts, collections, LINQ and JSON values, and the properties of
events.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.constructs import Action
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
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
from cfnlint_eda_rules.handlers.languages.csharp import async_model
from cfnlint_eda_rules.handlers.languages.csharp.async_model import apply, over
from cfnlint_eda_rules.handlers.symbolic_values import Environment, Literal, Text

_HOLE = re.compile(r"\{(\d{1,2})(?:[,:][^{}]*)?\}")
_MOST_HOLES = 20


def _select(subject: Object, arguments: Arguments, run: Run) -> Object:
    function = shared.first(arguments)
    results, partial = run.each(
        subject, lambda element, index: apply(function, [element, index], run)
    )
    return ListObject(results, partial, depth=run.loops)


def _select_many(subject: Object, arguments: Arguments, run: Run) -> Object:
    function = shared.first(arguments)
    results, partial = over(subject, lambda element: apply(function, [element], run), run)
    found: list[Object] = []
    for result in results:
        elements, more = run.elements(result)
        found += elements
        partial = partial or more
    return ListObject(found, partial, depth=run.loops)


def _for_each(subject: Object, arguments: Arguments, run: Run) -> Object:
    function = shared.first(arguments)
    over(subject, lambda element: apply(function, [element], run), run)
    return nothing()


def _where(subject: Object, arguments: Arguments, run: Run) -> Object:
    over(subject, lambda element: apply(shared.first(arguments), [element], run), run)
    if event_path(subject) is not None:
        return subject
    return ListObject(run.elements(subject)[0], True, needs_of(subject), run.loops)


def _tested(subject: Object, arguments: Arguments, run: Run) -> Object:
    results, _ = over(subject, lambda element: apply(shared.first(arguments), [element], run), run)
    return derived("any", subject, *results)


def _any(subject: Object, arguments: Arguments, run: Run) -> Object:
    if arguments.positional:
        return _tested(subject, arguments, run)
    if isinstance(subject, ListObject) and not subject.partial:
        return literal(bool(subject.elements), subject.needs)
    return derived("any", subject)


def _one(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`First()`, `Single(test)`."""
    if arguments.positional and not isinstance(constant(arguments.positional[0]), int | str):
        over(subject, lambda element: apply(shared.first(arguments), [element], run), run)
    if isinstance(subject, ListObject) and not subject.partial and subject.elements:
        return choose(subject.elements) if arguments.positional else subject.elements[0]
    return run.iterate(subject)


def _aggregate(subject: Object, arguments: Arguments, run: Run) -> Object:
    *start, function = arguments.positional or [Object()]
    value = start[0] if start else run.iterate(subject)

    def step(element: Object, index: Object) -> Object:
        nonlocal value
        value = apply(function, [value, element], run)
        return value

    run.each(subject, step, passes=2)
    return value


def _chunked(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`Chunk(10)`, `GroupBy(key)`: lists of some of the elements."""
    part = ListObject(run.elements(subject)[0], True, needs_of(subject), run.loops)
    return ListObject([part], True, depth=run.loops)


def _added(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`list.Add(x)`, `map.Add(key, value)`."""
    given = arguments.positional
    if isinstance(subject, ListObject):
        for value in given[-1:]:
            subject.append(value, run)
        return nothing()
    if len(given) == 2:
        subject.set_item(given[0], given[1], run)
    if type(subject) is Object:
        for value in given:
            subject.needs |= needs_of(value)
    return run.unknown_call(plain_attribute(subject, "Add"), arguments)


def _put(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`map.TryAdd(key, value)`."""
    if len(arguments.positional) == 2 and isinstance(subject, RecordObject):
        subject.set_item(arguments.positional[0], arguments.positional[1], run)
        return derived("added", subject)
    return _added(subject, arguments, run)


def _added_all(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject) and arguments.positional:
        subject.extend(arguments.positional[0], run)
        return nothing()
    return _added(subject, arguments, run)


def _joined(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`Concat(others)`, `Append(one)`."""
    elements, partial = run.elements(subject)
    for given in arguments.positional[:1]:
        more, some = run.elements(given)
        elements, partial = [*elements, *more], partial or some
    return ListObject(elements, partial, depth=run.loops)


def _removed(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        run.write(subject.cells, "partial", True)
    elif isinstance(subject, RecordObject):
        run.write(subject.flags, "partial", True)
    return run.element(subject, shared.first(arguments) if arguments.positional else None)


def _to_dictionary(subject: Object, arguments: Arguments, run: Run) -> Object:
    made = RecordObject()
    functions = arguments.positional[:2]

    def one(element: Object) -> Object:
        key = apply(functions[0], [element], run) if functions else Object("key")
        value = apply(functions[1], [element], run) if len(functions) > 1 else element
        made.set_item(key, value, run)
        return nothing()

    over(subject, one, run)
    return made


def _looked_up(subject: Object, arguments: Arguments, run: Run) -> Object:
    return shared.looked_up(subject, arguments, run)


def _count(subject: Object, arguments: Arguments, run: Run) -> Object:
    if arguments.positional:
        return _tested(subject, arguments, run)
    if isinstance(subject, ListObject) and not subject.partial:
        return literal(len(subject.elements), subject.needs)
    text = constant(subject)
    return literal(len(text), subject.needs) if isinstance(text, str) else derived("count", subject)


def _contains(subject: Object, arguments: Arguments, run: Run) -> Object:
    text, part = constant(subject), constant(shared.first(arguments))
    if isinstance(text, str) and isinstance(part, str):
        return literal(part in text, subject.needs)
    return derived("contains", subject, *arguments.positional)


# --------------------------------------------------------------------------------------------------


def _replaced(subject: Object, arguments: Arguments, run: Run) -> Object:
    if event_path(subject) is not None and constant(arguments.get("", 0)) in ("+", "%20"):
        return subject  # plus signs of an S3 notification's key
    return shared.text_method("Replace", str.replace)(subject, arguments, run)


def _substring(subject: Object, arguments: Arguments, run: Run) -> Object:
    text = constant(subject)
    given = [constant(argument) for argument in arguments.positional]
    if isinstance(text, str) and given and all(isinstance(index, int) for index in given):
        end = given[0] + given[1] if len(given) > 1 else None
        return literal(text[given[0] : end], subject.needs)
    return sliced(subject, arguments.positional[:1], run)


def formatted(template: Object, given: list[Object]) -> Object:
    """`string.Format(template, ...)`."""
    text = constant(template)
    if not isinstance(text, str) or len(given) > _MOST_HOLES:
        return derived("format", template, *given)
    parts: list[Object] = []
    after = 0
    for hole in _HOLE.finditer(text):
        number = int(hole[1])
        parts.append(literal(text[after : hole.start()]))
        parts.append(given[number] if number < len(given) else Object())
        after = hole.end()
        if len(parts) > 2 * _MOST_HOLES:
            return derived("format", template, *given)
    return concatenate([*parts, literal(text[after:])])


_TEXT: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("ToLower", "ToLowerInvariant"), str.lower),
    **dict.fromkeys(("ToUpper", "ToUpperInvariant"), str.upper),
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
    "IndexOf": str.find,
    "LastIndexOf": str.rfind,
    "Trim": str.strip,
    "TrimStart": str.lstrip,
    "TrimEnd": str.rstrip,
    "PadLeft": str.rjust,
    "PadRight": str.ljust,
}
_SAME = (
    *("ToList", "ToArray", "ToHashSet", "AsEnumerable", "AsQueryable", "Distinct", "DistinctBy"),
    *("OrderBy", "OrderByDescending", "ThenBy", "Skip", "Take", "Reverse", "Cast", "AsParallel"),
    *("OfType", "ToImmutableList", "AsReadOnly", "Except", "Union", "AsSpan"),
    *("ToString", "GetString", "GetInt32", "GetInt64", "GetBoolean", "GetRawText", "ToObject"),
    *(
        "EnumerateArray",
        "EnumerateObject",
        "AsString",
        "ToJson",
        "Clone",
        "GetBytes",
        "ToLocalTime",
    ),
    *("ToUniversalTime", "GetValueOrDefault2", "ReadAsStringAsync", "AsDocument", "ToCharArray"),
    *("GetGuid", "GetDateTime", "AsInt", "ToInvariantString", "EnsureSuccessStatusCode"),
)

METHODS: Mapping[str, Action] = {
    **dict.fromkeys(_SAME, shared.keep),
    **async_model.METHODS,
    "Select": _select,
    "SelectMany": _select_many,
    **dict.fromkeys(("ForEach", "ForAll"), _for_each),
    **dict.fromkeys(("Where", "TakeWhile", "SkipWhile", "FindAll", "RemoveAll"), _where),
    **dict.fromkeys(("All", "Exists", "TrueForAll"), _tested),
    "Any": _any,
    **dict.fromkeys(
        (
            *("First", "FirstOrDefault", "Single", "SingleOrDefault", "Last", "LastOrDefault"),
            *("ElementAt", "ElementAtOrDefault", "Find", "MinBy", "MaxBy"),
        ),
        _one,
    ),
    "Aggregate": _aggregate,
    **dict.fromkeys(("Chunk", "GroupBy"), _chunked),
    **dict.fromkeys(("Add", "Enqueue", "Push", "AddLast", "Insert"), _added),
    "TryAdd": _put,
    "AddRange": _added_all,
    **dict.fromkeys(("Concat", "Append", "UnionBy"), _joined),
    **dict.fromkeys(
        ("Remove", "RemoveAt", "Dequeue", "Pop", "TryDequeue", "TryTake", "TryPop"), _removed
    ),
    **dict.fromkeys(("ToDictionary", "ToLookup"), _to_dictionary),
    **dict.fromkeys(
        (
            *("TryGetValue", "GetValueOrDefault", "GetProperty", "TryGetProperty", "GetValue"),
            "SelectToken",
        ),
        _looked_up,
    ),
    **dict.fromkeys(("Count", "LongCount"), _count),
    **dict.fromkeys(("Contains", "ContainsKey"), _contains),
    "Split": shared.split,
    "Replace": _replaced,
    "Substring": _substring,
    "Invoke": lambda subject, arguments, run: run.call(subject, arguments),
    **{name: shared.text_method(name, compute) for name, compute in _TEXT.items()},
}

# --------------------------------------------------------------------------------------------------


def own_attribute(subject: Object, name: str, run: Run) -> Object | None:
    """Attributes that only some things have: properties of events and collections, nested types."""
    match subject:
        case Promise() if name == "Result":
            return run.join(subject)
        case ClassObject():
            return _static(subject, name)
        case ListObject() if name in ("Length", "Count") and not subject.partial:
            return Method(subject, name, _count, literal(len(subject.elements), subject.needs))
        case RecordObject() if name in ("Keys", "Values"):
            return _keys(subject) if name == "Keys" else _values(subject)
        case RecordObject() | ListObject() if name in ("RootElement", "Value"):
            return subject
        case Known(known=Literal() | Text() | Environment()) if name in ("Value", "RootElement"):
            return subject
    if event_path(subject) is not None:
        if name == "RootElement":
            return subject
        plain = plain_attribute(subject, field_of(subject, name))
        action = METHODS.get(name)
        return plain if action is None else Method(subject, name, action, plain)
    return None


def field_of(subject: Object, name: str) -> str:
    """The field of an event that a property of its class has, as the event spells it."""
    path = event_path(subject) or ()
    known = load("csharp_events")
    if path and path[-1] in known["capitalised"]:
        return name
    found: str = known["fields"].get(name) or name[:1].lower() + name[1:]
    return found


def _static(kind: ClassObject, name: str) -> Object | None:
    """A nested type, which is a variable of the file."""
    for ancestor in kind.line():
        if isinstance(ancestor, ClassObject):
            found = ancestor.scope.variables.get(f"{ancestor.node.name}.{name}")
            if found is not None:
                return found
    return None


def _keys(subject: RecordObject) -> Object:
    if not subject.partial:
        return ListObject([literal(name) for name in subject.entries])
    return ListObject([derived("key", subject)], True)


def _values(subject: RecordObject) -> Object:
    return ListObject(list(subject.entries.values()), subject.partial or not subject.entries)


def encoded(subject: Object, depth: int = 0) -> Object:
    """What a serializer writes of an object: its properties."""
    match subject:
        case Instance() if depth < 6:
            entries = {
                name: encoded(value, depth + 1)
                for name, value in subject.attributes.items()
                if not is_nothing(value)
            }
            return RecordObject(entries, partial=True)
        case ListObject() if depth < 6:
            items = [encoded(item, depth + 1) for item in subject.elements]
            return ListObject(items, subject.partial, subject.needs)
        case _:
            return shared.encode_json(subject)


def initialised(subject: Object, given: Object, run: Run) -> Object:
    """`new Order { Id = "1" }`: the object with what its initialiser sets; a request of a library
    is what is set.
    """
    if isinstance(given, ListObject):
        if isinstance(subject, ListObject):
            return given
        return given if not isinstance(subject, Instance) else subject
    entries, _ = run.entries(given)
    if isinstance(subject, Instance | Native):
        for name, value in entries.items():
            subject.set_attribute(name, value, run)
        return subject
    needs = needs_of(subject) | needs_of(given)
    if isinstance(subject, RecordObject):
        subject.update(given, run)
        return subject
    return RecordObject(dict(entries), True, needs)

"""JavaScript's built-ins: globals, and the methods of texts, arrays and objects."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

from cfnlint_eda_rules.handlers.interpreter.constructs import (
    Action,
    Plain,
)
from cfnlint_eda_rules.handlers.interpreter.objects import (
    MAX_ELEMENTS,
    ClassObject,
    FunctionObject,
    Instance,
    ListObject,
    RecordObject,
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
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.languages.javascript import async_model

# --------------------------------------------------------------------------------------------------


def _map(subject: Object, arguments: Arguments, run: Run) -> Object:
    results, partial = shared.called_for_each(subject, shared.first(arguments), run)
    return ListObject(results, partial, depth=run.loops)


def _flat_map(subject: Object, arguments: Arguments, run: Run) -> Object:
    results, partial = shared.called_for_each(subject, shared.first(arguments), run)
    return _flattened(results, partial, run)


def _flat(subject: Object, arguments: Arguments, run: Run) -> Object:
    elements, partial = run.elements(subject)
    return _flattened(elements, partial, run)


def _flattened(items: list[Object], partial: bool, run: Run) -> Object:
    found: list[Object] = []
    for item in items:
        if len(found) > MAX_ELEMENTS:
            break
        if isinstance(item, ListObject):
            found += item.elements[:MAX_ELEMENTS]
            partial = partial or item.partial
        else:
            found.append(item)
    return ListObject(found, partial, depth=run.loops)


def _for_each(subject: Object, arguments: Arguments, run: Run) -> Object:
    shared.called_for_each(subject, shared.first(arguments), run)
    return nothing()


def _filter(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(shared.first(arguments), FunctionObject):
        shared.called_for_each(subject, shared.first(arguments), run)
    if event_path(subject) is not None:
        return subject
    return ListObject(run.elements(subject)[0], True, needs_of(subject), run.loops)


def _find(subject: Object, arguments: Arguments, run: Run) -> Object:
    shared.called_for_each(subject, shared.first(arguments), run)
    return run.iterate(subject)


def _some(subject: Object, arguments: Arguments, run: Run) -> Object:
    results, _ = shared.called_for_each(subject, shared.first(arguments), run)
    return derived("some", subject, *results)


def _reduce(subject: Object, arguments: Arguments, run: Run) -> Object:
    function = shared.first(arguments)
    value = arguments.positional[1] if len(arguments.positional) > 1 else run.iterate(subject)

    def step(element: Object, index: Object) -> Object:
        nonlocal value
        value = run.invoke(function, (value, element, index))
        return value

    run.each(subject, step, passes=2)
    return value


def _same_elements(subject: Object, arguments: Arguments, run: Run) -> Object:
    return subject


def _slice(subject: Object, arguments: Arguments, run: Run) -> Object:
    text = constant(subject)
    given = [constant(argument) for argument in arguments.positional]
    if isinstance(text, str) and all(isinstance(index, int) for index in given):
        return literal(text[slice(*[*given, None][:2])], subject.needs)
    return subject if not arguments.positional else sliced(subject, arguments.positional, run)


def _push(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        for value in arguments.positional:
            subject.append(value, run)
        if arguments.partial:
            run.write(subject.cells, "partial", True)
    return Object("length")


def _pop(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject) and not subject.partial and not subject.elements:
        return nothing()
    if isinstance(subject, ListObject):
        run.write(subject.cells, "partial", True)
    return run.iterate(subject)


def _splice(subject: Object, arguments: Arguments, run: Run) -> Object:
    return ListObject(run.elements(subject)[0], True, needs_of(subject), run.loops)


def _concat(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        others = [
            other if isinstance(other, RecordObject) else ListObject(*run.elements(other))
            for other in arguments.positional
        ]
        return _flattened([subject, *others], False, run)
    if isinstance(constant(subject), str):
        return concatenate([subject, *arguments.positional])
    return derived("concat", subject, *arguments.positional)


def _join(subject: Object, arguments: Arguments, run: Run) -> Object:
    return shared.join_text(
        arguments.positional[0] if arguments.positional else literal(","), subject, run
    )


def _at(subject: Object, arguments: Arguments, run: Run) -> Object:
    return run.get_item(subject, shared.first(arguments))


def _keys(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, RecordObject):
        return ListObject([literal(name) for name in subject.entries], subject.partial)
    return ListObject([derived("key", subject)], True)


def _values(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        return subject
    entries, partial = run.entries(subject)
    return (
        ListObject(entries.values(), partial)
        if entries or not partial
        else ListObject([run.element(subject, None)], True)
    )


def _entries(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, ListObject):
        return ListObject(
            [ListObject([Object("index"), element]) for element in subject.elements],
            subject.partial,
        )
    entries, partial = run.entries(subject)
    pairs: list[Object] = [ListObject([literal(name), value]) for name, value in entries.items()]
    if partial and not pairs:
        pairs.append(ListObject([derived("key", subject), run.element(subject, None)]))
    return ListObject(pairs, partial)


def _set(subject: Object, arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) > 1:
        subject.set_item(arguments.positional[0], arguments.positional[1], run)
    return subject


def _has(subject: Object, arguments: Arguments, run: Run) -> Object:
    return derived("has", subject, *arguments.positional)


def _get(subject: Object, arguments: Arguments, run: Run) -> Object:
    if any(isinstance(argument, FunctionObject) for argument in arguments.positional):
        return run.unknown_call(subject, arguments)  # a library's own `get`, with a callback
    if type(subject) is Object and any(
        isinstance(argument, ClassObject) for argument in arguments.positional
    ):
        return run.unknown_call(
            Object(f"{subject.expression}.get", subject.needs), arguments
        )  # a container's
    return run.get_item(subject, shared.first(arguments))


# --------------------------------------------------------------------------------------------------


def _replace(subject: Object, arguments: Arguments, run: Run) -> Object:
    if event_path(subject) is not None and constant(arguments.get("", 1)) == " ":
        return subject  # plus signs of an S3 notification's key, before it is decoded
    text, old, new = (
        constant(subject),
        constant(arguments.get("", 0)),
        constant(arguments.get("", 1)),
    )
    if isinstance(text, str) and isinstance(old, str) and isinstance(new, str):
        return shared.text_method("replace", str.replace)(subject, arguments, run)
    replacement = arguments.get("", 1)
    if isinstance(replacement, FunctionObject):
        run.invoke(replacement, (Object("match"),))
    return derived(
        "replace",
        subject,
        *(
            argument
            for argument in arguments.positional
            if not isinstance(argument, FunctionObject)
        ),
    )


def _to_string(subject: Object, arguments: Arguments, run: Run) -> Object:
    if isinstance(subject, Instance):
        special = subject.own("toString", run)
        if special is not None:
            return run.invoke(special)
    return subject


def _bind(subject: Object, arguments: Arguments, run: Run) -> Object:
    if not isinstance(subject, FunctionObject):
        bound = arguments.positional[1:]
        if not bound or (isinstance(subject, Object) and type(subject) is Object):
            return subject
        return Native(
            subject.expression,
            on_call=lambda given, run: run.call(
                subject, Arguments([*bound, *given.positional], {})
            ),
        )
    this = arguments.positional[0] if arguments.positional else None
    return subject.binding(
        None if this is None or is_nothing(this) else this, arguments.positional[1:]
    )


def _call(subject: Object, arguments: Arguments, run: Run) -> Object:
    this = arguments.positional[0] if arguments.positional else None
    return run.call(subject, Arguments(arguments.positional[1:], {}, arguments.partial), this)


def _apply(subject: Object, arguments: Arguments, run: Run) -> Object:
    given, partial = (
        run.elements(arguments.positional[1]) if len(arguments.positional) > 1 else ([], False)
    )
    this = arguments.positional[0] if arguments.positional else None
    if isinstance(subject, FunctionObject) and subject.this is not None:
        this = subject.this
    return run.call(subject, Arguments(list(given), {}, partial), this)


def _trim(subject: Object, arguments: Arguments, run: Run) -> Object:
    text = constant(subject)
    return literal(text.strip(), subject.needs) if isinstance(text, str) else subject


_TEXT: dict[str, Callable[..., Any]] = {
    "toLowerCase": str.lower,
    "toUpperCase": str.upper,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "includes": lambda text, part: part in text,
    "indexOf": str.find,
    "lastIndexOf": str.rfind,
    "padStart": lambda text, length, fill=" ": text.rjust(length, fill),
}

METHODS: Mapping[str, Action] = {
    "then": async_model.then,
    "catch": async_model.catch,
    "finally": async_model.finally_,
    "map": _map,
    "flatMap": _flat_map,
    "flat": _flat,
    "forEach": _for_each,
    "filter": _filter,
    "find": _find,
    "findLast": _find,
    "findIndex": _some,
    "some": _some,
    "every": _some,
    "reduce": _reduce,
    "reduceRight": _reduce,
    "sort": _same_elements,
    "reverse": _same_elements,
    "slice": _slice,
    "substring": _slice,
    "splice": _splice,
    "push": _push,
    "unshift": _push,
    "add": _push,
    "pop": _pop,
    "shift": _pop,
    "concat": _concat,
    "join": _join,
    "at": _at,
    "keys": _keys,
    "values": _values,
    "entries": _entries,
    "set": _set,
    "get": _get,
    "has": _has,
    "split": shared.split,
    "replace": _replace,
    "replaceAll": _replace,
    "toString": _to_string,
    "toJSON": _to_string,
    "valueOf": _to_string,
    "trim": _trim,
    "normalize": _trim,
    "bind": _bind,
    "call": _call,
    "apply": _apply,
    **{name: shared.text_method(name, compute) for name, compute in _TEXT.items()},
}


# What compilers and bundlers write to make one kind of module look like the other: the module stays
# what it is.
INTEROPERATION: Mapping[str, Object] = {
    name: shared.native(name, shared.same)
    for name in (
        "__toESM",
        "__toCommonJS",
        "__importDefault",
        "__importStar",
        "_interopRequireDefault",
        "_interopRequireWildcard",
        "__name",
    )
}


def own_attribute(subject: Object, name: str, run: Run) -> Object | None:
    """Attributes that only some things have."""
    if name in ("length", "size"):
        if isinstance(subject, ListObject):
            return (
                Object("", needs_of(subject)) if subject.partial else literal(len(subject.elements))
            )
        text = constant(subject)
        return (
            literal(len(text), subject.needs) if isinstance(text, str) else derived(name, subject)
        )
    if name == "prototype" and isinstance(subject, FunctionObject):
        made = RecordObject()
        run.write(subject.attributes, "prototype", made)
        return made
    if name == "prototype" and isinstance(subject, ClassObject):
        return RecordObject(dict(subject.members), True)
    if name == "name" and isinstance(subject, FunctionObject | ClassObject):
        return literal(subject.node.name)
    if name == "constructor" and isinstance(subject, Instance):
        return subject.kind
    if name == "default" and type(subject) in (Object, RecordObject, FunctionObject):
        return subject  # the default export of a module that has none is the module
    return None


# --------------------------------------------------------------------------------------------------


def _assign(arguments: Arguments, run: Run) -> Object:
    target, *others = arguments.positional or [RecordObject()]
    for other in others:
        if isinstance(target, RecordObject):
            target.update(other, run)
        else:
            for name, value in run.entries(other)[0].items():
                target.set_attribute(name, value, run)
    return target


def _from_entries(arguments: Arguments, run: Run) -> Object:
    elements, partial = run.elements(shared.first(arguments))
    made = RecordObject(partial=partial)
    for pair in elements:
        made.set_item(run.get_item(pair, literal(0)), run.get_item(pair, literal(1)), run)
    return made


def _define_property(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) < 3:
        return Object()
    target, key, descriptor = arguments.positional[:3]
    name = constant(key)
    entries, _ = run.entries(descriptor)
    if not isinstance(name, str) or name == "__esModule":
        return target
    getter = entries.get("get")
    if getter is not None:
        # Read at once: what it names may come later, so it is asked where the property is.
        run.write(target.entries, name, _lazy(getter)) if isinstance(
            target, RecordObject
        ) else target.set_attribute(name, Object(), run)
    elif "value" in entries:
        target.set_attribute(name, entries["value"], run)
    return target


def _lazy(getter: Object) -> Object:
    if isinstance(getter, FunctionObject):
        made = FunctionObject(
            dataclasses.replace(getter.node, kind="getter"), getter.scope, getter.file
        )
        made.owner = getter.owner
        return made
    return getter


def _array_from(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    if isinstance(subject, RecordObject) and "length" in subject.entries:
        length = constant(subject.entries["length"])
        items: Object = (
            ListObject([literal(None)] * length)
            if isinstance(length, int) and 0 <= length <= 8
            else ListObject([Object("item")], True)
        )
    elif isinstance(subject, RecordObject):
        items = _entries(subject, arguments, run)
    else:
        items = shared.listed(subject, run)
    if len(arguments.positional) > 1:
        return _map(items, Arguments(arguments.positional[1:], {}), run)
    return items


def _new_array(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) == 1 and not isinstance(constant(shared.first(arguments)), str):
        return ListObject((), True, depth=run.loops)
    return ListObject(arguments.positional, arguments.partial, depth=run.loops)


def _new_map(arguments: Arguments, run: Run) -> Object:
    return (
        _from_entries(arguments, run)
        if arguments.positional and not is_nothing(shared.first(arguments))
        else RecordObject()
    )


def _new_set(arguments: Arguments, run: Run) -> Object:
    if not arguments.positional or is_nothing(shared.first(arguments)):
        return ListObject(depth=run.loops)
    return shared.listed(shared.first(arguments), run)


def _text(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    found = constant(subject)
    return subject if found is MISSING else literal(str(found), subject.needs)


def _number(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    found = constant(subject)
    if isinstance(found, str) and found.lstrip("-").isdigit() and len(found) < 16:
        return literal(int(found), subject.needs)
    return subject


def _exit(arguments: Arguments, run: Run) -> Object:
    run.exit()
    return Object()


def _environment() -> Native:
    return Native(
        "env",
        on_attribute=lambda name, run: shared.environment(name),
        on_item=lambda key, run: (
            shared.environment(str(constant(key)))
            if isinstance(constant(key), str)
            else Object(f"env[{key.text()}]")
        ),
    )


def _object_text(subject: Object, run: Run) -> Object:
    """What `JSON.stringify` sees: an instance is its fields."""
    if isinstance(subject, Instance):
        return RecordObject(dict(subject.attributes), False)
    return shared.encode_json(subject)


@functools.cache
def global_names() -> Mapping[str, Object]:
    functions: dict[str, Plain] = {
        "String": _text,
        "Number": _number,
        "parseInt": _number,
        "parseFloat": _number,
        "BigInt": _number,
        "Boolean": shared.same,
        "Map": _new_map,
        "WeakMap": _new_map,
        "Set": _new_set,
        "setTimeout": async_model.set_timeout,
        "setInterval": async_model.interval,
        "setImmediate": async_model.set_immediate,
        "queueMicrotask": async_model.set_immediate,
        "encodeURIComponent": shared.pure("encodeURIComponent"),
        "encodeURI": shared.pure("encodeURI"),
        "decodeURIComponent": shared.same,
        "decodeURI": shared.same,
        "unescape": shared.same,
        "structuredClone": lambda arguments, run: shared.copied(shared.first(arguments), run),
        "atob": shared.same,
        "btoa": shared.same,
    }
    made: dict[str, Object] = {
        name: shared.native(name, behaviour) for name, behaviour in functions.items()
    }
    made["undefined"] = nothing()
    made["require"] = shared.native("require", shared.computed_import)
    made["import"] = shared.native("import", shared.computed_import)
    made["Promise"] = async_model.promise_class()
    made["JSON"] = shared.namespace(
        "JSON",
        {
            "parse": lambda arguments, run: shared.decode_json(shared.first(arguments)),
            "stringify": lambda arguments, run: _object_text(shared.first(arguments), run),
        },
    )
    made["Object"] = shared.namespace(
        "Object",
        {
            "keys": lambda arguments, run: _keys(shared.first(arguments), arguments, run),
            "values": lambda arguments, run: _values(shared.first(arguments), arguments, run),
            "entries": lambda arguments, run: _entries(shared.first(arguments), arguments, run),
            "assign": _assign,
            "fromEntries": _from_entries,
            "getOwnPropertyNames": lambda arguments, run: _keys(
                shared.first(arguments), arguments, run
            ),
            "freeze": shared.same,
            "seal": shared.same,
            "create": lambda arguments, run: (
                shared.copied(shared.first(arguments), run)
                if isinstance(shared.first(arguments), RecordObject)
                else RecordObject()
            ),
            "defineProperty": _define_property,
        },
    )
    made["Array"] = shared.namespace(
        "Array", {"from": _array_from, "of": _new_array, "isArray": shared.pure("isArray")}
    )
    assert isinstance(made["Array"], Native)
    made["Array"].on_call = _new_array
    made["Reflect"] = shared.namespace(
        "Reflect",
        {
            "apply": lambda arguments, run: _apply(
                shared.first(arguments), Arguments(arguments.positional[1:], {}), run
            )
        },
    )
    made["Buffer"] = shared.namespace(
        "Buffer",
        {
            "from": shared.same,
            "concat": lambda arguments, run: shared.join_text(
                literal(""), shared.first(arguments), run
            ),
            "alloc": shared.pure("alloc"),
        },
    )
    made["process"] = shared.namespace(
        "process",
        {
            "env": _environment(),
            "exit": _exit,
            "nextTick": async_model.set_immediate,
            "on": lambda arguments, run: nothing(),
        },
    )
    made["awslambda"] = shared.namespace("awslambda", {"streamifyResponse": shared.same})
    made["TextDecoder"] = shared.native(
        "TextDecoder",
        lambda arguments, run: shared.namespace("TextDecoder", {"decode": shared.same}),
    )
    made["TextEncoder"] = shared.native(
        "TextEncoder",
        lambda arguments, run: shared.namespace("TextEncoder", {"encode": shared.same}),
    )
    # `Symbol.iterator`, `Math`, `Date`, `Error`, `console`: nothing to know of them.
    return made


def global_name(name: str) -> Object | None:
    """A global of Node."""
    if name in ("globalThis", "global"):
        return Native(name, on_attribute=lambda key, run: global_name(key))
    return global_names().get(name)

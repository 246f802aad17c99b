"""Python's built-ins: functions, and the methods of texts, lists and mappings."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from cfnlint_eda_rules.budget import walked
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.constructs import (
    Action,
    Counter,
    Keeps,
    Plain,
)
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    FunctionObject,
    Instance,
    ListObject,
    RecordObject,
    choose,
    concatenate,
    constant,
    derived,
    event_path,
    literal,
    needs_of,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Known,
    Native,
    Object,
    Promise,
    Run,
)
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.languages.python import async_model
from cfnlint_eda_rules.handlers.symbolic_values import EventField

# One way to read each: flags end where the width begins, which no zero does.
_CONVERSION = re.compile(r"%(?:\((\w+)\))?[-+ 0#]*(?:[1-9]\d*)?(?:\.\d+)?[srdifxeg]")
_FIELD = re.compile(r"\{([^{}]*)\}")

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
            and run.loops <= subject.depth
        ):
            last = subject.elements[-1]
            run.write(subject.cells, "elements", subject.elements[:-1])
            return last
        return run.iterate(subject)
    found = shared.looked_up(subject, arguments, run)
    name = constant(shared.first(arguments))
    if isinstance(subject, RecordObject) and str(name) in subject.entries:
        run.write(subject.entries, str(name), MISSING)
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
        return subject.filled(lambda run: default, run)
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
        run.write(subject.cells, "elements", ())
        run.write(subject.cells, "partial", run.loops > subject.depth)
    elif isinstance(subject, RecordObject):
        for name in list(subject.entries):
            run.write(subject.entries, name, MISSING)
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


def _partition(last: bool) -> Action:
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


def percent(template: str, values: Object, run: Run) -> Object:
    """`"..." % values`."""
    given = iter(
        values.elements if isinstance(values, ListObject) and not values.partial else [values]
    )
    pieces = _CONVERSION.split(template)
    walked(4 * len(pieces))
    parts: list[Object] = []
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            parts.append(literal(piece.replace("%%", "%")))
        elif piece is not None:
            parts.append(run.get_item(values, literal(piece)))
        else:
            parts.append(next(given, Object()))
        if index % 2 == 0 and index + 1 < len(pieces):
            continue
    return concatenate(parts)


def _formatted(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`"...{}...".format(...)`."""
    template = constant(subject)
    if not isinstance(template, str):
        return derived("format", subject, *arguments.positional, *arguments.named.values())
    parts: list[Object] = []
    position = 0
    pieces = _FIELD.split(template)
    walked(4 * len(pieces))
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            parts.append(literal(piece.replace("{{", "{").replace("}}", "}")))
            continue
        name = piece.partition(":")[0].partition("!")[0]
        root = re.split(r"[.\[]", name)[0]
        if root == "":
            found = arguments.get("", position)
            position += 1
        else:
            found = arguments.get(root, int(root) if re.fullmatch("[0-9]{1,3}", root) else None)
        parts.append(
            found
            if found is not None and root == name
            else derived(name, found)
            if found is not None
            else Object()
        )
    return concatenate(parts)


def united(left: Object, right: Object, run: Run) -> Object:
    """`left | right` of two mappings, and what `+` makes of a list and something that is none."""
    made = RecordObject()
    made.update(left, run)
    made.update(right, run)
    return made


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


def _strip(compute: Callable[..., Any], name: str) -> Action:
    plain = shared.text_method(name, compute)

    def action(subject: Object, arguments: Arguments, run: Run) -> Object:
        return (
            subject
            if not arguments.positional and constant(subject) is MISSING
            else plain(subject, arguments, run)
        )

    return action


SUPER = " super"  # the variable that keeps what `super()` means: no name a program can write

METHODS: Mapping[str, Action] = {
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
    "format": _formatted,
    "replace": _replace,
    "encode": shared.keep,
    "decode": shared.keep,
    "strip": _strip(str.strip, "strip"),
    "lstrip": _strip(str.lstrip, "lstrip"),
    "rstrip": _strip(str.rstrip, "rstrip"),
    "read": _read,
    **{name: shared.text_method(name, compute) for name, compute in _TEXT.items()},
}


def own_attribute(subject: Object, name: str) -> Object | None:
    """Attributes that only some things have."""
    if isinstance(subject, Promise):
        return async_model.future_attribute(subject, name)
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


def counted(arguments: Arguments, run: Run) -> Object:
    needs = (
        frozenset[int]().union(*(needs_of(argument) for argument in arguments.positional))
        if arguments.positional
        else frozenset()
    )
    return Counter("range", needs)


def _enumerate(arguments: Arguments, run: Run) -> Object:
    elements, partial = run.elements(shared.first(arguments))
    if isinstance(shared.first(arguments), Counter):
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
        [ListObject([run.iterate(argument) for argument in arguments.positional])], True
    )


def _map(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) < 2:
        return Object()
    function, subject = arguments.positional[:2]
    results, partial = run.each(subject, lambda element, index: run.invoke(function, (element,)))
    return ListObject(results, partial)


def _filter(arguments: Arguments, run: Run) -> Object:
    if len(arguments.positional) < 2:
        return Object()
    function, subject = arguments.positional[:2]
    if constant(function) is MISSING:
        run.each(subject, lambda element, index: run.invoke(function, (element,)))
    return (
        subject if event_path(subject) is not None else ListObject(run.elements(subject)[0], True)
    )


def new_dict(arguments: Arguments, run: Run) -> Object:
    made = RecordObject(partial=arguments.partial)
    for other in arguments.positional:
        if isinstance(other, ListObject):
            for pair in other.elements:
                made.set_item(
                    run.get_item(pair, literal(0)),
                    run.get_item(pair, literal(1)),
                    run,
                )
            made.flags["partial"] = made.partial or other.partial
        else:
            made.update(other, run)
    for name, value in arguments.named.items():
        made.entries[name] = value
    return made


def new_list(arguments: Arguments, run: Run) -> Object:
    if not arguments.positional:
        return ListObject(depth=run.loops)
    subject = shared.first(arguments)
    return run.join(subject) if isinstance(subject, Promise) else shared.listed(subject, run)


def ordered(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    return (
        subject if event_path(subject) is not None else ListObject(run.elements(subject)[0], True)
    )


def _next(arguments: Arguments, run: Run) -> Object:
    found = run.iterate(shared.first(arguments))
    default = arguments.get("default", 1)
    return found if default is None else choose([found, default], needs_of(shared.first(arguments)))


def _getattr(arguments: Arguments, run: Run) -> Object:
    name = constant(arguments.get("name", 1))
    subject = shared.first(arguments)
    if isinstance(name, str):
        return run.get_attribute(subject, name)
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
            [run.got(member, subject) for member in methods.values()],
            needs_of(shared.first(arguments)),
        )
    return Object("", needs_of(subject))


def _setattr(arguments: Arguments, run: Run) -> Object:
    name = constant(arguments.get("name", 1))
    if isinstance(name, str) and len(arguments.positional) > 2:
        shared.first(arguments).set_attribute(name, arguments.positional[2], run)
    return nothing()


def exit_process(arguments: Arguments, run: Run) -> Object:
    run.exit()
    return Object()


def _str(arguments: Arguments, run: Run) -> Object:
    subject = shared.first(arguments)
    found = constant(subject)
    if found is MISSING:
        return subject
    return literal(str(found) if arguments.positional else "", subject.needs)


def _number(kind: type[int] | type[float]) -> Plain:
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
    return run.variable(SUPER) or Object("super")


@functools.cache
def global_names() -> Mapping[str, Object]:
    functions: dict[str, Plain] = {
        "range": counted,
        "enumerate": _enumerate,
        "zip": _zip,
        "map": _map,
        "filter": _filter,
        "dict": new_dict,
        "list": new_list,
        "tuple": new_list,
        "set": new_list,
        "frozenset": new_list,
        "sorted": ordered,
        "reversed": ordered,
        "iter": shared.same,
        "next": _next,
        "getattr": _getattr,
        "setattr": _setattr,
        "exit": exit_process,
        "quit": exit_process,
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
        "open": lambda arguments, run: shared.data_file(shared.first(arguments), run),
        "__import__": shared.computed_import,
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
    made["dict"].on_call = new_dict
    made.update({name: Keeps(name) for name in ("property", "staticmethod", "classmethod")})
    return made


# --------------------------------------------------------------------------------------------------


def fill(instance: Instance, arguments: Arguments, run: Run) -> bool:
    """Sets the fields of a data class (or of something made like one): those annotated in its
    classes, in order, and all that are named. Whether there are annotated fields.
    """
    line = [kind for kind in instance.kind.line() if isinstance(kind, ClassObject)]
    names = [
        assigned.target.id
        for ancestor in reversed(line)
        for assigned in ancestor.node.fields
        if isinstance(assigned.target, syntax.NamePattern) and assigned.annotation is not None
    ]
    for name, value in (
        *zip(names, arguments.positional, strict=False),
        *arguments.named.items(),
    ):
        run.write(instance.attributes, name, value)
    after = instance.kind.lookup("__post_init__")
    if after is not None:
        run.enter(after, Arguments([], {}), instance)
    return bool(names)

"""What a program's own values are while it is evaluated: functions, classes, instances, mappings,
lists, promises.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import field
from itertools import groupby, islice
from typing import Any, cast

from cfnlint_eda_rules.budget import STEPS, spend, walked
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    LONGEST_EXPRESSION,
    LONGEST_TEXT,
    MAX_DEPTH,
    NOTHING,
    Arguments,
    Known,
    Native,
    Object,
    Promise,
    Run,
    describe,
    shortened,
)
from cfnlint_eda_rules.handlers.symbolic_values import (
    Environment,
    EventField,
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
)
from cfnlint_eda_rules.records import dataclass

MAX_OPTIONS = 4  # values one of which a variable holds; beyond, it is unknown
MAX_CALLABLE_OPTIONS = 12  # functions of a dispatch table
MAX_NODES = 200
MAX_PARTS = 200  # of a text that is put together
MAX_ELEMENTS = 1_000  # of a list that is computed: those written in the source are all kept


_INDEX = re.compile("-?[0-9]{1,9}")


class _Snapshot:
    """One conversion of an object to a value, bounded in depth and size, and safe for objects that
    hold themselves.
    """

    def __init__(self) -> None:
        self.left = MAX_NODES
        self.open: set[int] = set()

    def value(self, subject: Object, depth: int = 0) -> Value:
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH or id(subject) in self.open:
            return Unknown(subject.text() if isinstance(subject, Known) else "")
        if not isinstance(subject, RecordObject | ListObject | Choice | Promise):
            return subject.value()
        self.open.add(id(subject))
        found = self._container(subject, depth + 1)
        self.open.discard(id(subject))
        return found

    def _container(self, subject: Object, depth: int) -> Value:
        match subject:
            case RecordObject():
                entries = list(islice(subject.entries.items(), max(0, self.left)))
                return Record(
                    tuple((name, self.value(entry, depth)) for name, entry in entries),
                    subject.partial or len(entries) < len(subject.entries),
                )
            case ListObject():
                elements = subject.elements[: max(0, self.left)]
                return Items(
                    tuple(self.value(item, depth) for item in elements),
                    subject.partial or len(elements) < len(subject.elements),
                )
            case Choice():
                options = tuple(
                    dict.fromkeys(self.value(option, depth) for option in subject.options)
                )
                return options[0] if len(options) == 1 else OneOf(options)
            case Promise():
                return self.value(subject.result, depth)
            case _:
                return Unknown()


def value_of(subject: Object) -> Value:
    """A frozen value of an object as it is now."""
    if not isinstance(subject, RecordObject | ListObject | Choice | Promise):
        return subject.value()
    snapshot = _Snapshot()
    found = snapshot.value(subject)
    walked(MAX_NODES - snapshot.left)
    return found


def needs_of(subject: Object) -> frozenset[int]:
    """The calls that an object, or anything in it, is made of the results of."""
    parts = _parts(subject)
    if parts is None:
        return subject.needs | held(subject) if subject.put else subject.needs
    found = set(subject.needs)
    seen = {id(subject)}
    pending = [parts]
    while pending and len(seen) <= MAX_NODES:
        parts = pending.pop()
        walked(len(parts))
        for part in parts:
            if part.needs:
                found |= part.needs
            if part.put:
                found |= held(part)
            below = None if type(part) is Known else _parts(part)
            if below is not None and id(part) not in seen:
                seen.add(id(part))
                pending.append(below)
    return frozenset(found) if found else NOTHING


def held(subject: Object) -> frozenset[int]:
    """The calls that what was put into something unknown is made of the results of."""
    return NOTHING.union(*subject.put.values()) if subject.put else NOTHING


def _parts(subject: Object) -> Collection[Object] | None:
    """What an object is made of; None where it is not made of others."""
    match subject:
        case RecordObject():
            unnamed = subject.unnamed
            named = subject.entries.values()
            return named if unnamed is None else (*named, unnamed)
        case ListObject():
            return subject.needing()
        case Choice():
            return subject.options
        case Instance():
            return subject.attributes.values()
        case Promise():
            return (subject.result,)
        case _:
            return None


def argument_needs(arguments: Arguments) -> frozenset[int]:
    """The calls that the arguments of a call need."""
    found = NOTHING
    for argument in (*arguments.positional, *arguments.named.values()):
        found |= needs_of(argument)
    return found


def literal(value: str | int | float | bool | None, needs: frozenset[int] = NOTHING) -> Known:
    """An object for a constant; of a text longer than any that is compared, the beginning."""
    if isinstance(value, str) and len(value) > LONGEST_EXPRESSION:
        spend(STEPS, len(value) >> 12)
        if len(value) > LONGEST_TEXT:
            start = Literal(value[:LONGEST_EXPRESSION])
            return Known(Text((start, Unknown(shortened(value)))), needs)
    return Known(Literal(value), needs)


def nothing() -> Known:
    """None, null or undefined."""
    return literal(None)


def constant(subject: Object | None) -> Any:
    """The value of a literal, or `MISSING` for everything else."""
    if isinstance(subject, Known) and isinstance(subject.known, Literal):
        return subject.known.value
    return MISSING


def key_name(key: Object) -> str | None:
    """The name of a mapping's entry; `${NAME}` for an environment variable's value. None when it is
    not known.
    """
    if isinstance(key, Known) and isinstance(key.known, Environment):
        return f"${{{key.known.name}}}"
    name = constant(key)
    return None if name is MISSING else str(name)


def is_nothing(subject: Object) -> bool:
    return constant(subject) is None


def event_path(subject: Object) -> tuple[str, ...] | None:
    """The path of an event field, None for everything else."""
    if isinstance(subject, Known) and isinstance(subject.known, EventField):
        return subject.known.path
    return None


def derived(operation: str, *subjects: Object) -> Object:
    """An unknown object that a pure operation makes of others: the same of the same."""
    texts = [subject.text() for subject in subjects]
    needs = NOTHING
    for subject in subjects:
        needs |= needs_of(subject)
    return Object(f"{operation}({', '.join(texts)})" if all(texts) else "", needs)


def concatenate(parts: Sequence[Object]) -> Object:
    """The text of several parts in order. A record with nothing but white space around it stays a
    record: it was only serialised.
    """
    needs = NOTHING
    pieces: list[Value | str] = []
    kept: list[Object] = []
    for part in parts:
        needs |= needs_of(part)
        if constant(part) == "":
            continue
        kept.append(part)
        if len(pieces) <= MAX_PARTS:
            _append_text(pieces, part)
    values = _whole(pieces)
    visible = [
        part for part in kept if not (isinstance(constant(part), str) and constant(part).isspace())
    ]
    if len(visible) == 1 and isinstance(visible[0], RecordObject | ListObject):
        return visible[0]
    if not values:
        return literal("", needs)
    if len(values) == 1 and not isinstance(values[0], Record | Items):
        return kept[0] if len(kept) == 1 and isinstance(kept[0], Known) else Known(values[0], needs)
    return Known(Text(tuple(values)), needs)


def _append_text(pieces: list[Value | str], part: Object) -> None:
    value = value_of(part)
    for piece in value.parts if isinstance(value, Text) else (value,):
        match piece:
            case Literal(None):
                pieces.append("")
            case Literal(constant):
                pieces.append(str(constant))
            case Record() | Items():
                pieces.append(Unknown(describe(piece)))
            case _:
                pieces.append(piece)


def _whole(pieces: Sequence[Value | str]) -> list[Value]:
    """The parts of a text, adjacent literals merged. What is longer than any text that is compared
    is known by its beginning.
    """
    values: list[Value] = []
    length = 0
    for literals, group in groupby(pieces[:MAX_PARTS], lambda piece: isinstance(piece, str)):
        if literals:
            text = "".join(cast("Iterable[str]", group))
            length += len(text)
            values.append(Literal(text[: max(0, LONGEST_TEXT - (length - len(text)))]))
        else:
            values.extend(cast("Iterable[Value]", group))
    walked(len(values) + (length >> 8))
    return [*values, Unknown()] if len(pieces) > MAX_PARTS or length > LONGEST_TEXT else values


# --------------------------------------------------------------------------------------------------


class Choice(Object):
    """One of several objects, by the path taken: every question goes to each of them."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Object, ...], needs: frozenset[int] = NOTHING) -> None:
        super().__init__("", needs)
        self.options = options

    def there(self) -> tuple[Object, ...]:
        """The options that are something: asking nothing for an attribute fails."""
        return tuple(option for option in self.options if not is_nothing(option)) or self.options

    def attribute(self, name: str, run: Run) -> Object:
        return choose([run.get_attribute(option, name) for option in self.there()], self.needs)

    def item(self, key: Object, run: Run) -> Object:
        return choose([run.get_item(option, key) for option in self.there()], self.needs)

    def iterate(self, run: Run) -> Object:
        return choose([run.iterate(option) for option in self.there()], self.needs)

    def call(self, arguments: Arguments, run: Run) -> Object:
        return run.alternatives(
            [functools.partial(run.call, option, arguments) for option in self.there()],
            self.needs,
        )

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        for option in self.there():
            option.set_attribute(name, value, run)

    def set_item(self, key: Object, value: Object, run: Run) -> None:
        for option in self.there():
            option.set_item(key, value, run)

    def resolved_with(self) -> Sequence[Object]:
        return self.options

    def value(self) -> Value:
        return value_of(self)

    def text(self) -> str:
        texts = [option.text() for option in self.options]
        return " | ".join(texts) if all(texts) else ""


def choose(options: Iterable[Object], needs: frozenset[int] = NOTHING) -> Object:
    """The object that is one of `options`: the one where they agree, a `Choice` while they are few,
    else unknown.

    `needs` are the calls that decide which, and count only where there is something to decide.
    """
    found: dict[Hashable, Object] = {}
    beyond: list[Object] = []
    count = 0
    for option in options:
        count += 1
        for single in option.options if isinstance(option, Choice) else (option,):
            if len(found) <= MAX_CALLABLE_OPTIONS:
                found.setdefault(_identity(single), single)
            else:
                beyond.append(single)
        needs = needs | option.needs if isinstance(option, Choice) else needs
    walked(2 * count)
    if not found:
        return nothing()
    different = tuple(found.values())
    if len(different) == 1:
        return different[0]
    limit = (
        MAX_OPTIONS
        if all(isinstance(option, Known) for option in different)
        else MAX_CALLABLE_OPTIONS
    )
    if len(different) <= limit:
        return Choice(different, needs)
    walked(len(beyond))
    found_needs = set(needs)
    for option in (*different, *beyond):
        found_needs |= needs_of(option)
    return Object("", frozenset(found_needs))


def _identity(subject: Object) -> Hashable:
    """What is equal for objects that are taken for the same."""
    match subject:
        case Known():
            return ("known", subject.known, type(constant(subject)), subject.needs)
        case FunctionObject():
            return ("function", id(subject.node), id(subject.this), id(subject.scope))
        case Promise() if subject.pending:
            return ("promise", subject.pending)
        case RecordObject():
            # Functions of one name in different modules have the same value: not known.
            entries = subject.entries.values()
            functions = tuple(id(entry) for entry in entries if isinstance(entry, FunctionObject))
            return ("record", value_of(subject), needs_of(subject), len(entries), functions)
        case Object(expression=expression) if type(subject) is Object and expression:
            return ("unknown", expression, subject.needs)
        case _:
            return id(subject)


def _same(one: Object, other: Object) -> bool:
    return one is other or _identity(one) == _identity(other)


# --------------------------------------------------------------------------------------------------


class Entries(dict[str, Object]):
    """The entries of a mapping: where one alternative writes an entry and another does not, it may
    be absent.
    """


class RecordObject(Object):
    """A mapping (dict, object literal, `Map`, module namespace)."""

    __slots__ = ("entries", "flags", "on_missing")

    def __init__(
        self,
        entries: dict[str, Object] | None = None,
        partial: bool = False,
        needs: frozenset[int] = NOTHING,
    ) -> None:
        super().__init__("", needs)
        self.entries = Entries(entries or {})
        walked(4 * len(self.entries))
        self.flags: dict[str, Any] = {"partial": partial}
        self.on_missing: Callable[[Run], Object] | None = None

    @property
    def partial(self) -> bool:
        return bool(self.flags["partial"])

    @property
    def unnamed(self) -> Object | None:
        """What stands for all the values that were made at keys that are not known."""
        return cast("Object | None", self.flags.get("unnamed"))

    def attribute(self, name: str, run: Run) -> Object:
        return run.record_attribute(self, name)

    def item(self, key: Object, run: Run) -> Object:
        name = key_name(key)
        if name is None:
            return self._any_of(key, run)
        found = self.entries.get(name)
        if found is not None:
            return run.got(found, self)
        if self.on_missing is not None:
            made = self.on_missing(run)
            run.write(self.entries, name, made)
            return made
        if self.entries and constant(key) is MISSING:
            # Which entry the environment names, the template says.
            return choose([*self.entries.values(), run.missing_entry(self, name)])
        return Object("", needs_of(self)) if self.partial else run.missing_entry(self, name)

    def _any_of(self, key: Object, run: Run) -> Object:
        if self.on_missing is not None:
            return choose(
                [*self.entries.values(), self.filled(self.on_missing, run)], needs_of(key)
            )
        options = list(self.entries.values())
        if self.unnamed is not None:
            options.append(self.unnamed)
        if self.partial or not options:
            options.append(Object("", self.needs | key.needs))
        return choose(options, needs_of(key))

    def filled(self, make: Callable[[Run], Object], run: Run) -> Object:
        """The value at a key that is not known, made where there is none: one stands for all."""
        found = self.unnamed
        if found is not None:
            return found
        made = make(run)
        if isinstance(made, ListObject):
            run.write(made.cells, "partial", True)
        run.write(self.flags, "unnamed", made)
        run.write(self.flags, "partial", True)
        return made

    def iterate(self, run: Run) -> Object:
        if self.partial or not self.entries:
            return Object("", needs_of(self))
        return choose([literal(name) for name in self.entries])

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        self.set(name, value, run)

    def set_item(self, key: Object, value: Object, run: Run) -> None:
        name = key_name(key)
        if name is None:
            run.write(self.flags, "partial", True)
            self.needs |= needs_of(value)
        else:
            self.set(name, value, run)

    def set(self, name: str, value: Object, run: Run) -> None:
        """Writes one entry."""
        run.write(self.entries, name, value)

    def update(self, other: Object, run: Run) -> None:
        """Writes all entries of `other`; of something unknown, anything may have been written."""
        entries, partial = run.entries(other)
        walked(8 * len(entries))
        for name, value in entries.items():
            self.set(name, value, run)
        if partial:
            run.write(self.flags, "partial", True)
            self.needs |= needs_of(other)

    def value(self) -> Value:
        return value_of(self)

    def text(self) -> str:
        return ""


class ListObject(Object):
    """A list, tuple, set or array; `partial` when it holds an unknown number of elements like those
    known.
    """

    __slots__ = ("_needing", "_one", "cells", "depth")

    def __init__(
        self,
        elements: Iterable[Object] = (),
        partial: bool = False,
        needs: frozenset[int] = NOTHING,
        depth: int = 0,
    ) -> None:
        super().__init__("", needs)
        held = tuple(elements)
        walked(len(held))
        self.cells: dict[str, Any] = {
            "elements": held[:MAX_ELEMENTS],
            "partial": partial or len(held) > MAX_ELEMENTS,
        }
        self._needing: tuple[tuple[Object, ...], tuple[Object, ...]] = ((), ())
        self._one: tuple[tuple[Object, ...], Object] | None = None
        self.depth = (
            depth  # of loops around its making: appending in a deeper loop appends any number
        )

    @property
    def elements(self) -> tuple[Object, ...]:
        return cast("tuple[Object, ...]", self.cells["elements"])

    @property
    def partial(self) -> bool:
        return bool(self.cells["partial"])

    def needing(self) -> tuple[Object, ...]:
        """The elements that may need calls: constants that need none are looked at once."""
        elements = self.elements
        if len(elements) < MAX_DEPTH:
            return elements
        if self._needing[0] is not elements:
            walked(len(elements))
            self._needing = (
                elements,
                tuple(one for one in elements if one.needs or not isinstance(one, Known)),
            )
        return self._needing[1]

    def item(self, key: Object, run: Run) -> Object:
        index = constant(key)
        if isinstance(index, str) and _INDEX.fullmatch(index):
            index = int(index)
        if not isinstance(index, int):
            if index is not MISSING:
                return run.get_attribute(self, str(index))
            return choose(
                [
                    *self.elements,
                    *([Object("", needs_of(self))] if self.partial or not self.elements else []),
                ],
                needs_of(key),
            )
        if not self.partial:
            if -len(self.elements) <= index < len(self.elements):
                return self.elements[index]
            return literal(None, needs_of(self))
        return self.iterate(run)

    def iterate(self, run: Run) -> Object:
        if not self.elements:
            return Object("", needs_of(self))
        found = self._one_of_constants() if not self.needing() else choose(self.elements)
        return (
            Object("", needs_of(self)) if type(found) is Object and not found.expression else found
        )

    def _one_of_constants(self) -> Object:
        elements = self.elements
        if self._one is None or self._one[0] is not elements:
            self._one = (elements, choose(elements))
        return self._one[1]

    def append(self, value: Object, run: Run) -> None:
        """Adds an element; in a loop, one or more like it."""
        elements = self.elements
        walked(len(elements))
        if run.loops > self.depth:
            run.write(self.cells, "partial", True)
            known = value_of(value)
            identity = _identity(value)
            for index, element in enumerate(elements):
                if _identity(element) == identity or (
                    not isinstance(value, Promise | Choice) and value_of(element) == known
                ):
                    run.write(
                        self.cells, "elements", (*elements[:index], value, *elements[index + 1 :])
                    )
                    return
        if len(elements) >= MAX_NODES:
            run.write(self.cells, "partial", True)
            return
        run.write(self.cells, "elements", (*elements, value))

    def extend(self, other: Object, run: Run) -> None:
        elements, partial = run.elements(other)
        for element in elements:
            self.append(element, run)
        if partial:
            run.write(self.cells, "partial", True)
            self.needs |= needs_of(other)

    def set_item(self, key: Object, value: Object, run: Run) -> None:
        index = constant(key)
        elements = self.elements
        walked(len(elements))
        if isinstance(index, int) and not self.partial and -len(elements) <= index < len(elements):
            index %= len(elements)
            run.write(self.cells, "elements", (*elements[:index], value, *elements[index + 1 :]))
        else:
            run.write(self.cells, "partial", True)
            self.append(value, run)

    def value(self) -> Value:
        return value_of(self)

    def text(self) -> str:
        return ""


class Sliced(Object):
    """A part of an event field of unknown kind: part of a text as a value, part of a list when
    iterated.
    """

    __slots__ = ("whole",)

    def __init__(self, whole: Object, expression: str) -> None:
        super().__init__(expression, whole.needs)
        self.whole = whole

    def item(self, key: Object, run: Run) -> Object:
        return run.get_item(self.whole, key)

    def iterate(self, run: Run) -> Object:
        return run.iterate(self.whole)


def sliced(subject: Object, bounds: Sequence[Object], run: Run) -> Object:
    """An unknown part of a text or list."""
    match subject:
        case ListObject():
            return ListObject(subject.elements, True, subject.needs, run.loops)
        case Known(known=EventField()):
            return Sliced(subject, derived("part", subject, *bounds).expression)
        case _:
            return derived("part", subject, *bounds)


# --------------------------------------------------------------------------------------------------


class Scope:
    """The variables of a function or module."""

    __slots__ = ("module", "outer", "variables")

    def __init__(self, outer: Scope | None, module: bool = False) -> None:
        self.variables: dict[str, Object] = {}
        self.outer = outer
        self.module = module

    def find(self, name: str) -> Scope | None:
        """The nearest scope that has the variable."""
        scope: Scope | None = self
        while scope is not None and name not in scope.variables:
            scope = scope.outer
        return scope


class FunctionObject(Object):
    """A function of the program. `this` is bound for methods; `owner` is the class it is defined
    in; `overloads` are methods of the same name with other parameters.
    """

    __slots__ = ("attributes", "bound", "file", "node", "overloads", "owner", "scope", "this")

    def __init__(self, node: syntax.Function, scope: Scope, file: str) -> None:
        super().__init__(node.name)
        self.node = node
        self.scope = scope
        self.file = file
        self.this: Object | None = None
        self.owner: ClassObject | None = None
        self.bound: tuple[Object, ...] = ()
        self.attributes: dict[str, Object] = {}
        self.overloads: tuple[FunctionObject, ...] = ()

    def fitting(self, arguments: Arguments) -> FunctionObject:
        """The one of it and its overloads that takes so many arguments, for types are not told
        apart: the first that has so many parameters, else the first whose others have defaults;
        itself when none does.
        """
        if not self.overloads or arguments.partial:
            return self
        count = len(arguments.positional)
        fitting = [one for one in (self, *self.overloads) if one.takes(count)]
        exact = (one for one in fitting if len(one.node.parameters) == count)
        found = next(exact, fitting[0] if fitting else self)
        return self if found is self else found.binding(self.this, self.bound)

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        parameters = self.node.parameters
        needed = [one for one in parameters if one.kind == "positional" and one.default is None]
        more = any(one.kind == "rest" for one in parameters)
        return len(needed) <= count and (more or count <= len(parameters))

    def binding(self, this: Object | None, bound: Sequence[Object] = ()) -> FunctionObject:
        """This function with `this` and leading arguments fixed."""
        made = FunctionObject(self.node, self.scope, self.file)
        made.this = this if this is not None else self.this
        made.owner = self.owner
        made.bound = (*self.bound, *bound)[:MAX_NODES]
        walked(len(made.bound))
        made.attributes = self.attributes
        made.overloads = self.overloads
        return made

    def attribute(self, name: str, run: Run) -> Object:
        found = self.attributes.get(name)
        return run.member(self, name) if found is None else found

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        run.write(self.attributes, name, value)

    def call(self, arguments: Arguments, run: Run) -> Object:
        return run.enter(self, arguments, self.this)

    def text(self) -> str:
        return f"{self.file}:{self.node.line}:{self.node.name}"


class ClassObject(Object):
    """A class of the program."""

    __slots__ = ("_line", "bases", "file", "members", "node", "scope")

    def __init__(
        self, node: syntax.Class, scope: Scope, bases: Sequence[Object], file: str
    ) -> None:
        super().__init__(node.name)
        self.file = file
        self.node = node
        self.scope = scope
        self.bases = tuple(bases[:MAX_DEPTH])
        self.members: dict[str, Object] = {}
        self._line = self._ancestry()

    def line(self) -> Sequence[Object]:
        """The class and its ancestors, nearest first."""
        return self._line

    def _ancestry(self) -> tuple[Object, ...]:
        found: list[Object] = [self]
        for base in self.bases:
            for ancestor in base.line() if isinstance(base, ClassObject) else (base,):
                if not any(ancestor is other for other in found) and len(found) < MAX_DEPTH:
                    found.append(ancestor)
        return tuple(found)

    def lookup(self, name: str, after: ClassObject | None = None) -> Object | None:
        """The member of this class or of its nearest ancestor that has it; of those after `after`,
        for `super`.
        """
        line = self.line()
        if after is not None:
            line = line[
                next((index for index, ancestor in enumerate(line) if ancestor is after), -1) + 1 :
            ]
        for ancestor in line:
            if isinstance(ancestor, ClassObject) and name in ancestor.members:
                return ancestor.members[name]
        return None

    def foreign(self) -> Object | None:
        """The nearest ancestor that is not the program's."""
        return next(
            (ancestor for ancestor in self.line() if not isinstance(ancestor, ClassObject)), None
        )

    def attribute(self, name: str, run: Run) -> Object:
        found = self.lookup(name)
        if found is None:
            return run.member(self, name)
        if isinstance(found, FunctionObject) and found.node.kind in ("static", "class", "getter"):
            return run.got(found, self)
        return found

    def item(self, key: Object, run: Run) -> Object:
        name = constant(key)
        return self.attribute(name, run) if isinstance(name, str) else super().item(key, run)

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        run.write(self.members, name, value)

    def call(self, arguments: Arguments, run: Run) -> Object:
        return run.instantiate(self, arguments)


class Instance(Object):
    """An instance of a class of the program."""

    __slots__ = ("attributes", "kind")

    def __init__(self, kind: ClassObject) -> None:
        super().__init__("")
        self.kind = kind
        self.attributes: dict[str, Object] = {}

    def own(self, name: str, run: Run) -> Object | None:
        """The attribute where the instance or its program-defined classes have it."""
        if name in self.attributes:
            return self.attributes[name]
        found = self.kind.lookup(name)
        return None if found is None else run.got(found, self)

    def attribute(self, name: str, run: Run) -> Object:
        found = self.own(name, run)
        if found is not None:
            return found
        foreign = self.kind.foreign()
        if isinstance(foreign, NativeClass):
            inherited = foreign.inherited(self, name, run)
            if inherited is not None:
                return inherited
        return run.member(self, name)

    def item(self, key: Object, run: Run) -> Object:
        name = constant(key)
        special = self.kind.lookup(run.special_names.get_item)
        if special is not None:
            return run.call(run.got(special, self), Arguments([key], {}))
        return self.attribute(name, run) if isinstance(name, str) else super().item(key, run)

    def iterate(self, run: Run) -> Object:
        special = self.kind.lookup(run.special_names.iterate)
        if special is not None:
            return run.iterate(run.call(run.got(special, self), Arguments([], {})))
        return super().iterate(run)

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        found = self.kind.lookup(name)
        if isinstance(found, FunctionObject) and found.node.kind == "setter":
            run.enter(found, Arguments([value], {}), self)
        else:
            run.write(self.attributes, name, value)

    def set_item(self, key: Object, value: Object, run: Run) -> None:
        name = constant(key)
        special = self.kind.lookup(run.special_names.set_item)
        if special is not None:
            run.call(run.got(special, self), Arguments([key, value], {}))
        elif isinstance(name, str):
            run.write(self.attributes, name, value)

    def call(self, arguments: Arguments, run: Run) -> Object:
        special = self.own(run.special_names.call, run)
        return super().call(arguments, run) if special is None else run.call(special, arguments)

    def value(self) -> Value:
        shown = [
            (name, value)
            for name, value in islice(self.attributes.items(), MAX_NODES)
            if isinstance(value, Known)
        ]
        return (
            Record(tuple((name, value.known) for name, value in shown), True)
            if shown
            else Unknown("")
        )


class NativeClass(Native):
    """A class of a library that programs inherit from."""

    __slots__ = ("on_inherited",)

    def __init__(
        self,
        expression: str,
        on_call: Callable[[Arguments, Run], Object],
        on_inherited: Callable[[Instance, str, Run], Object | None],
        attributes: dict[str, Object] | None = None,
    ) -> None:
        super().__init__(expression, on_call=on_call, attributes=attributes)
        self.on_inherited = on_inherited

    def inherited(self, instance: Instance, name: str, run: Run) -> Object | None:
        """The attribute that instances of subclasses have from this class."""
        return self.on_inherited(instance, name, run)


class Super(Object):
    """`super()` in a method: the ancestors' members, bound to the instance at hand. Calling it is
    the ancestor's constructor.
    """

    __slots__ = ("owner", "this")

    def __init__(self, owner: ClassObject, this: Object) -> None:
        super().__init__("super")
        self.owner = owner
        self.this = this

    def attribute(self, name: str, run: Run) -> Object:
        kind = self.this.kind if isinstance(self.this, Instance) else self.owner
        found = kind.lookup(name, self.owner) or self.owner.lookup(name, self.owner)
        if found is not None:
            return run.got(found, self.this)
        foreign = self.owner.foreign()
        if isinstance(foreign, NativeClass) and isinstance(self.this, Instance):
            inherited = foreign.inherited(self.this, name, run)
            if inherited is not None:
                return inherited
        return Native(f"super.{name}", on_call=lambda arguments, run: nothing())

    def call(self, arguments: Arguments, run: Run) -> Object:
        return run.call(self.attribute(run.special_names.constructor, run), arguments)


class Method(Native):
    """A method that the language gives an object: the value it has when it is not called is the
    plain attribute's.
    """

    __slots__ = ("plain",)

    def __init__(
        self,
        subject: Object,
        name: str,
        action: Callable[[Object, Arguments, Run], Object],
        plain: Object,
    ) -> None:
        super().__init__(
            plain.text(),
            on_call=lambda arguments, run: action(subject, arguments, run),
            on_attribute=lambda name, run: None,
        )
        self.needs = subject.needs
        self.plain = plain

    def attribute(self, name: str, run: Run) -> Object:
        return run.get_attribute(self.plain, name)

    def item(self, key: Object, run: Run) -> Object:
        return run.get_item(self.plain, key)

    def iterate(self, run: Run) -> Object:
        return run.iterate(self.plain)

    def value(self) -> Value:
        return self.plain.value()


class Wrapped(Object):
    """What an unknown library made of functions of the program: attributes and calls of it lead to
    the same functions.

    Awaited instead of called, it was no function but the promise of what they answer (`await
    retry(action)`, `limit(action)`): `action` runs them where they were given, `done` is the
    promise.
    """

    __slots__ = ("action", "done", "functions")

    def __init__(
        self,
        expression: str,
        functions: tuple[Object, ...],
        needs: frozenset[int] = NOTHING,
        action: Callable[[], Object] | None = None,
    ) -> None:
        super().__init__(expression, needs)
        self.functions = functions
        self.action = action
        self.done: Promise | None = None

    def attribute(self, name: str, run: Run) -> Object:
        if self.action is not None and name in ("then", "catch", "finally"):
            return run.member(self, name)
        return Wrapped(f"{self.expression}.{name}", self.functions, self.needs)

    def call(self, arguments: Arguments, run: Run) -> Object:
        return run.call_wrapped(self, arguments)


class ErrorValue(Object):
    """The first argument of a Node callback, or what a handler catches: what runs where it is true
    is an error handler.
    """


class Failure(Known):
    """Nothing or false as the value that an error is handed on by."""

    def __init__(self, value: Known) -> None:
        super().__init__(value.known, value.needs, value.expression)

    def text(self) -> str:
        return "call#0.succeeded"


def tells_error(subject: Object) -> bool:
    """Whether the object is an error, or nothing where there was none."""
    if isinstance(subject, Choice):
        errors = [option for option in subject.options if isinstance(option, ErrorValue)]
        return bool(errors) and all(
            option in errors or constant(option) in (None, False) for option in subject.options
        )
    return isinstance(subject, ErrorValue)


# --------------------------------------------------------------------------------------------------


class Coroutine(Object):
    """A call of a function that starts when awaited or made a task."""

    __slots__ = ("action", "done")

    def __init__(self, action: Callable[[], Object]) -> None:
        super().__init__("")
        self.action = action
        self.done: Promise | None = None


# --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Loaded:
    """A module of the program: its variables, and what it exports where that is not the same.

    `native` where the language itself exports, not an assignment (an ES module).
    """

    file: str
    scope: Scope
    module: RecordObject = field(default_factory=RecordObject)
    native: bool = False

    @property
    def exports(self) -> Object | None:
        return self.module.entries.get("exports")


class ModuleObject(Object):
    """A module or package of the program: its attributes are its variables."""

    __slots__ = ("loaded", "name")

    def __init__(self, loaded: Loaded | None, name: str) -> None:
        super().__init__(name)
        self.loaded = loaded
        self.name = name

    def attribute(self, name: str, run: Run) -> Object:
        found = None if self.loaded is None else self.loaded.scope.variables.get(name)
        return Object(f"{self.name}.{name}") if found is None else found

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        if self.loaded is not None:
            run.write(self.loaded.scope.variables, name, value)

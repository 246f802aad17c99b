"""What languages give their programs alike: texts, collections, decoding, functions that move
values around.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cfnlint_eda_rules.budget import walked
from cfnlint_eda_rules.depth import nesting
from cfnlint_eda_rules.handlers.interpreter.constructs import Action, Plain
from cfnlint_eda_rules.handlers.interpreter.objects import (
    MAX_NODES,
    Choice,
    Instance,
    ListObject,
    Method,
    RecordObject,
    choose,
    concatenate,
    constant,
    derived,
    event_path,
    literal,
    needs_of,
)
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    LONGEST_TEXT,
    Arguments,
    Known,
    Native,
    Object,
    Promise,
    Run,
)
from cfnlint_eda_rules.handlers.symbolic_values import (
    ContextField,
    Environment,
    EventField,
    Literal,
    Text,
)

_LARGEST_JSON = 20_000
_DEEPEST_JSON = 40


class PathText(Known):
    """A file path with its parts at hand (`pathlib.Path`)."""

    def attribute(self, name: str, run: Run) -> Object:
        match name:
            case "name":
                return path_part("basename", self)
            case "open" | "read_text" | "read_bytes":
                return native(name, lambda arguments, run: data_file(self, run))
            case "stem" | "suffix":
                return path_part({"stem": "stem", "suffix": "extension"}[name], self)
            case "parent":
                return PathText(path_part("dirname", self).value(), self.needs)
            case "resolve" | "absolute" | "expanduser":
                return native(name, lambda arguments, run: self)
            case "joinpath":
                return native(name, lambda arguments, run: self.joined(arguments.positional))
            case _:
                return super().attribute(name, run)

    def joined(self, parts: Sequence[Object]) -> PathText:
        """The path with segments joined to it."""
        needs = self.needs.union(*(needs_of(part) for part in parts))
        return PathText(join_path([self, *parts]).value(), needs)


# --------------------------------------------------------------------------------------------------


def native(name: str, behaviour: Plain) -> Native:
    """A function of the standard library."""
    return Native(name, on_call=behaviour)


def namespace(name: str, functions: Mapping[str, Plain | Object]) -> Native:
    """A module or class of the standard library."""
    return Native(
        name,
        attributes={
            key: value if isinstance(value, Object) else native(f"{name}.{key}", value)
            for key, value in functions.items()
        },
    )


def first(arguments: Arguments) -> Object:
    """The first argument; unknown when there is none."""
    return (
        arguments.positional[0]
        if arguments.positional
        else next(iter(arguments.named.values()), Object())
    )


def same(arguments: Arguments, run: Run) -> Object:
    """A function that changes a value's representation alone: the value."""
    return first(arguments)


def keep(subject: Object, arguments: Arguments, run: Run) -> Object:
    """A method that changes a value's representation alone."""
    return subject


def pure(name: str) -> Plain:
    """A function whose answer is made of its arguments alone."""
    return lambda arguments, run: derived(name, *arguments.positional, *arguments.named.values())


def over_options(subject: Object, action: Callable[[Object], Object]) -> Object:
    """`action` for each of the things `subject` can be."""
    if isinstance(subject, Choice):
        return choose([action(option) for option in subject.there()], subject.needs)
    return action(subject)


def computed_import(arguments: Arguments, run: Run) -> Object:
    """The modules that a name may mean which is a value: known, or known at its ends."""
    found: list[Object] = []
    for option in _options(first(arguments)):
        text = constant(option)
        if isinstance(text, str):
            run.has_module(text)
            found.append(run.imported(text))
            continue
        before, after = _known_ends(option)
        names = run.modules_like(before, after) if before or after else ()
        found += [run.imported(name) for name in names]
    return choose(found, needs_of(first(arguments))) if found else Object("module")


class DataFile(Known):
    """A file of the program that is open or read: it is what it says."""

    def attribute(self, name: str, run: Run) -> Object:
        if name in ("read", "toString"):
            return native(name, lambda arguments, run: self)
        return super().attribute(name, run)


def data_file(path: Object, run: Run) -> Object:
    """What the file of data at a path says, of which the end is known; unknown for any other."""
    text = constant(path)
    end = text if isinstance(text, str) else _known_ends(path)[1]
    content = run.content(end) if end else None
    if content is None:
        return derived("open", path)
    return DataFile(Literal(content), needs_of(path))


def _options(subject: Object) -> Sequence[Object]:
    return subject.there() if isinstance(subject, Choice) else (subject,)


def _known_ends(subject: Object) -> tuple[str, str]:
    """What is known of the beginning and of the end of a text."""
    value = subject.value()
    parts = value.parts if isinstance(value, Text) else ()
    ends = [part.value if isinstance(part, Literal) else "" for part in (*parts[:1], *parts[-1:])]
    before, after = ends if len(parts) > 1 else ("", "")
    return before if isinstance(before, str) else "", after if isinstance(after, str) else ""


def environment(name: str) -> Known:
    """The environment variable's value; Lambda's own name for the function is the context's."""
    return Known(
        ContextField("function_name") if name == "AWS_LAMBDA_FUNCTION_NAME" else Environment(name)
    )


# --------------------------------------------------------------------------------------------------


def text_method(name: str, compute: Callable[..., Any]) -> Action:
    """A method of texts: computed for constants, else unknown but the same of the same."""

    def action(subject: Object, arguments: Arguments, run: Run) -> Object:
        def one(option: Object) -> Object:
            text = constant(option)
            given = [constant(argument) for argument in arguments.positional]
            if isinstance(text, str) and MISSING not in given and _fits(text, given):
                try:
                    return to_object(compute(text, *given), option.needs)
                except (TypeError, ValueError, IndexError, re.error):
                    pass
            return derived(name, option, *arguments.positional)

        return over_options(subject, one)

    return action


def _fits(text: str, given: Sequence[Any]) -> bool:
    """Whether what a method makes of a text is no longer than texts that are known: of a pad to a
    width, or with one text in the place of another.
    """
    if any(isinstance(number, int | float) and number > LONGEST_TEXT for number in given):
        return False
    match given:
        case [str(old), str(new), *_]:
            walked(len(text) >> 4)
            return len(text) + text.count(old) * len(new) <= LONGEST_TEXT
        case _:
            return len(text) <= LONGEST_TEXT


def split(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`text.split(separator)`: the pieces of a constant, else pieces told apart by their place."""
    text, separator = (
        constant(subject),
        constant(first(arguments)) if arguments.positional else None,
    )
    if isinstance(text, str) and (separator is None or (isinstance(separator, str) and separator)):
        pieces = text.split(separator, MAX_NODES)[:MAX_NODES]
        return ListObject([literal(piece, subject.needs) for piece in pieces])
    whole = derived("split", subject, *arguments.positional)
    return Native(
        whole.expression,
        on_item=lambda key, run: _piece(subject, separator, key, derived("item", whole, key)),
        on_attribute=lambda name, run: None,
        needs=whole.needs | needs_of(subject),
    )


class ResourceName(Known):
    """The piece of an ARN that names its resource: it means what the ARN means, and reads unlike
    it.
    """

    def text(self) -> str:
        return self.expression


# Where an ARN has its resource: arn:partition:service:region:account:[type:]name,
# arn:...:type/name.
_NAMING_PIECES: Mapping[Any, tuple[int, ...]] = {":": (5, 6, -1), "/": (1, -1)}


def _piece(subject: Object, separator: Any, key: Object | None, piece: Object) -> Object:
    """A piece of a text that is split: of an ARN, the one with the resource's name."""
    return (
        _name_in_arn(subject, piece)
        if constant(key) in _NAMING_PIECES.get(separator, ())
        else piece
    )


def _name_in_arn(subject: Object, piece: Object) -> Object:
    match subject:
        case Known(known=EventField((*_, name)) as arn) if name.lower().endswith("arn"):
            return ResourceName(arn, piece.needs, piece.expression)
        case Known(known=Environment(name) as arn) if name.lower().endswith("arn"):
            return ResourceName(arn, piece.needs, piece.expression)
    return piece


def after_last(subject: Object, separator: Any, piece: Object) -> Object:
    """What follows the last separator of a text."""
    return _name_in_arn(subject, piece) if separator in _NAMING_PIECES else piece


def join_text(separator: Object, items: Object, run: Run) -> Object:
    """The elements of a list with a separator between."""
    elements, partial = run.elements(items)
    if partial or len(elements) > 20:
        return derived(
            "join", separator, Object("items", needs_of(items)) if not items.text() else items
        )
    parts: list[Object] = []
    for index, one in enumerate(elements):
        parts += [separator, one] if index else [one]
    return concatenate(parts)


def join_path(parts: list[Object]) -> Object:
    """Path segments joined: a slash between, unless one is there."""
    found: list[Object] = []
    for part in parts:
        text = constant(part)
        if isinstance(text, str):
            if text.startswith("/") and not found:
                found.append(literal(text.rstrip("/") or "/"))
                continue
            text = text.strip("/")
            if text in ("", "."):
                continue
            part = literal(text, part.needs)
        if found and constant(found[-1]) != "/":
            found.append(literal("/"))
        found.append(part)
    return concatenate(found)


_PATH_PARTS: dict[str, Callable[[str], str]] = {
    "basename": posixpath.basename,
    "dirname": posixpath.dirname,
    "extension": lambda text: posixpath.splitext(text)[1],
    "root": lambda text: posixpath.splitext(text)[0],
    "stem": lambda text: posixpath.splitext(posixpath.basename(text))[0],
}


def path_part(part: str, subject: Object) -> Object:
    """A part of a file path: known for constants, and where the text that is known decides it."""

    def one(option: Object) -> Object:
        text = constant(option)
        if isinstance(text, str):
            return literal(_PATH_PARTS[part](text), option.needs)
        return derived(part, option)

    return over_options(subject, one)


# --------------------------------------------------------------------------------------------------


def to_object(value: Any, needs: frozenset[int] = frozenset()) -> Object:
    """An object for plain data."""
    match value:
        case str() | int() | float() | bool() | None:
            return literal(value, needs)
        case list() | tuple():
            return ListObject([to_object(item, needs) for item in value])
        case dict():
            return RecordObject({str(name): to_object(item, needs) for name, item in value.items()})
        case _:
            return Object("", needs)


def decode_json(subject: Object) -> Object:
    """What a JSON text decodes to: an event field stays one, a constant is parsed, a serialised
    record is the record.
    """

    def one(option: Object) -> Object:
        if (
            isinstance(option, RecordObject | ListObject | Instance)
            or event_path(option) is not None
        ):
            return option
        if isinstance(option, Method) and event_path(option.plain) is not None:
            return option.plain
        text = constant(option)
        if isinstance(text, str) and len(text) < _LARGEST_JSON:
            walked(len(text))
            try:
                decoded = MISSING if nesting(text, _DEEPEST_JSON) else json.loads(text)
            except ValueError:
                decoded = MISSING
            return to_object(decoded, option.needs)
        return derived("json", option)

    return over_options(subject, one)


def encode_json(subject: Object) -> Object:
    """The JSON text of an object: a record stays the record, so that what it says is still
    known.
    """

    def one(option: Object) -> Object:
        match option:
            case RecordObject() | ListObject() | Instance() | Promise():
                return option
            case Known() if constant(option) is not MISSING:
                return literal(json.dumps(constant(option)), option.needs)
            case Known() if isinstance(option.known, Text):
                return derived("json", option)
            case _:
                return option

    return over_options(subject, one)


# --------------------------------------------------------------------------------------------------


def called_for_each(subject: Object, function: Object, run: Run) -> tuple[list[Object], bool]:
    """The results of `function` for the elements of `subject`."""
    return run.each(subject, lambda element, index: run.invoke(function, (element, index)))


def copied(subject: Object, run: Run) -> Object:
    """A shallow copy."""
    match subject:
        case RecordObject():
            made = RecordObject(dict(subject.entries), subject.partial, subject.needs)
            made.on_missing = subject.on_missing
            return made
        case ListObject():
            return ListObject(subject.elements, subject.partial, subject.needs, run.loops)
        case _:
            return subject


def listed(subject: Object, run: Run) -> Object:
    """A list of what iterating gives."""
    if event_path(subject) is not None:
        return subject
    elements, partial = run.elements(subject)
    return ListObject(elements, partial, depth=run.loops)


def looked_up(subject: Object, arguments: Arguments, run: Run) -> Object:
    """`mapping.get(key, default)`."""
    key = first(arguments)
    default = arguments.get("default", 1)
    if isinstance(subject, Choice):
        return choose(
            [looked_up(option, arguments, run) for option in subject.there()], subject.needs
        )
    if isinstance(subject, RecordObject):
        name = constant(key)
        if name is not MISSING and str(name) not in subject.entries and not subject.partial:
            return literal(None, subject.needs) if default is None else default
        found = run.get_item(subject, key)
        if name is MISSING and default is not None:
            return choose([found, default], needs_of(key))
        return found
    modelled = isinstance(subject, Instance | Native) and not isinstance(subject, Method)
    found = run.get_item(subject, key) if modelled else run.element(subject, key)
    if (
        default is None
        or event_path(found) is not None
        or isinstance(default, RecordObject | ListObject)
    ):
        return found
    return (
        found
        if constant(default) in (None, "", 0, False)
        else choose([found, default], needs_of(subject))
    )

"""What things answer that know no better themselves: event fields, the context, unknown values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    RecordObject,
    constant,
    event_path,
    needs_of,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Known, Object
from cfnlint_eda_rules.handlers.symbolic_values import ContextField, EventField

if TYPE_CHECKING:
    from cfnlint_eda_rules.handlers.interpreter.machine import Machine

_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def plain_attribute(subject: Object, name: str, m: Machine) -> Object:
    """The attribute as data."""
    if isinstance(subject, Known):
        match subject.known:
            case EventField(path):
                return Known(EventField((*path, name)), subject.needs)
            case ContextField(""):
                return Known(ContextField(_SNAKE.sub("_", name).lower()), subject.needs)
    if (
        name == "default"
        and m.language == "javascript"
        and type(subject) in (Object, RecordObject, FunctionObject)
    ):
        return subject  # the default export of a module that has none is the module
    text = subject.text()
    return Object(f"{text}.{name}" if text else "", needs_of(subject))


def element(subject: Object, key: Object | None, m: Machine) -> Object:
    """`subject[key]`, or any element."""
    path = event_path(subject)
    if path is not None:
        name = constant(key)
        step = name if isinstance(name, str) and not name.isdigit() else "*"
        return Known(EventField((*path, step)), subject.needs)
    name = constant(key)
    if isinstance(subject, Known) and subject.known == ContextField("") and isinstance(name, str):
        return plain_attribute(subject, name, m)
    text = subject.text()
    if key is None:
        return Object(f"{text}[*]" if text else "", needs_of(subject))
    inside = key.text()
    return Object(f"{text}[{inside}]" if text and inside else "", needs_of(subject) | needs_of(key))

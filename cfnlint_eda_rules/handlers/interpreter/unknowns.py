"""What things answer that know no better themselves: event fields, the context, unknown values."""

from __future__ import annotations

import re

from cfnlint_eda_rules.handlers.interpreter.objects import (
    constant,
    event_path,
    needs_of,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Known, Object
from cfnlint_eda_rules.handlers.symbolic_values import ContextField, EventField

_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def plain_attribute(subject: Object, name: str) -> Object:
    """The attribute as data."""
    if isinstance(subject, Known):
        match subject.known:
            case EventField(path):
                return Known(EventField((*path, name)), subject.needs)
            case ContextField(""):
                return Known(ContextField(_SNAKE.sub("_", name).lower()), subject.needs)
    text = subject.text()
    return Object(f"{text}.{name}" if text else "", needs_of(subject))


def element(subject: Object, key: Object | None) -> Object:
    """`subject[key]`, or any element."""
    path = event_path(subject)
    if path is not None:
        name = constant(key)
        step = name if isinstance(name, str) and not name.isdigit() else "*"
        return Known(EventField((*path, step)), subject.needs)
    name = constant(key)
    if isinstance(subject, Known) and subject.known == ContextField("") and isinstance(name, str):
        return plain_attribute(subject, name)
    text = subject.text()
    if key is None:
        return Object(f"{text}[*]" if text else "", needs_of(subject))
    inside = key.text()
    return Object(f"{text}[{inside}]" if text and inside else "", needs_of(subject) | needs_of(key))

"""What things answer that know no better themselves: event fields, the context, unknown values."""

from __future__ import annotations

import re

from cfnlint_eda_rules.handlers.interpreter.objects import (
    constant,
    event_path,
    needs_of,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import NOTHING, Known, Object
from cfnlint_eda_rules.handlers.symbolic_values import ContextField, EventField

DEEPEST_OWNER = 10

_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def plain_attribute(subject: Object, name: str) -> Object:
    """The attribute as data, which knows what it was taken from."""
    return _owned(_attribute(subject, name), subject, name)


def _attribute(subject: Object, name: str) -> Object:
    if isinstance(subject, Known):
        match subject.known:
            case EventField(path):
                return Known(EventField((*path, name)), subject.needs)
            case ContextField(""):
                return Known(ContextField(_SNAKE.sub("_", name).lower()), subject.needs)
    text = subject.text()
    return Object(f"{text}.{name}" if text else "", _needs(subject))


def element(subject: Object, key: Object | None) -> Object:
    """`subject[key]`, or any element, which knows what it was taken from."""
    found = _element(subject, key)
    name = constant(key)
    return _owned(found, subject, name if isinstance(name, str) else None)


def _owned(found: Object, owner: Object, name: str | None) -> Object:
    """What is put at any element is part of the whole alone: another element need not have it."""
    found.taken_from = owner
    if owner.put and name is not None:
        found.needs |= owner.put.get(name, NOTHING)
    return found


def put_into(subject: Object, name: str | None, needs: frozenset[int]) -> None:
    """Notes what a value needs that is put at a name: what the subject was taken from holds it too.
    The event as a whole is spared, as every field of it is read anew.
    """
    owner: Object | None = subject
    for _ in range(DEEPEST_OWNER):
        if type(owner) not in (Object, Known) or owner is None or event_path(owner) == ():
            return
        put = owner.put = owner.put or {}
        put[name] = put.get(name, NOTHING) | needs
        owner, name = owner.taken_from, None


def _needs(subject: Object) -> frozenset[int]:
    """What any part of the subject needs, besides what was put there."""
    return subject.needs if subject.put else needs_of(subject)


def _element(subject: Object, key: Object | None) -> Object:
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
        return Object(f"{text}[*]" if text else "", _needs(subject))
    inside = key.text()
    return Object(f"{text}[{inside}]" if text and inside else "", _needs(subject) | needs_of(key))

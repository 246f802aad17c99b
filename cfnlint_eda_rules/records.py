"""``dataclass`` that costs little until a class is used, and works in modules that are executed
without being imported; ``StrEnum`` of newer Pythons.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from enum import Enum
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(
        *, frozen: bool = False, slots: bool = False, eq: bool = True
    ) -> Callable[[type], type]:
        """Return what ``dataclasses.dataclass`` does, but for methods written when they are first
        called.

        Writing the methods of the package's hundred classes would be most of the time that it takes
        to start. What ``frozen`` forbids is left to mypy; at run time it gives the class a hash.
        """
        methods = [
            "__init__",
            "__repr__",
            *(["__eq__", *(["__hash__"] if frozen else [])] if eq else []),
        ]

        def decorate(cls: type) -> type:
            own = cls.__dict__
            missing = [method for method in methods if method not in own]
            made = _processed(cls, slots)
            if eq and not frozen and "__hash__" not in own:
                made.__hash__ = None
            for method in missing:
                setattr(made, method, _later(made, method))
            return made

        return decorate


def _processed(cls: type, slots: bool) -> type:
    """The class as ``dataclasses`` knows its fields, without methods.

    Where the working folder holds a folder ``cfnlint_eda_rules``, as a checkout does, cfn-lint
    takes ``--append-rules cfnlint_eda_rules`` for a directory of rules and executes every file
    below it without registering it in ``sys.modules``, where ``dataclasses`` looks up the module of
    a class with postponed annotations.
    """
    process = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)
    if cls.__module__ in sys.modules:
        return process(cls)
    sys.modules[cls.__module__] = ModuleType(cls.__module__)
    try:
        return process(cls)
    finally:
        del sys.modules[cls.__module__]


def _later(cls: Any, method: str) -> Callable[..., Any]:
    """A method that puts the one ``dataclasses`` writes in its own place and calls it."""

    def stand_in(self: Any, *positional: Any, **named: Any) -> Any:
        written = _written(cls, method)
        setattr(cls, method, written)
        return written(self, *positional, **named)

    return stand_in


def _written(cls: Any, method: str) -> Callable[..., Any]:
    """The method ``dataclasses`` writes for the fields of a class."""
    kept = ("default", "default_factory", "init", "repr", "hash", "compare", "kw_only")
    model = dataclasses.make_dataclass(
        cls.__name__,
        [
            (field.name, object, dataclasses.field(**{name: getattr(field, name) for name in kept}))
            for field in dataclasses.fields(cls)
        ],
        init=method == "__init__",
        repr=method == "__repr__",
        eq=method in ("__eq__", "__hash__"),
        unsafe_hash=method == "__hash__",
    )
    written: Callable[..., Any] = model.__dict__[method]
    return written


class StrEnum(str, Enum):
    """Named texts: each member equals its text and is printed as it, as in Python 3.11's."""

    __str__ = str.__str__

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)

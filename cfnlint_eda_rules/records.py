"""``dataclass`` that costs little until a class is used, and works in modules that are executed
without being imported.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

_MISSING: Any = dataclasses.MISSING
# So many objects of a class are made before an `__init__` of its own is worth being compiled.
_FEW = 24

# What tells a field from a class variable; no public name leads to it.
_AN_ORDINARY_FIELD: Any = dataclasses.__dict__["_FIELD"]

Method = Callable[..., Any]

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(
        *, frozen: bool = False, slots: bool = True, eq: bool = True
    ) -> Callable[[type], type]:
        """Return what ``dataclasses.dataclass`` does with slots, for classes whose annotations are
        texts.

        That function writes and compiles the methods of each class as it is made, which for the
        package's hundreds of classes would be most of the time that it takes to start. Here they
        are closures, until so many objects are made that compiling pays. What ``frozen`` forbids is
        left to mypy; at run time it gives the class a hash. The functions of ``dataclasses``
        (``replace``, ``fields``, ...) work as ever.
        """

        def decorate(cls: type) -> type:
            own, inherited = _own_fields(cls), _inherited_fields(cls)
            fields = {**inherited, **own}
            return _remade(
                cls,
                left_out={*own, "__dict__", "__weakref__"},
                added={
                    "__slots__": tuple(name for name in own if name not in inherited),
                    "__record_fields__": fields,
                    "__dataclass_fields__": _DataclassFields(fields),
                    "__match_args__": tuple(n for n in fields if not _keyword_only(fields[n])),
                    **_methods(fields, frozen, eq),
                },
            )

        return decorate


def _own_fields(cls: type) -> dict[str, Any]:
    """The defaults (a value, a ``dataclasses.field``, or ``_MISSING``) of the fields of a class, by
    name.
    """
    return {
        name: cls.__dict__.get(name, _MISSING)
        for name, annotation in cls.__annotations__.items()
        if not str(annotation).startswith("ClassVar")
    }


def _inherited_fields(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        found.update(base.__dict__.get("__record_fields__", {}))
    return found


def _remade(cls: Any, left_out: Collection[str], added: Mapping[str, Any]) -> Any:
    """The class again: slots have to be there when a class is made, and methods cost least then.
    What the class itself defines stays.
    """
    own = {name: value for name, value in cls.__dict__.items() if name not in left_out}
    if "__eq__" in own and "__hash__" in own and own["__hash__"] is None:
        # Python adds it beside an `__eq__`.
        del own["__hash__"]
    made = type(cls)(cls.__name__, cls.__bases__, {**added, **own})
    made.__qualname__ = cls.__qualname__
    return made


def _keyword_only(default: Any) -> bool:
    return isinstance(default, dataclasses.Field) and default.kw_only is True


class _DataclassFields:
    """What the functions of ``dataclasses`` ask a class for, worked out when one of them does."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        self._known: dict[str, Any] | None = None

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        if self._known is None:
            self._known = {name: _field(name, default) for name, default in self._fields.items()}
        return self._known


def _field(name: str, default: Any) -> Any:
    """A field as ``dataclasses`` leaves it behind in a class that it has processed."""
    if isinstance(default, dataclasses.Field):
        kept = ("default", "default_factory", "init", "repr", "hash", "compare", "kw_only")
        made: Any = dataclasses.field(**{key: getattr(default, key) for key in kept})
    else:
        made = dataclasses.field(default=default)
    made.name, made.type, made._field_type = name, object, _AN_ORDINARY_FIELD
    made.kw_only = made.kw_only is True
    return made


# --------------------------------------------------------------------------------------------------


def _methods(fields: Mapping[str, Any], frozen: bool, eq: bool) -> dict[str, Method | None]:
    found: dict[str, Method | None] = {
        "__init__": _init(fields),
        "__repr__": _repr(tuple(fields)),
    }
    if eq:
        found["__eq__"] = _eq(_values(tuple(fields)))
        found["__hash__"] = _hash(_values(_hashed(fields))) if frozen else None
    return found


def _hashed(fields: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        name
        for name, default in fields.items()
        if not (isinstance(default, dataclasses.Field) and default.hash is False)
    )


def _values(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """What gives the values of these attributes, to be compared or hashed at once: the value itself
    where there is one.
    """
    return attrgetter(*names) if names else lambda instance: ()


def _eq(values: Callable[[Any], Any]) -> Method:
    def __eq__(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(values(self) == values(other))

    return __eq__


def _hash(values: Callable[[Any], Any]) -> Method:
    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _repr(names: tuple[str, ...]) -> Method:
    @recursive_repr()
    def __repr__(self: Any) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"

    return __repr__


def _init(fields: Mapping[str, Any]) -> Method:
    """An `__init__` for the first objects, which has a compiled one made then."""
    positional = tuple(name for name in fields if not _keyword_only(fields[name]))
    left = _FEW
    compiled: Method | None = None

    def __init__(self: Any, *given: Any, **named: Any) -> None:
        nonlocal left, compiled
        left -= 1
        values = dict(zip(positional, given, strict=False))
        known = len(values) == len(given) and values.keys().isdisjoint(named)
        values.update(named)
        for name in fields.keys() - values.keys():
            if (default := _default(fields[name])) is not _MISSING:
                values[name] = default
        if left >= 0 and known and values.keys() == fields.keys():
            for name, value in values.items():
                setattr(self, name, value)
            return
        # What does not fit is told by the compiled one, too.
        compiled = compiled or _compiled_init(fields)
        _put_in_place(type(self), __init__, compiled)
        compiled(self, *given, **named)

    return __init__


def _put_in_place(cls: Any, stand_in: Method, method: Method) -> None:
    """Put a method where the one that stood in for it was found."""
    for base in cls.__mro__:
        if base.__dict__.get("__init__") is stand_in:
            base.__init__ = method


def _default(default: Any) -> Any:
    if not isinstance(default, dataclasses.Field):
        return default
    factory: Any = default.default_factory
    return default.default if _is_plain(default) else factory()


def _is_plain(default: Any) -> bool:
    return not isinstance(default, dataclasses.Field) or default.default_factory is _MISSING


def _compiled_init(fields: Mapping[str, Any]) -> Method:
    scope: dict[str, Any] = {"MISSING": _MISSING}
    parameters: list[str] = []
    lines: list[str] = []
    for name in sorted(fields, key=lambda name: _keyword_only(fields[name])):
        default = fields[name]
        if _keyword_only(default) and "*" not in parameters:
            parameters.append("*")
        made = not _is_plain(default)
        scope[f"_{name}"] = default.default_factory if made else _default(default)
        without = scope[f"_{name}"] is _MISSING
        parameters.append(name if without else f"{name}={'MISSING' if made else f'_{name}'}")
        value = f"_{name}() if {name} is MISSING else {name}" if made else name
        lines.append(f"    self.{name} = {value}")
    body = "\n".join(lines) or "    pass"
    exec(f"def __init__(self, {', '.join(parameters)}):\n{body}", scope)
    init: Method = scope["__init__"]
    return init


class StrEnum(str, Enum):
    """Named texts: each member equals its text and is printed as it, as in Python 3.11's."""

    __str__ = str.__str__

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)

"""`records.dataclass` does what `dataclasses.dataclass` does."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import field
from typing import Any, ClassVar

import pytest

from cfnlint_eda_rules.records import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A point."""

    dimensions: ClassVar[int] = 2
    x: int
    y: int = 0
    names: tuple[str, ...] = field(default_factory=tuple, hash=False)

    @property
    def sum(self) -> int:
        """Of both."""
        return self.x + self.y


@dataclass(slots=True)
class Node:
    line: int = field(default=0, kw_only=True)


@dataclass(slots=True)
class Call(Node):
    name: str
    arguments: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    x: int


@dataclass(frozen=True, slots=True)
class Own:
    x: int

    def __repr__(self) -> str:
        return "own"

    def __eq__(self, other: object) -> bool:
        return True


# The first objects of a class are made in another way than the rest.
@pytest.fixture(autouse=True, params=[0, 40])
def _made_before(request: pytest.FixtureRequest) -> None:
    for number in range(request.param):
        Point(number)
        Call("f", line=number)
        Same(number)


def test_fields_are_given_by_position_name_and_default() -> None:
    assert (Point(1).x, Point(1).y, Point(1).names) == (1, 0, ())
    assert (Point(1, 2, ("a",)).names, Point(y=3, x=1).sum, Point.dimensions) == (("a",), 4, 2)
    first, second = Call("f", line=3), Call(name="g")
    assert (first.name, first.line, second.line) == ("f", 3, 0)
    first.arguments.append(1)
    assert (first.arguments, second.arguments) == ([1], [])


@pytest.mark.parametrize(
    ("given", "named"),
    [((), {}), ((1, 2, (), 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"y": 1})],
)
def test_what_does_not_fit_is_a_type_error(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Point(*given, **named)


def test_equality_and_hash_are_those_of_the_fields() -> None:
    assert Point(1, 2) == Point(1, 2) != Point(1, 3)
    assert Point(1) != (1, 0, ())  # type: ignore[comparison-overlap]
    assert len({Point(1, 0, ("a",)), Point(1, 0, ("b",)), Point(1)}) == 3
    assert hash(Point(1, 0, ("a",))) == hash(Point(1, 0, ("b",)))
    assert Call("f") == Call("f")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Call("f"))
    assert Same(1) != Same(1)
    assert len({Same(1), Same(1)}) == 2


def test_what_a_class_defines_stays() -> None:
    assert (repr(Own(1)), Own(1) == Own(2)) == ("own", True)
    assert Point.__doc__ == "A point."
    assert isinstance(Point.sum, property)


def test_an_object_is_shown_with_its_fields() -> None:
    assert repr(Point(1)) == "Point(x=1, y=0, names=())"
    call = Call("f")
    call.arguments.append(call)
    assert repr(call) == "Call(line=0, name='f', arguments=[...])"


def test_only_fields_have_a_place() -> None:
    assert not hasattr(Call("f"), "__dict__")
    with pytest.raises(AttributeError):
        Call("f").other = 1  # type: ignore[attr-defined]


def test_patterns_take_fields_by_position() -> None:
    match Point(1, 2):
        case Point(x, 2):
            assert x == 1
    assert Call.__match_args__ == ("name", "arguments")


def test_the_functions_of_dataclasses_work() -> None:
    assert dataclasses.is_dataclass(Point)
    assert [part.name for part in dataclasses.fields(Call("f"))] == ["line", "name", "arguments"]
    assert dataclasses.replace(Point(1, 2), y=3) == Point(1, 3)
    assert dataclasses.replace(Call("f", line=3), name="g") == Call("g", line=3)
    assert dataclasses.asdict(Point(1)) == {"x": 1, "y": 0, "names": ()}
    assert copy.deepcopy(Call("f", [1])) == Call("f", [1])

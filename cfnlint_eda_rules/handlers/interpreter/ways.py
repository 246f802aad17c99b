"""The ways that control takes: exclusive alternatives from one point, and where they meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cfnlint_eda_rules.budget import walked
from cfnlint_eda_rules.handlers.interpreter.objects import (
    Entries,
    choose,
)
from cfnlint_eda_rules.handlers.interpreter.paths import (
    MISSING,
    NO_GUARDS,
    Difference,
    End,
    Path,
    Trail,
    joined,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Object,
)


class Ways:
    """The path at hand, and what is written on it. None is a path that has ended: nothing runs on
    it.
    """

    def __init__(self) -> None:
        self.trail = Trail()
        self.path: Path | None = Path()

    def write(self, container: Any, key: Any, value: Any) -> None:
        """Writes so that it can be taken back; unreachable code writes nothing."""
        if self.path is not None:
            self.trail.write(container, key, value)

    def either(
        self,
        ways: Sequence[tuple[Path | None, Callable[[], Object | None]]],
        needs: frozenset[int] = NOTHING,
    ) -> Object:
        """Runs exclusive alternatives, each from its own path, and merges where they meet; `needs`
        are the calls that decide.
        """
        base = self.path
        mark = self.trail.mark()
        ends: list[End] = []
        for path, way in ways:
            if path is None:
                continue
            self.path = path
            value = way()
            if self.path is not None:
                ends.append(End(self.path, self.trail.difference(mark), value))
            self.trail.undo(mark)
        self.path = base
        result = self.meet(ends, needs)
        if self.path is not None and base is not None and len(ends) == len(ways):
            # All alternatives arrive: what decided between them decides nothing from here on.
            self.path = replace(self.path, decided=self.path.decided - (needs - base.decided))
        return result

    def meet(self, ends: Sequence[End], needs: frozenset[int] = NOTHING) -> Object:
        """Goes on where `ends` meet: their paths joined, what they wrote merged. Returns the one of
        their values that holds.
        """
        self.path = joined(end.path for end in ends)
        if len(ends) == 1:
            for container, key, value in ends[0].written.values():
                self.trail.write(container, key, value)
        elif ends:
            self._merge([end.written for end in ends], needs)
        return choose([end.value for end in ends if end.value is not None], needs)

    def _merge(self, differences: list[Difference], needs: frozenset[int]) -> None:
        places = {place: entry[:2] for written in differences for place, entry in written.items()}
        walked(len(places) * len(differences))
        for place, (container, key) in places.items():
            current = container.get(key, MISSING)
            found = [written[place][2] if place in written else current for written in differences]
            first = found[0]
            if all(value is first for value in found[1:]):
                merged = first
            # Lists grow in one alternative and not in the other: what is in either may be there.
            elif key == "elements" and isinstance(first, tuple):
                merged, uneven = _merged_lists(found)
                if uneven:
                    self.trail.write(container, "partial", True)
            # A flag (`partial`) says that something may be: it is set where any sets it.
            elif any(isinstance(value, bool) for value in found):
                merged = any(value is True for value in found)
            else:
                merged = _merged_objects(found, isinstance(container, Entries), needs)
            self.trail.write(container, key, merged)

    def alternatives(
        self, ways: Sequence[Callable[[], Object]], needs: frozenset[int] = NOTHING
    ) -> Object:
        """Runs exclusive alternatives from the path at hand."""
        if len(ways) == 1:
            return ways[0]()
        path = None if self.path is None else self.path.under(NO_GUARDS, needs)
        return self.either([(path, way) for way in ways], needs)

    def perhaps(self, action: Callable[[], Object]) -> None:
        self.either([(self.path, lambda: None), (self.path, action)])

    def exit(self) -> None:
        """Ends the path at hand: the process is over."""
        self.path = None


def _merged_lists(found: Sequence[Any]) -> tuple[tuple[Object, ...], bool]:
    lists = [value for value in found if isinstance(value, tuple)]
    walked(sum(map(len, lists)))
    longest = max(lists, key=len)
    others = {id(element): element for other in lists for element in other}
    for element in longest:
        others.pop(id(element), None)
    merged = (*longest, *others.values())
    return merged, any(len(other) != len(merged) for other in lists)


def _merged_objects(found: Sequence[Any], entries: bool, needs: frozenset[int]) -> Any:
    there = [value for value in found if isinstance(value, Object)]
    if not there:
        return found[0]
    if len(there) < len(found) and entries:
        there.append(Object("", needs))
    return choose(there, needs)

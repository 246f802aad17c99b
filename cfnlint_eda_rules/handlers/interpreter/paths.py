"""The state of an evaluation at one point: the path that led there, what was written on the way,
and the calls found so far.

Alternatives run one after the other from the same state: everything written goes through a `Trail`,
so that an alternative's writes can be taken back, kept as a `Difference`, and merged with those of
the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeAlias

from cfnlint_eda_rules.budget import walked
from cfnlint_eda_rules.handlers.facts import Guard
from cfnlint_eda_rules.handlers.interpreter.protocol import NOTHING, Object
from cfnlint_eda_rules.records import dataclass


class Missing:
    """What a container holds where it holds nothing."""


MISSING = Missing()
NO_GUARDS: frozenset[Guard] = frozenset()


@dataclass(frozen=True, slots=True)
class Path:
    """How this point was reached: calls finished, decisions taken, the calls that decided, and
    whether only errors lead here.
    """

    before: frozenset[int] = NOTHING
    guards: frozenset[Guard] = NO_GUARDS
    decided: frozenset[int] = NOTHING
    error: bool = False

    def after(self, calls: Iterable[int]) -> Path:
        """This path once `calls` have finished."""
        before = self.before.union(calls)
        return self if len(before) == len(self.before) else replace(self, before=before)

    def under(self, guards: frozenset[Guard], decided: frozenset[int], error: bool = False) -> Path:
        """This path under a decision."""
        if not guards and not decided and not error:
            return self
        walked(2 * len(self.guards) + len(guards))
        return Path(self.before, self.guards | guards, self.decided | decided, self.error or error)


def joined(paths: Iterable[Path]) -> Path | None:
    """The path after alternatives meet: normal ones outweigh those of error handlers. None when
    none arrives.
    """
    arriving = list(paths)
    normal = [path for path in arriving if not path.error] or arriving
    if not normal:
        return None
    first = normal[0]
    walked(sum(len(path.before) + len(path.guards) for path in normal) >> 2)
    before, guards, decided = first.before, first.guards, first.decided
    for path in normal[1:]:
        before |= path.before
        guards &= path.guards
        decided |= path.decided
    return Path(before, guards, decided, first.error)


Container: TypeAlias = "dict[Any, Any]"
Difference: TypeAlias = "dict[tuple[int, Any], tuple[Container, Any, Any]]"


class Trail:
    """A journal of writes: `undo` takes back all since a mark, `difference` says what they amount
    to.
    """

    __slots__ = ("entries",)

    def __init__(self) -> None:
        self.entries: list[tuple[Container, Any, Any]] = []

    def write(self, container: Container, key: Any, value: Any) -> None:
        """Sets `container[key]`; `MISSING` removes it."""
        self.entries.append((container, key, container.get(key, MISSING)))
        if value is MISSING:
            container.pop(key, None)
        else:
            container[key] = value

    def mark(self) -> int:
        return len(self.entries)

    def difference(self, mark: int) -> Difference:
        walked(4 * (len(self.entries) - mark))
        return {
            (id(container), key): (container, key, container.get(key, MISSING))
            for container, key, _ in self.entries[mark:]
        }

    def undo(self, mark: int) -> None:
        while len(self.entries) > mark:
            container, key, old = self.entries.pop()
            if old is MISSING:
                container.pop(key, None)
            else:
                container[key] = old


@dataclass(frozen=True, slots=True)
class End:
    """Where one way out of a piece of code leads: the path, what was written since the piece's
    mark, and the value it leaves with.
    """

    path: Path
    written: Difference
    value: Object | None = None
    kind: str = "normal"
    label: str | None = None

"""What one run over a template may cost: one account, spent from where work is done and memory is
taken.

An account is in force for a block of code (`spending`), also for the threads that go on with its
work. What spends more than is left gets `Exhausted` and leaves what it was finding out unknown: an
answer is never put together from a part that happened to be affordable.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

STEPS = "steps"  # of evaluation: an expression, a statement, or a walk over sixteen values
TEXT = "text"  # characters of source that are parsed
NODES = "nodes"  # of syntax trees that are kept
RELATIONS = "relations"  # which call comes before, is needed by or decides which
CALLS = "calls"  # of services in one handler
LOOK_UPS = "look-ups"  # of files and folders
GRANTS = "grants"  # looks at what a statement says of an action and a resource
COMPARISONS = "comparisons"  # of a call with another that may come before it
STATES = "states"  # of the event flow: a message at a place

LIMITS: Mapping[str, int] = {
    STEPS: 250_000,
    TEXT: 12_000_000,
    NODES: 600_000,
    RELATIONS: 1_000_000,
    LOOK_UPS: 200_000,
    COMPARISONS: 1_000_000,
    STATES: 200_000,
    GRANTS: 400_000,
}


class Exhausted(Exception):
    """There is not enough left of `kind` to finish what was begun."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"more {kind} than a run may take")
        self.kind = kind


class Budget:
    """What is left of each kind. A budget `within` another spends from both, so that a part cannot
    take all that the whole has.
    """

    __slots__ = ("_left", "_paid", "_within")

    def __init__(self, limits: Mapping[str, int] = LIMITS, within: Budget | None = None) -> None:
        self._left = dict(limits)
        self._within = within
        self._paid: set[tuple[str, Hashable]] = set()

    def left(self, kind: str) -> int:
        """How much may still be spent of a kind: never less than nothing."""
        own = self._left.get(kind)
        if self._within is None:
            return max(0, own or 0)
        above = self._within.left(kind)
        return above if own is None else max(0, min(own, above))

    def spend(self, kind: str, amount: int = 1) -> None:
        """Takes from what is left. Raises `Exhausted` where that is too little."""
        if self._within is not None:
            self._within.spend(kind, amount)
        own = self._left.get(kind)
        if own is None:
            return
        self._left[kind] = own - amount
        if own < amount:
            raise Exhausted(kind)

    def spend_once(self, kind: str, thing: Hashable, amount: int) -> None:
        """Takes from what is left, once for each thing. Raises `Exhausted` as `spend` does."""
        if self._within is not None:
            self._within.spend_once(kind, thing, amount)
        elif (kind, thing) not in self._paid:
            self._paid.add((kind, thing))
            self.spend(kind, amount)

    def close(self) -> None:
        """Leaves nothing to spend."""
        self._left = dict.fromkeys(LIMITS, 0)

    def affords(self, kind: str, amount: int = 1) -> bool:
        """Takes from what is left if there is enough; says whether there was."""
        if self.left(kind) < amount:
            return False
        self.spend(kind, amount)
        return True


_IN_FORCE: ContextVar[Budget | None] = ContextVar("cfnlint_eda_rules.budget", default=None)


def current() -> Budget:
    """The budget in force; where there is none, a new one."""
    found = _IN_FORCE.get()
    return Budget() if found is None else found


def spend(kind: str, amount: int = 1) -> None:
    """Takes from the budget in force, if there is one. Raises `Exhausted` where that is too
    little.
    """
    found = _IN_FORCE.get()
    if found is not None:
        found.spend(kind, amount)


def walked(count: int) -> None:
    """Pays for a walk over so many values."""
    if count > 15:
        spend(STEPS, count >> 4)


@contextmanager
def spending(budget: Budget) -> Iterator[None]:
    """Has `budget` in force for a while."""
    token = _IN_FORCE.set(budget)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)

"""The conditions something holds under: names of the template's conditions, each with the value it
must have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

LOGGER = logging.getLogger(__name__)

Conditions: TypeAlias = frozenset[tuple[str, bool]]

ALWAYS: Conditions = frozenset()

_MOST_SCENARIOS = 32
_T = TypeVar("_T")


def both(left: Conditions, right: Conditions) -> Conditions | None:
    """Both sets together; None when they ask for a condition and its opposite."""
    if not left or not right:
        return left or right
    union = left | right
    return None if any((name, not wanted) in union for name, wanted in union) else union


def all_of(*conditions: Conditions) -> Conditions | None:
    """All sets together; None when they ask for a condition and its opposite."""
    union = ALWAYS.union(*conditions)
    return None if any((name, not wanted) in union for name, wanted in union) else union


def coexisting(
    found: Sequence[_T],
    held: Callable[[_T], Conditions],
    size: Callable[[Sequence[_T]], int],
    compatible: Callable[[Conditions], bool],
) -> list[_T]:
    """Of things that exist under conditions, as many as one deployment can have at once: the
    largest part by `size`, in the order given. Looks at the first 32 sets of conditions.
    """
    scenarios = list(dict.fromkeys(map(held, found)))[:_MOST_SCENARIOS]
    best: list[_T] = []
    for seed in scenarios:
        together = seed
        for other in scenarios:
            if compatible(together | other):
                together |= other
        part = [one for one in found if held(one) <= together]
        if len(part) == len(found):
            return part
        if size(part) > size(best):
            best = part
    return best


class Solver:
    """Which conditions of a template can hold together; `solver` is cfn-lint's
    `Template.conditions` or None, `names` are those that the template declares, `scenarios` what is
    decided in each of the known deployments (none: nothing is).
    """

    def __init__(
        self,
        solver: Any | None,
        names: Iterable[str],
        scenarios: Sequence[tuple[Conditions, Mapping[str, bool]]] = (),
    ) -> None:
        self._solver = solver
        self._scenarios = scenarios
        self._names = frozenset(names)
        self._compatible: dict[Conditions, bool] = {}

    def compatible(self, conditions: Conditions) -> bool:
        """Whether all can hold at once, asked of cfn-lint's solver; True when it cannot say."""
        if any((name, not wanted) in conditions for name, wanted in conditions):
            return False
        if self._scenarios and not any(
            both(conditions, deployment) is not None
            and all(decided.get(name, wanted) == wanted for name, wanted in conditions)
            for deployment, decided in self._scenarios
        ):
            return False
        if self._solver is None:
            return True
        known = frozenset((name, wanted) for name, wanted in conditions if name in self._names)
        if not known:
            return True
        if known not in self._compatible:
            self._compatible[known] = self._solve(known)
        return self._compatible[known]

    def _solve(self, conditions: Conditions) -> bool:
        solver: Any = self._solver
        try:
            wanted = {
                name: {value} for name, value in sorted(conditions) if solver.get(name) is not None
            }
            return not wanted or any(True for _ in solver.build_scenarios(wanted))
        except MemoryError:
            raise
        except Exception:
            # The solver is not ours, and no answer means "can hold".
            LOGGER.debug("conditions %s cannot be solved", sorted(conditions), exc_info=True)
            return True

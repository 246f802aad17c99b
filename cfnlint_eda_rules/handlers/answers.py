"""What the fields of a call's answer tell by their names: that it failed, where its list goes
on.
"""

from __future__ import annotations

import functools
import re

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.facts import Guard

# The end of an expression that begins with a call's answer: `.status`, `['ok']`, compared or not.
_COMPARED = re.compile(r"(?<!\w)(\w+)(?:'?\])?(?: (>=|<=|>|<) (\d{1,6}))?$")
_FIRST_REDIRECT, _FIRST_FAILURE = 300, 400
_ACCEPTED = 202
_LONGEST = 200  # of an expression, from its end


def tells_failure(guard: Guard) -> bool:
    """Whether a decision was that an earlier call failed, by the name of what was looked at: a
    response that is not `ok`, a status of 429, entries that are left `UnprocessedItems`.
    """
    options = guard.subject.split(" | ")
    if not any("#" in option for option in options):
        return False
    return any(_tells_failure(option, guard) for option in options)


def _tells_failure(subject: str, guard: Guard) -> bool:
    found = _COMPARED.search(subject[-_LONGEST:]) if "#" in subject else None
    if found is None:
        return False
    names = load("failures")
    name = found[1].replace("_", "").lower()
    # "not true" and "false" are one decision.
    true = guard.holds == guard.value if isinstance(guard.value, bool) else None
    if name in names["status"]:
        if found[2] is not None and true is not None:
            return int(found[3]) >= _FIRST_REDIRECT - 1 and true == found[2].startswith(">")
        return isinstance(guard.value, int) and true is None and _failing(guard.value, guard.holds)
    if name in names["failed"]:
        return true is True
    return name in names["succeeded"] and true is False


def _failing(status: int, holds: bool) -> bool:
    """Whether a status that is (not) this one is a failure's."""
    if status == _ACCEPTED:
        return False
    return status >= _FIRST_FAILURE if holds else status < _FIRST_REDIRECT


def continues(name: str) -> bool:
    """Whether a field of this name tells if and where a list goes on."""
    return name in _continuations()


@functools.cache
def _continuations() -> frozenset[str]:
    return frozenset(name for names in load("paging") for name in names)

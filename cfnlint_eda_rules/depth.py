"""How deep foreign input may nest: counted, and followed on a stack of its own where the running
thread's has no room left. Nothing of the process is changed, so that other threads notice nothing.
"""

from __future__ import annotations

import contextvars
import re
import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from cfnlint_eda_rules.budget import current

_Result = TypeVar("_Result")

DEEPEST_DOCUMENT = 200  # brackets in brackets of JSON and the like
LEVELS_AT_ONCE = 8  # of recursion, between two looks at the room that is left
MOST_STACKS = 16
_RESERVED = 350  # frames that whoever finds room may take before asking again
_BRACKET = re.compile(r"[][(){}]")

_stacks: contextvars.ContextVar[int] = contextvars.ContextVar("cfnlint_eda_rules.stacks", default=1)


class TooDeep(Exception):
    """The input nests deeper than is followed."""


def crowded() -> bool:
    """Whether the running thread's recursion limit leaves little room."""
    room = max(sys.getrecursionlimit() - _RESERVED, _RESERVED)
    try:
        sys._getframe(room)
    except ValueError:
        return False
    return True


def on_fresh_stack(action: Callable[[], _Result]) -> _Result:
    """What `action` returns or raises, run on a stack of its own. Raises `TooDeep` where there are
    many already.
    """
    stacks = _stacks.get()
    if stacks >= MOST_STACKS:
        raise TooDeep
    run = _Run(action)
    context = contextvars.copy_context()
    context.run(_stacks.set, stacks + 1)
    thread = threading.Thread(target=context.run, args=(run,), daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # there are no threads, or no more of them
        raise TooDeep from error
    try:
        thread.join()
    except BaseException:  # an interrupt: what nobody waits for soon has nothing left to spend
        current().close()
        raise
    return run.outcome()


class _Run(Generic[_Result]):
    """An action that another thread runs, with what came of it."""

    def __init__(self, action: Callable[[], _Result]) -> None:
        self._action = action
        self._returned: list[_Result] = []
        self._raised: BaseException | None = None

    def __call__(self) -> None:
        try:
            self._returned.append(self._action())
        except BaseException as error:
            self._raised = error

    def outcome(self) -> _Result:
        if self._raised is not None:
            raise self._raised
        return self._returned[0]


def roomy(action: Callable[[], _Result]) -> _Result:
    """What `action` returns, run where there is room. Raises `TooDeep` where there is none."""
    return on_fresh_stack(action) if crowded() else action()


def nesting(text: str, deepest: int = DEEPEST_DOCUMENT) -> bool:
    """Whether brackets in `text` nest deeper than `deepest`: decoders written in C take a thread's
    stack for each. Brackets in strings count, too.
    """
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += 1 if found[0] in "[({" else -1
        if depth > deepest:
            return True
        depth = max(depth, 0)
    return False

"""The catalogue's regular expressions, asked of names that come from templates and sources."""

from __future__ import annotations

import functools
import re

# No name of an operation, an action, a handler or a path of constructs that is meant is longer.
# Some patterns look for a word anywhere in one, which takes the square of its length.
LONGEST_NAME = 1_000


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def fits(pattern: str, name: str) -> bool:
    """Whether the whole of a name is what a pattern describes; never so for overlong ones."""
    return len(name) <= LONGEST_NAME and _compiled(pattern).fullmatch(name) is not None


def begins(pattern: str, name: str) -> bool:
    """Whether a name begins as a pattern describes; never so for overlong ones."""
    return len(name) <= LONGEST_NAME and _compiled(pattern).match(name) is not None


def holds(pattern: str, name: str) -> bool:
    """Whether a part of a name is what a pattern describes; never so for overlong ones."""
    return len(name) <= LONGEST_NAME and _compiled(pattern).search(name) is not None

"""The folders of a project, listed when something is sought whose place nothing names."""

# ruff: noqa: PTH118, PTH119, PTH206

from __future__ import annotations

import os
import re
from collections import deque
from functools import cached_property

from cfnlint_eda_rules.template.boundary import Boundary

MOST_FOLDERS = 5_000
DEEPEST_FOLDER = 15
MOST_JOINED = 6

# What tools write or install: their content is a copy of what stands elsewhere.
_NOT_SOURCES = frozenset(
    {
        "node_modules",
        "bower_components",
        "site-packages",
        "__pycache__",
        "cdk.out",
        "dist",
        "build",
        "coverage",
        "target",
        "vendor",
        "venv",
        "env",
    }
)
_TESTS = frozenset({"test", "tests", "__tests__", "__mocks__", "spec", "e2e"})
_KIND = re.compile(r"(?:lambda)?(?:function|lambda|handler|fn|func)$")
_NEITHER = re.compile(r"[^a-z0-9]+")


class Tree:
    """The folders below a boundary's root that hold sources, nearest to the root first; hidden
    ones and what tools write are left out.
    """

    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The real paths of the folders; of an enormous project only some."""
        found: list[str] = []
        waiting = deque([(self._boundary.root, 0)] if self._boundary.root else [])
        while waiting and len(found) < MOST_FOLDERS:
            folder, depth = waiting.popleft()
            found.append(folder)
            if depth < DEEPEST_FOLDER:
                waiting.extend(
                    (os.path.join(folder, name), depth + 1)
                    for name in self._boundary.folders(folder)
                    if name not in _NOT_SOURCES and not name.startswith(".")
                )
        return tuple(found)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for folder in self.folders:
            found.setdefault(likeness(os.path.basename(folder)), []).append(folder)
        return found

    @cached_property
    def _by_joined_names(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for folder in self.folders:
            names = folder.split(os.sep)
            for count in range(2, min(len(names), MOST_JOINED) + 1):
                found.setdefault(likeness("-".join(names[-count:])), []).append(folder)
        return found

    def named(self, name: str) -> tuple[str, ...]:
        """The folders that are named like `name`, else those whose last names together are:
        `articles/recent` for `articles_recent`.
        """
        alike = likeness(name)
        found = self._by_name.get(alike) or self._by_joined_names.get(alike, []) if alike else []
        return tuple(found)


def likeness(name: str) -> str:
    """What names of one thing have in common, however a tool writes them: `order-processor`,
    `OrderProcessorFunction`.
    """
    plain = _NEITHER.sub("", name.lower()[:200])
    return _KIND.sub("", plain) or plain


def holds_tests(folder: str) -> bool:
    """Whether a folder, or one of the two above it, is named as those of tests are."""
    return not _TESTS.isdisjoint(folder.split(os.sep)[-3:])

"""What a search for a handler's file is given and gives: shared by the finders."""

# ruff: noqa: PTH118

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field

from cfnlint_eda_rules.handlers.source.code import Code, Layout
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.handler import module_file, module_parts
from cfnlint_eda_rules.handlers.source.packages import sources
from cfnlint_eda_rules.records import dataclass

MOST_PLACES = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A handler's file, and the folder that its modules are imported from."""

    file: str
    root: str


@dataclass(frozen=True, slots=True)
class Search:
    """What is sought: the module of `handler`, from the template's folder `base`.

    `folders` are where the template says the code is, the most certain first (one may be a file);
    `archives` the archives it names, there or not. `places` gathers where was looked, paths without
    the file's extension.
    """

    files: Files
    base: str
    code: Code
    handler: str
    language: Layout
    folders: tuple[str, ...]
    archives: tuple[str, ...] = ()
    places: dict[str, None] = field(default_factory=dict)

    @property
    def parts(self) -> list[str]:
        """The names on the way to the handler's module; empty when that is no module."""
        return module_parts(self.handler, self.language)

    @property
    def symbol(self) -> str:
        """The handler in its module."""
        return self.language.parted_handler(self.handler)[1]

    def module(self, folder: str, parts: Iterable[str], note: bool = True) -> Entry | None:
        """The module at `parts` below a folder, which it is imported from; `note` False when the
        place is one of very many.
        """
        path = os.path.normpath(os.path.join(folder, *parts))
        if note and len(self.places) < MOST_PLACES:
            self.places.setdefault(path)
        file = module_file(self.files, path, self.language)
        return None if file is None else Entry(file, folder)

    def fitting(self, folder: str) -> Entry | None:
        """The handler's module in a folder of sources: by the names it has, or those that it has
        before a build; there or in the folder `src` of it.
        """
        if not self.files.has_folder(folder):
            return None
        roots = (folder, os.path.join(folder, "src"))
        found = (self.module(root, parts) for parts in sources(self.parts) for root in roots)
        return next((entry for entry in found if entry is not None), None)


Finder = Callable[[Search], Iterator[Entry]]


def only(entries: Iterable[Entry | None]) -> Iterator[Entry]:
    """The one entry, or none when there are several: which of them is meant cannot be told."""
    found = {entry.file: entry for entry in entries if entry is not None}
    if len(found) == 1:
        yield from found.values()

"""The files of one function: texts inside the project, so many and so large and no more."""

# ruff: noqa: PTH120

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from cfnlint_eda_rules.handlers.source.archives import Archive, opened
from cfnlint_eda_rules.handlers.source.tree import Tree
from cfnlint_eda_rules.template.boundary import MEGABYTE, Boundary

LARGEST_FILE = MEGABYTE
LARGEST_BUNDLE = 5 * MEGABYTE
MOST_FILES = 200
MOST_BYTES = 64 * MEGABYTE

# https://peps.python.org/pep-0263/
_ENCODING = re.compile(rb"coding[:=][ \t]*([-\w.]{1,40})")


class ProjectFiles:
    """What is in one template's project, archives that were opened included: their files lie below
    the archive's own path.

    A file is regular, at most 1 MB of text (5 MB of JavaScript, which may be a bundle) and really
    inside the boundary, links resolved; of all together so many bytes are read. Make one for
    each template that is linted.
    """

    def __init__(self, boundary: Boundary) -> None:
        self.boundary = boundary
        self.tree = Tree(boundary)
        self._archives: dict[str, Archive | None] = {}
        self._opened: dict[str, Archive] = {}
        self._texts: dict[str, str | None] = {}
        self._left = MOST_BYTES

    def open(self, path: str) -> bool:
        """Whether there is an archive at `path`; from then on it is a folder."""
        if path not in self._archives:
            real = self.boundary.real(path) if self.boundary.is_file(path) else None
            found = None if real is None else opened(real)
            self._archives[path] = found
            if found is not None:
                self._opened[path] = found
        return self._archives[path] is not None

    def text(self, path: str) -> str | None:
        """The text of a file; None when there is none that may be read."""
        if path not in self._texts:
            content = self._content(path) if self._left > 0 else None
            self._left -= len(content or b"")
            self._texts[path] = None if content is None else decoded(content, path.endswith(".py"))
        return self._texts[path]

    def holds(self, path: str) -> bool:
        """Whether `path` is a regular file."""
        archive, name = self._packed(path)
        return self.boundary.is_file(path) if archive is None else name in archive.members

    def has_folder(self, path: str) -> bool:
        """Whether `path` is a folder, or an archive that was opened."""
        archive, name = self._packed(path)
        return self.boundary.is_folder(path) if archive is None else name in archive.folders

    def names(self, folder: str) -> tuple[str, ...]:
        """Names in one folder, sorted."""
        archive, name = self._packed(folder)
        return self.boundary.names(folder) if archive is None else archive.folders.get(name, ())

    def _content(self, path: str) -> bytes | None:
        archive, name = self._packed(path)
        if archive is None:
            return self.boundary.read(path, _largest(path))
        return archive.read(name, _largest(path))

    def _packed(self, path: str) -> tuple[Archive | None, str]:
        """The opened archive that a path leads into, and the name there."""
        for place, archive in self._opened.items():
            if path.startswith(place):
                below = os.path.normpath(path)[len(place) :]
                if not below or below.startswith(os.sep):
                    return archive, below[1:].replace(os.sep, "/")
        return None, ""


class Files:
    """One function's view of its project's files: at most 200 different ones are read.

    `inline` are files that only the template holds, `given` those that another file has in it.
    """

    def __init__(
        self,
        project: ProjectFiles,
        inline: Mapping[str, str] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.project = project
        self.boundary = project.boundary
        self.inline = frozenset(inline or ())
        self._given = frozenset(given or ())
        self._folders = {os.path.dirname(path) + os.sep for path in self._given}
        self._own: dict[str, str | None] = {**(inline or {}), **(given or {})}
        self._left = MOST_FILES

    def read(self, path: str) -> str | None:
        """The text of the file at the absolute `path` (or of inline code), None when it may not or
        cannot be read.
        """
        if path not in self._own:
            text = None
            if self._left > 0 and self.holds(path):
                self._left -= 1
                text = self.project.text(path)
            self._own[path] = text
        return self._own[path]

    def text(self, path: str) -> str | None:
        """The text of a file that is read to find others: a description of a package or a build."""
        return self.project.text(path)

    def holds(self, path: str) -> bool:
        """Whether `path` is a regular file of the project."""
        return path in self._given or self.project.holds(path)

    def has_folder(self, path: str) -> bool:
        """Whether `path` is a folder of the project (or the project)."""
        given = any(folder.startswith(path + os.sep) for folder in self._folders)
        return given or self.project.has_folder(path)

    def names(self, folder: str, ending: str = "") -> list[str]:
        """Names in one folder that end in `ending`, sorted."""
        return [name for name in self.project.names(folder) if name.endswith(ending)]

    def stand_in(self, path: str) -> str:
        """Has the file at `path` read as empty, as Python reads a package without `__init__.py`."""
        self._own.setdefault(path, "")
        return path

    def folder_of(self, importer: str) -> str:
        """The folder of a file; "" for inline code, which has none."""
        return "" if importer in self.inline else os.path.dirname(importer)


def _largest(path: str) -> int:
    if path.endswith(".map"):
        return 2 * LARGEST_BUNDLE
    return LARGEST_BUNDLE if path.endswith((".js", ".mjs", ".cjs")) else LARGEST_FILE


def decoded(content: bytes, declares_encoding: bool = False) -> str | None:
    """The text that `content` is, in UTF-8 or, where it may declare one, its own encoding; None
    when it is no text.
    """
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = _declared(content) if declares_encoding else None
    try:
        return None if encoding is None else content.decode(encoding)
    except (LookupError, ValueError):
        return None


def _declared(content: bytes) -> str | None:
    for line in content[: 2 * 512].split(b"\n")[:2]:
        found = _ENCODING.search(line) if line.lstrip().startswith(b"#") else None
        if found is not None:
            return found[1].decode()
    return None

"""The files of one function: texts inside the project, so many and so large and no more."""

# ruff: noqa: PTH120

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from cfnlint_eda_rules.template.boundary import MEGABYTE, Boundary

LARGEST_FILE = MEGABYTE
MOST_FILES = 200

# https://peps.python.org/pep-0263/
_ENCODING = re.compile(rb"coding[:=][ \t]*([-\w.]{1,40})")


class Files:
    """Reads one function's files below `boundary`.

    A file is regular, at most 1 MB of text and really inside the boundary, links resolved; at most
    200 different files are read. `inline` are files that only the template holds.
    """

    def __init__(self, boundary: Boundary, inline: Mapping[str, str] | None = None) -> None:
        self.boundary = boundary
        self.inline = frozenset(inline or ())
        self._texts: dict[str, str | None] = dict(inline or {})
        self._left = MOST_FILES

    def read(self, path: str) -> str | None:
        """The text of the file at the absolute `path` (or of inline code), None when it may not or
        cannot be read.
        """
        if path not in self._texts:
            text = None
            if self._left > 0 and self.holds(path):
                self._left -= 1
                text = self.text(path)
            self._texts[path] = text
        return self._texts[path]

    def text(self, path: str) -> str | None:
        """The text of a file that is read to find others: a description of a package or a build."""
        content = self.boundary.read(path, LARGEST_FILE)
        return None if content is None else decoded(content, path.endswith(".py"))

    def holds(self, path: str) -> bool:
        """Whether `path` is a regular file inside the boundary."""
        return self.boundary.is_file(path)

    def has_folder(self, path: str) -> bool:
        """Whether `path` is a folder inside the boundary (or the boundary)."""
        return self.boundary.is_folder(path)

    def names(self, folder: str, ending: str = "") -> list[str]:
        """Names in one folder that end in `ending`, sorted."""
        return [name for name in self.boundary.names(folder) if name.endswith(ending)]

    def stand_in(self, path: str) -> str:
        """Has the file at `path` read as empty, as Python reads a package without `__init__.py`."""
        self._texts.setdefault(path, "")
        return path

    def folder_of(self, importer: str) -> str:
        """The folder of a file; "" for inline code, which has none."""
        return "" if importer in self.inline else os.path.dirname(importer)


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

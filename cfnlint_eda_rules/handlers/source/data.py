"""Files of data that lie among a function's sources."""

# ruff: noqa: PTH118

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence

from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.template.documents import read_document

_DATA = (".json", ".yaml", ".yml")
_IN_FUNCTION = ("/var/task/", "/opt/python/", "/opt/nodejs/", "/opt/")


def data_of(files: Files, roots: Sequence[str], importer: str, path: str) -> str | None:
    """What the JSON or YAML file at `path` says, as JSON; None when there is no such file.

    The path is relative to the code folder, as the working directory is, or to the file
    `importer`; of one that is put together only the end may be known.
    """
    if not path.endswith(_DATA) or "\0" in path:
        return None
    place = next(
        (place for place in _places(files, roots, importer, path) if files.holds(place)), None
    )
    text = None if place is None else files.read(place)
    if text is None or path.endswith(".json"):
        return text
    document = read_document(None, text, inline=True)
    try:
        return None if document is None else json.dumps(document)
    except (TypeError, ValueError, RecursionError):
        return None


def _places(files: Files, roots: Sequence[str], importer: str, path: str) -> Iterator[str]:
    below = path
    for prefix in _IN_FUNCTION:
        below = below.removeprefix(prefix)
    for folder in (files.folder_of(importer), *roots):
        if folder:
            yield os.path.normpath(os.path.join(folder, below.lstrip("/")))

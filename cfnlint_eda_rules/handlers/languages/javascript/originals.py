"""The sources that a built file was made from, where it names them: a source map (inline, or beside
the file), or the comments with paths that esbuild writes above modules.

https://tc39.es/ecma426/
"""

# ruff: noqa: PTH118, PTH119, PTH120, PTH122

from __future__ import annotations

import base64
import binascii
import json
import os
import posixpath
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from cfnlint_eda_rules.handlers.source.code import Original
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import EXTENSIONS, strings, upwards

MOST_SOURCES = 500
MOST_MODULES = 5_000
LARGEST_SOURCES = 5 << 20  # characters

_MAP = re.compile(r"^//[#@] sourceMappingURL=(\S{1,500}|data:[\w/;,=-]{1,100}base64,\S+)\s*$", re.M)
_INLINE_MAP = re.compile(r"data:application/json;(?:charset=utf-8;)?base64,")
_LABEL = re.compile(r"^;?// (?:CONCATENATED MODULE: )?([^\s:][^\n:]{0,300}\.[cm]?[jt]sx?)$", re.M)
_BUNDLED = re.compile(r"__defProp|__commonJS|__toESM|__webpack_|^// [^\n]*node_modules/", re.M)
_EXPORTED = (
    r"\bexport\s+(?:async\s+)?(?:const|let|var|class|function\b\*?)\s+%(name)s\b"
    r"|\bexport\s*\{[^{}]{0,1000}\b%(name)s\b|\bexports\.%(name)s\b|\bexport\s+default\b"
    r"|\bmodule\.exports\s*="
)


def original(files: Files, built: str, symbol: str) -> Original | None:
    """The source that exports `symbol`, of the sources that `built` was made from; None unless all
    of the program's own are in the project or in the map.
    """
    text = files.read(built) or ""
    return _mapped(files, built, text, symbol) or _commented(files, built, text)


def places(text: str) -> Callable[[int], str]:
    """The modules that the lines of a bundle belong to, as the bundler calls them; "" where that is
    not told.
    """
    labels: list[tuple[int, str]] = []
    row, start = 1, 0
    for found in _own_labels(text) if _BUNDLED.search(text) else ():
        row += text.count("\n", start, found.start())
        start = found.start()
        labels.append((row, found[1]))

    def place(line: int) -> str:
        index = bisect_right(labels, (line, "\uffff"))
        return labels[index - 1][1] if index else ""

    return place


def _own_labels(text: str) -> list[re.Match[str]]:
    return [found for found in _LABEL.finditer(text) if "node_modules/" not in found[1]][
        :MOST_SOURCES
    ]


# --------------------------------------------------------------------------------------------------


def _mapped(files: Files, built: str, text: str, symbol: str) -> Original | None:
    given = _map(files, built, text)
    if not isinstance(given, dict):
        return None
    root = given.get("sourceRoot")
    contents = given.get("sourcesContent")
    contents = contents if isinstance(contents, list) else []
    folder = os.path.dirname(built)
    found: dict[str, str] = {}
    held: dict[str, str] = {}
    size = 0
    for index, name in enumerate(strings(given.get("sources"))[:MOST_MODULES]):
        if not _is_own(name):
            continue
        content = contents[index] if index < len(contents) else None
        place = _in_project(files, folder, root if isinstance(root, str) else "", name)
        if files.holds(place):
            content = files.text(place)
        elif isinstance(content, str):
            held[place] = content
        if not isinstance(content, str):
            return None
        found[place] = content
        size += len(content)
        if size > LARGEST_SOURCES or len(found) > MOST_SOURCES:
            return None
    entry = _entry(found, symbol, os.path.basename(folder))
    return None if entry is None or entry == built else Original(entry, held)


def _map(files: Files, built: str, text: str) -> Any:
    found = _MAP.search(text, max(text.rfind("sourceMappingURL=") - 4, 0))
    url = "" if found is None else found[1]
    inline = _INLINE_MAP.match(url)
    try:
        if inline is not None:
            return json.loads(base64.b64decode(url[inline.end() :]))
        path = os.path.join(os.path.dirname(built), url or os.path.basename(built) + ".map")
        beside = os.path.normpath(path)
        return json.loads(files.text(beside) or "null") if files.holds(beside) else None
    except (ValueError, RecursionError, binascii.Error):
        return None


def _is_own(name: str) -> bool:
    """Whether a source is the program's, no package's or bundler's."""
    _, extension = posixpath.splitext(name.partition("?")[0])
    return (
        extension in EXTENSIONS
        and "node_modules/" not in name
        and not re.match(r"(?:webpack:/+)?(?:[^/]*/)?(?:webpack/|external )|\0|\(disabled\)", name)
    )


def _in_project(files: Files, folder: str, root: str, name: str) -> str:
    """The path of a source; webpack's are relative to the project, whatever its URLs begin with."""
    name = name.partition("?")[0]
    if name.startswith("webpack:"):
        below = re.sub(r"^webpack:/+(?:[^/.]*/)?(?:\./)?", "", name)
        places = [os.path.join(above, below) for above in upwards(files, folder)]
        return next((each for each in places if files.holds(each)), os.path.join(folder, below))
    return os.path.normpath(os.path.join(folder, root, name.removeprefix("file://")))


def _entry(found: Mapping[str, str], symbol: str, built_as: str) -> str | None:
    """The source that exports the handler: the only one, that named like the folder it is built to,
    or the last, which bundlers put after all that it imports.
    """
    pattern = re.compile(_EXPORTED % {"name": re.escape(symbol.partition(".")[0])})
    exporting = [path for path, text in found.items() if pattern.search(text)]
    named = [path for path in exporting if _stem(path) == built_as]
    if len(exporting) == 1 or len(named) == 1:
        return (named or exporting)[0]
    last = list(found)[-1] if found else None
    return last if last in exporting else None


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


# --------------------------------------------------------------------------------------------------


def _commented(files: Files, built: str, text: str) -> Original | None:
    """By the comments above modules, relative to the folder that the bundler was started in: the
    nearest that has them all. The handler's module is the last.
    """
    if not _BUNDLED.search(text):
        return None
    names = list(dict.fromkeys(found[1] for found in _own_labels(text)))
    for folder in upwards(files, os.path.dirname(built)) if names else ():
        paths = [os.path.normpath(os.path.join(folder, name)) for name in names]
        if all(files.holds(path) and path != built for path in paths):
            return Original(os.path.normpath(os.path.join(folder, _own_labels(text)[-1][1])))
    return None

"""Local packages that a Python function is installed with: paths in requirements files and in
`pyproject.toml`.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from weakref import WeakKeyDictionary

from cfnlint_eda_rules.handlers.source.files import Files, ProjectFiles
from cfnlint_eda_rules.handlers.source.packages import upwards

MOST_LINES = 1_000
MOST_PACKAGES = 50
LONGEST_LINE = 500
MOST_FILES = 20
MOST_DESCRIPTIONS = 100

_EXTRAS = re.compile(r"\[[^\]\[]*\]$")
_DESCRIPTIONS = frozenset({"pyproject.toml", "Pipfile", "setup.py", "setup.cfg"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Poetry, uv, PDM and Pipenv: name = { path = "../common" }; setuptools: where = ["src"],
# package-dir = { "" = "src" }; Poetry: packages = [{ include = "common", from = "src" }].
_PATHS = re.compile(r'\bpath\s{0,9}=\s{0,9}["\']([^"\']{1,300})["\']')
_FILE_URLS = re.compile(r'\bfile:/{0,3}(?:\$\{[A-Z_]{1,30}\}/)?([^"\'#;\s]{1,300})')
_SOURCE_FOLDERS = re.compile(
    r'(?:\bfrom|\bwhere|["\']{2}|\bpackages)\s{0,9}=\s{0,9}\[?\s{0,9}["\']([^"\']{1,300})["\']'
)
# What the descriptions of a project mention does not hang on the function whose modules are sought.
_MENTIONED: WeakKeyDictionary[ProjectFiles, frozenset[str]] = WeakKeyDictionary()


def local_packages(files: Files, folder: str) -> list[str]:
    """The folders that modules of local packages are imported from, for code in `folder`: those
    its requirements files and project descriptions name, there and above.
    """
    found: dict[str, None] = {}
    for above in upwards(files, folder):
        for package in islice(_named_in(files, above), MOST_PACKAGES):
            found.update(dict.fromkeys(_import_folders(files, package)))
    return list(found)


def declared(files: Files, folder: str) -> frozenset[str]:
    """The names, in lower case with `_`, of the distributions that requirements files for code in
    `folder` ask for, there and above.
    """
    names: set[str] = set()
    for above in upwards(files, folder):
        for line, _ in _lines(files, above):
            name = _NAME.match(line)
            if name is not None:
                names.add(name[0].lower().replace("-", "_").replace(".", "_"))
    return frozenset(names)


def every_declared(files: Files) -> frozenset[str]:
    """What any description of distributions in the project mentions, as `declared` gives it: layers
    and images bring them along.
    """
    if files.project not in _MENTIONED:
        _MENTIONED[files.project] = _mentioned(files)
    return _MENTIONED[files.project]


def _mentioned(files: Files) -> frozenset[str]:
    found: set[str] = set()
    left = MOST_DESCRIPTIONS
    for folder in files.project.tree.folders:
        names = [name for name in files.names(folder) if _describes(name)]
        for name in names[:left]:
            left -= 1
            words = _NAME.findall(_start_of(files, os.path.join(folder, name)))
            found.update(word.lower().replace("-", "_").replace(".", "_") for word in words)
        if left <= 0:
            break
    return frozenset(found)


def _describes(name: str) -> bool:
    return name in _DESCRIPTIONS or ("requirements" in name and name.endswith((".txt", ".in")))


def _named_in(files: Files, folder: str) -> Iterator[str]:
    """The folders of local packages that the descriptions in one folder name."""
    for line, place in _lines(files, folder):
        path = _path(line)
        if path:
            yield from _existing(files, path, place)
    for name in ("pyproject.toml", "Pipfile"):
        text = _start_of(files, os.path.join(folder, name))
        for path in (*_PATHS.findall(text), *_FILE_URLS.findall(text)):
            yield from _existing(files, path, folder)


def _existing(files: Files, path: str, named_in: str) -> Iterator[str]:
    """A local package lies relative to the folder of the file that names it; to one above, where
    pip is run, when it does not.
    """
    for folder in upwards(files, named_in):
        place = os.path.normpath(os.path.join(folder, path))
        if files.has_folder(place):
            yield place
            return


def _lines(files: Files, folder: str) -> Iterator[tuple[str, str]]:
    """The requirements in a folder's file and in those it refers to, each with its file's
    folder.
    """
    waiting = [os.path.join(folder, "requirements.txt")]
    for path in waiting:
        place = os.path.dirname(path)
        for line in islice((files.text(path) or "").splitlines(), MOST_LINES):
            line = line.strip()[:LONGEST_LINE]
            flag, _, rest = line.partition(" ")
            if flag in ("-r", "--requirement", "-c", "--constraint"):
                other = os.path.normpath(os.path.join(place, rest.strip()))
                waiting += [other] if other not in waiting and len(waiting) < MOST_FILES else []
            elif line and not line.startswith("#"):
                yield line, place


def _path(line: str) -> str:
    """The path that a requirement is installed from, "" for one that comes from elsewhere."""
    line = line.partition(" #")[0].partition(";")[0].strip()
    for flag in ("-e", "--editable"):
        if line.startswith(flag):
            line = line[len(flag) :].lstrip(" =")
    _, at, url = line.partition("@")
    if at and url.strip().startswith("file:"):
        line = url.strip()
    if line.startswith("file:"):
        line = line.removeprefix("file:").removeprefix("//")
    line = _EXTRAS.sub("", line.strip("\"'"))
    local = line.startswith(".") or ("/" in line and "://" not in line and "@" not in line)
    return line if local and not line.startswith("-") and not line.endswith(".whl") else ""


def _import_folders(files: Files, package: str) -> Iterator[str]:
    """The folders of a package that its modules are imported from."""
    text = _start_of(files, os.path.join(package, "pyproject.toml"))
    text += _start_of(files, os.path.join(package, "setup.cfg"))
    written = [name for name in _SOURCE_FOLDERS.findall(text)[:MOST_PACKAGES] if name != "."]
    # hatch names the package itself: packages = ["src/common"].
    folders = [*written, *(os.path.dirname(name) for name in written), "src", "python", "lib", "."]
    for folder in dict.fromkeys(folders):
        place = os.path.normpath(os.path.join(package, folder))
        if files.has_folder(place):
            yield place


def _start_of(files: Files, path: str) -> str:
    """The text of a description, of so many lines and not more."""
    lines = islice((files.text(path) or "").splitlines(), MOST_LINES)
    return "\n".join(line[:LONGEST_LINE] for line in lines)

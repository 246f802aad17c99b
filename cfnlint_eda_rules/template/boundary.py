"""The one boundary of what may be read: templates, documents and sources below one project's
folder, and nothing else.

A path is compared as text before anything is asked of the file system, and links are followed by
hand, one name at a time, so that not even the existence of what lies outside is looked up. Paths
are plain text here: hundreds of candidate names may be looked up for one template, and `pathlib`
would cost more than the looking.
"""

# ruff: noqa: PTH100, PTH115, PTH118, PTH120, PTH123

from __future__ import annotations

import functools
import os
import stat

MEGABYTE = 1 << 20
MOST_LOOKUPS = 50_000
MOST_LISTED = 50_000
DEEPEST_PATH = 100
LONGEST_PATH = 4096

_REPOSITORY = ".git"
# Files that stand in the top folder of a project of one of the tools that deploy functions, or of
# one of their languages.
_PROJECT_FILES = (
    "cdk.json",
    "samconfig.toml",
    "samconfig.yaml",
    "samconfig.yml",
    "serverless.yml",
    "serverless.yaml",
    "serverless.ts",
    "serverless.js",
    "serverless.json",
    "sst.config.ts",
    "amplify.yml",
    "pnpm-workspace.yaml",
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "Pipfile",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
)


def folder_of(template_file: str | None) -> str:
    """The real path of the folder that a template lies in; "" when it lies nowhere."""
    if not template_file or "\0" in template_file:
        return ""
    return os.path.realpath(os.path.dirname(os.path.abspath(template_file)))


def repository_root(folder: str) -> str | None:
    """The nearest folder at or above the real path `folder` that holds `.git`, a file or a folder;
    None when there is none.
    """
    return _nearest(folder, (_REPOSITORY,))


def project_root(template_file: str) -> str:
    """The real path of the folder that all files of a template's project lie in.

    That is the nearest folder at or above the template's with `.git`, else the nearest with a file
    that starts a project, else the template's own.
    """
    return _project_root(folder_of(template_file))


@functools.lru_cache(maxsize=64)
def _project_root(folder: str) -> str:
    return repository_root(folder) or _nearest(folder, _PROJECT_FILES) or folder


def look_again() -> None:
    """Forgets where projects begin, before another template is linted: somebody may have begun one
    since.
    """
    _project_root.cache_clear()


def _nearest(folder: str, names: tuple[str, ...]) -> str | None:
    while folder:
        if any(os.path.lexists(os.path.join(folder, name)) for name in names):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return None


class Boundary:
    """Looks up, lists and reads below the real path `root`; everything else does not exist.

    What was looked up once is remembered: make one for each template that is linted. After so many
    look-ups and so many names listed nothing more is found, and `exhausted` says so.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._below = root.rstrip(os.sep) + os.sep
        self._lookups = MOST_LOOKUPS
        self._listed = MOST_LISTED
        # Real path of every path looked up; None for what is missing or outside.
        self._real: dict[str, str | None] = {}
        self._modes: dict[str, int] = {}
        self._names: dict[str, dict[str, bool]] = {}
        if root:
            self._real[root] = root
            self._modes[root] = stat.S_IFDIR

    @property
    def exhausted(self) -> bool:
        """Whether more was looked for than one template may look for."""
        return self._lookups <= 0 or self._listed <= 0

    def encloses(self, path: str) -> bool:
        """Whether the normalized absolute `path` is, as text, that of the root or below it."""
        return bool(self.root) and (path == self.root or path.startswith(self._below))

    def real(self, path: str) -> str | None:
        """The real path of what is at the absolute `path`, links followed; None when there is
        nothing, or when it, or a link on the way, lies outside.
        """
        found = self._real.get(path, "")
        if found != "":
            return found
        if "\0" in path or len(path) > LONGEST_PATH:
            return None
        return self._resolved(os.path.normpath(path), DEEPEST_PATH)

    def is_file(self, path: str) -> bool:
        """Whether there is a regular file."""
        real = self.real(path)
        return real is not None and stat.S_ISREG(self._modes[real])

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder."""
        real = self.real(path)
        return real is not None and stat.S_ISDIR(self._modes[real])

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder, sorted; of an enormous one only some."""
        return tuple(self._inside(folder))

    def folders(self, folder: str) -> tuple[str, ...]:
        """The names of the folders in a folder, sorted, links left out."""
        return tuple(name for name, is_folder in self._inside(folder).items() if is_folder)

    def _inside(self, folder: str) -> dict[str, bool]:
        real = self.real(folder)
        if real is None or not stat.S_ISDIR(self._modes[real]):
            return {}
        if real not in self._names:
            self._names[real] = dict(sorted(self._scan(real)))
        return self._names[real]

    def read(self, path: str, most: int = MEGABYTE) -> bytes | None:
        """The content of a regular file of at most `most` bytes; None when there is none, or it
        is larger.
        """
        real = self.real(path)
        if real is None or not stat.S_ISREG(self._modes[real]):
            return None
        try:
            with open(real, "rb") as file:
                content = file.read(most + 1)
        except (OSError, ValueError):
            return None
        return None if len(content) > most else content

    # ----------------------------------------------------------------------------------------------

    def _resolved(self, path: str, depth: int) -> str | None:
        if path in self._real:
            return self._real[path]
        if not self.encloses(path) or depth <= 0:
            return None
        # Links that lead to themselves find this.
        self._real[path] = None
        folder, name = os.path.split(path)
        above = self._resolved(folder, depth - 1)
        if above is not None and self._lookups > 0:
            self._lookups -= 1
            self._real[path] = self._entry(os.path.join(above, name), depth - 1)
        return self._real[path]

    def _entry(self, path: str, depth: int) -> str | None:
        """The real path of a name in a folder whose path is real."""
        try:
            mode = os.lstat(path).st_mode
            if not stat.S_ISLNK(mode):
                self._modes[path] = mode
                return path
            target = os.path.join(os.path.dirname(path), os.readlink(path))
        except (OSError, ValueError):
            return None
        return self._resolved(os.path.normpath(target), depth)

    def _scan(self, folder: str) -> list[tuple[str, bool]]:
        names: list[tuple[str, bool]] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if self._listed <= 0:
                        break
                    self._listed -= 1
                    names.append((entry.name, entry.is_dir(follow_symlinks=False)))
        except OSError:
            return []
        return names

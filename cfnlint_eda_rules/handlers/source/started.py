"""Which module a command starts, where no handler is named but a program: `run.sh` behind the
Lambda Web Adapter, the command of an image.

https://github.com/awslabs/aws-lambda-web-adapter
"""

# ruff: noqa: PTH118, PTH122

from __future__ import annotations

import os
import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import islice

from cfnlint_eda_rules.handlers.source.code import Layout
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import Packages, sources
from cfnlint_eda_rules.handlers.source.search import Entry
from cfnlint_eda_rules.records import dataclass

MOST_COMMANDS = 200
LONGEST_COMMAND = 2_000
DEEPEST_COMMAND = 3

_SEPARATORS = re.compile(r"&&|\|\||[;|&\n]")
_APPLICATION = re.compile(r"([\w./]{1,200}):([\w.]{1,100})(?:\([^()]*\))?")
_PACKAGE_RUNNERS = frozenset({"npm", "yarn", "pnpm"})
_ASIDE = frozenset({"exec", "env", "opentelemetry-instrument", "ddtrace-run", "run", "serve"})


@dataclass(frozen=True, slots=True)
class Start:
    """A module that a command runs: its path in the code folder, with or without extension, and
    the application in it that a server is given; "" when the module serves by itself.
    """

    language: Layout
    path: str
    symbol: str


def started(
    files: Files, languages: Sequence[Layout], folders: tuple[str, ...], command: str
) -> Start | None:
    """What the lines of a script, or one command, start in one of the folders; None when that is
    no module that can be told.
    """
    for words in _started_commands(files, folders, command, DEEPEST_COMMAND):
        for language in languages:
            start = _start(language, posixpath.basename(words[0]), words[1:])
            if start is not None:
                return start
    return None


def script(files: Files, folders: tuple[str, ...], name: str) -> str | None:
    """The text of a shell script of that name in one of the folders."""
    paths = (os.path.normpath(os.path.join(folder, name.lstrip("/"))) for folder in folders)
    texts = (files.text(path) for path in paths if files.holds(path))
    return next((text for text in texts if text is not None), None)


def entry_of(files: Files, folders: tuple[str, ...], start: Start) -> Entry | None:
    """The file of a module that is started."""
    names = [part for part in start.path.split("/") if part not in ("", ".")]
    for folder in folders:
        for parts in sources(names):
            stem, extension = os.path.splitext(os.path.normpath(os.path.join(folder, *parts)))
            path = stem if extension in start.language.extensions else stem + extension
            modules = (path, os.path.join(path, "__main__"))
            found = (name for module in modules for name in start.language.module_paths(module))
            file = next((name for name in found if files.holds(name)), None)
            if file is not None:
                return Entry(file, folder)
    return None


def _started_commands(
    files: Files, folders: tuple[str, ...], command: str, depth: int
) -> Iterator[list[str]]:
    """The words of the commands, those of the scripts among them in place of these."""
    if depth <= 0:
        return
    for words in islice(_commands(command), MOST_COMMANDS):
        name = posixpath.basename(words[0])
        if name.endswith(".sh") or name in ("sh", "bash"):
            inner = next((word for word in words if word.endswith(".sh")), "")
            text = script(files, folders, inner) or ""
            yield from _started_commands(files, folders, text, depth - 1)
        elif name in _PACKAGE_RUNNERS:
            scripts = (_script_of(files, folder, words) for folder in folders)
            text = next((text for text in scripts if text), "")
            yield from _started_commands(files, folders, text, depth - 1)
        else:
            yield words


def _commands(text: str) -> Iterator[list[str]]:
    """The words of each command, without what is set for it."""
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for command in _SEPARATORS.split(plain.replace("\\\n", " ")):
        try:
            words = shlex.split(command[:LONGEST_COMMAND])
        except ValueError:
            continue
        while words and (_assigns(words[0]) or words[0] in _ASIDE):
            words = words[1:]
        if words:
            yield words


def _assigns(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum()


def _start(language: Layout, name: str, words: list[str]) -> Start | None:
    if name in language.programs and words[:1] == ["-m"] and len(words) > 1:
        if words[1] not in language.servers:
            return Start(language, words[1].replace(".", "/"), "")
        name, words = words[1], words[2:]
    if name in language.servers:
        found = (_APPLICATION.fullmatch(word) for word in words if not word.startswith("-"))
        application = next((match for match in found if match is not None), None)
        if application is None:
            return None
        return Start(language, application[1].replace(".", "/"), application[2])
    plain = [word for word in words if not word.startswith("-") and word not in _ASIDE]
    return Start(language, plain[0], "") if name in language.programs and plain else None


def _script_of(files: Files, folder: str, words: list[str]) -> str:
    scripts = Packages(files).package(folder).get("scripts")
    names = [word for word in words[1:] if not word.startswith("-") and word != "run"]
    text = scripts.get(names[0]) if isinstance(scripts, dict) and names else None
    return text if isinstance(text, str) else ""

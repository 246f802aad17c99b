"""Makefiles that SAM builds functions and layers by: what the target `build-<logical id>` copies
into the artifact.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-custom-runtimes.html
"""

# ruff: noqa: PTH118, PTH119, PTH120

from __future__ import annotations

import os
import posixpath
import re
import shlex
from collections.abc import Iterator
from itertools import islice

from cfnlint_eda_rules.handlers.source.files import Files

MOST_LINES = 2_000
LONGEST_LINE = 2_000
MOST_FOLDERS = 50
MOST_VARIABLES = 100

_ARTIFACTS = "/artifacts"
_TARGET = re.compile(r"([\w.-]{1,200}(?:[ \t]+[\w.-]{1,200}){0,20})[ \t]*:(?!=)(.*)")
_VARIABLE = re.compile(r"([A-Za-z_]\w{0,60})[ \t]*[:?]?=[ \t]*(.{0,300})")
_MENTION = re.compile(r"\$[({](\w{1,60})[)}]")
_IN_NAMES = dict.fromkeys(map(ord, "_.*"), "a")
_COPIES = frozenset({"cp", "rsync", "mv", "install", "ln"})


def built_from(files: Files, folder: str, logical_id: str) -> Iterator[tuple[str, str]]:
    """The files and folders that the target copies, each with the place in the artifact that it
    gets, "" for its top; a folder stands for its content.
    """
    text = files.text(os.path.join(folder, "Makefile"))
    if text is not None:
        recipe = _recipe(text, f"build-{logical_id}")
        yield from islice(_copied(files, folder, recipe), MOST_FOLDERS)


def _recipe(text: str, target: str) -> list[str]:
    """The commands of a target and of those it needs."""
    variables: dict[str, str] = {"ARTIFACTS_DIR": _ARTIFACTS}
    recipes: dict[str, list[str]] = {}
    needs: dict[str, list[str]] = {}
    current: list[str] = []
    for line in islice(text.replace("\\\n", " ").splitlines(), MOST_LINES):
        line = line[:LONGEST_LINE]
        if line.startswith("\t"):
            current.append(_MENTION.sub(lambda found: variables.get(found[1], found[0]), line))
        elif (found := _TARGET.match(line)) is not None:
            current = []
            for name in found[1].split():
                recipes[name] = current
                needs[name] = found[2].split()
        elif (found := _VARIABLE.match(line)) is not None and len(variables) < MOST_VARIABLES:
            variables.setdefault(found[1], found[2].strip())
    return [line for name in (*needs.get(target, ()), target) for line in recipes.get(name, ())]


def _copied(files: Files, folder: str, recipe: list[str]) -> Iterator[tuple[str, str]]:
    at = folder
    for line in recipe:
        for command in re.split(r"&&|;", line.strip().lstrip("@-")):
            try:
                words = shlex.split(command)
            except ValueError:
                continue
            if len(words) > 1 and words[0] == "cd":
                at = os.path.normpath(os.path.join(at, words[1]))
            elif len(words) > 2 and words[0] in _COPIES:
                yield from _copy(files, at, [word for word in words[1:] if word[:1] != "-"])
        at = folder


def _copy(files: Files, at: str, words: list[str]) -> Iterator[tuple[str, str]]:
    destination = posixpath.normpath(words[-1]) if words else ""
    if destination != _ARTIFACTS and not destination.startswith(_ARTIFACTS + "/"):
        return
    inside = destination[len(_ARTIFACTS) :].strip("/")
    for word in words[:-1]:
        whole = word.endswith(("/.", "/*", "/")) or word in (".", "*")
        path = os.path.normpath(os.path.join(at, _before_star(word) or "."))
        if files.has_folder(path):
            # A folder is copied itself, its content where the word says so.
            below = (
                inside if whole or "*" in word else posixpath.join(inside, os.path.basename(path))
            )
            yield path, below
        elif files.holds(path):
            yield os.path.dirname(path), inside


def _before_star(word: str) -> str:
    """The part of a path before the pattern that its last segment ends with."""
    folder, slash, name = word.rpartition("/")
    before, star, after = name.partition("*")
    if not star or not (after + "a").translate(_IN_NAMES).isalnum():
        return word
    return folder + slash + before

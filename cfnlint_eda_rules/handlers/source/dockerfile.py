"""Dockerfiles: what an image starts, and which folders of the project lie where in it.

https://docs.docker.com/reference/dockerfile/
"""

# ruff: noqa: PTH118, PTH122

from __future__ import annotations

import functools
import json
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import field
from itertools import islice, pairwise

from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import strings
from cfnlint_eda_rules.records import dataclass

MOST_INSTRUCTIONS = 500
MOST_COPIES = 200
MOST_VARIABLES = 200
LONGEST_INSTRUCTION = 20_000
LONGEST_VALUE = 1_000

_VARIABLE = re.compile(r"\$(?:\{(\w{1,100})(?::-([^{}$]{0,1000}))?\}|(\w{1,100}))")
# A name is looked at from its start only, so that long words are read once.
_ASSIGNMENT = re.compile(r'(?<!\w)(\w{1,100})=(?:"([^"]*)"|(\S*))')
_HANDLER = re.compile(r"[\w./-]+")
_SCRIPTS = frozenset({".py", ".js", ".mjs", ".cjs", ".ts", ".sh", ".jar"})


@dataclass(slots=True)
class Stage:
    """One stage of a Dockerfile: `copies` are (stage copied from, "" for the context; sources;
    destination folder or file).
    """

    folder: str = "/"
    copies: list[tuple[str, list[str], str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """What a Dockerfile says: its stages by name and number, the last of them, which is the image,
    and whether it copies the Lambda Web Adapter
    (https://github.com/awslabs/aws-lambda-web-adapter).
    """

    stages: dict[str, Stage]
    image: Stage
    web_adapter: bool

    @property
    def handler(self) -> str:
        """The handler among the words of ENTRYPOINT and CMD: the last one, where Lambda's runtime
        interface client is what starts; "" when something else does.
        """
        words = [*self.image.entrypoint, *self.image.command]
        handler = words[-1] if words else ""
        client = len(words) < 2 or any(_is_client(word) for word in words[:-1])
        return handler if client and _is_handler(handler) else ""

    @property
    def command(self) -> str:
        """What the image starts, as a shell would be told."""
        words = [*self.image.entrypoint, *self.image.command]
        shell = words[:1] in (["sh"], ["bash"], ["/bin/sh"], ["/bin/bash"]) and "-c" in words
        return words[-1] if shell else " ".join(words)

    def copied(self, files: Files, context: str) -> list[str]:
        """Folders below the build context whose content ends up in the image's own folder, the
        last copied first.
        """
        return list(_copied(self.stages, self.image, self.image.folder, context, files, _Left()))


def parsed(text: str) -> Dockerfile:
    """What the text of a Dockerfile says; what is not understood is left out."""
    instructions = list(islice(_instructions(text), MOST_INSTRUCTIONS))
    stages: dict[str, Stage] = {}
    stage = Stage()
    for line in instructions:
        name, _, rest = line[:LONGEST_INSTRUCTION].partition(" ")
        substituted = _VARIABLE.sub(functools.partial(_variable, stage), rest, MOST_VARIABLES)
        stage = _carried_out(name.upper(), substituted.strip(), stages, stage)
    return Dockerfile(stages, stage, any(_copies_adapter(line) for line in instructions))


def _instructions(text: str) -> Iterator[str]:
    pending: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if stripped.endswith("\\"):
            pending.append(stripped[:-1])
            continue
        instruction = " ".join([*pending, stripped])
        pending.clear()
        if instruction:
            yield instruction
    if pending:
        yield " ".join(pending)


def _carried_out(name: str, rest: str, stages: dict[str, Stage], stage: Stage) -> Stage:
    """The stage that goes on after an instruction."""
    match name:
        case "FROM":
            return _started(rest, stages, stage)
        case "WORKDIR":
            stage.folder = posixpath.normpath(posixpath.join(stage.folder, rest.strip("\"'")))
        case "ARG" | "ENV":
            _set(name, rest, stage)
        case "COPY" | "ADD":
            _copy(rest, stage)
        case "CMD":
            stage.command = _list(rest) or rest.split()
        case "ENTRYPOINT":
            stage.entrypoint, stage.command = _list(rest) or rest.split(), []
    return stage


def _started(rest: str, stages: dict[str, Stage], before: Stage) -> Stage:
    words = [word for word in rest.split() if not word.startswith("--")] or [""]
    base = stages.get(words[0].lower())
    if base is None:
        stage = Stage(
            "/var/task" if "lambda" in words[0] else "/", variables=dict(before.variables)
        )
    else:
        stage = Stage(
            base.folder, list(base.copies), dict(base.variables), base.entrypoint, base.command
        )
    stages[str(sum(name.isdigit() for name in stages))] = stage
    if len(words) == 3 and words[1].upper() == "AS":
        stages[words[2].lower()] = stage
    return stage


def _set(name: str, rest: str, stage: Stage) -> None:
    assignments = [(key, quoted or plain) for key, quoted, plain in _ASSIGNMENT.findall(rest)]
    if "=" not in rest and name == "ENV":
        key, _, value = rest.partition(" ")
        assignments = [(key, value.strip())]
    for key, value in assignments:
        if len(value) <= LONGEST_VALUE and len(stage.variables) < MOST_VARIABLES:
            stage.variables[key] = value


def _copy(rest: str, stage: Stage) -> None:
    words = rest.split()
    flags = [word for word in words if word.startswith("--")]
    listed = _list(rest[rest.find("[") :]) if "[" in rest else []
    words = listed or [word for word in words if not word.startswith("--")]
    origins = [flag.partition("=")[2].lower() for flag in flags if flag.startswith("--from=")]
    if len(words) > 1 and len(stage.copies) < MOST_COPIES:
        slash = "/" if words[-1].endswith(("/", ".")) else ""
        destination = posixpath.normpath(posixpath.join(stage.folder, words[-1])) + slash
        stage.copies.append((origins[0] if origins else "", words[:-1], destination))


def _variable(stage: Stage, found: re.Match[str]) -> str:
    name = found[1] or found[3]
    default = "/var/task" if name == "LAMBDA_TASK_ROOT" else found[2] or ""
    return stage.variables.get(name) or default


def _list(text: str) -> list[str]:
    try:
        found = json.loads(text) if text.startswith("[") else []
    except (ValueError, RecursionError):
        return []
    return strings(found)


def _copies_adapter(line: str) -> bool:
    if "/opt/extensions/lambda-adapter" in line or "awsguru/aws-lambda-" in line:
        return "adapter" in line
    words = line.split()
    return any(
        "lambda-adapter" in word and after.startswith("/opt/extensions")
        for word, after in pairwise(words)
    )


def _is_client(word: str) -> bool:
    """Whether a word starts Lambda's runtime interface client, or a script that does."""
    names = ("awslambdaric", "aws-lambda-ric", "lambda-entrypoint")
    return word.endswith(".sh") or any(name in word for name in names)


def _is_handler(word: str) -> bool:
    module, dot, symbol = word.rpartition(".")
    return (
        bool(dot and module and re.fullmatch(r"\w+", symbol))
        and len(word) < 512
        and _HANDLER.fullmatch(module) is not None
        and os.path.splitext(word)[1] not in _SCRIPTS
    )


@dataclass(slots=True)
class _Left:
    """How many more sources of copies are looked at."""

    copies: int = MOST_COPIES


def _copied(
    stages: dict[str, Stage], stage: Stage, folder: str, context: str, files: Files, left: _Left
) -> Iterator[str]:
    """Folders below the build context whose content ends up in the stage's `folder`."""
    for origin, names, destination in reversed(stage.copies):
        target = destination.rstrip("/") or "/"
        above = posixpath.commonpath([folder, target])
        below = posixpath.relpath(folder, target) if above == target else None
        inner = posixpath.relpath(target, folder) if above == folder else None
        for name in names:
            left.copies -= 1
            if left.copies < 0:
                return
            if origin:
                # What is copied out of another image is not the project's.
                if origin in stages and below is not None and stages[origin] is not stage:
                    source = posixpath.normpath(posixpath.join("/", name, below))
                    yield from _copied(stages, stages[origin], source, context, files, left)
                continue
            local = posixpath.normpath(name.lstrip("/") or ".")
            if "*" not in local and files.has_folder(os.path.join(context, local)):
                if below is not None:
                    yield posixpath.normpath(posixpath.join(local, below))
                elif inner is not None and (local == inner or local.endswith("/" + inner)):
                    yield local.removesuffix(inner).rstrip("/") or "."
            elif below == "." or (
                not destination.endswith("/") and posixpath.dirname(target) == folder
            ):
                yield posixpath.dirname(local) or "."
            elif inner is not None and inner == posixpath.dirname(local):
                yield "."

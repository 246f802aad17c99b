"""Which templates are read with one: the stacks of its CDK application, the templates of its folder
that exchange values with it, and the template that nests it.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-app
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.boundary import Boundary, folder_of
from cfnlint_eda_rules.template.documents import read_document
from cfnlint_eda_rules.template.sections import section_of
from cfnlint_eda_rules.template.shared_values import SSM_PARAMETER, Names, names_of
from cfnlint_eda_rules.template.template_files import (
    SAM_APPLICATION,
    STACK,
    is_stack,
    mentions,
    project_folders,
    read_template,
    template_files,
    template_location,
)

_MANIFEST = "manifest.json"
_CDK_STACK = "aws:cloudformation:stack"
_CDK_ASSEMBLY = "cdk:cloud-assembly"
_MOST_ASSEMBLIES = 20
_MOST_CANDIDATES = 100
_MOST_PLACES = 2_000
_STACK_NAME = "AWS::StackName"
_SHARING = ("ImportValue", "Export", SSM_PARAMETER, "{{resolve:ssm:")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A template that is read with another; `name` is what its stack is called."""

    name: str
    filename: str
    template: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Nesting:
    """A template that nests another, as its resource `logical_id`."""

    name: str
    filename: str
    template: Mapping[str, Any]
    logical_id: str


def unique(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken; takes it."""
    plain = name.replace(".", "-") or "stack"
    found, number = plain, 2
    while found in taken:
        found, number = f"{plain}{number}", number + 1
    taken.add(found)
    return found


def nesting_templates(
    template: Mapping[str, Any],
    filename: str,
    most: int,
    globs: Sequence[str],
    boundary: Boundary,
) -> Iterator[Nesting]:
    """The template of the project that nests this one, then the one that nests that, ...

    A template that is nested in several places has the values of none of them.
    """
    seen = {os.path.realpath(filename)}
    while most > 0 and (section_of(template, "Parameters") or section_of(template, "Outputs")):
        most -= 1
        found = list(_nesting(filename, seen, globs, boundary))
        if len(found) != 1:
            return
        yield found[0]
        filename, template = found[0].filename, found[0].template
        seen.add(os.path.realpath(filename))


def _nesting(
    filename: str, seen: set[str], globs: Sequence[str], boundary: Boundary
) -> Iterator[Nesting]:
    own = os.path.realpath(filename)
    files = [
        file
        for folder in project_folders(filename, boundary)
        for file in template_files(folder, boundary)
    ]
    for file in dict.fromkeys((*files, *_named_by(globs, boundary))):
        text = None if file in seen else boundary.read(file)
        if not mentions(text, Path(own).name) or not mentions(text, STACK, SAM_APPLICATION):
            continue
        template = _read(filename, file)
        for logical_id, resource in section_of(template, "Resources").items():
            location = template_location(resource) if is_stack(resource) else None
            if location and os.path.realpath(Path(file).parent / location) == own:
                yield Nesting(_name(file), file, template or {}, logical_id)


def neighbours(
    family: Sequence[tuple[Mapping[str, Any], str]],
    filename: str,
    globs: Sequence[str],
    read: set[str],
    boundary: Boundary,
) -> Iterator[Neighbour]:
    """The templates that give values to one of the `family` (each with its file), the templates
    that are one with the template of this name, or get values from them, at any remove; those in
    `read` are there.
    """
    joined = [
        names
        for template, file in family
        if _may_share(boundary.read(os.path.realpath(file)))
        and _shares(names := names_of(template))
    ]
    if not joined:
        return
    waiting = list(_candidates(filename, globs, read, boundary))
    while joined:
        names = joined.pop()
        left: list[_Candidate] = []
        for candidate in waiting:
            theirs = candidate.names if candidate.may_share(names) else None
            if theirs is not None and (theirs.gives(names) or names.gives(theirs)):
                joined.append(theirs)
                yield candidate.neighbour
            else:
                left.append(candidate)
        waiting = left


def _may_share(text: bytes | None) -> bool:
    """Whether a template gives or reads values as far as its text tells: looking through one that
    does not would cost more than reading its file again.
    """
    return text is None or mentions(text, *_SHARING)


def _shares(names: Names) -> bool:
    return bool(names.exports or names.imports or names.stored or names.looked_up)


class _Candidate:
    """A file that may be a neighbour's template: read as one when something in its text says so."""

    def __init__(self, name: str, file: str, text: bytes, beside: str) -> None:
        self._name, self._file, self._text, self._beside = name, file, text, beside

    def may_share(self, names: Names) -> bool:
        """Whether its text holds something of the names, or exports what begins with a name that
        its text does not hold.
        """
        named_by_stack = bool(names.imports) and mentions(self._text, _STACK_NAME)
        return named_by_stack or mentions(self._text, *names.words())

    @cached_property
    def neighbour(self) -> Neighbour:
        """The template, an empty one where the file is none."""
        folder = folder_of(self._beside)
        template = read_template(self._beside, os.path.relpath(self._file, folder), self._file)
        return Neighbour(self._name, self._file, template or {})

    @cached_property
    def names(self) -> Names:
        """The names under which it gives and reads values."""
        return names_of(self.neighbour.template)


def _candidates(
    filename: str, globs: Sequence[str], read: set[str], boundary: Boundary
) -> Iterator[_Candidate]:
    named = dict(_cdk_stacks(filename, boundary))
    for file in (*template_files(folder_of(filename), boundary), *_named_by(globs, boundary)):
        named.setdefault(file, _name(file))
    for file, name in list(named.items())[:_MOST_CANDIDATES]:
        text = None if file in read else boundary.read(file)
        if text is not None and _may_share(text):
            yield _Candidate(name, file, text, filename)


def _named_by(globs: Sequence[str], boundary: Boundary) -> list[str]:
    """The files of the project that globs name, relative to the project."""
    found = {place: None for pattern in globs for place in _matching(pattern, boundary)}
    return [file for file in found if boundary.is_file(file)][:_MOST_CANDIDATES]


def _matching(pattern: str, boundary: Boundary) -> list[str]:
    """The paths below the project's folder that match a glob, `**` standing for any folders."""
    places = [boundary.root]
    for step in pattern.replace("\\", "/").removeprefix("./").split("/"):
        if step == "**":
            places = [below for place in places for below in _folders_below(place, boundary)]
        elif step == os.pardir or not step:
            return []
        else:
            places = [
                f"{place}/{name}"
                for place in places
                for name in fnmatch.filter(boundary.names(place), step)
            ]
        places = list(dict.fromkeys(places))[:_MOST_PLACES]
    return places


def _folders_below(folder: str, boundary: Boundary) -> list[str]:
    """The folder and those in it at any depth, without what tools install or hide."""
    found = [folder]
    for place in found:
        if len(found) >= _MOST_PLACES:
            break
        inner = (
            name for name in boundary.names(place) if not name.startswith((".", "node_modules"))
        )
        found.extend(f"{place}/{name}" for name in inner if boundary.is_folder(f"{place}/{name}"))
    return found[:_MOST_PLACES]


def _read(beside: str, file: str) -> Mapping[str, Any] | None:
    return read_template(beside, os.path.relpath(file, folder_of(beside)), file)


def _name(file: str) -> str:
    """What the stack of a template file is called: by the file, or by its folder."""
    stem = Path(file).name.partition(".")[0]
    return stem if stem not in ("template", "index", "main") else Path(file).parent.name


def _cdk_stacks(filename: str, boundary: Boundary) -> Iterator[tuple[str, str]]:
    """(file, name) of the stacks of the cloud assembly that a template is of, stages included."""
    folder = folder_of(filename)
    above = str(Path(folder).parent)
    waiting = [folder]
    if boundary.encloses(above) and _lists_assembly(filename, above, folder):
        waiting = [above]
    seen: set[str] = set()
    while waiting and len(seen) < _MOST_ASSEMBLIES:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        for name, kind, properties in _artifacts(filename, place):
            match kind, properties:
                case (str(), {"templateFile": str() as file}) if kind == _CDK_STACK:
                    yield os.path.realpath(Path(place) / file), name
                case (str(), {"directoryName": str() as folder}) if kind == _CDK_ASSEMBLY:
                    waiting.append(os.path.realpath(Path(place) / folder))


def _lists_assembly(filename: str, above: str, folder: str) -> bool:
    return any(
        isinstance(properties, dict) and properties.get("directoryName") == Path(folder).name
        for _, _, properties in _artifacts(filename, above)
    )


def _artifacts(filename: str, folder: str) -> Iterator[tuple[str, Any, Any]]:
    location = os.path.relpath(Path(folder) / _MANIFEST, folder_of(filename))
    manifest = read_document(filename, location)
    for name, artifact in section_of(manifest, "artifacts").items():
        if isinstance(artifact, dict):
            yield name, artifact.get("type"), artifact.get("properties")

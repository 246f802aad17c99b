"""Documents beside the template: OpenAPI descriptions, state machine definitions and what
`AWS::Include` includes, as JSON or YAML.

Only files inside the template's project are read: below the nearest folder that holds `.git`, else
below the template's own.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

_MEGABYTE = 1024 * 1024


def read_document(template_file: str | None, location: str, inline: bool = False) -> Any:
    """The document in the file at `location`, relative to the template; with `inline`, the document
    `location` itself is the text of.

    CloudFormation's short forms (`!Sub`) come as their long forms. None for what is missing,
    outside of the project, too large, or neither JSON nor YAML.
    """
    text = location[: _MEGABYTE + 1] if inline else _text(template_file, location)
    if text is None or len(text) > _MEGABYTE:
        return None
    try:
        # JSON is YAML too, but this is many times faster.
        return json.loads(text) if text.lstrip()[:1] == "{" else _yaml(text)
    except (ValueError, RecursionError):
        pass
    try:
        return _yaml(text)
    except (ValueError, RecursionError):
        return None


def included(
    template_file: str | None, value: Mapping[str, Any], literal: Callable[[Any], str | None]
) -> Any:
    """The document an `{"Fn::Transform": {"Name": "AWS::Include", ...}}` stands for; None for any
    other transform.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
    """
    match value.get("Fn::Transform"):
        case {"Name": "AWS::Include", "Parameters": {"Location": place}}:
            location = literal(place)
            return read_document(template_file, location) if location is not None else None
    return None


def _text(template_file: str | None, location: str) -> str | None:
    if not template_file or "://" in location or "\0" in location:
        return None
    try:
        folder = Path(template_file).resolve().parent
        path = (folder / location).resolve()
        if (
            not path.is_relative_to(_project(folder))
            or not path.is_file()
            or path.stat().st_size > _MEGABYTE
        ):
            return None
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError, RuntimeError):
        return None


def _project(folder: Path) -> Path:
    for ancestor in (folder, *folder.parents):
        if (ancestor / ".git").exists():
            return ancestor
    return folder


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_loader())
    except (yaml.YAMLError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("not YAML") from error


@functools.cache
def _loader() -> Any:
    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads CloudFormation's short forms as their long forms; dates stay texts."""

    Loader.yaml_implicit_resolvers = {
        first: [
            (tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"
        ]
        for first, resolvers in Loader.yaml_implicit_resolvers.items()
    }
    Loader.add_multi_constructor("!", _tagged)
    return Loader


def _tagged(loader: Any, suffix: str, node: yaml.nodes.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
            if suffix == "GetAtt":
                value = str(value).split(".", 1)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}

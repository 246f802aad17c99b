"""Documents beside the template: OpenAPI descriptions, state machine definitions and what
`AWS::Include` includes, as JSON or YAML.

Only files inside the template's project are read (`boundary`).
"""

# ruff: noqa: PTH118

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from cfnlint_eda_rules.template.boundary import MEGABYTE, Boundary, folder_of, project_root

MOST_DOCUMENTS = 16


def read_document(template_file: str | None, location: str, inline: bool = False) -> Any:
    """The document in the file at `location`, relative to the template; with `inline`, the document
    `location` itself is the text of.

    CloudFormation's short forms (`!Sub`) come as their long forms. None for what is missing,
    outside of the project, too large, or neither JSON nor YAML. It is shared by all that read it:
    never change it.
    """
    text = location[: MEGABYTE + 1] if inline else _text(template_file, location)
    return None if text is None or len(text) > MEGABYTE else _parsed(text)


@functools.lru_cache(maxsize=MOST_DOCUMENTS)
def _parsed(text: str) -> Any:
    """The document a text is, kept by its text: many resources may name one file."""
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
    if not template_file or "://" in location:
        return None
    path = os.path.join(folder_of(template_file), location)
    content = Boundary(project_root(template_file)).read(path)
    try:
        return None if content is None else content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


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

"""Template files beside the linted one: read as cfn-lint reads a template, found by folder."""

# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import copy
import itertools
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

from cfnlint_eda_rules.template.boundary import Boundary, folder_of
from cfnlint_eda_rules.template.documents import read_document
from cfnlint_eda_rules.template.sections import section_of

LOGGER = logging.getLogger(__name__)

STACK = "AWS::CloudFormation::Stack"
SAM_APPLICATION = "AWS::Serverless::Application"

_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_MOST_IN_FOLDER = 100


def is_stack(resource: Any) -> bool:
    """Whether a resource nests another template."""
    return isinstance(resource, Mapping) and resource.get("Type") in (STACK, SAM_APPLICATION)


def template_location(resource: Mapping[str, Any]) -> str | None:
    """Where a nested stack's template lies beside the parent's; None when it lies elsewhere.

    The CDK says in metadata which file it has uploaded:
    https://docs.aws.amazon.com/cdk/v2/guide/assets.html
    """
    properties, metadata = section_of(resource, "Properties"), section_of(resource, "Metadata")
    place = properties.get("TemplateURL" if resource["Type"] == STACK else "Location")
    if not isinstance(place, str) and metadata.get("aws:asset:property") == "TemplateURL":
        place = metadata.get("aws:asset:path")
    return (
        str(place)
        if isinstance(place, str) and place and "://" not in place and "\0" not in place
        else None
    )


def read_template(beside: str, location: str, filename: str) -> Mapping[str, Any] | None:
    """The template at `location`, relative to the file `beside`; None when it is none that may be
    read. `filename` is what cfn-lint's transforms call it.
    """
    document = copy.deepcopy(read_document(beside, location))
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        return None
    transforms = document.get("Transform")
    names = transforms if isinstance(transforms, list) else [transforms]
    try:
        # cfn-lint's own transforms, so that these templates read as linted ones do.
        if "AWS::LanguageExtensions" in names:
            from cfnlint.template import Template

            nested = Template(filename, document)
            nested.transform()
            return dict(nested.template)
        if "AWS::Serverless-2016-10-31" in names and "Globals" in document:
            from cfnlint.template.transforms._sam_globals import merge_globals

            return dict(merge_globals(document))
    except MemoryError:
        raise
    except Exception:
        # cfn-lint says what is wrong with such a template when it is linted itself.
        LOGGER.debug("%s cannot be transformed", filename, exc_info=True)
        return document
    return document


def project_folders(filename: str, boundary: Boundary) -> Iterator[str]:
    """The real paths of a template's folder and of those above it that belong to its project."""
    folder = folder_of(filename)
    while boundary.encloses(folder):
        yield folder
        folder = os.path.dirname(folder)


def template_files(folder: str, boundary: Boundary) -> list[str]:
    """The files of a folder that can be templates by their name, sorted, at most 100."""
    named = (name for name in boundary.names(folder) if name.endswith(_SUFFIXES))
    files = [os.path.join(folder, name) for name in itertools.islice(named, _MOST_IN_FOLDER)]
    return [file for file in files if boundary.is_file(file)]


def mentions(text: bytes | None, *words: str) -> bool:
    """Whether the content of a file holds any of the words."""
    return text is not None and any(word.encode() in text for word in words)

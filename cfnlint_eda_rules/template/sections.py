"""The parts of a template, whatever stands in their place: what is no mapping is an empty one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

TemplatePath: TypeAlias = tuple[str | int, ...]


def as_mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def section_of(parent: Any, name: str) -> dict[str, Any]:
    """The members with textual keys of a section of a template or resource, in its order."""
    members = as_mapping(as_mapping(parent).get(name))
    return {str(key): value for key, value in members.items() if isinstance(key, str)}


def resources_of(template: Any) -> dict[str, Mapping[str, Any]]:
    """Logical id -> resource, those that are mappings, in template order."""
    return {
        logical_id: resource
        for logical_id, resource in section_of(template, "Resources").items()
        if isinstance(resource, Mapping)
    }


def properties_of(resource: Any) -> Mapping[str, Any]:
    """The properties of a resource."""
    return as_mapping(as_mapping(resource).get("Properties"))

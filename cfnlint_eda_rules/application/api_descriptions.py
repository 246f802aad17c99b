"""What the descriptions of APIs say (OpenAPI, in the template, in files, included): their
operations and which functions those reach.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cfnlint_eda_rules.application.api_operations import ApiOperation
from cfnlint_eda_rules.application.api_places import Places, Row, members, route_method, route_path
from cfnlint_eda_rules.application.integrations import Integrations
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.documents import included, read_document
from cfnlint_eda_rules.template.embedded_json import decode
from cfnlint_eda_rules.template.jsonpath import Found
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.sections import TemplatePath, as_mapping


@dataclass(frozen=True, slots=True)
class Description:
    """What an API's description says: operations by function, every method and path with an
    integration, and whether events add none.
    """

    reached: list[tuple[str, ApiOperation]]
    integrated: set[tuple[str, str]]
    complete: bool


class Descriptions:
    """The descriptions of a template's APIs; `template_file` says where files beside it are."""

    def __init__(
        self, places: Places, integrations: Integrations, template_file: str | None
    ) -> None:
        self._places = places
        self._integrations = integrations
        self._template_file = template_file

    @functools.cached_property
    def by_api(self) -> Mapping[str, Description]:
        """The APIs whose description can be read. Events are judged by it, so that it is read
        before any of them.
        """
        described: dict[str, Description] = {}
        for logical_id, resource in self._places.resources.items():
            row = self._places.catalogue["documents"].get(resource["Type"])
            if row is None:
                continue
            properties, place = self._places.properties(logical_id)
            description = Description(
                [], set(), row.get("complete", False) and not properties.get("MergeDefinitions")
            )
            conditions = self._places.references.resource_conditions(logical_id)
            readable = False
            for found in self._places.find(row["body"], properties, place, conditions):
                readable |= self._describe(description, logical_id, row, found)
            for found in self._places.find(row.get("file"), properties, place, conditions):
                location = self._places.references.literal(found.value)
                if location is not None:
                    document = read_document(self._template_file, location)
                    readable |= self._describe(
                        description,
                        logical_id,
                        row,
                        replace(found, value=document),
                        outside=found.path,
                    )
            if readable:
                described[logical_id] = description
        return described

    @functools.cached_property
    def unreadable(self) -> frozenset[str | External]:
        """The APIs that have a description elsewhere: which routes lead to a function stands
        there.
        """
        rows = self._places.catalogue["documents"]
        named = {
            logical_id: rows[resource["Type"]].get("file")
            for logical_id, resource in self._places.resources.items()
            if resource["Type"] in rows
        }
        return frozenset(
            name
            for name, file in named.items()
            if file in self._places.properties(name)[0] and name not in self.by_api
        )

    def _describe(
        self,
        description: Description,
        api: str,
        row: Row,
        found: Found,
        outside: TemplatePath | None = None,
    ) -> bool:
        """Add the operations of an OpenAPI document; whether it could be read.

        `outside` is the place to blame when the document is not in the template.
        """
        openapi = self._places.catalogue["openapi"]
        if outside is None and isinstance(found.value, str):
            # A document written as one text has no places of its own.
            outside = found.path
        document, outside = self._including(found.value, found.path, outside)
        root = as_mapping(document)
        paths, outside = self._including(root.get("paths"), (*found.path, "paths"), outside)
        for path, item in members(paths, (*found.path, "paths"), found.conditions):
            methods, item_outside = self._including(item.value, item.path, outside)
            for method, operation in members(methods, item.path, item.conditions):
                if method.lower() not in openapi["methods"] and method.lower() != openapi["any"]:
                    continue
                for key, integration in members(
                    operation.value, operation.path, operation.conditions
                ):
                    if key == openapi["integration"]:
                        where = (route_method(method), route_path(path))
                        description.integrated.add(where)
                        description.reached.extend(
                            self._integration(
                                api, row, root, integration, *where, item_outside or operation.path
                            )
                        )
        return "paths" in root

    def _integration(
        self,
        api: str,
        row: Row,
        root: Mapping[str, Any],
        integration: Found,
        method: str,
        path: str,
        place: TemplatePath,
    ) -> Iterator[tuple[str, ApiOperation]]:
        node = as_mapping(integration.value)
        if isinstance(pointer := node.get("$ref"), str) and pointer.startswith("#/"):
            target: Any = root
            for step in pointer[2:].split("/"):
                target = as_mapping(target).get(step.replace("~1", "/").replace("~0", "~"))
            node = as_mapping(target)
        stated = self._places.references.literal(node.get("type"))
        if stated is not None and stated.lower() not in self._places.catalogue["openapi"]["types"]:
            return
        reached = self._integrations.reach(node.get("uri"), api, integration.conditions)
        yield from self._places.emit(row, reached, api, method, path, place, integration.conditions)

    def _including(
        self, value: Any, path: TemplatePath, outside: TemplatePath | None
    ) -> tuple[Any, TemplatePath | None]:
        """The value with what `AWS::Include` puts in it, and the place to blame for what is not in
        the template.
        """
        if not isinstance(value, Mapping) or "Fn::Transform" not in value:
            return decode(value), outside
        read = included(self._template_file, value, self._places.references.literal)
        if not isinstance(read, Mapping):
            return value, outside
        # What stands beside the transform is merged with what it includes.
        beside = {key: member for key, member in value.items() if key != "Fn::Transform"}
        return {**read, **beside}, outside or (*path, "Fn::Transform")

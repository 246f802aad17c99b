"""Policies that SAM's connectors add to roles.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-connector.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cfnlint_eda_rules.application.roles import ROLE, Roles
from cfnlint_eda_rules.application.statements import Statement, Statements
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.template import jsonpath as locations
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, all_of
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.sections import TemplatePath, properties_of


class Connectors:
    """The connectors of a template's resources."""

    def __init__(self, references: References, statements: Statements, roles: Roles) -> None:
        self._references = references
        self._statements = statements
        self._roles = roles

    def of_resource(
        self, logical_id: str, resource: Mapping[str, Any]
    ) -> Iterator[tuple[str | External, list[Statement], Conditions]]:
        own = self._references.resource_conditions(logical_id)
        if self._references.type(logical_id) == "AWS::Serverless::Connector":
            path: TemplatePath = ("Resources", logical_id, "Properties")
            yield from self._connector(
                properties_of(resource).get("Source"),
                properties_of(resource),
                path,
                logical_id,
                own,
            )
        for place in locations.find("Connectors.*", resource, ("Resources", logical_id)):
            properties = properties_of(place.value)
            condition = place.value.get("Condition") if isinstance(place.value, Mapping) else None
            given: Conditions = (
                frozenset({(str(condition), True)}) if isinstance(condition, str) else ALWAYS
            )
            conditions = all_of(own, place.conditions, given)
            if conditions is not None:
                name = f"{logical_id}{place.path[-1]}"
                yield from self._connector(
                    {"Id": logical_id}, properties, (*place.path, "Properties"), name, conditions
                )

    def _connector(
        self,
        source: Any,
        properties: Mapping[str, Any],
        path: TemplatePath,
        name: str,
        conditions: Conditions,
    ) -> Iterator[tuple[str | External, list[Statement], Conditions]]:
        data = load("connectors")
        wanted = {
            self._references.literal(found.value)
            for found in locations.find("Permissions[*]", properties)
        }
        start = self._end(source, data["types"])
        for found in locations.find("Destination[*]", properties, (*path,)):
            end = self._end(found.value, data["types"])
            if start is None or end is None:
                continue
            profile = data["profiles"].get(start[0], {}).get(end[0])
            if profile is None:
                continue
            variables = {"source": start[1], "destination": end[1], "name": end[2]}
            statements = [
                Statement(
                    allow=True,
                    actions=tuple(row["actions"]),
                    but_actions=False,
                    resources=self._statements.resource_texts(
                        [{"Fn::Sub": [_variables(text), variables]} for text in row["resources"]]
                    ),
                    but_resources=False,
                    conditional=False,
                    policy=f"connector {name}",
                    path=found.path,
                    conditions=ALWAYS,
                )
                for permission in ("Read", "Write")
                if permission in wanted
                for row in profile.get(permission, ())
            ]
            side = start if profile["role"] == "source" else end
            for role, role_conditions in self._end_roles(side[3]):
                together = all_of(conditions, found.conditions, role_conditions)
                if together is not None:
                    yield role, statements, together

    def _end(self, value: Any, types: Mapping[str, str]) -> tuple[str, Any, Any, Any] | None:
        """Type, ARN, name and owner of a role of a connector's end; None when it is neither an id
        nor an ARN with a type.
        """
        match value:
            case {"Id": str() as logical_id} if self._references.type(logical_id):
                type_ = self._references.type(logical_id)
                return (
                    types.get(type_, type_),
                    {"Ref": str(logical_id)},
                    {"Ref": str(logical_id)},
                    str(logical_id),
                )
            case {"Type": str() as type_}:
                return types.get(type_, str(type_)), value.get("Arn"), value.get("Name"), value
            case _:
                return None

    def _end_roles(self, owner: Any) -> Iterator[tuple[str | External, Conditions]]:
        if isinstance(owner, str):
            yield from self._roles.of(owner)
        elif isinstance(owner, Mapping):
            for reference in self._references.resolve(owner.get("RoleName"), ROLE):
                yield reference.target, reference.conditions


def _variables(text: str) -> str:
    """A connector's resource as Fn::Sub takes it."""
    return re.sub(r"(?<!\$)\{(source|destination|name)\}", r"${\1}", text)

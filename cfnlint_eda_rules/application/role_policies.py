"""The statements that each role of a template holds, from wherever they are attached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from cfnlint_eda_rules.application.connectors import Connectors
from cfnlint_eda_rules.application.roles import ROLE, Roles
from cfnlint_eda_rules.application.statements import Statement, Statements
from cfnlint_eda_rules.template import jsonpath as locations
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, all_of, both
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.sections import TemplatePath, properties_of


class RolePolicies:
    """The policies of a template by role."""

    def __init__(
        self, resources: Mapping[str, Mapping[str, Any]], references: References, roles: Roles
    ) -> None:
        self._resources = resources
        self._references = references
        self._roles = roles
        self._reader = Statements(resources, references)
        self._connectors = Connectors(references, self._reader, roles)

    def of(self, role: str | External) -> tuple[Statement, ...]:
        """The statements of a role, in template order."""
        return self._statements.get(role, ())

    @cached_property
    def _statements(self) -> Mapping[str | External, tuple[Statement, ...]]:
        """All statements of the template by role, each once."""
        found: dict[str | External, dict[tuple[Any, ...], Statement]] = {}

        def add(
            role: str | External, statements: Iterable[Statement], conditions: Conditions = ALWAYS
        ) -> None:
            for statement in statements:
                together = both(statement.conditions, conditions)
                if together is not None and self._references.compatible(together):
                    # A managed policy may be attached from both sides; a policy template is several
                    # statements of one place.
                    key = (statement.path, statement.actions, statement.resources)
                    found.setdefault(role, {}).setdefault(
                        key, replace(statement, conditions=together)
                    )

        for logical_id, resource in self._resources.items():
            for role, statements, conditions in self._of_resource(logical_id, resource):
                add(role, statements, conditions)
        return {role: tuple(statements.values()) for role, statements in found.items()}

    def _of_resource(
        self, logical_id: str, resource: Mapping[str, Any]
    ) -> Iterator[tuple[str | External, list[Statement], Conditions]]:
        properties = properties_of(resource)
        path: TemplatePath = ("Resources", logical_id, "Properties")
        own = self._references.resource_conditions(logical_id)
        match self._references.type(logical_id):
            case "AWS::IAM::Role":
                for place in locations.find("Policies[*]", properties, path):
                    document = (
                        place.value.get("PolicyDocument")
                        if isinstance(place.value, Mapping)
                        else None
                    )
                    called = f"policy in role {logical_id}"
                    yield (
                        logical_id,
                        list(
                            self._reader.of_document(
                                document, (*place.path, "PolicyDocument"), called
                            )
                        ),
                        place.conditions,
                    )
                for place in locations.find("ManagedPolicyArns[*]", properties, path):
                    yield (
                        logical_id,
                        list(self._reader.of_managed_policy(place.value, place.path)),
                        place.conditions,
                    )
            case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" | "AWS::IAM::RolePolicy":
                statements = list(self._reader.of_policy(logical_id))
                for expression in ("Roles", "RoleName"):
                    for place in locations.find(expression, properties, path):
                        for reference in self._references.resolve(place.value, ROLE):
                            together = all_of(place.conditions, reference.conditions, own)
                            if together is not None:
                                yield reference.target, statements, together
            case type_:
                if policies := self._roles.policies_of(type_):
                    implicit = f"{logical_id}Role"
                    if any(role == implicit for role, _ in self._roles.of(logical_id)):
                        for place in locations.find(f"{policies}[*]", properties, path):
                            yield (
                                implicit,
                                list(
                                    self._reader.of_sam_policy(place.value, place.path, logical_id)
                                ),
                                place.conditions,
                            )
                yield from self._connectors.of_resource(logical_id, resource)

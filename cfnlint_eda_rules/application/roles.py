"""The roles that functions and state machines work with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.template import jsonpath as locations
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, both
from cfnlint_eda_rules.template.intrinsics import intrinsic
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.sections import properties_of

ROLE = "AWS::IAM::Role"


class Roles:
    """The roles of a template's resources."""

    def __init__(self, resources: Mapping[str, Mapping[str, Any]], references: References) -> None:
        self._resources = resources
        self._references = references
        self._rows: Mapping[str, Any] = load("function_roles")["roles"]
        self._roles: dict[str, tuple[tuple[str | External, Conditions], ...]] = {}

    def of(self, function_id: str) -> tuple[tuple[str | External, Conditions], ...]:
        """The roles a function works with: logical ids (SAM's own `<Function>Role` among them) or
        external ones, with conditions.
        """
        if function_id not in self._roles:
            self._roles[function_id] = tuple(self._find_roles(function_id))
        return self._roles[function_id]

    def _find_roles(self, function_id: str) -> Iterator[tuple[str | External, Conditions]]:
        resource = self._resources.get(function_id)
        row = self._rows.get(self._references.type(function_id))
        if resource is None or row is None:
            return
        places = locations.find(row["role"], properties_of(resource))
        for place in places:
            for reference in self._references.resolve(place.value, ROLE):
                conditions = both(place.conditions, reference.conditions)
                if conditions is not None:
                    yield reference.target, conditions
        # SAM makes a role where none is given.
        given = properties_of(resource).get(row["role"])
        if "policies" in row and (not places or _has_no_value(given)):
            yield f"{function_id}Role", ALWAYS

    def policies_of(self, type_: str) -> str:
        """Where a resource of this type holds SAM's `Policies`; "" where it has none."""
        return str(self._rows.get(type_, {}).get("policies", ""))


def _has_no_value(value: Any) -> bool:
    match intrinsic(value):
        case ("Fn::If", [_, yes, no]):
            return any(intrinsic(branch) == ("Ref", "AWS::NoValue") for branch in (yes, no))
        case ("Ref", "AWS::NoValue"):
            return True
        case _:
            return False

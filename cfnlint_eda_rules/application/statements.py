"""Statements of policy documents, and of what stands for documents: managed policies and SAM's
policy templates.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template import jsonpath as locations
from cfnlint_eda_rules.template.conditions import Conditions, both
from cfnlint_eda_rules.template.intrinsics import intrinsic
from cfnlint_eda_rules.template.references import References
from cfnlint_eda_rules.template.sections import TemplatePath, properties_of
from cfnlint_eda_rules.template.symbolic_text import Alternative

MANAGED_POLICY = "AWS::IAM::ManagedPolicy"


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    allow: bool
    actions: tuple[str, ...]
    but_actions: bool
    resources: tuple[Alternative, ...]
    but_resources: bool
    conditional: bool
    policy: str
    path: TemplatePath
    conditions: Conditions


class Statements:
    """Reads the statements of a template's policies."""

    def __init__(self, resources: Mapping[str, Mapping[str, Any]], references: References) -> None:
        self._resources = resources
        self._references = references

    def of_policy(self, policy_id: str) -> Iterator[Statement]:
        path: TemplatePath = ("Resources", policy_id, "Properties", "PolicyDocument")
        properties = properties_of(self._resources.get(policy_id))
        return self.of_document(properties.get("PolicyDocument"), path, f"policy {policy_id}")

    def of_managed_policy(self, value: Any, path: TemplatePath) -> Iterator[Statement]:
        """The statements of a managed policy given by ARN, name or reference."""
        for reference in self._references.resolve(value, MANAGED_POLICY):
            if isinstance(reference.target, str):
                if self._references.type(reference.target) == MANAGED_POLICY:
                    for statement in self.of_policy(reference.target):
                        conditions = both(statement.conditions, reference.conditions)
                        if conditions is not None:
                            yield replace(statement, conditions=conditions)
                continue
            name = reference.target.text.rsplit("/", 1)[-1]
            actions = managed_policies().get(name)
            if actions:
                everything = (Alternative(("*",)),)
                yield Statement(
                    True,
                    tuple(actions),
                    False,
                    everything,
                    False,
                    False,
                    name,
                    path,
                    reference.conditions,
                )

    def of_sam_policy(self, value: Any, path: TemplatePath, owner: str) -> Iterator[Statement]:
        """The statements of one entry of SAM's `Policies`: a name or ARN, a policy template, or a
        policy document.
        """
        if isinstance(value, str) or intrinsic(value) is not None:
            yield from self.of_managed_policy(value, path)
        elif isinstance(value, Mapping) and "Statement" in value:
            yield from self.of_document(value, path, f"policy of {owner}")
        elif isinstance(value, Mapping):
            for name, parameters in value.items():
                template = load("sam_policies").get(name) if isinstance(name, str) else None
                if template is not None:
                    yield from self._sam_template(
                        str(name), template, parameters, (*path, str(name))
                    )

    def _sam_template(
        self, name: str, template: Mapping[str, Any], parameters: Any, path: TemplatePath
    ) -> Iterator[Statement]:
        for place in locations.branches(parameters, path):
            given = place.value if isinstance(place.value, Mapping) else {}
            for row in template["statements"]:
                resources = [{"Fn::Sub": [text, given]} for text in row["resources"]]
                yield Statement(
                    allow=True,
                    actions=tuple(row["actions"]),
                    but_actions=False,
                    resources=self.resource_texts(resources),
                    but_resources=False,
                    conditional=row.get("conditional", False),
                    policy=name,
                    path=place.path,
                    conditions=place.conditions,
                )

    def of_document(self, document: Any, path: TemplatePath, called: str) -> Iterator[Statement]:
        for place in locations.find("Statement[*]", document, path):
            statement = self._statement(place, called)
            if statement is not None:
                yield statement

    def _statement(self, place: locations.Found, called: str) -> Statement | None:
        value = place.value
        effect = (
            self._references.literal(value.get("Effect")) if isinstance(value, Mapping) else None
        )
        if effect not in ("Allow", "Deny"):
            return None
        but_actions, but_resources = "NotAction" in value, "NotResource" in value
        actions = [
            text
            for found in locations.find("NotAction[*]" if but_actions else "Action[*]", value)
            if (text := self._references.literal(found.value))
        ]
        resources = self.resource_texts(value.get("NotResource" if but_resources else "Resource"))
        if not actions or not resources:
            return None
        conditional = bool(locations.find("Condition", value))
        return Statement(
            effect == "Allow",
            tuple(actions),
            but_actions,
            resources,
            but_resources,
            conditional,
            called,
            place.path,
            place.conditions,
        )

    def resource_texts(self, value: Any) -> tuple[Alternative, ...]:
        texts: list[Alternative] = []
        for found in locations.find("R[*]", {"R": value}):
            for alternative in self._references.alternatives(found.value):
                conditions = both(found.conditions, alternative.conditions)
                if conditions is not None and alternative.parts:
                    texts.append(Alternative(alternative.parts, conditions))
        return tuple(texts)


def managed_policies() -> Mapping[str, list[str]]:
    data: Mapping[str, list[str]] = load("managed_policies")
    return data


@functools.cache
def _action_sets() -> tuple[frozenset[frozenset[str]], frozenset[frozenset[str]]]:
    """The action sets of statements of bundles, and those with a wildcard in policy templates that
    are narrow all the same.
    """
    bundles: set[frozenset[str]] = set()
    narrow: set[frozenset[str]] = set()
    for template in load("sam_policies").values():
        for statement in template["statements"]:
            actions = frozenset(action.lower() for action in statement["actions"])
            if template.get("bundle"):
                bundles.add(actions)
            elif not any(action.endswith(":*") for action in actions):
                narrow.add(actions)
    return frozenset(bundles - narrow), frozenset(narrow)


def names_action(actions: tuple[str, ...], words: tuple[str, ...], action: str) -> bool:
    """Whether a statement's list of actions names the action itself: written out, and not one of a
    bundle's.
    """
    bundles, narrow = _action_sets()
    listed = frozenset(each.lower() for each in actions)
    if listed in bundles:
        return False
    return listed in narrow or any(word.lower() == action.lower() for word in words)

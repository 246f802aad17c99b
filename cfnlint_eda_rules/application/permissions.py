"""What a function's role allows, and how narrowly: grants of an action on a resource.

Policy evaluation:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Permissions boundaries, service control policies and resource-based policies are not looked at.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.application.functions import FUNCTION, Functions
from cfnlint_eda_rules.application.role_policies import RolePolicies
from cfnlint_eda_rules.application.roles import Roles
from cfnlint_eda_rules.application.statements import Statement, managed_policies, names_action
from cfnlint_eda_rules.budget import GRANTS, Budget, Exhausted
from cfnlint_eda_rules.catalogue import patterns
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template import jsonpath as locations
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, both
from cfnlint_eda_rules.template.names import family, service_types
from cfnlint_eda_rules.template.references import External, Reference, References
from cfnlint_eda_rules.template.sections import TemplatePath, properties_of, resources_of
from cfnlint_eda_rules.template.symbolic_text import Parts, glob, render

_WHOLE = frozenset({"*", "/*", ":*", "*/*", "/**"})


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement that allows an action; `scope` is GRANTED (this very action on this very
    resource) or BROAD.

    `actions` are the statement's own words for the action; `resource` is None for "*" and other
    resources that name nothing.
    """

    actions: tuple[str, ...]
    resource: Reference | None
    scope: Evidence
    policy: str
    path: TemplatePath
    conditions: Conditions


class Permissions:
    """The permissions of a template's functions, and of other resources that work with a role."""

    def __init__(
        self,
        template: Any,
        references: References,
        functions: Functions,
        budget: Budget | None = None,
    ) -> None:
        self._budget = budget or Budget()
        self._references = references
        self._functions = functions
        self._resources = resources_of(template)
        self._data: Mapping[str, Any] = load("function_roles")
        self._roles = Roles(self._resources, references)
        self._policies = RolePolicies(self._resources, references, self._roles)
        self._grants: dict[tuple[str, str], tuple[Grant, ...]] = {}
        self._shared: dict[str, tuple[str, ...]] = {}

    def grants(self, function_id: str, action: str) -> tuple[Grant, ...]:
        """What allows the function this very action ("s3:PutObject"), also by wildcard, less what
        is denied; in template order.

        A state machine's logical id does as well as a function's. What the function's own
        destinations and dead-letter queues need is left out: it says nothing of its code. None
        where there is more to look at than a run may.
        """
        key = (function_id, action.lower())
        if key not in self._grants:
            try:
                self._grants[key] = tuple(self._find(function_id, action))
            except Exhausted:
                # A grant may be denied by what was not looked at.
                self._grants[key] = ()
        return self._grants[key]

    def denied(
        self, function_id: str, action: str, target: str | External, rest: Parts = ()
    ) -> bool:
        """Whether an unconditional Deny covers the action on the whole resource, or on `rest` of
        it.
        """
        try:
            return any(
                self._covers(statement, action, Reference(target, rest=rest))
                for role, _ in self.roles(function_id)
                for statement in self._policies.of(role)
                if not statement.allow and not statement.conditional and not statement.conditions
            )
        except Exhausted:
            return True

    def roles(self, function_id: str) -> tuple[tuple[str | External, Conditions], ...]:
        """The roles a function works with: logical ids (SAM's own `<Function>Role` among them) or
        external ones, with conditions.
        """
        return self._roles.of(function_id)

    def shared_role(self, function_id: str) -> tuple[str, ...]:
        """The other functions with the same role, in template order."""
        if function_id not in self._shared:
            own = {role for role, _ in self.roles(function_id)}
            sharing = {other for role in own for other in self._working_with.get(role, ())}
            self._shared[function_id] = tuple(
                other for other in self._functions if other != function_id and other in sharing
            )
        return self._shared[function_id]

    @functools.cached_property
    def _working_with(self) -> Mapping[str | External, list[str]]:
        """The functions that work with each role."""
        found: dict[str | External, list[str]] = {}
        for function_id in self._functions:
            for role, _ in self.roles(function_id):
                found.setdefault(role, []).append(function_id)
        return found

    def broad(self, function_id: str) -> tuple[str, ...]:
        """What makes the function's role broad, in words: "AdministratorAccess", "s3:* on *"."""
        words: dict[str, None] = {}
        for role, _ in self.roles(function_id):
            for statement in self._policies.of(role):
                if not statement.allow or statement.but_actions:
                    continue
                everywhere = statement.but_resources or any(
                    _names_nothing(render(each.parts)) for each in statement.resources
                )
                wild = [
                    action for action in statement.actions if action == "*" or action.endswith(":*")
                ]
                if statement.policy in managed_policies() and wild:
                    words[statement.policy] = None
                elif everywhere:
                    words.update(dict.fromkeys(f"{action} on *" for action in wild))
        return tuple(words)

    def _find(self, function_id: str, action: str) -> Iterator[Grant]:
        needed = (
            self._needed(function_id, action) if action.lower() in self._delivering else frozenset()
        )
        seen: set[tuple[str | External | None, Parts, str, Conditions]] = set()
        for role, role_conditions in self.roles(function_id):
            statements = self._policies.of(role)
            denies = [
                statement
                for statement in statements
                if not statement.allow and not statement.conditional
            ]
            for statement in statements:
                for grant in self._of_statement(statement, action):
                    conditions = both(grant.conditions, role_conditions)
                    if conditions is None or not self._references.compatible(conditions):
                        continue
                    whole = replace(grant, conditions=conditions)
                    target = whole.resource.target if whole.resource is not None else None
                    if target in needed or any(
                        self._denies(deny, action, whole) for deny in denies
                    ):
                        continue
                    rest = (
                        whole.resource.rest
                        if whole.resource is not None and self._holds(action)
                        else ()
                    )
                    key = (target, rest, whole.scope, conditions)
                    if key not in seen:
                        seen.add(key)
                        yield whole

    def _of_statement(self, statement: Statement, action: str) -> Iterator[Grant]:
        if not statement.allow:
            return
        words = self._words(statement, action)
        if not words:
            return
        exact = not statement.but_actions and names_action(statement.actions, words, action)
        for reference, named, conditions in self._targets(statement, action):
            together = both(statement.conditions, conditions)
            if together is not None:
                scope = Evidence.GRANTED if exact and named else Evidence.BROAD
                yield Grant(words, reference, scope, statement.policy, statement.path, together)

    def _words(self, statement: Statement, action: str) -> tuple[str, ...]:
        """The statement's words that cover an action; of `NotAction`, the list itself when it does
        not cover the action.
        """
        self._budget.spend(GRANTS, len(statement.actions) // 8 + 1)
        covering = tuple(pattern for pattern in statement.actions if _like(pattern, action))
        if statement.but_actions:
            return () if covering else statement.actions
        return covering

    def _targets(
        self, statement: Statement, action: str
    ) -> Iterator[tuple[Reference | None, bool, Conditions]]:
        """The resources a statement speaks of that the action can be done on, and whether it names
        each by its own name.
        """
        if statement.but_resources:
            yield None, False, ALWAYS
            return
        for text in statement.resources:
            if _names_nothing(render(text.parts)):
                yield None, False, text.conditions
                continue
            for reference, named in self._resource(text.parts, action):
                conditions = (
                    both(text.conditions, reference.conditions)
                    if reference is not None
                    else text.conditions
                )
                if conditions is not None:
                    yield reference, named, conditions

    def _resource(self, parts: Parts, action: str) -> Iterator[tuple[Reference | None, bool]]:
        service = action.partition(":")[0].lower()
        types = service_types(service)
        self._budget.spend(GRANTS)
        for reference in self._references.matches(parts, *types):
            target = reference.target
            if isinstance(target, External):
                text = target.text
                if (
                    text.startswith("arn:")
                    and text.count(":") > 1
                    and text.split(":", 3)[2] not in (service, "*")
                ):
                    continue
                if "*" in text or (text.startswith("arn:") and "?" in text):
                    covered: list[tuple[Reference | None, bool]] = [
                        (each, False)
                        for each in self._references.covered(parts, *types)
                        if self._fits(each, service)
                    ]
                    self._budget.spend(GRANTS, len(covered))
                    nothing = set(re.split("[:/]", text)[-1]) <= {"*"}
                    yield from covered or [(None if nothing else reference, False)]
                elif self._allowed(reference, action):
                    yield reference, True
                continue
            for followed in self._followed(reference):
                if self._fits(followed, service) and self._allowed(followed, action):
                    yield followed, True

    def _followed(self, reference: Reference) -> Iterator[Reference]:
        """A function in place of its alias or version; other references as they are."""
        ends = (
            self._functions.follow(reference)
            if self._references.type(str(reference.target)) not in _function_types()
            else ()
        )
        for logical_id, conditions in ends:
            yield replace(reference, target=logical_id, conditions=conditions)
        if not ends:
            yield reference

    def _fits(self, reference: Reference, service: str) -> bool:
        if isinstance(reference.target, External):
            return True
        type_ = self._references.type(reference.target)
        return family(type_) is None or type_ in service_types(service)

    def _holds(self, action: str) -> bool:
        return patterns.begins(self._data["contents"], action.lower())

    def _allowed(self, reference: Reference, action: str) -> bool:
        """An action on what a bucket holds needs a resource beyond the bucket itself; on a table,
        none of its indexes and streams.
        """
        within = (
            self._data["within"].get(action.partition(":")[0].lower(), {}) if reference.rest else {}
        )
        if within:
            text = render(reference.rest)
            part = next((part for part in within if text.startswith(part)), None)
            if part is not None:
                return patterns.begins(within[part], action.lower())
        opaque = isinstance(reference.target, External) and not reference.target.text.startswith(
            "arn:"
        )
        return bool(reference.rest) or opaque or not self._holds(action)

    def _needed(self, function_id: str, action: str) -> frozenset[str | External]:
        """Where the function's own configuration makes Lambda deliver with its role."""
        data = self._data["deliveries"]
        values = [
            found.value
            for each in data["function"]
            for found in locations.find(each, properties_of(self._resources.get(function_id)))
        ]
        values.extend(self._configured.get(function_id, ()))
        types = service_types(action.partition(":")[0].lower())
        return frozenset(
            followed.target
            for value in values
            for reference in self._references.resolve(value, *types)
            for followed in self._followed(reference)
        )

    @cached_property
    def _configured(self) -> Mapping[str, list[Any]]:
        """Where Lambda delivers for a function by the configuration of other resources (an event
        source mapping's), by function.
        """
        found: dict[str, list[Any]] = {}
        for logical_id, resource in self._resources.items():
            row = self._data["deliveries"]["others"].get(self._references.type(logical_id))
            if row is not None:
                properties = properties_of(resource)
                values = [
                    each.value
                    for target in row["targets"]
                    for each in locations.find(target, properties)
                ]
                for owner in dict.fromkeys(
                    owner for owner, _ in self._functions.resolve(properties.get(row["function"]))
                ):
                    found.setdefault(owner, []).extend(values)
        return found

    @cached_property
    def _delivering(self) -> frozenset[str]:
        return frozenset(action.lower() for action in self._data["deliveries"]["actions"])

    def _denies(self, deny: Statement, action: str, grant: Grant) -> bool:
        if not deny.conditions <= grant.conditions:
            return False
        if grant.resource is None:
            return bool(self._words(deny, action)) and any(
                target is None for target, _, _ in self._targets(deny, action)
            )
        return self._covers(deny, action, grant.resource)

    def _covers(self, deny: Statement, action: str, resource: Reference) -> bool:
        if not self._words(deny, action):
            return False
        if deny.but_resources:
            listed = (
                reference
                for text in deny.resources
                for reference, _ in self._resource(text.parts, action)
            )
            return not any(
                reference is None or reference.target == resource.target for reference in listed
            )
        for target, _, conditions in self._targets(deny, action):
            if (
                conditions
                - resource.conditions
                - self._references.resource_conditions(str(resource.target))
            ):
                continue
            if target is None or (
                target.target == resource.target
                and self._within(resource.rest, target.rest, action)
            ):
                return True
        return False

    def _within(self, rest: Parts, denied: Parts, action: str) -> bool:
        text = render(denied)
        if text in _WHOLE or rest == denied or (not denied and not self._holds(action)):
            return True
        return bool(denied) and _like(text, render(rest), fold=False)


def _names_nothing(text: str) -> bool:
    return not text.strip("*?")


@functools.cache
def _function_types() -> tuple[str, ...]:
    known = family(FUNCTION)
    return known.types if known is not None else (FUNCTION,)


def _like(pattern: str, text: str, fold: bool = True) -> bool:
    """Whether an IAM pattern (`*`, `?`) covers a text; actions are compared without case."""
    return glob(pattern.lower(), text.lower()) if fold else glob(pattern, text)

"""What a function's role allows, and how narrowly: policies of every spelling -> grants of an
action on a resource.

Policy evaluation:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Permissions boundaries, service control policies and resource-based policies are not looked at.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.application.functions import FUNCTION, Functions
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template import jsonpath as locations
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, all_of, both
from cfnlint_eda_rules.template.intrinsics import intrinsic
from cfnlint_eda_rules.template.names import family, service_types
from cfnlint_eda_rules.template.references import External, Reference, References
from cfnlint_eda_rules.template.sections import TemplatePath, properties_of
from cfnlint_eda_rules.template.symbolic_text import Alternative, Parts, glob, render

ROLE = "AWS::IAM::Role"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"

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


@dataclass(frozen=True, slots=True, eq=False)
class _Statement:
    allow: bool
    actions: tuple[str, ...]
    but_actions: bool
    resources: tuple[Alternative, ...]
    but_resources: bool
    conditional: bool
    policy: str
    path: TemplatePath
    conditions: Conditions


class Permissions:
    """The permissions of a template's functions, and of other resources that work with a role."""

    def __init__(self, template: Any, references: References, functions: Functions) -> None:
        self._references = references
        self._functions = functions
        section = template.get("Resources") if isinstance(template, Mapping) else None
        self._resources: dict[str, Mapping[str, Any]] = {}
        if isinstance(section, Mapping):
            self._resources = {
                str(key): resource
                for key, resource in section.items()
                if isinstance(resource, Mapping)
            }
        self._data: Mapping[str, Any] = load("function_roles")
        self._roles: dict[str, tuple[tuple[str | External, Conditions], ...]] = {}
        self._statements: dict[str | External, tuple[_Statement, ...]] = {}
        self._grants: dict[tuple[str, str], tuple[Grant, ...]] = {}

    def grants(self, function_id: str, action: str) -> tuple[Grant, ...]:
        """What allows the function this very action ("s3:PutObject"), also by wildcard, less what
        is denied; in template order.

        A state machine's logical id does as well as a function's. What the function's own
        destinations and dead-letter queues need is left out: it says nothing of its code.
        """
        key = (function_id, action.lower())
        if key not in self._grants:
            self._grants[key] = tuple(self._find(function_id, action))
        return self._grants[key]

    def denied(
        self, function_id: str, action: str, target: str | External, rest: Parts = ()
    ) -> bool:
        """Whether an unconditional Deny covers the action on the whole resource, or on `rest` of
        it.
        """
        return any(
            self._covers(statement, action, Reference(target, rest=rest))
            for role, _ in self.roles(function_id)
            for statement in self._of_role(role)
            if not statement.allow and not statement.conditional and not statement.conditions
        )

    def roles(self, function_id: str) -> tuple[tuple[str | External, Conditions], ...]:
        """The roles a function works with: logical ids (SAM's own `<Function>Role` among them) or
        external ones, with conditions.
        """
        if function_id not in self._roles:
            self._roles[function_id] = tuple(self._find_roles(function_id))
        return self._roles[function_id]

    def shared_role(self, function_id: str) -> tuple[str, ...]:
        """The other functions with the same role, in template order."""
        own = {role for role, _ in self.roles(function_id)}
        return tuple(
            other
            for other in self._functions
            if other != function_id and own & {role for role, _ in self.roles(other)}
        )

    def broad(self, function_id: str) -> tuple[str, ...]:
        """What makes the function's role broad, in words: "AdministratorAccess", "s3:* on *"."""
        words: dict[str, None] = {}
        for role, _ in self.roles(function_id):
            for statement in self._of_role(role):
                if not statement.allow or statement.but_actions:
                    continue
                everywhere = statement.but_resources or any(
                    _names_nothing(render(each.parts)) for each in statement.resources
                )
                wild = [
                    action for action in statement.actions if action == "*" or action.endswith(":*")
                ]
                if statement.policy in _managed() and wild:
                    words[statement.policy] = None
                elif everywhere:
                    words.update(dict.fromkeys(f"{action} on *" for action in wild))
        return tuple(words)

    # Roles

    def _find_roles(self, function_id: str) -> Iterator[tuple[str | External, Conditions]]:
        resource = self._resources.get(function_id)
        row = self._data["roles"].get(self._references.type(function_id))
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

    def _of_role(self, role: str | External) -> tuple[_Statement, ...]:
        if not self._statements:
            self._read()
        return self._statements.get(role, ())

    def _read(self) -> None:
        """All statements of the template by role, each once."""
        found: dict[str | External, dict[tuple[Any, ...], _Statement]] = {}

        def add(
            role: str | External, statements: Iterable[_Statement], conditions: Conditions = ALWAYS
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
        self._statements = {role: tuple(statements.values()) for role, statements in found.items()}
        # A template without any statement is read once, too.
        self._statements.setdefault("", ())

    def _of_resource(
        self, logical_id: str, resource: Mapping[str, Any]
    ) -> Iterator[tuple[str | External, list[_Statement], Conditions]]:
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
                        list(self._document(document, (*place.path, "PolicyDocument"), called)),
                        place.conditions,
                    )
                for place in locations.find("ManagedPolicyArns[*]", properties, path):
                    yield (
                        logical_id,
                        list(self._managed_policy(place.value, place.path)),
                        place.conditions,
                    )
            case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" | "AWS::IAM::RolePolicy":
                statements = list(self._document_of(logical_id))
                for expression in ("Roles", "RoleName"):
                    for place in locations.find(expression, properties, path):
                        for reference in self._references.resolve(place.value, ROLE):
                            together = all_of(place.conditions, reference.conditions, own)
                            if together is not None:
                                yield reference.target, statements, together
            case type_:
                row = self._data["roles"].get(type_, {})
                if "policies" in row:
                    implicit = f"{logical_id}Role"
                    if any(role == implicit for role, _ in self.roles(logical_id)):
                        for place in locations.find(f"{row['policies']}[*]", properties, path):
                            yield (
                                implicit,
                                list(self._sam_policy(place.value, place.path, logical_id)),
                                place.conditions,
                            )
                yield from self._connectors(logical_id, resource)

    def _document_of(self, policy_id: str) -> Iterator[_Statement]:
        path: TemplatePath = ("Resources", policy_id, "Properties", "PolicyDocument")
        properties = properties_of(self._resources.get(policy_id))
        return self._document(properties.get("PolicyDocument"), path, f"policy {policy_id}")

    def _managed_policy(self, value: Any, path: TemplatePath) -> Iterator[_Statement]:
        """The statements of a managed policy given by ARN, name or reference."""
        for reference in self._references.resolve(value, MANAGED_POLICY):
            if isinstance(reference.target, str):
                if self._references.type(reference.target) == MANAGED_POLICY:
                    for statement in self._document_of(reference.target):
                        conditions = both(statement.conditions, reference.conditions)
                        if conditions is not None:
                            yield replace(statement, conditions=conditions)
                continue
            name = reference.target.text.rsplit("/", 1)[-1]
            actions = _managed().get(name)
            if actions:
                everything = (Alternative(("*",)),)
                yield _Statement(
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

    def _sam_policy(self, value: Any, path: TemplatePath, owner: str) -> Iterator[_Statement]:
        """The statements of one entry of SAM's `Policies`: a name or ARN, a policy template, or a
        policy document.
        """
        if isinstance(value, str) or intrinsic(value) is not None:
            yield from self._managed_policy(value, path)
        elif isinstance(value, Mapping) and "Statement" in value:
            yield from self._document(value, path, f"policy of {owner}")
        elif isinstance(value, Mapping):
            for name, parameters in value.items():
                template = load("sam_policies").get(name) if isinstance(name, str) else None
                if template is not None:
                    yield from self._sam_template(
                        str(name), template, parameters, (*path, str(name))
                    )

    def _sam_template(
        self, name: str, template: Mapping[str, Any], parameters: Any, path: TemplatePath
    ) -> Iterator[_Statement]:
        for place in locations.branches(parameters, path):
            given = place.value if isinstance(place.value, Mapping) else {}
            for row in template["statements"]:
                resources = [{"Fn::Sub": [text, given]} for text in row["resources"]]
                yield _Statement(
                    allow=True,
                    actions=tuple(row["actions"]),
                    but_actions=False,
                    resources=self._resource_texts(resources),
                    but_resources=False,
                    conditional=row.get("conditional", False),
                    policy=name,
                    path=place.path,
                    conditions=place.conditions,
                )

    # Policy documents

    def _document(self, document: Any, path: TemplatePath, called: str) -> Iterator[_Statement]:
        for place in locations.find("Statement[*]", document, path):
            statement = self._statement(place, called)
            if statement is not None:
                yield statement

    def _statement(self, place: locations.Found, called: str) -> _Statement | None:
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
        resources = self._resource_texts(value.get("NotResource" if but_resources else "Resource"))
        if not actions or not resources:
            return None
        conditional = bool(locations.find("Condition", value))
        return _Statement(
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

    def _resource_texts(self, value: Any) -> tuple[Alternative, ...]:
        texts: list[Alternative] = []
        for found in locations.find("R[*]", {"R": value}):
            for alternative in self._references.alternatives(found.value):
                conditions = both(found.conditions, alternative.conditions)
                if conditions is not None and alternative.parts:
                    texts.append(Alternative(alternative.parts, conditions))
        return tuple(texts)

    # Connectors

    def _connectors(
        self, logical_id: str, resource: Mapping[str, Any]
    ) -> Iterator[tuple[str | External, list[_Statement], Conditions]]:
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
    ) -> Iterator[tuple[str | External, list[_Statement], Conditions]]:
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
                _Statement(
                    allow=True,
                    actions=tuple(row["actions"]),
                    but_actions=False,
                    resources=self._resource_texts(
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
            yield from self.roles(owner)
        elif isinstance(owner, Mapping):
            for reference in self._references.resolve(owner.get("RoleName"), ROLE):
                yield reference.target, reference.conditions

    # Grants

    def _find(self, function_id: str, action: str) -> Iterator[Grant]:
        needed = (
            self._needed(function_id, action) if action.lower() in self._delivering else frozenset()
        )
        seen: set[tuple[str | External | None, Parts, str, Conditions]] = set()
        for role, role_conditions in self.roles(function_id):
            statements = self._of_role(role)
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

    def _of_statement(self, statement: _Statement, action: str) -> Iterator[Grant]:
        if not statement.allow:
            return
        words = self._words(statement, action)
        if not words:
            return
        exact = not statement.but_actions and _exact(statement.actions, words, action)
        for reference, named, conditions in self._targets(statement, action):
            together = both(statement.conditions, conditions)
            if together is not None:
                scope = Evidence.GRANTED if exact and named else Evidence.BROAD
                yield Grant(words, reference, scope, statement.policy, statement.path, together)

    def _words(self, statement: _Statement, action: str) -> tuple[str, ...]:
        """The statement's words that cover an action; of `NotAction`, the list itself when it does
        not cover the action.
        """
        covering = tuple(pattern for pattern in statement.actions if _like(pattern, action))
        if statement.but_actions:
            return () if covering else statement.actions
        return covering

    def _targets(
        self, statement: _Statement, action: str
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
        return _pattern(self._data["contents"]).match(action.lower()) is not None

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
                return _pattern(within[part]).match(action.lower()) is not None
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

    # Denials

    def _denies(self, deny: _Statement, action: str, grant: Grant) -> bool:
        if not deny.conditions <= grant.conditions:
            return False
        if grant.resource is None:
            return bool(self._words(deny, action)) and any(
                target is None for target, _, _ in self._targets(deny, action)
            )
        return self._covers(deny, action, grant.resource)

    def _covers(self, deny: _Statement, action: str, resource: Reference) -> bool:
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


def _has_no_value(value: Any) -> bool:
    match intrinsic(value):
        case ("Fn::If", [_, yes, no]):
            return any(intrinsic(branch) == ("Ref", "AWS::NoValue") for branch in (yes, no))
        case ("Ref", "AWS::NoValue"):
            return True
        case _:
            return False


def _variables(text: str) -> str:
    """A connector's resource as Fn::Sub takes it."""
    return re.sub(r"(?<!\$)\{(source|destination|name)\}", r"${\1}", text)


def _names_nothing(text: str) -> bool:
    return not text.strip("*?")


@functools.cache
def _function_types() -> tuple[str, ...]:
    known = family(FUNCTION)
    return known.types if known is not None else (FUNCTION,)


def _managed() -> Mapping[str, list[str]]:
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


def _exact(actions: tuple[str, ...], words: tuple[str, ...], action: str) -> bool:
    """Whether a statement's list of actions names the action itself: written out, and not one of a
    bundle's.
    """
    bundles, narrow = _action_sets()
    listed = frozenset(each.lower() for each in actions)
    if listed in bundles:
        return False
    return listed in narrow or any(word.lower() == action.lower() for word in words)


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _like(pattern: str, text: str, fold: bool = True) -> bool:
    """Whether an IAM pattern (`*`, `?`) covers a text; actions are compared without case."""
    return glob(pattern.lower(), text.lower()) if fold else glob(pattern, text)

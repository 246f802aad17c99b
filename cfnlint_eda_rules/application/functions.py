"""The Lambda functions a template deploys, in every spelling, and which of them are not
event-driven work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cfnlint_eda_rules.catalogue import patterns
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template import jsonpath as locations
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, both
from cfnlint_eda_rules.template.names import family
from cfnlint_eda_rules.template.references import External, Reference, References
from cfnlint_eda_rules.template.sections import properties_of, resources_of

FUNCTION = "AWS::Lambda::Function"


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """One function. `environment` is name -> template value; `order` counts functions in template
    order.

    `roles` are logical ids, several where `Role` depends on a condition; a role outside the
    template, or the one SAM makes, is not in it. `layers` holds ARNs outside the template as
    `External`.
    """

    logical_id: str
    type: str
    order: int
    properties: Mapping[str, Any]
    metadata: Mapping[str, Any]
    runtime: str
    handler: str
    image: bool
    environment: Mapping[str, Any]
    roles: tuple[str, ...]
    layers: tuple[Reference, ...]
    durable: bool
    custom_resource: bool
    authorizer: bool
    recursive_loop: str
    conditions: Conditions

    @property
    def in_scope(self) -> bool:
        """Whether the rules judge the function: custom-resource handlers and authorizers are not
        theirs.
        """
        return not self.custom_resource and not self.authorizer


class Functions(Mapping[str, LambdaFunction]):
    """The functions of a template by logical id, in template order."""

    def __init__(self, template: Any, references: References) -> None:
        self._references = references
        self._resources = resources_of(template)
        self._qualifiers: Mapping[str, str] = load("function_roles")["qualifiers"]
        known = family(FUNCTION)
        types = known.types if known is not None else (FUNCTION,)
        self._functions: dict[str, LambdaFunction] = {}
        for logical_id, resource in self._resources.items():
            if references.type(logical_id) in types and references.exists(logical_id):
                self._functions[logical_id] = _function(
                    logical_id, resource, len(self._functions), references
                )
        if self._functions:
            globals_ = template.get("Globals") if isinstance(template, Mapping) else None
            self._mark(self._custom_resources(), self._authorizers(globals_))

    def __getitem__(self, logical_id: str) -> LambdaFunction:
        return self._functions[logical_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def resolve(self, value: Any) -> tuple[tuple[str, Conditions], ...]:
        """The functions a value names by id, name, ARN, alias, version, qualified ARN or
        integration URI, each with its conditions.
        """
        found: dict[tuple[str, Conditions], None] = {}
        for reference in self._references.resolve(value, FUNCTION):
            found.update(dict.fromkeys(self.follow(reference)))
        return tuple(found)

    def follow(self, reference: Reference) -> tuple[tuple[str, Conditions], ...]:
        """The functions a reference ends at, through aliases, versions and function URLs."""
        return tuple(self._follow(reference, 4))

    def _follow(self, reference: Reference, depth: int) -> Iterator[tuple[str, Conditions]]:
        target = reference.target
        if isinstance(target, External) or depth <= 0:
            return
        if target in self._functions:
            yield target, reference.conditions
            return
        qualified = self._qualifiers.get(self._references.type(target))
        if qualified is None:
            return
        for inner in self._references.resolve(
            properties_of(self._resources.get(target)).get(qualified), FUNCTION
        ):
            together = both(reference.conditions, inner.conditions)
            if together is not None and self._references.compatible(together):
                yield from self._follow(replace(inner, conditions=together), depth - 1)

    def _named(self, value: Any) -> Iterator[str]:
        return (logical_id for logical_id, _ in self.resolve(value))

    def _custom_resources(self) -> set[str]:
        data = load("function_roles")["custom_resources"]
        handlers, paths, ids = (
            data[key] for key in ("framework_handlers", "cdk_paths", "logical_ids")
        )
        found: set[str] = set()
        for logical_id, resource in self._resources.items():
            properties = properties_of(resource)
            if data["property"] in properties:
                found.update(self._named(properties[data["property"]]))
            for location in data["locations"].get(self._references.type(logical_id), ()):
                for place in locations.find(location, properties):
                    found.update(self._named(place.value))
            for location in data["update_policies"].get(self._references.type(logical_id), ()):
                for place in locations.find(location, resource.get("UpdatePolicy")):
                    found.update(self._named(place.value))
        for function in self._functions.values():
            path = function.metadata.get("aws:cdk:path")
            name = function.logical_id.rpartition(".")[2]
            if (
                patterns.begins(handlers, function.handler)
                or patterns.begins(ids, name)
                or (isinstance(path, str) and patterns.holds(paths, path))
            ):
                found.add(function.logical_id)
        for logical_id in sorted(found):
            environment = self._functions[logical_id].environment
            for name in data["framework_environment"]:
                if name in environment:
                    found.update(self._named(environment[name]))
        return found

    def _authorizers(self, globals_: Any) -> set[str]:
        data = load("function_roles")
        found: set[str] = set()
        for logical_id, resource in self._resources.items():
            for location in data["authorizers"].get(self._references.type(logical_id), ()):
                for place in locations.find(location, properties_of(resource)):
                    found.update(self._named(place.value))
        if isinstance(globals_, Mapping):
            for location in data["global_authorizers"]:
                for place in locations.find(location, globals_):
                    found.update(self._named(place.value))
        return found

    def _mark(self, custom_resources: set[str], authorizers: set[str]) -> None:
        for logical_id in custom_resources | authorizers:
            self._functions[logical_id] = replace(
                self._functions[logical_id],
                custom_resource=logical_id in custom_resources,
                authorizer=logical_id in authorizers,
            )


def _function(
    logical_id: str, resource: Mapping[str, Any], order: int, references: References
) -> LambdaFunction:
    properties = properties_of(resource)
    metadata = resource.get("Metadata")
    roles = [
        reference.target
        for reference in references.resolve(properties.get("Role"), "AWS::IAM::Role")
    ]
    return LambdaFunction(
        logical_id=logical_id,
        type=references.type(logical_id),
        order=order,
        properties=properties,
        metadata=metadata if isinstance(metadata, Mapping) else {},
        runtime=references.literal(properties.get("Runtime")) or "",
        handler=references.literal(properties.get("Handler")) or "",
        image=references.literal(properties.get("PackageType")) == "Image"
        or bool(
            locations.find("ImageUri", properties) or locations.find("Code.ImageUri", properties)
        ),
        environment=_environment(properties),
        roles=tuple(dict.fromkeys(role for role in roles if isinstance(role, str))),
        layers=references.resolve(properties.get("Layers"), "AWS::Lambda::LayerVersion"),
        durable=bool(locations.find("DurableConfig", properties)),
        custom_resource=False,
        authorizer=False,
        recursive_loop=references.literal(properties.get("RecursiveLoop")) or "",
        conditions=references.resource_conditions(logical_id),
    )


def _environment(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The variables as one mapping; where Fn::If chooses between mappings, each variable gets that
    Fn::If.
    """
    found = [
        place
        for place in locations.find("Environment.Variables", properties)
        if isinstance(place.value, Mapping)
    ]
    if len(found) == 1 and not found[0].conditions:
        return {str(name): value for name, value in found[0].value.items()}
    environment: dict[str, Any] = {}
    for place in found:
        for name, value in place.value.items():
            environment[str(name)] = _under(
                value, place.conditions, environment.get(str(name), {"Ref": "AWS::NoValue"})
            )
    return environment


def _under(value: Any, conditions: Conditions, otherwise: Any) -> Any:
    for name, wanted in sorted(conditions or ALWAYS):
        value = {"Fn::If": [name, value, otherwise] if wanted else [name, otherwise, value]}
    return value

"""What a place that declares API operations says: texts, the API it belongs to, its conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from cfnlint_eda_rules.application.api_operations import ANY, ApiOperation
from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions
from cfnlint_eda_rules.template.jsonpath import Found, branches, find
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.sections import TemplatePath, as_mapping, resources_of
from cfnlint_eda_rules.template.symbolic_text import Parts

Row: TypeAlias = Mapping[str, Any]

_GREEDY = re.compile(r"\{[^{}/]+\+\}")


class Places:
    """The resources of a template as the rows of `catalogue/routes.yaml` look at them."""

    def __init__(
        self, template: Mapping[str, Any], references: References, functions: Functions
    ) -> None:
        self.references = references
        self.functions = functions
        self.resources = {
            logical_id: resource
            for logical_id, resource in resources_of(template).items()
            if isinstance(resource.get("Type"), str)
        }
        self.catalogue: Mapping[str, Any] = load("routes")

    def type_of(self, logical_id: str) -> str:
        """The resource's type."""
        return str(self.resources[logical_id]["Type"])

    def properties(self, logical_id: str) -> tuple[Mapping[str, Any], TemplatePath]:
        return as_mapping(self.resources[logical_id].get("Properties")), (
            "Resources",
            logical_id,
            "Properties",
        )

    def find(
        self, location: Any, node: Any, path: TemplatePath, conditions: Conditions
    ) -> Iterator[Found]:
        for expression in _locations(location):
            for found in find(expression, node, path):
                yield Found(found.value, found.path, conditions | found.conditions)

    def texts(
        self, location: Any, node: Any, path: TemplatePath, conditions: Conditions
    ) -> list[tuple[str, Conditions]]:
        """The texts at a location, what is only known at deployment shown by name."""
        return [
            (shown(alternative.parts), found.conditions | alternative.conditions)
            for found in self.find(location, node, path, conditions)
            for alternative in self.references.alternatives(found.value)
        ]

    def api(self, logical_id: str, row: Row, node: Any) -> str | External:
        """What the operation belongs to: the first thing its place can name, or the resource
        itself.
        """
        if "api" not in row:
            return logical_id
        for found in find(row["api"], node):
            if isinstance(found.value, str) and found.value in self.resources:
                return found.value
            for reference in self.references.resolve(found.value, *row["api_types"]):
                return reference.target
        return str(row.get("implicit", "")) or External("")

    def conditions(self, *things: str | External) -> Conditions:
        combined: Conditions = ALWAYS
        for thing in things:
            if isinstance(thing, str) and thing in self.resources:
                combined |= self.references.resource_conditions(thing)
        return combined

    def allowed(self, only: Mapping[str, Sequence[str]], node: Any) -> bool:
        """Whether the properties that decide have an allowed value; one that is not known is taken
        to.
        """
        for location, values in only.items():
            texts = [self.references.literal(found.value) for found in find(location, node)]
            if texts and all(text is not None and text.upper() not in values for text in texts):
                return False
        return True

    def emit(
        self,
        row: Row,
        reached: Iterator[tuple[str, Conditions]],
        api: str | External,
        method: str,
        path: str,
        place: TemplatePath,
        conditions: Conditions,
    ) -> Iterator[tuple[str, ApiOperation]]:
        """The operation for each function it reaches, where its conditions can all hold."""
        style = row["style"]
        routed = style in ("rest", "http") and method not in self.catalogue["asides"]
        greedy = routed and _GREEDY.search(path) is not None
        whole = method == ANY or _GREEDY.fullmatch(path.strip("/")) is not None
        catch_all = (greedy and whole) or (routed and path == "$default")
        path = self.catalogue["same"].get(path, path)
        for function, way in reached:
            together = conditions | way | self.conditions(api, function)
            if self.references.compatible(together):
                yield (
                    function,
                    ApiOperation(
                        api,
                        SourceKind(row["kind"]),
                        style,
                        method,
                        path,
                        catch_all,
                        place,
                        together,
                        bool(row.get("front")),
                        greedy,
                    ),
                )


def members(
    value: Any, path: TemplatePath, conditions: Conditions = ALWAYS
) -> Iterator[tuple[str, Found]]:
    """The entries of a mapping with their keys, on each side of every `Fn::If` around the mapping
    or an entry.
    """
    for mapping in branches(value, path, conditions):
        if isinstance(mapping.value, Mapping):
            for key, member in mapping.value.items():
                if isinstance(key, str):
                    for branch in branches(member, (*mapping.path, key), mapping.conditions):
                        yield str(key), branch


def _locations(value: Any) -> Sequence[str]:
    match value:
        case str():
            return (value,)
        case list():
            return value
        case _:
            return ()


def shown(parts: Parts) -> str:
    return "".join(part if isinstance(part, str) else f"${{{part.name}}}" for part in parts)


def route_path(text: str) -> str:
    """A path with one leading slash and no trailing one; `$default` of an HTTP API in either
    spelling.
    """
    stripped = text.strip().strip("/")
    return stripped if stripped == "$default" else f"/{stripped}"


def route_method(text: str) -> str:
    method = text.strip().upper()
    return ANY if method in ("", "*", load("routes")["openapi"]["any"].upper()) else method

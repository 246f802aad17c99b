"""The API operations that reach a function, however the template spells them.

Where they are declared is data: `catalogue/routes.yaml`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cfnlint_eda_rules.application.api_descriptions import Descriptions
from cfnlint_eda_rules.application.api_operations import ANY, ApiOperation
from cfnlint_eda_rules.application.api_places import (
    Places,
    Row,
    members,
    route_method,
    route_path,
    shown,
)
from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.integrations import Integrations
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions
from cfnlint_eda_rules.template.jsonpath import Found, branches
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.sections import TemplatePath, as_mapping
from cfnlint_eda_rules.template.symbolic_text import Token

_MOST_PATHS = 8


def operations(
    template: Mapping[str, Any],
    references: References,
    functions: Functions,
    template_file: str | None,
) -> Mapping[str, tuple[ApiOperation, ...]]:
    """Return the operations of each function that has any, by logical id, in template order.

    API descriptions in files beside the template (`DefinitionUri`, `AWS::Include`) are read when
    `template_file` says where that is. Operations whose conditions exclude each other along the way
    are left out, as are integrations that reach no function (`MOCK`, `HTTP_PROXY`).
    """
    found: dict[str, list[ApiOperation]] = {}
    reader = _Reader(template, references, functions, template_file)
    for function, operation in reader.read():
        if operation not in (known := found.setdefault(function, [])):
            known.append(operation)
    return {function: _with_roots(known) for function, known in found.items()}


def _with_roots(known: Sequence[ApiOperation]) -> tuple[ApiOperation, ...]:
    """`ANY` on the root is part of the catch-all when a greedy path of the same API leads to the
    same function.
    """
    greedy = {operation.api for operation in known if operation.catch_all}
    return tuple(
        replace(operation, catch_all=True)
        if operation.style in ("rest", "http")
        and operation.method == ANY
        and operation.path == "/"
        and operation.api in greedy
        else operation
        for operation in known
    )


def _websocket_key(key: str) -> bool:
    """Whether only a WebSocket API has such a route key: HTTP APIs have `$default` and `METHOD
    /path`.
    """
    return key != "$default" and " " not in key


class _Reader:
    """One pass over a template."""

    def __init__(
        self,
        template: Mapping[str, Any],
        references: References,
        functions: Functions,
        template_file: str | None,
    ) -> None:
        self._places = Places(template, references, functions)
        self._integrations = Integrations(self._places)
        self._descriptions = Descriptions(self._places, self._integrations, template_file)
        self._tree: dict[str, list[tuple[str, Conditions]]] = {}

    def read(self) -> Iterator[tuple[str, ApiOperation]]:
        """Every operation with the function it reaches."""
        for logical_id, resource in self._places.resources.items():
            kind = resource["Type"]
            for row in self._places.catalogue["routes"].get(kind, ()):
                yield from self._resource(logical_id, row)
            if logical_id in self._descriptions.by_api:
                yield from self._descriptions.by_api[logical_id].reached
            if kind == "AWS::Serverless::Function":
                yield from self._function(logical_id)
            if kind == "AWS::Serverless::GraphQLApi":
                yield from self._graphql(logical_id)

    def _resource(self, logical_id: str, row: Row) -> Iterator[tuple[str, ApiOperation]]:
        properties, place = self._places.properties(logical_id)
        if not properties or not self._places.allowed(row.get("only", {}), properties):
            return
        conditions = self._places.references.resource_conditions(logical_id)
        api = self._places.api(logical_id, row, properties)
        if "each" in row:
            for key, item in members(
                properties.get(row["each"]), (*place, row["each"]), conditions
            ):
                yield from self._to(row, item.value, item.path, api, "", key, item.conditions)
        elif "named" in row:
            for name, location in row["named"].items():
                yield from self._to(
                    {**row, "next": [location]}, properties, place, api, "", name, conditions
                )
        else:
            for method, path, under in self._named(row, api, properties, place, conditions):
                style = (
                    "websocket"
                    if row["style"] == "http" and self._websocket(api, method, path)
                    else row["style"]
                )
                found = {**row, "style": style}
                yield from self._to(
                    found,
                    properties,
                    place,
                    api,
                    "" if style == "websocket" else method,
                    path,
                    under,
                )

    def _to(
        self,
        row: Row,
        node: Any,
        place: TemplatePath,
        api: str | External,
        method: str,
        path: str,
        conditions: Conditions,
    ) -> Iterator[tuple[str, ApiOperation]]:
        for found in self._places.find(row["next"], node, place, conditions):
            reached = self._integrations.reach(
                found.value, api, found.conditions, row.get("prefix", "")
            )
            yield from self._places.emit(row, reached, api, method, path, place, conditions)

    def _named(
        self,
        row: Row,
        api: str | External,
        properties: Mapping[str, Any],
        place: TemplatePath,
        conditions: Conditions,
    ) -> Iterator[tuple[str, str, Conditions]]:
        """Method, path and conditions of the operations a resource declares."""
        if row.get("front"):
            yield ANY, "/*", conditions
        elif "key" in row:
            for key, under in self._places.texts(row["key"], properties, place, conditions) or [
                (row.get("key_default", ""), conditions)
            ]:
                method, _, path = key.strip().rpartition(" ")
                if path:
                    yield (
                        (route_method(method), route_path(path), under)
                        if path.startswith("/")
                        else ("", path, under)
                    )
        elif "field" in row:
            names = [("", conditions)]
            for location in row["field"]:
                found = self._places.texts(location, properties, place, ALWAYS)
                names = [
                    (f"{name}.{text}".lstrip("."), under | also)
                    for name, under in names
                    for text, also in found
                ]
            yield from (("", name, under) for name, under in names)
        elif "match" in row:
            yield from self._matched(row, properties, place, conditions)
        else:
            methods = self._places.texts(row["method"], properties, place, conditions) or [
                (ANY, conditions)
            ]
            if "tree" in row:
                paths = self._node_paths(properties.get(row["tree"]), 0)
            else:
                paths = self._places.texts(row["path"], properties, place, ALWAYS) or [
                    ("/*", ALWAYS)
                ]
            for path, also in paths:
                yield from (
                    (route_method(method), route_path(path), under | also)
                    for method, under in methods
                )

    def _matched(
        self, row: Row, properties: Mapping[str, Any], place: TemplatePath, conditions: Conditions
    ) -> Iterator[tuple[str, str, Conditions]]:
        """Method and path of a listener rule: one for each value of its path conditions, or of its
        host conditions when it has no path.
        """
        decided: dict[str, list[str]] = {}
        match_row = self._places.catalogue["match"]
        for condition in self._places.find(row["match"], properties, place, conditions):
            node = as_mapping(condition.value)
            for name, field in match_row["fields"].items():
                stated = self._places.references.literal(node.get(match_row["field"]))
                if stated == name or (stated is None and field["config"] in node):
                    for holder in (node, node.get(field["config"])):
                        texts = self._places.texts(match_row["values"], holder, (), ALWAYS)
                        decided.setdefault(field["decides"], []).extend(text for text, _ in texts)
        method = ",".join(sorted({route_method(text) for text in decided.get("method", ())})) or ANY
        paths = decided.get("path") or [f"{host}/*" for host in decided.get("host", ())] or ["/*"]
        yield from ((method, path, conditions) for path in paths)

    def _websocket(self, api: str | External, method: str, path: str) -> bool:
        """Whether a route is of a WebSocket API: the API says so, or its route keys do."""
        if method:
            return False
        if isinstance(api, str) and api in self._places.resources:
            protocol = self._places.references.literal(
                as_mapping(self._places.resources[api].get("Properties")).get("ProtocolType")
            )
            if (
                protocol is not None
                or self._places.resources[api]["Type"] != "AWS::ApiGatewayV2::Api"
            ):
                return protocol == "WEBSOCKET" or "WebSocket" in self._places.resources[api]["Type"]
        return _websocket_key(path) or api in self._apis_with_websocket_keys

    @functools.cached_property
    def _apis_with_websocket_keys(self) -> frozenset[str | External]:
        row = self._places.catalogue["routes"]["AWS::ApiGatewayV2::Route"][0]
        apis: set[str | External] = set()
        for logical_id, resource in self._places.resources.items():
            if resource["Type"] == "AWS::ApiGatewayV2::Route":
                properties, _ = self._places.properties(logical_id)
                key = self._places.references.literal(properties.get(row["key"]))
                if key is not None and _websocket_key(key.strip()):
                    apis.add(self._places.api(logical_id, row, properties))
        return frozenset(apis)

    def _node_paths(self, value: Any, depth: int) -> list[tuple[str, Conditions]]:
        """The paths of a node of the tree; one outside the template stands for itself, so that what
        hangs below it stays apart.
        """
        tree = self._places.catalogue["tree"]
        paths: list[tuple[str, Conditions]] = []
        for alternative in self._places.references.alternatives(value):
            match alternative.parts:
                case (Token(kind="attribute", attribute=attribute),) if attribute in tree["roots"]:
                    paths.append(("", alternative.conditions))
                case (Token(kind="ref" | "attribute", name=name),) if (
                    self._places.resources.get(name, {}).get("Type") == tree["type"]
                ):
                    paths.extend(
                        (path, under | alternative.conditions)
                        for path, under in self._paths_of(name, depth + 1)
                    )
                case parts:
                    paths.append((shown(parts), alternative.conditions))
        return paths[:_MOST_PATHS]

    def _paths_of(self, name: str, depth: int) -> list[tuple[str, Conditions]]:
        if name not in self._tree and depth < 40:
            # A node below itself has no path.
            self._tree[name] = []
            tree = self._places.catalogue["tree"]
            properties, place = self._places.properties(name)
            conditions = self._places.references.resource_conditions(name)
            texts = self._places.texts(tree["part"], properties, place, conditions)
            above = self._node_paths(properties.get(tree["parent"]), depth)
            self._tree[name] = [
                (f"{path}/{text}", under | also) for path, also in above for text, under in texts
            ]
        return self._tree.get(name, [])

    def _function(self, logical_id: str) -> Iterator[tuple[str, ApiOperation]]:
        properties, place = self._places.properties(logical_id)
        own = self._places.references.resource_conditions(logical_id)
        url = self._places.catalogue["function"]["url"]
        for found in branches(properties.get(url), (*place, url), own):
            if isinstance(found.value, Mapping) and logical_id in self._places.functions:
                row = {"style": "url", "kind": "api", "front": True}
                yield from self._places.emit(
                    row,
                    iter([(logical_id, ALWAYS)]),
                    logical_id,
                    ANY,
                    "/*",
                    found.path,
                    found.conditions,
                )
        for _, event in members(properties.get("Events"), (*place, "Events"), own):
            row = self._places.catalogue["events"].get(
                self._places.references.literal(as_mapping(event.value).get("Type")) or ""
            )
            if row is None or logical_id not in self._places.functions:
                continue
            for settings in branches(
                event.value.get("Properties") or {}, (*event.path, "Properties"), event.conditions
            ):
                yield from self._event(logical_id, row, settings, event.path)

    def _event(
        self, function: str, row: Row, settings: Found, place: TemplatePath
    ) -> Iterator[tuple[str, ApiOperation]]:
        node = as_mapping(settings.value)
        api = self._places.api(function, row, node)
        paths = self._places.texts(row["path"], node, place, settings.conditions)
        if not paths and "path_default" in row and api not in self._descriptions.unreadable:
            paths = [(row["path_default"], settings.conditions)]
        for path, conditions in paths:
            if "method" not in row:
                yield from self._places.emit(
                    row, iter([(function, ALWAYS)]), api, "", path, place, conditions
                )
                continue
            for text, also in self._places.texts(row["method"], node, place, ALWAYS) or [
                (ANY, ALWAYS)
            ]:
                method = route_method(text)
                description = self._descriptions.by_api.get(api) if isinstance(api, str) else None
                # SAM leaves integrations of a description alone, and a REST API's description
                # altogether.
                complete = (
                    description is not None and description.complete and row["style"] == "rest"
                )
                if description is None or not (
                    complete or (method, route_path(path)) in description.integrated
                ):
                    reached = iter([(function, ALWAYS)])
                    yield from self._places.emit(
                        row, reached, api, method, route_path(path), place, conditions | also
                    )

    def _graphql(self, logical_id: str) -> Iterator[tuple[str, ApiOperation]]:
        """Resolvers of an `AWS::Serverless::GraphQLApi`: a pipeline of its own functions over its
        own data sources.
        """
        properties, place = self._places.properties(logical_id)
        own = self._places.references.resource_conditions(logical_id)
        steps = dict(members(properties.get("Functions"), ()))
        sources = dict(members(as_mapping(properties.get("DataSources")).get("Lambda"), ()))
        row = {"style": "graphql", "kind": "graphql"}
        for type_name, fields in members(properties.get("Resolvers"), (*place, "Resolvers"), own):
            for name, resolver in members(fields.value, fields.path, fields.conditions):
                field = (
                    self._places.references.literal(as_mapping(resolver.value).get("FieldName"))
                    or name
                )
                for member in self._places.find(
                    "Pipeline[*]", resolver.value, resolver.path, resolver.conditions
                ):
                    step = steps.get(member.value) if isinstance(member.value, str) else None
                    settings = as_mapping(step.value) if step else {}
                    source = settings.get("DataSource", settings.get("Id"))
                    if isinstance(source, str) and source in sources:
                        source = as_mapping(sources[source].value).get("FunctionArn")
                    reached = self._integrations.reach(
                        source,
                        logical_id,
                        member.conditions | (step.conditions if step else ALWAYS),
                    )
                    yield from self._places.emit(
                        row,
                        reached,
                        logical_id,
                        "",
                        f"{type_name}.{field}",
                        resolver.path,
                        resolver.conditions,
                    )

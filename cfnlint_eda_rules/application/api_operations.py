"""The API operations that reach a function, however the template spells them, and what a set of
them says about the function.

An operation is one method of one path (REST and HTTP APIs, load balancers), one route key
(WebSocket APIs), one field (AppSync) or one trigger (Cognito). Where they are declared is data:
`catalogue/routes.yaml`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from cfnlint_eda_rules.application.functions import Functions, LambdaFunction
from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.facts import Mount, Source
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, coexisting
from cfnlint_eda_rules.template.documents import included, read_document
from cfnlint_eda_rules.template.embedded_json import decode
from cfnlint_eda_rules.template.intrinsics import sub_pieces
from cfnlint_eda_rules.template.jsonpath import Found, branches, find
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.sections import TemplatePath, as_mapping
from cfnlint_eda_rules.template.symbolic_text import Parts, Token

Row: TypeAlias = Mapping[str, Any]

_DEPTH = 8
_GREEDY = re.compile(r"\{[^{}/]+\+\}")
_VARIABLE = re.compile(r"\{[^{}/+]+\}")
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")
_ANY = "ANY"


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation that reaches a function.

    `api`        logical id of the API, listener or user pool (SAM's implicit APIs by the id SAM
                 gives them), or the external thing it is.
    `kind`       the kind of event source: API, GRAPHQL or IDENTITY.
    `style`      "rest", "http", "websocket", "url", "alb", "lattice", "graphql" or "cognito".
    `method`     in upper case, "ANY" for all, "GET,POST" where one listener rule takes several; ""
                 where the style has none.
    `path`       the path; the route key of a WebSocket API, `Type.field` of AppSync, the trigger's
                 name of Cognito.
    `catch_all`  an API's route for any path: a greedy path variable at the root or for `ANY`, an
                 HTTP API's `$default`, `ANY` on the root beside a greedy path.
    `front_door` takes whatever comes and names no operation: a Function URL, a load balancer's
                 target group.
    `greedy`     takes any path below its own, which may be one operation: the rest is a key.
    `place`      template path of the declaration.
    `conditions` what must hold for it to exist.
    """

    api: str | External
    kind: SourceKind
    style: str
    method: str
    path: str
    catch_all: bool
    place: TemplatePath
    conditions: Conditions = ALWAYS
    front_door: bool = False
    greedy: bool = False

    @property
    def name(self) -> str:
        """`GET /orders`, `$connect`, `Query.orders`: as messages name it."""
        return (
            f"{self.method} {self.path}" if self.method and self.path != "$default" else self.path
        )


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
        and operation.method == _ANY
        and operation.path == "/"
        and operation.api in greedy
        else operation
        for operation in known
    )


def distinct(
    known: Sequence[ApiOperation], compatible: Callable[[Conditions], bool] | None = None
) -> tuple[ApiOperation, ...]:
    """Return the operations that count: the most that can exist together, each once.

    The same method and path on two APIs is one operation, `ANY` takes in the methods of its path,
    front doors name none, and what browsers ask before (`OPTIONS`, `HEAD`) is none. `compatible`
    says whether conditions can all hold at once; without it
    only opposite values of one condition exclude each other.
    """
    asides = load("routes")["asides"]
    named = [
        operation
        for operation in known
        if not operation.front_door
        and not all(method in asides for method in operation.method.split(","))
    ]
    return _merged(
        coexisting(
            named,
            lambda operation: operation.conditions,
            lambda part: len(_merged(part)),
            compatible or _not_opposite,
        )
    )


def _not_opposite(conditions: Conditions) -> bool:
    return not any((name, not value) in conditions for name, value in conditions)


def _merged(known: Sequence[ApiOperation]) -> tuple[ApiOperation, ...]:
    by_path: dict[tuple[str, str], dict[str, ApiOperation]] = {}
    for operation in known:
        # Two APIs may name one path variable differently.
        family = operation.kind if operation.method else operation.style
        path = _VARIABLE.sub("{}", operation.path).rstrip("/")
        by_path.setdefault((family, path), {}).setdefault(operation.method, operation)
    merged: list[ApiOperation] = []
    for methods in by_path.values():
        merged.extend([methods[_ANY]] if _ANY in methods else methods.values())
    return tuple(merged)


def catch_alls(known: Sequence[ApiOperation]) -> tuple[ApiOperation, ...]:
    """Return the operations that are an API's route for any path."""
    return tuple(operation for operation in known if operation.catch_all)


def fronts(known: Sequence[ApiOperation]) -> tuple[ApiOperation, ...]:
    """Return the operations that can put a whole web application in front: Function URLs, load
    balancers, edge distributions and routes for any path.
    """
    styles = load("routes")["front_doors"]
    return tuple(
        operation
        for operation in known
        if operation.catch_all or operation.greedy or operation.style in styles
    )


def web_applications(
    function: LambdaFunction, source: Source | None, strict: bool = False
) -> tuple[Mount, ...]:
    """Return the frameworks with more than one route that the function hands its requests to.

    Where the number of routes is not known, a framework counts when it serves whole applications
    only (or in `strict`). Without source, a handler that belongs to a framework names it, with no
    file.
    """
    catalogue = load("routes")
    if source is None:
        named = (
            framework
            for framework, pattern in catalogue["handlers"].items()
            if re.search(pattern, function.handler)
        )
        return tuple(Mount(framework, 0, "", 0) for framework in named)

    def whole(mount: Mount) -> bool:
        name = re.sub(r"[^a-z]", "", mount.framework.lower()).removesuffix("js")
        return mount.routes == 0 and (strict or name in catalogue["whole_applications"])

    return tuple(mount for mount in source.mounts if mount.routes > 1 or whole(mount))


def serves_one_route(source: Source | None) -> bool:
    """Return whether the source shows that the web application in it has one route."""
    return source is not None and [mount.routes for mount in source.mounts] == [1]


def web_adapter(function: LambdaFunction, in_image: bool, references: References) -> str:
    """Return what attaches the Lambda Web Adapter to the function, in words; "" when nothing does.

    The layer, the exec wrapper, or (`in_image`) the Dockerfile that copies it:
    github.com/awslabs/aws-lambda-web-adapter, "Usage".
    """
    adapter = load("routes")["web_adapter"]
    for layer in function.layers:
        text = layer.target.text if isinstance(layer.target, External) else ""
        if adapter["layer"] in text:
            return "its layer"
    if (references.literal(function.environment.get(adapter["variable"])) or "") == adapter[
        "value"
    ]:
        return f"`{adapter['variable']}: {adapter['value']}`"
    return "its Dockerfile" if in_image else ""


def _members(
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


def _shown(parts: Parts) -> str:
    return "".join(part if isinstance(part, str) else f"${{{part.name}}}" for part in parts)


def _path(text: str) -> str:
    """A path with one leading slash and no trailing one; `$default` of an HTTP API in either
    spelling.
    """
    stripped = text.strip().strip("/")
    return stripped if stripped == "$default" else f"/{stripped}"


def _method(text: str) -> str:
    method = text.strip().upper()
    return _ANY if method in ("", "*", load("routes")["openapi"]["any"].upper()) else method


def _websocket_key(key: str) -> bool:
    """Whether only a WebSocket API has such a route key: HTTP APIs have `$default` and `METHOD
    /path`.
    """
    return key != "$default" and " " not in key


@dataclass(frozen=True, slots=True)
class _Description:
    """What an API's description says: operations by function, every method and path with an
    integration, and whether events add none.
    """

    reached: list[tuple[str, ApiOperation]]
    integrated: set[tuple[str, str]]
    complete: bool


class _Reader:
    """One pass over a template."""

    def __init__(
        self,
        template: Mapping[str, Any],
        references: References,
        functions: Functions,
        template_file: str | None,
    ) -> None:
        self._references = references
        self._functions = functions
        self._template_file = template_file
        resources = as_mapping(as_mapping(template).get("Resources"))
        self._resources: dict[str, Mapping[str, Any]] = {
            str(logical_id): resource
            for logical_id, resource in resources.items()
            if isinstance(resource, Mapping) and isinstance(resource.get("Type"), str)
        }
        self._catalogue: Mapping[str, Any] = load("routes")
        self._tree: dict[str, list[tuple[str, Conditions]]] = {}

    def read(self) -> Iterator[tuple[str, ApiOperation]]:
        """Every operation with the function it reaches."""
        for logical_id, resource in self._resources.items():
            kind = resource["Type"]
            for row in self._catalogue["routes"].get(kind, ()):
                yield from self._resource(logical_id, row)
            if logical_id in self._described:
                yield from self._described[logical_id].reached
            if kind == "AWS::Serverless::Function":
                yield from self._function(logical_id)
            if kind == "AWS::Serverless::GraphQLApi":
                yield from self._graphql(logical_id)

    # -- what a place says -------------------------------------------------------------------------

    def _properties(self, logical_id: str) -> tuple[Mapping[str, Any], TemplatePath]:
        return as_mapping(self._resources[logical_id].get("Properties")), (
            "Resources",
            logical_id,
            "Properties",
        )

    def _find(
        self, location: Any, node: Any, path: TemplatePath, conditions: Conditions
    ) -> Iterator[Found]:
        for expression in _locations(location):
            for found in find(expression, node, path):
                yield Found(found.value, found.path, conditions | found.conditions)

    def _texts(
        self, location: Any, node: Any, path: TemplatePath, conditions: Conditions
    ) -> list[tuple[str, Conditions]]:
        """The texts at a location, what is only known at deployment shown by name."""
        return [
            (_shown(alternative.parts), found.conditions | alternative.conditions)
            for found in self._find(location, node, path, conditions)
            for alternative in self._references.alternatives(found.value)
        ]

    def _api(self, logical_id: str, row: Row, node: Any) -> str | External:
        """What the operation belongs to: the first thing its place can name, or the resource
        itself.
        """
        if "api" not in row:
            return logical_id
        for found in find(row["api"], node):
            if isinstance(found.value, str) and found.value in self._resources:
                return found.value
            for reference in self._references.resolve(found.value, *row["api_types"]):
                return reference.target
        return str(row.get("implicit", "")) or External("")

    def _conditions(self, *things: str | External) -> Conditions:
        combined: Conditions = ALWAYS
        for thing in things:
            if isinstance(thing, str) and thing in self._resources:
                combined |= self._references.resource_conditions(thing)
        return combined

    def _allowed(self, only: Mapping[str, Sequence[str]], node: Any) -> bool:
        """Whether the properties that decide have an allowed value; one that is not known is taken
        to.
        """
        for location, values in only.items():
            texts = [self._references.literal(found.value) for found in find(location, node)]
            if texts and all(text is not None and text.upper() not in values for text in texts):
                return False
        return True

    def _emit(
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
        routed = style in ("rest", "http") and method not in self._catalogue["asides"]
        greedy = routed and _GREEDY.search(path) is not None
        whole = method == _ANY or _GREEDY.fullmatch(path.strip("/")) is not None
        catch_all = (greedy and whole) or (routed and path == "$default")
        path = self._catalogue["same"].get(path, path)
        for function, way in reached:
            together = conditions | way | self._conditions(api, function)
            if self._references.compatible(together):
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

    # -- from a place to functions -----------------------------------------------------------------

    def _reach(
        self,
        value: Any,
        api: str | External | None,
        conditions: Conditions = ALWAYS,
        prefix: str = "",
        passed: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[str, Conditions]]:
        """The functions a value leads to: named by it, or by the resources it names on the way."""
        for candidate in self._with_stage_variables(value, api):
            named = self._functions.resolve(candidate)
            for function, way in named:
                yield function, conditions | way
            if not named:
                for way_id, way in self._ways(candidate, api, prefix):
                    if way_id not in passed and len(passed) < 3:
                        yield from self._onward(
                            way_id, conditions | way | self._conditions(way_id), passed | {way_id}
                        )

    def _onward(
        self, way_id: str, conditions: Conditions, passed: frozenset[str]
    ) -> Iterator[tuple[str, Conditions]]:
        row = self._catalogue["ways"][self._resources[way_id]["Type"]]
        properties, path = self._properties(way_id)
        if not self._allowed(row.get("only", {}), properties):
            return
        api = self._owner(properties, row)
        for found in self._find(row["next"], properties, path, conditions):
            yield from self._reach(found.value, api, found.conditions, passed=passed)

    def _ways(
        self, value: Any, api: str | External | None, prefix: str
    ) -> Iterator[tuple[str, Conditions]]:
        """The resources on the way that a value names, by reference or by the name they have within
        their API.
        """
        for alternative in self._references.alternatives(value):
            parts = alternative.parts
            if prefix and parts and isinstance(parts[0], str):
                parts = tuple(
                    part for part in (parts[0].removeprefix(prefix), *parts[1:]) if part != ""
                )
            match parts:
                case (Token(kind="ref" | "attribute", name=name),) if self._is_way(name):
                    yield name, alternative.conditions
                case _ if found := self._way_names.get((api, parts)):
                    yield found, alternative.conditions
                case _:
                    reference = self._references.match(
                        parts, *self._catalogue["ways"], conditions=alternative.conditions
                    )
                    if isinstance(reference.target, str) and self._is_way(reference.target):
                        yield reference.target, reference.conditions

    def _is_way(self, logical_id: str) -> bool:
        return (
            logical_id in self._resources
            and self._resources[logical_id]["Type"] in self._catalogue["ways"]
        )

    def _owner(self, properties: Mapping[str, Any], row: Row) -> str | External | None:
        if "within" in row:
            for reference in self._references.resolve(properties.get(row["within"])):
                return reference.target
        return None

    @functools.cached_property
    def _way_names(self) -> Mapping[tuple[str | External | None, Parts], str]:
        """Resources on the way by the API they belong to and the name they have there."""
        names: dict[tuple[str | External | None, Parts], str] = {}
        for logical_id, resource in self._resources.items():
            row = self._catalogue["ways"].get(resource["Type"], {})
            if "name" in row:
                properties, _ = self._properties(logical_id)
                for alternative in self._references.alternatives(properties.get(row["name"])):
                    names.setdefault((self._owner(properties, row), alternative.parts), logical_id)
        return names

    def _with_stage_variables(self, value: Any, api: str | External | None) -> tuple[Any, ...]:
        """The value for each stage of the API, its stage variables filled in; the value itself when
        it names none.
        """
        if not _names_stage_variable(value):
            return (value,)
        stages = [variables for stage_api, variables in self._stages if stage_api == api]
        return tuple(_filled_in(value, variables) for variables in stages[:_DEPTH])

    @functools.cached_property
    def _stages(self) -> Sequence[tuple[str | External, Mapping[str, Any]]]:
        stages: list[tuple[str | External, Mapping[str, Any]]] = []
        for logical_id, resource in self._resources.items():
            if row := self._catalogue["stages"].get(resource["Type"]):
                properties, path = self._properties(logical_id)
                for found in self._find(row["variables"], properties, path, ALWAYS):
                    if isinstance(found.value, Mapping):
                        stages.append((self._api(logical_id, row, properties), found.value))
        return stages

    # -- resources that declare operations ---------------------------------------------------------

    def _resource(self, logical_id: str, row: Row) -> Iterator[tuple[str, ApiOperation]]:
        properties, place = self._properties(logical_id)
        if not properties or not self._allowed(row.get("only", {}), properties):
            return
        conditions = self._references.resource_conditions(logical_id)
        api = self._api(logical_id, row, properties)
        if "each" in row:
            for key, item in _members(
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
        for found in self._find(row["next"], node, place, conditions):
            reached = self._reach(found.value, api, found.conditions, row.get("prefix", ""))
            yield from self._emit(row, reached, api, method, path, place, conditions)

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
            yield _ANY, "/*", conditions
        elif "key" in row:
            for key, under in self._texts(row["key"], properties, place, conditions) or [
                (row.get("key_default", ""), conditions)
            ]:
                method, _, path = key.strip().rpartition(" ")
                if path:
                    yield (
                        (_method(method), _path(path), under)
                        if path.startswith("/")
                        else ("", path, under)
                    )
        elif "field" in row:
            names = [("", conditions)]
            for location in row["field"]:
                found = self._texts(location, properties, place, ALWAYS)
                names = [
                    (f"{name}.{text}".lstrip("."), under | also)
                    for name, under in names
                    for text, also in found
                ]
            yield from (("", name, under) for name, under in names)
        elif "match" in row:
            yield from self._matched(row, properties, place, conditions)
        else:
            methods = self._texts(row["method"], properties, place, conditions) or [
                (_ANY, conditions)
            ]
            if "tree" in row:
                paths = self._node_paths(properties.get(row["tree"]), 0)
            else:
                paths = self._texts(row["path"], properties, place, ALWAYS) or [("/*", ALWAYS)]
            for path, also in paths:
                yield from (
                    (_method(method), _path(path), under | also) for method, under in methods
                )

    def _matched(
        self, row: Row, properties: Mapping[str, Any], place: TemplatePath, conditions: Conditions
    ) -> Iterator[tuple[str, str, Conditions]]:
        """Method and path of a listener rule: one for each value of its path conditions, or of its
        host conditions when it has no path.
        """
        decided: dict[str, list[str]] = {}
        match_row = self._catalogue["match"]
        for condition in self._find(row["match"], properties, place, conditions):
            node = as_mapping(condition.value)
            for name, field in match_row["fields"].items():
                stated = self._references.literal(node.get(match_row["field"]))
                if stated == name or (stated is None and field["config"] in node):
                    for holder in (node, node.get(field["config"])):
                        texts = self._texts(match_row["values"], holder, (), ALWAYS)
                        decided.setdefault(field["decides"], []).extend(text for text, _ in texts)
        method = ",".join(sorted({_method(text) for text in decided.get("method", ())})) or _ANY
        paths = decided.get("path") or [f"{host}/*" for host in decided.get("host", ())] or ["/*"]
        yield from ((method, path, conditions) for path in paths)

    def _websocket(self, api: str | External, method: str, path: str) -> bool:
        """Whether a route is of a WebSocket API: the API says so, or its route keys do."""
        if method:
            return False
        if isinstance(api, str) and api in self._resources:
            protocol = self._references.literal(
                as_mapping(self._resources[api].get("Properties")).get("ProtocolType")
            )
            if protocol is not None or self._resources[api]["Type"] != "AWS::ApiGatewayV2::Api":
                return protocol == "WEBSOCKET" or "WebSocket" in self._resources[api]["Type"]
        return _websocket_key(path) or api in self._apis_with_websocket_keys

    @functools.cached_property
    def _apis_with_websocket_keys(self) -> frozenset[str | External]:
        row = self._catalogue["routes"]["AWS::ApiGatewayV2::Route"][0]
        apis: set[str | External] = set()
        for logical_id, resource in self._resources.items():
            if resource["Type"] == "AWS::ApiGatewayV2::Route":
                properties, _ = self._properties(logical_id)
                key = self._references.literal(properties.get(row["key"]))
                if key is not None and _websocket_key(key.strip()):
                    apis.add(self._api(logical_id, row, properties))
        return frozenset(apis)

    # -- the tree of path parts --------------------------------------------------------------------

    def _node_paths(self, value: Any, depth: int) -> list[tuple[str, Conditions]]:
        """The paths of a node of the tree; one outside the template stands for itself, so that what
        hangs below it stays apart.
        """
        tree = self._catalogue["tree"]
        paths: list[tuple[str, Conditions]] = []
        for alternative in self._references.alternatives(value):
            match alternative.parts:
                case (Token(kind="attribute", attribute=attribute),) if attribute in tree["roots"]:
                    paths.append(("", alternative.conditions))
                case (Token(kind="ref" | "attribute", name=name),) if (
                    self._resources.get(name, {}).get("Type") == tree["type"]
                ):
                    paths.extend(
                        (path, under | alternative.conditions)
                        for path, under in self._paths_of(name, depth + 1)
                    )
                case parts:
                    paths.append((_shown(parts), alternative.conditions))
        return paths[:_DEPTH]

    def _paths_of(self, name: str, depth: int) -> list[tuple[str, Conditions]]:
        if name not in self._tree and depth < 40:
            # A node below itself has no path.
            self._tree[name] = []
            tree = self._catalogue["tree"]
            properties, place = self._properties(name)
            conditions = self._references.resource_conditions(name)
            texts = self._texts(tree["part"], properties, place, conditions)
            above = self._node_paths(properties.get(tree["parent"]), depth)
            self._tree[name] = [
                (f"{path}/{text}", under | also) for path, also in above for text, under in texts
            ]
        return self._tree.get(name, [])

    # -- API descriptions --------------------------------------------------------------------------

    @functools.cached_property
    def _described(self) -> Mapping[str, _Description]:
        """The APIs whose description can be read. Events are judged by it, so that it is read
        before any of them.
        """
        described: dict[str, _Description] = {}
        for logical_id, resource in self._resources.items():
            row = self._catalogue["documents"].get(resource["Type"])
            if row is None:
                continue
            properties, place = self._properties(logical_id)
            description = _Description(
                [], set(), row.get("complete", False) and not properties.get("MergeDefinitions")
            )
            conditions = self._references.resource_conditions(logical_id)
            readable = False
            for found in self._find(row["body"], properties, place, conditions):
                readable |= self._describe(description, logical_id, row, found)
            for found in self._find(row.get("file"), properties, place, conditions):
                location = self._references.literal(found.value)
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
    def _unreadable(self) -> frozenset[str | External]:
        """The APIs that have a description elsewhere: which routes lead to a function stands
        there.
        """
        rows = self._catalogue["documents"]
        named = {
            logical_id: rows[resource["Type"]].get("file")
            for logical_id, resource in self._resources.items()
            if resource["Type"] in rows
        }
        return frozenset(
            name
            for name, file in named.items()
            if file in self._properties(name)[0] and name not in self._described
        )

    def _describe(
        self,
        description: _Description,
        api: str,
        row: Row,
        found: Found,
        outside: TemplatePath | None = None,
    ) -> bool:
        """Add the operations of an OpenAPI document; whether it could be read.

        `outside` is the place to blame when the document is not in the template.
        """
        openapi = self._catalogue["openapi"]
        if outside is None and isinstance(found.value, str):
            # A document written as one text has no places of its own.
            outside = found.path
        document, outside = self._including(found.value, found.path, outside)
        root = as_mapping(document)
        paths, outside = self._including(root.get("paths"), (*found.path, "paths"), outside)
        for path, item in _members(paths, (*found.path, "paths"), found.conditions):
            methods, item_outside = self._including(item.value, item.path, outside)
            for method, operation in _members(methods, item.path, item.conditions):
                if method.lower() not in openapi["methods"] and method.lower() != openapi["any"]:
                    continue
                for key, integration in _members(
                    operation.value, operation.path, operation.conditions
                ):
                    if key == openapi["integration"]:
                        where = (_method(method), _path(path))
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
        stated = self._references.literal(node.get("type"))
        if stated is not None and stated.lower() not in self._catalogue["openapi"]["types"]:
            return
        reached = self._reach(node.get("uri"), api, integration.conditions)
        yield from self._emit(row, reached, api, method, path, place, integration.conditions)

    def _including(
        self, value: Any, path: TemplatePath, outside: TemplatePath | None
    ) -> tuple[Any, TemplatePath | None]:
        """The value with what `AWS::Include` puts in it, and the place to blame for what is not in
        the template.
        """
        if not isinstance(value, Mapping) or "Fn::Transform" not in value:
            return decode(value), outside
        read = included(self._template_file, value, self._references.literal)
        if not isinstance(read, Mapping):
            return value, outside
        # What stands beside the transform is merged with what it includes.
        beside = {key: member for key, member in value.items() if key != "Fn::Transform"}
        return {**read, **beside}, outside or (*path, "Fn::Transform")

    # -- AWS::Serverless::* ------------------------------------------------------------------------

    def _function(self, logical_id: str) -> Iterator[tuple[str, ApiOperation]]:
        properties, place = self._properties(logical_id)
        own = self._references.resource_conditions(logical_id)
        url = self._catalogue["function"]["url"]
        for found in branches(properties.get(url), (*place, url), own):
            if isinstance(found.value, Mapping) and logical_id in self._functions:
                row = {"style": "url", "kind": "api", "front": True}
                yield from self._emit(
                    row,
                    iter([(logical_id, ALWAYS)]),
                    logical_id,
                    _ANY,
                    "/*",
                    found.path,
                    found.conditions,
                )
        for _, event in _members(properties.get("Events"), (*place, "Events"), own):
            row = self._catalogue["events"].get(
                self._references.literal(as_mapping(event.value).get("Type")) or ""
            )
            if row is None or logical_id not in self._functions:
                continue
            for settings in branches(
                event.value.get("Properties") or {}, (*event.path, "Properties"), event.conditions
            ):
                yield from self._event(logical_id, row, settings, event.path)

    def _event(
        self, function: str, row: Row, settings: Found, place: TemplatePath
    ) -> Iterator[tuple[str, ApiOperation]]:
        node = as_mapping(settings.value)
        api = self._api(function, row, node)
        paths = self._texts(row["path"], node, place, settings.conditions)
        if not paths and "path_default" in row and api not in self._unreadable:
            paths = [(row["path_default"], settings.conditions)]
        for path, conditions in paths:
            if "method" not in row:
                yield from self._emit(
                    row, iter([(function, ALWAYS)]), api, "", path, place, conditions
                )
                continue
            for text, also in self._texts(row["method"], node, place, ALWAYS) or [(_ANY, ALWAYS)]:
                method = _method(text)
                description = self._described.get(api) if isinstance(api, str) else None
                # SAM leaves integrations of a description alone, and a REST API's description
                # altogether.
                complete = (
                    description is not None and description.complete and row["style"] == "rest"
                )
                if description is None or not (
                    complete or (method, _path(path)) in description.integrated
                ):
                    reached = iter([(function, ALWAYS)])
                    yield from self._emit(
                        row, reached, api, method, _path(path), place, conditions | also
                    )

    def _graphql(self, logical_id: str) -> Iterator[tuple[str, ApiOperation]]:
        """Resolvers of an `AWS::Serverless::GraphQLApi`: a pipeline of its own functions over its
        own data sources.
        """
        properties, place = self._properties(logical_id)
        own = self._references.resource_conditions(logical_id)
        steps = dict(_members(properties.get("Functions"), ()))
        sources = dict(_members(as_mapping(properties.get("DataSources")).get("Lambda"), ()))
        row = {"style": "graphql", "kind": "graphql"}
        for type_name, fields in _members(properties.get("Resolvers"), (*place, "Resolvers"), own):
            for name, resolver in _members(fields.value, fields.path, fields.conditions):
                field = (
                    self._references.literal(as_mapping(resolver.value).get("FieldName")) or name
                )
                for member in self._find(
                    "Pipeline[*]", resolver.value, resolver.path, resolver.conditions
                ):
                    step = steps.get(member.value) if isinstance(member.value, str) else None
                    settings = as_mapping(step.value) if step else {}
                    source = settings.get("DataSource", settings.get("Id"))
                    if isinstance(source, str) and source in sources:
                        source = as_mapping(sources[source].value).get("FunctionArn")
                    reached = self._reach(
                        source,
                        logical_id,
                        member.conditions | (step.conditions if step else ALWAYS),
                    )
                    yield from self._emit(
                        row,
                        reached,
                        logical_id,
                        "",
                        f"{type_name}.{field}",
                        resolver.path,
                        resolver.conditions,
                    )


def _names_stage_variable(value: Any, depth: int = 0) -> bool:
    match value:
        case str():
            return "stageVariables." in value
        case list() | tuple():
            return depth < _DEPTH and any(_names_stage_variable(item, depth + 1) for item in value)
        case Mapping():
            return depth < _DEPTH and any(
                _names_stage_variable(item, depth + 1) for item in value.values()
            )
        case _:
            return False


def _filled_in(value: Any, variables: Mapping[str, Any], depth: int = 0) -> Any:
    """The value with each `${stageVariables.name}` replaced by the template value of that variable,
    where the stage sets it.
    """
    match value:
        case str():
            return (
                {"Fn::Join": ["", _with_variables(value, variables)]}
                if _STAGE_VARIABLE.search(value)
                else value
            )
        case {"Fn::Sub": str(text)} if len(value) == 1:
            return {"Fn::Join": ["", _of_sub(text, None, variables)]}
        case {"Fn::Sub": [str(text), substitutes]} if len(value) == 1:
            return {"Fn::Join": ["", _of_sub(text, substitutes, variables)]}
        case list() | tuple() if depth < _DEPTH:
            return [_filled_in(item, variables, depth + 1) for item in value]
        case Mapping() if depth < _DEPTH:
            return {key: _filled_in(item, variables, depth + 1) for key, item in value.items()}
        case _:
            return value


def _of_sub(text: str, substitutes: Any, variables: Mapping[str, Any]) -> list[Any]:
    pieces: list[Any] = []
    for piece in sub_pieces(text):
        if isinstance(piece, str):
            pieces += _with_variables(piece, variables)
        elif piece.name.startswith("stageVariables."):
            pieces += _with_variables(f"${{{piece.name}}}", variables)
        else:
            variable = f"${{{piece.name}}}"
            pieces.append({"Fn::Sub": variable if substitutes is None else [variable, substitutes]})
    return pieces


def _with_variables(text: str, variables: Mapping[str, Any]) -> list[Any]:
    """The pieces of a text, the values of stage variables between; one that is not set stays as it
    is written.
    """
    return [
        variables.get(piece, f"${{stageVariables.{piece}}}") if odd % 2 else piece
        for odd, piece in enumerate(_STAGE_VARIABLE.split(text))
        if odd % 2 or piece
    ]

"""HTTP requests that a function makes to APIs and Function URLs of its own application, and where
they lead.

A request to a route invokes the function behind it; a GraphQL mutation reaches what its resolver
works on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from cfnlint_eda_rules.application.api_operations import ApiOperation
from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.handler_values import filled_in, texts
from cfnlint_eda_rules.application.requests import plain
from cfnlint_eda_rules.application.sources import Sources
from cfnlint_eda_rules.handlers.facts import Call, CallKind
from cfnlint_eda_rules.handlers.symbolic_values import Record, Text, Value, alternatives
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, all_of
from cfnlint_eda_rules.template.jsonpath import find
from cfnlint_eda_rules.template.references import External, Reference
from cfnlint_eda_rules.template.symbolic_text import Parts, Token, merge, render

_STAGED = "rest"
_DATA_SOURCES = (
    ("DynamoDBConfig.TableName", ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")),
    ("LambdaConfig.LambdaFunctionArn", ("AWS::Lambda::Function", "AWS::Serverless::Function")),
    ("EventBridgeConfig.EventBusArn", ("AWS::Events::EventBus",)),
)
_SAM_DATA_SOURCES = (
    ("DynamoDb", "TableName", ("AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable")),
    ("Lambda", "FunctionArn", ("AWS::Lambda::Function", "AWS::Serverless::Function")),
)
_MOST_URLS = 16
_NAME = re.compile(r"[A-Za-z_]\w*")
_ALIASED = re.compile(r"\s*:")
_VARIABLE = Token("unknown", "*")


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request and one place it reaches.

    `api`     the API, or the resource that declares the Function URL.
    `name`    `GET /prices`, `Mutation.addPost`; "" for a Function URL.
    `target`  the function that is invoked, or what a resolver works on.
    """

    call: Call
    api: str | External
    name: str
    target: str | External
    conditions: Conditions = ALWAYS

    @property
    def because(self) -> str:
        """How a message names the evidence."""
        method = self.call.operation or "a request"
        route = f" (`{self.name}`)" if self.name else ""
        return f"HTTP {method} of {self.api}{route} in `{self.call.place}`"


class HttpCalls:
    """The requests of each function to its own application, worked out on demand and kept."""

    def __init__(self, deployment: Deployment, sources: Sources) -> None:
        self._deployment = deployment
        self._sources = sources
        self._of: dict[str, tuple[HttpCall, ...]] = {}

    def of(self, function_id: str) -> tuple[HttpCall, ...]:
        """The requests of a function, in source order."""
        if function_id not in self._of:
            source = self._sources.of(function_id)
            function = self._deployment.functions[function_id]
            self._of[function_id] = tuple(
                found
                for call in (source.calls if source is not None else ())
                if call.kind == CallKind.HTTP and not call.at_start
                for found in self._reached(function, call)
            )
        return self._of[function_id]

    @cached_property
    def _operations(self) -> Mapping[str | External, list[tuple[str, ApiOperation]]]:
        found: dict[str | External, list[tuple[str, ApiOperation]]] = {}
        for function_id in self._deployment.functions:
            for operation in self._deployment.operations(function_id):
                found.setdefault(operation.api, []).append((function_id, operation))
        return found

    def _reached(self, function: LambdaFunction, call: Call) -> Iterator[HttpCall]:
        for reference in self._named(function, call.arguments.get("url")):
            api = reference.target
            known = self._operations.get(api, ())
            path = render(reference.rest).partition("?")[0].partition("#")[0]
            for function_id, operation in _best(call.operation, path, known):
                held = all_of(reference.conditions, operation.conditions)
                if held is not None:
                    name = "" if operation.front_door else operation.name
                    yield HttpCall(call, api, name, function_id, held)
            if self._deployment.type_of(api) in _GRAPHQL:
                yield from self._mutations(function, call, api, reference.conditions)

    def _named(self, function: LambdaFunction, url: Value | None) -> Iterator[Reference]:
        """The resources of the deployment that a URL begins with."""
        for option in alternatives(url) if url is not None else ():
            for parts, held in self._spelled(function, option):
                reference = self._deployment.references.match(parts, conditions=held)
                if isinstance(reference.target, str):
                    yield reference

    def _spelled(self, function: LambdaFunction, url: Value) -> Iterator[tuple[Parts, Conditions]]:
        """The texts a URL can be; what only the running function knows is a variable in it."""
        spelled: list[tuple[Parts, Conditions]] = [((), ALWAYS)]
        for part in url.parts if isinstance(url, Text) else (url,):
            known = texts(self._deployment, function, part) or (((_VARIABLE,), ALWAYS),)
            spelled = [
                (merge((*parts, *more)), together)
                for parts, held in spelled
                for more, also in known
                if (together := all_of(held, also)) is not None
            ][:_MOST_URLS]
        yield from spelled

    # ----------------------------------------------------------------------------------------------

    def _mutations(
        self, function: LambdaFunction, call: Call, api: str | External, held: Conditions
    ) -> Iterator[HttpCall]:
        """What the mutations of a request to a GraphQL API work on, as far as its query is known.

        https://docs.aws.amazon.com/appsync/latest/devguide/resolver-components.html
        """
        body = call.arguments.get("body")
        for option in alternatives(body) if body is not None else ():
            query = option.get("query") if isinstance(option, Record) else None
            if query is None:
                continue
            for text in alternatives(filled_in(self._deployment, function, query, {})):
                for field in mutated_fields(plain(text)):
                    for target, conditions in self._resolvers.get((api, field), ()):
                        together = all_of(held, conditions)
                        if together is not None:
                            name = f"Mutation.{field}"
                            yield HttpCall(call, api, name, target, together)

    @cached_property
    def _resolvers(
        self,
    ) -> Mapping[tuple[str | External, str], list[tuple[str | External, Conditions]]]:
        """(API, field of Mutation) -> what its data sources are."""
        found: dict[tuple[str | External, str], list[tuple[str | External, Conditions]]] = {}
        for logical_id, resource in self._deployment.resources.items():
            properties = resource.get("Properties")
            if resource["Type"] == "AWS::AppSync::Resolver":
                for api, field, target in self._resolver(logical_id, properties):
                    found.setdefault((api, field), []).append(target)
            elif resource["Type"] == "AWS::Serverless::GraphQLApi":
                for field, target in self._sam_resolvers(logical_id, properties):
                    found.setdefault((logical_id, field), []).append(target)
        return found

    def _resolver(
        self, logical_id: str, properties: Any
    ) -> Iterator[tuple[str | External, str, tuple[str | External, Conditions]]]:
        literal = self._deployment.references.literal
        own = self._deployment.references.resource_conditions(logical_id)
        kinds = [literal(found.value) for found in find("TypeName", properties)]
        fields = [literal(found.value) for found in find("FieldName", properties)]
        apis = self._targets(properties, "ApiId")
        if kinds != ["Mutation"] or len(fields) != 1 or fields[0] is None:
            return
        named = find("DataSourceName", properties)
        for step in find("PipelineConfig.Functions[*]", properties):
            for reference in self._deployment.references.resolve(step.value):
                resource = self._deployment.resources.get(str(reference.target), {})
                if resource.get("Type") == "AWS::AppSync::FunctionConfiguration":
                    named += find("DataSourceName", resource.get("Properties"))
        for api in apis:
            for name in named:
                for target, held in self._data_source(api, name.value):
                    together = all_of(own, held)
                    if together is not None:
                        yield api, str(fields[0]), (target, together)

    def _targets(self, properties: Any, location: str) -> list[str | External]:
        return [
            reference.target
            for found in find(location, properties)
            for reference in self._deployment.references.resolve(found.value, *_GRAPHQL)
        ]

    def _data_source(
        self, api: str | External, name: Any
    ) -> Iterator[tuple[str | External, Conditions]]:
        """What the API's data source of a name is; the name is text, or that of a resource."""
        wanted = {
            alternative.parts for alternative in self._deployment.references.alternatives(name)
        }
        owners = {part.name for parts in wanted for part in parts if isinstance(part, Token)}
        for logical_id, resource in self._deployment.resources.items():
            if resource["Type"] != "AWS::AppSync::DataSource":
                continue
            properties = resource.get("Properties")
            declared = {
                alternative.parts
                for found in find("Name", properties)
                for alternative in self._deployment.references.alternatives(found.value)
            }
            if logical_id not in owners and (
                not declared & wanted or api not in self._targets(properties, "ApiId")
            ):
                continue
            for location, types in _DATA_SOURCES:
                yield from self._worked_on(properties, location, types)

    def _worked_on(
        self, properties: Any, location: str, types: tuple[str, ...]
    ) -> Iterator[tuple[str | External, Conditions]]:
        for found in find(location, properties):
            for reference in self._deployment.references.resolve(found.value, *types):
                ends = self._deployment.functions.follow(reference)
                for target, held in ends or ((reference.target, reference.conditions),):
                    together = all_of(found.conditions, held)
                    if together is not None:
                        yield target, together

    def _sam_resolvers(
        self, logical_id: str, properties: Any
    ) -> Iterator[tuple[str, tuple[str | External, Conditions]]]:
        """The resolvers of a SAM GraphQL API: each runs functions, which name data sources.

        https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html
        """
        own = self._deployment.references.resource_conditions(logical_id)
        functions = _members(properties, "Functions")
        for field, resolver in _members(properties, "Resolvers.Mutation").items():
            steps = [found.value for found in find("Pipeline[*]", resolver)]
            for step in steps:
                source = _member(
                    functions.get(step) if isinstance(step, str) else None, "DataSource"
                )
                for kind, location, types in _SAM_DATA_SOURCES:
                    declared = _members(properties, f"DataSources.{kind}")
                    described = declared.get(source) if isinstance(source, str) else None
                    for target, held in self._worked_on(described, location, types):
                        together = all_of(own, held)
                        if together is not None:
                            yield str(field), (target, together)


_GRAPHQL = ("AWS::AppSync::GraphQLApi", "AWS::Serverless::GraphQLApi")


def _members(properties: Any, location: str) -> Mapping[Any, Any]:
    for found in find(location, properties):
        if isinstance(found.value, Mapping):
            return found.value
    return {}


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


# --------------------------------------------------------------------------------------------------


def _best(
    method: str, path: str, known: list[tuple[str, ApiOperation]] | tuple[()]
) -> list[tuple[str, ApiOperation]]:
    """The operation that a request reaches: that with the most of its path spelled out; none when
    they are several functions', which the request does not tell apart.
    """
    ranked = [
        (rank, function_id, operation)
        for function_id, operation in known
        if (rank := _rank(method, path, operation)) is not None
    ]
    if not ranked:
        return []
    highest = max(rank for rank, _, _ in ranked)
    best = [(function_id, found) for rank, function_id, found in ranked if rank == highest]
    return best[:1] if len({function_id for function_id, _ in best}) == 1 else []


def _rank(method: str, path: str, operation: ApiOperation) -> tuple[int, int] | None:
    """How closely an operation describes a request; None when it does not."""
    if operation.front_door:
        return (0, 0) if operation.style == "url" else None
    if operation.style not in ("rest", "http"):
        return None
    exact = operation.method == "ANY" or not method or method in operation.method.split(",")
    if not exact:
        return None
    if operation.path == "$default":
        return (0, 0)
    given = [segment for segment in path.split("/") if segment]
    # A REST API's URL has the stage before the path, an HTTP API's where it is not `$default`.
    staged = [given[1:]] if operation.style == _STAGED else [given, given[1:]]
    ranks = [_segments(segments, operation.path) for segments in staged]
    found = max((rank for rank in ranks if rank is not None), default=None)
    return None if found is None else (found, int(operation.method != "ANY"))


def _segments(given: list[str], path: str) -> int | None:
    """How many segments a path has that are spelled out as given; None when it is another one."""
    wanted = [segment for segment in path.split("/") if segment]
    same = 0
    for index, segment in enumerate(wanted):
        if segment.endswith("+}"):
            return same if len(given) > index else None
        if index >= len(given):
            return None
        if segment == given[index]:
            same += 2
        elif segment.startswith("{"):
            same += 1
        elif "*" not in given[index] and "${" not in given[index]:
            return None
    return same if len(given) == len(wanted) else None


def mutated_fields(query: str) -> tuple[str, ...]:
    """The fields of `Mutation` that a GraphQL document asks for: those at the top of its operations
    of the type `mutation`, by their own names where they have an alias.
    """
    found: list[str] = []
    depth = arguments = 0
    pending = inside = False
    at = 0
    while at < len(query):
        sign = query[at]
        name = _NAME.match(query, at)
        if name is not None:
            at = name.end()
            if depth == 0 and arguments == 0 and name[0] == "mutation":
                pending = True
            elif inside and depth == 1 and arguments == 0 and not _ALIASED.match(query, at):
                found.append(name[0])
            continue
        if sign in "([":
            arguments += 1
        elif sign in ")]":
            arguments -= 1
        elif sign == "{" and arguments == 0:
            inside = inside or (pending and depth == 0)
            depth += 1
        elif sign == "}" and arguments == 0:
            depth -= 1
            inside = inside and depth > 0
            pending = pending and depth > 0
        at += 1
    return tuple(dict.fromkeys(found))

"""The catalogue knows every place of the installed cfn-lint's resource schemas that takes a Lambda
function.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.template.jsonpath import compile as compiled

FORMAT = "AWS::Lambda::Function.Arn"
# Schemas without the format say it by a pattern of ARNs or by the property's name.
ARN = re.compile(r":lambda.*:function")
NAME = re.compile(
    r"^(?:\w*Lambda(?:Function)?(?:Arn|ARN)?|\w*Function(?:Arn|ARN)|Lambda(?:Function)?Name)$"
)
REGION = "us-east-1"


def _resolved(schema: dict[str, Any], node: Any) -> Any:
    for _ in range(20):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return node
        target: Any = schema
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target.get(step, {}) if isinstance(target, dict) else {}
        node = target
    return None


def _leaves(
    schema: dict[str, Any], node: Any, place: tuple[str, ...], seen: frozenset[int]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every (place, subschema) that holds a single value; lists and maps are "*"."""
    node = _resolved(schema, node)
    if not isinstance(node, dict) or id(node) in seen or len(place) > 14:
        return
    seen |= {id(node)}
    yield place, node
    for name, child in (node.get("properties") or {}).items():
        yield from _leaves(schema, child, (*place, name), seen)
    for child in (node.get("patternProperties") or {}).values():
        yield from _leaves(schema, child, (*place, "*"), seen)
    yield from _leaves(schema, node.get("items"), (*place, "*"), seen)
    for key in ("anyOf", "oneOf", "allOf"):
        for child in node.get(key) or ():
            yield from _leaves(schema, child, place, seen)


def _takes_a_function(place: tuple[str, ...], node: dict[str, Any]) -> bool:
    if node.get("format") == FORMAT:
        return True
    if node.get("type") != "string":
        return False
    pattern = node.get("pattern")
    name = next((step for step in reversed(place) if step != "*"), "")
    return bool(NAME.match(name)) or (isinstance(pattern, str) and bool(ARN.search(pattern)))


def _given_back(schema: dict[str, Any]) -> set[tuple[str, ...]]:
    return {
        tuple(pointer.removeprefix("/properties/").split("/"))
        for pointer in schema.get("readOnlyProperties") or ()
    }


@functools.cache
def places() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(resource type, place) of everything in the schemas that takes a function's ARN or name."""
    every: list[tuple[str, tuple[str, ...]]] = []
    for resource_type in sorted(PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION)):
        try:
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
        except Exception:
            # A schema this cfn-lint cannot give is no place it knows.
            continue
        returned = _given_back(schema)
        found: dict[tuple[str, ...], None] = {}
        for place, node in _leaves(schema, schema, (), frozenset()):
            if place and place not in returned and _takes_a_function(place, node):
                found[place] = None
        every += ((resource_type, place) for place in found)
    return tuple(every)


def _steps(location: str) -> tuple[str, ...]:
    return tuple(
        step[0] if isinstance(step, tuple) else str(step) if isinstance(step, int) else "*"
        for step in compiled(location)
    )


def _at(specification: Any) -> list[str]:
    match specification:
        case list():
            return [location for each in specification for location in _at(each)]
        case {"at": list() as several}:
            return several
        case {"at": str() as one}:
            return [one]
    return []


def known() -> dict[str, list[tuple[str, ...]]]:
    """Resource type -> places the catalogue knows."""
    data = load("event_sources")
    places: dict[str, list[tuple[str, ...]]] = {}
    for resource_type, rows in data["rows"].items():
        for row in rows:
            each = _steps(row["each"]) if "each" in row else ()
            for location in (*_at(row["to"]), *_at(row["from"])):
                below = () if location.startswith("$") else each
                places.setdefault(resource_type, []).append(below + _steps(location))
    for section in ("callers", "elsewhere"):
        for resource_type, named in data[section].items():
            places.setdefault(resource_type, []).extend(_steps(location) for location in named)
    return places


def _covers(place: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether a known place is the wanted one or above it; a single value stands for a list of
    them.
    """
    return len(place) <= len(wanted) and all(
        step in ("*", other) for step, other in zip(place, wanted, strict=False)
    )


def unknown(
    catalogue: Mapping[str, list[tuple[str, ...]]], found: Iterable[tuple[str, tuple[str, ...]]]
) -> list[str]:
    """The places found that a catalogue does not know."""
    return [
        f"{resource_type} {'.'.join(place)}"
        for resource_type, place in found
        if not any(_covers(above, place) for above in catalogue.get(resource_type, ()))
    ]


def test_every_place_that_takes_a_function_is_known() -> None:
    assert unknown(known(), places()) == []


@pytest.mark.parametrize(
    "resource_type", ["AWS::SES::ReceiptRule", "AWS::Cognito::UserPool", "AWS::Bedrock::Agent"]
)
def test_a_type_that_is_left_out_is_reported(resource_type: str) -> None:
    catalogue = {name: locations for name, locations in known().items() if name != resource_type}
    missed = unknown(catalogue, places())
    assert missed
    assert {text.partition(" ")[0] for text in missed} == {resource_type}


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"Target": {"type": "string", "format": FORMAT}}},
        {
            "properties": {"Target": {"$ref": "#/definitions/Arn"}},
            "definitions": {"Arn": {"anyOf": [{"type": "string", "format": FORMAT}]}},
        },
        {"properties": {"LambdaArn": {"type": "string"}}},
        {
            "properties": {
                "Target": {"type": "string", "pattern": "^arn:aws:lambda:[^:]+:[0-9]+:function:.+$"}
            }
        },
        {
            "properties": {
                "Hooks": {
                    "type": "array",
                    "items": {"properties": {"FunctionArn": {"type": "string"}}},
                }
            }
        },
    ],
)
def test_a_new_type_is_reported(schema: dict[str, Any]) -> None:
    """However a schema says that it takes a function, at any depth."""
    found = [
        ("AWS::New::Thing", place)
        for place, node in _leaves(schema, schema, (), frozenset())
        if place and _takes_a_function(place, node)
    ]
    assert len(unknown(known(), found)) == 1


def test_the_schemas_are_read() -> None:
    """Guards the test above: a change of the schemas' layout must not leave it with nothing to
    check.
    """
    found = set(places())
    assert (
        "AWS::SES::ReceiptRule",
        ("Rule", "Actions", "*", "LambdaAction", "FunctionArn"),
    ) in found
    assert ("AWS::Bedrock::Agent", ("ActionGroups", "*", "ActionGroupExecutor", "Lambda")) in found
    assert len({resource_type for resource_type, _ in found}) > 30


@pytest.mark.parametrize("place", [("Rules", "*", "Fn"), ("Rules",), ("Other",)])
def test_a_new_place_is_unknown(place: tuple[str, ...]) -> None:
    assert not any(_covers(above, place) for above in known()["AWS::S3::Bucket"])


def test_locations_of_cloudformation_types_exist() -> None:
    """A slip of the pen shows up here. Schemas of older versions lack a few newer properties."""
    types = set(PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION))
    checked, missing = 0, []
    for resource_type, named in known().items():
        if resource_type not in types or resource_type.startswith("AWS::Serverless::"):
            continue
        properties = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema.get(
            "properties", {}
        )
        firsts = [place[0] for place in named if place and place[0] != "*"]
        checked += len(firsts)
        missing += [f"{resource_type} {first}" for first in firsts if first not in properties]
    assert checked > 100
    assert len(missing) <= checked // 100, missing


def test_every_integration_names_an_action_and_a_target() -> None:
    data = load("states")
    types = load("event_sources")["types"]
    for name, row in data["integrations"].items():
        assert row["action"].partition(":")[0] == name.partition(":")[0], name
        assert row["target"], name
        assert row["types"] in types, name

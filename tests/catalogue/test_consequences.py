"""The rows on what follows from calls name services, operations and parameters that there are."""

import functools
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from cfnlint_eda_rules.catalogue.load import load

SESSION = botocore.session.get_session()
CATALOGUES = ("job_results", "service_events", "config_resources")


def rows() -> Iterator[tuple[str, str, str, Any]]:
    """(catalogue, service, operations, rows), those of one service."""
    for catalogue in CATALOGUES:
        for service, operations in load(catalogue).items():
            for pattern, found in operations.items():
                # A library's writes by a URI are no operation of the API.
                if service != "*" and pattern != "WriteUri":
                    yield catalogue, service, pattern, found


@functools.cache
def model_of(service: str) -> Any:
    return SESSION.get_service_model(service)


def named(service: str, pattern: str) -> list[Any]:
    """The service's operations that a pattern is about."""
    model = model_of(service)
    return [model.operation_model(n) for n in model.operation_names if re.fullmatch(pattern, n)]


@pytest.mark.parametrize(("catalogue", "service", "pattern", "found"), list(rows()))
def test_operations_exist(catalogue: str, service: str, pattern: str, found: Any) -> None:
    assert named(service, pattern), f"{catalogue}: {service} has no operation {pattern}"


def paths(value: Any) -> Iterator[str]:
    """The JSONPaths in a row."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(name, str) and name.startswith("$"):
                yield name
            yield from paths(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner)
    elif isinstance(value, str) and value.startswith("$"):
        yield value


def leads_somewhere(shape: Any, path: str) -> bool:
    """Whether a JSONPath names members of a shape."""
    for step in re.sub(r"\[\*\]", ".[*]", path).removeprefix("$").strip(".").split("."):
        if shape.type_name == "list":
            shape = shape.member
            if step == "[*]":
                continue
        if shape.type_name == "map":
            shape = shape.value
            continue
        if step == "*":
            return True
        if shape.type_name != "structure":
            return False
        members = [shape.members[name] for name in step.split(",") if name in shape.members]
        if not members:
            return False
        shape = members[0]
    return True


@pytest.mark.parametrize(("catalogue", "service", "pattern", "found"), list(rows()))
def test_parameters_exist(catalogue: str, service: str, pattern: str, found: Any) -> None:
    shapes = [model.input_shape for model in named(service, pattern) if model.input_shape]
    for row in found if isinstance(found, list) and catalogue != "config_resources" else ():
        for path in paths(row):
            base = row.get("each", "") if path != row.get("each") else ""
            whole = base + path.removeprefix("$") if base else path
            assert any(leads_somewhere(shape, whole) for shape in shapes), path


def test_sources_of_records_are_the_names_that_requests_are_signed_with() -> None:
    expected = {}
    for service in load("cloudtrail")["sources"]:
        metadata = model_of(service).metadata
        name = metadata.get("signingName") or metadata["endpointPrefix"]
        expected[service] = name.rpartition(".")[2]
    assert load("cloudtrail")["sources"] == expected


@pytest.mark.parametrize("part", ["names", "unrecorded", "data", "parameters"])
def test_services_of_the_record_are_clients(part: str) -> None:
    assert set(load("cloudtrail")[part]) <= set(SESSION.get_available_services())

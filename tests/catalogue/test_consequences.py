"""The rows on what follows from calls name services, operations and parameters that there are."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from botocore_models import leads_somewhere, model_of, services
from cfnlint_eda_rules.catalogue.load import load

CATALOGUES = ("job_results", "service_events", "config_resources")


def rows() -> Iterator[tuple[str, str, str, Any]]:
    """(catalogue, service, operations, rows), those of one service."""
    for catalogue in CATALOGUES:
        for service, operations in load(catalogue).items():
            for pattern, found in operations.items():
                # A library's writes by a URI are no operation of the API.
                if service != "*" and pattern != "WriteUri":
                    yield catalogue, service, pattern, found


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


@pytest.mark.parametrize(("catalogue", "service", "pattern", "found"), list(rows()))
def test_parameters_exist(catalogue: str, service: str, pattern: str, found: Any) -> None:
    shapes = [model.input_shape for model in named(service, pattern) if model.input_shape]
    for row in found if isinstance(found, list) and catalogue != "config_resources" else ():
        for path in paths(row):
            base = row.get("each", "") if path != row.get("each") else ""
            whole = base + path.removeprefix("$") if base else path
            assert any(leads_somewhere(shape, whole) for shape in shapes), path


@pytest.mark.parametrize("part", ["exceptions", "names", "unrecorded", "data", "parameters"])
def test_services_of_the_record_are_clients(part: str) -> None:
    assert set(load("cloudtrail")[part]) <= services()

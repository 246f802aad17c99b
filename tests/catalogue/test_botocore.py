"""The rows of operations name services, operations and parameters that botocore knows."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from botocore_models import leads_somewhere, model_of, services
from cfnlint_eda_rules.catalogue.load import load

# Services that are no more, whose calls older code has.
DISCONTINUED = {"elastictranscoder", "lookoutvision"}
# What is done without a call of that name: by a form in a browser, by a managed transfer, by a library that
# takes the URI of an object, by the SDK of durable functions.
NO_CALLS = {
    ("s3", "PostObject"),
    ("s3", "ManagedUpload"),
    ("s3", "ManagedCopy"),
    ("s3", "WriteUri"),
    ("s3", "ReadUri"),
    ("s3", "DeleteUri"),
    ("lambda", "DurableInvoke"),
}
SERVICES = sorted(
    path.name.removesuffix(".yaml")
    for path in (files("cfnlint_eda_rules.catalogue") / "operations").iterdir()
    if path.name.endswith(".yaml")
)
KNOWN = [name for name in SERVICES if name not in DISCONTINUED]
ROWS = [
    (service, name, row or {})
    for service in KNOWN
    for name, row in load(f"operations/{service}").get("operations", {}).items()
    if (service, name) not in NO_CALLS
]
IDS = [f"{service}-{name}" for service, name, _ in ROWS]


def test_services_exist() -> None:
    assert set(SERVICES) - services() == DISCONTINUED
    assert set(load("services")["emitters"]) <= services()


def test_operations_exist() -> None:
    missing = {
        (service, name)
        for service in KNOWN
        for name in load(f"operations/{service}").get("operations", {})
        if name not in model_of(service).operation_names
    }
    assert missing == NO_CALLS


def locations(row: dict[str, Any]) -> Iterator[str]:
    """Every JSONPath of a row, from the request's root."""
    yield from (row[column] for column in ("at", "subject", "statement") if column in row)
    if "parameter" in (row.get("waits") or {}):
        yield row["waits"]["parameter"]
    emits = row.get("emits") or {}
    each = emits.get("each", "$")
    yield from (each,) if "each" in emits else ()
    inside = [emits[column] for column in ("key", "version") if column in emits]
    for column in ("by", "unless"):
        inside += emits.get(column, {})
    inside += emits.get("content", {}).values()
    for location in inside:
        yield f"{each}.{location.removeprefix('$').removeprefix('.')}"


@pytest.mark.parametrize(("service", "name", "row"), ROWS, ids=IDS)
def test_parameters_exist(service: str, name: str, row: dict[str, Any]) -> None:
    operation = model_of(service).operation_model(name)
    given = [path for path in locations(row) if not leads_somewhere(operation.input_shape, path)]
    assert given == []
    assert set(row.get("polled_by", ())) <= set(model_of(service).operation_names)
    for answered, asked in row.get("answers", {}).items():
        assert answered in operation.output_shape.members
        assert asked in operation.input_shape.members


@pytest.mark.parametrize("service", KNOWN)
def test_the_usual_target_is_a_parameter_of_some_operation(service: str) -> None:
    location = (load(f"operations/{service}").get("target") or {}).get("at")
    model = model_of(service)
    shapes = [model.operation_model(name).input_shape for name in model.operation_names]
    assert location is None or any(leads_somewhere(shape, location) for shape in shapes if shape)


@pytest.mark.parametrize(("service", "name"), sorted(NO_CALLS))
def test_what_is_no_call_has_a_row(service: str, name: str) -> None:
    assert name in load(f"operations/{service}")["operations"]

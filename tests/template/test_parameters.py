"""Values of parameters: given ones, defaults, what only the deployment knows; what they decide."""

from __future__ import annotations

from typing import Any

import pytest

from cfnlint_eda_rules.template.references import References
from cfnlint_eda_rules.template.symbolic_text import render

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Env": {"Type": "String", "Default": "dev"},
        "Empty": {"Type": "String", "Default": ""},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"},
        "Names": {"Type": "CommaDelimitedList", "Default": "a,b"},
    },
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "NotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Itself": {"Fn::Or": [{"Condition": "Itself"}, {"Condition": "IsProd"}]},
    },
    "Resources": {},
}


def texts(name: str, *sets: dict[str, Any]) -> list[str]:
    references = References(TEMPLATE, None, sets)
    return [render(found.parts) for found in references.alternatives({"Ref": name})]


@pytest.mark.parametrize(
    ("name", "sets", "expected"),
    [
        ("Env", (), ["dev"]),
        ("Env", ({"Env": "prod"},), ["prod"]),
        ("Env", ({"Env": 3},), ["3"]),
        ("Env", ({"Env": "prod"}, {"Env": "test"}), ["prod", "test"]),
        ("Env", ({"Env": "prod"}, {}), ["prod", "dev"]),
        ("Empty", (), ["${Empty}"]),
        ("Empty", ({"Empty": "x"},), ["x"]),
        ("Stored", ({"Stored": "/b"},), ["${Stored}"]),
        ("Env", ({"Env": ["no", "text"]},), ["${Env}"]),
    ],
)
def test_values(name: str, sets: tuple[dict[str, Any], ...], expected: list[str]) -> None:
    assert texts(name, *sets) == expected


def test_a_list_is_given_as_one_text() -> None:
    references = References(TEMPLATE, None, [{"Names": "c, d"}])
    joined = {"Fn::Join": ["-", {"Ref": "Names"}]}
    assert references.literal(joined) == "c-d"


@pytest.mark.parametrize(
    ("sets", "condition", "holds", "possible"),
    [
        # A default decides nothing.
        ((), "IsProd", True, True),
        (({},), "IsProd", True, True),
        (({"Env": "prod"},), "IsProd", True, True),
        (({"Env": "prod"},), "IsProd", False, False),
        (({"Env": "prod"},), "NotProd", True, False),
        (({"Env": "prod"}, {"Env": "dev"}), "NotProd", True, True),
        (({"Env": "test"}, {"Env": "dev"}), "IsProd", True, False),
        (({"Env": "test"},), "Itself", True, True),
    ],
)
def test_given_values_decide_conditions(
    sets: tuple[dict[str, Any], ...], condition: str, holds: bool, possible: bool
) -> None:
    references = References(TEMPLATE, None, sets)
    assert references.compatible(frozenset({(condition, holds)})) is possible


def test_values_of_two_deployments_are_not_mixed() -> None:
    references = References(TEMPLATE, None, [{"Env": "prod"}, {"Env": "test"}])
    joined = references.alternatives({"Fn::Sub": "${Env}-${Env}"})
    assert [render(found.parts) for found in joined] == ["prod-prod", "test-test"]
    production, testing = (found.conditions for found in joined)
    assert references.compatible(production | {("IsProd", True)})
    assert not references.compatible(testing | {("IsProd", True)})

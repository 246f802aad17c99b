"""Choice states decided by what an execution is started with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cfnlint_eda_rules.application.choices import Place, comes_to
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Record, Unknown, Value


def deciding(rule: dict[str, Any], **states: dict[str, Any]) -> dict[str, Any]:
    """A state machine whose Choice leads to `Send` where the rule holds."""
    return {
        "StartAt": next(iter(states), "Which"),
        "States": {
            **states,
            "Which": {"Type": "Choice", "Choices": [{**rule, "Next": "Send"}], "Default": "End"},
            "Send": {"Type": "Task", "End": True},
            "End": {"Type": "Succeed"},
        },
    }


def told(given: Any) -> Value:
    return Literal(json.dumps(given))


@pytest.mark.parametrize(
    ("rule", "given", "expected"),
    [
        ({"Variable": "$.a", "StringEquals": "x"}, {"a": "x"}, True),
        ({"Variable": "$.a", "StringEquals": "x"}, {"a": "y"}, False),
        ({"Variable": "$['a'].b", "StringEquals": "x"}, {"a": {"b": "x"}}, True),
        ({"Variable": "$.a", "StringMatches": "x*"}, {"a": "xy"}, True),
        ({"Variable": "$.n", "NumericGreaterThanEquals": 2}, {"n": 2}, True),
        ({"Variable": "$.n", "NumericLessThan": 2}, {"n": 2}, False),
        ({"Variable": "$.b", "BooleanEquals": True}, {"b": True}, True),
        ({"Variable": "$.a", "IsPresent": True}, {}, False),
        ({"Variable": "$.a", "IsPresent": False}, {}, True),
        ({"Variable": "$.a", "IsNull": True}, {"a": None}, True),
        ({"Variable": "$.a", "StringEqualsPath": "$.b"}, {"a": "x", "b": "x"}, None),
        ({"Variable": "$.a[0]", "StringEquals": "x"}, {"a": ["x"]}, None),
        ({"Variable": "$.a", "StringEquals": "x"}, {}, None),
        ({"Not": {"Variable": "$.a", "StringEquals": "x"}}, {"a": "x"}, False),
        (
            {
                "And": [
                    {"Variable": "$.a", "IsPresent": True},
                    {"Variable": "$.n", "NumericEquals": 1},
                ]
            },
            {"a": 0, "n": 1},
            True,
        ),
        ({"Or": [{"Variable": "$.a", "IsPresent": True}, {"Variable": 3}]}, {"a": 0}, True),
        ({"Condition": "{% $states.input.a = 'x' %}"}, {"a": "x"}, True),
        ({"Condition": '{% $states.input.a != "x" %}'}, {"a": "x"}, False),
        (
            {"Condition": "{% $states.input.n >= 2 and ($states.input.a = 'x' or false = true) %}"},
            {"a": "x", "n": 2},
            True,
        ),
        ({"Condition": "{% $states.input.a in ['x', 'y'] %}"}, {"a": "y"}, True),
        ({"Condition": "{% $not($states.input.a = 'x') %}"}, {"a": "x"}, False),
        ({"Condition": "{% $count($states.input.a) = 1 %}"}, {"a": ["x"]}, None),
        ({"Condition": "{% $states.input.a = 'x' %"}, {"a": "x"}, None),
        ({"Condition": "{% " + "(" * 2000 + " %}"}, {"a": "x"}, None),
        ({}, {"a": "x"}, None),
    ],
)
def test_rules(rule: dict[str, Any], given: Any, expected: bool | None) -> None:
    assert comes_to(deciding(rule), ("Send",), told(given)) is expected


RULE = {"Variable": "$.a", "StringEquals": "x"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Wait", "Seconds": 5}, True),
        ({"Type": "Pass"}, True),
        ({"Type": "Pass", "Result": {"a": "y"}}, None),
        ({"Type": "Task"}, None),
        ({"Type": "Task", "ResultPath": None}, True),
        ({"Type": "Task", "ResultPath": "$.found"}, True),
        ({"Type": "Task", "ResultPath": "$.a"}, None),
        ({"Type": "Task", "ResultPath": None, "OutputPath": "$.b"}, None),
        ({"Type": "Pass", "Output": "{% {} %}"}, None),
    ],
)
def test_states_before_the_choice_change_what_it_sees(
    state: dict[str, Any], expected: bool | None
) -> None:
    definition = deciding(RULE, First={**state, "Next": "Which"})
    assert comes_to(definition, ("Send",), told({"a": "x"})) is expected


def test_branches_have_the_input_of_their_state_and_items_have_their_own() -> None:
    inner = deciding(RULE)
    fan: dict[str, Any] = {"Type": "Parallel", "Branches": [inner], "Next": "Each"}
    each: dict[str, Any] = {"Type": "Map", "ItemProcessor": inner, "End": True}
    definition = {"StartAt": "Fan", "States": {"Fan": fan, "Each": each}}
    places: list[Place] = [
        ("Fan", "0", "Send"),
        ("Fan", "7", "Send"),
        ("Each", "ItemProcessor", "Send"),
    ]
    assert [comes_to(definition, place, told({"a": "x"})) for place in places] == [True, None, None]


@pytest.mark.parametrize(
    "given", [None, Unknown("x"), Literal("{"), Literal("[" * 100_000), Record((), partial=True)]
)
def test_an_input_that_is_not_known_decides_nothing(given: Value | None) -> None:
    assert comes_to(deciding(RULE), ("Send",), given) is None


def test_an_error_handler_may_lead_anywhere() -> None:
    first = {"Type": "Task", "ResultPath": None, "Next": "Which", "Catch": [{"Next": "Send"}]}
    assert comes_to(deciding(RULE, First=first), ("Send",), told({"a": "y"})) is None


def test_a_machine_that_goes_round_ends() -> None:
    around = {
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}},
    }
    assert comes_to(around, ("Send",), told({})) is None
    assert comes_to({"States": 3}, ("Send",), told({})) is None

"""The options of rules: what is wrong with them, and their schema."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from cfnlint.exceptions import CfnLintExitException

from cfnlint_eda_rules import registry
from cfnlint_eda_rules.rule import AntiPatternRule
from cfnlint_eda_rules.settings import problems, schema


def rules() -> list[AntiPatternRule]:
    made = (rule() for rule in registry.rules().values())
    return [rule for rule in made if isinstance(rule, AntiPatternRule)]


MONOLITH = next(rule for rule in rules() if rule.id == "W9501")
SCHEMA = schema([(rule.id, rule.shortdesc, rule.config_definition) for rule in rules()])


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        {"strict": True, "max_operations": 0, "templates": ["*.yaml"]},
        # As the command line gives them.
        {"strict": "TRUE", "max_operations": "7", "templates": "*.yaml"},
    ],
)
def test_options_of_the_right_kind(given: Any) -> None:
    assert list(problems(MONOLITH.config_definition, given)) == []


WRONG: list[tuple[Any, str]] = [
    ({"stric": True}, "it has no option stric, only strict, "),
    ({3: True}, "it has no option 3"),
    ({"strict": "maybe"}, "strict must be true or false, not maybe"),
    ({"strict": 1}, "strict must be true or false, not 1"),
    ({"read_handlers": None}, "read_handlers must be true or false, not NoneType"),
    ({"max_operations": True}, "max_operations must be a whole number of 0 or more, not True"),
    ({"max_operations": -1}, "not -1"),
    ({"max_operations": 2.5}, "not 2.5"),
    ({"max_operations": "9" * 5_000}, f"not {'9' * 60}..."),
    ({"max_operations": [3]}, "not list"),
    ({"templates": [1]}, "templates must be a list of texts, not list"),
    ({"templates": {"a": "b"}}, "not dict"),
    ({"stric\n::error::": 1}, r"it has no option stric\n::error::,"),
    (["strict"], "its options must be a mapping of names to values, not list"),
]


@pytest.mark.parametrize(("given", "says"), WRONG)
def test_what_is_wrong_is_said(given: Any, says: str) -> None:
    (said,) = problems(MONOLITH.config_definition, given)
    assert says in said


@pytest.mark.parametrize("given", [given for given, _ in WRONG])
def test_a_rule_refuses_what_is_wrong_in_one_line(given: Any) -> None:
    with pytest.raises(CfnLintExitException, match=r"\AW9501: [^\n]+\Z"):
        MONOLITH.configure(given)


# --------------------------------------------------------------------------------------------------


def valid(configuration: Any) -> bool:
    return bool(jsonschema.Draft7Validator(SCHEMA).is_valid({"configure_rules": configuration}))


def test_the_schema_says_what_the_rules_define() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    constrained = SCHEMA["properties"]["configure_rules"]["properties"]
    assert sorted(constrained) == sorted(rule.id for rule in rules())
    for rule in rules():
        options = constrained[rule.id]["properties"]
        assert list(options) == list(rule.config_definition)
        assert all(option["description"] for option in options.values())
        assert valid({rule.id: {name: option["default"] for name, option in options.items()}})


@pytest.mark.parametrize(
    "given", [given for given, _ in WRONG if isinstance(given, list) or "stric" in given]
)
def test_the_schema_refuses_what_the_rules_refuse(given: Any) -> None:
    assert not valid({"W9501": given})


def test_the_schema_leaves_the_rest_to_cfn_lint() -> None:
    assert valid({"E3012": {"strict": True}})
    assert not valid({"W9501": {"max_operations": -1}})
    assert not valid({"W9501": {"max_operations": True}})
    assert not valid({"W9502": {"max_operations": 3}})

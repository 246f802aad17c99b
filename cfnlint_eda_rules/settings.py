"""The options of rules: which values they take, what is wrong with those given, and the JSON schema
of the rules' part of a `.cfnlintrc`.

An option is what cfn-lint's `config_definition` makes of it (`type`, `itemtype`, `default`) with a
`description` of its effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cfnlint_eda_rules.wording import listed, plain

Definition = Mapping[str, Mapping[str, Any]]

_LONGEST_VALUE = 60
_KINDS = {
    "boolean": "true or false",
    "integer": "a whole number of 0 or more",
    "list": "a list of texts",
}
_TRUTHS = ("true", "false")


def problems(definition: Definition, given: object) -> Iterator[str]:
    """What is wrong with the options given to one rule, in the order given; nothing for None.

    On the command line every value is a text, so a text that reads as the kind is one of it.
    """
    if given is None:
        return
    if not isinstance(given, Mapping):
        yield f"its options must be a mapping of names to values, not {_shown(given)}"
        return
    for name, value in given.items():
        if name not in definition:
            yield f"it has no option {_shown(name)}, only {listed(definition)}"
        elif not _fits(str(definition[name]["type"]), value):
            yield f"{name} must be {_KINDS[definition[name]['type']]}, not {_shown(value)}"


def _fits(kind: str, value: object) -> bool:
    match kind:
        case "boolean":
            return isinstance(value, bool) or str(value).lower() in _TRUTHS
        case "integer":
            return not isinstance(value, bool) and str(value).isdecimal() and len(str(value)) < 10
        case _:
            values = value if isinstance(value, list) else [value]
            return all(isinstance(item, str) for item in values)


def _shown(value: object) -> str:
    text = plain(str(value) if isinstance(value, str | int | float) else type(value).__name__)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def schema(rules: Iterable[tuple[str, str, Definition]]) -> dict[str, Any]:
    """The JSON schema (draft 7, as cfn-lint's own) of a `.cfnlintrc`, of which it constrains
    `configure_rules` of these rules, each given as id, title and options.
    """
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Options of cfnlint-eda-rules in a .cfnlintrc",
        "type": "object",
        "properties": {
            "configure_rules": {
                "type": "object",
                "properties": {
                    rule_id: {
                        "title": title,
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            name: _option_schema(option) for name, option in definition.items()
                        },
                    }
                    for rule_id, title, definition in rules
                },
            }
        },
    }


def _option_schema(option: Mapping[str, Any]) -> dict[str, Any]:
    bounds: dict[str, dict[str, Any]] = {
        "integer": {"minimum": 0, "maximum": 999_999_999},
        "list": {"type": "array", "items": {"type": option.get("itemtype", "string")}},
    }
    return {
        "type": option["type"],
        "default": option["default"],
        "description": option.get("description", ""),
        **bounds.get(str(option["type"]), {}),
    }

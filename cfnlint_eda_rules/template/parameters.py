"""The values that parameters have: those that cfn-lint is given for them, else their defaults.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions
from cfnlint_eda_rules.template.intrinsics import MAX_DEPTH, MOST_BITS, intrinsic
from cfnlint_eda_rules.template.sections import section_of

_MOST_SETS = 8
# What is looked up in the account at deployment; the value is the name of a stored parameter.
_LOOKED_UP = ("AWS::SSM::Parameter", "List<AWS::")


class Parameters:
    """The parameters of a template, and what decides its conditions.

    `sets` are the values it is deployed with, one mapping for each deployment (`--parameters`,
    parameter and deployment files). Which of several deployments it is counts as a condition.
    """

    def __init__(self, template: Any, sets: Sequence[Mapping[str, Any]] = ()) -> None:
        self._declared = section_of(template, "Parameters")
        self._conditions = section_of(template, "Conditions")
        self._sets = list(sets)[:_MOST_SETS]

    def __contains__(self, name: str) -> bool:
        return name in self._declared

    def is_list(self, name: str) -> bool:
        """Whether the parameter's value is a list."""
        type_ = self._type(name)
        return type_ == "CommaDelimitedList" or type_.startswith("List<")

    def values(self, name: str) -> list[tuple[str | None, Conditions]]:
        """The texts a parameter can be, None where only the deployment knows: of an empty default
        it has to say what it is.
        """
        if self._type(name).startswith(_LOOKED_UP):
            return [(None, ALWAYS)]
        default = _text(self._default(name)) or None
        given = [_text(values[name]) if name in values else default for values in self._sets]
        if len(set(given)) < 2:
            return [(given[0] if given else default, ALWAYS)]
        return [(value, self._deployment(index)) for index, value in enumerate(given)]

    def scenarios(self) -> list[tuple[Conditions, Mapping[str, bool]]]:
        """For each deployment the conditions it is known by and the template's conditions that its
        values decide; a default decides none.
        """
        found: list[tuple[Conditions, Mapping[str, bool]]] = []
        for index, values in enumerate(self._sets):
            known: dict[str, bool | None] = {}
            for name in self._conditions:
                self._holds(name, values, known, MAX_DEPTH)
            decided = {name: holds for name, holds in known.items() if holds is not None}
            found.append((self._deployment(index) if len(self._sets) > 1 else ALWAYS, decided))
        return found

    def _deployment(self, index: int) -> Conditions:
        return frozenset((f"deployment {one}", one == index) for one in range(len(self._sets)))

    def _type(self, name: str) -> str:
        type_ = section_of(self._declared, name).get("Type")
        return type_ if isinstance(type_, str) else ""

    def _default(self, name: str) -> Any:
        return section_of(self._declared, name).get("Default")

    def _holds(
        self, name: str, values: Mapping[str, Any], known: dict[str, bool | None], depth: int
    ) -> bool | None:
        if name not in known:
            # A condition that depends on itself is not known.
            known[name] = None
            known[name] = self._decided(self._conditions.get(name), values, known, depth - 1)
        return known[name]

    def _decided(
        self, expression: Any, values: Mapping[str, Any], known: dict[str, bool | None], depth: int
    ) -> bool | None:
        match intrinsic(expression) if depth > 0 else None:
            case ("Condition", str() as name):
                return self._holds(name, values, known, depth)
            case ("Fn::Equals", [left, right]):
                texts = [self._known(side, values) for side in (left, right)]
                return None if None in texts else texts[0] == texts[1]
            case ("Fn::Not", [only]):
                answer = self._decided(only, values, known, depth - 1)
                return None if answer is None else not answer
            case ("Fn::And" | "Fn::Or" as function, list() as several) if len(several) <= 10:
                answers = {self._decided(one, values, known, depth - 1) for one in several}
                decisive = function == "Fn::Or"
                if decisive in answers:
                    return decisive
                return None if None in answers else not decisive
        return None

    def _known(self, value: Any, values: Mapping[str, Any]) -> str | None:
        match intrinsic(value):
            case ("Ref", str() as name) if name in self._declared and name in values:
                return _text(values[name])
        return _text(value)


def _text(value: Any) -> str | None:
    """A scalar as CloudFormation takes it; None for anything else."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() > MOST_BITS:
            return None
        case str() | int() | float():
            return str(value)
    return None

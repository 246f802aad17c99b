"""From the place of an API's integration to the functions behind it: by name, or by the resources
and stage variables on the way.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cfnlint_eda_rules.application.api_places import Places, Row
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions
from cfnlint_eda_rules.template.intrinsics import sub_pieces
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.symbolic_text import Parts, Token

_DEPTH = 8
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")


class Integrations:
    """Follows the integrations of a template's APIs."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def reach(
        self,
        value: Any,
        api: str | External | None,
        conditions: Conditions = ALWAYS,
        prefix: str = "",
        passed: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[str, Conditions]]:
        """The functions a value leads to: named by it, or by the resources it names on the way."""
        for candidate in self._with_stage_variables(value, api):
            named = self._places.functions.resolve(candidate)
            for function, way in named:
                yield function, conditions | way
            if not named:
                for way_id, way in self._ways(candidate, api, prefix):
                    if way_id not in passed and len(passed) < 3:
                        yield from self._onward(
                            way_id,
                            conditions | way | self._places.conditions(way_id),
                            passed | {way_id},
                        )

    def _onward(
        self, way_id: str, conditions: Conditions, passed: frozenset[str]
    ) -> Iterator[tuple[str, Conditions]]:
        row = self._places.catalogue["ways"][self._places.resources[way_id]["Type"]]
        properties, path = self._places.properties(way_id)
        if not self._places.allowed(row.get("only", {}), properties):
            return
        api = self._owner(properties, row)
        for found in self._places.find(row["next"], properties, path, conditions):
            yield from self.reach(found.value, api, found.conditions, passed=passed)

    def _ways(
        self, value: Any, api: str | External | None, prefix: str
    ) -> Iterator[tuple[str, Conditions]]:
        """The resources on the way that a value names, by reference or by the name they have within
        their API.
        """
        for alternative in self._places.references.alternatives(value):
            parts = alternative.parts
            if prefix and parts and isinstance(parts[0], str):
                parts = tuple(
                    part for part in (parts[0].removeprefix(prefix), *parts[1:]) if part != ""
                )
            match parts:
                case (Token(kind="ref" | "attribute", name=name),) if self._is_way(name):
                    yield name, alternative.conditions
                case _ if found := self._way_names.get((api, parts)):
                    yield found, alternative.conditions
                case _:
                    reference = self._places.references.match(
                        parts, *self._places.catalogue["ways"], conditions=alternative.conditions
                    )
                    if isinstance(reference.target, str) and self._is_way(reference.target):
                        yield reference.target, reference.conditions

    def _is_way(self, logical_id: str) -> bool:
        return (
            logical_id in self._places.resources
            and self._places.resources[logical_id]["Type"] in self._places.catalogue["ways"]
        )

    def _owner(self, properties: Mapping[str, Any], row: Row) -> str | External | None:
        if "within" in row:
            for reference in self._places.references.resolve(properties.get(row["within"])):
                return reference.target
        return None

    @functools.cached_property
    def _way_names(self) -> Mapping[tuple[str | External | None, Parts], str]:
        """Resources on the way by the API they belong to and the name they have there."""
        names: dict[tuple[str | External | None, Parts], str] = {}
        for logical_id, resource in self._places.resources.items():
            row = self._places.catalogue["ways"].get(resource["Type"], {})
            if "name" in row:
                properties, _ = self._places.properties(logical_id)
                for alternative in self._places.references.alternatives(
                    properties.get(row["name"])
                ):
                    names.setdefault((self._owner(properties, row), alternative.parts), logical_id)
        return names

    def _with_stage_variables(self, value: Any, api: str | External | None) -> tuple[Any, ...]:
        """The value for each stage of the API, its stage variables filled in; the value itself when
        it names none.
        """
        if not _names_stage_variable(value):
            return (value,)
        stages = [variables for stage_api, variables in self._stages if stage_api == api]
        return tuple(_filled_in(value, variables) for variables in stages[:_DEPTH])

    @functools.cached_property
    def _stages(self) -> Sequence[tuple[str | External, Mapping[str, Any]]]:
        stages: list[tuple[str | External, Mapping[str, Any]]] = []
        for logical_id, resource in self._places.resources.items():
            if row := self._places.catalogue["stages"].get(resource["Type"]):
                properties, path = self._places.properties(logical_id)
                for found in self._places.find(row["variables"], properties, path, ALWAYS):
                    if isinstance(found.value, Mapping):
                        stages.append((self._places.api(logical_id, row, properties), found.value))
        return stages


def _names_stage_variable(value: Any, depth: int = 0) -> bool:
    match value:
        case str():
            return "stageVariables." in value
        case list() | tuple():
            return depth < _DEPTH and any(_names_stage_variable(item, depth + 1) for item in value)
        case Mapping():
            return depth < _DEPTH and any(
                _names_stage_variable(item, depth + 1) for item in value.values()
            )
        case _:
            return False


def _filled_in(value: Any, variables: Mapping[str, Any], depth: int = 0) -> Any:
    """The value with each `${stageVariables.name}` replaced by the template value of that variable,
    where the stage sets it.
    """
    match value:
        case str():
            return (
                {"Fn::Join": ["", _with_variables(value, variables)]}
                if _STAGE_VARIABLE.search(value)
                else value
            )
        case {"Fn::Sub": str(text)} if len(value) == 1:
            return {"Fn::Join": ["", _of_sub(text, None, variables)]}
        case {"Fn::Sub": [str(text), substitutes]} if len(value) == 1:
            return {"Fn::Join": ["", _of_sub(text, substitutes, variables)]}
        case list() | tuple() if depth < _DEPTH:
            return [_filled_in(item, variables, depth + 1) for item in value]
        case Mapping() if depth < _DEPTH:
            return {key: _filled_in(item, variables, depth + 1) for key, item in value.items()}
        case _:
            return value


def _of_sub(text: str, substitutes: Any, variables: Mapping[str, Any]) -> list[Any]:
    pieces: list[Any] = []
    for piece in sub_pieces(text):
        if isinstance(piece, str):
            pieces += _with_variables(piece, variables)
        elif piece.name.startswith("stageVariables."):
            pieces += _with_variables(f"${{{piece.name}}}", variables)
        else:
            variable = f"${{{piece.name}}}"
            pieces.append({"Fn::Sub": variable if substitutes is None else [variable, substitutes]})
    return pieces


def _with_variables(text: str, variables: Mapping[str, Any]) -> list[Any]:
    """The pieces of a text, the values of stage variables between; one that is not set stays as it
    is written.
    """
    return [
        variables.get(piece, f"${{stageVariables.{piece}}}") if odd % 2 else piece
        for odd, piece in enumerate(_STAGE_VARIABLE.split(text))
        if odd % 2 or piece
    ]

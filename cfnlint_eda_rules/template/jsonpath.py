"""Finding the values at a place of a resource: JSONPath expressions of the catalogue, with
CloudFormation's conditions seen through.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, both
from cfnlint_eda_rules.template.intrinsics import intrinsic
from cfnlint_eda_rules.template.sections import TemplatePath

MAX_DEPTH = 40
MAX_FOUND = 5000
MAX_BRANCHES = 64
MAX_DECISIONS = 1000

# One step of an expression: names, an index, "[*]" (the items of a list, or a single value) or "*"
# (all values of a mapping or list).
_Fields: TypeAlias = tuple[str, ...]
Selector: TypeAlias = _Fields | int | Literal["[*]", "*"]


@dataclass(frozen=True, slots=True)
class Found:
    """A value, its template path and the conditions it is there under."""

    value: Any
    path: TemplatePath
    conditions: Conditions = ALWAYS


@functools.cache
def _parser() -> Any:
    from jsonpath_ng.parser import JsonPathParser

    return JsonPathParser()


@functools.cache
def compile(expression: str) -> tuple[Selector, ...]:
    """The steps of a JSONPath of fields, indexes and wildcards; raises `ValueError` for any other
    JSONPath.
    """
    # Expressions of plain names are most of the catalogue and need no parser.
    names = expression.removeprefix("$").removeprefix(".").split(".")
    if all(name.replace("_", "a").isalnum() and not name[0].isdigit() for name in names):
        return tuple((name,) for name in names)
    if expression == "$":
        return ()
    # jsonpath-ng reads "[*]" and ".*" as one and the same, but a slice as itself.
    try:
        parsed = _parser().parse(expression.replace("[*]", "[:]"))
    except Exception as error:
        raise ValueError(f"not a JSONPath: {expression}") from error
    return tuple(_steps(parsed))


def _steps(node: Any) -> list[Selector]:
    match type(node).__name__:
        case "Root" | "This":
            return []
        case "Child":
            return [*_steps(node.left), *_steps(node.right)]
        case "Fields":
            return ["*"] if node.fields == ("*",) else [tuple(node.fields)]
        case "Index":
            indices = getattr(node, "indices", None) or (node.index,)
            if len(indices) == 1:
                return [int(indices[0])]
        case "Slice" if node.start is None and node.end is None and node.step is None:
            return ["[*]"]
        case "Wildcard":
            return ["*"]
    raise ValueError(f"not a location of the catalogue: {node}")


def find(expression: str, node: Any, path: TemplatePath = ()) -> list[Found]:
    """The values at a JSONPath below `node`, whose own template path is `path`, in template order.

    `Fn::If` is seen through at every step: both branches are found, each with its condition;
    `AWS::NoValue` is absent. A wildcard on a single value where a list is expected takes the value
    itself. Values of the wrong type give nothing.
    """
    level = _branches(node, path, ALWAYS)
    for step in compile(expression):
        following = (
            branch
            for found in level
            for value, place in _children(found.value, step, found.path)
            for branch in _branches(value, place, found.conditions)
        )
        level = list(itertools.islice(following, MAX_FOUND))
    return level


def branches(value: Any, path: TemplatePath = (), conditions: Conditions = ALWAYS) -> list[Found]:
    """The values a value can be once `Fn::If` is decided, at most 64; `AWS::NoValue` and what is
    missing is absent.
    """
    return _branches(value, path, conditions)


def _branches(value: Any, path: TemplatePath, conditions: Conditions) -> list[Found]:
    if value is None:
        return []
    if not isinstance(value, Mapping) or len(value) != 1:
        return [Found(value, path, conditions)]
    found: list[Found] = []
    _decide(value, path, conditions, MAX_DEPTH, found, [MAX_DECISIONS])
    return found


def _decide(
    value: Any,
    path: TemplatePath,
    conditions: Conditions,
    depth: int,
    found: list[Found],
    budget: list[int],
) -> None:
    budget[0] -= 1
    if depth <= 0 or budget[0] <= 0 or len(found) >= MAX_BRANCHES:
        return
    match intrinsic(value):
        case ("Fn::If", [str() as name, yes, no]):
            for wanted, branch, index in ((True, yes, 1), (False, no, 2)):
                together = both(conditions, frozenset({(str(name), wanted)}))
                if together is not None:
                    _decide(branch, (*path, "Fn::If", index), together, depth - 1, found, budget)
        case ("Ref", "AWS::NoValue"):
            return
        case _:
            if value is not None:
                found.append(Found(value, path, conditions))


def _children(value: Any, step: Selector, path: TemplatePath) -> list[tuple[Any, TemplatePath]]:
    match step:
        case "[*]" | "*":
            if isinstance(value, list | tuple):
                return [(child, (*path, index)) for index, child in enumerate(value)]
            if step == "*" and isinstance(value, Mapping):
                return (
                    [(child, (*path, str(key))) for key, child in value.items()]
                    if intrinsic(value) is None
                    else []
                )
            return [(value, path)] if step == "[*]" else []
        case int():
            return (
                [(value[step], (*path, step))]
                if isinstance(value, list | tuple) and -len(value) <= step < len(value)
                else []
            )
        case tuple():
            return (
                [(value[name], (*path, name)) for name in step if name in value]
                if isinstance(value, Mapping)
                else []
            )

"""Values kept for the life of the process in a module-level variable: what fills one runs once, not
per invocation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from cfnlint_eda_rules.budget import walked
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.objects import ClassObject, FunctionObject
from cfnlint_eda_rules.handlers.interpreter.state import State

_PAID_TOGETHER = 256


def _memo_variable(m: State, node: syntax.Expression) -> str | None:
    """The module-level variable that `node` is, or is looked up in."""
    match node:
        case syntax.Name(id=name):
            scope = m.frame.scope.find(name)
            return (
                name
                if scope is not None
                and scope.module
                and not isinstance(scope.variables[name], FunctionObject | ClassObject)
                else None
            )
        case syntax.Attribute(value=value) | syntax.Index(value=value):
            return (
                None
                if isinstance(value, syntax.Name) and value.id in ("this", "self")
                else _memo_variable(m, value)
            )
        case _:
            return None


def _unset_variable(m: State, test: syntax.Expression) -> str | None:
    """The module-level variable that a test finds unset: `not x`, `x is None`, `key not in x`."""
    match test:
        case (
            syntax.Not(operand=syntax.Compare(operator="in", right=subject))
            | syntax.Not(operand=subject)
        ):
            return _memo_variable(m, subject) or (
                _memo_variable(m, subject.function.value)
                if isinstance(subject, syntax.Invoke)
                and isinstance(subject.function, syntax.Attribute)
                and subject.function.name == "has"
                else None
            )
        case (
            syntax.Compare(operator="is" | "==", left=subject, right=syntax.Constant(value=None))
            | syntax.Compare(operator="not-in", right=subject)
        ):
            return _memo_variable(m, subject)
        case syntax.Logical(operator="or", operands=operands):
            return next(
                (name for operand in operands if (name := _unset_variable(m, operand))), None
            )
        case _:
            return None


def _set_variable(m: State, test: syntax.Expression) -> str | None:
    """The module-level variable that a test finds set: `x`, `x is not None`, `key in x`, `x and not
    expired`.
    """
    match test:
        case (
            syntax.Compare(
                operator="is-not" | "!=", left=subject, right=syntax.Constant(value=None)
            )
            | syntax.Compare(operator="in", right=subject)
        ):
            return _memo_variable(m, subject)
        case syntax.Logical(operator="and", operands=operands):
            return next((name for operand in operands if (name := _set_variable(m, operand))), None)
        case syntax.Invoke(function=syntax.Attribute(value=subject, name="has")):
            return _memo_variable(m, subject)
        case _:
            return _memo_variable(m, test)


def _assigned(nodes: Any, name: str) -> bool:
    """Whether the code writes the variable, or into it. Every node that is looked at is paid for:
    the rest of a body is looked through from each of its tests.
    """
    waiting = [nodes]
    looked = 0
    while waiting:
        node = waiting.pop()
        looked += 1
        if looked % _PAID_TOGETHER == 0:
            walked(_PAID_TOGETHER)
        match node:
            case syntax.Assign(target=target) | syntax.Bind(target=target) if _writes(target, name):
                return True
            case syntax.Invoke(
                function=syntax.Attribute(
                    value=syntax.Name(id=owner),
                    name="set" | "update" | "setdefault" | "push" | "append",
                )
            ):
                if owner == name:
                    return True
            case list() | tuple():
                waiting.extend(node)
            case syntax.FunctionDefinition() | syntax.ClassDefinition():
                continue
            case _ if is_dataclass(node):
                waiting += [
                    getattr(node, part.name) for part in fields(node) if part.name != "line"
                ]
    return False


def _writes(target: syntax.Pattern, name: str) -> bool:
    match target:
        case syntax.NamePattern(id=written):
            return written == name
        case syntax.MemberPattern(target=syntax.Attribute(value=owner) | syntax.Index(value=owner)):
            while isinstance(owner, syntax.Attribute | syntax.Index):
                owner = owner.value
            return isinstance(owner, syntax.Name) and owner.id == name
        case syntax.ListPattern(items=items):
            return any(item is not None and _writes(item, name) for item in items)
        case syntax.MappingPattern(pairs=pairs):
            return any(_writes(item, name) for _, item in pairs)
        case syntax.DefaultPattern(target=inner):
            return _writes(inner, name)
        case _:
            return False


def memo_test(m: State, test: syntax.Expression, body: Sequence[syntax.Statement]) -> bool:
    """Whether the test finds a module-level variable unset that the body fills."""
    name = _unset_variable(m, test)
    return name is not None and _assigned(list(body), name)


def memo_return(m: State, node: syntax.If, rest: Sequence[syntax.Statement]) -> bool:
    """Whether `if cached: return cached` is followed by code that fills `cached`."""
    if node.orelse or len(node.body) != 1 or not isinstance(node.body[0], syntax.Return):
        return False
    name = _set_variable(m, node.test)
    return name is not None and _assigned(list(rest), name)


def memo_operand(m: State, node: syntax.Logical, operand: syntax.Expression) -> bool:
    """Whether the operand fills the module-level variable that the first operand found unset:
    `cached || (cached = load())`.
    """
    if m.context.start_up:
        return False
    name = _memo_variable(m, node.operands[0])
    return name is not None and (_assigned(operand, name) or m.context.assigning == name)

"""Tests: what is known of their outcome, what they say on either side, and which calls' answers
they hang on.
"""

from __future__ import annotations

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.facts import Guard
from cfnlint_eda_rules.handlers.interpreter import expressions
from cfnlint_eda_rules.handlers.interpreter.objects import (
    Choice,
    ClassObject,
    Coroutine,
    ErrorValue,
    FunctionObject,
    Instance,
    ListObject,
    RecordObject,
    constant,
    needs_of,
    tells_error,
)
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING, NO_GUARDS, Path
from cfnlint_eda_rules.handlers.interpreter.protocol import NOTHING, Known, Native, Object, Promise
from cfnlint_eda_rules.handlers.interpreter.state import State
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Text
from cfnlint_eda_rules.records import dataclass


@dataclass(frozen=True, slots=True)
class Test:
    """`truth` where it is known; `yes` and `no` are the guards of either side; `error` the side
    that only errors take, if any.
    """

    truth: bool | None
    needs: frozenset[int] = NOTHING
    yes: frozenset[Guard] = NO_GUARDS
    no: frozenset[Guard] = NO_GUARDS
    error: bool | None = None
    text: str = ""

    def negated(self) -> Test:
        return Test(
            None if self.truth is None else not self.truth,
            self.needs,
            self.no,
            self.yes,
            None if self.error is None else not self.error,
            f"not {self.text}" if self.text else "",
        )

    def then(self, path: Path | None) -> Path | None:
        """The path on which it holds; None when it cannot."""
        return (
            None
            if path is None or self.truth is False
            else path.under(self.yes, self.needs, self.error is True)
        )

    def otherwise(self, path: Path | None) -> Path | None:
        """The path on which it does not hold."""
        return (
            None
            if path is None or self.truth is True
            else path.under(self.no, self.needs, self.error is False)
        )


def truth(m: State, subject: Object) -> bool | None:
    """Whether the object counts as true; None when that is not known."""
    known = constant(subject)
    if known is not MISSING:
        return m.language.true_constant(known)
    match subject:
        case Known():
            if isinstance(subject.known, Text) and any(
                isinstance(part, Literal) and part.value for part in subject.known.parts
            ):
                return True
            return None
        case RecordObject() | ListObject():
            return m.language.true_collection(subject)
        case FunctionObject() | ClassObject() | Instance() | Promise() | Coroutine():
            return True
        case Native():
            return None if subject.needs else True
        case Choice():
            found = {truth(m, option) for option in subject.options}
            return found.pop() if len(found) == 1 else None
        case _:
            return None


def assess(m: State, node: syntax.Expression) -> Test:
    """Evaluates a test."""
    negations = 0
    while isinstance(node, syntax.Not):
        node, negations = node.operand, negations + 1
    test = _assess(m, node)
    for _ in range(negations and 2 - negations % 2):
        test = test.negated()
    return test


def _assess(m: State, node: syntax.Expression) -> Test:
    match node:
        case syntax.Compare(operator=operator, left=left, right=right):
            return compare(
                m, operator, expressions.evaluate(m, left), expressions.evaluate(m, right)
            )
        case syntax.Logical(operator="and" | "or" as operator, operands=operands):
            return _logical(m, operator, operands)
        case _:
            return plain(m, expressions.evaluate(m, node))


def plain(m: State, subject: Object) -> Test:
    """The test whether an object is true."""
    if tells_error(subject):
        return Test(None, error=True)
    text = subject.text()
    yes = frozenset((Guard(text, True),)) if text else NO_GUARDS
    no = frozenset((Guard(text, False),)) if text else NO_GUARDS
    found = truth(m, subject)
    return Test(
        found,
        needs_of(subject),
        *((yes, no) if found is None else (NO_GUARDS, NO_GUARDS)),
        text=text,
    )


def _logical(m: State, operator: str, operands: list[syntax.Expression]) -> Test:
    conjunction = operator == "and"
    tests: list[Test] = []
    for operand in operands:
        if not tests:
            tests.append(assess(m, operand))
        else:
            last = tests[-1]
            going = last.then(m.path) if conjunction else last.otherwise(m.path)
            if going is None:
                break
            found: list[Test] = []

            def more(operand: syntax.Expression = operand, found: list[Test] = found) -> None:
                found.append(assess(m, operand))

            stopping = last.otherwise(m.path) if conjunction else last.then(m.path)
            m.either([(stopping, lambda: None), (going, more)], last.needs)
            tests.extend(found)
    deciding = [test for test in tests if test.truth is not conjunction]
    needs = NOTHING
    for test in tests:
        needs |= test.needs
    if not deciding:
        return Test(conjunction, needs)
    if any(test.truth is not None for test in deciding):
        return Test(not conjunction, needs)
    if len(deciding) == 1:
        only = deciding[0]
        return Test(None, needs, only.yes, only.no, only.error, only.text)
    text = (
        f" {operator} ".join(test.text for test in deciding)
        if all(test.text for test in deciding)
        else ""
    )
    held = frozenset((Guard(text, True),)) if text else NO_GUARDS
    failed = frozenset((Guard(text, False),)) if text else NO_GUARDS
    errors = {test.error for test in deciding}
    if conjunction:
        yes = held.union(*(test.yes for test in deciding))
        return Test(None, needs, yes, failed, True if True in errors else None, text)
    no = failed.union(*(test.no for test in deciding))
    # `if (err || !data)`: either way in is an error's, and the way past it is normal.
    return Test(None, needs, held, no, True if True in errors else None, text)


def compare(m: State, operator: str, left: Object, right: Object) -> Test:
    """The test of a comparison."""
    needs = needs_of(left) | needs_of(right)
    if operator in ("!=", "is-not", "not-in"):
        return compare(
            m, {"!=": "==", "is-not": "is", "not-in": "in"}[operator], left, right
        ).negated()
    if operator in ("==", "is"):
        if constant(left) is not MISSING and constant(right) is MISSING:
            left, right = right, left
        return equals(m, left, right)
    one, other = constant(left), constant(right)
    if (
        operator in ("<", "<=", ">", ">=")
        and isinstance(one, int | float)
        and isinstance(other, int | float)
    ):
        return Test(
            {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator],
            needs,
        )
    if operator == "in" and isinstance(right, ListObject) and not right.partial:
        return member_of(m, left, list(right.elements))
    text = f"{left.text()} {operator} {right.text()}" if left.text() and right.text() else ""
    if operator == "instanceof" and isinstance(left, ErrorValue):
        return Test(None, error=True)
    if not text:
        return Test(None, needs)
    return Test(
        None, needs, frozenset((Guard(text, True),)), frozenset((Guard(text, False),)), text=text
    )


def equals(m: State, left: Object, right: Object) -> Test:
    """The test of an equality."""
    needs = needs_of(left) | needs_of(right)
    one, other = constant(left), constant(right)
    if one is not MISSING and other is not MISSING:
        return Test(one == other and isinstance(one, bool) == isinstance(other, bool), needs)
    if other is None and tells_error(left):
        return Test(None, error=False)
    if other is not MISSING and isinstance(
        left, FunctionObject | ClassObject | RecordObject | ListObject | Promise
    ):
        return Test(False, needs)
    if other is None and isinstance(left, Instance):
        # What else an instance equals is its class's business: members of an enumeration are
        # instances made of their values.
        return Test(False, needs)
    text = left.text()
    if other is not MISSING and text:
        if other is None:
            # Known to be something, and true, are taken for the same decision.
            return Test(
                None,
                needs,
                frozenset((Guard(text, False),)),
                frozenset((Guard(text, True),)),
                text=f"{text} is nothing",
            )
        return Test(
            None,
            needs,
            frozenset((Guard(text, other),)),
            frozenset((Guard(text, other, False),)),
            text=f"{text} == {other!r}",
        )
    if text and right.text():
        both = f"{text} == {right.text()}"
        return Test(
            None,
            needs,
            frozenset((Guard(both, True),)),
            frozenset((Guard(both, False),)),
            text=both,
        )
    return Test(None, needs)


def member_of(m: State, subject: Object, options: list[Object]) -> Test:
    """The test whether `subject` equals one of `options`."""
    if len(options) == 1:
        return equals(m, subject, options[0])
    tests = [equals(m, subject, option) for option in options]
    needs = NOTHING
    for test in tests:
        needs |= test.needs
    if any(test.truth is True for test in tests):
        return Test(True, needs)
    if all(test.truth is False for test in tests):
        return Test(False, needs)
    text = " or ".join(test.text for test in tests) if all(test.text for test in tests) else ""
    yes = frozenset((Guard(text, True),)) if text else NO_GUARDS
    no = NO_GUARDS.union(*(test.no for test in tests)) | (
        frozenset((Guard(text, False),)) if text else NO_GUARDS
    )
    return Test(None, needs, yes, no, text=text)

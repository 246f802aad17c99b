"""Which state of a state machine an execution comes to, as far as its input decides: Choice states
with rules in JSONPath or JSONata.

https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from cfnlint_eda_rules.application.filters import (
    Answer,
    all_of,
    any_of,
    equals,
    field_of,
    fits_wildcard,
    negation,
    numeric,
)
from cfnlint_eda_rules.handlers.symbolic_values import Items, Literal, Record, Unknown, Value

Place: TypeAlias = tuple[str, ...]
"""A state by its name; one in a branch by the names around it: `("Fan", "0", "Send")`."""

_MOST_STATES = 1000
_DEEPEST = 12
_LONGEST = 65_536
_FIELDS = re.compile(r"\$(?:\.[A-Za-z_]\w*|\['[^'\]]*'\])*")
_FIELD = re.compile(r"\.([A-Za-z_]\w*)|\['([^'\]]*)'\]")
_COMPARISONS = {"Equals": "=", "GreaterThan": ">", "LessThan": "<"}
_OR_EQUAL = {"GreaterThanEquals": ">=", "LessThanEquals": "<="}


def comes_to(definition: Any, place: Place, given: Value | None) -> Answer:
    """Whether an execution with this input comes to a state, errors aside; None where what is known
    of the input does not decide.
    """
    return _comes_to(definition, place, _parsed(given), _DEEPEST)


def _comes_to(definition: Any, place: Place, given: Value, depth: int) -> Answer:
    states = definition.get("States") if isinstance(definition, Mapping) else None
    if not isinstance(states, Mapping) or not place or depth <= 0:
        return None
    seen: set[str] = set()
    name = definition.get("StartAt")
    while isinstance(name, str) and isinstance(state := states.get(name), Mapping):
        if name == place[0]:
            return len(place) == 1 or _inside(state, place[1:], given, depth - 1)
        if name in seen or len(seen) > _MOST_STATES:
            return None
        seen.add(name)
        way = _way(state, given)
        if way is None:
            return None
        name, given = way, _after(state, given)
    caught = any("Catch" in states[name] for name in seen)
    return None if caught else False


def _inside(state: Mapping[str, Any], place: Place, given: Value, depth: int) -> Answer:
    """Whether a branch that the state starts comes to the rest of the place."""
    branches = state.get("Branches")
    if isinstance(branches, list) and place[0].isdecimal() and int(place[0]) < len(branches):
        return _comes_to(branches[int(place[0])], place[1:], given, depth)
    # The items of a Map are not known one by one.
    return _comes_to(state.get(place[0]), place[1:], Unknown(), depth)


def _way(state: Mapping[str, Any], given: Value) -> str | None:
    """The state that follows, "" at an end; None where that is not known."""
    if state.get("Type") != "Choice":
        return str(state.get("Next", ""))
    rules = state.get("Choices")
    for rule in rules if isinstance(rules, list) else ():
        answer = _holds(rule, given, _DEEPEST)
        if answer is None:
            return None
        if answer:
            return str(rule.get("Next", ""))
    return str(state.get("Default", ""))


def _after(state: Mapping[str, Any], given: Value) -> Value:
    """What the state hands on: its input, with its result where `ResultPath` puts it."""
    if any(state.get(name, "$") != "$" for name in ("InputPath", "OutputPath", "Output")):
        return Unknown()
    if state.get("Type") in ("Choice", "Wait", "Succeed"):
        return given
    if state.get("Type") == "Pass" and not any(name in state for name in ("Result", "Parameters")):
        return given
    path = state.get("ResultPath", "$")
    if path is None:
        return given
    fields = _fields(path)
    if not fields or not isinstance(given, Record):
        return Unknown()
    others = tuple(entry for entry in given.entries if entry[0] != fields[0])
    return Record((*others, (fields[0], Unknown())), given.partial)


def _parsed(given: Value | None) -> Value:
    """An input as a value: it is written as JSON text."""
    match given:
        case None:
            return Unknown()
        case Literal(str() as text) if len(text) <= _LONGEST:
            try:
                return _value(json.loads(text), _DEEPEST)
            except (ValueError, RecursionError):
                return Unknown()
    return given


def _value(read: Any, depth: int) -> Value:
    match read:
        case str() | int() | float() | bool() | None:
            return Literal(read)
        case dict() if depth > 0:
            return Record(tuple((str(name), _value(one, depth - 1)) for name, one in read.items()))
        case list() if depth > 0:
            return Items(tuple(_value(one, depth - 1) for one in read))
    return Unknown()


# --------------------------------------------------------------------------------------------------


def _holds(rule: Any, given: Value, depth: int) -> Answer:
    """Whether a rule of a Choice state holds."""
    if not isinstance(rule, Mapping) or depth <= 0:
        return None
    match rule:
        case {"Condition": str() as condition}:
            return _jsonata(condition, given)
        case {"And": [*rules]}:
            return all_of(_holds(inner, given, depth - 1) for inner in rules)
        case {"Or": [*rules]}:
            return any_of(_holds(inner, given, depth - 1) for inner in rules)
        case {"Not": inner}:
            return negation(_holds(inner, given, depth - 1))
        case {"Variable": str() as variable}:
            operators = [name for name in rule if name not in ("Variable", "Next", "Comment")]
            if len(operators) == 1 and (fields := _fields(variable)) is not None:
                return _compared(operators[0], rule[operators[0]], *_at(given, fields))
    return None


def _fields(path: Any) -> list[str] | None:
    """The names in a JSONPath of fields, `["a", "b"]` of `$.a.b`; None for any other."""
    if not isinstance(path, str) or not _FIELDS.fullmatch(path):
        return None
    return [plain or quoted for plain, quoted in _FIELD.findall(path)]


def _at(given: Value, fields: Sequence[str]) -> tuple[Value | None, Answer]:
    """(the value there or None, whether that is certain)."""
    value: Value | None = given
    certain: Answer = True
    for name in fields:
        value, certain = field_of(value, name, certain)
    return value, certain


def _compared(operator: str, operand: Any, value: Value | None, certain: Answer) -> Answer:
    if operator == "IsPresent" and isinstance(operand, bool):
        present: Answer = True if value is not None else False if certain else None
        return present if operand else negation(present)
    if value is None:
        return None
    for kind in ("String", "Numeric", "Boolean"):
        test = operator.removeprefix(kind)
        if test != operator:
            return _tested(test, operand, value)
    if operator == "IsNull" and isinstance(operand, bool):
        null = equals(value, Literal(None))
        return null if operand else negation(null)
    return None


def _tested(test: str, operand: Any, value: Value) -> Answer:
    if test == "Equals" and isinstance(operand, str | bool | int | float):
        return equals(value, Literal(operand))
    if test == "Matches" and isinstance(operand, str):
        return fits_wildcard(value, operand)
    sign = {**_COMPARISONS, **_OR_EQUAL}.get(test)
    return None if sign is None or isinstance(operand, str) else numeric(value, [sign, operand])


# --------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>!=|<=|>=|[=<>(),\[\]])"""
    r"""|(?P<path>\$states\.input(?:\.[A-Za-z_]\w*)*)|(?P<word>\$?[A-Za-z_]\w*))"""
)
_CONDITION = re.compile(r"\{%(.*)%\}", re.DOTALL)
_CONSTANTS: Mapping[str, Literal] = {
    "true": Literal(True),
    "false": Literal(False),
    "null": Literal(None),
}


def _jsonata(condition: str, given: Value) -> Answer:
    """Whether a JSONata condition of comparisons, `and`, `or`, `in` and `$not` holds; None for any
    other (docs.jsonata.org).
    """
    inside = _CONDITION.fullmatch(condition.strip())
    tokens = list(_tokens(inside[1])) if inside and len(condition) <= _LONGEST else []
    parser = _Jsonata(tokens, given)
    answer = parser.either(_DEEPEST) if tokens else None
    return answer if parser.at_end and not parser.lost else None


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if found is None:
            yield "other", text[position:]
            return
        yield str(found.lastgroup), found[str(found.lastgroup)]
        position = found.end()


class _Jsonata:
    """Reads one condition; `lost` once something in it was not understood."""

    def __init__(self, tokens: list[tuple[str, str]], given: Value) -> None:
        self._tokens = tokens
        self._given = given
        self._at = 0
        self.lost = False

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self._at >= len(self._tokens)

    def either(self, depth: int) -> Answer:
        """Operands of `or`."""
        return any_of(self._operands("or", lambda: self._every(depth)))

    def _every(self, depth: int) -> Answer:
        return all_of(self._operands("and", lambda: self._comparison(depth)))

    def _operands(self, word: str, operand: Callable[[], Answer]) -> list[Answer]:
        found = [operand()]
        while self._takes(word):
            found.append(operand())
        return found

    def _comparison(self, depth: int) -> Answer:
        if depth <= 0:
            return self._unknown()
        if self._takes("$not") or self._peek() == ("sign", "("):
            negated = self._tokens[self._at - 1 : self._at] == [("word", "$not")]
            if not self._takes("("):
                return self._unknown()
            inner = self.either(depth - 1)
            if not self._takes(")"):
                return self._unknown()
            return negation(inner) if negated else inner
        value, certain = self._operand()
        sign = self._next()[1]
        if sign == "in":
            return any_of(self._equal(value, certain, option) for option in self._list())
        other, _ = self._operand()
        if sign in ("=", "!="):
            same = self._equal(value, certain, other)
            return same if sign == "=" else negation(same)
        if sign in ("<", ">", "<=", ">=") and value is not None and isinstance(other, Literal):
            return numeric(value, [sign, other.value])
        return self._unknown()

    def _equal(self, value: Value | None, certain: Answer, other: Value | None) -> Answer:
        if value is None:
            return False if certain else None
        return None if other is None else equals(value, other)

    def _list(self) -> list[Value | None]:
        found: list[Value | None] = []
        if not self._takes("["):
            self._unknown()
        while not self.at_end and not self._takes("]"):
            found.append(self._operand()[0])
            self._takes(",")
        return found

    def _operand(self) -> tuple[Value | None, Answer]:
        match self._next():
            case ("text", text):
                return Literal(text[1:-1]), True
            case ("number", number):
                return Literal(float(number) if "." in number else int(number[:300])), True
            case ("path", path):
                return _at(self._given, path.split(".")[2:])
            case ("word", word) if word in _CONSTANTS:
                return _CONSTANTS[word], True
        self._unknown()
        return Unknown(), None

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if not self.at_end else ("end", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self._at += 1
        return found

    def _takes(self, word: str) -> bool:
        if self._peek() not in (("word", word), ("sign", word)):
            return False
        self._at += 1
        return True

    def _unknown(self) -> Answer:
        self.lost = True
        return None

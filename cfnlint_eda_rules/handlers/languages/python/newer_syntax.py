"""Syntax of newer Pythons, written so that the oldest supported one can parse it.

A function may run on a newer Python than the linter. What the parser of the running one refuses is
rewritten here, line by line where it stands: fields of f-strings become names, whose expressions
are parsed by themselves (PEP 701, also t-strings, PEP 750); type parameters and `type` statements
lose what is only for type checkers (PEP 695, 696); `except*` reads as `except` (PEP 654), several
exceptions without parentheses get them (PEP 758), lazy imports are imports (PEP 810).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import field

from cfnlint_eda_rules.records import dataclass

LONGEST_TEXT = 300_000
DEEPEST_FIELD = 20
MOST_FIELDS = 5_000

_OPENING, _CLOSING = "([{", ")]}"
_STRING = re.compile(r"((?:[rR][fFtTbB]?|[fFtTbB][rR]?|[uU])?)(\"\"\"|'''|\"|')")
_WORD = re.compile(r"\w+")
_BLANK = re.compile(r"[^\n]")
_DEFINITION = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+\w+[ \t]*(?=\[)")
_TYPE = re.compile(r"type(?=[ \t]+\w+[ \t]*(?:\[|=(?!=)))")
_EXCEPT_STAR = re.compile(r"except[ \t]*\*")
_LAZY = re.compile(r"lazy(?=[ \t]+(?:import|from)[ \t])")


@dataclass(frozen=True, slots=True)
class Field:
    """An expression in a string, and the line it starts in, counted from 0."""

    source: str
    line: int


@dataclass(slots=True)
class _Rewriting:
    text: str
    written: list[str] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    line: int = 0
    counted: int = 0

    def line_of(self, place: int) -> int:
        """The line of a place, which is not before the one last asked for."""
        self.line += self.text.count("\n", self.counted, place)
        self.counted = place
        return self.line


def parse(text: str, older: Callable[[str], ast.Module]) -> ast.Module:
    """The tree of a module in a newer syntax, made of what `older` parses. Raises `SyntaxError`
    for what is no such module.
    """
    if len(text) > LONGEST_TEXT:
        raise SyntaxError("too long to be rewritten")
    return _Fields(older, 0).parsed(text)


class _Fields(ast.NodeTransformer):
    """Puts the expressions of fields where their names stand."""

    def __init__(self, older: Callable[[str], ast.Module], depth: int) -> None:
        if depth > DEEPEST_FIELD:
            raise SyntaxError("fields nest too deep")
        self._older = older
        self._depth = depth
        self._fields: dict[str, Field] = {}

    def parsed(self, text: str) -> ast.Module:
        rewriting = _Rewriting(text)
        _rewrite(rewriting)
        self._fields = rewriting.fields
        tree = self._older("".join([*rewriting.written, "\n"]))
        if self._fields:
            self.visit(tree)
        return tree

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = self._fields.get(node.id)
        if found is None:
            return node
        module = _Fields(self._older, self._depth + 1).parsed(f"({found.source}\n)")
        match module.body:
            case [ast.Expr(value=value)]:
                return ast.increment_lineno(value, found.line)
        raise SyntaxError("a field that is no expression")


def _rewrite(r: _Rewriting) -> None:
    place, depth, starts = 0, 0, True
    while place < len(r.text):
        char = r.text[place]
        end = _statement(r, place) if starts and not depth else place
        if end > place:
            starts, place = False, end
            continue
        string = _STRING.match(r.text, place)
        if string is not None:
            end = _string(r, string)
        elif char == "#":
            end = _line_end(r.text, place)
            r.written.append(r.text[place:end])
        else:
            word = _WORD.match(r.text, place)
            end = word.end() if word is not None else place + (2 if char == "\\" else 1)
            r.written.append(r.text[place:end])
        depth = max(0, depth + (char in _OPENING) - (char in _CLOSING))
        starts = (starts and char in " \t#") or char in "\n;"
        place = end


def _statement(r: _Rewriting, place: int) -> int:
    """Rewrites what a statement starts with; where it goes on, `place` when nothing is to do."""
    text = r.text
    match text[place]:
        case "a" | "d" | "c":
            found = _DEFINITION.match(text, place)
            if found is not None:
                r.written.append(found[0])
                return _blanked(r, found.end(), _bracket_end(text, found.end()))
        case "t":
            found = _TYPE.match(text, place)
            if found is not None:
                return _alias(r, found.end())
        case "l":
            found = _LAZY.match(text, place)
            if found is not None:
                return _skipped(text, found.end())
        case "e":
            return _exceptions(r, place)
    return place


def _alias(r: _Rewriting, place: int) -> int:
    place = _skipped(r.text, place)
    name = _WORD.match(r.text, place)
    end = name.end() if name is not None else place
    r.written.append(r.text[place:end])
    bracket = _skipped(r.text, end)
    if r.text.startswith("[", bracket):
        return _blanked(r, end, _bracket_end(r.text, bracket))
    return end


def _exceptions(r: _Rewriting, place: int) -> int:
    """Rewrites the head of an error handler."""
    if not r.text.startswith("except", place):
        return place
    star = _EXCEPT_STAR.match(r.text, place)
    start = star.end() if star is not None else place + len("except")
    end, several = _head(r.text, start)
    if star is None and not several:
        return place
    head = r.text[start:end]
    r.written.append(f"except ({head.strip()})" if several else f"except {head}")
    return end


def _head(text: str, place: int) -> tuple[int, bool]:
    """Where the head of an error handler ends, and whether it names several exceptions without
    parentheses.
    """
    depth, several = 0, False
    while place < len(text) and text[place] != "\n":
        char = text[place]
        if char == ":" and not depth:
            break
        depth += (char in _OPENING) - (char in _CLOSING)
        several = several or (char == "," and not depth)
        place += 1
    return place, several


def _blanked(r: _Rewriting, start: int, end: int) -> int:
    """Leaves out a part of a statement, not its lines."""
    r.written.append(_BLANK.sub("", r.text[start:end]).replace("\n", "\\\n"))
    return end


def _skipped(text: str, place: int) -> int:
    while text.startswith((" ", "\t"), place):
        place += 1
    return place


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _bracket_end(text: str, place: int) -> int:
    """Where the bracket that opens at `place` is closed."""
    depth = 0
    while place < len(text):
        string = _STRING.match(text, place)
        if string is not None:
            place = _plain_end(text, string)
            continue
        char = text[place]
        if char == "#":
            place = _line_end(text, place)
            continue
        depth += (char in _OPENING) - (char in _CLOSING)
        word = _WORD.match(text, place)
        place = place + 1 if word is None else word.end()
        if not depth:
            break
    return place


# -- strings ---------------------------------------------------------------------------------------


def _string(r: _Rewriting, string: re.Match[str]) -> int:
    prefix = string[1].lower()
    if "f" not in prefix and "t" not in prefix:
        end = _plain_end(r.text, string)
        r.written.append(r.text[string.start() : end])
        return end
    r.written.append(("rf" if "r" in prefix else "f") + string[2])
    return _literal(r, string.end(), string[2], "r" in prefix)


def _plain_end(text: str, string: re.Match[str]) -> int:
    """Where a string without fields ends."""
    place, quote = string.end(), string[2]
    while place < len(text) and not text.startswith(quote, place):
        if len(quote) == 1 and text[place] == "\n":
            break
        place += 2 if text[place] == "\\" else 1
    return min(len(text), place + len(quote))


def _literal(r: _Rewriting, place: int, quote: str, raw: bool) -> int:
    """Rewrites what stands in a string up to its closing quote; the lines that its fields take are
    given back after it.
    """
    text, taken = r.text, 0
    while place < len(text):
        if text.startswith(quote, place):
            r.written.append(quote + "\\\n" * taken)
            return place + len(quote)
        if text.startswith(("{{", "}}"), place) or (text[place] == "\\" and not raw):
            width = text.index("}", place) + 1 - place if text.startswith("\\N{", place) else 2
        elif text[place] == "{":
            end = _field(r, place + 1)
            taken += text.count("\n", place, end)
            place = end
            continue
        else:
            width = 2 if text[place] == "\\" else 1
        r.written.append(text[place : place + width])
        place += width
    raise SyntaxError("a string that does not end")


def _field(r: _Rewriting, place: int) -> int:
    """Puts a name for a field; where its closing brace ends."""
    end = _expression_end(r.text, place)
    source = r.text[place:end].rstrip()
    if source.endswith("=") and not source.endswith(("==", "!=", "<=", ">=")):
        source = source[:-1]
    if len(r.fields) >= MOST_FIELDS or not source:
        raise SyntaxError("no field that is read")
    name = f"__field_{len(r.fields)}__"
    r.fields[name] = Field(source, r.line_of(place))
    r.written.append(f"{{{name}}}")
    return _format_end(r.text, end, 0)


def _expression_end(text: str, place: int) -> int:
    """Where the expression of a field ends: before its conversion, format or closing brace."""
    depth = 0
    while place < len(text):
        string = _STRING.match(text, place)
        if string is not None:
            place = _nested_end(text, string)
            continue
        char = text[place]
        if not depth and (char in ":}" or (char == "!" and not text.startswith("=", place + 1))):
            return place
        if char == "#":
            place = _line_end(text, place)
            continue
        depth += (char in _OPENING) - (char in _CLOSING)
        word = _WORD.match(text, place)
        place = place + 1 if word is None else word.end()
    raise SyntaxError("a field that does not end")


def _nested_end(text: str, string: re.Match[str]) -> int:
    """Where a string in a field ends."""
    prefix = string[1].lower()
    if "f" not in prefix and "t" not in prefix:
        return _plain_end(text, string)
    inner = _Rewriting(text)
    return _literal(inner, string.end(), string[2], "r" in prefix)


def _format_end(text: str, place: int, depth: int) -> int:
    """Where the closing brace of a field ends, its conversion and format, which may have fields,
    before it.
    """
    if depth > DEEPEST_FIELD:
        raise SyntaxError("fields nest too deep")
    while place < len(text):
        if text[place] == "}":
            return place + 1
        if text[place] == "{":
            place = _format_end(text, _expression_end(text, place + 1), depth + 1)
        else:
            place += 1
    raise SyntaxError("a field that does not end")

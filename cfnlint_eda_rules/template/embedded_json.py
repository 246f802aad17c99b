"""Documents written as text in a template: JSON with intrinsic functions between (Fn::Sub,
Fn::Join), as CDK and hand-written templates do.

A document is given back as plain data whose strings are template values again: a string made of a
placeholder and nothing else is the placeholder's own intrinsic function, one with placeholders
between other text an `Fn::Join`.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cfnlint_eda_rules.template.intrinsics import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_TEXT,
    Variable,
    intrinsic,
    sub_pieces,
)

# Placeholders are private-use characters: index into the list of intrinsic functions they stand
# for.
_FIRST = 0xF000
_MOST = 0xF8FF - _FIRST
_PLACEHOLDER = re.compile("[\uf000-\uf8ff]")
_LIMIT = 16 * MAX_TEXT

ReadText = Callable[[str], Any]


def decode(value: Any, read: ReadText | None = None) -> Any:
    """The document a template value is: a mapping or list as it stands, a JSON text parsed; None
    when it is not a document.

    `read` parses the text instead of JSON and raises `ValueError` for what it cannot read.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping) and intrinsic(value) is None:
        return value
    held: list[Any] = []
    text = _text(value, held, 0)
    if text is None or len(text) > _LIMIT:
        return None
    try:
        document = (read or json.loads)(text if read else _quoted(text))
    except (ValueError, RecursionError, OverflowError):
        return None
    return _restore(document, held, MAX_DEPTH * 4) if held else document


def substitute(document: Any, values: Mapping[str, Any]) -> Any:
    """The document with each `${Name}` in its strings replaced by the template value of that name;
    other texts stay as they are.
    """
    return _substitute(document, values, MAX_DEPTH * 4, [MAX_NODES * 2]) if values else document


def _text(value: Any, held: list[Any], depth: int) -> str | None:
    """The value as one text, intrinsic functions in it as placeholders."""
    if depth > 8:
        return None
    if isinstance(value, str):
        return _PLACEHOLDER.sub("?", value)
    match intrinsic(value):
        case ("Fn::Sub", str() as text):
            return _sub(text, {}, held)
        case ("Fn::Sub", [str() as text, *rest]):
            return _sub(text, rest[0] if rest and isinstance(rest[0], Mapping) else {}, held)
        case ("Fn::Join", [str() as delimiter, list() as items]):
            pieces = []
            for item in items:
                piece = (
                    _text(item, held, depth + 1) if isinstance(item, str) or _joins(item) else None
                )
                pieces.append(piece if piece is not None else _hold(item, held))
            return _PLACEHOLDER.sub("?", delimiter).join(pieces)
        case None:
            return None
        case _:
            # A text that is an intrinsic function and nothing else (a parameter) is no document one
            # could read.
            return _hold(value, held) if depth else None


def _joins(value: Any) -> bool:
    call = intrinsic(value)
    return call is not None and call[0] in ("Fn::Join", "Fn::Sub")


def _hold(value: Any, held: list[Any]) -> str:
    if len(held) >= _MOST:
        return "?"
    held.append(value)
    return chr(_FIRST + len(held) - 1)


def _sub(text: str, local: Mapping[str, Any], held: list[Any]) -> str:
    return "".join(
        _hold(local[piece.name] if piece.name in local else reference(piece.name), held)
        if isinstance(piece, Variable)
        else _PLACEHOLDER.sub("?", piece)
        for piece in sub_pieces(text)
    )


def reference(name: str) -> Mapping[str, Any]:
    """What `${name}` of Fn::Sub stands for, as Ref or Fn::GetAtt."""
    owner, dot, attribute = name.partition(".")
    return {"Fn::GetAtt": [owner, attribute]} if dot else {"Ref": name}


def _quoted(text: str) -> str:
    """JSON whose placeholders outside of strings (numbers, whole objects) are strings, so that it
    can be parsed.
    """
    if not _PLACEHOLDER.search(text):
        return text
    out: list[str] = []
    inside = False
    at = 0
    while at < len(text):
        char = text[at]
        if inside and char == "\\":
            out.append(text[at : at + 2])
            at += 2
            continue
        if char == '"':
            inside = not inside
        elif not inside and _PLACEHOLDER.match(char):
            char = f'"{char}"'
        out.append(char)
        at += 1
    return "".join(out)


def _restore(value: Any, held: list[Any], depth: int) -> Any:
    if depth <= 0:
        return None
    match value:
        case str():
            return _join(_pieces(value, held)) if _PLACEHOLDER.search(value) else value
        case dict():
            return {_key(key): _restore(item, held, depth - 1) for key, item in value.items()}
        case list():
            return [_restore(item, held, depth - 1) for item in value]
    return value


def _key(key: Any) -> Any:
    return _PLACEHOLDER.sub("?", key) if isinstance(key, str) else key


def _pieces(text: str, held: list[Any]) -> list[Any]:
    pieces: list[Any] = []
    last = 0
    for found in _PLACEHOLDER.finditer(text):
        pieces.append(text[last : found.start()])
        index = ord(found[0]) - _FIRST
        pieces.append(held[index] if index < len(held) else "?")
        last = found.end()
    pieces.append(text[last:])
    return [piece for piece in pieces if piece != ""]


def _join(pieces: list[Any]) -> Any:
    match pieces:
        case []:
            return ""
        case [only]:
            return only
    return {"Fn::Join": ["", pieces]}


def _substitute(value: Any, values: Mapping[str, Any], depth: int, budget: list[int]) -> Any:
    budget[0] -= 1
    if depth <= 0 or budget[0] <= 0:
        return None
    if isinstance(value, str):
        return _filled(value, values) if "${" in value else value
    if isinstance(value, list):
        return [_substitute(item, values, depth - 1, budget) for item in value]
    if isinstance(value, Mapping):
        return {key: _substitute(item, values, depth - 1, budget) for key, item in value.items()}
    return value


def _filled(text: str, values: Mapping[str, Any]) -> Any:
    pieces = [
        values.get(piece.name, f"${{{piece.name}}}") if isinstance(piece, Variable) else piece
        for piece in sub_pieces(text)
    ]
    return _join(_adjoined(pieces))


def _adjoined(pieces: list[Any]) -> list[Any]:
    """The pieces with neighbouring texts as one and empty ones left out."""
    adjoined: list[Any] = []
    for textual, group in itertools.groupby(pieces, lambda piece: isinstance(piece, str)):
        adjoined += [text for text in ("".join(group),) if text] if textual else group
    return adjoined

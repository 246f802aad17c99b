"""Texts with parts that only the deployment knows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import TypeAlias

from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions
from cfnlint_eda_rules.template.intrinsics import Variable, sub_pieces


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a text only the deployment knows.

    `kind` is "ref" (Ref of a resource), "attribute" (GetAtt), "parameter" (one without default),
    "pseudo", "import", "dynamic" (a dynamic reference) or "unknown"; `name` the logical id,
    parameter, pseudo parameter, export name, the reference's text or the expression as canonical
    JSON.
    """

    kind: str
    name: str
    attribute: str = ""


Parts: TypeAlias = tuple[str | Token, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One text a value can be, and the conditions under which it is that."""

    parts: Parts
    conditions: Conditions = ALWAYS


def merge(parts: Iterable[str | Token]) -> Parts:
    """The same text with adjacent strings joined and empty ones left out."""
    merged: list[str | Token] = []
    for part in parts:
        if isinstance(part, Token):
            merged.append(part)
        elif part and merged and isinstance(merged[-1], str):
            merged[-1] += str(part)
        elif part:
            merged.append(str(part))
    return tuple(merged)


def render(parts: Parts) -> str:
    """The text for people, tokens written as Fn::Sub would: `orders-${Env}`."""
    return "".join(part if isinstance(part, str) else render_token(part) for part in parts)


def render_token(token: Token) -> str:
    match token.kind:
        case "attribute":
            return f"${{{token.name}.{token.attribute}}}"
        case "import":
            return f"${{ImportValue:{token.name}}}"
        case "unknown" | "dynamic":
            return token.name
        case _:
            return f"${{{token.name}}}"


# An ARN is no longer than 2,048 characters; of a name with single-character wildcards, fewer.
_MOST_COMPARED = 65_536


def glob(pattern: str, text: str) -> bool:
    """Whether an IAM pattern of `*` and `?` covers the whole text; in time linear in both, but for
    `?`, which is looked for in texts of the length of names only.
    """
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    if "?" in pattern and len(pattern) * len(text) > _MOST_COMPARED:
        return False
    first, *others = pattern.split("*")
    if not others:
        return len(first) == len(text) and _fits_at(first, text, 0)
    *middle, last = others
    at, end = len(first), len(text) - len(last)
    if end < at or not _fits_at(first, text, 0) or not _fits_at(last, text, end):
        return False
    for piece in middle:
        at = _found(piece, text, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _found(piece: str, text: str, start: int, end: int) -> int:
    if "?" not in piece:
        return text.find(piece, start, end)
    places = range(start, end - len(piece) + 1)
    return next((place for place in places if _fits_at(piece, text, place)), -1)


def _fits_at(piece: str, text: str, place: int) -> bool:
    if "?" not in piece:
        return text.startswith(piece, place)
    part = text[place : place + len(piece)]
    return len(part) == len(piece) and all(
        sign in ("?", other) for sign, other in zip(piece, part, strict=True)
    )


ARN_PART = r"(?:\$\{[^{}]*\}|[^:$]|\$(?!\{))*"
"""A part of an ARN, where colons in tokens are none of its own: one reading of every text."""

# Tokens are single private-use characters while regular expressions look at a text.
_FIRST = 0xE000
_PRIVATE = re.compile("[\ue000-\uf8ff]")


class Encoded:
    """A symbolic text as a plain string, with the way back."""

    __slots__ = ("text", "tokens")

    def __init__(self, parts: Parts) -> None:
        self.tokens = list(dict.fromkeys(part for part in parts if isinstance(part, Token)))[:4096]
        places = {token: chr(_FIRST + index) for index, token in enumerate(self.tokens)}
        self.text = "".join(
            places.get(part, "?") if isinstance(part, Token) else _PRIVATE.sub("?", part)
            for part in parts
        )

    def decode(self, text: str) -> Parts:
        if not self.tokens:
            return (text,) if text else ()
        return merge(
            self.tokens[ord(char) - _FIRST] if _PRIVATE.match(char) else char for char in text
        )


_REFERENCE_STARTS, _REFERENCE_ENDS = "{{resolve:", "}}"


def literal_parts(text: str) -> Parts:
    """A literal text; dynamic references in it are only known at deployment."""
    return with_references((text,) if text else ())


def with_references(parts: Parts) -> Parts:
    """The text with its dynamic references as tokens, whatever they are put together from.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    if not any(isinstance(part, str) and _REFERENCE_STARTS in part for part in parts):
        return parts
    found: list[str | Token] = []
    inside: list[str | Token] | None = None
    for part in parts:
        text = part if isinstance(part, str) else ""
        if isinstance(part, Token):
            (found if inside is None else inside).append(part)
        while text:
            if inside is None:
                before, started, text = text.partition(_REFERENCE_STARTS)
                found.append(before)
                inside = [started] if started else None
            else:
                before, ended, text = text.partition(_REFERENCE_ENDS)
                inside.append(before + ended)
                if ended:
                    found.append(Token("dynamic", render(tuple(inside))))
                    inside = None
    return merge([*found, *(inside or ())])


def may_be(parts: Parts, text: str) -> bool:
    """Whether a symbolic text can be this one, by its known pieces; linear in both."""
    if not any(isinstance(part, Token) for part in parts):
        return render(parts) == text
    at, end = 0, len(text)
    if parts and isinstance(parts[0], str):
        if not text.startswith(parts[0]):
            return False
        at = len(parts[0])
    if parts and isinstance(parts[-1], str):
        if not text.endswith(parts[-1]) or end - len(parts[-1]) < at:
            return False
        end -= len(parts[-1])
    for part in parts[1:-1]:
        if isinstance(part, str):
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
    return True


def parsed(text: str) -> Parts:
    """The symbolic text that `render` gives this text for; what is neither a pseudo parameter, an
    import, an attribute nor a dynamic reference is taken for a parameter.
    """
    return with_references(
        merge(
            _parsed_token(piece.name) if isinstance(piece, Variable) else piece
            for piece in sub_pieces(text)
        )
    )


def _parsed_token(name: str) -> Token:
    kind, found, rest = name.partition(":")
    if found and kind == "ImportValue":
        return Token("import", rest)
    if found and kind == "AWS":
        return Token("pseudo", name)
    owner, dot, attribute = name.partition(".")
    return Token("attribute", owner, attribute) if dot else Token("parameter", name)


_BRACES_OR_COLON = re.compile(r"\{[^{}]*\}|:")


def arn_parts(text: str, most: int) -> list[str]:
    """The first `most` parts of an ARN and the rest of it; colons in tokens separate nothing."""
    colons = (found.start() for found in _BRACES_OR_COLON.finditer(text) if found[0] == ":")
    ends = list(itertools.islice(colons, most))
    starts = [0, *(end + 1 for end in ends)]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]

"""Clients of what is not AWS, as rows: which modules make them, which of their methods read and
which act.

Names are compared without case, underscores and dollar signs: `send_email` of the Python package is
`sendEmail` of the JavaScript one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cfnlint_eda_rules.catalogue import patterns
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass

Row = Mapping[str, Any]

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
# What only opens, closes or prepares says nothing of what follows it.
_OPENING = re.compile(r"(?:\s|\(|--[^\n]*\n|/\*[^*]*\*/)*(\w+)")
_STATEMENTS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("select", "show", "describe", "desc", "explain", "values", "pragma", "table"),
            *("match", "return", "unwind", "optional", "with", "query", "get", "head"),
        ),
        "read",
    ),
    **dict.fromkeys(
        (
            *("begin", "start", "commit", "rollback", "savepoint", "release", "end", "set"),
            *("reset", "use", "listen", "prepare", "deallocate", "discard", "abort", "lock"),
        ),
        "",
    ),
}
_CHANGES = re.compile(
    r"\b(?:insert\s+into|update\s|delete\s|create\s|merge\s|set\s)", re.IGNORECASE
)
_MAY_CHANGE = frozenset({"with", "match", "unwind", "optional"})
DOTTED = frozenset({"python", "java"})
"""The languages that part the names of their modules by dots; others by slashes."""

_LONGEST_STATEMENT = 10_000
READS, WRITES, STARTS = "read", "write", "start"


@dataclass(frozen=True, slots=True)
class Client:
    """One row: what a service's client is called and what its methods do (see `clients.yaml`).

    Methods are keyed by their plain names, the last ones of a path joined by dots.
    """

    name: str
    effects: Mapping[str, str]
    statements: frozenset[str]
    deferred: str
    results: frozenset[str]
    answers: frozenset[str]
    members: frozenset[str]
    asynchronous: frozenset[str]
    verbs: bool

    def effect(self, path: Sequence[str], statement: str | None = None) -> str | None:
        """What the method at the end of a path of names does: "read", "write", "start", "" for
        nothing; None when it is no call.

        `statement` is the text of its statement, as far as it is known.
        """
        names = [plain(name) for name in path[-3:]]
        if self.deferred:
            return self._described(names)
        for length in range(len(names), 0, -1):
            ending = ".".join(names[-length:])
            if ending in self.effects:
                return self.effects[ending]
            if ending in self.statements:
                return effect_of_statement(statement)
        if not path:
            return effect_of_statement(statement) if "()" in self.statements and statement else None
        told = self.verbs and path[-1][:1].islower() and not makes(path[-1])
        return (verb(path[-1]) or None) if told else None

    def _described(self, names: Sequence[str]) -> str | None:
        """The effect of the method that the last one carries out."""
        if names[-1:] != [self.deferred] or len(names) < 2:
            return None
        return self.effects.get(names[-2]) or verb(names[-2]) or READS


def plain(name: str) -> str:
    """A method's name as the rows are compared with it."""
    return name.replace("_", "").replace("$", "").lower()


def effect_of_statement(statement: str | None) -> str:
    """What a statement of a query language does, by the word it begins with: "read", "write" or ""
    for nothing of its own. A statement that is not known is taken to read.
    """
    found = _OPENING.match(statement[:_LONGEST_STATEMENT]) if statement else None
    if statement is None or found is None:
        return READS
    word = found[1].lower()
    if word in _MAY_CHANGE and _CHANGES.search(statement, 0, _LONGEST_STATEMENT):
        return WRITES
    return _STATEMENTS.get(word, WRITES)


@functools.cache
def verb(name: str) -> str:
    """The effect that the first verb in a method's name tells; "" when there is none."""
    verbs = load("clients")["verbs"]
    words = (word.lower() for word in _WORD.findall(name))
    return next((effect for word in words for effect in verbs if word in verbs[effect]), "")


@functools.cache
def makes(name: str) -> bool:
    """Whether a function of this name only makes a client or a part of one."""
    return patterns.begins(load("clients")["makes"], name)


@functools.cache
def configures(name: str) -> bool:
    """Whether a function of this name says how the module's later calls are made."""
    return patterns.begins(load("clients")["configures"], name)


@functools.cache
def client_of(language: str, module: str) -> Client | None:
    """The client that a module of a language makes, by the longest name that covers it; None for
    other modules.
    """
    row = _covering(_rows(language), module, "." if language in DOTTED else "/")
    return _client(row) if row is not None else None


def _covering(rows: Mapping[str, Row], module: str, separator: str) -> Row | None:
    name = module
    while name:
        if name in rows:
            return rows[name]
        shorter = name.rpartition(separator)[0]
        family = f"{shorter}{separator}*" if shorter else ""
        if family in rows:
            return rows[family]
        name = shorter
    first = module.split(separator, 1)[0]
    return next(
        (
            row
            for family, row in rows.items()
            if family.endswith("*") and "/" not in family and first.startswith(family[:-1])
        ),
        None,
    )


@functools.cache
def is_own_module(language: str, module: str) -> bool:
    """Whether a row names exactly this module, or says that it is awaited."""
    rows = _rows(language)
    return module in rows or any(module in row.get("asynchronous", ()) for row in rows.values())


@functools.cache
def _rows(language: str) -> Mapping[str, Row]:
    """The rows by the modules they are of: most clients are never met."""
    return {module: row for row in load("clients")["clients"] for module in row.get(language, ())}


def _client(row: Row) -> Client:
    effects = {
        name: effect
        for column, effect in (
            ("acts", WRITES),
            ("reads", READS),
            ("starts", STARTS),
            ("local", ""),
        )
        for name in _names(row, column)
    }
    return Client(
        name=row["name"],
        effects=effects,
        statements=_names(row, "statements"),
        deferred=row.get("deferred", ""),
        results=_names(row, "results"),
        answers=_names(row, "answers"),
        members=frozenset(row.get("members", ())),
        asynchronous=frozenset(row.get("asynchronous", ())),
        verbs=row.get("verbs", False),
    )


def _names(row: Row, column: str) -> frozenset[str]:
    return frozenset(plain(name) for name in row.get(column, ()))

"""The columns that rows of the catalogue may have, and the words that some of them are taken from.

A misspelt column or word would be passed over in silence where it is used, so rows are checked
where YAML is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from cfnlint_eda_rules.records import dataclass

Place: TypeAlias = tuple[str | int, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LANGUAGES = _words("s3 eventbridge eventsv2 lambda sns logs iot fields events")
_ROLES = _words(
    "trigger destination failure task replication transform enrichment evaluation",
)
# The last is that of the resource which a SAM event names.
_KINDS = _words(
    "api graphql queue topic bucket stream table bus schedule identity logs iot mail kafka broker "
    "workflow pipe alarm repository voice source"
)
_EFFECTS = _words(
    "write start invoke read inference configuration telemetry acknowledge local",
)
_FORMATS = _words("s3 sqs sns eventbridge eventsv2 kinesis dynamodb log invocation")


class CatalogueError(ValueError):
    """A row of the catalogue is not what it may be; names the file, the row and what is wrong."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows at some places of a file: `*` stands for every key and item, `needed` columns are in
    each row, and no other but the `allowed` (None: all are). `words` are the texts that a column is
    one of, `*` any column.
    """

    at: tuple[str, ...]
    needed: frozenset[str]
    allowed: frozenset[str] | None
    words: Mapping[str, frozenset[str]]


def _columns(at: str, needed: str, optional: str = "", **words: frozenset[str]) -> Columns:
    required = _words(needed)
    return Columns(tuple(at.split(" ")), required, required | _words(optional), words)


_LINK = "each decode role kind hints filter enabled when only prefix raw reads own content"
_END = "at types else external form except"
_LINKS = {
    "": ("from to", _LINK, {"role": _ROLES, "kind": _KINDS}),
    " filter": ("language", "at events name scope pattern by every", {"language": _LANGUAGES}),
    " enabled": ("at unless", "missing", {}),
    " from": ("", _END, {}),
    " to": ("", _END, {}),
    " to *": ("", _END, {}),
}


def _links(rows: str) -> tuple[Columns, ...]:
    return tuple(
        _columns(f"{rows}{below}", needed, optional, **words)
        for below, (needed, optional, words) in _LINKS.items()
    )


_FILES: Mapping[str, tuple[Columns, ...]] = {
    "event_sources": (
        _columns(".", "types kinds stands_for rows callers elsewhere silent"),
        *_links("rows * *"),
    ),
    "sam_events": (_columns(".", "function state_machine"), *_links("* * *")),
    "message_formats": (Columns((".",), frozenset(), None, {"*": _FORMATS}),),
    "names": (
        _columns("families *", "types ref arn", "name attributes urls arns characters fixed strip"),
        _columns("qualified *", "family of", "qualifier attribute"),
    ),
    "routes": (
        _columns(
            "routes * *",
            "style kind",
            "api api_types method tree next only key prefix key_default each front match path "
            "field named",
        ),
        _columns("ways *", "next", "only within name"),
        _columns("events *", "style kind api api_types", "implicit method path path_default"),
        _columns("documents *", "style kind body", "file complete"),
        _columns("stages *", "variables", "api api_types"),
    ),
    "states": (_columns("integrations *", "action target", "types each else emits"),),
    "function_roles": (_columns("roles *", "role", "policies"),),
    "sam_policies": (
        _columns("*", "statements", "parameters bundle"),
        _columns("* statements *", "actions resources", "conditional"),
    ),
    "connectors": (
        _columns(".", "types profiles"),
        _columns("profiles * *", "role", "Read Write"),
        *(_columns(f"profiles * * {which} *", "actions resources") for which in ("Read", "Write")),
    ),
    "sdk_names": (_columns(".", "hyphenated aliases signed names"),),
    "services": (_columns("services *", "", "class prefix package"),),
    "operations/": (
        _columns(".", "", "target effects operations"),
        _columns("target", "", "at types default named granted within"),
        _columns(
            "operations *",
            "",
            "effect target polled_by action at types emits name waits answers subject statement "
            "within named default granted",
            effect=_EFFECTS,
        ),
        _columns(
            "operations * emits",
            "",
            "event key detail_type content versioned version each by verbs unless",
        ),
        _columns("operations * waits", "", "parameter unless"),
    ),
}


def checked(name: str, data: Any) -> Any:
    """The data of a file of the catalogue; raises `CatalogueError` for a column it does not know,
    one that is missing, and a word that is none of those a column is taken from.
    """
    for columns in _FILES.get(name) or _FILES.get(f"{name.partition('/')[0]}/", ()):
        for place, row in _rows(data, () if columns.at == (".",) else columns.at, ()):
            _check(f"{name}.yaml, {' '.join(map(str, place)) or 'the whole'}", row, columns)
    return data


def _rows(
    data: Any, at: tuple[str, ...], place: Place
) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    if not at:
        if isinstance(data, Mapping):
            yield place, data
        return
    members: list[tuple[str | int, Any]] = (
        list(data.items())
        if isinstance(data, Mapping)
        else list(enumerate(data))
        if isinstance(data, list)
        else []
    )
    for key, member in members:
        if at[0] in ("*", key):
            yield from _rows(member, at[1:], (*place, key))


def _check(where: str, row: Mapping[str, Any], columns: Columns) -> None:
    if unknown := sorted(set(row) - (columns.allowed or set(row))):
        raise CatalogueError(f"{where}: no column is called {', '.join(unknown)}")
    if missing := sorted(columns.needed - set(row)):
        raise CatalogueError(f"{where}: {', '.join(missing)} must be given")
    for column, words in columns.words.items():
        for given in row if column == "*" else (column,):
            if given in row and row[given] not in words:
                raise CatalogueError(f"{where}: {given} is none of {', '.join(sorted(words))}")

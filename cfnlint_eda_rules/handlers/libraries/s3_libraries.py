"""Libraries that read and write objects of Amazon S3 by their URIs, by the rows of the catalogue
(`s3_libraries.yaml`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.libraries.model import LibraryModule, function, text
from cfnlint_eda_rules.handlers.libraries.sdk import perform

_OPERATIONS = {"write": "WriteUri", "read": "ReadUri", "delete": "DeleteUri"}


def library(language: str, module: str) -> Object | None:
    """The module, or a part of it (`awswrangler.s3`); None for other modules."""
    first, _, rest = module.partition(".")
    rows = load("s3_libraries").get(language, {}).get(first)
    return None if rows is None else _part(first, rows, tuple(rest.split(".")) if rest else ())


def _part(module: str, rows: Mapping[str, Any], path: tuple[str, ...]) -> Native:
    def attribute(name: str, run: Run) -> Object | None:
        return _member(module, rows, (*path, name))

    return LibraryModule(".".join((module, *path)), on_attribute=attribute)


def _member(module: str, rows: Mapping[str, Any], path: tuple[str, ...]) -> Object | None:
    name = ".".join(path)
    if name in rows.get("makes", ()):
        made = _part(module, rows, ())
        return function(name, lambda arguments, run: made)
    if isinstance(row := rows.get(name), dict):
        return function(name, lambda arguments, run: _performed(row, arguments, run))
    below = any(isinstance(known, str) and known.startswith(f"{name}.") for known in rows)
    return _part(module, rows, path) if below else None


def _performed(row: Mapping[str, Any], arguments: Arguments, run: Run) -> Object:
    does = str(row["does"])
    if does == "mode":
        mode = text(arguments.get(row["mode"], row["mode_at"]))
        does = "write" if set(mode) & set("wax+") else "read"
    uri = arguments.get(row["uri"], row["at"]) or Object("uri")
    return perform(run, "s3", _OPERATIONS[does], {"Uri": uri})

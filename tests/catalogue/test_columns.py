"""Rows of the catalogue: every column and word is known, and a slip of the pen is named."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

import cfnlint_eda_rules
from cfnlint_eda_rules.application.links import LinkRole
from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.catalogue.columns import CatalogueError, checked
from cfnlint_eda_rules.catalogue.load import load

CATALOGUE = Path(cfnlint_eda_rules.__file__).parent / "catalogue"
NAMES = sorted(
    path.relative_to(CATALOGUE).with_suffix("").as_posix()
    for path in CATALOGUE.rglob("*.yaml")
    if "compiled" not in path.parts
)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_what_it_may_be(name: str) -> None:
    data = yaml.safe_load((CATALOGUE / f"{name}.yaml").read_text(encoding="utf-8"))
    assert checked(name, data) is data


def slipped(name: str, *place: str | int, old: str, new: str) -> Any:
    data = copy.deepcopy(load(name))
    row = data
    for key in place:
        row = row[key]
    row[new] = row.pop(old)
    return data


@pytest.mark.parametrize(
    ("name", "place", "old", "new", "message"),
    [
        (
            "event_sources",
            ("rows", "AWS::S3::Bucket", 0),
            "filter",
            "filer",
            "event_sources.yaml, rows AWS::S3::Bucket 0: no column is called filer",
        ),
        (
            "event_sources",
            ("rows", "AWS::S3::Bucket", 0),
            "from",
            "each",
            "event_sources.yaml, rows AWS::S3::Bucket 0: from must be given",
        ),
        (
            "operations/s3",
            ("operations", "PutObject"),
            "emits",
            "emit",
            "operations/s3.yaml, operations PutObject: no column is called emit",
        ),
        (
            "names",
            ("families", "queue"),
            "urls",
            "url",
            "names.yaml, families queue: no column is called url",
        ),
    ],
)
def test_a_slip_is_named(
    name: str, place: tuple[str | int, ...], old: str, new: str, message: str
) -> None:
    with pytest.raises(CatalogueError) as raised:
        checked(name, slipped(name, *place, old=old, new=new))
    assert str(raised.value) == message


def test_words_are_those_of_the_model() -> None:
    tables = [load("event_sources")["rows"], *load("sam_events").values()]
    rows = [row for table in tables for listed in table.values() for row in listed]
    assert {row["role"] for row in rows if "role" in row} <= set(LinkRole)
    assert {row["kind"] for row in rows if "kind" in row} <= {*SourceKind, "source"}
    with pytest.raises(CatalogueError, match="language is none of"):
        checked("sam_events", {"function": {"X": [ROW]}, "state_machine": {}})


ROW = {"from": "self", "to": "self", "filter": {"language": "regex"}}

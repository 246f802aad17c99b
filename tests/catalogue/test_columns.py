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
from cfnlint_eda_rules.catalogue import columns
from cfnlint_eda_rules.catalogue.columns import CatalogueError, checked
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import EffectKind

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
    assert set(LinkRole) > columns._ROLES
    assert {*SourceKind, "source"} - {SourceKind.NONE, SourceKind.UNKNOWN} == columns._KINDS
    assert set(EffectKind) == columns._EFFECTS


ROW = {"from": "self", "to": "self"}


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "sam_events",
            {"function": {"X": [{**ROW, "filter": {"language": "regex"}}]}, "state_machine": {}},
            "sam_events.yaml, function X 0 filter: language is none of",
        ),
        (
            "sam_events",
            {"function": {"X": [ROW, {**ROW, "role": "triger"}]}, "state_machine": {}},
            "sam_events.yaml, function X 1: role is none of",
        ),
        (
            "event_sources",
            {**load("event_sources"), "rows": {"AWS::A::B": [{**ROW, "kind": "que"}]}},
            "event_sources.yaml, rows AWS::A::B 0: kind is none of",
        ),
        (
            "operations/sqs",
            {"operations": {"SendMessage": {"effect": "send"}}},
            "operations/sqs.yaml, operations SendMessage: effect is none of",
        ),
        (
            "message_formats",
            {"AWS::S3::Bucket": "s3", "AWS::SQS::Queue": "sgs"},
            "message_formats.yaml, the whole: AWS::SQS::Queue is none of",
        ),
    ],
)
def test_a_misspelt_word_is_named(name: str, data: Any, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        checked(name, data)

"""Ignores with a reason and an end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cases import FIXTURES, lint
from cfnlint_eda_rules import ignores
from cfnlint_eda_rules.ignores import verdict

FOLDER = FIXTURES / "recursive_invocation" / "s3-thumbnail-in-uploads-bucket"
REASON = "The prefix breaks the loop"


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignores, "today", lambda: date(2027, 1, 31))


def resource(*entries: Any) -> dict[str, Any]:
    return {"Metadata": {"cfnlint-eda": {"ignore": list(entries)}}}


def entry(**said: Any) -> dict[str, Any]:
    return {"rule": "W9503", "reason": REASON, "until": "2027-01-31", **said}


@pytest.mark.parametrize("until", ["2027-01-31", "2030-12-01", date(2027, 2, 1)])
def test_an_ignore_holds_through_its_last_day(until: Any) -> None:
    assert verdict(resource(entry(until=until)), "W9503") is None
    assert verdict(resource(entry(until=until)), "W9505") == ""


def test_an_ignore_that_ended_is_said() -> None:
    said = verdict(resource(entry(until="2027-01-30")), "W9503")
    assert said == f" Its ignore ended on 2027-01-30: {REASON}"
    assert verdict(resource(entry(until="2027-01-30"), entry()), "W9503") is None


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"reason": 1}, {"until": ""}, {"until": "soon"}, {"until": 20270131.5}],
)
def test_an_ignore_without_reason_or_end_is_not_heeded(wrong: dict[str, Any]) -> None:
    said = verdict(resource(entry(**wrong)), "W9503")
    assert said is not None
    assert "needs a reason and a day" in said


@pytest.mark.parametrize(
    "odd", [None, [], {"Metadata": 1}, {"Metadata": {"cfnlint-eda": []}}, resource(1, None, [])]
)
def test_metadata_of_any_shape_is_none(odd: Any) -> None:
    assert verdict(odd, "W9503") == ""


@pytest.mark.parametrize(
    ("until", "found"), [("2027-03-01", 0), ('"2027-03-01"', 0), ("2026-01-01", 1)]
)
def test_a_template_says_so_at_its_function(tmp_path: Any, until: str, found: int) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_bytes((FOLDER / "src" / "app.py").read_bytes())
    text = (FOLDER / "template.yaml").read_text(encoding="utf-8")
    ignore = f"{{rule: W9503, reason: {REASON}, until: {until}}}"
    metadata = f"    Metadata:\n      cfnlint-eda:\n        ignore: [{ignore}]\n"
    (tmp_path / "template.yaml").write_text(text + metadata, encoding="utf-8")
    matches = lint(tmp_path / "template.yaml")
    assert [match.rule.id for match in matches] == ["W9503"] * found
    assert all(f"Its ignore ended on 2026-01-01: {REASON}" in match.message for match in matches)

"""Every folder under ``fixtures`` is a test: its findings are those ``expect.json`` lists, and
cfn-lint prints them as before.

``pytest tests/test_fixtures.py --snapshot-update`` writes the snapshots of new or changed cases.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.formatters import JsonFormatter
from pytest_snapshot.plugin import Snapshot

from cases import FIXTURES, ROOT, Case, lint

SNAPSHOTS = Path(__file__).parent / "snapshots"


def blamed(match: Any) -> tuple[str, str]:
    """The rule's id and the function a match is anchored in."""
    path = [str(step) for step in match.path]
    assert path[0] == "Resources", match
    return match.rule.id, path[1]


def names(expected: dict[str, Any]) -> set[tuple[str, str]]:
    """What may be blamed for an expected finding: any function of a loop, otherwise the one
    function.
    """
    return {
        (expected["rule"], function)
        for function in [expected["function"], *expected.get("loop", [])]
    }


def test_findings_are_exactly_the_expected_ones(case: Case) -> None:
    found = lint(case.template.relative_to(ROOT), case.options)
    left = list(found)
    missing = []
    for expected in case.findings:
        match = next((match for match in left if blamed(match) in names(expected)), None)
        if match is None:
            missing.append(expected)
        else:
            left.remove(match)
            assert all(function in match.message for function in expected.get("loop", []))
    assert (missing, [f"{match.rule.id} {match.message}" for match in left]) == ([], [])


def test_cfn_lint_prints_the_same_as_before(case: Case, snapshot: Snapshot) -> None:
    found = lint(case.template.relative_to(ROOT), case.options)
    snapshot.snapshot_dir = SNAPSHOTS / case.anti_pattern
    printed = JsonFormatter().print_matches(found, None, None)
    # The sections of the post that rules name are tested with their pages.
    snapshot.assert_match(re.sub(r'#:~:text=[^"]*', "", printed) + "\n", f"{case.name}.json")


def test_every_snapshot_has_its_case() -> None:
    orphans = [
        path
        for path in SNAPSHOTS.glob("*/*.json")
        if not (FIXTURES / path.parent.name / path.stem / "expect.json").is_file()
    ]
    assert orphans == []


@pytest.mark.parametrize(
    "folder", sorted(FIXTURES.glob("*/*")), ids=lambda folder: f"{folder.parent.name}/{folder.name}"
)
def test_every_folder_says_what_it_expects(folder: Path) -> None:
    assert (folder / "expect.json").is_file()

"""What the tests share: where the project is, the fixture cases in it and how a template is linted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cfnlint.config import ConfigMixIn, ManualArgs
from cfnlint.match import Match
from cfnlint.rules import Rules
from cfnlint.rules.errors import RuleError
from cfnlint.runner import run_template_by_file_path

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "fixtures"


@dataclass(frozen=True)
class Case:
    """A folder ``fixtures/<anti_pattern>/<case>`` with its template and what ``expect.json`` says
    of it.
    """

    anti_pattern: str
    name: str
    template: Path
    findings: tuple[dict[str, Any], ...]
    options: dict[str, dict[str, Any]]


def cases() -> Iterator[Case]:
    """Yield every fixture case, sorted by folder."""
    for expect in sorted(FIXTURES.glob("*/*/expect.json")):
        folder = expect.parent
        expected = json.loads(expect.read_text(encoding="utf-8"))
        (template,) = (
            path
            for path in sorted(folder.iterdir())
            if path.name in ("template.yaml", "template.yml", "template.json")
        )
        yield Case(
            folder.parent.name,
            folder.name,
            template,
            tuple(expected["findings"]),
            expected.get("options", {}),
        )


def lint(template: Path | str, options: dict[str, dict[str, Any]] | None = None) -> list[Match]:
    """Return what the registered rules alone find in ``template``, in the order cfn-lint prints it;
    E0002 where one of them raises.
    """
    config = ConfigMixIn([], **ManualArgs(regions=["us-east-1"], configure_rules=options or {}))
    rules = Rules.create_from_module("cfnlint_eda_rules")
    # cfn-lint reports an exception in a rule only where this rule of its own is in the set.
    rules[RuleError.id] = RuleError()
    matches = run_template_by_file_path(str(template), config, rules, False)
    return sorted(matches, key=lambda match: (match.filename, match.linenumber, match.rule.id))

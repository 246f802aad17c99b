"""The rules' pages: what they say of a fixture is what the fixture expects, and their examples are
templates that deploy and give, or do not give, the finding.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from cfnlint.decode import decode

from cases import ROOT, lint
from cfnlint_eda_rules import registry
from cfnlint_eda_rules.commands.rule_pages import reference
from cfnlint_eda_rules.rule import SOURCE_URL, AntiPatternRule

RULES = [rule for rule in registry.rules().values() if issubclass(rule, AntiPatternRule)]
SECTIONS = [
    "Reported when",
    "Not reported when",
    "Anti-pattern",
    "Best practice",
    "Remedy",
    "When not to heed it",
    "What it cannot know",
    "Options",
]


def sections(rule: type[AntiPatternRule]) -> dict[str, str]:
    parts = re.split(r"^\*\*(.+)\*\*$", reference(rule), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def bullets(rule: type[AntiPatternRule], section: str) -> list[str]:
    return re.split(r"^- ", sections(rule)[section], flags=re.MULTILINE)[1:]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def named(section: str) -> Iterator[tuple[str, str]]:
    for rule in RULES:
        for bullet in bullets(rule, section):
            for fixture in re.findall(r"`fixtures/([\w./-]+)`", bullet):
                yield rule.id, fixture


def reported(fixture: str) -> set[str]:
    expected = json.loads((ROOT / "fixtures" / fixture / "expect.json").read_text("utf-8"))
    return {finding["rule"] for finding in expected["findings"]}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_has_every_section_in_order(rule: type[AntiPatternRule]) -> None:
    assert list(sections(rule)) == SECTIONS
    assert re.search(r"^Since version \d+\.\d+\.\d+\.$", reference(rule), re.MULTILINE)
    for spelling in ("AWS::Serverless::", "CloudFormation", "CDK"):
        assert spelling in reference(rule), spelling


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_its_section_of_the_post(rule: type[AntiPatternRule]) -> None:
    post, _, section = rule.source_url.partition("#:~:text=")
    assert post == SOURCE_URL
    assert unquote(section) == rule.shortdesc


@pytest.mark.parametrize("section", SECTIONS[:2])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_names_no_behaviour_without_a_fixture(
    rule: type[AntiPatternRule], section: str
) -> None:
    found = bullets(rule, section)
    assert len(found) >= 2
    assert [bullet for bullet in found if "`fixtures/" not in bullet] == []


@pytest.mark.parametrize(("rule", "fixture"), list(named("Reported when")))
def test_what_is_reported_is(rule: str, fixture: str) -> None:
    assert rule in reported(fixture)


@pytest.mark.parametrize(("rule", "fixture"), list(named("Not reported when")))
def test_what_is_not_reported_is_not(rule: str, fixture: str) -> None:
    assert rule not in reported(fixture)


def examples() -> Iterator[tuple[str, str, str]]:
    for rule in RULES:
        for section in ("Anti-pattern", "Best practice"):
            for text in blocks(sections(rule)[section], "yaml"):
                yield rule.id, section, text


@pytest.mark.parametrize(
    ("rule", "section", "text"),
    list(examples()),
    ids=lambda value: value if len(value) < 20 else "",
)
def test_the_examples_are_templates_that_give_the_finding_or_none(
    rule: str, section: str, text: str, tmp_path: Path
) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(text, encoding="utf-8")
    _, problems = decode(str(template))
    assert not problems
    found = [match.rule.id for match in lint(template)]
    if section == "Anti-pattern":
        assert rule in found
    else:
        assert found == []


def test_every_page_has_examples_and_speaks_of_both_languages() -> None:
    assert {(rule, section) for rule, section, _ in examples()} == {
        (rule.id, section) for rule in RULES for section in ("Anti-pattern", "Best practice")
    }
    for rule in RULES:
        page = reference(rule)
        assert "python" in page.lower()
        assert re.search(r"nodejs|JavaScript", page)


def test_the_python_of_the_pages_is_python() -> None:
    found = [text for rule in RULES for text in blocks(inspect.getdoc(rule) or "", "python")]
    assert found
    for text in found:
        ast.parse(text)

"""The README: its rule reference is that of the rules, its commands and its output are those of the
project.
"""

from __future__ import annotations

import inspect
import re

import pytest
from cfnlint.rules import CloudFormationLintRule

from cases import ROOT, lint
from cfnlint_eda_rules import registry
from cfnlint_eda_rules.commands.main import main
from cfnlint_eda_rules.commands.rule_pages import END, START, reference, refreshed

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def own() -> list[type[CloudFormationLintRule]]:
    return [
        rule
        for rule in registry.rules().values()
        if rule.__module__.startswith("cfnlint_eda_rules.")
    ]


def command(name: str) -> str:
    """The README's command of that name, which continuous integration runs."""
    found = re.search(rf"<!-- command {name} -->\n```sh\n(.*?)\n```", README, re.DOTALL)
    assert found, name
    return found.group(1)


def test_the_rule_reference_is_up_to_date(own: list[type[CloudFormationLintRule]]) -> None:
    assert refreshed(README, own) == README, (
        "python -m cfnlint_eda_rules.commands.rule_pages README.md"
    )


def test_every_rule_says_what_is_wrong_and_what_is_better(
    own: list[type[CloudFormationLintRule]],
) -> None:
    assert len(own) == 5
    for rule in own:
        page = reference(rule)
        assert inspect.cleandoc(rule.__doc__ or "").partition("\n")[0] in page
        assert page.index("**Anti-pattern**") < page.index("**Best practice**")
        assert re.search(r"^\| `strict` \| boolean \| `false` \| \w.* \|$", page, re.MULTILINE)
        assert rule.source_url in page


def test_a_page_leaves_out_what_the_rule_does_not_say() -> None:
    class Silent(CloudFormationLintRule):
        id = "W9599"

    Silent.__doc__ = None
    assert reference(Silent) == "### W9599 Silent\n"


@pytest.mark.parametrize("text", ["", START, END, f"{END}{START}"])
def test_a_file_without_a_place_for_the_rules_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no place for the rules"):
        refreshed(text, [])


def test_the_commands_are_one_line_each_and_start_from_nothing() -> None:
    for name in ("lint", "test"):
        assert command(name).startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert "\n" not in command(name)


def test_the_output_is_what_the_lint_command_prints() -> None:
    template = command("lint").split()[-1]
    shown = re.search(r"<!-- output lint -->\n```text\n(.*?)\n```", README, re.DOTALL)
    assert shown
    (found,) = lint(template)
    printed = f"{found.rule.id} {found.message} {template}:{found.linenumber}:{found.columnnumber}"
    assert shown.group(1).split() == printed.split()


@pytest.mark.parametrize(("name", "language"), [("graph", "mermaid"), ("explain", "text")])
def test_the_output_of_the_other_commands_is_what_they_print(
    name: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(rf"<!-- output {name} -->\n```{language}\n(.*?)```", README, re.DOTALL)
    assert shown
    assert main(command(name).split()[1:]) == 0
    assert shown.group(1) == capsys.readouterr().out


def test_every_file_the_readme_names_is_there() -> None:
    named = set(re.findall(r"fixtures/[\w./-]+", README))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []

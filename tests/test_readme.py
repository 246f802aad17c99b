"""The README: its rule reference is that of the rules, its commands and its output are those of the
project.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml
from cfnlint.rules import CloudFormationLintRule

from cases import FIXTURES, ROOT, lint
from cfnlint_eda_rules import ignores, registry
from cfnlint_eda_rules.commands.rule_pages import END, START, reference, refreshed

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def own() -> list[type[CloudFormationLintRule]]:
    return [
        rule
        for rule in registry.rules().values()
        if rule.__module__.startswith("cfnlint_eda_rules.")
    ]


def block(mark: str, name: str) -> str:
    """The block after `<!-- mark name -->`."""
    found = re.search(rf"<!-- {f'{mark} {name}'.strip()} -->\n```\w+\n(.*?)```", README, re.DOTALL)
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


# --------------------------------------------------------------------------------------------------

COMMANDS = re.findall(r"<!-- command (\w+) -->", README)
# These two set up an environment: continuous integration runs them (.ci/run).
BY_CI = ["lint", "test"]
EXIT = {"wrong": 1}


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A project as the README's commands take it to be, with what other tools write."""
    for source, target in (
        ("recursive_invocation/s3-thumbnail-in-uploads-bucket", "."),
        ("lambda_monolith/cdk-express-behind-url-of-alias", "cdk.out"),
        ("lambda_monolith/sls-four-methods-one-function", ".serverless"),
        ("lambda_calls_lambda/chalice-deployment-zip", "out"),
    ):
        shutil.copytree(FIXTURES / source, tmp_path / target, dirs_exist_ok=True)
    for source, target in (
        ("cdk.out/template.json", "cdk.out/Photos.template.json"),
        (".serverless/template.json", ".serverless/cloudformation-template-update-stack.json"),
        ("out/template.json", "out/sam.yaml"),
    ):
        (tmp_path / source).rename(tmp_path / target)
    (tmp_path / ".git").mkdir()
    return tmp_path


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a line with this environment's commands first; pip only says what it would do."""
    pip = {"DRY_RUN": "1", "NO_INDEX": "1", "NO_DEPS": "1", "NO_BUILD_ISOLATION": "0"}
    environment = {**os.environ, **{f"PIP_{name}": value for name, value in pip.items()}}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-uo", "pipefail", "-c", line.replace("CHECKOUT", str(ROOT))],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )


def test_every_command_has_a_name() -> None:
    assert README.count("```sh\n") == len(COMMANDS) == len(set(COMMANDS))
    assert set(re.findall(r"<!-- output (\w+) -->", README)) <= set(COMMANDS)
    assert README.count("```text\n") + README.count("```mermaid\n") == README.count(
        "<!-- output "
    ) + len(re.findall(r"^```text\nbefore ", README, re.MULTILINE))


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in BY_CI])
def test_a_command_prints_what_the_readme_shows(name: str, scratch: Path) -> None:
    line = block("command", name).strip()
    done = shell(line, ROOT if "fixtures/" in line else scratch)
    assert done.returncode in ({EXIT[name]} if name in EXIT else {0, 4}), done.stdout
    if f"<!-- output {name} -->" in README:
        assert done.stdout == block("output", name)


def test_the_commands_for_continuous_integration_start_from_nothing() -> None:
    for name in BY_CI:
        line = block("command", name)
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert line.count("\n") == 1


def test_the_output_is_what_the_lint_command_prints() -> None:
    template = block("command", "lint").split()[-1]
    assert shell(f"cfn-lint-eda {template}", ROOT).stdout == block("output", "lint")


def test_the_configuration_configures(scratch: Path) -> None:
    (scratch / ".cfnlintrc").write_text(block("configuration", "").strip(), encoding="utf-8")
    done = shell("cfn-lint --format parseable template.yaml", scratch)
    assert re.findall(r":(\w\d{4}):", done.stdout) == ["W9503"]


@pytest.mark.parametrize(
    ("name", "day", "said"),
    [
        ("ignored", date(2026, 1, 1), []),
        ("ended", date(2026, 4, 30), []),
        ("ended", date(2026, 5, 1), ["The importer moves to its own bucket in spring"]),
    ],
)
def test_the_metadata_ignores(
    name: str, day: date, said: list[str], scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ignores, "today", lambda: day)
    template = scratch / "template.yaml"
    text = template.read_text(encoding="utf-8")
    template.write_text(text + block("metadata", name), encoding="utf-8")
    found = lint(template)
    assert len(found) == len(said)
    assert all(text in match.message for text, match in zip(said, found, strict=True))


def test_the_workflow_pins_its_actions_and_its_command_runs(scratch: Path) -> None:
    workflows = [block("workflow", ""), *(p.read_text("utf-8") for p in ROOT.glob(".github/*/*"))]
    used = [line for text in workflows for line in re.findall(r"uses: (.*)", text)]
    assert [line for line in used if not re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", line)] == []
    steps = yaml.safe_load(block("workflow", ""))["jobs"]["lint"]["steps"]
    (line,) = (step["run"] for step in steps if "cfn-lint-eda" in step.get("run", ""))
    assert shell(line, scratch).returncode == 0
    assert json.loads((scratch / "cfn-lint.sarif").read_text("utf-8"))["runs"][0]["results"]


def test_the_pipeline_writes_its_reports(scratch: Path) -> None:
    script = yaml.safe_load(block("pipeline", ""))["templates"]["script"]
    for line in script:
        if line.startswith("cfn-lint-eda") or (line.startswith("jq") and shutil.which("jq")):
            assert shell(line, scratch).returncode == 0, line
    assert "W9503" in (scratch / "junit.xml").read_text("utf-8")
    if shutil.which("jq"):
        (found,) = json.loads((scratch / "code-quality.json").read_text("utf-8"))
        assert found["check_name"] == "W9503"
        assert {"description", "fingerprint", "severity", "location"} < found.keys()


def test_the_hook_and_the_settings_name_what_is_there() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(block("hook", ""))["repos"][0]["hooks"] == [{"id": hook["id"]}]
    assert json.loads(block("settings", ""))["cfnLint.path"].endswith("/cfn-lint-eda")


def test_the_table_of_options_is_that_of_the_rules(own: list[type[CloudFormationLintRule]]) -> None:
    common = own[0]().config_definition
    for name in ("strict", "read_handlers", "templates"):
        default = json.dumps(common[name]["default"])
        assert f"| `{name}` | `{default}` | {common[name]['description']} |" in README


def test_every_file_the_readme_names_is_there() -> None:
    named = set(re.findall(r"fixtures/[\w./-]+", README))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []

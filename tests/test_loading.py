"""The real cfn-lint executable: every way it loads the rules, every form in which it prints their
findings.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from xml.etree import ElementTree

import pytest

import cfnlint_eda_rules
from cases import FIXTURES, ROOT
from cfnlint_eda_rules import registry

SCRIPTS = Path(sys.executable).parent
RULES = Path(cfnlint_eda_rules.__file__).parent / "rules"
MODULE = ["--append-rules", "cfnlint_eda_rules"]
FOLDER = FIXTURES / "recursive_invocation" / "s3-thumbnail-in-uploads-bucket"
LOOP = FOLDER / "template.yaml"
CLEAN = FIXTURES / "recursive_invocation" / "s3-thumbnail-in-its-own-bucket" / "template.yaml"
ORCHESTRATOR = (
    FIXTURES
    / "applications"
    / "media-transcription-start-job-sleep-and-delete-waiter"
    / "template.yaml"
)
BROAD = FIXTURES / "lambda_calls_lambda" / "strict-go-wildcard-grant" / "template.json"

Template = Callable[[str], Path]


def run(
    *arguments: str | Path, executable: str = "cfn-lint", cwd: Path = FIXTURES
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPTS / executable, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def ids(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The ids of the registered rules in cfn-lint's parseable output, which has no errors in it."""
    found = re.findall(r"^[^:]+(?::\d+){4}:(\w+):", done.stdout, re.MULTILINE)
    assert (done.stderr, [name for name in found if name.startswith("E")]) == ("", [])
    return [name for name in found if name.startswith("W95")]


@pytest.fixture
def changed(tmp_path: Path) -> Template:
    """Copy the looping application with a piece of YAML added at the end of its template."""

    def copy(addition: str) -> Path:
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "app.py").write_bytes((FOLDER / "src" / "app.py").read_bytes())
        template = tmp_path / "template.yaml"
        template.write_text(LOOP.read_text(encoding="utf-8") + addition, encoding="utf-8")
        return template

    return copy


# How the rules are loaded


@pytest.mark.parametrize("rules", ["cfnlint_eda_rules", str(RULES)], ids=["module", "directory"])
def test_appended_rules_find_the_loop(rules: str) -> None:
    done = run("--append-rules", rules, "--format", "parseable", "--template", LOOP)
    assert (ids(done), done.returncode) == (["W9503"], 4)


def test_the_rules_load_in_a_checkout() -> None:
    # The name of the module is that of a folder there, and cfn-lint executes every file below it as
    # a plugin.
    done = run(*MODULE, "--format", "parseable", "--template", LOOP, cwd=ROOT)
    assert (ids(done), done.returncode) == (["W9503"], 4)


def test_without_the_rules_cfn_lint_finds_nothing() -> None:
    done = run("--format", "parseable", "--template", LOOP)
    assert (done.stdout, done.returncode) == ("", 0)


def test_an_application_without_anti_pattern_is_clean() -> None:
    done = run(*MODULE, "--format", "parseable", "--template", CLEAN)
    assert (done.stdout, done.returncode) == ("", 0)


def test_the_rules_are_listed() -> None:
    done = run(*MODULE, "--list-rules")
    listed = dict(re.findall(r"^(\w+): (\S.{10,})$", done.stdout, re.MULTILINE))
    own = {rule.id: rule.shortdesc for rule in registry.rules().values()}
    assert {name: listed.get(name) for name in own} == own


def test_an_option_on_the_command_line() -> None:
    plain = run(*MODULE, "--format", "parseable", "--template", BROAD)
    strict = run(
        *MODULE,
        "--format",
        "parseable",
        "--configure-rule",
        "W9504:strict=true",
        "--template",
        BROAD,
    )
    assert (ids(plain), ids(strict)) == ([], ["W9504"])


def test_a_configuration_file_appends_the_rules(tmp_path: Path) -> None:
    (tmp_path / ".cfnlintrc").write_text("append_rules: [cfnlint_eda_rules]\n", encoding="utf-8")
    assert ids(run("--format", "parseable", "--template", LOOP, cwd=tmp_path)) == ["W9503"]


def test_a_configuration_file_configures_and_ignores(tmp_path: Path) -> None:
    (tmp_path / ".cfnlintrc").write_text(
        "append_rules: [cfnlint_eda_rules]\nconfigure_rules: {W9504: {strict: true}}\nignore_checks: [W9503]\n",
        encoding="utf-8",
    )
    assert ids(run("--format", "parseable", "--template", LOOP, BROAD, cwd=tmp_path)) == ["W9504"]


def test_metadata_of_the_template_ignores_a_rule(changed: Template) -> None:
    template = changed("\nMetadata:\n  cfn-lint:\n    config:\n      ignore_checks: [W9503]\n")
    assert ids(run(*MODULE, "--format", "parseable", "--template", template)) == []


def test_metadata_of_the_template_configures_a_rule(changed: Template) -> None:
    template = changed(
        "\nMetadata:\n  cfn-lint:\n    config:\n      configure_rules: {W9503: {read_handlers: false}}\n"
    )
    assert ids(run(*MODULE, "--format", "parseable", "--template", template)) == []


def test_metadata_of_the_function_ignores_a_rule(changed: Template) -> None:
    template = changed(
        indent("Metadata:\n  cfn-lint:\n    config:\n      ignore_checks: [W9503]\n", "    ")
    )
    assert ids(run(*MODULE, "--format", "parseable", "--template", template)) == []


# The command cfn-lint-eda


def test_the_command_has_the_rules_appended() -> None:
    done = run("--format", "parseable", "--", LOOP, executable="cfn-lint-eda")
    assert (ids(done), done.returncode) == (["W9503"], 4)


def test_the_command_keeps_the_exit_code() -> None:
    done = run(
        "--non-zero-exit-code", "error", "--format", "parseable", LOOP, executable="cfn-lint-eda"
    )
    assert (ids(done), done.returncode) == (["W9503"], 0)


ACME = """
from pathlib import Path

from cfnlint.rules import CloudFormationLintRule, RuleMatch

Path("TRACE").write_text("executed")


class Acme(CloudFormationLintRule):
    id = "W9590"
    shortdesc = description = "Always found"

    def match(self, cfn):
        return [RuleMatch(["Resources"], "found")]
"""


@pytest.mark.parametrize(
    ("configuration", "folder"),
    [
        ("append_rules: [more]\n", "more"),
        ("append_rules: [more]\nmerge_configs: true\n", "more"),
        ("append_rules: [cfnlint_eda_rules]\n", "cfnlint_eda_rules"),
        ("", "cfnlint_eda_rules"),
    ],
)
def test_the_command_runs_nothing_of_the_linted_project(
    tmp_path: Path, configuration: str, folder: str
) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "Acme.py").write_text(ACME, encoding="utf-8")
    (tmp_path / "networkx.py").write_text(ACME, encoding="utf-8")
    if configuration:
        (tmp_path / ".cfnlintrc").write_text(configuration, encoding="utf-8")
    done = run("--format", "parseable", LOOP, executable="cfn-lint-eda", cwd=tmp_path)
    assert re.findall(r"W95\d\d(?=:)", done.stdout) == ["W9503"]
    assert ("more" in done.stderr) == (folder == "more")
    assert not (tmp_path / "TRACE").exists()


def test_the_command_loads_what_its_own_command_line_appends(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "Acme.py").write_text(ACME, encoding="utf-8")
    done = run("-a", "more", "-t", LOOP, "-f", "parseable", executable="cfn-lint-eda", cwd=tmp_path)
    assert ids(done) == ["W9590", "W9503"]


def test_the_command_prefers_an_installed_module_to_a_folder_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "cfnlint" / "rules").mkdir(parents=True)
    (tmp_path / "cfnlint" / "rules" / "Acme.py").write_text(ACME, encoding="utf-8")
    arguments = ["-a", "cfnlint_eda_rules", "-a", "cfnlint.template", "-t", str(LOOP)]
    done = run(*arguments, "-f", "parseable", executable="cfn-lint-eda", cwd=tmp_path)
    assert ids(done) == ["W9503"]


def test_the_other_commands_import_nothing_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "networkx.py").write_text(ACME, encoding="utf-8")
    done = run("explain", "W9503", executable="cfnlint-eda", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "TRACE").exists()) == (0, False)


# Settings that are wrong


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-x", "W9503:stric=true", "-t"], "W9503: it has no option stric"),
        (["-x", "W9503:strict=maybe", "-t"], "W9503: strict must be true or false, not maybe"),
        (["-x", "W9501:max_operations=many", "-t"], "W9501: max_operations must be a whole number"),
        (["-x", "W9599:strict=true", "-t"], "there is no rule W9599 to configure"),
        (["-x", "W9503:strict", "-t"], "RULE:OPTION=VALUE"),
        (["--configure-rule=W9503", "-t"], "RULE:OPTION=VALUE"),
        (["-a", "no_such_module", "-t"], "no_such_module"),
        (["-t"], "--eda-baseline needs the name of a file"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(arguments: list[str], says: str) -> None:
    more = ["--eda-baseline"] if "baseline" in says else []
    done = run(*arguments, LOOP, *more, executable="cfn-lint-eda")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("cfn-lint-eda: ")
    assert says in line


@pytest.mark.parametrize("text", ["a: {", "configure_rules: {W9503: [1]}", "no_such_key: 1"])
def test_the_command_says_in_one_line_what_is_wrong_with_a_file(tmp_path: Path, text: str) -> None:
    (tmp_path / ".cfnlintrc").write_text(text, encoding="utf-8")
    done = run(LOOP, executable="cfn-lint-eda", cwd=tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


def test_cfn_lint_says_in_one_line_what_is_wrong_with_an_option() -> None:
    done = run(*MODULE, "-x", "W9503:stric=true", "-t", LOOP)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "W9503: it has no option stric" in done.stderr


# The baseline


def test_a_baseline_hides_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"

    def findings(*templates: Path) -> tuple[list[str], str]:
        arguments: list[str | Path] = [
            "--eda-baseline",
            baseline,
            "-f",
            "parseable",
            "-t",
            *templates,
        ]
        done = run(*arguments, executable="cfn-lint-eda")
        return re.findall(r"W95\d\d(?=:)", done.stdout), done.stderr

    assert findings(LOOP) == ([], f"cfn-lint-eda: 1 finding written to {baseline}\n")
    assert findings(LOOP) == ([], "")
    assert findings(LOOP, ORCHESTRATOR)[0] == ["W9502", "W9505", "W9505"]
    assert findings(CLEAN) == ([], "")
    baseline.write_text(baseline.read_text(encoding="utf-8").replace("Resize", "Rename"), "utf-8")
    again, said = findings(LOOP)
    assert again == ["W9503"]
    assert "W9503 Rename Uploads -> Rename -> Uploads in" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"findings": [1]}', '{"findings": [{}]}', "[" * 9_000]
)
def test_what_is_no_baseline_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "baseline.json").write_text(text, encoding="utf-8")
    done = run("--eda-baseline=baseline.json", LOOP, executable="cfn-lint-eda", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "baseline.json is no baseline" in line


# How the findings are printed


def test_parseable_names_place_rule_and_message() -> None:
    done = run(*MODULE, "--format", "parseable", "--template", LOOP.relative_to(FIXTURES))
    assert re.fullmatch(
        rf"{re.escape(str(LOOP.relative_to(FIXTURES)))}:\d+:\d+:\d+:\d+:W9503:.*Resize.*\n",
        done.stdout,
    )


def test_json_has_the_source_and_the_path() -> None:
    (found,) = json.loads(run(*MODULE, "--format", "json", "--template", LOOP).stdout)
    assert found["Rule"]["Id"] == "W9503"
    assert found["Rule"]["Source"].startswith("https://")
    assert found["Location"]["Path"][:2] == ["Resources", "Resize"]
    assert found["Level"] == "Warning"


def test_junit_has_a_failed_test_case_for_the_rule() -> None:
    tree = ElementTree.fromstring(run(*MODULE, "--format", "junit", "--template", LOOP).stdout)
    failed = [case for case in tree.iter("testcase") if case.find("failure") is not None]
    assert [case.get("name", "")[:5] for case in failed] == ["W9503"]
    assert sorted(
        case.get("name", "")[:5]
        for case in tree.iter("testcase")
        if case.get("name", "").startswith("W95")
    ) == [f"W950{number}" for number in range(1, 6)]


def test_sarif_is_what_code_scanning_reads() -> None:
    log = json.loads(
        run(*MODULE, "--format", "sarif", "--template", LOOP.relative_to(FIXTURES)).stdout
    )
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    (sarif,) = log["runs"]
    (rule,) = sarif["tool"]["driver"]["rules"]
    assert rule["id"] == "W9503"
    assert rule["helpUri"].startswith("https://aws.amazon.com/")
    assert rule["shortDescription"]["text"]
    assert rule["fullDescription"]["text"]
    (result,) = sarif["results"]
    assert result["ruleId"] == "W9503"
    assert "Resize" in result["message"]["text"]
    (location,) = result["locations"]
    assert (
        location["physicalLocation"]["artifactLocation"]["uri"]
        == LOOP.relative_to(FIXTURES).as_posix()
    )
    region = location["physicalLocation"]["region"]
    assert 1 <= region["startLine"] <= region["endLine"]
    assert region["startColumn"] >= 1


def test_pretty_names_rule_and_message() -> None:
    done = run(*MODULE, "--format", "pretty", "--template", LOOP)
    assert "W9503" in done.stdout
    assert "Resize" in done.stdout
    assert done.returncode == 4


# Rules of other distributions


def distribution(folder: Path, entry: str) -> Path:
    """Write the project of another distribution, with one rule and the entry point ``entry``."""
    (folder / "acme_rules").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        dedent(
            f"""
            [build-system]
            requires = ["hatchling"]
            build-backend = "hatchling.build"

            [project]
            name = "acme-rules"
            version = "1.0"

            [project.entry-points.cfnlint_eda_rules]
            {entry}
            """
        ),
        encoding="utf-8",
    )
    (folder / "acme_rules" / "__init__.py").write_text(
        dedent(
            """
            from cfnlint.rules import CloudFormationLintRule, RuleMatch


            class EveryFunction(CloudFormationLintRule):
                id = "W9590"
                shortdesc = "Every function is found"
                description = "A rule of another distribution"
                source_url = "https://example.com/"
                tags = ["acme"]

                def match(self, cfn):
                    return [RuleMatch(["Resources", name], f"{name} is found") for name in cfn.get_resources(["AWS::Serverless::Function"])]
            """
        ),
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A scratch environment that sees what is installed in this one; the path of its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    theirs = Path(
        subprocess.run(
            [python, "-c", where], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    ours = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (theirs / "parent.pth").write_text(
        "".join(f"import site; site.addsitedir({path!r})\n" for path in ours), encoding="utf-8"
    )
    return python


def install(python: Path, project: Path) -> None:
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "--disable-pip-version-check",
        "install",
        "--quiet",
    ]
    subprocess.run([*pip, "--no-index", "--no-deps", "--no-build-isolation", project], check=True)


def cfn_lint(python: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    start = "from cfnlint.runner import main; main()"
    return subprocess.run(
        [python, "-c", start, *arguments],
        cwd=FIXTURES,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_the_rule_of_another_distribution_runs(tmp_path: Path, environment: Path) -> None:
    install(
        environment, distribution(tmp_path / "acme", 'every-function = "acme_rules:EveryFunction"')
    )
    done = cfn_lint(environment, *MODULE, "--format", "parseable", "--template", LOOP)
    assert sorted(ids(done)) == ["W9503", "W9590"]


def test_a_broken_entry_of_another_distribution_is_named(tmp_path: Path, environment: Path) -> None:
    install(
        environment, distribution(tmp_path / "acme", 'every-function = "acme_rules:NoSuchRule"')
    )
    done = cfn_lint(environment, *MODULE, "--template", LOOP)
    assert done.returncode != 0
    message = "Tried to append rules but got an error: entry point 'every-function' of acme-rules in group 'cfnlint_eda_rules': "
    assert message in done.stdout + done.stderr


# Values of parameters

SAM = """
Transform: AWS::Serverless-2016-10-31
"""
COPY = """
Parameters:
  Target: {Type: String}
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties: {BucketName: uploads, NotificationConfiguration: {LambdaConfigurations: [{Event: "s3:ObjectCreated:*", Function: !GetAtt Worker.Arn}]}}
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: arn:aws:iam::123456789012:role/worker
      Code:
        ZipFile: |
          import os, boto3
          def handler(event, context):
              boto3.client("s3").put_object(Bucket=os.environ["TARGET"], Key="k", Body=b"")
      Environment: {Variables: {TARGET: !Ref Target}}
"""


@pytest.mark.parametrize(
    ("executable", "transform", "way"),
    [
        ("cfn-lint", SAM, "parameters"),
        ("cfn-lint-eda", "", "deployment file"),
        ("cfn-lint-eda", SAM, "parameter file"),
    ],
)
def test_values_of_parameters_are_those_cfn_lint_is_given(
    tmp_path: Path, executable: str, transform: str, way: str
) -> None:
    (tmp_path / "template.yaml").write_text(transform + COPY, encoding="utf-8")
    loaded = ("-a", "cfnlint_eda_rules") if executable == "cfn-lint" else ()
    found = []
    for target in ("uploads", "elsewhere"):
        match way:
            case "parameters":
                given = ["-t", "template.yaml", "--parameters", f"Target={target}"]
            case "deployment file":
                file = tmp_path / "deployment.yaml"
                file.write_text(
                    f"template-file-path: template.yaml\nparameters: {{Target: {target}}}\n",
                    encoding="utf-8",
                )
                given = ["--deployment-files", file.name]
            case _:
                values = [{"ParameterKey": "Target", "ParameterValue": target}]
                (tmp_path / "values.json").write_text(json.dumps(values), encoding="utf-8")
                (tmp_path / ".cfnlintrc").write_text(
                    "templates: [template.yaml]\nparameter_files: [values.json]\n",
                    encoding="utf-8",
                )
                given = []
        arguments = ["-f", "parseable", *given, *loaded]
        found.append(ids(run(*arguments, executable=executable, cwd=tmp_path)))
    assert found == [["W9503"], []]

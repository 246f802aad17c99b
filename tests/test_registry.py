"""The registry: which classes the package exposes, and what it says of a broken entry point."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from cfnlint.rules import Rules

import cfnlint_eda_rules
from cfnlint_eda_rules import registry

PACKAGE = Path(cfnlint_eda_rules.__file__).parent


def install(site: Path, entries: str, source: str = "", name: str = "acme-rules") -> None:
    """Put a distribution with one module, ``acme``, and ``entries`` into the folder ``site``."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{entries}\n", encoding="utf-8")
    (site / "acme.py").write_text(
        "from cfnlint.rules import CloudFormationLintRule\n" + dedent(source), encoding="utf-8"
    )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "acme", raising=False)
    return tmp_path


def test_each_file_of_rules_is_registered_with_one_rule_named_like_it() -> None:
    own = [
        rule
        for rule in registry.load().values()
        if rule.__module__.startswith("cfnlint_eda_rules.")
    ]
    files = {path.stem for path in (PACKAGE / "rules").glob("*.py")} - {"__init__"}
    assert sorted(files) == sorted(rule.__module__.rpartition(".")[2] for rule in own)
    for rule in own:
        named = rule.__module__.rpartition(".")[2].title().replace("_", "")
        assert (rule.__name__, rule.id[:3]) == (named, "W95")


ACME = """
from cfnlint.rules import RuleMatch

class Acme(CloudFormationLintRule):
    "What Acme does not want."
    id = 'W9601'
    shortdesc = 'No resources'
    description = 'There are resources'
    source_url = 'https://acme.example'

    def __init__(self):
        super().__init__()
        self.config_definition = {
            'most': {'type': 'integer', 'default': 0, 'description': 'how many there may be'}
        }

    def match(self, cfn):
        return [RuleMatch(['Resources', name], f'no {name}') for name in cfn.get_resources()]
"""
TEMPLATE = "Resources: {Topic: {Type: AWS::SNS::Topic}}"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("main(['rules'])", "W9505  .*\\nW9601  No resources\\n"),
        ("main(['explain', 'W9601'])", "### W9601 Acme\\n\\n.*What Acme does not want"),
        ("main(['schema'])", '"W9505".*"W9601": {.*"how many there may be"'),
        ("print(refreshed(START + END, rules().values()))", "### W9505 .*### W9601 Acme"),
        ("print(*((match.rule.id, match.path[1]) for match in lint('t.yaml')))", "W9601', 'Topic"),
    ],
    ids=["rules", "explain", "schema", "readme", "fixtures"],
)
def test_a_rule_of_another_distribution_is_everywhere(site: Path, command: str, says: str) -> None:
    install(site, "acme = acme:Acme", ACME)
    (site / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    start = (
        "from cfnlint_eda_rules.commands.main import main\n"
        "from cfnlint_eda_rules.commands.rule_pages import END, START, refreshed\n"
        "from cfnlint_eda_rules.registry import rules\n"
        "from cases import lint\n"
    )
    path = os.pathsep.join([str(site), str(Path(__file__).parent)])
    done = subprocess.run(
        [sys.executable, "-c", start + command],
        cwd=site,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(says, done.stdout, re.DOTALL), done.stdout + done.stderr


def test_the_package_exposes_the_registered_classes_and_no_other_rule() -> None:
    exposed = {
        name
        for name in dir(cfnlint_eda_rules)
        if isinstance(getattr(cfnlint_eda_rules, name), type)
    }
    assert exposed == set(registry.rules())
    assert all(getattr(cfnlint_eda_rules, name) is rule for name, rule in registry.rules().items())


def test_cfn_lint_takes_exactly_the_registered_rules() -> None:
    assert set(Rules.create_from_module("cfnlint_eda_rules")) == {
        rule.id for rule in registry.rules().values()
    }


def test_an_exposed_class_is_an_ordinary_class() -> None:
    for rule in registry.rules().values():
        assert pickle.loads(pickle.dumps(rule)) is rule
        assert isinstance(rule(), rule)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(cfnlint_eda_rules, "NoSuchRule")
    assert not hasattr(cfnlint_eda_rules, "__wrapped__")


def test_importing_a_module_of_the_package_loads_no_rule() -> None:
    check = (
        "import sys, cfnlint_eda_rules.catalogue\n"
        "from cfnlint_eda_rules import commands, handlers\n"
        "print([name for name in sys.modules if name.startswith('cfnlint_eda_rules.r')])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_another_distribution_adds_a_rule(site: Path) -> None:
    install(site, "acme = acme:Acme", "class Acme(CloudFormationLintRule):\n    id = 'W9601'\n")
    assert registry.load()["Acme"].id == "W9601"


def test_a_class_name_used_twice_is_told_apart_by_the_id(site: Path) -> None:
    install(
        site,
        "acme = acme:LambdaMonolith",
        "class LambdaMonolith(CloudFormationLintRule):\n    id = 'W9601'\n",
    )
    rules = registry.load()
    assert (rules["LambdaMonolith"].id, rules["LambdaMonolith_W9601"].id) == ("W9501", "W9601")


@pytest.mark.parametrize(
    ("entry", "source", "reason"),
    [
        (
            "acme_missing:Acme",
            "",
            r"acme_missing:Acme cannot be loaded, ModuleNotFoundError: No module named 'acme_missing'",
        ),
        ("acme:Acme", "", r"acme:Acme cannot be loaded, AttributeError: .*'Acme'"),
        (
            "acme:Acme",
            "raise RuntimeError('out of order')",
            r"acme:Acme cannot be loaded, RuntimeError: out of order",
        ),
        ("acme:Acme", "class Acme: id = 'W9601'", r"acme:Acme is no cfn-lint rule"),
        ("acme:Acme", "def Acme(): pass", r"acme:Acme is no cfn-lint rule"),
        ("acme:CloudFormationLintRule", "", r"acme:CloudFormationLintRule is no cfn-lint rule"),
        (
            "acme:Acme",
            "class Acme(CloudFormationLintRule): pass",
            r"acme:Acme is a cfn-lint rule without an id",
        ),
        (
            "acme:Acme",
            "class Acme(CloudFormationLintRule): id = 'W9501'",
            r"it repeats the rule id W9501 of entry point 'lambda-monolith' of cfnlint-eda-rules",
        ),
    ],
)
def test_a_broken_entry_names_itself_its_distribution_and_the_reason(
    site: Path, entry: str, source: str, reason: str
) -> None:
    install(site, f"acme = {entry}", source)
    with pytest.raises(
        ImportError,
        match=rf"^entry point 'acme' of acme-rules in group 'cfnlint_eda_rules': .*{reason}",
    ):
        registry.load()


def test_a_package_without_metadata_says_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "DISTRIBUTION", "cfnlint-eda-rules-in-a-bare-checkout")
    with pytest.raises(
        ImportError,
        match=r"^cfnlint-eda-rules-in-a-bare-checkout is not installed, .*: install it with pip",
    ):
        registry.load()

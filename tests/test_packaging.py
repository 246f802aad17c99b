"""What is in the wheel, and what the files around the package promise."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from cases import ROOT

PACKAGE = ROOT / "cfnlint_eda_rules"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel built from a copy of the project."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(
        PACKAGE, copy / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    subprocess.run(
        [*pip, "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", out, copy],
        check=True,
    )
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_the_wheel_holds_every_file_of_the_package(wheel: list[str]) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("[!.]*.*")
        if path.is_file() and path.suffix != ".pyc"
    }
    files = {name for name in files if "/." not in name}
    assert {name for name in wheel if ".dist-info/" not in name} == files


def test_the_catalogue_is_package_data(wheel: list[str]) -> None:
    assert any(
        name.startswith("cfnlint_eda_rules/catalogue/") and name.endswith(".yaml") for name in wheel
    )
    assert "cfnlint_eda_rules/py.typed" in wheel


def test_the_wheel_registers_the_rules_and_holds_the_licence(wheel: list[str]) -> None:
    names = {Path(name).name for name in wheel if ".dist-info/" in name}
    assert {"entry_points.txt", "LICENSE"} <= names


def test_the_hook_runs_the_command_on_templates() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["entry"], hook["language"]) == (
        "cfn-lint-eda",
        "cfn-lint-eda",
        "python",
    )

"""What is in the wheel, and what the files around the package promise."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from cases import ROOT
from cfnlint_eda_rules.catalogue import load
from cfnlint_eda_rules.catalogue.load import compile_catalogue

PACKAGE = ROOT / "cfnlint_eda_rules"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel built from a copy of the project."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(
        PACKAGE, copy / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE", ".ci/hatch_build.py"):
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
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
    files = {name for name in files if "/." not in name and "/compiled/" not in name}
    assert {n for n in wheel if ".dist-info/" not in n and "/compiled/" not in n} == files


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


def test_the_catalogue_is_compiled_into_the_wheel(wheel: list[str]) -> None:
    catalogue = "cfnlint_eda_rules/catalogue/"
    sources = {name.removeprefix(catalogue)[:-5] for name in wheel if name.endswith(".yaml")}
    compiled = catalogue + "compiled/"
    assert {n.removeprefix(compiled)[:-5] for n in wheel if n.startswith(compiled)} == sources


def test_a_compiled_file_says_what_its_source_says(tmp_path: Path) -> None:
    for source in (PACKAGE / "catalogue").rglob("*.yaml"):
        target = tmp_path / source.relative_to(PACKAGE / "catalogue")
        target.parent.mkdir(exist_ok=True)
        shutil.copy(source, target)
    compile_catalogue(tmp_path)
    for source in tmp_path.rglob("*.yaml"):
        compiled = tmp_path / "compiled" / source.relative_to(tmp_path).with_suffix(".json")
        said = json.loads(compiled.read_text(encoding="utf-8"))["data"]
        assert said == yaml.safe_load(source.read_text(encoding="utf-8")), source


def test_a_compiled_file_of_another_source_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_FOLDER", tmp_path)
    (tmp_path / "some.yaml").write_text("a: 1", encoding="utf-8")
    compile_catalogue(tmp_path)
    compiled = tmp_path / "compiled" / "some.json"
    compiled.write_text(compiled.read_text(encoding="utf-8").replace("1}", "2}"), encoding="utf-8")
    assert load.load.__wrapped__("some") == {"a": 2}
    (tmp_path / "some.yaml").write_text("a: 3", encoding="utf-8")
    assert load.load.__wrapped__("some") == {"a": 3}

"""Templates that cfn-lint does not read from their own file: standard input, and the temporary
copies that editors make (ALE and Flycheck run in the file's folder, nvim-lint in the project's).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cases import FIXTURES

LOOP = FIXTURES / "recursive_invocation" / "s3-thumbnail-in-uploads-bucket"


def linted(folder: Path, *arguments: str, text: str | None = None) -> str:
    script = str(Path(sys.executable).parent / "cfn-lint-eda")
    done = subprocess.run(
        [script, "--format", "parseable", *arguments],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LOOP, tmp_path / "project"))


def test_standard_input_in_the_templates_folder(project: Path) -> None:
    text = (project / "template.yaml").read_text(encoding="utf-8")
    shown = linted(project, text=text)
    assert "W9503:Uploads -> Resize -> Uploads is a loop" in shown
    assert "src/app.py:23" in shown


@pytest.mark.parametrize("name", ["template.yaml", "flycheck_template.yaml"])
def test_a_temporary_copy(project: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "copies" / name
    copy.parent.mkdir()
    shutil.copy(project / "template.yaml", copy)
    shown = linted(project, str(copy))
    assert "W9503:Uploads -> Resize -> Uploads is a loop" in shown
    assert "src/app.py:23" in shown


def test_a_copy_beside_the_template(project: Path, tmp_path: Path) -> None:
    shutil.copy(project / "template.yaml", project / "flycheck_template.yaml")
    assert "src/app.py:23" in linted(tmp_path, str(project / "flycheck_template.yaml"))


def test_a_copy_far_from_its_code_is_not_judged_by_grants(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(project / "template.yaml", elsewhere)
    assert "W95" not in linted(elsewhere, "template.yaml")
    text = (project / "template.yaml").read_text(encoding="utf-8")
    assert "W95" not in linted(elsewhere, text=text)

"""What may be read: the project's root, and nothing outside it, not even looked up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cfnlint_eda_rules.template import boundary as module
from cfnlint_eda_rules.template.boundary import Boundary, project_root


def written(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


@pytest.mark.parametrize(
    ("names", "template", "expected"),
    [
        (["a/.git", "a/b/package.json"], "a/b/t.yaml", "a"),
        (["a/.git/HEAD"], "a/b/t.yaml", "a"),
        (["a/cdk.json", "a/b/c/x"], "a/b/c/t.yaml", "a"),
        (["a/serverless.yml", "a/b/pyproject.toml"], "a/b/c/t.yaml", "a/b"),
        (["a/x"], "a/b/t.yaml", "a/b"),
    ],
)
def test_the_root_of_the_project(
    tmp_path: Path, names: list[str], template: str, expected: str
) -> None:
    written(tmp_path, *names)
    assert project_root(str(tmp_path / template)) == str(tmp_path.resolve() / expected)


def test_nothing_outside_is_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "project"
    written(root, "a.py", "b/c.py")
    written(tmp_path, "outside/x.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "file.py").symlink_to(tmp_path / "outside/x.py")
    (root / "inner").symlink_to("b")
    (root / "loop").symlink_to("loop")
    asked: list[str] = []
    for name in ("lstat", "stat", "scandir", "readlink"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os,
            name,
            lambda path, *a, r=real, **k: (asked.append(str(path)), r(path, *a, **k))[1],  # type: ignore[func-returns-value]
        )
    boundary = Boundary(str(root))
    paths = [
        "..",
        "../outside/x.py",
        "folder",
        "folder/x.py",
        "file.py",
        "loop",
        "a.py/x",
        "b\0",
        "b/../..",
    ]
    assert not any(
        boundary.is_file(str(root / path)) or boundary.is_folder(str(root / path)) for path in paths
    )
    assert boundary.names(str(root / "folder")) == ()
    assert boundary.real(str(root / "inner/c.py")) == str(root / "b/c.py")
    assert boundary.read(str(root / "inner/c.py")) == b"x"
    assert boundary.names(str(root / "inner")) == ("c.py",)
    assert all(path.startswith(str(root)) for path in asked)


def test_so_much_is_looked_up_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LOOKUPS", 3)
    monkeypatch.setattr(module, "MOST_LISTED", 2)
    written(tmp_path, "a", "b", "c", "d")
    boundary = Boundary(str(tmp_path))
    assert len(boundary.names(str(tmp_path))) == 2
    assert [boundary.is_file(str(tmp_path / name)) for name in "abcd"] == [True, True, True, False]
    assert boundary.is_file(str(tmp_path / "a"))
    assert boundary.exhausted

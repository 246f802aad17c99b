"""Modules that a Python function gets from elsewhere in its project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cfnlint_eda_rules.handlers.reading import locate
from cfnlint_eda_rules.handlers.source.code import Code, Layer


def resolved(
    root: Path, module: str, files: dict[str, str], layers: tuple[str, ...] = ()
) -> str | None:
    for name, text in {"fn/app.py": "", ".git/HEAD": "", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    code = Code("python3.13", "app.handler", None, "fn", layers=tuple(map(Layer, layers)))
    found = locate(str(root / "template.yaml"), code)
    assert found is not None
    located, modules = found
    file = modules.resolve(module, located.entry)
    return None if file is None else os.path.relpath(file, root)


@pytest.mark.parametrize(
    "line",
    [
        "../lib/common",
        "-e ../lib/common",
        "--editable=../lib/common",
        "../lib/common[queue,extra]  # ours",
        "./lib/common",
        "common @ file:../lib/common",
        "common[x] @ file://../lib/common ; python_version > '3'",
        "file:../lib/common",
    ],
)
def test_a_path_in_requirements(tmp_path: Path, line: str) -> None:
    files = {"fn/requirements.txt": f"boto3\n{line}\n", "lib/common/common/store.py": ""}
    assert resolved(tmp_path, "common.store", files) == "lib/common/common/store.py"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            '[tool.poetry.dependencies]\ncommon = { path = "../lib/common", develop = true }',
            "common",
        ),
        ('[tool.uv.sources]\nshared = { path = "../lib/common" }', "src/common"),
        ('[project]\ndependencies = ["common @ file:///${PROJECT_ROOT}/../lib/common"]', "common"),
    ],
)
def test_a_path_in_a_project_description(tmp_path: Path, text: str, place: str) -> None:
    files = {"fn/pyproject.toml": text, f"lib/common/{place}/store.py": ""}
    assert resolved(tmp_path, "common.store", files) == f"lib/common/{place}/store.py"


@pytest.mark.parametrize(
    "text",
    [
        '[tool.setuptools.packages.find]\nwhere = ["code"]',
        '[tool.setuptools]\npackage-dir = { "" = "code" }',
        '[tool.poetry]\npackages = [{ include = "common", from = "code" }]',
        '[tool.hatch.build.targets.wheel]\npackages = ["code/common"]',
    ],
)
def test_where_a_local_package_has_its_modules(tmp_path: Path, text: str) -> None:
    files = {
        "fn/requirements.txt": "-r ../requirements/all.txt",
        "requirements/all.txt": "../lib/common\n-r all.txt",
        "lib/common/pyproject.toml": text,
        "lib/common/code/common/store.py": "",
    }
    assert resolved(tmp_path, "common.store", files) == "lib/common/code/common/store.py"


@pytest.mark.parametrize(
    ("module", "files", "expected"),
    [
        ("fn.store", {"fn/store.py": ""}, "fn/store.py"),
        ("lib.store", {"lib/store.py": ""}, "lib/store.py"),
        ("lib.store", {"lib/deep/__init__.py": "", "lib/store.py": ""}, "lib/store.py"),
        ("store", {"store.py": ""}, "store.py"),
        ("shared.store", {"layers/shared/store.py": ""}, "layers/shared/store.py"),
        ("redis", {"redis/compose.yaml": ""}, None),
        ("redis", {"redis/tool.py": "", "fn/requirements.txt": "Redis==5"}, None),
        ("json", {"json/tool.py": ""}, None),
    ],
)
def test_packages_above_the_code_or_named_like_it(
    tmp_path: Path, module: str, files: dict[str, str], expected: str | None
) -> None:
    assert resolved(tmp_path, module, files, ("layers/shared",)) == expected


def test_requirements_that_name_each_other_end(tmp_path: Path) -> None:
    files = {f"fn/{n}.txt": "-r 1.txt\n-r 2.txt\n-r x/../1.txt\n" * 100 for n in (1, 2)}
    assert resolved(tmp_path, "gone", {"fn/requirements.txt": "-r 1.txt", **files}) is None

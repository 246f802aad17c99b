"""Archives: what is read of them, and that hostile ones are harmless."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from cfnlint_eda_rules.handlers.reading import locate
from cfnlint_eda_rules.handlers.source import archives
from cfnlint_eda_rules.handlers.source.archives import opened
from cfnlint_eda_rules.handlers.source.code import Code

LIMIT = 1000


def packed(path: Path, texts: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, text in texts.items():
            file.writestr(name, text)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_and_folders(tmp_path: Path, method: int) -> None:
    archive = opened(str(packed(tmp_path / "a.zip", {"a.py": "one", "b/c/d.py": "two"}, method)))
    assert archive is not None
    assert archive.folders == {"": ("a.py", "b"), "b": ("c",), "b/c": ("d.py",)}
    assert [archive.read(name, LIMIT) for name in ("a.py", "b/c/d.py", "b", "x")] == [
        b"one",
        b"two",
        None,
        None,
    ]


@pytest.mark.parametrize(
    "name", ["../a.py", "/a.py", "a/../../b.py", "a\\b.py", "x/" * 100 + "a.py"]
)
def test_names_that_lead_out_are_left_out(tmp_path: Path, name: str) -> None:
    archive = opened(str(packed(tmp_path / "a.zip", {name: "x"})))
    assert archive is not None
    assert not archive.members


def test_a_bomb_is_unpacked_no_further_than_the_limit(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.py": " " * 5_000_000})
    archive = opened(str(path))
    assert archive is not None
    assert archive.read("a.py", LIMIT) is None


@pytest.mark.parametrize("content", [b"", b"PK\5\6", b"PK\5\6" + b"\xff" * 18, b"x" * 70_000])
def test_what_is_no_archive_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    archive = opened(str(tmp_path / "a.zip"))
    assert archive is None or not archive.members


def test_a_broken_member_has_no_content(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.py": "print()" * 20})
    content = bytearray(path.read_bytes())
    content[40:50] = b"\xff" * 10
    path.write_bytes(content)
    archive = opened(str(path))
    assert archive is not None
    assert archive.read("a.py", LIMIT) is None


def test_a_directory_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, archives.LARGEST_DIRECTORY + 1, 0, 0)
    (tmp_path / "a.zip").write_bytes(end)
    assert opened(str(tmp_path / "a.zip")) is None


@pytest.mark.parametrize(
    "wanted",
    [
        Code("python3.13", "app.handler", None, "code.zip"),
        Code("python3.13", "app.handler", None, None, asset_path="code.zip"),
    ],
)
def test_code_and_its_modules_are_read_from_an_archive(tmp_path: Path, wanted: Code) -> None:
    packed(tmp_path / "code.zip", {"app.py": "import store", "store.py": "kept = 1"})
    found = locate(str(tmp_path / "template.yaml"), wanted)
    assert found is not None
    located, modules = found
    assert located.shown(located.entry) == "code.zip/app.py"
    store = modules.resolve("store", located.entry)
    assert store is not None
    assert modules.files.read(store) == "kept = 1"

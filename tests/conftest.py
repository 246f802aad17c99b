"""Fixtures that every test has."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

from cases import ROOT, cases

READER = "cfnlint_eda_rules.handlers.reading"

# The test of the editor needs the extension's built language server, which this variable names.
collect_ignore = [] if "CFN_LINT_LANGUAGE_SERVER" in os.environ else ["test_editor.py"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a ``case`` once for each folder under ``fixtures``."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize(
            "case", list(cases()), ids=lambda case: f"{case.anti_pattern}/{case.name}"
        )


@pytest.fixture(autouse=True)
def _every_handler_is_followed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which following a handler raised: users get no finding then, and nobody would
    know.
    """
    caplog.set_level(logging.DEBUG, logger=READER)
    yield
    assert [record.exc_info for record in caplog.get_records("call") if record.name == READER] == []


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Run each test in the project's folder, away from a ``.cfnlintrc`` in the home folder."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))

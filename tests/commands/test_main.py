"""`cfnlint-eda`: the picture and the explanations."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cases import FIXTURES
from cfnlint_eda_rules.commands import graph as picture
from cfnlint_eda_rules.commands.main import main

LOOP = FIXTURES / "recursive_invocation" / "s3-thumbnail-in-uploads-bucket" / "template.yaml"
LOAN = (
    FIXTURES
    / "applications"
    / "loan-backoffice-java-scoped-invoke-and-send-grants"
    / "template.yaml"
)


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_mermaid_highlights_the_loop_and_the_blamed_function(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, drawn, _ = run(capsys, "graph", LOOP)
    assert status == 0
    assert drawn.splitlines()[0] == "flowchart LR"
    assert 'n1("Resize<br/>W9503")' in drawn
    assert 'n1 -->|"s3:PutObject in src/app.py:23"| n0' in drawn
    assert "linkStyle 0,1 stroke" in drawn
    assert "class n1 blamed" in drawn


def test_dot_has_the_same_edges(capsys: pytest.CaptureFixture[str]) -> None:
    _, drawn, _ = run(capsys, "graph", LOOP, "--format", "dot")
    assert '"Uploads" -> "Resize" [label="bucket" color="#dd0000" penwidth=3];' in drawn
    assert drawn.startswith("digraph")
    assert drawn.endswith("}\n")


def test_every_evidence_is_on_an_edge(capsys: pytest.CaptureFixture[str]) -> None:
    _, drawn, _ = run(capsys, "graph", LOAN)
    assert "lambda:InvokeFunction granted by LambdaInvokePolicy" in drawn
    assert "POST /loans" in drawn


def test_svg_without_graphviz_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    status, drawn, problem = run(capsys, "graph", LOOP, "--format", "svg")
    assert (status, drawn) == (2, "")
    assert "install" in problem
    assert "--format mermaid" in problem


def test_svg_is_what_graphviz_draws(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dot = tmp_path / "dot"
    dot.write_text('#!/bin/sh\necho "<svg>"; cat >/dev/null\n', encoding="utf-8")
    dot.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(dot))
    assert run(capsys, "graph", LOOP, "--format", "svg")[:2] == (0, "<svg>\n")
    dot.write_text("#!/bin/sh\ncat >/dev/null; echo no >&2; exit 3\n", encoding="utf-8")
    assert run(capsys, "graph", LOOP, "--format", "svg")[0] == 2


def test_labels_cannot_break_the_picture() -> None:
    drawn = picture.Picture(
        (picture.Node('a"b<c>', "sqs"),), (picture.Edge('a"b<c>', 'a"b<c>', 'x"#'),)
    )
    assert 'n0[["a#quot;b#lt;c#gt;"]]' in picture.mermaid(drawn)
    assert '"a\\"b<c>" -> "a\\"b<c>" [label="x\\"#"];' in picture.dot(drawn)


def test_a_rule_is_explained_by_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    status, page, _ = run(capsys, "explain", "w9503")
    assert status == 0
    assert page.startswith("### W9503 RecursiveInvocation")


def test_a_function_is_explained_by_its_sources_calls_and_findings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, page, _ = run(capsys, "explain", LOOP, "Resize")
    for part in (
        "Uploads (bucket)",
        "s3:PutObject on Uploads at src/app.py:23 (in a loop)",
        "W9503: Uploads -> Resize -> Uploads",
    ):
        assert part in page


def test_a_function_without_source_is_explained_by_its_grants(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, page, _ = run(capsys, "explain", LOAN, "PayoutFunction")
    assert "none that can be read" in page
    assert "`sqs:SendMessage` granted by SQSSendMessagePolicy -> SettlementQueue (granted)" in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("explain", LOOP), "It has Resize"),
        (("explain", LOOP, "Nobody"), "has no function Nobody. It has Resize"),
        (("explain", "W0000"), "neither a rule (W9501, W9502, W9503, W9504, W9505) nor a template"),
        (("explain", "missing.yaml", "Resize"), "is not a file"),
        (("graph", "missing.yaml"), "is not a file"),
    ],
)
def test_what_cannot_be_shown_is_said(
    arguments: tuple[str | Path, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, shown, problem = run(capsys, *arguments)
    assert (status, shown) == (2, "")
    assert says in problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing to draw"),
        ("[1, 2]", "cannot be read"),
        ("a: {", "cannot be read"),
        ("Resources: {}", "nothing to draw"),
    ],
)
def test_an_empty_or_unreadable_template_is_said(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(text, encoding="utf-8")
    status, shown, problem = run(capsys, "graph", template)
    assert (status, shown) == (2, "")
    assert says in problem

"""`cfnlint-eda`: the picture and the explanations."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

import cfnlint_eda_rules
from cases import FIXTURES
from cfnlint_eda_rules import registry
from cfnlint_eda_rules.commands import graph
from cfnlint_eda_rules.commands.main import main
from cfnlint_eda_rules.commands.picture import Edge, Node, Picture

IDS = [rule.id for rule in registry.rules().values()]
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
    assert "--format html" in problem


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
    name = 'a"b<c>'
    drawn = Picture((Node(name, "sqs"),), (Edge(name, name, ('x"#', "%%{init}`&\\")),))
    assert 'n0[["a#quot;b#lt;c#gt;"]]' in graph.mermaid(drawn)
    said = "x#quot;#35;<br/>#37;#37;{init}#96;#amp;#92;"
    assert f'n0 -->|"{said}"| n0' in graph.mermaid(drawn)
    assert r'"a\"b<c>" -> "a\"b<c>" [label="x\"#\n%%{init}`&\\"];' in graph.dot(drawn)


def test_everything_between_two_nodes_is_one_edge_of_few_lines() -> None:
    labels = tuple(f"GET /{name}" for name in "abcde")
    drawn = Picture((Node("Api", ""), Node("Shop", "invocation")), (Edge("Api", "Shop", labels),))
    (line,) = (line for line in graph.mermaid(drawn).splitlines() if "-->" in line)
    assert line.endswith('-->|"GET /a<br/>GET /b<br/>GET /c<br/>and 2 more"| n1')


RESOURCES = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Pages: {Type: AWS::SNS::Topic}
  Watchers: {Type: AWS::SNS::Topic}
  Busy:
    Type: AWS::CloudWatch::Alarm
    Properties: {AlarmActions: [!Ref Pages]}
  Archive: {Type: AWS::SQS::Queue}
  Forward:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Watchers, Protocol: sqs, Endpoint: !GetAtt Archive.Arn}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import boto3, requests
        def handler(event, context):
            requests.post("https://api.example.com/v1/orders", json=event)
            boto3.client("sns").publish(TopicArn="Pages", Message="m")
            requests.get("x\\n::error::\\x1b]<script>")
      Events:
        Job: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}
"""


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    template = tmp_path / "template.yaml"
    template.write_text(RESOURCES, encoding="utf-8")
    return template


@pytest.mark.parametrize("form", ["mermaid", "dot", "html"])
def test_what_no_rule_looks_at_is_drawn_on_demand(
    form: str, busy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, few, _ = run(capsys, "graph", busy, "--format", form)
    _, all_of_it, _ = run(capsys, "graph", busy, "--format", form, "--all")
    for name in ("Busy", "Watchers", "Archive"):
        assert name not in few
        assert name in all_of_it
    assert all("api.example.com" in drawn for drawn in (few, all_of_it))


def test_nothing_printed_can_end_its_line_or_its_markup(
    busy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = [
        run(capsys, "graph", busy)[1],
        run(capsys, "graph", busy, "--format", "dot")[1],
        run(capsys, "graph", busy, "--format", "html")[1],
        run(capsys, "explain", busy, "Work")[1],
        run(capsys, "explain", busy)[1],
    ]
    assert any("::error::" in text for text in shown)
    for text in shown:
        assert [line for line in text.splitlines() if line.lstrip().startswith("::")] == []
        assert "\x1b" not in text
    assert not any("<script" in text for text in (shown[0], shown[2]))


def test_a_page_holds_picture_findings_evidence_and_coverage_of_all_templates(
    busy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, shown, _ = run(capsys, "graph", LOOP, busy, LOAN, "--format", "html")
    assert status == 0
    # Well-formed but for the doctype and the void element.
    tree = ElementTree.fromstring(
        shown.split("\n", 1)[1]
        .replace('<meta charset="utf-8">', "")
        .replace("style-src 'unsafe-inline'\">", "style-src 'unsafe-inline'\"/>")
    )
    assert [title.text for title in tree.iter("h2")] == [str(LOOP), str(busy), str(LOAN)]
    assert "edge loop" in shown
    text = " ".join(tree.itertext())
    for part in (
        "s3:PutObject in src/app.py:23",
        "Uploads -> Resize -> Uploads is a loop",
        "python, src/app.py",
        "java21; com.example.loans.PayoutHandler was not found, looked for in",
    ):
        assert part in text
    assert not re.search(r"(src|href)=|@import|url\((?!#tip)|<script", shown)


def test_only_a_page_takes_several_templates(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, problem = run(capsys, "graph", LOOP, LOAN)
    assert (status, problem) == (2, "Several templates make one page: use --format html.\n")


def test_the_rules_the_version_and_the_schema_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, rules, _ = run(capsys, "rules")
    assert [line.partition(" ")[0] for line in rules.splitlines()] == sorted(IDS)
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert re.fullmatch(r"cfnlint-eda-rules \S+ \(cfn-lint \S+\)\n", capsys.readouterr().out)
    shipped = Path(cfnlint_eda_rules.__file__).parent / "cfnlintrc.schema.json"
    assert run(capsys, "schema")[1] == shipped.read_text(encoding="utf-8")


def test_a_template_is_explained_by_what_was_read_of_each_function(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, shown, _ = run(capsys, "explain", LOAN)
    assert shown.splitlines()[0] == f"{LOAN}: 8 functions"
    assert (
        "  - PayoutFunction: unread (W9503): java21; com.example.loans.PayoutHandler was not found, "
        "looked for in .aws-sam/build/PayoutFunction/com/example/loans/PayoutHandler, "
    ) in shown
    assert "  - LoanStatusFunction: read (no finding): javascript, portal/status.js" in shown


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
    assert "Source: com.example.loans.PayoutHandler was not found, looked for in " in page
    assert "so only grants that name an action and a resource count" in page
    assert "`sqs:SendMessage` granted by SQSSendMessagePolicy -> SettlementQueue (granted)" in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("explain", LOOP, "Nobody"), "has no function Nobody. It has Resize"),
        (("explain", "W0000"), f"neither a rule ({', '.join(sorted(IDS))}) nor a template"),
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


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("library-without-a-model", "what cloudpathlib calls is not known"),
        (
            "missing-module",
            "summaries.store of src/app.py was not found, looked for in src/summaries/store",
        ),
    ],
)
def test_what_was_not_seen_of_a_function_is_named_with_where_it_was_looked_for(
    folder: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    template = FIXTURES / "recursive_invocation" / f"read-in-part-{folder}" / "template.yaml"
    of_all = run(capsys, "explain", template)[1]
    assert f"  - Summarize: read in part (W9503): python, src/app.py; {says}\n" in of_all
    assert f"Not seen:\n  - {says}\n" in run(capsys, "explain", template, "Summarize")[1]

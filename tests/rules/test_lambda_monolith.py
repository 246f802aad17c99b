"""W9501: when it reports, where, and what it says."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.handlers.facts import Mount, Source
from cfnlint_eda_rules.rule import Finding
from cfnlint_eda_rules.rules.lambda_monolith import LambdaMonolith
from cfnlint_eda_rules.template.documents import read_document

SHOP = """
Resources:
  Shop:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: shop.handler
      CodeUri: src/
      {more}
      Events:
        {events}
"""


class Read(Application):
    """An application whose functions' source is given."""

    known: Source | None = None

    def source(self, function_id: str) -> Source | None:
        return self.known


def findings(
    events: str, more: str = "Timeout: 3", source: Source | None = None, **options: Any
) -> list[Finding]:
    application = Read(
        read_document(None, dedent(SHOP.format(events=events, more=more)), inline=True),
        read_handlers=False,
    )
    application.known = source
    rule = LambdaMonolith()
    rule.config.update(options)
    return list(rule.findings(application))


def api(*operations: str) -> str:
    events = []
    for index, operation in enumerate(operations):
        method, path = operation.split()
        events.append(
            f"E{index}: {{Type: HttpApi, Properties: {{Method: {method}, Path: '{path}'}}}}"
        )
    return f"{{{', '.join(events)}}}"


FOUR = api("GET /a", "POST /a", "GET /b", "POST /b")
KINDS = (
    "{A: {Type: HttpApi, Properties: {Path: /a, Method: GET}}, B: {Type: SQS, Properties: {Queue: q}}, "
    "C: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}}"
)
URL = "FunctionUrlConfig: {AuthType: NONE}"
FLASK = Source("python", ("shop.py",), (), (Mount("Flask", 4, "shop.py", 7),))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        pytest.param(
            findings(api("ANY /{proxy+}")),
            "behind the catch-all route `ANY /{proxy+}` of ServerlessHttpApi",
            id="catch-all",
        ),
        pytest.param(
            findings(FOUR),
            "serves 4 operations (`GET /a`, `POST /a`, `GET /b` and `POST /b`)",
            id="operations",
        ),
        pytest.param(
            findings(KINDS), "3 kinds of event source (API, queue and schedule)", id="kinds"
        ),
        pytest.param(
            findings("{}", URL, FLASK),
            "holds a Flask application with 4 routes (`shop.py:7`)",
            id="framework",
        ),
        pytest.param(
            findings("{}", "Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap}}"),
            "behind the Lambda Web Adapter",
            id="web-adapter",
        ),
    ],
)
def test_reports_once_with_the_evidence(found: list[Finding], says: str) -> None:
    assert len(found) == 1
    assert found[0].path[:2] == ("Resources", "Shop")
    assert says in found[0].message
    assert "one function per task" in found[0].message


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(
            findings(api("GET /a", "POST /a", "GET /b")), id="as-many-operations-as-allowed"
        ),
        pytest.param(findings(FOUR, max_operations=4), id="operations-option"),
        pytest.param(findings(KINDS, max_event_source_kinds=3), id="kinds-option"),
        pytest.param(findings("{}", URL), id="url-alone"),
        pytest.param(
            findings("{}", URL, Source("python", (), (), (Mount("Flask", 1, "shop.py", 7),))),
            id="one-route",
        ),
        pytest.param(findings(api("GET /a"), source=FLASK), id="framework-behind-explicit-routes"),
    ],
)
def test_says_nothing(found: list[Finding]) -> None:
    assert found == []


def test_is_anchored_in_the_event_that_takes_everything() -> None:
    found = findings(api("GET /a", "ANY /{proxy+}"))
    assert found[0].path == ("Resources", "Shop", "Properties", "Events", "E1")


def test_says_what_makes_it_harder() -> None:
    found = findings(FOUR, "Policies: [AdministratorAccess]")
    assert "AdministratorAccess" in found[0].message

"""What decisions tell of the calls that they hang on."""

from __future__ import annotations

import pytest

from cfnlint_eda_rules.handlers.answers import continues, tells_failure
from cfnlint_eda_rules.handlers.facts import Guard


@pytest.mark.parametrize(
    ("guard", "fails"),
    [
        (Guard("call.GET#1.ok", False), True),
        (Guard("call.GET#1.ok", True), False),
        (Guard("call.GET#1.status_code", 429), True),
        (Guard("call.GET#1.status_code", 429, False), False),
        (Guard("call.GET#1.status_code", 200, False), True),
        (Guard("call.GET#1.status_code", 202, False), False),
        (Guard("call.GET#1.status >= 400", True), True),
        (Guard("call.GET#1.status < 300", False), True),
        (Guard("dynamodb.BatchWriteItem#1.UnprocessedItems", True), True),
        (Guard("call.GET#1.data.isError | True", True), True),
        (Guard("glue.GetJobRun#1['JobRun']['JobRunState']", "RUNNING"), False),
        (Guard("event.ok", False), False),
    ],
)
def test_failures(guard: Guard, fails: bool) -> None:
    assert tells_failure(guard) is fails


def test_continuations() -> None:
    assert continues("LastEvaluatedKey")
    assert not continues("Items")

"""How messages name what only the deployment knows."""

from __future__ import annotations

from typing import Any

import pytest

from cfnlint_eda_rules.application.naming import construct_path, label
from cfnlint_eda_rules.template.references import External


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orders", "orders"),
        ("event-bus/default", "the default event bus"),
        ("arn:aws:sqs:eu-west-1:111122223333:orders", "orders"),
        ("${QueueArn}", "parameter QueueArn"),
        ("orders-${Stage}", "orders-<Stage>"),
        ("${AWS::StackName}-orders", "<AWS::StackName>-orders"),
        ("${ImportValue:orders-arn}", "export orders-arn"),
        ("${ImportValue:orders}/done", "<orders>/done"),
        ("${Child.Outputs.Queue}", "Child.Outputs.Queue"),
        ("{{resolve:ssm:/shop/${Stage}/queue}}", "stored parameter /shop/<Stage>/queue"),
        ("{{resolve:secretsmanager:shop:SecretString:url}}", "secret shop:SecretString:url"),
        ('{"Fn::GetAZs":""}', "a queue known only at deployment"),
        ("", "a queue known only at deployment"),
    ],
)
def test_external_things_are_named_without_placeholders(text: str, expected: str) -> None:
    assert label(External(text), "queue") == expected


def test_resources_are_named_by_logical_id() -> None:
    assert label("Orders") == "Orders"
    assert label(None, "queue") == "a queue known only at run time"


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"Metadata": {"aws:cdk:path": "Shop/Relay/Resource"}}, "Shop/Relay"),
        ({"Metadata": {"aws:cdk:path": "Shop/Relay"}}, "Shop/Relay"),
        ({"Metadata": {"aws:cdk:path": ["Shop"]}}, ""),
        ({"Metadata": "aws:cdk:path"}, ""),
        ({}, ""),
    ],
)
def test_construct_paths(resource: dict[str, Any], expected: str) -> None:
    assert construct_path(resource) == expected

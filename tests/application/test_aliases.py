"""What a reference to a stand-in ends at."""

from typing import Any

import pytest

from cfnlint_eda_rules.application.aliases import follow
from cfnlint_eda_rules.template.references import Reference, References

RESOURCES: dict[str, Any] = {
    "Pool": {"Type": "AWS::Cognito::UserPool"},
    "Client": {
        "Type": "AWS::Cognito::UserPoolClient",
        "Properties": {"UserPoolId": {"Ref": "Pool"}},
    },
    "Store": {"Type": "AWS::S3::Bucket"},
    "Point": {"Type": "AWS::S3::AccessPoint", "Properties": {"Bucket": {"Ref": "Store"}}},
    "Flow": {"Type": "AWS::StepFunctions::StateMachine"},
    "Version": {
        "Type": "AWS::StepFunctions::StateMachineVersion",
        "Properties": {"StateMachineArn": {"Ref": "Flow"}},
    },
    "Live": {
        "Type": "AWS::StepFunctions::StateMachineAlias",
        "Properties": {
            "RoutingConfiguration": [{"StateMachineVersionArn": {"Ref": "Version"}, "Weight": 100}]
        },
    },
    "Itself": {"Type": "AWS::S3::AccessPoint", "Properties": {"Bucket": {"Ref": "Itself"}}},
    "Empty": {"Type": "AWS::S3::AccessPoint"},
    "Odd": {"Type": {"Ref": "Pool"}, "Properties": []},
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Client", "Pool"),
        ("Point", "Store"),
        ("Live", "Flow"),
        ("Store", "Store"),
        ("Itself", "Itself"),
        ("Empty", "Empty"),
        ("Odd", "Odd"),
        ("Missing", "Missing"),
    ],
)
def test_follow(name: str, expected: str) -> None:
    references = References({"Resources": RESOURCES}, None)
    assert follow(Reference(name, frozenset()), RESOURCES, references) == [(expected, frozenset())]

from __future__ import annotations

from typing import Any

import pytest

from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.permissions import Permissions
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.symbolic_text import render

QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}
BUCKET = {"Fn::GetAtt": ["Bucket", "Arn"]}
OBJECTS = {"Fn::Sub": "${Bucket.Arn}/*"}
TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
DEFAULT_BUS = External("event-bus/default")
RESOURCES = {
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}},
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "uploads-eu"}},
    "Table": {"Type": "AWS::DynamoDB::Table"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Bus": {"Type": "AWS::Events::EventBus"},
    "Other": {"Type": "AWS::Serverless::Function", "Properties": {"FunctionName": "other"}},
}


def permissions(resources: Any) -> Any:
    template = {"Resources": {**RESOURCES, **resources}}
    references = References(template)
    return Permissions(template, references, Functions(template, references))


def allow(action: Any, resource: Any, **more: Any) -> Any:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any, **more: Any) -> Any:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def role(*statements: Any, arns: Any = ()) -> Any:
    policies = [
        {
            "PolicyName": "p",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)},
        }
    ]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"Policies": policies, "ManagedPolicyArns": list(arns)},
    }


def plain(*statements: Any, arns: Any = ()) -> Any:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    return permissions({"Fn": function, "Role": role(*statements, arns=arns)})


def sam(*policies: Any, **properties: Any) -> Any:
    return permissions(
        {
            "Fn": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Policies": list(policies), **properties},
            }
        }
    )


def scopes(grants: Any) -> Any:
    return [
        (grant.resource and (grant.resource.target, render(grant.resource.rest)), grant.scope)
        for grant in grants
    ]


@pytest.mark.parametrize(
    ("statement", "action", "expected"),
    [
        (allow("sqs:SendMessage", QUEUE), "sqs:SendMessage", [(("Queue", ""), "granted")]),
        (allow("SQS:sendmessage", QUEUE), "sqs:SendMessage", [(("Queue", ""), "granted")]),
        (allow(["sqs:SendMessage"], "arn:aws:sqs:*:*:orders"), "sqs:SendMessage", [(("Queue", ""), "granted")]),
        (allow("sqs:*", QUEUE), "sqs:SendMessage", [(("Queue", ""), "broad")]),
        (allow("sqs:Send*", QUEUE), "sqs:SendMessage", [(("Queue", ""), "broad")]),
        (allow("sqs:SendMessage", "*"), "sqs:SendMessage", [(None, "broad")]),
        (allow("*", "*"), "sqs:SendMessage", [(None, "broad")]),
        (allow("sqs:SendMessage", "arn:aws:sqs:*:*:*"), "sqs:SendMessage", [(None, "broad")]),
        (allow("sqs:SendMessage", "arn:aws:sqs:*:*:ord*"), "sqs:SendMessage", [(("Queue", "*"), "broad")]),
        (allow("sqs:SendMessage", "arn:aws:sqs:*:*:order?"), "sqs:SendMessage", [(("Queue", ""), "broad")]),
        (allow("sqs:SendMessage", "arn:aws:sqs:*:*:orders?"), "sqs:SendMessage", [((External("arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:orders?"), ""), "broad")]),
        (allow("sqs:SendMessag?", QUEUE), "sqs:SendMessage", [(("Queue", ""), "broad")]),
        (allow("s3:PutObject", "arn:aws:s3:::uploads-??/*"), "s3:PutObject", [(("Bucket", "/*"), "broad")]),
        (allow("s3:PutObject", {"Fn::Sub": "${Bucket.Arn}/out/?"}), "s3:PutObject", [(("Bucket", "/out/?"), "granted")]),
        (allow("sqs:ReceiveMessage", QUEUE), "sqs:SendMessage", []),
        (allow("s3:PutObject", OBJECTS), "s3:PutObject", [(("Bucket", "/*"), "granted")]),
        (allow("s3:PutObject", {"Fn::Sub": "${Bucket.Arn}/out/*"}), "s3:PutObject", [(("Bucket", "/out/*"), "granted")]),
        (allow("s3:PutObject", BUCKET), "s3:PutObject", []),
        (allow("s3:PutObject", {"Fn::Sub": "arn:aws:s3:::${Bucket}*"}), "s3:PutObject", [(("Bucket", "*"), "granted")]),
        (allow("s3:PutObject", "arn:aws:s3:::uploads-*"), "s3:PutObject", [(("Bucket", "*"), "broad")]),
        (allow("s3:PutObject", "arn:aws:s3:::*/*"), "s3:PutObject", [(None, "broad")]),
        (allow("s3:Put*", OBJECTS), "s3:PutObject", [(("Bucket", "/*"), "broad")]),
        (allow("s3:PutObject", "arn:aws:s3:::elsewhere/*"), "s3:PutObject", [((External("arn:aws:s3:::elsewhere"), "/*"), "granted")]),
        (allow(["s3:PutObject", "sqs:SendMessage"], [OBJECTS, QUEUE]), "sqs:SendMessage", [(("Queue", ""), "granted")]),
        (allow("dynamodb:PutItem", [TABLE, {"Fn::Sub": "${Table.Arn}/index/*"}]), "dynamodb:PutItem", [(("Table", ""), "granted")]),
        (allow("lambda:InvokeFunction", {"Fn::Sub": "${Other.Arn}:*"}), "lambda:InvokeFunction", [(("Other", ":*"), "granted")]),
        (allow("lambda:InvokeFunction", {"Ref": "Alias"}), "lambda:InvokeFunction", [(("Other", ""), "granted")]),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": QUEUE}, "sqs:SendMessage", [(("Queue", ""), "broad")]),
        ({"Effect": "Allow", "NotAction": "sqs:*", "Resource": QUEUE}, "sqs:SendMessage", []),
        ({"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": QUEUE}, "sqs:SendMessage", [(None, "broad")]),
    ],
)  # fmt: skip
def test_one_statement(statement: Any, action: Any, expected: Any) -> None:
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Other"}}}
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    found = permissions({"Fn": function, "Role": role(statement), "Alias": alias})
    assert scopes(found.grants("Fn", action)) == expected


@pytest.mark.parametrize(
    ("policy", "action", "expected"),
    [
        ({"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": ["Queue", "QueueName"]}}}, "sqs:SendMessage", [(("Queue", ""), "granted")]),
        ({"SNSPublishMessagePolicy": {"TopicName": {"Fn::GetAtt": ["Topic", "TopicName"]}}}, "sns:Publish", [(("Topic", ""), "granted")]),
        ({"S3WritePolicy": {"BucketName": {"Ref": "Bucket"}}}, "s3:PutObject", [(("Bucket", "/*"), "granted")]),
        ({"S3CrudPolicy": {"BucketName": "uploads-eu"}}, "s3:PutObject", [(("Bucket", "/*"), "broad")]),
        ({"S3FullAccessPolicy": {"BucketName": {"Ref": "Bucket"}}}, "s3:DeleteObject", [(("Bucket", "/*"), "broad")]),
        ({"DynamoDBWritePolicy": {"TableName": {"Ref": "Table"}}}, "dynamodb:PutItem", [(("Table", ""), "granted")]),
        ({"DynamoDBCrudPolicy": {"TableName": {"Ref": "Table"}}}, "dynamodb:PutItem", [(("Table", ""), "broad")]),
        ({"DynamoDBReadPolicy": {"TableName": {"Ref": "Table"}}}, "dynamodb:PutItem", []),
        ({"LambdaInvokePolicy": {"FunctionName": {"Ref": "Other"}}}, "lambda:InvokeFunction", [(("Other", "*"), "granted")]),
        ({"LambdaInvokePolicy": {"FunctionName": "other"}}, "lambda:InvokeFunction", [(("Other", "*"), "granted")]),
        ({"EventBridgePutEventsPolicy": {"EventBusName": "default"}}, "events:PutEvents", [((DEFAULT_BUS, ""), "granted")]),
        ("AmazonSQSFullAccess", "sqs:SendMessage", [(None, "broad")]),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaRole", "lambda:InvokeFunction", [(None, "broad")]),
        ("AWSLambdaBasicExecutionRole", "logs:PutLogEvents", []),
        ({"Statement": [allow("sqs:SendMessage", QUEUE)]}, "sqs:SendMessage", [(("Queue", ""), "granted")]),
        ({"NoSuchPolicy": {"QueueName": "orders"}}, "sqs:SendMessage", []),
    ],
)  # fmt: skip
def test_sam_policies(policy: Any, action: Any, expected: Any) -> None:
    assert scopes(sam(policy).grants("Fn", action)) == expected
    assert scopes(sam(policy, Role="arn:aws:iam::1:role/given").grants("Fn", action)) == []


def test_a_bundle_written_out_is_judged_like_the_bundle() -> None:
    crud = [
        "dynamodb:GetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:UpdateItem",
        "dynamodb:BatchWriteItem", "dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:ConditionCheckItem",
    ]  # fmt: skip
    assert scopes(plain(allow(crud, TABLE)).grants("Fn", "dynamodb:PutItem")) == [
        (("Table", ""), "broad")
    ]
    assert scopes(plain(allow(crud[:-1], TABLE)).grants("Fn", "dynamodb:PutItem")) == [
        (("Table", ""), "granted")
    ]
    assert scopes(plain(allow(["sqs:SendMessage*"], QUEUE)).grants("Fn", "sqs:SendMessage")) == [
        (("Queue", ""), "granted")
    ]


@pytest.mark.parametrize(
    ("denial", "remains"),
    [
        (deny("s3:PutObject", OBJECTS), False),
        (deny("s3:*", "*"), False),
        (deny("s3:Put*", "arn:aws:s3:::uploads-*"), False),
        (deny("s3:PutObject", {"Fn::Sub": "${Bucket.Arn}/in/*"}), True),
        (deny("s3:DeleteObject", OBJECTS), True),
        (deny("s3:PutObject", "arn:aws:s3:::elsewhere/*"), True),
        (deny("s3:PutObject", OBJECTS, Condition={"Bool": {"aws:SecureTransport": False}}), True),
        ({"Fn::If": ["IsProd", deny("s3:PutObject", OBJECTS), {"Ref": "AWS::NoValue"}]}, True),
        ({"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}, False),
        ({"Effect": "Deny", "Action": "s3:*", "NotResource": OBJECTS}, True),
        ({"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::elsewhere/*"}, False),
    ],
)
def test_denials(denial: Any, remains: Any) -> None:
    found = plain(allow("s3:PutObject", OBJECTS), denial)
    assert bool(found.grants("Fn", "s3:PutObject")) is remains


@pytest.mark.parametrize(
    ("resources", "policy"),
    [
        (
            {"P": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}]}}},
            "policy P",
        ),
        ({"P": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["worker"]}}}, "policy P"),
        (
            {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "Role"}]}}},
            "policy P",
        ),
        (
            {"P": {"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": {"Ref": "Role"}}}},
            "policy P",
        ),
        ({"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {}}}, "policy P"),
    ],
)
def test_policies_beside_the_role(resources: Any, policy: Any) -> None:
    resources["P"]["Properties"]["PolicyDocument"] = {"Statement": allow("sqs:SendMessage", QUEUE)}
    attached = {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "worker", "ManagedPolicyArns": [{"Ref": "P"}]},
    }
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": "arn:aws:iam::123456789012:role/service/worker"},
    }
    (grant,) = permissions({"Fn": function, "Role": attached, **resources}).grants(
        "Fn", "sqs:SendMessage"
    )
    assert (grant.policy, grant.path, grant.scope) == (
        policy,
        ("Resources", "P", "Properties", "PolicyDocument", "Statement"),
        "granted",
    )


def test_where_a_grant_is_written() -> None:
    (grant,) = plain(
        allow("sqs:ReceiveMessage", QUEUE), allow(["sqs:ReceiveMessage", "sqs:SendMessage"], QUEUE)
    ).grants("Fn", "sqs:SendMessage")
    assert grant.actions == ("sqs:SendMessage",)
    assert grant.policy == "policy in role Role"
    assert grant.path == (
        "Resources",
        "Role",
        "Properties",
        "Policies",
        0,
        "PolicyDocument",
        "Statement",
        1,
    )


def test_conditions_travel() -> None:
    statement = {
        "Fn::If": [
            "IsProd",
            allow("sqs:SendMessage", {"Fn::If": ["Blue", QUEUE, "*"]}),
            {"Ref": "AWS::NoValue"},
        ]
    }
    assert [
        (grant.scope, set(grant.conditions))
        for grant in plain(statement).grants("Fn", "sqs:SendMessage")
    ] == [
        ("granted", {("IsProd", True), ("Blue", True)}),
        ("broad", {("IsProd", True), ("Blue", False)}),
    ]


@pytest.mark.parametrize(
    "resources",
    [
        {
            "Fn": {"Type": "AWS::Serverless::Function", "Properties": {}},
            "C": {
                "Type": "AWS::Serverless::Connector",
                "Properties": {
                    "Source": {"Id": "Fn"},
                    "Destination": {"Id": "Queue"},
                    "Permissions": ["Read", "Write"],
                },
            },
        },
        {
            "Fn": {
                "Type": "AWS::Serverless::Function",
                "Properties": {},
                "Connectors": {
                    "C": {
                        "Properties": {"Destination": [{"Id": "Queue"}], "Permissions": ["Write"]}
                    }
                },
            }
        },
        {
            "Fn": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
            },
            "Role": role(),
            "C": {
                "Type": "AWS::Serverless::Connector",
                "Properties": {
                    "Source": {
                        "Type": "AWS::Lambda::Function",
                        "RoleName": {"Ref": "Role"},
                        "Arn": {"Fn::GetAtt": ["Fn", "Arn"]},
                    },
                    "Destination": {"Type": "AWS::SQS::Queue", "Arn": QUEUE},
                    "Permissions": ["Write"],
                },
            },
        },
    ],
)
def test_connectors(resources: Any) -> None:
    assert scopes(permissions(resources).grants("Fn", "sqs:SendMessage")) == [
        (("Queue", ""), "granted")
    ]


def test_a_connector_that_reads_grants_no_write() -> None:
    properties = {"Source": {"Id": "Fn"}, "Destination": {"Id": "Table"}, "Permissions": ["Read"]}
    resources = {
        "Fn": {"Type": "AWS::Serverless::Function"},
        "C": {"Type": "AWS::Serverless::Connector", "Properties": properties},
    }
    found = permissions(resources)
    assert found.grants("Fn", "dynamodb:PutItem") == ()
    assert scopes(found.grants("Fn", "dynamodb:GetItem")) == [(("Table", ""), "granted")]


def test_what_destinations_need_is_no_evidence() -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "DeadLetterConfig": {"TargetArn": QUEUE},
        },
    }
    invoke = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "Fn"},
            "DestinationConfig": {"OnSuccess": {"Destination": {"Fn::GetAtt": ["Other", "Arn"]}}},
        },
    }
    statements = (
        allow(["sqs:SendMessage", "sns:Publish"], [QUEUE, {"Ref": "Topic"}]),
        allow("lambda:InvokeFunction", {"Fn::GetAtt": ["Other", "Arn"]}),
    )
    found = permissions({"Fn": function, "Role": role(*statements), "Invoke": invoke})
    assert found.grants("Fn", "sqs:SendMessage") == ()
    assert found.grants("Fn", "lambda:InvokeFunction") == ()
    assert scopes(found.grants("Fn", "sns:Publish")) == [(("Topic", ""), "granted")]


def test_shared_and_broad_roles() -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    outside = {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Ref": "Missing"}}}
    arns = [
        {
            "Fn::Join": [
                "",
                ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AdministratorAccess"],
            ]
        }
    ]
    found = permissions(
        {
            "Fn": function,
            "Twin": function,
            "A": outside,
            "B": outside,
            "Role": role(allow("s3:*", "*"), allow("sqs:*", QUEUE), arns=arns),
        }
    )
    assert found.shared_role("Fn") == ("Twin",)
    assert found.shared_role("B") == ("A",)
    assert found.shared_role("Other") == ()
    assert found.broad("Fn") == ("s3:* on *", "AdministratorAccess")
    assert found.broad("Other") == ()


def test_state_machines_have_permissions_too() -> None:
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    found = permissions({"Machine": machine, "Role": role(allow("sqs:SendMessage", QUEUE))})
    assert scopes(found.grants("Machine", "sqs:SendMessage")) == [(("Queue", ""), "granted")]


@pytest.mark.parametrize(
    "policies",
    [
        "text",
        5,
        [None, [], "x"],
        [{"PolicyDocument": "text"}],
        [
            {
                "PolicyDocument": {
                    "Statement": [
                        "x",
                        {"Effect": "Allow"},
                        {"Effect": ["Allow"], "Action": "*", "Resource": "*"},
                    ]
                }
            }
        ],
        [
            {
                "PolicyDocument": {
                    "Statement": {"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"}
                }
            }
        ],
        [
            {
                "PolicyDocument": {
                    "Statement": {
                        "Effect": "Allow",
                        "Action": "*",
                        "Resource": [{}, None, 7, {"Ref": []}],
                    }
                }
            }
        ],
    ],
)
def test_malformed_policies_grant_nothing_in_the_template(policies: Any) -> None:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    found = permissions(
        {"Fn": function, "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies}}}
    )
    assert [
        grant
        for grant in found.grants("Fn", "sqs:SendMessage")
        if grant.resource is None or isinstance(grant.resource.target, str)
    ] == []
    assert sam(policies).grants("Fn", "sqs:SendMessage") == ()

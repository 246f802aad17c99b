"""What the catalogue says of operations, and what follows for those it does not list."""

from __future__ import annotations

from importlib.resources import files

import pytest

from cfnlint_eda_rules.catalogue import operations
from cfnlint_eda_rules.catalogue.load import load

EFFECTS = {
    "write",
    "start",
    "invoke",
    "read",
    "inference",
    "configuration",
    "telemetry",
    "acknowledge",
    "local",
}
SERVICES = sorted(
    path.name.removesuffix(".yaml")
    for path in (files("cfnlint_eda_rules.catalogue") / "operations").iterdir()
)


@pytest.mark.parametrize(
    ("service", "name", "action", "effect"),
    [
        ("s3", "PutObject", "s3:PutObject", "write"),
        ("s3", "CopyObject", "s3:PutObject", "write"),
        ("s3", "HeadObject", "s3:GetObject", "read"),
        ("lambda", "Invoke", "lambda:InvokeFunction", "invoke"),
        ("stepfunctions", "StartExecution", "states:StartExecution", "start"),
        ("stepfunctions", "SendTaskSuccess", "states:SendTaskSuccess", "write"),
        ("sqs", "DeleteMessageBatch", "sqs:DeleteMessage", "acknowledge"),
        ("cloudwatch", "PutMetricData", "cloudwatch:PutMetricData", "telemetry"),
        ("ssm", "GetParameter", "ssm:GetParameter", "configuration"),
        ("rekognition", "DetectLabels", "rekognition:DetectLabels", "inference"),
        ("rekognition", "StartLabelDetection", "rekognition:StartLabelDetection", "start"),
        ("bedrock-runtime", "Converse", "bedrock:InvokeModel", "inference"),
        ("sagemaker", "CreateTrainingJob", "sagemaker:CreateTrainingJob", "start"),
        ("apigatewaymanagementapi", "PostToConnection", "execute-api:ManageConnections", "write"),
        ("iot-data", "Publish", "iot:Publish", "write"),
        # Not listed: by the verb.
        ("wafv2", "GetIPSet", "wafv2:GetIPSet", "read"),
        ("wafv2", "UpdateIPSet", "wafv2:UpdateIPSet", "write"),
        ("omics", "StartRun", "omics:StartRun", "start"),
        ("cognito-idp", "AdminListGroupsForUser", "cognito-idp:AdminListGroupsForUser", "read"),
        ("schemas", "ExportSchema", "schemas:ExportSchema", "read"),
        ("dynamodb", "ExportTableToPointInTime", "dynamodb:ExportTableToPointInTime", "start"),
        ("neptune", "DescribeDBClusters", "rds:DescribeDBClusters", "read"),
        ("no-such-service", "GetawayNow", "no-such-service:GetawayNow", "write"),
        ("../services", "PutThing", "../services:PutThing", "write"),
    ],
)
def test_action_and_effect(service: str, name: str, action: str, effect: str) -> None:
    found = operations.operation(service, name)
    assert (found.action, found.effect) == (action, effect)


@pytest.mark.parametrize(
    ("service", "name", "at", "default", "kind"),
    [
        ("s3", "DeleteObjects", "$.Bucket", "", "AWS::S3::Bucket"),
        ("events", "PutEvents", "$.Entries[*].EventBusName", "default", "AWS::Events::EventBus"),
        ("dynamodb", "BatchWriteItem", "$.RequestItems.*~", "", "AWS::Serverless::SimpleTable"),
        ("sns", "Publish", "$.TopicArn,TargetArn,PhoneNumber", "", "AWS::SNS::Topic"),
        ("scheduler", "CreateSchedule", "$.Target.Arn", "", "AWS::Lambda::Function"),
        ("kinesis", "DescribeStream", "$.StreamName,StreamARN", "", "AWS::Kinesis::Stream"),
        ("athena", "StartQueryExecution", "$.WorkGroup", "primary", "AWS::Athena::WorkGroup"),
    ],
)
def test_target(service: str, name: str, at: str, default: str, kind: str) -> None:
    target = operations.operation(service, name).target
    assert target is not None
    assert (target.at, target.default) == (at, default)
    assert kind in target.types


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("dynamodb", "ListTables"),
        ("kinesis", "ListStreams"),
        ("rekognition", "DetectText"),
        ("sts", "GetCallerIdentity"),
    ],
)
def test_no_target(service: str, name: str) -> None:
    assert operations.operation(service, name).target is None


@pytest.mark.parametrize(
    ("service", "name", "event", "each"),
    [
        ("s3", "CompleteMultipartUpload", "s3:ObjectCreated:CompleteMultipartUpload", ""),
        ("s3", "DeleteObjects", "s3:ObjectRemoved:Delete", "$.Delete.Objects[*]"),
        ("s3", "PutObjectTagging", "s3:ObjectTagging:Put", ""),
        ("dynamodb", "UpdateItem", "INSERT,MODIFY", ""),
        ("dynamodb", "DeleteItem", "REMOVE", ""),
        ("sqs", "SendMessageBatch", "", "$.Entries[*]"),
        ("cognito-idp", "AdminConfirmSignUp", "PostConfirmation", ""),
    ],
)
def test_emission(service: str, name: str, event: str, each: str) -> None:
    emits = operations.operation(service, name).emits
    assert emits is not None
    assert (emits.event, emits.each) == (event, each)


def test_reads_emit_nothing() -> None:
    assert operations.operation("s3", "GetObject").emits is None
    assert operations.operation("stepfunctions", "DescribeExecution").emits is None


def test_emitting_actions_lead_to_all_operations_they_allow() -> None:
    found = operations.emitting_actions()
    assert [row.name for row in found["s3:PutObject"]] == [
        "PutObject",
        "PostObject",
        "CopyObject",
        "RenameObject",
        "CompleteMultipartUpload",
    ]
    assert {row.name for row in found["dynamodb:DeleteItem"]} == {
        "DeleteItem",
        "TransactWriteItems",
    }
    assert {
        "sns:Publish",
        "events:PutEvents",
        "states:StartExecution",
        "lambda:InvokeFunction",
        "ses:SendEmail",
    } <= set(found)
    assert "sqs:DeleteMessage" not in found


def test_waiting_depends_on_the_invocation_type() -> None:
    waits = operations.operation("lambda", "Invoke").waits
    assert waits is not None
    assert (waits.parameter, waits.unless) == ("$.InvocationType", ("Event", "DryRun"))
    assert operations.operation("stepfunctions", "StartExecution").waits is None


@pytest.mark.parametrize(
    ("statement", "effect"),
    [
        ("SELECT * FROM t", "read"),
        ("  (select 1)", "read"),
        ("insert into t values (1)", "write"),
        (None, "write"),
        ("selection", "write"),
    ],
)
def test_statements_decide_the_effect(statement: str | None, effect: str) -> None:
    assert operations.operation("rds-data", "ExecuteStatement").effect_of(statement) == effect
    assert operations.operation("s3", "PutObject").effect_of("select 1") == "write"


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("put_object", "PutObject"),
        ("list_objects_v2", "ListObjectsV2"),
        ("create_db_snapshot", "CreateDBSnapshot"),
        ("put_bucket_acl", "PutBucketAcl"),
        ("get_ip_set", "GetIPSet"),
    ],
)
def test_methods(method: str, name: str) -> None:
    assert operations.method(method) == name


@pytest.mark.parametrize(
    ("package", "service"),
    [
        ("sfn", "stepfunctions"),
        ("eventbridge", "events"),
        ("cloudwatch-logs", "logs"),
        ("bedrock-runtime", "bedrock-runtime"),
        ("s3", "s3"),
    ],
)
def test_packages(package: str, service: str) -> None:
    assert operations.service_of_package(package) == service


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("StepFunctions", "stepfunctions"),
        ("SFN", "stepfunctions"),
        ("CloudWatchEvents", "events"),
        ("CognitoIdentityServiceProvider", "cognito-idp"),
        ("IotData", "iot-data"),
        ("BedrockRuntime", "bedrock-runtime"),
        ("SQS", "sqs"),
    ],
)
def test_classes(name: str, service: str) -> None:
    assert operations.service_of_class(name) == service


ROW = {
    *("action", "effect", "target", "at", "types", "default", "named", "granted", "within"),
    *("emits", "waits", "polled_by", "statement", "subject", "answers", "name"),
}


@pytest.mark.parametrize("service", SERVICES)
def test_every_row_is_well_formed(service: str) -> None:
    rows = load(f"operations/{service}")
    assert set(rows) <= {"target", "effects", "operations"}
    for name, row in rows.get("operations", {}).items():
        assert set(row) <= ROW
        found = operations.operation(service, name)
        assert found.effect in EFFECTS
        assert found.target is None or found.target.at.startswith("$.")
        for polled in found.polled_by:
            assert operations.operation(service, polled).effect == "read", polled


def test_emitters_are_the_services_with_emissions() -> None:
    emitting = [
        service
        for service in SERVICES
        if any(
            "emits" in row for row in load(f"operations/{service}").get("operations", {}).values()
        )
    ]
    assert load("services")["emitters"] == emitting

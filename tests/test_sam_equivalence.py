"""A SAM template and the CloudFormation that AWS's own translator makes of it deploy the same, so
the rules say the same of both.
"""

from __future__ import annotations

import inspect
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx
import pytest
from cfnlint.config import ConfigMixIn, ManualArgs
from cfnlint.decode import decode
from cfnlint.decode.cfn_yaml import loads
from cfnlint.rules import Rules
from cfnlint.runner.template.runner import run_template_by_data
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from cases import FIXTURES
from cfnlint_eda_rules import registry

REGION = "us-east-1"


class ManagedPolicies(dict[str, str]):
    """Managed policies by name; SAM's own policy templates are none of them."""

    def get(self, key: Any, default: Any = None) -> Any:
        named = isinstance(key, str) and key.startswith(("AWS", "Amazon", "CloudWatch"))
        return f"arn:aws:iam::aws:policy/{key}" if named else default


def without_code(template: dict[str, Any]) -> dict[str, Any]:
    """The template with its functions' code elsewhere: the translator moves only what has been
    uploaded.
    """
    copy: dict[str, Any] = json.loads(json.dumps(template, default=str))
    shared = copy.get("Globals", {}).get("Function", {})
    shared.pop("CodeUri", None)
    for resource in copy["Resources"].values():
        properties = (
            resource.setdefault("Properties", {})
            if resource["Type"].startswith("AWS::Serverless::")
            else {}
        )
        match resource["Type"]:
            case "AWS::Serverless::Function" if not {
                properties.get("PackageType"),
                shared.get("PackageType"),
            } & {"Image"}:
                properties.pop("InlineCode", None)
                properties["CodeUri"] = "s3://code/function.zip"
            case "AWS::Serverless::Function":
                properties["ImageUri"] = "111122223333.dkr.ecr.us-east-1.amazonaws.com/image:latest"
            case "AWS::Serverless::LayerVersion":
                properties["ContentUri"] = "s3://code/layer.zip"
    return copy


def translated(template: dict[str, Any]) -> dict[str, Any]:
    parameters = {
        name: parameter.get("Default", "x")
        for name, parameter in template.get("Parameters", {}).items()
    }
    copy = json.loads(json.dumps(template))
    result: dict[str, Any] = json.loads(
        json.dumps(Translator(ManagedPolicies(), Parser()).translate(copy, parameters), default=str)
    )
    return result


def said_of(template: dict[str, Any]) -> set[tuple[str, str]]:
    """{(rule, function)}."""
    config = ConfigMixIn([], **ManualArgs(regions=[REGION]))
    found: Any = run_template_by_data(
        json.loads(json.dumps(template)), config, Rules.create_from_module("cfnlint_eda_rules")
    )
    return {(match.rule.id, str(match.path[1])) for match in found}


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    caplog.set_level(logging.CRITICAL)


# What the translator does not take: local nested applications, Fn::ForEach, and files beside the
# template.
NOT_TRANSLATED = (
    "AWS::Serverless::Application",
    "Fn::ForEach",
    "AWS::LanguageExtensions",
    "DefinitionUri",
    "TemplateURL",
    "Fn::Transform",
)


def sam_fixtures() -> list[Path]:
    texts = {
        path: path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("*/*/template.*"))
    }
    return [
        path
        for path, text in texts.items()
        if "AWS::Serverless::Function" in text and not any(word in text for word in NOT_TRANSLATED)
    ]


@pytest.mark.parametrize(
    "path", sam_fixtures(), ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}"
)
def test_fixture(path: Path) -> None:
    template, problems = decode(str(path))
    assert not problems
    assert template is not None
    raw = without_code(template)
    deployed = translated(raw)
    assert said_of(raw) == said_of(deployed)
    assert circles(deployed) == []


def yaml_blocks(documented: type) -> list[str]:
    page = inspect.getdoc(documented) or ""
    return re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def circles(template: dict[str, Any]) -> list[list[str]]:
    """The logical ids that CloudFormation cannot create in any order: each needs another."""
    resources = template["Resources"]
    needs: networkx.DiGraph[str] = networkx.DiGraph(
        (name, needed)
        for name, resource in resources.items()
        for needed in {*needed_by(resource.get("Properties")), *depends_on(resource)}
        if needed in resources
    )
    return [sorted(found) for found in networkx.simple_cycles(needs)]


def needed_by(value: Any) -> Iterator[str]:
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": str() | [str(), _] as said}:
            text, own = (said, {}) if isinstance(said, str) else said
            named = {name.partition(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text)}
            yield from named - set(own)
            yield from needed_by(own)
        case dict():
            for inner in value.values():
                yield from needed_by(inner)
        case list():
            for inner in value:
                yield from needed_by(inner)


def depends_on(resource: dict[str, Any]) -> list[str]:
    said = resource.get("DependsOn", [])
    return [said] if isinstance(said, str) else said


@pytest.mark.parametrize(
    "text", [text for rule in registry.rules().values() for text in yaml_blocks(rule)]
)
def test_an_example_of_a_page_deploys(text: str) -> None:
    raw = without_code(loads(text))
    assert circles(translated(raw)) == []


def test_a_circle_is_seen() -> None:
    one = {"Properties": {"Text": {"Fn::Sub": ["${Two.Arn}${Own}", {"Own": 1}]}}}
    two = {"DependsOn": "Three"}
    three = {"Properties": {"A": {"Ref": "One"}}, "DependsOn": ["Four"]}
    found = circles({"Resources": {"One": one, "Two": two, "Three": three, "Four": {}}})
    assert found == [["One", "Three", "Two"]]


HEAD = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: java21, Handler: example.Handler}}
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  News: {Type: AWS::SNS::Topic}
  Store: {Type: AWS::S3::Bucket}
  Records: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
"""
LOOP = ("W9503", "Worker")
MONOLITH = ("W9501", "Worker")
SEND = "Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Jobs.QueueName}}]"
PUBLISH = "Policies: [{SNSPublishMessagePolicy: {TopicName: !GetAtt News.TopicName}}]"
INVOKE = "Policies: [{LambdaInvokePolicy: {FunctionName: !Ref Other}}]"
OTHER = "Other: {Type: AWS::Serverless::Function}"


@pytest.mark.parametrize(
    ("properties", "resources", "expected"),
    [
        pytest.param(
            [SEND, "Events: {A: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}}"],
            "",
            {LOOP},
            id="queue",
        ),
        pytest.param(
            [
                SEND,
                "Events: {A: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, Enabled: false}}}",
            ],
            "",
            set(),
            id="queue, off",
        ),
        pytest.param(
            [
                SEND,
                'Events: {A: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, FilterCriteria: {Filters: [{Pattern: \'{"body": {"a": [1]}}\'}]}}}}',
            ],
            "",
            set(),
            id="queue, filtered",
        ),
        pytest.param(
            [PUBLISH, "Events: {A: {Type: SNS, Properties: {Topic: !Ref News}}}"],
            "",
            {LOOP},
            id="topic",
        ),
        pytest.param(
            [
                PUBLISH,
                "Events: {A: {Type: SNS, Properties: {Topic: !Ref News, SqsSubscription: true}}}",
            ],
            "",
            {LOOP},
            id="topic by queue",
        ),
        pytest.param(
            [
                PUBLISH,
                "Events: {A: {Type: SNS, Properties: {Topic: !Ref News, FilterPolicy: {kind: [raw]}}}}",
            ],
            "",
            set(),
            id="topic, filtered",
        ),
        pytest.param(
            [
                "Policies: [{Statement: [{Effect: Allow, Action: 's3:PutObject', Resource: 'arn:aws:s3:::store/*'}]}]",
                "Events: {A: {Type: S3, Properties: {Bucket: !Ref Named, Events: 's3:ObjectCreated:*'}}}",
            ],
            "Named: {Type: AWS::S3::Bucket, Properties: {BucketName: store}}",
            {LOOP},
            id="bucket",
        ),
        pytest.param(
            [
                "Policies: [{Statement: [{Effect: Allow, Action: 's3:PutObject', Resource: 'arn:aws:s3:::store/out/*'}]}]",
                "Events: {A: {Type: S3, Properties: {Bucket: !Ref Named, Events: 's3:ObjectCreated:*', "
                "Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}}}}",
            ],
            "Named: {Type: AWS::S3::Bucket, Properties: {BucketName: store}}",
            set(),
            id="bucket, another prefix",
        ),
        pytest.param(
            [
                "Policies: [{DynamoDBWritePolicy: {TableName: !Ref Items}}]",
                "Events: {A: {Type: DynamoDB, Properties: {Stream: !GetAtt Items.StreamArn, StartingPosition: LATEST}}}",
            ],
            "",
            {LOOP},
            id="table",
        ),
        pytest.param(
            [
                "Policies: [{Statement: [{Effect: Allow, Action: 'kinesis:PutRecord', Resource: !GetAtt Records.Arn}]}]",
                "Events: {A: {Type: Kinesis, Properties: {Stream: !GetAtt Records.Arn, StartingPosition: LATEST}}}",
            ],
            "",
            {LOOP},
            id="stream",
        ),
        pytest.param(
            [
                "Policies: [{EventBridgePutEventsPolicy: {EventBusName: default}}]",
                "Events: {A: {Type: EventBridgeRule, Properties: {Pattern: {account: [!Ref AWS::AccountId]}}}}",
            ],
            "",
            {LOOP},
            id="bus",
        ),
        pytest.param(
            [
                "Policies: [{EventBridgePutEventsPolicy: {EventBusName: default}}]",
                "Events: {A: {Type: EventBridgeRule, Properties: {Pattern: {source: [shop]}}}}",
            ],
            "",
            set(),
            id="bus, filtered",
        ),
        pytest.param(
            ["Events: {A: {Type: Api, Properties: {Path: '/{proxy+}', Method: any}}}"],
            "",
            {MONOLITH},
            id="rest catch-all, implicit api",
        ),
        pytest.param(
            ["Events: {A: {Type: HttpApi}}"], "", {MONOLITH}, id="http default route, implicit api"
        ),
        pytest.param(
            [
                "Events: {A: {Type: HttpApi, Properties: {Path: /a, Method: get}}, B: {Type: HttpApi, Properties: {Path: /b, Method: get}}, "
                "C: {Type: HttpApi, Properties: {Path: /c, Method: get}}, D: {Type: HttpApi, Properties: {Path: /d, Method: get}}}"
            ],
            "",
            {MONOLITH},
            id="four operations",
        ),
        pytest.param(
            [
                "Events: {A: {Type: Schedule, Properties: {Schedule: rate(1 day)}}, B: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}, "
                "C: {Type: SNS, Properties: {Topic: !Ref News}}}"
            ],
            "",
            {MONOLITH},
            id="three kinds of event source",
        ),
        pytest.param(
            [
                "Events: {A: {Type: Schedule, Properties: {Schedule: rate(1 day)}}, B: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}, "
                "C: {Type: SNS, Properties: {Topic: !Ref News}}}"
            ],
            "",
            set(),
            id="two kinds of event source",
        ),
        pytest.param([INVOKE], OTHER, {("W9504", "Worker")}, id="invoke policy"),
        pytest.param(["Policies: [AWSLambdaRole]"], OTHER, set(), id="managed policy"),
        pytest.param(
            [],
            f"{OTHER}\n  Calls: {{Type: AWS::Serverless::Connector, Properties: {{Source: {{Id: Worker}}, Destination: {{Id: Other}}, Permissions: [Write]}}}}",
            {("W9504", "Worker")},
            id="connector to a function",
        ),
        pytest.param(
            ["Events: {A: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}}"],
            "Sends: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Worker}, Destination: {Id: Jobs}, Permissions: [Write]}}",
            {LOOP},
            id="connector to a queue",
        ),
        pytest.param(
            [
                "EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SNS, Destination: !Ref News}}}",
                "Events: {A: {Type: SNS, Properties: {Topic: !Ref News}}}",
            ],
            "",
            {LOOP},
            id="destination",
        ),
        pytest.param(
            [
                "EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS, Destination: !GetAtt Jobs.Arn}}}",
                "Events: {A: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}}",
            ],
            "",
            set(),
            id="destination of polled invocations",
        ),
        pytest.param(
            [
                "EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}",
                "Events: {A: {Type: SNS, Properties: {Topic: !Ref News}}}",
            ],
            "",
            set(),
            id="destination that is made for it",
        ),
        pytest.param(
            [
                "DeadLetterQueue: {Type: SNS, TargetArn: !Ref News}",
                "Events: {A: {Type: SNS, Properties: {Topic: !Ref News}}}",
            ],
            "",
            {LOOP},
            id="dead letters",
        ),
        pytest.param(
            [
                "AutoPublishAlias: live",
                "EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: Lambda, Destination: !Ref Worker}}}",
                "Events: {A: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}",
            ],
            "",
            {LOOP},
            id="alias",
        ),
    ],
)
def test_templates(properties: list[str], resources: str, expected: set[tuple[str, str]]) -> None:
    lines = "".join(f"      {line}\n" for line in properties or ["Timeout: 3"])
    raw = without_code(loads(HEAD + lines + (f"  {resources}\n" if resources else "")))
    assert said_of(raw) == expected
    assert said_of(translated(raw)) == expected

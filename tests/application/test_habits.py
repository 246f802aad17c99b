"""The ways real templates spell one and the same application: each has its loop found."""

import json
from pathlib import Path
from textwrap import indent

import pytest
from cfnlint.decode.cfn_yaml import loads
from cfnlint.template import Template

from cfnlint_eda_rules.application.application import Application

HEAD = """
Parameters:
  QueueName: {Type: String, Default: jobs}
  Stage: {Type: String}
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: workers, AssumeRolePolicyDocument: {}}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  News: {Type: AWS::SNS::Topic}
"""
WORKER = """
Worker:
  Type: AWS::Lambda::Function
  Properties: {FunctionName: worker, Runtime: java21, Handler: a.B, Role: !GetAtt Role.Arn, Code: {S3Bucket: code, S3Key: a.jar}}
"""
MAPPING = """
Mapping: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Worker}}
"""


def policy(
    resource: str = "!GetAtt Jobs.Arn",
    roles: str = "!Ref Role",
    more: str = "",
    action: str = "sqs:SendMessage",
) -> str:
    return f"""
Send:
  Type: AWS::IAM::Policy
  {more}
  Properties:
    PolicyName: send
    Roles: [{roles}]
    PolicyDocument: {{Statement: [{{Effect: Allow, Action: '{action}', Resource: {resource}}}]}}
"""


def loops(*resources: str, folder: Path | None = None) -> list[str]:
    text = HEAD + "".join(indent(resource.strip("\n") + "\n", "  ") for resource in resources)
    filename = str(folder / "template.yaml") if folder is not None else None
    cfn = Template(filename, loads(text))
    application = Application(cfn.template, filename, cfn.conditions)
    return [
        " -> ".join(application.label(place) for place in loop.places)
        for loop in application.loops()
    ]


SECOND = """
Second:
  Type: AWS::Lambda::Function
  Properties: {Runtime: java21, Handler: a.B, Role: !GetAtt Role.Arn, Code: {S3Bucket: code, S3Key: a.jar}}
"""
ALIAS = "Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Worker, Name: live, FunctionVersion: '1'}}"
TO_TOPIC = policy("!Ref News", action="sns:Publish")
TO_BUS = policy(
    "'arn:aws:events:eu-west-1:111122223333:event-bus/default'", action="events:PutEvents"
)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        pytest.param(
            [WORKER, MAPPING, policy()], ["Jobs -> Worker -> Jobs"], id="policy with a role"
        ),
        pytest.param(
            [WORKER, MAPPING, policy(roles="workers")],
            ["Jobs -> Worker -> Jobs"],
            id="policy attached by name",
        ),
        pytest.param(
            [WORKER, MAPPING, policy(roles="others")],
            [],
            id="policy attached to another role by name",
        ),
        pytest.param(
            [SECOND, WORKER, MAPPING, policy()], ["Jobs -> Worker -> Jobs"], id="shared role"
        ),
        pytest.param(
            [MAPPING, WORKER.replace("Type:", "DependsOn: Send\n  Type:", 1), policy()],
            ["Jobs -> Worker -> Jobs"],
            id="depends on",
        ),
        pytest.param(
            [WORKER, MAPPING, policy("!Sub 'arn:aws:sqs:${AWS::Region}:111122223333:jobs'")],
            ["Jobs -> Worker -> Jobs"],
            id="literal account",
        ),
        pytest.param(
            [
                WORKER,
                MAPPING,
                policy("!Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${QueueName}'"),
            ],
            ["Jobs -> Worker -> Jobs"],
            id="parameter with a default",
        ),
        pytest.param(
            [WORKER, MAPPING, policy("!Sub 'arn:aws:sqs:*:*:jobs-${Stage}'")],
            [],
            id="parameter without a default",
        ),
        pytest.param(
            [
                WORKER,
                MAPPING,
                policy("!Join [':', ['arn:aws:sqs', !Ref AWS::Region, !Ref AWS::AccountId, jobs]]"),
            ],
            ["Jobs -> Worker -> Jobs"],
            id="joined",
        ),
        pytest.param(
            [WORKER, MAPPING, policy("{Fn::GetAtt: [Jobs, Arn]}")],
            ["Jobs -> Worker -> Jobs"],
            id="attribute as a list",
        ),
        pytest.param(
            [WORKER, MAPPING.replace("!Ref Worker", "worker"), policy()],
            ["Jobs -> Worker -> Jobs"],
            id="function by name",
        ),
        pytest.param(
            [WORKER, ALIAS, MAPPING.replace("!Ref Worker", "!Ref Live"), policy()],
            ["Jobs -> Worker -> Jobs"],
            id="alias",
        ),
        pytest.param(
            [WORKER, MAPPING.replace("!Ref Worker", "!Sub '${Worker.Arn}:live'"), policy()],
            ["Jobs -> Worker -> Jobs"],
            id="qualified arn",
        ),
        pytest.param(
            [
                WORKER,
                MAPPING.replace(
                    "!Ref Worker", "'arn:aws:lambda:eu-west-1:111122223333:function:worker:live'"
                ),
                policy(),
            ],
            ["Jobs -> Worker -> Jobs"],
            id="literal qualified arn",
        ),
        pytest.param(
            [
                WORKER,
                TO_BUS,
                'Rule: {Type: AWS::Events::Rule, Properties: {EventPattern: \'{"account": ["111122223333"]}\', '
                "Targets: [{Id: a, Arn: !GetAtt Worker.Arn}]}}",
            ],
            ["the default event bus -> Worker -> the default event bus"],
            id="event pattern as text",
        ),
        pytest.param(
            [
                WORKER,
                TO_BUS,
                'Rule: {Type: AWS::Events::Rule, Properties: {EventPattern: \'{"source": ["shop"]}\', '
                "Targets: [{Id: a, Arn: !GetAtt Worker.Arn}]}}",
            ],
            [],
            id="filtering event pattern as text",
        ),
        pytest.param(
            [
                WORKER,
                TO_TOPIC,
                "Wire: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref News, Protocol: lambda, Endpoint: !GetAtt Worker.Arn, "
                'FilterPolicy: \'{"kind": ["raw"]}\'}}',
            ],
            [],
            id="filter policy as text",
        ),
        pytest.param(
            [
                WORKER,
                TO_TOPIC,
                "Wire: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref News, Protocol: lambda, Endpoint: !GetAtt Worker.Arn, "
                "FilterPolicy: '{}'}}",
            ],
            ["News -> Worker -> News"],
            id="empty filter policy as text",
        ),
        pytest.param(
            [
                WORKER,
                policy("!Ref Flow", action="states:StartExecution"),
                "Flow: {Type: AWS::StepFunctions::StateMachine, Properties: {RoleArn: x, DefinitionString: !Join ['', "
                '[\'{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true, "Resource": "\', !GetAtt Worker.Arn, \'"}}}\']]}}',
            ],
            ["Flow -> Worker -> Flow"],
            id="definition as joined text",
        ),
    ],
)
def test_spellings(resources: list[str], expected: list[str]) -> None:
    assert loops(*resources) == expected


def test_definition_beside_the_template(tmp_path: Path) -> None:
    definition = {
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Resource": "${Run}", "End": True}},
    }
    (tmp_path / "flow.asl.json").write_text(json.dumps(definition), encoding="utf-8")
    machine = """
Flow:
  Type: AWS::Serverless::StateMachine
  Properties: {DefinitionUri: flow.asl.json, DefinitionSubstitutions: {Run: !GetAtt Worker.Arn}}
"""
    start = policy("!Ref Flow", action="states:StartExecution")
    assert loops(WORKER, machine, start, folder=tmp_path) == ["Flow -> Worker -> Flow"]
    (tmp_path / "flow.asl.json").unlink()
    assert loops(WORKER, machine, start, folder=tmp_path) == []


def test_openapi_beside_the_template(tmp_path: Path) -> None:
    integration = {
        "type": "aws_proxy",
        "uri": {
            "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Worker.Arn}/invocations"
        },
    }
    document = {
        "openapi": "3.0.1",
        "paths": {"/orders": {"get": {"x-amazon-apigateway-integration": integration}}},
    }
    (tmp_path / "api.json").write_text(json.dumps(document), encoding="utf-8")
    include = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.json}}}"
    api = f"Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: live, DefinitionBody: {include}}}}}"
    filename = str(tmp_path / "template.yaml")
    for resource in (
        api,
        "Api: {Type: AWS::Serverless::Api, Properties: {StageName: live, DefinitionUri: api.json}}",
    ):
        cfn = Template(
            filename, loads(HEAD + indent(WORKER.strip("\n") + "\n" + resource + "\n", "  "))
        )
        application = Application(cfn.template, filename, cfn.conditions)
        assert [
            (operation.method.upper(), operation.path)
            for operation in application.operations("Worker")
        ] == [("GET", "/orders")]


def test_a_shared_role_is_known() -> None:
    cfn = Template(None, loads(HEAD + indent((WORKER + SECOND).strip("\n") + "\n", "  ")))
    assert Application(cfn.template).permissions.shared_role("Worker") == ("Second",)

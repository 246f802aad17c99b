"""Templates that are one application: which are read with one, and what is said where."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.rules.lambda_calls_lambda import LambdaCallsLambda
from cfnlint_eda_rules.rules.recursive_invocation import RecursiveInvocation
from cfnlint_eda_rules.template.documents import read_document
from cfnlint_eda_rules.template.stacks import joined

QUEUES = """
Resources:
  Orders: {Type: AWS::SQS::Queue}
Outputs:
  Arn: {Value: !GetAtt Orders.Arn, Export: {Name: %s}}
"""
WORKER = """
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: java21
      Handler: a.B::c
      CodeUri: s3://artifacts/worker.jar
      Policies: [{Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: !ImportValue %s}]}]
      Events:
        Orders: {Type: SQS, Properties: {Queue: !ImportValue %s}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def written(folder: Path, **templates: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in templates.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")


def application(file: Path, globs: tuple[str, ...] = ()) -> Application:
    return Application(read_document(str(file), file.name), str(file), templates=globs)


def blamed(model: Application) -> list[tuple[str | int, ...]]:
    return [finding.path[:2] for finding in RecursiveInvocation().findings(model)]


@pytest.mark.parametrize(
    ("exported", "imported", "found"),
    [
        ("orders-arn", "orders-arn", True),
        ("orders-arn", "other-arn", False),
        ("!Sub '${AWS::StackName}-arn'", "queues-arn", True),
        ("!Sub '${AWS::StackName}-arn'", "!Sub '${Stack}-arn'", True),
        ("!Sub '${AWS::StackName}-arn'", "-arn", False),
        ("!Sub '${AWS::StackName}-arn'", "!Sub '${Stack}-url'", False),
        ("!Sub '${AWS::Region}-arn'", "!Sub '${AWS::Region}-arn'", True),
        ("!Sub '${AWS::Region}-arn'", "!Sub '${AWS::AccountId}-arn'", False),
        ("[orders]", "{a: b}", False),
    ],
)
def test_exports_and_imports_of_a_folder(
    project: Path, exported: str, imported: str, found: bool
) -> None:
    # Two short forms in a row are no YAML.
    value = f"{{'Fn::Sub': {imported.removeprefix('!Sub ')}}}" if "!Sub" in imported else imported
    written(project, queues=QUEUES % exported, worker=WORKER % (value, value))
    model = application(project / "worker.yaml")
    assert ("queues.Orders" in model.resources) == found
    (finding,) = RecursiveInvocation().findings(model)
    assert ("queues.Orders" in finding.message) == found


def test_a_template_of_the_folder_that_shares_nothing_is_not_read(project: Path) -> None:
    written(project, queues=QUEUES % "elsewhere", worker=WORKER % ("orders", "orders"))
    template = read_document(str(project / "worker.yaml"), "worker.yaml")
    assert joined(template, str(project / "worker.yaml")).template is template


def test_two_exports_of_one_name_are_none(project: Path) -> None:
    suffixed = QUEUES % "!Sub '${AWS::StackName}-arn'"
    written(project, one=suffixed, two=suffixed, worker=WORKER % ("x-arn", "x-arn"))
    assert list(application(project / "worker.yaml").resources) == [
        "Worker",
        "one.Orders",
        "two.Orders",
    ]
    (finding,) = RecursiveInvocation().findings(application(project / "worker.yaml"))
    assert "Orders" not in finding.message


def test_globs_name_templates_of_other_folders(project: Path) -> None:
    written(project / "a" / "b", queues=QUEUES % "orders")
    written(project / "c", worker=WORKER % ("orders", "orders"))
    worker = project / "c" / "worker.yaml"
    assert "queues.Orders" not in application(worker).resources
    for pattern in ("a/b/queues.yaml", "**/*.yaml", "./a/*/q*.yaml"):
        assert "queues.Orders" in application(worker, (pattern,)).resources
    for pattern in ("../**", "/a/b/queues.yaml", "", "nowhere/*", "\0"):
        assert "queues.Orders" not in application(worker, (pattern,)).resources


def test_nothing_outside_of_the_project_is_read(project: Path) -> None:
    inner = project / "inner"
    written(project, queues=QUEUES % "orders")
    written(inner, worker=WORKER % ("orders", "orders"))
    (inner / ".git").mkdir()
    (inner / "linked.yaml").symlink_to(project / "queues.yaml")
    model = application(inner / "worker.yaml", ("../queues.yaml", "*.yaml"))
    assert list(model.resources) == ["Worker"]


def test_stages_of_a_cdk_application(project: Path) -> None:
    out = project / "cdk.out"
    written(out / "assembly-Prod", Data=QUEUES % "orders", Work=WORKER % ("orders", "orders"))
    stacks = {
        name: {"type": "aws:cloudformation:stack", "properties": {"templateFile": f"{name}.yaml"}}
        for name in ("Data", "Work")
    }
    inner = {"artifacts": {"ProdData": stacks["Data"], "ProdWork": stacks["Work"]}}
    outer = {
        "artifacts": {
            "assembly-Prod": {
                "type": "cdk:cloud-assembly",
                "properties": {"directoryName": "assembly-Prod"},
            },
            "Shared": {
                "type": "aws:cloudformation:stack",
                "properties": {"templateFile": "Shared.yaml"},
            },
            "odd": [],
        }
    }
    (out / "manifest.json").write_text(json.dumps(outer))
    (out / "assembly-Prod" / "manifest.json").write_text(json.dumps(inner))
    written(out, Shared=WORKER % ("orders", "orders"))
    model = application(out / "assembly-Prod" / "Work.yaml")
    assert set(model.resources) == {"Worker", "ProdData.Orders", "Shared.Worker"}
    assert set(application(out / "Shared.yaml").resources) == {
        "Worker",
        "ProdData.Orders",
        "ProdWork.Worker",
    }


def test_a_loop_of_other_templates_is_theirs(project: Path) -> None:
    reader = """
    Resources:
      Copy: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !ImportValue orders}}}
    """
    written(project, queues=QUEUES % "orders", worker=WORKER % ("orders", "orders"), other=reader)
    model = application(project / "other.yaml")
    assert "worker.Worker" in model.functions
    assert model.loops()
    assert blamed(model) == []


CALLER = """
Resources:
  Caller:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: java21
      Handler: a.B::c
      CodeUri: s3://artifacts/caller.jar
      Policies: [{Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: !ImportValue callee}]}]
"""
CALLEE = """
Resources:
  Callee: {Type: AWS::Serverless::Function, Properties: {Runtime: java21, Handler: 'a.B::c', CodeUri: 's3://a/b'}}
Outputs:
  Callee: {Value: !GetAtt Callee.Arn, Export: {Name: callee}}
"""


def test_calls_of_a_function_of_another_template(project: Path) -> None:
    written(project, caller=CALLER, callee=CALLEE)
    (finding,) = LambdaCallsLambda().findings(application(project / "caller.yaml"))
    assert finding.path == ("Resources", "Caller")
    assert "may synchronously invoke callee.Callee" in finding.message
    # What the other template's function does is reported there.
    assert list(LambdaCallsLambda().findings(application(project / "callee.yaml"))) == []


OWNER = """
Resources:
  Orders: {Type: AWS::SQS::Queue}
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: inner.yaml, Parameters: {Queue: !GetAtt Orders.Arn}}
"""
INNER = """
Parameters: {Queue: {Type: String}}
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Metadata: {cfn-lint: {config: {ignore_checks: [%s]}}}
    Properties:
      Runtime: java21
      Handler: a.B::c
      CodeUri: s3://artifacts/worker.jar
      Policies: [{Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: !Ref Queue}]}]
      Events:
        Orders: {Type: SQS, Properties: {Queue: !Ref Queue}}
"""


@pytest.mark.parametrize(
    ("ignored", "expected"), [("W9501", [("Resources", "Inner")]), ("W9503", []), ("W95", [])]
)
def test_what_the_function_ignores_is_ignored_in_the_template_that_nests_it(
    project: Path, ignored: str, expected: list[tuple[str, ...]]
) -> None:
    written(project, owner=OWNER, inner=INNER % ignored)
    assert blamed(application(project / "owner.yaml")) == expected


def test_a_template_that_is_nested_twice_has_the_values_of_neither(project: Path) -> None:
    written(project, owner=OWNER, inner=INNER % "W9501")
    assert "owner.Orders" in application(project / "inner.yaml").resources
    written(project, another=OWNER)
    assert list(application(project / "inner.yaml").resources) == ["Worker"]


def test_malformed_neighbours_raise_nothing(project: Path) -> None:
    (project / "manifest.json").write_text('{"artifacts": {"a": {"properties": 3}, "b": 1}}')
    written(
        project,
        odd="Resources: {A: {Type: 'AWS::SSM::Parameter', Properties: {Name: [], Value: {}}}}\nOutputs: {B: {Export: {Name: {}}}, C: []}\n",
        worker=WORKER % ("{}", "[]"),
    )
    assert list(application(project / "worker.yaml").resources) == ["Worker"]

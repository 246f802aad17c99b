"""Tasks of state machine definitions in every spelling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.workflows import WorkflowTask, tasks
from cfnlint_eda_rules.template.references import External, References

INVOKE = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Fn.Arn}", "End": True}}}
OPTIMIZED = "arn:${AWS::Partition}:states:::"


def machine(
    properties: Any, template_file: str | None = None, **sections: Any
) -> tuple[WorkflowTask, ...]:
    document = {
        "Resources": {
            "Fn": {"Type": "AWS::Lambda::Function"},
            "Live": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {"FunctionName": {"Ref": "Fn"}, "Name": "live"},
            },
            "Q": {"Type": "AWS::SQS::Queue"},
            "T": {"Type": "AWS::DynamoDB::Table"},
            "Child": {"Type": "AWS::StepFunctions::StateMachine"},
            "M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties},
        },
        **sections,
    }
    references = References(document, None)
    return tasks(
        properties,
        references,
        Functions(document, references),
        template_file,
        ("Resources", "M", "Properties"),
    )


def short(found: tuple[WorkflowTask, ...]) -> list[str]:
    return [
        f"{t.action} {t.target.text if isinstance(t.target, External) else t.target}{' choice' if t.choice else ''}"
        for t in found
    ]


def task(resource: Any, **arguments: Any) -> dict[str, Any]:
    return {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Resource": resource, "Parameters": arguments, "End": True}
        },
    }


# As CDK writes it: chunks of JSON with what the deployment knows between them.
JOINED = {
    "Fn::Join": [
        "",
        [
            '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"',
            {"Fn::GetAtt": ["Fn", "Arn"]},
            '","Retry":[{"MaxAttempts":',
            {"Ref": "Attempts"},
            '}],"End":true}}}',
        ],
    ]
}

SPELLINGS = [
    (
        "object",
        {
            "Definition": INVOKE,
            "DefinitionSubstitutions": {"Fn.Arn": {"Fn::GetAtt": ["Fn", "Arn"]}},
        },
    ),
    ("text with Fn::Sub", {"DefinitionString": {"Fn::Sub": json.dumps(INVOKE)}}),
    (
        "Fn::Sub with variables",
        {
            "DefinitionString": {
                "Fn::Sub": [json.dumps(INVOKE), {"Fn.Arn": {"Fn::GetAtt": ["Fn", "Arn"]}}]
            }
        },
    ),
    ("text with Fn::Join", {"DefinitionString": JOINED}),
    (
        "plain text with substitutions",
        {
            "DefinitionString": json.dumps(INVOKE),
            "DefinitionSubstitutions": {"Fn.Arn": {"Ref": "Live"}},
        },
    ),
    ("intrinsic inside", {"Definition": task({"Fn::GetAtt": ["Fn", "Arn"]})}),
]


@pytest.mark.parametrize(
    "properties",
    [spelling[1] for spelling in SPELLINGS],
    ids=[spelling[0] for spelling in SPELLINGS],
)
def test_every_spelling_of_a_definition(properties: dict[str, Any]) -> None:
    assert short(machine(properties)) == ["lambda:InvokeFunction Fn"]


INTEGRATIONS = [
    (
        "lambda:invoke",
        {"FunctionName": {"Ref": "Live"}, "Payload.$": "$"},
        ["lambda:InvokeFunction Fn"],
    ),
    (
        "lambda:invoke.waitForTaskToken",
        {"FunctionName": {"Ref": "Fn"}},
        ["lambda:InvokeFunction Fn"],
    ),
    ("lambda:invoke", {"FunctionName.$": "$.function"}, []),
    ("lambda:invoke", {"FunctionName": "{% $states.input.function %}"}, []),
    ("aws-sdk:lambda:invoke", {"FunctionName": {"Ref": "Fn"}}, ["lambda:InvokeFunction Fn"]),
    ("sqs:sendMessage", {"QueueUrl": {"Ref": "Q"}, "MessageBody": "x"}, ["sqs:SendMessage Q"]),
    ("aws-sdk:sqs:sendMessage", {"QueueUrl": {"Ref": "Q"}}, ["sqs:SendMessage Q"]),
    ("events:putEvents", {"Entries": [{"Source": "a"}]}, ["events:PutEvents event-bus/default"]),
    ("events:putEvents", {"Entries": [{"EventBusName.$": "$.bus"}]}, []),
    ("dynamodb:putItem", {"TableName": {"Ref": "T"}, "Item": {}}, ["dynamodb:PutItem T"]),
    (
        "states:startExecution.sync:2",
        {"StateMachineArn": {"Ref": "Child"}},
        ["states:StartExecution Child"],
    ),
    ("ecs:runTask.sync", {"Cluster": "c"}, []),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), INTEGRATIONS)
def test_integrations(name: str, arguments: dict[str, Any], expected: list[str]) -> None:
    assert (
        short(machine({"Definition": task({"Fn::Sub": OPTIMIZED + name}, **arguments)})) == expected
    )


def test_reads_emit_nothing() -> None:
    (read,) = machine(
        {"Definition": task("arn:aws:states:::dynamodb:getItem", TableName={"Ref": "T"})}
    )
    assert (read.target, read.emits) == ("T", False)


def test_content_is_what_the_definition_gives() -> None:
    (put,) = machine(
        {
            "Definition": task(
                "arn:aws:states:::events:putEvents",
                Entries=[{"Source": "shop", "Detail.$": "$.order"}],
            )
        }
    )
    assert put.content == {"Source": "shop", "Detail": "$.order"}


def flow(**states: dict[str, Any]) -> dict[str, Any]:
    return {"Definition": {"StartAt": next(iter(states)), "States": states}}


RUN = {"Type": "Task", "Resource": {"Fn::GetAtt": ["Fn", "Arn"]}}
SEND = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl": {"Ref": "Q"}},
}
CHOICE = {
    "Type": "Choice",
    "Choices": [{"Variable": "$.a", "StringEquals": "b", "Next": "B"}],
    "Default": "C",
}
END = {"Type": "Succeed"}


FLOWS = [
    ("straight", flow(A={**RUN, "Next": "B"}, B={**SEND, "End": True}), ["lambda:InvokeFunction Fn", "sqs:SendMessage Q"]),
    ("behind a choice", flow(A=CHOICE, B={**RUN, "End": True}, C=END), ["lambda:InvokeFunction Fn choice"]),
    ("a way around the choice", flow(A={**RUN, "Next": "D", "Catch": [{"Next": "B"}]}, D=CHOICE, B={**SEND, "End": True}, C=END),
     ["lambda:InvokeFunction Fn", "sqs:SendMessage Q"]),
    ("not reached", flow(A=END, B={**RUN, "End": True}), []),
    (
        "nested",
        flow(
            A={"Type": "Parallel", "Branches": [{"StartAt": "P", "States": {"P": RUN}}], "Next": "B"},
            B={"Type": "Map", "ItemProcessor": {"StartAt": "D", "States": {"D": {**CHOICE, "Default": "B"}, "B": SEND}}},
        ),
        ["lambda:InvokeFunction Fn", "sqs:SendMessage Q"],
    ),
    ("every way of the choice leads there", flow(A=CHOICE, B={"Type": "Pass", "Next": "D"}, C={"Type": "Wait", "Next": "D"}, D={**RUN, "End": True}),
     ["lambda:InvokeFunction Fn"]),
    ("one way fails", flow(A=CHOICE, B={**RUN, "End": True}, C={"Type": "Fail"}), ["lambda:InvokeFunction Fn choice"]),
    ("a choice that may match nothing", flow(A={"Type": "Choice", "Choices": CHOICE["Choices"]}, B={**RUN, "End": True}),
     ["lambda:InvokeFunction Fn choice"]),
    ("waits until it is done", flow(A={"Type": "Choice", "Choices": CHOICE["Choices"], "Default": "C"}, B={**RUN, "End": True}, C={"Type": "Wait", "Next": "A"}),
     ["lambda:InvokeFunction Fn"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("properties", "expected"), [case[1:] for case in FLOWS], ids=[case[0] for case in FLOWS]
)
def test_flow(properties: dict[str, Any], expected: list[str]) -> None:
    assert short(machine(properties)) == expected


def test_paths_lead_into_a_definition_of_the_template() -> None:
    (inside,) = machine(flow(A=RUN))
    assert inside.path == ("Resources", "M", "Properties", "Definition", "States", "A")
    (outside,) = machine({"DefinitionString": {"Fn::Sub": json.dumps(INVOKE)}})
    assert outside.path == ("Resources", "M", "Properties", "DefinitionString")


@pytest.mark.parametrize("name", ["flow.asl.json", "flow.asl.yaml"])
def test_definition_in_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps(INVOKE), encoding="utf-8")
    properties = {
        "DefinitionUri": name,
        "DefinitionSubstitutions": {"Fn.Arn": {"Fn::GetAtt": ["Fn", "Arn"]}},
    }
    assert short(machine(properties, str(tmp_path / "template.yaml"))) == [
        "lambda:InvokeFunction Fn"
    ]


def test_a_file_outside_of_the_project_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "flow.json").write_text(json.dumps(INVOKE), encoding="utf-8")
    (tmp_path / "project").mkdir()
    properties = {
        "DefinitionUri": "../flow.json",
        "DefinitionSubstitutions": {"Fn.Arn": {"Ref": "Fn"}},
    }
    assert machine(properties, str(tmp_path / "project" / "template.yaml")) == ()


HOSTILE: list[Any] = [
    None,
    3,
    "x",
    "{",
    [],
    {"Fn::Sub": 1},
    {"States": 1},
    {"StartAt": ["x"], "States": {"A": None}},
]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_hostile_definitions(value: Any) -> None:
    for properties in (
        {"Definition": value},
        {"DefinitionString": value},
        {"DefinitionUri": value},
        value,
    ):
        assert machine(properties, "/nowhere/template.yaml") == ()


def test_a_definition_that_holds_itself_ends() -> None:
    definition: dict[str, Any] = {
        "StartAt": "A",
        "States": {"A": {"Type": "Parallel", "Branches": []}},
    }
    definition["States"]["A"]["Branches"] += [definition] * 20
    assert machine({"Definition": definition}) == ()

"""Templates, patterns and paths at the limit of what is accepted: an answer in bounded work,
nothing run and nothing written.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cfnlint.match import Match

from cases import lint
from cfnlint_eda_rules.application import emitted_messages as emissions
from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.event_flow import At
from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.application.filters import matches, passes
from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.messages import Message
from cfnlint_eda_rules.application.permissions import Permissions
from cfnlint_eda_rules.budget import GRANTS, Budget
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Record, Text, Unknown, Value
from cfnlint_eda_rules.template.references import References
from cfnlint_eda_rules.template.symbolic_text import glob


def read(leaf: Any) -> Value:
    return (
        Literal(leaf) if isinstance(leaf, str | int | float | bool) or leaf is None else Unknown()
    )


def written(folder: Path, resources: dict[str, Any], **sections: Any) -> Path:
    path = folder / "template.json"
    path.write_text(
        json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources, **sections})
    )
    return path


def linted(template: Path) -> list[Match]:
    found = lint(template)
    assert [match.message for match in found if match.rule.id == "E0002"] == []
    return found


# --------------------------------------------------------------------------------------------------

# With a matcher that tries every length of every star these take longer than the universe is old;
# none is timed.
MANY_STARS = "a*" * 200 + "b"
LONG_KEY = "a" * 20_000


def test_wildcards_against_long_keys() -> None:
    known = Record((("key", Literal(LONG_KEY)),))
    in_part = Record((("key", Text((Unknown(), Literal(LONG_KEY), Unknown()))),))
    for pattern, whole in (
        (MANY_STARS, False),
        ("*a" * 200, True),
        ("*" * 5_000, True),
        ("*" * 5_000 + "b", False),
    ):
        assert matches({"key": [{"wildcard": pattern}]}, known, read) is whole
        assert matches({"key": [{"wildcard": pattern}]}, in_part, read) is None


def test_action_patterns() -> None:
    assert not glob(MANY_STARS, LONG_KEY)
    assert glob("*a" * 200, LONG_KEY[:2_000])
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": ["sqs:" + "S*" * 200 + "!", "sqs:" + "*" * 5_000],
            "Resource": ["arn:aws:sqs:*:*:" + "o*" * 200 + "!", "*"],
        },
        {
            "Effect": "Deny",
            "Action": "sqs:" + "?*" * 200,
            "Resource": "arn:aws:sqs:*:*:" + "*o" * 200,
        },
    ]
    template = {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "o" * 80}},
            "Fn": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Policies": [{"Statement": statements}]},
            },
        }
    }
    references = References(template)
    grants = Permissions(template, references, Functions(template, references)).grants(
        "Fn", "sqs:SendMessage"
    )
    assert any(grant.resource is None for grant in grants)
    assert all(grant.scope == "broad" for grant in grants)


def test_iot_and_log_filters() -> None:
    message = Message("iot")
    for text in (
        "SELECT * FROM 'a' " + "where" * 50_000,
        "where " * 50_000,
        " \n\t" * 50_000 + "x",
        "(" * 50_000,
    ):
        assert passes("iot", (text,), message, read) in (True, None)
        assert passes("logs", (text,), message, read) in (True, None)


@pytest.mark.parametrize("sign", [",", "=", "SET ", "a = :v, ", "if_not_exists(", " "])
def test_update_expressions(sign: str) -> None:
    parts: dict[str, Value] = {
        "update": Literal("SET " + sign * 20_000),
        "values": Record(((":v", Literal(1)),)),
        "names": Record(()),
    }
    assert all(name == "a" for name, _ in emissions._assignments(parts.get))


def test_event_patterns_deeper_than_any_event() -> None:
    pattern: Any = {"a": [{"prefix": ""}]}
    options: Any = [{"a": ["x"]}]
    for _ in range(5_000):
        pattern = {"detail": pattern}
        options = [{"$or": options}]
    assert matches(pattern, Unknown(), read) is None
    assert matches({"$or": options}, Record((("a", Literal("x")),)), read) is None


# --------------------------------------------------------------------------------------------------


def deep(shape: Any, bottom: Any, depth: int) -> Any:
    for _ in range(depth):
        bottom = shape(bottom)
    return bottom


FUNCTION = {
    "Type": "AWS::Serverless::Function",
    "Properties": {"Runtime": "python3.13", "Handler": "app.handler", "InlineCode": "x = 1"},
}
DEEP = {
    "states": {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {
            "Definition": deep(
                lambda inner: {
                    "StartAt": "S",
                    "States": {"S": {"Type": "Parallel", "Branches": [inner]}},
                },
                {},
                2_000,
            )
        },
    },
    "states as text": {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "DefinitionString": '{"StartAt": "S", "States": '
            + '{"S": ' * 60_000
            + "}" * 60_000
            + "}"
        },
    },
    "routes": {
        "Type": "AWS::Serverless::Api",
        "Properties": {
            "DefinitionBody": deep(lambda inner: {"paths": {"/a": {"get": inner}}}, {}, 2_000)
        },
    },
    "choices": {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {
            "Definition": {
                "StartAt": "S0",
                "States": {
                    f"S{n}": {
                        "Type": "Choice",
                        "Default": f"S{n + 1}",
                        "Choices": [{"Next": f"S{n + 2}"}],
                    }
                    for n in range(400)
                },
            }
        },
    },
    "policy": {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyDocument": {"Statement": deep(lambda inner: [inner], {}, 2_000)},
            "Roles": ["Role"],
        },
    },
    "conditions": {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": deep(lambda inner: {"Fn::If": ["C", inner, inner]}, "orders", 60)
        },
    },
    "names": {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": deep(lambda inner: {"Fn::Sub": ["${a}${a}", {"a": inner}]}, "orders", 60)
        },
    },
}


@pytest.mark.parametrize("resource", DEEP.values(), ids=DEEP.keys())
def test_deep_documents(resource: dict[str, Any]) -> None:
    """Asked of the model itself: what is this deep, or shared this often, cfn-lint does not hand
    on.
    """
    application = Application(
        {"Resources": {"Deep": resource, "Fn": FUNCTION, "Role": {"Type": "AWS::IAM::Role"}}}
    )
    assert list(application.functions) == ["Fn"]
    assert list(application.loops(True)) == []
    assert isinstance(application.links, tuple)
    assert application.permissions.grants("Fn", "sqs:SendMessage") == ()


# --------------------------------------------------------------------------------------------------

PATHS = [
    "/etc/passwd",
    "/dev/zero",
    "/dev/stdin",
    "..",
    "../../../../../..",
    "link",
    "pipe",
    "self",
    "folder",
    "~",
    "",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("place", PATHS)
def test_paths_that_lead_elsewhere(tmp_path: Path, place: str) -> None:
    root = tmp_path / "project"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "app.py").write_text(
        "import boto3\ndef handler(event, context): boto3.client('lambda').invoke(FunctionName='b')"
    )
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "self").symlink_to(root / "self")
    os.mkfifo(root / "pipe")
    template = written(
        root,
        {
            "Fn": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Runtime": "python3.13", "Handler": "app.handler", "CodeUri": place},
            },
            "Steps": {
                "Type": "AWS::Serverless::StateMachine",
                "Properties": {"DefinitionUri": place},
            },
            "Api": {
                "Type": "AWS::Serverless::Api",
                "Properties": {"StageName": "v1", "DefinitionUri": place},
            },
            "Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": place}},
            "Application": {
                "Type": "AWS::Serverless::Application",
                "Properties": {"Location": place},
            },
            "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": place}},
        },
    )
    assert linted(template) == []


@pytest.mark.parametrize(
    ("runtime", "name", "text"),
    [
        (
            "python3.13",
            "app.py",
            "import os, subprocess\nos.system('touch TRACE')\nsubprocess.run(['touch', 'TRACE'])\nopen('TRACE', 'w').write('x')\n"
            "exec(\"open('TRACE', 'w')\")\neval(\"open('TRACE', 'w')\")\ndef handler(event, context):\n    os.system('touch TRACE')\n",
        ),
        (
            "nodejs22.x",
            "app.js",
            "require('child_process').execSync('touch TRACE');\nrequire('fs').writeFileSync('TRACE', 'x');\n"
            "eval(\"require('fs').writeFileSync('TRACE', 'x')\");\nexports.handler = async () => { process.exit(3) };\n",
        ),
    ],
)
def test_nothing_is_run_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str, name: str, text: str
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / name).write_text(text.replace("TRACE", str(tmp_path / "trace")))
    (tmp_path / "src" / "sitecustomize.py").write_text(f"open({str(tmp_path / 'trace')!r}, 'w')")
    properties = {"Runtime": runtime, "Handler": "app.handler", "CodeUri": "src/"}
    template = written(
        tmp_path, {"Fn": {"Type": "AWS::Serverless::Function", "Properties": properties}}
    )
    monkeypatch.chdir(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    linted(template)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


# --------------------------------------------------------------------------------------------------


def test_two_thousand_resources_in_a_dense_mesh() -> None:
    """Every function may send to many queues, and every queue invokes a function: far more loops
    than could be listed.
    """
    count = 1_000
    resources: dict[str, Any] = {}
    for number in range(count):
        resources[f"Queue{number}"] = {"Type": "AWS::SQS::Queue"}
        sends = [
            {
                "SQSSendMessagePolicy": {
                    "QueueName": {
                        "Fn::GetAtt": [f"Queue{(number * 7 + step) % count}", "QueueName"]
                    }
                }
            }
            for step in range(4)
        ]
        resources[f"Fn{number}"] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "java21",
                "Policies": sends,
                "Events": {
                    "Q": {
                        "Type": "SQS",
                        "Properties": {"Queue": {"Fn::GetAtt": [f"Queue{number}", "Arn"]}},
                    }
                },
            },
        }
    loops = list(Application({"Resources": resources}).loops(False))
    assert 0 < len(loops) <= len(resources)


def test_operators_in_operators_are_not_known_at_any_depth() -> None:
    condition: Any = "x"
    for _ in range(5000):
        condition = {"anything-but": [condition]}
    pattern = {"detail": {"kind": [condition]}}
    content = Record((("detail", Record((("kind", Literal("y")),))),))
    assert matches(pattern, content, lambda value: Literal(value)) is None


def test_relays_in_circles_end() -> None:
    resources: dict[str, Any] = {
        name: {"Type": type_}
        for kind, type_ in (("Queue", "AWS::SQS::Queue"), ("Topic", "AWS::SNS::Topic"))
        for name in (f"{kind}One", f"{kind}Two")
    }
    for topic in ("TopicOne", "TopicTwo"):
        for queue in ("QueueOne", "QueueTwo"):
            resources[f"{topic}{queue}"] = {
                "Type": "AWS::SNS::Subscription",
                "Properties": {
                    "Protocol": "sqs",
                    "TopicArn": {"Ref": topic},
                    "Endpoint": {"Fn::GetAtt": [queue, "Arn"]},
                },
            }
            resources[f"{queue}{topic}"] = {
                "Type": "AWS::Pipes::Pipe",
                "Properties": {"Source": {"Fn::GetAtt": [queue, "Arn"]}, "Target": {"Ref": topic}},
            }
    source = "import boto3\ndef handler(event, context):\n"
    for index in range(40):
        source += f"    boto3.client('sns').publish(TopicArn='t', Message='{index}')\n"
    resources["Worker"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": source},
        },
    }
    for topic in ("TopicOne", "TopicTwo"):
        resources[topic]["Properties"] = {"TopicName": "t"}
    flow = Application({"Resources": resources}).event_flow()
    places = Counter(state.place for state in flow.graph if isinstance(state, At))
    assert set(places) >= {"TopicOne", "QueueOne", "QueueTwo"}
    assert max(places.values()) < 600


@pytest.mark.parametrize(("looks", "allowed"), [(1000, 1), (3, 0)])
def test_grants_are_not_known_where_there_is_too_much_to_look_at(looks: int, allowed: int) -> None:
    statements = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::b{n}/*"} for n in range(9)
    ]
    statements.append({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"})
    template = {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"Policies": [{"PolicyDocument": {"Statement": statements}}]},
            },
            "Worker": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
            },
        }
    }
    references = References(template)
    permissions = Permissions(
        template, references, Functions(template, references), Budget({GRANTS: looks})
    )
    grants = permissions.grants("Worker", "s3:PutObject")
    assert [grant.scope for grant in grants].count(Evidence.GRANTED) == allowed


@pytest.mark.parametrize(
    ("pattern", "text", "covers"),
    [
        ("*" + "a" * 30_000 + "b*", "a" * 60_000, False),
        ("a*" * 20_000, "a" * 60_000, True),
        ("?" * 1000 + "*", "a" * 1000, False),
        ("arn:aws:s3:::out-?/*", "arn:aws:s3:::out-1/key", True),
        ("arn:aws:s3:::out-?/*", "arn:aws:s3:::out-12/key", False),
        ("?*?", "a", False),
        ("?*?", "ab", True),
    ],
)
def test_wildcards(pattern: str, text: str, covers: bool) -> None:
    assert glob(pattern, text) is covers

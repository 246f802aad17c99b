"""Nested stacks as one template: names, parameters, outputs, conditions, files, limits."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.rules.lambda_calls_lambda import LambdaCallsLambda
from cfnlint_eda_rules.rules.lambda_monolith import LambdaMonolith
from cfnlint_eda_rules.rules.recursive_invocation import RecursiveInvocation
from cfnlint_eda_rules.template import stacks as nesting
from cfnlint_eda_rules.template.documents import read_document
from cfnlint_eda_rules.template.stacks import Joined, joined

STACK = "Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {%s}}}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def decoded(text: str) -> Any:
    return read_document(None, dedent(text), inline=True)


def flat(folder: Path, parent: str, **children: str) -> Joined:
    """The flattened template of a parent, given as text, and its children: `child` is `child.yaml`
    beside it.
    """
    for name, text in children.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    return joined(decoded(parent), str(folder / "template.yaml"))


def probe(folder: Path, value: str, given: str = "", child: str = "") -> Any:
    """What a property of a child's queue becomes; the parent has a queue and passes `given`."""
    parent = f"Resources:\n  Queue: {{Type: AWS::SQS::Queue}}\n  {STACK % given}\n"
    template = f"""Resources:
  Other: {{Type: AWS::SQS::Queue}}
  Probe: {{Type: AWS::SQS::Queue, Properties: {{P: {value}}}}}
{child}
"""
    return flat(folder, parent, child=template).template["Resources"]["Child.Probe"]["Properties"][
        "P"
    ]


PARAMETER = "Parameters: {P: {Type: String, Default: d}}"
SUB = {
    "Fn::Sub": [
        "${Other.Arn}/${AWS::Region}",
        {"Other.Arn": {"Fn::GetAtt": ["Child.Other", "Arn"]}},
    ]
}
OPEN = "Parameters: {P: {Type: String}}"
LIST = "Parameters: {P: {Type: CommaDelimitedList, Default: 'a, b'}}"


@pytest.mark.parametrize(
    ("value", "given", "child", "expected"),
    [
        ("!Ref Other", "", "", {"Ref": "Child.Other"}),
        ("!GetAtt Other.Arn", "", "", {"Fn::GetAtt": ["Child.Other", "Arn"]}),
        ("{Fn::GetAtt: Other.Arn}", "", "", {"Fn::GetAtt": ["Child.Other", "Arn"]}),
        ("!Ref AWS::Region", "", "", {"Ref": "AWS::Region"}),
        ("!Ref AWS::StackName", "", "", {"Ref": "Child.AWS::StackName"}),
        ("!Sub '${Other.Arn}/${AWS::Region}'", "", "", SUB),
        ("!Sub ['${x}/${!Other}', {x: !Ref Other}]", "", "", {"Fn::Sub": ["${x}/${!Other}", {"x": {"Ref": "Child.Other"}}]}),
        ("!Sub '${AWS::Region}'", "", "", {"Fn::Sub": "${AWS::Region}"}),
        ("!Ref P", "", PARAMETER, "d"),
        ("!Ref P", "P: 3", PARAMETER, "3"),
        ("!Ref P", "P: true", PARAMETER, "true"),
        ("!Ref P", "P: !Ref AWS::NoValue", PARAMETER, "d"),
        ("!Ref P", "P: !GetAtt Queue.Arn", PARAMETER, {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!Sub 'a-${P}'", "P: !Ref Queue", PARAMETER, {"Fn::Sub": ["a-${P}", {"P": {"Ref": "Queue"}}]}),
        ("!Ref P", "", OPEN, {"Ref": "Child.P"}),
        ("!Ref P", "P: /a/b", "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>'}}", {"Ref": "Child.P"}),
        ("!Ref P", "", LIST, ["a", "b"]),
        ("!Ref P", "P: !Ref Queue", LIST, {"Fn::Split": [",", {"Ref": "Queue"}]}),
        ("!FindInMap [M, !Ref P, k]", "", f"{PARAMETER}\nMappings: {{M: {{d: {{k: v}}}}}}", {"Fn::FindInMap": ["Child.M", "d", "k"]}),
        ("!If [C, x, y]", "", f"{PARAMETER}\nConditions: {{C: !Equals [!Ref P, d]}}", "x"),
        ("!If [C, x, y]", "P: e", f"{PARAMETER}\nConditions: {{C: !Not [!Not [!Equals [!Ref P, d]]]}}", "y"),
        ("!If [C, x, !Ref P]", "", f"{OPEN}\nConditions: {{C: !Equals [!Ref P, d]}}", {"Fn::If": ["Child.C", "x", {"Ref": "Child.P"}]}),
    ],
)  # fmt: skip
def test_values_of_a_nested_template(
    project: Path, value: str, given: str, child: str, expected: Any
) -> None:
    assert probe(project, value, given, child) == expected


def test_a_template_without_stacks_is_the_same_object() -> None:
    template = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    assert joined(template, "template.yaml").template is template


def test_outputs_stand_in_place_of_their_mentions(project: Path) -> None:
    found = flat(
        project,
        """
        Resources:
          Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./child.yaml}}
          Sibling: {Type: AWS::Serverless::Application, Properties: {Location: sibling.yaml, Parameters: {Arn: !GetAtt Child.Outputs.Arn}}}
          A: {Type: T, Properties: {V: !GetAtt Child.Outputs.Arn, W: !Sub '${Child.Outputs.Arn}!', X: !GetAtt Child.Outputs.No}}
        """,
        child="{Resources: {Q: {Type: T}}, Outputs: {Arn: {Value: !GetAtt Q.Arn}}}",
        sibling="{Parameters: {Arn: {Type: String}}, Resources: {S: {Type: T, Properties: {V: !Ref Arn}}}}",
    )
    arn = {"Fn::GetAtt": ["Child.Q", "Arn"]}
    resources = found.template["Resources"]
    assert list(resources) == ["Child.Q", "Sibling.S", "A"]
    assert resources["Sibling.S"]["Properties"] == {"V": arn}
    assert resources["A"]["Properties"] == {
        "V": arn,
        "W": {"Fn::Sub": ["${Child.Outputs.Arn}!", {"Child.Outputs.Arn": arn}]},
        "X": {"Fn::GetAtt": ["Child", "Outputs.No"]},
    }
    assert found.files == {
        "Child": str(project / "child.yaml"),
        "Sibling": str(project / "sibling.yaml"),
    }
    assert [found.nested_in(name) for name in ("A", "Child.Q", "Nothing.Q")] == ["", "Child", ""]


def test_conditions_of_the_stack_and_of_its_resources_hold_together(project: Path) -> None:
    found = flat(
        project,
        """
        Parameters: {Env: {Type: String}}
        Conditions: {Prod: !Equals [!Ref Env, prod]}
        Resources:
          Child:
            Type: AWS::CloudFormation::Stack
            Condition: Prod
            Properties: {TemplateURL: child.yaml, Parameters: {Stage: !Ref Env, On: 'no'}}
        """,
        child="""
        Parameters: {Stage: {Type: String}, On: {Type: String}}
        Conditions: {Dev: !Equals [!Ref Stage, dev], On: !Equals [!Ref On, 'yes']}
        Resources:
          Plain: {Type: T}
          Own: {Type: T, Condition: Dev}
          Off: {Type: T, Condition: On}
        """,
    )
    resources = found.template["Resources"]
    assert {name: resource["Condition"] for name, resource in resources.items()} == {
        "Child.Plain": "Prod",
        "Child.Own": "Child.Dev and Prod",
    }
    references = Application(found.template, None, found.solver).references
    assert references.compatible(frozenset({("Prod", True), ("Child.Dev", False)}))
    assert not references.compatible(frozenset({("Prod", True), ("Child.Dev and Prod", True)}))


def test_stacks_in_stacks(project: Path) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "grand.yaml").write_text(
        "{Parameters: {P: {Type: String}}, Resources: {W: {Type: T, P: !Ref P, DependsOn: [X]}}}"
    )
    child = """
    Parameters: {P: {Type: String}}
    Resources:
      Grand: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: deep/grand.yaml, Parameters: {P: !Sub 'x-${P}'}}}
    """
    found = flat(project, f"Resources: {{{STACK % 'P: y'}}}", child=child)
    assert found.template["Resources"] == {
        "Child.Grand.W": {
            "Type": "T",
            "P": {"Fn::Sub": ["x-${P}", {"P": "y"}]},
            "DependsOn": ["Child.Grand.X"],
        }
    }
    assert found.files["Child.Grand"] == str(project / "deep" / "grand.yaml")
    assert found.nested_in("Child.Grand.W") == "Child"


def test_globals_connectors_and_documents_of_a_nested_application(project: Path) -> None:
    (project / "app").mkdir()
    (project / "app" / "child.yaml").write_text(
        dedent("""
        Transform: AWS::Serverless-2016-10-31
        Globals: {Function: {Runtime: java21}}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Connectors: {C: {Properties: {Destination: {Id: Q}, Permissions: [Write]}}}
            Properties: {Handler: a.B::c}
          Q: {Type: AWS::SQS::Queue}
          Api: {Type: AWS::Serverless::Api, Properties: {DefinitionUri: api/openapi.yaml, StageName: v1}}
        """)
    )
    found = flat(
        project,
        "Resources: {Child: {Type: AWS::Serverless::Application, Properties: {Location: app/child.yaml}}}",
    )
    resources = found.template["Resources"]
    assert resources["Child.F"]["Properties"] == {"Runtime": "java21", "Handler": "a.B::c"}
    assert resources["Child.F"]["Connectors"]["C"]["Properties"]["Destination"] == {"Id": "Child.Q"}
    assert resources["Child.Api"]["Properties"]["DefinitionUri"] == "app/api/openapi.yaml"


def test_the_cdk_names_a_nested_template_in_metadata(project: Path) -> None:
    parent = """
    Resources:
      Child:
        Type: AWS::CloudFormation::Stack
        Metadata: {'aws:asset:path': child.yaml, 'aws:asset:property': TemplateURL}
        Properties: {TemplateURL: !Sub 'https://s3.${AWS::Region}.amazonaws.com/assets/1.json'}
    """
    assert list(
        flat(project, parent, child="{Resources: {Q: {Type: T}}}").template["Resources"]
    ) == ["Child.Q"]


@pytest.mark.parametrize(
    "location",
    [
        "https://s3.amazonaws.com/b/child.yaml",
        "missing.yaml",
        "../outside.yaml",
        "no-template.yaml",
        "template.yaml",
        "broken.yaml",
        "large.yaml",
        "!Ref Somewhere",
        "[child.yaml]",
        "''",
        '"a\\0b"',
        ".",
    ],
)
def test_what_cannot_be_read_stays_as_it_is(tmp_path: Path, location: str) -> None:
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    good = "{Resources: {Q: {Type: T}}}"
    (tmp_path / "outside.yaml").write_text(good)
    (project / "no-template.yaml").write_text("[Resources]")
    (project / "broken.yaml").write_text("{Resources: {Q: {Type: T}}")
    (project / "large.yaml").write_text(good + " " * (1 << 20))
    (project / "template.yaml").write_text(good)
    template = decoded(
        f"Resources: {{Child: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {location}}}}}}}"
    )
    assert joined(template, str(project / "template.yaml")).template is template


def test_templates_that_nest_each_other_and_many_stacks_end(project: Path) -> None:
    both = "Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s.yaml}}, R: {Type: T}}"
    found = flat(
        project, f"Resources: {{{STACK % ''}}}", child=both % "other", other=both % "child"
    )
    assert list(found.template["Resources"]) == ["Child.A.A", "Child.A.R", "Child.R"]
    many = {
        f"S{n}": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "leaf.yaml"}}
        for n in range(80)
    }
    (project / "leaf.yaml").write_text("Resources: {R: {Type: T}}")
    assert (
        len(joined({"Resources": many}, str(project / "template.yaml")).files) == nesting.MAX_STACKS
    )


def test_stacks_five_deep(project: Path) -> None:
    for level in range(8):
        nested = f"N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: l{level + 1}.yaml}}}}"
        (project / f"l{level}.yaml").write_text(f"Resources: {{R: {{Type: T}}, {nested}}}")
    found = joined(decoded((project / "l0.yaml").read_text()), str(project / "l0.yaml"))
    assert max(name.count(".") + 1 for name in found.files) == nesting.MAX_NESTING


def test_outputs_and_parameters_in_a_circle_end(project: Path) -> None:
    pair = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {P: !GetAtt %s.Outputs.O}}}"
    found = flat(
        project,
        f"Resources: {{A: {pair % 'B'}, B: {pair % 'A'}}}",
        child="{Parameters: {P: {Type: String}}, Resources: {Q: {Type: T, P: !Ref P}}, Outputs: {O: {Value: !Ref P}}}",
    )
    assert list(found.template["Resources"]) == ["A.Q", "B.Q"]


def test_expressions_that_grow_from_stack_to_stack_stay_parameters(project: Path) -> None:
    mentions = ", ".join(["!Ref P"] * 100)
    for level in range(4):
        properties = (
            f"{{TemplateURL: l{level + 1}.yaml, Parameters: {{P: !Join ['', [{mentions}]]}}}}"
        )
        resources = f"{{R: {{Type: T, P: !Ref P}}, N: {{Type: AWS::CloudFormation::Stack, Properties: {properties}}}}}"
        (project / f"l{level}.yaml").write_text(
            f"Parameters: {{P: {{Type: String, Default: d}}}}\nResources: {resources}"
        )
    found = joined(decoded((project / "l0.yaml").read_text()), str(project / "l0.yaml"))
    assert found.template["Resources"]["N.N.R"]["P"] == {"Ref": "N.N.P"}
    assert found.template["Parameters"]["N.N.P"] == {"Type": "String"}


@pytest.mark.parametrize(
    "child",
    [
        "Resources: {Q: 3, R: [], S: {Type: []}, T: {Type: T, Condition: [], DependsOn: {}, Properties: !Ref Q}}",
        "{Resources: {Q: {Type: T, P: !Ref [x], R: !GetAtt [], S: !Sub [], U: !If [C], V: !Sub ['${P}', 3]}}, Parameters: [P]}",
        "{Resources: {Q: {Type: T, P: !Ref P}}, Parameters: {P: 3}, Outputs: 3, Mappings: {M: 3}, Transform: {Name: X}}",
        "{Transform: AWS::Serverless-2016-10-31, Globals: {Api: {A: b}}, Resources: {Q: {Type: AWS::Serverless::Api, Properties: 3}}}",
        "{Transform: [AWS::LanguageExtensions], Resources: {'Fn::ForEach::X': [3]}}",
        "Resources: {Q: &q {Type: T, P: [*q, *q]}}",
        "Resources: {Q: {Type: T}}\nConditions: {C: !Condition C, D: !And [!Condition C, !Condition D]}",
    ],
)
def test_malformed_children_raise_nothing(project: Path, child: str) -> None:
    assert (
        flat(project, f"Resources: {{{STACK % 'P: !Ref Q'}}}", child=child).template["Resources"]
        is not None
    )


def test_a_parent_that_refers_to_itself(project: Path) -> None:
    (project / "child.yaml").write_text("Resources: {Q: {Type: T}}")
    template = decoded(f"Resources: {{{STACK % ''}, Q: {{Type: T}}}}")
    template["Resources"]["Q"]["Properties"] = template
    assert list(joined(template, str(project / "template.yaml")).template["Resources"]) == [
        "Child.Q",
        "Q",
    ]


JAVA = "Runtime: java21, Handler: 'a.B::c', CodeUri: x.zip"


def worker(queue: str, to: str) -> str:
    """A nested application that consumes one queue and may send to another."""
    return f"""
    Transform: AWS::Serverless-2016-10-31
    Parameters: {{QueueArn: {{Type: String}}, ToArn: {{Type: String}}}}
    Resources:
      Own: {{Type: AWS::SQS::Queue}}
      Worker:
        Type: AWS::Serverless::Function
        Properties:
          {JAVA.replace(", ", chr(10) + " " * 10)}
          Policies: [{{Statement: [{{Effect: Allow, Action: sqs:SendMessage, Resource: {to}}}]}}]
          Events:
            Queue: {{Type: SQS, Properties: {{Queue: {queue}}}}}
            Everything: {{Type: Api, Properties: {{Path: '/{{proxy+}}', Method: any}}}}
    """


def application(folder: Path, parent: str, **children: str) -> Application:
    for name, text in children.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    return Application(decoded(parent), str(folder / "template.yaml"))


TWO = """
Resources:
  One: {Type: AWS::SQS::Queue}
  Two: {Type: AWS::SQS::Queue}
  A:
    Type: AWS::Serverless::Application
    Properties: {Location: child.yaml, Parameters: {QueueArn: !GetAtt One.Arn, ToArn: !GetAtt %s.Arn}}
  B:
    Type: AWS::Serverless::Application
    Properties: {Location: child.yaml, Parameters: {QueueArn: !GetAtt Two.Arn, ToArn: !GetAtt One.Arn}}
"""


@pytest.mark.parametrize(
    ("queue", "to", "second", "blamed"),
    [
        ("!Ref QueueArn", "!Ref ToArn", "Two", [("Resources", "A")]),
        ("!Ref QueueArn", "!Ref ToArn", "Three", []),
        # Wholly inside the nested stacks: their own templates report it.
        ("!GetAtt Own.Arn", "!GetAtt Own.Arn", "Two", []),
    ],
)
def test_loops_over_stacks(
    project: Path, queue: str, to: str, second: str, blamed: list[tuple[str, ...]]
) -> None:
    model = application(project, TWO % second, child=worker(queue, to))
    assert list(model.functions) == ["A.Worker", "B.Worker"]
    assert [finding.path for finding in RecursiveInvocation().findings(model)] == blamed
    assert list(LambdaMonolith().findings(model)) == []


def test_calls_out_of_a_nested_stack_are_blamed_on_it(project: Path) -> None:
    child = f"""
    Parameters: {{Callee: {{Type: String}}}}
    Resources:
      Inner: {{Type: AWS::Serverless::Function, Properties: {{{JAVA}}}}}
      Caller:
        Type: AWS::Serverless::Function
        Properties:
          {JAVA.replace(", ", chr(10) + " " * 10)}
          Policies: [{{LambdaInvokePolicy: {{FunctionName: !Ref Callee}}}}, {{LambdaInvokePolicy: {{FunctionName: !Ref Inner}}}}]
    """
    parent = f"Resources: {{{STACK % 'Callee: !Ref Own'}, Own: {{Type: AWS::Serverless::Function, Properties: {{{JAVA}}}}}}}"
    (finding,) = LambdaCallsLambda().findings(application(project, parent, child=child))
    assert finding.path == ("Resources", "Child")
    assert "Child.Caller may synchronously invoke Own:" in finding.message


def test_handlers_lie_beside_their_own_template(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[str | None, str]] = []
    monkeypatch.setattr(
        "cfnlint_eda_rules.application.sources.read",
        lambda file, code, *_: read.append((file, code.logical_id)),
    )
    function = "{Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: app.handler, CodeUri: src}}"
    model = application(
        project,
        f"Resources: {{{STACK % ''}, F: {function}}}",
        child=f"Resources: {{F: {function}}}",
    )
    assert [model.source(name) for name in model.functions] == [None, None]
    assert read == [(str(project / "child.yaml"), "F"), (str(project / "template.yaml"), "F")]

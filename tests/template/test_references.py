from __future__ import annotations

from typing import Any

import pytest
from cfnlint.template import Template

from cfnlint_eda_rules.template.references import External, Reference, References
from cfnlint_eda_rules.template.symbolic_text import Alternative, Token, glob, render

QUEUE, BUCKET, TABLE, FUNCTION, BUS = (
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
    "AWS::Events::EventBus",
)

TEMPLATE = {
    "Parameters": {
        "Env": {"Type": "String", "Default": "dev"},
        "Name": {"Type": "String"},
        "Shared": {"Type": "String"},
        "Names": {"Type": "CommaDelimitedList", "Default": "other, orders"},
        "Looked": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/orders/queue"},
    },
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "IsDev": {"Fn::Equals": [{"Ref": "Env"}, "dev"]},
    },
    "Mappings": {
        "Queues": {
            "eu-west-1": {"name": "orders"},
            "us-east-1": {"name": "loans"},
            "dev": {"name": "orders"},
        }
    },
    "Resources": {
        "Orders": {"Type": QUEUE, "Properties": {"QueueName": "orders"}},
        "Loans": {"Type": QUEUE, "Properties": {"QueueName": {"Fn::Sub": "loans-${Env}"}}},
        "Stacked": {
            "Type": QUEUE,
            "Properties": {"QueueName": {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "in"]]}},
        },
        "Prod": {"Type": QUEUE, "Condition": "IsProd", "Properties": {"QueueName": "either"}},
        "Dev": {"Type": QUEUE, "Condition": "IsDev", "Properties": {"QueueName": "either"}},
        "Uploads": {"Type": BUCKET},
        "Named": {"Type": BUCKET, "Properties": {"BucketName": {"Ref": "Name"}}},
        "Table": {"Type": TABLE},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Fn": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"FunctionName": "resize", "AutoPublishAlias": "live"},
        },
        "Log": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${Fn}"}},
        },
        "Setting": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/table", "Value": {"Ref": "Table"}},
        },
        "Nested": {"Type": "AWS::CloudFormation::Stack"},
    },
}


@pytest.fixture
def references() -> Any:
    return References(TEMPLATE)


def sub(text: Any, **variables: Any) -> Any:
    return {"Fn::Sub": [text, variables]} if variables else {"Fn::Sub": text}


def meant(found: Any) -> Any:
    return [
        (
            f"external {reference.target.text}"
            if isinstance(reference.target, External)
            else reference.target,
            render(reference.rest),
        )
        for reference in found
    ]


@pytest.mark.parametrize(
    ("value", "types", "expected"),
    [
        ({"Ref": "Orders"}, (), "Orders"),
        ({"Fn::GetAtt": ["Orders", "Arn"]}, (), "Orders"),
        ({"Fn::GetAtt": "Orders.Arn"}, (), "Orders"),
        ("arn:aws:sqs:us-east-1:123456789012:orders", (), "Orders"),
        ("arn:aws:sqs:*:*:orders", (), "Orders"),
        (sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:orders"), (), "Orders"),
        (sub("arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Orders.QueueName}"), (), "Orders"),
        (sub("arn:aws:sqs:eu-west-1:1:loans-${Env}"), (), "Loans"),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/orders", (), "Orders"),
        (
            sub("https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/orders"),
            (QUEUE,),
            "Orders",
        ),
        ("orders", (QUEUE,), "Orders"),
        ("orders", (BUCKET, QUEUE), "Orders"),
        (sub("${AWS::StackName}-in"), (QUEUE,), "Stacked"),
        (
            {
                "Fn::Join": [
                    "",
                    [
                        "arn:aws:sqs:",
                        {"Ref": "AWS::Region"},
                        ":1:",
                        {"Ref": "AWS::StackName"},
                        "-in",
                    ],
                ]
            },
            (),
            "Stacked",
        ),
        (
            sub("arn:aws:sqs:eu-west-1:1:${name}", name={"Fn::GetAtt": ["Orders", "QueueName"]}),
            (),
            "Orders",
        ),
        (
            {"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["Orders", "Arn"]}]}]},
            (),
            "Orders",
        ),
        (
            {"Fn::Select": ["1", {"Fn::Split": ["/", {"Fn::GetAtt": ["Table", "Arn"]}]}]},
            (TABLE,),
            "Table",
        ),
        ({"Fn::Select": [1, {"Ref": "Names"}]}, (QUEUE,), "Orders"),
        ({"Fn::FindInMap": ["Queues", {"Ref": "Env"}, "name"]}, (QUEUE,), "Orders"),
        (
            {"Fn::FindInMap": ["Queues", "none", "name", {"DefaultValue": "orders"}]},
            (QUEUE,),
            "Orders",
        ),
        ({"Fn::GetAtt": ["Setting", "Value"]}, (), "Table"),
        ({"Ref": "Name"}, (BUCKET,), "Named"),
        ("resize", (FUNCTION,), "Fn"),
        ("123456789012:function:resize", (FUNCTION,), "Fn"),
        ({"Ref": "FnAliaslive"}, (), "Fn"),
        ({"Ref": "Fn.Version"}, (), "Fn"),
        (sub("${Fn.Alias}"), (), "Fn"),
        ("/aws/lambda/resize", ("AWS::Logs::LogGroup",), "Log"),
        ({"Ref": "FnRole"}, (), "FnRole"),
        ({"Ref": "ServerlessRestApi"}, (), "ServerlessRestApi"),
        (
            sub(
                "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"
            ),
            (),
            "Fn",
        ),
        (
            "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:resize/invocations",
            (),
            "Fn",
        ),
        (
            sub("arn:aws:apigateway:${AWS::Region}:sqs:path/${AWS::AccountId}/${Orders.QueueName}"),
            (),
            "Orders",
        ),
        (sub("https://${Uploads}.s3.amazonaws.com"), (), "Uploads"),
    ],
)
def test_a_value_means_a_resource(references: Any, value: Any, types: Any, expected: Any) -> None:
    assert meant(references.resolve(value, *types)) == [(expected, "")]


@pytest.mark.parametrize(
    ("value", "types", "expected"),
    [
        (sub("arn:aws:s3:::${Uploads}/out/*"), (), ("Uploads", "/out/*")),
        (sub("${Uploads.Arn}/*"), (), ("Uploads", "/*")),
        (sub("arn:aws:s3:::${Uploads}*"), (), ("Uploads", "*")),
        (sub("${Table.Arn}/index/*"), (), ("Table", "/index/*")),
        ("arn:aws:lambda:eu-west-1:1:function:resize:live", (), ("Fn", ":live")),
        ("arn:aws:lambda:eu-west-1:1:function:resize*", (), ("Fn", "*")),
        ("resize:live", (FUNCTION,), ("Fn", ":live")),
        (sub("arn:aws:s3:::${Shared}/in/*"), (), ("external ${Shared}", "/in/*")),
        ("arn:aws:s3:::elsewhere/in/*", (), ("external arn:aws:s3:::elsewhere", "/in/*")),
    ],
)
def test_the_text_after_the_identifier_is_kept(
    references: Any, value: Any, types: Any, expected: Any
) -> None:
    assert meant(references.resolve(value, *types)) == [expected]


@pytest.mark.parametrize(
    ("left", "right", "types"),
    [
        ({"Fn::ImportValue": sub("${Env}-queue")}, {"Fn::ImportValue": "dev-queue"}, (QUEUE,)),
        ({"Ref": "Shared"}, sub("${Shared}"), (QUEUE,)),
        (
            {"Ref": "Shared"},
            sub("arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Shared}"),
            (QUEUE,),
        ),
        ("outside", sub("arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:outside"), (QUEUE,)),
        (
            "https://sqs.eu-west-1.amazonaws.com/1/outside",
            "arn:aws:sqs:eu-west-1:1:outside",
            (QUEUE,),
        ),
        ({"Ref": "Looked"}, {"Ref": "Looked"}, (QUEUE,)),
        ("{{resolve:ssm:/queue}}", "{{resolve:ssm:/queue}}", (QUEUE,)),
        ("default", "arn:aws:events:eu-west-1:1:event-bus/default", (BUS,)),
        ({"Fn::GetAtt": ["Nested", "Outputs.Queue"]}, sub("${Nested.Outputs.Queue}"), (QUEUE,)),
        ({"Ref": "Missing"}, {"Ref": "Missing"}, (QUEUE,)),
    ],
)
def test_what_is_outside_is_equal_to_itself(
    references: Any, left: Any, right: Any, types: Any
) -> None:
    (one,), (other,) = references.resolve(left, *types), references.resolve(right, *types)
    assert isinstance(one.target, External)
    assert one.target == other.target


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("{{resolve:ssm:/one}}", "{{resolve:ssm:/two}}"),
        ({"Fn::GetAtt": ["Nested", "Outputs.One"]}, {"Fn::GetAtt": ["Nested", "Outputs.Two"]}),
        ("arn:aws:sqs:eu-west-1:1:outside", "arn:aws:sqs:eu-west-1:2:outside"),
        ({"Ref": "Looked"}, "/orders/queue"),
        ({"Ref": "Missing"}, {"Ref": "Absent"}),
    ],
)
def test_different_things_outside_stay_different(references: Any, left: Any, right: Any) -> None:
    assert references.resolve(left, QUEUE) != references.resolve(right, QUEUE)


def test_a_longer_name_is_another_resource(references: Any) -> None:
    assert meant(references.resolve(sub("${Topic.TopicName}-dlq"), QUEUE)) == [
        ("external arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Topic.TopicName}-dlq", "")
    ]


def test_the_default_bus_has_one_name(references: Any) -> None:
    assert references.resolve("default", BUS) == (Reference(External("event-bus/default")),)


def test_attribute_and_stream(references: Any) -> None:
    assert references.resolve({"Fn::GetAtt": ["Table", "StreamArn"]}) == (
        Reference("Table", attribute="StreamArn"),
    )


def test_lists_flatten_and_branches_carry_conditions(references: Any) -> None:
    value = [
        {"Fn::If": ["IsProd", [{"Ref": "Orders"}, {"Ref": "Loans"}], {"Ref": "AWS::NoValue"}]},
        {"Ref": "Names"},
    ]
    assert [
        (target, set(reference.conditions))
        for reference in references.resolve(value, QUEUE)
        for target in [reference.target]
    ] == [
        ("Orders", {("IsProd", True)}),
        ("Loans", {("IsProd", True)}),
        (External("arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:other"), set()),
        ("Orders", set()),
    ]


def test_one_name_under_exclusive_conditions(references: Any) -> None:
    assert [reference.target for reference in references.resolve("either", QUEUE)] == [
        "Prod",
        "Dev",
    ]
    assert (
        references.match(("either",), QUEUE, conditions=frozenset({("IsProd", False)})).target
        == "Dev"
    )


def test_the_solver_decides_what_can_be_together() -> None:
    template = Template("template.yaml", TEMPLATE, ["us-east-1"])
    references = References(TEMPLATE, template.conditions)
    assert not references.compatible(frozenset({("IsProd", True), ("IsDev", True)}))
    assert references.compatible(frozenset({("IsProd", False), ("IsDev", True)}))
    assert references.compatible(frozenset({("IsProd", True), ("Unknown", True)}))
    assert not references.compatible(frozenset({("Unknown", True), ("Unknown", False)}))
    assert references.resolve({"Fn::If": ["IsProd", {"Ref": "Dev"}, {"Ref": "AWS::NoValue"}]}) == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        (5, "5"),
        (True, "true"),
        ({"Ref": "Env"}, "dev"),
        (sub("a-${!literal}-${Env}"), "a-${literal}-dev"),
        ({"Fn::Join": [",", [{"Ref": "Env"}, {"Ref": "AWS::NoValue"}, "b"]]}, "dev,b"),
        ({"Fn::If": ["IsProd", "same", "same"]}, "same"),
        ({"Fn::If": ["IsProd", "one", "two"]}, None),
        ({"Ref": "Name"}, None),
        ({"Ref": "Looked"}, None),
        (["a"], None),
        (None, None),
    ],
)
def test_literals(references: Any, value: Any, expected: Any) -> None:
    assert references.literal(value) == expected


def test_alternatives_are_symbolic_and_bounded(references: Any) -> None:
    assert references.alternatives(sub("${Name}/${Uploads}-x")) == (
        Alternative((Token("parameter", "Name"), "/", Token("ref", "Uploads"), "-x")),
    )
    many = {"Fn::Join": ["", [{"Fn::If": [f"C{index}", "a", "b"]} for index in range(12)]]}
    assert len(references.alternatives(many)) == 16


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Join": ["", None]},
        {"Fn::Join": {"Ref": "Env"}},
        {"Fn::Sub": []},
        {"Fn::Sub": ["${a}", "b"]},
        {"Fn::GetAtt": []},
        {"Fn::GetAtt": [{"Ref": "Env"}, "Arn"]},
        {"Fn::Select": ["x", ["a"]]},
        {"Fn::Select": [9, ["a"]]},
        {"Fn::FindInMap": [None, [], {}]},
        {"Fn::If": ["IsProd"]},
        {"Fn::If": [["IsProd"], "a", "b"]},
        {"Ref": ["Orders"]},
        {"Fn::ImportValue": {}},
        {"Condition": "IsProd"},
        {"Plain": "mapping"},
        {1: 2},
        "arn:aws:",
        "arn:aws:sqs:::",
    ],
)
def test_what_cannot_be_understood_is_no_resource(references: Any, value: Any) -> None:
    assert [
        reference.target
        for reference in references.resolve(value, QUEUE)
        if isinstance(reference.target, str)
    ] == []


def test_values_that_hold_themselves_end(references: Any) -> None:
    join: dict[str, Any] = {"Fn::Join": ["", ["a"]]}
    join["Fn::Join"][1] += [join, join]
    items: list[Any] = [{"Ref": "Orders"}]
    items.append(items)
    assert references.literal(join) == "a"
    assert "Orders" in [reference.target for reference in references.resolve(items)]
    shared: Any = ["a"]
    for index in range(39):
        shared = {"Fn::If": [f"C{index}", shared, shared]}
    assert references.literal({"Fn::Join": ["", shared]}) in ("a", None)
    grown: dict[str, Any] = {"Fn::Join": ["", ["a"] * 10]}
    for _ in range(30):
        grown = {"Fn::Join": ["", [grown] * 10]}
    assert len(render(references.alternatives(grown)[0].parts)) < 100_000


def test_a_template_of_wrong_types_is_empty() -> None:
    templates: list[Any] = [
        None,
        [],
        {"Resources": []},
        {"Resources": {"A": None, "B": {"Type": ["x"]}}, "Parameters": 1, "Mappings": {"M": 1}},
    ]
    for template in templates:
        assert meant(References(template).resolve({"Ref": "Q"})) == [('external {"Ref":"Q"}', "")]


def test_wildcards_cover_names(references: Any) -> None:
    assert [reference.target for reference in references.covered(("arn:aws:sqs:*:*:loans-*",))] == [
        "Loans"
    ]
    stack = Token("pseudo", "AWS::StackName")
    assert [
        reference.target
        for reference in references.covered(("arn:aws:dynamodb:*:*:table/", stack, "-Table-*"))
    ] == ["Table"]
    assert references.covered(("arn:aws:sqs:*:*:*",)) == ()


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("a*c", "abbc", True),
        ("a?c", "ac", False),
        ("*a*b", "xaxb", True),
        ("a", "ab", False),
        ("*a" * 40, "a" * 39 + "b", False),
    ],
)
def test_glob(pattern: Any, text: Any, expected: Any) -> None:
    assert glob(pattern, text) is expected


def test_a_number_too_long_to_write_is_no_text() -> None:
    references = References({"Parameters": {"P": {"Type": "Number", "Default": 1 << 20_000}}})
    assert references.alternatives(1 << 20_000) == ()
    assert [
        token.kind
        for option in references.alternatives({"Ref": "P"})
        for token in option.parts
        if isinstance(token, Token)
    ] == ["parameter"]


def test_an_item_that_is_not_there_leaves_the_list_shorter() -> None:
    value = {"Fn::Join": [",", [{"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}, "b"]]}
    found = References({"Conditions": {"C": True}}).alternatives(value)
    assert [(option.parts, set(option.conditions)) for option in found] == [
        (("a,b",), {("C", True)}),
        (("b",), {("C", False)}),
    ]


ORDERS = "arn:aws:sqs:eu-west-1:111122223333:other"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (ORDERS, "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:other", True),
        (ORDERS, "arn:aws:sqs:eu-west-1:${AWS::AccountId}:other", True),
        (ORDERS, "arn:aws:sqs:us-east-1:${AWS::AccountId}:other", False),
        (ORDERS, "arn:aws:sqs:eu-west-1:444455556666:other", False),
        (ORDERS, "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:another", False),
        (ORDERS, "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:other", False),
        (
            "https://sqs.eu-west-1.amazonaws.com/111122223333/other",
            "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:other",
            True,
        ),
    ],
)
def test_regions_and_accounts_written_out_and_as_pseudo_parameters(
    left: str, right: str, same: bool
) -> None:
    references = References({"Resources": {}})
    (one,), (other,) = (references.resolve({"Fn::Sub": text}, QUEUE) for text in (left, right))
    assert (one.target == other.target) is same
    assert not same or hash(one.target) == hash(other.target)

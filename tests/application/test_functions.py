from __future__ import annotations

from typing import Any

import pytest

from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.template.references import External, References

LAMBDA = "AWS::Lambda::Function"
SAM = "AWS::Serverless::Function"
PROVIDER = "framework.onEvent"


def functions(resources: Any, **sections: Any) -> Any:
    template = {"Resources": resources, **sections}
    return Functions(template, References(template))


def function(**properties: Any) -> Any:
    return {"Type": LAMBDA, "Properties": properties}


def arn(logical_id: Any) -> Any:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def uri(logical_id: Any) -> Any:
    return {
        "Fn::Sub": f"arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{logical_id}.Arn}}/invocations"
    }


def test_what_a_function_is() -> None:
    found = functions(
        {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Role": {"Type": "AWS::IAM::Role"},
            "Layer": {"Type": "AWS::Lambda::LayerVersion"},
            "Plain": {
                "Type": LAMBDA,
                "Condition": "IsProd",
                "Metadata": {"aws:cdk:path": "Stack/Plain/Resource"},
                "Properties": {
                    "Runtime": {"Ref": "Runtime"},
                    "Handler": "app.handler",
                    "Role": arn("Role"),
                    "Layers": [
                        {"Ref": "Layer"},
                        "arn:aws:lambda:eu-west-1:1:layer:LambdaAdapterLayerX86:24",
                    ],
                    "Environment": {"Variables": {"QUEUE": {"Ref": "Queue"}}},
                    "RecursiveLoop": "Allow",
                },
            },
            "Image": {
                "Type": SAM,
                "Properties": {"PackageType": "Image", "DurableConfig": {"ExecutionTimeout": 60}},
            },
        },
        Parameters={"Runtime": {"Type": "String", "Default": "python3.13"}},
    )
    plain, image = found["Plain"], found["Image"]
    assert list(found) == ["Plain", "Image"]
    assert (plain.order, plain.type, plain.runtime, plain.handler, plain.image) == (
        0,
        LAMBDA,
        "python3.13",
        "app.handler",
        False,
    )
    assert (plain.roles, plain.recursive_loop, plain.conditions) == (
        ("Role",),
        "Allow",
        frozenset({("IsProd", True)}),
    )
    assert [(layer.target, layer.rest) for layer in plain.layers] == [
        ("Layer", ()),
        (External("arn:aws:lambda:eu-west-1:1:layer:LambdaAdapterLayerX86"), (":24",)),
    ]
    assert plain.environment == {"QUEUE": {"Ref": "Queue"}}
    assert plain.metadata == {"aws:cdk:path": "Stack/Plain/Resource"}
    assert (image.order, image.type, image.image, image.durable, image.runtime, image.roles) == (
        1,
        SAM,
        True,
        True,
        "",
        (),
    )
    assert plain.in_scope
    assert image.in_scope


def test_an_environment_that_depends_on_a_condition() -> None:
    found = functions(
        {
            "Fn": function(
                Environment={"Variables": {"Fn::If": ["IsProd", {"A": "x", "B": "y"}, {"A": "z"}]}}
            )
        }
    )
    references = References({})
    texts = {
        name: [
            (alternative.parts, set(alternative.conditions))
            for alternative in references.alternatives(value)
        ]
        for name, value in found["Fn"].environment.items()
    }
    assert texts == {
        "A": [(("x",), {("IsProd", True)}), (("z",), {("IsProd", False)})],
        "B": [(("y",), {("IsProd", True)})],
    }


RESOLVED = {
    "Fn": {"Type": SAM, "Properties": {"FunctionName": "resize", "AutoPublishAlias": "live"}},
    "Other": function(),
    "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Fn"}}},
    "Alias": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": {"Ref": "Fn"}, "Name": "live"},
    },
    "Url": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": {"Ref": "Alias"}}},
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Self": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Self"}}},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Fn"}, ["Fn"]),
        (arn("Fn"), ["Fn"]),
        ({"Ref": "Alias"}, ["Fn"]),
        ({"Ref": "Version"}, ["Fn"]),
        ({"Ref": "FnAliaslive"}, ["Fn"]),
        ({"Fn::GetAtt": ["Url", "FunctionUrl"]}, ["Fn"]),
        ("resize:live", ["Fn"]),
        ({"Fn::Sub": "${Fn.Arn}:live"}, ["Fn"]),
        (uri("Alias"), ["Fn"]),
        (uri("Fn"), ["Fn"]),
        ([{"Ref": "Fn"}, {"Ref": "Other"}], ["Fn", "Other"]),
        ({"Ref": "Queue"}, []),
        ({"Ref": "Self"}, []),
        ("someone-elses", []),
        (None, []),
    ],
)
def test_resolve(value: Any, expected: Any) -> None:
    assert [logical_id for logical_id, _ in functions(RESOLVED).resolve(value)] == expected


def test_resolve_carries_conditions() -> None:
    found = functions({"Fn": function(), "Other": {**function(), "Condition": "IsProd"}})
    value = {"Fn::If": ["Blue", {"Ref": "Fn"}, {"Ref": "Other"}]}
    assert found.resolve(value) == (
        ("Fn", frozenset({("Blue", True)})),
        ("Other", frozenset({("Blue", False), ("IsProd", True)})),
    )


@pytest.mark.parametrize(
    "others",
    [
        {"Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": arn("Fn")}}},
        {
            "Thing": {
                "Type": "AWS::CloudFormation::CustomResource",
                "Properties": {"ServiceToken": {"Ref": "Alias"}},
            }
        },
        {
            "Thing": {
                "Type": "AWS::CloudFormation::Macro",
                "Properties": {"FunctionName": arn("Fn")},
            }
        },
        {
            "Live": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {"FunctionName": {"Ref": "Bystander"}},
                "UpdatePolicy": {
                    "CodeDeployLambdaAliasUpdate": {"BeforeAllowTrafficHook": {"Ref": "Fn"}}
                },
            }
        },
        {
            "Hook": {
                "Type": "AWS::CloudFormation::LambdaHook",
                "Properties": {"LambdaFunction": arn("Fn")},
            }
        },
        {
            "Provider": function(
                Handler=PROVIDER,
                Environment={"Variables": {"USER_ON_EVENT_FUNCTION_ARN": arn("Fn")}},
            )
        },
    ],
)
def test_custom_resource_handlers(others: Any) -> None:
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Fn"}}}
    found = functions(
        {"Fn": function(Handler="index.handler"), "Alias": alias, "Bystander": function(), **others}
    )
    assert found["Fn"].custom_resource
    assert not found["Fn"].in_scope
    assert not found["Bystander"].custom_resource


@pytest.mark.parametrize(
    ("logical_id", "resource"),
    [
        ("Provider", function(Handler=PROVIDER)),
        ("Waiter", function(Handler="framework.isComplete")),
        (
            "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F",
            function(Handler="index.handler"),
        ),
        (
            "BucketNotificationsHandler050a0587b7544547bf325f094a3db8347ECC3691",
            function(Handler="index.handler"),
        ),
        (
            "Fn",
            {
                **function(),
                "Metadata": {
                    "aws:cdk:path": "Stack/LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a/Resource"
                },
            },
        ),
    ],
)
def test_functions_the_cdk_brings_along(logical_id: Any, resource: Any) -> None:
    assert functions({logical_id: resource})[logical_id].custom_resource


@pytest.mark.parametrize(
    ("resources", "sections"),
    [
        (
            {
                "A": {
                    "Type": "AWS::ApiGateway::Authorizer",
                    "Properties": {"AuthorizerUri": uri("Fn")},
                }
            },
            {},
        ),
        (
            {
                "A": {
                    "Type": "AWS::ApiGatewayV2::Authorizer",
                    "Properties": {"AuthorizerUri": uri("Fn")},
                }
            },
            {},
        ),
        (
            {
                "A": {
                    "Type": "AWS::Serverless::Api",
                    "Properties": {"Auth": {"Authorizers": {"X": {"FunctionArn": arn("Fn")}}}},
                }
            },
            {},
        ),
        (
            {
                "A": {
                    "Type": "AWS::Serverless::HttpApi",
                    "Properties": {"Auth": {"Authorizers": {"X": {"FunctionArn": arn("Fn")}}}},
                }
            },
            {},
        ),
        (
            {},
            {"Globals": {"HttpApi": {"Auth": {"Authorizers": {"X": {"FunctionArn": arn("Fn")}}}}}},
        ),
        (
            {
                "A": {
                    "Type": "AWS::ApiGateway::RestApi",
                    "Properties": {
                        "Body": {
                            "securityDefinitions": {
                                "X": {
                                    "x-amazon-apigateway-authorizer": {"authorizerUri": uri("Fn")}
                                }
                            }
                        }
                    },
                }
            },
            {},
        ),
        (
            {
                "A": {
                    "Type": "AWS::AppSync::GraphQLApi",
                    "Properties": {"LambdaAuthorizerConfig": {"AuthorizerUri": arn("Fn")}},
                }
            },
            {},
        ),
        (
            {
                "A": {
                    "Type": "AWS::IoT::Authorizer",
                    "Properties": {"AuthorizerFunctionArn": arn("Fn")},
                }
            },
            {},
        ),
    ],
)
def test_authorizers(resources: Any, sections: Any) -> None:
    found = functions({"Fn": function(), "Bystander": function(), **resources}, **sections)
    assert (found["Fn"].authorizer, found["Fn"].in_scope) == (True, False)
    assert found["Bystander"].in_scope


@pytest.mark.parametrize(
    "properties",
    [
        None,
        "text",
        [],
        {"Environment": "x", "Layers": 5, "Role": [], "Runtime": {"Ref": []}, "Handler": {"a": 1}},
        {"Fn::If": ["A", {}, {}]},
    ],
)
def test_malformed_functions_have_nothing_known(properties: Any) -> None:
    found = functions(
        {"Fn": {"Type": LAMBDA, "Properties": properties, "Metadata": 1, "Condition": []}}
    )["Fn"]
    assert (found.runtime, found.handler, found.environment, found.roles, found.metadata) == (
        "",
        "",
        {},
        (),
        {},
    )


@pytest.mark.parametrize(
    "template",
    [None, [], {}, {"Resources": []}, {"Resources": {"Fn": "text", 5: {"Type": LAMBDA}}}],
)
def test_templates_without_functions(template: Any) -> None:
    assert list(Functions(template, References(template))) == []

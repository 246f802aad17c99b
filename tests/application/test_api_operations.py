"""Routes: which operations reach a function, in every spelling, and what a set of them says."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from cfnlint_eda_rules.application.api_operations import (
    ApiOperation,
    catch_alls,
    distinct,
    fronts,
)
from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.routes import operations
from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.application.web_applications import web_adapter, web_applications
from cfnlint_eda_rules.handlers.facts import Mount, Source
from cfnlint_eda_rules.template.documents import read_document
from cfnlint_eda_rules.template.references import References

FUNCTION = """
Orders:
  Type: AWS::Lambda::Function
  Properties: {Runtime: python3.13, Handler: index.handler, Role: r, FunctionName: orders, Code: {S3Bucket: b, S3Key: k}}
"""
SAM_FUNCTION = """
Orders:
  Type: AWS::Serverless::Function
  Properties:
    Runtime: python3.13
    Handler: index.handler
    CodeUri: src/
    Events: {events}
"""
URI = "!Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Orders.Arn}/invocations'"


def literal(function: str) -> str:
    """An integration URI with nothing left to CloudFormation."""
    return f"'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:{function}/invocations'"


def template(resources: str, **sections: Any) -> dict[str, Any]:
    return {"Resources": read_document(None, dedent(resources), inline=True), **sections}


def read(
    resources: str, template_file: str | None = None, **sections: Any
) -> tuple[ApiOperation, ...]:
    decoded = template(resources, **sections)
    references = References(decoded, None)
    return operations(decoded, references, Functions(decoded, references), template_file).get(
        "Orders", ()
    )


def said(found: tuple[ApiOperation, ...]) -> list[str]:
    return [
        f"{operation.style} {operation.name}{' *' if operation.catch_all else ''}"
        for operation in found
    ]


REST = (
    FUNCTION
    + """
Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: api}}
Items: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: items}}
Item: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Items, PathPart: '{id}'}}
Rest:
  Type: AWS::ApiGateway::Resource
  Properties: {RestApiId: !Ref Api, ParentId: {'Fn::GetAtt': [Api, RootResourceId]}, PathPart: '{proxy+}'}
"""
)


def method(verb: str, node: str, kind: str = "AWS_PROXY", uri: str = URI) -> str:
    integration = f"{{Type: {kind}, IntegrationHttpMethod: POST, Uri: {uri}}}"
    properties = f"{{RestApiId: !Ref Api, HttpMethod: {verb}, ResourceId: {node}, Integration: {integration}}}"
    name = "".join(filter(str.isalnum, verb + node))
    return f"{name}: {{Type: AWS::ApiGateway::Method, Properties: {properties}}}\n"


HTTP = FUNCTION + "Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: api, ProtocolType: %s}}\n"
INTEGRATION = """
Way: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Orders.Arn}}
"""


def route(name: str, key: str, target: str = "!Sub 'integrations/${Way}'") -> str:
    return f"{name}: {{Type: AWS::ApiGatewayV2::Route, Properties: {{ApiId: !Ref Api, RouteKey: {key}, Target: {target}}}}}\n"


BALANCED = (
    FUNCTION
    + """
Targets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Orders.Arn}]}}
"""
)
GRAPHQL = (
    FUNCTION
    + """
Api: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: api}}
Source:
  Type: AWS::AppSync::DataSource
  Properties: {ApiId: !GetAtt Api.ApiId, Name: Source, Type: AWS_LAMBDA, LambdaConfig: {LambdaFunctionArn: !GetAtt Orders.Arn}}
"""
)
OPENAPI = """
openapi: 3.0.1
components:
  x-amazon-apigateway-integrations:
    shared: {type: aws_proxy, uri: %(uri)s}
paths:
  /orders:
    get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: %(uri)s}}
    post: {x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/shared'}}
    options: {x-amazon-apigateway-integration: {type: mock}}
  /legacy/{proxy+}:
    x-amazon-apigateway-any-method: {x-amazon-apigateway-integration: {type: http_proxy, uri: 'https://old.example.com/{proxy}'}}
  /files/{proxy+}:
    x-amazon-apigateway-any-method: {x-amazon-apigateway-integration: {type: AWS_PROXY, uri: %(uri)s}}
"""


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        pytest.param(
            REST
            + method("GET", "!Ref Item")
            + method("OPTIONS", "!Ref Items", "MOCK")
            + method("POST", "!Ref Rest", "HTTP_PROXY", "https://old"),
            ["rest GET /items/{id}"],
            id="rest-tree",
        ),
        pytest.param(
            REST + method("ANY", "!GetAtt Api.RootResourceId") + method("ANY", "!Ref Rest"),
            ["rest ANY / *", "rest ANY /{proxy+} *"],
            id="rest-proxy",
        ),
        pytest.param(
            REST + method("ANY", "!GetAtt Api.RootResourceId"), ["rest ANY /"], id="rest-root-alone"
        ),
        pytest.param(
            REST
            + method(
                "GET",
                "!Ref Items",
                uri=literal("orders:live"),
            ),
            ["rest GET /items"],
            id="rest-literal-qualified-arn",
        ),
        pytest.param(
            REST.replace("!Ref Items, PathPart", "!Ref Item, PathPart")
            + method("GET", "!Ref Item"),
            [],
            id="rest-tree-of-itself",
        ),
        pytest.param(
            HTTP % "HTTP" + INTEGRATION + route("R", "GET /orders/"),
            ["http GET /orders"],
            id="http-route",
        ),
        pytest.param(
            HTTP % "HTTP"
            + INTEGRATION
            + route("R", "$default", "!Join [/, [integrations, !Ref Way]]"),
            ["http $default *"],
            id="http-default",
        ),
        pytest.param(
            HTTP % "HTTP" + INTEGRATION.replace("AWS_PROXY", "HTTP_PROXY") + route("R", "GET /"),
            [],
            id="http-proxy",
        ),
        pytest.param(
            HTTP % "WEBSOCKET" + INTEGRATION + route("R", "$default") + route("S", "send"),
            ["websocket $default", "websocket send"],
            id="websocket",
        ),
        pytest.param(
            (HTTP % "x" + INTEGRATION + route("R", "$default") + route("S", "$connect"))
            .replace("!Ref Api", "!ImportValue chat")
            .replace("Api: {Type: AWS::ApiGatewayV2::Api", "Other: {Type: AWS::ApiGatewayV2::Api"),
            ["websocket $default", "websocket $connect"],
            id="websocket-of-another-stack",
        ),
        pytest.param(
            FUNCTION
            + "Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Target: !GetAtt Orders.Arn}}",
            ["http $default *"],
            id="quick-create",
        ),
        pytest.param(
            FUNCTION
            + "Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, RouteKey: POST /leads, Target: !Ref Orders}}",
            ["http POST /leads"],
            id="quick-create-with-key",
        ),
        pytest.param(
            SAM_FUNCTION.format(
                events="{A: {Type: Api, Properties: {Path: /a, Method: get}}, B: {Type: Api, Properties: {Path: '/x/{y+}', Method: any}}, "
                "C: {Type: HttpApi}, D: {Type: SQS, Properties: {Queue: q}}}"
            ),
            ["rest GET /a", "rest ANY /x/{y+} *", "http $default *"],
            id="sam-events",
        ),
        pytest.param(
            SAM_FUNCTION.format(
                events="{A: {Type: HttpApi, Properties: {Path: /$default, Method: x-amazon-apigateway-any-method}}}"
            ),
            ["http $default *"],
            id="sam-default-spelt-out",
        ),
        pytest.param(
            SAM_FUNCTION.format(
                events="{A: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: [PreSignUp, PostConfirmation]}}}"
            ),
            ["cognito PreSignUp", "cognito PostConfirmation"],
            id="sam-cognito",
        ),
        pytest.param(
            FUNCTION
            + "Pool:\n  Type: AWS::Cognito::UserPool\n"
            + "  Properties: {LambdaConfig: {PreTokenGenerationConfig: {LambdaArn: !GetAtt Orders.Arn}}}",
            ["cognito PreTokenGeneration"],
            id="cognito-config",
        ),
        pytest.param(
            FUNCTION
            + "Chat: {Type: AWS::Serverless::WebSocketApi, Properties: {Routes: {$connect: {FunctionArn: !GetAtt Orders.Arn}}}}",
            ["websocket $connect"],
            id="sam-websocket",
        ),
        pytest.param(
            FUNCTION
            + "Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Orders, Name: live}}\n"
            + "Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Live, AuthType: NONE}}",
            ["url ANY /*"],
            id="url-of-alias",
        ),
        pytest.param(
            SAM_FUNCTION.format(events="{}") + "    FunctionUrlConfig: {AuthType: NONE}\n",
            ["url ANY /*"],
            id="sam-url",
        ),
        pytest.param(
            BALANCED
            + """
Rule:
  Type: AWS::ElasticLoadBalancingV2::ListenerRule
  Properties:
    ListenerArn: !Ref ListenerArn
    Conditions:
      - {Field: path-pattern, PathPatternConfig: {Values: [/a, /b/*]}}
      - {Field: http-request-method, HttpRequestMethodConfig: {Values: [POST, GET]}}
    Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Targets}]}}]
Redirect:
  Type: AWS::ElasticLoadBalancingV2::ListenerRule
  Properties: {Conditions: [{Field: path-pattern, Values: [/c]}], Actions: [{Type: redirect}]}
""",
            ["alb ANY /*", "alb GET,POST /a", "alb GET,POST /b/*"],
            id="alb-rule",
        ),
        pytest.param(BALANCED, ["alb ANY /*"], id="alb-targets"),
        pytest.param(
            GRAPHQL
            + """
Direct:
  Type: AWS::AppSync::Resolver
  Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: orders, DataSourceName: Source}
Step: {Type: AWS::AppSync::FunctionConfiguration, Properties: {ApiId: !GetAtt Api.ApiId, Name: step, DataSourceName: !GetAtt Source.Name}}
Piped:
  Type: AWS::AppSync::Resolver
  Properties:
    {ApiId: !GetAtt Api.ApiId, TypeName: Order, FieldName: lines, Kind: PIPELINE, PipelineConfig: {Functions: [!GetAtt Step.FunctionId]}}
Elsewhere: {Type: AWS::AppSync::Resolver, Properties: {ApiId: other, TypeName: Query, FieldName: x, DataSourceName: Source}}
""",
            ["graphql Query.orders", "graphql Order.lines"],
            id="appsync",
        ),
        pytest.param(
            FUNCTION
            + """
Api:
  Type: AWS::Serverless::GraphQLApi
  Properties:
    DataSources: {Lambda: {Mine: {FunctionArn: !GetAtt Orders.Arn}}}
    Functions: {Step: {DataSource: Mine}, Other: {DataSource: None}}
    Resolvers: {Query: {orders: {Pipeline: [Step]}, first: {FieldName: order, Pipeline: [Other, Step]}, none: {Pipeline: [Other]}}}
""",
            ["graphql Query.orders", "graphql Query.order"],
            id="sam-graphql",
        ),
        pytest.param(
            FUNCTION
            + "Api:\n  Type: AWS::ApiGateway::RestApi\n  Properties:\n    Body:"
            + (OPENAPI % {"uri": URI}).replace("\n", "\n      "),
            ["rest GET /orders", "rest POST /orders", "rest ANY /files/{proxy+} *"],
            id="openapi-body",
        ),
        pytest.param(
            REST
            + method(
                "GET",
                "!Ref Items",
                uri=literal("${stageVariables.fn}"),
            )
            + "Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, Variables: {fn: orders}}}",
            ["rest GET /items"],
            id="stage-variable",
        ),
        pytest.param(
            REST
            + method(
                "GET",
                "!Ref Items",
                uri=URI.replace("Arn}", "Arn}:${!stageVariables.alias}"),
            )
            + "Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, Variables: {alias: live}}}",
            ["rest GET /items"],
            id="stage-variable-alias",
        ),
    ],
)
def test_operations(resources: str, expected: list[str]) -> None:
    assert sorted(said(read(resources))) == sorted(expected)


def test_descriptions_beside_the_template(tmp_path: Path) -> None:
    uri = literal("orders")
    (tmp_path / "openapi.yaml").write_text(OPENAPI % {"uri": uri})
    (tmp_path / "included.yaml").write_text(OPENAPI % {"uri": URI})
    resources = (
        FUNCTION + "Api: {Type: AWS::Serverless::Api, Properties: {DefinitionUri: openapi.yaml}}\n"
    )
    include = "{'Fn::Transform': {Name: AWS::Include, Parameters: {Location: ./included.yaml}}}"
    file = str(tmp_path / "template.yaml")
    expected = ["rest GET /orders", "rest POST /orders", "rest ANY /files/{proxy+} *"]
    found = read(resources, file)
    assert said(found) == expected
    assert found[0].place == ("Resources", "Api", "Properties", "DefinitionUri")
    assert (
        said(
            read(
                resources.replace("DefinitionUri: openapi.yaml", f"DefinitionBody: {include}"), file
            )
        )
        == expected
    )
    assert read(resources, None) == ()
    assert (
        read(
            resources.replace("openapi.yaml", "../openapi.yaml"),
            str(tmp_path / "sub" / "template.yaml"),
        )
        == ()
    )


@pytest.mark.parametrize(
    ("kind", "event", "expected"),
    [
        ("Api", "{RestApiId: !Ref Api, Path: /orders, Method: get}", []),
        ("Api", "{RestApiId: !Ref Api, Path: /new, Method: get}", []),
        ("HttpApi", "{ApiId: !Ref Api, Path: /orders, Method: get}", []),
        ("HttpApi", "{ApiId: !Ref Api, Path: /new, Method: get}", ["http GET /new"]),
    ],
)
def test_a_description_decides_over_events(kind: str, event: str, expected: list[str]) -> None:
    body = "{openapi: 3.0.1, paths: {/orders: {get: {x-amazon-apigateway-integration: {type: http_proxy, uri: 'https://old'}}}}}"
    resources = SAM_FUNCTION.format(events=f"{{E: {{Type: {kind}, Properties: {event}}}}}")
    assert (
        said(
            read(
                f"{resources}Api: {{Type: AWS::Serverless::{kind}, Properties: {{DefinitionBody: {body}}}}}\n"
            )
        )
        == expected
    )


def test_conditions_travel_and_exclude() -> None:
    resources = SAM_FUNCTION.format(
        events="{A: {Type: Api, Properties: {Path: !If [Old, /a, /b], Method: get}}, B: {Type: Api, Properties: {Path: /c, Method: get}}}"
    )
    found = read(resources, Conditions={"Old": {"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}})
    assert said(found) == ["rest GET /a", "rest GET /b", "rest GET /c"]
    assert found[0].conditions == {("Old", True)}
    assert len(distinct(found)) == 2


def operation(name: str, style: str = "rest", api: str = "Api", **more: Any) -> ApiOperation:
    verb, _, path = name.rpartition(" ")
    kind = SourceKind({"graphql": "graphql", "cognito": "identity"}.get(style, "api"))
    return ApiOperation(
        api, kind, style, verb, path, more.pop("catch_all", False), ("Resources", api), **more
    )


@pytest.mark.parametrize(
    ("known", "count"),
    [
        pytest.param(
            [operation("GET /a"), operation("GET /a", "http", "Other")], 1, id="same-on-two-apis"
        ),
        pytest.param(
            [operation("GET /a/{id}"), operation("GET /a/{key}/", "http", "Other")],
            1,
            id="variable-named-differently",
        ),
        pytest.param([operation("GET /a"), operation("POST /a")], 2, id="methods"),
        pytest.param(
            [operation("GET /a"), operation("ANY /a"), operation("POST /a")],
            1,
            id="any-takes-in-methods",
        ),
        pytest.param(
            [operation("Product.price", "graphql"), operation("Bundle.price", "graphql")],
            2,
            id="fields",
        ),
        pytest.param(
            [operation("ANY /*", "url", front_door=True), operation("GET /a")],
            1,
            id="front-door-names-none",
        ),
        pytest.param(
            [
                operation("GET /a", conditions=frozenset({("C", True)})),
                operation("GET /b", conditions=frozenset({("C", False)})),
            ],
            1,
            id="exclusive",
        ),
        pytest.param(
            [
                operation("GET /a", conditions=frozenset({("C", True)})),
                operation("GET /b", conditions=frozenset({("D", True)})),
            ],
            2,
            id="independent",
        ),
    ],
)
def test_distinct(known: list[ApiOperation], count: int) -> None:
    assert len(distinct(known)) == count


def test_distinct_asks_which_conditions_can_hold() -> None:
    known = [
        operation("GET /a", conditions=frozenset({("C", True)})),
        operation("GET /b", conditions=frozenset({("D", True)})),
    ]
    assert len(distinct(known, lambda conditions: len(conditions) < 2)) == 1


def test_fronts_and_catch_alls() -> None:
    url, route_, proxy = (
        operation("ANY /*", "url", front_door=True),
        operation("GET /a"),
        operation("ANY /{x+}", catch_all=True),
    )
    assert fronts([url, route_, proxy]) == (url, proxy)
    assert catch_alls([url, route_, proxy]) == (proxy,)


@pytest.mark.parametrize(
    ("mount", "strict", "counts"),
    [
        (Mount("Flask", 2, "app.py", 1), False, True),
        (Mount("Flask", 1, "app.py", 1), True, False),
        (Mount("Flask", 0, "app.py", 1), False, False),
        (Mount("Flask", 0, "app.py", 1), True, True),
        (Mount("Next.js", 0, "app.js", 1), False, True),
    ],
)
def test_web_applications(mount: Mount, strict: bool, counts: bool) -> None:
    decoded = template(FUNCTION)
    function = Functions(decoded, References(decoded, None))["Orders"]
    assert bool(web_applications(function, Source("python", (), (), (mount,)), strict)) is counts


def test_compiled_application_by_its_handler() -> None:
    decoded = template(
        FUNCTION.replace("index.handler", '"Shop::Shop.LambdaEntryPoint::FunctionHandlerAsync"')
    )
    function = Functions(decoded, References(decoded, None))["Orders"]
    assert [mount.framework for mount in web_applications(function, None)] == ["ASP.NET"]


@pytest.mark.parametrize(
    ("more", "in_image", "expected"),
    [
        (
            "Layers: [!Sub 'arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerX86:24']",
            False,
            "its layer",
        ),
        (
            "Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap}}",
            False,
            "`AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap`",
        ),
        ("Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/otel-handler}}", False, ""),
        ("Timeout: 3", True, "its Dockerfile"),
    ],
)
def test_web_adapter(more: str, in_image: bool, expected: str) -> None:
    decoded = template(SAM_FUNCTION.format(events="{}") + f"    {more}\n")
    references = References(decoded, None)
    assert web_adapter(Functions(decoded, references)["Orders"], in_image, references) == expected


@pytest.mark.parametrize(
    "junk",
    [
        None,
        1,
        "x",
        [],
        {},
        [[]],
        {"Ref": 1},
        {"Fn::If": ["C"]},
        {"Fn::GetAtt": []},
        {"Fn::Transform": 1},
    ],
)
def test_nonsense_gives_nothing(junk: Any) -> None:
    decoded: dict[str, Any] = template(
        REST
        + method("GET", "!Ref Item")
        + "Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api}}"
    )
    looped: dict[str, Any] = {"paths": {}}
    looped["paths"]["/x"] = looped
    resources = decoded["Resources"]
    for name, kind, key in (
        ("A", "AWS::ApiGateway::RestApi", "Body"),
        ("B", "AWS::ApiGatewayV2::Route", "Target"),
        ("C", "AWS::Serverless::Function", "Events"),
        ("D", "AWS::Serverless::GraphQLApi", "Resolvers"),
        ("E", "AWS::ElasticLoadBalancingV2::ListenerRule", "Conditions"),
        ("F", "AWS::Cognito::UserPool", "LambdaConfig"),
        ("G", "AWS::Serverless::WebSocketApi", "Routes"),
        ("H", "AWS::AppSync::Resolver", "TypeName"),
        ("I", "AWS::ApiGateway::Stage", "Variables"),
        ("J", "AWS::ApiGateway::Method", "Integration"),
    ):
        resources[name] = {"Type": kind, "Properties": {key: junk}}
        resources[name + "2"] = {"Type": kind, "Properties": junk}
        resources[name + "3"] = {"Type": kind, "Properties": {key: looped}}
    references = References(decoded, None)
    found = operations(decoded, references, Functions(decoded, references), None)
    assert said(found["Orders"]) == ["rest GET /items/{id}"]

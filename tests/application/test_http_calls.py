"""Requests of functions to routes, Function URLs and resolvers of their own application."""

from textwrap import indent

import pytest
from cfnlint.decode.cfn_yaml import loads
from cfnlint.template import Template

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.http_calls import mutated_fields
from cfnlint_eda_rules.application.invocations import invocations

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Rest: {{Type: AWS::Serverless::Api, Properties: {{StageName: prod}}}}
  Http: {{Type: AWS::Serverless::HttpApi}}
  Items: {{Type: AWS::DynamoDB::Table, Properties: {{StreamSpecification: {{StreamViewType: KEYS_ONLY}}}}}}
  Graph: {{Type: AWS::AppSync::GraphQLApi, Properties: {{Name: g, AuthenticationType: AWS_IAM}}}}
  Store: {{Type: AWS::AppSync::DataSource, Properties: {{ApiId: !GetAtt Graph.ApiId, Name: store, Type: AMAZON_DYNAMODB, DynamoDBConfig: {{TableName: !Ref Items}}}}}}
  Compute: {{Type: AWS::AppSync::DataSource, Properties: {{ApiId: !GetAtt Graph.ApiId, Name: compute, Type: AWS_LAMBDA, LambdaConfig: {{LambdaFunctionArn: !GetAtt Other.Arn}}}}}}
  Save: {{Type: AWS::AppSync::Resolver, Properties: {{ApiId: !GetAtt Graph.ApiId, TypeName: Mutation, FieldName: save, DataSourceName: store}}}}
  Work: {{Type: AWS::AppSync::Resolver, Properties: {{ApiId: !GetAtt Graph.ApiId, TypeName: Mutation, FieldName: work, DataSourceName: !GetAtt Compute.Name}}}}
  Step: {{Type: AWS::AppSync::FunctionConfiguration, Properties: {{ApiId: !GetAtt Graph.ApiId, Name: step, DataSourceName: !GetAtt Store.Name}}}}
  Piped: {{Type: AWS::AppSync::Resolver, Properties: {{ApiId: !GetAtt Graph.ApiId, TypeName: Mutation, FieldName: piped, Kind: PIPELINE, PipelineConfig: {{Functions: [!GetAtt Step.FunctionId]}}}}}}
  Read: {{Type: AWS::AppSync::Resolver, Properties: {{ApiId: !GetAtt Graph.ApiId, TypeName: Query, FieldName: read, DataSourceName: store}}}}
  Mine:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: {runtime}
      Handler: index.handler
      Environment:
        Variables:
          REST: !Sub https://${{Rest}}.execute-api.${{AWS::Region}}.amazonaws.com/prod
          HTTP: !Sub https://${{Http}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}
          URL: !GetAtt OtherUrl.FunctionUrl
          GRAPH: !GetAtt Graph.GraphQLUrl
      Events:
        Own: {{Type: HttpApi, Properties: {{ApiId: !Ref Http, Path: /mine, Method: POST}}}}
        Changed: {{Type: DynamoDB, Properties: {{Stream: !GetAtt Items.StreamArn, StartingPosition: LATEST}}}}
      InlineCode: |
{code}
  Other:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: "exports.handler = async () => 1"
      FunctionUrlConfig: {{AuthType: NONE}}
      Events:
        Prices: {{Type: Api, Properties: {{RestApiId: !Ref Rest, Path: /prices, Method: GET}}}}
        Price: {{Type: HttpApi, Properties: {{ApiId: !Ref Http, Path: "/prices/{{id}}", Method: GET}}}}
        Rest: {{Type: HttpApi, Properties: {{ApiId: !Ref Http, Path: "/files/{{key+}}", Method: ANY}}}}
"""
PYTHON = """
import os, json, urllib.request
import requests
def handler(event, context):
{code}
"""
JAVASCRIPT = """
const axios = require('axios');
const { SignatureV4 } = require('@smithy/signature-v4');
const { HttpRequest } = require('@smithy/protocol-http');
exports.handler = async (event) => {
CODE
};
"""


def model(code: str) -> Application:
    javascript = code.rstrip().endswith(";")
    source = (
        JAVASCRIPT.replace("CODE", indent(code, "  "))
        if javascript
        else PYTHON.format(code=indent(code, "    "))
    )
    runtime = "nodejs22.x" if javascript else "python3.13"
    text = TEMPLATE.format(runtime=runtime, code=indent(source.strip(), " " * 8))
    cfn = Template(None, loads(text))
    return Application(cfn.template, None, cfn.conditions)


@pytest.mark.parametrize(
    ("code", "waited_for", "looping"),
    [
        ("requests.get(os.environ['REST'] + '/prices')", ["Other"], []),
        ("requests.get(f\"{os.environ['REST']}/prices?x={event['x']}\")", ["Other"], []),
        ("requests.post(os.environ['REST'] + '/prices')", [], []),
        ("requests.get(os.environ['REST'] + '/other')", [], []),
        ("requests.get(f\"{os.environ['HTTP']}/prices/{event['id']}\")", ["Other"], []),
        ("requests.get(f\"{os.environ['HTTP']}/prices\")", [], []),
        ("requests.put(os.environ['HTTP'] + '/files/a/b', data='x')", ["Other"], []),
        ("requests.get('https://example.com/prices')", [], []),
        ("requests.post(os.environ['URL'], json={})", ["Other"], []),
        ("urllib.request.urlopen(os.environ['URL'])", ["Other"], []),
        (
            "requests.post(os.environ['HTTP'] + '/mine', json={})",
            ["Mine"],
            ["Http -> Mine -> Http"],
        ),
        ("await fetch(`${process.env.HTTP}/prices/${event.id}`);", ["Other"], []),
        ("await axios.get(process.env.URL);", ["Other"], []),
        ("fetch(process.env.URL).catch(() => 0);", [], []),
        (
            "requests.post(os.environ['GRAPH'], json={'query': 'mutation { save(id: 1) { id } }'})",
            [],
            ["Items -> Mine -> Items"],
        ),
        (
            "requests.post(os.environ['GRAPH'], data=json.dumps({'query': 'mutation M($i: I!) { a: piped(i: $i) { id save } }'}))",
            [],
            ["Items -> Mine -> Items"],
        ),
        ("requests.post(os.environ['GRAPH'], json={'query': 'query { read { save } }'})", [], []),
        ("requests.post(os.environ['GRAPH'], json=event)", [], []),
        (
            "requests.post(os.environ['GRAPH'], json={'query': 'mutation { work { id } }'})",
            ["Other"],
            [],
        ),
        (
            "await axios.post(process.env.GRAPH, { query: 'mutation { save { id } }' });",
            [],
            ["Items -> Mine -> Items"],
        ),
        (
            """
const endpoint = new URL(process.env.GRAPH);
const signer = new SignatureV4({ region: 'eu-west-1', service: 'appsync' });
const request = new HttpRequest({ method: 'POST', hostname: endpoint.host, path: endpoint.pathname, body: JSON.stringify({ query: `mutation { save { id } }` }) });
const signed = await signer.sign(request);
await fetch(new Request(process.env.GRAPH, signed));
""".strip(),
            [],
            ["Items -> Mine -> Items"],
        ),
    ],
)
def test_requests_to_the_own_application(
    code: str, waited_for: list[str], looping: list[str]
) -> None:
    application = model(code)
    found = invocations(application.effects, "Mine")
    assert [invocation.callee for invocation in found if invocation.waits] == waited_for
    loops = application.loops()
    assert [" -> ".join(map(application.label, loop.places)) for loop in loops] == looping


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mutation { a }", ("a",)),
        ("mutation Name($x: I!) { a(i: $x, l: [1, {b: 2}]) { c d } e }", ("a", "e")),
        ("mutation { one: a { id } two: b }", ("a", "b")),
        ("query { a } mutation { b } fragment F on T { c }", ("b",)),
        ("{ a }", ()),
        ("mutation {", ()),
        (")))}}} mutation { a", ()),
        ("", ()),
    ],
)
def test_fields_of_mutations(query: str, expected: tuple[str, ...]) -> None:
    assert mutated_fields(query) == expected

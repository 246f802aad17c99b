"""The steps of handlers: which runs, waits, jobs and workflows are found in them."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from cfnlint.decode.cfn_yaml import loads
from cfnlint.template import Template

from cfnlint_eda_rules.application import blocking_calls as blocking
from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.effects import Effects
from cfnlint_eda_rules.application.invocations import invocations

TEMPLATE = """
Resources:
  Documents: {Type: AWS::S3::Bucket}
  Index: {Type: AWS::DynamoDB::Table}
  Jobs: {Type: AWS::SQS::Queue}
  Other: {Type: AWS::Lambda::Function, Properties: {Runtime: java21, Handler: x, Code: {S3Bucket: b, S3Key: k}}}
  Mapping: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Worker}}
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Environment: {Variables: {BUCKET: !Ref Documents, TABLE: !Ref Index, QUEUE: !Ref Jobs, OTHER: !Ref Other}}
      Code:
        ZipFile: |
"""
HEAD = """
import boto3, os, time, requests
s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
sqs = boto3.client("sqs")
functions = boto3.client("lambda")
athena = boto3.client("athena")

def handler(event, context):
"""
PUT = 's3.put_object(Bucket=os.environ["BUCKET"], Key="k", Body=b"")'
ITEM = 'table.put_item(Item={"id": "1"})'
SEND = 'sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody="x")'


def effects(body: str) -> Effects:
    code = HEAD + indent(dedent(body).strip(), "    ")
    template = loads(TEMPLATE + indent(code, " " * 10))
    cfn = Template(None, template)
    return Application(cfn.template, None, cfn.conditions).effects


def said(found: tuple[blocking.BlockingCall, ...]) -> list[str]:
    return [step.says.partition(" at ")[0] for step in found]


@pytest.mark.parametrize(
    ("body", "run"),
    [
        (f"{PUT}\n{ITEM}", ["s3:PutObject on Documents", "dynamodb:PutItem on Index"]),
        (f"{PUT}\n{PUT}", []),
        (f"if event.get('a'):\n    {PUT}\nelse:\n    {ITEM}", []),
        (f"if event['kind'] == 'a':\n    {PUT}\nif event['kind'] == 'b':\n    {ITEM}", []),
        (f"if event['kind'] == 'a':\n    {PUT}\n    return\n{ITEM}", []),
        (f"try:\n    {PUT}\nexcept Exception:\n    {ITEM}", []),
        (
            f"try:\n    {PUT}\nfinally:\n    {ITEM}",
            ["s3:PutObject on Documents", "dynamodb:PutItem on Index"],
        ),
        (
            f"for record in event['Records']:\n    {PUT}\n    {SEND}",
            ["s3:PutObject on Documents", "sqs:SendMessage on Jobs"],
        ),
        (
            f"requests.post('https://pay.example.com/charges')\n{SEND}",
            ["HTTP POST to pay.example.com/charges", "sqs:SendMessage on Jobs"],
        ),
        (f"requests.get('https://pay.example.com/charges')\n{SEND}", []),
        (
            "requests.post('https://a.example.com/x')\nrequests.post('https://b.example.com/x')",
            ["HTTP POST to a.example.com/x", "HTTP POST to b.example.com/x"],
        ),
        (
            "requests.post('https://a.example.com/x')\nrequests.post('https://a.example.com/y')",
            ["HTTP POST to a.example.com/x", "HTTP POST to a.example.com/y"],
        ),
        (
            "for id in event['ids']:\n    requests.post(f'https://a.example.com/x/{id}')\nrequests.post('https://a.example.com/x/')",
            [],
        ),
        (
            'requests.post(f\'https://{event["host"]}/{event["stage"]}/x\')\nrequests.post(f\'https://{event["host"]}/{event["stage"]}/y\')',
            ["HTTP POST to /x", "HTTP POST to /y"],
        ),
        (
            "requests.post(event['first'])\nrequests.post(event['second'])",
            ["HTTP POST", "HTTP POST"],
        ),
        (
            "s3.put_object(Bucket=event['in'], Key='k')\ns3.put_object(Bucket=event['out'], Key='k')",
            ["s3:PutObject", "s3:PutObject"],
        ),
        (
            "for name in event['names']:\n    s3.put_object(Bucket=name, Key='k')\n    s3.put_object(Bucket=name, Key='l')",
            [],
        ),
        (f"{PUT}\nboto3.client('cloudwatch').put_metric_data(Namespace='n', MetricData=[])", []),
        (f"{PUT}\nsqs.delete_message(QueueUrl=os.environ['QUEUE'], ReceiptHandle='r')", []),
    ],
)
def test_writes_in_a_row(body: str, run: list[str]) -> None:
    assert said(blocking.writes_in_a_row(blocking.blocking_calls(effects(body), "Worker"))) == run


@pytest.mark.parametrize(
    ("body", "run"),
    [
        (
            "a = table.get_item(Key={'id': event['id']})\nb = s3.get_object(Bucket=os.environ['BUCKET'], Key=event['key'])\nreturn a, b",
            ["dynamodb:GetItem on Index", "s3:GetObject on Documents"],
        ),
        (
            "a = table.get_item(Key={'id': '1'})\nreturn s3.get_object(Bucket=os.environ['BUCKET'], Key=a['Item']['key'])",
            [],
        ),
        (
            "a = table.get_item(Key={'id': '1'})\nif 'Item' in a:\n    s3.get_object(Bucket=os.environ['BUCKET'], Key='k')",
            [],
        ),
        ("table.get_item(Key={'id': '1'})\ntable.get_item(Key={'id': '2'})", []),
    ],
)
def test_reads_in_a_row(body: str, run: list[str]) -> None:
    assert said(blocking.reads_in_a_row(blocking.blocking_calls(effects(body), "Worker"))) == run


@pytest.mark.parametrize(
    ("body", "waits"),
    [
        ("time.sleep(1)", ["a sleep"]),
        ("time.sleep(0.9)", []),
        ("time.sleep(event['pause'])", ["a sleep"]),
        (f"{PUT}\ntime.sleep(1)", ["a sleep"]),
        (
            "s3.get_waiter('object_exists').wait(Bucket=os.environ['BUCKET'], Key='k')",
            ["the waiter ObjectExists"],
        ),
        (
            "while table.get_item(Key={'id': '1'})['Item']['state'] != 'done':\n    pass",
            ["polling by dynamodb:GetItem on Index"],
        ),
        (f"try:\n    {PUT}\nexcept Exception:\n    time.sleep(1)", []),
    ],
)
def test_waits(body: str, waits: list[str]) -> None:
    assert [
        said.replace("an ObjectExists", "a ObjectExists")
        for said in said(blocking.waits(blocking.blocking_calls(effects(body), "Worker")))
    ] == waits


START = "job = athena.start_query_execution(QueryString='select 1')['QueryExecutionId']"
LOOK = "state = athena.get_query_execution(QueryExecutionId=event['job'])['QueryExecution']['Status']['State']"
LATER = 'sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody="x", DelaySeconds=60)'


def test_a_job_that_is_waited_for() -> None:
    found = blocking.blocking_calls(effects(f"{START}\ntime.sleep(5)"), "Worker")
    job = blocking.awaited_job(found)
    assert job is not None
    assert said(job) == ["athena:StartQueryExecution on workgroup/primary", "a sleep"]
    assert (
        blocking.awaited_job(blocking.blocking_calls(effects(f"{START}\nreturn job"), "Worker"))
        is None
    )
    assert (
        blocking.awaited_job(blocking.blocking_calls(effects(f"{PUT}\ntime.sleep(5)"), "Worker"))
        is None
    )


@pytest.mark.parametrize(
    ("body", "continued"),
    [
        (f"{LOOK}\nif state == 'RUNNING':\n    {SEND}", True),
        (f"{LOOK}\nif state == 'RUNNING':\n    {PUT}", False),
        (f"if 'Item' not in table.get_item(Key={{'id': '1'}}):\n    {LATER}", True),
        (f"if 'Item' not in table.get_item(Key={{'id': '1'}}):\n    {SEND}", False),
        (
            "page = table.scan()\nif 'LastEvaluatedKey' in page:\n    functions.invoke(FunctionName=context.function_name, InvocationType='Event')",
            False,
        ),
    ],
)
def test_a_job_that_is_looked_after_again_and_again(body: str, continued: bool) -> None:
    model = effects(body)
    assert (
        blocking.continued_job(model, "Worker", blocking.blocking_calls(model, "Worker"))
        is not None
    ) is continued


@pytest.mark.parametrize(
    ("body", "run"),
    [
        (f"{PUT}\n{ITEM}\n{SEND}", 0),
        (
            f"try:\n    {PUT}\n    {ITEM}\n    {SEND}\nexcept Exception:\n    table.delete_item(Key={{'id': '1'}})",
            3,
        ),
        (
            f"answer = functions.invoke(FunctionName=os.environ['OTHER'])\nif answer['StatusCode'] == 200:\n    {PUT}\n    {ITEM}",
            3,
        ),
    ],
)
def test_a_workflow_needs_compensation_or_branches(body: str, run: int) -> None:
    model = effects(body)
    found = blocking.workflow(model, "Worker", blocking.blocking_calls(model, "Worker"))
    assert (len(found.run) if found else 0) == run


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("functions.invoke(FunctionName=os.environ['OTHER'])", [("Other", True)]),
        (
            "functions.invoke(FunctionName=os.environ['OTHER'], InvocationType='RequestResponse')",
            [("Other", True)],
        ),
        (
            "functions.invoke(FunctionName=os.environ['OTHER'], InvocationType='Event')",
            [("Other", False)],
        ),
        ("functions.invoke(FunctionName=os.environ['OTHER'], InvocationType='DryRun')", []),
        ("functions.invoke(FunctionName=event['name'])", [(None, True)]),
        ("functions.invoke(FunctionName=context.function_name)", [("Worker", True)]),
    ],
)
def test_invocations(call: str, expected: list[tuple[str | None, bool]]) -> None:
    assert [
        (found.callee, found.waits) for found in invocations(effects(call), "Worker")
    ] == expected


@pytest.mark.parametrize(
    ("policies", "services"),
    [
        (
            "[AmazonS3FullAccess, AmazonDynamoDBFullAccess]",
            {"anything of dynamodb", "anything of s3"},
        ),
        (
            "[AmazonS3FullAccess, {SQSSendMessagePolicy: {QueueName: !GetAtt Jobs.QueueName}}]",
            {"Jobs", "anything of s3"},
        ),
        ("[AmazonS3FullAccess, {S3WritePolicy: {BucketName: !Ref Documents}}]", set()),
        ("[AWSLambdaBasicExecutionRole]", set()),
    ],
)
def test_services_that_grants_let_a_function_write_to(policies: str, services: set[str]) -> None:
    worker = f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Documents: {{Type: AWS::S3::Bucket}}
  Jobs: {{Type: AWS::SQS::Queue}}
  Worker:
    Type: AWS::Serverless::Function
    Properties: {{Runtime: java21, Handler: x, CodeUri: s3://b/k, Policies: {policies}}}
"""
    cfn = Template(None, loads(worker))
    assert (
        set(
            blocking.granted_services(
                Application(cfn.template, None, cfn.conditions).effects, "Worker"
            )
        )
        == services
    )

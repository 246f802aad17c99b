"""Calls whose record, announcement, results or change come back to the function that makes them."""

from textwrap import indent

import pytest
from cfnlint.decode.cfn_yaml import loads
from cfnlint.template import Template

from cfnlint_eda_rules.application.application import Application

RESOURCES = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Files: {{Type: AWS::S3::Bucket, Properties: {{BucketName: files}}}}
  Other: {{Type: AWS::S3::Bucket, Properties: {{BucketName: other}}}}
  Items: {{Type: AWS::DynamoDB::Table}}
  News: {{Type: AWS::SNS::Topic}}
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties: {{Definition: {{StartAt: A, States: {{A: {{Type: Pass, End: true}}}}}}}}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Environment: {{Variables: {{FLOW: !Ref Flow, FILES: !Ref Files, OUT: !Sub "s3://${{Files}}/out/", NEWS: !Ref News}}}}
      InlineCode: |
        import json, os
        import boto3
        def handler(event, context):
{code}
{events}
{more}
"""
RULE = """
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {pattern}
      State: {state}
      Targets: [{{Id: work, Arn: !GetAtt Work.Arn}}]
"""
CREATED = """
      Events:
        New: {{Type: S3, Properties: {{Bucket: !Ref Files, Events: "{events}", Filter: {{S3Key: {{Rules: {rules}}}}}}}}}
"""


def loops(code: str, events: str = "", more: str = "") -> list[str]:
    text = RESOURCES.format(code=indent(code.strip(), " " * 10), events=events, more=more)
    cfn = Template(None, loads(text))
    model = Application(cfn.template, None, cfn.conditions)
    return [" -> ".join(model.label(place) for place in loop.places) for loop in model.loops()]


def call(service: str, method: str, arguments: str = "") -> str:
    return f'boto3.client("{service}").{method}({arguments})'


def comes_back(code: str, pattern: str, state: str = "ENABLED", more: str = "") -> bool:
    rule = RULE.format(pattern=pattern, state=state)
    return bool(loops(code, more=rule + more))


def record(source: str, *names: str, more: str = "") -> str:
    listed = ", ".join(names)
    return (
        "{detail-type: [AWS API Call via CloudTrail], detail: "
        f"{{eventSource: [{source}.amazonaws.com], eventName: [{listed}]{more}}}}}"
    )


TAG = call("ec2", "create_tags", 'Resources=[event["id"]], Tags=[{"Key": "owner", "Value": "me"}]')
ALL_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.mark.parametrize(
    ("code", "pattern", "expected"),
    [
        (TAG, record("ec2", "CreateTags"), True),
        (TAG, record("ec2", "DeleteTags"), False),
        (TAG, record("rds", "CreateTags"), False),
        (TAG, "{source: [aws.ec2]}", True),
        (TAG, "{source: [aws.s3]}", False),
        (TAG, '{source: [{prefix: ""}]}', True),
        # How the call ended is no positive trigger; who made it is one, compared where it is known.
        (TAG, record("ec2", "CreateTags", more=", errorCode: [{exists: false}]"), True),
        (
            TAG,
            record("ec2", "CreateTags", more=", userIdentity: {type: [Root]}"),
            False,
        ),
        (
            TAG,
            record("ec2", "CreateTags", more=", userIdentity: {type: [AssumedRole]}"),
            True,
        ),
        (
            TAG,
            record("ec2", "CreateTags", more=", userIdentity: {userName: [{anything-but: me}]}"),
            False,
        ),
        # What the request sets is compared.
        (
            call("iam", "attach_role_policy", 'RoleName="a", PolicyArn="p"'),
            record("iam", "AttachRolePolicy", more=", requestParameters: {roleName: [a]}"),
            True,
        ),
        (
            call("iam", "attach_role_policy", 'RoleName="a", PolicyArn="p"'),
            record("iam", "AttachRolePolicy", more=", requestParameters: {roleName: [b]}"),
            False,
        ),
        (
            call("lambda", "update_function_configuration", 'FunctionName=event["f"]'),
            record("lambda", "UpdateFunctionConfiguration20150331v2"),
            True,
        ),
        (
            call("emr", "terminate_job_flows", 'JobFlowIds=[event["f"]]'),
            record("elasticmapreduce", "TerminateJobFlows"),
            True,
        ),
        # Data events need a trail, reads need a rule that asks for them.
        (call("sqs", "send_message", 'QueueUrl="q"'), record("sqs", "SendMessage"), False),
        (call("ec2", "describe_instances"), record("ec2", "DescribeInstances"), False),
        (call("sts", "get_caller_identity"), "{source: [aws.sts]}", False),
    ],
)
def test_record_of_a_call(code: str, pattern: str, expected: bool) -> None:
    assert comes_back(code, pattern) is expected


def test_record_of_a_read_needs_a_rule_that_asks_for_it() -> None:
    code, pattern = call("ec2", "describe_instances"), record("ec2", "DescribeInstances")
    assert comes_back(code, pattern, ALL_READS)


PUT = call("s3", "put_object", 'Bucket=os.environ["FILES"], Key="in/a.txt", Body=b""')
TRAIL = """
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: {{IsLogging: {logging}, S3BucketName: !Ref Other, {selectors}}}
"""


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        (
            "EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3']}]}]",
            True,
        ),
        (
            "EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::']}]}]",
            True,
        ),
        (
            "EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: [!Sub '${Files.Arn}/']}]}]",
            True,
        ),
        (
            "EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::files/in/']}]}]",
            True,
        ),
        (
            "EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::files/out/']}]}]",
            False,
        ),
        (
            "EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: [!Sub '${Other.Arn}/']}]}]",
            False,
        ),
        (
            "EventSelectors: [{DataResources: [{Type: 'AWS::Lambda::Function', Values: ['arn:aws:lambda']}]}]",
            False,
        ),
        (
            "EventSelectors: [{ReadWriteType: ReadOnly, DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3']}]}]",
            False,
        ),
        ("EventSelectors: [{IncludeManagementEvents: true}]", False),
        (
            "AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, "
            "{Field: resources.type, Equals: ['AWS::S3::Object']}]}]",
            True,
        ),
        (
            "AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, "
            "{Field: resources.type, Equals: ['AWS::S3::Object']}, "
            "{Field: resources.ARN, NotStartsWith: [!Sub '${Files.Arn}/']}]}]",
            False,
        ),
        (
            "AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, "
            "{Field: resources.type, Equals: ['AWS::S3::Object']}, {Field: eventName, Equals: [DeleteObject]}]}]",
            False,
        ),
        (
            "AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]",
            False,
        ),
    ],
)
def test_data_event_that_a_trail_selects(selectors: str, expected: bool) -> None:
    pattern = record("s3", "PutObject")
    trail = TRAIL.format(logging="true", selectors=selectors)
    assert comes_back(PUT, pattern, more=trail) is expected


def test_trail_that_is_off_selects_nothing() -> None:
    selectors = (
        "EventSelectors: [{DataResources: [{Type: 'AWS::S3::Object', Values: ['arn:aws:s3']}]}]"
    )
    trail = TRAIL.format(logging="false", selectors=selectors)
    assert not comes_back(PUT, record("s3", "PutObject"), more=trail)


START = call("stepfunctions", "start_execution", 'stateMachineArn=os.environ["FLOW"]')
STATUS = "{{source: [aws.states], detail-type: [Step Functions Execution Status Change], detail: {{{}}}}}"
FINDINGS = "{{source: [aws.securityhub], detail-type: [Security Hub Findings - Imported], detail: {{findings: {{{}}}}}}}"
PARAMETER = "{{source: [aws.ssm], detail-type: [Parameter Store Change], detail: {{{}}}}}"


@pytest.mark.parametrize(
    ("code", "pattern", "expected"),
    [
        (START, STATUS.format("status: [FAILED]"), True),
        (START, STATUS.format("status: [FAILED], stateMachineArn: [!Ref Flow]"), True),
        (START, STATUS.format("stateMachineArn: [!GetAtt Work.Arn]"), False),
        (START, STATUS.format("status: [NEVER]"), False),
        (
            call("securityhub", "batch_update_findings", 'Note={"Text": "seen"}'),
            FINDINGS.format("Workflow: {Status: [NEW]}"),
            True,
        ),
        (
            call("securityhub", "batch_update_findings", 'Workflow={"Status": "NOTIFIED"}'),
            FINDINGS.format("Workflow: {Status: [NEW]}"),
            False,
        ),
        (
            call("securityhub", "batch_update_findings", 'Workflow={"Status": event["s"]}'),
            FINDINGS.format("Workflow: {Status: [NEW]}"),
            False,
        ),
        (
            call("ssm", "put_parameter", 'Name="/a", Value="1", Type="String"'),
            PARAMETER.format("name: [/a]"),
            True,
        ),
        (
            call("ssm", "put_parameter", 'Name="/a", Value="1", Type="String"'),
            PARAMETER.format("name: [/b]"),
            False,
        ),
        (
            call("ssm", "put_parameter", 'Name=event["n"], Value="1", Type="String"'),
            PARAMETER.format("operation: [Delete]"),
            False,
        ),
        (
            call("ec2", "stop_instances", 'InstanceIds=[event["i"]]'),
            "{source: [aws.ec2], detail-type: [EC2 Instance State-change Notification], detail: {state: [stopped]}}",
            True,
        ),
        (
            call("ec2", "stop_instances", 'InstanceIds=[event["i"]]'),
            "{source: [aws.ec2], detail-type: [EC2 Instance State-change Notification], detail: {state: [running]}}",
            False,
        ),
        (
            call("redshift-data", "execute_statement", 'Sql="select 1", WithEvent=True'),
            "{source: [aws.redshift-data]}",
            True,
        ),
        (
            call("redshift-data", "execute_statement", 'Sql="select 1"'),
            "{source: [aws.redshift-data]}",
            False,
        ),
        (
            call("codebuild", "start_build", 'projectName="p"'),
            "{source: [aws.codebuild], detail-type: [CodeBuild Build State Change], detail: {build-status: [FAILED], project-name: [p]}}",
            True,
        ),
        (
            call("config", "put_evaluations", 'Evaluations=[{"ComplianceType": "COMPLIANT"}]'),
            "{source: [aws.config], detail-type: [Config Rules Compliance Change], detail: {newEvaluationResult: {complianceType: [NON_COMPLIANT]}}}",
            False,
        ),
        (
            TAG,
            "{source: [aws.tag], detail-type: [Tag Change on Resource], detail: {service: [ec2]}}",
            True,
        ),
        (
            call("s3", "put_public_access_block", 'Bucket="b"'),
            "{source: [aws.config], detail: {configurationItem: {resourceType: ['AWS::S3::Bucket']}}}",
            True,
        ),
        (
            call("s3", "put_public_access_block", 'Bucket="b"'),
            "{source: [aws.config], detail: {configurationItem: {resourceType: ['AWS::EC2::Instance']}}}",
            False,
        ),
    ],
)
def test_what_a_service_says_of_a_call(code: str, pattern: str, expected: bool) -> None:
    assert comes_back(code, pattern) is expected


ATHENA = 'QueryString="select 1", ResultConfiguration={{"OutputLocation": {}}}'
WORKGROUP = """
  Group:
    Type: AWS::Athena::WorkGroup
    Properties:
      Name: group
      WorkGroupConfiguration: {{{}ResultConfiguration: {{OutputLocation: !Sub "s3://${{Files}}/results/"}}}}
"""


@pytest.mark.parametrize(
    ("code", "rules", "more", "expected"),
    [
        (
            call("athena", "start_query_execution", ATHENA.format('os.environ["OUT"]')),
            "[]",
            "",
            True,
        ),
        (
            call("athena", "start_query_execution", ATHENA.format('os.environ["OUT"] + "x/"')),
            "[]",
            "",
            True,
        ),
        (
            call("athena", "start_query_execution", ATHENA.format('os.environ["OUT"]')),
            "[{Name: prefix, Value: in/}]",
            "",
            False,
        ),
        (
            call("athena", "start_query_execution", ATHENA.format('os.environ["OUT"]')),
            "[{Name: prefix, Value: out/}]",
            "",
            True,
        ),
        (call("athena", "start_query_execution", ATHENA.format('"s3://other/"')), "[]", "", False),
        (
            call(
                "athena",
                "start_query_execution",
                ATHENA.format('"s3://" + event["Records"][0]["s3"]["bucket"]["name"] + "/x/"'),
            ),
            "[]",
            "",
            True,
        ),
        (
            call(
                "athena",
                "start_query_execution",
                "QueryString=\"UNLOAD (select 1) TO 's3://files/x/' WITH (a)\"",
            ),
            "[]",
            "",
            True,
        ),
        (
            call("athena", "start_query_execution", 'QueryString="select 1", WorkGroup="group"'),
            "[]",
            WORKGROUP.format(""),
            True,
        ),
        (
            call(
                "athena",
                "start_query_execution",
                'WorkGroup="group", ' + ATHENA.format('"s3://files/out/"'),
            ),
            "[{Name: prefix, Value: out/}]",
            WORKGROUP.format(""),
            False,
        ),
        (
            call(
                "athena",
                "start_query_execution",
                'WorkGroup="group", ' + ATHENA.format('"s3://files/out/"'),
            ),
            "[{Name: prefix, Value: out/}]",
            WORKGROUP.format("EnforceWorkGroupConfiguration: false, "),
            True,
        ),
        (
            call(
                "textract",
                "start_document_analysis",
                'OutputConfig={"S3Bucket": "files", "S3Prefix": "t"}',
            ),
            "[{Name: suffix, Value: .pdf}]",
            "",
            False,
        ),
        (
            call(
                "textract",
                "start_document_analysis",
                'OutputConfig={"S3Bucket": "files", "S3Prefix": "t"}',
            ),
            "[]",
            "",
            True,
        ),
        (
            call("transcribe", "start_transcription_job", 'OutputBucketName="files"'),
            "[{Name: suffix, Value: .json}]",
            "",
            True,
        ),
        (
            call("transcribe", "start_transcription_job", 'OutputBucketName="files"'),
            "[{Name: suffix, Value: .mp3}]",
            "",
            False,
        ),
        (
            call(
                "transcribe",
                "start_transcription_job",
                'OutputBucketName="files", OutputKey="done/a.txt"',
            ),
            "[{Name: suffix, Value: .txt}]",
            "",
            True,
        ),
        (
            call(
                "glue",
                "start_job_run",
                'JobName="j", Arguments={"--source": "s3://files/in", "--output": "s3://other/x"}',
            ),
            "[]",
            "",
            False,
        ),
        (
            call(
                "glue", "start_job_run", 'JobName="j", Arguments={"--output_path": "s3://files/x"}'
            ),
            "[]",
            "",
            True,
        ),
        (
            call(
                "dynamodb",
                "export_table_to_point_in_time",
                'TableArn="t", S3Bucket=os.environ["FILES"]',
            ),
            "[]",
            "",
            True,
        ),
        (
            call("s3control", "create_job", 'Report={"Bucket": "arn:aws:s3:::files"}'),
            "[]",
            "",
            True,
        ),
        (call("transcribe", "start_transcription_job"), "[]", "", False),
    ],
)
def test_results_of_a_started_job(code: str, rules: str, more: str, expected: bool) -> None:
    events = CREATED.format(events="s3:ObjectCreated:*", rules=rules)
    assert bool(loops(code, events, more)) is expected


def test_topic_that_hears_of_the_end_of_a_job() -> None:
    events = "\n      Events: {Told: {Type: SNS, Properties: {Topic: !Ref News}}}\n"
    code = call(
        "rekognition",
        "start_label_detection",
        'NotificationChannel={"SNSTopicArn": os.environ["NEWS"]}',
    )
    assert loops(code, events) == ["News -> Work -> News"]


LOGGING = """
  Logged:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: logged, LoggingConfiguration: {{DestinationBucketName: !Ref Files, LogFilePrefix: {}}}}}
"""


@pytest.mark.parametrize(
    ("rules", "expected"), [("[]", True), ("[{Name: prefix, Value: in/}]", False)]
)
def test_access_logs_of_a_bucket(rules: str, expected: bool) -> None:
    events = CREATED.format(events="s3:ObjectCreated:*", rules=rules)
    code = call("s3", "get_object", 'Bucket="logged", Key="a"')
    assert bool(loops(code, events, LOGGING.format("logs/"))) is expected


CONFIG_RULE = """
  Judged:
    Type: AWS::Config::ConfigRule
    Properties:
      Scope: {{ComplianceResourceTypes: [{types}]}}
      Source: {{Owner: CUSTOM_LAMBDA, SourceIdentifier: !GetAtt Work.Arn, SourceDetails: [{{EventSource: aws.config, MessageType: {message}}}]}}
"""
CHANGE = "ConfigurationItemChangeNotification"


@pytest.mark.parametrize(
    ("code", "types", "message", "expected"),
    [
        (TAG, "'AWS::EC2::Instance'", CHANGE, True),
        (TAG, "'AWS::S3::Bucket'", CHANGE, False),
        (TAG, "'AWS::EC2::Instance'", "ScheduledNotification", False),
        (call("s3", "put_bucket_encryption", 'Bucket="b"'), "'AWS::S3::Bucket'", CHANGE, True),
        (call("config", "put_evaluations"), "'AWS::S3::Bucket'", CHANGE, False),
    ],
)
def test_change_that_a_config_rule_judges(
    code: str, types: str, message: str, expected: bool
) -> None:
    assert bool(loops(code, more=CONFIG_RULE.format(types=types, message=message))) is expected


DEAD = """
  Dead: {{Type: AWS::SQS::Queue, Properties: {{QueueName: dead}}}}
  Live:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: live{redrive}}}
"""
REDRIVE = ", RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2}"
TAKE = """
for message in boto3.client("sqs").receive_message(QueueUrl="dead")["Messages"]:
    boto3.client("sqs").send_message(QueueUrl="{}", MessageBody=message["Body"])
"""


@pytest.mark.parametrize(
    ("code", "redrive", "expected"),
    [
        (TAKE.format("live"), REDRIVE, ["Dead -> Work -> Live -> Dead"]),
        (TAKE.format("live"), "", []),
        (TAKE.format("elsewhere"), REDRIVE, []),
        (
            call("sqs", "start_message_move_task", 'SourceArn="dead"'),
            REDRIVE,
            ["Dead -> Work -> Live -> Dead"],
        ),
        (
            call("sqs", "start_message_move_task", 'SourceArn="dead", DestinationArn="x"'),
            REDRIVE,
            [],
        ),
    ],
)
def test_dead_letters_that_are_taken_by_hand(code: str, redrive: str, expected: list[str]) -> None:
    assert loops(code, more=DEAD.format(redrive=redrive)) == expected


@pytest.mark.parametrize(
    ("code", "rules", "expected"),
    [
        ("import awswrangler as wr\nwr.s3.to_parquet(1, path='s3://files/parquet/')", "[]", True),
        (
            "import awswrangler as wr\nwr.s3.to_parquet(1, path=os.environ['OUT'], dataset=True)",
            "[]",
            True,
        ),
        (
            "import awswrangler as wr\nwr.s3.to_parquet(1, 's3://files/out/')",
            "[{Name: prefix, Value: in/}]",
            False,
        ),
        ("import awswrangler as wr\nwr.s3.read_parquet('s3://files/out/')", "[]", False),
        ("import awswrangler as wr\nwr.s3.to_csv(1, path='s3://other/out/')", "[]", False),
        (
            "from smart_open import open\nwith open('s3://files/a', 'w') as f:\n    f.write('x')",
            "[]",
            True,
        ),
        ("from smart_open import open\nwith open('s3://files/a') as f:\n    f.read()", "[]", False),
        ("import s3fs\ns3fs.S3FileSystem().put('a', 's3://files/a')", "[]", True),
        (
            "import s3fs\nwith s3fs.S3FileSystem().open('s3://files/a', 'wb') as f:\n    f.write(b'')",
            "[]",
            True,
        ),
    ],
)
def test_objects_that_libraries_write_by_their_uri(code: str, rules: str, expected: bool) -> None:
    events = CREATED.format(events="s3:ObjectCreated:*", rules=rules)
    assert bool(loops(code, events)) is expected


BUS_V2 = """
  Bus: {{Type: AWS::EventsV2::EventBus, Properties: {{Name: orders}}}}
  Subscriber:
    Type: AWS::EventsV2::Subscriber
    Properties:
      Name: work
      EventBusArn: !GetAtt Bus.EventBusArn
      State: {state}
      InvokeConfiguration: {{TargetArn: !GetAtt Work.Arn, RoleArn: r}}
      {filters}
"""
FILTERS = "FilterConfiguration: {{Filters: [{}]}}"
DATA = "{{Scope: DATA, Pattern: '{}'}}"
METADATA = "{{Scope: METADATA, Pattern: '{}'}}"
ENTRY = 'put_events(EventBusArn=bus, Entries=[{"Source": "shop", "DetailType": "Placed", "Detail": json.dumps({"size": 1})}])'
RAW = 'put_raw_events(EventBusArn=bus, Entries=[{"Data": json.dumps({"size": 1}), "Metadata": {"tenant": "a"}}])'


@pytest.mark.parametrize(
    ("code", "filters", "state", "expected"),
    [
        (ENTRY, "", "RUNNING", True),
        (ENTRY, "", "STOPPED", False),
        (RAW, "", "RUNNING", True),
        (
            ENTRY,
            FILTERS.format(DATA.format('{"source": ["shop"], "detail": {"size": [1]}}')),
            "RUNNING",
            True,
        ),
        (ENTRY, FILTERS.format(DATA.format('{"detail-type": ["Paid"]}')), "RUNNING", False),
        (ENTRY, FILTERS.format(METADATA.format('{"tenant": ["a"]}')), "RUNNING", False),
        (RAW, FILTERS.format(METADATA.format('{"tenant": ["a"]}')), "RUNNING", True),
        (RAW, FILTERS.format(METADATA.format('{"tenant": ["b"]}')), "RUNNING", False),
        (RAW, FILTERS.format(DATA.format('{"size": [1]}')), "RUNNING", True),
        (
            RAW,
            FILTERS.format(
                DATA.format('{"size": [1]}') + ", " + METADATA.format('{"tenant": ["b"]}')
            ),
            "RUNNING",
            False,
        ),
    ],
)
def test_event_bus_of_the_second_version(
    code: str, filters: str, state: str, expected: bool
) -> None:
    text = RESOURCES.replace("NEWS: !Ref News", "NEWS: !Ref News, BUS: !GetAtt Bus.EventBusArn")
    body = f'bus = os.environ["BUS"]\nboto3.client("eventbridgev2").{code}'
    cfn = Template(
        None,
        loads(
            text.format(
                code=indent(body, " " * 10),
                events="",
                more=BUS_V2.format(state=state, filters=filters),
            )
        ),
    )
    assert bool(Application(cfn.template, None, cfn.conditions).loops()) is expected

"""What a function's calls put where: each operation that an event can start from, against what it
starts and what it does not.
"""

from textwrap import indent

import pytest
from cfnlint.decode.cfn_yaml import loads
from cfnlint.template import Template

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.event_flow import mail_matches

WORKER = """
Worker:
  Type: AWS::Lambda::Function
  Properties:
    FunctionName: worker
    Runtime: python3.13
    Handler: index.handler
    Role: arn:aws:iam::111122223333:role/worker
    Environment: {{Variables: {{TARGET: {target}}}}}
    Code:
      ZipFile: |
        import json, os, boto3
        TARGET = os.environ["TARGET"]
        def handler(event, context):
{body}
"""


def loops(resources: str, body: str, target: str = "''", *, strict: bool = False) -> list[str]:
    """The loops of `resources` and a function, named `Worker`, whose handler is `body`; `target` is
    the variable TARGET.
    """
    text = "Resources:\n" + indent(
        WORKER.format(target=target, body=indent(body.strip("\n"), " " * 12)) + resources, "  "
    )
    cfn = Template(None, loads(text))
    application = Application(cfn.template, None, cfn.conditions)
    assert application.source("Worker") is not None
    return [
        " -> ".join(application.label(place) for place in loop.places)
        for loop in application.loops(strict)
    ]


BUCKET = """
Store:
  Type: AWS::S3::Bucket
  Properties:
    {more}
    NotificationConfiguration:
      LambdaConfigurations: [{{Event: '{event}', Function: !GetAtt Worker.Arn}}]
"""
VERSIONED = "VersioningConfiguration: {Status: Enabled}"
PUT = "boto3.client('s3').put_object(Bucket=TARGET, Key='a', Body=b'')"
COPY = "boto3.client('s3').copy_object(Bucket=TARGET, Key='a', CopySource='b/c')"
UPLOAD = "boto3.client('s3').upload_file('a', TARGET, 'a')"
MULTIPART = """
s3 = boto3.client('s3')
upload = s3.create_multipart_upload(Bucket=TARGET, Key='a')
s3.upload_part(Bucket=TARGET, Key='a', PartNumber=1, UploadId=upload['UploadId'], Body=b'')
s3.complete_multipart_upload(Bucket=TARGET, Key='a', UploadId=upload['UploadId'])
"""
ABORTED = """
s3 = boto3.client('s3')
upload = s3.create_multipart_upload(Bucket=TARGET, Key='a')
s3.abort_multipart_upload(Bucket=TARGET, Key='a', UploadId=upload['UploadId'])
"""
RESTORE = "boto3.client('s3').restore_object(Bucket=TARGET, Key='a', RestoreRequest={'Days': 1})"
TAG = "boto3.client('s3').put_object_tagging(Bucket=TARGET, Key='a', Tagging={'TagSet': []})"
UNTAG = "boto3.client('s3').delete_object_tagging(Bucket=TARGET, Key='a')"
ACL = "boto3.client('s3').put_object_acl(Bucket=TARGET, Key='a', ACL='private')"
DELETE = "boto3.client('s3').delete_object(Bucket=TARGET, Key='a')"
DELETE_VERSION = "boto3.client('s3').delete_object(Bucket=TARGET, Key='a', VersionId='1')"
DELETE_MANY = "boto3.client('s3').delete_objects(Bucket=TARGET, Delete={'Objects': [{'Key': 'a'}, {'Key': 'b'}]})"
RESOURCE = "boto3.resource('s3').Bucket(TARGET).put_object(Key='a', Body=b'')"
READ = "boto3.client('s3').get_object(Bucket=TARGET, Key='a')"


@pytest.mark.parametrize(
    ("body", "event", "more", "loop"),
    [
        pytest.param(PUT, "s3:ObjectCreated:*", "", True, id="put, any creation"),
        pytest.param(PUT, "s3:ObjectCreated:Put", "", True, id="put, put"),
        pytest.param(PUT, "s3:ObjectCreated:Copy", "", False, id="put, copy"),
        pytest.param(PUT, "s3:ObjectRemoved:*", "", False, id="put, removal"),
        pytest.param(PUT, "s3:ObjectTagging:*", "", False, id="put, tagging"),
        pytest.param(RESOURCE, "s3:ObjectCreated:Put", "", True, id="put on a resource object"),
        pytest.param(COPY, "s3:ObjectCreated:*", "", True, id="copy, any creation"),
        pytest.param(COPY, "s3:ObjectCreated:Copy", "", True, id="copy, copy"),
        pytest.param(COPY, "s3:ObjectCreated:Put", "", False, id="copy, put"),
        pytest.param(
            MULTIPART,
            "s3:ObjectCreated:CompleteMultipartUpload",
            "",
            True,
            id="multipart, completion",
        ),
        pytest.param(MULTIPART, "s3:ObjectCreated:*", "", True, id="multipart, any creation"),
        pytest.param(MULTIPART, "s3:ObjectCreated:Put", "", False, id="multipart, put"),
        pytest.param(ABORTED, "s3:ObjectCreated:*", "", False, id="aborted multipart"),
        pytest.param(UPLOAD, "s3:ObjectCreated:*", "", True, id="managed upload, any creation"),
        pytest.param(UPLOAD, "s3:ObjectCreated:Put", "", True, id="managed upload, put"),
        pytest.param(UPLOAD, "s3:ObjectRemoved:*", "", False, id="managed upload, removal"),
        pytest.param(RESTORE, "s3:ObjectRestore:*", "", True, id="restore, any"),
        pytest.param(RESTORE, "s3:ObjectRestore:Post", "", True, id="restore, initiated"),
        pytest.param(RESTORE, "s3:ObjectRestore:Completed", "", True, id="restore, completed"),
        pytest.param(RESTORE, "s3:ObjectRestore:Delete", "", False, id="restore, expired"),
        pytest.param(RESTORE, "s3:ObjectCreated:*", "", False, id="restore, creation"),
        pytest.param(TAG, "s3:ObjectTagging:*", "", True, id="tags, any"),
        pytest.param(TAG, "s3:ObjectTagging:Put", "", True, id="tags, put"),
        pytest.param(TAG, "s3:ObjectTagging:Delete", "", False, id="tags, delete"),
        pytest.param(TAG, "s3:ObjectCreated:*", "", False, id="tags, creation"),
        pytest.param(UNTAG, "s3:ObjectTagging:Delete", "", True, id="tags deleted, delete"),
        pytest.param(UNTAG, "s3:ObjectTagging:Put", "", False, id="tags deleted, put"),
        pytest.param(UNTAG, "s3:ObjectRemoved:*", "", False, id="tags deleted, removal"),
        pytest.param(ACL, "s3:ObjectAcl:Put", "", True, id="acl"),
        pytest.param(ACL, "s3:ObjectCreated:*", "", False, id="acl, creation"),
        pytest.param(DELETE, "s3:ObjectRemoved:*", "", True, id="delete, any removal"),
        pytest.param(DELETE, "s3:ObjectRemoved:Delete", "", True, id="delete, delete"),
        pytest.param(
            DELETE,
            "s3:ObjectRemoved:DeleteMarkerCreated",
            "",
            False,
            id="delete without versions, marker",
        ),
        pytest.param(
            DELETE,
            "s3:ObjectRemoved:DeleteMarkerCreated",
            VERSIONED,
            True,
            id="delete with versions, marker",
        ),
        pytest.param(
            DELETE, "s3:ObjectRemoved:Delete", VERSIONED, False, id="delete with versions, delete"
        ),
        pytest.param(
            DELETE_VERSION, "s3:ObjectRemoved:Delete", VERSIONED, True, id="delete of a version"
        ),
        pytest.param(DELETE, "s3:ObjectCreated:*", "", False, id="delete, creation"),
        pytest.param(DELETE_MANY, "s3:ObjectRemoved:Delete", "", True, id="delete of many"),
        pytest.param(DELETE_MANY, "s3:ObjectCreated:*", "", False, id="delete of many, creation"),
        pytest.param(READ, "s3:*", "", False, id="read"),
    ],
)
def test_bucket(body: str, event: str, more: str, loop: bool) -> None:
    bucket = BUCKET.format(event=event, more=f"BucketName: store\n    {more}")
    assert loops(bucket, body, "store") == (["Store -> Worker -> Store"] if loop else [])


def mapping(source: str, more: str = "") -> str:
    return f"""
Mapping:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {{EventSourceArn: {source}, FunctionName: !Ref Worker{more}}}
"""


def criteria(pattern: str) -> str:
    return f", FilterCriteria: {{Filters: [{{Pattern: '{pattern}'}}]}}"


QUEUE = "Jobs: {Type: AWS::SQS::Queue}\n"
TOPIC = """
News: {{Type: AWS::SNS::Topic}}
Wire:
  Type: AWS::SNS::Subscription
  Properties: {{TopicArn: !Ref News, Protocol: lambda, Endpoint: !GetAtt Worker.Arn{more}}}
"""
RULE = """
Rule:
  Type: AWS::Events::Rule
  Properties: {{EventPattern: {pattern}, {more} Targets: [{{Id: a, Arn: !GetAtt Worker.Arn}}]}}
"""
BUS = "Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}\n"
STREAM = "Records: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}\n"
SEND = "boto3.client('sqs').send_message(QueueUrl=TARGET, MessageBody=json.dumps({'kind': 'raw'}))"
SEND_BATCH = "boto3.client('sqs').send_message_batch(QueueUrl=TARGET, Entries=[{'Id': '1', 'MessageBody': json.dumps({'kind': 'raw'})}])"
PUBLISH = "boto3.client('sns').publish(TopicArn=TARGET, Message='x', MessageAttributes={'kind': {'DataType': 'String', 'StringValue': 'raw'}})"
PUBLISH_BATCH = "boto3.client('sns').publish_batch(TopicArn=TARGET, PublishBatchRequestEntries=[{'Id': '1', 'Message': 'x'}])"
PUT_EVENTS = "boto3.client('events').put_events(Entries=[{'Source': 'shop', 'DetailType': 'paid', 'Detail': json.dumps({'a': 1})}])"
PUT_EVENTS_ON_BUS = "boto3.client('events').put_events(Entries=[{'EventBusName': TARGET, 'Source': 'shop', 'DetailType': 'paid', 'Detail': '{}'}])"
PUT_RECORD = "boto3.client('kinesis').put_record(StreamName=TARGET, Data=json.dumps({'kind': 'raw'}), PartitionKey='a')"
PUT_RECORDS = "boto3.client('kinesis').put_records(StreamName=TARGET, Records=[{'Data': b'x', 'PartitionKey': 'a'}])"
PUT_RECORD_BY_ARN = (
    "boto3.client('kinesis').put_record(StreamARN=TARGET, Data=b'x', PartitionKey='a')"
)
DELIVERY = """
Store:
  Type: AWS::S3::Bucket
  Properties:
    NotificationConfiguration:
      LambdaConfigurations:
        - {{Event: 's3:ObjectCreated:*', Function: !GetAtt Worker.Arn, Filter: {{S3Key: {{Rules: [{{Name: prefix, Value: {watched}}}]}}}}}}
Delivery:
  Type: AWS::KinesisFirehose::DeliveryStream
  Properties:
    ExtendedS3DestinationConfiguration: {{BucketARN: !GetAtt Store.Arn, RoleARN: x, Prefix: {prefix}}}
"""
DELIVER = "boto3.client('firehose').put_record(DeliveryStreamName=TARGET, Record={'Data': b'x'})"
DELIVER_BATCH = (
    "boto3.client('firehose').put_record_batch(DeliveryStreamName=TARGET, Records=[{'Data': b'x'}])"
)
MACHINE = """
Flow:
  Type: AWS::StepFunctions::StateMachine
  Properties:
    RoleArn: x
    Definition: {{StartAt: A, States: {{A: {{Type: Task, Resource: {resource}, {parameters} End: true}}}}}}
"""
START = "boto3.client('stepfunctions').start_execution(stateMachineArn=TARGET, input='{}')"
START_SYNC = "boto3.client('stepfunctions').start_sync_execution(stateMachineArn=TARGET)"
CALL_BACK = "boto3.client('stepfunctions').send_task_success(taskToken=event['token'], output='{}')"
INVOKE = "boto3.client('lambda').invoke(FunctionName=TARGET, Payload=b'{}')"
INVOKE_LATER = "boto3.client('lambda').invoke(FunctionName=context.function_name, InvocationType='Event', Payload=b'{}')"
DRY_RUN = (
    "boto3.client('lambda').invoke(FunctionName=context.function_name, InvocationType='DryRun')"
)
IOT = """
Rule:
  Type: AWS::IoT::TopicRule
  Properties: {{TopicRulePayload: {{Sql: "{sql}", Actions: [{{Lambda: {{FunctionArn: !GetAtt Worker.Arn}}}}]}}}}
"""
TELL = "boto3.client('iot-data').publish(topic='plant/hall/alarm', payload=b'{}')"
TELL_DEVICE = (
    "boto3.client('iot-data').publish(topic=f\"plant/{event['device']}/alarm\", payload=b'{}')"
)
SHADOW = "boto3.client('iot-data').update_thing_shadow(thingName='lamp', payload=b'{}')"
LOGS = """
Group: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: {name}}}}}
Tap:
  Type: AWS::Logs::SubscriptionFilter
  Properties: {{LogGroupName: !Ref Group, FilterPattern: '{pattern}', DestinationArn: !GetAtt Worker.Arn}}
"""
LOG = "boto3.client('logs').put_log_events(logGroupName=TARGET, logStreamName='a', logEvents=[{'timestamp': 1, 'message': 'x'}])"
SCHEDULE = (
    "boto3.client('scheduler').create_schedule(Name='a', ScheduleExpression='rate(1 hour)', FlexibleTimeWindow={'Mode': 'OFF'}, "
    "Target={'Arn': TARGET, 'RoleArn': 'x', 'Input': '{}'})"
)
MAIL = """
Rule:
  Type: AWS::SES::ReceiptRule
  Properties:
    RuleSetName: inbound
    Rule: {{Enabled: true, Recipients: {recipients}, Actions: [{{LambdaAction: {{FunctionArn: !GetAtt Worker.Arn}}}}]}}
"""
SEND_MAIL = (
    "boto3.client('ses').send_email(Source='a@b.com', Destination={'ToAddresses': ['help@in.example.com']}, "
    "Message={'Subject': {'Data': 'x'}, 'Body': {}})"
)
SEND_MAIL_2 = "boto3.client('sesv2').send_email(FromEmailAddress='a@b.com', Destination={'ToAddresses': ['help@in.example.com']}, Content={})"
REPLY = "boto3.client('ses').send_email(Source='a@b.com', Destination={'ToAddresses': [event['from']]}, Message={})"
REPOSITORY = """
Code:
  Type: AWS::CodeCommit::Repository
  Properties:
    RepositoryName: code
    Triggers: [{{Name: a, DestinationArn: !GetAtt Worker.Arn, Events: [{events}], Branches: [{branches}]}}]
"""
COMMIT = "boto3.client('codecommit').put_file(repositoryName=TARGET, branchName='main', fileContent=b'', filePath='a')"
BRANCH = "boto3.client('codecommit').create_branch(repositoryName=TARGET, branchName='next', commitId='1')"
POOL = """
Pool: {{Type: AWS::Cognito::UserPool, Properties: {{LambdaConfig: {{{trigger}: !GetAtt Worker.Arn}}}}}}
Client: {{Type: AWS::Cognito::UserPoolClient, Properties: {{UserPoolId: !Ref Pool}}}}
"""
CREATE_USER = (
    "boto3.client('cognito-idp').admin_create_user(UserPoolId=event['userPoolId'], Username='a')"
)
CREATE_USER_IN = "boto3.client('cognito-idp').admin_create_user(UserPoolId=TARGET, Username='a')"
CONFIRM = "boto3.client('cognito-idp').admin_confirm_sign_up(UserPoolId=TARGET, Username='a')"
SIGN_IN = "boto3.client('cognito-idp').admin_initiate_auth(UserPoolId=TARGET, ClientId='x', AuthFlow='ADMIN_USER_PASSWORD_AUTH')"
SIGN_UP = "boto3.client('cognito-idp').sign_up(ClientId=TARGET, Username='a', Password='b')"
SET_ATTRIBUTES = "boto3.client('cognito-idp').admin_add_user_to_group(UserPoolId=TARGET, Username='a', GroupName='b')"
JOBS = ["Jobs -> Worker -> Jobs"]


@pytest.mark.parametrize(
    ("resources", "target", "body", "expected"),
    [
        pytest.param(QUEUE + mapping("!GetAtt Jobs.Arn"), "!Ref Jobs", SEND, JOBS, id="sqs"),
        pytest.param(
            QUEUE + mapping("!GetAtt Jobs.Arn"), "!Ref Jobs", SEND_BATCH, JOBS, id="sqs batch"
        ),
        pytest.param(
            QUEUE + mapping("!GetAtt Jobs.Arn", criteria('{"body":{"kind":["raw"]}}')),
            "!Ref Jobs",
            SEND,
            JOBS,
            id="sqs filter met",
        ),
        pytest.param(
            QUEUE + mapping("!GetAtt Jobs.Arn", criteria('{"body":{"kind":["x"]}}')),
            "!Ref Jobs",
            SEND,
            [],
            id="sqs filter not met",
        ),
        pytest.param(
            QUEUE + mapping("!GetAtt Jobs.Arn"),
            "!Ref Jobs",
            "boto3.client('sqs').receive_message(QueueUrl=TARGET)\nboto3.client('sqs').delete_message(QueueUrl=TARGET, ReceiptHandle='x')",
            [],
            id="sqs reads",
        ),
        pytest.param(
            TOPIC.format(more=""), "!Ref News", PUBLISH, ["News -> Worker -> News"], id="sns"
        ),
        pytest.param(
            TOPIC.format(more=""),
            "!Ref News",
            PUBLISH_BATCH,
            ["News -> Worker -> News"],
            id="sns batch",
        ),
        pytest.param(
            TOPIC.format(more=", FilterPolicy: {kind: [raw]}"),
            "!Ref News",
            PUBLISH,
            ["News -> Worker -> News"],
            id="sns policy met",
        ),
        pytest.param(
            TOPIC.format(more=", FilterPolicy: {kind: [x]}"),
            "!Ref News",
            PUBLISH,
            [],
            id="sns policy not met",
        ),
        pytest.param(
            TOPIC.format(more=", FilterPolicy: {kind: [raw]}"),
            "!Ref News",
            PUBLISH_BATCH,
            [],
            id="sns batch without attributes",
        ),
        pytest.param(
            RULE.format(pattern="{source: [shop]}", more=""),
            "''",
            PUT_EVENTS,
            ["the default event bus -> Worker -> the default event bus"],
            id="events",
        ),
        pytest.param(
            RULE.format(pattern="{source: [other]}", more=""),
            "''",
            PUT_EVENTS,
            [],
            id="events of another source",
        ),
        pytest.param(
            BUS + RULE.format(pattern="{detail-type: [paid]}", more="EventBusName: !Ref Bus,"),
            "!Ref Bus",
            PUT_EVENTS_ON_BUS,
            ["Bus -> Worker -> Bus"],
            id="events on a bus",
        ),
        pytest.param(
            BUS + RULE.format(pattern="{detail-type: [paid]}", more="EventBusName: !Ref Bus,"),
            "''",
            PUT_EVENTS,
            [],
            id="events on another bus",
        ),
        pytest.param(
            STREAM + mapping("!GetAtt Records.Arn"),
            "!Ref Records",
            PUT_RECORD,
            ["Records -> Worker -> Records"],
            id="kinesis",
        ),
        pytest.param(
            STREAM + mapping("!GetAtt Records.Arn"),
            "!Ref Records",
            PUT_RECORDS,
            ["Records -> Worker -> Records"],
            id="kinesis batch",
        ),
        pytest.param(
            STREAM + mapping("!GetAtt Records.Arn"),
            "!GetAtt Records.Arn",
            PUT_RECORD_BY_ARN,
            ["Records -> Worker -> Records"],
            id="kinesis by arn",
        ),
        pytest.param(
            STREAM + mapping("!GetAtt Records.Arn", criteria('{"data":{"kind":["x"]}}')),
            "!Ref Records",
            PUT_RECORD,
            [],
            id="kinesis filter",
        ),
        pytest.param(
            DELIVERY.format(watched="raw/", prefix="raw/"),
            "!Ref Delivery",
            DELIVER,
            ["Store -> Worker -> Delivery -> Store"],
            id="firehose to a watched prefix",
        ),
        pytest.param(
            DELIVERY.format(watched="raw/", prefix="raw/"),
            "!Ref Delivery",
            DELIVER_BATCH,
            ["Store -> Worker -> Delivery -> Store"],
            id="firehose batch",
        ),
        pytest.param(
            DELIVERY.format(watched="raw/", prefix="done/"),
            "!Ref Delivery",
            DELIVER,
            [],
            id="firehose to another prefix",
        ),
        pytest.param(
            MACHINE.format(resource="!GetAtt Worker.Arn", parameters=""),
            "!Ref Flow",
            START,
            ["Flow -> Worker -> Flow"],
            id="workflow start",
        ),
        pytest.param(
            MACHINE.format(resource="!GetAtt Worker.Arn", parameters=""),
            "!Ref Flow",
            START_SYNC,
            ["Flow -> Worker -> Flow"],
            id="workflow start and wait",
        ),
        pytest.param(
            MACHINE.format(
                resource="'arn:aws:states:::lambda:invoke.waitForTaskToken'",
                parameters="Parameters: {FunctionName: !Ref Worker, Payload: {'token.$': '$$.Task.Token'}},",
            ),
            "!Ref Flow",
            CALL_BACK,
            [],
            id="workflow callback",
        ),
        pytest.param("", "worker", INVOKE, ["Worker -> Worker"], id="lambda by name"),
        pytest.param("", "''", INVOKE_LATER, ["Worker -> Worker"], id="lambda of itself"),
        pytest.param("", "''", DRY_RUN, [], id="lambda dry run"),
        pytest.param(
            IOT.format(sql="SELECT * FROM 'plant/hall/alarm'"),
            "''",
            TELL,
            ["Worker", "plant"],
            id="iot",
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM 'plant/+/alarm'"),
            "''",
            TELL,
            ["Worker", "plant"],
            id="iot wildcard",
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM 'plant/#'"),
            "''",
            TELL,
            ["Worker", "plant"],
            id="iot deep wildcard",
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM 'plant/+/alarm'"),
            "''",
            TELL_DEVICE,
            ["Worker", "plant"],
            id="iot topic known in part",
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM 'office/+/alarm'"),
            "''",
            TELL_DEVICE,
            [],
            id="iot topic known enough",
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM 'plant/+/state'"), "''", TELL, [], id="iot other topic"
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM 'plant/#' WHERE hot = true"),
            "''",
            TELL,
            [],
            id="iot where",
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM '$aws/things/+/shadow/update/accepted'"),
            "''",
            SHADOW,
            ["Worker", "shadow"],
            id="iot shadow",
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM '$aws/things/+/shadow/delete/accepted'"),
            "''",
            SHADOW,
            [],
            id="iot other shadow event",
        ),
        pytest.param(
            LOGS.format(name="/aws/lambda/worker", pattern=""),
            "''",
            "print(1)",
            ["Group -> Worker -> Group"],
            id="its own log",
        ),
        pytest.param(
            LOGS.format(name="/aws/lambda/worker", pattern="ERROR"),
            "''",
            "print(1)",
            [],
            id="its own log, filtered",
        ),
        pytest.param(
            LOGS.format(name="/app/other", pattern=""), "''", "print(1)", [], id="another log"
        ),
        pytest.param(
            LOGS.format(name="/app/other", pattern=""),
            "!Ref Group",
            LOG,
            ["Group -> Worker -> Group"],
            id="logs written by call",
        ),
        pytest.param(
            "",
            "!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:worker'",
            SCHEDULE,
            ["Worker -> Worker"],
            id="schedule",
        ),
        pytest.param(
            QUEUE + mapping("!GetAtt Jobs.Arn"),
            "!GetAtt Jobs.Arn",
            SCHEDULE,
            JOBS,
            id="schedule to a queue",
        ),
        pytest.param(
            QUEUE + mapping("!GetAtt Jobs.Arn"),
            "arn:aws:sqs:eu-west-1:111122223333:x",
            SCHEDULE,
            [],
            id="schedule to another queue",
        ),
        pytest.param(
            MAIL.format(recipients="[in.example.com]"),
            "''",
            SEND_MAIL,
            ["Worker", "example"],
            id="mail to a domain",
        ),
        pytest.param(
            MAIL.format(recipients="[in.example.com]"),
            "''",
            SEND_MAIL_2,
            ["Worker", "example"],
            id="mail, second api",
        ),
        pytest.param(
            MAIL.format(recipients="[help@in.example.com]"),
            "''",
            SEND_MAIL,
            ["Worker", "example"],
            id="mail to an address",
        ),
        pytest.param(
            MAIL.format(recipients="[.example.com]"),
            "''",
            SEND_MAIL,
            ["Worker", "example"],
            id="mail to a subdomain",
        ),
        pytest.param(
            MAIL.format(recipients="[example.com]"),
            "''",
            SEND_MAIL,
            [],
            id="mail to a subdomain not meant",
        ),
        pytest.param(
            MAIL.format(recipients="[sales@in.example.com]"),
            "''",
            SEND_MAIL,
            [],
            id="mail to another address",
        ),
        pytest.param(
            MAIL.format(recipients="[in.example.com]"), "''", REPLY, [], id="mail to the sender"
        ),
        pytest.param(
            REPOSITORY.format(events="all", branches=""),
            "code",
            COMMIT,
            ["Code -> Worker -> Code"],
            id="commit",
        ),
        pytest.param(
            REPOSITORY.format(events="updateReference", branches="main"),
            "code",
            COMMIT,
            ["Code -> Worker -> Code"],
            id="commit on it",
        ),
        pytest.param(
            REPOSITORY.format(events="updateReference", branches="release"),
            "code",
            COMMIT,
            [],
            id="commit on another branch",
        ),
        pytest.param(
            REPOSITORY.format(events="createReference", branches=""),
            "code",
            COMMIT,
            [],
            id="commit creates no branch",
        ),
        pytest.param(
            REPOSITORY.format(events="createReference", branches=""),
            "code",
            BRANCH,
            ["Code -> Worker -> Code"],
            id="branch",
        ),
        pytest.param(
            POOL.format(trigger="PreSignUp"),
            "!Ref Pool",
            CREATE_USER_IN,
            ["Pool -> Worker -> Pool"],
            id="user created",
        ),
        pytest.param(
            POOL.format(trigger="PreSignUp"),
            "''",
            CREATE_USER,
            ["Pool -> Worker -> Pool"],
            id="user created in the event's pool",
        ),
        pytest.param(
            POOL.format(trigger="PostConfirmation"),
            "!Ref Pool",
            CREATE_USER_IN,
            [],
            id="user created, not confirmed",
        ),
        pytest.param(
            POOL.format(trigger="PostConfirmation"),
            "!Ref Pool",
            CONFIRM,
            ["Pool -> Worker -> Pool"],
            id="user confirmed",
        ),
        pytest.param(
            POOL.format(trigger="PreAuthentication"),
            "!Ref Pool",
            SIGN_IN,
            ["Pool -> Worker -> Pool"],
            id="user signed in",
        ),
        pytest.param(
            POOL.format(trigger="PreSignUp"),
            "!Ref Client",
            SIGN_UP,
            ["Pool -> Worker -> Pool"],
            id="user signed up by a client",
        ),
        pytest.param(
            POOL.format(trigger="PostConfirmation"),
            "!Ref Pool",
            SET_ATTRIBUTES,
            [],
            id="user put in a group",
        ),
    ],
)
def test_calls(resources: str, target: str, body: str, expected: list[str]) -> None:
    found = loops(resources, body, target)
    if expected[:1] == ["Worker"]:
        assert len(found) == 1
        assert all(word in found[0] for word in expected)
    else:
        assert found == expected


TABLE = """
Items:
  Type: AWS::DynamoDB::Table
  Properties: {{TableName: items, KeySchema: [], AttributeDefinitions: [], StreamSpecification: {{StreamViewType: NEW_IMAGE}}{more}}}
"""
TTL = ", TimeToLiveSpecification: {AttributeName: expires, Enabled: true}"
PUT_ITEM = "boto3.client('dynamodb').put_item(TableName=TARGET, Item={'id': {'S': '1'}, 'state': {'S': 'new'}})"
PUT_EXPIRING = "boto3.client('dynamodb').put_item(TableName=TARGET, Item={'id': {'S': '1'}, 'expires': {'N': '1'}})"
DELETE_ITEM = "boto3.client('dynamodb').delete_item(TableName=TARGET, Key={'id': {'S': '1'}})"
CREATED_ONCE = "boto3.resource('dynamodb').Table(TARGET).put_item(Item={'id': '1'}, ConditionExpression='attribute_not_exists(id)')"
UPDATE_ITEM = (
    "boto3.resource('dynamodb').Table(TARGET).update_item(Key={'id': '1'}, UpdateExpression='SET #s = :s', "
    "ExpressionAttributeNames={'#s': 'state'}, ExpressionAttributeValues={':s': 'done'})"
)
BATCH_PUT = "boto3.client('dynamodb').batch_write_item(RequestItems={TARGET: [{'PutRequest': {'Item': {'id': {'S': '1'}}}}]})"
BATCH_DELETE = "boto3.client('dynamodb').batch_write_item(RequestItems={TARGET: [{'DeleteRequest': {'Key': {'id': {'S': '1'}}}}]})"
BATCH_WRITER = "with boto3.resource('dynamodb').Table(TARGET).batch_writer() as batch:\n    batch.put_item(Item={'id': '1'})"
TRANSACT_PUT = "boto3.client('dynamodb').transact_write_items(TransactItems=[{'Put': {'TableName': TARGET, 'Item': {'id': {'S': '1'}}}}])"
TRANSACT_DELETE = "boto3.client('dynamodb').transact_write_items(TransactItems=[{'Delete': {'TableName': TARGET, 'Key': {'id': {'S': '1'}}}}])"
TRANSACT_CHECK = (
    "boto3.client('dynamodb').transact_write_items(TransactItems=[{'ConditionCheck': {'TableName': TARGET, 'Key': {}, "
    "'ConditionExpression': 'x'}}])"
)
INSERT_STATEMENT = (
    "boto3.client('dynamodb').execute_statement(Statement=\"INSERT INTO items VALUE {'id': '1'}\")"
)
DELETE_STATEMENT = (
    "boto3.client('dynamodb').execute_statement(Statement=f'DELETE FROM \"{TARGET}\" WHERE id = ?')"
)
SELECT_STATEMENT = "boto3.client('dynamodb').execute_statement(Statement='SELECT * FROM items')"
BATCH_STATEMENT = "boto3.client('dynamodb').batch_execute_statement(Statements=[{'Statement': \"UPDATE items SET a = 1 WHERE id = '1'\"}])"
TRANSACT_STATEMENT = "boto3.client('dynamodb').execute_transaction(TransactStatements=[{'Statement': \"INSERT INTO items VALUE {'id': '1'}\"}])"
QUERY = "boto3.client('dynamodb').query(TableName=TARGET)"
ONLY = '{{"eventName":["{}"]}}'


@pytest.mark.parametrize(
    ("body", "pattern", "more", "loop"),
    [
        pytest.param(PUT_ITEM, "", "", True, id="put"),
        pytest.param(PUT_ITEM, ONLY.format("REMOVE"), "", False, id="put, removals"),
        pytest.param(
            CREATED_ONCE, ONLY.format("INSERT"), "", True, id="put of a new item, inserts"
        ),
        pytest.param(
            CREATED_ONCE, ONLY.format("MODIFY"), "", False, id="put of a new item, changes"
        ),
        pytest.param(
            PUT_ITEM,
            '{"dynamodb":{"NewImage":{"state":{"S":["new"]}}}}',
            "",
            True,
            id="put, content met",
        ),
        pytest.param(
            PUT_ITEM,
            '{"dynamodb":{"NewImage":{"state":{"S":["done"]}}}}',
            "",
            False,
            id="put, content not met",
        ),
        pytest.param(
            UPDATE_ITEM,
            '{"dynamodb":{"NewImage":{"state":{"S":["done"]}}}}',
            "",
            True,
            id="update, content met",
        ),
        pytest.param(
            UPDATE_ITEM,
            '{"dynamodb":{"NewImage":{"state":{"S":["new"]}}}}',
            "",
            False,
            id="update, content not met",
        ),
        pytest.param(DELETE_ITEM, "", "", True, id="delete"),
        pytest.param(DELETE_ITEM, ONLY.format("REMOVE"), "", True, id="delete, removals"),
        pytest.param(DELETE_ITEM, ONLY.format("INSERT"), "", False, id="delete, inserts"),
        pytest.param(BATCH_PUT, "", "", True, id="batch"),
        pytest.param(BATCH_PUT, ONLY.format("REMOVE"), "", False, id="batch of puts, removals"),
        pytest.param(
            BATCH_DELETE, ONLY.format("REMOVE"), "", True, id="batch of deletes, removals"
        ),
        pytest.param(
            BATCH_DELETE, ONLY.format("INSERT"), "", False, id="batch of deletes, inserts"
        ),
        pytest.param(BATCH_WRITER, "", "", True, id="batch writer"),
        pytest.param(TRANSACT_PUT, "", "", True, id="transaction"),
        pytest.param(
            TRANSACT_PUT, ONLY.format("REMOVE"), "", False, id="transaction of puts, removals"
        ),
        pytest.param(
            TRANSACT_DELETE, ONLY.format("REMOVE"), "", True, id="transaction of deletes, removals"
        ),
        pytest.param(
            TRANSACT_DELETE, ONLY.format("INSERT"), "", False, id="transaction of deletes, inserts"
        ),
        pytest.param(TRANSACT_CHECK, "", "", False, id="transaction of checks"),
        pytest.param(INSERT_STATEMENT, "", "", True, id="statement"),
        pytest.param(
            INSERT_STATEMENT, ONLY.format("INSERT"), "", True, id="insert statement, inserts"
        ),
        pytest.param(
            INSERT_STATEMENT, ONLY.format("REMOVE"), "", False, id="insert statement, removals"
        ),
        pytest.param(
            DELETE_STATEMENT, ONLY.format("REMOVE"), "", True, id="delete statement, removals"
        ),
        pytest.param(SELECT_STATEMENT, "", "", False, id="select statement"),
        pytest.param(BATCH_STATEMENT, ONLY.format("MODIFY"), "", True, id="batch of statements"),
        pytest.param(
            TRANSACT_STATEMENT, ONLY.format("INSERT"), "", True, id="transaction of statements"
        ),
        pytest.param(QUERY, "", "", False, id="query"),
        pytest.param(
            PUT_EXPIRING, ONLY.format("REMOVE"), TTL, True, id="put with a time to live, removals"
        ),
        pytest.param(
            PUT_ITEM, ONLY.format("REMOVE"), TTL, False, id="put without the time to live, removals"
        ),
        pytest.param(
            PUT_EXPIRING,
            ONLY.format("REMOVE"),
            "",
            False,
            id="put on a table without time to live, removals",
        ),
    ],
)
def test_table(body: str, pattern: str, more: str, loop: bool) -> None:
    source = mapping("!GetAtt Items.StreamArn", criteria(pattern) if pattern else "")
    assert loops(TABLE.format(more=more) + source, body, "!Ref Items") == (
        ["Items -> Worker -> Items"] if loop else []
    )


def task(resource: str, parameters: str) -> str:
    return f"""
Flow:
  Type: AWS::StepFunctions::StateMachine
  Properties:
    RoleArn: x
    Definition:
      StartAt: A
      States: {{A: {{Type: Task, Resource: 'arn:aws:states:::{resource}', Parameters: {parameters}, End: true}}}}
"""


def watched(event: str, prefix: str = "") -> str:
    rules = f"Filter: {{S3Key: {{Rules: [{{Name: prefix, Value: {prefix}}}]}}}}, " if prefix else ""
    return BUCKET.format(event=event, more="BucketName: store").replace(
        "Function: ", f"{rules}Function: "
    )


STORE = ["Store -> Worker -> Flow -> Store"]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        pytest.param(watched("s3:ObjectCreated:Put") + task("aws-sdk:s3:putObject", "{Bucket: !Ref Store, Key: out/a}"), STORE, id="put"),
        pytest.param(watched("s3:ObjectCreated:Copy") + task("aws-sdk:s3:putObject", "{Bucket: !Ref Store, Key: a}"), [], id="put, copies"),
        pytest.param(watched("s3:ObjectCreated:Copy") + task("aws-sdk:s3:copyObject", "{Bucket: !Ref Store, Key: a}"), STORE, id="copy"),
        pytest.param(watched("s3:ObjectCreated:*", "in/") + task("aws-sdk:s3:putObject", "{Bucket: !Ref Store, Key: out/a}"), [], id="put, key"),
        pytest.param(
            watched("s3:ObjectCreated:*", "in/") + task("aws-sdk:s3:putObject", "{Bucket: !Ref Store, Key: in/a}"), STORE, id="put, same key"
        ),
        pytest.param(
            watched("s3:ObjectCreated:*", "in/") + task("aws-sdk:s3:putObject", "{Bucket: !Ref Store, Key.$: $.key}"), [], id="put, unknown key"
        ),
        pytest.param(watched("s3:ObjectCreated:*") + task("aws-sdk:s3:deleteObject", "{Bucket: !Ref Store, Key: a}"), [], id="delete"),
        pytest.param(
            watched("s3:ObjectRestore:*") + task("aws-sdk:s3:restoreObject", "{Bucket: !Ref Store, Key: a}"), STORE, id="restore"
        ),
        pytest.param(
            RULE.format(pattern="{detail-type: [paid]}", more="") + task("events:putEvents", "{Entries: [{Source: shop, DetailType: paid, Detail: {}}]}"),
            ["the default event bus -> Worker -> Flow -> the default event bus"],
            id="event",
        ),
        pytest.param(
            RULE.format(pattern="{detail-type: [paid]}", more="") + task("events:putEvents", "{Entries: [{Source: shop, DetailType: sent, Detail: {}}]}"),
            [],
            id="another event",
        ),
        pytest.param(
            QUEUE + mapping("!GetAtt Jobs.Arn", criteria('{"body":{"kind":["raw"]}}'))
            + task("sqs:sendMessage", "{QueueUrl: !Ref Jobs, MessageBody: {kind: raw}}"),
            ["Jobs -> Worker -> Flow -> Jobs"],
            id="message",
        ),
        pytest.param(
            QUEUE + mapping("!GetAtt Jobs.Arn", criteria('{"body":{"kind":["raw"]}}'))
            + task("sqs:sendMessage", "{QueueUrl: !Ref Jobs, MessageBody: {kind: done}}"),
            [],
            id="another message",
        ),
        pytest.param(
            TABLE.format(more="") + mapping("!GetAtt Items.StreamArn", criteria(ONLY.format("REMOVE")))
            + task("dynamodb:deleteItem", "{TableName: !Ref Items, Key: {id: {S: a}}}"),
            ["Items -> Worker -> Flow -> Items"],
            id="item deleted",
        ),
        pytest.param(
            TABLE.format(more="") + mapping("!GetAtt Items.StreamArn", criteria(ONLY.format("REMOVE")))
            + task("dynamodb:putItem", "{TableName: !Ref Items, Item: {id: {S: a}}}"),
            [],
            id="item put, removals",
        ),
    ],
)  # fmt: skip
def test_tasks(resources: str, expected: list[str]) -> None:
    """What a state machine's task puts somewhere, as its arguments tell."""
    assert loops(resources, START, "!Ref Flow") == expected


def granted(resources: str, action: str, resource: str) -> list[str]:
    """The loops of a function without readable source whose role allows one action on one resource."""
    text = f"""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies: [{{PolicyName: a, PolicyDocument: {{Statement: [{{Effect: Allow, Action: '{action}', Resource: {resource}}}]}}}}]
  Worker:
    Type: AWS::Lambda::Function
    Properties: {{Runtime: java21, Handler: a.B, Role: !GetAtt Role.Arn, Code: {{S3Bucket: code, S3Key: a.jar}}}}
"""
    cfn = Template(None, loads(text + indent(resources, "  ")))
    application = Application(cfn.template, None, cfn.conditions)
    return [
        " -> ".join(application.label(place) for place in loop.places)
        for loop in application.loops()
    ]


PLANT = "!Sub 'arn:aws:iot:${AWS::Region}:${AWS::AccountId}:topic/plant/hall'"


@pytest.mark.parametrize(
    ("resources", "action", "resource", "loop"),
    [
        pytest.param(
            IOT.format(sql="SELECT * FROM 'plant/+'"), "iot:Publish", PLANT, True, id="iot topic"
        ),
        pytest.param(
            IOT.format(sql="SELECT * FROM 'office/+'"),
            "iot:Publish",
            PLANT,
            False,
            id="another iot topic",
        ),
        pytest.param(
            MAIL.format(recipients="[example.com]"),
            "ses:SendEmail",
            "'arn:aws:ses:*:*:identity/example.com'",
            False,
            id="sender of mail",
        ),
        pytest.param(
            POOL.format(trigger="PreSignUp"),
            "cognito-idp:AdminCreateUser",
            "!GetAtt Pool.Arn",
            True,
            id="user created",
        ),
        pytest.param(
            POOL.format(trigger="PostConfirmation"),
            "cognito-idp:AdminCreateUser",
            "!GetAtt Pool.Arn",
            False,
            id="user not confirmed",
        ),
        pytest.param(
            watched("s3:ObjectRemoved:*"),
            "s3:DeleteObject",
            "arn:aws:s3:::store/*",
            True,
            id="objects removed",
        ),
        pytest.param(
            watched("s3:ObjectCreated:*"),
            "s3:DeleteObject",
            "arn:aws:s3:::store/*",
            False,
            id="no objects created",
        ),
    ],
)
def test_grants(resources: str, action: str, resource: str, loop: bool) -> None:
    assert bool(granted(resources, action, resource)) is loop


@pytest.mark.parametrize(
    ("recipient", "address", "answer"),
    [
        ("example.com", "a@example.com", True),
        ("Example.com", "A <a@EXAMPLE.com>", True),
        ("example.com", "a@in.example.com", False),
        (".example.com", "a@in.example.com", True),
        (".example.com", "a@example.com", False),
        ("a@example.com", "a+label@example.com", True),
        ("a@example.com", "b@example.com", False),
        ("", "a@example.com", False),
        ("example.com", "*", False),
    ],
)
def test_recipients(recipient: str, address: str, answer: bool) -> None:
    assert mail_matches(recipient, address) is answer

"""Loops through every kind of delivery, and what breaks them."""

from textwrap import indent

import pytest
from cfnlint.decode.cfn_yaml import loads
from cfnlint.template import Template

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.event_flow import topic_matches, undetected

FUNCTION = """
{name}:
  Type: AWS::Serverless::Function
  Properties:
    Runtime: java21
    Handler: example.Handler
    CodeUri: s3://code/code.jar
    Policies: [{policies}]
"""


def function(name: str, *policies: str, more: str = "") -> str:
    return FUNCTION.format(name=name, policies=", ".join(policies)) + indent(more, "    ")


def allow(action: str, resource: str) -> str:
    return f"{{Statement: [{{Effect: Allow, Action: {action}, Resource: {resource}}}]}}"


def application(*resources: str, conditions: str = "") -> Application:
    head = f"Transform: AWS::Serverless-2016-10-31\n{conditions}\nResources:\n"
    template = loads(
        head + "".join(indent(resource.strip() + "\n", "  ") for resource in resources)
    )
    cfn = Template(None, template)
    return Application(cfn.template, None, cfn.conditions)


def loops(*resources: str, conditions: str = "", strict: bool = False) -> list[str]:
    model = application(*resources, conditions=conditions)
    return [
        " -> ".join(model.label(place) for place in loop.places) for loop in model.loops(strict)
    ]


QUEUE = "Jobs: {Type: AWS::SQS::Queue}"
SEND = "SQSSendMessagePolicy: {QueueName: !GetAtt Jobs.QueueName}"
MAPPING = """
Mapping:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Worker%s}
"""
TOPIC = "News: {Type: AWS::SNS::Topic}"
PUBLISH = "SNSPublishMessagePolicy: {TopicName: !GetAtt News.TopicName}"
PUT_ON_BUS = "EventBridgePutEventsPolicy: {EventBusName: default}"


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        pytest.param(
            [QUEUE, function("Worker", SEND), MAPPING % ""],
            ["Jobs -> Worker -> Jobs"],
            id="a queue",
        ),
        pytest.param(
            [QUEUE, function("Worker", SEND), MAPPING % ", Enabled: false"],
            [],
            id="a disabled mapping",
        ),
        pytest.param(
            [QUEUE, function("Worker", allow("'sqs:*'", "!GetAtt Jobs.Arn")), MAPPING % ""],
            [],
            id="a wildcard action",
        ),
        pytest.param(
            [QUEUE, function("Worker", allow("sqs:SendMessage", "'*'")), MAPPING % ""],
            [],
            id="any queue",
        ),
        pytest.param(
            [
                function(
                    "Worker",
                    allow(
                        "lambda:InvokeFunction",
                        "!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:worker'",
                    ),
                    more="FunctionName: worker",
                )
            ],
            ["Worker -> Worker"],
            id="a function that may invoke itself",
        ),
        pytest.param(
            [
                TOPIC,
                QUEUE,
                function("Worker", PUBLISH),
                MAPPING % "",
                "Wire: {Type: AWS::SNS::Subscription, Properties: {Protocol: sqs, TopicArn: !Ref News, Endpoint: !GetAtt Jobs.Arn}}",
            ],
            ["Jobs -> Worker -> News -> Jobs"],
            id="a topic through a queue",
        ),
        pytest.param(
            [
                TOPIC,
                function(
                    "Worker",
                    PUBLISH,
                    more="Events: {News: {Type: SNS, Properties: {Topic: !Ref News, FilterPolicy: {kind: [raw]}}}}",
                ),
            ],
            [],
            id="a filter policy of unknown messages",
        ),
        pytest.param(
            [
                function(
                    "Worker",
                    PUT_ON_BUS,
                    more="Events: {Seen: {Type: EventBridgeRule, Properties: {Pattern: {source: [{prefix: ''}]}}}}",
                )
            ],
            ["the default event bus -> Worker -> the default event bus"],
            id="a rule that matches everything",
        ),
        pytest.param(
            [
                function(
                    "Worker",
                    PUT_ON_BUS,
                    more="Events: {Seen: {Type: EventBridgeRule, Properties: {Pattern: {source: [shop]}}}}",
                )
            ],
            [],
            id="a rule on a source",
        ),
        pytest.param(
            [
                "Uploads: {Type: AWS::S3::Bucket}",
                function(
                    "Worker",
                    allow("s3:PutObject", "!Sub '${Uploads.Arn}/*'"),
                    more="Events: {New: {Type: EventBridgeRule, Properties: {Pattern: {source: [aws.s3], detail: {bucket: {name: [!Ref Uploads]}}}}}}",
                ),
            ],
            [],
            id="a bucket that sends nothing to the event bus",
        ),
        pytest.param(
            [
                "Uploads: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}}",
                function(
                    "Worker",
                    allow("s3:PutObject", "!Sub '${Uploads.Arn}/*'"),
                    more="Events: {New: {Type: EventBridgeRule, Properties: {Pattern: {source: [aws.s3], detail: {bucket: {name: [!Ref Uploads]}}}}}}",
                ),
            ],
            ["the default event bus -> Worker -> Uploads -> the default event bus"],
            id="a bucket on the event bus",
        ),
        pytest.param(
            [
                "Uploads: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}}",
                "Other: {Type: AWS::S3::Bucket}",
                function(
                    "Worker",
                    allow("s3:PutObject", "!Sub '${Uploads.Arn}/*'"),
                    more="Events: {New: {Type: EventBridgeRule, Properties: {Pattern: {source: [aws.s3], detail: {bucket: {name: [!Ref Other]}}}}}}",
                ),
            ],
            [],
            id="a rule on another bucket",
        ),
        pytest.param(
            [
                "Uploads: {Type: AWS::S3::Bucket}",
                function(
                    "Worker",
                    allow("s3:DeleteObject", "!Sub '${Uploads.Arn}/*'"),
                    more="Events: {New: {Type: S3, Properties: {Bucket: !Ref Uploads, Events: s3:ObjectCreated:*}}}",
                ),
            ],
            [],
            id="a delete creates no object",
        ),
        pytest.param(
            [
                QUEUE,
                "Dead: {Type: AWS::SQS::Queue}",
                "First: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Jobs.Arn, maxReceiveCount: 3}}}",
                function("Worker", "SQSSendMessagePolicy: {QueueName: !GetAtt First.QueueName}"),
                MAPPING % "",
            ],
            ["Jobs -> Worker -> First -> Jobs"],
            id="dead letters sent back",
        ),
        pytest.param(
            [
                TOPIC,
                function(
                    "Worker",
                    more=(
                        "EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SNS, Destination: !Ref News}}}\n"
                        "Events: {News: {Type: SNS, Properties: {Topic: !Ref News}}}"
                    ),
                ),
            ],
            ["News -> Worker -> News"],
            id="a destination after an asynchronous invocation",
        ),
        pytest.param(
            [
                QUEUE,
                function(
                    "Worker",
                    more="EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS, Destination: !GetAtt Jobs.Arn}}}",
                ),
                MAPPING % "",
            ],
            [],
            id="a poller's invocation has no destination",
        ),
        pytest.param(
            [
                function("Worker", more="FunctionName: worker"),
                "Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /aws/lambda/worker}}",
                (
                    "Wire: {Type: AWS::Logs::SubscriptionFilter, Properties: "
                    "{LogGroupName: !Ref Group, FilterPattern: '', DestinationArn: !GetAtt Worker.Arn}}"
                ),
            ],
            ["Group -> Worker -> Group"],
            id="its own log group",
        ),
        pytest.param(
            [
                QUEUE,
                function(
                    "Worker", "StepFunctionsExecutionPolicy: {StateMachineName: !GetAtt Flow.Name}"
                ),
                MAPPING % "",
                """
Flow:
  Type: AWS::StepFunctions::StateMachine
  Properties:
    RoleArn: arn:aws:iam::111122223333:role/flow
    Definition:
      StartAt: Send
      States:
        Send:
          Type: Task
          Resource: arn:aws:states:::sqs:sendMessage
          Parameters: {QueueUrl: !Ref Jobs, MessageBody: again}
          End: true
""",
            ],
            ["Jobs -> Worker -> Flow -> Jobs"],
            id="through a state machine",
        ),
        pytest.param(
            [
                "Source: {Type: AWS::S3::Bucket, Properties: {ReplicationConfiguration: {Role: x, Rules: [{Status: Enabled, "
                "Destination: {Bucket: !GetAtt Copy.Arn}}]}}}",
                "Copy: {Type: AWS::S3::Bucket}",
                function(
                    "Worker",
                    allow("s3:PutObject", "!Sub '${Source.Arn}/*'"),
                    more="Events: {New: {Type: S3, Properties: {Bucket: !Ref Copy, Events: s3:ObjectCreated:*}}}",
                ),
            ],
            ["Copy -> Worker -> Source -> Copy"],
            id="through replication",
        ),
        pytest.param(
            [
                "Records: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}",
                function("Worker", allow("kinesis:PutRecord", "!GetAtt Records.Arn")),
                "Pipe: {Type: AWS::Pipes::Pipe, Properties: {RoleArn: x, Source: !GetAtt Records.Arn, Target: !GetAtt Worker.Arn}}",
            ],
            ["Records -> Worker -> Records"],
            id="through a pipe",
        ),
        pytest.param(
            [
                "Items: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: []}}",
                function(
                    "Worker",
                    "DynamoDBWritePolicy: {TableName: !Ref Items}",
                    more="Events: {A: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}",
                ),
            ],
            [],
            id="a table without a stream",
        ),
    ],
)
def test_loops(resources: list[str], expected: list[str]) -> None:
    assert loops(*resources) == expected


CONDITIONS = """
Parameters: {Mode: {Type: String, Default: a}}
Conditions:
  A: !Equals [!Ref Mode, a]
  B: !Equals [!Ref Mode, b]
"""


@pytest.mark.parametrize(("other", "expected"), [("A", ["Jobs -> Worker -> Jobs"]), ("B", [])])
def test_conditions_that_exclude_each_other_break_a_loop(other: str, expected: list[str]) -> None:
    mapping = (MAPPING % "").replace("Properties:", f"Condition: {other}\n  Properties:")
    policy = """
Send:
  Type: AWS::IAM::Policy
  Condition: A
  Properties:
    PolicyName: send
    Roles: [!Ref Role]
    PolicyDocument: {Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Jobs.Arn}]}
"""
    role = "Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}"
    worker = "Worker: {Type: AWS::Lambda::Function, Properties: {Runtime: java21, Handler: x, Code: {S3Bucket: b, S3Key: k}, Role: !GetAtt Role.Arn}}"
    assert loops(QUEUE, worker, role, policy, mapping, conditions=CONDITIONS) == expected


def test_strict_reports_broad_grants_and_unknown_messages() -> None:
    assert loops(
        QUEUE, function("Worker", allow("'sqs:*'", "!GetAtt Jobs.Arn")), MAPPING % "", strict=True
    ) == ["Jobs -> Worker -> Jobs"]
    filtered = MAPPING % ', FilterCriteria: {Filters: [{Pattern: \'{"body": {"kind": ["raw"]}}\'}]}'
    assert loops(QUEUE, function("Worker", SEND), filtered) == []
    assert loops(QUEUE, function("Worker", SEND), filtered, strict=True) == [
        "Jobs -> Worker -> Jobs"
    ]


def test_each_loop_is_reported_once_in_template_order() -> None:
    queues = [f"Queue{n}: {{Type: AWS::SQS::Queue}}" for n in range(3)]
    ring = [
        part
        for n in range(3)
        for part in (
            function(
                f"Worker{n}",
                f"SQSSendMessagePolicy: {{QueueName: !GetAtt Queue{(n + 1) % 3}.QueueName}}",
            ),
            f"Mapping{n}: {{Type: AWS::Lambda::EventSourceMapping, Properties: "
            f"{{EventSourceArn: !GetAtt Queue{n}.Arn, FunctionName: !Ref Worker{n}}}}}",
        )
    ]
    assert loops(*queues, *ring) == [
        "Queue0 -> Worker0 -> Queue1 -> Worker1 -> Queue2 -> Worker2 -> Queue0"
    ]


def test_what_lambda_itself_detects() -> None:
    queue = application(QUEUE, function("Worker", SEND), MAPPING % "")
    bus = application(
        function(
            "Worker",
            PUT_ON_BUS,
            more="Events: {Seen: {Type: EventBridgeRule, Properties: {Pattern: {account: [!Ref AWS::AccountId]}}}}",
        )
    )
    assert [undetected(queue.deployment, loop) for loop in queue.loops()] == [()]
    assert [
        [bus.label(place) for place in undetected(bus.deployment, loop)] for loop in bus.loops()
    ] == [["the default event bus"]]


@pytest.mark.parametrize(
    ("topic_filter", "topic", "answer"),
    [
        ("a/b", "a/b", True),
        ("a/+/c", "a/b/c", True),
        ("a/#", "a/b/c", True),
        ("a/+", "a/b/c", False),
        ("a/b", "a", False),
        ("#", "x", True),
    ],
)
def test_iot_topic_filters(topic_filter: str, topic: str, answer: bool) -> None:
    assert topic_matches(topic_filter, topic) is answer


def test_in_strict_a_grant_on_everything_is_one_on_each_resource() -> None:
    worker = function("Worker", allow("sqs:SendMessage", "'*'"))
    denied = function(
        "Worker",
        allow("sqs:SendMessage", "'*'"),
        "{Statement: [{Effect: Deny, Action: 'sqs:*', Resource: !GetAtt Jobs.Arn}]}",
    )
    assert loops(QUEUE, worker, MAPPING % "", strict=True) == ["Jobs -> Worker -> Jobs"]
    assert loops(QUEUE, denied, MAPPING % "", strict=True) == []


POLICY = """
Shipped:
  Type: AWS::Logs::AccountPolicy
  Properties:
    PolicyName: all
    PolicyType: SUBSCRIPTION_FILTER_POLICY
    {more}
    PolicyDocument: !Sub '{{"DestinationArn": "${{{to}}}", "FilterPattern": "{pattern}"}}'
"""
LINES = "Lines: {Type: AWS::Kinesis::Stream}"
CONSUMER = """
Events: {Line: {Type: Kinesis, Properties: {Stream: !GetAtt Lines.Arn, StartingPosition: LATEST}}}
"""


@pytest.mark.parametrize(
    ("to", "more", "pattern", "expected"),
    [
        ("Lines.Arn", "", "", True),
        ("Lines.Arn", "", "ERROR", False),
        (
            "Lines.Arn",
            "SelectionCriteria: !Sub 'LogGroupName NOT IN [\"/aws/lambda/${Worker}\"]'",
            "",
            False,
        ),
        ("Lines.Arn", "SelectionCriteria: 'LogGroupName NOT IN [\"/aws/lambda/other\"]'", "", True),
        ("Lines.Arn", "SelectionCriteria: 'something else'", "", False),
        ("Worker.Arn", "", "", False),
    ],
)
def test_account_policy_for_logs(to: str, more: str, pattern: str, expected: bool) -> None:
    policy = POLICY.format(to=to, more=more, pattern=pattern)
    assert bool(loops(LINES, function("Worker", more=CONSUMER), policy)) is expected


TWIN = """
{name}:
  Type: AWS::Serverless::Function
  Condition: {condition}
  Properties:
    Runtime: java21
    Handler: example.Handler
    CodeUri: s3://code/code.jar
    Policies: [SQSSendMessagePolicy: {{QueueName: !GetAtt Jobs.QueueName}}]
    Events: {{Job: {{Type: SQS, Properties: {{Queue: !GetAtt Jobs.Arn}}}}}}
"""
EXCLUSIVE = """
Parameters: {Stage: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {Prod: !Equals [!Ref Stage, prod], Dev: !Not [!Equals [!Ref Stage, prod]], Big: !Equals [!Ref AWS::Region, eu-west-1]}
"""


@pytest.mark.parametrize(("other", "expected"), [("Dev", 1), ("Big", 2), ("Prod", 2)])
def test_twins_of_which_one_excludes_the_other_are_one_loop(other: str, expected: int) -> None:
    found = loops(
        QUEUE,
        TWIN.format(name="One", condition="Prod"),
        TWIN.format(name="Two", condition=other),
        conditions=EXCLUSIVE,
    )
    assert len(found) == expected


def test_a_loop_of_a_grant_is_no_certain_one() -> None:
    (loop,) = application(QUEUE, function("Worker", SEND), MAPPING % "").loops()
    assert not loop.certain
    assert not loop.by_service

"""Links of template snippets; CloudFormation and SAM spellings of one thing give the same link."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.links import Link, links, unknown_invokers
from cfnlint_eda_rules.template.references import External, References

FUNCTION = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: a.b}}"


def template(resources: str, **sections: Any) -> dict[str, Any]:
    return {"Resources": yaml.safe_load(resources), **sections}


def read(text: str, **sections: Any) -> tuple[Link, ...]:
    document = template(text, **sections)
    references = References(document, None)
    return links(document, references, Functions(document, references))


def name(node: str | External) -> str:
    return node if isinstance(node, str) else f"<{node.text}>"


def short(link: Link) -> str:
    return f"{name(link.source)} -> {name(link.target)} {link.role} {link.kind or link.caller}".rstrip()


PARAMETERS = {"Source": {"Type": "String"}, "Bucket": {"Type": "String"}}


def shorts(text: str, **sections: Any) -> list[str]:
    return [short(link) for link in read(text, **sections)]


def essence(text: str) -> set[tuple[Any, ...]]:
    return {(short(link), repr(link.accepts), link.raw) for link in read(text)}


# name, SAM, CloudFormation, link
PAIRS = [
    (
        "bucket with key filter",
        """
        Up: {Type: AWS::S3::Bucket}
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: S3, Properties: {
              Bucket: {Ref: Up}, Events: "s3:ObjectCreated:*", Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}}}}}}
        """,
        """
        Up: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {LambdaConfigurations: [{Function: {"Fn::GetAtt": [Fn, Arn]},
              Event: "s3:ObjectCreated:*", Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}}]}}}
        Fn: {Type: AWS::Lambda::Function}
        """,
        "Up -> Fn trigger bucket",
    ),
    (
        "topic with filter policy as text",
        """
        T: {Type: AWS::SNS::Topic}
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: SNS, Properties: {Topic: {Ref: T}, FilterPolicy: {a: [b]}}}}}}
        """,
        """
        T: {Type: AWS::SNS::Topic}
        Fn: {Type: AWS::Lambda::Function}
        S: {Type: AWS::SNS::Subscription, Properties: {Protocol: lambda, TopicArn: {Ref: T}, Endpoint: {"Fn::GetAtt": Fn.Arn},
              FilterPolicy: '{"a": ["b"]}'}}
        """,
        "T -> Fn trigger topic",
    ),
    (
        "queue with filter criteria",
        """
        Q: {Type: AWS::SQS::Queue}
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: SQS, Properties: {Queue: {"Fn::GetAtt": [Q, Arn]},
              FilterCriteria: {Filters: [{Pattern: '{"body": {"kind": ["a"]}}'}]}}}}}}
        """,
        """
        Q: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
        Fn: {Type: AWS::Lambda::Function}
        M: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Fn},
              EventSourceArn: {"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:jobs"},
              FilterCriteria: {Filters: [{Pattern: '{"body": {"kind": ["a"]}}'}]}}}
        """,
        "Q -> Fn trigger queue",
    ),
    (
        "table stream through an alias",
        """
        T: {Type: AWS::DynamoDB::Table}
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: DynamoDB, Properties: {Stream: {"Fn::GetAtt": [T, StreamArn]}}}}}}
        """,
        """
        T: {Type: AWS::DynamoDB::Table}
        Fn: {Type: AWS::Lambda::Function}
        Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: {Ref: Fn}, Name: live}}
        M: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Live}, EventSourceArn: {"Fn::GetAtt": [T, StreamArn]}}}
        """,
        "T -> Fn trigger table",
    ),
    (
        "stream through a consumer",
        """
        K: {Type: AWS::Kinesis::Stream}
        C: {Type: AWS::Kinesis::StreamConsumer, Properties: {StreamARN: {"Fn::GetAtt": [K, Arn]}}}
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: Kinesis, Properties: {Stream: {Ref: C}}}}}}
        """,
        """
        K: {Type: AWS::Kinesis::Stream}
        C: {Type: AWS::Kinesis::StreamConsumer, Properties: {StreamARN: {"Fn::GetAtt": [K, Arn]}}}
        Fn: {Type: AWS::Lambda::Function}
        M: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Fn}, EventSourceArn: {"Fn::GetAtt": [C, ConsumerARN]}}}
        """,
        "K -> Fn trigger stream",
    ),
    (
        "rule on a bus",
        """
        B: {Type: AWS::Events::EventBus, Properties: {Name: b}}
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: EventBridgeRule, Properties: {
              EventBusName: {Ref: B}, Pattern: {source: [shop]}}}}}}
        """,
        """
        B: {Type: AWS::Events::EventBus, Properties: {Name: b}}
        Fn: {Type: AWS::Lambda::Function}
        R: {Type: AWS::Events::Rule, Properties: {EventBusName: b, EventPattern: '{"source": ["shop"]}',
              Targets: [{Id: x, Arn: {"Fn::GetAtt": [Fn, Arn]}}]}}
        """,
        "B -> Fn trigger bus",
    ),
    (
        "schedule",
        "Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}}}}",
        """
        Fn: {Type: AWS::Lambda::Function}
        R: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: x, Arn: {"Fn::GetAtt": [Fn, Arn]}}]}}
        """,
        "<schedule> -> Fn trigger schedule",
    ),
    (
        "IoT rule",
        """
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: IoTRule, Properties: {Sql: "SELECT * FROM 'a/+/b' WHERE x > 1"}}}}}
        """,
        """
        Fn: {Type: AWS::Lambda::Function}
        R: {Type: AWS::IoT::TopicRule, Properties: {TopicRulePayload: {Sql: "SELECT * FROM 'a/+/b' WHERE x > 1",
              Actions: [{Lambda: {FunctionArn: {"Fn::GetAtt": [Fn, Arn]}}}]}}}
        """,
        "<iot/a/+/b> -> Fn trigger iot",
    ),
    (
        "skill",
        "Fn: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: AlexaSkill}}}}",
        """
        Fn: {Type: AWS::Lambda::Function}
        P: {Type: AWS::Lambda::Permission, Properties: {Principal: alexa-appkit.amazon.com, FunctionName: {Ref: Fn}}}
        """,
        "<alexa> -> Fn trigger voice",
    ),
]


@pytest.mark.parametrize(
    ("sam", "plain", "expected"), [case[1:] for case in PAIRS], ids=[case[0] for case in PAIRS]
)
def test_sam_and_cloudformation_agree(sam: str, plain: str, expected: str) -> None:
    assert essence(sam) == essence(plain)
    assert shorts(plain) == [expected]


CASES = [
    (
        "cdk notifications and the EventBridge switch",
        f"""
        B: {{Type: AWS::S3::Bucket}}
        {FUNCTION}
        N: {{Type: "Custom::S3BucketNotifications", Properties: {{ServiceToken: x, BucketName: {{Ref: B}}, NotificationConfiguration: {{
              EventBridgeConfiguration: {{}},
              LambdaFunctionConfigurations: [{{Events: ["s3:ObjectRemoved:*"], LambdaFunctionArn: {{"Fn::GetAtt": [Fn, Arn]}}}}]}}}}}}
        """,
        ["B -> Fn trigger bucket", "B -> <event-bus/default> trigger bucket"],
    ),
    (
        "serverless framework's existing bucket",
        f"""
        {FUNCTION}
        N: {{Type: "Custom::S3", Properties: {{BucketName: uploads, FunctionName: {{Ref: Fn}},
              BucketConfigs: [{{Event: "s3:ObjectCreated:*", Rules: [{{Suffix: .jpg}}]}}]}}}}
        """,
        ["<arn:aws:s3:::uploads> -> Fn trigger bucket"],
    ),
    (
        "topic to queue and an e-mail",
        """
        T: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: {"Fn::GetAtt": [Q, Arn]}}, {Protocol: email, Endpoint: a@b.c}]}}
        Q: {Type: AWS::SQS::Queue}
        """,
        ["T -> Q trigger topic"],
    ),
    (
        "topic through SAM's own queue",
        """
        T: {Type: AWS::SNS::Topic}
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {Ev: {Type: SNS, Properties: {Topic: {Ref: T}, SqsSubscription: true}}}}}
        """,
        ["T -> <queue/FnEvQueue> trigger topic", "<queue/FnEvQueue> -> Fn trigger queue"],
    ),
    (
        "topic through a named queue",
        """
        T: {Type: AWS::SNS::Topic}
        Q: {Type: AWS::SQS::Queue}
        Fn: {Type: AWS::Serverless::Function, Properties: {Events: {Ev: {Type: SNS, Properties: {Topic: {Ref: T},
              SqsSubscription: {QueueArn: {"Fn::GetAtt": [Q, Arn]}, QueueUrl: {Ref: Q}}}}}}}
        """,
        ["T -> Q trigger topic", "Q -> Fn trigger queue"],
    ),
    (
        "dead letters of a queue, JSON in text",
        """
        Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {"Fn::Sub": '{"deadLetterTargetArn": "${D.Arn}", "maxReceiveCount": 3}'}}}
        D: {Type: AWS::SQS::Queue}
        """,
        ["Q -> D failure queue"],
    ),
    (
        "results of a function",
        """
        Fn: {Type: AWS::Lambda::Function, Properties: {DeadLetterConfig: {TargetArn: {"Fn::GetAtt": [D, Arn]}}}}
        D: {Type: AWS::SQS::Queue}
        C: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: {Ref: Fn}, Qualifier: $LATEST, DestinationConfig: {
              OnSuccess: {Destination: {"Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}},
              OnFailure: {Destination: {"Fn::GetAtt": [D, Arn]}}}}}
        """,
        ["Fn -> D failure", "Fn -> <event-bus/default> destination", "Fn -> D failure"],
    ),
    (
        "a mapping's failures come from its stream",
        f"""
        K: {{Type: AWS::Kinesis::Stream}}
        D: {{Type: AWS::SQS::Queue}}
        {FUNCTION}
        M: {{Type: AWS::Lambda::EventSourceMapping, Properties: {{FunctionName: {{Ref: Fn}}, EventSourceArn: {{"Fn::GetAtt": [K, Arn]}},
              DestinationConfig: {{OnFailure: {{Destination: {{"Fn::GetAtt": [D, Arn]}}}}}}}}}}
        """,
        ["K -> Fn trigger stream", "K -> D failure stream"],
    ),
    (
        "sources known only at deployment",
        """
        Fn: {Type: AWS::Lambda::Function}
        A: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Fn}, EventSourceArn: "arn:aws:sqs:us-east-1:1:jobs"}}
        B: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Fn}, EventSourceArn: {Ref: Source}, StartingPosition: LATEST}}
        C: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Fn}, Topics: [t], SelfManagedEventSource: {}}}
        D: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Fn}, EventSourceArn: {Ref: Source}, Queues: [q]}}
        """,
        [
            "<arn:aws:sqs:us-east-1:1:jobs> -> Fn trigger queue",
            "<${Source}> -> Fn trigger stream",
            "<kafka> -> Fn trigger kafka",
            "<${Source}> -> Fn trigger broker",
        ],
    ),
    (
        "bus to bus, and the bus of another region",
        """
        B: {Type: AWS::Events::EventBus, Properties: {Name: b}}
        R: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [a]}, Targets: [{Id: x, Arn: {"Fn::GetAtt": [B, Arn]}},
              {Id: y, Arn: {"Fn::Sub": "arn:aws:events:eu-west-1:${AWS::AccountId}:event-bus/default"}}]}}
        """,
        [
            "<event-bus/default> -> B trigger bus",
            "<event-bus/default> -> <arn:aws:events:eu-west-1:${AWS::AccountId}:event-bus/default> trigger bus",
        ],
    ),
    (
        "events of a bucket outside the template",
        f"""
        {FUNCTION}
        R: {{Type: AWS::Events::Rule, Properties: {{EventPattern: {{source: [aws.s3], detail: {{bucket: {{name: [{{Ref: Bucket}}]}}}}}},
              Targets: [{{Id: x, Arn: {{"Fn::GetAtt": [Fn, Arn]}}}}]}}}}
        """,
        [
            "<event-bus/default> -> Fn trigger bus",
            "<${Bucket}> -> <event-bus/default> trigger bucket",
        ],
    ),
    (
        "universal target of a schedule",
        f"""
        {FUNCTION}
        S: {{Type: AWS::Scheduler::Schedule, Properties: {{Target: {{Arn: "arn:aws:scheduler:::aws-sdk:lambda:invoke",
              Input: {{"Fn::Sub": '{{"FunctionName": "${{Fn}}", "InvocationType": "Event"}}'}}}}}}}}
        """,
        ["<schedule> -> Fn trigger schedule"],
    ),
    (
        "pipe with enrichment",
        f"""
        Q: {{Type: AWS::SQS::Queue}}
        T: {{Type: AWS::SNS::Topic}}
        {FUNCTION}
        P: {{Type: AWS::Pipes::Pipe, Properties: {{Source: {{"Fn::GetAtt": [Q, Arn]}}, Enrichment: {{"Fn::GetAtt": [Fn, Arn]}}, Target: {{Ref: T}}}}}}
        """,
        ["Q -> T trigger queue", "Q -> Fn enrichment queue", "Fn -> T enrichment pipe"],
    ),
    (
        "firehose with a transformation",
        f"""
        K: {{Type: AWS::Kinesis::Stream}}
        B: {{Type: AWS::S3::Bucket}}
        {FUNCTION}
        F: {{Type: AWS::KinesisFirehose::DeliveryStream, Properties: {{
              KinesisStreamSourceConfiguration: {{KinesisStreamARN: {{"Fn::GetAtt": [K, Arn]}}}},
              ExtendedS3DestinationConfiguration: {{BucketARN: {{"Fn::GetAtt": [B, Arn]}}, Prefix: raw/, ProcessingConfiguration: {{
                Processors: [{{Type: Lambda, Parameters: [{{ParameterName: LambdaArn, ParameterValue: {{"Fn::GetAtt": [Fn, Arn]}}}}]}}]}}}}}}}}
        """,
        ["K -> F trigger stream", "F -> B trigger stream", "F -> Fn transform stream"],
    ),
    (
        "table to stream and replication of buckets",
        """
        K: {Type: AWS::Kinesis::Stream}
        T: {Type: AWS::DynamoDB::Table, Properties: {KinesisStreamSpecification: {StreamArn: {"Fn::GetAtt": [K, Arn]}}}}
        A: {Type: AWS::S3::Bucket, Properties: {ReplicationConfiguration: {Rules: [
              {Status: Enabled, Prefix: out/, Destination: {Bucket: {"Fn::GetAtt": [B, Arn]}}},
              {Status: Disabled, Destination: {Bucket: {"Fn::GetAtt": [B, Arn]}}}]}}}
        B: {Type: AWS::S3::Bucket}
        """,
        ["T -> K trigger table", "A -> B replication bucket"],
    ),
    (
        "mail",
        f"""
        B: {{Type: AWS::S3::Bucket}}
        {FUNCTION}
        R: {{Type: AWS::SES::ReceiptRule, Properties: {{Rule: {{Enabled: true, Recipients: [a@b.org], Actions: [
              {{S3Action: {{BucketName: {{Ref: B}}, ObjectKeyPrefix: in/}}}}, {{LambdaAction: {{FunctionArn: {{"Fn::GetAtt": [Fn, Arn]}}}}}}]}}}}}}
        Inactive: {{Type: AWS::SES::ReceiptRule, Properties: {{Rule: {{Actions: [{{LambdaAction: {{FunctionArn: {{"Fn::GetAtt": [Fn, Arn]}}}}}}]}}}}}}
        """,
        ["<mail/a@b.org> -> Fn trigger mail", "<mail/a@b.org> -> B trigger mail"],
    ),
    (
        "a service that calls and waits",
        f"""
        {FUNCTION}
        A: {{Type: AWS::Bedrock::Agent, Properties: {{ActionGroups: [{{ActionGroupExecutor: {{Lambda: {{"Fn::GetAtt": [Fn, Arn]}}}}}}]}}}}
        """,
        ["A -> Fn call agent"],
    ),
    (
        "state machine of a SAM template",
        """
        Fn: {Type: AWS::Serverless::Function}
        M: {Type: AWS::Serverless::StateMachine, Properties: {Events: {E: {Type: EventBridgeRule, Properties: {Pattern: {source: [a]}}}},
              DefinitionSubstitutions: {F: {"Fn::GetAtt": [Fn, Arn]}},
              Definition: {StartAt: A, States: {A: {Type: Task, Resource: "${F}", End: true}}}}}
        """,
        ["M -> Fn task workflow", "<event-bus/default> -> M trigger bus"],
    ),
]


@pytest.mark.parametrize(
    ("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_links(text: str, expected: list[str]) -> None:
    assert shorts(text, Parameters=PARAMETERS) == expected


OFF = [
    "M: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Fn}, EventSourceArn: {'Fn::GetAtt': [Q, Arn]}, Enabled: false}}",
    "R: {Type: AWS::Events::Rule, Properties: {State: DISABLED, ScheduleExpression: rate(1 day), Targets: [{Id: a, Arn: {'Fn::GetAtt': [Fn, Arn]}}]}}",
    "P: {Type: AWS::Pipes::Pipe, Properties: {DesiredState: STOPPED, Source: {'Fn::GetAtt': [Q, Arn]}, Target: {'Fn::GetAtt': [Fn, Arn]}}}",
    "B: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: false}}}}",
    "S: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 day), Enabled: false}}}}}",
    "S: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: EventBridgeRule, Properties: {Pattern: {}, State: DISABLED}}}}}",
]


@pytest.mark.parametrize("resource", OFF)
def test_what_is_switched_off_is_no_link(resource: str) -> None:
    assert (
        shorts(f"Q: {{Type: AWS::SQS::Queue}}\nFn: {{Type: AWS::Lambda::Function}}\n{resource}")
        == []
    )


def test_conditions_travel() -> None:
    found = read(
        """
        Q: {Type: AWS::SQS::Queue, Condition: Prod}
        Fn: {Type: AWS::Lambda::Function}
        M: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: {Ref: Fn}, EventSourceArn: {"Fn::GetAtt": [Q, Arn]},
              FilterCriteria: {"Fn::If": [Filtered, {Filters: [{Pattern: '{"a": [1]}'}]}, {Ref: "AWS::NoValue"}]}}}
        """,
        Conditions={"Prod": {"Fn::Equals": ["a", "b"]}, "Filtered": {"Fn::Equals": ["c", "d"]}},
    )
    assert [(link.accepts is not None, dict(link.conditions)) for link in found] == [
        (True, {"Prod": True, "Filtered": True}),
        (False, {"Prod": True, "Filtered": False}),
    ]


def test_what_a_link_says() -> None:
    (link,) = read(
        """
        T: {Type: AWS::SNS::Topic}
        Q: {Type: AWS::SQS::Queue}
        S: {Type: AWS::SNS::Subscription, Properties: {Protocol: sqs, TopicArn: {Ref: T}, Endpoint: {"Fn::GetAtt": [Q, Arn]},
              RawMessageDelivery: true, FilterPolicyScope: MessageBody, FilterPolicy: {a: [{Ref: X}]}}}
        """
    )
    assert (link.via, link.raw, link.path) == (
        "S",
        True,
        ("Resources", "S", "Properties", "Endpoint"),
    )
    assert link.accepts is not None
    assert (link.accepts.patterns, link.accepts.scope) == (({"a": [{"Ref": "X"}]},), "MessageBody")


LOGS = [
    ("Other: {Type: AWS::Logs::LogGroup}", {"Ref": "Other"}, "Other", None),
    (
        "G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: {'Fn::Sub': '/aws/lambda/${Fn}'}}}",
        {"Ref": "G"},
        "G",
        "G",
    ),
    (
        "G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /aws/lambda/shipper}}",
        "/aws/lambda/shipper",
        "G",
        "G",
    ),
    ("", {"Fn::Sub": "/aws/lambda/${Fn}"}, "<logs:Fn>", "<logs:Fn>"),
    ("", {"Fn::Join": ["", ["/aws/lambda/", {"Ref": "Fn"}]]}, "<logs:Fn>", "<logs:Fn>"),
    ("", "/aws/lambda/shipper-other", "</aws/lambda/shipper-other>", None),
]


@pytest.mark.parametrize(("group", "named", "source", "own"), LOGS)
def test_log_groups(group: str, named: Any, source: str, own: str | None) -> None:
    document = template(
        f"Fn: {{Type: AWS::Lambda::Function, Properties: {{FunctionName: shipper}}}}\n{group}"
    )
    document["Resources"]["S"] = {
        "Type": "AWS::Logs::SubscriptionFilter",
        "Properties": {
            "LogGroupName": named,
            "DestinationArn": {"Fn::GetAtt": ["Fn", "Arn"]},
            "FilterPattern": "",
        },
    }
    references = References(document, None)
    found = links(document, references, Functions(document, references))
    (trigger,) = [link for link in found if link.role == "trigger"]
    assert name(trigger.source).removeprefix(
        "<arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
    ).strip("<>") == source.strip("<>")
    assert trigger.accepts is None
    assert [name(link.target) for link in found if link.role == "log"] == ([own] if own else [])


def test_the_group_a_function_is_told_to_use() -> None:
    found = shorts(
        """
        G: {Type: AWS::Logs::LogGroup}
        Fn: {Type: AWS::Lambda::Function, Properties: {LoggingConfig: {LogGroup: {Ref: G}}}}
        S: {Type: AWS::Logs::SubscriptionFilter, Properties: {LogGroupName: {Ref: G}, DestinationArn: {"Fn::GetAtt": [Fn, Arn]}, FilterPattern: ERROR}}
        """
    )
    assert found == ["G -> Fn trigger logs", "Fn -> G log"]


def unknown(text: str) -> list[str]:
    document = template(text)
    references = References(document, None)
    return [
        short(link)
        for link in unknown_invokers(document, references, Functions(document, references))
    ]


UNKNOWN = [
    (
        "X: {Type: AWS::NewService::Thing, Properties: {Hooks: [{Target: {'Fn::GetAtt': [Fn, Arn]}}]}}",
        ["X -> Fn call unknown"],
    ),
    (
        "X: {Type: AWS::NewService::Thing, Properties: {A: {'Fn::Sub': '${Fn.Arn}:live'}}}",
        ["X -> Fn call unknown"],
    ),
    (
        "X: {Type: AWS::NewService::Thing, Properties: {Environment: {F: {Ref: Fn}}, Tags: [{Value: {Ref: Fn}}]}}",
        [],
    ),
    (
        "X: {Type: AWS::Lambda::Permission, Properties: {FunctionName: {Ref: Fn}, Principal: s3.amazonaws.com}}",
        [],
    ),
    (
        "X: {Type: AWS::IAM::Policy, Properties: {PolicyDocument: {Statement: [{Resource: {'Fn::GetAtt': [Fn, Arn]}}]}}}",
        [],
    ),
    ("X: {Type: AWS::CloudWatch::Alarm, Properties: {Dimensions: [{Value: {Ref: Fn}}]}}", []),
]


@pytest.mark.parametrize(("resource", "expected"), UNKNOWN)
def test_unknown_invokers(resource: str, expected: list[str]) -> None:
    assert unknown(f"Fn: {{Type: AWS::Lambda::Function}}\n{resource}") == expected


def test_a_known_place_is_no_unknown_invoker() -> None:
    document = template(
        "Fn: {Type: AWS::Lambda::Function}\nX: {Type: AWS::NewService::Thing, Properties: {A: {Ref: Fn}}}"
    )
    references = References(document, None)
    functions = Functions(document, references)
    assert (
        unknown_invokers(document, references, functions, [("Resources", "X", "Properties", "A")])
        == ()
    )


HOSTILE: list[Any] = [
    None,
    7,
    "text",
    [],
    {},
    [[{}]],
    {"Fn::If": ["C", 1]},
    {"Ref": ["x"]},
    {"Fn::Sub": [1]},
    {"Fn::GetAtt": 3},
    {"a": {"b": None}},
]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_hostile_values_give_no_error(value: Any) -> None:
    cyclic: dict[str, Any] = {"Value": value}
    cyclic["Self"] = cyclic
    for kind, properties in (
        (
            "AWS::S3::Bucket",
            {
                "NotificationConfiguration": {
                    "LambdaConfigurations": value,
                    "QueueConfigurations": [value, cyclic],
                }
            },
        ),
        (
            "AWS::Lambda::EventSourceMapping",
            {
                "FunctionName": "f",
                "EventSourceArn": value,
                "FilterCriteria": cyclic,
                "Enabled": value,
            },
        ),
        (
            "AWS::SNS::Subscription",
            {
                "TopicArn": value,
                "Endpoint": value,
                "Protocol": value,
                "FilterPolicy": value,
                "RedrivePolicy": value,
            },
        ),
        (
            "AWS::Events::Rule",
            {"EventPattern": cyclic, "Targets": [{"Arn": value}, value], "EventBusName": value},
        ),
        (
            "AWS::Serverless::Function",
            {
                "Events": {
                    "E": value,
                    "S": {"Type": "SNS", "Properties": {"Topic": value, "SqsSubscription": cyclic}},
                }
            },
        ),
        (
            "AWS::StepFunctions::StateMachine",
            {"Definition": cyclic, "DefinitionString": value, "DefinitionSubstitutions": value},
        ),
        (
            "AWS::Scheduler::Schedule",
            {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke", "Input": value}},
        ),
        ("AWS::New::Thing", cyclic),
    ):
        document = {
            "Resources": {
                "X": {"Type": kind, "Properties": properties},
                "Y": value,
                "f": {"Type": "AWS::Lambda::Function"},
            }
        }
        references = References(document, None)
        functions = Functions(document, references)
        links(document, references, functions)
        unknown_invokers(document, references, functions)
    assert (
        links(
            {"Resources": value},
            References({"Resources": value}, None),
            Functions({}, References({}, None)),
        )
        == ()
    )

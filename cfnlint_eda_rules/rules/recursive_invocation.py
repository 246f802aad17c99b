"""W9503: what a function emits can come back and invoke it.

Flags every loop of the event flow once, where the function that closes it is declared. It cannot
know what decides at run time (a counter in the message, a condition in the code around the write),
and it trusts a filter it cannot compare with the emission.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cfnlint_eda_rules import application as model
from cfnlint_eda_rules.rule import AntiPatternRule, Finding, silenced
from cfnlint_eda_rules.wording import listed

if TYPE_CHECKING:
    from cfnlint_eda_rules.application.application import Application
    from cfnlint_eda_rules.application.event_flow import RecursiveLoop


class RecursiveInvocation(AntiPatternRule):
    """What a function emits comes back and invokes it: a loop that only a concurrency limit or the
    bill stops.

    **Reported when**

    - It writes to the bucket, queue, topic, table, stream or bus that starts it
      (`fixtures/recursive_invocation/s3-thumbnail-in-uploads-bucket`,
      `fixtures/recursive_invocation/kinesis-loop-enhanced-fanout-consumer-granted`,
      `fixtures/recursive_invocation/eventbridge-loop-republishes-incoming-detail-type`).
    - The way back leads through other functions
      (`fixtures/recursive_invocation/s3-two-functions-feed-each-other-over-two-buckets`) or other
      stacks (`fixtures/recursive_invocation/cdk-two-stacks-share-queue-by-export`).
    - It invokes itself (`fixtures/recursive_invocation/lambda-self-invoke-splits-large-batch`).
    - A job that it starts writes where it is started from
      (`fixtures/recursive_invocation/transcribe-job-writes-into-trigger-bucket`).
    - Its own API call is announced on the default bus to a rule that starts it
      (`fixtures/recursive_invocation/cloudtrail-rule-sets-bucket-policy-it-watches`).
    - Dead letters are sent back to the queue they came from
      (`fixtures/recursive_invocation/sqs-dlq-consumer-resends-to-source-queue`).
    - The filter in between lets through what it emits
      (`fixtures/recursive_invocation/s3-prefix-filter-kept-by-appending-to-event-key`).

    **Not reported when**

    - What it emits goes elsewhere, whatever it may do
      (`fixtures/recursive_invocation/s3-thumbnail-in-its-own-bucket`,
      `fixtures/recursive_invocation/s3-cdk-grant-read-write-but-code-writes-other-bucket`).
    - A filter keeps out what it emits, a positive trigger
      (`fixtures/recursive_invocation/s3-same-bucket-known-suffix-differs-even-in-strict`,
      `fixtures/recursive_invocation/sns-self-publish-filter-policy-not-matched`).
    - Its grant is scoped to other keys than those that start it
      (`fixtures/recursive_invocation/s3-java-grant-scoped-to-output-prefix`).
    - The parts of the loop exist under conditions that exclude each other
      (`fixtures/recursive_invocation/sqs-conditions-exclude-trigger-and-send-grant`).
    - It is a pipeline of two buckets with roles that could do more
      (`fixtures/applications/image-pipeline-two-buckets-crud-on-both`).

    **Anti-pattern**

    The function writes to the bucket whose notification invokes it.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Uploads:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Sub "${AWS::StackName}-uploads"
      Resize:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: nodejs22.x
          InlineCode: |
            const { S3Client, PutObjectCommand } = require("@aws-sdk/client-s3");
            const s3 = new S3Client({});
            exports.handler = async (event) => {
              const { bucket, object } = event.Records[0].s3;
              const Key = `thumb-${object.key}`;
              await s3.send(new PutObjectCommand({ Bucket: bucket.name, Key }));
            };
          Policies:
            - S3CrudPolicy: {BucketName: !Sub "${AWS::StackName}-uploads"}
          Events:
            Uploaded:
              Type: S3
              Properties: {Bucket: !Ref Uploads, Events: s3:ObjectCreated:*}
    ```

    **Best practice**

    Write to another resource, or let only a positive trigger through that the output does not
    match.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Uploads:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Sub "${AWS::StackName}-uploads"
      Resize:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: python3.13
          InlineCode: |
            import boto3

            s3 = boto3.client("s3")

            def handler(event, context):
                record = event["Records"][0]["s3"]
                key = "thumbnails/" + record["object"]["key"]
                s3.put_object(Bucket=record["bucket"]["name"], Key=key, Body=b"")
          Policies:
            - S3CrudPolicy: {BucketName: !Sub "${AWS::StackName}-uploads"}
          Events:
            Uploaded:
              Type: S3
              Properties:
                Bucket: !Ref Uploads
                Events: s3:ObjectCreated:*
                Filter: {S3Key: {Rules: [{Name: prefix, Value: photos/}]}}
    ```

    In CloudFormation the filter stands in the bucket's `NotificationConfiguration`
    (`LambdaConfigurations: [{Filter: {S3Key: ...}}]`). In CDK:

    ```typescript
    uploads.addEventNotification(
      s3.EventType.OBJECT_CREATED, new s3n.LambdaDestination(resize), { prefix: "photos/" });
    ```

    **Remedy**

    Write to a different resource. Where that cannot be, let in only what the output does not
    match: an S3 prefix or suffix, an event source mapping's or pipe's `FilterCriteria`, an SNS
    `FilterPolicy`, an EventBridge pattern on `source`, `detail-type` or `detail`. Until then
    reserve the function's concurrency while testing, and set an alarm on `ConcurrentExecutions`.
    Lambda's own recursive loop detection stops SQS, SNS, S3 and Lambda loops after about 16
    passes unless `RecursiveLoop` is `Allow`; it does not see DynamoDB, Kinesis or EventBridge.

    **When not to heed it**

    A loop that is meant (paging by invoking oneself, a message that is sent back for later) and
    that a counter in the message ends. Ignore the rule at the function then, with the reason: the
    next reader asks.

    **What it cannot know**

    What decides at run time: a counter in the message, a condition in the code around the write,
    a write that changes nothing. It trusts a filter that it cannot compare with what is emitted,
    unless `strict`.
    """

    id = "W9503"
    since = "0.1.0"
    shortdesc = "Recursive patterns that cause invocation loops"
    description = (
        "What a Lambda function emits should not come back and invoke it without a "
        "positive trigger in between"
    )

    def findings(self, application: Application) -> Iterator[Finding]:
        """One finding for each loop, at the first of the template's own functions on it, else at
        the nested stack of the first.
        """
        for loop in application.loops(self.strict):
            if self._is_ours(application, loop) and not self._is_silenced(application, loop):
                yield Finding(
                    self._path(application, loop),
                    self._message(application, loop),
                    self._route(application, loop),
                )

    def _is_ours(self, application: Application, loop: RecursiveLoop) -> bool:
        """Whether the loop goes through a function of this template or of its nested stacks."""
        here = any(not application.elsewhere(function) for function in loop.functions)
        return here and not self._inside_one_nested_stack(application, loop)

    def _is_silenced(self, application: Application, loop: RecursiveLoop) -> bool:
        """Whether a function that another template declares is where that template ignores it."""
        first: dict[str | None, str] = {}
        for function in loop.functions:
            first.setdefault(application.file_of(function), function)
        return any(
            file != application.filename and silenced(application, function, self.id)
            for file, function in first.items()
        )

    def _inside_one_nested_stack(self, application: Application, loop: RecursiveLoop) -> bool:
        """Whether another template has all of the loop: it is reported there."""
        declared = {place for place in loop.places if isinstance(place, str)}
        if loop.trigger is not None:
            declared.update(str(step) for step in loop.trigger.path[1:2])
        stacks = {application.nested_in(place) for place in declared}
        return len(stacks) == 1 and "" not in stacks

    def _path(self, application: Application, loop: RecursiveLoop) -> tuple[str | int, ...]:
        function = next(
            (
                name
                for name in loop.functions
                if not application.nested_in(name) and not application.elsewhere(name)
            ),
            next(name for name in loop.functions if not application.elsewhere(name)),
        )
        if stack := application.nested_in(function):
            return ("Resources", stack)
        if loop.trigger is not None and loop.trigger.path[:2] == ("Resources", function):
            return loop.trigger.path
        return ("Resources", function)

    def _route(self, application: Application, loop: RecursiveLoop) -> str:
        return " -> ".join(application.label(place) for place in loop.places)

    def _message(self, application: Application, loop: RecursiveLoop) -> str:
        evidence = listed(
            (
                *(
                    f"{emission.because} ({emission.actor})"
                    if len(loop.emissions) > 1
                    else emission.because
                    for emission in loop.emissions
                ),
                *(f"the failures of {function}" for function in loop.failing),
            )
        )
        invokes = "invokes" if loop.certain else "may invoke"
        comes_back = f"emits {invokes} it" if len(loop.functions) == 1 else f"emit {invokes} them"
        return (
            f"{self._route(application, loop)} {self._is_a_loop(loop)}: "
            f"what {listed(loop.functions)} {comes_back} again, by {evidence}. "
            f"{self._detection(application, loop)} "
            f"{self._remedy(application, loop)}; "
            "until then reserve its concurrency while testing and set an alarm on concurrent "
            "executions."
        )

    def _is_a_loop(self, loop: RecursiveLoop) -> str:
        if not loop.certain:
            return "may be a loop"
        return (
            "is a loop that only a condition in the code may end" if loop.guarded else "is a loop"
        )

    def _remedy(self, application: Application, loop: RecursiveLoop) -> str:
        if all(place in application.functions for place in loop.places):
            recursion = (
                "a function that invokes itself"
                if len(loop.functions) == 1
                else "functions that invoke each other"
            )
            return (
                f"Let a Step Functions workflow with a limit repeat the work instead of {recursion}"
            )
        return (
            "Write to a different resource or let in only what the output does not match (a "
            "positive trigger)"
        )

    def _detection(self, application: Application, loop: RecursiveLoop) -> str:
        blind = model.event_flow.undetected(application.deployment, loop)
        if blind:
            kinds = {place: application.type_of(place) for place in blind}
            unseen = listed(
                f"{application.label(place)} ({kind})" if kind else application.label(place)
                for place, kind in kinds.items()
            )
            return (
                "Lambda's recursive loop detection does not see it, since it does not follow "
                f"{unseen}."
            )
        if loop.by_service:
            return (
                "Lambda's recursive loop detection does not see it, since AWS, not the "
                "function, puts there what comes back."
            )
        allowed = [
            name for name in loop.functions if application.functions[name].recursive_loop == "Allow"
        ]
        if allowed:
            return (
                "Lambda's recursive loop detection would stop it, but RecursiveLoop is Allow "
                f"on {listed(allowed)}."
            )
        return (
            "Lambda's recursive loop detection stops it only after about "
            f"{model.event_flow.stopped_after()} passes, unless RecursiveLoop is Allow."
        )

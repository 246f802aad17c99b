"""W9505: a function waits, one call after the other, for what could run together or in two
functions.

Flags sequences of blocking calls on one normal path of the handler, sleeps, waiters and polling,
from source. It cannot know how long a call takes, nor whether a later step may only happen when an
earlier one succeeded for a business reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cfnlint_eda_rules import application as model
from cfnlint_eda_rules.rule import Finding, FunctionRule
from cfnlint_eda_rules.wording import listed

if TYPE_CHECKING:
    from cfnlint_eda_rules.application.application import Application

_REMEDY = (
    "Run independent calls together ({}), or split dependent ones over two functions joined by "
    "the first resource's event (a notification, stream or queue)."
)
_READ_REMEDY = "Run them together ({})."
_WAIT_REMEDY = (
    "Let the end of the work start the next function (its event, a callback or a Step "
    "Functions wait) instead of paying to wait."
)
_GRANTS_REMEDY = (
    "Split them over two functions joined by the first resource's event (a notification, stream or "
    "queue)."
)
_TOGETHER = {
    "python": "asyncio.gather or a thread pool",
    "javascript": "Promise.all",
    "java": "CompletableFuture.allOf or an executor",
    "csharp": "Task.WhenAll",
}


class SynchronousWaiting(FunctionRule):
    """A function pays for waiting: blocking calls to different services one after the other,
    sleeping, polling.

    **Reported when**

    - Two side effects on different targets run one after the other
      (`fixtures/synchronous_waiting/py-upload-file-then-table-put-item`), external HTTP among
      them (`fixtures/synchronous_waiting/py-requests-post-then-send-message`), in a decorator or
      at the end of a `with` block too
      (`fixtures/synchronous_waiting/py-decorator-audits-to-second-table`,
      `fixtures/synchronous_waiting/py-context-manager-exit-records-run`).
    - It sleeps, polls (`fixtures/synchronous_waiting/js-set-timeout-promise-polls-certificate`)
      or uses a waiter (`fixtures/lambda_orchestrator/transcribe-start-then-waiter`).

    **Not reported when**

    - The calls run together (`fixtures/synchronous_waiting/js-all-settled-over-pushed-promises`,
      `fixtures/synchronous_waiting/js-parallel-reads-compute-one-write`).
    - One read needs the other's answer
      (`fixtures/synchronous_waiting/js-token-read-then-request-that-carries-it`).
    - All of them go to one target
      (`fixtures/synchronous_waiting/py-same-bucket-under-two-env-names`,
      `fixtures/synchronous_waiting/js-for-of-one-table`).
    - No path makes both (`fixtures/synchronous_waiting/js-switch-and-early-return-exclusive`), or
      only an error handler does (`fixtures/synchronous_waiting/py-second-write-only-in-except`).
    - The others are logs, metrics and traces
      (`fixtures/synchronous_waiting/js-put-item-with-metric-log-and-trace`).
    - It backs off before it tries again
      (`fixtures/synchronous_waiting/py-retry-wrapper-around-one-read`).
    - There is no source to read
      (`fixtures/synchronous_waiting/java-jar-granted-bucket-and-table`).

    **Anti-pattern**

    The S3 put must end before the DynamoDB put begins.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Documents:
        Type: AWS::S3::Bucket
      Index:
        Type: AWS::Serverless::SimpleTable
      StoreFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: python3.13
          InlineCode: |
            import os

            import boto3

            s3 = boto3.client("s3")
            table = boto3.resource("dynamodb").Table(os.environ["INDEX"])

            def handler(event, context):
                s3.put_object(Bucket=os.environ["DOCUMENTS"], Key=event["id"], Body=event["text"])
                table.put_item(Item={"id": event["id"]})
          Environment:
            Variables: {DOCUMENTS: !Ref Documents, INDEX: !Ref Index}
          Policies:
            - S3WritePolicy: {BucketName: !Ref Documents}
            - DynamoDBWritePolicy: {TableName: !Ref Index}
    ```

    **Best practice**

    Independent calls run together.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Documents:
        Type: AWS::S3::Bucket
      Index:
        Type: AWS::Serverless::SimpleTable
      StoreFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: nodejs22.x
          InlineCode: |
            const { S3Client, PutObjectCommand } = require("@aws-sdk/client-s3");
            const { DynamoDBClient, PutItemCommand } = require("@aws-sdk/client-dynamodb");
            const s3 = new S3Client({}), dynamodb = new DynamoDBClient({});
            exports.handler = async ({ id, text }) =>
              Promise.all([
                s3.send(new PutObjectCommand({
                  Bucket: process.env.DOCUMENTS, Key: id, Body: text })),
                dynamodb.send(new PutItemCommand({ TableName: process.env.INDEX, Item: { id } })),
              ]);
          Environment:
            Variables: {DOCUMENTS: !Ref Documents, INDEX: !Ref Index}
          Policies:
            - S3WritePolicy: {BucketName: !Ref Documents}
            - DynamoDBWritePolicy: {TableName: !Ref Index}
    ```

    In Python a thread pool does the same:

    ```python
    with ThreadPoolExecutor() as pool:
        stored = pool.submit(s3.put_object, Bucket=bucket, Key=key, Body=text)
        indexed = pool.submit(table.put_item, Item=item)
    ```

    Where one must not happen without the other, the bucket's event starts a second function: in
    SAM an `S3` event, in CloudFormation the bucket's `NotificationConfiguration`, in CDK:

    ```typescript
    documents.addEventNotification(s3.EventType.OBJECT_CREATED, new s3n.LambdaDestination(index));
    ```

    **Remedy**

    Run independent calls together (`asyncio.gather` or a thread pool, `Promise.all`). Split
    dependent ones over two functions that the first resource's event, stream or queue joins: each
    retries by itself. Instead of sleeping or polling let the end of the work start the next
    function, a callback or a Step Functions wait.

    **When not to heed it**

    Two writes of a few milliseconds in a function that runs rarely cost less than a second
    function, and a write that may only happen when another succeeded, in one request that the
    user waits for, has to stand behind it. A waiter or a short sleep is fair for what the API
    only settles a moment later. Ignore the rule at that function, and say which of these it is.

    **What it cannot know**

    How long a call takes; whether a later step may only happen when an earlier one succeeded for
    a business reason.
    """

    id = "W9505"
    since = "0.1.0"
    shortdesc = "Synchronous waiting within a single Lambda function"
    description = (
        "A Lambda function should not wait for one blocking call after the other, sleep or poll"
    )

    def judge(self, application: Application, function: str) -> Finding | None:
        """The finding about a function that waits."""
        message = self._message(application, function)
        return Finding(("Resources", function), message) if message else None

    def _message(self, application: Application, function: str) -> str:
        found = model.blocking_calls.blocking_calls(application.effects, function)
        waiting = model.blocking_calls.waits(found)
        together = _TOGETHER.get(model.blocking_calls.language(application.effects, function), "")
        if run := model.blocking_calls.writes_in_a_row(found):
            return (
                f"{function} waits for one side effect after the other: "
                f"{listed((s.says for s in run), 'then')}{_waits_too(waiting)}. "
                f"{_REMEDY.format(together)}"
            )
        if waiting:
            return (
                f"{function} is billed while it waits: {listed(s.says for s in waiting)}. "
                f"{_WAIT_REMEDY}"
            )
        if run := model.blocking_calls.reads_in_a_row(found):
            calls = listed((step.says for step in run), "then")
            return (
                f"{function} waits for one read after the other although none needs another's "
                f"result: {calls}. {_READ_REMEDY.format(together)}"
            )
        if self.strict and (repeated := model.blocking_calls.repeated(found)):
            return (
                f"{function} waits for each pass of a loop: "
                f"{listed(s.says for s in repeated)}. {_REMEDY.format(together)}"
            )
        if self.strict and (
            granted := model.blocking_calls.granted_services(application.effects, function)
        ):
            return (
                f"{function} may write to {listed(granted)} in one invocation (grants; no "
                f"readable source). {_GRANTS_REMEDY}"
            )
        return ""


def _waits_too(waiting: tuple[model.blocking_calls.BlockingCall, ...]) -> str:
    return f". It is billed for {listed(step.says for step in waiting)} too" if waiting else ""

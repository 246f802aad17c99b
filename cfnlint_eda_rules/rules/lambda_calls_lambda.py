"""W9504: a function invokes another function and waits for it.

Flags each caller once with everything it calls. It cannot know which function is meant when neither
the source nor a grant names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cfnlint_eda_rules import application as model
from cfnlint_eda_rules.rule import AntiPatternRule, Finding, in_scope, silenced
from cfnlint_eda_rules.wording import listed

if TYPE_CHECKING:
    from cfnlint_eda_rules.application.application import Application
    from cfnlint_eda_rules.application.invocations import Invocation


class LambdaCallsLambda(AntiPatternRule):
    """A function synchronously invokes another and waits: both are billed, and the slowest and the
    most limited of them decide for all.

    **Reported when**

    - Its source invokes another function with `RequestResponse`, or without an `InvocationType`
      (`fixtures/lambda_calls_lambda/chain-of-three-functions`), however deep in its modules
      (`fixtures/lambda_calls_lambda/gateway-class-in-helper-module`).
    - It has no readable source and a grant to invoke that very function ("may")
      (`fixtures/lambda_calls_lambda/grants-in-many-spellings`).
    - The function it calls is in another nested stack
      (`fixtures/lambda_calls_lambda/nested-stack-function-invokes-sibling-stack`).

    **Not reported when**

    - It does not wait: `InvocationType` is `Event`
      (`fixtures/lambda_calls_lambda/no-ts-invocation-type-enum-event`).
    - It has the grant and its source does not use it
      (`fixtures/lambda_calls_lambda/no-unused-grant-code-sends-to-queue`).
    - What it waits for is an Express workflow
      (`fixtures/lambda_calls_lambda/no-start-sync-execution-of-express-workflow`) or a SageMaker
      endpoint (`fixtures/lambda_calls_lambda/no-sagemaker-endpoint-invoke-method`).
    - It is a hook that tries a new version
      (`fixtures/lambda_calls_lambda/no-pre-traffic-hook-tries-new-version`).

    **Anti-pattern**

    Order waits for payment.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      OrderFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: python3.13
          InlineCode: |
            import json
            import os

            import boto3

            client = boto3.client("lambda")

            def handler(event, context):
                order = json.dumps(event)
                answer = client.invoke(FunctionName=os.environ["PAYMENT"], Payload=order)
                return json.load(answer["Payload"])
          Environment:
            Variables: {PAYMENT: !Ref PaymentFunction}
          Policies:
            - LambdaInvokePolicy: {FunctionName: !Ref PaymentFunction}
      PaymentFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: nodejs22.x
          InlineCode: "exports.handler = async (event) => ({ paid: event.total });"
    ```

    **Best practice**

    A queue between them, so that each scales and fails by itself.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Payments:
        Type: AWS::SQS::Queue
      OrderFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: nodejs22.x
          InlineCode: |
            const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
            const sqs = new SQSClient({});
            exports.handler = async (event) =>
              sqs.send(new SendMessageCommand({
                QueueUrl: process.env.PAYMENTS, MessageBody: JSON.stringify(event) }));
          Environment:
            Variables: {PAYMENTS: !Ref Payments}
          Policies:
            - SQSSendMessagePolicy: {QueueName: !GetAtt Payments.QueueName}
      PaymentFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: nodejs22.x
          InlineCode: "exports.handler = async (event) => ({ paid: event.Records.length });"
          Events:
            Payment:
              Type: SQS
              Properties: {Queue: !GetAtt Payments.Arn}
    ```

    In CloudFormation the queue is joined by an `AWS::Lambda::EventSourceMapping`. In CDK:

    ```typescript
    payments.grantSendMessages(order);
    payment.addEventSource(new SqsEventSource(payments));
    ```

    **Remedy**

    Put an SQS queue between them where the caller needs no answer, or let a Step Functions
    workflow call both where it does: the workflow waits, and neither function is billed for it.
    Code that two functions share is a library or a layer, not a function to call.

    **When not to heed it**

    A call that crosses an account, a language or a team and needs its answer within the same
    request has no cheaper form for a few calls a minute. A durable function that calls with
    `context.invoke` is not reported: it does not pay while it waits.

    **What it cannot know**

    Which function is meant when neither the source nor a grant names it.
    """

    id = "W9504"
    since = "0.1.0"
    shortdesc = "Lambda functions calling Lambda functions"
    description = (
        "A Lambda function should not synchronously invoke another Lambda function and "
        "wait for its result"
    )

    def findings(self, application: Application) -> Iterator[Finding]:
        """One finding for each caller; for a caller in a nested stack only of calls that leave the
        stack, at the nested stack.
        """
        for function in in_scope(application):
            stack = application.nested_in(function)
            if stack and silenced(application, function, self.id):
                continue
            waited_for = [
                found
                for found in model.invocations.invocations(
                    application.effects, function, self.strict
                )
                if found.waits
                and found.callee != function
                and (not stack or self._leaves(application, stack, found))
            ]
            if waited_for:
                yield Finding(
                    ("Resources", stack or function),
                    self._message(application, function, waited_for),
                )

    def _leaves(self, application: Application, stack: str, invocation: Invocation) -> bool:
        return (
            isinstance(invocation.callee, str) and application.nested_in(invocation.callee) != stack
        )

    def _message(self, application: Application, function: str, found: list[Invocation]) -> str:
        verb = (
            "invokes"
            if any(invocation.certain for invocation in found)
            else "may synchronously invoke"
        )
        callees = listed(application.label(invocation.callee, "function") for invocation in found)
        synchronously = " and waits for the result" if verb == "invokes" else ""
        return (
            f"{function} {verb} {callees}{synchronously}: "
            f"{listed(invocation.because for invocation in found)}. "
            "Both functions are billed while one waits, and errors and throttling of one become "
            "the other's. "
            "Put an SQS queue between them, or let a Step Functions workflow call both."
        )

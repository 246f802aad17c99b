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

    **Anti-pattern**

    Order waits for payment, which waits for the invoice.

    ```python
    lambda_client = boto3.client("lambda")
    payment = lambda_client.invoke(FunctionName=os.environ["PAYMENT_FUNCTION"], Payload=order)
    ```

    **Best practice**

    A queue between them (or a Step Functions workflow), so that each scales and fails by itself.

    ```python
    boto3.client("sqs").send_message(QueueUrl=os.environ["PAYMENT_QUEUE"], MessageBody=order)
    ```
    """

    id = "W9504"
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

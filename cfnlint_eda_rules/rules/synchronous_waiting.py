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
    "Run independent calls together, or split dependent ones over two functions joined by the "
    "first resource's event "
    "(a notification, stream or queue)."
)
_READ_REMEDY = "Run them together (Promise.all, asyncio.gather, threads)."
_WAIT_REMEDY = (
    "Let the end of the work start the next function (its event, a callback or a Step "
    "Functions wait) instead of paying to wait."
)


class SynchronousWaiting(FunctionRule):
    """A function pays for waiting: blocking calls to different services one after the other,
    sleeping, polling.

    **Anti-pattern**

    The S3 put must end before the DynamoDB put begins.

    ```python
    s3.put_object(Bucket=os.environ["DOCUMENTS"], Key=key, Body=body)
    table.put_item(Item={"key": key})
    ```

    **Best practice**

    The bucket's event invokes a second function, which writes the item; or independent calls run
    together.

    ```python
    # The bucket's s3:ObjectCreated:* invokes the function that puts the item.
    s3.put_object(Bucket=os.environ["DOCUMENTS"], Key=key, Body=body)
    ```
    """

    id = "W9505"
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
        if run := model.blocking_calls.writes_in_a_row(found):
            return (
                f"{function} waits for one side effect after the other: "
                f"{listed((s.says for s in run), 'then')}. {_REMEDY}"
            )
        if waiting := model.blocking_calls.waits(found):
            return (
                f"{function} is billed while it waits: {listed(s.says for s in waiting)}. "
                f"{_WAIT_REMEDY}"
            )
        if run := model.blocking_calls.reads_in_a_row(found):
            calls = listed((step.says for step in run), "then")
            return (
                f"{function} waits for one read after the other although none needs another's "
                f"result: {calls}. {_READ_REMEDY}"
            )
        if self.strict and (repeated := model.blocking_calls.repeated(found)):
            return (
                f"{function} waits for each pass of a loop: "
                f"{listed(s.says for s in repeated)}. {_REMEDY}"
            )
        if self.strict and (
            granted := model.blocking_calls.granted_services(application.effects, function)
        ):
            return (
                f"{function} may write to {listed(granted)} in one invocation (grants; no "
                f"readable source). {_REMEDY}"
            )
        return ""

"""W9502: a function coordinates a workflow that Step Functions should own.

Flags functions that invoke several others, start a job and wait for it or keep calling themselves
to look after it, or hand-code a workflow with compensation. It cannot know a workflow spread over
functions that only share a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cfnlint_eda_rules import application as model
from cfnlint_eda_rules.rule import Finding, FunctionRule
from cfnlint_eda_rules.wording import listed

if TYPE_CHECKING:
    from cfnlint_eda_rules.application.application import Application

_REMEDY = (
    "Let Step Functions coordinate inside a bounded context (it waits, retries and "
    "branches), and EventBridge between services."
)


class LambdaOrchestrator(FunctionRule):
    """A function runs a workflow: it calls other functions, waits for jobs, and handles what goes
    wrong, all in code.

    **Anti-pattern**

    Start a job, then sleep and look until it is done.

    ```python
    query = athena.start_query_execution(QueryString=sql)["QueryExecutionId"]
    while not athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Statistics"]:
        time.sleep(5)
    ```

    **Best practice**

    A state machine starts the job and waits for it; functions do the work in between.

    ```yaml
    RunQuery:
      Type: Task
      Resource: arn:aws:states:::athena:startQueryExecution.sync
    ```
    """

    id = "W9502"
    shortdesc = "Lambda as orchestrator"
    description = (
        "A Lambda function should not coordinate other functions or jobs: that is what "
        "Step Functions is for"
    )
    options: ClassVar[dict[str, dict[str, Any]]] = {
        "max_invoked_functions": {
            "default": 1,
            "type": "integer",
            "description": "How many distinct other functions a function may invoke.",
        }
    }

    def judge(self, application: Application, function: str) -> Finding | None:
        """The finding about a function that orchestrates."""
        durable = application.functions[function].durable
        evidence = "" if durable else self._evidence(application, function)
        if not evidence:
            return None
        return Finding(("Resources", function), f"{function} {evidence}. {_REMEDY}")

    def _evidence(self, application: Application, function: str) -> str:
        invoked = [
            found
            for found in model.invocations.invocations(application.effects, function, self.strict)
            if found.callee not in (function, None)
        ]
        invoked = model.invocations.together(invoked, application.references.compatible)
        callees = {found.callee for found in invoked}
        if len(callees) > self.limit("max_invoked_functions"):
            verb = "invokes" if all(found.certain for found in invoked) else "may invoke"
            names = listed(application.label(found.callee) for found in invoked)
            return (
                f"{verb} {len(callees)} functions, {names}: "
                f"{listed(found.because for found in invoked)}"
            )
        found = model.blocking_calls.blocking_calls(application.effects, function)
        if job := model.blocking_calls.awaited_job(found):
            return f"starts a job and waits for its end: {job[0].says}, then {job[1].says}"
        if job := model.blocking_calls.continued_job(application.effects, function, found):
            return f"keeps continuing itself to look after a job: {job[0].says}, then {job[1].says}"
        if run := model.blocking_calls.workflow(application.effects, function, found):
            return (
                f"hand-codes a workflow: {listed((step.says for step in run), 'then')}, with "
                "compensation or branches on their results"
            )
        return ""

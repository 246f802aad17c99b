"""W9502: a function coordinates a workflow that Step Functions should own.

Flags functions that invoke several others, start a job and wait for it or keep calling themselves
to look after it, or hand-code a workflow with branches or compensation. It cannot know a workflow
spread over functions that only share a database.
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

    It pays while others work, its timeout bounds the whole, and nobody sees which step a run is
    in.

    **Reported when**

    - It invokes more than `max_invoked_functions` other functions
      (`fixtures/lambda_orchestrator/promise-all-parallel-invokes`), also where only its grants
      say so (`fixtures/lambda_orchestrator/java-scoped-grants-two-callees`).
    - It starts a job or execution and waits for its end itself, by sleeping and polling
      (`fixtures/lambda_orchestrator/athena-start-query-sleep-poll`) or with a waiter
      (`fixtures/lambda_orchestrator/transcribe-start-then-waiter`).
    - It continues itself to look after a job again, through its own queue
      (`fixtures/lambda_orchestrator/requeue-own-queue-to-poll`) or by invoking itself
      (`fixtures/lambda_orchestrator/start-then-self-invoke-cursor`).
    - It hand-codes a workflow: three or more side effects on different targets, with compensation
      in an error handler or branches on earlier results
      (`fixtures/lambda_orchestrator/py-undo-stack-after-three-writes`).

    **Not reported when**

    - It starts one execution and returns
      (`fixtures/lambda_orchestrator/no-start-one-execution-and-return`).
    - The end of the job starts another function
      (`fixtures/lambda_orchestrator/no-textract-start-with-notification`).
    - Step Functions runs the tasks
      (`fixtures/applications/transcode-step-functions-tasks-and-callback`).
    - No deployment invokes both functions: their conditions exclude each other
      (`fixtures/lambda_orchestrator/no-callees-under-exclusive-conditions`).
    - It is the handler of a custom resource
      (`fixtures/lambda_orchestrator/no-custom-resource-waits-for-stack`).

    **Anti-pattern**

    Start a job, then sleep and look until it is done.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      ReportFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: python3.13
          Timeout: 900
          InlineCode: |
            import time

            import boto3

            athena = boto3.client("athena")

            def handler(event, context):
                query = athena.start_query_execution(QueryString=event["sql"])["QueryExecutionId"]
                while True:
                    run = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
                    if run["Status"]["State"] == "SUCCEEDED":
                        return run
                    time.sleep(5)
    ```

    **Best practice**

    A state machine starts the job and waits for it; functions do the work in between.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Report:
        Type: AWS::Serverless::StateMachine
        Properties:
          Definition:
            StartAt: RunQuery
            States:
              RunQuery:
                Type: Task
                Resource: arn:aws:states:::athena:startQueryExecution.sync
                Parameters: {"QueryString.$": $.sql, WorkGroup: primary}
                Retry: [{ErrorEquals: [States.ALL], MaxAttempts: 2}]
                End: true
          Policies: [AmazonAthenaFullAccess]
    ```

    In CloudFormation the same definition stands in an `AWS::StepFunctions::StateMachine`. In CDK:

    ```typescript
    new tasks.AthenaStartQueryExecution(this, "RunQuery", {
      queryString: sfn.JsonPath.stringAt("$.sql"),
      integrationPattern: sfn.IntegrationPattern.RUN_JOB,
    });
    ```

    A function that has to see a step of its own through, in Python or JavaScript, can be a
    durable function: its waits cost no compute.

    **Remedy**

    Inside a bounded context let Step Functions call the functions and services: it waits,
    retries, branches and compensates, and shows each run. Between services publish events to
    EventBridge. Instead of waiting for a job let its end start the next function: its
    notification, its event on the default bus, or `.sync` and `.waitForTaskToken` in a state
    machine.

    **When not to heed it**

    Waiters are fair for what ends within a second or two and happens rarely (a deployment script,
    a handler that runs once a day), and two calls to functions of the same team in one request
    may be cheaper to keep than to redesign. Ignore the rule at that function, with a reason and
    an end.

    **What it cannot know**

    A workflow spread over functions that only share a database; how long a job takes.
    """

    id = "W9502"
    since = "0.1.0"
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
        if found_workflow := model.blocking_calls.workflow(application.effects, function, found):
            return _workflow(found_workflow)
        return ""


def _workflow(found: model.blocking_calls.Workflow) -> str:
    """What is repeated in words: the steps, and those that branch and compensate."""
    steps = listed((step.says for step in found.run), "then")
    why = []
    if found.on is not None and found.branched is not None:
        why.append(f"branches to {found.branched.says} on the result of {found.on.says}")
    if found.compensated is not None:
        why.append(f"compensates with {found.compensated.says}")
    return f"hand-codes a workflow: {steps}. It {listed(why)}"

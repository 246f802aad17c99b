"""What the models of the AWS SDKs share."""

from __future__ import annotations

from collections.abc import Mapping

from cfnlint_eda_rules.catalogue.operations import operation
from cfnlint_eda_rules.handlers.interpreter.protocol import Object, Run


def perform(
    run: Run, service: str, name: str, request: Mapping[str, Object], *, asynchronous: bool = False
) -> Object:
    """Makes a call of the API and returns its result, or the promise of it.

    Where the answer only repeats a parameter (the URL of the queue of that name), it is that
    parameter.
    """
    known = operation(service, name)
    answers = {
        field: request[parameter]
        for field, parameter in known.answers.items()
        if parameter in request
    }
    result = run.record(answers, partial=True) if answers else None
    return (run.start if asynchronous else run.request)(
        "sdk", service, name, request, result=result
    )


def wait(
    run: Run, service: str, name: str, request: Mapping[str, Object], *, asynchronous: bool = False
) -> Object:
    """Waits until something is as the waiter `name` (`ObjectExists`) has it."""
    return (run.start if asynchronous else run.request)("waiter", service, name, request)

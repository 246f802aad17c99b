"""Which functions a function invokes, through the Lambda API or by a request to a route of its own
application, and whether it waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.effects import Effects, waits
from cfnlint_eda_rules.application.emitted_messages import emits_nothing
from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import EffectKind
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import Conditions, coexisting
from cfnlint_eda_rules.template.references import External


@dataclass(frozen=True, slots=True)
class Invocation:
    """One function invoked by another.

    `callee`  its logical id, the external function, or None when neither source nor grants name it.
    `waits`   it is invoked synchronously; without source the API's default.
    `certain` the source makes the call; otherwise a grant allows it.
    """

    callee: str | External | None
    waits: bool
    certain: bool
    because: str
    conditions: Conditions


def invocations(effects: Effects, function_id: str, strict: bool = False) -> list[Invocation]:
    """What a function invokes, first mention first; broad grants only when `strict`. Dry runs are
    none.
    """
    found: dict[tuple[str | External | None, bool], Invocation] = {}
    deployment = effects.deployment
    for effect in effects.of(function_id):
        if effect.operation.effect != EffectKind.INVOKE or (
            effect.evidence == Evidence.BROAD and not strict
        ):
            continue
        if effect.call is not None and effect.call.at_start:
            continue
        if emits_nothing(effect):
            continue
        callee = _callee(deployment, effect.target)
        held = effect.conditions | deployment.functions[function_id].conditions
        if isinstance(callee, str) and callee in deployment.functions:
            held |= deployment.functions[callee].conditions
        if not deployment.references.compatible(held):
            continue
        granted = effect.call is None
        # A durable function's grant is the one its checkpointed `context.invoke` needs, which does
        # not run while it waits.
        checkpointed = granted and deployment.functions[function_id].durable
        synchronous = (
            waits(effect)
            and not checkpointed
            and not (granted and _too_long_to_wait_for(deployment, callee))
        )
        found.setdefault(
            (callee, synchronous),
            Invocation(callee, synchronous, effect.call is not None, effect.because, held),
        )
    for request in effects.http_calls.of(function_id):
        if request.target not in deployment.functions:
            continue
        held = request.conditions | deployment.functions[function_id].conditions
        held |= deployment.functions[str(request.target)].conditions
        if deployment.references.compatible(held):
            waited_for = request.call.blocking
            found.setdefault(
                (request.target, waited_for),
                Invocation(request.target, waited_for, True, request.because, held),
            )
    return list(found.values())


def together(
    found: Sequence[Invocation], compatible: Callable[[Conditions], bool]
) -> list[Invocation]:
    """The invocations of the most distinct functions that one deployment can have at once."""
    return coexisting(
        found,
        lambda invocation: invocation.conditions,
        lambda part: len({invocation.callee for invocation in part}),
        compatible,
    )


def _too_long_to_wait_for(deployment: Deployment, callee: str | External | None) -> bool:
    """Whether a function is a durable one that may run longer than Lambda lets a caller wait: it
    has to be invoked asynchronously.

    https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html
    """
    function = deployment.functions.get(callee) if isinstance(callee, str) else None
    if function is None or not function.durable:
        return False
    config = function.properties.get("DurableConfig")
    allowed = (
        deployment.references.literal(config.get("ExecutionTimeout"))
        if isinstance(config, Mapping)
        else None
    )
    return (
        allowed is not None
        and allowed.isdecimal()
        and int(allowed) > load("function_roles")["longest_synchronous_invocation"]
    )


def _callee(deployment: Deployment, target: str | External | None) -> str | External | None:
    """The function behind an alias or version."""
    if isinstance(target, str) and target not in deployment.functions:
        resolved = deployment.functions.resolve({"Ref": target})
        if resolved:
            return resolved[0][0]
    return target

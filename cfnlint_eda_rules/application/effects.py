"""What each function does to the world: its calls with their targets resolved in the template, or,
without source, what its grants allow.

One `Effect` is one operation on one target by one function, with the evidence it rests on
(strongest first): "code" (the source makes the call), "granted" (a statement names the action and
the resource), "broad" (a wildcard or bundle covers it). Readable source replaces grants; a call
whose target the source does not tell falls back to the grants for that operation. Where source is
read in part, grants that name action and resource count for what it was not seen to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cfnlint_eda_rules.application.aliases import follow
from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.application.handler_values import NO_CONDITIONS, filled_in, resolved
from cfnlint_eda_rules.application.http_calls import HttpCalls
from cfnlint_eda_rules.application.messages import NO_FIELDS_KNOWN
from cfnlint_eda_rules.application.permissions import Grant
from cfnlint_eda_rules.application.requests import at, plain, within
from cfnlint_eda_rules.application.sources import Sources
from cfnlint_eda_rules.catalogue.operations import (
    EffectKind,
    Operation,
    Target,
    emitting_actions,
    operation,
)
from cfnlint_eda_rules.handlers.facts import Call, CallKind
from cfnlint_eda_rules.handlers.symbolic_values import (
    Literal,
    Record,
    Text,
    Unknown,
    Value,
    alternatives,
)
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import Conditions
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.symbolic_text import Token

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Effect:
    """One operation on one target.

    `target`   the resource's logical id, the external thing, or None when neither source nor grants
               tell.
    `evidence` "code", "granted" or "broad"; `because` names it: "`s3:PutObject` in
               `src/app.py:31`".
    `request`  the part of the call's arguments that went to this target (an entry of a batch, or
               all), empty without source.
    `subject`  what the call says of the thing it works on, where the source names no resource of
               the template's.
    `key`      the S3 key a grant is scoped to, or None.
    """

    function: str
    operation: Operation
    target: str | External | None
    evidence: Evidence
    because: str
    call: Call | None = None
    request: Value = NO_FIELDS_KNOWN
    subject: Value | None = None
    key: Value | None = None
    conditions: Conditions = NO_CONDITIONS


def waits(effect: Effect) -> bool:
    """Whether the caller waits for the function or execution it calls; without source, what the API
    does by default.
    """
    rule = effect.operation.waits
    if rule is None:
        return False
    given = (
        [option for value in at(effect.request, rule.parameter) for option in alternatives(value)]
        if rule.parameter
        else []
    )
    return not given or any(
        isinstance(option, Literal) and option.value not in rule.unless for option in given
    )


def operation_of(call: Call) -> Operation:
    """The operation an SDK call is of; where it takes statements of a query language that all only
    read, it only reads.
    """
    known = operation(call.service, call.operation)
    if not known.statement:
        return known
    given = [
        option
        for value in at(Record(tuple(call.arguments.items())), known.statement)
        for option in alternatives(value)
    ]
    if not given or any(known.effect_of(_opening(option)) != EffectKind.READ for option in given):
        return known
    return replace(known, effect=EffectKind.READ, emits=None)


def _opening(statement: Value) -> str | None:
    """The text that a statement begins with, as far as it is known."""
    match statement:
        case Literal(str() as text) | Text((Literal(str() as text), *_)):
            return text
    return None


class Effects:
    """The effects of an application's functions, worked out on demand and kept."""

    def __init__(self, deployment: Deployment, sources: Sources) -> None:
        self.deployment = deployment
        self.sources = sources
        self.http_calls = HttpCalls(deployment, sources)
        self._of: dict[str, tuple[Effect, ...]] = {}
        self._by_source: dict[str, tuple[Effect, ...]] = {}

    def of(self, function_id: str) -> tuple[Effect, ...]:
        """What the function does, calls in source order, or what its grants let it do to others."""
        if function_id not in self._of:
            function = self.deployment.functions[function_id]
            source = self.sources.of(function_id)
            if source is None:
                unseen = self.sources.exists_unseen(function_id)
                granted = self._granted(function)
                self._of[function_id] = tuple(
                    replace(effect, evidence=Evidence.BROAD) if unseen else effect
                    for effect in granted
                )
                return self._of[function_id]
            found = self._read(function_id)
            if source.partly_read:
                found += self._unseen(function, found)
            self._of[function_id] = found
        return self._of[function_id]

    def _read(self, function_id: str) -> tuple[Effect, ...]:
        """What the function's source says that it does, as far as it could be read."""
        if function_id not in self._by_source:
            function = self.deployment.functions[function_id]
            source = self.sources.of(function_id)
            self._by_source[function_id] = tuple(
                effect
                for call in (source.calls if source else ())
                for effect in self.by_call(function, call)
            )
        return self._by_source[function_id]

    def _unseen(self, function: LambdaFunction, seen: tuple[Effect, ...]) -> tuple[Effect, ...]:
        """What grants that name the very action and resource allow, of which the part of the source
        that could be read does nothing: a write to a service that it only reads.
        """
        done = {(effect.operation.service, effect.operation.effect) for effect in seen}
        return tuple(
            effect
            for effect in self._granted(function)
            if effect.evidence == Evidence.GRANTED
            and (effect.operation.service, effect.operation.effect) not in done
        )

    # ----------------------------------------------------------------------------------------------

    def by_call(self, function: LambdaFunction, call: Call) -> Iterator[Effect]:
        """The effects of one SDK call; a batch has one for each entry. HTTP requests and waits
        are none.
        """
        if call.kind != CallKind.SDK:
            return
        known = operation_of(call)
        request = Record(tuple(call.arguments.items()), partial=True)
        because = f"`{known.action}` in `{call.place}`"
        if known.target is None:
            yield Effect(function.logical_id, known, None, Evidence.CODE, because, call, request)
            return
        each = known.emits.each if known.emits else ""
        entries = (at(request, each) or (request,)) if each else (request,)
        where = (
            known.target.at.removeprefix(each)
            if each and known.target.at.startswith(each)
            else known.target.at
        )
        subject = next(iter(at(request, known.subject)), None) if known.subject else None
        for entry in entries:
            targets = at(entry if where != known.target.at else request, where)
            if not targets and known.target.default:
                targets = (Literal(known.target.default),)
            for target in targets or (Unknown(),):
                for resource, conditions, told in self._resolved(function, target, known):
                    named = subject or (None if told else target)
                    yield Effect(
                        function.logical_id,
                        known,
                        resource,
                        Evidence.CODE,
                        because,
                        call,
                        entry,
                        named,
                        conditions=conditions,
                    )

    def _resolved(
        self, function: LambdaFunction, target: Value, known: Operation
    ) -> Iterator[tuple[str | External | None, Conditions, bool]]:
        """The places a target can be, and whether the source tells; else the grants do, or
        nothing.
        """
        assert known.target is not None
        deployment = self.deployment
        if known.target.within:
            target = within(target, known.target.within)
        found: list[tuple[str | External, Conditions]] = []
        if known.target.named:
            found = [
                (place, NO_CONDITIONS)
                for place in _named(deployment, function, target, known.target)
            ]
        else:
            for reference in resolved(deployment, function, target, *known.target.types):
                found += follow(reference, deployment.resources, deployment.references)
        told = bool(found)
        if not found:
            grants = self._grants(function, known)
            found = [
                (place, grant.conditions)
                for grant in grants
                if (place := _of_grant(grant, known.target)) is not None
            ]
        for place, conditions in dict.fromkeys(found) or [(None, NO_CONDITIONS)]:
            yield place, conditions, told

    # ----------------------------------------------------------------------------------------------

    def _granted(self, function: LambdaFunction) -> Iterator[Effect]:
        seen = set()
        for action, rows in emitting_actions().items():
            for grant in self.deployment.permissions.grants(function.logical_id, action):
                for row in (row for row in rows if row.action == action):
                    target = (
                        _of_grant(grant, row.target)
                        if row.target
                        else grant.resource.target
                        if grant.resource
                        else None
                    )
                    if target is None and row.target is not None and row.target.named:
                        continue
                    evidence = self._weighed(function, grant, row)
                    sharing = self._sharing(function) if evidence == Evidence.GRANTED else ""
                    because = f"`{action}` granted by {grant.policy}{sharing}"
                    identity = (
                        row.service,
                        row.name,
                        target,
                        grant.scope,
                        grant.conditions,
                        grant.resource.rest if grant.resource else (),
                    )
                    if identity not in seen:
                        seen.add(identity)
                        yield Effect(
                            function.logical_id,
                            row,
                            target,
                            evidence,
                            because,
                            key=_granted_key(grant),
                            conditions=grant.conditions,
                        )

    def _weighed(self, function: LambdaFunction, grant: Grant, row: Operation) -> Evidence:
        """What a grant proves: in a role that others have too it says nothing about which of them
        uses it, unless the source of all of them, read to its end, shows that they do not. Where no
        source of any is there, only what invokes functions is left open: all of them may put
        something somewhere.
        """
        others = self.deployment.permissions.shared_role(function.logical_id)
        if grant.scope != Evidence.GRANTED or not others:
            return grant.scope
        read = [source for other in others if (source := self.sources.of(other)) is not None]
        if not read and row.effect != EffectKind.INVOKE:
            return Evidence.GRANTED
        target = grant.resource.target if grant.resource else None
        used = any(
            set(row.actions) & set(effect.operation.actions) and effect.target in (None, target)
            for other in others
            for effect in self._read(other)
        )
        shown = sum(not source.partly_read for source in read)
        return Evidence.BROAD if used or shown < len(others) else Evidence.GRANTED

    def _sharing(self, function: LambdaFunction) -> str:
        others = self.deployment.permissions.shared_role(function.logical_id)
        return f" (shared with {', '.join(others[:_MOST_NAMED])})" if others else ""

    def _grants(self, function: LambdaFunction, known: Operation) -> Iterator[Grant]:
        for action in known.actions:
            yield from self.deployment.permissions.grants(function.logical_id, action)


def _of_grant(grant: Grant, target: Target) -> str | External | None:
    """What a grant names, for an operation on targets like this; None when it names none."""
    if grant.resource is None or not target.named:
        return grant.resource.target if grant.resource else None
    _, found, name = (
        str(getattr(grant.resource.target, "text", "")).partition(target.granted)
        if target.granted
        else ("", "", "")
    )
    return External(target.named[0].format(name)) if found and name else None


def _named(
    deployment: Deployment, function: LambdaFunction, target: Value, known: Target
) -> list[External]:
    """The places outside of the template that a text names; `*` stands for a stretch that only the
    running function knows.
    """
    names = [
        text
        for option in alternatives(filled_in(deployment, function, target, {}))
        if (text := plain(option)).strip("*")
    ]
    return list(
        dict.fromkeys(External(shape.format(name)) for name in names for shape in known.named)
    )


def _granted_key(grant: Grant) -> Value | None:
    """The object keys a grant on a bucket is scoped to: `/out/*` is a text that begins with
    `out/`.
    """
    rest = grant.resource.rest if grant.resource else ()
    if not rest or not isinstance(rest[0], str) or not rest[0].startswith("/"):
        return None
    parts: list[Value] = []
    for index, part in enumerate(rest):
        text = part.removeprefix("/") if index == 0 and isinstance(part, str) else part
        if isinstance(text, Token):
            parts.append(Unknown(text.name))
            continue
        for number, piece in enumerate(text.split("*")):
            if number:
                parts.append(Unknown("*"))
            if piece:
                parts.append(Literal(piece))
    return Text(tuple(parts))

"""What a value in a handler's source means in the template: texts with the function's environment
filled in, and the resources they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cfnlint_eda_rules.application.deployment import Deployment, value_of_part
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.symbolic_values import (
    ContextField,
    Environment,
    EventField,
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
    alternatives,
)
from cfnlint_eda_rules.template.conditions import Conditions
from cfnlint_eda_rules.template.references import Reference
from cfnlint_eda_rules.template.symbolic_text import Parts, Token

NO_CONDITIONS: Conditions = frozenset()
_MOST_TEXTS = 16


def texts(
    deployment: Deployment, function: LambdaFunction, value: Value
) -> tuple[tuple[Parts, Conditions], ...]:
    """The texts a handler's value can be once the function's environment variables are filled in;
    () when the source does not tell.
    """
    match value:
        case Literal(str() as known) if (
            known.startswith("${") and known[2:-1] in function.environment and known.endswith("}")
        ):
            return texts(deployment, function, Environment(known[2:-1]))
        case Literal(str() as known) if "${" in known:
            found = deployment.references.alternatives({"Fn::Sub": known})
            return tuple((option.parts, option.conditions) for option in found)
        case Literal(known) if known is not None and not isinstance(known, bool):
            return (((str(known),), NO_CONDITIONS),)
        case Environment(name):
            if name not in function.environment:
                return ()
            return tuple(
                (option.parts, option.conditions)
                for option in deployment.references.alternatives(function.environment[name])
            )
        case ContextField("function_name" | "invoked_function_arn"):
            return (((Token("ref", function.logical_id),), NO_CONDITIONS),)
        case Text(parts):
            return _joined(texts(deployment, function, part) for part in parts)
        case OneOf(options):
            return tuple(
                found for option in options for found in texts(deployment, function, option)
            )[:_MOST_TEXTS]
    return ()


def _joined(
    pieces: Iterable[tuple[tuple[Parts, Conditions], ...]],
) -> tuple[tuple[Parts, Conditions], ...]:
    result: list[tuple[Parts, Conditions]] = [((), NO_CONDITIONS)]
    for options in pieces:
        result = [
            ((*parts, *more), held | also) for parts, held in result for more, also in options
        ][:_MOST_TEXTS]
    return tuple((_merged(parts), held) for parts, held in result)


def _merged(parts: Parts) -> Parts:
    merged: list[str | Token] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(merged)


def filled_in(
    deployment: Deployment,
    function: LambdaFunction,
    value: Value,
    event_fields: Mapping[tuple[str, ...], Value],
) -> Value:
    """The value with environment variables and known event fields replaced by what the template
    says they are, for filters to look at.
    """
    match value:
        case Environment():
            options = texts(deployment, function, value)
            if len(options) == 1:
                return _as_value(options[0][0])
            return (
                OneOf(tuple(_as_value(parts) for parts, _ in options))
                if options
                else Unknown(f"environment:{value.name}")
            )
        case EventField(path):
            return event_fields.get(path[-3:], value)
        case Text(parts):
            filled: list[Value] = []
            for part in parts:
                inner = filled_in(deployment, function, part, event_fields)
                filled.extend(inner.parts if isinstance(inner, Text) else (inner,))
            return Text(tuple(filled))
        case Record(entries, partial):
            return Record(
                tuple(
                    (name, filled_in(deployment, function, inner, event_fields))
                    for name, inner in entries
                ),
                partial,
            )
        case Items(items, partial):
            return Items(
                tuple(filled_in(deployment, function, item, event_fields) for item in items),
                partial,
            )
        case OneOf(options):
            return OneOf(
                tuple(filled_in(deployment, function, option, event_fields) for option in options)
            )
    return value


def _as_value(parts: Parts) -> Value:
    if len(parts) == 1:
        return value_of_part(parts[0])
    return Text(tuple(value_of_part(part) for part in parts))


def reference_of(
    deployment: Deployment, function: LambdaFunction, value: Value, *types: str
) -> tuple[Reference, ...]:
    """The resources a handler's value means."""
    return tuple(
        deployment.references.match(parts, *types, conditions=conditions)
        for parts, conditions in texts(deployment, function, value)
    )


def resolved(
    deployment: Deployment, function: LambdaFunction, value: Value, *types: str
) -> tuple[Reference, ...]:
    """The resources a value in a function's source means; () when the source does not tell."""
    found: list[Reference] = []
    for option in alternatives(value):
        kind = _event_source_field(option.path) if isinstance(option, EventField) else None
        if kind is None:
            found.extend(reference_of(deployment, function, option, *types))
            continue
        upstream = deployment.upstream(function.logical_id)
        near = (
            [link for link in upstream if link.target == function.logical_id]
            if kind == "any"
            else upstream
        )
        sources = {link.source: link.conditions for link in near if kind in ("any", link.kind)}
        found.extend(Reference(source, conditions) for source, conditions in sources.items())
    return tuple(found)


def _event_source_field(path: tuple[str, ...]) -> str | None:
    """The kind of event source whose name an event field holds ("bucket", "topic", ... or "any");
    None for all other fields.
    """
    for row in load("event_fields"):
        if path[-len(row["field"]) :] == tuple(row["field"]):
            return str(row["kind"])
    return None

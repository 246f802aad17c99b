"""The application model: what a template deploys, asked by the rules. Built once per template;
every part is worked out on demand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cfnlint_eda_rules.application.api_operations import Operation as RouteOperation
from cfnlint_eda_rules.application.api_operations import operations
from cfnlint_eda_rules.application.effects import Activities, reference_of, value_of_part
from cfnlint_eda_rules.application.event_flow import EventFlow, Loop, event_source_field
from cfnlint_eda_rules.application.function_code import code_of
from cfnlint_eda_rules.application.functions import Functions, LambdaFunction
from cfnlint_eda_rules.application.links import STATE_MACHINES, Link, links, unknown_invokers
from cfnlint_eda_rules.application.permissions import Permissions
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.facts import Source
from cfnlint_eda_rules.handlers.reading import read
from cfnlint_eda_rules.handlers.source.locate import web_adapter
from cfnlint_eda_rules.handlers.symbolic_values import (
    EventField,
    Literal,
    Text,
    Unknown,
    Value,
    alternatives,
)
from cfnlint_eda_rules.template.nested_stacks import flattened
from cfnlint_eda_rules.template.references import External, Reference, References

# A colon of an ARN, not of a pseudo parameter inside it.
_COLON = re.compile(r":(?![^{}]*\})")


_WORDINGS = {
    "destination": "the destination of",
    "failure": "the dead letters of",
    "log": "the log lines of",
    "enrichment": "the enrichment in",
    "task": "a task of",
}


class Application:
    """What one template deploys, with the local templates it nests: their resources are called
    `Child.Worker`.

    `template` is the decoded template with SAM's Globals merged (as cfn-lint hands it to rules),
    `filename` where it lies (None: nowhere), `solver` cfn-lint's conditions of it (None: conditions
    are taken as independent), `read_handlers` False leaves handlers unread.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        filename: str | None = None,
        solver: Any = None,
        read_handlers: bool = True,
    ) -> None:
        self.filename = filename or None
        self._flattened = flattened(template, self.filename)
        self.template = dict(self._flattened.template)
        self._solver = self._flattened.solver or solver
        self._read_handlers = read_handlers
        self._sources: dict[str, Source | None] = {}
        self._flows: dict[bool, EventFlow] = {}

    # ----------------------------------------------------------------------------------------------

    @cached_property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Logical id -> resource, those that are mappings with a textual type, in template
        order.
        """
        found = self.template.get("Resources")
        if not isinstance(found, dict):
            return {}
        return {
            str(k): v
            for k, v in found.items()
            if isinstance(v, dict) and isinstance(v.get("Type"), str)
        }

    @cached_property
    def _orders(self) -> Mapping[str, int]:
        return {logical_id: index for index, logical_id in enumerate(self.resources)}

    def order(self, logical_id: str) -> int:
        """The position of a resource in the template; those not in it come last."""
        return self._orders.get(logical_id, len(self._orders))

    def nested_in(self, logical_id: str) -> str:
        """The logical id of the nested stack that brings a resource, however deep it lies; "" for
        the template's own resources.
        """
        return self._flattened.nested_in(logical_id)

    def file_of(self, logical_id: str) -> str | None:
        """The template file that declares a resource."""
        return self._flattened.files.get(self._flattened.stack_of(logical_id), self.filename)

    def type_of(self, place: str | External) -> str:
        """The resource type of a logical id; "" for external things."""
        return (
            str(self.resources[place]["Type"])
            if isinstance(place, str) and place in self.resources
            else ""
        )

    def form(self, place: str | External | None) -> str:
        """What a message looks like at a place (`messages.Message.form`); "" where it has no form
        of its own.
        """
        if isinstance(place, External):
            return "eventbridge" if place.text.startswith("event-bus/") else ""
        return self.form_of_types((self.type_of(place),)) if place else ""

    def form_of_types(self, types: tuple[str, ...]) -> str:
        """The form at resources of these types, by the first one that has one."""
        forms = load("message_formats")
        return next((str(forms[name]) for name in types if name in forms), "")

    @cached_property
    def references(self) -> References:
        """Intrinsic functions, names and ARNs -> resources."""
        return References(self.template, self._solver)

    @cached_property
    def functions(self) -> Functions:
        """The Lambda functions by logical id, in template order."""
        return Functions(self.template, self.references)

    @cached_property
    def state_machines(self) -> tuple[str, ...]:
        """The logical ids of the state machines, in template order."""
        return tuple(
            logical_id
            for logical_id, resource in self.resources.items()
            if resource["Type"] in STATE_MACHINES
        )

    @cached_property
    def permissions(self) -> Permissions:
        """What each function's role allows."""
        return Permissions(self.template, self.references, self.functions)

    def leaf(self, value: Any) -> Value:
        """A template value as a filter compares it: a literal, or an unknown that equals itself
        wherever the same expression appears.
        """
        if isinstance(value, bool | int | float) or value is None:
            return Literal(value)
        found = self.references.alternatives(value)
        if len(found) != 1:
            return Unknown()
        parts = tuple(value_of_part(part) for part in found[0].parts)
        return parts[0] if len(parts) == 1 else Text(parts)

    # ----------------------------------------------------------------------------------------------

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Everything the template itself routes."""
        known = links(self.template, self.references, self.functions, self.filename)
        return known + unknown_invokers(self.template, self.references, self.functions)

    @cached_property
    def _links_from(self) -> Mapping[str | External, list[Link]]:
        found: dict[str | External, list[Link]] = {}
        for link in self.links:
            found.setdefault(link.source, []).append(link)
        return found

    @cached_property
    def _links_to(self) -> Mapping[str | External, list[Link]]:
        found: dict[str | External, list[Link]] = {}
        for link in self.links:
            found.setdefault(link.target, []).append(link)
        return found

    def links_from(self, place: str | External) -> tuple[Link, ...]:
        """The links that leave a place, in template order."""
        return tuple(self._links_from.get(place, ()))

    def upstream(self, function_id: str) -> tuple[Link, ...]:
        """The triggers a function's events come through, nearest first: those into it and those
        into the relays before it.
        """
        found: list[Link] = []
        seen: set[str | External] = set()
        waiting: list[str | External] = [function_id]
        while waiting:
            place = waiting.pop(0)
            for link in self._links_to.get(place, ()):
                if link.role == "trigger":
                    found.append(link)
                    if link.source not in seen and link.source not in self.functions:
                        seen.add(link.source)
                        waiting.append(link.source)
        return tuple(found)

    @cached_property
    def _operations(self) -> Mapping[str, tuple[RouteOperation, ...]]:
        return operations(self.template, self.references, self.functions, self.filename)

    def operations(self, function_id: str) -> tuple[RouteOperation, ...]:
        """The API operations that reach a function."""
        return self._operations.get(function_id, ())

    def source_kinds(self, function_id: str) -> tuple[str, ...]:
        """The kinds of event source that invoke a function, sorted."""
        kinds = {
            link.kind
            for link in self._links_to.get(function_id, ())
            if link.role in {"trigger", "task"}
        }
        kinds |= {operation.kind for operation in self.operations(function_id)}
        return tuple(sorted(kinds - {"", "unknown"}))

    # ----------------------------------------------------------------------------------------------

    def source(self, function_id: str) -> Source | None:
        """What the function's source does; None when there is no readable source."""
        if function_id not in self._sources:
            code = code_of(self, self.functions[function_id]) if self._read_handlers else None
            self._sources[function_id] = (
                read(self.file_of(function_id), code, self.filename) if code is not None else None
            )
        return self._sources[function_id]

    def web_adapter_in_image(self, function_id: str) -> bool:
        """Whether the function's image holds the Lambda Web Adapter, whatever language is in it."""
        function = self.functions[function_id]
        return (
            self._read_handlers
            and function.image
            and web_adapter(self.file_of(function_id), code_of(self, function))
        )

    @cached_property
    def activities(self) -> Activities:
        """What each function does to other resources, with evidence."""
        return Activities(self)

    def resolve_value(
        self, function: LambdaFunction, value: Value, *types: str
    ) -> tuple[Reference, ...]:
        """The resources a value in a function's source means; () when the source does not tell."""
        found: list[Reference] = []
        for option in alternatives(value):
            kind = event_source_field(option.path) if isinstance(option, EventField) else None
            if kind is None:
                found.extend(reference_of(self, function, option, *types))
                continue
            upstream = self.upstream(function.logical_id)
            near = (
                [link for link in upstream if link.target == function.logical_id]
                if kind == "any"
                else upstream
            )
            sources = {link.source: link.conditions for link in near if kind in ("any", link.kind)}
            found.extend(Reference(source, conditions) for source, conditions in sources.items())
        return tuple(found)

    def event_flow(self, strict: bool = False) -> EventFlow:
        """The event flow, with broad grants and unknown messages let through when `strict`."""
        if strict not in self._flows:
            self._flows[strict] = EventFlow(self, strict)
        return self._flows[strict]

    @cached_property
    def _loops(self) -> dict[bool, tuple[Loop, ...]]:
        return {}

    def loops(self, strict: bool = False) -> tuple[Loop, ...]:
        """The loops of the event flow."""
        if strict not in self._loops:
            self._loops[strict] = self.event_flow(strict).loops()
        return self._loops[strict]

    # ----------------------------------------------------------------------------------------------

    def label(self, place: str | External | None, kind: str = "resource") -> str:
        """How a message names a place: the logical id, or what is known of the external thing;
        `kind` is what it is when nothing is.
        """
        if isinstance(place, External):
            arn = _COLON.split(place.text, 5)
            name = arn[5] if place.text.startswith("arn:") and len(arn) == 6 else place.text
            return "the default event bus" if name == "event-bus/default" else name
        return place or f"a {kind} known only at run time"

    def wording(self, link: Link) -> str:
        """How a message names the evidence of a link."""
        where = link.via or (link.source if isinstance(link.source, str) else "")
        return f"{_WORDINGS.get(link.role, link.role)} {where}".strip()

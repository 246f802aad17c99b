"""What a template deploys, with the templates that are one application with it: facts of the text,
before anyone asks what the functions' code does. Every part is worked out on demand and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from cfnlint_eda_rules.application.api_operations import ApiOperation
from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.links import (
    STATE_MACHINES,
    Link,
    LinkRole,
    links,
    unknown_invokers,
)
from cfnlint_eda_rules.application.permissions import Permissions
from cfnlint_eda_rules.application.routes import operations
from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.budget import current
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Text, Unknown, Value
from cfnlint_eda_rules.template.boundary import look_again
from cfnlint_eda_rules.template.conditions import coexisting
from cfnlint_eda_rules.template.references import External, References
from cfnlint_eda_rules.template.stacks import joined
from cfnlint_eda_rules.template.symbolic_text import Token


class Deployment:
    """The resources of one template, of the local templates it nests (called `Child.Worker`) and of
    those it exchanges values with (`Neighbour.Worker`).

    `template` is the decoded template with SAM's Globals merged (as cfn-lint hands it to rules),
    `filename` where it lies (None: nowhere), `solver` cfn-lint's conditions of it (None: conditions
    are taken as independent). `templates` are globs of more templates that may belong to it; None
    leaves other templates than nested ones out. `parameter_sets` are the values of its parameters,
    one mapping for each deployment that is known.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        filename: str | None = None,
        solver: Any = None,
        templates: Sequence[str] | None = (),
        parameter_sets: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.budget = current()
        look_again()
        self.filename = filename or None
        self._joined = joined(template, self.filename, templates)
        self.template = dict(self._joined.template)
        self._solver = self._joined.solver or solver
        self._parameter_sets = parameter_sets

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
        the template's own resources and those of other templates.
        """
        return self._joined.nested_in(logical_id)

    def elsewhere(self, logical_id: str) -> bool:
        """Whether a resource belongs to a template that this one neither is nor nests."""
        return self._joined.elsewhere(logical_id)

    def nested_template(self, logical_id: str) -> tuple[str, str, Mapping[str, Any]]:
        """The nested stack that declares a resource, the file and the text of its template. Raises
        `KeyError` for the template's own resources.
        """
        stack = self._joined.stack_of(logical_id)
        return stack, self._joined.files[stack], self._joined.templates[stack]

    def file_of(self, logical_id: str) -> str | None:
        """The template file that declares a resource."""
        return self._joined.files.get(self._joined.stack_of(logical_id), self.filename)

    def type_of(self, place: str | External) -> str:
        """The resource type of a logical id; "" for external things."""
        return (
            str(self.resources[place]["Type"])
            if isinstance(place, str) and place in self.resources
            else ""
        )

    def message_format(self, place: str | External | None) -> str:
        """What a message looks like at a place (`messages.Message.format`); "" where it has none
        of its own.
        """
        if isinstance(place, External):
            return "eventbridge" if place.text.startswith("event-bus/") else ""
        return self.format_of_types((self.type_of(place),)) if place else ""

    def format_of_types(self, types: tuple[str, ...]) -> str:
        """The format at resources of these types, by the first one that has one."""
        forms = load("message_formats")
        return next((str(forms[name]) for name in types if name in forms), "")

    @cached_property
    def references(self) -> References:
        """Intrinsic functions, names and ARNs -> resources."""
        return References(self.template, self._solver, self._parameter_sets)

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
        return Permissions(self.template, self.references, self.functions, self.budget)

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
                if link.role == LinkRole.TRIGGER:
                    found.append(link)
                    if link.source not in seen and link.source not in self.functions:
                        seen.add(link.source)
                        waiting.append(link.source)
        return tuple(found)

    @cached_property
    def _operations(self) -> Mapping[str, tuple[ApiOperation, ...]]:
        return operations(self.template, self.references, self.functions, self.filename)

    def operations(self, function_id: str) -> tuple[ApiOperation, ...]:
        """The API operations that reach a function."""
        return self._operations.get(function_id, ())

    def source_kinds(self, function_id: str) -> tuple[SourceKind, ...]:
        """The kinds of event source that invoke a function, sorted: the most that one deployment
        can have at once.
        """
        found = [
            (link.kind, link.conditions)
            for link in self._links_to.get(function_id, ())
            if link.role in {LinkRole.TRIGGER, LinkRole.TASK}
        ]
        found += [(each.kind, each.conditions) for each in self.operations(function_id)]
        there = coexisting(
            [
                (kind, held)
                for kind, held in found
                if kind not in (SourceKind.NONE, SourceKind.UNKNOWN)
            ],
            lambda source: source[1],
            lambda part: len({kind for kind, _ in part}),
            self.references.compatible,
        )
        return tuple(sorted({kind for kind, _ in there}))


def value_of_part(part: str | Token) -> Value:
    """A part of a symbolic text as a value: two mentions of one resource are equal, two resources
    differ.
    """
    if isinstance(part, str):
        return Literal(part)
    return Unknown(
        f"resource:{part.name}" if part.kind in {"ref", "attribute"} else f"{part.kind}:{part.name}"
    )

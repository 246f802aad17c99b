"""The application model: what a template deploys and who does what to whom. The only door for
rules: built once per template, every part is worked out on demand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from cfnlint_eda_rules.application.api_operations import ApiOperation
from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.effects import Effects
from cfnlint_eda_rules.application.event_flow import EventFlow, RecursiveLoop
from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.links import Link
from cfnlint_eda_rules.application.naming import construct_path, label
from cfnlint_eda_rules.application.permissions import Permissions
from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.application.sources import Sources
from cfnlint_eda_rules.budget import spending
from cfnlint_eda_rules.handlers.facts import Source, Unread
from cfnlint_eda_rules.template.references import External, References


class Application:
    """What one template deploys, with the local templates it nests, and what its functions do.

    `template`, `filename`, `solver` and `templates` are those of `Deployment`; `read_handlers`
    False leaves handlers unread.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        filename: str | None = None,
        solver: Any = None,
        read_handlers: bool = True,
        templates: Sequence[str] | None = (),
        parameter_sets: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.deployment = Deployment(template, filename, solver, templates, parameter_sets)
        self._read_handlers = read_handlers
        self._alone: dict[str, Application] = {}
        self.sources = Sources(self.deployment, read_handlers)
        self.effects = Effects(self.deployment, self.sources)
        self._flows: dict[bool, EventFlow] = {}

    # -- what is deployed --------------------------------------------------------------------------

    @property
    def filename(self) -> str | None:
        """Where the template lies."""
        return self.deployment.filename

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Logical id -> resource, in template order."""
        return self.deployment.resources

    @property
    def references(self) -> References:
        """Intrinsic functions, names and ARNs -> resources."""
        return self.deployment.references

    @property
    def functions(self) -> Functions:
        """The Lambda functions by logical id, in template order."""
        return self.deployment.functions

    @property
    def permissions(self) -> Permissions:
        """What each function's role allows."""
        return self.deployment.permissions

    @property
    def links(self) -> tuple[Link, ...]:
        """Everything the template itself routes."""
        return self.deployment.links

    def order(self, logical_id: str) -> int:
        """The position of a resource in the template; those not in it come last."""
        return self.deployment.order(logical_id)

    def construct_paths(self) -> Mapping[str, str]:
        """Where in a CDK application resources are made, by logical id."""
        paths = ((name, construct_path(resource)) for name, resource in self.resources.items())
        return {name: path for name, path in paths if path}

    def nested_in(self, logical_id: str) -> str:
        """The nested stack of the template that brings a resource; "" for the template's own."""
        return self.deployment.nested_in(logical_id)

    def elsewhere(self, logical_id: str) -> bool:
        """Whether a resource belongs to a template that this one neither is nor nests."""
        return self.deployment.elsewhere(logical_id)

    def file_of(self, logical_id: str) -> str | None:
        """The template file that declares a resource."""
        return self.deployment.file_of(logical_id)

    def alone(self, logical_id: str) -> tuple[Application, str]:
        """The application of the nested template that declares a resource, as if nothing nested
        it, and what the resource is called there.
        """
        stack, file, template = self.deployment.nested_template(logical_id)
        if stack not in self._alone:
            with spending(self.deployment.budget):
                self._alone[stack] = Application(template, file, None, self._read_handlers, None)
        return self._alone[stack], logical_id.removeprefix(f"{stack}.")

    def type_of(self, place: str | External) -> str:
        """The resource type of a logical id; "" for external things."""
        return self.deployment.type_of(place)

    def operations(self, function_id: str) -> tuple[ApiOperation, ...]:
        """The API operations that reach a function."""
        return self.deployment.operations(function_id)

    def source_kinds(self, function_id: str) -> tuple[SourceKind, ...]:
        """The kinds of event source that invoke a function, sorted."""
        return self.deployment.source_kinds(function_id)

    # -- what its functions do ---------------------------------------------------------------------

    def source(self, function_id: str) -> Source | None:
        """What the function's source does; None when there is no readable source."""
        return self.sources.of(function_id)

    def unread(self, function_id: str) -> Unread | None:
        """Why nothing of the function's source was read; None where it was."""
        return self.sources.unread(function_id)

    def web_adapter_in_image(self, function_id: str) -> bool:
        """Whether the function's image holds the Lambda Web Adapter, whatever language is in it."""
        return self.sources.web_adapter_in_image(function_id)

    def event_flow(self, strict: bool = False) -> EventFlow:
        """The event flow, with broad grants and unknown messages let through when `strict`."""
        if strict not in self._flows:
            self._flows[strict] = EventFlow(self.deployment, self.effects, strict)
        return self._flows[strict]

    @cached_property
    def _loops(self) -> dict[bool, tuple[RecursiveLoop, ...]]:
        return {}

    def loops(self, strict: bool = False) -> tuple[RecursiveLoop, ...]:
        """The loops of the event flow."""
        if strict not in self._loops:
            self._loops[strict] = self.event_flow(strict).loops()
        return self._loops[strict]

    # -- how messages name it ----------------------------------------------------------------------

    def label(self, place: str | External | None, kind: str = "resource") -> str:
        """How a message names a place: the logical id, or what is known of the external thing;
        `kind` is what it is when nothing is.
        """
        return label(place, kind)

"""What the source of each function does, read once for each."""

from __future__ import annotations

from collections.abc import Hashable

from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.function_code import code_of
from cfnlint_eda_rules.budget import spending
from cfnlint_eda_rules.handlers.facts import Source
from cfnlint_eda_rules.handlers.reading import read
from cfnlint_eda_rules.handlers.source.locate import project_of, web_adapter


class Sources:
    """The sources of a deployment's functions; with `read_handlers` False none is read."""

    def __init__(self, deployment: Deployment, read_handlers: bool = True) -> None:
        self._deployment = deployment
        self._read_handlers = read_handlers
        self._project = project_of(deployment.filename)
        self._of: dict[str, Source | None] = {}
        self._kept: dict[Hashable, Source | None] = {}

    def of(self, function_id: str) -> Source | None:
        """What the function's source does; None when there is no readable source."""
        if function_id not in self._of:
            self._of[function_id] = self._read(function_id) if self._read_handlers else None
        return self._of[function_id]

    def _read(self, function_id: str) -> Source | None:
        deployment = self._deployment
        code = code_of(deployment, deployment.functions[function_id])
        with spending(deployment.budget):
            return read(
                deployment.file_of(function_id),
                code,
                deployment.filename,
                self._project,
                self._kept,
            )

    def web_adapter_in_image(self, function_id: str) -> bool:
        """Whether the function's image holds the Lambda Web Adapter, whatever language is in it."""
        function = self._deployment.functions[function_id]
        return (
            self._read_handlers
            and function.image
            and web_adapter(
                self._deployment.file_of(function_id),
                code_of(self._deployment, function),
                self._project,
            )
        )

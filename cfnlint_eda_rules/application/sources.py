"""What the source of each function does, read once for each."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from pathlib import Path

from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.function_code import code_of
from cfnlint_eda_rules.budget import spending
from cfnlint_eda_rules.handlers.facts import Source, Unread
from cfnlint_eda_rules.handlers.reading import read
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.files import ProjectFiles
from cfnlint_eda_rules.handlers.source.locate import is_local, is_there, project_of, web_adapter
from cfnlint_eda_rules.template.boundary import folder_of, repository_root


def _not_asked(function_id: str) -> Unread:
    return Unread("no handlers are read")


class Sources:
    """The sources of a deployment's functions; with `read_handlers` False none is read.

    Where cfn-lint has no file of the template, or a copy of it outside of any repository (editors
    lint what is not saved yet), paths are relative to the working directory if the code they name
    is there.
    """

    def __init__(self, deployment: Deployment, read_handlers: bool = True) -> None:
        self._deployment = deployment
        self._read_handlers = read_handlers
        self._project = project_of(deployment.filename)
        self._in_repository = repository_root(folder_of(deployment.filename)) is not None
        self._unseen: set[str] = set()
        self._of: dict[str, Source | Unread] = {}
        self._kept: dict[Hashable, Source | Unread] = {}

    def of(self, function_id: str) -> Source | None:
        """What the function's source does; None when there is no readable source."""
        found = self._found(function_id)
        return found if isinstance(found, Source) else None

    def unread(self, function_id: str) -> Unread | None:
        """Why nothing of the function's source was read; None where it was."""
        found = self._found(function_id)
        return found if isinstance(found, Unread) else None

    def _found(self, function_id: str) -> Source | Unread:
        if function_id not in self._of:
            read = self._read if self._read_handlers else _not_asked
            self._of[function_id] = read(function_id)
        return self._of[function_id]

    def exists_unseen(self, function_id: str) -> bool:
        """Whether the function's code is local, lies nowhere and there is no repository that it
        could be missing from: it exists, elsewhere.
        """
        return self.of(function_id) is None and function_id in self._unseen

    def _read(self, function_id: str) -> Source | Unread:
        deployment = self._deployment
        file = deployment.file_of(function_id)
        code = code_of(deployment, deployment.functions[function_id])
        with spending(deployment.budget):
            found = read(file, code, deployment.filename, self._project, self._kept)
            if isinstance(found, Source) or self._in_repository or not is_local(code):
                return found
            return self._read_from_working_directory(function_id, file, code, found)

    def _read_from_working_directory(
        self, function_id: str, file: str | None, code: Code, otherwise: Unread
    ) -> Source | Unread:
        here, project = self._working_directory
        if file is not None and is_there(file, code, self._project):
            return otherwise
        if not is_there(here, code, project):
            known = file is None and repository_root(folder_of(here)) is not None
            self._unseen.update(() if known else (function_id,))
            return otherwise
        return read(here, code, None, project, self._kept)

    @cached_property
    def _working_directory(self) -> tuple[str, ProjectFiles]:
        """The template as if it lay there, and the project that it would belong to."""
        here = str(Path.cwd() / "template")
        return here, project_of(here)

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

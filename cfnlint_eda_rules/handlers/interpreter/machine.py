"""The machine: the parts that evaluate a handler, put together."""

from __future__ import annotations

from collections.abc import Sequence

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter import modules, statements
from cfnlint_eda_rules.handlers.interpreter.access import Access
from cfnlint_eda_rules.handlers.interpreter.calls import Calls
from cfnlint_eda_rules.handlers.interpreter.concurrency import Concurrent
from cfnlint_eda_rules.handlers.interpreter.objects import Loaded
from cfnlint_eda_rules.handlers.interpreter.protocol import Object
from cfnlint_eda_rules.handlers.interpreter.recorder import Recorder


class Machine(Recorder, Calls, Access, Concurrent):
    """One evaluation of one handler: each part answers one of the protocols that make up
    `protocol.Run`, and the machine that of the program's modules.
    """

    def resolve(self, module: str, importer: str | None = None) -> str | None:
        return self.program.resolve(self.file if importer is None else importer, module)

    def load(self, file: str) -> Loaded | None:
        return modules.load(self, file)

    def imported(self, name: str) -> Object:
        return self.language.imported(name, self)

    def has_module(self, name: str) -> bool:
        return self.program.has_module(self.file, name)

    def modules_like(self, before: str, after: str) -> Sequence[str]:
        return self.program.modules_like(self.file, before, after)

    def content(self, path: str) -> str | None:
        return self.program.content(self.file, path)

    def model(self, name: str) -> Object | None:
        found = self.language.module(name)
        return self.models.module(name) if found is None else found

    def assign(self, name: str, value: Object) -> None:
        statements.assign_name(self, syntax.NamePattern(name), value)

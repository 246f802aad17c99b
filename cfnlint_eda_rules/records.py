"""``dataclass`` for modules that may be executed without being imported."""

from __future__ import annotations

import dataclasses
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(**options: Any) -> Any:
        """Return ``dataclasses.dataclass(**options)`` that also works in a file which is no registered module.

        Where the working folder holds a folder ``cfnlint_eda_rules``, as a checkout does, cfn-lint takes
        ``--append-rules cfnlint_eda_rules`` for a directory of rules and executes every file below it without registering
        it in ``sys.modules``, where ``dataclasses`` looks up the module of a class with postponed annotations.
        """

        def decorate(cls: type) -> type:
            if cls.__module__ in sys.modules:
                return dataclasses.dataclass(**options)(cls)
            sys.modules[cls.__module__] = ModuleType(cls.__module__)
            try:
                return dataclasses.dataclass(**options)(cls)
            finally:
                del sys.modules[cls.__module__]

        return decorate

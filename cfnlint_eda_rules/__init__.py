"""cfn-lint rules for anti-patterns in event-driven serverless applications.

``cfn-lint --append-rules cfnlint_eda_rules`` imports this package and takes every rule class it
finds in it. The classes are those registered under the entry-point group ``cfnlint_eda_rules`` by
any installed distribution; they are looked up when they are first asked for, so that importing a
module of the package does not load a rule.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cfnlint.rules import CloudFormationLintRule


def __dir__() -> list[str]:
    """Return the names of this module, those of the registered rule classes among them.

    Raises ``ImportError`` when a registered entry is broken.
    """
    from cfnlint_eda_rules import registry

    return sorted({*globals(), *registry.rules()})


def __getattr__(name: str) -> type[CloudFormationLintRule]:
    """Return the registered rule class called ``name``.

    Raises ``AttributeError`` when no such rule is registered, ``ImportError`` when a registered
    entry is broken.
    """
    # Python asks here for dunder names and, in `from cfnlint_eda_rules import commands`, for a
    # submodule before importing it.
    if not name.startswith("_") and find_spec(f"{__name__}.{name}") is None:
        from cfnlint_eda_rules import registry

        if rule := registry.rules().get(name):
            return rule
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

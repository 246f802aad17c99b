"""The application model: what a template deploys, who invokes each function, and what each function
does to the rest.

`application.Application` with the questions of the other modules in `DOOR` is all that rules see.
It rests on `catalogue` (what is known of AWS) and `handlers` (what source says).
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cfnlint_eda_rules.application import api_operations as api_operations
    from cfnlint_eda_rules.application import application as application
    from cfnlint_eda_rules.application import blocking_calls as blocking_calls
    from cfnlint_eda_rules.application import event_flow as event_flow
    from cfnlint_eda_rules.application import invocations as invocations
    from cfnlint_eda_rules.application import source_kinds as source_kinds
    from cfnlint_eda_rules.application import web_applications as web_applications

DOOR = frozenset(
    {
        "api_operations",
        "application",
        "blocking_calls",
        "event_flow",
        "invocations",
        "source_kinds",
        "web_applications",
    }
)


def __getattr__(name: str) -> ModuleType:
    """A module of the door, loaded when it is first asked for: rules are loaded for every
    template, the model only for those with functions.
    """
    if name not in DOOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")

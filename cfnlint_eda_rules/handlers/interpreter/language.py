"""The two languages' own names: methods, global names, standard libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cfnlint_eda_rules.handlers.interpreter.constructs import Action
from cfnlint_eda_rules.handlers.interpreter.objects import Method
from cfnlint_eda_rules.handlers.interpreter.protocol import Object
from cfnlint_eda_rules.handlers.interpreter.unknowns import plain_attribute
from cfnlint_eda_rules.handlers.languages.javascript import builtins as javascript_builtins
from cfnlint_eda_rules.handlers.languages.javascript import standard_library as javascript_library
from cfnlint_eda_rules.handlers.languages.python import builtins as python_builtins
from cfnlint_eda_rules.handlers.languages.python import standard_library as python_library

if TYPE_CHECKING:
    from cfnlint_eda_rules.handlers.interpreter.machine import Machine


def member_names(language: str) -> Mapping[str, Action]:
    """The methods that the language gives texts, lists, mappings, functions and promises."""
    return javascript_builtins.METHODS if language == "javascript" else python_builtins.METHODS


def member(subject: Object, name: str, m: Machine) -> Object | None:
    """The language's own attribute of an object; None when it has none of that name."""
    found = (
        javascript_builtins.own_attribute(subject, name, m)
        if m.language == "javascript"
        else python_builtins.own_attribute(subject, name, m)
    )
    if found is not None:
        return found
    action = m.members.get(name)
    return (
        None if action is None else Method(subject, name, action, plain_attribute(subject, name, m))
    )


def module(m: Machine, name: str) -> Object | None:
    """The model of a module of the language's standard library."""
    return (
        javascript_library.module(name)
        if m.language == "javascript"
        else python_library.module(name)
    )


def global_name(m: Machine, name: str) -> Object | None:
    """What a name means that the program does not define."""
    found = (
        javascript_builtins.global_name(name)
        if m.language == "javascript"
        else python_builtins.global_name(m, name)
    )
    return m.names.get(name) if found is None else found

"""The registry of rules: the entry-point group ``cfnlint_eda_rules``, this distribution's own rules
included.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points

from cfnlint.rules import CloudFormationLintRule

GROUP = "cfnlint_eda_rules"
DISTRIBUTION = "cfnlint-eda-rules"

Rule = type[CloudFormationLintRule]


@functools.cache
def rules() -> Mapping[str, Rule]:
    """Return every registered rule class by the name it has in ``cfnlint_eda_rules``; see ``load``,
    which this keeps.
    """
    return load()


def load() -> dict[str, Rule]:
    """Return every registered rule class by name, this distribution's own first.

    The name is the class's; where two classes share it, the later one has its rule id added
    (``LambdaMonolith_W9601``). Raises ``ImportError``, naming entry point, distribution and reason,
    when an entry cannot be loaded, is no cfn-lint rule or repeats the id of another; and when the
    package's metadata is missing, so that nothing can be registered.
    """
    try:
        distribution(DISTRIBUTION)
    except PackageNotFoundError as error:
        raise ImportError(
            f"{DISTRIBUTION} is not installed, so its rules are not registered: install it with "
            "pip, also to use it from a checkout "
            "(pip install --editable CHECKOUT)"
        ) from error

    found: dict[str, Rule] = {}
    owners: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=GROUP), key=_order):
        rule = _rule(entry)
        if other := owners.get(rule.id):
            raise _broken(entry, f"it repeats the rule id {rule.id} of {_title(other)}")
        owners[rule.id] = entry
        found[rule.__name__ if rule.__name__ not in found else f"{rule.__name__}_{rule.id}"] = rule
    return found


def _rule(entry: EntryPoint) -> Rule:
    try:
        rule = entry.load()
    except Exception as error:
        raise _broken(
            entry, f"{entry.value} cannot be loaded, {type(error).__name__}: {error}"
        ) from error
    if not (
        isinstance(rule, type)
        and issubclass(rule, CloudFormationLintRule)
        and rule is not CloudFormationLintRule
    ):
        raise _broken(
            entry,
            f"{entry.value} is no cfn-lint rule, a subclass of "
            "cfnlint.rules.CloudFormationLintRule",
        )
    if not rule.id:
        raise _broken(entry, f"{entry.value} is a cfn-lint rule without an id")
    return rule


def _order(entry: EntryPoint) -> tuple[bool, str, str]:
    name = _distribution(entry)
    return name != DISTRIBUTION, name, entry.name


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown distribution"


def _title(entry: EntryPoint) -> str:
    return f"entry point {entry.name!r} of {_distribution(entry)}"


def _broken(entry: EntryPoint, reason: str) -> ImportError:
    return ImportError(f"{_title(entry)} in group {GROUP!r}: {reason}")

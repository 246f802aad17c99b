"""The rule reference: a page a rule, made from what the rule class says about itself.

``python -m cfnlint_eda_rules.commands.rule_pages README.md`` brings the reference in a Markdown
file up to date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from cfnlint.rules import CloudFormationLintRule

START, END = (
    "<!-- rules: written by python -m cfnlint_eda_rules.commands.rule_pages -->",
    "<!-- end of rules -->",
)
_SECTION = re.compile(r"^[*_]*(Anti-pattern|Best practice)[*_]*(?=:|$)", re.MULTILINE)


def reference(rule: type[CloudFormationLintRule]) -> str:
    """Return the reference page of ``rule`` as Markdown, ending in a newline.

    It holds the id and the class's name as its heading (level 3), the short description, the
    class's docstring, its options with their defaults and effects, the version it came with (its
    attribute `since`) and the source the rule rests on. What the class does not say is left out.
    """
    instance = rule()
    parts = [
        f"### {instance.id} {rule.__name__}",
        f"*{instance.shortdesc}*" if instance.shortdesc else "",
        _SECTION.sub(r"**\1**", inspect.cleandoc(rule.__doc__ or "")),
        _options(instance),
        f"Since version {since}." if (since := getattr(rule, "since", "")) else "",
        f"Source: <{instance.source_url}>" if instance.source_url else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def references(rules: Iterable[type[CloudFormationLintRule]]) -> str:
    """Return the reference pages of ``rules`` in the order of their ids."""
    return "\n".join(reference(rule) for rule in sorted(rules, key=lambda rule: rule.id))


def refreshed(text: str, rules: Iterable[type[CloudFormationLintRule]]) -> str:
    """Return the Markdown ``text`` with the pages of ``rules`` between the two markers; raise
    ``ValueError`` without them.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"no place for the rules: {START} and {END} are not both there")
    return f"{before}{START}\n\n{references(rules)}\n{END}{after}"


def _options(rule: CloudFormationLintRule) -> str:
    rows = [
        f"| `{name}` | {option.get('type', '')} | `{_literal(option.get('default'))}` "
        f"| {option.get('description', '')} |"
        for name, option in rule.config_definition.items()
        if isinstance(option, dict)
    ]
    titles = ["**Options**\n", "| option | type | default | effect |", "|---|---|---|---|"]
    return "\n".join([*titles, *rows]) if rows else ""


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def main(files: Iterable[str]) -> None:
    """Bring the rule reference in Markdown ``files`` up to date with this distribution's own
    rules.
    """
    from cfnlint_eda_rules import registry

    own = [
        rule
        for rule in registry.rules().values()
        if rule.__module__.startswith(f"{registry.GROUP}.")
    ]
    for file in map(Path, files):
        file.write_text(refreshed(file.read_text(encoding="utf-8"), own), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

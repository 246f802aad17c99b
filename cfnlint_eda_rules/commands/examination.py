"""What the rules see in one template file and find in it."""

from __future__ import annotations

from pathlib import Path

from cfnlint.decode import decode
from cfnlint.template import Template

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.registry import rules
from cfnlint_eda_rules.rule import AntiPatternRule, Finding, application_of


class Unreadable(Exception):
    """The template cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Examination:
    """An application and its findings, each with the id of its rule, in the order of the rules."""

    path: str
    application: Application
    findings: tuple[tuple[str, Finding], ...]

    @property
    def blamed(self) -> dict[str, tuple[str, ...]]:
        """The ids of the rules that report each function."""
        found: dict[str, tuple[str, ...]] = {}
        for rule, finding in self.findings:
            name = str(finding.path[1])
            found[name] = tuple(sorted({*found.get(name, ()), rule}))
        return found

    def about(self, function: str) -> dict[str, tuple[str, ...]]:
        """The messages about a function by the id of the rule."""
        found: dict[str, tuple[str, ...]] = {}
        for rule, finding in self.findings:
            if finding.path[1] == function:
                found[rule] = (*found.get(rule, ()), finding.message)
        return found


def examine(path: str, strict: bool = False) -> Examination:
    """Read a template as cfn-lint does and apply the rules to it. Raises `Unreadable`."""
    if not Path(path).is_file():
        raise Unreadable(f"{path} is not a file.")
    template, problems = decode(path)
    if problems or not isinstance(template, dict):
        why = problems[0].message if problems else "it is no mapping"
        raise Unreadable(f"{path} cannot be read as a template: {why}")
    cfn = Template(path, template)
    cfn.transform()
    application = application_of(cfn)
    found: list[tuple[str, Finding]] = []
    for rule_class in rules().values():
        rule = rule_class()
        if isinstance(rule, AntiPatternRule):
            rule.configure({"strict": strict})
            found.extend((rule.id, finding) for finding in rule.findings(application))
    return Examination(path, application, tuple(found))

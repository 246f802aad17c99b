"""`cfnlint-eda graph TEMPLATE` and `cfnlint-eda explain RULE | TEMPLATE FUNCTION`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cfnlint.decode import decode
from cfnlint.template import Template

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.commands import explain
from cfnlint_eda_rules.commands import graph as picture
from cfnlint_eda_rules.commands.rule_pages import reference
from cfnlint_eda_rules.registry import rules as registered
from cfnlint_eda_rules.rule import AntiPatternRule, Finding, application_of


class Unreadable(Exception):
    """The template cannot be read; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0, or 2 when what was asked for cannot be shown."""
    parser = argparse.ArgumentParser(
        prog="cfnlint-eda", description="Look at what the rules see in a template."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    graph = commands.add_parser(
        "graph", help="draw the event flow, loops and blamed functions highlighted"
    )
    graph.add_argument("template")
    graph.add_argument("--format", choices=picture.FORMATS, default="mermaid")
    graph.add_argument(
        "--strict", action="store_true", help="also what the rules report with their option strict"
    )
    told = commands.add_parser(
        "explain", help="a rule's reference page, or what the rules know about one function"
    )
    told.add_argument("subject", metavar="RULE|TEMPLATE")
    told.add_argument("function", nargs="?")
    told.add_argument(
        "--strict", action="store_true", help="also what the rules report with their option strict"
    )
    options = parser.parse_args(arguments)
    try:
        shown = _graph(options) if options.command == "graph" else _explain(options)
    except (Unreadable, picture.NoGraphviz) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(shown, end="")
    return 0


def _graph(options: argparse.Namespace) -> str:
    application, findings = _examined(options.template, options.strict)
    blamed: dict[str, set[str]] = {}
    for rule, finding in findings:
        blamed.setdefault(str(finding.path[1]), set()).add(rule.id)
    drawn = picture.picture(
        application,
        {function: tuple(sorted(ids)) for function, ids in blamed.items()},
        options.strict,
    )
    if not drawn.nodes:
        raise Unreadable(
            f"{options.template} has no Lambda function and routes no event: there is nothing to "
            "draw."
        )
    match options.format:
        case "dot":
            return picture.dot(drawn)
        case "svg":
            return picture.svg(drawn)
    return picture.mermaid(drawn)


def _explain(options: argparse.Namespace) -> str:
    rules = {rule.id: rule for rule in registered().values()}
    if options.function is None:
        if options.subject.upper() in rules:
            return reference(rules[options.subject.upper()])
        known = ", ".join(sorted(rules))
        if not Path(options.subject).is_file():
            raise Unreadable(
                f"{options.subject} is neither a rule ({known}) nor a template. To explain a "
                "function, give TEMPLATE and FUNCTION."
            )
        application, _ = _examined(options.subject, options.strict)
        raise Unreadable(
            f"Which function of {options.subject}? It has "
            f"{', '.join(application.functions) or 'none'}."
        )
    application, findings = _examined(options.subject, options.strict)
    if options.function not in application.functions:
        raise Unreadable(
            f"{options.subject} has no function {options.function}. It has "
            f"{', '.join(application.functions) or 'none'}."
        )
    about: dict[str, tuple[str, ...]] = {}
    for rule, finding in findings:
        if finding.path[1] == options.function:
            about[rule.id] = (*about.get(rule.id, ()), finding.message)
    return explain.about_function(application, options.function, about)


def _examined(path: str, strict: bool) -> tuple[Application, list[tuple[AntiPatternRule, Finding]]]:
    """The application of a template file and what the rules find in it. Raises `Unreadable`."""
    if not Path(path).is_file():
        raise Unreadable(f"{path} is not a file.")
    template, problems = decode(path)
    if problems or not isinstance(template, dict):
        raise Unreadable(
            f"{path} cannot be read as a template: "
            f"{problems[0].message if problems else 'it is no mapping'}"
        )
    cfn = Template(path, template)
    cfn.transform()
    application = application_of(cfn)
    found: list[tuple[AntiPatternRule, Finding]] = []
    for rule_class in registered().values():
        rule = rule_class()
        if isinstance(rule, AntiPatternRule):
            rule.configure({"strict": strict})
            found.extend((rule, finding) for finding in rule.findings(application))
    return application, found

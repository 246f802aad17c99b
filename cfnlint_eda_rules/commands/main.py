"""`cfnlint-eda`: `graph TEMPLATE...`, `explain RULE|TEMPLATE [FUNCTION]`, `rules`, `schema`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from cfnlint.rules import CloudFormationLintRule
from cfnlint.version import __version__ as cfn_lint_version

from cfnlint_eda_rules.commands import explain, graph
from cfnlint_eda_rules.commands.examination import Examination, Unreadable, examine
from cfnlint_eda_rules.commands.page import page
from cfnlint_eda_rules.commands.picture import picture
from cfnlint_eda_rules.commands.rule_pages import reference
from cfnlint_eda_rules.registry import DISTRIBUTION, rules
from cfnlint_eda_rules.settings import schema
from cfnlint_eda_rules.wording import plain

FORMATS = ("mermaid", "dot", "svg", "html")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0, or 2 when what was asked for cannot be shown."""
    options = _parser().parse_args(arguments)
    try:
        shown = options.show(options)
    except (Unreadable, graph.NoGraphviz) as problem:
        print(plain(str(problem)), file=sys.stderr)
        return 2
    print(shown, end="")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cfnlint-eda",
        description="Look at what the rules see in a template. To lint, run cfn-lint-eda.",
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"{DISTRIBUTION} {version(DISTRIBUTION)} (cfn-lint {cfn_lint_version})",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    drawn = commands.add_parser(
        "graph", help="draw the event flow, loops and blamed functions highlighted"
    )
    drawn.set_defaults(show=_graph)
    drawn.add_argument("templates", metavar="TEMPLATE", nargs="+")
    drawn.add_argument(
        "--format", choices=FORMATS, default="mermaid", help="several templates make one html page"
    )
    drawn.add_argument(
        "--all", action="store_true", help="also alarms and what is connected to no function"
    )
    told = commands.add_parser(
        "explain", help="a rule's page, what was read of a template, or what is known of a function"
    )
    told.set_defaults(show=_explain)
    told.add_argument("subject", metavar="RULE|TEMPLATE")
    told.add_argument("function", nargs="?", metavar="FUNCTION")
    for command in (drawn, told):
        command.add_argument(
            "--strict",
            action="store_true",
            help="also what the rules report with their option strict",
        )
    commands.add_parser("rules", help="list the rules").set_defaults(show=_rules)
    commands.add_parser(
        "schema", help="print the JSON schema of the rules' options in a .cfnlintrc"
    ).set_defaults(show=_schema)
    return parser


def _registered() -> dict[str, type[CloudFormationLintRule]]:
    return {rule.id: rule for rule in sorted(rules().values(), key=lambda rule: str(rule.id))}


def _rules(_: argparse.Namespace) -> str:
    return "".join(f"{name}  {rule.shortdesc}\n" for name, rule in _registered().items())


def _schema(_: argparse.Namespace) -> str:
    described = schema(
        (name, rule.shortdesc, rule().config_definition) for name, rule in _registered().items()
    )
    return json.dumps(described, indent=2) + "\n"


def _graph(options: argparse.Namespace) -> str:
    examined = [examine(template, options.strict) for template in options.templates]
    if options.format == "html":
        return page(examined, options.strict, options.all)
    if len(examined) > 1:
        raise Unreadable("Several templates make one page: use --format html.")
    return _one(examined[0], options)


def _one(examined: Examination, options: argparse.Namespace) -> str:
    drawn = picture(examined.application, examined.blamed, options.strict, options.all)
    if not drawn.nodes:
        raise Unreadable(
            f"{examined.path} has no Lambda function that the rules look at: there is nothing to "
            "draw."
        )
    match options.format:
        case "dot":
            return graph.dot(drawn)
        case "svg":
            return graph.svg(drawn)
    return graph.mermaid(drawn)


def _explain(options: argparse.Namespace) -> str:
    known = _registered()
    rule = known.get(options.subject.upper())
    if rule is not None and options.function is None:
        return reference(rule)
    if options.function is None and not Path(options.subject).is_file():
        raise Unreadable(
            f"{options.subject} is neither a rule ({', '.join(known)}) nor a template. To explain "
            "a function, give TEMPLATE and FUNCTION."
        )
    examined = examine(options.subject, options.strict)
    if options.function is None:
        return explain.about_template(examined)
    if options.function not in examined.application.functions:
        raise Unreadable(
            f"{options.subject} has no function {options.function}. It has "
            f"{', '.join(examined.application.functions) or 'none'}."
        )
    return explain.about_function(
        examined.application, options.function, examined.about(options.function)
    )

"""``cfn-lint-eda``: cfn-lint's own command line with these rules already appended, and a baseline.

For editors, hooks and build systems that can set an executable but not its options. Unlike
cfn-lint it loads no rules because a ``.cfnlintrc`` of the linted project says so: rules are code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from cfnlint.config import ConfigMixIn
from cfnlint.exceptions import CfnLintExitException
from cfnlint.match import Match
from cfnlint.rules import Rules
from cfnlint.runner.cli import Runner

from cfnlint_eda_rules import registry
from cfnlint_eda_rules.commands.baseline import Baseline, UnreadableBaseline
from cfnlint_eda_rules.wording import listed, plain

PACKAGE = "cfnlint_eda_rules"

_BASELINE = "--eda-baseline"
_CONFIGURE = ("-x", "--configure-rule")


class Stop(Exception):
    """The command line or the configuration is wrong; the message is the line to print."""


class EdaRunner(Runner):  # type: ignore[misc, unused-ignore]
    """cfn-lint's runner with these rules, and with the findings of a baseline left out."""

    def __init__(self, config: ConfigMixIn, modules: Sequence[str], baseline: Baseline | None):
        super().__init__(config)
        own = Rules.create_from_module(PACKAGE)
        self.baseline, self._own = baseline, frozenset(own)
        self.rules.update(own)
        for module in modules:
            self.rules.update(Rules.create_from_module(module))

    def run(self) -> Iterator[Match]:
        """The matches of cfn-lint and of these rules, without those of the baseline."""
        if self.baseline is None:
            yield from super().run()
        else:
            yield from self.baseline.new(super().run(), self._own, self.config.templates or ())
            self.baseline.report()


def main() -> None:
    """Run cfn-lint on the command line's arguments and exit with cfn-lint's exit code; with 1 and
    one line on stderr when a setting is wrong.
    """
    # Editors read `cfn-lint 1.2.3` from --version, so the program keeps its name.
    sys.argv[0] = "cfn-lint"
    try:
        runner = _runner(sys.argv[1:])
    except (Stop, CfnLintExitException, UnreadableBaseline, ImportError) as problem:
        print(f"cfn-lint-eda: {plain(str(problem))}", file=sys.stderr)
        sys.exit(1)
    runner.cli()


def _runner(arguments: Sequence[str]) -> EdaRunner:
    """What runs cfn-lint with these arguments. `--help` and `--version` are answered here and raise
    ``SystemExit``, as in cfn-lint; raises `Stop` and cfn-lint's own exceptions.
    """
    arguments, file = _without_baseline(arguments)
    _check_spelling(arguments)
    config = _configuration(arguments)
    modules, others = _asked_for(config.cli_args.append_rules)
    config.cli_args.append_rules = others
    left_out = [
        name
        for name in config.file_args.pop("append_rules", ())
        if name != PACKAGE and name not in (*modules, *others)
    ]
    if left_out:
        print(
            f"cfn-lint-eda: rules that a .cfnlintrc appends are not loaded "
            f"({plain(listed(left_out))}); --append-rules on the command line loads them.",
            file=sys.stderr,
        )
    runner = EdaRunner(config, modules, Baseline.of(Path(file)) if file else None)
    _check_settings(config, runner.rules, ids_are_known=not left_out)
    return runner


def _configuration(arguments: list[str]) -> ConfigMixIn:
    try:
        return ConfigMixIn(arguments)
    except Exception as error:
        # As in cfn-lint's own main: a .cfnlintrc can be wrong in any way that YAML can.
        raise Stop(str(error)) from error


def _without_baseline(arguments: Sequence[str]) -> tuple[list[str], str]:
    """The arguments without `--eda-baseline FILE`, and the file ("" without)."""
    kept: list[str] = []
    file = ""
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        name, equals, value = argument.partition("=")
        if name != _BASELINE:
            kept.append(argument)
        elif value or (not equals and waiting):
            file = value or waiting.pop(0)
        else:
            raise Stop(f"{_BASELINE} needs the name of a file.")
    return kept, file


def _check_spelling(arguments: Sequence[str]) -> None:
    """Raises `Stop` for a `--configure-rule` that is none: cfn-lint prints its whole help then."""
    listening = False
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if argument.startswith("-"):
            listening = name in _CONFIGURE
        if listening and (equals or not argument.startswith("-")):
            _check_configuration(value if argument.startswith("--") else argument)


def _check_configuration(text: str) -> None:
    for part in text.split(","):
        rule, colon, option = part.partition(":")
        name, equals, _ = option.partition("=")
        if not (rule and colon and name and equals):
            raise Stop(f"--configure-rule takes RULE:OPTION=VALUE (W9503:strict=true), not {part}")


def _asked_for(appended: Sequence[str]) -> tuple[list[str], list[str]]:
    """The rule sets of the command line: modules that are installed, and what else cfn-lint takes.

    cfn-lint prefers a folder in the working directory to an installed module of its name; that
    folder is the linted project's.
    """
    modules = [name for name in dict.fromkeys(appended) if name != PACKAGE and _importable(name)]
    return modules, [name for name in appended if name != PACKAGE and name not in modules]


def _importable(name: str) -> bool:
    try:
        return all(part.isidentifier() for part in name.split(".")) and find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _check_settings(config: ConfigMixIn, rules: Rules, ids_are_known: bool) -> None:
    """Raises before anything is linted what a rule would raise about its options then."""
    for rule_id, options in config.configure_rules.items():
        if rule_id in rules:
            rules[rule_id].configure(options)
        elif ids_are_known:
            own = sorted(rule.id for rule in registry.rules().values())
            raise Stop(f"there is no rule {rule_id} to configure (these are {listed(own)}).")

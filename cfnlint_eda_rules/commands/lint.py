"""``cfn-lint-eda``: cfn-lint's own command line with these rules already appended.

For editors, hooks and build systems that can set an executable but not its options.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cfnlint.config import ConfigMixIn
from cfnlint.runner import main as cfn_lint

PACKAGE = "cfnlint_eda_rules"


def main() -> None:
    """Run cfn-lint on the command line's arguments and exit with cfn-lint's exit code."""
    # Editors read `cfn-lint 1.2.3` from --version, so the program keeps its name.
    sys.argv[0] = "cfn-lint"
    sys.argv[1:] = append_rules(sys.argv[1:])
    cfn_lint()


def append_rules(arguments: Sequence[str]) -> list[str]:
    """Return cfn-lint's ``arguments`` with these rules appended, unless they or a ``.cfnlintrc``
    append them already.

    A rule set appended twice is an error to cfn-lint, and one on the command line hides those of a
    ``.cfnlintrc``; so what the configuration file appends is repeated. Arguments cfn-lint cannot
    read are returned unchanged, for it to report; ``--help`` and ``--version`` are answered here
    and raise ``SystemExit``, as in cfn-lint.
    """
    try:
        appended = ConfigMixIn(list(arguments)).append_rules
        if PACKAGE in appended:
            return list(arguments)
        # The `=` keeps argparse from taking a template that follows for one more set of rules.
        ours = f"--append-rules={PACKAGE}"
        kept = ConfigMixIn([ours, *arguments]).append_rules
    except Exception:
        return list(arguments)
    return [
        *(f"--append-rules={hidden}" for hidden in appended if hidden not in kept),
        ours,
        *arguments,
    ]

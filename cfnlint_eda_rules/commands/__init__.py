"""The command lines: `cfn-lint-eda` lints, `cfnlint-eda` shows what the rules see."""

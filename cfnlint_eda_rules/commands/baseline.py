"""A baseline: the findings a project already had, so that only new ones are reported."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from cfnlint.match import Match

from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.wording import plain

_VERSION = 1


class UnreadableBaseline(Exception):
    """The file is there and is no baseline; the message names it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding, whatever its line and evidence: `template` is relative to the baseline's folder,
    `resource` the logical id, `subject` what tells several findings there apart.
    """

    rule: str
    template: str
    resource: str
    subject: str = ""


class Baseline:
    """The findings written in a file, and what became of them in this run."""

    def __init__(self, file: Path, known: Collection[Entry] | None) -> None:
        self._file = file
        self._known = known
        self._found: list[Entry] = []
        self._linted: set[str] = set()

    @classmethod
    def of(cls, file: Path) -> Baseline:
        """The baseline in a file, one to be written when there is none. Raises
        `UnreadableBaseline`.
        """
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            return cls(file, [_entry(written) for written in said["findings"]])
        except FileNotFoundError:
            return cls(file, None)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise UnreadableBaseline(
                f"{file} is no baseline ({type(error).__name__}); delete it to have one written."
            ) from error

    def new(
        self, matches: Iterable[Match], rules: Collection[str], templates: Iterable[str]
    ) -> Iterator[Match]:
        """The matches that are not in the baseline; those of other rules pass."""
        left = Counter(self._known or ())
        self._linted = {self._place(template) for template in templates}
        for match in matches:
            if match.rule.id not in rules:
                yield match
                continue
            entry = self._entry(match)
            self._found.append(entry)
            if self._known is not None and not left[entry]:
                yield match
            left[entry] -= 1

    def report(self) -> None:
        """Write the baseline when there was none; else say which of its entries are gone."""
        if self._known is None:
            self._write()
            number = f"{len(self._found)} finding{'' if len(self._found) == 1 else 's'}"
            print(f"cfn-lint-eda: {number} written to {plain(str(self._file))}", file=sys.stderr)
            return
        gone = Counter(entry for entry in self._known if entry.template in self._linted)
        for entry in (gone - Counter(self._found)).elements():
            about = " ".join(filter(None, (entry.rule, entry.resource, entry.subject)))
            print(
                f"cfn-lint-eda: {plain(about)} in {plain(entry.template)} is in the baseline "
                "and no longer found; delete its entry.",
                file=sys.stderr,
            )

    def _write(self) -> None:
        ordered = sorted(self._found, key=lambda e: (e.template, e.resource, e.rule, e.subject))
        findings = [
            {
                "rule": entry.rule,
                "template": entry.template,
                "resource": entry.resource,
                **({"subject": entry.subject} if entry.subject else {}),
            }
            for entry in ordered
        ]
        self._file.write_text(
            json.dumps({"version": _VERSION, "findings": findings}, indent=2) + "\n",
            encoding="utf-8",
        )

    def _entry(self, match: Match) -> Entry:
        path: list[str | int] = getattr(match, "path", [])
        return Entry(
            match.rule.id,
            self._place(match.filename),
            "".join(map(str, path[1:2])),
            str(getattr(match, "subject", "")),
        )

    def _place(self, template: str | None) -> str:
        if not template:
            return ""
        place = os.path.relpath(Path(template).absolute(), self._file.absolute().parent)
        return Path(place).as_posix()


def _entry(written: dict[str, Any]) -> Entry:
    return Entry(
        str(written["rule"]),
        str(written["template"]),
        str(written["resource"]),
        str(written.get("subject", "")),
    )

"""Ignores with a reason and an end, in the metadata of a resource:

Metadata:
  cfnlint-eda:
    ignore:
      - rule: W9503
        reason: The key prefix breaks the loop, see ADR 12
        until: "2027-01-31"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timezone
from typing import Any

from cfnlint_eda_rules.wording import plain

KEY = "cfnlint-eda"


def today() -> date:
    """The day in UTC, so that an ignore ends everywhere at once."""
    return datetime.now(timezone.utc).date()


def verdict(resource: object, rule_id: str) -> str | None:
    """What a resource's metadata says of a rule's findings there: None when they are ignored, else
    the sentence to add to them (why the ignore is not, or no longer, heeded; "" without one).

    The day `until` is the last on which the ignore holds.
    """
    said = ""
    for entry in _entries(resource, rule_id):
        reason, until = entry.get("reason"), _day(entry.get("until"))
        if not (isinstance(reason, str) and reason.strip() and until):
            said = " Its ignore is not heeded: it needs a reason and a day `until` (YYYY-MM-DD)."
        elif until >= today():
            return None
        else:
            said = f" Its ignore ended on {until.isoformat()}: {plain(reason.strip())}"
    return said


def _entries(resource: object, rule_id: str) -> Iterator[Mapping[str, Any]]:
    found: Any = resource
    for key in ("Metadata", KEY, "ignore"):
        found = found.get(key) if isinstance(found, Mapping) else None
    for entry in found if isinstance(found, list) else ():
        if isinstance(entry, Mapping) and entry.get("rule") == rule_id:
            yield entry


def _day(value: object) -> date | None:
    """YAML reads an unquoted day as a date, JSON and quotes leave a text."""
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        # From Python 3.11 on other ISO forms are read too; one form everywhere.
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None

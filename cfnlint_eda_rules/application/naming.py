"""How messages name places and the evidence of links."""

from __future__ import annotations

from cfnlint_eda_rules.application.links import Link, LinkRole
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.symbolic_text import arn_parts

_WORDINGS = {
    LinkRole.DESTINATION: "the destination of",
    LinkRole.FAILURE: "the dead letters of",
    LinkRole.LOG: "the log lines of",
    LinkRole.ENRICHMENT: "the enrichment in",
    LinkRole.TASK: "a task of",
}


def label(place: str | External | None, kind: str = "resource") -> str:
    """How a message names a place: the logical id, or what is known of the external thing;
    `kind` is what it is when nothing is.
    """
    if isinstance(place, External):
        arn = arn_parts(place.text, 5)
        name = arn[5] if place.text.startswith("arn:") and len(arn) == 6 else place.text
        return "the default event bus" if name == "event-bus/default" else name
    return place or f"a {kind} known only at run time"


def evidence_of(link: Link) -> str:
    """How a message names the evidence of a link."""
    where = link.via or (link.source if isinstance(link.source, str) else "")
    return f"{_WORDINGS.get(link.role, str(link.role))} {where}".strip()

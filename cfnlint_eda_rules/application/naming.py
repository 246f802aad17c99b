"""How messages name places and the evidence of links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cfnlint_eda_rules.application.links import Link, LinkRole
from cfnlint_eda_rules.template.intrinsics import Variable, sub_pieces
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.symbolic_text import arn_parts

_IMPORT = "ImportValue:"
_DYNAMIC = re.compile(r"\{\{resolve:([a-z-]+):([^{}]*(?:\$\{[^{}]*\}[^{}]*)*)\}\}")
# What dynamic references look up (CloudFormation User Guide, "Get values stored in other
# services").
_STORES = {
    "ssm": "stored parameter",
    "ssm-secure": "stored parameter",
    "secretsmanager": "secret",
}
_CDK_PATH = "aws:cdk:path"
# The CDK ends the path of most constructs' main resource with it.
_CDK_RESOURCE = "/Resource"
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
        return "the default event bus" if name == "event-bus/default" else _spelled(name, kind)
    return place or f"a {kind} known only at run time"


def _spelled(text: str, kind: str) -> str:
    """A symbolic text as a message says it: what only the deployment knows by what it is, inside
    of other text as `<Name>`.
    """
    dynamic = _DYNAMIC.fullmatch(text)
    if dynamic is not None:
        what = _STORES.get(dynamic[1], dynamic[1])
        return f"{what} {_filled(dynamic[2])}"
    pieces = list(sub_pieces(text))
    match pieces:
        case [Variable(name)] if name.startswith(_IMPORT):
            return f"export {name.removeprefix(_IMPORT)}"
        case [Variable(name)] if "." not in name and ":" not in name:
            return f"parameter {name}"
        case [Variable(name)]:
            return name
    if not text.strip() or text.startswith(("{", "[")):
        return f"a {kind} known only at deployment"
    return _filled(text)


def _filled(text: str) -> str:
    return "".join(
        f"<{piece.name.removeprefix(_IMPORT)}>" if isinstance(piece, Variable) else piece
        for piece in sub_pieces(text)
    )


def construct_path(resource: Mapping[str, Any]) -> str:
    """Where in a CDK application a resource is made, `Shop/Relay`; "" for any other resource.

    https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html#identifiers-paths
    """
    metadata = resource.get("Metadata")
    path = metadata.get(_CDK_PATH) if isinstance(metadata, Mapping) else None
    return path.removesuffix(_CDK_RESOURCE) if isinstance(path, str) else ""


def evidence_of(link: Link) -> str:
    """How a message names the evidence of a link."""
    where = link.via or (link.source if isinstance(link.source, str) else "")
    return f"{_WORDINGS.get(link.role, str(link.role))} {where}".strip()

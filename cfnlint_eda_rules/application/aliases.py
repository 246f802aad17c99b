"""Resources that stand for another one: what goes to an access point, a version or a client is its
bucket's, state machine's or pool's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.template.conditions import Conditions, both
from cfnlint_eda_rules.template.jsonpath import find
from cfnlint_eda_rules.template.references import External, Reference, References

_MOST_STEPS = 4


def follow(
    reference: Reference,
    resources: Mapping[str, Mapping[str, Any]],
    references: References,
    left: int = _MOST_STEPS,
) -> list[tuple[str | External, Conditions]]:
    """What a reference ends at, each with the conditions it holds under: what its target stands
    for, or the target itself.
    """
    target = reference.target
    resource = resources.get(target) if isinstance(target, str) else None
    kind = resource.get("Type") if resource is not None else None
    stands_for = (
        load("event_sources")["stands_for"].get(kind)
        if isinstance(kind, str) and left > 0
        else None
    )
    found: list[tuple[str | External, Conditions]] = []
    for location in stands_for or ():
        for place in find(location, resource.get("Properties") if resource is not None else None):
            for inner in references.resolve(place.value):
                held = both(reference.conditions, place.conditions)
                together = both(held, inner.conditions) if held is not None else None
                if together is not None and references.compatible(together):
                    found += follow(
                        Reference(inner.target, together), resources, references, left - 1
                    )
    return list(dict.fromkeys(found)) or [(target, reference.conditions)]

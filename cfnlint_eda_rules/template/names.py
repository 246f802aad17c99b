"""How resources are named: families of resource types with the shapes of their ARNs and URLs, as
`catalogue/names.yaml` describes them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.symbolic_text import Parts, render


class Shape:
    """A pattern that is compiled when it is first looked for: of all families a template needs a
    few.
    """

    __slots__ = ("_compiled", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._compiled: re.Pattern[str] | None = None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """As of a compiled pattern."""
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, re.DOTALL)
        return self._compiled.fullmatch(text)


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Resource types whose names live in one namespace; see `catalogue/names.yaml`."""

    key: str
    types: tuple[str, ...]
    names: tuple[str, ...]
    ref: str
    attributes: Mapping[str, str]
    arn: str
    shapes: tuple[Shape, ...]
    urls: tuple[Shape, ...]
    bare: Shape
    strip: str
    fixed: Mapping[str, str]

    def name_in(self, properties: Mapping[str, Any]) -> Any:
        """The value of the property that declares the physical name; None where none does."""
        return next((properties[name] for name in self.names if name in properties), None)


@dataclass(frozen=True, slots=True)
class Names:
    families: tuple[Family, ...]
    by_type: Mapping[str, Family]
    by_service: Mapping[str, tuple[Family, ...]]
    opaque_types: frozenset[str]
    opaque_prefixes: tuple[str, ...]
    values: Mapping[str, Mapping[str, str]]
    wrapped: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    generated: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]
    implicit: frozenset[str]
    qualified: Mapping[str, Mapping[str, str]]
    generated_qualifiers: frozenset[tuple[str, str]]


SLOT = re.compile(r"\{(\w+)\}")


def _shape(shape: str, characters: str) -> Shape:
    slots = {
        "partition": "[^:]*",
        "region": "(?P<region>[^:/.]*)",
        "account": "(?P<account>[^:/]*)",
        "name": f"(?P<name>{characters})",
        "label": "(?P<name>[^:/]+?)",
        "path": "(?:.*/)?",
        "host": "[^/]+",
    }
    pieces = SLOT.split(shape)
    pattern = "".join(
        slots[piece] if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)
    )
    return Shape(f"{pattern}(?P<rest>[:/?#].*)?")


@functools.cache
def names() -> Names:
    data = load("names")
    families: list[Family] = []
    by_type: dict[str, Family] = {}
    by_service: dict[str, list[Family]] = {}
    for key, row in data["families"].items():
        characters = row.get("characters", "[^:/]+")
        shapes = [row["arn"], *row.get("arns", ())]
        family = Family(
            key=key,
            types=tuple(row["types"]),
            names=_listed(row.get("name", ())),
            ref=row["ref"],
            attributes=row.get("attributes", {}),
            arn=row["arn"],
            shapes=tuple(_shape(shape, characters) for shape in shapes),
            urls=tuple(_shape(shape, characters) for shape in row.get("urls", ())),
            bare=_shape("{name}", characters),
            strip=row.get("strip", ""),
            fixed=row.get("fixed", {}),
        )
        families.append(family)
        by_type.update(dict.fromkeys(family.types, family))
        for service in dict.fromkeys(shape.split(":")[2] for shape in shapes):
            by_service.setdefault(service, []).append(family)
    return Names(
        families=tuple(families),
        by_type=by_type,
        by_service={service: tuple(found) for service, found in by_service.items()},
        opaque_types=frozenset(data["opaque_types"]),
        opaque_prefixes=tuple(data["opaque_prefixes"]),
        values=data["values"],
        wrapped=tuple((re.compile(start), re.compile(end)) for start, end in data["wrapped"]),
        generated={
            type_: tuple((re.compile(suffix), attribute) for suffix, attribute in rows.items())
            for type_, rows in data["generated"].items()
        },
        implicit=frozenset(data["implicit"]),
        qualified=data["qualified"],
        generated_qualifiers=frozenset(("attribute", name) for name in data["qualifiers"]),
    )


def family(resource_type: str) -> Family | None:
    """The naming family of a resource type, None for a type the catalogue does not know."""
    return names().by_type.get(resource_type)


def service_types(service: str) -> tuple[str, ...]:
    """The resource types whose ARNs are of a service, `("AWS::SQS::Queue",)` for "sqs"; empty for a
    service the catalogue does not know.
    """
    return tuple(type_ for known in names().by_service.get(service, ()) for type_ in known.types)


def arn(known: Family, name: str, place: Mapping[str, Parts]) -> str:
    """The ARN of an external thing in one spelling, whatever spelling named it."""
    pseudo = {"region": "${AWS::Region}", "account": "${AWS::AccountId}"}

    def slot(found: re.Match[str]) -> str:
        match found[1]:
            case "name":
                return name
            case "partition":
                return "aws"
            case "path":
                return ""
            case key:
                text = render(place.get(key, ()))
                return text if text.strip("*") else pseudo[key]

    return SLOT.sub(slot, known.arn)


def _listed(value: str | list[str] | tuple[()]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)

"""What a template value refers to: intrinsic functions, literal names, ARNs and URLs -> a resource
or something outside.

The texts a value can be (`values`) are matched with the names, ARNs and URLs of the template's
resources (`names`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, Solver, both
from cfnlint_eda_rules.template.names import Family, arn, family, names
from cfnlint_eda_rules.template.parameters import Parameters
from cfnlint_eda_rules.template.sections import properties_of, section_of
from cfnlint_eda_rules.template.symbolic_text import (
    Alternative,
    Encoded,
    Parts,
    Token,
    arn_parts,
    glob,
    merge,
    render,
    render_token,
)
from cfnlint_eda_rules.template.values import Values

_WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True, eq=False)
class External:
    """Something outside the template; equal where the same expression, or the same name, appears.

    Of ARNs, a region or account that only the deployment knows is the same as one written out; two
    that are written out differ.
    """

    text: str

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, External):
            return NotImplemented
        if self.text == other.text:
            return True
        mine, theirs = _located(self.text), _located(other.text)
        return mine[0] == theirs[0] and all(
            one == another or not one or not another
            for one, another in zip(mine[1:], theirs[1:], strict=True)
        )

    def __hash__(self) -> int:
        return hash(_located(self.text)[0])


@functools.lru_cache(maxsize=4096)
def _located(text: str) -> tuple[str, str, str]:
    """What is named, in which region and which account, "" where that is not written out."""
    parts = arn_parts(text, 5) if text.startswith("arn:") else []
    if len(parts) < 6:
        return text, "", ""
    region, account = ("" if "$" in part or part == "*" else part for part in parts[3:5])
    return f"{parts[2]}:{parts[5]}", region, account


@dataclass(frozen=True, slots=True)
class Reference:
    """What a value means: `target` is a logical id or an external thing, `attribute` the GetAtt
    attribute it came by.

    `rest` is the text after the resource's own identifier: `("/out/*",)` of
    `arn:aws:s3:::${B}/out/*`, `(":live",)` of a function's ARN.
    """

    target: str | External
    conditions: Conditions = ALWAYS
    attribute: str = ""
    rest: Parts = ()


@dataclass(frozen=True, slots=True)
class _Named:
    logical_id: str
    conditions: Conditions


class References:
    """Resolves the values of one template; `solver` is cfn-lint's `Template.conditions` or None,
    `parameter_sets` are the values that cfn-lint is given for its parameters.
    """

    def __init__(
        self,
        template: Any,
        solver: Any | None = None,
        parameter_sets: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        parameters = Parameters(template, parameter_sets)
        self._values = Values(template, parameters)
        self._resources = self._values.resources
        self._solver = Solver(solver, section_of(template, "Conditions"), parameters.scenarios())
        self._index: dict[tuple[str, Parts], list[_Named]] | None = None
        self._covered: dict[tuple[Family, str], tuple[tuple[str, Conditions], ...]] = {}
        self._names: dict[Family, tuple[tuple[str, str], ...]] = {}

    # Resources

    def type(self, logical_id: str) -> str:
        """The resource's type, "" when there is no such resource."""
        return self._values.type(logical_id)

    def resource_conditions(self, logical_id: str) -> Conditions:
        """The resource's own `Condition`; empty when it has none."""
        resource = self._resources.get(logical_id)
        condition = resource.get("Condition") if resource is not None else None
        return frozenset({(str(condition), True)}) if isinstance(condition, str) else ALWAYS

    def exists(self, logical_id: str) -> bool:
        """Whether some deployment can have the resource."""
        return self.compatible(self.resource_conditions(logical_id))

    def compatible(self, conditions: Conditions) -> bool:
        """Whether all can hold at once; True when that cannot be said."""
        return self._solver.compatible(conditions)

    # Values

    def alternatives(self, value: Any) -> tuple[Alternative, ...]:
        """The texts a value can be, at most 16 in template order; none for lists, mappings and
        `AWS::NoValue`.
        """
        return self._values.alternatives(value)

    def literal(self, value: Any) -> str | None:
        """The one literal text a value is, parameters taken by their default; None when there are
        several or a part is unknown.
        """
        return self._values.literal(value)

    def resolve(self, value: Any, *types: str) -> tuple[Reference, ...]:
        """What a value refers to, lists flattened, in template order; `types` are what the place
        can mean, needed for bare names.

        What a literal name means that no resource declares is an `External`; a value that is no
        text gives nothing.
        """
        found: list[Reference] = []
        for alternative in self._values.flattened(value):
            found.extend(self._match(alternative.parts, types, alternative.conditions))
        return tuple(dict.fromkeys(found))

    def match(self, parts: Parts, *types: str, conditions: Conditions = ALWAYS) -> Reference:
        """What a symbolic text refers to; the first of several resources that could have the name
        under these conditions.
        """
        found = self._match(merge(parts), types, conditions)
        return found[0] if found else Reference(External(render(parts)), conditions)

    def matches(
        self, parts: Parts, *types: str, conditions: Conditions = ALWAYS
    ) -> tuple[Reference, ...]:
        """Like `match`, with every resource that could have the name (two of one name under
        exclusive conditions).
        """
        return self._match(merge(parts), types, conditions)

    def _match(
        self, parts: Parts, types: tuple[str, ...], conditions: Conditions
    ) -> tuple[Reference, ...]:
        if not parts:
            return ()
        first = parts[0]
        of_resource = isinstance(first, Token) and first.kind in ("ref", "attribute")
        if isinstance(first, Token) and of_resource and len(parts) == 1:
            return self._of_token(first, (), conditions)
        encoded = Encoded(parts)
        text = encoded.text
        for start, end in names().wrapped:
            inside = start.match(text)
            if inside is not None and (last := end.search(text, inside.end())) is not None:
                inner = encoded.decode(text[inside.end() : last.start()])
                return self._match(inner, ("AWS::Lambda::Function",), conditions)
        for known in self._candidates(text, types):
            patterns = known.shapes if text.startswith("arn:") else known.urls
            for pattern in (*patterns, *(known.urls if text.startswith("arn:") else ())):
                found = pattern.fullmatch(text)
                if found is not None:
                    return self._named(known, encoded, found, conditions)
        if not text.startswith(("arn:", "https:", "http:")):
            references = self._bare(encoded, types, conditions)
            if references:
                return references
        if (
            isinstance(first, Token)
            and first.kind != "pseudo"
            and len(parts) > 1
            and _continues(parts[1])
        ):
            if of_resource:
                return self._of_token(first, parts[1:], conditions)
            return (Reference(External(render((first,))), conditions, "", parts[1:]),)
        return (Reference(External(render(self._values.key(parts))), conditions),)

    def covered(
        self, parts: Parts, *types: str, conditions: Conditions = ALWAYS
    ) -> tuple[Reference, ...]:
        """The resources whose names a wildcard in an ARN or name covers: `arn:aws:s3:::uploads-*`.

        A resource without a declared name is named after the stack and its logical id. Empty when
        the name holds no wildcard, or nothing but wildcards, which name every resource and none.
        """
        encoded = Encoded(merge(parts))
        for known in self._candidates(encoded.text, types):
            for pattern in (*known.shapes, *known.urls, *((known.bare,) if types else ())):
                found = pattern.fullmatch(encoded.text)
                if found is not None and _WILD.search(found["name"]):
                    name = render(self._values.key(encoded.decode(found["name"])))
                    # A wildcard at the end covers what follows the name, too.
                    rest = encoded.decode(
                        found["rest"] or ("*" if found["name"].endswith("*") else "")
                    )
                    return self._wild(known, name, rest, conditions) if name.strip("*?") else ()
        return ()

    def _wild(
        self, known: Family, name: str, rest: Parts, conditions: Conditions
    ) -> tuple[Reference, ...]:
        if (known, name) not in self._covered:
            self._covered[known, name] = tuple(
                (logical_id, self.resource_conditions(logical_id))
                for logical_id, declared in self._names_of(known)
                if glob(name, declared)
            )
        return tuple(
            Reference(logical_id, together, "", rest)
            for logical_id, own in self._covered[known, name]
            if (together := both(conditions, own)) is not None and self.compatible(together)
        )

    def _names_of(self, known: Family) -> tuple[tuple[str, str], ...]:
        if known not in self._names:
            self._names[known] = tuple(
                (
                    logical_id,
                    render(
                        self._values.declared_name(logical_id)
                        or (Token("pseudo", "AWS::StackName"), f"-{logical_id}-\ue000")
                    ),
                )
                for logical_id in self._resources
                if self.type(logical_id) in known.types
            )
        return self._names[known]

    def _candidates(self, text: str, types: tuple[str, ...]) -> tuple[Family, ...]:
        catalogue = names()
        if text.startswith("arn:"):
            service = text.split(":", 3)[2] if text.count(":") > 2 else ""
            of_service = catalogue.by_service.get(service, ())
            return catalogue.families if service == "apigateway" else of_service
        if types:
            return _families_of(types)
        is_url = text.startswith(("http", "s3:", "wss:")) or ".s3." in text
        return catalogue.families if is_url else ()

    def _of_token(self, token: Token, rest: Parts, conditions: Conditions) -> tuple[Reference, ...]:
        type_ = self.type(token.name)
        catalogue = names()
        if token.kind == "attribute" and (
            type_ in catalogue.opaque_types or type_.startswith(catalogue.opaque_prefixes)
        ):
            return (Reference(External(render_token(token)), conditions, "", rest),)
        together = both(conditions, self.resource_conditions(token.name))
        if together is None or not self.compatible(together):
            return ()
        return (Reference(token.name, together, token.attribute, rest),)

    def _named(
        self, known: Family, encoded: Encoded, found: re.Match[str], conditions: Conditions
    ) -> tuple[Reference, ...]:
        """What an ARN or URL of a family names."""
        groups = found.groupdict()
        name, rest = encoded.decode(groups["name"]), encoded.decode(groups.get("rest") or "")
        match name:
            case (Token(kind="ref" | "attribute") as token, *others) if (
                not others or others == ["*"]
            ) and self._may_name(token, known):
                return self._of_token(token, merge((*others, *rest)), conditions)
        references = self._declaring(known, name, rest, conditions)
        if references:
            return references
        match name:
            case (str() as text,) if text in known.fixed:
                return (Reference(External(known.fixed[text]), conditions, "", rest),)
            case (Token() as token,):
                # A name that is a parameter and nothing else: equal to the bare parameter
                # elsewhere.
                return (Reference(External(render_token(token)), conditions, "", rest),)
        place = {key: encoded.decode(groups.get(key) or "") for key in ("region", "account")}
        return (
            Reference(
                External(arn(known, render(self._values.key(name)), place)), conditions, "", rest
            ),
        )

    def _may_name(self, token: Token, known: Family) -> bool:
        """Whether a resource's token as whole name is that resource, and not another one that
        shares its name.
        """
        own = family(self.type(token.name))
        return own is None or own.key == known.key or self._values.returns(token) != "name"

    def _bare(
        self, encoded: Encoded, types: tuple[str, ...], conditions: Conditions
    ) -> tuple[Reference, ...]:
        families = _families_of(types)
        qualified = len(encoded.text) > 1 and _continues(encoded.text[1]) and bool(encoded.tokens)
        first = encoded.decode(encoded.text[:1])[0]
        references: list[Reference] = []
        for known in families:
            found = known.bare.fullmatch(encoded.text)
            if found is not None:
                name, rest = encoded.decode(found["name"]), encoded.decode(found["rest"] or "")
                references.extend(self._declaring(known, name, rest, conditions))
        if (
            references
            or len(families) != 1
            or (qualified and isinstance(first, Token) and first.kind in ("ref", "attribute"))
        ):
            return tuple(references)
        found = families[0].bare.fullmatch(encoded.text)
        return self._named(families[0], encoded, found, conditions) if found is not None else ()

    def _declaring(
        self, known: Family, name: Parts, rest: Parts, conditions: Conditions
    ) -> tuple[Reference, ...]:
        """The resources that declare a name, as far as the conditions allow."""
        match name:
            case (*start, str() as last) if last.endswith("*"):
                plain = merge((*start, last[:-1]))
                if "*" not in render(plain):
                    found = self._declaring(known, plain, merge(("*", *rest)), conditions)
                    if found:
                        return found
        references = []
        for named in self._named_index().get((known.key, self._name_key(known, name)), ()):
            together = both(conditions, named.conditions)
            if together is not None and self.compatible(together):
                references.append(Reference(named.logical_id, together, "", rest))
        return tuple(references)

    def _name_key(self, known: Family, name: Parts) -> Parts:
        key = self._values.key(name)
        if known.strip and key and isinstance(key[0], str):
            return merge((key[0].lstrip(known.strip), *key[1:]))
        return key

    def _named_index(self) -> dict[tuple[str, Parts], list[_Named]]:
        if self._index is None:
            self._index = {}
            for logical_id, resource in self._resources.items():
                known = family(self.type(logical_id))
                if known is None:
                    continue
                for alternative in self.alternatives(known.name_in(properties_of(resource))):
                    conditions = both(alternative.conditions, self.resource_conditions(logical_id))
                    key = self._name_key(known, alternative.parts)
                    if key and conditions is not None:
                        self._index.setdefault((known.key, key), []).append(
                            _Named(logical_id, conditions)
                        )
        return self._index

    def physical_name(self, logical_id: str) -> Parts:
        """The name a resource declares, `("orders",)`; empty when it declares none, or one of
        several.
        """
        return (
            (self._values.declared_name(logical_id) or ()) if logical_id in self._resources else ()
        )


def _continues(part: str | Token) -> bool:
    """Whether a text after an identifier qualifies it, and is not part of a longer name."""
    return isinstance(part, str) and part[0] in "/:*?#"


def _families_of(types: tuple[str, ...]) -> tuple[Family, ...]:
    by_type = names().by_type
    return tuple(dict.fromkeys(by_type[type_] for type_ in types if type_ in by_type))

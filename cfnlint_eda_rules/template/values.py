"""The texts a template value can be: intrinsic functions worked out, symbolic where only the
deployment knows a part.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, both
from cfnlint_eda_rules.template.intrinsics import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_TEXT,
    MOST_BITS,
    Variable,
    canonical,
    intrinsic,
    sub_pieces,
)
from cfnlint_eda_rules.template.names import SLOT, Family, family, names
from cfnlint_eda_rules.template.parameters import Parameters
from cfnlint_eda_rules.template.sections import properties_of, resources_of, section_of
from cfnlint_eda_rules.template.symbolic_text import (
    Alternative,
    Parts,
    Token,
    literal_parts,
    merge,
    render,
    with_references,
)

MAX_ALTERNATIVES = 16


class Values:
    """Works out the values of one template."""

    def __init__(self, template: Any, parameters: Parameters) -> None:
        self.resources = resources_of(template)
        self._types: dict[str, str] = {
            key: str(resource["Type"])
            for key, resource in self.resources.items()
            if isinstance(resource.get("Type"), str)
        }
        self._parameters = parameters
        self._mappings = section_of(template, "Mappings")
        self._memo: dict[int, tuple[Any, tuple[Alternative, ...]]] = {}
        self._list_memo: dict[int, tuple[Any, list[tuple[list[Alternative], Conditions]]]] = {}
        self._active: set[int] = set()
        self._declared: dict[str, Parts | None] = {}
        self._generated: dict[str, Token | None] = {}

    def type(self, logical_id: str) -> str:
        """The resource's type, "" when there is no such resource."""
        return self._types.get(logical_id, "")

    def alternatives(self, value: Any) -> tuple[Alternative, ...]:
        """The texts a value can be, at most 16 in template order; none for lists, mappings and
        `AWS::NoValue`.
        """
        return self._evaluate(value, MAX_DEPTH)

    def literal(self, value: Any) -> str | None:
        """The one literal text a value is, parameters taken by their default; None when there are
        several or a part is unknown.
        """
        texts = {alternative.parts for alternative in self._evaluate(value, MAX_DEPTH)}
        match list(texts):
            case [()]:
                return ""
            case [(str() as text,)]:
                return text
            case _:
                return None

    def _evaluate(self, value: Any, depth: int) -> tuple[Alternative, ...]:
        match value:
            case str():
                return (Alternative(literal_parts(value)),)
            case bool():
                return (Alternative(("true" if value else "false",)),)
            case int() if value.bit_length() > MOST_BITS:
                return ()
            case int() | float():
                return (Alternative((str(value),)),)
            case Mapping():
                pass
            case _:
                return ()
        if depth <= 0 or id(value) in self._active:
            return ()
        known = self._memo.get(id(value))
        if known is not None:
            return known[1]
        self._active.add(id(value))
        try:
            found = self._bounded(self._intrinsic(value, depth - 1))
        finally:
            self._active.discard(id(value))
        # The value is kept beside the result so that its id is not given to another object.
        self._memo[id(value)] = (value, found)
        return found

    def _bounded(self, alternatives: Iterable[Alternative]) -> tuple[Alternative, ...]:
        return tuple(itertools.islice(dict.fromkeys(alternatives), MAX_ALTERNATIVES))

    def _intrinsic(self, value: Mapping[Any, Any], depth: int) -> Iterable[Alternative]:
        match intrinsic(value):
            case ("Ref", str() as name):
                return self._ref(str(name), depth)
            case ("Fn::GetAtt", argument):
                return self._get_att(argument, depth)
            case ("Fn::Sub", str() as text):
                return self._sub(str(text), {}, depth)
            case ("Fn::Sub", [str() as text, Mapping() as variables]):
                return self._sub(str(text), variables, depth)
            case ("Fn::Sub", [str() as text]):
                return self._sub(str(text), {}, depth)
            case ("Fn::Join", [delimiter, items]):
                return self._join(delimiter, items, depth)
            case ("Fn::If", [str() as name, yes, no]):
                return self._if(str(name), self._evaluate(yes, depth), self._evaluate(no, depth))
            case ("Fn::Select", [index, items]):
                return self._select(value, index, items, depth)
            case ("Fn::FindInMap", list() as argument):
                return self._find_in_map(value, argument, depth)
            case ("Fn::ImportValue", argument):
                names = self._evaluate(argument, depth) or (Alternative((canonical(argument),)),)
                return [
                    Alternative((Token("import", render(self.key(name.parts))),), name.conditions)
                    for name in names
                ]
            case ("Condition", _) | None:
                return ()
            case _:
                return (_unknown(value),)

    def _if(
        self, name: str, yes: Iterable[Alternative], no: Iterable[Alternative]
    ) -> Iterator[Alternative]:
        for wanted, branch in ((True, yes), (False, no)):
            for alternative in branch:
                conditions = both(alternative.conditions, frozenset({(name, wanted)}))
                if conditions is not None:
                    yield Alternative(alternative.parts, conditions)

    def _ref(self, name: str, depth: int) -> Iterable[Alternative]:
        if name in self.resources:
            return (Alternative((Token("ref", name),)),)
        if name.startswith("AWS::"):
            return () if name == "AWS::NoValue" else (Alternative((Token("pseudo", name),)),)
        if name in self._parameters:
            return [
                Alternative(
                    (Token("parameter", name),) if value is None else literal_parts(value), held
                )
                for value, held in self._parameters.values(name)
            ]
        token = self._generated_token(name)
        return (Alternative((token or Token("unknown", canonical({"Ref": name})),)),)

    def _generated_token(self, name: str) -> Token | None:
        if name not in self._generated:
            self._generated[name] = self._find_generated(name)
        return self._generated[name]

    def _find_generated(self, name: str) -> Token | None:
        catalogue = names()
        owner, dot, attribute = name.partition(".")
        if dot and owner in self.resources:
            return Token("attribute", owner, attribute)
        for logical_id, type_ in self._types.items():
            if type_ not in catalogue.generated or not name.startswith(logical_id):
                continue
            for suffix, attribute in catalogue.generated[type_]:
                if suffix.fullmatch(name, len(logical_id)):
                    return (
                        Token("attribute", logical_id, attribute)
                        if attribute
                        else Token("ref", name)
                    )
        if any(name == known or name.startswith(f"{known}.") for known in catalogue.implicit):
            return (
                Token("ref", name)
                if name in catalogue.implicit
                else Token("attribute", *name.split(".", 1))
            )
        if any(name.startswith(known) for known in catalogue.implicit):
            known = next(known for known in catalogue.implicit if name.startswith(known))
            return Token("attribute", known, name[len(known) :])
        return None

    def _get_att(self, argument: Any, depth: int) -> Iterable[Alternative]:
        match argument:
            case str():
                name, attribute = self._owner(str(argument))
                attributes: Iterable[Alternative] = (Alternative(literal_parts(attribute)),)
            case [str() as name, *rest] if rest:
                attributes = self._concatenate(
                    list(
                        _interleave(
                            [self._evaluate(part, depth) for part in rest], (Alternative((".",)),)
                        )
                    )
                )
            case _:
                return (Alternative((Token("unknown", canonical({"Fn::GetAtt": argument})),)),)
        found: list[Alternative] = []
        for alternative in attributes:
            found.extend(
                Alternative(inner.parts, conditions)
                for inner in self._attribute(str(name), render(alternative.parts), depth)
                if (conditions := both(inner.conditions, alternative.conditions)) is not None
            )
        return found

    def _owner(self, text: str) -> tuple[str, str]:
        """Logical id and attribute of `Id.Attribute`; the ids of nested stacks' resources hold dots
        themselves.
        """
        name, _, attribute = text.partition(".")
        owner, rest = name, attribute
        while owner not in self.resources and "." in rest:
            more, _, rest = rest.partition(".")
            owner = f"{owner}.{more}"
        return (owner, rest) if owner in self.resources else (name, attribute)

    def _attribute(self, name: str, attribute: str, depth: int) -> tuple[Alternative, ...]:
        catalogue = names()
        resource = self.resources.get(name)
        if resource is None:
            token = self._generated_token(name)
            if token is None:
                return (
                    Alternative((Token("unknown", canonical({"Fn::GetAtt": [name, attribute]})),)),
                )
            # An attribute of what stands for its owner (an alias) is the owner in another spelling.
            return (
                Alternative(
                    (token if token.attribute else Token("attribute", token.name, attribute),)
                ),
            )
        source = catalogue.values.get(self.type(name), {}).get(attribute)
        properties = resource.get("Properties")
        if source is not None and isinstance(properties, Mapping):
            found = self._evaluate(properties.get(source), depth)
            if found:
                return found
        return (Alternative((Token("attribute", name, attribute),)),)

    def _sub(self, text: str, variables: Mapping[Any, Any], depth: int) -> Iterable[Alternative]:
        return self._concatenate(
            [
                self._variable(piece.name, variables, depth)
                if isinstance(piece, Variable)
                else (Alternative(literal_parts(piece)),)
                for piece in sub_pieces(text)
            ]
        )

    def _variable(
        self, name: str, variables: Mapping[Any, Any], depth: int
    ) -> Iterable[Alternative]:
        if name in variables:
            return self._evaluate(variables[name], depth) or (_unknown(variables[name]),)
        if "." in name and name not in self.resources:
            return self._get_att(name, depth)
        return self._ref(name, depth)

    def _join(self, delimiter: Any, items: Any, depth: int) -> Iterable[Alternative]:
        delimiters = self._evaluate(delimiter, depth) or (Alternative(()),)
        found: list[Alternative] = []
        for separator in delimiters:
            for values, conditions in self._lists(items, depth):
                whole = both(separator.conditions, conditions)
                if whole is not None:
                    start = (Alternative((), whole),)
                    found.extend(
                        self._concatenate(
                            [start, *_interleave([(value,) for value in values], (separator,))]
                        )
                    )
        return found

    def _concatenate(self, pieces: Sequence[Iterable[Alternative]]) -> tuple[Alternative, ...]:
        """Every way to put one text of each piece in a row, as far as their conditions allow."""
        texts: list[tuple[list[str | Token], Conditions]] = [([], ALWAYS)]
        for piece in pieces:
            options = tuple(piece)
            if len(options) == 1 and not options[0].conditions:
                for parts, _ in texts:
                    parts.extend(options[0].parts)
                continue
            longer: list[tuple[list[str | Token], Conditions]] = []
            for parts, conditions in texts:
                for option in options:
                    together = both(conditions, option.conditions)
                    if together is not None and len(longer) < MAX_ALTERNATIVES:
                        longer.append(([*parts, *option.parts], together))
            texts = longer
        found = []
        for parts, conditions in texts:
            short = sum(len(part) if isinstance(part, str) else 1 for part in parts) <= MAX_TEXT
            found.append(
                Alternative(
                    with_references(merge(parts)) if short else (Token("unknown", "(long text)"),),
                    conditions,
                )
            )
        return tuple(found)

    def _lists(self, value: Any, depth: int) -> list[tuple[list[Alternative], Conditions]]:
        """The lists of texts a value can be: a list, a CommaDelimitedList, Fn::Split, or Fn::If
        between them.
        """
        if depth <= 0:
            return []
        if isinstance(value, list | tuple):
            if id(value) in self._active:
                return []
            self._active.add(id(value))
            try:
                rows: list[tuple[list[Alternative], Conditions]] = [([], ALWAYS)]
                for item in value[:1000]:
                    options = self._evaluate(item, depth - 1)
                    if not options and intrinsic(item) is None:
                        continue
                    longer: list[tuple[list[Alternative], Conditions]] = []
                    for texts, conditions in rows:
                        for option in options:
                            together = both(conditions, option.conditions)
                            if together is not None and len(longer) < MAX_ALTERNATIVES:
                                longer.append(([*texts, Alternative(option.parts)], together))
                        for absent in _absences(item) if options else ():
                            together = both(conditions, absent)
                            if together is not None and len(longer) < MAX_ALTERNATIVES:
                                longer.append((texts, together))
                    # What is no text at all (AWS::NoValue) is not in the list.
                    rows = longer or rows
                return rows
            finally:
                self._active.discard(id(value))
        if not isinstance(value, Mapping) or id(value) in self._active:
            return []
        known = self._list_memo.get(id(value))
        if known is None:
            self._active.add(id(value))
            try:
                known = (value, self._intrinsic_lists(value, depth))
            finally:
                self._active.discard(id(value))
            self._list_memo[id(value)] = known
        return known[1]

    def _intrinsic_lists(
        self, value: Mapping[Any, Any], depth: int
    ) -> list[tuple[list[Alternative], Conditions]]:
        match intrinsic(value):
            case ("Fn::If", [str() as name, yes, no]):
                found = []
                for wanted, branch in ((True, yes), (False, no)):
                    for texts, conditions in self._lists(branch, depth - 1):
                        together = both(conditions, frozenset({(str(name), wanted)}))
                        if together is not None:
                            found.append((texts, together))
                return found[:MAX_ALTERNATIVES]
            case ("Fn::Split", [delimiter, text]):
                separator = self.literal(delimiter)
                if not separator:
                    return []
                return [
                    (
                        [Alternative(piece) for piece in self._split(alternative.parts, separator)],
                        alternative.conditions,
                    )
                    for alternative in self._evaluate(text, depth - 1)
                ]
            case ("Ref", str() as name) if self._parameters.is_list(str(name)):
                return [
                    ([Alternative(literal_parts(item.strip())) for item in value.split(",")], held)
                    for value, held in self._parameters.values(str(name))
                    if value is not None
                ]
            case ("Fn::FindInMap", list() as argument):
                mapped = [
                    value for value in self._mapped(argument, depth) if isinstance(value, list)
                ]
                return [row for value in mapped for row in self._lists(value, depth - 1)][
                    :MAX_ALTERNATIVES
                ]
            case _:
                return []

    def _split(self, parts: Parts, separator: str) -> list[Parts]:
        pieces: list[list[str | Token]] = [[]]
        for part in itertools.chain.from_iterable(self._spell(part) for part in parts):
            if isinstance(part, Token):
                pieces[-1].append(part)
                continue
            first, *others = part.split(separator)
            pieces[-1].append(first)
            pieces.extend([other] for other in others)
        return [merge(piece) for piece in pieces]

    def _spell(self, part: str | Token) -> Parts:
        """An ARN-valued token as the ARN it stands for, so that it can be taken apart."""
        if isinstance(part, str):
            return (part,)
        if self.returns(part) == "arn":
            return self._arn(part)
        return self._qualified(part) or (part,)

    def _arn(self, token: Token) -> Parts:
        known = family(self.type(token.name))
        if known is None:
            return (token,)
        named = next(
            (attribute for attribute, what in known.attributes.items() if what == "name"), ""
        )
        name = (
            Token("ref", token.name)
            if known.ref == "name" or not named
            else Token("attribute", token.name, named)
        )
        return _spelt(known, (name,))

    def _qualified(self, token: Token) -> Parts:
        """The ARN of an alias or version: its function's with a qualifier; () for other tokens.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
        """
        rows = names().qualified
        row = rows.get(self.type(token.name))
        if row is not None and token.kind == "ref":
            properties = properties_of(self.resources[token.name])
            owners = self.alternatives(properties.get(row["of"]))
            qualifiers = (
                self.alternatives(properties.get(row["qualifier"]))
                if "qualifier" in row
                else (Alternative((Token("attribute", token.name, row["attribute"]),)),)
            )
            if len(owners) == len(qualifiers) == 1:
                whole = self._arn_of_name(owners[0].parts, row["family"])
                return merge((*whole, ":", *qualifiers[0].parts)) if whole else ()
        elif (token.kind, token.attribute) in names().generated_qualifiers:
            # What SAM makes for a function stands for it: its alias or its newest version.
            whole = self._arn(Token("attribute", token.name, "Arn"))
            return merge((*whole, ":", token))
        return ()

    def _arn_of_name(self, parts: Parts, key: str) -> Parts:
        """The ARN that a function's name, ARN, or part of an ARN stands for; () when it is not one
        of a family's.
        """
        match parts:
            case (Token() as token,):
                known = family(self.type(token.name)) if token.kind != "parameter" else None
                if known is not None and known.key == key:
                    return self._arn(token)
            case (str() as text, *_) if text.startswith("arn:"):
                return parts
        known = next((each for each in names().families if each.key == key), None)
        return _spelt(known, parts) if known is not None else ()

    def _select(self, value: Any, index: Any, items: Any, depth: int) -> Iterable[Alternative]:
        position = self.literal(index)
        lists = self._lists(items, depth)
        if position is None or not position.isdecimal() or not lists:
            return (_unknown(value),)
        place = int(position[:6])
        return (
            [
                Alternative(texts[place].parts, conditions)
                for texts, conditions in lists
                if place < len(texts)
            ]
            or [
                Alternative(texts[0].parts, conditions)
                for texts, conditions in lists
                if _is_name_of(texts, items, place)
            ]
            or (_unknown(value),)
        )

    def _find_in_map(self, value: Any, argument: list[Any], depth: int) -> Iterable[Alternative]:
        found = [
            alternative
            for inner in self._mapped(argument, depth)
            for alternative in self._evaluate(inner, depth)
        ]
        return found or (_unknown(value),)

    def _mapped(self, argument: list[Any], depth: int) -> list[Any]:
        """The values Fn::FindInMap can give; a key only the deployment knows stands for every
        key.
        """
        if len(argument) < 3:
            return []
        level: list[Any] = [self._mappings]
        for key in argument[:3]:
            texts = [alternative.parts for alternative in self._evaluate(key, depth)]
            literals = [
                parts[0] for parts in texts if len(parts) == 1 and isinstance(parts[0], str)
            ]
            following: list[Any] = []
            for mapping in level:
                if not isinstance(mapping, Mapping):
                    continue
                if texts and len(literals) == len(texts):
                    following.extend(mapping[literal] for literal in literals if literal in mapping)
                elif texts:
                    following.extend(itertools.islice(mapping.values(), 64))
            level = following
        match argument[3:]:
            case [{"DefaultValue": default}] if not level:
                return [default]
            case _:
                return level

    def flattened(self, value: Any) -> Iterator[Alternative]:
        """The texts of a value and of the items of lists in it, in template order."""
        return self._flatten(value, MAX_DEPTH, [MAX_NODES])

    def _flatten(self, value: Any, depth: int, budget: list[int]) -> Iterator[Alternative]:
        budget[0] -= 1
        if depth <= 0 or budget[0] <= 0:
            return
        if isinstance(value, list | tuple):
            for item in value:
                yield from self._flatten(item, depth - 1, budget)
            return
        match intrinsic(value):
            case ("Fn::If", [str() as name, yes, no]):
                yield from self._if(
                    str(name),
                    self._flatten(yes, depth - 1, budget),
                    self._flatten(no, depth - 1, budget),
                )
            case ("Fn::Split", _):
                for texts, conditions in self._lists(value, depth):
                    yield from (Alternative(text.parts, conditions) for text in texts)
            case ("Ref", str() as name) if self._parameters.is_list(str(name)) and (
                lists := self._lists(value, depth)
            ):
                for texts, conditions in lists:
                    yield from (Alternative(text.parts, conditions) for text in texts)
            case ("Fn::FindInMap", list()):
                lists = self._lists(value, depth)
                for texts, conditions in lists:
                    yield from (Alternative(text.parts, conditions) for text in texts)
                if not lists:
                    yield from self._evaluate(value, depth)
            case _:
                yield from self._evaluate(value, depth)

    # Names

    def returns(self, token: Token) -> str:
        """What a token's text is: "name", "arn", "url" or "id" of its resource; "" when it is
        something else.
        """
        known = family(self.type(token.name)) if token.kind in ("ref", "attribute") else None
        if known is None:
            return ""
        return known.ref if token.kind == "ref" else known.attributes.get(token.attribute, "")

    def key(self, parts: Parts) -> Parts:
        """The text with names of resources replaced by what they declare, so that two spellings of
        one name are equal.
        """
        if not any(isinstance(part, Token) for part in parts):
            return parts
        spelt: list[str | Token] = []
        for part in parts:
            declared = (
                self.declared_name(part.name)
                if isinstance(part, Token) and self.returns(part) == "name"
                else None
            )
            spelt.extend(declared or (part,))
        return merge(spelt)

    def declared_name(self, logical_id: str) -> Parts | None:
        if logical_id not in self._declared:
            self._declared[logical_id] = None
            known = family(self.type(logical_id))
            if known is not None:
                match self.alternatives(known.name_in(properties_of(self.resources[logical_id]))):
                    case (Alternative(parts, conditions),) if parts and not conditions:
                        self._declared[logical_id] = self.key(parts)
        return self._declared[logical_id]

    def physical_name(self, logical_id: str) -> Parts:
        """The name a resource declares, `("orders",)`; empty when it declares none, or one of
        several.
        """
        return (self.declared_name(logical_id) or ()) if logical_id in self.resources else ()


def _absences(value: Any) -> Iterator[Conditions]:
    """The conditions under which a value is `AWS::NoValue` by an `Fn::If` of its own."""
    match intrinsic(value):
        case ("Fn::If", [str() as name, yes, no]):
            for wanted, branch in ((True, yes), (False, no)):
                if intrinsic(branch) == ("Ref", "AWS::NoValue"):
                    yield frozenset({(name, wanted)})


def _unknown(value: Any) -> Alternative:
    return Alternative((Token("unknown", canonical(value)),))


def _interleave(pieces: Sequence[Any], separator: Any) -> Iterator[Any]:
    for index, piece in enumerate(pieces):
        if index:
            yield separator
        yield piece


def _spelt(known: Family, name: Parts) -> Parts:
    pseudo = {
        "partition": "AWS::Partition",
        "region": "AWS::Region",
        "account": "AWS::AccountId",
    }
    spelt: list[str | Token] = []
    for index, piece in enumerate(SLOT.split(known.arn)):
        if index % 2 == 0:
            spelt.append(piece)
        elif piece == "name":
            spelt.extend(name)
        elif piece in pseudo:
            spelt.append(Token("pseudo", pseudo[piece]))
    return merge(spelt)


# In an ARN that only the deployment knows: the parts of the resource's own name, and of that name
# after its type.
_NAME_PARTS = {":": frozenset({5, 6}), "/": frozenset({1})}


def _is_name_of(texts: Sequence[Alternative], items: Any, place: int) -> bool:
    """Whether a piece of an ARN that is one token (an import, a parameter) is the name in it, which
    names the same thing.
    """
    match intrinsic(items), texts:
        case ("Fn::Split", [str() as separator, _]), [Alternative((Token(kind=kind),))]:
            return kind in ("import", "parameter", "dynamic") and place in _NAME_PARTS.get(
                separator, ()
            )
    return False

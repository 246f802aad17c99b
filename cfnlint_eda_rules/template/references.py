"""What a template value refers to: intrinsic functions, literal names, ARNs and URLs -> a resource
or something outside.

A value is first turned into the texts it can be (`Alternative`), symbolic where only the deployment
knows a part, then the text is matched with the names, ARNs and URLs of the template's resources
(`catalogue/names.yaml`). Intrinsic functions:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass

Conditions: TypeAlias = frozenset[tuple[str, bool]]
TemplatePath: TypeAlias = tuple[str | int, ...]

ALWAYS: Conditions = frozenset()
MAX_ALTERNATIVES = 16
MAX_DEPTH = 40
# Python refuses to write longer integers as text.
_MOST_BITS = 4096
MAX_TEXT = 65536
MAX_NODES = 20000


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a text only the deployment knows.

    `kind` is "ref" (Ref of a resource), "attribute" (GetAtt), "parameter" (one without default),
    "pseudo", "import" or "unknown"; `name` the logical id, parameter, pseudo parameter, export name
    or the expression as canonical JSON.
    """

    kind: str
    name: str
    attribute: str = ""


Parts: TypeAlias = tuple[str | Token, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One text a value can be, and the conditions under which it is that."""

    parts: Parts
    conditions: Conditions = ALWAYS


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the template; equal where the same expression, or the same name,
    appears.
    """

    text: str


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


def merge(parts: Iterable[str | Token]) -> Parts:
    """The same text with adjacent strings joined and empty ones left out."""
    merged: list[str | Token] = []
    for part in parts:
        if isinstance(part, Token):
            merged.append(part)
        elif part and merged and isinstance(merged[-1], str):
            merged[-1] += str(part)
        elif part:
            merged.append(str(part))
    return tuple(merged)


def render(parts: Parts) -> str:
    """The text for people, tokens written as Fn::Sub would: `orders-${Env}`."""
    return "".join(part if isinstance(part, str) else _render(part) for part in parts)


def _render(token: Token) -> str:
    match token.kind:
        case "attribute":
            return f"${{{token.name}.{token.attribute}}}"
        case "import":
            return f"${{ImportValue:{token.name}}}"
        case "unknown":
            return token.name
        case _:
            return f"${{{token.name}}}"


def glob(pattern: str, text: str) -> bool:
    """Whether an IAM pattern of `*` and `?` covers the whole text; in time linear in their product,
    whatever the pattern.
    """
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    at = in_text = 0
    star, resume = -1, 0
    while in_text < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, in_text
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[in_text]):
            at += 1
            in_text += 1
        elif star >= 0:
            resume += 1
            at, in_text = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


def both(left: Conditions, right: Conditions) -> Conditions | None:
    """Both sets together; None when they ask for a condition and its opposite."""
    if not left or not right:
        return left or right
    union = left | right
    return None if any((name, not wanted) in union for name, wanted in union) else union


def all_of(*conditions: Conditions) -> Conditions | None:
    """All sets together; None when they ask for a condition and its opposite."""
    union = ALWAYS.union(*conditions)
    return None if any((name, not wanted) in union for name, wanted in union) else union


def _absences(value: Any) -> Iterator[Conditions]:
    """The conditions under which a value is `AWS::NoValue` by an `Fn::If` of its own."""
    match intrinsic(value):
        case ("Fn::If", [str() as name, yes, no]):
            for wanted, branch in ((True, yes), (False, no)):
                if intrinsic(branch) == ("Ref", "AWS::NoValue"):
                    yield frozenset({(name, wanted)})


def intrinsic(value: Any) -> tuple[str, Any] | None:
    """Name and argument of an intrinsic function call, `("Fn::Sub", ...)`; None for anything
    else.
    """
    if isinstance(value, Mapping) and len(value) == 1:
        for key, argument in value.items():
            if isinstance(key, str) and (key.startswith("Fn::") or key in ("Ref", "Condition")):
                return str(key), argument
    return None


def canonical(value: Any) -> str:
    """The value as JSON with sorted keys, the same text for the same expression; cut off in depth
    where it refers to itself.
    """
    return json.dumps(
        _plain(value, MAX_DEPTH, [MAX_NODES], set()), sort_keys=True, separators=(",", ":")
    )


def _plain(value: Any, depth: int, budget: list[int], active: set[int]) -> Any:
    budget[0] -= 1
    if depth <= 0 or budget[0] <= 0 or id(value) in active:
        return None
    match value:
        case int() if value.bit_length() > _MOST_BITS:
            return "a huge number"
        case str() | bool() | int() | float() | None:
            return value
        case Mapping():
            active.add(id(value))
            plain: Any = {
                str(key): _plain(item, depth - 1, budget, active) for key, item in value.items()
            }
        case list() | tuple():
            active.add(id(value))
            plain = [_plain(item, depth - 1, budget, active) for item in value]
        case _:
            return str(value)
    active.discard(id(value))
    return plain


# Tokens are single private-use characters while regular expressions look at a text.
_FIRST = 0xE000
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_SUB = re.compile(r"\$\{([^{}]*)\}")
_WILD = re.compile(r"[*?]")
_DYNAMIC = re.compile(r"(\{\{resolve:[^{}]*\}\})")


class _Encoded:
    """A symbolic text as a plain string, with the way back."""

    __slots__ = ("text", "tokens")

    def __init__(self, parts: Parts) -> None:
        self.tokens = list(dict.fromkeys(part for part in parts if isinstance(part, Token)))[:4096]
        places = {token: chr(_FIRST + index) for index, token in enumerate(self.tokens)}
        self.text = "".join(
            places.get(part, "?") if isinstance(part, Token) else _PRIVATE.sub("?", part)
            for part in parts
        )

    def decode(self, text: str) -> Parts:
        if not self.tokens:
            return (text,) if text else ()
        return merge(
            self.tokens[ord(char) - _FIRST] if _PRIVATE.match(char) else char for char in text
        )


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Resource types whose names live in one namespace; see `catalogue/names.yaml`."""

    key: str
    types: tuple[str, ...]
    name: str
    ref: str
    attributes: Mapping[str, str]
    arn: str
    shapes: tuple[re.Pattern[str], ...]
    urls: tuple[re.Pattern[str], ...]
    bare: re.Pattern[str]
    strip: str
    fixed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Names:
    families: tuple[Family, ...]
    by_type: Mapping[str, Family]
    by_service: Mapping[str, tuple[Family, ...]]
    opaque_types: frozenset[str]
    opaque_prefixes: tuple[str, ...]
    values: Mapping[str, Mapping[str, str]]
    wrapped: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    generated: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]
    implicit: frozenset[str]


_SLOT = re.compile(r"\{(\w+)\}")


def _shape(shape: str, characters: str) -> re.Pattern[str]:
    slots = {
        "partition": "[^:]*",
        "region": "(?P<region>[^:/.]*)",
        "account": "(?P<account>[^:/]*)",
        "name": f"(?P<name>{characters})",
        "label": "(?P<name>[^:/]+?)",
        "path": "(?:.*/)?",
        "host": "[^/]+",
    }
    pieces = _SLOT.split(shape)
    pattern = "".join(
        slots[piece] if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)
    )
    return re.compile(f"{pattern}(?P<rest>[:/?#].*)?", re.DOTALL)


@functools.cache
def _names() -> _Names:
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
            name=row.get("name", ""),
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
    return _Names(
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
    )


def family(resource_type: str) -> Family | None:
    """The naming family of a resource type, None for a type the catalogue does not know."""
    return _names().by_type.get(resource_type)


def service_types(service: str) -> tuple[str, ...]:
    """The resource types whose ARNs are of a service, `("AWS::SQS::Queue",)` for "sqs"; empty for a
    service the catalogue does not know.
    """
    return tuple(type_ for known in _names().by_service.get(service, ()) for type_ in known.types)


@dataclass(frozen=True, slots=True)
class _Named:
    logical_id: str
    conditions: Conditions


class References:
    """Resolves the values of one template; `solver` is cfn-lint's `Template.conditions` or None."""

    def __init__(self, template: Any, solver: Any | None = None) -> None:
        self._solver = solver
        sections = template if isinstance(template, Mapping) else {}
        self._resources: dict[str, Mapping[str, Any]] = {
            str(key): resource
            for key, resource in _section(sections, "Resources")
            if isinstance(resource, Mapping)
        }
        self._types: dict[str, str] = {
            key: str(resource["Type"])
            for key, resource in self._resources.items()
            if isinstance(resource.get("Type"), str)
        }
        self._parameters: dict[str, Any] = {
            str(key): parameter for key, parameter in _section(sections, "Parameters")
        }
        self._mappings: dict[str, Any] = {
            str(key): mapping for key, mapping in _section(sections, "Mappings")
        }
        self._conditions: frozenset[str] = frozenset(
            str(key) for key, _ in _section(sections, "Conditions")
        )
        self._memo: dict[int, tuple[Any, tuple[Alternative, ...]]] = {}
        self._list_memo: dict[int, tuple[Any, list[tuple[list[Alternative], Conditions]]]] = {}
        self._active: set[int] = set()
        self._compatible: dict[Conditions, bool] = {}
        self._index: dict[tuple[str, Parts], list[_Named]] | None = None
        self._declared: dict[str, Parts | None] = {}
        self._generated: dict[str, Token | None] = {}

    # Resources

    def type(self, logical_id: str) -> str:
        """The resource's type, "" when there is no such resource."""
        return self._types.get(logical_id, "")

    def resource_conditions(self, logical_id: str) -> Conditions:
        """The resource's own `Condition`; empty when it has none."""
        resource = self._resources.get(logical_id)
        condition = resource.get("Condition") if resource is not None else None
        return frozenset({(str(condition), True)}) if isinstance(condition, str) else ALWAYS

    def compatible(self, conditions: Conditions) -> bool:
        """Whether all can hold at once, asked of cfn-lint's solver; True when it cannot say."""
        if any((name, not wanted) in conditions for name, wanted in conditions):
            return False
        if self._solver is None:
            return True
        known = frozenset((name, wanted) for name, wanted in conditions if name in self._conditions)
        if not known:
            return True
        if known not in self._compatible:
            self._compatible[known] = self._solve(known)
        return self._compatible[known]

    def _solve(self, conditions: Conditions) -> bool:
        solver: Any = self._solver
        try:
            wanted = {
                name: {value} for name, value in sorted(conditions) if solver.get(name) is not None
            }
            return not wanted or any(True for _ in solver.build_scenarios(wanted))
        except Exception:
            # The solver is not ours, and no answer means "can hold".
            return True

    # Values -> texts

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
                return (Alternative(_text(value)),)
            case bool():
                return (Alternative(("true" if value else "false",)),)
            case int() if value.bit_length() > _MOST_BITS:
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
                    Alternative((Token("import", render(self._key(name.parts))),), name.conditions)
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
        if name in self._resources:
            return (Alternative((Token("ref", name),)),)
        if name.startswith("AWS::"):
            return () if name == "AWS::NoValue" else (Alternative((Token("pseudo", name),)),)
        if name in self._parameters:
            default = self._default(name)
            return (
                (Alternative((Token("parameter", name),)),)
                if default is None
                else (Alternative(_text(default)),)
            )
        token = self._generated_token(name)
        return (Alternative((token or Token("unknown", canonical({"Ref": name})),)),)

    def _default(self, name: str) -> str | None:
        match self._parameters.get(name):
            case {"Default": str() | int() | float() as default, **others}:
                # The values of these are looked up in the account at deployment; the default is a
                # parameter's name or an example.
                type_ = others.get("Type")
                if isinstance(type_, str) and type_.startswith(
                    ("AWS::SSM::Parameter", "List<AWS::")
                ):
                    return None
                if isinstance(default, int) and default.bit_length() > _MOST_BITS:
                    return None
                return (
                    ("true" if default else "false") if isinstance(default, bool) else str(default)
                )
            case _:
                return None

    def _generated_token(self, name: str) -> Token | None:
        if name not in self._generated:
            self._generated[name] = self._find_generated(name)
        return self._generated[name]

    def _find_generated(self, name: str) -> Token | None:
        names = _names()
        owner, dot, attribute = name.partition(".")
        if dot and owner in self._resources:
            return Token("attribute", owner, attribute)
        for logical_id, type_ in self._types.items():
            if type_ not in names.generated or not name.startswith(logical_id):
                continue
            for suffix, attribute in names.generated[type_]:
                if suffix.fullmatch(name, len(logical_id)):
                    return (
                        Token("attribute", logical_id, attribute)
                        if attribute
                        else Token("ref", name)
                    )
        if any(name == known or name.startswith(f"{known}.") for known in names.implicit):
            return (
                Token("ref", name)
                if name in names.implicit
                else Token("attribute", *name.split(".", 1))
            )
        if any(name.startswith(known) for known in names.implicit):
            known = next(known for known in names.implicit if name.startswith(known))
            return Token("attribute", known, name[len(known) :])
        return None

    def _get_att(self, argument: Any, depth: int) -> Iterable[Alternative]:
        match argument:
            case str():
                name, attribute = self._owner(str(argument))
                attributes: Iterable[Alternative] = (Alternative(_text(attribute)),)
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
        while owner not in self._resources and "." in rest:
            more, _, rest = rest.partition(".")
            owner = f"{owner}.{more}"
        return (owner, rest) if owner in self._resources else (name, attribute)

    def _attribute(self, name: str, attribute: str, depth: int) -> tuple[Alternative, ...]:
        names = _names()
        resource = self._resources.get(name)
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
        source = names.values.get(self.type(name), {}).get(attribute)
        properties = resource.get("Properties")
        if source is not None and isinstance(properties, Mapping):
            found = self._evaluate(properties.get(source), depth)
            if found:
                return found
        return (Alternative((Token("attribute", name, attribute),)),)

    def _sub(self, text: str, variables: Mapping[Any, Any], depth: int) -> Iterable[Alternative]:
        pieces: list[Iterable[Alternative]] = []
        position = 0
        for found in _SUB.finditer(text):
            pieces.append((Alternative(_text(text[position : found.start()])),))
            position = found.end()
            name = found[1].strip()
            if name.startswith("!"):
                pieces.append((Alternative((f"${{{name[1:]}}}",)),))
            elif name in variables:
                pieces.append(
                    self._evaluate(variables[name], depth) or (_unknown(variables[name]),)
                )
            elif "." in name and name not in self._resources:
                pieces.append(self._get_att(name, depth))
            else:
                pieces.append(self._ref(name, depth))
        pieces.append((Alternative(_text(text[position:])),))
        return self._concatenate(pieces)

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
                    merge(parts) if short else (Token("unknown", "(long text)"),), conditions
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
            case ("Ref", str() as name) if self._is_list(str(name)):
                default = self._default(str(name))
                return (
                    []
                    if default is None
                    else [
                        ([Alternative(_text(item.strip())) for item in default.split(",")], ALWAYS)
                    ]
                )
            case ("Fn::FindInMap", list() as argument):
                mapped = [
                    value for value in self._mapped(argument, depth) if isinstance(value, list)
                ]
                return [row for value in mapped for row in self._lists(value, depth - 1)][
                    :MAX_ALTERNATIVES
                ]
            case _:
                return []

    def _is_list(self, name: str) -> bool:
        match self._parameters.get(name):
            case {"Type": str() as type_}:
                return type_ == "CommaDelimitedList" or type_.startswith("List<")
            case _:
                return False

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
        if isinstance(part, str) or self._returns(part) != "arn":
            return (part,)
        known = family(self.type(part.name))
        if known is None:
            return (part,)
        named = next(
            (attribute for attribute, what in known.attributes.items() if what == "name"), ""
        )
        name = (
            Token("ref", part.name)
            if known.ref == "name" or not named
            else Token("attribute", part.name, named)
        )
        pseudo = {
            "partition": "AWS::Partition",
            "region": "AWS::Region",
            "account": "AWS::AccountId",
        }
        pieces = _SLOT.split(known.arn)
        spelt: list[str | Token] = []
        for index, piece in enumerate(pieces):
            if index % 2 == 0:
                spelt.append(piece)
            elif piece == "name":
                spelt.append(name)
            elif piece in pseudo:
                spelt.append(Token("pseudo", pseudo[piece]))
        return merge(spelt)

    def _returns(self, token: Token) -> str:
        """What a token's text is: "name", "arn", "url" or "id" of its resource; "" when it is
        something else.
        """
        known = family(self.type(token.name)) if token.kind in ("ref", "attribute") else None
        if known is None:
            return ""
        return known.ref if token.kind == "ref" else known.attributes.get(token.attribute, "")

    def _select(self, value: Any, index: Any, items: Any, depth: int) -> Iterable[Alternative]:
        position = self.literal(index)
        lists = self._lists(items, depth)
        if position is None or not position.isdecimal() or not lists:
            return (_unknown(value),)
        place = int(position[:6])
        return [
            Alternative(texts[place].parts, conditions)
            for texts, conditions in lists
            if place < len(texts)
        ] or (_unknown(value),)

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

    # Texts -> resources

    def resolve(self, value: Any, *types: str) -> tuple[Reference, ...]:
        """What a value refers to, lists flattened, in template order; `types` are what the place
        can mean, needed for bare names.

        What a literal name means that no resource declares is an `External`; a value that is no
        text gives nothing.
        """
        found: list[Reference] = []
        for alternative in self._flatten(value, MAX_DEPTH, [MAX_NODES]):
            found.extend(self._match(alternative.parts, types, alternative.conditions))
        return tuple(dict.fromkeys(found))

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
            case ("Ref", str() as name) if (
                self._is_list(str(name)) and self._default(str(name)) is not None
            ):
                for texts, conditions in self._lists(value, depth):
                    yield from (Alternative(text.parts, conditions) for text in texts)
            case ("Fn::FindInMap", list()):
                lists = self._lists(value, depth)
                for texts, conditions in lists:
                    yield from (Alternative(text.parts, conditions) for text in texts)
                if not lists:
                    yield from self._evaluate(value, depth)
            case _:
                yield from self._evaluate(value, depth)

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
        encoded = _Encoded(parts)
        text = encoded.text
        for start, end in _names().wrapped:
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
        return (Reference(External(render(self._key(parts))), conditions),)

    def covered(
        self, parts: Parts, *types: str, conditions: Conditions = ALWAYS
    ) -> tuple[Reference, ...]:
        """The resources whose names a wildcard in an ARN or name covers: `arn:aws:s3:::uploads-*`.

        A resource without a declared name is named after the stack and its logical id. Empty when
        the name holds no wildcard, or nothing but wildcards, which name every resource and none.
        """
        encoded = _Encoded(merge(parts))
        for known in self._candidates(encoded.text, types):
            for pattern in (*known.shapes, *known.urls, *((known.bare,) if types else ())):
                found = pattern.fullmatch(encoded.text)
                if found is not None and _WILD.search(found["name"]):
                    name = render(self._key(encoded.decode(found["name"])))
                    # A wildcard at the end covers what follows the name, too.
                    rest = encoded.decode(
                        found["rest"] or ("*" if found["name"].endswith("*") else "")
                    )
                    return self._wild(known, name, rest, conditions) if name.strip("*?") else ()
        return ()

    def _wild(
        self, known: Family, name: str, rest: Parts, conditions: Conditions
    ) -> tuple[Reference, ...]:
        references = []
        for logical_id in self._resources:
            if self.type(logical_id) not in known.types:
                continue
            declared = render(
                self._declared_name(logical_id)
                or (Token("pseudo", "AWS::StackName"), f"-{logical_id}-\ue000")
            )
            together = both(conditions, self.resource_conditions(logical_id))
            if glob(name, declared) and together is not None and self.compatible(together):
                references.append(Reference(logical_id, together, "", rest))
        return tuple(references)

    def _candidates(self, text: str, types: tuple[str, ...]) -> tuple[Family, ...]:
        names = _names()
        if text.startswith("arn:"):
            service = text.split(":", 3)[2] if text.count(":") > 2 else ""
            return names.families if service == "apigateway" else names.by_service.get(service, ())
        if types:
            return tuple(
                dict.fromkeys(names.by_type[type_] for type_ in types if type_ in names.by_type)
            )
        return names.families if text.startswith(("http", "s3:", "wss:")) or ".s3." in text else ()

    def _of_token(self, token: Token, rest: Parts, conditions: Conditions) -> tuple[Reference, ...]:
        type_ = self.type(token.name)
        names = _names()
        if token.kind == "attribute" and (
            type_ in names.opaque_types or type_.startswith(names.opaque_prefixes)
        ):
            return (Reference(External(_render(token)), conditions, "", rest),)
        together = both(conditions, self.resource_conditions(token.name))
        if together is None or not self.compatible(together):
            return ()
        return (Reference(token.name, together, token.attribute, rest),)

    def _named(
        self, known: Family, encoded: _Encoded, found: re.Match[str], conditions: Conditions
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
                return (Reference(External(_render(token)), conditions, "", rest),)
        place = {key: encoded.decode(groups.get(key) or "") for key in ("region", "account")}
        return (
            Reference(External(_arn(known, render(self._key(name)), place)), conditions, "", rest),
        )

    def _may_name(self, token: Token, known: Family) -> bool:
        """Whether a resource's token as whole name is that resource, and not another one that
        shares its name.
        """
        own = family(self.type(token.name))
        return own is None or own.key == known.key or self._returns(token) != "name"

    def _bare(
        self, encoded: _Encoded, types: tuple[str, ...], conditions: Conditions
    ) -> tuple[Reference, ...]:
        families = tuple(
            dict.fromkeys(_names().by_type[type_] for type_ in types if type_ in _names().by_type)
        )
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
        key = self._key(name)
        if known.strip and key and isinstance(key[0], str):
            return merge((key[0].lstrip(known.strip), *key[1:]))
        return key

    def _named_index(self) -> dict[tuple[str, Parts], list[_Named]]:
        if self._index is None:
            self._index = {}
            for logical_id, resource in self._resources.items():
                known = family(self.type(logical_id))
                properties = resource.get("Properties")
                if known is None or not known.name or not isinstance(properties, Mapping):
                    continue
                for alternative in self.alternatives(properties.get(known.name)):
                    conditions = both(alternative.conditions, self.resource_conditions(logical_id))
                    key = self._name_key(known, alternative.parts)
                    if key and conditions is not None:
                        self._index.setdefault((known.key, key), []).append(
                            _Named(logical_id, conditions)
                        )
        return self._index

    def _key(self, parts: Parts) -> Parts:
        """The text with names of resources replaced by what they declare, so that two spellings of
        one name are equal.
        """
        if not any(isinstance(part, Token) for part in parts):
            return parts
        spelt: list[str | Token] = []
        for part in parts:
            declared = (
                self._declared_name(part.name)
                if isinstance(part, Token) and self._returns(part) == "name"
                else None
            )
            spelt.extend(declared or (part,))
        return merge(spelt)

    def _declared_name(self, logical_id: str) -> Parts | None:
        if logical_id not in self._declared:
            self._declared[logical_id] = None
            known = family(self.type(logical_id))
            properties = self._resources[logical_id].get("Properties")
            if known is not None and known.name and isinstance(properties, Mapping):
                match self.alternatives(properties.get(known.name)):
                    case (Alternative(parts, conditions),) if parts and not conditions:
                        self._declared[logical_id] = self._key(parts)
        return self._declared[logical_id]

    def physical_name(self, logical_id: str) -> Parts:
        """The name a resource declares, `("orders",)`; empty when it declares none, or one of
        several.
        """
        return (self._declared_name(logical_id) or ()) if logical_id in self._resources else ()


def _section(template: Mapping[Any, Any], name: str) -> list[tuple[Any, Any]]:
    section = template.get(name)
    return (
        [(key, value) for key, value in section.items() if isinstance(key, str)]
        if isinstance(section, Mapping)
        else []
    )


def _text(value: str) -> Parts:
    """A literal text; dynamic references in it are only known at deployment.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    if "{{resolve:" not in value:
        return (str(value),) if value else ()
    return merge(
        Token("unknown", piece) if index % 2 else piece
        for index, piece in enumerate(_DYNAMIC.split(value))
    )


def _unknown(value: Any) -> Alternative:
    return Alternative((Token("unknown", canonical(value)),))


def _continues(part: str | Token) -> bool:
    """Whether a text after an identifier qualifies it, and is not part of a longer name."""
    return isinstance(part, str) and part[0] in "/:*?#"


def _interleave(pieces: Sequence[Any], separator: Any) -> Iterator[Any]:
    for index, piece in enumerate(pieces):
        if index:
            yield separator
        yield piece


def _arn(known: Family, name: str, place: Mapping[str, Parts]) -> str:
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

    return _SLOT.sub(slot, known.arn)

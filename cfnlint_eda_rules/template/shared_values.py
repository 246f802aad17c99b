"""Values that one stack gives another by name: exports and parameters of the parameter store.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.intrinsics import canonical, intrinsic
from cfnlint_eda_rules.template.references import References
from cfnlint_eda_rules.template.sections import section_of
from cfnlint_eda_rules.template.symbolic_text import Parts, Token

SSM_PARAMETER = "AWS::SSM::Parameter"

_MOST_NODES = 200_000
_SSM_TYPE = f"{SSM_PARAMETER}::"
_DYNAMIC = re.compile(r"\{\{resolve:ssm:([\w./-]+)(?::\d+)?\}\}")
# The CDK looks up the version of its bootstrap stack in every template.
_NOT_SHARED = "/cdk-bootstrap/"


class Stack(Protocol):
    """A stack whose outputs and parameters others may read."""

    @property
    def template(self) -> Mapping[str, Any]:
        """The stack's template as it is written."""

    def value(self, node: Any) -> Any:
        """A value of the template as others see it."""

    def output(self, name: str) -> Any:
        """The value of an output as others see it; None when there is none."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names under which a template gives values to other stacks, and those it reads."""

    exports: tuple[Parts, ...]
    imports: tuple[Parts, ...]
    stored: frozenset[str]
    looked_up: frozenset[str]

    def words(self) -> frozenset[str]:
        """Texts, one of which stands in every template that shares a value with this one: what is
        literal at the end of a name.
        """
        named = (name[-1] for name in (*self.exports, *self.imports) if name)
        ends = frozenset(end for end in named if isinstance(end, str))
        return ends | self.stored | self.looked_up

    def gives(self, other: Names) -> bool:
        """Whether the other template reads a value that this one gives."""
        return bool(self.stored & other.looked_up) or any(
            same_name(exported, imported) for exported in self.exports for imported in other.imports
        )


def names_of(template: Mapping[str, Any]) -> Names:
    """The names in a template, those of parameters of the parameter store as far as literal."""
    references = References(template)
    imports: list[Parts] = []
    looked_up: set[str] = set()
    for node in _nodes(template):
        match intrinsic(node):
            case ("Fn::ImportValue", name):
                imports.extend(found.parts for found in references.alternatives(name))
        if isinstance(node, str):
            looked_up.update(_DYNAMIC.findall(node))
    for definition in section_of(template, "Parameters").values():
        match definition:
            case {"Type": str() as kind, "Default": str() as name} if kind.startswith(_SSM_TYPE):
                looked_up.add(str(name))
    exports = [
        found.parts
        for name in _export_names(template).values()
        for found in references.alternatives(name)
    ]
    stored = {references.literal(name) for name, _ in _stored(template)} - {None}
    return Names(
        tuple(exports),
        tuple(dict.fromkeys(imports)),
        frozenset(str(name) for name in stored),
        frozenset(name for name in looked_up if not name.startswith(_NOT_SHARED)),
    )


def same_name(exported: Parts, imported: Parts) -> bool:
    """Whether an import of one stack can mean an export of another.

    An export that begins with its stack's name is meant by whatever names a stack before the same
    rest.
    """
    if not any(_is_stack_name(part) for part in exported):
        return exported == imported
    match exported:
        case (first, str() as rest) if _is_stack_name(first):
            last = imported[-1] if imported else ""
            return isinstance(last, str) and last.endswith(rest) and imported != (rest,)
    return False


def _is_stack_name(part: str | Token) -> bool:
    return isinstance(part, Token) and part.name.endswith("AWS::StackName")


class SharedValues:
    """The exports and stored parameters of the stacks that are read together."""

    def __init__(self) -> None:
        self._exports: list[tuple[Parts, Stack, str]] = []
        self._stored: dict[str, list[tuple[Stack, Any]]] = {}
        self._references: dict[int, References] = {}

    def look_in(self, stacks: Sequence[Stack]) -> None:
        """Takes up what these stacks give."""
        for stack in stacks:
            references = self._of(stack)
            for output, name in _export_names(stack.template).items():
                for found in references.alternatives(name):
                    self._exports.append((found.parts, stack, output))
            for name, value in _stored(stack.template):
                literal = references.literal(name)
                key = canonical(stack.value(name) if literal is None else literal)
                self._stored.setdefault(key, []).append((stack, value))

    def exported(self, importer: Stack, name: Any) -> Any:
        """The value of the one export that an import of a stack means; None when there is none."""
        found: list[tuple[Parts, Stack, str]] = []
        for imported in self._of(importer).alternatives(name) if self._exports else ():
            found += [entry for entry in self._exports if same_name(entry[0], imported.parts)]
        exact = [entry for entry in found if all(isinstance(part, str) for part in entry[0])]
        match exact or found:
            case [(_, stack, output)] if stack is not importer:
                return stack.output(output)
        return None

    def stored(self, name: Any) -> Any:
        """The value of the one parameter that a template puts in the parameter store under this
        name; None when there is none.
        """
        match self._stored.get(canonical(name)) if name is not None and self._stored else None:
            case [(stack, value)]:
                return stack.value(value)
        return None

    def resolved(self, text: str) -> Any:
        """The text with dynamic references to parameters that a template stores replaced."""
        if not self._stored or "{{resolve:ssm:" not in text:
            return text
        pieces = _DYNAMIC.split(text)
        values = [self.stored(piece) if index % 2 else piece for index, piece in enumerate(pieces)]
        if None in values:
            return text
        kept = [value for value in values if value != ""]
        return kept[0] if len(kept) == 1 else {"Fn::Join": ["", kept]}

    def _of(self, stack: Stack) -> References:
        if id(stack) not in self._references:
            self._references[id(stack)] = References(stack.template)
        return self._references[id(stack)]


def _export_names(template: Mapping[str, Any]) -> dict[str, Any]:
    """Output -> the template value of the name it is exported under."""
    found: dict[str, Any] = {}
    for output, described in section_of(template, "Outputs").items():
        match described:
            case {"Export": {"Name": name}}:
                found[output] = name
    return found


def _stored(template: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """(name, value) of the parameters that a template puts in the parameter store."""
    for resource in section_of(template, "Resources").values():
        match resource:
            case {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Value": value}}:
                yield name, value


def _nodes(template: Mapping[str, Any]) -> Iterator[Any]:
    """Every value of a template, at most 200,000."""
    waiting: list[Any] = [section_of(template, "Resources"), section_of(template, "Outputs")]
    left = _MOST_NODES
    while waiting and left > 0:
        left -= 1
        node = waiting.pop()
        yield node
        if isinstance(node, Mapping):
            waiting.extend(node.values())
        elif isinstance(node, list | tuple):
            waiting.extend(node)

"""Stacks that are one application: a template, the local templates it nests, those it exchanges
values with and the one that nests it, as one template.

Each resource of a nested stack stands beside the parent's under `Child.Worker`
(`Child.Grand.Worker` when nested deeper), each of a neighbour under `Neighbour.Worker`: a logical
id has no dot, so these are unique. What a nested stack is given as parameters is put in place of
them; outputs, exports and values of SSM parameters in place of their mentions.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.boundary import Boundary, project_root
from cfnlint_eda_rules.template.intrinsics import Variable, intrinsic, sub_pieces
from cfnlint_eda_rules.template.neighbours import neighbours, nesting_templates, unique
from cfnlint_eda_rules.template.sections import section_of
from cfnlint_eda_rules.template.shared_values import SharedValues
from cfnlint_eda_rules.template.template_files import (
    is_stack,
    read_template,
    template_location,
)

MAX_STACKS = 50
MAX_NESTING = 5

_MOST_NODES = 400_000
_MOST_CONDITIONS = 200
_HEAVIEST = 2_000
_DEEPEST = 100
_OWN_PSEUDO_PARAMETERS = frozenset({"AWS::StackName", "AWS::StackId"})
_NO_VALUE = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, slots=True)
class Joined:
    """A template with the resources of the stacks that are read with it.

    `files` maps stacks, "Child", "Child.Grand" or "Neighbour", to their template files, `templates`
    to the templates as they are read; empty when there are none, and `template` is then the very
    object it was made from. `nested` are the logical ids of the template's own nested stacks.
    `solver` knows the other stacks' conditions too; None when they bring none.
    """

    template: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    nested: frozenset[str] = frozenset()
    solver: Any | None = None

    def stack_of(self, logical_id: str) -> str:
        """The stack a resource lies in; "" for the resources of the template itself."""
        stack = logical_id.rpartition(".")[0] if self.files else ""
        return stack if stack in self.files else ""

    def nested_in(self, logical_id: str) -> str:
        """The nested stack of the template itself that brings a resource, however deep it lies; ""
        for the template's own resources and for those of other templates.
        """
        outermost = self.stack_of(logical_id).partition(".")[0]
        return outermost if outermost in self.nested else ""

    def elsewhere(self, logical_id: str) -> bool:
        """Whether a resource belongs to a stack that this template neither is nor nests."""
        return bool(self.stack_of(logical_id)) and not self.nested_in(logical_id)


def joined(
    template: Mapping[str, Any], filename: str | None, globs: Sequence[str] | None = ()
) -> Joined:
    """The template with its nested stacks and its neighbours, at most 50 of them and 5 deep;
    `filename` is where it lies, nothing is read with it without.

    `globs` name more templates that may be neighbours, relative to the project; None leaves
    neighbours out. Nested templates that are not local, not readable, outside of the project, no
    templates, or among those they are nested in stay as they are in the template.
    """
    if not filename:
        return Joined(template)
    shared = _Shared(filename, MAX_STACKS, _MOST_NODES)
    root = _Stack(template, filename, "", None, {}, shared)
    root.open((os.path.realpath(filename),))
    others = [] if globs is None else list(_others(root, globs))
    if not root.children and not others:
        return Joined(template)
    shared.values.look_in([root, *root.below(), *others])
    whole: dict[str, dict[str, Any]] = {
        name: dict(section_of(template, name)) for name in ("Parameters", "Mappings", "Conditions")
    }
    whole["Resources"] = {}
    known = len(whole["Conditions"])
    for stack in (root, *(other for other in others if other.outermost)):
        stack.write(whole, "")
    stacks = [*root.below(), *others]
    for stack in (root, *stacks):
        whole["Parameters"].update(stack.open_parameters())
    together = {
        **template,
        **{name: found for name, found in whole.items() if found or name in template},
    }
    return Joined(
        together,
        {stack.name: stack.filename for stack in stacks},
        {stack.name: stack.template for stack in stacks},
        frozenset(root.children),
        _Solver(together) if len(whole["Conditions"]) > known else None,
    )


def _others(root: _Stack, globs: Sequence[str]) -> Iterator[_Stack]:
    """The stacks of the templates that nest this one, and of those that share values with any."""
    boundary = Boundary(project_root(root.filename))
    read = {os.path.realpath(root.filename)}
    taken = set(root.children)
    inner, family = root, [root, *root.below()]
    for nesting in nesting_templates(root.template, root.filename, MAX_NESTING, globs, boundary):
        outer = _Stack(
            nesting.template,
            nesting.filename,
            f"{unique(nesting.name, taken)}.",
            None,
            {},
            root.shared,
        )
        outer.nest(nesting.logical_id, inner)
        outer.open((os.path.realpath(nesting.filename),))
        yield outer
        for stack in outer.below():
            if stack is not root and not stack.is_below(root):
                family.append(stack)
                if stack is not inner:
                    yield stack
        family.append(outer)
        inner = outer
    read.update(os.path.realpath(stack.filename) for stack in family)
    files = [(stack.template, stack.filename) for stack in family]
    for other in neighbours(files, root.filename, globs, read, boundary):
        if root.shared.stacks <= 0:
            return
        root.shared.stacks -= 1
        stack = _Stack(
            other.template, other.filename, f"{unique(other.name, taken)}.", None, {}, root.shared
        )
        stack.open((os.path.realpath(other.filename),))
        yield stack
        yield from stack.below()


class _Solver:
    """cfn-lint's solver of conditions for the joined template, made when first asked: most
    templates never do.
    """

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._template = template

    @cached_property
    def _conditions(self) -> Any:
        from cfnlint.conditions import Conditions

        sections = {
            name: self._template[name]
            for name in ("Parameters", "Conditions", "Rules")
            if name in self._template
        }
        return Conditions(SimpleNamespace(template=sections))

    def get(self, name: str, default: Any = None) -> Any:
        """The condition of that name, as `cfnlint.conditions.Conditions.get`; `default` for all
        when there are too many to solve.
        """
        return (
            self._conditions.get(name, default)
            if len(self._template["Conditions"]) <= _MOST_CONDITIONS
            else default
        )

    def build_scenarios(self, conditions: Any, *rest: Any) -> Iterator[Any]:
        """The scenarios that conditions can have together, as
        `cfnlint.conditions.Conditions.build_scenarios`.
        """
        yield from self._conditions.build_scenarios(conditions, *rest)


class _Shared:
    """What the stacks of one application share: the file of the outermost template, what is left to
    be read and written, the templates read, and the values that one stack gives another by name.
    """

    def __init__(self, filename: str, stacks: int, nodes: int) -> None:
        self.filename = filename
        self.stacks = stacks
        self.nodes = nodes
        self.read: dict[str, Mapping[str, Any] | None] = {}
        self.values = SharedValues()


class _Stack:
    """One template at its place among the stacks: `prefix` is "" for the template itself, "Child."
    or "Neighbour." for others, `arguments` are the values of a parent for its parameters.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        filename: str,
        prefix: str,
        parent: _Stack | None,
        arguments: Mapping[str, Any],
        shared: _Shared,
    ) -> None:
        self.template = template
        self.filename = filename
        self.prefix = prefix
        self.shared = shared
        self.children: dict[str, _Stack] = {}
        self._parent = parent
        self._arguments = arguments
        self._resources = section_of(template, "Resources")
        self._parameters = section_of(template, "Parameters")
        self._mappings = section_of(template, "Mappings")
        self._conditions = section_of(template, "Conditions")
        self._outputs = section_of(template, "Outputs")
        self._done: dict[int, tuple[Any, Any]] = {}
        self._active: set[int] = set()
        self._bound: dict[str, Any] = {}
        self._given: dict[str, Any] = {}
        self._decided: dict[str, bool | None] = {}
        self._unbound: dict[str, None] = {}

    @property
    def name(self) -> str:
        """The stack's name in the joined template: "Child.Grand"."""
        return self.prefix[:-1]

    @property
    def outermost(self) -> bool:
        """Whether no other stack that is read nests it."""
        return self._parent is None

    def is_below(self, other: _Stack) -> bool:
        """Whether the other stack nests this one, at any depth."""
        parent = self._parent
        while parent is not None and parent is not other:
            parent = parent._parent
        return parent is other

    def nest(self, logical_id: str, stack: _Stack) -> None:
        """Takes a stack that is there already as the nested stack of that logical id."""
        properties = section_of(self._resources[logical_id], "Properties")
        stack._parent, stack._arguments = self, section_of(properties, "Parameters")
        self.children[logical_id] = stack

    def below(self) -> Iterator[_Stack]:
        """The stacks nested in this one, at any depth."""
        for child in self.children.values():
            yield child
            yield from child.below()

    # ----------------------------------------------------------------------------------------------

    def open(self, trail: tuple[str, ...]) -> None:
        """Reads the templates nested in this one, and in those; `trail` are the files this one is
        nested in.
        """
        if len(trail) > MAX_NESTING:
            return
        for logical_id, resource in self._resources.items():
            location = template_location(resource) if is_stack(resource) else None
            if location is None or "." in logical_id or logical_id in self.children:
                continue
            filename = str(Path(self.filename).parent / location)
            real = os.path.realpath(filename)
            if real in trail or self.shared.stacks <= 0:
                continue
            if real not in self.shared.read:
                self.shared.read[real] = read_template(self.filename, location, filename)
            template = self.shared.read[real]
            if template is None:
                continue
            self.shared.stacks -= 1
            arguments = section_of(section_of(resource, "Properties"), "Parameters")
            child = _Stack(
                template, filename, f"{self.prefix}{logical_id}.", self, arguments, self.shared
            )
            self.children[logical_id] = child
            child.open((*trail, real))

    # ----------------------------------------------------------------------------------------------

    def write(self, whole: Mapping[str, dict[str, Any]], held: str) -> None:
        """Adds what the stack declares to the sections of the joined template; `held` is the
        condition the whole stack is under.
        """
        if self.prefix:
            for name, condition in self._conditions.items():
                whole["Conditions"].setdefault(self.prefix + name, self.value(condition))
            for name, mapping in self._mappings.items():
                whole["Mappings"].setdefault(self.prefix + name, mapping)
        for logical_id, resource in self._resources.items():
            own = resource.get("Condition") if isinstance(resource, Mapping) else None
            name = str(own) if isinstance(own, str) else ""
            if name and self._holds(name) is False:
                continue
            condition = (
                held
                if not name or self._holds(name)
                else _both(whole["Conditions"], self._condition_name(name), held)
            )
            child = self.children.get(logical_id)
            if child is not None and child.prefix:
                child.write(whole, condition)
            elif child is None:
                whole["Resources"].setdefault(
                    self.prefix + logical_id, self._resource(resource, condition)
                )

    def _resource(self, resource: Any, condition: str) -> Any:
        new = self.value(resource)
        if not self.prefix or not isinstance(new, Mapping):
            return new
        written = {str(key): value for key, value in new.items() if key != "Condition"}
        if condition:
            written["Condition"] = condition
        match written.get("DependsOn"):
            case str() as name:
                written["DependsOn"] = self.prefix + name
            case list() as names:
                written["DependsOn"] = [
                    self.prefix + name for name in names if isinstance(name, str)
                ]
        for key in (
            "Connectors",
            *(("Properties",) if written.get("Type") == "AWS::Serverless::Connector" else ()),
        ):
            if key in written:
                written[key] = self._connected(written[key], 6)
        match written.get("Properties"):
            case {"DefinitionUri": str() as location, **others}:
                written["Properties"] = {**others, "DefinitionUri": self._relocated(location)}
        return written

    def _connected(self, value: Any, depth: int) -> Any:
        """The source and destinations of a SAM connector: they name resources by plain logical
        ids.
        """
        match value:
            case Mapping() if depth > 0:
                return {
                    key: self.prefix + item
                    if key == "Id" and isinstance(item, str) and item in self._resources
                    else self._connected(item, depth - 1)
                    for key, item in value.items()
                }
            case list() if depth > 0:
                return [self._connected(item, depth - 1) for item in value]
        return value

    def _relocated(self, location: str) -> str:
        """A path relative to this template as one relative to the outermost."""
        if "://" in location or "\0" in location:
            return location
        return os.path.relpath(
            Path(self.filename).parent / location, Path(self.shared.filename).parent
        )

    # ----------------------------------------------------------------------------------------------

    def value(self, node: Any, depth: int = _DEEPEST) -> Any:
        """A value of this template as one of the joined template; the very object where nothing
        in it changes.
        """
        if isinstance(node, str):
            return self.shared.values.resolved(node)
        if not isinstance(node, Mapping | list | tuple):
            return node
        known = self._done.get(id(node))
        if known is not None:
            return known[1]
        self.shared.nodes -= 1
        if depth <= 0 or id(node) in self._active or self.shared.nodes < 0:
            return None if self.prefix else node
        self._active.add(id(node))
        try:
            new = self._rewritten(node, depth - 1)
        finally:
            self._active.discard(id(node))
        # The value is kept beside the result so that its id is not given to another object.
        self._done[id(node)] = (node, new)
        return new

    def _rewritten(self, node: Any, depth: int) -> Any:
        match intrinsic(node):
            case ("Ref", str() as name):
                return self._or(self._ref(name), node)
            case ("Fn::GetAtt", str() as text):
                owner, _, attribute = text.partition(".")
                return self._or(self._attribute(owner, [attribute], depth), node)
            case ("Fn::GetAtt", [str() as owner, *rest]):
                return self._or(self._attribute(owner, rest, depth), node)
            case ("Fn::Sub", str() as text):
                return self._sub(node, text, {}, depth)
            case ("Fn::Sub", [str() as text, Mapping() as local]):
                return self._sub(node, text, local, depth)
            case ("Fn::ImportValue", name):
                exported = self.shared.values.exported(self, name)
                return self._or(exported, self._mapped(node, depth))
        if self.prefix or self._parent is not None:
            match intrinsic(node):
                case ("Condition", str() as name):
                    return {"Condition": self._condition_name(name)}
                case ("Fn::If", [str() as name, yes, no]):
                    holds = self._holds(name)
                    if holds is not None:
                        return self.value(yes if holds else no, depth)
                    return {
                        "Fn::If": [
                            self._condition_name(name),
                            self.value(yes, depth),
                            self.value(no, depth),
                        ]
                    }
                case ("Fn::FindInMap", [str() as name, *keys]) if (
                    self.prefix and name in self._mappings
                ):
                    return {
                        "Fn::FindInMap": [
                            self.prefix + name,
                            *(self.value(key, depth) for key in keys),
                        ]
                    }
                case (
                    "Fn::Transform",
                    {
                        "Name": "AWS::Include",
                        "Parameters": {"Location": str() as location, **others},
                    },
                ) if self.prefix:
                    parameters = {**others, "Location": self._relocated(location)}
                    return {"Fn::Transform": {"Name": "AWS::Include", "Parameters": parameters}}
        return self._mapped(node, depth)

    def _mapped(self, node: Any, depth: int) -> Any:
        """The same mapping or list of values of the joined template."""
        if isinstance(node, Mapping):
            new = {key: self.value(item, depth) for key, item in node.items()}
            return new if any(new[key] is not item for key, item in node.items()) else node
        items = [self.value(item, depth) for item in node]
        return items if any(new is not old for new, old in zip(items, node, strict=True)) else node

    @staticmethod
    def _or(new: Any, node: Any) -> Any:
        return node if new is None else new

    def _condition_name(self, name: str) -> str:
        return self.prefix + name if name in self._conditions else name

    def _ref(self, name: str) -> Any:
        """What Ref gives; None where it stays as it is."""
        if name in self._parameters and name not in self._resources:
            value = self._parameter(name)
            return None if not self.prefix and name in self._unbound else value
        if not self.prefix:
            return None
        if name.startswith("AWS::") and name not in _OWN_PSEUDO_PARAMETERS:
            return None
        return {"Ref": self.prefix + name}

    def _attribute(self, owner: str, rest: list[Any], depth: int) -> Any:
        """What Fn::GetAtt gives; None where it stays as it is."""
        if owner in self.children and all(isinstance(part, str) for part in rest):
            section, _, name = ".".join(rest).partition(".")
            output = self.children[owner].output(name) if section == "Outputs" else None
            if output is not None:
                return output
        return (
            {"Fn::GetAtt": [self.prefix + owner, *(self.value(part, depth) for part in rest)]}
            if self.prefix
            else None
        )

    def _sub(self, node: Any, text: str, local: Mapping[Any, Any], depth: int) -> Any:
        """Fn::Sub with a variable for everything that is called otherwise in the flattened
        template.
        """
        variables: dict[Any, Any] = {key: self.value(item, depth) for key, item in local.items()}
        changed = any(variables[key] is not item for key, item in local.items())
        for name in dict.fromkeys(
            piece.name for piece in sub_pieces(text) if isinstance(piece, Variable)
        ):
            if name in variables:
                continue
            owner, dot, attribute = name.partition(".")
            new = self._attribute(owner, [attribute], depth) if dot else self._ref(name)
            if new is not None:
                variables[name] = {"Fn::Join": [",", new]} if isinstance(new, list) else new
                changed = True
        return {"Fn::Sub": [text, variables]} if changed else node

    # ----------------------------------------------------------------------------------------------

    def _parameter(self, name: str) -> Any:
        """What a parameter is: the parent's value, else its default; a parameter of the flattened
        template where that is not known.
        """
        if name not in self._bound:
            opaque = {"Ref": self.prefix + name}
            # A template whose parameters depend on its own outputs finds this.
            self._bound[name] = opaque
            value = self._binding(name)
            if value is None or not _light(value):
                self._unbound[name] = None
            else:
                self._bound[name] = value
        return self._bound[name]

    def _binding(self, name: str) -> Any:
        definition = self._parameters.get(name)
        type_ = definition.get("Type") if isinstance(definition, Mapping) else None
        kind = type_ if isinstance(type_, str) else "String"
        given = name in self._arguments and self._parent is not None
        value = self._parent.value(self._arguments[name]) if given and self._parent else None
        if value is None or value == _NO_VALUE:
            value = definition.get("Default") if isinstance(definition, Mapping) else None
            if isinstance(value, Mapping | list):
                return None
        # The value of these is what the parameter store holds under the name given.
        if kind.startswith("AWS::SSM::Parameter"):
            return self.shared.values.stored(value)
        if self._parent is None:
            return None
        if isinstance(value, bool | int | float):
            value = _text(value)
        if (
            not (kind == "CommaDelimitedList" or kind.startswith("List<"))
            or value is None
            or isinstance(value, list)
        ):
            return value
        return (
            [item.strip() for item in value.split(",")]
            if isinstance(value, str)
            else {"Fn::Split": [",", value]}
        )

    def open_parameters(self) -> Iterator[tuple[str, Any]]:
        """The parameters that stayed parameters of the joined template, those whose value is not
        understood without their default.
        """
        for name in self._unbound:
            definition = section_of(self._parameters, name)
            yield (
                self.prefix + name,
                {
                    key: item
                    for key, item in definition.items()
                    if key != "Default" or name not in self._arguments
                },
            )

    def output(self, name: str) -> Any:
        """The value of an output, None when there is none."""
        if name not in self._given:
            self._given[name] = None
            match self._outputs.get(name):
                case {"Value": value, **others}:
                    new = self.value(value)
                    condition = others.get("Condition")
                    if isinstance(condition, str) and (holds := self._holds(condition)) is not True:
                        new = (
                            _NO_VALUE
                            if holds is False
                            else {"Fn::If": [self._condition_name(condition), new, _NO_VALUE]}
                        )
                    self._given[name] = new if _light(new) else None
        return self._given[name]

    # ----------------------------------------------------------------------------------------------

    def _holds(self, name: str) -> bool | None:
        """Whether a condition of a nested stack holds, where its parameters' values decide that;
        None when they do not.
        """
        if self._parent is None or name not in self._conditions:
            return None
        if name not in self._decided:
            self._decided[name] = None
            self._decided[name] = self._decide(self._conditions[name], _DEEPEST)
        return self._decided[name]

    def _decide(self, expression: Any, depth: int) -> bool | None:
        match intrinsic(expression) if depth > 0 else None:
            case ("Condition", str() as name):
                return self._holds(name)
            case ("Fn::Equals", [left, right]):
                texts = [_text(self.value(side)) for side in (left, right)]
                return None if None in texts else texts[0] == texts[1]
            case ("Fn::Not", [only]):
                answer = self._decide(only, depth - 1)
                return None if answer is None else not answer
            case ("Fn::And" | "Fn::Or" as function, list() as several) if len(several) <= 10:
                answers = [self._decide(one, depth - 1) for one in several]
                decisive = function == "Fn::Or"
                return (
                    decisive if decisive in answers else None if None in answers else not decisive
                )
        return None


def _both(conditions: dict[str, Any], first: str, second: str) -> str:
    """The name of a condition that holds when both do; "" is one that always holds."""
    if not first or not second or first == second:
        return first or second
    name = f"{first} and {second}"
    conditions.setdefault(name, {"Fn::And": [{"Condition": first}, {"Condition": second}]})
    return name


def _text(value: Any) -> str | None:
    """A scalar as CloudFormation compares it; None for anything else."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
    return None


def _light(value: Any) -> bool:
    """Whether an expression is small enough to be put in many places: what mentions itself or grows
    from stack to stack is not.
    """
    left = _HEAVIEST
    waiting = [value]
    while waiting:
        node = waiting.pop()
        left -= len(node) // 256 + 1 if isinstance(node, str) else 1
        if left < 0:
            return False
        if isinstance(node, Mapping):
            waiting.extend(node.values())
        elif isinstance(node, list | tuple):
            waiting.extend(node)
    return True

"""Nested stacks: a template and the local templates it nests, as one template.

Each resource of a nested stack stands beside the parent's under `Child.Worker`
(`Child.Grand.Worker` when nested deeper): a logical id has no dot, so these are unique. What a
nested stack is given as parameters is put in place of them, its outputs in place of their mentions.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.documents import read_document
from cfnlint_eda_rules.template.references import intrinsic

MAX_STACKS = 50
MAX_NESTING = 5

_STACK = "AWS::CloudFormation::Stack"
_SAM_APPLICATION = "AWS::Serverless::Application"
_MOST_NODES = 400_000
_MOST_CONDITIONS = 200
_HEAVIEST = 2_000
_DEEPEST = 100
_SUB = re.compile(r"\$\{([^{}]*)\}")
_OWN_PSEUDO_PARAMETERS = frozenset({"AWS::StackName", "AWS::StackId"})
_NO_VALUE = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, slots=True)
class Flattened:
    """A template with the resources of its nested stacks.

    `files` maps nested stacks, "Child" or "Child.Grand", to their template files; empty when there
    are none, and `template` is then the very object it was made from. `solver` knows the nested
    stacks' conditions too; None when they bring none.
    """

    template: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    solver: Any | None = None

    def stack_of(self, logical_id: str) -> str:
        """The nested stack a resource lies in; "" for the resources of the template itself."""
        stack = logical_id.rpartition(".")[0] if self.files else ""
        return stack if stack in self.files else ""

    def nested_in(self, logical_id: str) -> str:
        """The nested stack of the template itself that brings a resource, however deep it lies; ""
        for the template's own resources.
        """
        return self.stack_of(logical_id).partition(".")[0]


def flattened(template: Mapping[str, Any], filename: str | None) -> Flattened:
    """The template with its nested stacks, at most 50 of them and 5 deep; `filename` is where it
    lies, nothing is nested without.

    Nested templates that are not local, not readable, outside of the project, no templates, or
    among those they are nested in stay as they are in the template.
    """
    resources = _section(template, "Resources")
    if not filename or not any(_is_stack(resource) for resource in resources.values()):
        return Flattened(template)
    budget = _Budget(MAX_STACKS, _MOST_NODES)
    root = _Stack(template, filename, "", None, {}, budget)
    root.open((os.path.realpath(filename),), {})
    if not root.children:
        return Flattened(template)
    whole: dict[str, dict[str, Any]] = {
        name: dict(_section(template, name)) for name in ("Parameters", "Mappings", "Conditions")
    }
    whole["Resources"] = {}
    root.write(whole, "")
    for stack in root.below():
        whole["Parameters"].update(stack.open_parameters())
    brought = len(whole["Conditions"]) > len(_section(template, "Conditions"))
    together = {
        **template,
        **{name: section for name, section in whole.items() if section or name in template},
    }
    return Flattened(
        together,
        {stack.name: stack.filename for stack in root.below()},
        _Solver(together) if brought else None,
    )


class _Solver:
    """cfn-lint's solver of conditions for the flattened template, made when first asked: most
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


@dataclass(slots=True)
class _Budget:
    stacks: int
    nodes: int


class _Stack:
    """One template at its place in the tree of stacks: `prefix` is "" or "Child.", `arguments` are
    the parent's values for parameters.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        filename: str,
        prefix: str,
        parent: _Stack | None,
        arguments: Mapping[str, Any],
        budget: _Budget,
    ) -> None:
        self.filename = filename
        self.prefix = prefix
        self.children: dict[str, _Stack] = {}
        self._parent = parent
        self._root: _Stack = parent._root if parent is not None else self
        self._arguments = arguments
        self._budget = budget
        self._resources = _section(template, "Resources")
        self._parameters = _section(template, "Parameters")
        self._mappings = _section(template, "Mappings")
        self._conditions = _section(template, "Conditions")
        self._outputs = _section(template, "Outputs")
        self._done: dict[int, tuple[Any, Any]] = {}
        self._active: set[int] = set()
        self._bound: dict[str, Any] = {}
        self._given: dict[str, Any] = {}
        self._decided: dict[str, bool | None] = {}
        self._unbound: dict[str, None] = {}

    @property
    def name(self) -> str:
        """The stack's name in the flattened template: "Child.Grand"."""
        return self.prefix[:-1]

    def below(self) -> Iterator[_Stack]:
        """The stacks nested in this one, at any depth."""
        for child in self.children.values():
            yield child
            yield from child.below()

    # ----------------------------------------------------------------------------------------------

    def open(self, trail: tuple[str, ...], read: dict[str, Mapping[str, Any] | None]) -> None:
        """Reads the templates nested in this one, and in those; `trail` are the files this one is
        nested in.
        """
        if len(trail) > MAX_NESTING:
            return
        for logical_id, resource in self._resources.items():
            location = _location(resource) if _is_stack(resource) else None
            if location is None or "." in logical_id:
                continue
            filename = str(Path(self.filename).parent / location)
            real = os.path.realpath(filename)
            if real in trail or self._budget.stacks <= 0:
                continue
            if real not in read:
                read[real] = _template(self.filename, location, filename)
            template = read[real]
            if template is None:
                continue
            self._budget.stacks -= 1
            arguments = _section(_section(resource, "Properties"), "Parameters")
            child = _Stack(
                template, filename, f"{self.prefix}{logical_id}.", self, arguments, self._budget
            )
            self.children[logical_id] = child
            child.open((*trail, real), read)

    # ----------------------------------------------------------------------------------------------

    def write(self, whole: Mapping[str, dict[str, Any]], held: str) -> None:
        """Adds what the stack declares to the sections of the flattened template; `held` is the
        condition the whole stack is under.
        """
        if self._parent is not None:
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
            if logical_id in self.children:
                self.children[logical_id].write(whole, condition)
            else:
                whole["Resources"].setdefault(
                    self.prefix + logical_id, self._resource(resource, condition)
                )

    def _resource(self, resource: Any, condition: str) -> Any:
        new = self.value(resource)
        if self._parent is None or not isinstance(new, Mapping):
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
            Path(self.filename).parent / location, Path(self._root.filename).parent
        )

    # ----------------------------------------------------------------------------------------------

    def value(self, node: Any, depth: int = _DEEPEST) -> Any:
        """A value of this template as one of the flattened template; the very object where nothing
        in it changes.
        """
        if not isinstance(node, Mapping | list | tuple):
            return node
        known = self._done.get(id(node))
        if known is not None:
            return known[1]
        self._budget.nodes -= 1
        if depth <= 0 or id(node) in self._active or self._budget.nodes < 0:
            return node if self._parent is None else None
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
        if self._parent is not None:
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
                case ("Fn::FindInMap", [str() as name, *keys]) if name in self._mappings:
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
                ):
                    parameters = {**others, "Location": self._relocated(location)}
                    return {"Fn::Transform": {"Name": "AWS::Include", "Parameters": parameters}}
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
        if self._parent is None:
            return None
        if name in self._parameters and name not in self._resources:
            return self._parameter(name)
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
            None
            if self._parent is None
            else {"Fn::GetAtt": [self.prefix + owner, *(self.value(part, depth) for part in rest)]}
        )

    def _sub(self, node: Any, text: str, local: Mapping[Any, Any], depth: int) -> Any:
        """Fn::Sub with a variable for everything that is called otherwise in the flattened
        template.
        """
        variables: dict[Any, Any] = {key: self.value(item, depth) for key, item in local.items()}
        changed = any(variables[key] is not item for key, item in local.items())
        for found in _SUB.finditer(text):
            name = found[1].strip()
            if name in variables or name.startswith("!"):
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
        # The value of these is what the parameter store holds under the name given.
        if kind.startswith("AWS::SSM::Parameter") or self._parent is None:
            return None
        value = self._parent.value(self._arguments[name]) if name in self._arguments else None
        if value is None or value == _NO_VALUE:
            value = definition.get("Default") if isinstance(definition, Mapping) else None
            if isinstance(value, Mapping | list):
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
        """The parameters that stayed parameters of the flattened template, those whose value is not
        understood without their default.
        """
        for name in self._unbound:
            definition = _section(self._parameters, name)
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


def _section(mapping: Any, name: str) -> dict[str, Any]:
    section = mapping.get(name) if isinstance(mapping, Mapping) else None
    return (
        {str(key): value for key, value in section.items() if isinstance(key, str)}
        if isinstance(section, Mapping)
        else {}
    )


def _is_stack(resource: Any) -> bool:
    return isinstance(resource, Mapping) and resource.get("Type") in (_STACK, _SAM_APPLICATION)


def _location(resource: Mapping[str, Any]) -> str | None:
    """Where a nested stack's template lies beside the parent's; None when it lies elsewhere.

    The CDK says in metadata which file it has uploaded:
    https://docs.aws.amazon.com/cdk/v2/guide/assets.html
    """
    properties, metadata = _section(resource, "Properties"), _section(resource, "Metadata")
    place = properties.get("TemplateURL" if resource["Type"] == _STACK else "Location")
    if not isinstance(place, str) and metadata.get("aws:asset:property") == "TemplateURL":
        place = metadata.get("aws:asset:path")
    return (
        str(place)
        if isinstance(place, str) and place and "://" not in place and "\0" not in place
        else None
    )


def _template(parent_file: str, location: str, filename: str) -> Mapping[str, Any] | None:
    document = copy.deepcopy(read_document(parent_file, location))
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        return None
    transforms = document.get("Transform")
    names = transforms if isinstance(transforms, list) else [transforms]
    try:
        # cfn-lint's own transforms, so that nested templates read as linted ones do.
        if "AWS::LanguageExtensions" in names:
            from cfnlint.template import Template

            nested = Template(filename, document)
            nested.transform()
            return dict(nested.template)
        if "AWS::Serverless-2016-10-31" in names and "Globals" in document:
            from cfnlint.template.transforms._sam_globals import merge_globals

            return dict(merge_globals(document))
    except Exception:
        # cfn-lint says what is wrong with a nested template when it is linted itself.
        return document
    return document


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

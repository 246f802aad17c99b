"""Reads C# into the common syntax tree (`syntax`), with tree-sitter.

A file becomes its types, nested ones under names like `Order.Line`, then what types initialise when
they are loaded, then the statements of a top-level program. A type of another file is an `Import`
where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from cfnlint_eda_rules.budget import NODES, STEPS, current, spend
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.depth import LEVELS_AT_ONCE, TooDeep, crowded, on_fresh_stack
from cfnlint_eda_rules.handlers import syntax as s
from cfnlint_eda_rules.handlers.languages.csharp.names import (
    OWN_CONSTRUCTOR,
    ClassNames,
    Names,
    is_interface,
)

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_Lowered = TypeVar("_Lowered")

# links of a chain (`a.B().C()`, `a + b + c`): whoever evaluates the tree has a stack, too
_LONGEST = 3000
_LARGEST_BROKEN = 200_000  # bytes: recovering from errors takes tree-sitter far longer than reading
_TYPES = frozenset(
    {
        *("class_declaration", "interface_declaration", "struct_declaration"),
        *("record_declaration", "enum_declaration"),
    }
)
_NAMESPACES = frozenset({"namespace_declaration", "file_scoped_namespace_declaration"})
_ASIDE = frozenset({"comment", "preproc_region", "preproc_endregion", "preproc_nullable"})
_CONDITIONAL = frozenset({"preproc_if", "preproc_else", "preproc_elif"})
_INSTANCES = frozenset({"this", "base"})
_TYPE_NAMES = frozenset({"identifier", "qualified_name", "alias_qualified_name"})
_NAMING_PATTERNS = frozenset(
    {"declaration_pattern", "recursive_pattern", "var_pattern", "list_pattern"}
)
_FORMATS = frozenset(
    {"interpolation_brace", "interpolation_format_clause", "interpolation_alignment_clause"}
)
_KEYS = frozenset({"element_binding_expression", "bracketed_argument_list", "argument"})
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_LOGICAL = {"&&": "and", "||": "or", "??": "default"}
# Methods whose type argument tells what they work on: it is their argument "<>".
_OF_TYPE = re.compile(
    r"(?:Get|GetRequired)Service|(?:Load|Save|Query|Scan|Delete|FromQuery|FromScan|BatchGet)Async"
    r"|CreateBatch(?:Write|Get)|GetTargetTable|OfType"
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{1,4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}
_IMPLICIT = (
    *("System", "System.IO", "System.Linq", "System.Net.Http", "System.Threading"),
    *("System.Threading.Tasks", "System.Collections.Generic"),
)


def parse(path: str, text: str) -> s.Module:
    """The module in `text`.

    Raises ValueError for text with a syntax error, for text nested too deeply to read, and where
    tree-sitter-c-sharp is not installed.
    """
    encoded = text.removeprefix("\ufeff").encode("utf-8", "replace")
    root = _parser().parse(encoded).root_node
    if root.has_error:
        spend(STEPS, min(len(encoded), _LARGEST_BROKEN) >> 1)
        raise ValueError(f"{path}: syntax error")
    reader = _Reader(encoded)
    try:
        module = s.Module(path, "csharp", reader.module(root))
    except (RecursionError, TooDeep):
        raise ValueError(f"{path}: nested too deeply") from None
    spend(NODES, reader.room - reader.left)
    return module


@cache
def _parser() -> Parser:
    # Loading a grammar takes longer than reading most templates, and most have no C#.
    try:
        import tree_sitter
        import tree_sitter_c_sharp
    except ImportError:
        raise ValueError("install tree-sitter-c-sharp") from None
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _named(node: Node | None) -> list[Node]:
    """The parts of a node, and those of the branch that is built of a conditional compilation."""
    if node is None:
        return []
    found: list[Node] = []
    for child in node.children:
        if child.type in _CONDITIONAL:
            found += _built(child)
        elif (child.is_named or child.type in _INSTANCES) and child.type not in _ASIDE:
            found.append(child)
    return found


def _built(node: Node) -> list[Node]:
    """What is built for release: what stands under `#if DEBUG` is not."""
    if node.type == "preproc_else":
        return _named(node)
    condition = node.child_by_field_name("condition")
    other = node.child_by_field_name("alternative")
    if condition is not None and condition.text == b"DEBUG":
        return [] if other is None else _built(other)
    aside = (condition, other)
    return [
        one
        for child in node.children
        if child not in aside and (child.is_named or child.type in _CONDITIONAL)
        for one in (_built(child) if child.type in _CONDITIONAL else [child])
        if one.type not in _ASIDE
    ]


def _of_type(node: Node, *kinds: str) -> list[Node]:
    return [child for child in _named(node) if child.type in kinds]


def _first(node: Node, *kinds: str) -> Node | None:
    return next(iter(_of_type(node, *kinds)), None)


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise ValueError(f"{node.type} without {name}")
    return found


def _cooked(raw: str) -> str:
    return _ESCAPE.sub(_character, raw) if "\\" in raw else raw


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if escape[0] in "uUx" and len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code).encode("utf-8", "replace").decode() if code < 0x110000 else "?"
    return _ESCAPES.get(escape, escape)


def _number(raw: str) -> int | float | None:
    raw = raw.replace("_", "").lower()
    try:
        if raw[:2] in ("0x", "0b"):
            return int(raw.rstrip("ul"), 0)
        whole = raw.rstrip("ul")
        return int(whole) if whole.isdigit() else float(raw.rstrip("fdm"))
    except ValueError:
        return None


class _Reader:
    """Lowers the nodes of one file."""

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded
        self.names = Names(used=list(_IMPLICIT))
        self.known: dict[str, ClassNames] = {}
        self.statics: list[s.Statement] = []
        self.room = min(1_000 + 4 * len(encoded), current().left(NODES))
        self.left = self.room
        self.level = 0

    def text(self, node: Node) -> str:
        return self.encoded[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def field_text(self, node: Node, name: str) -> str:
        found = node.child_by_field_name(name)
        return "" if found is None else self.text(found).removeprefix("@")

    def spent(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ValueError("too much source")

    # ----------------------------------------------------------------------------------------------

    def module(self, root: Node) -> list[s.Statement]:
        declared: list[tuple[str, str, Node]] = []
        program: list[Node] = []
        pending = [(root, "")]
        while pending:
            around, namespace = pending.pop(0)
            for node in _named(around):
                if node.type == "using_directive":
                    self.using(node, namespace)
                elif node.type in _NAMESPACES:
                    name = self.field_text(node, "name")
                    inner = f"{namespace}.{name}" if namespace else name
                    if node.type == "file_scoped_namespace_declaration":
                        namespace = inner
                    pending.append((node.child_by_field_name("body") or node, inner))
                elif node.type in _TYPES:
                    declared += [(name, namespace, one) for name, one in self.declarations(node)]
                elif node.type == "global_statement":
                    program += _named(node)
        self.names.namespace = declared[0][1] if declared else ""
        self.names.declared.update(name for name, _, _ in declared)
        for name, _, node in declared:
            self.class_names(node, name)
        classes = [self.class_statement(*one) for one in self.ordered(declared)]
        statements = self.statements_of(program) if program else []
        return [*classes, *self.statics, *statements]

    def class_statement(self, name: str, namespace: str, node: Node) -> s.Statement:
        self.names.namespace = namespace
        return s.ClassDefinition(self.class_named(node, name), line=_line(node))

    def ordered(self, declared: list[tuple[str, str, Node]]) -> list[tuple[str, str, Node]]:
        """Types stand after those of the file that they inherit from; nested before outer."""
        bases = {name: self.base_names(node) for name, _, node in declared}
        simple = {name.rpartition(".")[2] for name in bases}
        own = {name: any(base in simple for base in found) for name, found in bases.items()}
        depth: dict[str, int] = {}
        for name in bases:
            here, steps = name, 0
            while own.get(here) and steps < 12:
                here = next((base for base in bases[here] if base in bases), "")
                steps += 1
            depth[name] = steps
        return sorted(declared, key=lambda one: (depth[one[0]], -one[0].count(".")))

    def using(self, node: Node, namespace: str) -> None:
        """A namespace that is used; inside of another one it may be named from there."""
        alias = node.child_by_field_name("name")
        found = [child for child in _named(node) if child != alias]
        if not found:
            return
        name = "".join(self.text(found[-1]).split())
        if alias is not None:
            self.names.aliases[self.text(alias)] = name.partition("<")[0]
        elif any(child.type == "static" for child in node.children):
            self.names.static.append(name)
        else:
            parts = namespace.split(".") if namespace else []
            around = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
            self.names.used += [name, *(f"{outer}.{name}" for outer in around[:6])]

    def declarations(self, node: Node) -> list[tuple[str, Node]]:
        """The types in a type's declaration, nested ones after those around them."""
        found: list[tuple[str, Node]] = []
        pending = [(node, "")]
        while pending:
            one, around = pending.pop()
            name = self.field_text(one, "name")
            full = f"{around}.{name}" if around else name
            found.append((full, one))
            pending += [(child, full) for child in self.members(one) if child.type in _TYPES]
        return found

    def members(self, node: Node) -> list[Node]:
        return _named(node.child_by_field_name("body"))

    def base_names(self, node: Node) -> list[str]:
        found = [one for bases in _of_type(node, "base_list") for one in _named(bases)]
        inner = [
            _named(one)[0] if one.type == "primary_constructor_base_type" else one for one in found
        ]
        return [name for one in inner if (name := self.type_name(one))]

    def type_name(self, node: Node | None) -> str:
        """The name of a type without its arguments; "" for those of the language."""
        while node is not None and node.type in ("nullable_type", "generic_name"):
            below = _named(node)
            node = below[0] if below else None
        if node is None or node.type not in _TYPE_NAMES:
            return ""
        name = "".join(self.text(node).split()).removeprefix("global::").removeprefix("@")
        return "" if name == "var" else re.sub(r"<[^.]*", "", name)

    # ----------------------------------------------------------------------------------------------

    def class_names(self, node: Node, name: str) -> ClassNames:
        bases = self.base_names(node)
        owner = ClassNames(name, inherits=any(not is_interface(base) for base in bases))
        for member in self.members(node):
            static = self.is_static(member)
            match member.type:
                case "method_declaration" | "property_declaration":
                    owner.members[self.field_text(member, "name")] = static
                case "field_declaration" | "event_field_declaration":
                    for declarator in self.declarators(member):
                        owner.members[self.field_text(declarator, "name")] = static
                case "enum_member_declaration":
                    owner.members[self.field_text(member, "name")] = True
        for parameter in self.primary(node):
            owner.members.setdefault(self.field_text(parameter, "name"), False)
        self.known[name] = owner
        return owner

    def declarators(self, node: Node) -> list[Node]:
        found = (
            [node]
            if node.type == "variable_declaration"
            else _of_type(node, "variable_declaration")
        )
        return [one for declared in found for one in _of_type(declared, "variable_declarator")]

    def modifiers(self, node: Node) -> set[str]:
        return {self.text(child) for child in _of_type(node, "modifier")}

    def is_static(self, node: Node) -> bool:
        return bool({"static", "const"} & self.modifiers(node))

    def primary(self, node: Node) -> list[Node]:
        """The parameters of a primary constructor."""
        found = _first(node, "parameter_list")
        return [] if found is None else _of_type(found, "parameter")

    def class_named(self, node: Node, name: str) -> s.Class:
        owner = self.known[name]
        parts = name.split(".")
        outer = [".".join(parts[:count]) for count in range(1, len(parts))]
        self.names.classes = [*(self.known[one] for one in outer if one in self.known), owner]
        line = _line(node)
        bases = [self.names.type(base, line) for base in self.base_names(node)]
        made = s.Class(name, bases, [], [], [], [], line)
        made.decorators = self.attributes(node)
        primary = self.primary(node)
        if primary:
            self.primary_constructor(node, primary, made)
        for member in self.members(node):
            self.member(member, owner, made)
        self.names.classes = []
        return made

    def attributes(self, node: Node) -> list[s.Expression]:
        """The attributes that say something of routes and tables, as calls of them."""
        known = load("csharp_sdk")["attributes"]
        found: list[s.Expression] = []
        for one in _of_type(node, "attribute_list"):
            for attribute in _of_type(one, "attribute"):
                name = self.field_text(attribute, "name").rpartition(".")[2]
                name = name.removesuffix("Attribute")
                if name not in known:
                    continue
                given = [
                    s.Argument(self.expression(_named(argument)[-1]))
                    for arguments in _of_type(attribute, "attribute_argument_list")
                    for argument in _of_type(arguments, "attribute_argument")
                    if _named(argument)
                ]
                line = _line(attribute)
                kind = s.Import(f"attribute {name}", line=line)
                found.append(s.Invoke(kind, given, line=line))
        return found

    def has_attribute(self, node: Node, *names: str) -> bool:
        return any(
            self.field_text(attribute, "name").rpartition(".")[2] in names
            for one in _of_type(node, "attribute_list")
            for attribute in _of_type(one, "attribute")
        )

    def primary_constructor(self, node: Node, primary: list[Node], made: s.Class) -> None:
        line = _line(node)
        this = s.Name("this", line=line)
        body: list[s.Statement] = []
        names = [self.field_text(one, "name") for one in primary]
        for name in names:
            place = s.MemberPattern(s.Attribute(this, name, line=line))
            body.append(s.Assign(place, s.Name(name, line=line), line=line))
        for bases in _of_type(node, "base_list"):
            for base in _of_type(bases, "primary_constructor_base_type"):
                with self.variables(names):
                    given = self.arguments(_first(base, "argument_list"))
                place_ = s.Attribute(s.Name("super", line=line), "constructor", line=line)
                body.append(s.Do(s.Invoke(place_, given, line=line), line=line))
        parameters = self.parameters(primary)
        self.inject(parameters, primary)
        made.methods.append(s.Function("constructor", parameters, body, line, kind="constructor"))

    def inject(self, parameters: list[s.Parameter], nodes: list[Node]) -> None:
        """A container of dependencies gives what a constructor is called without."""
        for parameter, node in zip(parameters, nodes, strict=True):
            kind = self.type_name(node.child_by_field_name("type"))
            if kind and parameter.default is None:
                parameter.default = self.names.injected(kind, _line(node))

    def member(self, node: Node, owner: ClassNames, made: s.Class) -> None:
        match node.type:
            case "field_declaration":
                self.fields(node, owner, made)
            case "property_declaration":
                self.property(node, owner, made)
            case "method_declaration":
                made.methods.append(self.method(node))
            case "constructor_declaration":
                self.constructor(node, owner, made)
            case "enum_member_declaration":
                name = self.field_text(node, "name")
                self.static(owner, name, s.Constant(name, line=_line(node)), _line(node))

    def static(self, owner: ClassNames, name: str, value: s.Expression, line: int) -> None:
        place = s.Attribute(s.Name(owner.name, line=line), name, line=line)
        self.statics.append(s.Assign(s.MemberPattern(place), value, line=line))

    def fields(self, node: Node, owner: ClassNames, made: s.Class) -> None:
        static = self.is_static(node)
        for declarator in self.declarators(node):
            name = self.field_text(declarator, "name")
            with self.variables():
                value = self.initial(declarator, _declared_type(declarator))
            line = _line(declarator)
            if static:
                self.static(owner, name, value or s.Constant(None), line)
            else:
                self.instance_field(made, name, value or s.Constant(None), line)

    def instance_field(self, made: s.Class, name: str, value: s.Expression, line: int) -> None:
        """A field's value; where there is a primary constructor, it may be made of its parameters,
        which are fields, too.
        """
        first = made.methods[0] if made.methods else None
        if first is not None and first.kind == "constructor" and first.line == made.line:
            place = s.Attribute(s.Name("this", line=line), name, line=line)
            first.body.append(s.Assign(s.MemberPattern(place), value, line=line))
        else:
            made.instance_fields.append(s.Assign(s.NamePattern(name, True), value, line=line))

    def initial(self, declarator: Node, kind: Node | None = None) -> s.Expression | None:
        name = declarator.child_by_field_name("name")
        found = [child for child in _named(declarator) if child != name]
        found = [child for child in found if child.type != "bracketed_argument_list"]
        return self.of_kind(found[-1], kind) if found else None

    def of_kind(self, node: Node, kind: Node | None) -> s.Expression:
        """A value that is declared to be of a type: `new()` makes one of that."""
        if node.type == "implicit_object_creation_expression":
            return self.created(node, kind)
        return self.expression(node)

    def property(self, node: Node, owner: ClassNames, made: s.Class) -> None:
        name = self.field_text(node, "name")
        static = self.is_static(node)
        value = node.child_by_field_name("value")
        line = _line(node)
        if value is not None and value.type == "arrow_expression_clause":
            made.methods.append(self.function(node, value, name, "getter"))
            return
        bodies = False
        for accessor in _of_type(
            node.child_by_field_name("accessors") or node, "accessor_declaration"
        ):
            body = accessor.child_by_field_name("body")
            if body is None:
                continue
            bodies = True
            kind = (
                "getter"
                if accessor.children and self.text(accessor).lstrip().startswith("get")
                else "setter"
            )
            made.methods.append(self.accessor(accessor, body, name, kind))
        if value is not None and not bodies:
            with self.variables():
                given = self.of_kind(value, node.child_by_field_name("type"))
            if static:
                self.static(owner, name, given, line)
            else:
                self.instance_field(made, name, given, line)

    def accessor(self, node: Node, body: Node, name: str, kind: str) -> s.Function:
        if kind == "getter":
            return self.function(node, body, name, kind)
        with self.variables(["value"]):
            found = self.function_body(body)
        return s.Function(name, [_plain("value")], found, _line(node), kind=kind)

    def method(self, node: Node) -> s.Function:
        kind = "static" if self.is_static(node) else "method"
        made = self.function(
            node, node.child_by_field_name("body"), self.field_text(node, "name"), kind
        )
        made.decorators = self.attributes(node)
        return made

    def constructor(self, node: Node, owner: ClassNames, made: s.Class) -> None:
        line = _line(node)
        nodes = self.parameter_nodes(node)
        function = self.function(
            node, node.child_by_field_name("body"), "constructor", "constructor"
        )
        if self.is_static(node):
            run = s.Lambda(s.Function("", [], function.body, line, arrow=True), line=line)
            self.statics.append(s.Do(s.Invoke(run, [], line=line), line=line))
            return
        with self.variables([self.field_text(one, "name") for one in nodes]):
            first = self.first_constructor(node, owner)
        function.body[:0] = first
        self.inject(function.parameters, nodes)
        made.methods.append(function)

    def first_constructor(self, node: Node, owner: ClassNames) -> list[s.Statement]:
        """The constructor that is called before the body runs."""
        line = _line(node)
        for one in _of_type(node, "constructor_initializer"):
            given = self.arguments(_first(one, "argument_list"))
            if any(child.type == "this" for child in one.children):
                own = [s.Argument(s.Name("this")), s.Argument(s.Name(owner.name))]
                called = s.Invoke(s.Name(OWN_CONSTRUCTOR), [*own, *given], line=line)
                return [s.Do(called, line=line)]
            place = s.Attribute(s.Name("super", line=line), "constructor", line=line)
            return [s.Do(s.Invoke(place, given, line=line), line=line)]
        if not owner.inherits:
            return []
        place = s.Attribute(s.Name("super", line=line), "constructor", line=line)
        return [s.Do(s.Invoke(place, [], line=line), line=line)]

    def function(self, node: Node, body: Node | None, name: str, kind: str) -> s.Function:
        nodes = self.parameter_nodes(node)
        with self.variables([self.field_text(one, "name") for one in nodes]):
            found = self.function_body(body)
        made = s.Function(name, self.parameters(nodes), found, _line(node), kind=kind)
        made.asynchronous = "async" in self.modifiers(node)
        made.generator = body is not None and self.yields(body)
        return made

    def yields(self, body: Node) -> bool:
        """Whether it is the body of an iterator."""
        return b"yield" in self.encoded[body.start_byte : body.end_byte] and any(
            one.type == "yield_statement" for one in _below(body)
        )

    def function_body(self, body: Node | None) -> list[s.Statement]:
        if body is None:
            return []
        if body.type == "arrow_expression_clause":
            found = _named(body)
            return self.returned(found[0]) if found else []
        return self.statements(body) if body.type == "block" else self.returned(body)

    def returned(self, node: Node) -> list[s.Statement]:
        if node.type == "throw_expression":
            return [s.Raise(self.value_in(node), line=_line(node))]
        return [s.Return(self.expression(node), line=_line(node))]

    def parameter_nodes(self, node: Node) -> list[Node]:
        """The nodes of the parameters; a list that itself has a name ends in a `params` one."""
        found = node.child_by_field_name("parameters")
        if found is None:
            return []
        rest = [found] if found.child_by_field_name("name") is not None else []
        return [*_of_type(found, "parameter"), *rest]

    def parameters(self, nodes: Iterable[Node]) -> list[s.Parameter]:
        found: list[s.Parameter] = []
        for node in nodes:
            if node.type == "parameter_list":
                pattern = s.NamePattern(self.field_text(node, "name"), True)
                found.append(s.Parameter(pattern, kind="rest"))
                continue
            name = node.child_by_field_name("name")
            kind_node = node.child_by_field_name("type")
            annotation = self.type_name(kind_node) or None
            given = [one for one in _named(node) if one not in (name, kind_node)]
            given = [one for one in given if one.type not in ("attribute_list", "modifier")]
            default = self.expression(given[-1]) if given else None
            if self.has_attribute(node, "FromServices") and annotation:
                default = self.names.injected(annotation, _line(node))
            pattern = s.NamePattern(self.field_text(node, "name"), True)
            found.append(s.Parameter(pattern, default, "positional", annotation))
        return found

    # ----------------------------------------------------------------------------------------------

    @contextmanager
    def variables(self, names: Iterable[str] = ()) -> Iterator[None]:
        self.names.variables.append(set(names))
        try:
            yield
        finally:
            self.names.variables.pop()

    def statements(self, node: Node | None) -> list[s.Statement]:
        return self.statements_of(_named(node))

    def statements_of(self, nodes: list[Node]) -> list[s.Statement]:
        with self.variables():
            for node in nodes:
                if node.type == "local_function_statement":
                    self.names.declare(self.field_text(node, "name"))
            local = [node for node in nodes if node.type == "local_function_statement"]
            return self.block(
                [*local, *(node for node in nodes if node not in local)] if local else nodes
            )

    def body(self, node: Node | None) -> list[s.Statement]:
        if node is None:
            return []
        return self.statements(node) if node.type == "block" else self.statements_of([node])

    def block(self, nodes: Iterable[Node]) -> list[s.Statement]:
        self.level += 1
        if self.level % LEVELS_AT_ONCE or not crowded():
            found = self.each(nodes)
        else:
            found = on_fresh_stack(lambda: self.each(nodes))
        self.level -= 1
        return found

    def each(self, nodes: Iterable[Node]) -> list[s.Statement]:
        out: list[s.Statement] = []
        for node in nodes:
            self.spent()
            action = _STATEMENTS.get(node.type)
            if action is not None:
                action(self, node, out)
        return out

    def nested_block(self, node: Node, out: list[s.Statement]) -> None:
        out.append(s.Block(self.statements(node), line=_line(node)))

    def inner_block(self, node: Node, out: list[s.Statement]) -> None:
        """`lock (x) { }`, `checked { }`, `unsafe { }`."""
        for block in _of_type(node, "block"):
            self.nested_block(block, out)

    def local_variables(self, node: Node, out: list[s.Statement]) -> None:
        for declared in _of_type(node, "variable_declaration"):
            self.declaration(declared, out)

    def declaration(self, node: Node, out: list[s.Statement]) -> None:
        annotation = self.type_name(node.child_by_field_name("type")) or None
        for declarator in _of_type(node, "variable_declarator"):
            line = _line(declarator)
            value = self.initial(declarator, node.child_by_field_name("type"))
            parts = _first(declarator, "tuple_pattern")
            pattern: s.Pattern
            if parts is not None:
                pattern = self.tuple_of(parts)
            else:
                name = self.field_text(declarator, "name")
                self.names.declare(name)
                pattern = s.NamePattern(name, True)
            out.append(s.Assign(pattern, value, annotation=annotation, line=line))

    def expression_statement(self, node: Node, out: list[s.Statement]) -> None:
        for child in _named(node):
            self.effect(child, out)

    def effect(self, node: Node, out: list[s.Statement]) -> None:
        match node.type:
            case "assignment_expression":
                self.assignment(node, out)
            case "postfix_unary_expression" | "prefix_unary_expression" if self.text(
                node.children[-1 if node.type[1] == "o" else 0]
            ) in ("++", "--"):
                one = s.Constant(1, line=_line(node))
                pattern = self.pattern(_named(node)[0])
                out.append(s.Assign(pattern, one, True, line=_line(node)))
            case _:
                out.append(s.Do(self.expression(node), line=_line(node)))

    def assignment(self, node: Node, out: list[s.Statement]) -> None:
        line = _line(node)
        left, right = _field(node, "left"), _field(node, "right")
        operator = next((child.type for child in node.children if not child.is_named), "=")
        value = self.expression(right)
        pattern = self.pattern(left)
        if operator == "??=":
            value = s.Logical("default", [self.expression(left), value], line=line)
        out.append(s.Assign(pattern, value, operator not in ("=", "??="), line=line))

    def pattern(self, node: Node) -> s.Pattern:
        while node.type == "parenthesized_expression" and _named(node):
            node = _named(node)[0]
        match node.type:
            case "declaration_expression":
                name = node.child_by_field_name("name")
                if name is not None and name.type == "parenthesized_variable_designation":
                    return self.tuple_of(name)
                self.names.declare(self.field_text(node, "name"))
                return s.NamePattern(self.field_text(node, "name"), True)
            case "tuple_expression" | "tuple_pattern" | "parenthesized_variable_designation":
                return self.tuple_of(node)
        found = self.expression(node)
        if isinstance(found, s.Name):
            return s.NamePattern(found.id, self.names.is_variable(found.id))
        return s.MemberPattern(found)

    def tuple_of(self, node: Node) -> s.Pattern:
        items: list[s.Pattern | None] = []
        for one in _named(node):
            if one.type == "argument":
                items.append(self.pattern(_named(one)[-1]))
            elif one.type == "identifier":
                self.names.declare(self.text(one))
                items.append(s.NamePattern(self.text(one), True))
            elif one.type in ("tuple_pattern", "parenthesized_variable_designation"):
                items.append(self.tuple_of(one))
            else:
                items.append(None)
        return s.ListPattern(items)

    def local_function(self, node: Node, out: list[s.Statement]) -> None:
        name = self.field_text(node, "name")
        made = self.function(node, node.child_by_field_name("body"), name, "function")
        made.arrow = True
        out.append(s.FunctionDefinition(made, line=_line(node)))

    def value_in(self, node: Node) -> s.Expression | None:
        found = _named(node)
        return self.expression(found[-1]) if found else None

    def return_statement(self, node: Node, out: list[s.Statement]) -> None:
        out.append(s.Return(self.value_in(node), line=_line(node)))

    def throw(self, node: Node, out: list[s.Statement]) -> None:
        out.append(s.Raise(self.value_in(node), line=_line(node)))

    def jump(self, node: Node, out: list[s.Statement]) -> None:
        kind = s.Break if node.type == "break_statement" else s.Continue
        out.append(kind(None, line=_line(node)))

    def yielded(self, node: Node, out: list[s.Statement]) -> None:
        line = _line(node)
        if any(child.type == "break" for child in node.children):
            out.append(s.Return(None, line=line))
        else:
            out.append(s.Do(s.Yield(self.value_in(node), line=line), line=line))

    def if_statement(self, node: Node, out: list[s.Statement]) -> None:
        """`else if`s follow each other without a level for each."""
        found: list[s.Statement] = out
        here: Node | None = node
        for _ in range(_LONGEST):
            if here is None:
                return
            test = self.expression(_field(here, "condition"))
            body = self.body(here.child_by_field_name("consequence"))
            made = s.If(test, body, [], line=_line(here))
            found.append(made)
            other = here.child_by_field_name("alternative")
            if other is None or other.type != "if_statement":
                made.orelse = self.body(other)
                return
            found, here = made.orelse, other

    def for_statement(self, node: Node, out: list[s.Statement]) -> None:
        line = _line(node)
        with self.variables():
            before: list[s.Statement] = []
            for one in node.children_by_field_name("initializer"):
                if one.type == "variable_declaration":
                    self.declaration(one, before)
                elif one.is_named:
                    self.effect(one, before)
            test = node.child_by_field_name("condition")
            found = None if test is None else self.expression(test)
            body = self.body(node.child_by_field_name("body"))
            update: list[s.Statement] = []
            for one in node.children_by_field_name("update"):
                if one.is_named:
                    self.effect(one, update)
        out.append(s.Block([*before, s.While(found, body, [], update, line=line)], line=line))

    def for_each(self, node: Node, out: list[s.Statement]) -> None:
        subject = self.expression(_field(node, "right"))
        with self.variables():
            left = _field(node, "left")
            if left.type == "identifier":
                self.names.declare(self.text(left))
                pattern: s.Pattern = s.NamePattern(self.text(left), True)
            else:
                pattern = self.pattern(left)
            body = self.body(node.child_by_field_name("body"))
        waits = any(child.type == "await" for child in node.children)
        out.append(s.For(pattern, subject, body, [], waits, line=_line(node)))

    def while_statement(self, node: Node, out: list[s.Statement]) -> None:
        found = node.child_by_field_name("condition") or _named(node)[0]
        test: s.Expression | None = self.expression(found)
        if isinstance(test, s.Constant) and test.value is True:
            test = None
        body = self.body(node.child_by_field_name("body") or _named(node)[-1])
        first = node.type == "while_statement"
        out.append(s.While(test, body, [], test_first=first, line=_line(node)))

    def try_statement(self, node: Node, out: list[s.Statement]) -> None:
        body = self.statements(node.child_by_field_name("body"))
        handlers = [self.handler(one) for one in _of_type(node, "catch_clause")]
        final = [
            statement
            for one in _of_type(node, "finally_clause")
            for block in _of_type(one, "block")
            for statement in self.statements(block)
        ]
        out.append(s.Try(body, handlers, [], final, line=_line(node)))

    def handler(self, node: Node) -> s.Handler:
        with self.variables():
            types: list[str] = []
            target: s.Pattern | None = None
            for one in _of_type(node, "catch_declaration"):
                types = [self.type_name(one.child_by_field_name("type"))]
                name = self.field_text(one, "name")
                if name:
                    self.names.declare(name)
                    target = s.NamePattern(name, True)
            body = self.statements(node.child_by_field_name("body"))
            for one in _of_type(node, "catch_filter_clause"):
                test = self.value_in(one) or s.Opaque([])
                body = [s.If(test, body, [s.Raise(None, line=_line(one))], line=_line(one))]
        catches_all = bool({"Exception", "System.Exception", ""} & set(types))
        return s.Handler([] if catches_all else types, target, body)

    def using_statement(self, node: Node, out: list[s.Statement]) -> None:
        line = _line(node)
        with self.variables():
            before: list[s.Statement] = []
            body_node = node.child_by_field_name("body")
            for one in _named(node):
                if one.type == "variable_declaration":
                    self.declaration(one, before)
                elif one != body_node:
                    before.append(s.Do(self.expression(one), line=line))
            body = self.body(body_node)
        out.append(s.Block([*before, *body], line=line))

    def switch(self, node: Node, out: list[s.Statement]) -> None:
        subject = self.expression(_field(node, "value"))
        cases: list[s.Case] = []
        for section in _of_type(_field(node, "body"), "switch_section"):
            with self.variables():
                default = any(child.type == "default" for child in section.children)
                values: list[s.Expression] = []
                bound: list[s.Statement] = []
                guard: s.Expression | None = None
                rest: list[Node] = []
                for one in _named(section):
                    if one.type == "when_clause":
                        guard = self.value_in(one)
                    elif one.type in _STATEMENTS or one.type.endswith("_statement"):
                        rest.append(one)
                    else:
                        values.append(self.case_value(one, subject, bound))
                body = self.statements_of(rest)
            cases.append(s.Case([] if default else values, [*bound, *body], guard))
        out.append(s.Switch(subject, cases, True, line=_line(node)))

    def case_value(
        self, node: Node, subject: s.Expression, bound: list[s.Statement]
    ) -> s.Expression:
        """The constant that a pattern is; opaque for any other, whose variables are bound."""
        line = _line(node)
        if node.type == "constant_pattern":
            found = _named(node)
            return self.expression(found[0]) if found else s.Opaque([], line=line)
        for name in self.pattern_names(node):
            self.names.declare(name)
            bound.append(s.Assign(s.NamePattern(name, True), subject, line=line))
        return s.Opaque([], line=line)

    def pattern_names(self, node: Node) -> list[str]:
        found: list[str] = []
        for one in (node, *_below(node)):
            if one.type in _NAMING_PATTERNS:
                name = one.child_by_field_name("name")
                if name is not None and name.type == "identifier":
                    found.append(self.text(name))
        return found

    # ----------------------------------------------------------------------------------------------

    def expression(self, node: Node) -> s.Expression:
        self.spent()
        self.level += 1
        if self.level % LEVELS_AT_ONCE or not crowded():
            found = self.lowered(node)
        else:
            found = on_fresh_stack(lambda: self.lowered(node))
        self.level -= 1
        return found

    def lowered(self, node: Node) -> s.Expression:
        return _EXPRESSIONS.get(node.type, _Reader.opaque)(self, node)

    def opaque(self, node: Node) -> s.Expression:
        if node.type.endswith(("_type", "_pattern", "_designation")):
            return s.Opaque([], line=_line(node))
        children = [self.expression(child) for child in _named(node)]
        return s.Opaque(children, line=_line(node))

    def inside(self, node: Node) -> s.Expression:
        value = node.child_by_field_name("value") or node.child_by_field_name("left")
        found = [value] if value is not None else _named(node)
        return self.expression(found[0]) if found else s.Opaque([], line=_line(node))

    def identifier(self, node: Node) -> s.Expression:
        return self.names.variable(self.text(node).removeprefix("@"), _line(node))

    def constant(self, node: Node) -> s.Expression:
        raw = self.text(node)
        value: str | int | float | bool | None
        match node.type:
            case "boolean_literal":
                value = raw == "true"
            case "null_literal" | "default_expression":
                value = None
            case "character_literal":
                value = _cooked(raw[1:-1])
            case _:
                value = _number(raw)
        return s.Constant(value, line=_line(node))

    def string(self, node: Node) -> s.Expression:
        raw = self.text(node).removesuffix("u8")
        match node.type:
            case "verbatim_string_literal":
                value = raw[2:-1].replace('""', '"')
            case "raw_string_literal":
                value = raw.strip('"').strip()
            case _:
                value = _cooked(raw[1:-1])
        return s.Constant(value, line=_line(node))

    def interpolated(self, node: Node) -> s.Expression:
        parts: list[s.Expression] = []
        for one in _named(node):
            if one.type == "interpolation":
                found = [child for child in _named(one) if child.type not in _FORMATS]
                parts += [self.expression(child) for child in found[:1]]
            elif one.type not in ("interpolation_start", "interpolation_quote"):
                text = _cooked(self.text(one)).replace("{{", "{").replace("}}", "}")
                parts.append(s.Constant(text, line=_line(one)))
        return s.Template(parts, line=_line(node))

    def binary(self, node: Node) -> s.Expression:
        """A chain of operators, without a level for each."""
        links: list[tuple[str, Node]] = []
        left: Node = node
        while left.type == "binary_expression":
            links.append((self.operator(left), _field(left, "right")))
            left = _field(left, "left")
            if len(links) > _LONGEST:
                raise TooDeep
        found = self.expression(left)
        line = _line(node)
        operator = links[0][0]
        if operator in _LOGICAL and all(one == operator for one, _ in links):
            rest = [self.expression(right) for _, right in reversed(links)]
            return s.Logical(_LOGICAL[operator], [found, *rest], line=line)
        for one, right in reversed(links):
            found = self.operation(one, found, self.expression(right), line)
        return found

    def operator(self, node: Node) -> str:
        return next((child.type for child in node.children if not child.is_named), "")

    def operation(
        self, operator: str, left: s.Expression, right: s.Expression, line: int
    ) -> s.Expression:
        if operator in _COMPARISONS:
            return s.Compare(operator, left, right, line=line)
        if operator in _LOGICAL:
            return s.Logical(_LOGICAL[operator], [left, right], line=line)
        if operator == "+" and (_is_text(left) or _is_text(right)):
            if isinstance(left, s.Template):
                left.parts.append(right)
                return left
            return s.Template([left, right], line=line)
        return s.Binary("//" if operator == "/" else operator, left, right, line=line)

    def prefix(self, node: Node) -> s.Expression:
        operator = node.children[0].type
        found = _named(node)
        operand = self.expression(found[0]) if found else s.Opaque([])
        if operator == "!":
            return s.Not(operand, line=_line(node))
        number = operand.value if isinstance(operand, s.Constant) else None
        if operator == "-" and isinstance(number, int | float):
            return s.Constant(-number, line=_line(node))
        if operator in ("++", "--"):
            return self.bound(node)
        return s.Opaque([operand], line=_line(node))

    def postfix(self, node: Node) -> s.Expression:
        return self.inside(node) if node.children[-1].type == "!" else self.bound(node)

    def bound(self, node: Node) -> s.Expression:
        out: list[s.Statement] = []
        self.effect(node, out)
        made = out[0] if out else None
        if not isinstance(made, s.Assign) or made.value is None:
            return s.Opaque([], line=_line(node))
        if not made.augmented:
            return s.Bind(made.target, made.value, line=_line(node))
        left = node.child_by_field_name("left") or _named(node)[0]
        sum_ = s.Binary("+", self.expression(left), made.value, line=_line(node))
        return s.Bind(made.target, sum_, line=_line(node))

    def conditional(self, node: Node) -> s.Expression:
        return s.Conditional(
            self.expression(_field(node, "condition")),
            self.expression(_field(node, "consequence")),
            self.expression(_field(node, "alternative")),
            line=_line(node),
        )

    def is_pattern(self, node: Node) -> s.Expression:
        line = _line(node)
        subject = self.expression(_field(node, "expression"))
        pattern = _field(node, "pattern")
        negated = pattern.type == "negated_pattern"
        if negated and _named(pattern):
            pattern = _named(pattern)[0]
        test = self.test_of(pattern, subject, line)
        binds: list[s.Expression] = []
        for name in self.pattern_names(pattern):
            self.names.declare(name)
            binds.append(s.Bind(s.NamePattern(name, True), subject, line=line))
        test = s.Not(test, line=line) if negated else test
        return s.Sequence([*binds, test], line=line) if binds else test

    def test_of(self, pattern: Node, subject: s.Expression, line: int) -> s.Expression:
        """Whether a value is as a pattern says: known of constants and of `null`."""
        found = _named(pattern)
        if pattern.type == "constant_pattern" and found:
            operator = "is" if found[0].type == "null_literal" else "=="
            return s.Compare(operator, subject, self.expression(found[0]), line=line)
        if pattern.type == "or_pattern" and len(found) == 2:
            tests = [self.test_of(one, subject, line) for one in found]
            return s.Logical("or", tests, line=line)
        kind = self.type_name(pattern.child_by_field_name("type"))
        if kind and pattern.type == "declaration_pattern":
            return s.Compare("instanceof", subject, self.names.type(kind, line), line=line)
        return s.Opaque([subject], line=line)

    def is_type(self, node: Node) -> s.Expression:
        line = _line(node)
        subject = self.expression(_field(node, "left"))
        kind = self.type_name(node.child_by_field_name("right"))
        right = self.names.type(kind, line) if kind else s.Opaque([], line=line)
        return s.Compare("instanceof", subject, right, line=line)

    def switch_value(self, node: Node) -> s.Expression:
        line = _line(node)
        subject_node, *arms = _named(node)
        subject = self.expression(subject_node)
        cases: list[s.Case] = []
        for arm in (one for one in arms if one.type == "switch_expression_arm"):
            pattern, *rest = _named(arm)
            with self.variables():
                bound: list[s.Statement] = []
                default = pattern.type in ("discard", "var_pattern")
                value = s.Opaque([]) if default else self.case_value(pattern, subject, bound)
                guard = next(
                    (self.value_in(one) for one in rest if one.type == "when_clause"), None
                )
                body = self.returned(rest[-1]) if rest else []
            cases.append(s.Case([] if default else [value], [*bound, *body], guard))
        body_: list[s.Statement] = [s.Switch(subject, cases, False, line=line)]
        run = s.Lambda(s.Function("", [], body_, line, arrow=True), line=line)
        return s.Invoke(run, [], line=line)

    def items(self, node: Node) -> s.Expression:
        found: list[s.Expression] = []
        for one in _named(node):
            inner = one
            while inner.type in ("collection_element", "expression_element") and _named(inner):
                inner = _named(inner)[0]
            if inner.type == "spread_element" and _named(inner):
                found.append(s.Spread(self.expression(_named(inner)[0]), line=_line(inner)))
            else:
                found.append(self.expression(inner))
        return s.Collection(found, line=_line(node))

    def tuple(self, node: Node) -> s.Expression:
        """A tuple; one whose parts have names is a mapping with these, and numbers, too."""
        given = _of_type(node, "argument")
        named = any(one.child_by_field_name("name") is not None for one in given)
        if not named:
            items = [self.expression(_named(one)[-1]) for one in given if _named(one)]
            return s.Collection(items, line=_line(node))
        pairs: list[tuple[s.Expression | None, s.Expression]] = []
        for index, one in enumerate(given):
            value = self.expression(_named(one)[-1])
            name = self.field_text(one, "name") or f"Item{index + 1}"
            pairs += [(s.Constant(name), value)]
        return s.Mapping(pairs, line=_line(node))

    def array(self, node: Node) -> s.Expression:
        given = _first(node, "initializer_expression")
        if given is not None:
            return self.items(given)
        return s.Opaque([], line=_line(node))

    def anonymous(self, node: Node) -> s.Expression:
        """`new { A = 1, b.C }`."""
        pairs: list[tuple[s.Expression | None, s.Expression]] = []
        children = [child for child in node.children if child.type != "comment"]
        for index, child in enumerate(children):
            if not child.is_named or (index and children[index - 1].type == "="):
                continue
            following = children[index + 1 : index + 3]
            if len(following) == 2 and following[0].type == "=":
                pairs.append((s.Constant(self.text(child)), self.expression(following[1])))
            else:
                name = self.text(child).rpartition(".")[2]
                pairs.append((s.Constant(name), self.expression(child)))
        return s.Mapping(pairs, line=_line(node))

    def with_value(self, node: Node) -> s.Expression:
        """`order with { State = "x" }`."""
        subject, *given = _named(node)
        pairs: list[tuple[s.Expression | None, s.Expression]] = []
        for one in given:
            parts = _named(one)
            if len(parts) == 2:
                pairs.append((s.Constant(self.text(parts[0])), self.expression(parts[1])))
        changed = s.Mapping(pairs, line=_line(node))
        arguments = [s.Argument(self.expression(subject)), s.Argument(changed)]
        return s.Invoke(s.Name("with"), arguments, line=_line(node))

    def function_value(self, node: Node) -> s.Expression:
        line = _line(node)
        given = node.child_by_field_name("parameters")
        nodes: list[Node] = []
        parameters: list[s.Parameter] = []
        if given is not None and given.type == "parameter_list":
            nodes = _of_type(given, "parameter")
            parameters = self.parameters(nodes)
        elif given is not None:
            parameters = [_plain(self.text(given))]
        names = [getattr(one.pattern, "id", "") for one in parameters]
        body = node.child_by_field_name("body") or _first(node, "block")
        with self.variables(names):
            found = self.function_body(body)
        made = s.Function("", parameters, found, line, arrow=True)
        made.asynchronous = "async" in self.modifiers(node)
        return s.Lambda(made, line=line)

    def query(self, node: Node) -> s.Expression:
        """`from x in xs where .. select ..`: one clause after the other."""
        line = _line(node)
        clauses = _named(node)
        first = next((one for one in clauses if one.type == "from_clause"), None)
        last = next((one for one in clauses if one.type == "select_clause"), None)
        if first is None or last is None:
            return self.opaque(node)
        name = self.field_text(first, "name")
        subject = self.expression(_named(first)[-1])
        with self.variables([name]):
            tests = [self.value_in(one) for one in clauses if one.type == "where_clause"]
            element = self.value_in(last) or s.Opaque([])
        conditions = [test for test in tests if test is not None]
        target = s.NamePattern(name, True)
        return s.Comprehension(element, target, subject, conditions, line=line)

    def awaited(self, node: Node) -> s.Expression:
        return s.Await(self.value_in(node) or s.Opaque([]), line=_line(node))

    # ----------------------------------------------------------------------------------------------

    def created(self, node: Node, declared: Node | None = None) -> s.Expression:
        line = _line(node)
        name = self.type_name(node.child_by_field_name("type") or declared)
        given = self.arguments(
            node.child_by_field_name("arguments") or _first(node, "argument_list")
        )
        kind = self.names.type(name, line) if name else s.Import("object", line=line)
        made: s.Expression = s.Invoke(kind, given, new=True, line=line)
        initial = node.child_by_field_name("initializer") or _first(node, "initializer_expression")
        if initial is None:
            return made
        arguments = [s.Argument(made), s.Argument(self.initializer(initial))]
        return s.Invoke(s.Name("initialised"), arguments, line=line)

    def initializer(self, node: Node) -> s.Expression:
        """`{ A = 1, ["b"] = 2 }`, `{ { "a", 1 } }` as a mapping, `{ a, b }` as a list."""
        found = _named(node)
        pairs: list[tuple[s.Expression | None, s.Expression]] = []
        for one in found:
            parts = _named(one)
            if one.type == "assignment_expression":
                pairs.append((self.initial_key(_field(one, "left")), self.initial_value(one)))
            elif one.type == "initializer_expression" and len(parts) == 2:
                pairs.append((self.expression(parts[0]), self.expression(parts[1])))
        if pairs or not found:
            return s.Mapping(pairs, line=_line(node))
        return self.items(node)

    def initial_key(self, node: Node) -> s.Expression:
        if node.type == "identifier":
            return s.Constant(self.text(node), line=_line(node))
        inner = node
        for _ in range(4):
            below = _named(inner)
            if inner.type not in _KEYS:
                break
            inner = below[-1] if below else inner
        return self.expression(inner)

    def initial_value(self, node: Node) -> s.Expression:
        right = _field(node, "right")
        return (
            self.initializer(right)
            if right.type == "initializer_expression"
            else self.expression(right)
        )

    def arguments(self, node: Node | None) -> list[s.Argument]:
        found: list[s.Argument] = []
        for one in _named(node):
            if one.type != "argument" or not _named(one):
                continue
            value = _named(one)[-1]
            if value.type == "declaration_expression" or self.is_out(one):
                continue
            name = one.child_by_field_name("name")
            named = None if name is None else self.text(name)
            found.append(s.Argument(self.expression(value), named))
        return found

    def is_out(self, node: Node) -> bool:
        return any(child.type == "out" for child in node.children)

    def outputs(self, node: Node | None) -> list[s.Pattern]:
        """The variables that a call sets."""
        found: list[s.Pattern] = []
        for one in _named(node):
            value = _named(one)[-1] if one.type == "argument" and _named(one) else None
            if value is not None and (value.type == "declaration_expression" or self.is_out(one)):
                found.append(self.pattern(value))
        return found

    def chain(self, node: Node) -> s.Expression:
        """Calls and members of one object after the other, without a level for each."""
        links: list[Node] = []
        here: Node = node
        while True:
            if len(links) > _LONGEST:
                raise TooDeep
            match here.type:
                case "invocation_expression":
                    links.append(here)
                    here = _field(here, "function")
                case "member_access_expression":
                    links.append(here)
                    here = _field(here, "expression")
                case "element_access_expression":
                    links.append(here)
                    here = _field(here, "expression")
                case "conditional_access_expression":
                    links.append(here)
                    here = _field(here, "condition")
                case "parenthesized_expression" if links and _named(here):
                    here = _named(here)[0]
                case "postfix_unary_expression" if links and here.children[-1].type == "!":
                    here = _named(here)[0]
                case _:
                    break
        return self.linked(self.start(here, links), links)

    def start(self, node: Node, links: list[Node]) -> s.Expression:
        line = _line(node)
        name = self.text(node).removeprefix("@")
        last = links[-1].type if links else ""
        if node.type == "identifier":
            if name == "nameof" and last == "invocation_expression":
                return s.Name("nameof", line=line)
            if last == "invocation_expression":
                return self.names.method(name, line)
            return self.names.receiver(name, line)
        if node.type == "generic_name" and last == "invocation_expression":
            return self.names.method(self.text(_named(node)[0]), line)
        if node.type == "generic_name":
            return self.names.receiver(self.text(_named(node)[0]), line)
        if node.type == "predefined_type":
            return s.Import(f"System.{name.capitalize()}", line=line)
        if node.type == "alias_qualified_name":
            return self.names.type(self.text(_named(node)[-1]), line)
        return self.expression(node)

    def linked(self, found: s.Expression, links: list[Node]) -> s.Expression:
        for link in reversed(links):
            match link.type:
                case "invocation_expression":
                    found = self.called(found, link)
                case "member_access_expression":
                    found = self.attribute(found, _field(link, "name"))
                case "element_access_expression":
                    found = self.subscript(found, _field(link, "subscript"))
                case _:
                    for one in _named(link)[1:]:
                        found = self.binding(found, one)
        return found

    def attribute(self, subject: s.Expression, name: Node) -> s.Expression:
        text = self.text(_named(name)[0] if name.type == "generic_name" else name)
        return s.Attribute(subject, text.removeprefix("@"), line=_line(name))

    def subscript(self, subject: s.Expression, node: Node) -> s.Expression:
        given = [_named(one)[-1] for one in _of_type(node, "argument") if _named(one)]
        if len(given) != 1 or given[0].type == "range_expression":
            return s.Opaque([subject], line=_line(node))
        return s.Index(subject, self.expression(given[0]), line=_line(node))

    def binding(self, subject: s.Expression, node: Node) -> s.Expression:
        """What follows `?`: `.Name`, `[key]`, `.Name(...)`."""
        match node.type:
            case "member_binding_expression":
                return self.attribute(subject, _field(node, "name"))
            case "element_binding_expression":
                return self.subscript(subject, node)
            case "invocation_expression":
                return self.called(self.binding(subject, _field(node, "function")), node)
            case "member_access_expression":
                return self.attribute(
                    self.binding(subject, _field(node, "expression")), _field(node, "name")
                )
            case "element_access_expression":
                return self.subscript(
                    self.binding(subject, _field(node, "expression")), _field(node, "subscript")
                )
            case "conditional_access_expression":
                found = self.binding(subject, _field(node, "condition"))
                for one in _named(node)[1:]:
                    found = self.binding(found, one)
                return found
        return s.Opaque([subject], line=_line(node))

    def called(self, function: s.Expression, node: Node) -> s.Expression:
        line = self.call_line(node)
        arguments = node.child_by_field_name("arguments")
        if isinstance(function, s.Name) and function.id == "nameof":
            text = "".join(self.text(one) for one in _named(arguments))
            return s.Constant(text.rpartition(".")[2], line=line)
        given = self.arguments(arguments)
        kind = self.type_argument(_field(node, "function"))
        if kind is not None:
            given.append(s.Argument(kind, "<>"))
        call = s.Invoke(function, given, line=line)
        outputs = self.outputs(arguments)
        if not outputs:
            return call
        binds: list[s.Expression] = [s.Bind(outputs[0], call, line=line)]
        binds += [s.Bind(one, s.Opaque([]), line=line) for one in outputs[1:]]
        return s.Sequence([*binds, s.Opaque([_read(outputs[0])], line=line)], line=line)

    def call_line(self, node: Node) -> int:
        """The line of a call: that of the method's name, for chains go over several lines."""
        function = _field(node, "function")
        name = function.child_by_field_name("name")
        return _line(node if name is None else name)

    def type_argument(self, node: Node) -> s.Expression | None:
        """The type that a generic method is called for, where that tells what it works on."""
        name = node.child_by_field_name("name") or node
        if name.type != "generic_name":
            return None
        found = _named(name)
        if not _OF_TYPE.fullmatch(self.text(found[0])):
            return None
        kinds = _named(_first(name, "type_argument_list"))
        kind = self.type_name(kinds[0]) if kinds else ""
        return self.names.type(kind, _line(name)) if kind else None

    def type_of(self, node: Node) -> s.Expression:
        kind = self.type_name(node.child_by_field_name("type"))
        line = _line(node)
        return self.names.type(kind, line) if kind else s.Opaque([], line=line)

    def this(self, node: Node) -> s.Expression:
        return s.Name("super" if node.type.startswith("base") else "this", line=_line(node))


def _declared_type(declarator: Node) -> Node | None:
    declaration = declarator.parent
    return None if declaration is None else declaration.child_by_field_name("type")


def _below(node: Node) -> Iterator[Node]:
    """The nodes below one, but not those of functions in it."""
    pending = list(node.named_children)
    while pending:
        one = pending.pop()
        if one.type in ("lambda_expression", "local_function_statement"):
            continue
        yield one
        pending += one.named_children


def _is_text(node: s.Expression) -> bool:
    return isinstance(node, s.Template) or (
        isinstance(node, s.Constant) and isinstance(node.value, str)
    )


def _plain(name: str) -> s.Parameter:
    return s.Parameter(s.NamePattern(name, True))


def _read(pattern: s.Pattern) -> s.Expression:
    match pattern:
        case s.NamePattern():
            return s.Name(pattern.id)
        case s.MemberPattern():
            return pattern.target
        case _:
            return s.Opaque([])


_STATEMENTS: dict[str, Callable[[_Reader, Node, list[s.Statement]], None]] = {
    "block": _Reader.nested_block,
    "lock_statement": _Reader.inner_block,
    "checked_statement": _Reader.inner_block,
    "unsafe_statement": _Reader.inner_block,
    "fixed_statement": _Reader.inner_block,
    "local_declaration_statement": _Reader.local_variables,
    "expression_statement": _Reader.expression_statement,
    "local_function_statement": _Reader.local_function,
    "return_statement": _Reader.return_statement,
    "throw_statement": _Reader.throw,
    "break_statement": _Reader.jump,
    "continue_statement": _Reader.jump,
    "yield_statement": _Reader.yielded,
    "if_statement": _Reader.if_statement,
    "for_statement": _Reader.for_statement,
    "foreach_statement": _Reader.for_each,
    "while_statement": _Reader.while_statement,
    "do_statement": _Reader.while_statement,
    "try_statement": _Reader.try_statement,
    "using_statement": _Reader.using_statement,
    "switch_statement": _Reader.switch,
}

_EXPRESSIONS: dict[str, Callable[[_Reader, Node], s.Expression]] = {
    "identifier": _Reader.identifier,
    "parenthesized_expression": _Reader.inside,
    "cast_expression": _Reader.inside,
    "as_expression": _Reader.inside,
    "checked_expression": _Reader.inside,
    **dict.fromkeys(
        (
            *("invocation_expression", "member_access_expression", "element_access_expression"),
            "conditional_access_expression",
        ),
        _Reader.chain,
    ),
    **dict.fromkeys(
        ("object_creation_expression", "implicit_object_creation_expression"), _Reader.created
    ),
    "anonymous_object_creation_expression": _Reader.anonymous,
    "array_creation_expression": _Reader.array,
    "implicit_array_creation_expression": _Reader.array,
    "initializer_expression": _Reader.items,
    "collection_expression": _Reader.items,
    "tuple_expression": _Reader.tuple,
    "with_expression": _Reader.with_value,
    "lambda_expression": _Reader.function_value,
    "anonymous_method_expression": _Reader.function_value,
    "query_expression": _Reader.query,
    "await_expression": _Reader.awaited,
    "assignment_expression": _Reader.bound,
    "binary_expression": _Reader.binary,
    "prefix_unary_expression": _Reader.prefix,
    "postfix_unary_expression": _Reader.postfix,
    "conditional_expression": _Reader.conditional,
    "is_pattern_expression": _Reader.is_pattern,
    "is_expression": _Reader.is_type,
    "switch_expression": _Reader.switch_value,
    "interpolated_string_expression": _Reader.interpolated,
    "typeof_expression": _Reader.type_of,
    **dict.fromkeys(("this", "this_expression", "base", "base_expression"), _Reader.this),
    **dict.fromkeys(
        ("string_literal", "verbatim_string_literal", "raw_string_literal"), _Reader.string
    ),
    **dict.fromkeys(
        (
            *("boolean_literal", "null_literal", "default_expression", "character_literal"),
            *("integer_literal", "real_literal"),
        ),
        _Reader.constant,
    ),
}

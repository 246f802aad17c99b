"""Reads Java into the common syntax tree (`syntax`), with tree-sitter.

A file becomes its classes, nested ones under names like `Order.Line`, then what classes initialise
when they are loaded: a static field is a variable of the module called `Order.total`. A type of
another file is an `Import` where it is used, for Java loads classes when they are first used. A
field that is called like a method of its class is the attribute `.name`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from textwrap import dedent
from typing import TYPE_CHECKING, TypeVar

from cfnlint_eda_rules.budget import NODES, STEPS, current, spend
from cfnlint_eda_rules.depth import LEVELS_AT_ONCE, TooDeep, crowded, on_fresh_stack
from cfnlint_eda_rules.handlers import syntax as s
from cfnlint_eda_rules.handlers.languages.java.names import ClassNames, Names

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_Lowered = TypeVar("_Lowered")

# links of a chain (`a.b().c()`, `a + b + c`): whoever evaluates the tree has a stack, too
_LONGEST = 3000
_LARGEST_BROKEN = 200_000  # bytes: recovering from errors takes tree-sitter far longer than reading
_COMMENTS = frozenset({"line_comment", "block_comment"})
_CLASSES = frozenset(
    {"class_declaration", "interface_declaration", "enum_declaration", "record_declaration"}
)
_INJECTS = frozenset(
    {"Inject", "Autowired", "Resource", "Value", "InjectMocks", "RestClient", "ConfigProperty"}
)
_CONSTRUCTS_FINAL = frozenset({"RequiredArgsConstructor", "AllArgsConstructor", "Data"})
_COMPARISONS = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_LOGICAL = {"&&": "and", "||": "or"}
_ESCAPE = re.compile(r"\\(u+[0-9a-fA-F]{4}|[0-7]{1,3}|\r?\n|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "\n": "", "\r\n": ""}


def parse(path: str, text: str) -> s.Module:
    """The module in `text`.

    Raises ValueError for text with a syntax error, for text nested too deeply to read, and where
    tree-sitter-java is not installed.
    """
    encoded = text.removeprefix("\ufeff").encode("utf-8", "replace")
    root = _parser().parse(encoded).root_node
    if root.has_error:
        spend(STEPS, min(len(encoded), _LARGEST_BROKEN) >> 1)
        raise ValueError(f"{path}: syntax error")
    reader = _Reader(encoded)
    try:
        module = s.Module(path, "java", reader.module(root))
    except (RecursionError, TooDeep):
        raise ValueError(f"{path}: nested too deeply") from None
    spend(NODES, reader.room - reader.left)
    return module


@cache
def _parser() -> Parser:
    # Loading a grammar takes longer than reading most templates, and most have no Java.
    try:
        import tree_sitter
        import tree_sitter_java
    except ImportError:
        raise ValueError("install tree-sitter-java") from None
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_java.language()))


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _named(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return [child for child in node.named_children if child.type not in _COMMENTS]


def _of_type(node: Node, *kinds: str) -> list[Node]:
    return [child for child in node.named_children if child.type in kinds]


def _cooked(raw: str) -> str:
    return _ESCAPE.sub(_character, raw) if "\\" in raw else raw


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if escape[0] == "u":
        return chr(int(escape.lstrip("u"), 16)).encode("utf-8", "replace").decode()
    return chr(int(escape, 8)) if escape[0] in "01234567" else _ESCAPES.get(escape, escape)


def _number(raw: str) -> int | float | None:
    raw = raw.replace("_", "").lower()
    try:
        if raw[:2] in ("0x", "0b"):
            return int(raw.rstrip("l"), 0)
        whole = raw.rstrip("l")
        if whole.isdigit():
            return int(whole, 8) if len(whole) > 1 and whole[0] == "0" else int(whole)
        return float(raw.rstrip("fdl"))
    except ValueError:
        return None


class _Reader:
    """Lowers the nodes of one file."""

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded
        self.names = Names()
        self.statics: list[s.Statement] = []
        self.known: dict[str, ClassNames] = {}
        self.room = min(1_000 + 4 * len(encoded), current().left(NODES))
        self.left = self.room
        self.level = 0

    def text(self, node: Node) -> str:
        return self.encoded[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def field_text(self, node: Node, name: str) -> str:
        found = node.child_by_field_name(name)
        return "" if found is None else self.text(found)

    def spent(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ValueError("too much source")

    # ----------------------------------------------------------------------------------------------

    def module(self, root: Node) -> list[s.Statement]:
        declared: list[tuple[str, Node]] = []
        for node in root.named_children:
            match node.type:
                case "package_declaration":
                    self.names.package = self.text(_named(node)[-1])
                case "import_declaration":
                    self.imports(node)
                case kind if kind in _CLASSES:
                    declared += self.declarations(node)
        self.names.declared.update(name for name, _ in declared)
        for name, node in declared:
            self.class_names(node, name)
        places = {id_: index for index, (id_, _) in enumerate(declared)}
        order = sorted(declared, key=lambda one: self.rank(one, places))
        classes: list[s.Statement] = []
        statics: list[tuple[bool, list[s.Statement]]] = []
        for name, node in order:
            self.statics = []
            definition = self.class_named(node, name)
            classes.append(s.ClassDefinition(definition, line=_line(node)))
            statics.append((node.type != "enum_declaration", self.statics))
        inner = sorted(statics, key=lambda one: one[0])
        return [*classes, *(statement for _, each in inner for statement in each)]

    def rank(self, one: tuple[str, Node], places: dict[str, int]) -> tuple[int, int]:
        """Classes stand after those of the file that they inherit from; nested before outer."""
        name, node = one
        depth = 0
        for base in self.base_names(node):
            if any(known.rpartition(".")[2] == base for known in places if known != name):
                depth = 1
        return depth, -name.count(".") * len(places) + places[name]

    def imports(self, node: Node) -> None:
        name = "".join(self.text(_named(node)[0]).split())
        static = any(child.type == "static" for child in node.children)
        whole = bool(_of_type(node, "asterisk"))
        first, _, last = name.rpartition(".")
        if static and whole:
            self.names.types_of_members.append(name)
        elif static:
            self.names.members[last] = first
        elif whole:
            self.names.packages.append(name)
        else:
            self.names.imports[last] = name

    def declarations(self, node: Node, outer: str = "") -> list[tuple[str, Node]]:
        """The classes in a class's declaration, nested ones after those around them."""
        found: list[tuple[str, Node]] = []
        pending = [(node, outer)]
        while pending:
            one, around = pending.pop()
            name = self.field_text(one, "name")
            full = f"{around}.{name}" if around else name
            found.append((full, one))
            pending += [(child, full) for child in self.members(one) if child.type in _CLASSES]
        return found

    def members(self, node: Node) -> list[Node]:
        body = node.child_by_field_name("body")
        found: list[Node] = []
        for child in _named(body):
            found += _named(child) if child.type == "enum_body_declarations" else [child]
        return found

    def base_names(self, node: Node) -> list[str]:
        found: list[Node] = []
        for name in ("superclass", "interfaces"):
            below = node.child_by_field_name(name)
            found += _named(below)
        found += [child for one in _of_type(node, "extends_interfaces") for child in _named(one)]
        types = [t for one in found for t in (_named(one) if one.type == "type_list" else [one])]
        return [self.type_name(one) for one in types]

    # ----------------------------------------------------------------------------------------------

    def class_named(self, node: Node, name: str, local: bool = False) -> s.Class:
        """A class; what it initialises when it is loaded is added to `statics`."""
        around = self.names.classes
        if not local:
            self.names.classes = self.outer_classes(name)
        owner = self.class_names(node, name, local)
        self.names.classes = [*self.names.classes, owner]
        bases = [self.names.type(base, _line(node)) for base in self.base_names(node)]
        made = self.class_of(node, owner, bases)
        self.names.classes = around
        return made

    def outer_classes(self, name: str) -> list[ClassNames]:
        known = self.known
        parts = name.split(".")
        return [known[full] for n in range(1, len(parts)) if (full := ".".join(parts[:n])) in known]

    def class_names(self, node: Node, name: str, local: bool = False) -> ClassNames:
        known = self.known
        if name in known and not local:
            return known[name]
        owner = ClassNames(name, local=local, inherits=bool(self.base_names(node)))
        members = self.members(node)
        for member in members:
            if member.type == "method_declaration":
                static = "static" in self.modifiers(member)
                method = self.field_text(member, "name")
                owner.methods[method] = static and owner.methods.get(method, True)
        interface = node.type == "interface_declaration"
        for member in members:
            if member.type == "enum_constant":
                owner.fields[self.field_text(member, "name")] = ""
            if member.type in ("field_declaration", "constant_declaration"):
                static = interface or "static" in self.modifiers(member)
                for declarator in _of_type(member, "variable_declarator"):
                    field = self.field_text(declarator, "name")
                    own = f".{field}" if field in owner.methods else field
                    owner.fields[field] = "" if static and not local else own
        for parameter in self.parameter_nodes(node) if node.type == "record_declaration" else ():
            owner.fields[self.parameter_name(parameter)] = f".{self.parameter_name(parameter)}"
        if not local:
            known[name] = owner
        return owner

    def modifiers(self, node: Node) -> set[str]:
        """The modifiers of a declaration, annotations by their simple names after an @."""
        found: set[str] = set()
        for modifiers in _of_type(node, "modifiers"):
            for child in modifiers.children:
                if child.type in ("marker_annotation", "annotation"):
                    found.add("@" + self.field_text(child, "name").rpartition(".")[2])
                else:
                    found.add(child.type)
        return found

    def annotations(self, node: Node) -> list[s.Expression]:
        """What annotations there are, as calls of them."""
        found: list[s.Expression] = []
        for modifiers in _of_type(node, "modifiers"):
            for child in _of_type(modifiers, "marker_annotation", "annotation"):
                name = self.field_text(child, "name")
                if name in ("Override", "SuppressWarnings", "Deprecated"):
                    continue
                given = [
                    argument
                    for one in _named(child.child_by_field_name("arguments"))
                    for argument in self.annotation_argument(one)
                ]
                line = _line(child)
                found.append(s.Invoke(self.names.type(name, line), given, line=line))
        return found

    def annotation_argument(self, node: Node) -> list[s.Argument]:
        name = None
        value: Node | None = node
        if node.type == "element_value_pair":
            name = self.field_text(node, "key")
            value = node.child_by_field_name("value")
        return [] if value is None else [s.Argument(self.expression(value), name)]

    def class_of(self, node: Node, owner: ClassNames, bases: list[s.Expression]) -> s.Class:
        made = s.Class(owner.name, bases, [], [], [], [], _line(node))
        if not owner.local:
            made.decorators = self.annotations(node)
        if node.type == "record_declaration":
            self.record(node, owner, made)
        finals = any(f"@{name}" in self.modifiers(node) for name in _CONSTRUCTS_FINAL)
        for member in self.members(node):
            self.member(member, owner, made, finals)
        return made

    def member(self, node: Node, owner: ClassNames, made: s.Class, finals: bool) -> None:
        line = _line(node)
        match node.type:
            case "field_declaration" | "constant_declaration":
                self.fields(node, owner, made, finals)
            case "method_declaration":
                made.methods.append(self.method(node, owner))
            case "constructor_declaration":
                made.methods.append(self.constructor(node, owner))
            case "enum_constant":
                self.enum_constant(node, owner)
            case "static_initializer":
                self.statics += self.scoped(lambda: self.block(_named(node)))
            case "block":
                body = self.scoped(lambda: self.statements(node))
                run = s.Lambda(s.Function("", [], body, line, arrow=True), line=line)
                pattern = s.NamePattern(" initialised", True)
                made.instance_fields.append(s.Assign(pattern, s.Invoke(run, [], line=line)))

    def record(self, node: Node, owner: ClassNames, made: s.Class) -> None:
        line = _line(node)
        names = [self.parameter_name(one) for one in self.parameter_nodes(node)]
        this = s.Name("this", line=line)
        for name in names:
            if name not in owner.methods:
                value = s.Return(s.Attribute(this, f".{name}", line=line), line=line)
                made.methods.append(s.Function(name, [], [value], line, kind="method"))
        compact = [
            one for one in self.members(node) if one.type == "compact_constructor_declaration"
        ]
        self.names.variables.append(set(names))
        body = [s for one in compact for s in self.statements(one.child_by_field_name("body"))]
        self.names.variables.pop()
        for name in names:
            place = s.MemberPattern(s.Attribute(this, f".{name}", line=line))
            body.append(s.Assign(place, s.Name(name, line=line), line=line))
        parameters = self.parameters(self.parameter_nodes(node))
        made.methods.append(s.Function("constructor", parameters, body, line, kind="constructor"))

    def fields(self, node: Node, owner: ClassNames, made: s.Class, finals: bool) -> None:
        kind = self.type_name(node.child_by_field_name("type"))
        modifiers = self.modifiers(node)
        injects = any(f"@{name}" in modifiers for name in _INJECTS)
        injects = injects or (finals and "final" in modifiers and "static" not in modifiers)
        for declarator in _of_type(node, "variable_declarator"):
            name = self.field_text(declarator, "name")
            line = _line(declarator)
            given = declarator.child_by_field_name("value")
            with self.variables():
                value = self.value(given)
            if value is None and injects:
                value = self.names.injected(kind, line)
            attribute = owner.fields.get(name, name)
            if attribute:
                pattern = s.NamePattern(attribute, True)
                made.instance_fields.append(s.Assign(pattern, value, line=line))
            else:
                pattern = s.NamePattern(f"{owner.name}.{name}", True)
                self.statics.append(s.Assign(pattern, value, annotation=kind, line=line))

    def enum_constant(self, node: Node, owner: ClassNames) -> None:
        line = _line(node)
        name = self.field_text(node, "name")
        place = f"{owner.name}.{name}"
        given = self.scoped(lambda: self.arguments(node.child_by_field_name("arguments")))
        value: s.Expression = s.Constant(name, line=line)
        if given:
            value = s.Invoke(s.Name(owner.name, line=line), given, new=True, line=line)
        self.statics.append(s.Assign(s.NamePattern(place, True), value, line=line))
        if given:
            called = s.Attribute(s.Name(place, line=line), "$name", line=line)
            self.statics.append(s.Assign(s.MemberPattern(called), s.Constant(name), line=line))

    def method(self, node: Node, owner: ClassNames) -> s.Function:
        static = "static" in self.modifiers(node)
        name = self.field_text(node, "name")
        made = self.function(node, name, "static" if static else "method")
        if not owner.local:
            made.decorators = self.annotations(node)
        return made

    def constructor(self, node: Node, owner: ClassNames) -> s.Function:
        made = self.function(node, "constructor", "constructor")
        nodes = self.parameter_nodes(node)
        kinds = (self.type_name(one.child_by_field_name("type")) for one in nodes)
        for parameter, kind in zip(made.parameters, kinds, strict=True):
            # A container of dependencies constructs it.
            parameter.default = self.names.injected(kind, _line(node)) if kind else None
        first = made.body[0] if made.body else None
        explicit = isinstance(first, s.Do) and isinstance(first.value, s.Invoke)
        function = first.value.function if explicit else None  # type: ignore[union-attr]
        called = isinstance(function, s.Attribute) and function.name == "constructor"
        if owner.inherits and not called:
            line = _line(node)
            place = s.Attribute(s.Name("super", line=line), "constructor", line=line)
            made.body.insert(0, s.Do(s.Invoke(place, [], line=line), line=line))
        return made

    def function(self, node: Node, name: str, kind: str) -> s.Function:
        nodes = self.parameter_nodes(node)
        self.names.variables.append({self.parameter_name(one) for one in nodes})
        body = self.statements(node.child_by_field_name("body"))
        self.names.variables.pop()
        return s.Function(name, self.parameters(nodes), body, _line(node), kind=kind)

    def parameter_nodes(self, node: Node) -> list[Node]:
        found = node.child_by_field_name("parameters")
        return [] if found is None else _of_type(found, "formal_parameter", "spread_parameter")

    def parameter_name(self, node: Node) -> str:
        for declarator in _of_type(node, "variable_declarator"):
            return self.field_text(declarator, "name")
        return self.field_text(node, "name")

    def parameters(self, nodes: Iterable[Node]) -> list[s.Parameter]:
        found: list[s.Parameter] = []
        for node in nodes:
            kind = "rest" if node.type == "spread_parameter" else "positional"
            annotation = self.type_name(node.child_by_field_name("type")) or None
            pattern = s.NamePattern(self.parameter_name(node), True)
            found.append(s.Parameter(pattern, None, kind, annotation))
        return found

    def type_name(self, node: Node | None) -> str:
        """The name of a type without its arguments; "" for those of the language."""
        while node is not None and node.type in ("generic_type", "annotated_type"):
            below = [one for one in _named(node) if "type_identifier" in one.type]
            node = below[0] if below else None
        if node is None or node.type not in ("type_identifier", "scoped_type_identifier"):
            return ""
        name = "".join(self.text(node).split())
        return "" if name == "var" or "<" in name or "@" in name else name

    # ----------------------------------------------------------------------------------------------

    def scoped(self, action: Callable[[], _Lowered]) -> _Lowered:
        """What `action` gives, with variables of its own."""
        with self.variables():
            return action()

    @contextmanager
    def variables(self) -> Iterator[None]:
        self.names.variables.append(set())
        try:
            yield
        finally:
            self.names.variables.pop()

    def statements(self, node: Node | None) -> list[s.Statement]:
        with self.variables():
            return self.block(_named(node))

    def body(self, node: Node | None) -> list[s.Statement]:
        if node is None:
            return []
        return self.statements(node) if node.type == "block" else self.block([node])

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

    def local_variables(self, node: Node, out: list[s.Statement]) -> None:
        annotation = self.type_name(node.child_by_field_name("type")) or None
        for declarator in _of_type(node, "variable_declarator"):
            name = self.field_text(declarator, "name")
            value = self.value(declarator.child_by_field_name("value"))
            self.names.declare(name)
            pattern = s.NamePattern(name, True)
            out.append(s.Assign(pattern, value, annotation=annotation, line=_line(declarator)))

    def expression_statement(self, node: Node, out: list[s.Statement]) -> None:
        for child in _named(node):
            self.effect(child, out)

    def effect(self, node: Node, out: list[s.Statement]) -> None:
        match node.type:
            case "assignment_expression":
                self.assignment(node, out)
            case "update_expression":
                self.update(node, out)
            case "switch_expression":
                self.switch(node, out)
            case _:
                out.append(s.Do(self.expression(node), line=_line(node)))

    def assignment(self, node: Node, out: list[s.Statement]) -> None:
        operator = self.field_text(node, "operator")
        pattern = self.pattern(node.child_by_field_name("left"))
        value = self.value(node.child_by_field_name("right"))
        out.append(s.Assign(pattern, value, operator != "=", line=_line(node)))

    def update(self, node: Node, out: list[s.Statement]) -> None:
        one = s.Constant(1, line=_line(node))
        out.append(s.Assign(self.pattern(_named(node)[0]), one, True, line=_line(node)))

    def pattern(self, node: Node | None) -> s.Pattern:
        while node is not None and node.type == "parenthesized_expression":
            node = _named(node)[0]
        found = s.Opaque([]) if node is None else self.expression(node)
        if isinstance(found, s.Name):
            return s.NamePattern(found.id, self.names.is_variable(found.id))
        return s.MemberPattern(found)

    def local_class(self, node: Node, out: list[s.Statement]) -> None:
        name = self.field_text(node, "name")
        self.names.declare(name)
        made = self.class_named(node, name, local=True)
        out.append(s.ClassDefinition(made, line=_line(node)))

    def return_statement(self, node: Node, out: list[s.Statement]) -> None:
        found = _named(node)
        value = self.expression(found[0]) if found else None
        out.append(s.Return(value, line=_line(node)))

    def throw(self, node: Node, out: list[s.Statement]) -> None:
        found = _named(node)
        out.append(s.Raise(self.expression(found[0]) if found else None, line=_line(node)))

    def jump(self, node: Node, out: list[s.Statement]) -> None:
        found = _named(node)
        label = self.text(found[0]) if found else None
        kind = s.Break if node.type == "break_statement" else s.Continue
        out.append(kind(label, line=_line(node)))

    def if_statement(self, node: Node, out: list[s.Statement]) -> None:
        """`else if`s follow each other without a level for each."""
        found: list[s.Statement] = out
        links = 0
        current_node: Node | None = node
        while current_node is not None and links < _LONGEST:
            test = self.condition(current_node)
            body = self.body(current_node.child_by_field_name("consequence"))
            made = s.If(test, body, [], line=_line(current_node))
            found.append(made)
            other = current_node.child_by_field_name("alternative")
            if other is None or other.type != "if_statement":
                made.orelse = self.body(other)
                return
            found, current_node, links = made.orelse, other, links + 1

    def condition(self, node: Node) -> s.Expression:
        found = node.child_by_field_name("condition")
        return s.Constant(True) if found is None else self.expression(found)

    def for_statement(self, node: Node, out: list[s.Statement], label: str | None = None) -> None:
        with self.variables():
            before: list[s.Statement] = []
            for one in node.children_by_field_name("init"):
                if one.type == "local_variable_declaration":
                    self.local_variables(one, before)
                else:
                    self.effect(one, before)
            test = node.child_by_field_name("condition")
            found = None if test is None else self.expression(test)
            body = self.body(node.child_by_field_name("body"))
            update: list[s.Statement] = []
            for one in node.children_by_field_name("update"):
                self.effect(one, update)
        line = _line(node)
        out.append(
            s.Block([*before, s.While(found, body, [], update, label=label, line=line)], line=line)
        )

    def for_each(self, node: Node, out: list[s.Statement], label: str | None = None) -> None:
        value = node.child_by_field_name("value")
        subject = s.Opaque([]) if value is None else self.expression(value)
        with self.variables():
            name = self.field_text(node, "name")
            self.names.declare(name)
            body = self.body(node.child_by_field_name("body"))
        out.append(
            s.For(s.NamePattern(name, True), subject, body, [], label=label, line=_line(node))
        )

    def while_statement(self, node: Node, out: list[s.Statement], label: str | None = None) -> None:
        test: s.Expression | None = self.condition(node)
        if isinstance(test, s.Constant) and test.value is True:
            test = None
        body = self.body(node.child_by_field_name("body"))
        first = node.type == "while_statement"
        out.append(s.While(test, body, [], test_first=first, label=label, line=_line(node)))

    def labelled(self, node: Node, out: list[s.Statement]) -> None:
        label, *rest = _named(node)
        for statement in rest:
            loop = _LOOPS.get(statement.type)
            if loop is not None:
                loop(self, statement, out, self.text(label))
            else:
                out.append(s.Block(self.body(statement), self.text(label), line=_line(node)))

    def try_statement(self, node: Node, out: list[s.Statement]) -> None:
        line = _line(node)
        with self.variables():
            managed = self.resources(node.child_by_field_name("resources"))
            body = self.statements(node.child_by_field_name("body"))
            for value, target in reversed(managed):
                body = [s.With(value, target, body, line=value.line)]
        handlers = [self.handler(one) for one in _of_type(node, "catch_clause")]
        final = [
            statement
            for one in _of_type(node, "finally_clause")
            for block in _named(one)
            for statement in self.statements(block)
        ]
        out.append(s.Try(body, handlers, [], final, line=line))

    def resources(self, node: Node | None) -> list[tuple[s.Expression, s.Pattern | None]]:
        found: list[tuple[s.Expression, s.Pattern | None]] = []
        for one in _named(node):
            given = one.child_by_field_name("value")
            name = self.field_text(one, "name")
            if given is not None:
                value = self.expression(given)
                self.names.declare(name)
                found.append((value, s.NamePattern(name, True)))
            else:
                found.append((self.expression(_named(one)[0]), None))
        return found

    def handler(self, node: Node) -> s.Handler:
        with self.variables():
            types: list[str] = []
            target: s.Pattern | None = None
            for one in _of_type(node, "catch_formal_parameter"):
                types = [
                    self.text(t) for kinds in _of_type(one, "catch_type") for t in _named(kinds)
                ]
                name = self.field_text(one, "name")
                self.names.declare(name)
                target = s.NamePattern(name, True)
            body = self.statements(node.child_by_field_name("body"))
        catches_all = bool({"Exception", "Throwable", "RuntimeException"} & set(types))
        return s.Handler([] if catches_all else types, target, body)

    def synchronized(self, node: Node, out: list[s.Statement]) -> None:
        out.append(s.Block(self.statements(node.child_by_field_name("body")), line=_line(node)))

    def yield_statement(self, node: Node, out: list[s.Statement]) -> None:
        self.return_statement(node, out)

    def switch(self, node: Node, out: list[s.Statement], value: bool = False) -> None:
        """A `switch`; as an expression, each case returns its value."""
        subject = self.condition(node)
        cases: list[s.Case] = []
        falls = False
        for one in _named(node.child_by_field_name("body")):
            with self.variables():
                parts = _named(one)
                labels = [part for part in parts if part.type == "switch_label"]
                rest = [part for part in parts if part.type != "switch_label"]
                bound: list[s.Statement] = []
                values, guard, default = self.labels(labels, subject, bound)
                falls = falls or one.type == "switch_block_statement_group"
                body = self.case_body(one, rest, value)
            cases.append(s.Case([] if default else values, [*bound, *body], guard))
        out.append(s.Switch(subject, cases, falls, line=_line(node)))

    def case_body(self, node: Node, rest: list[Node], value: bool) -> list[s.Statement]:
        if node.type != "switch_rule" or not rest:
            return self.block(rest)
        if rest[0].type == "expression_statement" and value:
            found = _named(rest[0])
            return [s.Return(self.expression(found[0]), line=_line(rest[0]))] if found else []
        return self.body(rest[0])

    def labels(
        self, labels: list[Node], subject: s.Expression, bound: list[s.Statement]
    ) -> tuple[list[s.Expression], s.Expression | None, bool]:
        values: list[s.Expression] = []
        guard: s.Expression | None = None
        default = False
        for label in labels:
            found = _named(label)
            default = default or not found
            for one in found:
                match one.type:
                    case "guard":
                        guard = self.expression(_named(one)[0])
                    case "identifier" if self.text(one) == "default":
                        default = True
                    case "identifier":
                        # A constant of the enumeration that is switched over.
                        values.append(s.Constant(self.text(one), line=_line(one)))
                    case "pattern" | "type_pattern" | "record_pattern":
                        values.append(s.Opaque([], line=_line(one)))
                        for name in self.pattern_names(one):
                            self.names.declare(name)
                            pattern = s.NamePattern(name, True)
                            bound.append(s.Assign(pattern, subject, line=_line(one)))
                    case _:
                        values.append(self.expression(one))
        return values, guard, default

    def pattern_names(self, node: Node) -> list[str]:
        found: list[str] = []
        pending = [node]
        while pending:
            one = pending.pop()
            if one.type in ("type_pattern", "record_pattern_component"):
                names = _of_type(one, "identifier")
                found += [self.text(names[-1])] if names else []
            pending += one.named_children
        return found

    # ----------------------------------------------------------------------------------------------

    def value(self, node: Node | None) -> s.Expression | None:
        return None if node is None else self.expression(node)

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
        children = [self.expression(child) for child in _named(node) if "type" not in child.type]
        return s.Opaque(children, line=_line(node))

    def inside(self, node: Node) -> s.Expression:
        found = _named(node)
        return self.expression(found[-1]) if found else s.Opaque([], line=_line(node))

    def identifier(self, node: Node) -> s.Expression:
        return self.names.variable(self.text(node), _line(node))

    def constant(self, node: Node) -> s.Expression:
        value: str | int | float | bool | None
        match node.type:
            case "true" | "false":
                value = node.type == "true"
            case "null_literal":
                value = None
            case "character_literal":
                value = _cooked(self.text(node)[1:-1])
            case _:
                value = _number(self.text(node))
        return s.Constant(value, line=_line(node))

    def string(self, node: Node) -> s.Expression:
        raw = self.text(node)
        if raw.startswith('"""'):
            return s.Constant(_cooked(dedent(raw[3:-3].partition("\n")[2])), line=_line(node))
        return s.Constant(_cooked(raw[1:-1]), line=_line(node))

    def binary(self, node: Node) -> s.Expression:
        """A chain of operators, without a level for each."""
        operator = self.field_text(node, "operator")
        links: list[tuple[str, Node]] = []
        left: Node = node
        while left.type == "binary_expression" and len(links) < _LONGEST:
            links.append((self.field_text(left, "operator"), _field(left, "right")))
            left = _field(left, "left")
        found = self.expression(left)
        line = _line(node)
        if operator in _LOGICAL and all(one == operator for one, _ in links):
            rest = [self.expression(right) for _, right in reversed(links)]
            return s.Logical(_LOGICAL[operator], [found, *rest], line=line)
        for one, right in reversed(links):
            found = self.operation(one, found, self.expression(right), line)
        return found

    def operation(
        self, operator: str, left: s.Expression, right: s.Expression, line: int
    ) -> s.Expression:
        if operator in _COMPARISONS:
            return s.Compare(_COMPARISONS[operator], left, right, line=line)
        if operator in _LOGICAL:
            return s.Logical(_LOGICAL[operator], [left, right], line=line)
        if operator == "+" and (_is_text(left) or _is_text(right)):
            before = left.parts if isinstance(left, s.Template) else [left]
            return s.Template(
                [*before, right] if len(before) < 2 else _grown(before, right), line=line
            )
        return s.Binary("//" if operator == "/" else operator, left, right, line=line)

    def unary(self, node: Node) -> s.Expression:
        operand = self.expression(_field(node, "operand"))
        match self.field_text(node, "operator"):
            case "!":
                return s.Not(operand, line=_line(node))
            case "-" if isinstance(operand, s.Constant) and isinstance(operand.value, int | float):
                return s.Constant(-operand.value, line=_line(node))
        return s.Opaque([operand], line=_line(node))

    def bound(self, node: Node) -> s.Expression:
        out: list[s.Statement] = []
        self.effect(node, out)
        made = out[0] if out else None
        if not isinstance(made, s.Assign) or made.value is None:
            return s.Opaque([], line=_line(node))
        if not made.augmented:
            return s.Bind(made.target, made.value, line=_line(node))
        read = self.expression(_named(node)[0])
        sum_ = s.Binary("+", read, made.value, line=_line(node))
        return s.Bind(made.target, sum_, line=_line(node))

    def conditional(self, node: Node) -> s.Expression:
        return s.Conditional(
            self.condition(node),
            self.expression(_field(node, "consequence")),
            self.expression(_field(node, "alternative")),
            line=_line(node),
        )

    def instance_of(self, node: Node) -> s.Expression:
        line = _line(node)
        left = self.expression(_field(node, "left"))
        kind = node.child_by_field_name("right")
        name = node.child_by_field_name("name")
        names = [self.text(name)] if name is not None else []
        if kind is None:
            found = node.child_by_field_name("pattern")
            names = [] if found is None else self.pattern_names(found)
        type_name = self.type_name(kind)
        right = self.names.type(type_name, line) if type_name else s.Opaque([], line=line)
        test = s.Compare("instanceof", left, right, line=line)
        binds: list[s.Expression] = []
        for one in names:
            self.names.declare(one)
            binds.append(s.Bind(s.NamePattern(one, True), left, line=line))
        return s.Sequence([*binds, test], line=line) if binds else test

    def array(self, node: Node) -> s.Expression:
        given = node.child_by_field_name("value")
        if given is None:
            return s.Opaque([], line=_line(node))
        return self.items(given)

    def items(self, node: Node) -> s.Expression:
        return s.Collection([self.expression(one) for one in _named(node)], line=_line(node))

    def index(self, node: Node) -> s.Expression:
        array = self.expression(_field(node, "array"))
        return s.Index(array, self.expression(_field(node, "index")), line=_line(node))

    def class_literal(self, node: Node) -> s.Expression:
        found = _named(node)
        name = self.type_name(found[0]) if found else ""
        line = _line(node)
        return self.names.type(name, line) if name else s.Opaque([], line=line)

    def switch_value(self, node: Node) -> s.Expression:
        out: list[s.Statement] = []
        self.switch(node, out, value=True)
        line = _line(node)
        run = s.Lambda(s.Function("", [], out, line, arrow=True), line=line)
        return s.Invoke(run, [], line=line)

    def function_value(self, node: Node) -> s.Expression:
        line = _line(node)
        given = node.child_by_field_name("parameters")
        parameters: list[s.Parameter] = []
        match None if given is None else given.type:
            case "formal_parameters":
                parameters = self.parameters(self.parameter_nodes(node))
            case "inferred_parameters":
                parameters = [_plain(self.text(one)) for one in _named(given)]
            case "identifier" if given is not None:
                parameters = [_plain(self.text(given))]
        self.names.variables.append({one.pattern.id for one in parameters})  # type: ignore[attr-defined]
        body = node.child_by_field_name("body")
        if body is None or body.type == "block":
            found = self.statements(body)
        else:
            found = [s.Return(self.expression(body), line=_line(body))]
        self.names.variables.pop()
        return s.Lambda(s.Function("", parameters, found, line, arrow=True), line=line)

    def reference(self, node: Node) -> s.Expression:
        """`Order::getId`, `this::store`, `Order::new`."""
        line = _line(node)
        found = _named(node)
        subject = found[0] if found else None
        if subject is None or subject.type == "array_type":
            return s.Opaque([], line=line)
        named = subject.type in ("generic_type", "type_identifier", "scoped_type_identifier")
        place = (
            self.names.type(self.type_name(subject), line) if named else self.expression(subject)
        )
        given = [s.Argument(s.Name("given", line=line), spread=True)]
        parameter = s.Parameter(s.NamePattern("given", True), kind="rest")
        called: s.Expression
        if node.children[-1].type == "new":
            called = s.Invoke(place, given, new=True, line=line)
        elif isinstance(place, s.Import) or (
            isinstance(place, s.Name) and place.id in self.names.declared
        ):
            what = [s.Argument(place), s.Argument(s.Constant(self.text(found[-1]), line=line))]
            called = s.Invoke(s.Name("refer", line=line), [*what, *given], line=line)
        else:
            method = s.Attribute(place, self.text(found[-1]), line=line)
            called = s.Invoke(method, given, line=line)
        body: list[s.Statement] = [s.Return(called, line=line)]
        return s.Lambda(s.Function("", [parameter], body, line, arrow=True), line=line)

    def created(self, node: Node) -> s.Expression:
        line = _line(node)
        name = self.type_name(node.child_by_field_name("type"))
        given = self.arguments(node.child_by_field_name("arguments"))
        kind = self.names.type(name, line) if name else s.Opaque([], line=line)
        for body in _of_type(node, "class_body"):
            kind = s.ClassExpression(self.anonymous(node, body, kind), line=line)
            given = given if name else []
        return s.Invoke(kind, given, new=True, line=line)

    def anonymous(self, node: Node, body: Node, base: s.Expression) -> s.Class:
        owner = ClassNames(f"anonymous {node.start_byte}", local=True, inherits=True)
        members = _named(body)
        for member in members:
            if member.type == "method_declaration":
                owner.methods[self.field_text(member, "name")] = False
            for declarator in _of_type(member, "variable_declarator"):
                name = self.field_text(declarator, "name")
                owner.fields[name] = name
        made = s.Class("", [base], [], [], [], [], _line(node))
        self.names.classes = [*self.names.classes, owner]
        for member in members:
            self.member(member, owner, made, False)
        self.names.classes = self.names.classes[:-1]
        return made

    def arguments(self, node: Node | None) -> list[s.Argument]:
        return [s.Argument(self.expression(one)) for one in _named(node)]

    def constructor_call(self, node: Node, out: list[s.Statement]) -> None:
        line = _line(node)
        which = self.field_text(node, "constructor")
        place = s.Attribute(s.Name(which, line=line), "constructor", line=line)
        given = self.arguments(node.child_by_field_name("arguments"))
        out.append(s.Do(s.Invoke(place, given, line=line), line=line))

    def chain(self, node: Node) -> s.Expression:
        """Calls and fields of one object after the other, without a level for each."""
        links: list[Node] = []
        here: Node | None = node
        while here is not None and here.type in ("method_invocation", "field_access"):
            known = self.named_place(here)
            if known is not None:
                return self.linked(known, links)
            links.append(here)
            here = here.child_by_field_name("object")
            if len(links) > _LONGEST:
                raise TooDeep
        if here is not None:
            return self.linked(self.expression(here), links)
        last = links.pop()
        function = self.names.method(self.field_text(last, "name"), _line(last))
        given = self.arguments(last.child_by_field_name("arguments"))
        return self.linked(s.Invoke(function, given, line=_line(last)), links)

    def linked(self, found: s.Expression, links: list[Node]) -> s.Expression:
        for link in reversed(links):
            line = self.name_line(link)
            if link.type == "field_access":
                found = s.Attribute(found, self.field_text(link, "field"), line=line)
            else:
                function = s.Attribute(found, self.field_text(link, "name"), line=line)
                given = self.arguments(link.child_by_field_name("arguments"))
                found = s.Invoke(function, given, line=line)
        return found

    def name_line(self, link: Node) -> int:
        """The line of a call: that of the method's name, for chains go over several lines."""
        found = link.child_by_field_name("name") or link.child_by_field_name("field")
        return _line(link if found is None else found)

    def named_place(self, node: Node) -> s.Expression | None:
        """What a qualified name, `this.field` or `Outer.this` means; None for anything else."""
        if node.type != "field_access":
            return None
        subject, field = _field(node, "object"), _field(node, "field")
        line = _line(node)
        if field.type == "this":
            name = self.names.nested(self.text(subject)) or self.text(subject)
            own = self.names.classes and self.names.classes[-1].name == name
            return s.Name("this" if own else f"this {name}", line=line)
        if subject.type == "this" and self.names.classes:
            name = self.text(field)
            owner = self.names.classes[-1]
            attribute = owner.fields.get(name)
            if attribute == "":
                return s.Name(f"{owner.name}.{name}", line=line)
            return s.Attribute(s.Name("this", line=line), attribute or name, line=line)
        return self.qualified(node)

    def qualified(self, node: Node) -> s.Expression | None:
        """A name with its package, or a nested class or static field of this file's."""
        names: list[str] = []
        here = node
        while here.type == "field_access" and len(names) < 20:
            names.append(self.text(_field(here, "field")))
            here = _field(here, "object")
        if here.type != "identifier":
            return None
        names = [self.text(here), *reversed(names)]
        first = names[0]
        line = _line(node)
        if self.names.is_variable(first) or self.names.field(first, line) is not None:
            return None
        if first[:1].isupper():
            own = self.names.nested(first)
            whole = ".".join((own or "", *names[1:]))
            known = self.known.get(own or "")
            if own is None or not (
                whole in self.names.declared
                or (known is not None and len(names) == 2 and known.fields.get(names[1]) == "")
            ):
                return None
            return s.Name(whole, line=line)
        upper = next((i for i, name in enumerate(names) if name[:1].isupper()), None)
        if upper is None or any(not name.islower() for name in names[:upper]):
            return None
        found: s.Expression = s.Import(".".join(names[: upper + 1]), line=line)
        for name in names[upper + 1 :]:
            found = s.Attribute(found, name, line=line)
        return found

    def this(self, node: Node) -> s.Expression:
        return s.Name(node.type, line=_line(node))


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise ValueError(f"{node.type} without {name}")
    return found


def _is_text(node: s.Expression) -> bool:
    return isinstance(node, s.Template) or (
        isinstance(node, s.Constant) and isinstance(node.value, str)
    )


def _grown(parts: list[s.Expression], more: s.Expression) -> list[s.Expression]:
    """The parts with one more: the list is no one else's."""
    parts.append(more)
    return parts


def _plain(name: str) -> s.Parameter:
    return s.Parameter(s.NamePattern(name, True))


_STATEMENTS: dict[str, Callable[[_Reader, Node, list[s.Statement]], None]] = {
    "block": _Reader.nested_block,
    "constructor_body": _Reader.nested_block,
    "local_variable_declaration": _Reader.local_variables,
    "expression_statement": _Reader.expression_statement,
    "explicit_constructor_invocation": _Reader.constructor_call,
    "class_declaration": _Reader.local_class,
    "record_declaration": _Reader.local_class,
    "enum_declaration": _Reader.local_class,
    "interface_declaration": _Reader.local_class,
    "return_statement": _Reader.return_statement,
    "throw_statement": _Reader.throw,
    "break_statement": _Reader.jump,
    "continue_statement": _Reader.jump,
    "if_statement": _Reader.if_statement,
    "for_statement": _Reader.for_statement,
    "enhanced_for_statement": _Reader.for_each,
    "while_statement": _Reader.while_statement,
    "do_statement": _Reader.while_statement,
    "labeled_statement": _Reader.labelled,
    "try_statement": _Reader.try_statement,
    "try_with_resources_statement": _Reader.try_statement,
    "synchronized_statement": _Reader.synchronized,
    "yield_statement": _Reader.yield_statement,
    "switch_expression": _Reader.switch,
    "switch_statement": _Reader.switch,
}

_LOOPS: dict[str, Callable[[_Reader, Node, list[s.Statement], str | None], None]] = {
    "for_statement": _Reader.for_statement,
    "enhanced_for_statement": _Reader.for_each,
    "while_statement": _Reader.while_statement,
    "do_statement": _Reader.while_statement,
}

_EXPRESSIONS: dict[str, Callable[[_Reader, Node], s.Expression]] = {
    "identifier": _Reader.identifier,
    "parenthesized_expression": _Reader.inside,
    "cast_expression": _Reader.inside,
    "method_invocation": _Reader.chain,
    "field_access": _Reader.chain,
    "object_creation_expression": _Reader.created,
    "lambda_expression": _Reader.function_value,
    "method_reference": _Reader.reference,
    "assignment_expression": _Reader.bound,
    "update_expression": _Reader.bound,
    "binary_expression": _Reader.binary,
    "unary_expression": _Reader.unary,
    "ternary_expression": _Reader.conditional,
    "instanceof_expression": _Reader.instance_of,
    "array_creation_expression": _Reader.array,
    "array_initializer": _Reader.items,
    "element_value_array_initializer": _Reader.items,
    "array_access": _Reader.index,
    "class_literal": _Reader.class_literal,
    "switch_expression": _Reader.switch_value,
    "string_literal": _Reader.string,
    "text_block": _Reader.string,
    "this": _Reader.this,
    "super": _Reader.this,
    **dict.fromkeys(
        (
            *("true", "false", "null_literal", "character_literal", "decimal_integer_literal"),
            *("hex_integer_literal", "octal_integer_literal", "binary_integer_literal"),
            *("decimal_floating_point_literal", "hex_floating_point_literal"),
        ),
        _Reader.constant,
    ),
}

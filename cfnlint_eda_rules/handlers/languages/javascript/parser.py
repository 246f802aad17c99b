"""Reads JavaScript and TypeScript into the common syntax tree (`syntax`), with tree-sitter.

What the language evaluates before the first statement comes first in every body: imports, then
function declarations. ES modules' exports are live bindings, so they come when what they name is
there: those of imports and functions before the other statements, all others at the end; only
`export default <expression>` stays where it is. Types leave no trace but `annotation`; what
TypeScript and bundlers write instead of newer syntax (`(0, a.b)(c)`, `__awaiter`) is read as the
syntax it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

from cfnlint_eda_rules.budget import NODES, STEPS, current, spend
from cfnlint_eda_rules.depth import LEVELS_AT_ONCE, TooDeep, crowded, on_fresh_stack
from cfnlint_eda_rules.handlers import syntax as s
from cfnlint_eda_rules.handlers.languages.javascript import bundles

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree


def parse(path: str, text: str) -> s.Module:
    """The module in `text`; `path` says by its extension whether it is JavaScript, TypeScript or
    TSX.

    Raises ValueError for text with a syntax error (or JSX, which is no handler's), and for text
    nested too deeply to read.
    """
    text = text.removeprefix("\ufeff")
    encoded = text.encode("utf-8", "replace")
    if bundles.too_dense(text) or bundles.too_much_of_its_own(text):
        raise ValueError(f"{path}: more than a bundle has")
    root = _root(_GRAMMARS.get(PurePath(path).suffix.lower(), "javascript"), encoded)
    if root.has_error:
        spend(STEPS, min(len(encoded), STRETCH) >> 1)
        raise ValueError(f"{path}: syntax error")
    try:
        bundle = bundles.recognise(root, encoded, text)
        reader = _Reader(text, encoded, bundle)
        module = s.Module(path, "javascript", reader.module(root))
        spend(NODES, reader.room - reader.left)
        return module
    except (RecursionError, TooDeep):
        raise ValueError(f"{path}: nested too deeply") from None


def _root(grammar: str, encoded: bytes) -> Node:
    """The root of what the grammar makes of a file; of one full of errors, of its beginning.

    Recovering from errors takes tree-sitter a thousand times as long as reading does, and cannot be
    interrupted: a long file is read in stretches, and the beginning of one without errors has few,
    where it is cut.
    """
    parser = _parser(grammar)
    tree: Tree | None = None
    done = 0
    while done < len(encoded):
        end = min(len(encoded), done + max(STRETCH, done >> 3))
        if end > len(encoded) - STRETCH // 4:
            end = len(encoded)
        if tree is not None:
            cut = _point(encoded, done)
            tree.edit(done, done, end, cut, cut, _point(encoded, end))
        tree = parser.parse(encoded[:end]) if tree is None else parser.parse(encoded[:end], tree)
        done = end
        if done < len(encoded) and _is_full_of_errors(tree.root_node):
            break
    return (tree or parser.parse(encoded)).root_node


def _point(encoded: bytes, place: int) -> tuple[int, int]:
    return encoded.count(b"\n", 0, place), place - encoded.rfind(b"\n", 0, place) - 1


def _is_full_of_errors(root: Node) -> bool:
    found = 0
    pending = [root]
    while pending and found < MOST_ERRORS:
        node = pending.pop()
        if node.has_error:
            found += node.is_error or node.is_missing
            pending.extend(node.children)
    return found >= MOST_ERRORS


STRETCH = 65_536  # bytes that are read at a time
MOST_ERRORS = 60  # in what is read so far
_GRAMMARS = {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx"}


@cache
def _parser(grammar: str) -> Parser:
    # Loading the grammars takes longer than reading most templates, and many templates have no
    # JavaScript.
    import tree_sitter

    if grammar == "javascript":
        import tree_sitter_javascript

        language = tree_sitter_javascript.language()
    else:
        import tree_sitter_typescript

        language = (
            tree_sitter_typescript.language_tsx()
            if grammar == "tsx"
            else tree_sitter_typescript.language_typescript()
        )
    return tree_sitter.Parser(tree_sitter.Language(language))


# links of a chain (`a.b().c()`, `a + b + c`, `else if`): whoever evaluates the tree has a stack,
# too
_LONGEST = 3000
_REQUIRES = frozenset(
    {"require", "import", "__require"}
)  # `__require` is what esbuild writes for `require` in an ES module
_AWAITERS = frozenset(
    {"__awaiter", "__async"}
)  # TypeScript's and esbuild's `async function` for engines without it
_ASYNC_FUNCTIONS = frozenset({"_asyncToGenerator", "__asyncToGenerator"})  # Babel's

_COMMENTS = frozenset({"comment", "html_comment"})
_FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration"})
_DEFINITIONS = frozenset(
    {"function_expression", "generator_function", "class"}
)  # `export default function name() {}` comes as one
_LITERALS = frozenset({"string", "number", "true", "false", "null", "undefined", "regex"})
_MODIFIERS = frozenset({"accessibility_modifier", "override_modifier", "readonly"})
_TRANSPARENT = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "instantiation_expression",
    }
)
_CHAIN = {
    "member_expression": "object",
    "subscript_expression": "object",
    "call_expression": "function",
    "non_null_expression": "",
}

_LOGICAL = {"&&": "and", "||": "or", "??": "default"}
_COMPARISONS = {
    "==": "==",
    "===": "==",
    "!=": "!=",
    "!==": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "in": "in",
    "instanceof": "instanceof",
}

_ESCAPE = re.compile(
    r"\\(u\{[0-9a-fA-F]{1,8}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|\r\n|.)", re.DOTALL
)
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\n": "",
    "\r": "",
    "\r\n": "",
    "\u2028": "",
    "\u2029": "",
}


def _cooked(raw: str) -> str:
    """The text that a string's or template's source stands for."""
    if "\\" not in raw:
        return raw
    text = _ESCAPE.sub(_character, raw)
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if escape[0] in "ux" and len(escape) > 1:
        code = int(escape[1:].strip("{}"), 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return chr(int(escape, 8)) if escape[0] in "01234567" else _ESCAPES.get(escape, escape)


def _number(raw: str) -> int | float | None:
    """The value of a numeric literal; None for one beyond what Python converts."""
    raw = raw.replace("_", "").lower()
    try:
        if raw[:2] in {"0x", "0o", "0b"}:
            return int(raw.removesuffix("n"), 0)
        if raw.removesuffix("n").isdigit():
            digits = raw.removesuffix("n")
            return (
                int(digits, 8)
                if len(digits) > 1 and digits[0] == "0" and not {"8", "9"} & set(digits)
                else int(digits)
            )
        value = float(raw)
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    except ValueError:
        return None


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise ValueError(f"{node.type} without {name}")
    return found


def _named(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type not in _COMMENTS]


def _first(node: Node) -> Node:
    for child in node.named_children:
        if child.type not in _COMMENTS:
            return child
    raise ValueError(f"empty {node.type}")


def _words(node: Node) -> set[str]:
    """The keywords (and modifiers) among a node's children."""
    return {child.type for child in node.children if not child.is_named or child.type in _MODIFIERS}


def _is_type(specifier: Node) -> bool:
    """Whether `{ type A }` imports or exports a type only."""
    return any(child.type == "type" for child in specifier.children)


class _Reader:
    """Lowers the nodes of one file."""

    def __init__(self, text: str, encoded: bytes, bundle: bundles.Bundle | None = None) -> None:
        self.bundle = bundle
        self.source = text if len(text) == len(encoded) else None
        self.encoded = encoded
        self.exports: list[s.Export] = []
        self.early: set[str] = set()
        self.yields_await = False
        # A compound assignment lowers its target twice; nested ones would double the work each
        # time.
        self.room = min(1_000 + 2 * len(encoded), current().left(NODES))
        self.left = self.room
        self.level = 0

    def text(self, node: Node) -> str:
        return self.slice(node.start_byte, node.end_byte)

    def slice(self, start: int, end: int) -> str:
        return (
            self.encoded[start:end].decode("utf-8", "replace")
            if self.source is None
            else self.source[start:end]
        )

    # ----------------------------------------------------------------------------------------------

    def module(self, root: Node) -> list[s.Statement]:
        imports: list[s.Statement] = []
        body = self.block(root.named_children, imports)
        early, late = self.parted_exports()
        functions = next(
            (
                i
                for i, statement in enumerate(body)
                if not isinstance(statement, s.FunctionDefinition)
            ),
            len(body),
        )
        return [*imports, *body[:functions], *early, *body[functions:], *late]

    def parted_exports(self) -> tuple[list[s.Export], list[s.Export]]:
        early: list[s.Export] = []
        late: list[s.Export] = []
        for export in self.exports:
            (
                early
                if isinstance(export.value, s.Name) and export.value.id in self.early
                else late
            ).append(export)
        return early, late

    def block(
        self, nodes: Iterable[Node], imports: list[s.Statement] | None = None
    ) -> list[s.Statement]:
        self.level += 1
        if self.level % LEVELS_AT_ONCE or not crowded():
            found = self.statements(nodes, imports)
        else:
            found = on_fresh_stack(lambda: self.statements(nodes, imports))
        self.level -= 1
        return found

    def statements(
        self, nodes: Iterable[Node], imports: list[s.Statement] | None = None
    ) -> list[s.Statement]:
        functions: list[s.Statement] = []
        out: list[s.Statement] = []
        for node in nodes:
            kind = node.type
            if self.bundle is not None and node.id in self.bundle.dropped:
                continue
            if (inlined := self.inlined(node)) is not None:
                self.inlined_statement(node, inlined, functions, out)
            elif kind in _FUNCTIONS:
                functions.append(self.function_definition(node))
            elif kind == "export_statement":
                self.export(node, functions, out, out if imports is None else imports)
            elif kind == "import_statement":
                self.imports(node, out if imports is None else imports)
            else:
                _STATEMENTS.get(kind, _Reader.nothing)(self, node, out)
        return functions + out if functions else out

    # ----------------------------------------------------------------------------------------------

    def inlined(self, node: Node) -> s.Expression | None:
        """What a bundle's node is read as; None for all others."""
        found = None if self.bundle is None else self.bundle.inlined.get(node.id)
        match found:
            case bundles.Library():
                return self.library(found, _line(node))
            case bundles.Wrapped():
                return self.module_maker(found, _line(node))
        return None

    def library(self, found: bundles.Library, line: int) -> s.Expression:
        module: s.Expression = s.Import(found.module, line=line)
        if found.symbol:
            module = s.Attribute(module, found.symbol, line=line)
        if not found.wrapped:
            return module
        made = s.Function("", [], [s.Return(module, line=line)], line, arrow=True)
        return s.Lambda(made, line=line)

    def module_maker(self, found: bundles.Wrapped, line: int) -> s.Expression:
        """A function that gives the module that `found.function` makes, which it runs once."""
        function = (
            self.method(found.function)[1]
            if found.function.type == "method_definition"
            else self.function(found.function)
        )
        made = s.Name("module made", line=line)  # no variable of the file can be called so
        exports = s.Attribute(made, "exports", line=line)
        empty = s.Mapping([(s.Constant("exports", line=line), s.Mapping([], line=line))], line=line)
        given = [s.Argument(exports), s.Argument(made)] if found.exporting else []
        body: list[s.Statement] = [
            s.If(made, [s.Return(exports, line=line)], [], line=line),
            s.Assign(s.NamePattern("module made"), empty, line=line),
            s.Do(s.Invoke(s.Lambda(function, line=line), given, line=line), line=line),
            s.Return(exports, line=line),
        ]
        once = s.Lambda(s.Function("", [], body, line, arrow=True), line=line)
        declared = s.Assign(s.NamePattern("module made", True), None, line=line)
        scope = s.Function("", [], [declared, s.Return(once, line=line)], line, arrow=True)
        return s.Invoke(s.Lambda(scope, line=line), [], line=line)

    def inlined_statement(
        self, node: Node, value: s.Expression, functions: list[s.Statement], out: list[s.Statement]
    ) -> None:
        line = _line(node)
        if node.type == "expression_statement":
            out.append(s.Assign(self.assigned(_first(node)), value, line=line))
            return
        target = s.NamePattern(self.text(_field(node, "name")), True)
        (functions if node.type in _FUNCTIONS else out).append(s.Assign(target, value, line=line))

    def assigned(self, node: Node) -> s.Pattern:
        while node.type == "parenthesized_expression":
            node = _first(node)
        return self.pattern(_field(node, "left"), False)

    # ----------------------------------------------------------------------------------------------

    def body(self, node: Node) -> list[s.Statement]:
        if node.type == "statement_block":
            return self.block(node.named_children)
        return self.block([node])

    def statement(self, node: Node, out: list[s.Statement]) -> None:
        out.extend(self.block([node]))

    def nothing(self, node: Node, out: list[s.Statement]) -> None:
        """Comments, types, declarations of what is elsewhere."""

    def expression_statement(self, node: Node, out: list[s.Statement]) -> None:
        self.effect(_first(node), out)

    def effect(self, node: Node, out: list[s.Statement]) -> None:
        """Lowers an expression whose value nobody uses, to statements where there are statements
        for it: minifiers write `a && (b = c, d())` for an `if`.
        """
        kind = node.type
        line = _line(node)
        if self.bundle is not None and node.id in self.bundle.dropped:
            return
        if (inlined := self.inlined(node)) is not None:
            out.append(s.Assign(self.assigned(node), inlined, line=line))
        elif kind == "parenthesized_expression":
            self.effect(_first(node), out)
        elif kind == "sequence_expression":
            for child in _named(node):
                self.effect(child, out)
        elif kind == "assignment_expression":
            value = self.value(_field(node, "right"), out)
            out.append(s.Assign(self.pattern(_field(node, "left"), False), value, line=line))
        elif kind == "augmented_assignment_expression":
            self.augmented(node, out)
        elif kind == "update_expression":
            self.combine(
                _field(node, "argument"),
                _field(node, "operator").type[0],
                s.Constant(1, line=line),
                out,
            )
        elif kind == "unary_expression" and _field(node, "operator").type in {"void", "!"}:
            self.effect(_field(node, "argument"), out)
        elif kind == "ternary_expression":
            test = self.value(_field(node, "condition"), out)
            then: list[s.Statement] = []
            otherwise: list[s.Statement] = []
            self.effect(_field(node, "consequence"), then)
            self.effect(_field(node, "alternative"), otherwise)
            out.append(s.If(test, then, otherwise, line=line))
        elif kind == "binary_expression" and (operator := _field(node, "operator").type) in {
            "&&",
            "||",
        }:
            test = self.value(_field(node, "left"), out)
            then = []
            self.effect(_field(node, "right"), then)
            out.append(
                s.If(test if operator == "&&" else s.Not(test, line=line), then, [], line=line)
            )
        elif kind == "internal_module":
            self.namespace(node, out)
        elif kind not in _LITERALS:
            out.append(s.Do(self.expression(node), line=line))

    def augmented(self, node: Node, out: list[s.Statement]) -> None:
        operator = _field(node, "operator").type[:-1]
        self.combine(_field(node, "left"), operator, self.expression(_field(node, "right")), out)

    def combine(
        self, target: Node, operator: str, right: s.Expression, out: list[s.Statement]
    ) -> None:
        value = self.combined(self.expression(target), operator, right)
        out.append(
            s.Assign(
                self.pattern(target, False),
                value,
                augmented=isinstance(value, s.Binary),
                line=value.line,
            )
        )

    def combined(
        self, old: s.Expression, operator: str, right: s.Expression
    ) -> s.Binary | s.Logical:
        """The new value of what `old` reads in `old operator= right`."""
        if operator in _LOGICAL:
            return s.Logical(_LOGICAL[operator], [old, right], line=old.line)
        return s.Binary(operator, old, right, line=old.line)

    def value(self, node: Node, out: list[s.Statement]) -> s.Expression:
        """An expression evaluated right after `out`: what a comma evaluates before it goes
        there.
        """
        while node.type == "parenthesized_expression":
            node = _first(node)
        if node.type == "sequence_expression":
            *before, node = _named(node)
            for child in before:
                self.effect(child, out)
        return self.expression(node)

    def declaration(self, node: Node, out: list[s.Statement]) -> None:
        for declarator in node.named_children:
            if declarator.type != "variable_declarator" or (
                self.bundle is not None and declarator.id in self.bundle.dropped
            ):
                continue
            value = declarator.child_by_field_name("value")
            out.append(
                s.Assign(
                    self.pattern(_field(declarator, "name"), True),
                    self.inlined(declarator) or (None if value is None else self.value(value, out)),
                    annotation=self.annotation(declarator),
                    line=_line(declarator),
                )
            )

    def function_definition(self, node: Node) -> s.FunctionDefinition:
        return s.FunctionDefinition(self.function(node), line=_line(node))

    def class_declaration(self, node: Node, out: list[s.Statement]) -> None:
        out.append(s.ClassDefinition(self.class_(node), line=_line(node)))

    def nested_block(self, node: Node, out: list[s.Statement]) -> None:
        out.append(s.Block(self.block(node.named_children), line=_line(node)))

    def return_statement(self, node: Node, out: list[s.Statement]) -> None:
        values = _named(node)
        value = self.value(values[0], out) if values else None
        out.append(s.Return(value, line=_line(node)))

    def throw_statement(self, node: Node, out: list[s.Statement]) -> None:
        value = self.value(_first(node), out)
        out.append(s.Raise(value, line=_line(node)))

    def label(self, node: Node) -> str | None:
        label = node.child_by_field_name("label")
        return None if label is None else self.text(label)

    def break_statement(self, node: Node, out: list[s.Statement]) -> None:
        out.append(s.Break(self.label(node), line=_line(node)))

    def continue_statement(self, node: Node, out: list[s.Statement]) -> None:
        out.append(s.Continue(self.label(node), line=_line(node)))

    def if_statement(self, node: Node, out: list[s.Statement]) -> None:
        chain: list[Node] = []
        while True:
            self.link(node, chain)
            test = self.value(_field(node, "condition"), out)
            lowered = s.If(test, self.body(_field(node, "consequence")), [], line=_line(node))
            out.append(lowered)
            alternative = node.child_by_field_name("alternative")
            if alternative is None:
                return
            otherwise = _first(alternative)
            if otherwise.type != "if_statement":
                lowered.orelse = self.body(otherwise)
                return
            node, out = otherwise, lowered.orelse

    def for_statement(self, node: Node, out: list[s.Statement]) -> None:
        before = node.child_by_field_name("initializer")
        if before is not None:
            if before.type in _STATEMENTS:
                self.statement(before, out)
            elif before.is_named:
                self.effect(before, out)
        condition = node.child_by_field_name("condition")
        if condition is not None and condition.type == "expression_statement":
            condition = _first(condition)
        endless = condition is None or not condition.is_named or condition.type == "empty_statement"
        test = None if condition is None or endless else self.expression(condition)
        update: list[s.Statement] = []
        increment = node.child_by_field_name("increment")
        if increment is not None:
            self.effect(increment, update)
        out.append(s.While(test, self.body(_field(node, "body")), [], update, line=_line(node)))

    def for_in_statement(self, node: Node, out: list[s.Statement]) -> None:
        right = _field(node, "right")
        iterable = self.value(right, out)
        if _field(node, "operator").type == "in":
            iterable = s.Keys(iterable, line=iterable.line)
        kind = node.child_by_field_name("kind")
        awaits = any(child.type == "await" for child in node.children)
        target = self.pattern(_field(node, "left"), kind is not None)
        out.append(
            s.For(target, iterable, self.body(_field(node, "body")), [], awaits, line=_line(node))
        )

    def while_statement(self, node: Node, out: list[s.Statement]) -> None:
        test = self.expression(_field(node, "condition"))
        out.append(s.While(test, self.body(_field(node, "body")), [], line=_line(node)))

    def do_statement(self, node: Node, out: list[s.Statement]) -> None:
        test = self.expression(_field(node, "condition"))
        out.append(
            s.While(test, self.body(_field(node, "body")), [], test_first=False, line=_line(node))
        )

    def labeled_statement(self, node: Node, out: list[s.Statement]) -> None:
        label = self.text(_field(node, "label"))
        lowered = self.body(_field(node, "body"))
        if (
            _field(node, "body").type != "statement_block"
            and lowered
            and isinstance(lowered[-1], s.For | s.While)
        ):
            lowered[-1].label = label
            out.extend(lowered)
        else:
            out.append(s.Block(lowered, label, line=_line(node)))

    def switch_statement(self, node: Node, out: list[s.Statement]) -> None:
        subject = self.value(_field(node, "value"), out)
        cases: list[s.Case] = []
        for case in _named(_field(node, "body")):
            value = case.child_by_field_name("value")
            values = [] if value is None else [self.expression(value)]
            cases.append(s.Case(values, self.block(case.children_by_field_name("body"))))
        out.append(s.Switch(subject, cases, True, line=_line(node)))

    def try_statement(self, node: Node, out: list[s.Statement]) -> None:
        handlers: list[s.Handler] = []
        catch = node.child_by_field_name("handler")
        if catch is not None:
            parameter = catch.child_by_field_name("parameter")
            target = None if parameter is None else self.pattern(parameter, True)
            handlers.append(s.Handler([], target, self.body(_field(catch, "body"))))
        finalizer = node.child_by_field_name("finalizer")
        final = [] if finalizer is None else self.body(_field(finalizer, "body"))
        out.append(s.Try(self.body(_field(node, "body")), handlers, [], final, line=_line(node)))

    def with_statement(self, node: Node, out: list[s.Statement]) -> None:
        self.effect(_field(node, "object"), out)
        out.extend(self.body(_field(node, "body")))

    # ----------------------------------------------------------------------------------------------

    def imports(self, node: Node, out: list[s.Statement]) -> None:
        line = _line(node)
        if "type" in {child.type for child in node.children[1:2]}:
            return
        clause = next(
            (
                child
                for child in node.named_children
                if child.type in {"import_clause", "import_require_clause"}
            ),
            None,
        )
        source = node.child_by_field_name("source")
        if clause is not None and clause.type == "import_require_clause":
            self.import_as(
                self.string(_field(clause, "source")), None, self.text(_first(clause)), line, out
            )
            return
        if source is None:
            return
        module = self.string(source)
        if clause is None:
            out.append(s.Do(s.Import(module, line=line), line=line))
            return
        for child in _named(clause):
            if child.type == "identifier":
                self.import_as(module, "default", self.text(child), line, out)
            elif child.type == "namespace_import":
                self.import_as(module, None, self.text(_first(child)), line, out)
            else:
                for specifier in _named(child):
                    if not _is_type(specifier):
                        name, alias = self.names(specifier)
                        self.import_as(module, name, alias, _line(specifier), out)

    def import_as(
        self, module: str, symbol: str | None, target: str, line: int, out: list[s.Statement]
    ) -> None:
        self.early.add(target)
        out.append(s.ImportFrom(module, symbol, target, line=line))

    def names(self, specifier: Node) -> tuple[str, str]:
        """The name and the alias (by default the name) in `{ name as alias }`."""
        name = _field(specifier, "name")
        alias = specifier.child_by_field_name("alias") or name
        return self.key_text(name), self.key_text(alias)

    def key_text(self, node: Node) -> str:
        return self.string(node) if node.type == "string" else self.text(node)

    def export(
        self,
        node: Node,
        functions: list[s.Statement],
        out: list[s.Statement],
        imports: list[s.Statement],
    ) -> None:
        words = [child.type for child in node.children]
        line = _line(node)
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        if (
            declaration is None
            and value is not None
            and value.type in _DEFINITIONS
            and value.child_by_field_name("name") is not None
        ):
            declaration = value
        default = "default" in words
        if declaration is not None:
            self.export_declaration(node, declaration, default, functions, out)
        elif value is not None:
            exported = (
                self.class_expression(value, self.decorators(node))
                if value.type == "class"
                else self.value(value, out)
            )
            out.append(s.Export("default", exported, line=line))
        elif "type" in words[1:2] or "namespace" in words:
            return
        elif "=" in words:
            target = s.Attribute(s.Name("module", line=line), "exports", line=line)
            out.append(s.Assign(s.MemberPattern(target), self.value(_first(node), out), line=line))
        else:
            self.export_names(node, imports)

    def export_declaration(
        self,
        node: Node,
        declaration: Node,
        default: bool,
        functions: list[s.Statement],
        out: list[s.Statement],
    ) -> None:
        line = _line(node)
        kind = declaration.type
        if kind in _FUNCTIONS or kind in {"function_expression", "generator_function"}:
            definition = self.function_definition(declaration)
            functions.append(definition)
            names = [definition.function.name]
            self.early.update(names)
        elif kind in {"class_declaration", "abstract_class_declaration", "class"}:
            class_ = self.class_(declaration, self.decorators(node))
            out.append(s.ClassDefinition(class_, line=_line(declaration)))
            names = [class_.name]
        else:
            before = len(out)
            self.statement(declaration, out)
            names = [
                name
                for made in out[before:]
                if isinstance(made, s.Assign)
                for name in _bound(made.target)
            ]
        self.exports += [
            s.Export("default" if default else name, s.Name(name, line=line), line=line)
            for name in names
        ]

    def export_names(self, node: Node, imports: list[s.Statement]) -> None:
        line = _line(node)
        source = node.child_by_field_name("source")
        module = None if source is None else self.string(source)
        clause = next(
            (
                child
                for child in _named(node)
                if child.type in {"export_clause", "namespace_export"}
            ),
            None,
        )
        if clause is None:
            if module is not None:
                imports.append(s.Export("*", s.Import(module, line=line), line=line))
        elif clause.type == "namespace_export":
            self.reexport(module or "", None, self.key_text(_first(clause)), line, imports)
        else:
            for specifier in _named(clause):
                if _is_type(specifier):
                    continue
                name, alias = self.names(specifier)
                if module is None:
                    self.exports.append(
                        s.Export(alias, s.Name(name, line=_line(specifier)), line=_line(specifier))
                    )
                else:
                    self.reexport(module, name, alias, _line(specifier), imports)

    def reexport(
        self, module: str, symbol: str | None, name: str, line: int, imports: list[s.Statement]
    ) -> None:
        hidden = f"export {name}"  # no variable of the file can be called so
        self.import_as(module, symbol, hidden, line, imports)
        self.exports.append(s.Export(name, s.Name(hidden, line=line), line=line))

    def import_alias(self, node: Node, out: list[s.Statement]) -> None:
        name, value = _named(node)
        out.append(s.Assign(s.NamePattern(self.text(name)), self.dotted(value), line=_line(node)))

    def dotted(self, node: Node) -> s.Expression:
        first, *rest = self.text(node).split(".")
        value: s.Expression = s.Name(first.strip(), line=_line(node))
        for name in rest:
            value = s.Attribute(value, name.strip(), line=_line(node))
        return value

    def enum(self, node: Node, out: list[s.Statement]) -> None:
        line = _line(node)
        members: dict[str, s.Expression] = {}
        following: int | None = 0
        for member in _named(_field(node, "body")):
            given = member.child_by_field_name("value")
            key = self.key_text(_field(member, "name") if given is not None else member)
            value: s.Expression
            if given is None:
                value = (
                    s.Opaque([], line=_line(member))
                    if following is None
                    else s.Constant(following, line=_line(member))
                )
            else:
                value = self.expression(given)
                if isinstance(value, s.Name):
                    value = members.get(value.id, value)
            number = value.value if isinstance(value, s.Constant) else None
            following = number + 1 if isinstance(number, int) else None
            members[key] = value
        pairs: list[tuple[s.Expression | None, s.Expression]] = [
            (s.Constant(key, line=value.line), value) for key, value in members.items()
        ]
        out.append(
            s.Assign(
                s.NamePattern(self.text(_field(node, "name"))),
                s.Mapping(pairs, line=line),
                line=line,
            )
        )

    def namespace(self, node: Node, out: list[s.Statement]) -> None:
        """A namespace is what TypeScript compiles it to: an object made by a function that runs
        once.
        """
        name = _field(node, "name")
        body = node.child_by_field_name("body")
        if body is None or name.type == "string":
            return
        line = _line(node)
        outer, early, self.exports = self.exports, set(self.early), []
        statements = self.body(body)
        exports, self.exports, self.early = self.exports, outer, early
        if not statements:
            return
        pairs: list[tuple[s.Expression | None, s.Expression]] = [
            (s.Constant(e.name, line=e.line), e.value) for e in exports
        ]
        made = s.Function(
            "",
            [],
            [*statements, s.Return(s.Mapping(pairs, line=line), line=line)],
            line,
            arrow=True,
        )
        value: s.Expression = s.Invoke(s.Lambda(made, line=line), [], line=line)
        first, *rest = self.text(name).split(".")
        for part in reversed(rest):
            value = s.Mapping([(s.Constant(part.strip(), line=line), value)], line=line)
        out.append(s.Assign(s.NamePattern(first.strip()), value, line=line))

    # ----------------------------------------------------------------------------------------------

    def function(
        self, node: Node, *, name: str | None = None, kind: str = "function"
    ) -> s.Function:
        """Any function: a declaration, an expression, an arrow, a method (with `name` and
        `kind`).
        """
        words = [child.type for child in node.children[:4]]
        arrow = node.type == "arrow_function"
        if name is None:
            named = node.child_by_field_name("name")
            name = "" if named is None else self.text(named)
        parameters: list[s.Parameter] = []
        body: list[s.Statement] = []
        single = node.child_by_field_name("parameter")
        if single is not None:
            parameters.append(s.Parameter(s.NamePattern(self.text(single))))
        else:
            self.parameters(_field(node, "parameters"), parameters, body)
        outer, self.yields_await = self.yields_await, False
        block = _field(node, "body")
        if block.type == "statement_block":
            body += self.block(block.named_children)
        else:
            value = self.value(block, body)
            body.append(s.Return(value, line=_line(block)))
        self.yields_await = outer
        return s.Function(
            name,
            parameters,
            body,
            _line(node),
            asynchronous="async" in words,
            generator="*" in words or node.type.startswith("generator"),
            arrow=arrow,
            kind=kind,
        )

    def parameters(
        self, node: Node, parameters: list[s.Parameter], body: list[s.Statement]
    ) -> None:
        """Appends to `parameters`, and to `body` the assignments that TypeScript's parameter
        properties stand for.
        """
        for child in _named(node):
            annotation: str | None = None
            default: s.Expression | None = None
            kind = "positional"
            pattern = child
            if child.type in {"required_parameter", "optional_parameter"}:
                pattern = _field(child, "pattern")
                if pattern.type == "this":
                    continue
                annotation = self.annotation(child)
                value = child.child_by_field_name("value")
                default = None if value is None else self.expression(value)
                if pattern.type == "identifier" and _MODIFIERS & _words(child):
                    body.append(self.property(self.text(pattern), annotation, _line(child)))
            elif child.type == "assignment_pattern":
                pattern, default = _field(child, "left"), self.expression(_field(child, "right"))
            if pattern.type == "rest_pattern":
                pattern, kind = _first(pattern), "rest"
            parameters.append(s.Parameter(self.pattern(pattern, True), default, kind, annotation))

    def property(self, name: str, annotation: str | None, line: int) -> s.Assign:
        target = s.MemberPattern(s.Attribute(s.Name("this", line=line), name, line=line))
        return s.Assign(target, s.Name(name, line=line), annotation=annotation, line=line)

    def method(self, node: Node) -> tuple[Node, s.Function]:
        """The key and the function of a method of a class or an object."""
        key = _field(node, "name")
        words = _words(node)
        name = "" if key.type == "computed_property_name" else self.key_text(key)
        if "static" in words:
            kind = "static"
        elif "get" in words:
            kind = "getter"
        elif "set" in words:
            kind = "setter"
        else:
            kind = "constructor" if name == "constructor" else "method"
        function = self.function(node, name=name, kind=kind)
        function.asynchronous = "async" in words
        function.generator = "*" in words
        return key, function

    def class_(self, node: Node, decorators: list[s.Expression] | None = None) -> s.Class:
        name = node.child_by_field_name("name")
        made = s.Class(
            "" if name is None else self.text(name),
            [],
            [],
            [],
            [],
            [*(decorators or []), *self.decorators(node)],
            _line(node),
        )
        heritage = next(
            (child for child in node.named_children if child.type == "class_heritage"), None
        )
        for child in [] if heritage is None else _named(heritage):
            if child.type == "extends_clause":
                made.bases += [
                    self.expression(base) for base in child.children_by_field_name("value")
                ]
            elif child.type != "implements_clause":
                made.bases.append(self.expression(child))
        pending: list[s.Expression] = []
        for child in _named(_field(node, "body")):
            kind = child.type
            if kind == "decorator":
                pending.append(self.expression(_first(child)))
                continue
            if kind == "method_definition":
                key, function = self.method(child)
                function.decorators = pending + self.decorators(child)
                if key.type != "computed_property_name":
                    made.methods.append(function)
            elif kind in {"field_definition", "public_field_definition"}:
                self.class_field(child, made)
            elif kind == "class_static_block":
                line = _line(child)
                block = s.Function("", [], self.body(_field(child, "body")), line, arrow=True)
                # A field without a name: evaluated with the static fields, in order.
                made.fields.append(
                    s.Assign(
                        s.NamePattern(""),
                        s.Invoke(s.Lambda(block, line=line), [], line=line),
                        line=line,
                    )
                )
            pending = []
        return made

    def class_field(self, node: Node, made: s.Class) -> None:
        words = _words(node)
        key = node.child_by_field_name("property") or _field(node, "name")
        if "declare" in words or key.type == "computed_property_name":
            return
        value = node.child_by_field_name("value")
        field = s.Assign(
            s.NamePattern(self.key_text(key)),
            None if value is None else self.expression(value),
            annotation=self.annotation(node),
            line=_line(node),
        )
        (made.fields if "static" in words else made.instance_fields).append(field)

    def decorators(self, node: Node) -> list[s.Expression]:
        return [
            self.expression(_first(decorator))
            for decorator in node.children_by_field_name("decorator")
        ]

    def annotation(self, node: Node) -> str | None:
        """The dotted name of a declaration's type; what a union adds to say that it may be missing
        is left out.
        """
        type_ = node.child_by_field_name("type")
        if type_ is None:
            return None
        named = _named(type_)
        return self.type_name(named[0]) if named else None

    def type_name(self, node: Node) -> str | None:
        match node.type:
            case "type_identifier" | "nested_type_identifier" | "predefined_type":
                return self.text(node)
            case "generic_type":
                return self.type_name(_field(node, "name"))
            case "parenthesized_type":
                return self.type_name(_first(node))
            case "union_type":
                members = [
                    child for child in _named(node) if self.text(child) not in {"undefined", "null"}
                ]
                return self.type_name(members[0]) if len(members) == 1 else None
        return None

    # ----------------------------------------------------------------------------------------------

    def pattern(self, node: Node, declares: bool) -> s.Pattern:
        match node.type:
            case "identifier" | "shorthand_property_identifier_pattern" | "undefined":
                return s.NamePattern(self.text(node), declares)
            case "object_pattern":
                return self.mapping_pattern(node, declares)
            case "array_pattern":
                return self.list_pattern(node, declares)
            case "assignment_pattern" | "object_assignment_pattern":
                return s.DefaultPattern(
                    self.pattern(_field(node, "left"), declares),
                    self.expression(_field(node, "right")),
                )
            case "rest_pattern":
                return self.pattern(_first(node), declares)
            case "type_assertion":
                return self.pattern(_named(node)[-1], declares)
            case kind if kind in _TRANSPARENT:
                return self.pattern(_first(node), declares)
        return s.MemberPattern(self.expression(node))

    def mapping_pattern(self, node: Node, declares: bool) -> s.MappingPattern:
        made = s.MappingPattern([])
        for child in _named(node):
            match child.type:
                case "shorthand_property_identifier_pattern":
                    name = self.text(child)
                    made.pairs.append((name, s.NamePattern(name, declares)))
                case "object_assignment_pattern":
                    made.pairs.append(
                        (self.text(_field(child, "left")), self.pattern(child, declares))
                    )
                case "pair_pattern":
                    key = self.key(_field(child, "key"))
                    name_ = (
                        key.value
                        if isinstance(key, s.Constant) and isinstance(key.value, str)
                        else None
                    )
                    made.pairs.append((name_, self.pattern(_field(child, "value"), declares)))
                case "rest_pattern":
                    made.rest = self.pattern(child, declares)
        return made

    def list_pattern(self, node: Node, declares: bool) -> s.ListPattern:
        made = s.ListPattern([])
        item: s.Pattern | None = None
        for child in node.children[1:]:
            if child.type in {",", "]"}:
                if child.type == "," or item is not None:
                    made.items.append(item)
                item = None
            elif child.type not in _COMMENTS:
                if child.type == "rest_pattern":
                    made.rest = len(made.items)
                item = self.pattern(child, declares)
        return made

    # ----------------------------------------------------------------------------------------------

    def expression(self, node: Node) -> s.Expression:
        self.left -= 1
        if self.left < 0:
            spend(NODES, self.room + 1)
            raise ValueError("too much to read")
        lower = _EXPRESSIONS.get(node.type, _Reader.opaque)
        self.level += 1
        if self.level % LEVELS_AT_ONCE or not crowded():
            found = lower(self, node)
        else:
            found = on_fresh_stack(lambda: lower(self, node))
        self.level -= 1
        return found

    def opaque(self, node: Node) -> s.Expression:
        children = [self.expression(child) for child in _named(node) if child.type in _EXPRESSIONS]
        return s.Opaque(children, line=_line(node))

    def unreadable(self, node: Node) -> s.Expression:
        raise ValueError(f"line {_line(node)}: {node.type}")

    def name(self, node: Node) -> s.Expression:
        return s.Name(self.text(node), line=_line(node))

    def private_name(self, node: Node) -> s.Expression:
        return s.Constant(self.text(node), line=_line(node))

    def true(self, node: Node) -> s.Expression:
        return s.Constant(True, line=_line(node))

    def false(self, node: Node) -> s.Expression:
        return s.Constant(False, line=_line(node))

    def null(self, node: Node) -> s.Expression:
        return s.Constant(None, line=_line(node))

    def number(self, node: Node) -> s.Expression:
        value = _number(self.text(node))
        return (
            s.Opaque([], line=_line(node)) if value is None else s.Constant(value, line=_line(node))
        )

    def string(self, node: Node) -> str:
        return _cooked(self.slice(node.start_byte + 1, node.end_byte - 1))

    def string_constant(self, node: Node) -> s.Expression:
        return s.Constant(self.string(node), line=_line(node))

    def template(self, node: Node) -> s.Expression:
        line = _line(node)
        parts: list[s.Expression] = []
        start = node.start_byte + 1
        for child in node.named_children:
            if child.type == "template_substitution":
                if child.start_byte > start:
                    parts.append(self.chunk(start, child.start_byte, line))
                parts.append(self.expression(_first(child)))
                start = child.end_byte
        end = node.end_byte - 1
        if not parts:
            return self.chunk(start, end, line)
        if end > start:
            parts.append(self.chunk(start, end, line))
        return s.Template(parts, line=line)

    def chunk(self, start: int, end: int, line: int) -> s.Constant:
        return s.Constant(_cooked(self.slice(start, end).replace("\r\n", "\n")), line=line)

    def inner(self, node: Node) -> s.Expression:
        return self.expression(_first(node))

    def last(self, node: Node) -> s.Expression:
        return self.expression(_named(node)[-1])

    def sequence(self, node: Node) -> s.Expression:
        *before, last = _named(node)
        # `(0, a.b)(c)` is how compilers call an imported function.
        items = [self.expression(child) for child in before if child.type not in _LITERALS]
        value = self.expression(last)
        return s.Sequence([*items, value], line=_line(node)) if items else value

    def array(self, node: Node) -> s.Expression:
        return s.Collection([self.expression(child) for child in _named(node)], line=_line(node))

    def spread(self, node: Node) -> s.Expression:
        return s.Spread(self.expression(_first(node)), line=_line(node))

    def object(self, node: Node) -> s.Expression:
        pairs: list[tuple[s.Expression | None, s.Expression]] = []
        for child in node.named_children:
            kind = child.type
            if (inlined := self.inlined(child)) is not None:
                pairs.append(self.inlined_member(child, inlined))
            elif kind == "pair":
                pairs.append(
                    (self.key(_field(child, "key")), self.expression(_field(child, "value")))
                )
            elif kind == "shorthand_property_identifier":
                name, line = self.text(child), _line(child)
                value: s.Expression = (
                    s.Constant(None, line=line) if name == "undefined" else s.Name(name, line=line)
                )
                pairs.append((s.Constant(name, line=line), value))
            elif kind == "spread_element":
                pairs.append((None, self.expression(_first(child))))
            elif kind == "method_definition":
                key, function = self.method(child)
                # A setter would hide the getter of the same name; nobody reads it.
                if function.kind != "setter":
                    pairs.append((self.key(key), s.Lambda(function, line=_line(child))))
        return s.Mapping(pairs, line=_line(node))

    def inlined_member(self, node: Node, value: s.Expression) -> tuple[s.Expression, s.Expression]:
        """A module of webpack's table that is a package's: its exports are the package's model."""
        line = _line(node)
        key = node.child_by_field_name("key") or _field(node, "name")
        exports = s.MemberPattern(s.Attribute(s.Name("module", line=line), "exports", line=line))
        made = s.Function(
            "",
            [s.Parameter(s.NamePattern("module", True))],
            [s.Assign(exports, value, line=line)],
            line,
            arrow=True,
        )
        return self.key(key), s.Lambda(made, line=line)

    def key(self, node: Node) -> s.Expression:
        """The key of a pair; a number is the text that JavaScript makes of it."""
        kind = node.type
        if kind == "computed_property_name":
            return self.expression(_first(node))
        if kind == "number":
            return s.Constant(str(_number(self.text(node))), line=_line(node))
        return s.Constant(self.key_text(node), line=_line(node))

    def chain(self, node: Node) -> s.Expression:
        """`a.b[c](d)...`: read from the left in a loop, which is quick and leaves the stack to what
        is nested.
        """
        links: list[Node] = []
        while (field := _CHAIN.get(node.type)) is not None:
            self.link(node, links)
            node = _field(node, field) if field else _first(node)
        awaited = self.awaited(node, links[-1])
        if awaited is not None:
            links.pop()
        value = self.expression(node) if awaited is None else awaited
        for link in reversed(links):
            kind = link.type
            if kind == "member_expression":
                value = s.Attribute(value, self.text(_field(link, "property")), line=_line(link))
            elif kind == "subscript_expression":
                value = s.Index(value, self.expression(_field(link, "index")), line=_line(link))
            elif kind == "call_expression":
                value = self.call(link, value)
        return value if awaited is None else s.Await(value, line=_line(node))

    def awaited(self, node: Node, link: Node) -> s.Expression | None:
        """What begins the chain after `await`, where the grammar takes the word for a name: `await
        (a)(b)`, `await [a][0]`. Else None.
        """
        if (
            node.type != "identifier"
            or link.type not in ("call_expression", "subscript_expression")
            or self.text(node) != "await"
        ):
            return None
        line = _line(link)
        if link.type == "subscript_expression":
            return s.Collection([self.expression(_field(link, "index"))], line=line)
        return self.sequence(_field(link, "arguments"))

    def link(self, node: Node, links: list[Node]) -> None:
        if len(links) >= _LONGEST:
            raise ValueError(f"line {_line(node)}: nested too deeply")
        links.append(node)

    def call(self, node: Node, function: s.Expression) -> s.Expression:
        line = _line(node)
        given = _field(node, "arguments")
        if given.type == "template_string":
            return s.Invoke(function, [s.Argument(self.template(given))], line=line)
        name = (
            function.id
            if isinstance(function, s.Name)
            else function.name
            if isinstance(function, s.Attribute)
            else ""
        )
        if name in _AWAITERS or name in _ASYNC_FUNCTIONS:
            compiled = self.compiled_async(_named(given))
            if compiled is not None:
                return (
                    s.Invoke(compiled, self.passed_on(_named(given)), line=line)
                    if name in _AWAITERS
                    else compiled
                )
        arguments = self.arguments(given)
        if self.bundle is not None and name in self.bundle.namespaces and len(arguments) > 0:
            match arguments[0].value:
                case s.Invoke(s.Name(wrapper), []) as made if wrapper in self.bundle.wrappers:
                    return made
        if name in _REQUIRES and isinstance(function, s.Name) and len(arguments) > 0:
            module = arguments[0].value
            if isinstance(module, s.Constant) and isinstance(module.value, str):
                return s.Import(module.value, line=line)
        return s.Invoke(function, arguments, line=line)

    def compiled_async(self, arguments: list[Node]) -> s.Lambda | None:
        """The async function that a generator given to `__awaiter` or its kin stands for."""
        if not arguments or arguments[-1].type != "generator_function":
            return None
        node = arguments[-1]
        parameters: list[s.Parameter] = []
        body: list[s.Statement] = []
        self.parameters(_field(node, "parameters"), parameters, body)
        outer, self.yields_await = self.yields_await, True
        body += self.body(_field(node, "body"))
        self.yields_await = outer
        return s.Lambda(
            s.Function("", parameters, body, _line(node), asynchronous=True, arrow=True),
            line=_line(node),
        )

    def passed_on(self, arguments: list[Node]) -> list[s.Argument]:
        """The arguments that `__awaiter(this, arguments, ...)` passes on: an array of them,
        `arguments`, or nothing.
        """
        match arguments[1].type if len(arguments) > 2 else "":
            case "array":
                return self.arguments(arguments[1])
            case "identifier":
                return [s.Argument(self.expression(arguments[1]), spread=True)]
        return []

    def arguments(self, node: Node) -> list[s.Argument]:
        return [
            s.Argument(self.expression(_first(child)), spread=True)
            if child.type == "spread_element"
            else s.Argument(self.expression(child))
            for child in node.named_children
            if child.type not in _COMMENTS
        ]

    def new(self, node: Node) -> s.Expression:
        given = node.child_by_field_name("arguments")
        arguments = [] if given is None else self.arguments(given)
        return s.Invoke(
            self.expression(_field(node, "constructor")), arguments, new=True, line=_line(node)
        )

    def await_(self, node: Node) -> s.Expression:
        return s.Await(self.expression(_first(node)), line=_line(node))

    def yield_(self, node: Node) -> s.Expression:
        values = _named(node)
        value = self.expression(values[0]) if values else None
        line = _line(node)
        if self.yields_await:
            return s.Await(value or s.Constant(None, line=line), line=line)
        return s.Yield(value, any(child.type == "*" for child in node.children), line=line)

    def unary(self, node: Node) -> s.Expression:
        line = _line(node)
        operator = _field(node, "operator").type
        argument = _field(node, "argument")
        value = self.expression(argument)
        if operator == "!":
            # Minifiers write `!0` and `!1` for the two truth values.
            if (
                isinstance(value, s.Constant)
                and value.value in (0, 1)
                and argument.type == "number"
            ):
                return s.Constant(not value.value, line=line)
            return s.Not(value, line=line)
        if operator == "void":
            nothing = s.Constant(None, line=line)
            return (
                nothing
                if isinstance(value, s.Constant)
                else s.Sequence([value, nothing], line=line)
            )
        if operator == "-":
            if isinstance(value, s.Constant) and isinstance(value.value, int | float):
                return s.Constant(-value.value, line=line)
            return s.Binary("-", s.Constant(0, line=line), value, line=line)
        return s.Opaque([value], line=line)

    def update(self, node: Node) -> s.Expression:
        line = _line(node)
        operator = _field(node, "operator")
        argument = _field(node, "argument")
        if argument.type not in (
            "identifier",
            "member_expression",
            "subscript_expression",
            "parenthesized_expression",
            "non_null_expression",
        ):
            return s.Opaque([self.expression(argument)], line=line)
        sign = operator.type[0]
        one = s.Constant(1, line=line)
        bind = s.Bind(
            self.pattern(argument, False),
            s.Binary(sign, self.expression(argument), one, line=line),
            line=line,
        )
        if operator.start_byte < argument.start_byte:
            return bind
        return s.Binary("-" if sign == "+" else "+", bind, one, line=line)

    def binary(self, node: Node) -> s.Expression:
        """Long `+` and `&&` chains nest to the left: read in a loop, as `chain`."""
        links: list[Node] = []
        while node.type == "binary_expression":
            self.link(node, links)
            node = _field(node, "left")
        value = self.expression(node)
        for link in reversed(links):
            operator = _field(link, "operator").type
            right = self.expression(_field(link, "right"))
            line = _line(link)
            if (logical := _LOGICAL.get(operator)) is not None:
                if isinstance(value, s.Logical) and value.operator == logical:
                    value.operands.append(right)
                else:
                    value = s.Logical(logical, [value, right], line=line)
            elif (comparison := _COMPARISONS.get(operator)) is not None:
                value = s.Compare(comparison, value, right, line=line)
            else:
                joined = _joined(value, right) if operator == "+" else None
                value = joined or s.Binary(operator, value, right, line=line)
        return value

    def ternary(self, node: Node) -> s.Expression:
        return s.Conditional(
            self.expression(_field(node, "condition")),
            self.expression(_field(node, "consequence")),
            self.expression(_field(node, "alternative")),
            line=_line(node),
        )

    def assignment(self, node: Node) -> s.Expression:
        value = self.expression(_field(node, "right"))
        return s.Bind(self.pattern(_field(node, "left"), False), value, line=_line(node))

    def augmented_assignment(self, node: Node) -> s.Expression:
        left = _field(node, "left")
        right = self.expression(_field(node, "right"))
        value = self.combined(self.expression(left), _field(node, "operator").type[:-1], right)
        return s.Bind(self.pattern(left, False), value, line=_line(node))

    def function_expression(self, node: Node) -> s.Expression:
        return s.Lambda(self.function(node), line=_line(node))

    def class_expression(
        self, node: Node, decorators: list[s.Expression] | None = None
    ) -> s.Expression:
        library = None if self.bundle is None else self.bundle.class_(node)
        if library is not None:
            return self.library(library, _line(node))
        return s.ClassExpression(self.class_(node, decorators), line=_line(node))


def _joined(left: s.Expression, right: s.Expression) -> s.Expression | None:
    """`left + right` where literal texts meet, as in a long text written over several lines; None
    elsewhere.
    """
    match left, right:
        case s.Constant(str(first)), s.Constant(str(second)):
            return s.Constant(first + second, line=left.line)
        case s.Binary("+", before, s.Constant(str(first)) as tail), s.Constant(str(second)):
            return s.Binary("+", before, s.Constant(first + second, line=tail.line), line=left.line)
    return None


def _bound(pattern: s.Pattern) -> list[str]:
    """The names that a declaration binds, in order."""
    match pattern:
        case s.NamePattern():
            return [pattern.id]
        case s.ListPattern():
            return [name for item in pattern.items if item is not None for name in _bound(item)]
        case s.MappingPattern():
            targets = [target for _, target in pattern.pairs] + (
                [] if pattern.rest is None else [pattern.rest]
            )
            return [name for target in targets for name in _bound(target)]
        case s.DefaultPattern():
            return _bound(pattern.target)
    return []


_LowerStatement: TypeAlias = "Callable[[_Reader, Node, list[s.Statement]], None]"
_LowerExpression: TypeAlias = "Callable[[_Reader, Node], s.Expression]"

_STATEMENTS: dict[str, _LowerStatement] = {
    "expression_statement": _Reader.expression_statement,
    "lexical_declaration": _Reader.declaration,
    "variable_declaration": _Reader.declaration,
    "using_declaration": _Reader.declaration,
    "class_declaration": _Reader.class_declaration,
    "abstract_class_declaration": _Reader.class_declaration,
    "statement_block": _Reader.nested_block,
    "return_statement": _Reader.return_statement,
    "throw_statement": _Reader.throw_statement,
    "break_statement": _Reader.break_statement,
    "continue_statement": _Reader.continue_statement,
    "if_statement": _Reader.if_statement,
    "for_statement": _Reader.for_statement,
    "for_in_statement": _Reader.for_in_statement,
    "while_statement": _Reader.while_statement,
    "do_statement": _Reader.do_statement,
    "labeled_statement": _Reader.labeled_statement,
    "switch_statement": _Reader.switch_statement,
    "try_statement": _Reader.try_statement,
    "with_statement": _Reader.with_statement,
    "import_alias": _Reader.import_alias,
    "enum_declaration": _Reader.enum,
    "internal_module": _Reader.namespace,
    "module": _Reader.namespace,
    "empty_statement": _Reader.nothing,
}

_EXPRESSIONS: dict[str, _LowerExpression] = {
    "identifier": _Reader.name,
    "this": _Reader.name,
    "super": _Reader.name,
    "import": _Reader.name,
    "undefined": _Reader.null,
    "null": _Reader.null,
    "true": _Reader.true,
    "false": _Reader.false,
    "number": _Reader.number,
    "string": _Reader.string_constant,
    "template_string": _Reader.template,
    "private_property_identifier": _Reader.private_name,
    "regex": _Reader.opaque,
    "meta_property": _Reader.opaque,
    "array": _Reader.array,
    "object": _Reader.object,
    "spread_element": _Reader.spread,
    "function_expression": _Reader.function_expression,
    "generator_function": _Reader.function_expression,
    "arrow_function": _Reader.function_expression,
    "class": _Reader.class_expression,
    "parenthesized_expression": _Reader.inner,
    "as_expression": _Reader.inner,
    "satisfies_expression": _Reader.inner,
    "instantiation_expression": _Reader.inner,
    "type_assertion": _Reader.last,
    "non_null_expression": _Reader.chain,
    "member_expression": _Reader.chain,
    "subscript_expression": _Reader.chain,
    "call_expression": _Reader.chain,
    "new_expression": _Reader.new,
    "await_expression": _Reader.await_,
    "yield_expression": _Reader.yield_,
    "unary_expression": _Reader.unary,
    "update_expression": _Reader.update,
    "binary_expression": _Reader.binary,
    "ternary_expression": _Reader.ternary,
    "sequence_expression": _Reader.sequence,
    "assignment_expression": _Reader.assignment,
    "augmented_assignment_expression": _Reader.augmented_assignment,
    "jsx_element": _Reader.unreadable,
    "jsx_self_closing_element": _Reader.unreadable,
    "jsx_fragment": _Reader.unreadable,
}

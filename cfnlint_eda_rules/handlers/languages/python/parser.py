"""Python source -> the common syntax tree, by the standard library's `ast`: nothing is imported or
run.

The grammar is that of the interpreter this runs on (3.10 or later); what is newer is rewritten for
it (`newer_syntax`). Python 2 is no source.
"""

from __future__ import annotations

import ast
import contextlib
import sys
import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

from cfnlint_eda_rules.budget import NODES, spend
from cfnlint_eda_rules.depth import LEVELS_AT_ONCE, TooDeep, crowded, on_fresh_stack
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.languages.python import newer_syntax

LARGEST_INTEGER_BITS = 256
LONG_FOR_PYTHON_3_10 = 20_000


class _Scope:
    """What a function's statements say about the function itself while it is lowered."""

    __slots__ = ("generator", "level", "module", "outer", "read")

    def __init__(self, around: _Scope | None = None) -> None:
        self.module = around is None
        self.level: int = 0 if around is None else around.level
        self.read: list[int] = [0] if around is None else around.read
        self.outer: set[str] = set()
        self.generator = False


_Expression: TypeAlias = Callable[[Any, _Scope], syntax.Expression]
_Statement: TypeAlias = Callable[[Any, _Scope, list[syntax.Statement]], None]


def parse(path: str, text: str) -> syntax.Module:
    """Return the tree of the Python source `text`; `path` is what the module is called in it.

    Raises `ValueError` for text that is not Python of any version known, holds null bytes, or nests
    too deeply.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _tree(text.removeprefix("\ufeff"))
        scope = _Scope()
        module = syntax.Module(path, "python", _body(tree.body, scope))
        spend(NODES, scope.read[0])
        return module
    except (SyntaxError, RecursionError, TooDeep, OverflowError, SystemError) as error:
        raise ValueError(f"{path}: {type(error).__name__}") from error


def _tree(text: str) -> ast.Module:
    try:
        return _running(text)
    except SyntaxError:
        # Only now: most sources need no more than the running Python's grammar.
        return newer_syntax.parse(text, _running)


def _running(text: str) -> ast.Module:
    """The tree by the grammar of the running interpreter."""
    # The compiler of Python 3.10 refuses nesting that would overflow the stack when the tree is
    # built.
    if sys.version_info < (3, 11) and len(text) > LONG_FOR_PYTHON_3_10:
        compile(text, "", "exec", dont_inherit=True)
    try:
        return ast.parse(text)
    except MemoryError as error:
        # What the parser says where its own stack ends, however much memory there is.
        raise TooDeep from error


# --------------------------------------------------------------------------------------------------


def _expression(node: ast.expr, scope: _Scope) -> syntax.Expression:
    lower = _EXPRESSIONS.get(type(node), _opaque)
    scope.read[0] += 1
    scope.level += 1
    if scope.level % LEVELS_AT_ONCE or not crowded():
        found = lower(node, scope)
    else:
        found = on_fresh_stack(lambda: lower(node, scope))
    scope.level -= 1
    return found


def _optional(node: ast.expr | None, scope: _Scope) -> syntax.Expression | None:
    return None if node is None else _expression(node, scope)


def _opaque(node: ast.AST, scope: _Scope) -> syntax.Opaque:
    children = [
        _expression(child, scope)
        for child in ast.iter_child_nodes(node)
        if isinstance(child, ast.expr)
    ]
    return syntax.Opaque(children, line=getattr(node, "lineno", 0))


def _constant(node: ast.Constant, scope: _Scope) -> syntax.Expression:
    match node.value:
        case str() | bool() | float() | None as value:
            return syntax.Constant(value, line=node.lineno)
        # Python refuses to print integers of thousands of digits, and nothing that matters is one.
        case int(value) if value.bit_length() <= LARGEST_INTEGER_BITS:
            return syntax.Constant(value, line=node.lineno)
        case bytes(value):
            with contextlib.suppress(UnicodeDecodeError):
                return syntax.Constant(value.decode(), line=node.lineno)
    return syntax.Opaque([], line=node.lineno)


def _name(node: ast.Name, scope: _Scope) -> syntax.Expression:
    return syntax.Name(node.id, line=node.lineno)


def _attribute(node: ast.Attribute, scope: _Scope) -> syntax.Expression:
    return syntax.Attribute(_expression(node.value, scope), node.attr, line=node.lineno)


def _subscript(node: ast.Subscript, scope: _Scope) -> syntax.Expression:
    return syntax.Index(
        _expression(node.value, scope), _expression(node.slice, scope), line=node.lineno
    )


def _call(node: ast.Call, scope: _Scope) -> syntax.Expression:
    function = _expression(node.func, scope)
    arguments = [
        syntax.Argument(_expression(argument.value, scope), None, True)
        if type(argument) is ast.Starred
        else syntax.Argument(_expression(argument, scope))
        for argument in node.args
    ]
    for keyword in node.keywords:
        value = _expression(keyword.value, scope)
        arguments.append(
            syntax.Argument(value, "**", True)
            if keyword.arg is None
            else syntax.Argument(value, keyword.arg)
        )
    return syntax.Invoke(function, arguments, line=node.lineno)


def _joined(node: ast.JoinedStr, scope: _Scope) -> syntax.Expression:
    return syntax.Template([_expression(part, scope) for part in node.values], line=node.lineno)


def _formatted(node: ast.FormattedValue, scope: _Scope) -> syntax.Expression:
    value = _expression(node.value, scope)
    plain = node.conversion in {-1, ord("s")}
    match node.format_spec:
        case None if plain:
            return value
        case ast.JoinedStr(values=[] | [ast.Constant(value="" | "s")]) if plain:
            return value
        case None:
            return syntax.Opaque([value], line=node.lineno)
        case specification:
            return syntax.Opaque([value, _expression(specification, scope)], line=node.lineno)


_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
}

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not-in",
    ast.Is: "is",
    ast.IsNot: "is-not",
}


def _binary(node: ast.BinOp, scope: _Scope) -> syntax.Expression:
    left = _expression(node.left, scope)
    return syntax.Binary(
        _OPERATORS[type(node.op)], left, _expression(node.right, scope), line=node.lineno
    )


def _unary(node: ast.UnaryOp, scope: _Scope) -> syntax.Expression:
    operand = _expression(node.operand, scope)
    match node.op, operand:
        case ast.Not(), _:
            return syntax.Not(operand, line=node.lineno)
        case ast.USub(), syntax.Constant(value=(int() | float()) as number):
            return syntax.Constant(-number, line=node.lineno)
        case ast.UAdd(), _:
            return operand
    return syntax.Opaque([operand], line=node.lineno)


def _logical(node: ast.BoolOp, scope: _Scope) -> syntax.Expression:
    operator = "and" if type(node.op) is ast.And else "or"
    return syntax.Logical(
        operator, [_expression(value, scope) for value in node.values], line=node.lineno
    )


def _compare(node: ast.Compare, scope: _Scope) -> syntax.Expression:
    operands = [_expression(value, scope) for value in (node.left, *node.comparators)]
    operators = [_COMPARISONS[type(operator)] for operator in node.ops]
    if len(operators) == 1:
        return syntax.Compare(operators[0], operands[0], operands[1], line=node.lineno)
    # `a < f() < b` calls f once: it may only be taken apart where evaluating the middle twice makes
    # no difference.
    if not all(_repeatable(operand) for operand in operands[1:-1]):
        return syntax.Opaque(operands, line=node.lineno)
    pairs = zip(operators, operands, operands[1:], strict=False)
    return syntax.Logical(
        "and", [syntax.Compare(*pair, line=node.lineno) for pair in pairs], line=node.lineno
    )


def _repeatable(value: syntax.Expression) -> bool:
    match value:
        case syntax.Constant() | syntax.Name():
            return True
        case syntax.Attribute(value=inner):
            return _repeatable(inner)
        case syntax.Index(value=inner, key=key):
            return _repeatable(inner) and _repeatable(key)
    return False


def _conditional(node: ast.IfExp, scope: _Scope) -> syntax.Expression:
    test = _expression(node.test, scope)
    return syntax.Conditional(
        test, _expression(node.body, scope), _expression(node.orelse, scope), line=node.lineno
    )


def _collection(node: ast.List | ast.Tuple | ast.Set, scope: _Scope) -> syntax.Expression:
    return syntax.Collection([_expression(item, scope) for item in node.elts], line=node.lineno)


def _mapping(node: ast.Dict, scope: _Scope) -> syntax.Expression:
    pairs = [
        (_optional(key, scope), _expression(value, scope))
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    return syntax.Mapping(pairs, line=node.lineno)


def _starred(node: ast.Starred, scope: _Scope) -> syntax.Expression:
    return syntax.Spread(_expression(node.value, scope), line=node.lineno)


def _await(node: ast.Await, scope: _Scope) -> syntax.Expression:
    return syntax.Await(_expression(node.value, scope), line=node.lineno)


def _yield(node: ast.Yield, scope: _Scope) -> syntax.Expression:
    scope.generator = True
    return syntax.Yield(_optional(node.value, scope), line=node.lineno)


def _yield_from(node: ast.YieldFrom, scope: _Scope) -> syntax.Expression:
    scope.generator = True
    return syntax.Yield(_expression(node.value, scope), True, line=node.lineno)


def _lambda(node: ast.Lambda, scope: _Scope) -> syntax.Expression:
    inner = _Scope(scope)
    parameters = _parameters(node.args, scope)
    body: list[syntax.Statement] = [
        syntax.Return(_expression(node.body, inner), line=node.body.lineno)
    ]
    function = syntax.Function(
        "<lambda>", parameters, body, line=node.lineno, generator=inner.generator
    )
    return syntax.Lambda(function, line=node.lineno)


def _bind(node: ast.NamedExpr, scope: _Scope) -> syntax.Expression:
    return syntax.Bind(
        _pattern(node.target, scope), _expression(node.value, scope), line=node.lineno
    )


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: _Scope
) -> syntax.Expression:
    lazy = type(node) is ast.GeneratorExp
    return _generators(
        node.generators, _expression(node.elt, scope), None, lazy, node.lineno, scope
    )


def _dict_comprehension(node: ast.DictComp, scope: _Scope) -> syntax.Expression:
    # Python 3.15 has `{**x for x in y}`: a key without a value is the mapping spread into the
    # result.
    value: ast.expr | None = node.value
    key, element = (None, node.key) if value is None else (_expression(node.key, scope), value)
    return _generators(node.generators, _expression(element, scope), key, False, node.lineno, scope)


def _generators(
    generators: list[ast.comprehension],
    element: syntax.Expression,
    key: syntax.Expression | None,
    lazy: bool,
    line: int,
    scope: _Scope,
) -> syntax.Expression:
    # A comprehension's variables are its own, whatever the function around it declares global.
    own = _Scope(scope)
    for generator in reversed(generators):
        element = syntax.Comprehension(
            element,
            _pattern(generator.target, own),
            _expression(generator.iter, scope),
            [_expression(condition, scope) for condition in generator.ifs],
            key,
            lazy,
            bool(generator.is_async),
            line=line,
        )
        key = None
    return element


_EXPRESSIONS: dict[type[ast.expr], _Expression] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _logical,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.List: _collection,
    ast.Tuple: _collection,
    ast.Set: _collection,
    ast.Dict: _mapping,
    ast.Starred: _starred,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Lambda: _lambda,
    ast.NamedExpr: _bind,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
}


# --------------------------------------------------------------------------------------------------


def _pattern(node: ast.expr, scope: _Scope) -> syntax.Pattern:
    match node:
        case ast.Name(id=name):
            return syntax.NamePattern(name, name not in scope.outer)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            rest = next(
                (index for index, item in enumerate(items) if type(item) is ast.Starred), None
            )
            return syntax.ListPattern([_pattern(item, scope) for item in items], rest)
        case ast.Starred(value=inner):
            return _pattern(inner, scope)
    return syntax.MemberPattern(_expression(node, scope))


def _dotted(node: ast.expr) -> str | None:
    names: list[str] = []
    while type(node) is ast.Attribute:
        names.append(node.attr)
        node = node.value
    if type(node) is not ast.Name:
        return None
    names.append(node.id)
    return ".".join(reversed(names))


# The type that a value of these annotations has is the (first) one in brackets.
_TRANSPARENT = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired"})


def _annotation(node: ast.expr | None) -> str | None:
    match node:
        case None:
            return None
        case ast.Name() | ast.Attribute():
            return _dotted(node)
        case ast.Constant(value=str(text)):
            return _quoted(text)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            found = [name for name in (_annotation(left), _annotation(right)) if name is not None]
            return found[0] if len(found) == 1 else None
        case ast.Subscript(value=generic, slice=inner):
            name = (_dotted(generic) or "").rpartition(".")[2]
            if name not in _TRANSPARENT:
                return None
            return _annotation(
                inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
            )
    return None


def _quoted(text: str) -> str | None:
    if text.replace(".", "").isidentifier():
        return text
    try:
        return _annotation(ast.parse(text, mode="eval").body) if len(text) < 200 else None
    except (SyntaxError, ValueError):
        return None


# --------------------------------------------------------------------------------------------------


def _body(nodes: list[ast.stmt], scope: _Scope) -> list[syntax.Statement]:
    scope.level += 1
    if scope.level % LEVELS_AT_ONCE or not crowded():
        found = _statements(nodes, scope)
    else:
        found = on_fresh_stack(lambda: _statements(nodes, scope))
    scope.level -= 1
    return found


def _statements(nodes: list[ast.stmt], scope: _Scope) -> list[syntax.Statement]:
    statements: list[syntax.Statement] = []
    for node in nodes:
        lower = _STATEMENTS.get(type(node))
        if lower is not None:
            lower(node, scope, statements)
    return statements


def _do(node: ast.Expr, scope: _Scope, out: list[syntax.Statement]) -> None:
    if type(node.value) is not ast.Constant:
        out.append(syntax.Do(_expression(node.value, scope), line=node.lineno))


def _assign(node: ast.Assign, scope: _Scope, out: list[syntax.Statement]) -> None:
    value = _expression(node.value, scope)
    targets = [_pattern(target, scope) for target in node.targets]
    if len(targets) > 1 and not isinstance(value, syntax.Constant | syntax.Name):
        # The value is evaluated once: a name among the targets hands it to the others, else the
        # first target does.
        named = next((target for target in targets if isinstance(target, syntax.NamePattern)), None)
        if named is None:
            for target in targets[:-1]:
                value = syntax.Bind(target, value, line=node.lineno)
            targets = targets[-1:]
        else:
            out.append(syntax.Assign(named, value, line=node.lineno))
            targets = [target for target in targets if target is not named]
            value = syntax.Name(named.id, line=node.lineno)
    out.extend(syntax.Assign(target, value, line=node.lineno) for target in targets)


def _annotated(node: ast.AnnAssign, scope: _Scope, out: list[syntax.Statement]) -> None:
    value = _optional(node.value, scope)
    out.append(
        syntax.Assign(
            _pattern(node.target, scope),
            value,
            False,
            _annotation(node.annotation),
            line=node.lineno,
        )
    )


def _augmented(node: ast.AugAssign, scope: _Scope, out: list[syntax.Statement]) -> None:
    value = syntax.Binary(
        _OPERATORS[type(node.op)],
        _expression(node.target, scope),
        _expression(node.value, scope),
        line=node.lineno,
    )
    out.append(syntax.Assign(_pattern(node.target, scope), value, True, line=node.lineno))


def _return(node: ast.Return, scope: _Scope, out: list[syntax.Statement]) -> None:
    out.append(syntax.Return(_optional(node.value, scope), line=node.lineno))


def _raise(node: ast.Raise, scope: _Scope, out: list[syntax.Statement]) -> None:
    out.append(syntax.Raise(_optional(node.exc, scope), line=node.lineno))


def _assert(node: ast.Assert, scope: _Scope, out: list[syntax.Statement]) -> None:
    error = syntax.Invoke(
        syntax.Name("AssertionError", line=node.lineno),
        [] if node.msg is None else [syntax.Argument(_expression(node.msg, scope))],
        line=node.lineno,
    )
    test = syntax.Not(_expression(node.test, scope), line=node.lineno)
    out.append(syntax.If(test, [syntax.Raise(error, line=node.lineno)], [], line=node.lineno))


def _delete(node: ast.Delete, scope: _Scope, out: list[syntax.Statement]) -> None:
    for target in node.targets:
        if type(target) is not ast.Name:
            out.append(syntax.Do(_opaque(target, scope), line=node.lineno))


def _declare(node: ast.Global | ast.Nonlocal, scope: _Scope, out: list[syntax.Statement]) -> None:
    if not scope.module:
        scope.outer.update(node.names)


def _break(node: ast.Break, scope: _Scope, out: list[syntax.Statement]) -> None:
    out.append(syntax.Break(line=node.lineno))


def _continue(node: ast.Continue, scope: _Scope, out: list[syntax.Statement]) -> None:
    out.append(syntax.Continue(line=node.lineno))


def _if(node: ast.If, scope: _Scope, out: list[syntax.Statement]) -> None:
    match node.test:
        # A handler's module is imported, never the script itself.
        case ast.Compare(
            left=ast.Name(id="__name__"),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value="__main__")],
        ):
            out.extend(_body(node.orelse, scope))
            return
    test = _expression(node.test, scope)
    out.append(
        syntax.If(test, _body(node.body, scope), _body(node.orelse, scope), line=node.lineno)
    )


def _for(node: ast.For | ast.AsyncFor, scope: _Scope, out: list[syntax.Statement]) -> None:
    iterable = _expression(node.iter, scope)
    target = _pattern(node.target, scope)
    body, orelse = _body(node.body, scope), _body(node.orelse, scope)
    out.append(
        syntax.For(target, iterable, body, orelse, type(node) is ast.AsyncFor, line=node.lineno)
    )


def _while(node: ast.While, scope: _Scope, out: list[syntax.Statement]) -> None:
    test = (
        None
        if isinstance(node.test, ast.Constant) and node.test.value
        else _expression(node.test, scope)
    )
    out.append(
        syntax.While(test, _body(node.body, scope), _body(node.orelse, scope), line=node.lineno)
    )


def _try(node: Any, scope: _Scope, out: list[syntax.Statement]) -> None:
    body = _body(node.body, scope)
    handlers = [
        syntax.Handler(
            _caught(handler.type),
            None
            if handler.name is None
            else syntax.NamePattern(handler.name, handler.name not in scope.outer),
            _body(handler.body, scope),
        )
        for handler in node.handlers
    ]
    orelse, final = _body(node.orelse, scope), _body(node.finalbody, scope)
    out.append(syntax.Try(body, handlers, orelse, final, line=node.lineno))


def _caught(node: ast.expr | None) -> list[str]:
    if node is None:
        return []
    types = node.elts if isinstance(node, ast.Tuple) else [node]
    return [_dotted(kind) or ast.unparse(kind) for kind in types]


def _with(node: ast.With | ast.AsyncWith, scope: _Scope, out: list[syntax.Statement]) -> None:
    asynchronous = type(node) is ast.AsyncWith
    managers = [
        (
            _expression(item.context_expr, scope),
            None if item.optional_vars is None else _pattern(item.optional_vars, scope),
        )
        for item in node.items
    ]
    body = _body(node.body, scope)
    for value, target in reversed(managers):
        body = [syntax.With(value, target, body, asynchronous, line=node.lineno)]
    out.extend(body)


def _import(node: ast.Import, scope: _Scope, out: list[syntax.Statement]) -> None:
    for alias in node.names:
        if alias.asname is not None:
            out.append(syntax.ImportFrom(alias.name, None, alias.asname, line=node.lineno))
        else:
            top, _, below = alias.name.partition(".")
            out.append(
                syntax.ImportFrom(top, None, top, alias.name if below else None, line=node.lineno)
            )


def _import_from(node: ast.ImportFrom, scope: _Scope, out: list[syntax.Statement]) -> None:
    module = "." * node.level + (node.module or "")
    if module != "__future__":
        out.extend(
            syntax.ImportFrom(module, alias.name, alias.asname or alias.name, line=node.lineno)
            for alias in node.names
        )


# --------------------------------------------------------------------------------------------------


def _match(node: ast.Match, scope: _Scope, out: list[syntax.Statement]) -> None:
    subject = _named(_expression(node.subject, scope), node.subject, out)
    cases: list[syntax.Case] = []
    for case in node.cases:
        body = _body(case.body, scope)
        values = _values(case.pattern, scope)
        if values is not None:
            cases.append(syntax.Case(values, body, _optional(case.guard, scope)))
            continue
        tests: list[syntax.Expression] = []
        captures: list[tuple[syntax.Pattern, syntax.Expression]] = []
        _structure(case.pattern, subject, scope, tests, captures)
        if case.guard is not None:
            guard = _expression(case.guard, scope)
            line = case.guard.lineno
            # The guard may read what the pattern captures.
            bound: list[syntax.Expression] = [
                syntax.Bind(target, value, line=line) for target, value in captures
            ]
            tests.append(syntax.Opaque([*bound, guard], line=line) if bound else guard)
        line = case.pattern.lineno
        body[:0] = [syntax.Assign(target, value, line=line) for target, value in captures]
        cases.append(
            syntax.Case(
                [],
                body,
                tests[0]
                if len(tests) == 1
                else syntax.Logical("and", tests, line=line)
                if tests
                else None,
            )
        )
    out.append(syntax.Switch(subject, cases, False, line=node.lineno))


def _named(
    value: syntax.Expression, node: ast.expr, out: list[syntax.Statement]
) -> syntax.Expression:
    """An expression for `value` that may stand in several places: what would be evaluated anew in
    each gets a name first.
    """
    if _repeatable(value):
        return value
    if isinstance(value, syntax.Collection) and isinstance(node, ast.Tuple | ast.List):
        items = [
            _named(item, element, out) for item, element in zip(value.items, node.elts, strict=True)
        ]
        return syntax.Collection(items, line=node.lineno)
    name = f"match:{node.lineno}:{node.col_offset}"
    out.append(syntax.Assign(syntax.NamePattern(name), value, line=node.lineno))
    return syntax.Name(name, line=node.lineno)


def _values(pattern: ast.pattern, scope: _Scope) -> list[syntax.Expression] | None:
    """The values one of which the subject must equal; None when the pattern says more than that."""
    match pattern:
        case ast.MatchValue(value=value):
            return [_expression(value, scope)]
        case ast.MatchSingleton(value=value):
            return [syntax.Constant(value, line=pattern.lineno)]
        case ast.MatchOr(patterns=patterns):
            found = [_values(alternative, scope) for alternative in patterns]
            return (
                None if None in found else [value for values in found if values for value in values]
            )
    return None


def _structure(
    pattern: ast.pattern,
    subject: syntax.Expression,
    scope: _Scope,
    tests: list[syntax.Expression],
    captures: list[tuple[syntax.Pattern, syntax.Expression]],
) -> None:
    """Adds what must hold of `subject` and what the pattern captures of it."""
    line = pattern.lineno
    match pattern:
        case ast.MatchValue(value=value):
            tests.append(syntax.Compare("==", subject, _expression(value, scope), line=line))
        case ast.MatchSingleton(value=value):
            tests.append(
                syntax.Compare("is", subject, syntax.Constant(value, line=line), line=line)
            )
        case ast.MatchAs(pattern=inner, name=name):
            if inner is not None:
                _structure(inner, subject, scope, tests, captures)
            if name is not None:
                captures.append((syntax.NamePattern(name, name not in scope.outer), subject))
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            for key, inner in zip(keys, patterns, strict=True):
                _structure(
                    inner,
                    syntax.Index(subject, _expression(key, scope), line=line),
                    scope,
                    tests,
                    captures,
                )
            if rest is not None:
                captures.append(
                    (
                        syntax.NamePattern(rest, rest not in scope.outer),
                        syntax.Opaque([subject], line=line),
                    )
                )
            tests.append(syntax.Opaque([subject], line=line))
        case ast.MatchSequence(patterns=patterns):
            known = (
                subject.items
                if isinstance(subject, syntax.Collection) and len(subject.items) == len(patterns)
                else None
            )
            before_star = True
            for position, inner in enumerate(patterns):
                if isinstance(inner, ast.MatchStar):
                    before_star = False
                    if inner.name is not None:
                        captures.append(
                            (
                                syntax.NamePattern(inner.name, inner.name not in scope.outer),
                                syntax.Opaque([subject], line=line),
                            )
                        )
                    continue
                place: syntax.Expression = (
                    syntax.Constant(position, line=line)
                    if before_star
                    else syntax.Opaque([], line=line)
                )
                element = (
                    known[position]
                    if known is not None and before_star
                    else syntax.Index(subject, place, line=line)
                )
                _structure(inner, element, scope, tests, captures)
            if known is None or not before_star:
                tests.append(syntax.Opaque([subject], line=line))
        case ast.MatchClass(cls=kind, patterns=patterns, kwd_attrs=names, kwd_patterns=named):
            tests.append(syntax.Compare("instanceof", subject, _expression(kind, scope), line=line))
            for inner in patterns:
                _structure(inner, syntax.Opaque([subject], line=line), scope, tests, captures)
            for name, inner in zip(names, named, strict=True):
                _structure(
                    inner, syntax.Attribute(subject, name, line=line), scope, tests, captures
                )
        case ast.MatchOr(patterns=patterns):
            alternatives: list[syntax.Expression] = []
            captured: dict[str, tuple[syntax.Pattern, syntax.Expression]] = {}
            for alternative in patterns:
                needed: list[syntax.Expression] = []
                found: list[tuple[syntax.Pattern, syntax.Expression]] = []
                _structure(alternative, subject, scope, needed, found)
                alternatives.append(
                    syntax.Logical("and", needed, line=line)
                    if len(needed) > 1
                    else (needed or [syntax.Constant(True)])[0]
                )
                for target, _ in found:
                    if isinstance(target, syntax.NamePattern):
                        captured[target.id] = (target, syntax.Opaque([subject], line=line))
            tests.append(syntax.Logical("or", alternatives, line=line))
            captures.extend(captured.values())


# --------------------------------------------------------------------------------------------------


def _parameters(arguments: ast.arguments, scope: _Scope) -> list[syntax.Parameter]:
    """`scope` is the one around the function, where defaults are evaluated."""
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    parameters = [
        syntax.Parameter(
            syntax.NamePattern(argument.arg),
            _expression(arguments.defaults[index - required], scope) if index >= required else None,
            "positional",
            _annotation(argument.annotation),
        )
        for index, argument in enumerate(positional)
    ]
    if arguments.vararg is not None:
        parameters.append(syntax.Parameter(syntax.NamePattern(arguments.vararg.arg), None, "rest"))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        pattern = syntax.NamePattern(argument.arg)
        parameters.append(
            syntax.Parameter(
                pattern, _optional(default, scope), "keyword-only", _annotation(argument.annotation)
            )
        )
    if arguments.kwarg is not None:
        parameters.append(
            syntax.Parameter(syntax.NamePattern(arguments.kwarg.arg), None, "keywords")
        )
    return parameters


def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    kind: str,
    decorators: list[ast.expr],
    scope: _Scope,
) -> syntax.Function:
    inner = _Scope(scope)
    parameters = _parameters(node.args, scope)
    body = _body(node.body, inner)
    return syntax.Function(
        node.name,
        parameters,
        body,
        node.lineno,
        type(node) is ast.AsyncFunctionDef,
        inner.generator,
        False,
        [_expression(decorator, scope) for decorator in decorators],
        kind,
    )


def _definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope, out: list[syntax.Statement]
) -> None:
    out.append(
        syntax.FunctionDefinition(
            _function(node, "function", node.decorator_list, scope), line=node.lineno
        )
    )


# What these decorators do is said by the method's kind; None leaves the method as it is.
_METHOD_KINDS: dict[str, str | None] = {
    "staticmethod": "static",
    "classmethod": "class",
    "property": "getter",
    "cached_property": "getter",
    "abstractproperty": "getter",
    "setter": "setter",
    "deleter": "deleter",
    "getter": "getter",
    "abstractmethod": None,
    "override": None,
    "final": None,
    "overload": None,
}


def _method(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> syntax.Function:
    kind = (
        "constructor"
        if node.name == "__init__"
        else "static"
        if node.name == "__new__"
        else "method"
    )
    decorators: list[ast.expr] = []
    for decorator in node.decorator_list:
        name = (_dotted(decorator) or "").rpartition(".")[2]
        if name in _METHOD_KINDS:
            kind = _METHOD_KINDS[name] or kind
        else:
            decorators.append(decorator)
    return _function(node, kind, decorators, scope)


def _class_body(
    nodes: list[ast.stmt],
    scope: _Scope,
    methods: list[syntax.Function],
    fields: list[syntax.Assign],
) -> None:
    for node in nodes:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                method = _method(node, scope)
                if method.kind != "deleter":
                    methods.append(method)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                fields.extend(
                    statement
                    for statement in _body([node], scope)
                    if isinstance(statement, syntax.Assign)
                )
            case ast.ClassDef(name=name):
                nested = syntax.ClassExpression(_class(node, scope), line=node.lineno)
                fields.append(syntax.Assign(syntax.NamePattern(name), nested, line=node.lineno))
            case (
                ast.If(body=body, orelse=orelse)
                | ast.For(body=body, orelse=orelse)
                | ast.While(body=body, orelse=orelse)
            ):
                _class_body(body, scope, methods, fields)
                _class_body(orelse, scope, methods, fields)
            case ast.With(body=body):
                _class_body(body, scope, methods, fields)
            case ast.Try(body=body, orelse=orelse, finalbody=final):
                for part in (body, orelse, final):
                    _class_body(part, scope, methods, fields)


def _class(node: ast.ClassDef, scope: _Scope) -> syntax.Class:
    methods: list[syntax.Function] = []
    fields: list[syntax.Assign] = []
    bases = [_expression(base, scope) for base in node.bases]
    decorators = [_expression(decorator, scope) for decorator in node.decorator_list]
    _class_body(node.body, _Scope(scope), methods, fields)
    return syntax.Class(node.name, bases, methods, fields, [], decorators, node.lineno)


def _class_definition(node: ast.ClassDef, scope: _Scope, out: list[syntax.Statement]) -> None:
    out.append(syntax.ClassDefinition(_class(node, scope), line=node.lineno))


_STATEMENTS: dict[type[ast.stmt], _Statement] = {
    ast.Expr: _do,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.Global: _declare,
    ast.Nonlocal: _declare,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Match: _match,
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.ClassDef: _class_definition,
}
if hasattr(ast, "TryStar"):  # Python 3.11
    _STATEMENTS[ast.TryStar] = _try

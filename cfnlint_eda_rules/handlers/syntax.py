"""The common syntax tree that every handler language is lowered to, and that `interpreter`
evaluates.

A reader (`python`, `javascript`) decides syntax only; every decision about meaning (what is an SDK
call, what follows what, what runs together) is the interpreter's, so a fact never depends on the
language it came from. Nodes are plain: no node knows about AWS. What a language has and this tree
has not is lowered to the nearest node here, or to `Opaque`, which evaluates its children and has an
unknown value.
"""

from __future__ import annotations

from dataclasses import field

from cfnlint_eda_rules.records import dataclass

# --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Expression:
    """Base of all expressions; `line` is the 1-based line in the file."""

    line: int = field(default=0, kw_only=True)


@dataclass(slots=True)
class Constant(Expression):
    """A literal. Bytes are decoded to `str` where they are text; numbers, booleans and
    None/null/undefined as in Python.
    """

    value: str | int | float | bool | None


@dataclass(slots=True)
class Name(Expression):
    """A variable; `this`/`self` are the names `this` and whatever the first parameter is called."""

    id: str


@dataclass(slots=True)
class Attribute(Expression):
    """`value.name`, also `value?.name`."""

    value: Expression
    name: str


@dataclass(slots=True)
class Index(Expression):
    """`value[key]`; a slice has the key `Opaque`."""

    value: Expression
    key: Expression


@dataclass(slots=True)
class Argument:
    """One argument of a call: positional (`name` None), keyword, or spread (`*args` / `...args`;
    `**kwargs` has name "**").
    """

    value: Expression
    name: str | None = None
    spread: bool = False


@dataclass(slots=True)
class Invoke(Expression):
    """`function(arguments)`; `new` for `new C(...)`. Tagged templates are calls with one
    argument.
    """

    function: Expression
    arguments: list[Argument]
    new: bool = False


@dataclass(slots=True)
class Template(Expression):
    """f-strings, template literals, `%` and `+` concatenation known to be text: the parts in
    order.
    """

    parts: list[Expression]


@dataclass(slots=True)
class Binary(Expression):
    """Arithmetic, and `+` whose operands may be text. `operator` is the Python spelling."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True)
class Compare(Expression):
    """A comparison. `operator` is one of `==  != < <= > >= in not-in is is-not instanceof` (`===`
    is `==`).
    """

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True)
class Logical(Expression):
    """`and` / `or` / `??` (operator "and", "or", "default"): later operands may not run."""

    operator: str
    operands: list[Expression]


@dataclass(slots=True)
class Not(Expression):
    operand: Expression


@dataclass(slots=True)
class Conditional(Expression):
    """`then if test else otherwise` / `test ? then : otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression


@dataclass(slots=True)
class Collection(Expression):
    """A list, tuple, set or array display; items may be `Spread`."""

    items: list[Expression]


@dataclass(slots=True)
class Mapping(Expression):
    """A dict or object literal: (key, value) pairs in order; a spread has the key None. Methods and
    shorthands are pairs too.
    """

    pairs: list[tuple[Expression | None, Expression]]


@dataclass(slots=True)
class Spread(Expression):
    value: Expression


@dataclass(slots=True)
class Await(Expression):
    value: Expression


@dataclass(slots=True)
class Yield(Expression):
    """`yield value`; `delegate` for `yield from` / `yield*`."""

    value: Expression | None
    delegate: bool = False


@dataclass(slots=True)
class Lambda(Expression):
    """A function as a value: lambda, arrow function, function expression."""

    function: Function


@dataclass(slots=True)
class ClassExpression(Expression):
    definition: Class


@dataclass(slots=True)
class Comprehension(Expression):
    """List, set, dict and generator comprehensions, one `for` each (nested ones nest in `element`).

    `lazy` for a generator expression; `key` only for a dict comprehension; `conditions` guard the
    element.
    """

    element: Expression
    target: Pattern
    iterable: Expression
    conditions: list[Expression]
    key: Expression | None = None
    lazy: bool = False
    asynchronous: bool = False


@dataclass(slots=True)
class Bind(Expression):
    """An assignment used as an expression: `x := v`, `x = v`, `a.b = v` in an expression."""

    target: Pattern
    value: Expression


@dataclass(slots=True)
class Sequence(Expression):
    """JavaScript's comma operator: every item is evaluated in order, the value is the last one's.
    Never empty.
    """

    items: list[Expression]


@dataclass(slots=True)
class Import(Expression):
    """`require("m")`, `import("m")` with a literal name: the module object. Statements use
    `ImportFrom`.
    """

    module: str


@dataclass(slots=True)
class Keys(Expression):
    """The names of the entries of a mapping, as `for (name in value)` goes through them."""

    value: Expression


@dataclass(slots=True)
class Opaque(Expression):
    """Syntax without a meaning here: the children are evaluated in order, the value is unknown."""

    children: list[Expression]


# --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Pattern:
    """Base of assignment targets."""


@dataclass(slots=True)
class NamePattern(Pattern):
    """A variable. `declares`: Python's local assignment and JavaScript's `let/const/var/parameter`
    bind in the function's own scope; a JavaScript assignment to an outer variable, and Python's
    `global`/`nonlocal`, do not.
    """

    id: str
    declares: bool = True


@dataclass(slots=True)
class MemberPattern(Pattern):
    """`object.name = ...` or `object[key] = ...`: the Attribute or Index expression assigned to."""

    target: Expression


@dataclass(slots=True)
class ListPattern(Pattern):
    """`a, *b = ...` / `[a, ...b] = ...`; None skips an item; `rest` is the starred one's index, if
    any.
    """

    items: list[Pattern | None]
    rest: int | None = None


@dataclass(slots=True)
class MappingPattern(Pattern):
    """`{ a, b: c = 1, ...rest } = ...`: (key, target) pairs; a computed key has None."""

    pairs: list[tuple[str | None, Pattern]]
    rest: Pattern | None = None


@dataclass(slots=True)
class DefaultPattern(Pattern):
    """`target = default` inside a destructuring or parameter list."""

    target: Pattern
    default: Expression


# --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Statement:
    line: int = field(default=0, kw_only=True)


@dataclass(slots=True)
class Do(Statement):
    """An expression evaluated for its effect."""

    value: Expression


@dataclass(slots=True)
class Assign(Statement):
    """`target = value`; chained targets are several statements. An annotation without value has
    `value` None; `augmented` for `+=` and kin.

    `annotation` is the dotted name of a type annotation (`"mypy_boto3_s3.S3Client"`), where there
    is one.
    """

    target: Pattern
    value: Expression | None
    augmented: bool = False
    annotation: str | None = None


@dataclass(slots=True)
class Return(Statement):
    value: Expression | None


@dataclass(slots=True)
class Raise(Statement):
    value: Expression | None


@dataclass(slots=True)
class Break(Statement):
    label: str | None = None


@dataclass(slots=True)
class Continue(Statement):
    label: str | None = None


@dataclass(slots=True)
class If(Statement):
    test: Expression
    body: list[Statement]
    orelse: list[Statement]


@dataclass(slots=True)
class For(Statement):
    """`for target in iterable` / `for (const x of y)`; `for (x in y)` has the iterable wrapped
    in `Keys`. `asynchronous` for `async for` / `for await`.
    """

    target: Pattern
    iterable: Expression
    body: list[Statement]
    orelse: list[Statement]
    asynchronous: bool = False
    label: str | None = None


@dataclass(slots=True)
class While(Statement):
    """`while`, `do ... while` (`test_first` False) and `for (init; test; update)` (init before it,
    update in `update`). `test` None is endless.
    """

    test: Expression | None
    body: list[Statement]
    orelse: list[Statement]
    update: list[Statement] = field(default_factory=list)
    test_first: bool = True
    label: str | None = None


@dataclass(slots=True)
class Handler:
    """One `except` / `catch` clause. `types` are the dotted names of the exception classes; empty
    catches all.
    """

    types: list[str]
    target: Pattern | None
    body: list[Statement]


@dataclass(slots=True)
class Try(Statement):
    body: list[Statement]
    handlers: list[Handler]
    orelse: list[Statement]
    final: list[Statement]


@dataclass(slots=True)
class With(Statement):
    """`with value as target`; several items nest."""

    value: Expression
    target: Pattern | None
    body: list[Statement]
    asynchronous: bool = False


@dataclass(slots=True)
class Case:
    """One `case` of a `match`/`switch`; `values` empty is the default. `guard` is a `match`
    guard.
    """

    values: list[Expression]
    body: list[Statement]
    guard: Expression | None = None


@dataclass(slots=True)
class Switch(Statement):
    """`match` and `switch`; `falls_through` is JavaScript's (a case without `break` runs into the
    next).
    """

    subject: Expression
    cases: list[Case]
    falls_through: bool


@dataclass(slots=True)
class Block(Statement):
    """A nested block (also a labelled one)."""

    body: list[Statement]
    label: str | None = None


@dataclass(slots=True)
class FunctionDefinition(Statement):
    function: Function


@dataclass(slots=True)
class ClassDefinition(Statement):
    definition: Class


@dataclass(slots=True)
class ImportFrom(Statement):
    """An import that binds `target`.

    `module` as written (Python keeps its leading dots); `symbol` None binds the module itself, "*"
    everything, "default" an ES module's default export. `import a.b.c` (no alias) is module "a"
    bound to "a" with `loads` = "a.b.c".
    """

    module: str
    symbol: str | None
    target: str
    loads: str | None = None


@dataclass(slots=True)
class Export(Statement):
    """`export { local as name }`, `export default expression` (name "default"), `export { x as y }
    from "m"` (an ImportFrom comes before), `export * from "m"` (name "*", `value` an Import).
    CommonJS exports are assignments to `module.exports` / `exports.x` and stay so.
    """

    name: str
    value: Expression


# --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Parameter:
    """`kind`: "positional", "rest" (`*args` / `...args`), "keywords" (`**kwargs`) or
    "keyword-only".
    """

    pattern: Pattern
    default: Expression | None = None
    kind: str = "positional"
    annotation: str | None = None


@dataclass(slots=True)
class Function:
    """A function. An arrow function with an expression body has one `Return`. `arrow` functions
    keep the outer `this`.

    `decorators` are outermost first. `kind` of a method: "method", "static", "class", "getter",
    "setter", "constructor".
    """

    name: str
    parameters: list[Parameter]
    body: list[Statement]
    line: int = 0
    asynchronous: bool = False
    generator: bool = False
    arrow: bool = False
    decorators: list[Expression] = field(default_factory=list)
    kind: str = "function"


@dataclass(slots=True)
class Class:
    """A class. `fields` are class-level assignments (Python class attributes, JavaScript `static`);
    `instance_fields` JavaScript's instance fields.
    """

    name: str
    bases: list[Expression]
    methods: list[Function]
    fields: list[Assign]
    instance_fields: list[Assign] = field(default_factory=list)
    decorators: list[Expression] = field(default_factory=list)
    line: int = 0


@dataclass(slots=True)
class Module:
    """One parsed file. `path` is the file, `language` "python" or "javascript" (also for
    TypeScript).
    """

    path: str
    language: str
    body: list[Statement]

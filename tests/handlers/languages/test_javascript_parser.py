"""JavaScript and TypeScript are read into the common syntax tree."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from cfnlint_eda_rules.handlers.languages.javascript.parser import parse
from cfnlint_eda_rules.handlers.syntax import (
    Argument,
    Assign,
    Attribute,
    Await,
    Binary,
    Bind,
    Block,
    Break,
    Case,
    Class,
    ClassDefinition,
    ClassExpression,
    Collection,
    Compare,
    Conditional,
    Constant,
    Continue,
    DefaultPattern,
    Do,
    Export,
    Expression,
    For,
    Function,
    FunctionDefinition,
    Handler,
    If,
    Import,
    ImportFrom,
    Index,
    Invoke,
    Keys,
    Lambda,
    ListPattern,
    Logical,
    Mapping,
    MappingPattern,
    MemberPattern,
    Name,
    NamePattern,
    Not,
    Opaque,
    Parameter,
    Raise,
    Return,
    Sequence,
    Spread,
    Statement,
    Switch,
    Template,
    Try,
    While,
    Yield,
)


def without_lines(node: Any) -> Any:
    match node:
        case list():
            return [without_lines(item) for item in node]
        case tuple():
            return tuple(without_lines(item) for item in node)
    if is_dataclass(node):
        for field in fields(node):
            setattr(
                node,
                field.name,
                0 if field.name == "line" else without_lines(getattr(node, field.name)),
            )
    return node


def body(source: str, path: str = "index.js") -> list[Statement]:
    result: list[Statement] = without_lines(parse(path, source).body)
    return result


def value(source: str, path: str = "index.js") -> Expression:
    match body(f"x = {source}", path):
        case [Assign(value=Expression() as result)]:
            return result
    raise AssertionError(source)


def names(*ids: str) -> list[Name]:
    return [Name(id) for id in ids]


A, B, C, D = names("a", "b", "c", "d")
NONE = Constant(None)


def call(function: Expression, *arguments: Expression) -> Invoke:
    return Invoke(function, [Argument(argument) for argument in arguments])


def do(name: str) -> Do:
    return Do(call(Name(name)))


def key(name: str) -> Constant:
    return Constant(name)


EXPRESSIONS = {
    "'it\\'s\\n\\u{1F600}\\uD83D\\uDE00\\x41\\\n.'": Constant("it's\n\U0001f600\U0001f600A."),
    "1_000": Constant(1000),
    "0x1F": Constant(31),
    "6e4": Constant(60000),
    "-1.5": Constant(-1.5),
    "10n": Constant(10),
    "!0": Constant(True),
    "null": NONE,
    "undefined": NONE,
    "void 0": NONE,
    "void a()": Sequence([call(A), NONE]),
    "/a\\/b/g": Opaque([]),
    "this": Name("this"),
    "a?.b?.[c]?.(d)": call(Index(Attribute(A, "b"), C), D),
    "a.#b": Attribute(A, "#b"),
    "a(...b, c)": Invoke(A, [Argument(B, spread=True), Argument(C)]),
    "new a.B": Invoke(Attribute(A, "B"), [], new=True),
    "new (a())(b)": Invoke(call(A), [Argument(B)], new=True),
    "`plain\\``": Constant("plain`"),
    "`${a}/b\\n${c}`": Template([A, Constant("/b\n"), C]),
    "a`b${c}`": call(A, Template([Constant("b"), C])),
    "a + b": Binary("+", A, B),
    "a + '1' + \"2\"": Binary("+", A, Constant("12")),
    "'1' + '2' + a": Binary("+", Constant("12"), A),
    "a ** -b": Binary("**", A, Binary("-", Constant(0), B)),
    "a === b": Compare("==", A, B),
    "a !== b": Compare("!=", A, B),
    "'a' in b": Compare("in", Constant("a"), B),
    "a instanceof b": Compare("instanceof", A, B),
    "!a && b && c": Logical("and", [Not(A), B, C]),
    "a || b && c": Logical("or", [A, Logical("and", [B, C])]),
    "a ?? b": Logical("default", [A, B]),
    "a ? b : c": Conditional(A, B, C),
    "typeof a": Opaque([A]),
    "delete a.b": Opaque([Attribute(A, "b")]),
    "[a, ...b]": Collection([A, Spread(B)]),
    "(a = b)": Bind(NamePattern("a", False), B),
    "(a.b ||= c)": Bind(MemberPattern(Attribute(A, "b")), Logical("or", [Attribute(A, "b"), C])),
    "a + (b -= 1)": Binary("+", A, Bind(NamePattern("b", False), Binary("-", B, Constant(1)))),
    "a[++b]": Index(A, Bind(NamePattern("b", False), Binary("+", B, Constant(1)))),
    "a[b++]": Index(
        A, Binary("-", Bind(NamePattern("b", False), Binary("+", B, Constant(1))), Constant(1))
    ),
    "a && (b(), c)": Logical("and", [A, Sequence([call(B), C])]),
    "(0, a.b)(c)": call(Attribute(A, "b"), C),
    "require('a').b": Attribute(Import("a"), "b"),
    "__require(`a`)": Import("a"),
    "require(a)": call(Name("require"), A),
    "import('a')": Import("a"),
    "import.meta.url": Attribute(Opaque([]), "url"),
    "a /* one */ ( /* two */ b, // three\n c)": call(A, B, C),
}


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_expression(source: str) -> None:
    assert value(source) == EXPRESSIONS[source]


def test_object() -> None:
    source = "{ a, b: 1, 'c-d': 2, 3: c, [d]: 4, ...a, undefined, async m() {}, *g() {}, get p() { return 1 }, set p(v) {} }"
    assert value(source) == Mapping(
        [
            (key("a"), A),
            (key("b"), Constant(1)),
            (key("c-d"), Constant(2)),
            (key("3"), C),
            (D, Constant(4)),
            (None, A),
            (key("undefined"), NONE),
            (key("m"), Lambda(Function("m", [], [], asynchronous=True, kind="method"))),
            (key("g"), Lambda(Function("g", [], [], generator=True, kind="method"))),
            (key("p"), Lambda(Function("p", [], [Return(Constant(1))], kind="getter"))),
        ]
    )


FUNCTIONS = {
    "a => b": Function("", [Parameter(NamePattern("a"))], [Return(B)], arrow=True),
    "async () => ({})": Function("", [], [Return(Mapping([]))], asynchronous=True, arrow=True),
    "() => (a(), b)": Function("", [], [do("a"), Return(B)], arrow=True),
    "async function f() { await a }": Function("f", [], [Do(Await(A))], asynchronous=True),
    "function* () { yield; yield a; yield* b }": Function(
        "", [], [Do(Yield(None)), Do(Yield(A)), Do(Yield(B, True))], generator=True
    ),
    "function (a, { b, c: { d } = {} }, [e, , f] = a, ...g) {}": Function(
        "",
        [
            Parameter(NamePattern("a")),
            Parameter(
                MappingPattern(
                    [
                        ("b", NamePattern("b")),
                        (
                            "c",
                            DefaultPattern(MappingPattern([("d", NamePattern("d"))]), Mapping([])),
                        ),
                    ],
                )
            ),
            Parameter(ListPattern([NamePattern("e"), None, NamePattern("f")]), A),
            Parameter(NamePattern("g"), kind="rest"),
        ],
        [],
    ),
}


@pytest.mark.parametrize("source", FUNCTIONS)
def test_function(source: str) -> None:
    assert value(source) == Lambda(FUNCTIONS[source])


STATEMENTS: dict[str, list[Statement]] = {
    "'use strict'; ;": [],
    "#!/usr/bin/env node\na()": [do("a")],
    "let a, b = c": [Assign(NamePattern("a"), None), Assign(NamePattern("b"), C)],
    "const { a, 'b': c = 1, ...d } = a": [
        Assign(
            MappingPattern(
                [("a", NamePattern("a")), ("b", DefaultPattern(NamePattern("c"), Constant(1)))],
                NamePattern("d"),
            ),
            A,
        )
    ],
    "[a, b.c, ...d] = a": [
        Assign(
            ListPattern(
                [
                    NamePattern("a", False),
                    MemberPattern(Attribute(B, "c")),
                    NamePattern("d", False),
                ],
                2,
            ),
            A,
        ),
    ],
    "({ [a]: b, c = 1 } = d)": [
        Assign(
            MappingPattern(
                [
                    (None, NamePattern("b", False)),
                    ("c", DefaultPattern(NamePattern("c", False), Constant(1))),
                ]
            ),
            D,
        )
    ],
    "exports.a = exports.b = void 0": [
        Assign(
            MemberPattern(Attribute(Name("exports"), "a")),
            Bind(MemberPattern(Attribute(Name("exports"), "b")), NONE),
        )
    ],
    "a += b": [Assign(NamePattern("a", False), Binary("+", A, B), augmented=True)],
    "a--": [Assign(NamePattern("a", False), Binary("-", A, Constant(1)), augmented=True)],
    "a.b ??= c": [
        Assign(MemberPattern(Attribute(A, "b")), Logical("default", [Attribute(A, "b"), C]))
    ],
    "a(), b(); void c()": [do("a"), do("b"), do("c")],
    "a && (b = c, d())": [If(A, [Assign(NamePattern("b", False), C), do("d")], [])],
    "a || b()": [If(Not(A), [do("b")], [])],
    "a ? b() : c()": [If(A, [do("b")], [do("c")])],
    "if (a) b(); else if (c) { d() } else d()": [If(A, [do("b")], [If(C, [do("d")], [do("d")])])],
    "throw a(), b": [do("a"), Raise(B)],
    "for (let i = 0; a; i++) b()": [
        Assign(NamePattern("i"), Constant(0)),
        While(
            A,
            [do("b")],
            [],
            [Assign(NamePattern("i", False), Binary("+", Name("i"), Constant(1)), augmented=True)],
        ),
    ],
    "for (a = 1, b();;) { break }": [
        Assign(NamePattern("a", False), Constant(1)),
        do("b"),
        While(None, [Break()], []),
    ],
    "for (const [a, b] of c) d()": [
        For(ListPattern([NamePattern("a"), NamePattern("b")]), C, [do("d")], [])
    ],
    "for (a.b in c) ;": [For(MemberPattern(Attribute(A, "b")), Keys(C), [], [])],
    "async () => { for await (const a of b); }": [
        Do(
            Lambda(
                Function(
                    "", [], [For(NamePattern("a"), B, [], [], True)], asynchronous=True, arrow=True
                )
            )
        )
    ],
    "x: while (a) { continue x }": [While(A, [Continue("x")], [], label="x")],
    "x: for (const a of b) break x": [For(NamePattern("a"), B, [Break("x")], [], label="x")],
    "x: { break x }": [Block([Break("x")], "x")],
    "do a(); while (b)": [While(B, [do("a")], [], test_first=False)],
    "switch (a) { case 1: case b: c(); break; default: d() }": [
        Switch(
            A, [Case([Constant(1)], []), Case([B], [do("c"), Break()]), Case([], [do("d")])], True
        )
    ],
    "try { a() } catch ({ b }) { c() } finally { d() }": [
        Try(
            [do("a")],
            [Handler([], MappingPattern([("b", NamePattern("b"))]), [do("c")])],
            [],
            [do("d")],
        )
    ],
    "try { a() } catch { }": [Try([do("a")], [Handler([], None, [])], [], [])],
    "a(); { b(); function b() {} }; function a() {}": [
        FunctionDefinition(Function("a", [], [])),
        do("a"),
        Block([FunctionDefinition(Function("b", [], [])), do("b")]),
    ],
}


@pytest.mark.parametrize("source", STATEMENTS)
def test_statement(source: str) -> None:
    assert body(source) == STATEMENTS[source]


MODULES: dict[str, list[Statement]] = {
    "import a, { b as c, default as d } from 'm'; import * as e from 'n'; import 'o'": [
        ImportFrom("m", "default", "a"),
        ImportFrom("m", "b", "c"),
        ImportFrom("m", "default", "d"),
        ImportFrom("n", None, "e"),
        Do(Import("o")),
    ],
    "a(); import { a } from 'm'": [ImportFrom("m", "a", "a"), do("a")],
    "export { a as b, c as default }; const a = 1, c = 2": [
        Assign(NamePattern("a"), Constant(1)),
        Assign(NamePattern("c"), Constant(2)),
        Export("b", A),
        Export("default", C),
    ],
    "a(); export async function handler() {} export const { b, c: [d] } = a": [
        FunctionDefinition(Function("handler", [], [], asynchronous=True)),
        Export("handler", Name("handler")),
        do("a"),
        Assign(
            MappingPattern([("b", NamePattern("b")), ("c", ListPattern([NamePattern("d")]))]), A
        ),
        Export("b", B),
        Export("d", D),
    ],
    "export { a as b } from 'm'; export * from 'n'; export * as c from 'o'": [
        ImportFrom("m", "a", "export b"),
        Export("*", Import("n")),
        ImportFrom("o", None, "export c"),
        Export("b", Name("export b")),
        Export("c", Name("export c")),
    ],
    "export default async () => {}; a()": [
        Export("default", Lambda(Function("", [], [], asynchronous=True, arrow=True))),
        do("a"),
    ],
    "a(); export default function f() {}": [
        FunctionDefinition(Function("f", [], [])),
        Export("default", Name("f")),
        do("a"),
    ],
    "export default class extends a.b {}": [
        Export("default", ClassExpression(Class("", [Attribute(A, "b")], [], [])))
    ],
    "export class A {}": [ClassDefinition(Class("A", [], [], [])), Export("A", Name("A"))],
}


@pytest.mark.parametrize("source", MODULES)
def test_module(source: str) -> None:
    assert body(source, "index.mjs") == MODULES[source]


def test_class() -> None:
    source = """
    class A extends B {
        static #a = 1;
        b;
        c = () => this.b;
        static { a() }
        constructor() { super() }
        async #m() {}
        static *s() {}
        get g() { return super.g }
        set g(v) {}
        [d]() {}
    }"""
    block = Lambda(Function("", [], [do("a")], arrow=True))
    assert body(source) == [
        ClassDefinition(
            Class(
                "A",
                [Name("B")],
                [
                    Function("constructor", [], [Do(call(Name("super")))], kind="constructor"),
                    Function("#m", [], [], asynchronous=True, kind="method"),
                    Function("s", [], [], generator=True, kind="static"),
                    Function("g", [], [Return(Attribute(Name("super"), "g"))], kind="getter"),
                    Function("g", [Parameter(NamePattern("v"))], [], kind="setter"),
                ],
                [
                    Assign(NamePattern("#a"), Constant(1)),
                    Assign(NamePattern(""), Invoke(block, [])),
                ],
                [
                    Assign(NamePattern("b"), None),
                    Assign(
                        NamePattern("c"),
                        Lambda(
                            Function("", [], [Return(Attribute(Name("this"), "b"))], arrow=True)
                        ),
                    ),
                ],
            )
        )
    ]


TYPED_EXPRESSIONS = {
    "a as unknown as T<U>": A,
    "a satisfies T": A,
    "a!.b![c]!": Index(Attribute(A, "b"), C),
    "<any>a": A,
    "a<T>(b)": call(A, B),
    "a.b<T>": Attribute(A, "b"),
    "new a<T>(b)": Invoke(A, [Argument(B)], new=True),
    "async <T>(a?: T, b: string = '1'): Promise<T> => a": Function(
        "",
        [
            Parameter(NamePattern("a"), annotation="T"),
            Parameter(NamePattern("b"), Constant("1"), annotation="string"),
        ],
        [Return(A)],
        asynchronous=True,
        arrow=True,
    ),
}


@pytest.mark.parametrize("source", TYPED_EXPRESSIONS)
def test_typed_expression(source: str) -> None:
    expected = TYPED_EXPRESSIONS[source]
    assert value(source, "index.ts") == (
        Lambda(expected) if isinstance(expected, Function) else expected
    )


TYPED_STATEMENTS: dict[str, list[Statement]] = {
    "import type { A } from 'm'; import { type B, C } from 'm'": [ImportFrom("m", "C", "C")],
    "import a = require('m'); import b = a.c.d": [
        ImportFrom("m", None, "a"),
        Assign(NamePattern("b"), Attribute(Attribute(A, "c"), "d")),
    ],
    "export type { A }; export type T = string; export interface I {} declare const a: string; declare module 'm' {}": [],
    "function a(x: string): void; function a(this: T, { b }: T, ...c: T[]) {}": [
        FunctionDefinition(
            Function(
                "a",
                [
                    Parameter(MappingPattern([("b", NamePattern("b"))]), annotation="T"),
                    Parameter(NamePattern("c"), kind="rest"),
                ],
                [],
            )
        )
    ],
    "export = a": [Assign(MemberPattern(Attribute(Name("module"), "exports")), A)],
    "let a: AWS.S3 | undefined; const b: Promise<T> = c": [
        Assign(NamePattern("a"), None, annotation="AWS.S3"),
        Assign(NamePattern("b"), C, annotation="Promise"),
    ],
    "(a as any).b = c!": [Assign(MemberPattern(Attribute(A, "b")), C)],
    "export enum E { A, B = 'b', 'c' = 4, D, F = B }": [
        Assign(
            NamePattern("E"),
            Mapping(
                [
                    (key("A"), Constant(0)),
                    (key("B"), Constant("b")),
                    (key("c"), Constant(4)),
                    (key("D"), Constant(5)),
                    (key("F"), Constant("b")),
                ]
            ),
        ),
        Export("E", Name("E")),
    ],
    "namespace N { const a = 1; export const b = a } namespace T { export type A = string }": [
        Assign(
            NamePattern("N"),
            Invoke(
                Lambda(
                    Function(
                        "",
                        [],
                        [
                            Assign(NamePattern("a"), Constant(1)),
                            Assign(NamePattern("b"), A),
                            Return(Mapping([(key("b"), B)])),
                        ],
                        arrow=True,
                    )
                ),
                [],
            ),
        )
    ],
    "@a() export abstract class A<T> extends B<T> implements I { abstract m(): void; @b m(x?: T) {} @c() declare d: T; private e?: S.T }": [
        ClassDefinition(
            Class(
                "A",
                [Name("B")],
                [
                    Function(
                        "m",
                        [Parameter(NamePattern("x"), annotation="T")],
                        [],
                        decorators=[B],
                        kind="method",
                    )
                ],
                [],
                [Assign(NamePattern("e"), None, annotation="S.T")],
                [call(A)],
            )
        ),
        Export("A", Name("A")),
    ],
    "class A { constructor(private readonly client: S3Client, b: T, @c() readonly d = 1) { b() } }": [
        ClassDefinition(
            Class(
                "A",
                [],
                [
                    Function(
                        "constructor",
                        [
                            Parameter(NamePattern("client"), annotation="S3Client"),
                            Parameter(NamePattern("b"), annotation="T"),
                            Parameter(NamePattern("d"), Constant(1)),
                        ],
                        [
                            Assign(
                                MemberPattern(Attribute(Name("this"), "client")),
                                Name("client"),
                                annotation="S3Client",
                            ),
                            Assign(MemberPattern(Attribute(Name("this"), "d")), D),
                            do("b"),
                        ],
                        kind="constructor",
                    )
                ],
                [],
            )
        )
    ],
}


@pytest.mark.parametrize("source", TYPED_STATEMENTS)
def test_typed_statement(source: str) -> None:
    assert body(source, "index.ts") == TYPED_STATEMENTS[source]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("await (a)(b)", "await ((a)(b))"),
        ("await (0, a.b)(c).d", "await (a.b(c).d)"),
        ("await [a][0]()", "await ([a][0]())"),
        ("await (a)(b).then(c) || d", "await (a(b).then(c)) || d"),
    ],
)
def test_await_before_parentheses_is_no_call_of_await(written: str, plain: str) -> None:
    assert value(written) == value(plain)


def test_compiled_async_function() -> None:
    awaits = Function(
        "",
        [Parameter(NamePattern("a"))],
        [Do(Await(B)), Return(Lambda(Function("", [], [Do(Yield(C))], generator=True)))],
    )
    awaits.asynchronous = awaits.arrow = True
    generator = "function* (a) { yield b; return function* () { yield c } }"
    assert value(f"tslib.__awaiter(this, [d], void 0, {generator})") == call(Lambda(awaits), D)
    assert value(f"__awaiter(void 0, void 0, void 0, {generator})") == call(Lambda(awaits))
    assert value(f"_asyncToGenerator({generator})") == Lambda(awaits)


def test_lines() -> None:
    module = parse("src/index.mjs", "\n// é\nconst a = {\n  b: c(\n    d) };\n")
    match module.body:
        case [
            Assign(
                line=3,
                value=Mapping(
                    line=3,
                    pairs=[
                        (
                            Constant("b", line=4),
                            Invoke(line=4, arguments=[Argument(Name("d", line=5))]),
                        )
                    ],
                ),
            )
        ]:
            pass
        case _:
            pytest.fail(repr(module.body))
    assert (module.path, module.language) == ("src/index.mjs", "javascript")


def test_text_beyond_ascii() -> None:
    assert body("\ufeffconst ä = 'ö\\u00fc' + `€${b}`") == [
        Assign(NamePattern("ä"), Binary("+", Constant("öü"), Template([Constant("€"), B])))
    ]


@pytest.mark.parametrize(
    ("path", "source", "reason"),
    [
        ("index.js", "const a = ;", "syntax error"),
        ("index.js", "a(b", "syntax error"),
        ("index.js", "const a: string = 1", "syntax error"),
        ("index.js", "a = <b>c</b>", "line 1: jsx_element"),
        ("index.tsx", "a = <b/>", "line 1: jsx_self_closing_element"),
        ("index.ts", "def handler(event, context):\n    return 1", "syntax error"),
        ("index.js", "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("index.js", "x = a" + ".b()" * 5000, "nested too deeply"),
        ("index.js", "if (a) b();" + "else if (a) b();" * 5000, "nested too deeply"),
    ],
)
def test_source_that_cannot_be_read(path: str, source: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(path, source)


@pytest.mark.parametrize("path", ["a.ts", "a.mts", "a.cts", "a.tsx"])
def test_typescript_by_extension(path: str) -> None:
    assert body("let a: T", path) == [Assign(NamePattern("a"), None, annotation="T")]


def test_long_chains_do_not_nest() -> None:
    joined = value("'a'" + "+ 'a'" * 500)
    assert joined == Constant("a" * 501)
    assert isinstance(value("a" + ".b()" * 400), Invoke)

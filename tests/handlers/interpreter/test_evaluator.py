"""What the interpreter makes of control flow, concurrency and values: small handlers whose calls go
to a library of one function.

`aws.x(...)` is a blocking call named "x"; in JavaScript `aws.x(...)` gives a promise, and a last
argument that is a function is a callback.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from cfnlint_eda_rules.budget import Exhausted
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.facts import Call, Source, exclusive
from cfnlint_eda_rules.handlers.interpreter.evaluator import evaluate
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.handlers.languages import registry
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.symbolic_values import (
    ContextField,
    Environment,
    EventField,
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
)


@dataclass
class Files:
    """A program held in memory: file name -> text."""

    language: str
    entry: str
    symbol: str
    texts: dict[str, str] = field(default_factory=dict)

    def load(self, file: str) -> syntax.Module | None:
        try:
            return language_of(self.language).parse(file, self.texts[file])
        except ValueError:
            return None

    def resolve(self, importer: str, module: str) -> str | None:
        suffix = ".py" if self.language == "python" else ".js"
        name = (
            module.lstrip("./").replace(".", "/")
            if self.language == "python"
            else module.removeprefix("./").removesuffix(".js")
        )
        return name + suffix if name + suffix in self.texts else None

    def shown(self, file: str) -> str:
        return file

    def has_module(self, importer: str, name: str) -> bool:
        return self.resolve(importer, name) is not None

    def modules_like(self, importer: str, before: str, after: str) -> Sequence[str]:
        return ()

    def content(self, importer: str, path: str) -> str | None:
        return None


def operation(name: str) -> Native:
    def call(arguments: Arguments, run: Run) -> Object:
        given = dict(arguments.named)
        given.update({str(index): argument for index, argument in enumerate(arguments.positional)})
        if run.waits:
            return run.request("sdk", "aws", name, given)
        promise = run.start("sdk", "aws", name, given)
        last = arguments.positional[-1] if arguments.positional else None
        return run.callback(promise, last) if last is not None and "callback" in name else promise

    return Native(name, on_call=call)


@functools.cache
def library() -> Native:
    return Native("aws", on_attribute=lambda name, run: operation(name))


class Aws:
    """The models of a world with one library."""

    def module(self, name: str) -> Object | None:
        return library() if name == "aws" else None

    def global_name(self, name: str) -> Object | None:
        return None

    def annotated(self, annotation: str) -> Object | None:
        return None


def language_of(name: str) -> Language:
    found = registry.named(name)
    assert found is not None
    return found


def read(language: str, text: str, symbol: str = "handler", **others: str) -> Source | None:
    suffix = "py" if language == "python" else "js"
    texts = {f"{name}.{suffix}": textwrap.dedent(other) for name, other in others.items()}
    head = "import aws\n" if language == "python" else 'const aws = require("aws");\n'
    texts[f"main.{suffix}"] = head + textwrap.dedent(text)
    return evaluate(Files(language, f"main.{suffix}", symbol, texts), language_of(language), Aws())


def calls(language: str, text: str, symbol: str = "handler", **others: str) -> dict[str, Call]:
    source = read(language, text, symbol, **others)
    assert source is not None
    names: dict[str, Call] = {}
    for call in source.calls:
        name = call.operation or call.kind
        names[name if name not in names else f"{name}{call.id}"] = call
    return names


def order(found: dict[str, Call]) -> set[str]:
    """Who precedes whom: "a<b"."""
    names = {call.id: name for name, call in found.items()}
    return {
        f"{names[before]}<{name}"
        for name, call in found.items()
        for before in call.preceded_by
        if before in names
    }


def flagged(found: dict[str, Call], flag: str) -> set[str]:
    return {name for name, call in found.items() if getattr(call, flag)}


PYTHON_ORDER = {
    "sequence": ("aws.a()\n    aws.b()\n    aws.c()", "a<b a<c b<c"),
    "branches": (
        "if event['x']:\n        aws.a()\n    else:\n        aws.b()\n    aws.c()",
        "a<c b<c",
    ),
    "early return": ("if event['x']:\n        aws.a()\n        return\n    aws.b()", ""),
    "early raise": (
        "r = aws.a()\n    if not r['Item']:\n        raise KeyError\n    aws.b()",
        "a<b",
    ),
    "exit": ("if event['x']:\n        aws.a()\n        sys.exit(1)\n    aws.b()", ""),
    "loop": (
        "for r in event['Records']:\n        aws.a()\n        aws.b()\n    aws.c()",
        "a<b a<c b<c",
    ),
    "loop with continue": (
        "for r in event['Records']:\n        if r['x']:\n            aws.a()\n            continue\n        aws.b()\n    aws.c()",
        "a<c b<c",
    ),
    "loop left half way": (
        "while True:\n        aws.a()\n        if event['x']:\n            break\n        aws.b()\n    aws.c()",
        "a<b a<c b<c",
    ),
    "together in a loop": (
        "for r in event['Records']:\n        asyncio.run(both())\n    aws.c()",
        "a<c b<c",
    ),
    "loop once by break": ("while True:\n        aws.a()\n        break\n    aws.b()", "a<b"),
    "finally": ("try:\n        return aws.a()\n    finally:\n        aws.b()", "a<b"),
    "finally that returns": (
        "try:\n        aws.a()\n    finally:\n        aws.b()\n        return\n    aws.c()",
        "a<b",
    ),
    "return through finally": (
        "if event['x']:\n        try:\n            return aws.a()\n        finally:\n            aws.b()\n    aws.c()",
        "a<b",
    ),
    "return through finally of a function": (
        "def inner():\n        try:\n            return aws.a()\n        finally:\n            aws.b()\n    inner()\n    aws.c()",
        "a<b a<c b<c",
    ),
    "error ended by finally that returns": (
        "def inner():\n        try:\n            aws.a()\n            raise KeyError\n        finally:\n            aws.b()\n            return\n    inner()\n    aws.c()",
        "a<b a<c b<c",
    ),
    "return through two finally": (
        "try:\n        try:\n            return aws.a()\n        finally:\n            aws.b()\n    finally:\n        aws.c()",
        "a<b a<c b<c",
    ),
    "handler returns": (
        "try:\n        aws.a()\n    except E:\n        aws.b()\n        return\n    aws.c()",
        "a<b a<c",
    ),
    "ternary": ("x = aws.a() if event['x'] else aws.b()\n    aws.c()", "a<c b<c"),
    "and": ("event['x'] and aws.a()\n    aws.b()", "a<b"),
    "match": (
        "match event['x']:\n        case 'a':\n            aws.a()\n        case 'b':\n            aws.b()\n    aws.c()",
        "a<c b<c",
    ),
    "constant test": ("DEBUG = False\n    if DEBUG:\n        aws.a()\n    aws.b()", ""),
    "gather": ("asyncio.run(both())", ""),
    "executor": (
        "with ThreadPoolExecutor() as pool:\n        pool.submit(aws.a)\n        pool.submit(aws.b)\n    aws.c()",
        "a<c b<c",
    ),
    "threads": (
        "t = threading.Thread(target=aws.a)\n    t.start()\n    aws.b()\n    t.join()\n    aws.c()",
        "a<c b<c",
    ),
    "dispatch table": ("{'a': aws.a, 'b': aws.b}[event['k']]()\n    aws.c()", "a<c b<c"),
    "context manager": (
        "with managed() as m:\n        aws.b()\n    aws.d()",
        "a<b a<c b<c a<d b<d c<d",
    ),
    "context manager, return": ("with managed() as m:\n        return aws.b()", "a<b a<c b<c"),
    "known list of functions": ("for step in [aws.a, aws.b]:\n        step()", "a<b"),
    "exit stack": (
        "with ExitStack() as stack:\n        stack.callback(aws.b, Id=1)\n        aws.a()\n    aws.c()",
        "a<b a<c b<c",
    ),
    "context entered on an exit stack": (
        "with ExitStack() as stack:\n        stack.enter_context(Audit())\n        return aws.b()",
        "a<b a<c b<c",
    ),
    "pool of threads": (
        "with Pool(2) as pool:\n        pool.map(lambda step: step(), [aws.a, aws.b])\n    aws.c()",
        "a<c b<c",
    ),
}
PYTHON_HEAD = """
    import asyncio, sys, threading
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import ExitStack, contextmanager
    from multiprocessing.dummy import Pool

    class Audit:
        def __enter__(self): aws.a()
        def __exit__(self, *error): aws.c()

    @contextmanager
    def managed():
        aws.a()
        try:
            yield 1
        finally:
            aws.c()

    async def one(): aws.a()
    async def two(): aws.b()
    async def both(): await asyncio.gather(one(), two())

    def handler(event, context):
        """


@pytest.mark.parametrize("name", PYTHON_ORDER)
def test_python_order(name: str) -> None:
    body, expected = PYTHON_ORDER[name]
    head = textwrap.dedent(PYTHON_HEAD).rstrip()
    assert order(calls("python", f"{head}\n    {body}\n")) == set(expected.split())


JAVASCRIPT_ORDER = {
    "awaited": ("await aws.a(); await aws.b();", "a<b"),
    "not awaited": ("aws.a(); await aws.b();", ""),
    "awaited later": ("const p = aws.a(); await aws.b(); await p; await aws.c();", "a<c b<c"),
    "all": ("await Promise.all([aws.a(), aws.b()]); await aws.c();", "a<c b<c"),
    "all of inner orders": ("await Promise.all([both(), aws.c()]);", "a<b"),
    "pushed": (
        "const ps = []; for (const r of event.Records) { ps.push(aws.a(r)); } await Promise.all(ps); await aws.b();",
        "a<b",
    ),
    "map": (
        "await Promise.all(event.Records.map(async (r) => { await aws.a(r); await aws.b(r); })); await aws.c();",
        "a<b a<c b<c",
    ),
    "forEach": ("event.Records.forEach(async (r) => { await aws.a(r); }); await aws.b();", ""),
    "then": ("await aws.a().then(() => aws.b()); await aws.c();", "a<b a<c b<c"),
    "catch": ("await aws.a().catch(() => aws.b()); await aws.c();", "a<b a<c"),
    "new Promise": (
        "await new Promise((resolve) => aws.callback_a({}, (err, data) => resolve(data))); await aws.b();",
        "callback_a<b",
    ),
    "promisify": ("await promisify(old)(1); await aws.b();", "callback_a<b"),
    "function called where it is awaited": (
        "await (async () => { await aws.a(); })(); await aws.b();",
        "a<b",
    ),
    "imported function called by compiled code": (
        "await (0, steps.first)(event); await aws.b();",
        "a<b",
    ),
    "comma": ("await (event.seen = 1, aws.a()); return aws.b(), aws.c();", "a<b a<c"),
    "tried again by a library": (
        "const retry = require('async-retry'); await retry(async () => { await aws.a(); }); await aws.b();",
        "a<b",
    ),
    "limited by a library": (
        "const limit = require('p-limit')(2); await Promise.all(event.Records.map((r) => limit(() => both(r)))); await aws.c();",
        "a<b a<c b<c",
    ),
    "switch": (
        "switch (event.k) { case 'x': await aws.a(); break; case 'y': await aws.b(); } await aws.c();",
        "a<c b<c",
    ),
    "fall through": (
        "switch (event.k) { case 'x': await aws.a(); case 'y': await aws.b(); }",
        "a<b",
    ),
    "try": (
        "try { await aws.a(); } catch (e) { await aws.b(); throw e; } finally { await aws.c(); }",
        "a<b a<c",
    ),
    "finally that returns": (
        "try { await aws.a(); } finally { await aws.b(); return; } await aws.c();",
        "a<b",
    ),
    "return through finally": (
        "if (event.x) { try { return await aws.a(); } finally { await aws.b(); } } await aws.c();",
        "a<b",
    ),
    "return through finally of a function": (
        "const inner = async () => { try { return await aws.a(); } finally { await aws.b(); } }; await inner(); await aws.c();",
        "a<b a<c b<c",
    ),
    "error ended by finally that returns": (
        "const inner = async () => { try { await aws.a(); throw new Error(); } finally { await aws.b(); return; } }; await inner(); await aws.c();",
        "a<b a<c b<c",
    ),
    "continue through finally": (
        "for (const r of event.Records) { try { await aws.a(); continue; } finally { await aws.b(); } await aws.c(); }",
        "a<b",
    ),
    "race with a limit": (
        "await Promise.race([aws.a(), new Promise((r) => setTimeout(r, 9))]); await aws.b();",
        "a<b",
    ),
    "sleep": ("await aws.a(); await sleep(5); await aws.b();", "a<sleep a<b sleep<b"),
    "labelled": (
        "outer: for (const r of event.Records) { for (const s of r) { await aws.a(); break outer; } await aws.b(); }",
        "",
    ),
}


@pytest.mark.parametrize("name", JAVASCRIPT_ORDER)
def test_javascript_order(name: str) -> None:
    body, expected = JAVASCRIPT_ORDER[name]
    head = """
    const { promisify } = require("util");
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const both = async () => { await aws.a(); await aws.b(); };
    const steps = { first: async () => { await aws.a(); } };
    function old(x, callback) { aws.callback_a({}, callback); }
    """
    assert order(
        calls(
            "javascript",
            f"{textwrap.dedent(head)}\nexports.handler = async (event) => {{ {body} }};",
        )
    ) == set(expected.split())


FLAGS = {
    "catch is an error handler": (
        "javascript",
        "try { await aws.a(); } catch (e) { await aws.b(); }",
        "in_error_handler",
        "b",
    ),
    "so is what only it calls": (
        "javascript",
        "await aws.a().catch(rescue);",
        "in_error_handler",
        "z",
    ),
    "and the error branch of a callback": (
        "javascript",
        "await new Promise((ok) => aws.callback_a(1, (err, data) => { if (err) { aws.b(); return; } aws.c(); ok(); }));",
        "in_error_handler",
        "b",
    ),
    "code after a body that always returns": (
        "python",
        "try:\n        return aws.a()\n    except E:\n        pass\n    aws.b()",
        "in_error_handler",
        "b",
    ),
    "a retry's wait": (
        "python",
        "for n in range(3):\n        try:\n            return aws.a()\n        except E:\n            time.sleep(n)",
        "in_error_handler",
        "sleep",
    ),
    "loop": ("python", "for r in event['Records']:\n        aws.a(r)\n    aws.b()", "in_loop", "a"),
    "polling": (
        "python",
        "while aws.a(Id=event['id'])['Status'] != 'DONE':\n        time.sleep(5)",
        "polls",
        "a",
    ),
    "polling left by return": (
        "javascript",
        "while (true) { const s = await aws.a(event.id); if (s.done) return s; await new Promise((r) => setTimeout(r, 5)); }",
        "polls",
        "a",
    ),
    "paging": (
        "python",
        "token = None\n    while True:\n        r = aws.a(Token=token)\n        token = r.get('Next')\n        if not token:\n            break",
        "polls",
        "",
    ),
    "searching through records": (
        "python",
        "for r in event['Records']:\n        if aws.a(Id=r['id'])['x']:\n            break",
        "polls",
        "",
    ),
    "trying again after an error": (
        "python",
        "for n in range(3):\n        try:\n            return aws.a(event['id'])\n        except E:\n            if n == 2:\n                raise",
        "polls",
        "",
    ),
    "giving up with an error": (
        "python",
        "for n in range(event['n']):\n        if aws.a(n)['Code'] != 200:\n            raise ValueError",
        "polls",
        "",
    ),
    "looking up what a page lists": (
        "python",
        "found = []\n    r = {}\n    while len(found) < 10:\n        r = aws.a(Token=r.get('Next'))\n"
        "        for x in r['Items']:\n            found += aws.b(Id=x['id'])['Parts']",
        "polls",
        "",
    ),
    "asking for the state of what is listed": (
        "python",
        "while True:\n        jobs = aws.a()\n        if aws.b(Id=jobs[0]['id'])['done']:\n            break",
        "polls",
        "a",
    ),
    "polling by recursion": (
        "javascript",
        "const poll = async () => { const s = await aws.a(event.id); if (!s.done) return poll(); return s; }; await poll();",
        "polls",
        "a",
    ),
    "undoing what was done until the error": (
        "python",
        "undo = []\n    try:\n        aws.a()\n        undo.append(aws.b)\n        aws.c()\n    except E:\n"
        "        for step in reversed(undo):\n            step()",
        "in_error_handler",
        "b",
    ),
    "undoing what was done before returning": (
        "python",
        "done = False\n    try:\n        aws.a()\n        done = True\n        return aws.c()\n    except E:\n        if done:\n            aws.b()",
        "in_error_handler",
        "b",
    ),
    "an error kept for later": (
        "python",
        "error = None\n    try:\n        aws.a()\n    except E as caught:\n        error = caught\n    if error is not None:\n"
        "        aws.b()\n    aws.c()",
        "in_error_handler",
        "b",
    ),
    "an error kept for later in JavaScript": (
        "javascript",
        "let failed = null; try { await aws.a(); } catch (e) { failed = e; } if (failed) { await aws.b(); } await aws.c();",
        "in_error_handler",
        "b",
    ),
    "memo": (
        "javascript",
        "if (!cached) { cached = await aws.a(); } await aws.b();",
        "at_start",
        "a",
    ),
    "memo by early return": ("javascript", "await load(); await aws.b();", "at_start", "a"),
    "memo by default": (
        "javascript",
        "cached = cached || (await aws.a()); await aws.b();",
        "at_start",
        "a",
    ),
    "memoised": ("python", "settings()\n    aws.b()", "at_start", "a"),
    "a global filled once": (
        "python",
        "global CONFIG\n    if CONFIG is None:\n        CONFIG = aws.a()\n    aws.b()",
        "at_start",
        "a",
    ),
}


@pytest.mark.parametrize("name", FLAGS)
def test_flags(name: str) -> None:
    language, body, flag, expected = FLAGS[name]
    if language == "python":
        head = "import functools, time\nCONFIG = None\n@functools.lru_cache(maxsize=1)\ndef settings():\n    return aws.a()\n"
        text = f"{head}def handler(event, context):\n    {body}\n"
    else:
        load = "const load = async () => { if (cached) return cached; cached = await aws.a(); return cached; };"
        head = f"let cached;\nconst rescue = () => aws.z();\n{load}"
        text = f"{head}\nexports.handler = async (event) => {{ {body} }};"
    assert flagged(calls(language, text), flag) == set(expected.split())


def test_enumeration_member_may_equal_its_value() -> None:
    text = """
        from enum import Enum

        class State(Enum):
            OPEN = "open"

        def handler(event, context):
            if State(event["state"]) != State.OPEN:
                return
            aws.a()
    """
    assert set(calls("python", text)) == {"a"}


def test_inherited_methods() -> None:
    text = """
    class Base {
        constructor(target) { this.target = target; }
        async save(item) { await aws.a(this.target, item); }
    }
    class Child extends Base {
        async save(item) { await super.save({ ...item, extra: 1 }); await aws.b(this.target); }
    }
    exports.handler = async (event) => { await new Child("t").save(event.item); };
    """
    found = calls("javascript", text)
    assert order(found) == {"a<b"}
    assert found["a"].arguments["0"] == found["b"].arguments["0"] == Literal("t")


def test_value_of_a_comma_is_the_last_ones() -> None:
    found = calls(
        "javascript",
        "let n; exports.handler = async (event) => { await aws.a((n = event.x, n.y)); };",
    )
    assert found["a"].arguments["0"] == EventField(("x", "y"))


def test_exports_of_a_minified_bundle() -> None:
    text = """
    var d=Object.defineProperty,m=Object.getOwnPropertyDescriptor,p=Object.getOwnPropertyNames,u=Object.prototype.hasOwnProperty;
    var y=(e,t)=>{for(var s in t)d(e,s,{get:t[s],enumerable:!0})},f=(e,t,s,a)=>{if(t&&typeof t=="object"||typeof t=="function")
    for(let n of p(t))!u.call(e,n)&&n!==s&&d(e,n,{get:()=>t[n],enumerable:!(a=m(t,n))||a.enumerable});return e};
    var h=e=>f(d({},"__esModule",{value:!0}),e),g={};y(g,{handler:()=>S});module.exports=h(g);
    var S=async e=>(await aws.a(),await aws.b(),{statusCode:200});0&&(module.exports={handler});
    """
    assert order(calls("javascript", text)) == {"a<b"}


@pytest.mark.parametrize("asked", ["container.resolve(App)", "container.get(App)"])
def test_container_builds_what_the_constructor_names(asked: str) -> None:
    main = f"""
    import {{ container }} from "container";
    class Store {{ async put() {{ await aws.a(); }} }}
    class App {{ constructor(private readonly store: Store, private readonly limit: number) {{}} async run() {{ await this.store.put(); }} }}
    export const handler = async () => {{ await {asked}.run(); }};
    """
    texts = {"main.ts": 'const aws = require("aws");\n' + textwrap.dedent(main)}
    program = Files("javascript", "main.ts", "handler", texts)
    source = evaluate(program, language_of("javascript"), Aws())
    assert source is not None
    assert [call.operation for call in source.calls] == ["a"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "javascript",
            "exports.handler = async (event) => { for (const r of event.Records) await aws.a(r.eventSourceARN.split('/')[1]); };",
        ),
        (
            "javascript",
            "exports.handler = async ({ Records: [r] }) => { const [, , , , , n] = r.eventSourceARN.split(':'); await aws.a(n); };",
        ),
        (
            "python",
            "def handler(event, context):\n    for r in event['Records']:\n        aws.a(r['eventSourceARN'].split(':')[-1])\n",
        ),
    ],
)
def test_part_of_an_event_sources_arn_names_the_source(language: str, text: str) -> None:
    found = calls(language, text)
    values = [*found["a"].arguments.values()]
    assert values == [EventField(("Records", "*", "eventSourceARN"))]


def test_only_awaited_promises_block() -> None:
    found = calls(
        "javascript",
        "exports.handler = async () => { aws.a(); const p = aws.b(); await aws.c(); return p; };",
    )
    assert flagged(found, "blocking") == {"b", "c"}


def test_awaiting_a_chain_awaits_what_it_starts_from() -> None:
    found = calls(
        "javascript",
        "exports.handler = async () => { await aws.a().then((x) => aws.b(x)).catch((e) => { throw e; }); };",
    )
    assert flagged(found, "blocking") == {"a", "b"}


def test_handler_without_promise_waits_for_all_it_started() -> None:
    found = calls(
        "javascript",
        "exports.handler = (event, context, done) => { aws.callback_a({}, (err, x) => aws.callback_b(x, done)); };",
    )
    assert flagged(found, "blocking") == {"callback_a", "callback_b"}
    assert order(found) == {"callback_a<callback_b"}


def test_module_level_calls_are_at_start() -> None:
    found = calls(
        "python", "key = aws.a()\ndef handler(event, context):\n    return aws.b(Key=key)\n"
    )
    assert flagged(found, "at_start") == {"a"}
    assert found["b"].needs == {found["a"].id}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("event['k'] == 'A'", "event['k'] == 'B'", True),
        ("event['k'] == 'A'", "event['k'] != 'A'", True),
        ("event['k'] in ('A', 'C')", "event['k'] == 'B'", False),
        ("event['k']", "not event['k']", True),
        ("event['k'] == 'A'", "event['other'] == 'B'", False),
        ("event['k'] and event['x']", "not (event['k'] and event['x'])", True),
        ("event['k'] is None", "event['k']", True),
    ],
)
def test_guards_exclude(first: str, second: str, expected: bool) -> None:
    found = calls(
        "python",
        f"def handler(event, context):\n    if {first}:\n        aws.a()\n    if {second}:\n        aws.b()\n",
    )
    assert exclusive(found["a"], found["b"]) is expected


def test_decided_by_follows_tests_and_early_exits() -> None:
    text = """
    def check(r):
        if r["bad"]:
            raise ValueError

    def handler(event, context):
        one = aws.one()
        check(one)
        two = aws.two()
        if two["x"]:
            aws.three()
        aws.four()
    """
    found = calls("python", text)
    one, two = found["one"].id, found["two"].id
    assert found["two"].decided_by == {one}
    assert found["three"].decided_by == {one, two}
    assert found["four"].decided_by == {one}


def argument(language: str, text: str, name: str = "0", **others: str) -> Value:
    return calls(language, text, **others)["a"].arguments[name]


KEY = EventField(("Records", "*", "s3", "object", "key"))
PYTHON_VALUES: dict[str, Value] = {
    "os.environ['T']": Environment("T"),
    "os.environ.get('T', 'x')": Environment("T"),
    "os.getenv('T')": Environment("T"),
    "os.environ['AWS_LAMBDA_FUNCTION_NAME']": ContextField("function_name"),
    "context.function_name": ContextField("function_name"),
    "event['Records'][0]['s3']['object']['key']": KEY,
    "unquote_plus(event['Records'][0]['s3']['object']['key'])": KEY,
    "json.loads(event['Records'][0]['body'])['id']": EventField(("Records", "*", "body", "id")),
    "json.loads(base64.b64decode(event['x']).decode('utf-8')).get('id', 1)": EventField(
        ("x", "id")
    ),
    "'thumb/' + event['key']": Text((Literal("thumb/"), EventField(("key",)))),
    "f\"{event['key']}.sha\"": Text((EventField(("key",)), Literal(".sha"))),
    "'{}-{}'.format('a', event['k'])": Text((Literal("a-"), EventField(("k",)))),
    "'%s/%s' % ('a', event['k'])": Text((Literal("a/"), EventField(("k",)))),
    "os.path.join('out', event['k'])": Text((Literal("out/"), EventField(("k",)))),
    "os.path.basename(event['k'])": Unknown("basename(k)"),
    "os.path.splitext('a/b.jpg')[1]": Literal(".jpg"),
    "'/'.join(['a', 'b'])": Literal("a/b"),
    "'A'.lower()": Literal("a"),
    "event['k'].replace('a', 'b')": Unknown("replace(k, 'a', 'b')"),
    "event['time'][:10]": Unknown("part(time, 10)"),
    "event['Records'][0]['eventSourceARN'].split(':')[-1]": EventField(
        ("Records", "*", "eventSourceARN")
    ),
    "event['Records'][0]['eventSourceARN'].split(':')[5].split('/')[1]": EventField(
        ("Records", "*", "eventSourceARN")
    ),
    "event['Records'][0]['eventSourceARN'].rpartition(':')[2]": EventField(
        ("Records", "*", "eventSourceARN")
    ),
    "event['Records'][0]['eventSourceARN'].split(':')[4]": Unknown(
        "item(split(Records.*.eventSourceARN, ':'), 4)"
    ),
    "os.environ['TOPIC_ARN'].split(':')[-1]": Environment("TOPIC_ARN"),
    "{'a': 1, **{'b': 2}}": Record((("a", Literal(1)), ("b", Literal(2)))),
    "{**event['detail'], 'b': 2}": Record((("b", Literal(2)),), partial=True),
    "dict(event, b=2)": Record((("b", Literal(2)),), partial=True),
    "json.dumps({'a': event['k']})": Record((("a", EventField(("k",))),)),
    "[x['id'] for x in event['xs']]": Items((EventField(("xs", "*", "id")),), partial=True),
    "1 if event['k'] else 2": OneOf((Literal(1), Literal(2))),
    "Kind.ORDER.value": Literal("order"),
    "Settings().table": Environment("T"),
}


@pytest.mark.parametrize("expression", PYTHON_VALUES)
def test_python_values(expression: str) -> None:
    text = f"""
    import base64, enum, json, os
    from urllib.parse import unquote_plus

    class Kind(enum.Enum):
        ORDER = "order"

    class Settings:
        def __init__(self):
            self._table = os.environ["T"]

        @property
        def table(self):
            return self._table

    def handler(event, context):
        aws.a({expression})
    """
    assert argument("python", text) == PYTHON_VALUES[expression]


JAVASCRIPT_VALUES: dict[str, Value] = {
    "process.env.T": Environment("T"),
    "process.env.T || 'x'": Environment("T"),
    "TABLE": Environment("TABLE"),
    "context.functionName": ContextField("function_name"),
    "event.Records[0].s3.object.key": KEY,
    "decodeURIComponent(event.Records[0].s3.object.key.replace(/\\+/g, ' '))": KEY,
    "JSON.parse(Buffer.from(event.data, 'base64').toString()).id": EventField(("data", "id")),
    "`thumb/${event.key}`": Text((Literal("thumb/"), EventField(("key",)))),
    "path.join('out', event.key)": Text((Literal("out/"), EventField(("key",)))),
    "path.parse(event.key).name": Unknown("stem(key)"),
    "JSON.stringify({ ...event.detail, a: 1 })": Record((("a", Literal(1)),), partial=True),
    "[...[1, 2], 3]": Items((Literal(1), Literal(2), Literal(3))),
    "event.xs.map((x) => x.id)": Items((EventField(("xs", "*", "id")),), partial=True),
    "new Repository('t').name": Literal("t"),
    "Object.assign({}, { a: 1 })": Record((("a", Literal(1)),)),
    "Kind.Event": Literal("Event"),
}


@pytest.mark.parametrize("expression", JAVASCRIPT_VALUES)
def test_javascript_values(expression: str) -> None:
    text = f"""
    const path = require("node:path");
    const {{ TABLE = "x" }} = process.env;
    const Kind = Object.freeze({{ Event: "Event" }});
    class Repository {{ #table; constructor(table) {{ this.#table = table; }} get name() {{ return this.#table; }} }}
    exports.handler = async (event, context) => {{ await aws.a({expression}); }};
    """
    assert argument("javascript", text) == JAVASCRIPT_VALUES[expression]


HANDLERS = {
    "function": "exports.handler = function (event) { return aws.a(event.x); };",
    "module.exports": "async function handler(event) { await aws.a(event.x); }\nmodule.exports = { handler };",
    "wrapped by a library": "const wrap = require('unknown'); exports.handler = wrap(async (e) => { await aws.a(e.x); }).use(wrap());",
    "bound method": "class H { async run(event) { await aws.a(event.x); } }\nconst h = new H(); exports.handler = h.run.bind(h);",
    "compiled": "exports.handler = void 0; const handler = async (event) => { await aws.a(event.x); }; exports.handler = handler;",
    "bundled": """
        var __defProp = Object.defineProperty;
        var __export = (target, all) => { for (var name in all) __defProp(target, name, { get: all[name], enumerable: true }); };
        var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);
        var index_exports = {};
        __export(index_exports, { handler: () => handler });
        module.exports = __toCommonJS(index_exports);
        var handler = async (event) => { await aws.a(event.x); };
    """,
    "downlevelled": """
        var __awaiter = function () {};
        exports.handler = (event) => __awaiter(void 0, void 0, void 0, function* () { yield aws.a(event.x); });
    """,
}


@pytest.mark.parametrize("name", HANDLERS)
def test_handler_is_found(name: str) -> None:
    found = calls("javascript", HANDLERS[name])
    assert found["a"].arguments["0"] == EventField(("x",))
    assert found["a"].blocking
    assert not found["a"].at_start


def test_decorators_run_around_the_handler() -> None:
    text = """
    import functools
    import tracing

    def audited(action):
        def decorate(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                result = function(*args, **kwargs)
                aws.audit(Action=action)
                return result
            return wrapper
        return decorate

    @tracing.capture
    @audited("place")
    def handler(event, context):
        return aws.put(Id=event["id"])
    """
    found = calls("python", text)
    assert order(found) == {"put<audit"}
    assert found["audit"].arguments["Action"] == Literal("place")
    assert found["put"].arguments["Id"] == EventField(("id",))


def test_modules_and_helpers_of_the_program() -> None:
    store = "import aws\nTABLE = 'orders'\nclass Store:\n    def save(self, item):\n        aws.a(Table=TABLE, Item=item)\n"
    found = calls(
        "python",
        "from store import Store\nstore = Store()\ndef handler(event, context):\n    store.save(event['x'])\n",
        store=store,
    )
    assert found["a"].file == "store.py"
    assert dict(found["a"].arguments) == {"Table": Literal("orders"), "Item": EventField(("x",))}


def test_helper_called_for_two_targets_is_two_calls() -> None:
    source = read(
        "python",
        "def put(t):\n    aws.a(T=t)\ndef handler(event, context):\n    put('x')\n    put('y')\n",
    )
    assert source is not None
    assert [call.arguments["T"] for call in source.calls] == [Literal("x"), Literal("y")]
    assert [call.preceded_by for call in source.calls] == [frozenset(), {1}]


def test_loop_passes_are_one_call() -> None:
    found = calls(
        "python",
        "def handler(event, context):\n    last = None\n    for r in event['Records']:\n        last = aws.a(Last=last)\n",
    )
    assert list(found) == ["a"]
    assert found["a"].preceded_by == frozenset()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def other(event, context): pass\n"),
        ("python", "def handler(event, context:\n"),
        ("javascript", "exports.other = () => 1;"),
        ("javascript", "exports.handler = require('unknown')(1);"),
    ],
)
def test_no_handler_no_source(language: str, text: str) -> None:
    assert read(language, text) is None


@pytest.mark.parametrize(
    "body",
    [
        "return f(n)",
        "while True:\n        f(n)",
        "x = {}\n    x['x'] = x\n    aws.a(X=x)\n    return x",
        "x = []\n    x.append(x)\n    aws.a(X=x)\n    return [x for y in x for z in y]",
    ],
)
def test_self_reference_ends(body: str) -> None:
    assert (
        read(
            "python", f"def f(n):\n    {body}\ndef handler(event, context):\n    return f(event)\n"
        )
        is not None
    )


def test_budget() -> None:
    nested = (
        "\n".join(
            f"def f{n}(x):\n    f{n + 1}(x)\n    f{n + 1}(x)\n    f{n + 1}(x)\n" for n in range(30)
        )
        + "\ndef f30(x): aws.a(x)\n"
    )
    with pytest.raises(Exhausted, match="more steps than a run may take"):
        read("python", f"{nested}\ndef handler(event, context):\n    f0(event)\n")

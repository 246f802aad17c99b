"""Handlers written to run away: an answer in bounded work, counted in steps and sizes, with what
comes before and after them still found, and nothing of the process changed.
"""

from __future__ import annotations

import gc
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.budget import LIMITS, NODES, STEPS, Budget, Exhausted
from cfnlint_eda_rules.handlers.facts import Source

HEAD = "import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n"
PUT = "  s3.put_object(Bucket='b', Key={})\n"
MOST = 40_000  # steps: far fewer than a run has


def model(text: str, functions: int = 1) -> Application:
    function: dict[str, Any] = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Runtime": "python3.13", "Handler": "index.handler", "InlineCode": text},
    }
    return Application({"Resources": {f"Worker{n}": function for n in range(functions)}})


def read(text: str) -> tuple[Source | None, int]:
    application = model(text)
    source = application.source("Worker0")
    return source, LIMITS[STEPS] - application.deployment.budget.left(STEPS)


RUNAWAY = {
    "text": ("x = 'a'", "x = x + x"),
    "parts": ("x = event['a']", "x = f'{x}-{x}'"),
    "list": ("x = [event]", "x = x + x"),
    "spread": ("x = [event]", "x = [*x, *x]"),
    "record": ("x = {'a': event}", "x = {**x, 'b': x}"),
    "expression": ("x = event.a()", "x = f(x, x)"),
    "replace": ("x = 'aa'", "x = x.replace('a', 'aaaa')"),
    "pad": ("x = 'a'", "x = x.zfill(10 ** 9)"),
    "choice": ("x = event", "x = x if event['c'] else [x]"),
    "lambda": ("x = event", "x = lambda a, b=x: (b, b)"),
}


@pytest.mark.parametrize("kind", RUNAWAY)
def test_values_that_double(kind: str) -> None:
    first, again = RUNAWAY[kind]
    body = "".join(f"  {line}\n" for line in (first, *([again] * 40)))
    source, steps = read(HEAD + body + PUT.format("x") + PUT.format("'last'"))
    assert source is not None
    assert len(source.calls) == 2
    assert len(repr(source.calls[0].arguments)) < 200_000
    assert steps < MOST


@pytest.mark.parametrize(
    "line",
    [
        "x" + ".b" * 900,
        "x" + ".b()" * 900,
        "y = " + " + ".join(["x"] * 900),
        "y = " + "not " * 900 + "x",
        "y = " + "lambda: " * 900 + "x",
        "y = " + "1 if x else " * 900 + "2",
    ],
    ids=["attributes", "calls", "sum", "not", "lambda", "conditional"],
)
def test_nesting_beyond_the_stack(line: str) -> None:
    limit = sys.getrecursionlimit()
    source, _ = read(f"{HEAD}  x = event\n{PUT.format('x')}  {line}\n{PUT.format(1)}")
    assert source is not None
    assert len(source.calls) == 2
    assert sys.getrecursionlimit() == limit


def test_a_wide_list_is_walked_once() -> None:
    wide = "x = [" + "1, " * 20_000 + "]\n"
    few, many = (read(wide + HEAD + "  f(x)\n" * count)[1] for count in (100, 200))
    assert many < 3 * few + MOST


def test_diamonds_of_classes() -> None:
    classes = "class A0: pass\nclass B0: pass\n" + "".join(
        f"class A{n}(A{n - 1}, B{n - 1}): pass\nclass B{n}(A{n - 1}, B{n - 1}): pass\n"
        for n in range(1, 40)
    )
    source, steps = read(classes + HEAD + "  A39().x()\n" + PUT.format("'k'"))
    assert source is not None
    assert len(source.calls) == 1
    assert steps < MOST


def test_functions_that_share_a_handler_are_read_once() -> None:
    text = HEAD + PUT.format("'k'") * 20
    spent = []
    for count in (1, 50):
        application = model(text, count)
        sources = [application.source(f"Worker{n}") for n in range(count)]
        assert all(source is sources[0] for source in sources)
        spent.append(application.deployment.budget.left(STEPS))
    assert spent[0] == spent[1]


def test_what_a_run_cannot_pay_for_is_no_source() -> None:
    application = model(HEAD + PUT.format("'k'"))
    application.deployment.budget.spend(NODES, LIMITS[NODES])
    assert application.source("Worker0") is None


def test_a_part_takes_no_more_than_the_whole_has() -> None:
    whole = Budget({STEPS: 10})
    part = Budget({STEPS: 100}, within=whole)
    assert part.affords(STEPS, 4)
    assert not part.affords(STEPS, 7)
    with pytest.raises(Exhausted, match="steps"):
        part.spend(STEPS, 7)


def test_threads_notice_nothing(tmp_path: Path) -> None:
    deep = HEAD + PUT.format(1) + "  y = " + "1 if event else " * 2_000 + "2\n"
    quick = HEAD + PUT.format("'k'")
    before = (sys.getrecursionlimit(), gc.get_threshold(), list(sys.path), Path.cwd())
    found: list[Source | None] = []
    texts = [deep, *([quick] * 5)] * 2
    threads = [threading.Thread(target=lambda t=t: found.append(read(t)[0])) for t in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [source is not None and len(source.calls) for source in found] == [1] * len(texts)
    assert (sys.getrecursionlimit(), gc.get_threshold(), list(sys.path), Path.cwd()) == before

"""No regular expression of the package takes more than linear work, whatever text it is given."""

from __future__ import annotations

import ast
import importlib
import json
import multiprocessing
import pkgutil
import re
import resource
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cfnlint_eda_rules
from cfnlint_eda_rules.application import consequences, trails
from cfnlint_eda_rules.catalogue import patterns
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.languages.javascript import bundles, originals
from cfnlint_eda_rules.template import names
from regular_expressions import SCANS, runs_away, written_badly

PACKAGE = Path(cfnlint_eda_rules.__file__).parent
FUNCTIONS = {"compile", "match", "fullmatch", *SCANS}


@cache
def trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text())
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def calls_of_re() -> Iterator[tuple[str, ast.Call, str]]:
    for file, tree in trees().items():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=function)) if (
                    function in FUNCTIONS
                ):
                    yield file, node, function


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages([str(PACKAGE)], "cfnlint_eda_rules."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def scanned() -> set[str]:
    """The names of patterns that anything but the beginning of a text is compared with."""
    return {
        node.value.id
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.attr in SCANS
    }


NAMED = load("names")
OPERATIONS = [
    f"operations/{path.stem}" for path in (PACKAGE / "catalogue/operations").glob("*.yaml")
]


def within(value: Any) -> Iterator[str]:
    """The patterns that pick a name out of a longer text."""
    match value:
        case list():
            for item in value:
                yield from within(item)
        case dict():
            for key, item in value.items():
                yield from (item,) if key == "within" and isinstance(item, str) else within(item)


# The patterns that are put together when they are used, by the expression that does so.
COMPUTED: dict[tuple[str, str], Callable[[], list[str]]] = {
    ("application/consequences.py", "_URI"): lambda: [consequences._URI],
    ("application/trails.py", "f\"{_PARTITION}{row['arn']}:*\""): lambda: [
        f"{trails._PARTITION}{row['arn']}:*" for row in load("cloudtrail")["resources"].values()
    ],
    ("application/requests.py", "f'([{chr(_PRIVATE)}-{chr(_PRIVATE + 1000)}])'"): lambda: [
        "([\ue000-\ue3e8])"
    ],
    ("handlers/languages/javascript/bundles.py", "_EXPORT % re.escape(name)"): lambda: [
        bundles._EXPORT % "a"
    ],
    ("handlers/languages/java/module_files.py", "f'\\\\b{re.escape(name)}\\\\b'"): lambda: [
        r"\bName\b"
    ],
    (
        "handlers/languages/csharp/module_files.py",
        r"f'[:,]\\s{{0,80}}(?:[\\w.]{{1,200}}\\.)?{re.escape(interface)}\\b'",
    ): lambda: [r"[:,]\s{0,80}(?:[\w.]{1,200}\.)?IName\b"],
    (
        "handlers/languages/javascript/originals.py",
        "_EXPORTED % {'name': re.escape(symbol.partition('.')[0])}",
    ): lambda: [originals._EXPORTED % {"name": "handler"}],
    ("application/requests.py", "pattern"): lambda: [
        text for name in ("job_results", *OPERATIONS) for text in within(load(name))
    ],
    ("template/names.py", "start"): lambda: [text for pair in NAMED["wrapped"] for text in pair],
    ("template/names.py", "end"): lambda: [text for pair in NAMED["wrapped"] for text in pair],
    ("template/names.py", "suffix"): lambda: [
        text for rows in NAMED["generated"].values() for text in rows
    ],
    ("template/names.py", "self.pattern"): lambda: [
        shape.pattern
        for family in names.names().families
        for shape in (*family.shapes, *family.urls, family.bare)
    ],
}
# Asked of names that are not long, and only there.
NAMES = {("catalogue/patterns.py", "pattern")}


def in_modules() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    used = scanned()
    for module in modules():
        for name, value in vars(module).items():
            for pattern in value if isinstance(value, tuple | list) else (value,):
                if isinstance(pattern, re.Pattern):
                    yield f"{module.__name__}.{name}", pattern, name in used


def in_calls() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    for file, call, function in calls_of_re():
        if function != "compile" and isinstance(call.args[0], ast.Constant):
            yield f"{file}:{call.lineno}", re.compile(call.args[0].value), function in SCANS


def computed() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    for (file, _), built in COMPUTED.items():
        for text in built():
            yield file, re.compile(text, re.DOTALL), "javascript" in file


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from texts(item)
        case dict():
            for key, item in value.items():
                yield from texts(key)
                yield from texts(item)


def in_catalogue() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    for path in sorted((PACKAGE / "catalogue").rglob("*.yaml")):
        name = path.relative_to(PACKAGE / "catalogue").with_suffix("").as_posix()
        for text in dict.fromkeys(texts(load(name))):
            if re.search(r"[+*}][^a-z]|[+*}]$", text) and re.search(r"[\\\[(|]", text):
                try:
                    yield f"catalogue/{name}", re.compile(text), False
                except re.error:
                    continue  # a path in a document, or a template's text


def test_every_pattern_is_looked_at() -> None:
    known = COMPUTED.keys() | NAMES
    hidden = {
        (file, ast.unparse(call.args[0]))
        for file, call, function in calls_of_re()
        if not isinstance(call.args[0], ast.Constant)
    }
    inside = {
        (file, ast.unparse(node.args[0]))
        for file, tree in trees().items()
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and node.args
    }
    assert hidden - inside == known


def test_patterns_are_asked_of_one_module_only() -> None:
    assert not [
        file
        for file, tree in trees().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and node.module in ("re", "regex"))
        or (
            isinstance(node, ast.Import)
            and any(alias.asname for alias in node.names)
            and any(alias.name == "re" for alias in node.names)
        )
    ]


def test_patterns_are_written_without_ambiguity() -> None:
    wrong = {
        f"{where}: {pattern.pattern!r}": found
        for where, pattern, scans in (*in_modules(), *in_calls(), *computed())
        if (found := written_badly(pattern, scans))
    }
    assert wrong == {}


def _search(
    patterns: list[tuple[str, str | bytes, int, bool]], path: str, most: int | None
) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
    found: list[str] = []
    for where, text, flags, scans in patterns:
        Path(path).write_text(json.dumps([*found, f"{where}: {text!r} does not end"]))
        attack = runs_away(re.compile(text, flags), scans, most)
        if attack is not None:
            found.append(f"{where}: {text!r} on {attack!r}")
    Path(path).write_text(json.dumps(found))


def searched(
    found: Iterator[tuple[str, re.Pattern[Any], bool]], folder: Path, most: int | None = None
) -> list[str]:
    """What runs away, looked for in a process that can be ended."""
    unique = {
        (p.pattern, p.flags, scans): (where, p.pattern, p.flags, scans) for where, p, scans in found
    }
    answer = folder / "found.json"
    process = multiprocessing.get_context("spawn").Process(
        target=_search, args=(list(unique.values()), str(answer), most)
    )
    process.start()
    process.join()
    return list(json.loads(answer.read_text()))


def test_twice_the_text_is_twice_the_work(tmp_path: Path) -> None:
    every = (*in_modules(), *in_calls(), *computed())
    assert len(every) > 100
    assert searched(iter(every), tmp_path) == []


def test_names_are_short_enough_for_any_pattern_of_the_catalogue(tmp_path: Path) -> None:
    every = [*in_catalogue()]
    assert len(every) > 50
    assert searched(iter(every), tmp_path, patterns.LONGEST_NAME) == []
    for ask in (patterns.fits, patterns.begins, patterns.holds):
        assert ask("a*", "a" * patterns.LONGEST_NAME)
        assert not ask("a*", "a" * patterns.LONGEST_NAME + "a")


BAD = {
    "a repeat in a repeat": (r"(?:a+)+b", False),
    "a choice that overlaps, repeated": (r"(?:a|a)*b", False),
    "repeats side by side": (r"\w+\d+x", False),
    "repeats side by side in a group": (r"x(\s*)(\s*)y", False),
    "blanks before the end": (r"\s+$", True),
    "a name before a sign": (r"\w+=", True),
    "from any place to the end": (r"a.*b", True),
    "blanks at each line's beginning": (r"(?m)^\s*x", True),
    "brackets that are not closed": (r"\([^)]*\)", True),
}


def test_bad_patterns_are_found(tmp_path: Path) -> None:
    bad = ((kind, re.compile(pattern), scans) for kind, (pattern, scans) in BAD.items())
    assert [found.partition(":")[0] for found in searched(bad, tmp_path)] == list(BAD)


@pytest.mark.parametrize("kind", [*BAD][:1] + [*BAD][2:6])
def test_bad_patterns_are_seen(kind: str) -> None:
    pattern, scans = BAD[kind]
    assert written_badly(re.compile(pattern), scans)


GOOD = {
    r"\w+": True,
    r"(?:/\w+)+": True,
    r"(?<!\w)\w+=": True,
    r"a{1,300}b": True,
    r"a[^a]*b": False,
    r'"(?:[^"\\]|\\.)*"': False,
}


def test_good_patterns_pass(tmp_path: Path) -> None:
    good = [("good", re.compile(pattern), scans) for pattern, scans in GOOD.items()]
    assert [written_badly(pattern, scans) for _, pattern, scans in good] == [[]] * len(GOOD)
    assert searched(iter(good), tmp_path) == []

"""Each room of the package knows only rooms below it. An import counts wherever it stands, inside a
function or for type checkers alone too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import networkx as nx
import pytest

from cfnlint_eda_rules import application
from cfnlint_eda_rules.application import DOOR
from cfnlint_eda_rules.handlers.languages import registry

PACKAGE = "cfnlint_eda_rules"
ROOT = Path(__file__).parents[1] / PACKAGE

# A folder -> what lies in it, from the top down; "*" is whatever is not named. What stands on one
# line does not know each other; a folder that is not named here has no order of its own.
ORDER: Mapping[str, tuple[str, ...]] = {
    "": (
        "commands",
        "rules",
        "rule",
        "ignores settings registry parameter_sets",
        "wording",
        "application",
        "handlers",
        "template",
        "catalogue",
        "depth",
        "budget records",
    ),
    "application": (
        "application",
        "event_flow blocking_calls invocations",
        "emitted_messages consequences",
        "effects trails call_targets choices",
        "http_calls",
        "filters handler_values requests sources",
        "function_code messages",
        "naming web_applications lengths",
        "deployment",
        "links permissions routes",
        "aliases api_descriptions evidence role_policies workflows",
        "connectors integrations",
        "api_places roles statements",
        "api_operations functions",
        "source_kinds",
    ),
    "template": (
        "stacks",
        "neighbours",
        "shared_values template_files jsonpath embedded_json",
        "documents references",
        "values boundary",
        "names parameters",
        "symbolic_text sections",
        "conditions intrinsics",
    ),
    "handlers": (
        "reading",
        "trees",
        "libraries",
        "languages",
        "interpreter source",
        "answers",
        "facts syntax",
        "symbolic_values",
    ),
    "handlers.interpreter": (
        "evaluator",
        "machine",
        "calls",
        "expressions statements conditions modules",
        "memos recorder access concurrency",
        "state",
        "ways",
        "language",
        "constructs unknowns functions",
        "objects",
        "paths",
        "protocol",
    ),
    "handlers.languages": ("* registry", "common protocol"),
}
# A tree's interpreter calls itself: what a statement is made of is evaluated, and some of that runs
# statements.
RECURSIONS = [
    {
        f"handlers.interpreter.{name}"
        for name in ("conditions", "expressions", "modules", "statements")
    }
]


def module_name(path: Path) -> str:
    return (
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix("__init__").strip(".")
    )


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def imported(text: str) -> Iterator[str]:
    """The modules of the package that a module's text imports, anywhere in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (own(alias.name) for alias in node.names if is_own(alias.name))
        elif isinstance(node, ast.ImportFrom) and is_own(node.module or ""):
            below = [own(f"{node.module}.{alias.name}") for alias in node.names]
            yield from (name if name in MODULES else own(node.module or "") for name in below)


def is_own(name: str) -> bool:
    return name == PACKAGE or name.startswith(f"{PACKAGE}.")


def own(name: str) -> str:
    return name.removeprefix(PACKAGE).removeprefix(".")


def rank(folder: str, name: str) -> int | None:
    lines = [line.split() for line in ORDER[folder]]
    named = any(name in line for line in lines)
    wanted = name if named else "*"
    return next((number for number, line in enumerate(lines) if wanted in line), None)


def wrong(importer: str, module: str) -> str | None:
    """What is wrong with an import: it leads upwards, or aside to a room that is to be unknown."""
    for folder in ORDER:
        start = f"{folder}." if folder else ""
        if not (importer.startswith(start) and module.startswith(start)):
            continue
        one, other = (name.removeprefix(start).split(".")[0] for name in (importer, module))
        above, below = rank(folder, one), rank(folder, other)
        if one == other or not one or not other:
            continue
        if above is None or below is None:
            return f"{start}{one if above is None else other} has no place in the order"
        recursion = any({importer, module} <= circle for circle in RECURSIONS)
        if above >= below and not recursion:
            return f"{importer} imports {module}"
    return None


EDGES = sorted(
    {(name, other) for name, path in MODULES.items() for other in imported(path.read_text("utf-8"))}
)


IMPORTS: nx.DiGraph[str] = nx.DiGraph(EDGES)


def test_each_room_knows_only_rooms_below_it() -> None:
    assert [fault for edge in EDGES if (fault := wrong(*edge)) is not None] == []


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("rules.")])
def test_rules_see_the_application_through_its_door(name: str) -> None:
    rooms = {other for importer, other in EDGES if importer == name}
    behind = {"application", *(f"application.{module}" for module in DOOR)}
    assert {
        room
        for room in rooms
        if room.partition(".")[0] in ("application", "catalogue", "handlers", "template")
    } <= behind
    text = MODULES[name].read_text("utf-8")
    assert set(re.findall(r"\bmodel\.(\w+)", text)) <= DOOR


def test_nothing_else_is_reached_through_the_door() -> None:
    assert {name for name in MODULES if name.startswith("application.")} > {
        f"application.{name}" for name in DOOR
    }
    with pytest.raises(AttributeError):
        _ = application.no_such_module


def test_no_circles_but_the_recursions() -> None:
    circles = nx.strongly_connected_components(IMPORTS)
    assert [circle for circle in circles if len(circle) > 1] == RECURSIONS


@pytest.mark.parametrize(
    ("importer", "text"),
    {
        "at the top": ("catalogue.load", "from cfnlint_eda_rules.handlers import facts"),
        "in a function": (
            "handlers.facts",
            "def f():\n    from cfnlint_eda_rules.handlers.interpreter import objects",
        ),
        "for type checkers": (
            "handlers.interpreter.objects",
            "if TYPE_CHECKING:\n    import cfnlint_eda_rules.handlers.interpreter.machine",
        ),
        "aside": (
            "handlers.languages.python.parser",
            "from cfnlint_eda_rules.handlers.languages.javascript import parser",
        ),
    }.values(),
)
def test_an_import_upwards_is_seen(importer: str, text: str) -> None:
    assert [fault for module in imported(text) if (fault := wrong(importer, module)) is not None]


NAMES = re.compile("|".join(language.name for language in registry.of_runtime("")), re.IGNORECASE)


@pytest.mark.parametrize("name", [name for name in MODULES if ".interpreter" in name])
def test_the_interpreter_names_no_language(name: str) -> None:
    assert NAMES.findall(MODULES[name].read_text("utf-8")) == []

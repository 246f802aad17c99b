"""What is caught broadly, and that nothing of it hides that memory ran out or somebody stopped."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from cases import ROOT

PACKAGE = ROOT / "cfnlint_eda_rules"

# Where code that is not ours runs: what it raises is written down and goes no further.
LOGGED = {
    "handlers/reading.py",
    "template/conditions.py",
    "template/template_files.py",
}
# Where an exception only gets more words, or goes on in another thread.
RAISED_AGAIN = {
    "commands/lint.py",
    "depth.py",
    "registry.py",
    "template/jsonpath.py",
}


def broad(path: Path) -> Iterator[tuple[ast.Try, ast.ExceptHandler]]:
    """The handlers in a file that catch any exception."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for handler in node.handlers if isinstance(node, ast.Try) else ():
            caught = handler.type
            names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
            if any(
                name is None
                or (isinstance(name, ast.Name) and name.id in ("Exception", "BaseException"))
                for name in names
            ):
                assert isinstance(node, ast.Try)
                yield node, handler


def holds(handler: ast.ExceptHandler, kind: type[ast.AST]) -> bool:
    return any(isinstance(node, kind) for node in ast.walk(handler))


def test_broad_handlers_are_where_they_are_known_to_be() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if list(broad(path))
    }
    assert found <= LOGGED | RAISED_AGAIN


def test_what_is_not_raised_again_is_logged_and_lets_memory_errors_through() -> None:
    for name in sorted(LOGGED):
        for statement, handler in broad(PACKAGE / name):
            before = statement.handlers[: statement.handlers.index(handler)]
            assert any("MemoryError" in ast.unparse(other.type) for other in before if other.type)
            assert "LOGGER" in ast.unparse(handler)


def test_what_gets_more_words_is_raised_again() -> None:
    for name in sorted(RAISED_AGAIN - {"depth.py"}):
        for _, handler in broad(PACKAGE / name):
            assert holds(handler, ast.Raise)

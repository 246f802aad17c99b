"""The syntax trees of files, kept by their text: functions and templates that share a file share
its tree.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from cfnlint_eda_rules.budget import LIMITS, NODES, Budget, Exhausted, current, spending
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.syntax import Module
from cfnlint_eda_rules.records import dataclass

# A tree takes some fifty times the memory of its text.
MOST_CHARACTERS = 4_000_000


@dataclass(frozen=True, slots=True)
class _Tree:
    """`module` is None where the file cannot be parsed; `nodes` is what it costs."""

    module: Module | None
    nodes: int


_kept: OrderedDict[tuple[str, str, str], _Tree] = OrderedDict()
_lock = Lock()


def parsed(language: Language, path: str, text: str) -> Module | None:
    """The syntax tree of a file; None where it cannot be parsed. Raises `Exhausted` where the run
    has not enough left for it, whether or not it was parsed before: the same run reads the same
    files in a process that has seen them.
    """
    key = (language.name, path, text)
    with _lock:
        tree = _kept.get(key)
        if tree is not None:
            _kept.move_to_end(key)
    if tree is None:
        tree = _parsed(language, path, text)
        _keep(key, tree)
    current().spend_once(NODES, (language.name, path, hash(text)), tree.nodes)
    return tree.module


def forget() -> None:
    """Keeps no tree any longer."""
    with _lock:
        _kept.clear()


def _parsed(language: Language, path: str, text: str) -> _Tree:
    own = Budget({NODES: LIMITS[NODES]})
    try:
        with spending(own):
            module = language.parse(path, text)
    except (ValueError, Exhausted):
        module = None
    return _Tree(module, LIMITS[NODES] - own.left(NODES))


def _keep(key: tuple[str, str, str], tree: _Tree) -> None:
    with _lock:
        _kept[key] = tree
        held = sum(len(text) for _, _, text in _kept)
        while held > MOST_CHARACTERS and len(_kept) > 1:
            (_, _, text), _ = _kept.popitem(last=False)
            held -= len(text)

"""Modules and packages: evaluated when first imported, as part of the process's start."""

from __future__ import annotations

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter import statements
from cfnlint_eda_rules.handlers.interpreter.objects import Loaded, RecordObject, Scope
from cfnlint_eda_rules.handlers.interpreter.paths import Path
from cfnlint_eda_rules.handlers.interpreter.protocol import Object
from cfnlint_eda_rules.handlers.interpreter.state import Context, Frame, State


def load(m: State, file: str) -> Loaded | None:
    """The module in a file, evaluated; None when it cannot be read."""
    if file in m.loaded:
        found = m.loaded[file]
        return found if isinstance(found, Loaded) else None
    tree = m.program.load(file)
    if tree is None:
        m.loaded[file] = None
        return None
    loaded = Loaded(file, Scope(None, module=True))
    m.loaded[file] = loaded
    loaded.native = any(isinstance(statement, syntax.Export) for statement in tree.body)
    m.language.begin(loaded)
    _run(m, loaded, tree)
    return loaded


def _run(m: State, loaded: Loaded, tree: syntax.Module) -> None:
    path, frame = m.path, m.frame
    m.path = Path()
    m.frame = Frame(None, loaded.scope, m.trail.mark(), m.path)
    try:
        with m.within(Context(loaded.file)):
            statements.execute(m, tree.body)
    finally:
        m.path, m.frame = path, frame


def module_scope(scope: Scope) -> Scope:
    """The outermost scope around `scope`."""
    while scope.outer is not None:
        scope = scope.outer
    return scope


def global_name(m: State, name: str) -> Object:
    """What a name means that no scope has: the language's own, or unknown."""
    found = m.language.global_name(name) or m.models.global_name(name)
    return Object(name) if found is None else found


# --------------------------------------------------------------------------------------------------


def import_from(m: State, node: syntax.ImportFrom) -> None:
    """Binds what an import statement names."""
    found = m.language.import_from(node, m)
    if found is not None:
        statements.assign_name(m, syntax.NamePattern(node.target), found)


def export(m: State, name: str, value: Object) -> None:
    """Exports a value from the module at hand."""
    loaded = m.loaded.get(m.file)
    if not isinstance(loaded, Loaded):
        return
    exports = loaded.exports
    if not isinstance(exports, RecordObject):
        return
    if name == "*":
        entries, _ = m.entries(value)
        for key, entry in entries.items():
            if key != "default":
                exports.set(key, entry, m)
    else:
        exports.set(name, value, m)

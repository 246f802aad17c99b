"""Modules and packages: evaluated when first imported, as part of the process's start."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter import language, statements
from cfnlint_eda_rules.handlers.interpreter.objects import RecordObject, Scope, literal
from cfnlint_eda_rules.handlers.interpreter.paths import Path
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run
from cfnlint_eda_rules.records import dataclass

if TYPE_CHECKING:
    from cfnlint_eda_rules.handlers.interpreter.machine import Machine


@dataclass(slots=True)
class Loaded:
    """A module of the program: its variables, and for JavaScript `module` with its exports."""

    file: str
    scope: Scope
    module: RecordObject = field(default_factory=RecordObject)
    native: bool = False  # an ES module

    @property
    def exports(self) -> Object:
        return self.module.entries["exports"]


class ModuleObject(Object):
    """A module or package of a Python program, or a package whose modules are the program's."""

    __slots__ = ("importer", "loaded", "name")

    def __init__(self, loaded: Loaded | None, importer: str, name: str) -> None:
        super().__init__(name)
        self.loaded = loaded
        self.importer = importer
        self.name = name

    def attribute(self, name: str, run: Run) -> Object:
        from cfnlint_eda_rules.handlers.interpreter.objects import machine

        return python_symbol(machine(run), self, name)

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        from cfnlint_eda_rules.handlers.interpreter.objects import machine

        if self.loaded is not None:
            machine(run).write(self.loaded.scope.variables, name, value)


class LibraryObject(Object):
    """A module of a library; its submodules may be modelled although it is not."""

    __slots__ = ("model", "name")

    def __init__(self, name: str, model: Object | None) -> None:
        super().__init__(name)
        self.name = name
        self.model = model

    def attribute(self, name: str, run: Run) -> Object:
        from cfnlint_eda_rules.handlers.interpreter.objects import machine

        current = machine(run)
        if isinstance(self.model, Native):
            found = self.model.attributes.get(name) or (
                self.model.on_attribute(name, run) if self.model.on_attribute else None
            )
            if found is not None:
                return found
        if current.language == "python":
            below = model_of(current, f"{self.name}.{name}")
            if below is not None:
                return LibraryObject(f"{self.name}.{name}", below)
            return (
                LibraryObject(f"{self.name}.{name}", None)
                if self.model is None
                else self.model.attribute(name, run)
            )
        return (
            Object(f"{self.name}.{name}") if self.model is None else self.model.attribute(name, run)
        )

    def call(self, arguments: Arguments, run: Run) -> Object:
        return (
            super().call(arguments, run) if self.model is None else self.model.call(arguments, run)
        )


def load(m: Machine, file: str) -> Loaded | None:
    """The module in a file, evaluated; None when it cannot be read."""
    if file in m.modules:
        found = m.modules[file]
        return found if isinstance(found, Loaded) else None
    tree = m.program.load(file)
    if tree is None:
        m.modules[file] = None
        return None
    loaded = Loaded(file, Scope(None, module=True))
    m.modules[file] = loaded
    if tree.language == "javascript":
        exports = RecordObject()
        loaded.module.entries["exports"] = exports
        loaded.native = any(isinstance(statement, syntax.Export) for statement in tree.body)
        loaded.scope.variables.update(
            {"module": loaded.module, "exports": exports, "this": exports}
        )
    else:
        loaded.scope.variables["__name__"] = literal(file.rpartition("/")[2].partition(".")[0])
    _run(m, loaded, tree)
    return loaded


def _run(m: Machine, loaded: Loaded, tree: syntax.Module) -> None:
    from cfnlint_eda_rules.handlers.interpreter.machine import Frame

    saved = m.path
    context = {
        "path": Path(),
        "frame": Frame(None, loaded.scope, m.trail.mark(), Path()),
        "stack": (),
        "file": loaded.file,
        "loops": 0,
        "start_up": True,
        "durable": False,
        "task": None,
    }
    with m.within(**context):
        statements.execute(m, tree.body)
    m.path = saved


def module_scope(scope: Scope) -> Scope:
    """The outermost scope around `scope`."""
    while scope.outer is not None:
        scope = scope.outer
    return scope


def global_name(m: Machine, name: str) -> Object:
    """What a name means that no scope has: the language's own, or unknown."""
    found = language.global_name(m, name)
    return Object(name) if found is None else found


def model_of(m: Machine, name: str) -> Object | None:
    """The model of a library's module; None when there is none."""
    name = name.removeprefix("node:")
    found = language.module(m, name)
    return m.libraries(m.language, name) if found is None else found


def library(m: Machine, name: str) -> Object:
    """A library's module."""
    name = name.removeprefix("node:")
    model = model_of(m, name)
    if m.language == "javascript":
        return Object(name) if model is None else model
    return LibraryObject(name, model)


# --------------------------------------------------------------------------------------------------


def imported(m: Machine, module: str) -> Object:
    """What `require(module)` or `import(module)` gives."""
    file = m.program.resolve(m.file, module)
    if file is None:
        return library(m, module)
    loaded = load(m, file)
    if loaded is None:
        return Object(module)
    return loaded.exports if m.language == "javascript" else ModuleObject(loaded, m.file, module)


def import_from(m: Machine, node: syntax.ImportFrom) -> None:
    """Binds what an import statement names."""
    found = _javascript(m, node) if m.language == "javascript" else _python(m, node)
    if found is not None:
        statements.assign_name(m, syntax.NamePattern(node.target), found)


def _javascript(m: Machine, node: syntax.ImportFrom) -> Object | None:
    module = imported(m, node.module)
    if node.symbol is None:
        return module
    if node.symbol == "*":
        return module
    if node.symbol == "default":
        return default_export(m, module)
    return m.get_attribute(module, node.symbol)


def default_export(m: Machine, module: Object) -> Object:
    """An ES module's default export; a CommonJS module is its own."""
    if isinstance(module, RecordObject):
        return module.entries.get("default", module)
    if isinstance(module, Native):
        found = module.attributes.get("default") or (
            module.on_attribute("default", m) if module.on_attribute else None
        )
        return module if found is None else found
    return module


def export(m: Machine, name: str, value: Object) -> None:
    """Exports a value from the module at hand."""
    loaded = m.modules.get(m.file)
    if not isinstance(loaded, Loaded) or not isinstance(loaded.exports, RecordObject):
        return
    if name == "*":
        entries, _ = m.entries(value)
        for key, entry in entries.items():
            if key != "default":
                loaded.exports.set(key, entry, m)
    else:
        loaded.exports.set(name, value, m)


def _python(m: Machine, node: syntax.ImportFrom) -> Object | None:
    if node.symbol is None:
        if node.loads is not None:
            parts = node.loads.split(".")
            for length in range(1, len(parts) + 1):
                _load_python(m, ".".join(parts[:length]))
        return _load_python(m, node.module)
    module = _load_python(m, node.module)
    if node.symbol == "*":
        if isinstance(module, ModuleObject) and module.loaded is not None:
            for name, value in list(module.loaded.scope.variables.items()):
                if not name.startswith("__"):
                    statements.assign_name(m, syntax.NamePattern(name), value)
        return None
    return m.get_attribute(module, node.symbol)


def _load_python(m: Machine, name: str) -> Object:
    file = m.program.resolve(m.file, name)
    loaded = None if file is None else load(m, file)
    if loaded is not None:
        return ModuleObject(loaded, m.file, name)
    if name.startswith("."):
        return ModuleObject(None, m.file, name)
    model = model_of(m, name)
    return ModuleObject(None, m.file, name) if model is None else LibraryObject(name, model)


def python_symbol(m: Machine, module: ModuleObject, name: str) -> Object:
    """`module.name`: a variable of the module, else a module below it, else a library's."""
    if module.loaded is not None and name in module.loaded.scope.variables:
        return module.loaded.scope.variables[name]
    below = f"{module.name}{name}" if module.name.endswith(".") else f"{module.name}.{name}"
    file = m.program.resolve(module.importer, below)
    if file is not None:
        loaded = load(m, file)
        if loaded is not None:
            return ModuleObject(loaded, module.importer, below)
    if module.loaded is None and not module.name.startswith("."):
        model = model_of(m, below)
        return (
            ModuleObject(None, module.importer, below)
            if model is None
            else LibraryObject(below, model)
        )
    return Object(below)

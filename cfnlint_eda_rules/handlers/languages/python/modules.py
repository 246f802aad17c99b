"""Python's modules and packages: what an import binds, and what a module's attributes are."""

from __future__ import annotations

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter import objects
from cfnlint_eda_rules.handlers.interpreter.language import Importing
from cfnlint_eda_rules.handlers.interpreter.objects import Loaded
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Run


class PythonModule(objects.ModuleObject):
    """A module or package of the program, or a package whose modules are the program's."""

    __slots__ = ("importer", "modules")

    def __init__(self, loaded: Loaded | None, importer: str, name: str, modules: Importing) -> None:
        super().__init__(loaded, name)
        self.importer = importer
        self.modules = modules

    def attribute(self, name: str, run: Run) -> Object:
        """A variable of the module, else a module below it, else a library's."""
        if self.loaded is not None and name in self.loaded.scope.variables:
            return self.loaded.scope.variables[name]
        relative = self.name.endswith(".")
        below = f"{self.name}{name}" if relative else f"{self.name}.{name}"
        file = self.modules.resolve(below, self.importer)
        loaded = None if file is None else self.modules.load(file)
        if loaded is not None:
            return PythonModule(loaded, self.importer, below, self.modules)
        if self.loaded is None and not self.name.startswith("."):
            return _outside(below, self.importer, self.modules)
        return Object(below)


class LibraryObject(Object):
    """A module of a library; its submodules may be modelled although it is not."""

    __slots__ = ("model", "modules", "name")

    def __init__(self, name: str, model: Object | None, modules: Importing) -> None:
        super().__init__(name)
        self.name = name
        self.model = model
        self.modules = modules

    def attribute(self, name: str, run: Run) -> Object:
        found = _own(self.model, name, run)
        if found is not None:
            return found
        below = f"{self.name}.{name}"
        model = self.modules.model(below)
        if model is not None or self.model is None:
            return LibraryObject(below, model, self.modules)
        return self.model.attribute(name, run)

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        if self.model is not None:
            self.model.set_attribute(name, value, run)

    def call(self, arguments: Arguments, run: Run) -> Object:
        return (
            super().call(arguments, run) if self.model is None else self.model.call(arguments, run)
        )


def _own(model: Object | None, name: str, run: Run) -> Object | None:
    if not isinstance(model, Native):
        return None
    return model.attributes.get(name) or (
        model.on_attribute(name, run) if model.on_attribute else None
    )


def _outside(name: str, importer: str, run: Importing) -> Object:
    """A module that is no file of the program: a library's, where that is known."""
    model = run.model(name)
    if model is None:
        return PythonModule(None, importer, name, run)
    return LibraryObject(name, model, run)


def library(name: str, run: Importing) -> Object:
    """A library's module."""
    return LibraryObject(name, run.model(name), run)


def imported(name: str, run: Importing) -> Object:
    """The module that an import statement names."""
    file = run.resolve(name)
    loaded = None if file is None else run.load(file)
    if loaded is not None or name.startswith("."):
        return PythonModule(loaded, run.file, name, run)
    return _outside(name, run.file, run)


def called_import(name: str, run: Importing) -> Object:
    """What `importlib.import_module(name)` gives."""
    file = run.resolve(name)
    if file is None:
        return library(name, run)
    loaded = run.load(file)
    return Object(name) if loaded is None else PythonModule(loaded, run.file, name, run)


def import_from(node: syntax.ImportFrom, run: Importing) -> Object | None:
    """What an import statement binds its target to; None for `import *`, which binds here."""
    if node.symbol is None:
        _load_packages(node.loads, run)
        return imported(node.module, run)
    module = imported(node.module, run)
    if node.symbol == "*":
        _import_all(module, run)
        return None
    return run.get_attribute(module, node.symbol)


def _load_packages(dotted: str | None, run: Importing) -> None:
    """`import a.b.c` loads the packages on the way."""
    parts = [] if dotted is None else dotted.split(".")
    for length in range(1, len(parts) + 1):
        imported(".".join(parts[:length]), run)


def _import_all(module: Object, run: Importing) -> None:
    if isinstance(module, PythonModule) and module.loaded is not None:
        for name, value in list(module.loaded.scope.variables.items()):
            if not name.startswith("__"):
                run.assign(name, value)

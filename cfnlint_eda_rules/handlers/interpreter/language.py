"""What the interpreter asks of the language that a handler is written in.

The interpreter runs one syntax tree for all languages; what a tree cannot say (what `this` is, what
counts as true, what an asynchronous function gives) a language says here. Defaults are what most
languages do, so that a language says only where it differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.constructs import Action
from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    Instance,
    ListObject,
    Loaded,
    ModuleObject,
    RecordObject,
    Scope,
    Super,
    is_nothing,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Object,
    Promise,
    Run,
    SpecialNames,
)


class Models(Protocol):
    """Models of what lies outside the program, for one language."""

    def module(self, name: str) -> Object | None:
        """The model of a library's module; None when there is none."""

    def global_name(self, name: str) -> Object | None:
        """The model of a name that needs no import; None when there is none."""

    def annotated(self, annotation: str) -> Object | None:
        """What has this type annotation; None when that is not known."""


class Importing(Run, Protocol):
    """The evaluation in progress, as modules are loaded in it."""

    @property
    def file(self) -> str:
        """The file at hand."""

    def resolve(self, module: str, importer: str | None = None) -> str | None:
        """The project's file that `module` means, as written in the file `importer` (by default the
        one at hand); None for a library.
        """

    def load(self, file: str) -> Loaded | None:
        """The module in a file, evaluated; None when it cannot be read."""

    def model(self, name: str) -> Object | None:
        """The model of a module of the language's or of another library; None when there is
        none.
        """

    def assign(self, name: str, value: Object) -> None:
        """Binds a name in the scope at hand."""


class Semantics:
    """How a language evaluates. One object a language, shared by all evaluations: it keeps no
    state.
    """

    name = ""

    special_names = SpecialNames()

    methods: Mapping[str, Action] = {}
    """The methods that texts, lists, mappings, functions and promises have, by name."""

    error_parameters = frozenset({"err", "error", "e", "er", "ex"})
    """What programs call the first parameter of a function that is called back with an error or
    none, and then the value.
    """

    passes_receiver = True
    """Whether what a function is called on (`a` in `a.b()`) becomes its `this` in the call, bound
    before or not.
    """

    nothing_is_missing = False
    """Whether an argument that is not given is nothing, and nothing given is replaced by the
    parameter's default.
    """

    overloads = False
    """Whether methods of one name are told apart by their parameters; else the last one counts."""

    event_loop = False
    """Whether an invocation that answers nothing lasts until all that it started is done."""

    waits = True
    """Whether a plain call of a library waits for its answer; else it gives a promise."""

    # ---------------------------------------------------------------------------------- the handler

    def handler(self, loaded: Loaded, symbol: str, run: Run) -> Object | None:
        """The handler in its module; `symbol` is what is left of its name, "Class.method"."""
        first, *names = symbol.split(".")
        found = loaded.scope.variables.get(first)
        for name in names:
            found = None if found is None else run.get_attribute(found, name)
        return None if found is None or is_nothing(found) else found

    def handler_arguments(self, event: Object, context: Object) -> list[Object]:
        """What Lambda calls a handler with."""
        return [event, context]

    # ------------------------------------------------------------------------------------- modules

    def begin(self, loaded: Loaded) -> None:
        """Sets the variables that a module has before its first statement runs."""

    def imported(self, module: str, run: Importing) -> Object:
        """What an import of a module gives, as an expression."""
        file = run.resolve(module)
        loaded = None if file is None else run.load(file)
        if loaded is not None:
            return ModuleObject(loaded, module)
        return Object(module) if file is not None else self.library(module, run)

    def library(self, module: str, run: Importing) -> Object:
        """The module of a library."""
        model = run.model(module)
        return Object(module) if model is None else model

    def import_from(self, node: syntax.ImportFrom, run: Importing) -> Object | None:
        """What an import statement binds its target to; None when it binds none."""
        module = self.imported(node.module, run)
        return (
            module if node.symbol in (None, "*") else run.get_attribute(module, node.symbol or "")
        )

    def module(self, name: str) -> Object | None:
        """The model of a module of the language's standard library."""
        return None

    def global_name(self, name: str) -> Object | None:
        """What a name means that the program does not define."""
        return None

    def module_variable(self, name: str, value: Object) -> Object:
        """What a variable of a module holds that `value` is assigned to: the model of what
        compilers write into every module, where it is that.
        """
        return value

    # -------------------------------------------------------------------------------------- values

    def own_attribute(self, subject: Object, name: str, run: Run) -> Object | None:
        """Attributes that only some things have, which are no methods; None for all others."""
        return None

    def record_attribute(self, record: RecordObject, name: str, run: Run) -> Object:
        """`record.name` of a mapping: its method, unless entries are attributes."""
        return run.member(record, name)

    def missing_entry(self, record: RecordObject, name: str, run: Run) -> Object:
        """`record[name]` of a mapping that has no such entry."""
        return nothing()

    def true_constant(self, value: str | int | float | bool | None) -> bool:
        """Whether a constant counts as true."""
        return bool(value)

    def true_collection(self, subject: RecordObject | ListObject) -> bool | None:
        """Whether a collection counts as true; None when that is not known."""
        return True

    def operate(self, operator: str, left: Object, right: Object, run: Run) -> Object | None:
        """`left operator right` where the language has its own meaning of it; None elsewhere."""
        return None

    def augment(self, current: Object, value: Object, run: Run) -> Object | None:
        """`current += value` where that changes `current` itself; None where it makes a new
        value.
        """
        return None

    def undefined(self) -> Object | None:
        """What a variable holds that is declared without a value; None where that is no
        declaration.
        """
        return nothing()

    # ----------------------------------------------------------------------------------- functions

    def binds(self, owner: Object) -> bool:
        """Whether a function found in `owner` becomes its method."""
        return True

    def bind_receiver(
        self, function: FunctionObject, arguments: Arguments, this: Object | None, scope: Scope
    ) -> Arguments:
        """Puts what the function is called on into its scope, or before the arguments, which are
        returned.
        """
        if not function.node.arrow:
            scope.variables["this"] = this if this is not None else Object("this")
            if function.owner is not None:
                scope.variables["super"] = Super(function.owner, scope.variables["this"])
        return arguments

    def implicit_variables(self, arguments: Arguments) -> Mapping[str, Object]:
        """Variables that every function has without a parameter of that name."""
        return {}

    def fill(self, instance: Instance, arguments: Arguments, run: Run) -> bool:
        """Sets what an instance of a class without a constructor takes from its arguments; whether
        the class says which.
        """
        return False

    # ------------------------------------------------------------------------------ the async model

    def asynchronous_call(self, action: Callable[[], Object], run: Run) -> Object:
        """What a call of an asynchronous function gives, which `action` runs."""
        return run.forked(action)

    def unwrapped(self, promise: Promise, run: Run) -> Object:
        """What going through a promise goes through."""
        return promise.result

    def call_back(
        self,
        callbacks: Sequence[Callable[[], Object]],
        given: Sequence[Object],
        answer: Object,
        run: Run,
    ) -> Object:
        """What a call of something unknown gives that may call back; `given` are its arguments,
        `answer` what it answers.
        """
        for callback in callbacks:
            run.perhaps(callback)
        return answer

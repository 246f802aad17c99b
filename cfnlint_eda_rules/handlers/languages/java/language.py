"""Java as a language of handlers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.language import Importing
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    FunctionObject,
    Loaded,
    RecordObject,
    Scope,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Object,
    Run,
    SpecialNames,
)
from cfnlint_eda_rules.handlers.languages.java import (
    builtins,
    classes,
    module_files,
    parser,
    standard_library,
)
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.files import Files


class Java(Language):
    """Java, as Lambda's `java` runtimes run it."""

    name = "java"
    runtimes = ("java",)
    extensions = (".java",)
    libraries: Mapping[str, str] = {
        "software": "aws_java",
        "com": "frameworks_java",
        "org": "frameworks_java",
        "io": "frameworks_java",
        "jakarta": "frameworks_java",
        "javax": "frameworks_java",
        "okhttp3": "http_java",
    }
    annotating = ("aws_java",)
    special_names = SpecialNames(constructor="constructor", leave="close")
    methods = builtins.METHODS
    overloads = True
    error_parameters = frozenset()

    def parse(self, path: str, text: str) -> syntax.Module:
        return parser.parse(path, text)

    def parted_handler(self, handler: str) -> tuple[str, str]:
        """ "a.b.Order$Line::run" is the class `a/b/Order` and "Order$Line::run" in it."""
        name, _, method = handler.partition("::")
        module = name.partition("$")[0].replace(".", "/")
        symbol = name.rpartition(".")[2]
        return module, f"{symbol}::{method or 'handleRequest'}" if symbol else ""

    def layer_roots(self, layer: str, files: Files) -> Sequence[str]:
        return module_files.layer_roots(layer)

    def built_from(
        self, files: Files, base: str, targets: Sequence[str], code: Code
    ) -> Iterable[Sequence[str]]:
        parts = self.parted_handler(code.docker_command or code.handler)[0].split("/")
        if not all(part.isidentifier() for part in parts):
            return
        yield from module_files.sources_of(files, base, targets, code, parts)
        if classes.is_adapter(".".join(parts)):
            yield list(islice(module_files.applications(files, base, targets, code), 1))

    def modules(
        self, files: Files, roots: Sequence[str], layers: Sequence[str]
    ) -> module_files.JavaModules:
        return module_files.JavaModules(files, roots, layers)

    # ----------------------------------------------------------------------------------------------

    def handler(self, loaded: Loaded, symbol: str, run: Run) -> Object | None:
        return classes.handler(loaded, symbol, run)

    def imported(self, module: str, run: Importing) -> Object:
        return classes.imported(module, run)

    def module(self, name: str) -> Object | None:
        return standard_library.module(name)

    def global_name(self, name: str) -> Object | None:
        return standard_library.GLOBALS.get(name)

    # ----------------------------------------------------------------------------------------------

    def own_attribute(self, subject: Object, name: str, run: Run) -> Object | None:
        return builtins.own_attribute(subject, name, run)

    def record_attribute(self, record: RecordObject, name: str, run: Run) -> Object:
        return run.member(record, name)

    def bind_receiver(
        self, function: FunctionObject, arguments: Arguments, this: Object | None, scope: Scope
    ) -> Arguments:
        super().bind_receiver(function, arguments, this, scope)
        if not function.node.arrow and isinstance(function.owner, ClassObject):
            # What is declared in a method names the instance around it.
            scope.variables[f"this {function.owner.node.name}"] = scope.variables["this"]
        return arguments


LANGUAGE = Java()

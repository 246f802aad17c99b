"""C# as a language of handlers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.constructs import Action
from cfnlint_eda_rules.handlers.interpreter.language import Importing
from cfnlint_eda_rules.handlers.interpreter.objects import Loaded, RecordObject
from cfnlint_eda_rules.handlers.interpreter.protocol import Object, Run, SpecialNames
from cfnlint_eda_rules.handlers.languages.csharp import (
    builtins,
    classes,
    module_files,
    parser,
)
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.files import Files


class CSharp(Language):
    """C#, as Lambda's `dotnet` runtimes run it."""

    name = "csharp"
    runtimes = ("dotnet", "provided")
    extensions = (".cs",)
    libraries: Mapping[str, str] = {"library": "types_csharp", "attribute": "types_csharp"}
    annotating = ("aws_csharp",)
    special_names = SpecialNames(constructor="constructor")
    methods: Mapping[str, Action] = {**builtins.METHODS, **classes.METHODS}
    overloads = True
    error_parameters = frozenset()

    def may_be_modelled(self, module: str) -> bool:
        return module.startswith(("library.", "attribute."))

    def parse(self, path: str, text: str) -> syntax.Module:
        return parser.parse(path, text)

    def parted_handler(self, handler: str) -> tuple[str, str]:
        """ "Assembly::Name.Space.Type::Method" is the type "Name.Space.Type" and "Type::Method" in
        it; an assembly alone is a program.
        """
        assembly, *rest = handler.split("::")
        if len(rest) == 2:
            name = rest[0].replace("+", ".")
            symbol = rest[0].rpartition(".")[2]
            return name, f"{symbol}::{rest[1]}" if symbol and rest[1] else ""
        return (assembly, module_files.PROGRAM) if not rest else (assembly, "")

    def module_paths(self, path: str) -> Iterable[str]:
        """None: a file need not be called as what is in it."""
        return ()

    def built_from(
        self, files: Files, base: str, targets: Sequence[str], code: Code
    ) -> Iterable[Sequence[str]]:
        handler = code.docker_command or code.handler
        return module_files.sources_of(files, base, targets, code, handler)

    def modules(
        self, files: Files, roots: Sequence[str], layers: Sequence[str]
    ) -> module_files.CSharpModules:
        return module_files.CSharpModules(files, roots, layers)

    # ----------------------------------------------------------------------------------------------

    def handler(self, loaded: Loaded, symbol: str, run: Run) -> Object | None:
        return classes.handler(loaded, symbol, run)

    def imported(self, module: str, run: Importing) -> Object:
        return classes.imported(module, run)

    def global_name(self, name: str) -> Object | None:
        return classes.GLOBALS.get(name)

    # ----------------------------------------------------------------------------------------------

    def own_attribute(self, subject: Object, name: str, run: Run) -> Object | None:
        found = builtins.own_attribute(subject, name, run)
        if found is not None or name in self.methods:
            return found
        return classes.extension(subject, name, run)

    def record_attribute(self, record: RecordObject, name: str, run: Run) -> Object:
        found = record.entries.get(name)
        return run.member(record, name) if found is None else run.got(found, record)


LANGUAGE = CSharp()

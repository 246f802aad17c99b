"""JavaScript and TypeScript as a language of handlers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.language import Importing
from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    ListObject,
    Loaded,
    RecordObject,
    Scope,
    is_nothing,
    literal,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Native, Object, Promise, Run
from cfnlint_eda_rules.handlers.languages.javascript import (
    builtins,
    bundles,
    module_files,
    modules,
    originals,
    parser,
    standard_library,
    toolchains,
)
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.source.code import Code, Original
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import EXTENSIONS

_LOOKS_LIKE = re.compile(
    r"^[ \t]*(?:const|let|var|exports\.|module\.exports|export )|=>|^import [^\n]* from ['\"]",
    re.MULTILINE,
)


class JavaScript(Language):
    """JavaScript and TypeScript, as Lambda's `nodejs` runtimes run them."""

    name = "javascript"
    runtimes = ("nodejs",)
    extensions = EXTENSIONS
    inline_file = "index.js"
    programs = frozenset({"node", "bun", "deno", "tsx", "ts-node"})
    separator = "/"
    libraries: Mapping[str, str] = {
        "aws-sdk": "aws_javascript",
        "dynamodb-doc": "aws_javascript",
        "@aws-sdk": "aws_javascript",
        "@aws": "durable",
        "@aws-lambda-powertools": "powertools",
        "@middy": "middy",
        "middy": "middy",
        "aws-xray-sdk": "harmless",
        "aws-embedded-metrics": "harmless",
        "aws-xray-sdk-core": "harmless",
        "async": "callbacks",
        "bluebird": "callbacks",
    }
    annotating = ("durable", "aws_javascript", "powertools")
    methods = builtins.METHODS
    nothing_is_missing = True
    event_loop = True
    waits = False

    def library_names(self, module: str) -> tuple[str, ...]:
        return modules.library_names(module)

    def parse(self, path: str, text: str) -> syntax.Module:
        if path.endswith(".json"):
            text = f"module.exports = {text};"
        return parser.parse(path, text)

    def looks_like(self, text: str) -> bool:
        return _LOOKS_LIKE.search(text) is not None

    def parted_handler(self, handler: str) -> tuple[str, str]:
        folder, slash, name = handler.rpartition("/")
        module, _, symbol = name.partition(".")
        return folder + slash + module, symbol

    def layer_roots(self, layer: str, files: Files) -> Sequence[str]:
        return module_files.layer_roots(layer)

    def entry_points(self, module: str, points: tuple[str, ...]) -> Sequence[str]:
        return module_files.entry_points(module, points)

    def built_from(
        self, files: Files, base: str, targets: Sequence[str], code: Code
    ) -> Iterable[Sequence[str]]:
        return toolchains.sources_of(files, base, targets, code)

    def modules(
        self, files: Files, roots: Sequence[str], layers: Sequence[str]
    ) -> module_files.JavaScriptModules:
        return module_files.JavaScriptModules(files, roots, layers)

    def original(self, files: Files, built: str, symbol: str) -> Original | None:
        return originals.original(files, built, symbol)

    def places(self, text: str) -> Callable[[int], str]:
        return originals.places(text)

    def hides_calls(self, text: str) -> bool:
        return bundles.holds_sdk(text)

    # ----------------------------------------------------------------------------------------------

    def handler(self, loaded: Loaded, symbol: str, run: Run) -> Object | None:
        first, *names = symbol.split(".")
        found = modules.exported(loaded, first, run)
        for name in names:
            found = None if found is None else run.get_attribute(found, name)
        return None if found is None or is_nothing(found) else found

    def handler_arguments(self, event: Object, context: Object) -> list[Object]:
        callback = Native("callback", on_call=lambda arguments, run: nothing())
        return [event, context, callback]

    def begin(self, loaded: Loaded) -> None:
        modules.begin(loaded)

    def imported(self, module: str, run: Importing) -> Object:
        return modules.imported(module, run)

    def import_from(self, node: syntax.ImportFrom, run: Importing) -> Object | None:
        return modules.import_from(node, run)

    def module(self, name: str) -> Object | None:
        return standard_library.module(name)

    def global_name(self, name: str) -> Object | None:
        return builtins.global_name(name)

    def module_variable(self, name: str, value: Object) -> Object:
        return builtins.INTEROPERATION.get(name, value)

    # ----------------------------------------------------------------------------------------------

    def own_attribute(self, subject: Object, name: str, run: Run) -> Object | None:
        return builtins.own_attribute(subject, name, run)

    def record_attribute(self, record: RecordObject, name: str, run: Run) -> Object:
        found = record.entries.get(name)
        if found is not None:
            return run.got(found, record)
        has = record.partial or name in builtins.METHODS or name in ("default", "length", "size")
        return run.member(record, name) if has else literal(None, record.needs)

    def missing_entry(self, record: RecordObject, name: str, run: Run) -> Object:
        if name in builtins.METHODS:
            return run.member(record, name)
        return literal(None, record.needs)

    # ----------------------------------------------------------------------------------------------

    def bind_receiver(
        self, function: FunctionObject, arguments: Arguments, this: Object | None, scope: Scope
    ) -> Arguments:
        super().bind_receiver(function, arguments, this, scope)
        # The name of a function expression is known inside it alone.
        name, kind = function.node.name, function.node.kind
        named = name and kind == "function" and not function.node.arrow
        if named and function.scope.find(name) is None:
            scope.variables[name] = function
        return arguments

    def implicit_variables(self, arguments: Arguments) -> Mapping[str, Object]:
        return {"arguments": ListObject(arguments.positional, arguments.partial)}

    def call_back(
        self,
        callbacks: Sequence[Callable[[], Object]],
        given: Sequence[Object],
        answer: Object,
        run: Run,
    ) -> Object:
        promise = Promise(answer)
        for callback in callbacks:
            promise.absorb(run.forked(callback))
        for argument in given:
            for waited in run.promises(argument):
                promise.absorb(waited)
        return promise if promise.pending or promise.tasks else answer


LANGUAGE = JavaScript()

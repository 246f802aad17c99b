"""Python as a language of handlers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.language import Importing
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    Coroutine,
    FunctionObject,
    Instance,
    ListObject,
    Loaded,
    RecordObject,
    Scope,
    Super,
    concatenate,
    constant,
    literal,
    needs_of,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Object,
    Promise,
    Run,
    SpecialNames,
)
from cfnlint_eda_rules.handlers.languages.common import PathText
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.languages.python import (
    builtins,
    module_files,
    modules,
    parser,
    standard_library,
)
from cfnlint_eda_rules.handlers.source.files import Files

# Modules of the standard library that call something outside.
_CALLING = frozenset({"http", "urllib", "smtplib", "imaplib", "poplib", "ftplib"})


class Python(Language):
    """Python, as Lambda's `python3.x` runtimes run it."""

    name = "python"
    runtimes = ("python",)
    extensions = (".py",)
    inline_file = "index.py"
    programs = frozenset({"python", "python3", "fastapi"})
    servers = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve"})
    libraries: Mapping[str, str] = {
        "boto3": "aws_python",
        "botocore": "aws_python",
        "aioboto3": "aws_python",
        "aiobotocore": "aws_python",
        "awswrangler": "s3_libraries",
        "smart_open": "s3_libraries",
        "s3fs": "s3_libraries",
        "fsspec": "s3_libraries",
        "aws_xray_sdk": "harmless",
        "aws_embedded_metrics": "harmless",
        "aws_lambda_powertools": "powertools",
        "aws_durable_execution_sdk_python": "durable",
    }
    annotating = ("durable", "aws_python", "powertools")
    special_names = SpecialNames(
        constructor="__init__",
        get_item="__getitem__",
        set_item="__setitem__",
        iterate="__iter__",
        call="__call__",
        enter="__enter__",
        leave="__exit__",
        enter_waiting="__aenter__",
        leave_waiting="__aexit__",
    )
    methods = builtins.METHODS
    # A method is bound when it is looked up, not when it is called.
    passes_receiver = False

    def may_be_modelled(self, module: str) -> bool:
        first = module.partition(".")[0]
        return first in _CALLING or first not in sys.stdlib_module_names

    def parse(self, path: str, text: str) -> syntax.Module:
        return parser.parse(path, text)

    def parted_handler(self, handler: str) -> tuple[str, str]:
        module, _, symbol = handler.rpartition(".")
        return module.replace(".", "/"), symbol

    def module_paths(self, path: str) -> Iterable[str]:
        return module_files.module_paths(path)

    def layer_roots(self, layer: str, files: Files) -> Sequence[str]:
        return module_files.layer_roots(layer, files)

    def modules(
        self, files: Files, roots: Sequence[str], layers: Sequence[str]
    ) -> module_files.PythonModules:
        return module_files.PythonModules(files, roots, layers)

    # ----------------------------------------------------------------------------------------------

    def begin(self, loaded: Loaded) -> None:
        name = loaded.file.rpartition("/")[2].partition(".")[0]
        loaded.scope.variables["__name__"] = literal(name)

    def imported(self, module: str, run: Importing) -> Object:
        return modules.called_import(module, run)

    def library(self, module: str, run: Importing) -> Object:
        return modules.library(module, run)

    def import_from(self, node: syntax.ImportFrom, run: Importing) -> Object | None:
        return modules.import_from(node, run)

    def module(self, name: str) -> Object | None:
        return standard_library.module(name)

    def global_name(self, name: str) -> Object | None:
        return builtins.global_names().get(name)

    # ----------------------------------------------------------------------------------------------

    def own_attribute(self, subject: Object, name: str, run: Run) -> Object | None:
        return builtins.own_attribute(subject, name)

    def missing_entry(self, record: RecordObject, name: str, run: Run) -> Object:
        # Asking for it raises: whoever goes on has an entry that was not seen to be written.
        return Object("", needs_of(record))

    def true_collection(self, subject: RecordObject | ListObject) -> bool | None:
        if subject.partial:
            return None
        return bool(subject.entries if isinstance(subject, RecordObject) else subject.elements)

    def operate(self, operator: str, left: Object, right: Object, run: Run) -> Object | None:
        text = constant(left)
        if operator == "%" and isinstance(text, str):
            return builtins.percent(text, right, run)
        if operator in ("|", "+") and isinstance(left, RecordObject | ListObject):
            return builtins.united(left, right, run)
        if operator == "/" and isinstance(left, PathText):
            return left.joined([right])
        if operator == "/" and isinstance(text, str):
            return concatenate([left, literal("/"), right])
        return None

    def augment(self, current: Object, value: Object, run: Run) -> Object | None:
        if not isinstance(current, ListObject):
            return None
        current.extend(value, run)
        return current

    def undefined(self) -> Object | None:
        # `name: str` alone is no declaration.
        return None

    # ----------------------------------------------------------------------------------------------

    def binds(self, owner: Object) -> bool:
        return not isinstance(owner, RecordObject | ClassObject)

    def bind_receiver(
        self, function: FunctionObject, arguments: Arguments, this: Object | None, scope: Scope
    ) -> Arguments:
        if this is not None and function.node.kind != "static":
            arguments = Arguments([this, *arguments.positional], arguments.named, arguments.partial)
        if function.owner is not None and arguments.positional and function.node.parameters:
            scope.variables[builtins.SUPER] = Super(function.owner, arguments.positional[0])
        return arguments

    def fill(self, instance: Instance, arguments: Arguments, run: Run) -> bool:
        return builtins.fill(instance, arguments, run)

    def asynchronous_call(self, action: Callable[[], Object], run: Run) -> Object:
        return Coroutine(run.deferred(action))

    def unwrapped(self, promise: Promise, run: Run) -> Object:
        return run.join(promise)


LANGUAGE = Python()

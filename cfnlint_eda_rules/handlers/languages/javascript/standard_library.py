"""The pure part of Node's library, and its timers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from cfnlint_eda_rules.handlers.interpreter.constructs import (
    Plain,
)
from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    RecordObject,
    constant,
    derived,
    literal,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Object, Run
from cfnlint_eda_rules.handlers.languages import common as shared
from cfnlint_eda_rules.handlers.languages.javascript import async_model, builtins


def _path_module() -> Object:
    def parsed(arguments: Arguments, run: Run) -> Object:
        subject = shared.first(arguments)
        return RecordObject(
            {
                "dir": shared.path_part("dirname", subject),
                "base": shared.path_part("basename", subject),
                "name": shared.path_part("stem", subject),
                "ext": shared.path_part("extension", subject),
            },
            True,
        )

    def basename(arguments: Arguments, run: Run) -> Object:
        if len(arguments.positional) > 1:
            text, extension = constant(arguments.positional[0]), constant(arguments.positional[1])
            if isinstance(text, str) and isinstance(extension, str):
                return literal(text.rpartition("/")[2].removesuffix(extension))
            return derived("basename", *arguments.positional)
        return shared.path_part("basename", shared.first(arguments))

    functions: dict[str, Plain | Object] = {
        "join": lambda arguments, run: shared.join_path(arguments.positional),
        "resolve": lambda arguments, run: shared.join_path(arguments.positional),
        "basename": basename,
        "dirname": lambda arguments, run: shared.path_part("dirname", shared.first(arguments)),
        "extname": lambda arguments, run: shared.path_part("extension", shared.first(arguments)),
        "parse": parsed,
        "normalize": shared.same,
    }
    made = shared.namespace("path", functions)
    made.attributes = {**made.attributes, "posix": made}
    return made


def _zlib() -> Object:
    def unzipped(arguments: Arguments, run: Run) -> Object:
        callback = arguments.positional[-1] if arguments.positional else None
        if isinstance(callback, FunctionObject):
            return run.callback(shared.first(arguments), callback)
        return shared.first(arguments)

    names = ("gunzip", "gzip", "inflate", "deflate", "unzip", "brotliDecompress", "brotliCompress")
    return shared.namespace(
        "zlib", {**dict.fromkeys(names, unzipped), **{f"{name}Sync": shared.same for name in names}}
    )


def _timers() -> Object:
    return shared.namespace(
        "timers/promises",
        {
            "setTimeout": async_model.timer_promise,
            "scheduler": shared.namespace("scheduler", {"wait": async_model.timer_promise}),
        },
    )


def _read_later(arguments: Arguments, run: Run) -> Object:
    content = shared.data_file(shared.first(arguments), run)
    callback = arguments.positional[-1] if len(arguments.positional) > 1 else None
    if isinstance(callback, FunctionObject):
        return run.callback(content, callback)
    return content


def _files() -> Object:
    promises = shared.namespace("fs/promises", {"readFile": _read_later})
    return shared.namespace(
        "fs",
        {
            "readFileSync": lambda arguments, run: shared.data_file(shared.first(arguments), run),
            "readFile": _read_later,
            "promises": promises,
        },
    )


def _decoded(arguments: Arguments, run: Run) -> Object:
    return shared.decode_json(shared.first(arguments))


_MODULES: Mapping[str, Callable[[], Object]] = {
    "fs": _files,
    "fs/promises": lambda: shared.namespace("fs/promises", {"readFile": _read_later}),
    "js-yaml": lambda: shared.namespace("js-yaml", {"load": _decoded, "safeLoad": _decoded}),
    "yaml": lambda: shared.namespace("yaml", {"parse": _decoded}),
    "path": _path_module,
    "path/posix": _path_module,
    "util": lambda: shared.namespace(
        "util", {"promisify": async_model.promisified, "inspect": shared.pure("inspect")}
    ),
    "zlib": _zlib,
    "timers/promises": _timers,
    "timers": lambda: shared.namespace(
        "timers", {"setTimeout": async_model.set_timeout, "promises": _timers()}
    ),
    "tslib": lambda: shared.namespace("tslib", dict(builtins.INTEROPERATION)),
    "buffer": lambda: shared.namespace("buffer", {"Buffer": builtins.global_names()["Buffer"]}),
    "process": lambda: builtins.global_names()["process"],
    "querystring": lambda: shared.namespace(
        "querystring", {"unescape": shared.same, "parse": shared.pure("parse")}
    ),
}


@functools.cache
def module(name: str) -> Object | None:
    """A module of Node's library."""
    make = _MODULES.get(name)
    return None if make is None else make()

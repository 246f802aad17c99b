"""From where a function's code is to what its source does: located, parsed once per file and run, evaluated."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cfnlint_eda_rules.handlers import locate
from cfnlint_eda_rules.handlers.calls import Source
from cfnlint_eda_rules.handlers.syntax import Module

_MOST_MODULES = 2_000


def read(template_file: str | None, code: locate.Code, shown_from: str | None = None) -> Source | None:
    """What the function's source does; None when there is no source that can be read, parsed and followed. Never raises for bad input.

    Its files are named relative to the folder of `template_file`, or of the template `shown_from` that nests it.
    """
    found = locate.locate(template_file, code)
    if found is None:
        return None
    from cfnlint_eda_rules.handlers.interpreter import evaluate
    from cfnlint_eda_rules.handlers.libraries import library

    located, files = found
    if shown_from is not None:
        located = replace(located, base=str(Path(shown_from).absolute().parent))
    source = evaluate(_Program(located, files), library)
    if source is not None and located.web_adapter:
        return replace(source, web_adapter=True)
    return source


class _Program:
    """A located function as the interpreter's `Program`."""

    def __init__(self, located: locate.Located, files: locate.Files) -> None:
        self.language = located.language
        self.entry = located.entry
        self.symbol = located.symbol
        self._located = located
        self._files = files

    def load(self, file: str) -> Module | None:
        text = self._files.read(file)
        return _parsed(self.language, file, text) if text is not None else None

    def resolve(self, importer: str, module: str) -> str | None:
        return self._files.resolve_module(module, importer)

    def shown(self, file: str) -> str:
        return self._located.shown(file)


@functools.lru_cache(maxsize=_MOST_MODULES)
def _parsed(language: str, path: str, text: str) -> Module | None:
    """The syntax tree of a file, kept by its text: functions and templates that share a file share its tree."""
    try:
        return _parser(language)(path, text)
    except ValueError:
        return None


def _parser(language: str) -> Callable[[str, str], Module]:
    if language == locate.PYTHON:
        from cfnlint_eda_rules.handlers import python

        return python.parse
    from cfnlint_eda_rules.handlers import javascript

    return javascript.parse

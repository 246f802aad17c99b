"""From where a function's code is to what its source does: located, parsed once per file and run,
evaluated.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import islice

from cfnlint_eda_rules.budget import TEXT, Exhausted, current
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.facts import Call, MissingModule, Mount, Source, Unread
from cfnlint_eda_rules.handlers.interpreter.language import Models
from cfnlint_eda_rules.handlers.languages import registry
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.source import locate as located_source
from cfnlint_eda_rules.handlers.source.code import Code, Located, Modules
from cfnlint_eda_rules.handlers.source.data import data_of
from cfnlint_eda_rules.handlers.source.files import Files, ProjectFiles
from cfnlint_eda_rules.handlers.syntax import Module
from cfnlint_eda_rules.handlers.trees import parsed
from cfnlint_eda_rules.template.boundary import folder_of

LOGGER = logging.getLogger(__name__)

_MOST_UNRESOLVED = 500


def locate(
    template_file: str | None,
    code: Code,
    project: ProjectFiles | None = None,
    places: dict[str, None] | None = None,
) -> tuple[Located, Modules] | None:
    """The readable source of a function in any of the languages that there are
    (`source.locate.locate`).
    """
    languages = _languages(code)
    return located_source.locate(template_file, code, languages, project, places)


def _languages(code: Code) -> Sequence[Language]:
    # An image may hold any language, whatever runtime the template says.
    return registry.of_runtime("" if code.image else code.runtime)


def read(
    template_file: str | None,
    code: Code,
    shown_from: str | None = None,
    project: ProjectFiles | None = None,
    kept: dict[Hashable, Source | Unread] | None = None,
) -> Source | Unread:
    """What the function's source does, or why there is none that can be read, parsed and followed.
    Never raises for bad input.

    Its files are named relative to the folder of `template_file`, or of the template `shown_from`
    that nests it. `project` is what may be read for the template and all it nests; `kept` has what
    was read for other functions, so that those that share a handler are read once.
    """
    places: dict[str, None] = {}
    found = locate(template_file, code, project, places)
    if found is None:
        if project is not None and project.boundary.exhausted:
            return Unread("it was not found among the files and folders that a run may look up")
        return _not_found(code, folder_of(shown_from or template_file), tuple(places))
    located, modules = found
    if shown_from is not None:
        located = replace(located, base=folder_of(shown_from))
    language = registry.named(located.language)
    if language is None:
        return Unread(f"{located.language} is not read")
    key = (located, code.layers)
    if kept is None or key not in kept:
        source = _read(language, located, modules)
        if kept is None:
            return source
        kept[key] = source
    return kept[key]


def _not_found(code: Code, base: str, places: tuple[str, ...]) -> Unread:
    if not code.image and not _languages(code):
        return Unread(f"{code.runtime or 'its runtime'} is no language that is read")
    if code.inline is not None:
        return Unread("the code in the template is in no language that is read")
    if code.image and not places:
        return Unread("no Dockerfile of its image was found")
    shown = tuple(os.path.relpath(place, base) if base else place for place in places)
    return Unread(f"{code.handler or 'what is started'} was not found", shown)


def _read(language: Language, located: Located, modules: Modules) -> Source | Unread:
    """What the source does that a built file names, or, where it names none that can be followed,
    what that file does.
    """
    if located.inline is None:
        files = modules.files
        found = language.original(files, located.entry, located.symbol)
        if found is not None:
            original = replace(located, entry=found.entry)
            own = Files(files.project, given=found.texts)
            source = _followed(
                language, original, language.modules(own, located.roots, modules.layers)
            )
            if isinstance(source, Source):
                return source
    source = _followed(language, located, modules)
    return _placed(language, located, modules, source) if isinstance(source, Source) else source


def _placed(language: Language, located: Located, modules: Modules, source: Source) -> Source:
    """Calls in a bundle are named by the module that it says they come from, too."""
    built = located.shown(located.entry)
    place_of = language.places(modules.files.read(located.entry) or "")

    def file(call: Call | Mount) -> str:
        place = place_of(call.line) if call.file == built else ""
        return f"{place} in {built}" if place else call.file

    return replace(
        source,
        calls=tuple(replace(call, file=file(call)) for call in source.calls),
        mounts=tuple(replace(mount, file=file(mount)) for mount in source.mounts),
    )


def _followed(language: Language, located: Located, modules: Modules) -> Source | Unread:
    from cfnlint_eda_rules.handlers.interpreter.evaluator import evaluate
    from cfnlint_eda_rules.handlers.libraries import Libraries

    program = _Program(language, located, modules)
    libraries = Libraries(language.name)
    entry = located.shown(located.entry)
    try:
        source = evaluate(program, language, libraries)
    except MemoryError:
        raise
    except Exhausted as exhausted:
        return Unread(f"{entry} takes {exhausted}")
    except Exception:
        # A handler is foreign code in a language that goes on growing: what cannot be followed is
        # no error of the template, but one of ours, which nobody may miss.
        LOGGER.exception("%s cannot be followed", located.entry)
        return Unread(f"{entry} cannot be followed")
    if source is None:
        return Unread(f"{entry} cannot be parsed or has no {located.symbol or 'handler'}")
    if program.hides_calls and not _sees_calls(source):
        # Nothing told the clients: calls went unseen and the function would be cleared of all.
        return Unread(f"{entry} has the AWS SDK in it, and its calls cannot be told")
    missing, unmodelled = program.unread(libraries)
    return replace(source, web_adapter=located.web_adapter, missing=missing, unmodelled=unmodelled)


def _sees_calls(source: Source) -> bool:
    return bool(source.mounts) or any(call.service for call in source.calls)


def _library(module: str) -> str:
    """The first part of a module's name, of a scoped package of JavaScript both."""
    if module.startswith("@"):
        return "/".join(module.split("/")[:2])
    return re.split(r"[./]", module, maxsplit=1)[0]


class _Program:
    """A located function as the interpreter's `Program`."""

    def __init__(self, language: Language, located: Located, modules: Modules) -> None:
        self.entry = located.entry
        self.symbol = located.symbol
        self.hides_calls = False
        self._language = language
        self._located = located
        self._modules = modules
        self._unresolved: dict[tuple[str, str], None] = {}
        self._worked_out: set[tuple[str, str]] = set()

    def load(self, file: str) -> Module | None:
        text = self._modules.files.read(file)
        if text is None:
            return None
        current().spend_once(TEXT, (self._language.name, file, hash(text)), len(text))
        self.hides_calls = self.hides_calls or self._language.hides_calls(text)
        return parsed(self._language, file, text)

    def resolve(self, importer: str, module: str) -> str | None:
        found = self._modules.resolve(module, importer)
        if found is None:
            self._unresolved.setdefault((module, importer))
        return found

    def has_module(self, importer: str, name: str) -> bool:
        found = self._modules.resolve(name, importer) is not None
        if not found:
            self._worked_out.add((name, importer))
        return found

    def unread(self, libraries: Models) -> tuple[tuple[MissingModule, ...], tuple[str, ...]]:
        """The modules of the project that were not found, and the libraries without a model that
        call AWS.
        """
        rows = load("other_libraries").get(self._language.name, {})
        missing: dict[str, MissingModule] = {}
        unmodelled: dict[str, None] = {}
        for module, importer in islice(self._unresolved, _MOST_UNRESOLVED):
            if self._language.module(module) or libraries.module(module):
                continue
            if _library(module) in rows.get("calls_aws", ()):
                unmodelled.setdefault(_library(module))
                continue
            worked_out = (module, importer) in self._worked_out
            below = any(module.startswith((f"{name}.", f"{name}/")) for name in missing)
            places = None if worked_out or below else self._modules.missing(module, importer)
            if places is not None:
                shown = tuple(self.shown(place) for place in places)
                missing.setdefault(module, MissingModule(module, self.shown(importer), shown))
        return tuple(missing.values()), tuple(unmodelled)

    def shown(self, file: str) -> str:
        return self._located.shown(file)

    def modules_like(self, importer: str, before: str, after: str) -> Sequence[str]:
        return self._modules.like(before, after, importer)

    def content(self, importer: str, path: str) -> str | None:
        return data_of(self._modules.files, self._located.roots, importer, path)

"""Where a function's source lies, from what its template says: candidate names are looked up,
nothing is run, fetched, written or walked.

Only the template's project is readable (`template.boundary`). Where the code may be is asked of the
finders, one kind of place each, the most certain first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cfnlint_eda_rules.handlers.source import finders
from cfnlint_eda_rules.handlers.source.code import (
    Code,
    Layout,
    Located,
    Modules,
)
from cfnlint_eda_rules.handlers.source.files import Files, ProjectFiles
from cfnlint_eda_rules.handlers.source.images import Image, image_of
from cfnlint_eda_rules.handlers.source.layers import layer_folders, layer_roots
from cfnlint_eda_rules.handlers.source.places import code_folders, located
from cfnlint_eda_rules.handlers.source.search import Entry, Finder, Search
from cfnlint_eda_rules.handlers.source.started import entry_of, script, started
from cfnlint_eda_rules.template.boundary import Boundary, folder_of, project_root

FINDERS: tuple[Finder, ...] = (
    finders.the_file_itself,
    finders.built_by_sam,
    finders.where_the_template_says,
    finders.built_by_make,
    finders.beside_the_archive,
    finders.beside_the_build_folder,
    finders.built_by_the_toolchain,
    finders.by_the_same_names_in_the_sources,
    finders.named_like_it,
)


def project_of(template_file: str | None) -> ProjectFiles:
    """What may be read for a template; nothing when it lies nowhere."""
    known = template_file and "\0" not in template_file
    return ProjectFiles(Boundary(project_root(template_file) if known and template_file else ""))


def locate(
    template_file: str | None,
    code: Code,
    languages: Sequence[Layout],
    project: ProjectFiles | None = None,
    places: dict[str, None] | None = None,
) -> tuple[Located, Modules] | None:
    """The readable source of a function and the finder of its modules.

    `languages` are those that its runtime may run. None when there is none: the code is elsewhere,
    outside the project, missing, or in another language. `project` is shared by all functions of a
    template; `places` gathers where was looked.
    """
    places = {} if places is None else places
    if not languages:
        return None
    base = folder_of(template_file)
    files = Files(project or project_of(template_file))
    if code.inline is not None:
        return _inline(files, base, code, languages)
    if not base:
        return None
    image = image_of(files, base, code) if code.image else None
    if code.image and image is None:
        return None
    for language in languages:
        search = _search(files, base, code, language, image, places)
        entry = _entry(search)
        if entry is not None:
            return _located(search, entry, image, search.symbol)
    search = _search(files, base, code, languages[0], image, places)
    return _started(search, languages, image)


def _started(
    search: Search, languages: Sequence[Layout], image: Image | None
) -> tuple[Located, Modules] | None:
    """The module of a program that serves without a handler."""
    if image is None:
        text = script(search.files, search.folders, search.handler)
    else:
        text = image.command if not search.handler else None
    start = None if text is None else started(search.files, languages, search.folders, text)
    entry = None if start is None else entry_of(search.files, search.folders, start)
    if start is None or entry is None:
        return None
    return _located(replace(search, language=start.language), entry, image, start.symbol)


def is_local(code: Code) -> bool:
    """Whether a template names a place beside it, not one in a bucket or registry, nor the code."""
    named = code.docker_context or code.dockerfile or code.asset_path
    if code.inline is not None or code.image:
        return bool(named) and code.inline is None
    return bool(named) or (code.location is not None and "://" not in code.location)


def is_there(template_file: str, code: Code, project: ProjectFiles) -> bool:
    """Whether anything lies at the places that a template names as a function's code."""
    base = folder_of(template_file)
    places = [code.location or "", code.docker_context, code.asset_path]
    paths = [located(base, place) for place in places if place] or [base]
    return any(project.holds(path) or project.has_folder(path) for path in paths)


def web_adapter(template_file: str | None, code: Code, project: ProjectFiles | None = None) -> bool:
    """Whether the Dockerfile of an image, of whatever language, copies the Lambda Web Adapter."""
    base = folder_of(template_file)
    if not base or not code.image:
        return False
    image = image_of(Files(project or project_of(template_file)), base, code)
    return image is not None and image.web_adapter


def _inline(
    files: Files, base: str, code: Code, languages: Sequence[Layout]
) -> tuple[Located, Modules] | None:
    text = code.inline or ""
    possible = [language for language in languages if language.inline_file]
    if not possible:
        return None
    language = next((one for one in possible if one.looks_like(text)), possible[0])
    files = Files(files.project, {language.inline_file: text})
    search = Search(files, base, code, code.handler or "index.handler", language, ())
    return _located(search, Entry(language.inline_file, ""), None, search.symbol)


def _search(
    files: Files,
    base: str,
    code: Code,
    language: Layout,
    image: Image | None,
    places: dict[str, None],
) -> Search:
    if image is not None:
        handler = code.docker_command or image.handler
        return Search(files, base, code, handler, language, image.folders, (), places)
    folders, archives = map(tuple, code_folders(files, base, code))
    return Search(files, base, code, code.handler, language, folders, archives, places)


def _located(
    search: Search, entry: Entry, image: Image | None, symbol: str
) -> tuple[Located, Modules]:
    files, language = search.files, search.language
    own = [entry.root] if entry.root else []
    own += [folder for folder in search.folders if folder != entry.root] if image else []
    layers = layer_folders(files, search.base, search.code.layers)
    below = [root for layer in layers for root in layer_roots(files, layer, language)]
    roots = tuple(dict.fromkeys((*own, *below)))
    located = Located(
        language.name,
        entry.file,
        symbol,
        roots,
        search.code.inline,
        image is not None and image.web_adapter,
        search.base,
    )
    return located, language.modules(files, roots, layers)


def _entry(search: Search) -> Entry | None:
    if not search.parts:
        return None
    return next((entry for finder in FINDERS for entry in finder(search)), None)

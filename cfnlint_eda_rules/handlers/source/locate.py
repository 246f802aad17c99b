"""Where a function's source lies, from what its template says: candidate names are looked up,
nothing is run, fetched, written or walked.

Only the template's project is readable (`template.boundary`). Where the code may be is asked of the
finders, one kind of place each, the most certain first.
"""

# ruff: noqa: PTH118, PTH119, PTH120, PTH206

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterator

from cfnlint_eda_rules.handlers.source.code import (
    JAVASCRIPT,
    PYTHON,
    Code,
    Located,
    Modules,
)
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.handler import (
    entry_points,
    is_source,
    module_file,
    module_parts,
    split,
)
from cfnlint_eda_rules.handlers.source.images import Image, image_of
from cfnlint_eda_rules.handlers.source.javascript_modules import JavaScriptModules
from cfnlint_eda_rules.handlers.source.layers import layer_folders, layer_roots
from cfnlint_eda_rules.handlers.source.packages import Packages, sources
from cfnlint_eda_rules.handlers.source.python_modules import PythonModules
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.boundary import Boundary, folder_of, project_root

_LOOKS_LIKE_JAVASCRIPT = re.compile(
    r"^[ \t]*(?:const|let|var|exports\.|module\.exports|export )|=>|^import [^\n]* from ['\"]",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Search:
    """What is sought: the module of `handler`, from the template's folder `base`; `folders` are
    where the template says the code is, the most certain first (one may be a file).
    """

    files: Files
    base: str
    code: Code
    handler: str
    language: str
    folders: tuple[str, ...]

    @property
    def parts(self) -> list[str]:
        """The names on the way to the handler's module."""
        return module_parts(self.handler, self.language)


@dataclass(frozen=True, slots=True)
class Entry:
    """A handler's file, and the folder that its modules are imported from."""

    file: str
    root: str


Finder = Callable[[Search], Iterator[Entry]]


def boundary_of(template_file: str | None) -> Boundary:
    """What may be read for a template; nothing when it lies nowhere."""
    known = template_file and "\0" not in template_file
    return Boundary(project_root(template_file) if known and template_file else "")


def locate(
    template_file: str | None, code: Code, boundary: Boundary | None = None
) -> tuple[Located, Modules] | None:
    """The readable source of a function and the finder of its modules.

    None when there is none: the code is elsewhere, outside the project, missing, or in another
    language. `boundary` is shared by all functions of a template.
    """
    languages = _languages(code)
    if not languages:
        return None
    base = folder_of(template_file)
    files = Files(boundary or boundary_of(template_file))
    if code.inline is not None:
        return _inline(files, base, code, languages)
    if not base:
        return None
    image = image_of(files, base, code) if code.image else None
    if code.image and image is None:
        return None
    for language in languages:
        search = _search(files, base, code, language, image)
        entry = _entry(search)
        if entry is not None:
            return _located(search, entry, image)
    return None


def web_adapter(template_file: str | None, code: Code, boundary: Boundary | None = None) -> bool:
    """Whether the Dockerfile of an image, of whatever language, copies the Lambda Web Adapter."""
    base = folder_of(template_file)
    if not base or not code.image:
        return False
    image = image_of(Files(boundary or boundary_of(template_file)), base, code)
    return image is not None and image.web_adapter


def _languages(code: Code) -> tuple[str, ...]:
    if code.image or not code.runtime:
        return (PYTHON, JAVASCRIPT)
    if code.runtime.startswith("python"):
        return (PYTHON,)
    return (JAVASCRIPT,) if code.runtime.startswith("nodejs") else ()


def _inline(
    files: Files, base: str, code: Code, languages: tuple[str, ...]
) -> tuple[Located, Modules]:
    text = code.inline or ""
    javascript = len(languages) > 1 and _LOOKS_LIKE_JAVASCRIPT.search(text)
    language = JAVASCRIPT if javascript else languages[0]
    name = "index.py" if language == PYTHON else "index.js"
    files = Files(files.boundary, {name: text})
    search = Search(files, base, code, code.handler or "index.handler", language, ())
    return _located(search, Entry(name, ""), None)


def _search(files: Files, base: str, code: Code, language: str, image: Image | None) -> Search:
    if image is None:
        folders = tuple(_code_folders(base, code))
        return Search(files, base, code, code.handler, language, folders)
    handler = code.docker_command or image.handler
    return Search(files, base, code, handler, language, image.folders)


def _located(search: Search, entry: Entry, image: Image | None) -> tuple[Located, Modules]:
    files, language = search.files, search.language
    own = [entry.root] if entry.root else []
    own += [folder for folder in search.folders if folder != entry.root] if image else []
    layers = layer_folders(files, search.base, search.code.layers)
    below = [root for layer in layers for root in layer_roots(files, layer, language)]
    roots = tuple(dict.fromkeys((*own, *below)))
    located = Located(
        language,
        entry.file,
        split(search.handler, language)[1],
        roots,
        search.code.inline,
        image is not None and image.web_adapter,
        search.base,
    )
    if language == PYTHON:
        return located, PythonModules(files, roots)
    return located, JavaScriptModules(files, roots, layers)


def _entry(search: Search) -> Entry | None:
    if not search.parts:
        return None
    return next((entry for finder in FINDERS for entry in finder(search)), None)


# --------------------------------------------------------------------------------------------------


def _code_folders(base: str, code: Code) -> Iterator[str]:
    """Folders (or the one file) that the code may be in, the most certain first."""
    place = code.location
    if code.asset_path:
        yield _path(base, code.asset_path)
    for key in (code.s3_key, place or ""):
        name = posixpath.basename(key)
        if name.endswith(".zip"):
            asset = name.removesuffix(".zip")
            for folder in (base, os.path.dirname(base)):
                yield os.path.join(
                    folder, asset if asset.startswith("asset.") else "asset." + asset
                )
    if place is not None and "://" not in place and not place.endswith((".zip", ".jar", ".war")):
        yield _path(base, place)
    if code.logical_id:
        yield _path(base, os.path.join(".aws-sam", "build", code.logical_id))
    # The Serverless Framework writes its template into `.serverless`; handlers are named from the
    # folder of `serverless.yml`, above.
    if place is None and os.path.basename(base) == ".serverless":
        yield os.path.dirname(base)


def _path(folder: str, name: str) -> str:
    return os.path.normpath(os.path.join(folder, name))


def _the_file_itself(search: Search) -> Iterator[Entry]:
    for folder in search.folders:
        if is_source(folder, search.language) and search.files.holds(folder):
            yield Entry(folder, os.path.dirname(folder))


def _entry_points(search: Search) -> Iterator[Entry]:
    """Metadata BuildProperties of a SAM function that esbuild builds."""
    points = search.code.entry_points if search.language == JAVASCRIPT else ()
    packages = Packages(search.files)
    for folder in search.folders if points else ():
        for point in entry_points("/".join(search.parts), points):
            file = packages.file(_path(folder, point))
            if file is not None:
                yield Entry(file, folder)


def _where_the_template_says(search: Search) -> Iterator[Entry]:
    for folder in search.folders:
        file = module_file(search.files, os.path.join(folder, *search.parts), search.language)
        if file is not None:
            yield Entry(file, folder)


def _beside_the_build_folder(search: Search) -> Iterator[Entry]:
    """What a build step writes is often not there: the sources it is made from have the same
    names.
    """
    for folder in search.folders:
        place = os.path.relpath(folder, search.base)
        for variant in sources([] if place == os.curdir else place.split(os.sep)):
            root = _path(search.base, os.path.join(".", *variant))
            for named in sources(search.parts):
                file = module_file(search.files, os.path.join(root, *named), search.language)
                if file is not None:
                    yield Entry(file, root)


FINDERS: tuple[Finder, ...] = (
    _the_file_itself,
    _entry_points,
    _where_the_template_says,
    _beside_the_build_folder,
)

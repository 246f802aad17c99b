"""Finders of a handler's file: one kind of place each, asked in the order of `locate.FINDERS`."""

# ruff: noqa: PTH118, PTH119, PTH120, PTH122, PTH206

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator

from cfnlint_eda_rules.handlers.source.handler import is_source
from cfnlint_eda_rules.handlers.source.makefile import built_from
from cfnlint_eda_rules.handlers.source.packages import BUILD_FOLDERS, Packages, sources
from cfnlint_eda_rules.handlers.source.places import ARCHIVES, located
from cfnlint_eda_rules.handlers.source.search import Entry, Search, only
from cfnlint_eda_rules.handlers.source.tree import holds_tests, likeness

# What is left of the names of modules that many functions have (`tree.likeness`).
_EVERY_SECOND = frozenset(
    {"app", "index", "main", "handler", "lambda", "lambdafunction", "function", "src", "code"}
)
_CDK_HASH = re.compile(r"[0-9A-F]{8}$")


def the_file_itself(search: Search) -> Iterator[Entry]:
    """The template names the file."""
    for folder in search.folders:
        if is_source(folder, search.language) and search.files.holds(folder):
            yield Entry(folder, os.path.dirname(folder))


def built_by_sam(search: Search) -> Iterator[Entry]:
    """Metadata BuildProperties of a SAM function that esbuild builds."""
    points = search.language.entry_points("/".join(search.parts), search.code.entry_points)
    packages = Packages(search.files)
    for folder in search.folders:
        for point in points:
            file = packages.file(located(folder, point))
            if file is not None:
                yield Entry(file, folder)


def where_the_template_says(search: Search) -> Iterator[Entry]:
    """In the folder, or the archive that can be opened."""
    for folder in search.folders:
        entry = search.module(folder, search.parts)
        if entry is not None:
            yield entry


def built_by_make(search: Search) -> Iterator[Entry]:
    """Metadata BuildMethod makefile: in what the target copies."""
    code = search.code
    place = located(search.base, code.location or ".") if code.makefile else ""
    folder = located(place, code.working_directory) if place else ""
    for copied, inside in built_from(search.files, folder, code.logical_id) if folder else ():
        names = inside.split("/") if inside else []
        if search.parts[: len(names)] == names:
            entry = search.module(copied, search.parts[len(names) :])
            if entry is not None:
                yield entry


def beside_the_archive(search: Search) -> Iterator[Entry]:
    """An archive that is not there is packed from the folder of its name, or the one that it lies
    in.
    """
    for archive in search.archives:
        stem = os.path.splitext(archive)[0]
        for folder in (*_before_build(search, stem), os.path.dirname(archive)):
            entry = search.fitting(folder)
            if entry is not None:
                yield entry


def beside_the_build_folder(search: Search) -> Iterator[Entry]:
    """What a build step writes is often not there: the sources it is made from have the same
    names.
    """
    for folder in search.folders:
        for root in _before_build(search, folder):
            for named in sources(search.parts):
                entry = search.module(root, named)
                if entry is not None:
                    yield entry


def _before_build(search: Search, folder: str) -> Iterator[str]:
    """A folder, then those that a build makes it from."""
    place = os.path.relpath(folder, search.base)
    for variant in sources([] if place == os.curdir else place.split(os.sep)):
        yield located(search.base, os.path.join(".", *variant))


def built_by_the_toolchain(search: Search) -> Iterator[Entry]:
    """What the project's build tools say that the handler's module is made from."""
    folders = [folder for folder in search.folders if not is_source(folder, search.language)]
    targets = [os.path.join(folder, *search.parts) for folder in folders]
    for files in search.language.built_from(search.files, search.base, targets, search.code):
        if len(set(files)) == 1:
            yield Entry(files[0], os.path.dirname(files[0]))


def by_the_same_names_in_the_sources(search: Search) -> Iterator[Entry]:
    """A build folder keeps the last names of the sources' folders: `dist/confirm/handler.js` is
    made from the one `confirm/handler.ts` below `src`, or below the folder that is built.
    """
    for folder in search.folders:
        names = [*os.path.relpath(folder, search.base).split(os.sep), *search.parts]
        index = next((i for i, name in enumerate(names) if name in BUILD_FOLDERS), None)
        rest = names[index + 1 :] if index is not None else []
        if index is None or len(rest) < 2:
            continue
        above = located(search.base, os.path.join(".", *names[:index]))
        yield from only(_ending_in(search, above, rest))


def _ending_in(search: Search, above: str, rest: list[str]) -> Iterator[Entry | None]:
    """The modules below a folder whose path ends in `rest`."""
    tail = os.sep + os.path.join(*rest[:-1])
    below = above.rstrip(os.sep) + os.sep
    for folder in search.files.project.tree.named(rest[-2]):
        if folder.startswith(below) and folder.endswith(tail):
            entry = search.module(folder, rest[-1:])
            yield None if entry is None else Entry(entry.file, folder)


def named_like_it(search: Search) -> Iterator[Entry]:
    """Code in a bucket, or in an archive that is not there: in the one folder of the project that
    is named like it or like the function and holds the handler's file, or in the template's own.
    """
    code = search.code
    if code.location is not None and not search.archives and "://" not in code.location:
        return
    tree = search.files.project.tree
    for name in _names(search):
        yield from only(_in_or_from_above(search, folder) for folder in tree.named(name))
    own = search.fitting(search.base)
    if own is not None:
        yield own
    yield from only(_by_its_own_name(search))


def _in_or_from_above(search: Search, folder: str) -> Entry | None:
    """The handler's module in a folder; a handler may be named from above it, by the folder's own
    name.
    """
    found = search.fitting(folder)
    if found is not None or search.parts[0] != os.path.basename(folder):
        return found
    return search.fitting(os.path.dirname(folder))


def _by_its_own_name(search: Search) -> Iterator[Entry | None]:
    """The modules of the project that are called as the handler's is, unless every second is."""
    *folders, name = search.parts
    if not folders and likeness(name) in _EVERY_SECOND:
        return
    tail = os.sep + os.path.join(*folders) if folders else ""
    for folder in search.files.project.tree.folders:
        if folder.endswith(tail) and not holds_tests(folder):
            found = search.module(folder, [name], note=False)
            root = folder[: -len(tail)] if tail else folder
            yield None if found is None else Entry(found.file, root)


def _names(search: Search) -> Iterator[str]:
    code = search.code
    for place in (code.s3_key, code.location or "", *search.archives):
        stem = posixpath.basename(place)
        for ending in ARCHIVES:
            stem = stem.removesuffix(ending)
        yield stem
    yield code.function_name
    yield _CDK_HASH.sub("", code.logical_id)

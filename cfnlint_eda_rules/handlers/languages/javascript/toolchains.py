"""The sources that a build of the project makes a file from, as its tools are told:
`tsconfig.json`, scripts of `package.json`, configurations of esbuild, webpack, rollup, tsup, vite.

Configurations are programs: what they say is read as data, nothing runs. A part of a path that is
not known may be anything.

https://www.typescriptlang.org/tsconfig/, https://esbuild.github.io/api/,
https://webpack.js.org/configuration/, https://rollupjs.org/configuration-options/,
https://tsup.egoist.dev, https://vite.dev/config/build-options
"""

# ruff: noqa: PTH118, PTH119, PTH120, PTH122

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import islice

from cfnlint_eda_rules.handlers.languages.javascript import configurations
from cfnlint_eda_rules.handlers.languages.javascript.configurations import Build
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import Packages, upwards
from cfnlint_eda_rules.handlers.source.typescript import CompilerOptions

MOST_FOLDERS = 20
MOST_SCRIPTS = 50
MOST_BUILDS = 200
MOST_CANDIDATES = 50
LONGEST_SCRIPT = 4_000

_TOOLS = ("webpack", "rollup", "vite", "tsup", "esbuild", "build", "tsdown", "rolldown")
_CONFIGURATION = re.compile(
    r"(?:(?:webpack|rollup|vite|tsup|esbuild|tsdown|rolldown)[\w.-]{0,40}|build)\.[cm]?[jt]s|tsup\.config\.json"
)
_SCRIPT_FILE = re.compile(r"[\w@./-]{1,200}\.[cm]?[jt]s")
_GLOB = re.compile(r"[*?{\[]")
_RUNNERS = frozenset(("node", "tsx", "ts-node", "bun", "esr", "zx", "jiti"))
_OUT_FOLDERS = frozenset(("--outdir", "--out-dir", "-d", "--dir", "-o", "--output-path", "--out"))
_OUT_FILES = frozenset(("--outfile", "-o", "--file", "--out-file", "--out"))
_BUILDERS = frozenset(
    ("esbuild", "tsup", "rollup", "webpack", "ncc", "vite", "swc", "babel", "parcel", "bun")
)


def sources_of(files: Files, base: str, targets: Iterable[str], code: Code) -> Iterator[list[str]]:
    """The files that the tools make `targets` from, which have no extensions: a list for each tool
    that says so, the most certain first.
    """
    wanted = list(targets)
    folders: dict[str, None] = {}
    for place in (*map(os.path.dirname, wanted), base):
        folders.update(dict.fromkeys(upwards(files, place)))
    packages = Packages(files)
    for folder in islice(folders, MOST_FOLDERS):
        for target in wanted:
            yield _compiled(files, packages, folder, target)
        builds = list(islice(_builds(files, folder), MOST_BUILDS))
        for target in wanted:
            yield _written(packages, folder, builds, target)
        yield _named(packages, folder, builds, wanted, code)


def _compiled(files: Files, packages: Packages, folder: str, target: str) -> list[str]:
    """What TypeScript compiles to the target."""
    candidates = CompilerOptions(files).sources(folder, target)
    return _files(packages, candidates)


def _files(packages: Packages, candidates: Iterable[str]) -> list[str]:
    found = (packages.file(candidate) for candidate in islice(candidates, MOST_CANDIDATES))
    return list(dict.fromkeys(file for file in found if file is not None))


# --------------------------------------------------------------------------------------------------


def _builds(files: Files, folder: str) -> Iterator[Build]:
    """What the tools configured in a folder build."""
    read: set[str] = set()
    for script in _scripts(files, folder):
        for command in re.split(r"&&|\|\||[;|\n]", script)[:MOST_SCRIPTS]:
            words = _words(command)
            build = _commanded(words)
            if build is not None:
                yield build
            for name in words:
                if _SCRIPT_FILE.fullmatch(name) and _is_configuration(words, name):
                    read.add(os.path.normpath(os.path.join(folder, name)))
    for name in files.names(folder):
        if _CONFIGURATION.fullmatch(name):
            read.add(os.path.join(folder, name))
    for path in sorted(read)[:MOST_SCRIPTS]:
        if files.holds(path):
            yield from configurations.builds(path, files.text(path) or "", folder)


def _is_configuration(words: list[str], name: str) -> bool:
    """Whether a command runs a file, or is configured by it."""
    before = words[max(words.index(name) - 1, 0)]
    return os.path.basename(words[0]) in _RUNNERS or before in ("-c", "--config", "-r")


def _scripts(files: Files, folder: str) -> Iterator[str]:
    scripts = Packages(files).package(folder).get("scripts")
    for script in list(scripts.values())[:MOST_SCRIPTS] if isinstance(scripts, dict) else ():
        if isinstance(script, str) and len(script) < LONGEST_SCRIPT:
            yield script


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    while words and (words[0] in ("npx", "pnpm", "yarn", "exec", "bunx") or "=" in words[0]):
        words = words[1:]
    return words


def _commanded(words: list[str]) -> Build | None:
    """What one command builds: `esbuild src/a.ts --bundle --outfile=dist/a.js`."""
    if not words or os.path.basename(words[0]) not in _BUILDERS:
        return None
    entries: list[tuple[str, str]] = []
    out = ""
    rest = iter(words[1:])
    for word in rest:
        option, equals, value = word.partition("=")
        if word.startswith("-"):
            if option in _OUT_FOLDERS or option in _OUT_FILES:
                out = value if equals else next(rest, "")
            elif option in ("-i", "--input", "--entry"):
                entries.append(("", value if equals else next(rest, "")))
        elif equals and configurations.is_source(value):
            entries.append((option, value))
        elif configurations.is_source(word) or _GLOB.search(word):
            entries.append(("", word))
    is_file = bool(re.search(r"\.[cm]?js$", out))
    if not entries:
        return None
    return Build(tuple(entries), "" if is_file else out, out if is_file else "")


# --------------------------------------------------------------------------------------------------


def _written(packages: Packages, folder: str, builds: list[Build], target: str) -> list[str]:
    """What the builds of a folder write to the target."""
    candidates: list[str] = []
    for build in builds:
        if build.file and _stem(_below(folder, build.file)) == target:
            candidates += [_below(folder, entry) for _, entry in build.entries[:1]]
        output = _below(folder, build.folder) if build.folder else ""
        if output and target.startswith(output + os.sep):
            rest = target[len(output) + 1 :]
            candidates += [_below(folder, entry) for entry in _fitting(build, rest)]
    return _files(packages, candidates)


def _fitting(build: Build, rest: str) -> Iterator[str]:
    """The entries that become the file `rest` of the output folder."""
    plain = [entry for name, entry in build.entries if not name]
    names = [name for name in (rest, os.path.dirname(rest)) if name]
    yield from (entry for name, entry in build.entries if name and name in names)
    shared = _common([os.path.dirname(entry.partition("*")[0] + "x") for entry in plain])
    for entry in plain:
        before, glob, _ = entry.partition("*")
        if glob:
            yield os.path.join(os.path.dirname(before), rest)
        else:
            stem = _stem(os.path.normpath(entry))
            if os.path.relpath(stem, shared or ".") == rest or os.path.basename(stem) == rest:
                yield entry


def _common(folders: list[str]) -> str:
    try:
        return os.path.commonpath([os.path.normpath(folder) for folder in folders])
    except ValueError:
        return ""


def _named(
    packages: Packages, folder: str, builds: list[Build], targets: list[str], code: Code
) -> list[str]:
    """Entries with the very name that the handler's module, its code or the function has: where the
    template does not say that the code comes out of this build.
    """
    module = code.handler.rpartition(".")[0]
    names = {_plain(module), *(_plain(name) for name in module.split("/")[-1:])}
    names |= {_plain(os.path.basename(os.path.dirname(target))) for target in targets}
    names |= {_plain(name) for name in code.s3_key.removesuffix(".zip").split("/")[-2:]}
    names |= {_plain(code.function_name), _plain(code.logical_id)}
    names -= {"", "index", "handler", "main", "app", "src", "dist"}
    candidates = [
        _below(folder, entry)
        for build in builds
        for name, entry in build.entries
        if "*" not in entry and _plain(name or os.path.basename(_stem(entry))) in names
    ]
    return _files(packages, candidates)


def _plain(name: str) -> str:
    return re.sub(r"[-_./]", "", name).lower()


def _below(folder: str, name: str) -> str:
    return os.path.normpath(os.path.join(folder, name))


def _stem(path: str) -> str:
    return os.path.splitext(path)[0]

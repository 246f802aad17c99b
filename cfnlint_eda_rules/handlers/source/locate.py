"""Where a function's source lies, from what its template says: candidate names are looked up,
nothing is run, fetched, written or walked.

Only the template's project is readable: the folders below the nearest ancestor that holds `.git`,
else below the template's own folder. Paths are plain text here: hundreds of candidate names may be
looked up for one template, and `pathlib` would cost more than the looking.
"""

# ruff: noqa: PTH100, PTH114, PTH116, PTH118, PTH119, PTH120, PTH122, PTH123, PTH206

from __future__ import annotations

import functools
import itertools
import json
import os
import posixpath
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from cfnlint_eda_rules.records import dataclass

LARGEST_FILE = 1 << 20
MOST_FILES = 200
MOST_DISTRIBUTIONS = 500
MOST_INSTRUCTIONS = 500
MOST_COPIES = 200
DEEPEST_PATH = 50

PYTHON = "python"
JAVASCRIPT = "javascript"

_EXTENSIONS = {
    PYTHON: (".py",),
    JAVASCRIPT: (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"),
}
# An import in TypeScript names the file that the compiler will write.
_WRITTEN_AS = {
    ".js": (".ts", ".tsx", ".jsx"),
    ".mjs": (".mts",),
    ".cjs": (".cts",),
    ".jsx": (".tsx",),
}
_BUILD_FOLDERS = frozenset(
    {"dist", "build", ".build", "out", "lib", "bundle", ".esbuild", ".webpack"}
)
_LOCAL_DEPENDENCY = ("file:", "link:", "portal:", "./", "../")
_NODE_MODULES = frozenset(
    [
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "string_decoder",
        "sys",
        "timers",
        "tls",
        "trace_events",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "wasi",
        "worker_threads",
        "zlib",
    ]
)
# Strings are kept; comments and trailing commas go. What is not closed reaches to the end, so that
# reading stays linear.
_RELAXED_JSON = re.compile(
    r'("(?:[^"\\]|\\.)*(?:"|\Z))|//[^\n]*|/\*.*?(?:\*/|\Z)|,(?=\s*[}\]])', re.DOTALL
)
_WEB_ADAPTER = re.compile(
    r"awsguru/aws-lambda-(?:web-)?adapter|/opt/extensions/lambda-adapter|lambda-adapter\S*\s+/opt/extensions"
)


@dataclass(frozen=True, slots=True)
class Code:
    """What the template says of where a function's code is, as literal text; "" and None where it
    does not say or it is not literal.

    `handler`       "app.handler", "src/handlers/x.main", "pkg.mod.func".
    `inline`        ZipFile or InlineCode.
    `location`      CodeUri or Code where it is a local path, relative to the template's folder; ""
                    when the template names no place at all
                    (the template's folder then, as SAM has it); None when the code lies elsewhere
                    (a bucket) or the place is not known.
    `entry_points`  Metadata.BuildProperties.EntryPoints.
    `asset_path`    Metadata "aws:asset:path".
    `s3_key`        the key of code in a bucket: the CDK names its asset folder by it.
    `docker_context`, `dockerfile`  Metadata.DockerContext and Dockerfile (the CDK:
                                    "aws:asset:dockerfile-path").
    `docker_command` the first of ImageConfig.Command.
    `layers`        the ContentUri folders of the function's layers in this template, in the
                    function's order.
    """

    runtime: str
    handler: str
    inline: str | None
    location: str | None
    entry_points: tuple[str, ...] = ()
    asset_path: str = ""
    s3_key: str = ""
    image: bool = False
    docker_context: str = ""
    dockerfile: str = ""
    docker_command: str = ""
    layers: tuple[str, ...] = ()
    logical_id: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """A function's readable source.

    `language`    "python" or "javascript" (also TypeScript).
    `entry`       the file of the handler's module, as `Files.read` takes it; inline code is
                  "index.py" or "index.js".
    `symbol`      the handler in it: "handler", "nested.handler".
    `roots`       folders that absolute imports start from, in order: the code folder, then those of
                  the layers.
    `web_adapter` whether the image's Dockerfile copies the Lambda Web Adapter.
    `base`        the template's folder, which file names are shown relative to; "" when there is
                  none.
    """

    language: str
    entry: str
    symbol: str
    roots: tuple[str, ...]
    inline: str | None
    web_adapter: bool
    base: str

    def shown(self, path: str) -> str:
        """`path` as messages name it: relative to the template's folder, inline code by its
        module's name.
        """
        return (
            path
            if self.inline is not None and path == self.entry
            else os.path.relpath(path, self.base or os.sep).replace(os.sep, "/")
        )


def project_root(template_file: str) -> str:
    """The real path of the folder that all files of a template lie in: the nearest ancestor holding
    `.git`, else its own folder.
    """
    folder = os.path.realpath(os.path.dirname(os.path.abspath(template_file)))
    ancestor = folder
    while not os.path.lexists(os.path.join(ancestor, ".git")):
        above = os.path.dirname(ancestor)
        if above == ancestor:
            return folder
        ancestor = above
    return ancestor


def _mapped(module: str, paths: Mapping[str, Any]) -> Iterator[str]:
    """What the patterns of `paths`, the most specific first, make of a module's name."""
    for pattern, targets in sorted(
        paths.items(), key=lambda entry: -len(entry[0].partition("*")[0])
    ):
        before, star, after = pattern.partition("*")
        if module != pattern and not (
            star
            and module.startswith(before)
            and module.endswith(after)
            and len(module) >= len(before + after)
        ):
            continue
        rest = module[len(before) : len(module) - len(after)] if star else ""
        yield from (target.replace("*", rest, 1) for target in _strings(targets))


class Files:
    """Reads one function's files inside the project folder `boundary`, and finds the files of
    modules.

    A file is regular, at most 1 MB of text and really inside the boundary, links resolved; at most
    200 different files are read.
    """

    def __init__(
        self,
        boundary: str,
        language: str = "",
        roots: Iterable[str] = (),
        layers: Iterable[str] = (),
        inline: Mapping[str, str] | None = None,
    ) -> None:
        self.boundary = boundary
        self.language = language
        self.roots = tuple(roots)
        self.layers = tuple(layers)
        self._texts: dict[str, str | None] = dict(inline or {})
        self._inline = frozenset(self._texts)
        self._left = MOST_FILES
        self._modules: dict[tuple[str, str], str | None] = {}
        self._packages: dict[str, dict[str, Any]] = {}
        self._options: dict[str, dict[str, Any] | None] = {}
        self._installed: dict[str, frozenset[str]] = {}
        self._real: dict[str, str] = {}

    def read(self, path: str) -> str | None:
        """The text of the file at the absolute `path` (or of inline code), None when it may not or
        cannot be read.
        """
        if path not in self._texts:
            text = None
            if self._left > 0 and self.holds(path):
                self._left -= 1
                text = _text(path)
            self._texts[path] = text
        return self._texts[path]

    def holds(self, path: str) -> bool:
        """Whether `path` is a regular file inside the boundary."""
        mode = _mode(path)
        return mode is not None and stat.S_ISREG(mode) and self._inside(path)

    def has_folder(self, path: str) -> bool:
        """Whether `path` is a folder inside the boundary (or the boundary)."""
        mode = _mode(path)
        return mode is not None and stat.S_ISDIR(mode) and self._inside(path)

    def _inside(self, path: str) -> bool:
        folder, name = os.path.split(path)
        if name in {"", os.curdir, os.pardir} or os.path.islink(path):
            real = os.path.realpath(path)
        else:
            if folder not in self._real:
                self._real[folder] = os.path.realpath(folder)
            real = os.path.join(self._real[folder], name)
        return bool(self.boundary) and (
            real == self.boundary or real.startswith(self.boundary.rstrip(os.sep) + os.sep)
        )

    def resolve_module(self, module: str, importer: str) -> str | None:
        """The file that `module`, as the file `importer` writes it, is loaded from; None when it is
        no file of the function.

        Python: a dotted name, relative with leading dots; a folder without `__init__.py` is a
        package whose text reads as "". JavaScript: a path or the name of a local package. Installed
        distributions and packages are no files of the function.
        """
        key = (module, importer if self._depends_on_importer(module) else "")
        if key not in self._modules:
            if not module or "\0" in module:
                found = None
            elif self.language == PYTHON:
                found = self._python(module, importer)
            else:
                found = self._javascript(module, importer)
            self._modules[key] = found
        return self._modules[key]

    def _depends_on_importer(self, module: str) -> bool:
        return (
            self.language != PYTHON
            or module.startswith(".")
            or module.partition(".")[0] not in sys.stdlib_module_names
        )

    # ----------------------------------------------------------------------------------------------

    def _python(self, module: str, importer: str) -> str | None:
        dots = len(module) - len(module.lstrip("."))
        names = module[dots:].split(".") if len(module) > dots else []
        if not all(name.isidentifier() for name in names):
            return None
        beside = "" if importer in self._inline else os.path.dirname(importer)
        if dots:
            if not beside:
                return None
            return self._python_file(
                os.path.normpath(os.path.join(beside, *[".."] * (dots - 1), *names)),
                bool(names),
                True,
            )
        standard = names[0] in sys.stdlib_module_names
        # Last, the importer's own folder: handlers in sub-folders put it on `sys.path` themselves.
        folders = [
            folder for folder in dict.fromkeys((*self.roots, "" if standard else beside)) if folder
        ]
        folders = [folder for folder in folders if names[0] not in self._distributions(folder)]
        for namespace in (False, True):
            for folder in folders:
                found = self._python_file(
                    os.path.join(folder, *names), True, namespace and not standard
                )
                if found is not None:
                    return found
        return None

    def _python_file(self, path: str, named: bool, namespace: bool) -> str | None:
        package = os.path.join(path, "__init__.py")
        if self.holds(package):
            return package
        if named and self.holds(path + ".py"):
            return path + ".py"
        if namespace and self.has_folder(path):
            self._texts.setdefault(package, "")
            return package
        return None

    def _distributions(self, root: str) -> frozenset[str]:
        """Top-level modules that pip has installed into `root`."""
        if root not in self._installed:
            names: set[str] = set()
            for entry in _folder_names(root, ".dist-info"):
                path = os.path.join(root, entry, "top_level.txt")
                if self.holds(path):
                    names.update((_text(path) or "").split())
                else:
                    record = os.path.join(root, entry, "RECORD")
                    lines = (_text(record) or "").splitlines() if self.holds(record) else []
                    names.update(
                        line.partition(",")[0].partition("/")[0].removesuffix(".py")
                        for line in lines
                    )
                    names.add(entry.partition("-")[0].lower())
            self._installed[root] = frozenset(names)
        return self._installed[root]

    # ----------------------------------------------------------------------------------------------

    def _javascript(self, module: str, importer: str) -> str | None:
        if module.startswith(("./", "../")) or module in {".", ".."}:
            if importer in self._inline:
                return None
            return self.javascript_file(
                os.path.normpath(os.path.join(os.path.dirname(importer), module))
            )
        if module.startswith("/"):
            return self._in_function(module)
        if ":" in module or module.partition("/")[0] in _NODE_MODULES:
            return None
        found = self._aliased(module, importer)
        return (
            self._javascript_package(module, importer)
            if found is None and not module.startswith("#")
            else found
        )

    def _aliased(self, module: str, importer: str) -> str | None:
        """The file that the nearest `tsconfig.json` maps the module to (TypeScript reference,
        `paths` and `baseUrl`).
        """
        if importer in self._inline:
            return None
        for folder in self._upwards(os.path.dirname(importer)):
            options = self._compiler_options(folder)
            if options is None:
                continue
            given = options.get("baseUrl")
            base = os.path.join(folder, given) if isinstance(given, str) else folder
            paths = options.get("paths")
            candidates = list(_mapped(module, paths if isinstance(paths, dict) else {}))
            candidates += [module] if isinstance(given, str) else []
            located = (
                self.javascript_file(os.path.normpath(os.path.join(base, candidate)))
                for candidate in candidates
            )
            return next((found for found in located if found is not None), None)
        return None

    def _compiler_options(self, folder: str) -> dict[str, Any] | None:
        """The `compilerOptions` of the folder's `tsconfig.json`, which may have comments and
        trailing commas; None when there is none.
        """
        if folder not in self._options:
            path = os.path.join(folder, "tsconfig.json")
            options: Any = None
            if self.holds(path):
                try:
                    found = json.loads(
                        _RELAXED_JSON.sub(lambda match: match[1] or "", _text(path) or "{}")
                    )
                except (ValueError, RecursionError):
                    found = {}
                options = found.get("compilerOptions", {}) if isinstance(found, dict) else {}
            self._options[folder] = options if isinstance(options, dict) or options is None else {}
        return self._options[folder]

    def _in_function(self, path: str) -> str | None:
        """The file at an absolute path of the function's own file system: layers are unpacked in
        /opt, its code in /var/task.
        """
        path = posixpath.normpath(path)
        if path.startswith("/opt/"):
            # A layer built from its own folder gains the runtime's folder name only in the build.
            below = path.removeprefix("/opt/")
            built = below.removeprefix("nodejs/")
            candidates = [
                os.path.join(layer, name)
                for layer in self.layers
                for name in dict.fromkeys((below, built))
            ]
        elif path.startswith("/var/task/"):
            candidates = [
                os.path.join(root, path.removeprefix("/var/task/")) for root in self.roots[:1]
            ]
        else:
            return None
        return next(
            (found for candidate in candidates if (found := self.javascript_file(candidate))), None
        )

    def javascript_file(self, path: str, as_package: bool = True) -> str | None:
        """The JavaScript or TypeScript file that `path`, with or without an extension, names; a
        folder's is its package's main file.
        """
        extension = os.path.splitext(path)[1]
        if extension in _EXTENSIONS[JAVASCRIPT]:
            stem = path.removesuffix(extension)
            for candidate in (path, *(stem + twin for twin in _WRITTEN_AS.get(extension, ()))):
                if self.holds(candidate):
                    return candidate
        for extension in _EXTENSIONS[JAVASCRIPT]:
            if self.holds(path + extension):
                return path + extension
        if not self.has_folder(path):
            return None
        if as_package and self.package(path):
            return self._package_file(path, "")
        return next(
            (
                found
                for extension in _EXTENSIONS[JAVASCRIPT]
                if self.holds(found := os.path.join(path, "index" + extension))
            ),
            None,
        )

    def package(self, folder: str) -> dict[str, Any]:
        """The `package.json` in `folder`; empty when there is none."""
        if folder not in self._packages:
            path = os.path.join(folder, "package.json")
            try:
                found = json.loads(_text(path) or "{}") if self.holds(path) else {}
            except (ValueError, RecursionError):
                found = {}
            self._packages[folder] = found if isinstance(found, dict) else {}
        return self._packages[folder]

    def _package_file(self, folder: str, subpath: str) -> str | None:
        package = self.package(folder)
        names = (
            [subpath]
            if subpath
            else [
                *_strings(package.get("source")),
                *_mains(package.get("exports")),
                *_strings(package.get("main")),
            ]
        )
        for name in (*names, "index"):
            if subpath and name == "index":
                break
            for variant in _sources(name.removeprefix("./").split("/")):
                path = os.path.normpath(os.path.join(folder, *variant))
                found = self.javascript_file(path, as_package=False)
                if found is not None:
                    return found
        return self.javascript_file(
            os.path.join(folder, "src", subpath or "index"), as_package=False
        )

    def _javascript_package(self, module: str, importer: str) -> str | None:
        parts = module.split("/")
        length = 2 if module.startswith("@") else 1
        name, subpath = "/".join(parts[:length]), "/".join(parts[length:])
        if ".." in parts or len(parts) < length:
            return None
        for folder in self._upwards("" if importer in self._inline else os.path.dirname(importer)):
            package = self.package(folder)
            if package.get("name") == name:
                return self._package_file(folder, subpath)
            wanted = _dependency(package, name)
            if wanted is not None:
                local = self._local_package(folder, name, wanted)
                return self._package_file(local, subpath) if local else None
        for root in self.roots:
            if os.path.basename(root) == "node_modules":
                wanted = _dependency(self.package(os.path.dirname(root)), name)
                if wanted is not None and not wanted.startswith(_LOCAL_DEPENDENCY):
                    continue
            found = self.javascript_file(os.path.join(root, *parts))
            if found is not None:
                return found
        return None

    def _local_package(self, folder: str, name: str, wanted: str) -> str | None:
        """The folder of a dependency that lies in the project: named by its path, linked, or one of
        a workspace.
        """
        if wanted.startswith(_LOCAL_DEPENDENCY):
            path = wanted.partition(":")[2] if ":" in wanted else wanted
            local = os.path.normpath(os.path.join(folder, path))
            return local if self.has_folder(local) else None
        for ancestor in self._upwards(folder):
            linked = os.path.join(ancestor, "node_modules", *name.split("/"))
            if (
                os.path.islink(linked)
                and self.has_folder(linked)
                and "node_modules" not in (real := os.path.realpath(linked)).split(os.sep)
            ):
                return real
            workspaces = self.package(ancestor).get("workspaces")
            patterns = workspaces.get("packages") if isinstance(workspaces, dict) else workspaces
            for pattern in _strings(patterns):
                local = os.path.normpath(
                    os.path.join(
                        ancestor,
                        re.sub(r"\*+", lambda _: name.rpartition("/")[2], pattern, count=1),
                    )
                )
                if "*" not in local and self.package(local).get("name") == name:
                    return local
        return None

    def _upwards(self, folder: str) -> Iterator[str]:
        while folder and self._inside(folder):
            yield folder
            above = os.path.dirname(folder)
            if above == folder:
                return
            folder = above


def locate(template_file: str | None, code: Code) -> tuple[Located, Files] | None:
    """The readable source of a function and the reader of its files.

    None when there is none: the code is packaged, elsewhere, outside the project, missing, or in
    another language.
    """
    languages = _languages(code)
    if not languages:
        return None
    base = (
        os.path.dirname(os.path.abspath(template_file))
        if template_file and "\0" not in template_file
        else ""
    )
    files = Files(project_root(os.path.join(base, "template")) if base else "")
    if code.inline is not None:
        language = languages[0] if len(languages) == 1 else _language_of(code.inline)
        entry = "index.py" if language == PYTHON else "index.js"
        return _located(
            files,
            code,
            language,
            entry,
            _split(code.handler or "index.handler", language)[1],
            (),
            base,
            False,
        )
    if not base:
        return None
    if code.image:
        image = _image(files, base, code)
        if image is None:
            return None
        handler, folders, adapter = (
            code.docker_command or image.handler,
            image.folders,
            image.web_adapter,
        )
    else:
        handler, folders, adapter = code.handler, tuple(_code_folders(files, base, code)), False
    for language in languages:
        found = _entry(files, folders, handler, language, code, base)
        if found is not None:
            entry, root = found
            roots = (
                (root, *(folder for folder in folders if folder != root)) if code.image else (root,)
            )
            return _located(
                files, code, language, entry, _split(handler, language)[1], roots, base, adapter
            )
    return None


def web_adapter(template_file: str | None, code: Code) -> bool:
    """Whether the Dockerfile of an image, of whatever language, copies the Lambda Web Adapter
    (https://github.com/awslabs/aws-lambda-web-adapter).
    """
    if not template_file or "\0" in template_file or not code.image:
        return False
    base = os.path.dirname(os.path.abspath(template_file))
    image = _image(Files(project_root(template_file)), base, code)
    return image is not None and image.web_adapter


def _languages(code: Code) -> tuple[str, ...]:
    if code.image or not code.runtime:
        return (PYTHON, JAVASCRIPT)
    if code.runtime.startswith("python"):
        return (PYTHON,)
    return (JAVASCRIPT,) if code.runtime.startswith("nodejs") else ()


def _language_of(text: str) -> str:
    return (
        JAVASCRIPT
        if re.search(
            r"^\s*(?:const|let|var|exports\.|module\.exports|export )|=>|^import .* from ['\"]",
            text,
            re.MULTILINE,
        )
        else PYTHON
    )


def _split(handler: str, language: str) -> tuple[str, str]:
    """The handler's module as a path without extension, and the symbol in it, split as Lambda's own
    runtimes split them.
    """
    if language == PYTHON:
        module, _, symbol = handler.rpartition(".")
        return module.replace(".", "/"), symbol
    folder, slash, name = handler.rpartition("/")
    module, _, symbol = name.partition(".")
    return folder + slash + module, symbol


def _located(
    files: Files,
    code: Code,
    language: str,
    entry: str,
    symbol: str,
    roots: tuple[str, ...],
    base: str,
    adapter: bool,
) -> tuple[Located, Files]:
    layers = (
        [
            os.path.normpath(os.path.join(base, layer))
            for layer in code.layers
            if layer and "\0" not in layer
        ]
        if base
        else []
    )
    layers = [layer for layer in layers if files.has_folder(layer)]
    every = tuple(
        dict.fromkeys(
            (*roots, *(root for layer in layers for root in _layer_roots(files, layer, language)))
        )
    )
    inline = {} if code.inline is None else {entry: code.inline}
    located = Located(language, entry, symbol, every, code.inline, adapter, base)
    return located, Files(files.boundary, language, every, layers, inline)


def _layer_roots(files: Files, layer: str, language: str) -> list[str]:
    """Where a layer's modules are; the layer itself where only its build makes the runtime's
    folder.

    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """
    if language == PYTHON:
        top = os.path.join(layer, "python")
        library = os.path.join(top, "lib")
        below = (
            [os.path.join(library, name, "site-packages") for name in _folder_names(library)]
            if files.has_folder(library)
            else []
        )
        roots = [top, *below]
    else:
        top = os.path.join(layer, "nodejs")
        roots = [os.path.join(top, "node_modules"), top]
    found = [root for root in roots if files.has_folder(root)]
    return found or [layer]


# --------------------------------------------------------------------------------------------------


def _code_folders(files: Files, base: str, code: Code) -> Iterator[str]:
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


def _entry(
    files: Files, folders: Iterable[str], handler: str, language: str, code: Code, base: str
) -> tuple[str, str] | None:
    """The file of the handler's module and the root it is imported from."""
    module, symbol = _split(handler, language)
    parts = [part for part in module.split("/") if part not in {"", "."}]
    if (
        not parts
        or len(parts) > DEEPEST_PATH
        or not symbol
        or ".." in parts
        or module.startswith("/")
    ):
        return None
    folders = list(folders)
    for folder in folders:
        if files.holds(folder) and os.path.splitext(folder)[1] in _EXTENSIONS[language]:
            return folder, os.path.dirname(folder)
    if language == JAVASCRIPT and code.entry_points:
        for folder in folders:
            found = _entry_point(files, folder, "/".join(parts), code.entry_points)
            if found is not None:
                return found, folder
    for folder in folders:
        found = _module_file(files, os.path.join(folder, *parts), language)
        if found is not None:
            return found, folder
    # What a build step writes is often not there: the sources it is made from have the same names.
    for folder in folders:
        place = os.path.relpath(folder, base)
        for variant in _sources([] if place == os.curdir else place.split(os.sep)):
            root = os.path.normpath(os.path.join(base, *variant))
            for named in _sources(parts):
                found = _module_file(files, os.path.join(root, *named), language)
                if found is not None:
                    return found, root
    return None


def _module_file(files: Files, path: str, language: str) -> str | None:
    if language == JAVASCRIPT:
        return next(
            (
                path + extension
                for extension in _EXTENSIONS[language]
                if files.holds(path + extension)
            ),
            None,
        )
    package = os.path.join(path, "__init__.py")
    return package if files.holds(package) else path + ".py" if files.holds(path + ".py") else None


def _entry_point(
    files: Files, folder: str, module: str, entry_points: tuple[str, ...]
) -> str | None:
    """The entry point that esbuild writes to `module`: it keeps the paths below the entry points'
    common folder.
    """
    stems = {os.path.splitext(point)[0].removeprefix("./"): point for point in entry_points}
    tail = "/" + module
    matching = [point for stem, point in stems.items() if ("/" + stem).endswith(tail)]
    matching += [
        point
        for stem, point in stems.items()
        if posixpath.basename(stem) == posixpath.basename(module)
    ]
    if len(entry_points) == 1:
        matching.append(entry_points[0])
    return next(
        (found for point in matching if (found := files.javascript_file(_path(folder, point)))),
        None,
    )


def _sources(parts: list[str]) -> Iterator[list[str]]:
    """`parts` of a path, then those of the sources that a build folder among them is made from."""
    yield parts
    for index, part in enumerate(parts):
        if part in _BUILD_FOLDERS:
            yield [*parts[:index], "src", *parts[index + 1 :]]
            yield parts[:index] + parts[index + 1 :]


# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Image:
    handler: str
    folders: tuple[str, ...]
    web_adapter: bool


@dataclass(slots=True)
class _Stage:
    """One stage of a Dockerfile: `copies` are (stage copied from, "" for the context; sources;
    destination folder or file).
    """

    folder: str = "/"
    copies: list[tuple[str, list[str], str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


def _image(files: Files, base: str, code: Code) -> _Image | None:
    if not code.docker_context and not code.dockerfile and not code.asset_path:
        return None
    context = _path(base, code.docker_context or code.asset_path or ".")
    name = code.dockerfile or "Dockerfile"
    path = next(
        (found for folder in (context, base) if files.holds(found := _path(folder, name))), None
    )
    text = None if path is None else _text(path)
    if path is None or text is None:
        return _Image("", (context,), False) if files.has_folder(context) else None
    instructions = list(itertools.islice(_instructions(text), MOST_INSTRUCTIONS))
    stages, last = _stages(instructions)
    folders = [
        _path(context, found)
        for found in _copied(stages, last, last.folder, context, [MOST_COPIES])
    ]
    folders += [context, os.path.join(context, "src"), os.path.dirname(path)]
    adapter = any(_WEB_ADAPTER.search(line) for line in instructions)
    return _Image(
        _image_handler(last),
        tuple(folder for folder in dict.fromkeys(folders) if files.has_folder(folder)),
        adapter,
    )


def _instructions(text: str) -> Iterator[str]:
    pending = ""
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        pending += stripped
        if pending.endswith("\\"):
            pending = pending[:-1] + " "
        elif pending:
            yield pending
            pending = ""
    if pending:
        yield pending


def _stages(instructions: list[str]) -> tuple[dict[str, _Stage], _Stage]:
    """The stages by name and number, and the last one, which is the image."""
    stages: dict[str, _Stage] = {}
    stage = _Stage()
    number = 0
    for line in instructions:
        name, _, rest = line.partition(" ")
        rest = re.sub(
            r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))", functools.partial(_variable, stage), rest
        ).strip()
        match name.upper():
            case "FROM":
                words = [word for word in rest.split() if not word.startswith("--")] or [""]
                from_stage = stages.get(words[0].lower())
                task = "/var/task" if "lambda" in words[0] else "/"
                stage = (
                    _Stage(task, variables=dict(stage.variables))
                    if from_stage is None
                    else _Stage(
                        from_stage.folder,
                        list(from_stage.copies),
                        dict(from_stage.variables),
                        from_stage.entrypoint,
                        from_stage.command,
                    )
                )
                stages[str(number)] = stage
                number += 1
                if len(words) == 3 and words[1].upper() == "AS":
                    stages[words[2].lower()] = stage
            case "WORKDIR":
                stage.folder = posixpath.normpath(posixpath.join(stage.folder, rest.strip("\"'")))
            case "ARG" | "ENV":
                for key, quoted, plain in re.findall(r"(\w+)=(?:\"([^\"]*)\"|(\S*))", rest):
                    stage.variables[key] = quoted or plain
                if "=" not in rest and name.upper() == "ENV":
                    key, _, value = rest.partition(" ")
                    stage.variables[key] = value.strip()
            case "COPY" | "ADD":
                words = rest.split()
                flags = [word for word in words if word.startswith("--")]
                words = _list(rest[rest.find("[") :]) or [
                    word for word in words if not word.startswith("--")
                ]
                source = next(
                    (
                        flag.partition("=")[2].lower()
                        for flag in flags
                        if flag.startswith("--from=")
                    ),
                    "",
                )
                if len(words) > 1:
                    slash = "/" if words[-1].endswith(("/", ".")) else ""
                    stage.copies.append(
                        (
                            source,
                            words[:-1],
                            posixpath.normpath(posixpath.join(stage.folder, words[-1])) + slash,
                        )
                    )
            case "CMD":
                stage.command = _list(rest) or rest.split()
            case "ENTRYPOINT":
                stage.entrypoint, stage.command = _list(rest) or rest.split(), []
    return stages, stage


def _variable(stage: _Stage, found: re.Match[str]) -> str:
    name = found[1] or found[3]
    default = "/var/task" if name == "LAMBDA_TASK_ROOT" else found[2] or ""
    return stage.variables.get(name) or default


def _list(text: str) -> list[str]:
    try:
        found = json.loads(text) if text.startswith("[") else []
    except (ValueError, RecursionError):
        return []
    return _strings(found)


def _copied(
    stages: dict[str, _Stage], stage: _Stage, folder: str, context: str, left: list[int]
) -> Iterator[str]:
    """Folders below the build context whose content ends up in the image's `folder`, the last
    copied first; `left` bounds the search.
    """
    for source, names, destination in reversed(stage.copies):
        target = destination.rstrip("/") or "/"
        above = posixpath.commonpath([folder, target])
        below = posixpath.relpath(folder, target) if above == target else None
        inner = posixpath.relpath(target, folder) if above == folder else None
        for name in names:
            left[0] -= 1
            if left[0] < 0:
                return
            if source:
                # What is copied out of another image is not the project's.
                if source in stages and below is not None and stages[source] is not stage:
                    origin = posixpath.normpath(posixpath.join("/", name, below))
                    yield from _copied(stages, stages[source], origin, context, left)
                continue
            local = posixpath.normpath(name.lstrip("/") or ".")
            mode = None if "*" in local else _mode(os.path.join(context, local))
            if mode is not None and stat.S_ISDIR(mode):
                if below is not None:
                    yield posixpath.normpath(posixpath.join(local, below))
                elif inner is not None and (local == inner or local.endswith("/" + inner)):
                    yield local.removesuffix(inner).rstrip("/") or "."
            elif below == "." or (
                not destination.endswith("/") and posixpath.dirname(target) == folder
            ):
                yield posixpath.dirname(local) or "."
            elif inner is not None and inner == posixpath.dirname(local):
                yield "."


def _image_handler(stage: _Stage) -> str:
    """The handler among the words of ENTRYPOINT and CMD: the last one, where Lambda's runtime
    interface client is what starts.
    """
    words = [*stage.entrypoint, *stage.command]
    handler = words[-1] if words else ""
    plain = (
        len(handler) < 512
        and re.fullmatch(r"[\w./-]+\.\w+", handler) is not None
        and os.path.splitext(handler)[1]
        not in {
            ".py",
            ".js",
            ".mjs",
            ".cjs",
            ".ts",
            ".sh",
            ".jar",
        }
    )
    started = words[:-1]
    client = not started or any(
        "awslambdaric" in word or "aws-lambda-ric" in word or "lambda-entrypoint" in word
        for word in started
    )
    return handler if plain and client else ""


# --------------------------------------------------------------------------------------------------


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except (OSError, ValueError):
        return None


def _text(path: str) -> str | None:
    """The text of a regular file; None when it is too large or no text."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError):
        return None
    if len(content) > LARGEST_FILE or b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # https://peps.python.org/pep-0263/
        cookie = re.search(
            rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)",
            b"\n".join(content.split(b"\n", 2)[:2]),
            re.MULTILINE,
        )
    try:
        return (
            content.decode(cookie[1].decode())
            if cookie is not None and path.endswith(".py")
            else None
        )
    except (LookupError, ValueError):
        return None


def _folder_names(folder: str, ending: str = "") -> list[str]:
    """Names in one folder, sorted; of an enormous folder only some are looked at."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count >= 10 * MOST_DISTRIBUTIONS or len(names) >= MOST_DISTRIBUTIONS:
                    break
                if entry.name.endswith(ending):
                    names.append(entry.name)
    except (OSError, ValueError):
        return []
    return sorted(names)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _mains(exports: Any, depth: int = 0) -> list[str]:
    """The main files among a package's `exports`:
    https://nodejs.org/api/packages.html#conditional-exports.
    """
    if isinstance(exports, dict) and depth < 5:
        names = (".", "import", "require", "node", "default")
        return [
            found for name in names if name in exports for found in _mains(exports[name], depth + 1)
        ]
    return _strings(exports)


def _dependency(package: Mapping[str, Any], name: str) -> str | None:
    """What `package.json` wants of a dependency, "^1.2.0" or "file:../library"; None when it is no
    dependency.
    """
    for section in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        wanted = package.get(section)
        if isinstance(wanted, dict) and isinstance(wanted.get(name), str):
            return str(wanted[name])
    return None

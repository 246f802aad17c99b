"""The files that a JavaScript or TypeScript function's modules are loaded from."""

# ruff: noqa: PTH118, PTH119, PTH120, PTH122

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from itertools import islice

from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import (
    EXTENSIONS,
    LOCAL_DEPENDENCY,
    Packages,
    dependency,
    exported,
    upwards,
)
from cfnlint_eda_rules.handlers.source.typescript import CompilerOptions

MOST_NAMES = 500
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts", "/index.d.ts")
# What projects have their compilers call their own folders; no package can be called so.
_OWN = ("@/", "~/", "#")
MOST_FITTING = 50

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


def entry_points(module: str, points: tuple[str, ...]) -> list[str]:
    """The entry points that esbuild may write to `module`, the likeliest first: it keeps the paths
    below the entry points' common folder.
    """
    stems = {os.path.splitext(point)[0].removeprefix("./"): point for point in points}
    tail = "/" + module
    matching = [point for stem, point in stems.items() if ("/" + stem).endswith(tail)]
    matching += [
        point
        for stem, point in stems.items()
        if posixpath.basename(stem) == posixpath.basename(module)
    ]
    return [*matching, *(points if len(points) == 1 else ())]


def layer_roots(layer: str) -> list[str]:
    """The folders of a layer that packages are sought in."""
    top = os.path.join(layer, "nodejs")
    return [os.path.join(top, "node_modules"), top]


class JavaScriptModules:
    """Finds modules as Node.js and the TypeScript compiler do.

    `roots` are folders that packages are sought in, the code folder first; `layers` the folders
    that are unpacked in /opt. A module is a path or the name of a local package; installed packages
    are no files of the function.
    """

    def __init__(self, files: Files, roots: Iterable[str] = (), layers: Iterable[str] = ()) -> None:
        self.files = files
        self.roots = tuple(roots)
        self.layers = tuple(layers)
        self._packages = Packages(files)
        self._options = CompilerOptions(files)
        self._modules: dict[tuple[str, str], str | None] = {}

    def resolve(self, module: str, importer: str) -> str | None:
        """The file of a module; None when it is no file of the function."""
        folder = self.files.folder_of(importer)
        key = (module, folder)
        if key not in self._modules:
            known = bool(module) and "\0" not in module
            self._modules[key] = self._found(module, folder) if known else None
        return self._modules[key]

    def missing(self, module: str, importer: str) -> list[str] | None:
        """Where a module that was not found would lie; None when it is none of the project's."""
        folder = self.files.folder_of(importer)
        extension = os.path.splitext(module)[1]
        if module.startswith(("./", "../", "/opt/", "/var/task/")) or module in {".", ".."}:
            below = module.removeprefix("/opt/").removeprefix("/var/task/")
            places = [folder] if below == module else [*self.layers, *self.roots[:1]]
            paths = [os.path.normpath(os.path.join(place, below)) for place in places]
            asset = extension and extension not in EXTENSIONS and len(extension) in range(3, 7)
            typed = (path + ending for path in paths for ending in _DECLARATIONS)
            return None if not folder or asset or any(map(self.files.holds, typed)) else paths
        if module.startswith(_OWN):
            return [os.path.join(root, module) for root in self.roots]
        parts = module.split("/")
        name = "/".join(parts[: 2 if module.startswith("@") else 1])
        for above in upwards(self.files, folder):
            wanted = dependency(self._packages.package(above), name) or ""
            if wanted.startswith((*LOCAL_DEPENDENCY, "workspace:")):
                return [os.path.normpath(os.path.join(above, wanted.partition(":")[2] or wanted))]
        return None

    def like(self, before: str, after: str, importer: str) -> list[str]:
        """The names of files that begin and end so, as the file `importer` writes them."""
        place, slash, stem = before.rpartition("/")
        folder = self.files.folder_of(importer)
        if not slash or not folder or not before.startswith("."):
            return []
        below = os.path.normpath(os.path.join(folder, place))
        stems = (os.path.splitext(name)[0] for name in self.files.names(below)[:MOST_NAMES])
        cores = (name.removesuffix(after) for name in stems if name.startswith(stem))
        names = (f"{place}/{core}{after}" for core in dict.fromkeys(cores))
        found = (name for name in names if self.resolve(name, importer) is not None)
        return list(islice(found, MOST_FITTING))

    def _found(self, module: str, folder: str) -> str | None:
        if module.startswith(("./", "../")) or module in {".", ".."}:
            path = os.path.normpath(os.path.join(folder, module))
            return self._packages.file(path) if folder else None
        if module.startswith("/"):
            return self._in_function(module)
        if ":" in module or module.partition("/")[0] in _NODE_MODULES:
            return None
        found = self._aliased(module, folder)
        if found is not None:
            return found
        return self._imported(module, folder) if module[0] == "#" else self._package(module, folder)

    def _imported(self, module: str, folder: str) -> str | None:
        """The file that the `imports` of the nearest package give for a name with `#`."""
        for above in upwards(self.files, folder):
            package = self._packages.package(above)
            if package:
                return self._packages.one_of(above, exported(package.get("imports"), module))
        return None

    def _aliased(self, module: str, folder: str) -> str | None:
        candidates = self._options.candidates(module, folder) if folder else []
        return next((found for path in candidates if (found := self._packages.file(path))), None)

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
            below = path.removeprefix("/var/task/")
            candidates = [os.path.join(root, below) for root in self.roots[:1]]
        else:
            return None
        return next((found for path in candidates if (found := self._packages.file(path))), None)

    def _package(self, module: str, importer: str) -> str | None:
        parts = module.split("/")
        length = 2 if module.startswith("@") else 1
        name, subpath = "/".join(parts[:length]), "/".join(parts[length:])
        if ".." in parts or len(parts) < length:
            return None
        for folder in upwards(self.files, importer):
            package = self._packages.package(folder)
            if package.get("name") == name:
                return self._packages.package_file(folder, subpath)
            wanted = dependency(package, name)
            if wanted is not None:
                local = self._packages.local_package(folder, name, wanted)
                return self._packages.package_file(local, subpath) if local else None
        for folder in upwards(self.files, importer):
            local = self._packages.in_workspace(folder, name)
            if local is not None:
                return self._packages.package_file(local, subpath)
        return self._in_roots(name, parts) or self._above(parts)

    def _above(self, parts: list[str]) -> str | None:
        """The file in a folder that stands above the code folder or a layer's, or is named like
        it: search paths of Node.js lead there, and layers of other stacks bring it along.
        """
        for start in (*self.roots[:1], *self.layers):
            for folder in upwards(self.files, os.path.dirname(start)):
                found = self._packages.file(os.path.join(folder, *parts))
                if found is not None:
                    return found
        return None

    def _in_roots(self, name: str, parts: list[str]) -> str | None:
        for root in self.roots:
            if os.path.basename(root) == "node_modules":
                wanted = dependency(self._packages.package(os.path.dirname(root)), name)
                if wanted is not None and not wanted.startswith(LOCAL_DEPENDENCY):
                    continue
            found = self._packages.file(os.path.join(root, *parts))
            if found is not None:
                return found
        return None

"""What is asked and what is answered: a function's code as its template describes it, and the
source that was found.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.records import dataclass

_ASSET = re.compile(r"(\basset\.[0-9a-f]{8})[0-9a-f]{24,}")


@dataclass(frozen=True, slots=True)
class Layer:
    """Where the content of a layer is: `location`, ContentUri or Content, relative to the folder of
    the function's template; `asset_path` and `s3_key` as in `Code`.
    """

    location: str = ""
    asset_path: str = ""
    s3_key: str = ""
    logical_id: str = ""
    makefile: bool = False


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
    `layers`        those of the function's layers whose content the template tells, in the
                    function's order.
    `logical_id`, `function_name`  what the template calls the function.
    `image_uri`     what is known of the image's place, up to its end.
    `makefile`      whether SAM builds it by the target `build-<logical id>` of a Makefile, in
                    `working_directory` ("": where the code is).

    Of `s3_key`, `function_name` and `image_uri` only the end may be known.
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
    layers: tuple[Layer, ...] = ()
    logical_id: str = ""
    function_name: str = ""
    image_uri: str = ""
    makefile: bool = False
    working_directory: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """What a built file was made from: the source `entry`, and the texts of the files that only the
    built one (or its map) holds.
    """

    entry: str
    texts: Mapping[str, str] = field(default_factory=dict)


class Modules(Protocol):
    """Finds the files that a function's modules are loaded from, as its language does."""

    files: Files
    layers: tuple[str, ...]

    def resolve(self, module: str, importer: str) -> str | None:
        """The file that `module`, as the file `importer` writes it, is loaded from; None when it is
        no file of the function: part of the language, installed, or missing.
        """

    def missing(self, module: str, importer: str) -> Sequence[str] | None:
        """The places where a module that was not found would lie; None when it is none of the
        project's: part of the language, or installed.
        """

    def like(self, before: str, after: str, importer: str) -> Sequence[str]:
        """The names of modules that begin and end so, as the file `importer` writes them."""


class Layout(Protocol):
    """How the source of a language lies in folders."""

    name: str

    extensions: tuple[str, ...]
    """Those of its source files, in the order they are looked for."""

    inline_file: str
    """The file that Lambda puts inline code into; "" when it takes none."""

    programs: frozenset[str]
    """The commands that run a file of it."""

    servers: frozenset[str]
    """The commands that serve an application of it, which they are given as `module:variable`."""

    def looks_like(self, text: str) -> bool:
        """Whether a text without a name is of this language."""

    def parted_handler(self, handler: str) -> tuple[str, str]:
        """The handler's module as a path without extension, and the symbol in it, as Lambda's
        runtime parts them.
        """

    def module_paths(self, path: str) -> Iterable[str]:
        """The files that the module at `path`, which has no extension, may be, in order."""

    def layer_roots(self, layer: str, files: Files) -> Sequence[str]:
        """The folders of a layer that modules are imported from, there or not."""

    def entry_points(self, module: str, points: tuple[str, ...]) -> Sequence[str]:
        """The files among a build's entry points that may become `module`, the likeliest first."""

    def built_from(
        self, files: Files, base: str, targets: Sequence[str], code: Code
    ) -> Iterable[Sequence[str]]:
        """The files that the project's build tools make `targets` from, which have no extensions,
        for a template in `base`: for each tool that says so those that fit, the most certain first.
        """

    def modules(self, files: Files, roots: Sequence[str], layers: Sequence[str]) -> Modules:
        """The finder of a function's modules: `roots` are the folders that absolute imports start
        from, `layers` those of its layers.
        """


@dataclass(frozen=True, slots=True)
class Located:
    """A function's readable source.

    `language`    the name of its language.
    `entry`       the file of the handler's module, as `Files.read` takes it; inline code has the
                  name that Lambda gives it, "index.py".
    `symbol`      the handler in it: "handler", "nested.handler"; "" when the module is started and
                  serves by itself.
    `roots`       folders that absolute imports start from, in order: the code folder, then those of
                  the layers.
    `web_adapter` whether the image's Dockerfile copies the Lambda Web Adapter.
    `base`        the real path of the template's folder, which file names are shown relative to; ""
                  when there is none.
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
        module's name. Of the hash that the CDK names an asset's folder by, the beginning is enough.
        """
        if self.inline is not None and path == self.entry:
            return path
        relative = os.path.relpath(path, self.base or os.sep).replace(os.sep, "/")
        return _ASSET.sub(r"\1", relative)

"""What a language is: how its source is read, where its modules lie, and how it evaluates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence

from cfnlint_eda_rules.handlers.interpreter.language import Semantics
from cfnlint_eda_rules.handlers.source.code import Code, Modules, Original
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.syntax import Module


class Language(Semantics, ABC):
    """A language that handlers are written in. One object a language, shared by all evaluations: it
    keeps no state.
    """

    runtimes: tuple[str, ...] = ()
    """What the names of Lambda's runtimes for it begin with."""

    extensions: tuple[str, ...] = ()
    """The extensions of its source files, in the order they are looked for."""

    inline_file = ""
    """The name of the file that Lambda puts inline code into; "" when it takes none."""

    programs: frozenset[str] = frozenset()
    """The commands that run a file of it."""

    servers: frozenset[str] = frozenset()
    """The commands that serve an application of it, which they are given as `module:variable`."""

    libraries: Mapping[str, str] = {}
    """The first part of a module's name -> the module of `handlers.libraries` that models it."""

    annotating: tuple[str, ...] = ()
    """The modules of `handlers.libraries` that know what has a type of theirs, in the order they
    are asked.
    """

    separator = "."
    """What stands between the parts of a module's name."""

    def may_be_modelled(self, module: str) -> bool:
        """Whether there may be a model of a module among the libraries."""
        return True

    def library_names(self, module: str) -> tuple[str, ...]:
        """The names that a model of a library's module may have, the most exact first."""
        return (module,)

    @abstractmethod
    def parse(self, path: str, text: str) -> Module:
        """The syntax tree of a file. Raises ValueError for what cannot be read."""

    def looks_like(self, text: str) -> bool:
        """Whether a text without a name is of this language."""
        return False

    def parted_handler(self, handler: str) -> tuple[str, str]:
        """The handler's module as a path without extension, and the symbol in it, as Lambda's
        runtime parts them: "src/app.run" is "src/app" and "run".
        """
        module, _, symbol = handler.rpartition(".")
        return module, symbol

    def module_paths(self, path: str) -> Iterable[str]:
        """The files that the module at `path`, which has no extension, may be, in order."""
        return [path + extension for extension in self.extensions]

    def layer_roots(self, layer: str, files: Files) -> Sequence[str]:
        """The folders of a layer that modules are imported from, there or not
        (https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html).
        """
        return [layer]

    def entry_points(self, module: str, points: tuple[str, ...]) -> Sequence[str]:
        """The files among a build's entry points that may become `module`, the likeliest first."""
        return []

    def built_from(
        self, files: Files, base: str, targets: Sequence[str], code: Code
    ) -> Iterable[Sequence[str]]:
        """The files that the project's build tools make `targets` from, which have no extensions,
        for a template in `base`: for each tool that says so those that fit, the most certain first.
        """
        return ()

    @abstractmethod
    def modules(self, files: Files, roots: Sequence[str], layers: Sequence[str]) -> Modules:
        """The finder of a function's modules: `roots` are the folders that absolute imports start
        from, `layers` those of its layers.
        """

    def original(self, files: Files, built: str, symbol: str) -> Original | None:
        """The source of a handler's file that was built; None when it is the source, or names
        none.
        """
        return None

    def places(self, text: str) -> Callable[[int], str]:
        """The files that the lines of a built file come from, as far as that says it; "" else."""
        return lambda line: ""

    def hides_calls(self, text: str) -> bool:
        """Whether there are calls in a file even if none is seen: it holds the AWS SDK itself."""
        return False

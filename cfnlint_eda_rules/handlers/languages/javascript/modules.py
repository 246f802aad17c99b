"""JavaScript's modules: ES modules and CommonJS, each importing the other."""

from __future__ import annotations

from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.language import Importing
from cfnlint_eda_rules.handlers.interpreter.objects import Loaded, RecordObject
from cfnlint_eda_rules.handlers.interpreter.protocol import Native, Object, Run
from cfnlint_eda_rules.handlers.languages.javascript import bundles

_MOST_FOLDERS = 5
# Parts of a file's name in a package that no one imports it by.
_BUILT = frozenset(
    ("build", "cjs", "dist", "dist-cjs", "dist-es", "dist-src", "es", "esm", "index", "lib", "src")
)


def begin(loaded: Loaded) -> None:
    """Gives a module its `module` with the exports, which are its `this` too."""
    exports = RecordObject()
    loaded.module.entries["exports"] = exports
    loaded.scope.variables.update({"module": loaded.module, "exports": exports, "this": exports})


def library_name(name: str) -> str:
    """A module's name without the scheme that Node's own may have (`node:https`)."""
    return name.removeprefix("node:")


def library_names(name: str) -> tuple[str, ...]:
    """The names that a package's module may be imported by. A module that a bundler has inlined is
    named by its file: `npm:hono/dist/adapter/aws-lambda/index.js` is `hono/aws-lambda`.
    """
    if not name.startswith(bundles.PREFIX):
        return (library_name(name),)
    first, *rest = name.removeprefix(bundles.PREFIX).split("/")
    package = "/".join((first, *rest[:1])) if first.startswith("@") else first
    below = rest[1:] if first.startswith("@") else rest
    parts = [part for part in map(_without_ending, below) if part not in _BUILT][-_MOST_FOLDERS:]
    return (*("/".join((package, *parts[start:])) for start in range(len(parts))), package)


def _without_ending(part: str) -> str:
    return part.removesuffix(".js").removesuffix(".mjs").removesuffix(".cjs")


def imported(name: str, run: Importing) -> Object:
    """What `require(name)` or `import(name)` gives."""
    file = run.resolve(name)
    if file is None:
        name = library_name(name)
        model = run.model(name)
        return Object(name) if model is None else model
    loaded = run.load(file)
    exports = None if loaded is None else loaded.exports
    return Object(name) if exports is None else exports


def import_from(node: syntax.ImportFrom, run: Importing) -> Object:
    """What an import statement binds its target to."""
    module = imported(node.module, run)
    if node.symbol is None or node.symbol == "*":
        return module
    if node.symbol == "default":
        return _default_export(module, run)
    return run.get_attribute(module, node.symbol)


def _default_export(module: Object, run: Run) -> Object:
    """An ES module's default export; a CommonJS module is its own."""
    if isinstance(module, RecordObject):
        return module.entries.get("default", module)
    if isinstance(module, Native):
        found = module.attributes.get("default") or (
            module.on_attribute("default", run) if module.on_attribute else None
        )
        return module if found is None else found
    return module


def exported(loaded: Loaded, name: str, run: Run) -> Object | None:
    """What a module exports under a name, by itself or in its default export; None when it does
    not.
    """
    exports = loaded.exports
    if isinstance(exports, RecordObject) and name not in exports.entries:
        exports = exports.entries.get("default", exports)
    if isinstance(exports, RecordObject) and name not in exports.entries and not exports.partial:
        return None
    return None if exports is None else run.get_attribute(exports, name)

"""The languages that there are. A language is a folder here and a row below."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from cfnlint_eda_rules.handlers.languages.protocol import Language

# The folder of each language -> what the names of its runtimes begin with. A language is loaded
# when a handler in it is read: a template has one or two, and grammars take long to load.
_FOLDERS: dict[str, tuple[str, ...]] = {
    "python": ("python",),
    "javascript": ("nodejs",),
    "java": ("java",),
    "csharp": ("dotnet", "provided"),
}
_REGISTERED: dict[str, Language] = {}


def register(language: Language) -> None:
    """Adds a language, or puts it in the place of the one of its name."""
    _REGISTERED[language.name] = language


def unregister(language: Language) -> None:
    """Takes a registered language away again."""
    _REGISTERED.pop(language.name, None)


def named(name: str) -> Language | None:
    """The language with this name; None when there is none."""
    if name in _REGISTERED:
        return _REGISTERED[name]
    return _load(name) if name in _FOLDERS else None


def of_runtime(runtime: str) -> tuple[Language, ...]:
    """The languages that a Lambda runtime can run; all of them when it is not known (""), none for
    a runtime of another language. `Node.js 18.x`, as the console writes it, is `nodejs18.x`.
    """
    written = _identifier(runtime)
    names = [
        *(name for name, prefixes in _FOLDERS.items() if written.startswith(prefixes)),
        *(
            name
            for name, language in _REGISTERED.items()
            if name not in _FOLDERS and written.startswith(language.runtimes)
        ),
    ]
    chosen = names if runtime else [*_FOLDERS, *(n for n in _REGISTERED if n not in _FOLDERS)]
    return tuple(found for name in chosen if (found := named(name)) is not None)


def _identifier(runtime: str) -> str:
    """`nodejs18.x` for `Node.js 18.x`."""
    return runtime.replace(" ", "").replace(".", "", 1).lower() if " " in runtime else runtime


@cache
def _load(name: str) -> Language:
    module = import_module(f"{__package__}.{name}.language")
    found = module.LANGUAGE
    assert isinstance(found, Language)
    return found

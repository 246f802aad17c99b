"""How what is found is put into words, and made safe to print where it came from a stranger."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

# Control and format characters, unpaired surrogates, line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# GitHub Actions and Azure Pipelines look for `##[command]` and `##vso[command]` anywhere in a line.
# A logical id, with those of the stacks around it; or a piece of code, which stays as it is.
_NAME = re.compile(r"`[^`]*`|[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*")
_COMMAND = re.compile(r"##(?=\w{0,20}\[)")


def listed(names: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; each once, in the order given."""
    unique = list(dict.fromkeys(names))
    return (
        unique[0]
        if len(unique) == 1
        else f"{', '.join(unique[:-1])} {last} {unique[-1]}"
        if unique
        else ""
    )


def with_paths(text: str, paths: Mapping[str, str]) -> str:
    """The text with the path of a resource's construct behind the first mention of its logical id:
    a logical id that the CDK made says little.
    """
    left = dict(paths)

    def told(found: re.Match[str]) -> str:
        name = found[0]
        path = left.pop(name, "")
        return f"{name} ({path})" if path else name

    return _NAME.sub(told, text) if left else text


def plain(text: str) -> str:
    r"""Text from a template, a path or a URL as one printable line.

    What a terminal or a build log would obey is escaped as Python writes it (`\n`, `\x1b`,
    `\u2028`): control characters, line separators, marks that change the direction of text, and
    the start of a logging command inside a line.
    """
    if not text.isprintable():
        text = "".join(map(_escaped, text))
    return _COMMAND.sub(r"#\\x23", text)


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _UNPRINTABLE:
        return character
    return character.encode("unicode_escape").decode("ascii")

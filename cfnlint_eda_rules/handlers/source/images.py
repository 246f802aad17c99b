"""The sources that a container image is built from."""

# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os

from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.dockerfile import parsed
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.records import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the project: the handler its Dockerfile starts, "" when it does not say; the
    `command` that it starts; the folders that its code may be in, the most certain first.
    """

    handler: str
    command: str
    folders: tuple[str, ...]
    web_adapter: bool


def image_of(files: Files, base: str, code: Code) -> Image | None:
    """The image that a function's code is, built in the project; None when that is not told."""
    if code.docker_context or code.dockerfile or code.asset_path:
        context = os.path.normpath(
            os.path.join(base, code.docker_context or code.asset_path or ".")
        )
        path = _dockerfile(files, base, context, code.dockerfile or "Dockerfile")
    else:
        path = _named_like_it(files, base, code)
        context = "" if path is None else os.path.dirname(path)
    text = None if path is None else files.text(path)
    if path is None or text is None:
        return Image("", "", (context,), False) if context and files.has_folder(context) else None
    file = parsed(text)
    folders = [
        os.path.normpath(os.path.join(context, name)) for name in file.copied(files, context)
    ]
    folders += [context, os.path.join(context, "src"), os.path.dirname(path)]
    return Image(
        file.handler,
        file.command,
        tuple(folder for folder in dict.fromkeys(folders) if files.has_folder(folder)),
        file.web_adapter,
    )


def _dockerfile(files: Files, base: str, context: str, name: str) -> str | None:
    paths = (os.path.normpath(os.path.join(folder, name)) for folder in (context, base))
    return next((path for path in paths if files.holds(path)), None)


def _named_like_it(files: Files, base: str, code: Code) -> str | None:
    """The Dockerfile in the one folder of the project that is named like the image, its tag or the
    function, else in the template's own.
    """
    repository, _, tag = code.image_uri.rpartition("/")[2].partition(":")
    for name in (tag, repository, code.function_name, code.logical_id):
        paths = [os.path.join(folder, "Dockerfile") for folder in files.project.tree.named(name)]
        found = [path for path in paths if files.holds(path)]
        if len(found) == 1:
            return found[0]
    own = os.path.join(base, "Dockerfile")
    return own if files.holds(own) else None

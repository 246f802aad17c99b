"""The places that a template names as a function's code: folders, files and archives."""

# ruff: noqa: PTH118, PTH119, PTH120

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator

from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.packages import upwards

ARCHIVES = (".zip",)
_OTHER_ARCHIVES = (".jar", ".war")


def code_folders(files: Files, base: str, code: Code) -> tuple[list[str], list[str]]:
    """The folders, opened archives and files that the code may be in, the most certain first, and
    the archives that the template names, there or not.
    """
    named = list(dict.fromkeys(_named(files, base, code)))
    folders = [
        place for place in named if not place.endswith(ARCHIVES) or files.project.open(place)
    ]
    written = [located(base, place) for place in (code.location, code.asset_path) if place]
    return folders, [place for place in written if place.endswith(ARCHIVES)]


def _named(files: Files, base: str, code: Code) -> Iterator[str]:
    for asset in _assets(code.asset_path, (code.s3_key, code.location or "")):
        yield from _asset_places(files, base, asset)
    place = code.location
    if place is not None and "://" not in place and not place.endswith(_OTHER_ARCHIVES):
        yield located(base, place)
    if code.logical_id:
        yield located(base, os.path.join(".aws-sam", "build", code.logical_id))
    # The Serverless Framework writes its template into `.serverless`; handlers are named from the
    # folder of `serverless.yml`, above.
    if place is None and os.path.basename(base) == ".serverless":
        yield os.path.dirname(base)


def _assets(path: str, keys: tuple[str, ...]) -> Iterator[str]:
    """The names of the CDK's staged assets that are a function's code or a layer's content:
    folders, or archives as they are.
    """
    if path:
        yield path
    for key in keys:
        name = posixpath.basename(key)
        if name.endswith(ARCHIVES):
            asset = name if name.startswith("asset.") else "asset." + name
            yield asset.removesuffix(".zip")
            yield asset


def _asset_places(files: Files, base: str, asset: str) -> Iterator[str]:
    """An asset lies beside its template, or beside the folder of a stage's; the template alone may
    have been written elsewhere in the project (`cdk synth` to standard output).

    https://docs.aws.amazon.com/cdk/v2/guide/assets.html
    """
    yield located(base, asset)
    yield located(os.path.dirname(base), asset)
    for folder in upwards(files, base):
        output = os.path.join(folder, "cdk.out")
        if files.has_folder(output):
            yield located(output, asset)


def asset_folders(files: Files, base: str, path: str, key: str) -> list[str]:
    """The folders and opened archives that a layer's asset may be."""
    places = [
        place for asset in _assets(path, (key,)) for place in _asset_places(files, base, asset)
    ]
    return [place for place in places if files.has_folder(place) or files.project.open(place)]


def located(folder: str, name: str) -> str:
    """The normalized path of a name in a folder; of an absolute path, itself."""
    return os.path.normpath(os.path.join(folder, name))

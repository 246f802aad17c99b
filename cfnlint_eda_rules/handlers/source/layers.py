"""Where the modules of a function's layers are.

https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from cfnlint_eda_rules.handlers.source.code import Layer, Layout
from cfnlint_eda_rules.handlers.source.files import Files
from cfnlint_eda_rules.handlers.source.makefile import built_from
from cfnlint_eda_rules.handlers.source.places import ARCHIVES, asset_folders, located


def layer_folders(files: Files, base: str, layers: tuple[Layer, ...]) -> list[str]:
    """The folders, and the archives that can be opened, that the template names as layers."""
    return list(dict.fromkeys(place for layer in layers for place in _places(files, base, layer)))


def _places(files: Files, base: str, layer: Layer) -> Iterator[str]:
    assets = asset_folders(files, base, layer.asset_path, layer.s3_key)
    yield from assets[:1]
    if layer.s3_key and not assets:
        yield from _named_like_it(files, layer)
    if not layer.location or not base:
        return
    place = located(base, layer.location)
    if layer.makefile:
        # What lies in the artifact's `python` or `nodejs` is imported from there.
        yield from (folder for folder, _ in built_from(files, place, layer.logical_id))
    if files.has_folder(place) or files.project.open(place):
        yield place
    elif place.endswith(ARCHIVES) and files.has_folder(place[: -len(".zip")]):
        yield place[: -len(".zip")]


def _named_like_it(files: Files, layer: Layer) -> Iterator[str]:
    """A layer in a bucket is packed from the one folder of the project that is named like its key
    or its logical id.
    """
    stem = posixpath.basename(layer.s3_key)
    for ending in ARCHIVES:
        stem = stem.removesuffix(ending)
    found = (files.project.tree.named(name) for name in (stem, layer.logical_id))
    yield from next((folders for folders in found if len(folders) == 1), ())


def layer_roots(files: Files, layer: str, language: Layout) -> list[str]:
    """Where a layer's modules are; the layer itself where only its build makes the runtime's
    folder.
    """
    found = [root for root in language.layer_roots(layer, files) if files.has_folder(root)]
    return found or [layer]

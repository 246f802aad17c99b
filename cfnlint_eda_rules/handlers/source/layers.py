"""Where the modules of a function's layers are.

https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
"""

# ruff: noqa: PTH118

from __future__ import annotations

import os

from cfnlint_eda_rules.handlers.source.code import PYTHON
from cfnlint_eda_rules.handlers.source.files import Files


def layer_folders(files: Files, base: str, layers: tuple[str, ...]) -> list[str]:
    """The folders that the template names as layers and that are there."""
    paths = [os.path.normpath(os.path.join(base, layer)) for layer in layers if base and layer]
    return [path for path in paths if files.has_folder(path)]


def layer_roots(files: Files, layer: str, language: str) -> list[str]:
    """Where a layer's modules are; the layer itself where only its build makes the runtime's
    folder.
    """
    if language == PYTHON:
        top = os.path.join(layer, "python")
        library = os.path.join(top, "lib")
        below = [os.path.join(library, name, "site-packages") for name in files.names(library)]
        roots = [top, *below]
    else:
        top = os.path.join(layer, "nodejs")
        roots = [os.path.join(top, "node_modules"), top]
    found = [root for root in roots if files.has_folder(root)]
    return found or [layer]

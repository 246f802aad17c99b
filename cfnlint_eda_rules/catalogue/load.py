"""Reading the catalogue: YAML data about AWS that ships with the package."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Any

import yaml


@functools.cache
def load(name: str) -> Any:
    """Return the data of ``catalogue/<name>.yaml``; ``name`` may hold folders
    (``"operations/s3"``).

    The same object is returned each time and must not be changed.
    Raises ``FileNotFoundError`` when there is no such file.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files(__package__).joinpath(*f"{name}.yaml".split("/")).read_bytes()
    return yaml.load(text, Loader=loader)

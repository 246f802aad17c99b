"""Reading the catalogue: YAML data about AWS that ships with the package.

Reading YAML takes longer than all else the rules do for a small template, so an installation holds
each file as JSON too (`compiled/`, written by `compile_catalogue` when the package is built). A
compiled file that is not that of the YAML beside it, as in a checkout that was edited, is passed
over.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any
from zlib import crc32

_FOLDER = Path(__file__).parent
COMPILED = "compiled"


@functools.cache
def load(name: str) -> Any:
    """Return the data of ``catalogue/<name>.yaml``; ``name`` may hold folders
    (``"operations/s3"``).

    The same object is returned each time and must not be changed.
    Raises ``FileNotFoundError`` when there is no such file, `columns.CatalogueError` for a row that
    is not what it may be.
    """
    text = (_FOLDER / f"{name}.yaml").read_bytes()
    try:
        compiled = json.loads((_FOLDER / COMPILED / f"{name}.json").read_bytes())
    except FileNotFoundError:
        return _checked(name, text)
    return compiled["data"] if compiled["of"] == crc32(text) else _checked(name, text)


def _checked(name: str, text: bytes) -> Any:
    # The build runs this file by itself, where the package cannot be imported.
    from cfnlint_eda_rules.catalogue.columns import checked

    return checked(name, _parsed(text))


def _parsed(text: bytes) -> Any:
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def compile_catalogue(folder: Path) -> None:
    """Write `compiled/<name>.json` for every `<name>.yaml` of a catalogue folder."""
    for source in sorted(folder.rglob("*.yaml")):
        text = source.read_bytes()
        target = folder / COMPILED / source.relative_to(folder).with_suffix(".json")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            json.dumps({"of": crc32(text), "data": _parsed(text)}, ensure_ascii=False),
            encoding="utf-8",
        )

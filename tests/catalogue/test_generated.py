"""The generated files of the catalogue say what the libraries say that they are written from."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from botocore_models import services
from cfnlint_eda_rules.catalogue import generate
from cfnlint_eda_rules.catalogue.load import load

GENERATED = generate.generated()


@pytest.mark.parametrize("name", ["sam_policies", "connectors"])
def test_what_sam_becomes_is_what_its_translator_says(name: str) -> None:
    assert load(name) == GENERATED[name]


@pytest.mark.parametrize("column", ["aliases", "signed", "names"])
def test_names_are_those_of_botocore(column: str) -> None:
    # An older or newer botocore knows other services; of those it knows it says the same.
    said: dict[str, Any] = GENERATED["sdk_names"][column]
    kept: dict[str, Any] = load("sdk_names")[column]
    both = {name: said[name] for name in kept.keys() & said.keys()}
    assert {name: kept[name] for name in both} == both
    assert len(both) > 0.9 * len(kept)


def test_hyphens_are_those_of_clients() -> None:
    kept = set(load("sdk_names")["hyphenated"])
    assert all("-" in name for name in kept)
    assert len(kept & services()) > 0.9 * len(kept)


@pytest.mark.parametrize("name", list(GENERATED))
def test_a_file_is_as_it_is_written(name: str) -> None:
    text = (files("cfnlint_eda_rules.catalogue") / f"{name}.yaml").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    assert first.startswith("# Written by generate.py from ")
    # The first line has the version of the library that it was written from.
    assert rest == generate.text(name, load(name)).partition("\n")[2]

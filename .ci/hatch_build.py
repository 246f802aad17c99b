"""Compiles the catalogue when the package is built, in a wheel and for an editable install."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUE = "cfnlint_eda_rules/catalogue"


class CompileCatalogue(BuildHookInterface):
    """Writes the compiled catalogue beside the YAML and adds it to what is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        catalogue = Path(self.root) / CATALOGUE
        # The package itself cannot be imported yet: what it needs is not installed.
        spec = importlib.util.spec_from_file_location("load", catalogue / "load.py")
        assert spec is not None
        assert spec.loader is not None
        load = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(load)
        load.compile_catalogue(catalogue)
        build_data["artifacts"].append(f"{CATALOGUE}/{load.COMPILED}/**/*.json")

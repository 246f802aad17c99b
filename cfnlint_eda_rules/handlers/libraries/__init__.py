"""Models of the libraries that handlers use: what their functions do, in terms of the calls they
make.

A model is made of `protocol.Native`s and asks the evaluation (`protocol.Run`) to record calls.
Models are loaded when a handler imports what they model; a library without a model is unknown to
the evaluation, which does not know what it calls.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping

from cfnlint_eda_rules.handlers.interpreter.protocol import Object
from cfnlint_eda_rules.handlers.languages import registry
from cfnlint_eda_rules.records import dataclass

_PACKAGE = "cfnlint_eda_rules.handlers.libraries"


@dataclass(frozen=True, slots=True)
class Libraries:
    """The models for programs in one language, as the interpreter asks for them."""

    language: str

    def module(self, name: str) -> Object | None:
        return library(self.language, name)

    def global_name(self, name: str) -> Object | None:
        return global_names(self.language).get(name)

    def annotated(self, annotation: str) -> Object | None:
        return annotated(self.language, annotation)


@functools.cache
def library(language: str, module: str) -> Object | None:
    """The module `module` as handlers import it (`boto3.dynamodb.conditions`,
    `@aws-sdk/client-s3`); None when there is no model of it.

    Modules are shared by all evaluations: they keep no state. What they make (clients,
    applications) is made for each evaluation.
    """
    known = registry.named(language)
    if known is None or not known.may_be_modelled(module):
        return None
    for name in known.library_names(module):
        first = name.split(known.separator, 1)[0]
        for model in (known.libraries.get(first), "http", "web_frameworks", "clients"):
            found = None if model is None else _loader(model)(language, name)
            if found is not None:
                return found
    return None


def annotated(language: str, annotation: str) -> Object | None:
    """What a parameter annotated with this type (`mypy_boto3_s3.S3Client`,
    `DynamoDBDocumentClient`) is; None when that is not known.
    """
    known = registry.named(language)
    name = annotation.strip("\"' ").split("[", 1)[0].split("<", 1)[0].rsplit(".", 1)[-1].strip()
    for model in () if known is None else known.annotating:
        found: Object | None = importlib.import_module(f"{_PACKAGE}.{model}").annotated(
            language, name
        )
        if found is not None:
            return found
    return None


@functools.cache
def global_names(language: str) -> Mapping[str, Object]:
    """What the language's runtime offers without an import: name -> object."""
    found: Mapping[str, Object] = importlib.import_module(f"{_PACKAGE}.http").global_names(language)
    return found


@functools.cache
def _loader(model: str) -> Callable[[str, str], Object | None]:
    found: Callable[[str, str], Object | None] = importlib.import_module(
        f"{_PACKAGE}.{model}"
    ).library
    return found

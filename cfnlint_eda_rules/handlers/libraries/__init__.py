"""Models of the libraries that handlers use: what their functions do, in terms of the calls they
make.

A model is made of `objects.Native`s and asks the evaluation (`objects.Run`) to record calls. Models
are loaded when a handler imports what they model; a library without a model is unknown to the
evaluation, which does not know what it calls.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Mapping

from cfnlint_eda_rules.handlers.interpreter.protocol import Object

_PACKAGE = "cfnlint_eda_rules.handlers.libraries"

# The first part of a module's name (the scope for npm) -> the modules here that may model it, in
# order of asking.
_PYTHON = {
    "boto3": "aws_python",
    "botocore": "aws_python",
    "aioboto3": "aws_python",
    "aiobotocore": "aws_python",
    "aws_xray_sdk": "harmless",
    "aws_embedded_metrics": "harmless",
    "aws_lambda_powertools": "powertools",
    "aws_durable_execution_sdk_python": "durable",
}
_JAVASCRIPT = {
    "aws-sdk": "aws_javascript",
    "@aws-sdk": "aws_javascript",
    "@aws": "durable",
    "@aws-lambda-powertools": "powertools",
    "@middy": "middy",
    "middy": "middy",
    "aws-xray-sdk": "harmless",
    "aws-embedded-metrics": "harmless",
    "aws-xray-sdk-core": "harmless",
    "async": "callbacks",
    "bluebird": "callbacks",
}
_MODELS: Mapping[str, Mapping[str, str]] = {"python": _PYTHON, "javascript": _JAVASCRIPT}


@functools.cache
def library(language: str, module: str) -> Object | None:
    """The module `module` as handlers import it (`boto3.dynamodb.conditions`,
    `@aws-sdk/client-s3`); None when there is no model of it.

    Modules are shared by all evaluations: they keep no state. What they make (clients,
    applications) is made for each evaluation.
    """
    module = module.removeprefix("node:") if language == "javascript" else module
    first = module.split("/" if language == "javascript" else ".", 1)[0]
    if (
        language == "python"
        and first in sys.stdlib_module_names
        and first not in ("http", "urllib")
    ):
        return None
    models = [_MODELS.get(language, {}).get(first), "http", "web_frameworks"]
    for model in models:
        found = None if model is None else _loader(model)(language, module)
        if found is not None:
            return found
    return None


def annotated(language: str, annotation: str) -> Object | None:
    """What a parameter annotated with this type (`mypy_boto3_s3.S3Client`,
    `DynamoDBDocumentClient`) is; None when that is not known.
    """
    name = annotation.strip("\"' ").split("[", 1)[0].split("<", 1)[0].rsplit(".", 1)[-1].strip()
    for model in (
        "durable",
        "aws_python" if language == "python" else "aws_javascript",
        "powertools",
    ):
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

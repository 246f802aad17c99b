"""Whole web applications in a function: frameworks that its source mounts, and the Lambda Web
Adapter.
"""

from __future__ import annotations

import re

from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.catalogue import patterns
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.facts import Mount, Source
from cfnlint_eda_rules.template.references import External, References


def web_applications(
    function: LambdaFunction, source: Source | None, strict: bool = False
) -> tuple[Mount, ...]:
    """Return the frameworks with more than one route that the function hands its requests to.

    Where the number of routes is not known, a framework counts when it serves whole applications
    only (or in `strict`). Without source, a handler that belongs to a framework names it, with no
    file.
    """
    catalogue = load("routes")
    if source is None:
        named = (
            framework
            for framework, pattern in catalogue["handlers"].items()
            if patterns.holds(pattern, function.handler)
        )
        return tuple(Mount(framework, 0, "", 0) for framework in named)

    def whole(mount: Mount) -> bool:
        name = re.sub(r"[^a-z]", "", mount.framework.lower()).removesuffix("js")
        return mount.routes == 0 and (strict or name in catalogue["whole_applications"])

    return tuple(mount for mount in source.mounts if mount.routes > 1 or whole(mount))


def serves_one_route(source: Source | None) -> bool:
    """Return whether the source shows that the web application in it has one route."""
    return source is not None and [mount.routes for mount in source.mounts] == [1]


def web_adapter(function: LambdaFunction, in_image: bool, references: References) -> str:
    """Return what attaches the Lambda Web Adapter to the function, in words; "" when nothing does.

    The layer, the exec wrapper, or (`in_image`) the Dockerfile that copies it:
    github.com/awslabs/aws-lambda-web-adapter, "Usage".
    """
    adapter = load("routes")["web_adapter"]
    for layer in function.layers:
        text = layer.target.text if isinstance(layer.target, External) else ""
        if adapter["layer"] in text:
            return "its layer"
    if (references.literal(function.environment.get(adapter["variable"])) or "") == adapter[
        "value"
    ]:
        return f"`{adapter['variable']}: {adapter['value']}`"
    return "its Dockerfile" if in_image else ""

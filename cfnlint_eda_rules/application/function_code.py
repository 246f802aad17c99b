"""Where the template says a function's code is, in plain texts for `handlers.locate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cfnlint_eda_rules.application.deployment import Deployment
from cfnlint_eda_rules.application.functions import LambdaFunction
from cfnlint_eda_rules.handlers.source.code import Code, Layer
from cfnlint_eda_rules.template.boundary import folder_of
from cfnlint_eda_rules.template.sections import as_mapping
from cfnlint_eda_rules.template.symbolic_text import Token


def code_of(deployment: Deployment, function: LambdaFunction) -> Code:
    """The code of a function as the template describes it (AWS::Lambda::Function Code,
    AWS::Serverless::Function CodeUri and Metadata).
    """
    literal = deployment.references.literal
    properties, metadata = function.properties, function.metadata
    code = properties.get("Code")
    place = properties.get("CodeUri", properties.get("ImageUri", code))
    inline = properties.get("InlineCode")
    if isinstance(code, Mapping) and "ZipFile" in code:
        inline = code["ZipFile"]
    image_uri = properties.get("ImageUri", as_mapping(code).get("ImageUri"))
    build = as_mapping(metadata.get("BuildProperties"))
    entry_points = build.get("EntryPoints")
    image = as_mapping(properties.get("ImageConfig"))
    command = image.get("Command")
    return Code(
        runtime=function.runtime,
        handler=function.handler,
        inline=None if _embedded(inline, literal) else _inline_text(deployment, inline),
        location=_embedded(inline, literal) or _location(place, literal),
        s3_key=_key(deployment, place),
        entry_points=tuple(text for point in entry_points if (text := literal(point)))
        if isinstance(entry_points, list)
        else (),
        asset_path=literal(metadata.get("aws:asset:path")) or "",
        image=function.image,
        docker_context=literal(metadata.get("DockerContext")) or "",
        dockerfile=literal(metadata.get("Dockerfile", metadata.get("aws:asset:dockerfile-path")))
        or "",
        docker_command=(literal(command[0]) or "") if isinstance(command, list) and command else "",
        layers=tuple(_layers(deployment, function)),
        logical_id=function.logical_id.rpartition(".")[2],
        function_name=known_end(deployment, properties.get("FunctionName")),
        image_uri=known_end(deployment, image_uri) if isinstance(image_uri, str | Mapping) else "",
        makefile=literal(metadata.get("BuildMethod")) == "makefile",
        working_directory=literal(build.get("WorkingDirectory", metadata.get("WorkingDirectory")))
        or "",
    )


def known_end(deployment: Deployment, value: Any) -> str:
    """What of a text is known up to its end: the whole, or what follows the last part that only
    the deployment knows, `${Prefix}/orders.zip`.
    """
    found = deployment.references.alternatives(value) if value is not None else ()
    last = found[0].parts[-1] if found and found[0].parts else ""
    return last if isinstance(last, str) else ""


def _key(deployment: Deployment, place: Any) -> str:
    if not isinstance(place, Mapping):
        return ""
    return known_end(deployment, place.get("S3Key", place.get("Key")))


def _embedded(inline: Any, literal: Callable[[Any], str | None]) -> str | None:
    """The file that Rain puts into a template as inline code
    (https://aws-cloudformation.github.io/rain/).
    """
    match inline:
        case {"Rain::Embed": place} | {"Fn::Rain::Embed": place}:
            return literal(place)
    return None


def _inline_text(deployment: Deployment, value: Any) -> str | None:
    """The inline code; what is only known at deployment stands in it as `Fn::Sub` writes it,
    `${Uploads.Arn}`.
    """
    found = deployment.references.alternatives(value) if value is not None else ()
    if not found:
        return None
    return "".join(part if isinstance(part, str) else placeholder(part) for part in found[0].parts)


def placeholder(token: Token) -> str:
    """`${Name}` or `${Name.Attribute}`."""
    return f"${{{token.name}.{token.attribute}}}" if token.attribute else f"${{{token.name}}}"


def _location(place: Any, literal: Callable[[Any], str | None]) -> str | None:
    """A local path; "" when the template names no place; None when the place is elsewhere or not
    known.
    """
    return "" if place is None else literal(place)


def _layers(deployment: Deployment, function: LambdaFunction) -> list[Layer]:
    """The layers declared in this template or in one that it nests."""
    return [
        _layer(deployment, function, reference.target)
        for reference in function.layers
        if isinstance(reference.target, str)
    ]


def _layer(deployment: Deployment, function: LambdaFunction, layer: str) -> Layer:
    """A layer; its content is named from the root of the file system where another template
    declares it.
    """
    literal = deployment.references.literal
    resource = deployment.resources.get(layer, {})
    properties, metadata = (
        as_mapping(resource.get("Properties")),
        as_mapping(resource.get("Metadata")),
    )
    content = properties.get("ContentUri", properties.get("Content"))
    place = literal(content)
    declared_in = deployment.file_of(layer)
    asset = literal(metadata.get("aws:asset:path")) or ""
    if declared_in and declared_in != deployment.file_of(function.logical_id):
        folder = Path(folder_of(declared_in))
        place = str(folder / place) if place else place
        asset = str(folder / asset) if asset else asset
    return Layer(
        location=place or "",
        asset_path=asset,
        s3_key=_key(deployment, content),
        logical_id=layer.rpartition(".")[2],
        makefile=literal(metadata.get("BuildMethod")) == "makefile",
    )

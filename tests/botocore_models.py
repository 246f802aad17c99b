"""What botocore says of a service's operations and their parameters."""

from __future__ import annotations

import functools
import re
from typing import Any

import botocore.session

SESSION = botocore.session.get_session()


@functools.cache
def services() -> frozenset[str]:
    return frozenset(SESSION.get_available_services())


@functools.cache
def model_of(service: str) -> Any:
    return SESSION.get_service_model(service)


def leads_somewhere(shape: Any, path: str) -> bool:
    """Whether a JSONPath names members of a shape, or the keys of a map in it."""
    for step in (
        re.sub(r"\[\*\]", ".[*]", path.removesuffix("~")).removeprefix("$").strip(".").split(".")
    ):
        if shape.type_name == "list":
            shape = shape.member
            if step == "[*]":
                continue
        if shape.type_name == "map":
            shape = shape.value
            continue
        if step == "*":
            return True
        if shape.type_name != "structure":
            return False
        members = [shape.members[name] for name in step.split(",") if name in shape.members]
        if not members:
            return False
        shape = members[0]
    return True

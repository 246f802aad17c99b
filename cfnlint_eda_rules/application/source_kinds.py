"""The kinds of event source a function can be invoked by."""

from __future__ import annotations

from collections.abc import Iterable

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import StrEnum


class SourceKind(StrEnum):
    """The kind of event source: what counts as one of the sources a function is invoked by."""

    API = "api"
    GRAPHQL = "graphql"
    QUEUE = "queue"
    TOPIC = "topic"
    BUCKET = "bucket"
    STREAM = "stream"
    TABLE = "table"
    BUS = "bus"
    SCHEDULE = "schedule"
    IDENTITY = "identity"
    LOGS = "logs"
    IOT = "iot"
    MAIL = "mail"
    KAFKA = "kafka"
    BROKER = "broker"
    WORKFLOW = "workflow"
    PIPE = "pipe"
    ALARM = "alarm"
    REPOSITORY = "repository"
    VOICE = "voice"
    UNKNOWN = "unknown"
    NONE = ""
    """Results of functions come from no event source."""


def kind_names(kinds: Iterable[SourceKind]) -> tuple[str, ...]:
    """Return kinds of event source as messages name them."""
    names = load("routes")["kinds"]
    return tuple(str(names.get(kind, kind)) for kind in kinds)

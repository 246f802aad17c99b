"""Operations of APIs, and what a set of them says about the function behind them.

An operation is one method of one path (REST and HTTP APIs, load balancers), one route key
(WebSocket APIs), one field (AppSync) or one trigger (Cognito).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cfnlint_eda_rules.application.source_kinds import SourceKind
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.conditions import ALWAYS, Conditions, coexisting
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.template.sections import TemplatePath

ANY = "ANY"
_VARIABLE = re.compile(r"\{[^{}/+]+\}")


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation that reaches a function.

    `api`        logical id of the API, listener or user pool (SAM's implicit APIs by the id SAM
                 gives them), or the external thing it is.
    `kind`       the kind of event source: API, GRAPHQL or IDENTITY.
    `style`      "rest", "http", "websocket", "url", "alb", "lattice", "graphql" or "cognito".
    `method`     in upper case, "ANY" for all, "GET,POST" where one listener rule takes several; ""
                 where the style has none.
    `path`       the path; the route key of a WebSocket API, `Type.field` of AppSync, the trigger's
                 name of Cognito.
    `catch_all`  an API's route for any path: a greedy path variable at the root or for `ANY`, an
                 HTTP API's `$default`, `ANY` on the root beside a greedy path.
    `front_door` takes whatever comes and names no operation: a Function URL, a load balancer's
                 target group.
    `greedy`     takes any path below its own, which may be one operation: the rest is a key.
    `place`      template path of the declaration.
    `conditions` what must hold for it to exist.
    """

    api: str | External
    kind: SourceKind
    style: str
    method: str
    path: str
    catch_all: bool
    place: TemplatePath
    conditions: Conditions = ALWAYS
    front_door: bool = False
    greedy: bool = False

    @property
    def name(self) -> str:
        """`GET /orders`, `$connect`, `Query.orders`: as messages name it."""
        return (
            f"{self.method} {self.path}" if self.method and self.path != "$default" else self.path
        )


def distinct(
    known: Sequence[ApiOperation], compatible: Callable[[Conditions], bool] | None = None
) -> tuple[ApiOperation, ...]:
    """Return the operations that count: the most that can exist together, each once.

    The same method and path on two APIs is one operation, `ANY` takes in the methods of its path,
    front doors name none, and what browsers ask before (`OPTIONS`, `HEAD`) is none. `compatible`
    says whether conditions can all hold at once; without it
    only opposite values of one condition exclude each other.
    """
    asides = load("routes")["asides"]
    named = [
        operation
        for operation in known
        if not operation.front_door
        and not all(method in asides for method in operation.method.split(","))
    ]
    return _merged(
        coexisting(
            named,
            lambda operation: operation.conditions,
            lambda part: len(_merged(part)),
            compatible or _not_opposite,
        )
    )


def _not_opposite(conditions: Conditions) -> bool:
    return not any((name, not value) in conditions for name, value in conditions)


def _merged(known: Sequence[ApiOperation]) -> tuple[ApiOperation, ...]:
    by_path: dict[tuple[str, str], dict[str, ApiOperation]] = {}
    for operation in known:
        # Two APIs may name one path variable differently.
        family = operation.kind if operation.method else operation.style
        path = _VARIABLE.sub("{}", operation.path).rstrip("/")
        by_path.setdefault((family, path), {}).setdefault(operation.method, operation)
    merged: list[ApiOperation] = []
    for methods in by_path.values():
        merged.extend([methods[ANY]] if ANY in methods else methods.values())
    return tuple(merged)


def catch_alls(known: Sequence[ApiOperation]) -> tuple[ApiOperation, ...]:
    """Return the operations that are an API's route for any path."""
    return tuple(operation for operation in known if operation.catch_all)


def fronts(known: Sequence[ApiOperation]) -> tuple[ApiOperation, ...]:
    """Return the operations that can put a whole web application in front: Function URLs, load
    balancers, edge distributions and routes for any path.
    """
    styles = load("routes")["front_doors"]
    return tuple(
        operation
        for operation in known
        if operation.catch_all or operation.greedy or operation.style in styles
    )

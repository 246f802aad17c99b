"""W9501: one function that holds the logic of an application.

Flags each function once with every reason. It cannot know how many tasks a handler tells apart by
the content of its events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from cfnlint_eda_rules import application as model
from cfnlint_eda_rules.rule import Finding, FunctionRule
from cfnlint_eda_rules.wording import listed

if TYPE_CHECKING:
    from cfnlint_eda_rules.application.api_operations import ApiOperation
    from cfnlint_eda_rules.application.application import Application


class LambdaMonolith(FunctionRule):
    """One function serves a whole application instead of one task.

    Reported when a function is behind a catch-all route, serves more than `max_operations`
    operations, is invoked by more than `max_event_source_kinds` kinds of event source, or holds a
    web application behind a Function URL, a load balancer or a catch-all route. Such a function's
    package, role, memory and timeout are those of its most demanding task, and every change deploys
    all of it.

    **Anti-pattern**

    Every request of the API goes to one function, which routes it in code.

    ```yaml
    ShopFunction:
      Type: AWS::Serverless::Function
      Properties:
        Handler: shop.handler
        Runtime: python3.13
        CodeUri: src/
        Policies:
          - DynamoDBCrudPolicy: {TableName: !Ref OrdersTable}
        Events:
          Everything:
            Type: HttpApi
            Properties: {Method: ANY, Path: "/{proxy+}"}
    ```

    **Best practice**

    One function per task, each with the permissions of that task. Move an existing application
    route by route (the strangler pattern): API Gateway prefers the specific route and leaves the
    rest to the old function until nothing is left.

    ```yaml
    GetOrderFunction:
      Type: AWS::Serverless::Function
      Properties:
        Handler: get_order.handler
        Runtime: python3.13
        CodeUri: src/
        Policies:
          - DynamoDBReadPolicy: {TableName: !Ref OrdersTable}
        Events:
          GetOrder:
            Type: HttpApi
            Properties: {Method: GET, Path: "/orders/{id}"}
    PlaceOrderFunction:
      Type: AWS::Serverless::Function
      Properties:
        Handler: place_order.handler
        Runtime: python3.13
        CodeUri: src/
        Policies:
          - DynamoDBWritePolicy: {TableName: !Ref OrdersTable}
        Events:
          PlaceOrder:
            Type: HttpApi
            Properties: {Method: POST, Path: /orders}
    ```
    """

    id = "W9501"
    shortdesc = "The Lambda monolith"
    description = (
        "A Lambda function should serve one task, not hold the logic of a whole application"
    )
    options: ClassVar[dict[str, dict[str, Any]]] = {
        "max_operations": {
            "default": 3,
            "type": "integer",
            "description": "How many distinct operations a function may serve.",
        },
        "max_event_source_kinds": {
            "default": 2,
            "type": "integer",
            "description": "How many kinds of event source may invoke a function.",
        },
    }

    def judge(self, application: Application, function: str) -> Finding | None:
        """The finding about a function that is a monolith."""
        reasons = list(self._reasons(application, function))
        if not reasons:
            return None
        return Finding(
            self._path(application, function), self._message(application, function, reasons)
        )

    def _reasons(self, application: Application, function: str) -> Iterator[str]:
        known = application.operations(function)
        counted = model.api_operations.distinct(known, application.references.compatible)
        kinds = application.source_kinds(function)
        if routes := model.api_operations.catch_alls(known):
            yield f"is behind the catch-all {listed(self._route(route) for route in routes)}"
        if len(counted) > self.limit("max_operations"):
            yield f"serves {len(counted)} operations ({self._some(counted)})"
        if len(kinds) > self.limit("max_event_source_kinds"):
            names = listed(model.source_kinds.kind_names(kinds))
            yield f"is invoked by {len(kinds)} kinds of event source ({names})"
        source = application.source(function)
        if model.api_operations.fronts(known):
            for mount in model.web_applications.web_applications(
                application.functions[function], source, self.strict
            ):
                routes_known = f" with {mount.routes} routes" if mount.routes else ""
                where = f"{mount.file}:{mount.line}" if mount.line else mount.file
                article = "an" if mount.framework[:1] in "AEIOU" else "a"
                yield (
                    f"holds {article} {mount.framework} "
                    f"application{routes_known}{f' (`{where}`)' if where else ''}"
                )
        adapter = model.web_applications.web_adapter(
            application.functions[function],
            application.web_adapter_in_image(function),
            application.references,
        )
        if adapter and not model.web_applications.serves_one_route(source):
            yield f"runs a web server behind the Lambda Web Adapter ({adapter})"

    def _some(self, counted: Sequence[ApiOperation]) -> str:
        names = [f"`{operation.name}`" for operation in counted]
        return (
            listed(names)
            if len(names) <= 6
            else f"{', '.join(names[:5])} and {len(names) - 5} more"
        )

    def _route(self, route: ApiOperation) -> str:
        return (
            f"route `{route.name}` of {route.api}"
            if isinstance(route.api, str)
            else f"route `{route.name}`"
        )

    def _path(self, application: Application, function: str) -> tuple[str | int, ...]:
        """The event that is the catch-all, where the function itself declares it; else the
        function.
        """
        own = ("Resources", function)
        return next(
            (
                route.place
                for route in model.api_operations.catch_alls(application.operations(function))
                if route.place[:2] == own
            ),
            own,
        )

    def _message(self, application: Application, function: str, reasons: Sequence[str]) -> str:
        harder = []
        if shared := application.permissions.shared_role(function):
            harder.append(f"is shared with {listed(shared)}")
        if broad := application.permissions.broad(function):
            harder.append(f"is broad ({listed(broad)})")
        least = (
            f" Its role {listed(harder)}, which puts least privilege further off." if harder else ""
        )
        return (
            f"{function} {listed(reasons)}.{least}"
            " Split it into one function per task, moving its routes and events over one by one "
            "(strangler pattern)."
        )

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

    Its package, role, memory and timeout are those of its most demanding task, and every change
    deploys all of it.

    **Reported when**

    - It is behind a catch-all route: a greedy path at the root or with `ANY`, `ANY` on the root
      plus a proxy, the `$default` route of an HTTP API
      (`fixtures/lambda_monolith/http-api-default-by-quick-create-and-by-route`).
    - It serves more than `max_operations` operations (method and path, AppSync field, Cognito
      trigger, path of an ALB rule, WebSocket route)
      (`fixtures/lambda_monolith/sls-four-methods-one-function`).
    - It is invoked by more than `max_event_source_kinds` kinds of event source
      (`fixtures/lambda_monolith/kinds-sam-queue-schedule-and-bus`).
    - Its source mounts a web framework with more than one route behind a Function URL, a load
      balancer, an edge distribution or a catch-all
      (`fixtures/lambda_monolith/function-url-fastapi-mangum-routers`).
    - It runs a web server behind the Lambda Web Adapter, and no source shows that it has one
      route (`fixtures/lambda_monolith/web-adapter-runs-a-script-with-many-routes`).

    **Not reported when**

    - One task has two operations; `OPTIONS` and `HEAD` are none
      (`fixtures/lambda_monolith/no-preflight-is-no-operation`).
    - Many sources are of one or two kinds
      (`fixtures/lambda_monolith/kinds-two-despite-five-resource-types`).
    - Conditions exclude each other: no deployment has all of it
      (`fixtures/lambda_monolith/no-exclusive-routes-and-disabled-sources`).
    - The catch-all goes to something else, as while a monolith is strangled
      (`fixtures/lambda_monolith/rest-greedy-proxy-goes-to-legacy-backend`).
    - It is a Lambda authorizer or the handler of a custom resource
      (`fixtures/lambda_monolith/kinds-authorizer-and-custom-resource-handler`).

    **Anti-pattern**

    Every request of the API goes to one function, which routes it in code.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Orders:
        Type: AWS::Serverless::SimpleTable
      ShopFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: python3.13
          InlineCode: |
            import shop

            def handler(event, context):
                return shop.route(event["requestContext"]["http"], event)
          Policies:
            - DynamoDBCrudPolicy: {TableName: !Ref Orders}
          Events:
            Everything:
              Type: HttpApi
              Properties: {Method: ANY, Path: "/{proxy+}"}
    ```

    **Best practice**

    One function for each task, each with the permissions of that task.

    ```yaml
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Orders:
        Type: AWS::Serverless::SimpleTable
      GetOrderFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: python3.13
          InlineCode: |
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                return table.get_item(Key={"id": event["pathParameters"]["id"]})["Item"]
          Policies:
            - DynamoDBReadPolicy: {TableName: !Ref Orders}
          Events:
            GetOrder:
              Type: HttpApi
              Properties: {Method: GET, Path: "/orders/{id}"}
      PlaceOrderFunction:
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: nodejs22.x
          InlineCode: |
            const { DynamoDBClient, PutItemCommand } = require("@aws-sdk/client-dynamodb");
            const client = new DynamoDBClient({});
            exports.handler = async (event) => {
              const order = JSON.parse(event.body);
              await client.send(new PutItemCommand({ TableName: "orders", Item: order }));
            };
          Policies:
            - DynamoDBWritePolicy: {TableName: !Ref Orders}
          Events:
            PlaceOrder:
              Type: HttpApi
              Properties: {Method: POST, Path: /orders}
    ```

    In CloudFormation each route is an `AWS::ApiGatewayV2::Route` with a `RouteKey` of its own
    (`GET /orders/{id}`) and an integration of its own. In CDK:

    ```typescript
    api.addRoutes({ path: "/orders/{id}", methods: [HttpMethod.GET], integration: getOrder });
    api.addRoutes({ path: "/orders", methods: [HttpMethod.POST], integration: placeOrder });
    ```

    **Remedy**

    Split it into one function for each task. Move an existing application route by route (the
    strangler pattern): API Gateway prefers the specific route and leaves the rest to the old
    function until nothing is left of it. Kinds of event source part first: what reads a queue
    needs another timeout, batch size and retry than what answers a request.

    **When not to heed it**

    AWS and others argue for a "Lambda-lith" where a team brings an existing web application
    along, where cold starts of many rarely used routes matter more than their isolation, or where
    the whole application is a few routes on the same data with the same permissions. Raise
    `max_operations` then, or ignore the rule at that function and say why. A web application that
    is to stay one is better told so: the Lambda Web Adapter in a container, or another service.

    **What it cannot know**

    How many tasks a handler tells apart by the content of its events; which operations belong to
    one task; routes that are registered in a way that depends on data.
    """

    id = "W9501"
    since = "0.1.0"
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

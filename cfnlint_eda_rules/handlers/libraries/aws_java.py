"""The AWS SDKs for Java: v2 (`software.amazon.awssdk`: clients, request builders, paginators,
waiters, the DynamoDB Enhanced Client, the S3 Transfer Manager) and v1 (`com.amazonaws`: clients,
requests with setters, the DynamoDB mapper and document API); Powertools; JSON mappers.

Developer guides: https://docs.aws.amazon.com/sdk-for-java/latest/developer-guide/ and
https://docs.aws.amazon.com/sdk-for-java/v1/developer-guide/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import is_service, service_of_class, service_of_package
from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    Instance,
    ListObject,
    RecordObject,
    argument_needs,
    derived,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Known,
    Native,
    Object,
    Promise,
    Run,
)
from cfnlint_eda_rules.handlers.languages.common import decode_json
from cfnlint_eda_rules.handlers.languages.java.builtins import Optional, encoded
from cfnlint_eda_rules.handlers.libraries.model import (
    Container,
    answering,
    apply,
    function,
    harmless,
    nothing,
    request_of,
)
from cfnlint_eda_rules.handlers.libraries.sdk import perform, wait
from cfnlint_eda_rules.handlers.symbolic_values import Literal

_V2 = "software.amazon.awssdk."
_V1 = "com.amazonaws.services."
_CLIENT_NAMES = re.compile(r"^(?:Amazon|AWS)?(\w+?)(Async)?(?:Client)?(Builder)?$")
_JSON = frozenset(
    {
        *("ObjectMapper", "JsonMapper", "Gson", "GsonBuilder", "JsonParser"),
        *("JSONObject", "JSONArray", "JsonObject", "JsonArray"),
    }
)


def library(language: str, module: str) -> Object | None:
    """A class of an SDK, of Powertools or of a JSON mapper; None for others."""
    if module.startswith(f"{_V2}services."):
        return _version_2(module.removeprefix(f"{_V2}services."))
    if module.startswith(_V2):
        return _shared_class(module.removeprefix(_V2))
    if module.startswith(_V1):
        return _version_1(module.removeprefix(_V1))
    if module.startswith("software.amazon.lambda.powertools."):
        return _powertools(module.rpartition(".")[2])
    name = module.rpartition(".")[2]
    if name in _JSON:
        return _json(name)
    if module.startswith("com.amazonaws.xray"):
        return harmless(name)
    return None


def annotated(language: str, name: str) -> Object | None:
    """The client with this type name: `S3Client`, `DynamoDbAsyncClient`, `AmazonS3`."""
    if name in ("DynamoDbEnhancedClient", "DynamoDbEnhancedAsyncClient"):
        return _enhanced(name.endswith("AsyncClient"))
    if name == "DynamoDBMapper":
        return _mapper()
    if name == "S3TransferManager":
        return _transfer_manager()
    first = re.match(r"Amazon|AWS", name)
    if first is None and not name.endswith("Client"):
        return None
    service, asynchronous = _service(name)
    return _client(service, asynchronous, first is not None) if is_service(service) else None


def _service(name: str) -> tuple[str, bool]:
    """The service of a client's class, and whether its calls are asynchronous."""
    found = _CLIENT_NAMES.match(name)
    stem = found[1].lower() if found else name.lower()
    known: str = load("java_sdk")["services"].get(stem) or service_of_class(stem)
    return known, bool(found and found[2])


# ---------------------------------------------------------------------------------------- requests


def _parameter(service: str, name: str) -> str:
    """A request's parameter as the API spells it."""
    rows = load("java_sdk")
    upper = name[:1].upper() + name[1:]
    renamed = rows["renamed"].get(service, {}).get(upper)
    if renamed is not None:
        return str(renamed)
    return name[:1].lower() + name[1:] if service in rows["lower"] else upper


class Builder(Native):
    """A builder of a request or of a part of one, and in v1 the request: what is set so far."""

    __slots__ = ("entries", "operation", "service")

    def __init__(
        self, service: str, operation: str, entries: Mapping[str, Object] | None = None
    ) -> None:
        super().__init__("builder", on_attribute=self._asked)
        self.service = service
        self.operation = operation
        self.entries = RecordObject(dict(entries or {}))

    def built(self) -> Object:
        """What is built of what was set."""
        made = Built(dict(self.entries.entries), self.entries.partial)
        made.needs = self.entries.needs | self.needs
        made.operation = self.operation
        return made

    def _asked(self, name: str, run: Run) -> Object | None:
        if name in ("build", "toBuilder"):
            return function(name, lambda arguments, run: self.built() if name == "build" else self)
        if name == "applyMutation":
            return function(name, self._applied)
        setter = re.sub(r"^(?:with|set)(?=[A-Z])", "", name)
        getter = re.sub(r"^get(?=[A-Z])", "", name)
        parameter = _parameter(self.service, setter)

        def called(arguments: Arguments, run: Run) -> Object:
            if not arguments.positional:
                found = self.entries.entries.get(_parameter(self.service, getter))
                return derived(name, self.entries) if found is None else found
            self.entries.set(parameter, self._given(setter, arguments, run), run)
            return self

        return function(name, called)

    def _applied(self, arguments: Arguments, run: Run) -> Object:
        run.invoke(arguments.positional[0], [self]) if arguments.positional else None
        return self

    def _given(self, name: str, arguments: Arguments, run: Run) -> Object:
        values = [_built(one, self.service, run) for one in arguments.positional]
        if len(values) == 2 and name.startswith("add") and name.endswith("Entry"):
            return values[1]
        if len(values) > 1:
            return run.items(values)
        one = values[0]
        several = name.endswith("s") and not name.endswith(("ss", "Settings", "Attributes"))
        return run.items([one]) if several and isinstance(one, Built) else one


class Built(RecordObject):
    """What a builder built: a request, or a part of one."""

    __slots__ = ("operation",)
    operation: str


def _built(given: Object, service: str, run: Run) -> Object:
    """A parameter's value: what a consumer of a builder sets is built."""
    if isinstance(given, FunctionObject):
        made = Builder(service, "")
        run.invoke(given, [made])
        return made.built()
    if isinstance(given, Builder):
        return given.built()
    if isinstance(given, ListObject) and any(isinstance(e, Builder) for e in given.elements):
        items = [_built(element, service, run) for element in given.elements]
        return run.items(items, given.partial)
    return given.held if isinstance(given, Optional) else given


def _model_class(service: str, name: str) -> Native:
    """A class of a service's model: a request or a part of one, an enumeration, an exception."""
    operation = re.sub(r"(?:Request|Spec)$", "", name)
    positional = load("java_sdk")["positional"].get(operation, ())

    def made(arguments: Arguments, run: Run) -> Object:
        given = {
            parameter: _built(value, service, run)
            for parameter, value in zip(positional, arguments.positional, strict=False)
        }
        builder = Builder(service, operation, given)
        if len(arguments.positional) > len(given):
            builder.needs = argument_needs(arguments)
        return builder

    def attribute(member: str, run: Run) -> Object | None:
        if member == "builder":
            return answering(member, lambda: Builder(service, operation))
        if member.startswith("from") and len(member) > 4:
            return function(member, lambda given, run: _part(service, member[4:], given, run))
        if member == "create":
            return answering(member, lambda: Builder(service, operation).built())
        if member.isupper() or member[:1].isupper():
            return Known(Literal(_constant(name, member)))
        return None

    return Native(name, on_call=made, on_attribute=attribute)


def _part(service: str, name: str, arguments: Arguments, run: Run) -> Object:
    """`AttributeValue.fromS("text")`, `EventType.fromValue("x")`."""
    value = _built(arguments.positional[0], service, run) if arguments.positional else Object()
    return value if name in ("Value", "Name") else Built({name: value})


def _constant(kind: str, name: str) -> str:
    """The value of an enumeration's constant: `REQUEST_RESPONSE` is "RequestResponse" where the
    API's values are words.
    """
    if kind not in load("java_sdk")["words"] or not name.isupper():
        return name
    return "".join(word.capitalize() for word in name.split("_"))


def _requested(
    service: str, operation: str, arguments: Arguments, run: Run
) -> tuple[str, dict[str, Object]]:
    """The operation and its request, from the arguments of a client's method."""
    given = [_built(one, service, run) for one in arguments.positional]
    first = given[0] if given else None
    if first is None or isinstance(first, RecordObject):
        # Of the packages that are imported as a whole, which one a request's class is in is not
        # known: the client knows.
        request = {
            name if name == "**" else _parameter(service, name): value
            for name, value in request_of(run, first).items()
        }
        body = load("java_sdk")["bodies"].get(f"{service}.{operation}")
        if body is not None and len(given) > 1:
            request[body] = given[1]
        return operation, request
    rows = load("java_sdk")["positional"]
    names: Sequence[str] = rows.get(operation, ())
    if type(first) is Object and len(given) == 1:
        return operation, {"**": first}
    request = dict(zip(names, given, strict=False))
    if not names:
        request["**"] = Object("", argument_needs(arguments))
    return operation, request


# ----------------------------------------------------------------------------------------- clients


def _client(service: str, asynchronous: bool, first: bool = False) -> Native:
    """A client: a method for each operation; `first` for version 1 of the SDK."""

    def attribute(name: str, run: Run) -> Object | None:
        if name in ("close", "shutdown", "serviceName", "setRegion", "setEndpoint", "utilities"):
            return harmless(name)
        if name == "waiter" or name == "waiters":
            return answering(name, lambda: _waiter(service, asynchronous))
        if name.startswith(("generatePresigned", "getUrl", "getCachedResponseMetadata")):
            return answering(name, Object)
        if name.endswith("Paginator"):
            return function(
                name, lambda given, run: _pages(service, _operation(service, name[:-9]), given, run)
            )
        operation = _operation(service, name)
        begins = asynchronous and (not first or name.endswith("Async"))
        return function(name, lambda given, run: _called(service, operation, given, run, begins))

    return Native(f"client({service})", on_attribute=attribute)


def _operation(service: str, name: str) -> str:
    name = name.removesuffix("Async")
    upper = name[:1].upper() + name[1:]
    found: str = load("java_sdk")["operations"].get(f"{service}.{upper}", upper)
    return found


def _called(
    service: str, operation: str, arguments: Arguments, run: Run, asynchronous: bool
) -> Object:
    name, request = _requested(service, operation, arguments, run)
    return perform(run, service, name, request, asynchronous=asynchronous)


class Pages(Container):
    """The pages that a paginator gives, or all that is in them."""

    def attribute(self, name: str, run: Run) -> Object:
        if name in ("stream", "iterator", "toList"):
            return answering(name, lambda: run.items([self.element], True))
        if name in ("forEach", "subscribe"):
            return function(name, lambda given, run: self._each(given, run))
        # What is in the pages: `contents()`, `items()`.
        inside = run.get_item(self.element, Known(Literal(name)))
        return answering(name, lambda: run.items([run.iterate(inside)], True))

    def _each(self, arguments: Arguments, run: Run) -> Object:
        action = arguments.positional[0] if arguments.positional else Object()
        run.each(self, lambda element, index: run.invoke(action, [element]))
        return Promise(nothing(), self.needs)


def _pages(service: str, operation: str, arguments: Arguments, run: Run) -> Object:
    name, request = _requested(service, operation, arguments, run)
    result = perform(run, service, name, request)
    return Pages("pages", result, needs=result.needs)


def _waiter(service: str, asynchronous: bool) -> Native:
    def attribute(name: str, run: Run) -> Object | None:
        if name.startswith("waitUntil"):
            state = name.removeprefix("waitUntil")
        elif name[:1].islower() and name not in ("close", "run", "overrideConfiguration"):
            state = name[:1].upper() + name[1:]
        else:
            return harmless(name)

        def waited(arguments: Arguments, run: Run) -> Object:
            _, request = _requested(service, state, arguments, run)
            return wait(run, service, state, request, asynchronous=asynchronous)

        if name.startswith("waitUntil"):
            return function(name, waited)
        return answering(name, lambda: Native(name, attributes={"run": function("run", waited)}))

    return Native("waiter", on_attribute=attribute)


def _client_class(service: str, asynchronous: bool, first: bool) -> Native:
    """A client's class, or that of its builder."""

    def made(arguments: Arguments | None = None, run: Run | None = None) -> Native:
        return _client(service, asynchronous, first)

    def building(name: str, run: Run) -> Object | None:
        return answering(name, made if name in ("build", "create") else lambda: builder)

    builder = Native("builder", on_attribute=building)
    begun = ("builder", "standard")
    found = Native(f"{service} client", on_call=lambda arguments, run: made())
    found.attributes = {
        **{name: answering(name, lambda: builder) for name in begun},
        **{name: answering(name, made) for name in ("create", "defaultClient", "inject")},
    }
    return found


# --------------------------------------------------------------------------------------- version 2


def _version_2(path: str) -> Object | None:
    package, _, rest = path.partition(".")
    service = service_of_package(package)
    name = rest.rpartition(".")[2]
    if "presigner" in rest:
        return harmless(name)
    if rest.startswith("model."):
        return None if name.endswith("Client") else _model_class(service, name)
    if "waiters" in rest:
        made = answering("create", lambda: _waiter(service, "Async" in name))
        return Native(name, attributes={"create": made, "builder": _building(made)})
    if name.endswith("Client"):
        own = _service(name)[0] == service
        return _client_class(service, name.endswith("AsyncClient"), False) if own else None
    return None


def _building(made: Native) -> Native:
    """A builder's class method for what only `build()` makes."""

    def asked(name: str, run: Run) -> Object | None:
        return answering(name, lambda: made.call(Arguments([], {}), run) if name == "build" else it)

    it: Native = Native("builder", on_attribute=asked)
    return answering("builder", lambda: it)


def _shared_class(path: str) -> Object | None:
    name = path.rpartition(".")[2]
    if path.startswith("enhanced.dynamodb"):
        return _enhanced_class(name)
    if path.startswith("transfer.s3"):
        return _transfer_class(name)
    if path.startswith("core") and name in ("RequestBody", "AsyncRequestBody", "SdkBytes"):
        return Native(name, on_attribute=lambda member, run: function(member, _content))
    if name == "Region":
        return Native(name, on_attribute=lambda member, run: Known(Literal(member)))
    return None


def _content(arguments: Arguments, run: Run) -> Object:
    return arguments.positional[0] if arguments.positional else nothing()


def _enhanced_class(name: str) -> Object | None:
    if name in ("DynamoDbEnhancedClient", "DynamoDbEnhancedAsyncClient"):
        asynchronous = name.endswith("AsyncClient")
        made = answering("create", lambda: _enhanced(asynchronous))
        attributes = {"create": made, "builder": _building(made), "inject": made}
        return Native(name, attributes=attributes)
    if name.endswith(("Request", "Key", "WriteBatch", "ReadBatch", "Expression")):
        return _model_class("dynamodb", name)
    return None


def _enhanced(asynchronous: bool) -> Native:
    """The DynamoDB Enhanced Client: tables by name, and requests over several of them.

    https://docs.aws.amazon.com/sdk-for-java/latest/developer-guide/dynamodb-enhanced-client.html
    """

    def table(arguments: Arguments, run: Run) -> Object:
        name = arguments.positional[0] if arguments.positional else Object("table")
        return Table(name, asynchronous)

    def several(operation: str) -> Native:
        def called(arguments: Arguments, run: Run) -> Object:
            batch = _Batch()
            for given in arguments.positional[:1]:
                if isinstance(given, FunctionObject):
                    run.invoke(given, [batch])
                else:
                    batch.needs |= argument_needs(arguments)
            request = batch.request(operation, run)
            return perform(run, "dynamodb", operation, request, asynchronous=asynchronous)

        return function(operation, called)

    return Native(
        "enhanced client",
        attributes={
            "table": function("table", table),
            "transactWriteItems": several("TransactWriteItems"),
            "transactGetItems": several("TransactGetItems"),
            "batchWriteItem": several("BatchWriteItem"),
            "batchGetItem": several("BatchGetItem"),
        },
    )


class Table(Native):
    """A `DynamoDbTable` or one of its indexes."""

    __slots__ = ("asynchronous", "name")

    def __init__(self, name: Object, asynchronous: bool) -> None:
        super().__init__("table", on_attribute=self._asked)
        self.name = name
        self.asynchronous = asynchronous

    def _asked(self, name: str, run: Run) -> Object | None:
        if name == "tableName":
            return answering(name, lambda: self.name)
        if name == "index":
            return answering(name, lambda: self)
        row = load("java_sdk")["tables"].get(name)
        return (
            None
            if row is None
            else function(name, lambda given, run: self._called(row, given, run))
        )

    def _called(self, row: Mapping[str, str], arguments: Arguments, run: Run) -> Object:
        request: dict[str, Object] = {"TableName": self.name}
        given = [_built(one, "dynamodb", run) for one in arguments.positional]
        if given and "content" in row:
            entries, _ = run.entries(given[0]) if isinstance(given[0], Built) else ({}, False)
            request[row["content"]] = encoded(entries.get(row["content"], given[0]))
        if needs := argument_needs(arguments):
            request["**"] = Object("", needs)
        paged = row["operation"] in ("Query", "Scan")
        begins = self.asynchronous and not paged
        result = perform(run, "dynamodb", row["operation"], request, asynchronous=begins)
        return Pages("pages", result, needs=result.needs) if paged else result


class _Batch(Native):
    """What is added to a request over several tables."""

    __slots__ = ("added",)

    def __init__(self) -> None:
        super().__init__("batch", on_attribute=self._asked)
        self.added: list[tuple[str, Object, Object]] = []

    def _asked(self, name: str, run: Run) -> Object | None:
        def called(arguments: Arguments, run: Run) -> Object:
            table, *rest = [*arguments.positional, Object()]
            if isinstance(table, Table):
                item = _built(rest[0], "dynamodb", run)
                self.added.append((name.removeprefix("add").removesuffix("Item"), table.name, item))
            self.needs |= argument_needs(arguments)
            return self

        return function(name, called)

    def request(self, operation: str, run: Run) -> dict[str, Object]:
        """The request as the API has it."""
        items: list[Object] = []
        for verb, table, item in self.added:
            place = "Item" if verb == "Put" else "Key"
            items.append(RecordObject({verb: RecordObject({"TableName": table, place: item})}))
        found: dict[str, Object] = {"TransactItems": run.items(items)} if items else {}
        if self.needs:
            found["**"] = Object("", self.needs)
        return found


def _transfer_class(name: str) -> Object | None:
    if name == "S3TransferManager":
        made = answering("create", _transfer_manager)
        return Native(name, attributes={"create": made, "builder": _building(made)})
    return _model_class("s3", name) if name.endswith("Request") else None


_TRANSFERS = {
    "uploadFile": "ManagedUpload",
    "upload": "ManagedUpload",
    "uploadDirectory": "ManagedUpload",
    "copy": "ManagedCopy",
    "download": "GetObject",
    "downloadFile": "GetObject",
    "downloadDirectory": "GetObject",
}


def _transfer_manager() -> Native:
    """The S3 Transfer Manager of either version: transfers run until somebody waits for them."""

    def attribute(name: str, run: Run) -> Object | None:
        operation = _TRANSFERS.get(name)
        if operation is None:
            return harmless(name)
        return function(name, lambda given, run: transferred(operation, given, run))

    def transferred(operation: str, arguments: Arguments, run: Run) -> Object:
        _, request = _requested("s3", operation, arguments, run)
        for part in ("PutObjectRequest", "CopyObjectRequest", "GetObjectRequest"):
            if isinstance(found := request.get(part), RecordObject):
                request = request_of(run, found)
        promise = perform(run, "s3", operation, request, asynchronous=True)
        if isinstance(promise, Promise):
            for name in ("waitForCompletion", "waitForUploadResult", "waitForCopyResult"):
                promise.members[name] = lambda given, run: run.join(promise)
        return promise

    return Native("transfer manager", on_attribute=attribute)


# --------------------------------------------------------------------------------------- version 1


def _version_1(path: str) -> Object | None:
    package, _, rest = path.partition(".")
    name = rest.rpartition(".")[2]
    if package == "lambda" and rest.startswith("runtime."):
        return None
    service = _service_of_package(package)
    if rest.startswith("model."):
        return _model_class(service, name)
    if name == "TransferManagerBuilder" or name == "TransferManager":
        made = answering("defaultTransferManager", _transfer_manager)
        attributes = {"defaultTransferManager": made, "standard": _building(made)}
        return Native(name, on_call=lambda given, run: _transfer_manager(), attributes=attributes)
    if rest.startswith("datamodeling."):
        return function(name, lambda given, run: _mapper()) if name == "DynamoDBMapper" else None
    if rest.startswith("document."):
        return _document_class(name)
    found = _CLIENT_NAMES.match(name)
    if name.startswith(("Amazon", "AWS")) and found is not None:
        return _client_class(service, bool(found[2]), True)
    return None


def _service_of_package(package: str) -> str:
    rows = load("java_sdk")
    known: str = rows["packages"].get(package) or rows["services"].get(package, "")
    return known or service_of_package(package)


def _mapper() -> Native:
    """`DynamoDBMapper`, whose classes name their tables: each class is a table."""

    def attribute(name: str, run: Run) -> Object | None:
        row = load("java_sdk")["mapper"].get(name)
        return None if row is None else function(name, lambda given, run: called(row, given, run))

    def called(operation: str, arguments: Arguments, run: Run) -> Object:
        request: dict[str, Object] = {}
        for given in arguments.positional[:1]:
            name = given.kind.node.name if isinstance(given, Instance) else given.text()
            request["TableName"] = Object(f"table of {name}") if name else Object()
        if needs := argument_needs(arguments):
            request["**"] = Object("", needs)
        return perform(run, "dynamodb", operation, request)

    return Native("mapper", on_attribute=attribute)


def _document_class(name: str) -> Object | None:
    """`new DynamoDB(client).getTable(name)`: the document API."""
    if name != "DynamoDB":
        return _model_class("dynamodb", name)
    table = function(
        "getTable",
        lambda given, run: Table(given.positional[0] if given.positional else Object(), False),
    )
    return Native(
        name, on_call=lambda given, run: Native("document", attributes={"getTable": table})
    )


# ------------------------------------------------------------------------------- Powertools, JSON


def _powertools(name: str) -> Object | None:
    if name == "ParamManager":
        providers = load("java_sdk")["parameters"]
        return Native(
            name,
            on_attribute=lambda asked, run: (
                answering(asked, lambda: _provider(providers[asked]))
                if asked in providers
                else None
            ),
        )
    if name == "BatchMessageHandlerBuilder":
        return function(name, lambda given, run: _batch())
    if name in ("SsmProvider", "SecretsProvider"):
        row = load("java_sdk")["parameters"][f"get{name}"]
        made = answering("get", lambda: _provider(row))
        return Native(name, attributes={"get": made, "create": made, "builder": _building(made)})
    return harmless(name)


def _provider(row: Mapping[str, Any]) -> Native:
    """A provider of parameters, which keeps what it fetches."""

    def fetched(given: Arguments, run: Run) -> Object:
        fetch = function(
            "fetch",
            lambda _, run: perform(
                run, row["service"], row["operation"], {row["parameter"]: _content(given, run)}
            ),
        )
        return run.once(fetch)

    def attribute(name: str, run: Run) -> Object | None:
        fetches = name in ("get", "getMultiple")
        return function(name, fetched) if fetches else answering(name, lambda: made)

    made = Native("provider", on_attribute=attribute)
    return made


def _batch() -> Native:
    """The builder of a batch handler, which calls the function that it is given for each record."""

    def attribute(name: str, run: Run) -> Object | None:
        if not name.startswith("buildWith"):
            return answering(name, lambda: made)
        raw = name == "buildWithRawMessageHandler"
        return function(name, lambda given, run: _batch_handler(given, raw))

    made = Native("batch", on_attribute=attribute)
    return made


def _batch_handler(given: Arguments, raw: bool) -> Object:
    action = given.positional[0] if given.positional else None

    def process(arguments: Arguments, run: Run) -> Object:
        event = arguments.positional[0] if arguments.positional else Object("event")
        records = run.get_attribute(event, "Records")
        if action is not None:
            run.each(
                records,
                lambda record, index: apply(
                    run, action, [record if raw else run.get_attribute(record, "body")]
                ),
            )
        return Object("response")

    return Native(
        "handler",
        attributes={
            name: function(name, process) for name in ("processBatch", "processBatchInParallel")
        },
    )


def _json(name: str) -> Native:
    """A JSON mapper: what is read is what was written."""

    def written(arguments: Arguments, run: Run) -> Object:
        return encoded(arguments.positional[-1]) if arguments.positional else nothing()

    def read(arguments: Arguments, run: Run) -> Object:
        return decode_json(arguments.positional[0]) if arguments.positional else RecordObject()

    behaviours: dict[str, Callable[[Arguments, Run], Object]] = {
        **dict.fromkeys(
            ("readValue", "readTree", "fromJson", "convertValue", "parseString", "parse"), read
        ),
        **dict.fromkeys(
            ("writeValueAsString", "writeValueAsBytes", "toJson", "valueToTree", "toJsonTree"),
            written,
        ),
        "createObjectNode": lambda arguments, run: RecordObject(),
        "createArrayNode": lambda arguments, run: run.items([]),
    }

    def attribute(asked: str, run: Run) -> Object | None:
        if asked in behaviours:
            return function(asked, behaviours[asked])
        return answering(asked, lambda: mapper)

    mapper = Native("mapper", on_attribute=attribute)
    if name.lower() == "jsonobject":
        return function(name, read)
    if name.lower() == "jsonarray":
        return function(name, lambda arguments, run: run.items([]))
    found = Native(name, on_call=lambda arguments, run: mapper, on_attribute=attribute)
    return found

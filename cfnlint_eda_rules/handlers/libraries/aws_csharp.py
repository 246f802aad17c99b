"""The AWS SDK for .NET: clients, requests by initialisers or parameters, paginators, the DynamoDB
object persistence and document models, the S3 transfer utility.

https://docs.aws.amazon.com/sdk-for-net/v4/developer-guide/welcome.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import is_service, service_of_class
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    Instance,
    ListObject,
    RecordObject,
    argument_needs,
    constant,
    needs_of,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Known,
    Native,
    Object,
    Run,
)
from cfnlint_eda_rules.handlers.languages.csharp import classes
from cfnlint_eda_rules.handlers.languages.csharp.builtins import encoded
from cfnlint_eda_rules.handlers.libraries.model import (
    Container,
    answering,
    function,
    harmless,
    request_of,
)
from cfnlint_eda_rules.handlers.libraries.sdk import perform
from cfnlint_eda_rules.handlers.symbolic_values import Literal

_CLIENT = re.compile(r"I?Amazon(\w+?)(?:Client)?")
_DEEPEST = 6
_MODEL = re.compile(r"(?:^|;)Amazon\.(?!Lambda\.(?!Model))")
# What types of other libraries are called that stand beside the SDK's.
_OTHERS = re.compile(
    r"(?:Collection|Builder|Provider|Exception|Logger|Options|Client|Service|Services|Factory"
    r"|Handler|Tracer|Metrics|Context|Serializer|Startup|Configuration|Source|Host|Extensions)$"
)
_SESSION = frozenset({"DynamoDBContext", "IDynamoDBContext", "DynamoDBContextBuilder"})


def library(name: str, namespaces: str) -> Object | None:
    """A type of the SDK; None for others. `namespaces` are those that the file uses."""
    client = annotated("csharp", name)
    if client is not None:
        return Native(
            name,
            on_call=lambda arguments, run: annotated("csharp", name) or Object(),
            attributes={
                "inject": answering("inject", lambda: annotated("csharp", name) or Object())
            },
        )
    if name in ("Table", "TableBuilder") and "DocumentModel" in namespaces:
        return _table_class(name)
    if name == "Document" and "DocumentModel" in namespaces:
        from_json = {"FromJson": function("FromJson", _content)}
        return Native(name, on_call=lambda given, run: RecordObject(), attributes=from_json)
    if name == "AmazonS3Util":
        return Native(name, on_attribute=lambda asked, run: function(asked, _bucket_exists))
    if _MODEL.search(namespaces) is not None and _OTHERS.search(name) is None:
        return _model_class(name)
    return None


def annotated(language: str, name: str) -> Object | None:
    """What has this type: `IAmazonS3`, `AmazonSQSClient`, `IDynamoDBContext`."""
    if name in _SESSION:
        return _context()
    if name in ("TransferUtility", "ITransferUtility"):
        return _transfers()
    if name.endswith(("Config", "Exception", "Request", "Response")):
        return None
    found = _CLIENT.fullmatch(name)
    service = "" if found is None else _service(found[1])
    return _client(service) if service and is_service(service) else None


def _service(name: str) -> str:
    stem = name.lower()
    known: str = load("csharp_sdk")["services"].get(stem) or service_of_class(stem)
    return known


# ---------------------------------------------------------------------------------------- requests


def _model_class(name: str) -> Native:
    """A class of a service's model: a request or a part of one, an enumeration's constants."""
    operation = name.removesuffix("Request")
    positional = load("csharp_sdk")["positional"].get(operation, ())

    def made(arguments: Arguments, run: Run) -> Object:
        given = dict(zip(positional, arguments.positional, strict=False))
        if name == "AttributeValue" and arguments.positional:
            given = {"S": arguments.positional[0]}
        return RecordObject({**given, **arguments.named}, False, argument_needs(arguments))

    def attribute(member: str, run: Run) -> Object | None:
        if member in ("FromJson", "Parse", "FindValue"):
            return function(member, _content)
        return Known(Literal(member))

    return Native(name, on_call=made, on_attribute=attribute)


def _content(arguments: Arguments, run: Run) -> Object:
    return arguments.positional[0] if arguments.positional else Object()


def _spelled(service: str, given: Object, run: Run, depth: int = 0) -> Object:
    """A part of a request with the names that the API has."""
    lower = service in load("csharp_sdk")["lower"]
    if depth > _DEEPEST:
        return given
    if isinstance(given, Instance):
        return encoded(given)
    if not lower:
        return given
    if isinstance(given, ListObject):
        items = [_spelled(service, one, run, depth + 1) for one in given.elements]
        return run.items(items, given.partial)
    if isinstance(given, RecordObject):
        entries = {
            name[:1].lower() + name[1:]: _spelled(service, value, run, depth + 1)
            for name, value in given.entries.items()
        }
        return RecordObject(entries, given.partial, needs_of(given))
    return given


def _parameter(service: str, name: str) -> str:
    rows = load("csharp_sdk")
    renamed: str | None = rows["renamed"].get(service, {}).get(name)
    if renamed is not None:
        return renamed
    return name[:1].lower() + name[1:] if service in rows["lower"] else name


def _requested(service: str, operation: str, arguments: Arguments, run: Run) -> dict[str, Object]:
    """The request, from the arguments of a client's method."""
    given = arguments.positional
    names = load("csharp_sdk")["positional"].get(operation, ())
    first = given[0] if given else None
    if isinstance(first, RecordObject | Instance) or (
        first is not None and len(given) == 1 and constant(first) is not None and not names
    ):
        request = request_of(run, first)
    else:
        request = dict(zip(names, given, strict=False))
        request["**"] = Object("", argument_needs(arguments))
    return {
        _parameter(service, name): value if name == "**" else _spelled(service, value, run)
        for name, value in request.items()
    }


# ----------------------------------------------------------------------------------------- clients


def _client(service: str) -> Native:
    """A client: a method for each operation."""

    def attribute(name: str, run: Run) -> Object | None:
        if name == "Paginators":
            return Native(name, on_attribute=lambda asked, run: _paginator(service, asked))
        own = classes.extension(client, name, run)
        if own is not None:
            return own
        if name in ("Config", "Dispose") or name.startswith(("GetPreSigned", "BeforeRequest")):
            return harmless(name)
        asynchronous = name.endswith("Async")
        operation = _operation(service, name.removesuffix("Async"))

        def called(arguments: Arguments, run: Run) -> Object:
            request = _requested(service, operation, arguments, run)
            return perform(run, service, operation, request, asynchronous=asynchronous)

        return function(name, called)

    client = Native(f"client({service})", on_attribute=attribute)
    return client


def _operation(service: str, name: str) -> str:
    found: str = load("csharp_sdk")["operations"].get(f"{service}.{name}", name)
    return found


class Pages(Container):
    """The pages that a paginator gives, or all that is in them."""

    def attribute(self, name: str, run: Run) -> Object:
        if name == "Responses":
            return run.items([self.element], True)
        inside = run.get_item(self.element, Known(Literal(name)))
        return run.items([run.iterate(inside)], True)


def _paginator(service: str, operation: str) -> Native:
    def called(arguments: Arguments, run: Run) -> Object:
        request = _requested(service, operation, arguments, run)
        result = perform(run, service, operation, request)
        return Pages("pages", result, needs=result.needs)

    return function(operation, called)


def _bucket_exists(arguments: Arguments, run: Run) -> Object:
    """`AmazonS3Util.DoesS3BucketExistV2Async(client, bucket)`."""
    bucket = arguments.get("", 1) or Object("bucket")
    return perform(run, "s3", "HeadBucket", {"Bucket": bucket}, asynchronous=True)


# ---------------------------------------------------------------------------------------- DynamoDB


class _Search(Native):
    """A query or scan that is made, page by page, when its answers are asked for."""

    __slots__ = ("operation", "request")

    def __init__(self, operation: str, request: dict[str, Object]) -> None:
        super().__init__("search", on_attribute=self._asked)
        self.operation = operation
        self.request = request

    def _asked(self, name: str, run: Run) -> Object | None:
        if name == "IsDone":
            return Object("search.IsDone", self.needs)
        return function(name, self._next) if name.startswith("Get") else None

    def _next(self, arguments: Arguments, run: Run) -> Object:
        items = _Item(self.request["TableName"])
        result = run.start("sdk", "dynamodb", self.operation, self.request, result=items)
        self.needs |= needs_of(result)
        return result


class _Item(Object):
    """Something that was read from a table, or a list of such things."""

    __slots__ = ("table",)

    def __init__(self, table: Object) -> None:
        super().__init__("item")
        self.table = table

    def iterate(self, run: Run) -> Object:
        return self

    def item(self, key: Object, run: Run) -> Object:
        return self


def _performed(operation: str, name: str, request: dict[str, Object], run: Run) -> Object:
    if operation == "GetItem":
        item = _Item(request["TableName"])
        begins = run.start if name.endswith("Async") else run.request
        return begins("sdk", "dynamodb", operation, request, result=item)
    if operation in ("Query", "Scan"):
        return _Search(operation, request)
    asynchronous = name.endswith("Async")
    return perform(run, "dynamodb", operation, request, asynchronous=asynchronous)


def _context() -> Native:
    """`DynamoDBContext`, whose classes name their tables.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DotNetSDKHighLevel.html
    """

    def attribute(name: str, run: Run) -> Object | None:
        plain = name.removesuffix("Async")
        if plain.startswith("CreateBatch"):
            operation = load("csharp_sdk")["context"].get(plain.removeprefix("Create"))
            return function(name, lambda given, run: _batch(operation, given))
        if name == "GetTargetTable":
            return function(name, lambda given, run: _Table(_table_of(given)))
        operation = load("csharp_sdk")["context"].get(plain)
        if operation is None:
            return answering(name, _context)
        return function(name, lambda given, run: called(operation, name, given, run))

    def called(operation: str, name: str, arguments: Arguments, run: Run) -> Object:
        request = {"TableName": _table_of(arguments)}
        for given in arguments.positional[:1]:
            part = "Key" if operation in ("GetItem", "DeleteItem") else "Item"
            request[part] = encoded(given)
        if needs := argument_needs(arguments):
            request["**"] = Object("", needs)
        return _performed(operation, name, request, run)

    return Native("context", on_attribute=attribute)


def _table_of(arguments: Arguments) -> Object:
    """The table of a class, as its attribute or an override names it; else one for the class."""
    for given in arguments.positional[1:]:
        named = given.entries.get("OverrideTableName") if isinstance(given, RecordObject) else None
        if named is not None:
            return named
    kind: Object | None = arguments.get("<>")
    first = arguments.positional[0] if arguments.positional else None
    if isinstance(first, _Item):
        return first.table
    if isinstance(first, Instance):
        kind = first.kind
    if not isinstance(kind, ClassObject):
        return Object("" if kind is None else f"table of {kind.expression}")
    for decorator in kind.node.decorators:
        match decorator:
            case syntax.Invoke(
                function=syntax.Import(module="attribute DynamoDBTable"),
                arguments=[syntax.Argument(value=syntax.Constant(value=str(name))), *_],
            ):
                return Known(Literal(name))
    return Object(f"table of {kind.node.name}")


def _batch(operation: str | None, made: Arguments) -> Native:
    """A batch of writes or reads, which is made when it is executed."""
    table = _table_of(made)

    def attribute(name: str, run: Run) -> Object | None:
        if name.startswith("Execute") and operation is not None:
            return function(name, executed)
        return function(name, added)

    def added(arguments: Arguments, run: Run) -> Object:
        batch.needs |= argument_needs(arguments)
        return Object()

    def executed(arguments: Arguments, run: Run) -> Object:
        name = constant(table)
        request: dict[str, Object] = {"**": Object("", batch.needs), "TableName": table}
        if isinstance(name, str):
            request["RequestItems"] = RecordObject({name: Object("items", batch.needs)})
        return perform(run, "dynamodb", operation or "", request, asynchronous=True)

    batch = Native("batch", on_attribute=attribute)
    return batch


class _Table(Native):
    """`Table` of the document model.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DotNetSDKMidLevel.html
    """

    __slots__ = ("name",)

    def __init__(self, name: Object) -> None:
        super().__init__("table", on_attribute=self._asked)
        self.name = name

    def _asked(self, name: str, run: Run) -> Object | None:
        row = load("csharp_sdk")["tables"].get(name.removesuffix("Async"))
        if name == "TableName":
            return self.name
        if row is None:
            return answering(name, lambda: self)
        return function(name, lambda given, run: self._called(row, name, given, run))

    def _called(self, row: Mapping[str, str], name: str, given: Arguments, run: Run) -> Object:
        request: dict[str, Object] = {"TableName": self.name}
        if given.positional and "content" in row:
            request[row["content"]] = encoded(given.positional[0])
        if needs := argument_needs(given):
            request["**"] = Object("", needs)
        return _performed(row["operation"], name, request, run)


def _table_class(name: str) -> Native:
    def made(arguments: Arguments, run: Run) -> Object:
        return _Table(arguments.get("tableName", 1) or Object("table"))

    found = function(name, made)
    found.attributes = {"LoadTable": function("LoadTable", made)}
    return found


# ---------------------------------------------------------------------------------------------- S3


def _transfers() -> Native:
    """The S3 `TransferUtility`."""

    def attribute(name: str, run: Run) -> Object | None:
        plain = name.removesuffix("Async")
        row = load("csharp_sdk")["transfers"].get(plain)
        if row is None:
            return harmless(name)
        return function(name, lambda given, run: called(row, name, given, run))

    def called(row: str, name: str, arguments: Arguments, run: Run) -> Object:
        request = _requested("s3", row, arguments, run)
        operation = {"UploadDirectory": "ManagedUpload", "Download": "GetObject"}.get(row, row)
        return perform(run, "s3", operation, request, asynchronous=name.endswith("Async"))

    return Native("transfer utility", on_attribute=attribute)

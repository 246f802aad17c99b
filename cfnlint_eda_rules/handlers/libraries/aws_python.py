"""The AWS SDK for Python: boto3 clients and resources, botocore sessions, and their asynchronous
kin (aioboto3, aiobotocore).

boto3 reference: https://boto3.amazonaws.com/v1/documentation/api/latest/index.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import (
    is_service,
    method,
    service_of_class,
    service_of_client,
)
from cfnlint_eda_rules.handlers.interpreter.objects import argument_needs
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Arguments,
    Native,
    Object,
    Run,
)
from cfnlint_eda_rules.handlers.libraries.model import (
    Container,
    LibraryModule,
    answering,
    function,
    harmless,
    managed,
    nothing,
    text,
)
from cfnlint_eda_rules.handlers.libraries.sdk import perform, wait
from cfnlint_eda_rules.records import dataclass

_SUBMODULES = ("session", "dynamodb", "types", "s3", "transfer")
_ASYNCHRONOUS = ("aioboto3", "aiobotocore")


def library(language: str, module: str) -> Object | None:
    """`boto3`, `boto3.session`, `boto3.dynamodb.types`, `botocore.session`, `aioboto3`, ...: one
    module object for each.
    """
    if module == "boto3.dynamodb.types":
        return LibraryModule(
            module,
            on_attribute=lambda name, run: (
                answering(name, _codec) if name in ("TypeSerializer", "TypeDeserializer") else None
            ),
        )
    if module == "boto3.s3.transfer":
        # Its methods are those of the client it is made of.
        return LibraryModule(
            module, on_attribute=lambda name, run: harmless(name) if name == "S3Transfer" else None
        )
    sdk = _Sdk(module.split(".", 1)[0] in _ASYNCHRONOUS)
    made = {
        "client": function("client", sdk.client),
        "resource": function("resource", sdk.resource),
    }
    sessions = ("Session", "get_session", "AioSession", "setup_default_session")
    return LibraryModule(
        module,
        attributes={**made, **{name: function(name, sdk.session) for name in sessions}},
        on_attribute=lambda name, run: (
            library(language, f"{module}.{name}") if name in _SUBMODULES else None
        ),
    )


def annotated(language: str, name: str) -> Object | None:
    """The client or resource with the type name of `mypy_boto3_*` and `types_boto3_*` (`S3Client`,
    `DynamoDBServiceResource`).
    """
    sdk = _Sdk(False)
    for suffix, make in (("ServiceResource", sdk.resource_of), ("Client", sdk.client_of)):
        stem = name.removesuffix(suffix)
        if stem != name and is_service(service_of_class(stem)):
            return make(service_of_class(stem))
    return None


def _codec() -> Object:
    def unchanged(arguments: Arguments, run: Run) -> Object:
        return arguments.get("value", 0) or nothing()

    return Native(
        "codec",
        attributes={
            "serialize": function("serialize", unchanged),
            "deserialize": function("deserialize", unchanged),
        },
    )


@dataclass(frozen=True, slots=True)
class _Sdk:
    """boto3, or an asynchronous SDK of its shape: there every call is awaited. `needs` are the
    calls that a session or client was made with the results of: assumed credentials, an endpoint.
    """

    asynchronous: bool
    needs: frozenset[int] = NOTHING

    def session(self, arguments: Arguments, run: Run) -> Object:
        return self._with(arguments)._session()

    def _with(self, arguments: Arguments) -> _Sdk:
        return _Sdk(self.asynchronous, self.needs | argument_needs(arguments))

    def _session(self) -> Object:
        factories = {"client": self.client, "resource": self.resource, "create_client": self.client}
        return managed(
            "session",
            {name: function(name, factory) for name, factory in factories.items()},
            lambda name, run: harmless(name) if name in ("get_credentials", "register") else None,
        )

    # ----------------------------------------------------------------------------------------------

    def client(self, arguments: Arguments, run: Run) -> Object:
        service = service_of_client(text(arguments.get("service_name", 0)))
        return self._with(arguments).client_of(service) if service else Object("client")

    def client_of(self, service: str) -> Object:
        positional: Mapping[str, Mapping[str, Any]] = load("boto3_resources")["clients"].get(
            service, {}
        )
        local = load("boto3_resources")["local"]

        def attribute(name: str, run: Run) -> Object | None:
            if name.startswith("_") or name in ("exceptions", "meta"):
                return None
            if name in local:
                return answering(name, Object)
            if name in positional:
                return self._helper(service, name, positional[name], {})
            return self._method(service, name, method(name), {})

        return managed(
            f"client({service})",
            {
                "get_paginator": function(
                    "get_paginator", lambda arguments, run: self._paginator(service, arguments)
                ),
                "get_waiter": function(
                    "get_waiter", lambda arguments, run: self._waiter(service, arguments)
                ),
            },
            attribute,
        )

    def _method(
        self, service: str, name: str, operation: str, bound: Mapping[str, Object]
    ) -> Native:
        return function(
            name,
            lambda arguments, run: self._perform(
                run, service, operation, {**bound, **arguments.named}
            ),
        )

    def _helper(
        self, service: str, name: str, row: Mapping[str, Any], bound: Mapping[str, Object]
    ) -> Native:
        def called(arguments: Arguments, run: Run) -> Object:
            request = {
                **bound,
                **dict(zip(row["parameters"], arguments.positional, strict=False)),
                **arguments.named,
            }
            answer = self._perform(run, service, row["operation"], request)
            if (filled := request.get(row.get("fills", ""))) is not None:
                # What is read from there afterwards is the answer.
                filled.needs |= answer.needs
            return answer

        return function(name, called)

    def _perform(
        self, run: Run, service: str, operation: str, request: Mapping[str, Object]
    ) -> Object:
        return perform(
            run, service, operation, self._request(request), asynchronous=self.asynchronous
        )

    def _request(self, given: Mapping[str, Object]) -> Mapping[str, Object]:
        """The parameters, with what the client needs."""
        return {**given, "**": Object("", self.needs)} if self.needs else given

    def _paginator(self, service: str, arguments: Arguments) -> Object:
        operation = method(text(arguments.get("operation_name", 0)))

        def paginate(arguments: Arguments, run: Run) -> Object:
            result = perform(run, service, operation, self._request(arguments.named))
            pages = {
                "build_full_result": answering("build_full_result", lambda: result),
                "search": answering("search", lambda: Container("found", element)),
            }
            element = Object("", result.needs)
            return Container("pages", result, attributes=pages, needs=result.needs)

        return (
            Native("paginator", attributes={"paginate": function("paginate", paginate)})
            if operation
            else Object("paginator")
        )

    def _waiter(self, service: str, arguments: Arguments) -> Object:
        name = method(text(arguments.get("waiter_name", 0)))

        def waited(arguments: Arguments, run: Run) -> Object:
            return wait(
                run,
                service,
                name,
                self._request(arguments.named),
                asynchronous=self.asynchronous,
            )

        return Native("waiter", attributes={"wait": function("wait", waited)})

    # ----------------------------------------------------------------------------------------------

    def resource(self, arguments: Arguments, run: Run) -> Object:
        service = text(arguments.get("service_name", 0))
        return self._with(arguments).resource_of(service) if service else Object("resource")

    def resource_of(self, service: str) -> Object:
        catalogue = load("boto3_resources")
        classes = catalogue["resources"].get(service, {})
        lookups = catalogue["lookups"].get(service, {})
        collections = catalogue["service_collections"].get(service, {})

        def attribute(name: str, run: Run) -> Object | None:
            if name.startswith("_"):
                return None
            if name == "meta":
                return Native("meta", attributes={"client": self.client_of(service)})
            if name in classes:
                return function(
                    name, lambda arguments, run: self._instance(service, name, arguments, {})
                )
            if name in lookups:
                return self._lookup(service, name, lookups[name])
            if name in collections:
                return self._collection(service, collections[name], {})
            return None if name[:1].isupper() else self._method(service, name, method(name), {})

        return managed(f"resource({service})", {}, attribute)

    def _instance(
        self, service: str, kind: str, arguments: Arguments, outer: Mapping[str, Object]
    ) -> Object:
        row = load("boto3_resources")["resources"][service][kind]
        names = row["identifiers"]
        given = [*outer.values()][: len(names)]
        remaining = iter([*given, *arguments.positional])
        spelled = {
            re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(): name for name in names
        } | row.get("names", {})
        named = {spelled[name]: value for name, value in arguments.named.items() if name in spelled}
        bound = {
            name: named[name] if name in named else next(remaining, Object()) for name in names
        }
        return self._bound(service, kind, bound)

    def _bound(self, service: str, kind: str, bound: Mapping[str, Object]) -> Native:
        row = load("boto3_resources")["resources"][service][kind]
        methods = row.get("methods", {})
        children = row.get("children", {})
        collections = row.get("collections", {})

        def attribute(name: str, run: Run) -> Object | None:
            if name in row.get("names", {}):
                return bound[row["names"][name]]
            if name == "meta":
                return Native("meta", attributes={"client": self.client_of(service)})
            if name == "batch_writer":
                return answering(name, lambda: self._batch_writer(service, bound))
            if name in children:
                return function(
                    name,
                    lambda arguments, run: self._instance(
                        service, children[name], arguments, bound
                    ),
                )
            if name in collections:
                return self._collection(service, collections[name], bound)
            if name.startswith("wait_until_"):
                waiter = kind + method(name.removeprefix("wait_until_"))
                return function(
                    name,
                    lambda arguments, run: wait(
                        run,
                        service,
                        waiter,
                        self._request(bound),
                        asynchronous=self.asynchronous,
                    ),
                )
            if name in row.get("elements", {}):
                return self._listing(service, methods[name], row["elements"][name], bound)
            known = methods.get(name)
            if isinstance(known, dict):
                return self._helper(service, name, known, bound)
            if known or ("_" in name and not name.startswith("_")) or name in _ONE_WORD_METHODS:
                return self._method(service, name, known or method(name), bound)
            return None

        return managed(kind, {}, attribute)

    def _lookup(self, service: str, name: str, row: Mapping[str, Any]) -> Native:
        def called(arguments: Arguments, run: Run) -> Object:
            answer = self._perform(run, service, row["operation"], arguments.named)
            if row.get("many"):
                return Container(
                    "created", self._element(service, row["of"], {}, answer), needs=answer.needs
                )
            identifier = arguments.named.get(row.get("by", ""))
            found = Object("", answer.needs) if identifier is None else identifier
            return self._bound(
                service,
                row["of"],
                {load("boto3_resources")["resources"][service][row["of"]]["identifiers"][0]: found},
            )

        return function(name, called)

    def _listing(
        self, service: str, operation: str, kind: str, bound: Mapping[str, Object]
    ) -> Native:
        def called(arguments: Arguments, run: Run) -> Object:
            answer = perform(run, service, operation, self._request({**bound, **arguments.named}))
            return Container(
                "listing", self._element(service, kind, bound, answer), needs=answer.needs
            )

        return function(operation, called)

    def _element(
        self, service: str, kind: str, bound: Mapping[str, Object], answer: Object
    ) -> Object:
        names = load("boto3_resources")["resources"][service][kind]["identifiers"]
        return self._bound(
            service,
            kind,
            {
                name: bound[name] if name in bound else Object(f"{kind}.{name}", answer.needs)
                for name in names
            },
        )

    def _collection(
        self, service: str, row: Mapping[str, str], bound: Mapping[str, Object]
    ) -> Native:
        """`bucket.objects`: the call that lists is made where the elements are selected; a batch
        action (`.delete()`) is one more.
        """
        batches: dict[str, Object] = {
            name: self._method(service, name, operation, bound)
            for name, operation in row.items()
            if name not in ("of", "operation")
        }

        def selected(arguments: Arguments, run: Run) -> Object:
            answer = perform(
                run, service, row["operation"], self._request({**bound, **arguments.named})
            )
            narrower = {name: answering(name, lambda: made) for name in _SELECTIONS}
            made = Container(
                "collection",
                self._element(service, row["of"], bound, answer),
                attributes=narrower | batches,
                needs=answer.needs,
            )
            return made

        return Native(
            "collection",
            attributes={name: function(name, selected) for name in _SELECTIONS} | batches,
        )

    def _batch_writer(self, service: str, bound: Mapping[str, Object]) -> Object:
        writes = {
            name: self._method(service, name, method(name), bound)
            for name in ("put_item", "delete_item")
        }
        return managed("batch_writer", writes)


_SELECTIONS = ("filter", "all", "limit", "page_size", "pages", "iterator")
_ONE_WORD_METHODS = frozenset(
    {"query", "scan", "publish", "copy", "delete", "load", "reload", "put", "get"}
)

"""The models of libraries, driven by hand: which calls they record, with which parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from cfnlint_eda_rules.handlers.facts import Source
from cfnlint_eda_rules.handlers.interpreter.evaluator import evaluate
from cfnlint_eda_rules.handlers.interpreter.protocol import Arguments, Known, Native, Object
from cfnlint_eda_rules.handlers.languages import registry
from cfnlint_eda_rules.handlers.languages.protocol import Language
from cfnlint_eda_rules.handlers.libraries import Libraries, annotated, global_names, library
from cfnlint_eda_rules.handlers.symbolic_values import Environment, EventField, Literal
from cfnlint_eda_rules.handlers.syntax import Module


class Mapping_(Object):
    __slots__ = ("content",)

    def __init__(self, content: dict[str, Object]) -> None:
        super().__init__()
        self.content = content

    def item(self, key: Object, run: object) -> Object:
        named = key.value()
        assert isinstance(named, Literal)
        return self.content.get(str(named.value), Object())


class List_(Object):
    __slots__ = ("content",)

    def __init__(self, content: Sequence[Object]) -> None:
        super().__init__()
        self.content = list(content)

    def iterate(self, run: object) -> Object:
        return self.content[0]


@dataclass(eq=False)
class FakeRun:
    """Records what models ask for; runs what they run at once."""

    language: str
    calls: list[tuple[object, ...]] = field(default_factory=list)
    mounts: list[tuple[str, int]] = field(default_factory=list)
    mode: list[str] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        return self.language == "python"

    def _record(
        self,
        how: str,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        result: Object | None,
    ) -> Object:
        texts = {
            name: getattr(argument.value(), "value", argument.text())
            for name, argument in arguments.items()
        }
        self.calls.append((*self.mode, how, kind, service, operation, texts))
        return Object("result", frozenset((len(self.calls),))) if result is None else result

    def request(self, kind, service, operation, arguments, *, result=None):  # type: ignore[no-untyped-def]
        return self._record("request", kind, service, operation, arguments, result)

    def start(self, kind, service, operation, arguments, *, result=None):  # type: ignore[no-untyped-def]
        return self._record("start", kind, service, operation, arguments, result)

    def invoke(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return function.call(Arguments(list(positional), {}), self)  # type: ignore[arg-type]

    def _in(self, mode: str, function: Object, positional: Sequence[Object]) -> Object:
        self.mode.append(mode)
        result = self.invoke(function, positional)
        self.mode.pop()
        return result

    def checkpointed(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self._in("durable", function, positional)

    def once(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self._in("once", function, positional)

    def handle_errors(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self._in("error", function, positional)

    def callback(self, promise: Object, function: Object) -> Object:
        return self._in("callback", function, [promise])

    def then(
        self, promise: Object, on_value: Object | None, on_error: Object | None = None
    ) -> Object:
        return promise if on_value is None else self._in("then", on_value, [promise])

    def fork(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self._in("fork", function, positional)

    def join(self, *promises: Object) -> Object:
        return promises[0]

    def gather(self, promises: Object) -> Object:
        return promises

    def branch(self, functions: Sequence[tuple[Object, Sequence[Object]]]) -> Object:
        for number, (function, given) in enumerate(functions):
            self._in(f"branch {number}", function, given)
        return Object()

    def mount(self, framework: str, routes: int) -> None:
        self.mounts.append((framework, routes))

    def unknown_call(self, function: Object, arguments: Arguments) -> Object:
        return Object("unknown")

    def member(self, subject: Object, name: str) -> Object:
        return Object(f"{subject.expression}.{name}")

    def element(self, subject: Object, key: Object | None) -> Object:
        value = subject.value()
        if isinstance(value, EventField):
            return Known(EventField((*value.path, "*" if key is None else str(key.value().value))))  # type: ignore[union-attr]
        return Object(subject.expression, subject.needs)

    def record(self, entries: Mapping[str, Object], partial: bool = False) -> Object:
        return Mapping_(dict(entries))

    def items(self, items: Sequence[Object], partial: bool = False) -> Object:
        return List_(items)

    def entries(self, mapping: Object) -> tuple[dict[str, Object], bool]:
        return (mapping.content, False) if isinstance(mapping, Mapping_) else ({}, True)

    def each(self, subject: Object, action: Callable[[Object, Object], Object]) -> None:
        action(subject.iterate(self), Object("index"))  # type: ignore[arg-type]

    def elements(self, items: Object) -> tuple[list[Object], bool]:
        return (items.content, False) if isinstance(items, List_) else ([], True)


def thing(value: object) -> Object:
    """An object for a Python value: texts are literals, a callable is a function of the program."""
    if isinstance(value, Object):
        return value
    if isinstance(value, dict):
        return Mapping_({name: thing(entry) for name, entry in value.items()})
    if isinstance(value, list):
        return List_([thing(entry) for entry in value])
    if callable(value):
        return Native("f", on_call=lambda arguments, run: value(*arguments.positional) or Object())
    return Known(Literal(value))  # type: ignore[arg-type]


class Driver:
    """Writes handlers in Python: `driver("boto3").client("s3").put_object(Bucket="b")`."""

    def __init__(self, run: FakeRun, subject: Object) -> None:
        self._run = run
        self._subject = subject

    def __getattr__(self, name: str) -> Driver:
        given = name.removesuffix("_") if name != "__enter__" else name
        return Driver(self._run, self._subject.attribute(given, self._run))  # type: ignore[arg-type]

    def __getitem__(self, key: str | int) -> Driver:
        return Driver(self._run, self._subject.item(thing(key), self._run))  # type: ignore[arg-type]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter([Driver(self._run, self._subject.iterate(self._run))])  # type: ignore[arg-type]

    def __call__(self, *positional: object, **named: object) -> Driver:
        plain = [
            given._subject if isinstance(given, Driver) else thing(given) for given in positional
        ]
        keywords = {
            name: given._subject if isinstance(given, Driver) else thing(given)
            for name, given in named.items()
        }
        return Driver(self._run, self._subject.call(Arguments(plain, keywords), self._run))  # type: ignore[arg-type]


def driver(language: str) -> tuple[FakeRun, Callable[[str], Driver]]:
    run = FakeRun(language)

    def load(module: str) -> Driver:
        found = library(language, module)
        assert found is not None, module
        return Driver(run, found)

    return run, load


# --------------------------------------------------------------------------------------------------


def test_client_methods_are_operations() -> None:
    run, load = driver("python")
    client = load("boto3").client("s3")
    client.put_object(Bucket="b", Key="k")
    client.upload_file("f", "b", "k", ExtraArgs="x")
    client.get_paginator("list_objects_v2").paginate(Bucket="b")
    client.get_waiter("object_exists").wait(Bucket="b")
    client.generate_presigned_url("get_object", Params="p")
    assert run.calls == [
        ("request", "sdk", "s3", "PutObject", {"Bucket": "b", "Key": "k"}),
        (
            "request",
            "sdk",
            "s3",
            "ManagedUpload",
            {"Filename": "f", "Bucket": "b", "Key": "k", "ExtraArgs": "x"},
        ),
        ("request", "sdk", "s3", "ListObjectsV2", {"Bucket": "b"}),
        ("request", "waiter", "s3", "ObjectExists", {"Bucket": "b"}),
    ]


def test_sessions_and_type_names_give_clients() -> None:
    run, load = driver("python")
    load("boto3").Session(region_name="x").client(service_name="stepfunctions").start_execution(
        stateMachineArn="m"
    )
    load("boto3.session").Session().resource("dynamodb").Table("t").scan()
    load("botocore.session").get_session().create_client("rds").create_db_snapshot(
        DBInstanceIdentifier="i"
    )
    client = annotated("python", "mypy_boto3_sqs.client.SQSClient")
    assert client is not None
    Driver(run, client).send_message(QueueUrl="q")
    assert [call[2:4] for call in run.calls] == [
        ("stepfunctions", "StartExecution"),
        ("dynamodb", "Scan"),
        ("rds", "CreateDBSnapshot"),
        ("sqs", "SendMessage"),
    ]


def test_a_client_of_an_unknown_service_records_nothing() -> None:
    run, load = driver("python")
    load("boto3").client(Object("name")).put_object(Bucket="b")
    assert run.calls == []


def test_asynchronous_clients_start_calls() -> None:
    run, load = driver("python")
    load("aioboto3").Session().client("sns").__enter__().publish(TopicArn="t")
    assert run.calls == [("start", "sdk", "sns", "Publish", {"TopicArn": "t"})]


def test_tables_and_batch_writers() -> None:
    run, load = driver("python")
    table = load("boto3").resource("dynamodb").Table("t")
    table.put_item(Item="i")
    batch = table.batch_writer().__enter__()
    batch.put_item(Item="i")
    batch.delete_item(Key="k")
    table.meta.client.transact_write_items(TransactItems="x")
    assert run.calls == [
        ("request", "sdk", "dynamodb", "PutItem", {"TableName": "t", "Item": "i"}),
        ("request", "sdk", "dynamodb", "PutItem", {"TableName": "t", "Item": "i"}),
        ("request", "sdk", "dynamodb", "DeleteItem", {"TableName": "t", "Key": "k"}),
        ("request", "sdk", "dynamodb", "TransactWriteItems", {"TransactItems": "x"}),
    ]


def test_buckets_and_objects() -> None:
    run, load = driver("python")
    s3 = load("boto3").resource("s3")
    s3.Object("b", "k").put(Body="x")
    s3.Bucket("b").Object("k2").get()
    s3.Bucket("b").upload_file("f", "k3")
    for summary in s3.Bucket("b").objects.filter(Prefix="p/"):
        summary.delete()
    s3.Bucket("b").objects.all().delete()
    assert [call[3] for call in run.calls] == [
        "PutObject",
        "GetObject",
        "ManagedUpload",
        "ListObjects",
        "DeleteObject",
        "ListObjects",
        "DeleteObjects",
    ]
    assert [call[4].get("Key") for call in run.calls[:3]] == ["k", "k2", "k3"]  # type: ignore[attr-defined]
    assert all(call[4]["Bucket"] == "b" for call in run.calls)  # type: ignore[index]


def test_a_queue_found_by_name_is_known_by_it() -> None:
    run, load = driver("python")
    url = load("boto3").client("sqs").get_queue_url(QueueName="orders")["QueueUrl"]
    load("boto3").client("sqs").send_message(QueueUrl=url)
    load("boto3").resource("sqs").get_queue_by_name(QueueName="orders").send_message(
        MessageBody="m"
    )
    sent = [call[4]["QueueUrl"] for call in run.calls if call[3] == "SendMessage"]  # type: ignore[index]
    assert sent == ["orders", "orders"]


def test_what_a_resource_creates_is_waited_for_as_what_it_is() -> None:
    run, load = driver("python")
    load("boto3").resource("ec2").create_instances(ImageId="i", MinCount=1, MaxCount=1)[
        0
    ].wait_until_running()
    assert [call[1:4] for call in run.calls] == [
        ("sdk", "ec2", "RunInstances"),
        ("waiter", "ec2", "InstanceRunning"),
    ]


# --------------------------------------------------------------------------------------------------


def test_commands_and_aggregated_clients() -> None:
    run, load = driver("javascript")
    sfn = load("@aws-sdk/client-sfn")
    sfn.SFNClient().send(sfn.StartExecutionCommand({"stateMachineArn": "m"}))
    load("@aws-sdk/client-s3").S3({"region": "x"}).putObject({"Bucket": "b"})
    events = load("@aws-sdk/client-eventbridge").default
    events.EventBridgeClient().send(events.PutEventsCommand({"Entries": "e"}), lambda *given: None)
    assert run.calls == [
        ("start", "sdk", "stepfunctions", "StartExecution", {"stateMachineArn": "m"}),
        ("start", "sdk", "s3", "PutObject", {"Bucket": "b"}),
        ("start", "sdk", "events", "PutEvents", {"Entries": "e"}),
    ]


def test_document_clients_storage_paginators_and_waiters() -> None:
    run, load = driver("javascript")
    lib = load("@aws-sdk/lib-dynamodb")
    client = lib.DynamoDBDocumentClient.from_(Object())
    client.send(lib.PutCommand({"TableName": "t"}))
    lib.DynamoDBDocument.from_(Object()).batchWrite({"RequestItems": "r"})
    load("@aws-sdk/lib-storage").Upload({"client": "c", "params": {"Bucket": "b"}}).done()
    load("@aws-sdk/client-s3").paginateListObjectsV2({"client": "c"}, {"Bucket": "b"})
    load("@aws-sdk/client-s3").waitUntilObjectExists({"client": "c"}, {"Bucket": "b"})
    load("@aws-sdk/s3-request-presigner").getSignedUrl(client, "command")
    assert run.calls == [
        ("start", "sdk", "dynamodb", "PutItem", {"TableName": "t"}),
        ("start", "sdk", "dynamodb", "BatchWriteItem", {"RequestItems": "r"}),
        ("start", "sdk", "s3", "ManagedUpload", {"Bucket": "b"}),
        ("request", "sdk", "s3", "ListObjectsV2", {"Bucket": "b"}),
        ("start", "waiter", "s3", "ObjectExists", {"Bucket": "b"}),
    ]


def test_enumerations_are_their_members_names() -> None:
    run, load = driver("javascript")
    lib = load("@aws-sdk/client-lambda")
    lib.LambdaClient().send(
        lib.InvokeCommand({"InvocationType": lib.InvocationType.Event._subject})
    )
    assert run.calls[0][4] == {"InvocationType": "Event"}


def test_unknown_parameters_keep_what_they_need() -> None:
    _, load = driver("javascript")
    command = (
        load("@aws-sdk/client-sqs").SendMessageCommand(Object("params", frozenset({7})))._subject
    )
    assert command.request["**"].needs == {7}  # type: ignore[attr-defined]


def test_version_2_requests_wait_to_be_sent() -> None:
    run, load = driver("javascript")
    aws = load("aws-sdk")
    aws.S3({"params": {"Bucket": "b"}}).putObject({"Key": "k"}).promise()
    aws.SQS().sendMessage({"QueueUrl": "forgotten"})
    aws.DynamoDB.DocumentClient().put({"TableName": "t"}, lambda *given: None)
    load("aws-sdk/clients/stepfunctions")().startExecution({"stateMachineArn": "m"}).send()
    aws.S3().upload({"Bucket": "u"}).promise()
    aws.S3().waitFor("objectExists", {"Bucket": "w"}).promise()
    aws.S3().getSignedUrl("getObject", {"Bucket": "b"})
    aws.Endpoint("x").anything()
    assert run.calls == [
        ("start", "sdk", "s3", "PutObject", {"Bucket": "b", "Key": "k"}),
        ("start", "sdk", "dynamodb", "PutItem", {"TableName": "t"}),
        ("start", "sdk", "stepfunctions", "StartExecution", {"stateMachineArn": "m"}),
        ("start", "sdk", "s3", "ManagedUpload", {"Bucket": "u"}),
        ("start", "waiter", "s3", "ObjectExists", {"Bucket": "w"}),
    ]


@pytest.mark.parametrize(
    "module", ["aws-xray-sdk", "aws-xray-sdk-core", "@aws-lambda-powertools/tracer"]
)
def test_captured_clients_stay_clients(module: str) -> None:
    run, load = driver("javascript")
    lib = load("@aws-sdk/client-sns")
    capture = load(module)
    captured = capture.captureAWSv3Client(lib.SNSClient())
    captured.send(lib.PublishCommand({"TopicArn": "t"}))
    load("aws-xray-sdk").captureAWS(load("aws-sdk")).SNS().publish({"TopicArn": "t"}).promise()
    assert [call[3] for call in run.calls] == ["Publish", "Publish"]


# --------------------------------------------------------------------------------------------------


def test_python_http_clients() -> None:
    run, load = driver("python")
    load("requests").post("https://a/", json="x")
    load("requests").Session().request("PUT", "https://b/")
    load("httpx").AsyncClient(base_url="https://c").get("/x")
    load("aiohttp").ClientSession().delete("https://d/")
    load("urllib3").PoolManager().request("GET", "https://e/")
    request = load("urllib.request")
    request.urlopen("https://f/")
    request.urlopen(request.Request("https://g/", data="x"))
    request.urlopen(request.Request("https://h/", method="PATCH"))
    connection = load("http.client").HTTPSConnection("i")
    connection.request("POST", "/x")
    assert [(call[0], call[3], call[4]["url"]) for call in run.calls] == [  # type: ignore[index]
        ("request", "POST", "https://a/"),
        ("request", "PUT", "https://b/"),
        ("start", "GET", "https://c/x"),
        ("start", "DELETE", "https://d/"),
        ("request", "GET", "https://e/"),
        ("request", "GET", "https://f/"),
        ("request", "POST", "https://g/"),
        ("request", "PATCH", "https://h/"),
        ("request", "POST", "i/x"),
    ]


def test_javascript_http_clients() -> None:
    run, load = driver("javascript")
    fetch = Driver(run, global_names("javascript")["fetch"])
    fetch("https://a/")
    fetch("https://b/", {"method": "post"})
    fetch("https://c/", Object("options"))
    axios = load("axios")
    axios.get("https://d/")
    axios.default({"url": "https://e/", "method": "PUT"})
    axios.create({"baseURL": "https://f"}).post("/x", "body")
    load("got").post("https://g/")
    load("undici").request("https://h/", {"method": "DELETE"})
    load("node:https").get("https://i/", lambda response: None)
    load("https").request(
        {"hostname": "j", "path": "/x", "method": "POST"}, lambda response: None
    ).end()
    load("superagent").post("https://k/").send("x")
    assert [(call[3], call[4]["url"]) for call in run.calls] == [  # type: ignore[index]
        ("GET", "https://a/"),
        ("POST", "https://b/"),
        ("", "https://c/"),
        ("GET", "https://d/"),
        ("PUT", "https://e/"),
        ("POST", "https://f/x"),
        ("POST", "https://g/"),
        ("DELETE", "https://h/"),
        ("GET", "https://i/"),
        ("POST", "j/x"),
        ("POST", "https://k/"),
    ]


# --------------------------------------------------------------------------------------------------


def served(run: FakeRun) -> Callable[..., None]:
    return lambda *given: run.calls.append((*run.mode, "served"))


@pytest.mark.parametrize(
    ("framework", "application", "module", "adapter"),
    [
        ("Flask", "Flask", "flask", ("apig_wsgi", "make_lambda_handler")),
        ("FastAPI", "FastAPI", "fastapi", ("mangum", "Mangum")),
        ("FastAPI", "FastAPI", "fastapi", ("serverless_wsgi", "handle_request")),
    ],
)
def test_python_frameworks(
    framework: str, application: str, module: str, adapter: tuple[str, str]
) -> None:
    run, load = driver("python")
    app = getattr(load(module), application)("name")
    router = load("fastapi").APIRouter()
    app.get("/a")(served(run))
    app.post("/a")(served(run))
    app.include_router(router, prefix="/r")
    router.get("/b")(served(run))
    app.middleware("http")(lambda *given: None)
    handler = getattr(load(adapter[0]), adapter[1])(app, "event", "context")
    if not run.mounts:
        handler("event", "context")
    assert run.mounts == [(framework, 3)]
    assert run.calls == [(f"branch {number}", "served") for number in range(3)]


def test_powertools_resolvers_know_their_event() -> None:
    run, load = driver("python")
    resolver = load("aws_lambda_powertools.event_handler").APIGatewayRestResolver()
    seen: list[object] = []
    resolver.get("/a")(lambda: seen.append(resolver.current_event.json_body._subject.value()))
    resolver.resolve(Known(EventField(())), Object())
    assert run.mounts == [("Powertools event handler", 1)]
    assert seen == [EventField(("body",))]


def test_javascript_frameworks() -> None:
    run, load = driver("javascript")
    express = load("express")
    app, router = express(), express.Router()
    app.use(express.json())
    app.use(lambda *given: None)
    app.get("/a", served(run)).post("/b", lambda *given: None, served(run))
    app.get("setting")
    router.delete("/c", served(run))
    app.use("/r", router)
    app.route("/d").get(served(run)).put(served(run))
    load("serverless-http")(app)("event", "context")
    load("@vendia/serverless-express")({"app": app._subject})("event", "context")
    assert run.mounts == [("Express", 5)] * 2


def test_hono_and_unknown_applications() -> None:
    run, load = driver("javascript")
    app = load("hono").Hono()
    users = load("hono").Hono()
    users.get("/", served(run))
    app.get("/a", served(run)).route("/users", users)
    load("hono/aws-lambda").handle(app)("event")
    load("serverless-http")(Object("app"))("event")
    load("next")({})("request", "response")
    assert run.mounts == [("Hono", 2), ("serverless-http", 0), ("Next", 0)]


def test_nest_counts_its_controllers_methods() -> None:
    run, load = driver("javascript")
    common = load("@nestjs/common")
    common.Get("a")(Native("x.a", on_call=None), lambda: None)
    common.Post()(lambda: None)
    app = load("@nestjs/core").NestFactory.create("module")
    load("@codegenie/serverless-express")({"app": app.getHttpAdapter().getInstance()._subject})(
        "event"
    )
    assert run.mounts == [("NestJS", 2)]


def test_middy_runs_what_is_around_the_handler() -> None:
    _, load = driver("javascript")
    log: list[str] = []
    handler = load("@middy/core")(lambda event, context: log.append("handler"))
    handler.use(
        {
            "before": lambda request: log.append("before"),
            "after": lambda request: log.append("after"),
        }
    )
    handler("event", "context")
    assert log == ["before", "handler", "after"]


def test_streamed_and_measured_handlers_are_their_functions() -> None:
    run, load = driver("javascript")
    seen: list[str] = []

    def streamed(event: Object, stream: Object, context: Object) -> None:
        seen.extend((event.text(), stream.text(), context.text()))

    Driver(run, global_names("javascript")["awslambda"]).streamifyResponse(streamed)(
        Object("event"), Object("context")
    )
    load("aws-embedded-metrics").metricScope(
        lambda metrics: thing(lambda event: seen.append(event.text()))
    )(Object("second event"))
    assert seen == ["event", "stream", "context", "second event"]


# --------------------------------------------------------------------------------------------------


def test_parameters_are_fetched_once() -> None:
    run, load = driver("python")
    load("aws_lambda_powertools.utilities.parameters").get_secret("s")
    load("aws_lambda_powertools.utilities").parameters.get_parameter("/p", max_age=5)
    javascript, load = driver("javascript")
    load("@aws-lambda-powertools/parameters/ssm").getParameter("/p")
    assert run.calls == [
        ("once", "request", "sdk", "secretsmanager", "GetSecretValue", {"SecretId": "s"}),
        ("once", "request", "sdk", "ssm", "GetParameter", {"Name": "/p"}),
    ]
    assert javascript.calls == [("once", "request", "sdk", "ssm", "GetParameter", {"Name": "/p"})]


def test_batches_run_the_record_handler_on_a_record() -> None:
    run, load = driver("python")
    seen: list[object] = []
    batch = load("aws_lambda_powertools.utilities.batch")
    batch.process_partial_response(
        event=Known(EventField(())),
        record_handler=lambda record: seen.append(Driver(run, record).json_body._subject.value()),
        processor=batch.BatchProcessor(),
    )
    assert seen == [EventField(("Records", "*", "body"))]


def test_event_data_classes_are_the_event() -> None:
    run, load = driver("python")
    classes = load("aws_lambda_powertools.utilities.data_classes")
    seen: list[object] = []

    def handler(event: Object, context: Object) -> None:
        wrapped = Driver(run, event)
        seen.append(wrapped.bucket_name._subject.value())
        for record in wrapped.records:
            seen.append(record.s3.get_object.key._subject.value())

    classes.event_source(data_class=classes.S3Event)(handler)(Known(EventField(())), Object())
    assert seen == [
        EventField(("Records", "*", "s3", "bucket", "name")),
        EventField(("Records", "*", "s3", "object", "key")),
    ]


@pytest.mark.parametrize(
    "decorate",
    [
        lambda tracer, f: tracer.capture_method(f),
        lambda tracer, f: tracer.capture_method(capture_response=False)(f),
    ],
)
def test_decorators_of_loggers_and_tracers_keep_the_function(
    decorate: Callable[..., Driver],
) -> None:
    _, load = driver("python")
    function = thing(lambda: None)
    assert decorate(load("aws_lambda_powertools").Tracer(), function)._subject is function


def test_durable_steps_are_checkpointed() -> None:
    run, load = driver("python")
    sdk = load("aws_durable_execution_sdk_python")
    s3 = load("boto3").client("s3")
    step = sdk.durable_step(lambda context, key: s3.put_object(Key=key)._subject)

    def handler(event: Object, context: Object) -> None:
        durable = Driver(run, context)
        durable.step(step("k"), name="first")
        durable.wait("a minute")
        durable.invoke("f", "payload")
        durable.parallel([lambda context: s3.get_object(Key="p")._subject])

    sdk.durable_execution(handler)("event", Object("context"))
    assert run.calls == [
        ("durable", "request", "sdk", "s3", "PutObject", {"Key": "k"}),
        (
            "durable",
            "request",
            "sdk",
            "lambda",
            "DurableInvoke",
            {"FunctionName": "f", "Payload": "payload"},
        ),
        ("fork", "request", "sdk", "s3", "GetObject", {"Key": "p"}),
    ]


def test_durable_operations_may_be_named() -> None:
    run, load = driver("javascript")

    def handler(event: Object, context: Object) -> None:
        Driver(run, context).invoke("name", "function", {"a": 1})
        Driver(run, context).invoke("function", {"a": 1})

    load("@aws/durable-execution-sdk-js").withDurableExecution(handler)("event", Object("context"))
    assert [call[-1]["FunctionName"] for call in run.calls] == ["function", "function"]  # type: ignore[index]
    assert all("durable" in call for call in run.calls)


@pytest.mark.parametrize(
    ("language", "module"),
    [
        ("python", "json"),
        ("python", "numpy.linalg"),
        ("javascript", "lodash"),
        ("javascript", "@aws-sdk/types"),
        ("go", "net/http"),
    ],
)
def test_libraries_without_a_model(language: str, module: str) -> None:
    assert library(language, module) is None


# --------------------------------------------------------------------------------------------------


@dataclass
class Sources:
    """A program of files in memory; modules are found by their file's name."""

    language: str
    files: dict[str, str]
    entry: str
    symbol: str = "handler"

    def load(self, file: str) -> Module | None:
        return language_of(self.language).parse(file, self.files[file])

    def resolve(self, importer: str, module: str) -> str | None:
        name = module.removeprefix("./").removesuffix(".js") + (
            ".py" if self.language == "python" else ".js"
        )
        return name if name in self.files else None

    def shown(self, file: str) -> str:
        return file

    def has_module(self, importer: str, name: str) -> bool:
        return self.resolve(importer, name) is not None

    def modules_like(self, importer: str, before: str, after: str) -> Sequence[str]:
        return ()

    def content(self, importer: str, path: str) -> str | None:
        return None


def language_of(name: str) -> Language:
    found = registry.named(name)
    assert found is not None
    return found


def evaluated(program: Sources) -> Source | None:
    return evaluate(program, language_of(program.language), Libraries(program.language))


PYTHON_APPLICATION = {
    "app.py": """
from fastapi import FastAPI
from mangum import Mangum
import rooms
app = FastAPI()
app.include_router(rooms.router, prefix="/rooms")
@app.get("/health")
def health():
    return "ok"
handler = Mangum(app)
""",
    "rooms.py": """
import os
import boto3
from fastapi import APIRouter
router = APIRouter()
table = boto3.resource("dynamodb").Table(os.environ["ROOMS"])
@router.post("/")
def book(room: dict):
    table.put_item(Item=room)
@router.delete("/{name}")
def drop(name: str):
    table.delete_item(Key={"name": name})
""",
}

JAVASCRIPT_APPLICATION = {
    "index.js": """
const express = require("express");
const serverless = require("serverless-http");
const app = express();
app.use("/rooms", require("./rooms"));
app.get("/health", (req, res) => res.send("ok"));
exports.handler = serverless(app);
""",
    "rooms.js": """
const { Router } = require("express");
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { DynamoDBDocumentClient, PutCommand, DeleteCommand } = require("@aws-sdk/lib-dynamodb");
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const router = Router();
router.post("/", async (req, res) => {
  await client.send(new PutCommand({ TableName: process.env.ROOMS, Item: req.body }));
  res.sendStatus(201);
});
router.delete("/:name", async (req, res) => {
  await client.send(new DeleteCommand({ TableName: process.env.ROOMS, Key: { name: req.params.name } }));
  res.sendStatus(204);
});
module.exports = router;
""",
}


@pytest.mark.parametrize(
    ("program", "framework"),
    [
        (Sources("python", PYTHON_APPLICATION, "app.py"), "FastAPI"),
        (Sources("javascript", JAVASCRIPT_APPLICATION, "index.js"), "Express"),
    ],
)
def test_an_application_over_several_modules(program: Sources, framework: str) -> None:
    source = evaluated(program)
    assert source is not None
    assert [(mount.framework, mount.routes) for mount in source.mounts] == [(framework, 3)]
    assert [(call.operation, call.arguments["TableName"]) for call in source.calls] == [
        ("PutItem", Environment("ROOMS")),
        ("DeleteItem", Environment("ROOMS")),
    ]
    assert all(call.blocking and not call.preceded_by for call in source.calls)


def test_a_command_chosen_on_branches_is_one_of_them() -> None:
    text = """
import { SFNClient, SendTaskSuccessCommand, SendTaskFailureCommand } from "@aws-sdk/client-sfn";
const client = new SFNClient({});
export const handler = async (event) => {
  let command;
  if (event.ok) command = new SendTaskSuccessCommand({ taskToken: event.token });
  else command = new SendTaskFailureCommand({ taskToken: event.token });
  await client.send(command);
};
"""
    source = evaluated(Sources("javascript", {"index.js": text}, "index.js"))
    assert source is not None
    assert [(call.operation, call.preceded_by) for call in source.calls] == [
        ("SendTaskSuccess", frozenset()),
        ("SendTaskFailure", frozenset()),
    ]


def test_record_handlers_run_in_a_loop() -> None:
    text = """
import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
sns = boto3.client("sns")
def forward(record):
    sns.publish(TopicArn="topic", Message=record.body)
def handler(event, context):
    processor = BatchProcessor(event_type=EventType.SQS)
    return process_partial_response(event=event, record_handler=forward, processor=processor, context=context)
"""
    source = evaluated(Sources("python", {"app.py": text}, "app.py"))
    assert source is not None
    assert [(call.in_loop, call.arguments["Message"]) for call in source.calls] == [
        (True, EventField(("Records", "*", "body")))
    ]

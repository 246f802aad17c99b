"""What is read of Java: sources as Lambda runs them, and the calls that come out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from cfnlint_eda_rules.handlers.facts import Call, CallKind, Source
from cfnlint_eda_rules.handlers.languages.java import parser
from cfnlint_eda_rules.handlers.reading import read
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.symbolic_values import Environment, EventField, Literal, Text

IMPORTS = """
import com.amazonaws.services.lambda.runtime.*;
import com.amazonaws.services.lambda.runtime.events.*;
import com.amazonaws.services.s3.*;
import java.net.URI;
import java.net.http.*;
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import okhttp3.*;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.*;
import software.amazon.awssdk.services.dynamodb.model.*;
import software.amazon.awssdk.services.s3.*;
import software.amazon.awssdk.services.s3.model.*;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sfn.model.StartExecutionRequest;
import software.amazon.awssdk.services.sqs.*;
import software.amazon.awssdk.transfer.s3.S3TransferManager;
import software.amazon.lambda.powertools.parameters.ParamManager;
"""
CLIENTS = """
  S3Client s3 = S3Client.create();
  S3AsyncClient later = S3AsyncClient.create();
  SqsClient sqs = SqsClient.create();
  SqsAsyncClient sqsLater = SqsAsyncClient.create();
  SfnClient sfn = SfnClient.create();
  HttpClient http = HttpClient.newHttpClient();
"""


def source(
    folder: Path, text: str, handler: str = "shop.Main::run", **others: str
) -> Source | None:
    below = folder / "src" / "main" / "java" / "shop"
    below.mkdir(parents=True, exist_ok=True)
    for name, content in {"Main": text, **others}.items():
        (below / f"{name}.java").write_text(f"package shop;{IMPORTS}{content}")
    code = Code(runtime="java21", handler=handler, inline=None, location=".")
    found = read(str(folder / "template.yaml"), code)
    return found if isinstance(found, Source) else None


def calls(folder: Path, body: str, **others: str) -> Sequence[Call]:
    text = f"public class Main {{{CLIENTS} public Object run(Map<String, Object> event) {{ {body} }} }}"
    found = source(folder, text, **others)
    assert found is not None
    return found.calls


def places(found: Sequence[Call]) -> list[str]:
    return [f"{call.service}:{call.operation}" for call in found]


def test_a_request_that_is_built(tmp_path: Path) -> None:
    (put,) = calls(
        tmp_path,
        """var request = PutObjectRequest.builder().bucket(System.getenv("BUCKET")).key("in/" + event.get("id"));
        return s3.putObject(request.build(), RequestBody.fromString("text"));""",
    )
    assert put.arguments == {
        "Bucket": Environment("BUCKET"),
        "Key": Text((Literal("in/"), EventField(("id",)))),
        "Body": Literal("text"),
    }


def test_a_consumer_of_a_builder(tmp_path: Path) -> None:
    (put,) = calls(tmp_path, 'return sqs.sendMessage(m -> m.queueUrl("q").messageBody("b"));')
    assert put.arguments == {"QueueUrl": Literal("q"), "MessageBody": Literal("b")}


def test_names_that_the_api_begins_with_a_small_letter(tmp_path: Path) -> None:
    (start,) = calls(
        tmp_path,
        'return sfn.startExecution(StartExecutionRequest.builder().stateMachineArn("a").build());',
    )
    assert start.arguments == {"stateMachineArn": Literal("a")}


def test_futures_run_together_and_one_after_the_other(tmp_path: Path) -> None:
    first, second, third = calls(
        tmp_path,
        """var one = later.deleteObject(r -> r.bucket("b").key("k"));
        var two = sqsLater.sendMessage(m -> m.queueUrl("q"));
        CompletableFuture.allOf(one, two).join();
        return sqs.sendMessage(m -> m.queueUrl("r"));""",
    )
    assert not second.preceded_by
    assert third.preceded_by == {first.id, second.id}


def test_what_a_future_is_followed_by(tmp_path: Path) -> None:
    put, send = calls(
        tmp_path,
        """return later.deleteObject(r -> r.bucket("b").key("k"))
            .thenCompose(done -> sqsLater.sendMessage(m -> m.messageBody(done.versionId()))).join();""",
    )
    assert send.preceded_by == {put.id}
    assert put.id in send.needs


def test_a_future_that_nobody_waits_for(tmp_path: Path) -> None:
    (put,) = calls(tmp_path, 'later.deleteObject(r -> r.bucket("b")); return null;')
    assert not put.blocking


@pytest.mark.parametrize(
    ("body", "milliseconds"),
    [
        ("Thread.sleep(1500);", 1500),
        ("TimeUnit.SECONDS.sleep(2);", 2000),
        ("Thread.sleep(java.time.Duration.ofMinutes(1));", 60000),
    ],
)
def test_sleeps(tmp_path: Path, body: str, milliseconds: int) -> None:
    (sleep,) = calls(tmp_path, f"{body} return null;")
    assert sleep.kind == CallKind.SLEEP
    assert sleep.arguments == {"milliseconds": Literal(milliseconds)}


def test_a_waiter(tmp_path: Path) -> None:
    (wait,) = calls(
        tmp_path, 'return s3.waiter().waitUntilObjectExists(r -> r.bucket("b").key("k"));'
    )
    assert (wait.kind, wait.operation) == (CallKind.WAITER, "ObjectExists")


@pytest.mark.parametrize(
    ("body", "method"),
    [
        (
            """return http.send(HttpRequest.newBuilder(URI.create("https://a.example"))
                .POST(HttpRequest.BodyPublishers.ofString("x")).build(), HttpResponse.BodyHandlers.ofString());""",
            "POST",
        ),
        (
            'return new OkHttpClient().newCall(new Request.Builder().url("https://a.example").build()).execute();',
            "GET",
        ),
        (
            """var to = (java.net.HttpURLConnection) new java.net.URL("https://a.example").openConnection();
            to.setRequestMethod("DELETE"); return to.getResponseCode();""",
            "DELETE",
        ),
        (
            'return new org.springframework.web.client.RestTemplate().postForObject("https://a.example", 1, String.class);',
            "POST",
        ),
    ],
)
def test_http(tmp_path: Path, body: str, method: str) -> None:
    (request,) = calls(tmp_path, body)
    assert (request.kind, request.operation) == (CallKind.HTTP, method)
    assert request.arguments["url"] == Literal("https://a.example")


def test_a_statement_says_what_a_database_does(tmp_path: Path) -> None:
    read_, write = calls(
        tmp_path,
        """Connection to = DriverManager.getConnection("jdbc:a");
        ResultSet found = to.createStatement().executeQuery("select 1");
        PreparedStatement insert = to.prepareStatement("insert into a values (?)");
        return insert.executeUpdate();""",
    )
    assert read_.arguments["effect"] == Literal("read")
    assert write.arguments["effect"] == Literal("write")


def test_parameters_are_fetched_once(tmp_path: Path) -> None:
    (fetch,) = calls(tmp_path, 'return ParamManager.getSecretsProvider().get("name");')
    assert (fetch.service, fetch.at_start) == ("secretsmanager", True)


def test_a_static_field_that_is_filled_once(tmp_path: Path) -> None:
    found = source(
        tmp_path,
        """public class Main { private static Object kept;
        public Object run() { if (kept == null) { kept = S3Client.create().listBuckets(); } return kept; } }""",
    )
    assert found is not None
    assert [call.at_start for call in found.calls] == [True]


def test_overloads_constructors_and_nested_classes(tmp_path: Path) -> None:
    found = source(
        tmp_path,
        """public class Main {
          private final Store store;
          public Main() { this(new Store("a")); }
          Main(Store store) { this.store = store; }
          public void run(Map<String, String> event) { store.save(event.get("id")); }
          static class Store {
            static final String QUEUE = System.getenv("QUEUE");
            final String prefix;
            Store(String prefix) { this.prefix = prefix; }
            void save(String id) { save(id, 1); }
            void save(String id, int count) {
              SqsClient.create().sendMessage(m -> m.queueUrl(QUEUE).messageBody(prefix + id));
            }
          }
        }""",
    )
    assert found is not None
    (send,) = found.calls
    assert send.arguments["QueueUrl"] == Environment("QUEUE")
    assert send.arguments["MessageBody"] == Text((Literal("a"), EventField(("id",))))


def test_an_interface_is_what_implements_it(tmp_path: Path) -> None:
    found = source(
        tmp_path,
        "public class Main { @Inject Store store; public void run(String id) { store.save(id); } }",
        Store="interface Store { void save(String id); }",
        QueueStore="""class QueueStore implements Store {
          public void save(String id) { SqsClient.create().sendMessage(m -> m.messageBody(id)); } }""",
    )
    assert found is not None
    assert places(found.calls) == ["sqs:SendMessage"]


def test_the_handler_of_a_stream(tmp_path: Path) -> None:
    found = source(
        tmp_path,
        """public class Main implements RequestStreamHandler {
          public void handleRequest(InputStream in, OutputStream out, Context context) {
            var event = new com.fasterxml.jackson.databind.ObjectMapper().readTree(in);
            SqsClient.create().sendMessage(m -> m.queueUrl("q").messageBody(event.get("id").asText()));
          } }""",
        "shop.Main",
    )
    assert found is not None
    assert found.calls[0].arguments["MessageBody"] == EventField(("id",))


@pytest.mark.parametrize(
    "text",
    [
        "class {",
        "class A { void a() { " + "if (a) { " * 3000 + "} " * 3000 + "} }",
        "\0",
        "package",
    ],
)
def test_what_cannot_be_read_is_no_source(tmp_path: Path, text: str) -> None:
    assert source(tmp_path, text) is None


def test_long_chains_are_read(tmp_path: Path) -> None:
    chain = "x" + ".y()" * 2000
    total = " + ".join(["a"] * 2000)
    found = parser.parse(
        "A.java", f"class A {{ Object a() {{ return {chain}; }} int b() {{ return {total}; }} }}"
    )
    assert len(found.body) == 1

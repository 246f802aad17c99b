"""Filters: what passes, what does not, and what cannot be told."""

from typing import Any

import pytest

from cfnlint_eda_rules.application.filters import (
    begins,
    ends,
    event_passes,
    key_passes,
    matches,
    passes,
)
from cfnlint_eda_rules.application.messages import Message, as_event, delivered, record, sent_event
from cfnlint_eda_rules.handlers.symbolic_values import (
    Items,
    Literal,
    OneOf,
    Record,
    Text,
    Unknown,
    Value,
)


def leaf(value: Any) -> Value:
    return (
        Literal(value)
        if isinstance(value, str | int | float | bool) or value is None
        else Unknown()
    )


SOMETHING = Unknown("something")
THUMB = Text((SOMETHING, Literal("/thumb-"), SOMETHING, Literal(".jpg")))


@pytest.mark.parametrize(
    ("value", "prefix", "answer"),
    [
        (Literal("in/a.csv"), "in/", True),
        (Literal("out/a.csv"), "in/", False),
        (Text((Literal("in/"), SOMETHING)), "in/", True),
        (Text((Literal("in"), SOMETHING)), "in/2024", None),
        (Text((Literal("out/"), SOMETHING)), "in/", False),
        (SOMETHING, "in/", None),
        (SOMETHING, "", True),
        (OneOf((Literal("a/x"), Literal("b/x"))), "b/", True),
        (OneOf((Literal("a/x"), SOMETHING)), "b/", None),
    ],
)
def test_begins(value: Value, prefix: str, answer: bool | None) -> None:
    assert begins(value, prefix) is answer


@pytest.mark.parametrize(
    ("suffix", "answer"), [(".jpg", True), ("thumb.jpg", None), (".png", False), ("", True)]
)
def test_ends_by_what_is_known_of_the_end(suffix: str, answer: bool | None) -> None:
    assert ends(THUMB, suffix) is answer


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        ([{"Name": "suffix", "Value": ".jpg"}], True),
        ([{"Name": "Suffix", "Value": ".heic"}], False),
        ([{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}], None),
        ([{"Name": "prefix", "Value": {"Ref": "P"}}], None),
        ([], True),
        ([None, {"Name": "prefix"}], None),
    ],
)
def test_s3_keys(rules: Any, answer: bool | None) -> None:
    assert key_passes(rules, THUMB, leaf) is answer


@pytest.mark.parametrize(
    ("accepted", "events", "answer"),
    [
        (("s3:ObjectCreated:*",), ("s3:ObjectCreated:Put",), True),
        (("s3:ObjectCreated:*",), ("s3:ObjectRemoved:Delete",), False),
        (("s3:ObjectCreated:Copy",), ("s3:ObjectCreated:Put",), False),
        (("s3:ObjectRemoved:*", "s3:ObjectCreated:Put"), ("s3:ObjectCreated:Put",), True),
        (
            ("s3:ObjectCreated:Put",),
            ("s3:ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload"),
            None,
        ),
        (("s3:ObjectCreated:Put",), (), None),
        ((), ("s3:ObjectCreated:Put",), True),
    ],
)
def test_s3_event_types(
    accepted: tuple[str, ...], events: tuple[str, ...], answer: bool | None
) -> None:
    assert event_passes(accepted, events) is answer


PRICED = Record(
    (
        ("source", Literal("shop.orders")),
        ("detail-type", Literal("Order Priced")),
        (
            "detail",
            Record(
                (
                    ("status", Literal("PRICED")),
                    ("total", Literal(12)),
                    ("lines", Items((record(sku=Literal("tea")),))),
                ),
                partial=True,
            ),
        ),
    )
)


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ({"source": ["shop.orders"]}, True),
        ({"source": ["shop.risk", "shop.orders"]}, True),
        ({"source": [{"prefix": "shop."}]}, True),
        ({"source": [{"prefix": ""}]}, True),
        ({"source": [{"anything-but": "shop.orders"}]}, False),
        ({"source": [{"anything-but": {"prefix": "shop."}}]}, False),
        ({"source": [{"anything-but": ["x", "y"]}]}, True),
        ({"source": [{"suffix": ".orders"}]}, True),
        ({"source": [{"wildcard": "shop.*ers"}]}, True),
        ({"source": [{"wildcard": "*risk*"}]}, False),
        ({"source": [{"equals-ignore-case": "SHOP.ORDERS"}]}, True),
        ({"detail": {"status": ["RECEIVED"]}}, False),
        ({"detail": {"status": ["PRICED"], "total": [{"numeric": [">", 10, "<=", 12]}]}}, True),
        ({"detail": {"total": [{"numeric": ["<", 10]}]}}, False),
        ({"detail": {"lines": {"sku": ["tea"]}}}, True),
        ({"detail": {"lines": {"sku": ["cup"]}}}, False),
        ({"detail": {"channel": ["email"]}}, None),
        ({"resources": ["arn"]}, False),
        ({"resources": [{"exists": False}]}, True),
        ({"source": [{"exists": True}]}, True),
        ({"$or": [{"source": ["x"]}, {"detail-type": ["Order Priced"]}]}, True),
        ({"source": "shop.orders"}, None),
        ("not a pattern", None),
    ],
)
def test_patterns(pattern: Any, answer: bool | None) -> None:
    assert matches(pattern, PRICED, leaf) is answer


def test_a_pattern_on_the_account_alone_is_no_filter() -> None:
    event = sent_event(SOMETHING, SOMETHING, SOMETHING)
    assert passes("eventbridge", ({"account": ["111122223333"]},), event, leaf) is True
    assert passes("eventbridge", ({"source": ["shop"]},), event, leaf) is None


def test_an_object_change_on_the_event_bus_keeps_its_key() -> None:
    created = Message(
        "s3", events=("s3:ObjectCreated:Put",), key=Literal("out/a.json"), bucket="Uploads"
    )
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"object": {"key": [{"prefix": "in/"}]}},
    }
    assert passes("eventbridge", (pattern,), created, leaf) is False
    assert (
        passes(
            "eventbridge",
            ({**pattern, "detail": {"object": {"key": [{"prefix": "out/"}]}}},),
            created,
            leaf,
        )
        is True
    )
    assert as_event(created).content.get("detail-type") == Literal("Object Created")


@pytest.mark.parametrize(
    ("events", "answer"), [(("REMOVE",), False), (("INSERT",), True), (("INSERT", "MODIFY"), None)]
)
def test_stream_filters_see_the_kind_of_change(
    events: tuple[str, ...], answer: bool | None
) -> None:
    change = Message(
        "dynamodb",
        record(dynamodb=record(NewImage=record(status=record(S=Literal("PAID"))))),
        events=events,
    )
    assert passes("lambda", ({"eventName": ["INSERT"]},), change, leaf) is answer
    assert (
        passes("lambda", ({"dynamodb": {"NewImage": {"status": {"S": ["PLACED"]}}}},), change, leaf)
        is False
    )


def test_a_missing_attribute_does_not_pass_a_filter_policy() -> None:
    published = Message("sns", Record((("Message", SOMETHING), ("MessageAttributes", Record(())))))
    assert passes("sns", ({"status": ["received"]},), published, leaf) is False
    assert passes("sns", ({"status": [{"exists": False}]},), published, leaf) is True
    assert passes("sns", ({"kind": ["a"]},), published, leaf, "MessageBody") is None


def test_a_topic_wraps_what_it_delivers_to_a_queue() -> None:
    published = Message(
        "sns", Record((("Message", record(kind=Literal("a"))), ("MessageAttributes", Record(()))))
    )
    enveloped, raw = delivered(published, "sqs"), delivered(published, "sqs", raw=True)
    assert raw.content.get("body") == record(kind=Literal("a"))
    of_kind: Any = {"body": {"kind": ["a"]}}
    assert (
        passes("lambda", (of_kind,), enveloped, leaf),
        passes("lambda", (of_kind,), raw, leaf),
    ) == (False, True)
    assert passes("lambda", ({"body": {"Type": ["Notification"]}},), enveloped, leaf) is True


@pytest.mark.parametrize("raw", [True, False])
def test_relays_in_a_circle_do_not_wrap_a_message_for_ever(raw: bool) -> None:
    message, seen = Message("sqs", record(body=record(kind=Literal("a")))), set()
    for _ in range(40):
        seen.add(message)
        message = delivered(delivered(message, "sns"), "sqs", raw=raw)
    assert message in seen


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("*.csv", True),
        ("in/*.csv", True),
        ("out/*", False),
        ("*.txt", False),
        ("in/*/x.csv", None),
        ("in/*-*.csv", None),
    ],
)
def test_a_wildcard_sees_the_known_ends_of_a_key(pattern: str, answer: bool | None) -> None:
    created = Message(
        "s3",
        events=("s3:ObjectCreated:Put",),
        key=Text((Literal("in/"), SOMETHING, Literal(".csv"))),
    )
    assert (
        passes(
            "eventbridge",
            ({"detail": {"object": {"key": [{"wildcard": pattern}]}}},),
            created,
            leaf,
        )
        is answer
    )


@pytest.mark.parametrize(
    ("name", "answer"), [({"Ref": "Uploads"}, True), ("shop-in", True), ({"Ref": "Other"}, False)]
)
def test_a_bucket_is_named_by_reference_or_by_the_name_it_declares(name: Any, answer: bool) -> None:
    def reading(value: Any) -> Value:
        return Unknown(f"resource:{value['Ref']}") if isinstance(value, dict) else Literal(value)

    created = Message("s3", bucket="Uploads", name=Literal("shop-in"))
    assert (
        bool(passes("eventbridge", ({"detail": {"bucket": {"name": [name]}}},), created, reading))
        is answer
    )


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        ("parameter:Bucket", True),
        ("import:bucket", True),
        ("parameter:Other", None),
        ("word", None),
    ],
)
def test_what_only_the_deployment_tells_equals_itself(known: str, answer: bool | None) -> None:
    wanted = "parameter:Bucket" if known == "parameter:Other" else known
    sent = sent_event(Unknown(known), None, None)
    assert (
        passes("eventbridge", ({"source": [{"Ref": wanted}]},), sent, lambda _: Unknown(wanted))
        is answer
    )


@pytest.mark.parametrize(("reason", "answer"), [("PutObject", True), ("CopyObject", False)])
def test_the_reason_of_an_object_event_is_the_call_that_made_it(reason: str, answer: bool) -> None:
    created = Message("s3", events=("s3:ObjectCreated:Put",))
    assert passes("eventbridge", ({"detail": {"reason": [reason]}},), created, leaf) is answer


@pytest.mark.parametrize(("pattern", "answer"), [("", True), ("ERROR", None), ({"Ref": "P"}, None)])
def test_log_patterns(pattern: Any, answer: bool | None) -> None:
    assert passes("logs", (pattern,), Message("log"), leaf) is answer

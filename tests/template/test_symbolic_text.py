"""Texts known in part: dynamic references, what a text may be, and the way back from its words."""

from __future__ import annotations

import pytest

from cfnlint_eda_rules.template.symbolic_text import (
    Parts,
    Token,
    may_be,
    parsed,
    render,
    with_references,
)

ENV = Token("parameter", "Env")
URL = Token("pseudo", "AWS::URLSuffix")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("plain",), ("plain",)),
        (("{{resolve:ssm:a}}",), (Token("dynamic", "{{resolve:ssm:a}}"),)),
        (
            ("x-{{resolve:ssm:", ENV, "-in}}/*"),
            ("x-", Token("dynamic", "{{resolve:ssm:${Env}-in}}"), "/*"),
        ),
        (
            ("{{resolve:ssm:a}}{{resolve:ssm:b}}",),
            (Token("dynamic", "{{resolve:ssm:a}}"), Token("dynamic", "{{resolve:ssm:b}}")),
        ),
        (("{{resolve:ssm:", ENV), ("{{resolve:ssm:", ENV)),
    ],
)
def test_with_references(parts: Parts, expected: Parts) -> None:
    assert with_references(parts) == expected


@pytest.mark.parametrize(
    ("parts", "text", "possible"),
    [
        (("events.", URL), "alexa-appkit.amazon.com", False),
        (("events.", URL), "events.amazonaws.com", True),
        ((ENV,), "anything", True),
        (("a", ENV, "a"), "a", False),
        (("a", ENV, "b", URL, "c"), "a-b-c", True),
        (("a", ENV, "b", URL, "c"), "a-c", False),
        ((), "", True),
        (("a",), "b", False),
    ],
)
def test_may_be(parts: Parts, text: str, possible: bool) -> None:
    assert may_be(parts, text) is possible


@pytest.mark.parametrize(
    "parts",
    [
        (Token("import", "Shop:Bucket"),),
        ("orders-", ENV),
        (Token("pseudo", "AWS::AccountId"), "-in"),
        (Token("attribute", "Table", "StreamArn"),),
        (Token("dynamic", "{{resolve:ssm:${Env}}}"), "/x"),
    ],
)
def test_parsed_is_the_way_back(parts: Parts) -> None:
    assert parsed(render(parts)) == parts

"""What the methods of other services' clients do, by their rows."""

from __future__ import annotations

from collections import Counter

import pytest

from cfnlint_eda_rules.catalogue.clients import client_of, effect_of_statement, makes, verb
from cfnlint_eda_rules.catalogue.load import load


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_each_module_is_of_one_row(language: str) -> None:
    rows = load("clients")["clients"]
    modules = Counter(module for row in rows for module in row.get(language, ()))
    assert [module for module, rows in modules.items() if rows > 1] == []


@pytest.mark.parametrize(
    ("language", "module", "path", "effect"),
    [
        ("python", "stripe", ("Refund", "create"), "write"),
        ("python", "stripe", ("Webhook", "construct_event"), ""),
        ("python", "slack_sdk", ("chat_postMessage",), "write"),
        ("python", "slack_sdk.web", ("conversations_list",), "read"),
        ("python", "openai", ("chat", "completions", "create"), "read"),
        ("python", "openai", ("threads", "runs", "create"), "start"),
        ("python", "sendgrid.helpers.mail", ("Mail",), None),
        ("python", "googleapiclient.discovery", ("values", "get", "execute"), "read"),
        ("python", "googleapiclient.discovery", ("values", "append"), None),
        ("javascript", "@langchain/openai", ("invoke",), "read"),
        ("javascript", "plaid", ("itemPublicTokenExchange",), "write"),
        ("javascript", "redis", ("createClient",), None),
        ("javascript", "redis", ("hGetAll",), "read"),
        ("javascript", "ioredis", ("hset",), "write"),
    ],
)
def test_effects(language: str, module: str, path: tuple[str, ...], effect: str | None) -> None:
    client = client_of(language, module)
    assert client is not None
    assert client.effect(path) == effect


@pytest.mark.parametrize(
    ("statement", "effect"),
    [
        ("SELECT * FROM x", "read"),
        ("  -- all\n (select 1)", "read"),
        ("/* a */ INSERT INTO x VALUES (1)", "write"),
        ("WITH a AS (SELECT 1) UPDATE x SET y = 1", "write"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "read"),
        ("BEGIN", ""),
        ("MATCH (n) RETURN n", "read"),
        ("MATCH (n) SET n.x = 1", "write"),
        ("POST /repos/{owner}/issues", "write"),
        (None, "read"),
    ],
)
def test_statements(statement: str | None, effect: str) -> None:
    assert effect_of_statement(statement) == effect


def test_names() -> None:
    assert (verb("lookupByEmail"), verb("user")) == ("read", "")
    assert makes("create_async_engine")
    assert not makes("createIssue")

"""What is printed of a stranger's text."""

from __future__ import annotations

import pytest

from cfnlint_eda_rules.wording import listed, plain, with_paths


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("GET /orders/{id}", "GET /orders/{id}"),
        ("größer → 10 €", "größer → 10 €"),
        ("x\n::error file=a::b", r"x\n::error file=a::b"),
        ("x\r\t\x07\x00\x7f\x9b", r"x\r\t\x07\x00\x7f\x9b"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("a\u202eb\u2066c\u200bd", r"a\u202eb\u2066c\u200bd"),
        ("a\ud800b", r"a\ud800b"),
        ("see ##[error]x", r"see #\x23[error]x"),
        ("###vso[task.setvariable]x", r"##\x23vso[task.setvariable]x"),
        ("issue ##12 [a]", "issue ##12 [a]"),
    ],
)
def test_what_a_terminal_or_a_build_log_would_obey_is_escaped(text: str, printed: str) -> None:
    assert plain(text) == printed
    assert len(plain(text).splitlines()) == 1


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "a", "c"], "a, b and c")],
)
def test_names_are_listed_once(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_a_path_stands_behind_the_first_mention_of_its_resource() -> None:
    paths = {"Relay1": "Shop/Relay", "Data.Queue2": "Data/Queue"}
    said = "Data.Queue2 -> Relay1 -> Data.Queue2: `Relay1` in `asset/Relay1.js:3`, not Relay12"
    assert with_paths(said, paths) == (
        "Data.Queue2 (Data/Queue) -> Relay1 (Shop/Relay) -> Data.Queue2: `Relay1` in "
        "`asset/Relay1.js:3`, not Relay12"
    )
    assert with_paths(said, {}) == said

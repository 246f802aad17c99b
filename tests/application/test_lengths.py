"""How long sleeps can be."""

from __future__ import annotations

import pytest

from cfnlint_eda_rules.application.lengths import UNKNOWN, longest


@pytest.mark.parametrize(
    ("expression", "length"),
    [
        ("+(0.1, *(random.random()#28, 0.4))", 0.5),
        ("+(100, *(Math.random()#19, 200))", 300),
        ("random.uniform(0.1, 0.5)#3", 0.5),
        ("min(random.random()#1, 0.2)", 0.2),
        ("+(0.1, event.pause)", UNKNOWN),
        ("*(2, sum(0, 1))", UNKNOWN),
        ("**(2, random.random()#1)", UNKNOWN),
        ("random.random(", UNKNOWN),
        ("", UNKNOWN),
        ("+(" * 50, UNKNOWN),
    ],
)
def test_the_longest_that_an_expression_can_be(expression: str, length: float) -> None:
    assert longest(expression) == pytest.approx(length)

"""Where nodes go."""

from __future__ import annotations

from itertools import pairwise

from cfnlint_eda_rules.commands.layout import columns, components


def test_nodes_stand_right_of_what_leads_to_them() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]
    assert columns(["a", "b", "c", "d"], edges) == [["a"], ["b"], ["c"], ["d"]]


def test_a_cycle_is_opened_where_it_comes_back() -> None:
    assert columns(["a", "b"], [("a", "b"), ("b", "a"), ("a", "a")]) == [["a"], ["b"]]


def test_nodes_of_a_column_stand_near_their_neighbours() -> None:
    edges = [("a", "y"), ("b", "x")]
    assert columns(["a", "b", "x", "y"], edges) in (
        [["a", "b"], ["y", "x"]],
        [["b", "a"], ["x", "y"]],
    )


def test_what_no_edge_connects_is_apart_largest_first() -> None:
    assert components(["a", "b", "c"], [("b", "c")]) == [["b", "c"], ["a"]]


def test_a_long_way_and_a_dense_one_end() -> None:
    names = [str(number) for number in range(3_000)]
    chain = list(pairwise(names))
    assert len(columns(names, chain)) == 3_000
    dense = [(one, other) for one in names[:60] for other in names[:60]]
    assert sum(map(len, columns(names[:60], dense))) == 60

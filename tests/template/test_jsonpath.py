from __future__ import annotations

from typing import Any

import pytest

from cfnlint_eda_rules.template.jsonpath import Found, branches, find


def conditional(name: Any, yes: Any, no: Any) -> Any:
    return {"Fn::If": [name, yes, no]}


NOTHING = {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize(
    ("expression", "node", "expected"),
    [
        ("A.B", {"A": {"B": 1}}, [(1, ("A", "B"))]),
        ("$.A.B", {"A": {"B": 1}}, [(1, ("A", "B"))]),
        ("$", {"A": 1}, [({"A": 1}, ())]),
        ("A[*].B", {"A": [{"B": 1}, {"C": 2}, {"B": 3}]}, [(1, ("A", 0, "B")), (3, ("A", 2, "B"))]),
        ("A[*].B", {"A": {"B": 1}}, [(1, ("A", "B"))]),
        ("A[*]", {"A": "one"}, [("one", ("A",))]),
        (
            "A.*.B",
            {"A": {"x": {"B": 1}, "y": {"B": 2}}},
            [(1, ("A", "x", "B")), (2, ("A", "y", "B"))],
        ),
        ("A.*", {"A": "text"}, []),
        ("A.*", {"A": {"Fn::Transform": {"Name": "AWS::Include"}}}, []),
        ("A[0]", {"A": ["x", "y"]}, [("x", ("A", 0))]),
        ("A[5]", {"A": ["x"]}, []),
        ("A.'x-y'.B", {"A": {"x-y": {"B": 1}}}, [(1, ("A", "x-y", "B"))]),
        ("A.B", {"A": [{"B": 1}]}, []),
        ("A.B", {"A": None}, []),
        ("A", None, []),
        ("A", {"A": NOTHING}, []),
        ("A[*]", {"A": ["x", NOTHING, "y"]}, [("x", ("A", 0)), ("y", ("A", 2))]),
    ],
)
def test_values_and_paths(expression: Any, node: Any, expected: Any) -> None:
    assert [(found.value, found.path) for found in find(expression, node)] == expected


def test_the_path_continues_the_one_given() -> None:
    assert find("A", {"A": 1}, ("Resources", "Queue")) == [Found(1, ("Resources", "Queue", "A"))]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (
            conditional("IsProd", {"B": [{"C": 1}]}, {"B": {"C": 2}}),
            [
                (1, ("A", "Fn::If", 1, "B", 0, "C"), {("IsProd", True)}),
                (2, ("A", "Fn::If", 2, "B", "C"), {("IsProd", False)}),
            ],
        ),
        (
            {"B": [conditional("X", {"C": 1}, NOTHING)]},
            [(1, ("A", "B", 0, "Fn::If", 1, "C"), {("X", True)})],
        ),
        (
            conditional("X", conditional("X", {"B": {"C": 1}}, {"B": {"C": 2}}), NOTHING),
            [(1, ("A", "Fn::If", 1, "Fn::If", 1, "B", "C"), {("X", True)})],
        ),
        (
            {"B": conditional("X", {"C": conditional("Y", 1, 2)}, None)},
            [
                (1, ("A", "B", "Fn::If", 1, "C", "Fn::If", 1), {("X", True), ("Y", True)}),
                (2, ("A", "B", "Fn::If", 1, "C", "Fn::If", 2), {("X", True), ("Y", False)}),
            ],
        ),
        (
            conditional("X", {"B": {"C": 1}}, "text"),
            [(1, ("A", "Fn::If", 1, "B", "C"), {("X", True)})],
        ),
        ({"Fn::If": ["X", {"B": {"C": 1}}]}, []),
        ({"Fn::If": [{"Ref": "X"}, {"B": {"C": 1}}, {"B": {"C": 2}}]}, []),
    ],
)
def test_conditions_are_seen_through_at_every_step(node: Any, expected: Any) -> None:
    assert [
        (found.value, found.path, set(found.conditions)) for found in find("A.B[*].C", {"A": node})
    ] == expected


def test_data_that_holds_itself_ends() -> None:
    cyclic: dict[str, Any] = {"Fn::If": ["X", None, {"B": 1}]}
    cyclic["Fn::If"][1] = cyclic
    loop: list[Any] = []
    loop.append(loop)
    assert [found.value for found in find("A.B", {"A": cyclic})] == [1]
    assert len(find("A[*][*][*]", {"A": loop})) == 1
    shared = NOTHING
    for index in range(39):
        shared = conditional(f"C{index}", shared, shared)
    assert find("A", {"A": shared}) == []


def test_branches_of_a_single_value() -> None:
    assert [found.value for found in branches(conditional("X", "a", NOTHING))] == ["a"]
    assert branches(None) == []


@pytest.mark.parametrize("expression", ["$..A", "A[?(@.b)]", "A[1:2]", "A..", "A[", ""])
def test_other_json_paths_are_refused(expression: Any) -> None:
    with pytest.raises(ValueError, match="not a"):
        find(expression, {"A": []})

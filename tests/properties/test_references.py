"""Intrinsic functions against a small evaluator that knows the whole deployment, and against values
of any type.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfnlint_eda_rules.template.intrinsics import canonical
from cfnlint_eda_rules.template.references import External, Reference, References
from cfnlint_eda_rules.template.symbolic_text import Alternative, Parts, Token, glob, render

CONDITIONS = ("IsProd", "IsEurope")
PARAMETERS: dict[str, Any] = {
    "Stage": {"Type": "String", "Default": "dev"},
    "Count": {"Type": "Number", "Default": 3},
    "Names": {"Type": "CommaDelimitedList", "Default": "red, green,blue"},
    "Given": {"Type": "String"},
}
TEMPLATE: dict[str, Any] = {
    "Parameters": PARAMETERS,
    "Conditions": {name: {"Fn::Equals": [{"Ref": "Stage"}, name]} for name in CONDITIONS},
    "Mappings": {
        "Sizes": {
            "small": {"in": "s-in", "out": "s-out"},
            "dev": {"in": "d-in", "list": ["d1", "d2"]},
        }
    },
    "Resources": {"Thing": {"Type": "Acme::Thing::Thing"}, "Queue": {"Type": "AWS::SQS::Queue"}},
}

# What the deployment makes of what the template leaves open; no text holds a separator of the
# tests.
DEPLOYED = {
    ("Ref", "Given"): "given",
    ("Ref", "Thing"): "thing",
    ("Ref", "AWS::Region"): "region",
    ("Ref", "AWS::AccountId"): "account",
    ("Fn::GetAtt", "Thing.Arn"): "thingarn",
    ("Ref", "Stage"): "dev",
    ("Ref", "Count"): "3",
}


def deployed(parts: Parts) -> str:
    texts = []
    for part in parts:
        match part:
            case str():
                texts.append(part)
            case Token("attribute", name, attribute):
                texts.append(DEPLOYED["Fn::GetAtt", f"{name}.{attribute}"])
            case Token(_, name):
                texts.append(DEPLOYED["Ref", name])
    return "".join(texts)


class Undefined(Exception):
    """CloudFormation refuses the template: an index past the end of a list."""


def text(value: Any, holds: dict[str, bool]) -> str:
    match value:
        case str():
            return value
        case {"Ref": name}:
            return DEPLOYED["Ref", name]
        case {"Fn::GetAtt": [name, attribute]}:
            return DEPLOYED["Fn::GetAtt", f"{name}.{attribute}"]
        case {"Fn::Sub": [str() as whole, variables]}:
            made, rest = "", whole
            while "${" in rest:
                before, _, rest = rest.partition("${")
                name, _, rest = rest.partition("}")
                made += before + (
                    text(variables[name], holds) if name in variables else substituted(name)
                )
            return made + rest
        case {"Fn::Join": [separator, items]}:
            return str(separator.join(texts(items, holds)))
        case {"Fn::Select": [index, items]}:
            found = texts(items, holds)
            if int(index) >= len(found):
                raise Undefined
            return found[int(index)]
        case {"Fn::If": [name, yes, no]}:
            return text(yes if holds[name] else no, holds)
        case {"Fn::FindInMap": [name, first, second]}:
            return str(TEMPLATE["Mappings"][name][text(first, holds)][second])
    raise AssertionError(value)


def substituted(name: str) -> str:
    if name.startswith("!"):
        return "${" + name[1:] + "}"
    return DEPLOYED["Fn::GetAtt" if "." in name else "Ref", name]


def texts(value: Any, holds: dict[str, bool]) -> list[str]:
    match value:
        case list():
            return [text(item, holds) for item in value]
        case {"Fn::Split": [separator, whole]}:
            return text(whole, holds).split(separator)
        case {"Fn::If": [name, yes, no]}:
            return texts(yes if holds[name] else no, holds)
        case {"Ref": "Names"}:
            return ["red", "green", "blue"]
        case {"Fn::FindInMap": [name, first, second]}:
            return list(TEMPLATE["Mappings"][name][first][second])
    raise AssertionError(value)


SEPARATORS = st.sampled_from([",", "/", "--"])
WORDS = st.text("xy,/-", max_size=5)
NAMES = ["Given", "Thing", "AWS::Region", "Stage", "Count", "Thing.Arn", "!Literal"]
LEAVES = (
    WORDS
    | st.sampled_from(["Given", "Thing", "AWS::Region", "AWS::AccountId", "Stage", "Count"]).map(
        lambda name: {"Ref": name}
    )
    | st.just({"Fn::GetAtt": ["Thing", "Arn"]})
    | st.sampled_from(
        [
            {"Fn::FindInMap": ["Sizes", "small", "in"]},
            {"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "in"]},
        ]
    )
)


@st.composite
def _sub(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    variables = draw(st.dictionaries(st.sampled_from(["A", "B"]), inner, max_size=2))
    pieces = draw(
        st.lists(
            st.sampled_from([*NAMES, *variables]) | WORDS.map(lambda word: (word,)), max_size=4
        )
    )
    return {
        "Fn::Sub": [
            "".join(
                piece[0] if isinstance(piece, tuple) else "${" + piece + "}" for piece in pieces
            ),
            variables,
        ]
    }


def _lists(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    plain = (
        st.lists(inner, max_size=3)
        | st.builds(lambda separator, whole: {"Fn::Split": [separator, whole]}, SEPARATORS, inner)
        | st.sampled_from([{"Ref": "Names"}, {"Fn::FindInMap": ["Sizes", "dev", "list"]}])
    )
    return plain | st.builds(
        lambda name, yes, no: {"Fn::If": [name, yes, no]}, st.sampled_from(CONDITIONS), plain, plain
    )


VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        _sub(inner)
        | st.builds(
            lambda separator, items: {"Fn::Join": [separator, items]},
            SEPARATORS | st.just(""),
            _lists(inner),
        )
        | st.builds(
            lambda index, items: {"Fn::Select": [index, items]},
            st.sampled_from([0, 1, "0", "2"]),
            _lists(inner),
        )
        | st.builds(
            lambda name, yes, no: {"Fn::If": [name, yes, no]},
            st.sampled_from(CONDITIONS),
            inner,
            inner,
        )
    ),
    max_leaves=8,
)


@given(VALUES)
def test_texts_under_every_condition(value: Any) -> None:
    found = References(TEMPLATE).alternatives(value)
    for outcome in itertools.product([True, False], repeat=len(CONDITIONS)):
        holds = dict(zip(CONDITIONS, outcome, strict=True))
        try:
            wanted = text(value, holds)
        except Undefined:
            continue
        possible = [each for each in found if each.conditions <= set(holds.items())]
        assert {deployed(each.parts) for each in possible} == {wanted}


@given(VALUES)
def test_the_one_literal_text(value: Any) -> None:
    references = References(TEMPLATE)
    literal = references.literal(value)
    if literal is not None:
        for outcome in itertools.product([True, False], repeat=len(CONDITIONS)):
            try:
                assert literal == text(value, dict(zip(CONDITIONS, outcome, strict=True)))
            except Undefined:
                continue


@given(VALUES, VALUES)
def test_the_same_expression_means_the_same(one: Any, two: Any) -> None:
    references = References(TEMPLATE)
    assert references.alternatives(one) == References(TEMPLATE).alternatives(one)
    assert (canonical(one) == canonical(two)) is (one == two)


# --------------------------------------------------------------------------------------------------

LETTERS = "abcXYZ019-_"
SPELLINGS = {
    "AWS::SQS::Queue": (
        "QueueName",
        [
            "arn:aws:sqs:us-east-1:111122223333:{}",
            "https://sqs.us-east-1.amazonaws.com/111122223333/{}",
            "arn:aws:sqs:*:*:{}",
            "{}",
        ],
    ),
    "AWS::SNS::Topic": (
        "TopicName",
        [
            "arn:aws:sns:us-east-1:111122223333:{}",
            "arn:${{AWS::Partition}}:sns:*:${{AWS::AccountId}}:{}",
        ],
    ),
    "AWS::Lambda::Function": (
        "FunctionName",
        ["arn:aws:lambda:us-east-1:111122223333:function:{}", "{}"],
    ),
    "AWS::DynamoDB::Table": (
        "TableName",
        ["arn:aws:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{}", "{}"],
    ),
}


@given(
    st.sampled_from(sorted(SPELLINGS)),
    st.text(LETTERS, min_size=3, max_size=12),
    st.text(LETTERS, min_size=3, max_size=12),
)
def test_a_name_means_the_resource_that_declares_it(type_: str, name: str, other: str) -> None:
    declares, spellings = SPELLINGS[type_]
    named = {
        "Type": type_,
        "Properties": {declares: {"Fn::Sub": [f"{name}-${{Env}}", {"Env": {"Ref": "Stage"}}]}},
    }
    references = References({**TEMPLATE, "Resources": {"Named": named}})
    for spelling in spellings:
        (found,) = references.resolve({"Fn::Sub": spelling.format(f"{name}-dev")}, type_)
        assert (found.target, found.rest) == ("Named", ())
        if other != f"{name}-dev":
            (found,) = references.resolve({"Fn::Sub": spelling.format(other)}, type_)
            assert isinstance(found.target, External)


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_wildcards(pattern: str, name: str) -> None:
    def covers(pattern: str, name: str) -> bool:
        match pattern[:1]:
            case "":
                return not name
            case "*":
                return any(covers(pattern[1:], name[length:]) for length in range(len(name) + 1))
            case sign:
                return name[:1] != "" and sign in ("?", name[0]) and covers(pattern[1:], name[1:])

    assert glob(pattern, name) is covers(pattern, name)


# --------------------------------------------------------------------------------------------------

FUNCTIONS = ["Ref", "Condition"] + [
    f"Fn::{name}"
    for name in (
        "GetAtt",
        "Sub",
        "Join",
        "If",
        "Select",
        "Split",
        "FindInMap",
        "ImportValue",
        "Transform",
        "Base64",
        "Cidr",
    )
]
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [
            *TEMPLATE["Resources"],
            *PARAMETERS,
            *CONDITIONS,
            "AWS::NoValue",
            "Queue.Arn",
            ".",
            "",
            "\x00",
            "\ud800",
            "\ue000",
        ]
    )
    | st.sampled_from(
        [
            "${Queue",
            "${Queue.}",
            "${.}",
            "${}",
            "${!}",
            "${Nope.Arn}",
            "arn:aws:sqs:::",
            "arn:",
            "https://",
            "{{resolve:ssm:x}}",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FUNCTIONS), inner, min_size=1, max_size=1)
        | st.dictionaries(
            st.sampled_from([*FUNCTIONS, "a"]) | st.integers() | st.none(), inner, max_size=2
        )
    ),
    max_leaves=12,
)
TYPES = ("AWS::SQS::Queue", "AWS::Lambda::Function")


def ask_everything(references: References, value: Any) -> None:
    found = references.alternatives(value)
    assert len(found) <= 16
    assert all(
        isinstance(each, Alternative) and isinstance(render(each.parts), str) for each in found
    )
    assert all(
        isinstance(each, Reference)
        for types in ((), TYPES)
        for each in references.resolve(value, *types)
    )
    assert isinstance(references.literal(value), str | None)
    assert isinstance(canonical(value), str)
    for each in found:
        assert isinstance(references.match(each.parts, *TYPES), Reference)
        assert isinstance(references.covered(each.parts, *TYPES), tuple)


@given(JUNK)
def test_values_of_any_type_are_answered(value: Any) -> None:
    ask_everything(References(TEMPLATE), value)


@given(JUNK, JUNK, JUNK)
def test_sections_of_any_type_are_answered(parameters: Any, mappings: Any, properties: Any) -> None:
    template = {
        "Parameters": {"P": parameters, "Stage": {"Type": parameters, "Default": mappings}},
        "Mappings": {"Sizes": mappings, "More": {"a": mappings}},
        "Resources": {
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Condition": parameters,
                "Properties": {"QueueName": properties},
            },
            "R": mappings,
        },
    }
    for whole in (
        template,
        {"Parameters": parameters, "Mappings": mappings, "Resources": properties},
        properties,
    ):
        references = References(whole)
        for value in (
            {"Ref": "P"},
            {"Fn::Sub": "${Stage}${P}"},
            {"Fn::FindInMap": ["Sizes", "a", properties]},
            "orders",
            mappings,
        ):
            references.alternatives(value)
            references.resolve(value, *TYPES)
        assert isinstance(references.physical_name("Queue"), tuple)


def cyclic(shape: str) -> Any:
    node: dict[str, Any] = {}
    match shape:
        case "Fn::If":
            node[shape] = ["IsProd", node, node]
        case "Fn::Sub":
            node[shape] = ["${A}${A}", {"A": node}]
        case "Fn::Join" | "Fn::Select" | "Fn::Split":
            node[shape] = ["0", [node, node, "x"]]
        case "list":
            items: list[Any] = ["x"]
            items.append({"Fn::Join": ["", items]})
            items.append(items)
            return items
        case _:
            node[shape] = node
    return node


@pytest.mark.parametrize("shape", ["list", *FUNCTIONS])
def test_values_that_hold_themselves_are_answered(shape: str) -> None:
    value = cyclic(shape)
    ask_everything(References(TEMPLATE), value)
    template = {
        "Mappings": {"Sizes": value, "More": {"a": value}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": value}}},
    }
    references = References(template)
    assert all(
        isinstance(each, Reference)
        for each in references.resolve("arn:aws:sqs:us-east-1:111122223333:orders", *TYPES)
    )
    references.alternatives({"Fn::FindInMap": ["More", "a", "Fn::If"]})

"""Policies against IAM's own rule: an explicit Deny wins, else one Allow whose action and resource
patterns cover the request.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cfnlint_eda_rules.application.functions import Functions
from cfnlint_eda_rules.application.permissions import Grant, Permissions
from cfnlint_eda_rules.template.references import References

QUEUES = {"Orders": "orders", "Letters": "orders-dlq", "Other": "mail"}
ACTIONS = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:SendMessageBatch"]
REGION, ACCOUNT = "us-east-1", "111122223333"


def covers(pattern: str, text: str) -> bool:
    match pattern[:1]:
        case "":
            return not text
        case "*":
            return any(covers(pattern[1:], text[length:]) for length in range(len(text) + 1))
        case sign:
            return text[:1] != "" and sign in ("?", text[0]) and covers(pattern[1:], text[1:])


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def applies(statement: dict[str, Any], action: str, arn: str) -> bool:
    named = any(
        covers(pattern.lower(), action.lower())
        for pattern in listed(statement.get("Action", statement.get("NotAction")))
    )
    there = any(
        covers(pattern, arn)
        for pattern in listed(statement.get("Resource", statement.get("NotResource")))
    )
    return named is ("Action" in statement) and there is ("Resource" in statement)


def allowed(statements: list[dict[str, Any]], action: str, queue: str) -> bool:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
    covering = [statement["Effect"] for statement in statements if applies(statement, action, arn)]
    return "Allow" in covering and "Deny" not in covering


def loosened(text: str) -> st.SearchStrategy[str]:
    """The text with a piece of it, or a letter, left to a wildcard."""
    cuts = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    starred = cuts.map(lambda cut: text[: min(cut)] + "*" + text[max(cut) :])
    marked = st.integers(0, len(text) - 1).map(lambda at: text[:at] + "?" + text[at + 1 :])
    return (
        st.just(text) | starred | marked | starred.map(lambda pattern: pattern.replace("*", "**"))
    )


ACTION_PATTERNS = st.sampled_from(ACTIONS).flatmap(
    lambda action: loosened(action.partition(":")[2])
).map("sqs:{}".format) | st.sampled_from(["*", "sqs:*", "SQS:sendmessage", "sns:Publish", "s3:*"])
NAMES = st.sampled_from([*QUEUES.values(), "elsewhere"])
PLACES = st.sampled_from([f"{REGION}:{ACCOUNT}", "*:*", f"{REGION}:*"])
ARNS = st.builds("arn:aws:sqs:{}:{}".format, PLACES, NAMES | NAMES.flatmap(loosened))
ONE_OR_MORE = {
    "actions": ACTION_PATTERNS | st.lists(ACTION_PATTERNS, min_size=1, max_size=2),
    "resources": ARNS | st.just("*") | st.lists(ARNS, min_size=1, max_size=2),
}


@st.composite
def statement(
    draw: st.DrawFn, effects: tuple[str, ...] = ("Allow", "Allow", "Deny"), negated: bool = False
) -> dict[str, Any]:
    return {
        "Effect": draw(st.sampled_from(effects)),
        draw(st.sampled_from(["Action", "NotAction"] if negated else ["Action"])): draw(
            ONE_OR_MORE["actions"]
        ),
        draw(st.sampled_from(["Resource", "NotResource"] if negated else ["Resource"])): draw(
            ONE_OR_MORE["resources"]
        ),
    }


def permissions(statements: Any) -> Permissions:
    resources: dict[str, Any] = {
        id_: {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}
        for id_, name in QUEUES.items()
    }
    policy = {
        "PolicyName": "p",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
    }
    resources["Role"] = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}
    resources["Fn"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
    }
    template = {"Resources": resources}
    references = References(template)
    return Permissions(template, references, Functions(template, references))


def targets(grants: tuple[Grant, ...]) -> set[Any]:
    return {grant.resource and grant.resource.target for grant in grants}


@given(st.lists(statement(), min_size=1, max_size=3), st.sampled_from(ACTIONS))
def test_a_queue_that_is_granted_is_allowed(statements: list[dict[str, Any]], action: str) -> None:
    found = targets(permissions(statements).grants("Fn", action))
    for logical_id, name in QUEUES.items():
        assert logical_id not in found or allowed(statements, action, name)


@given(st.lists(statement(), min_size=1, max_size=3), st.sampled_from(ACTIONS))
def test_a_queue_that_is_allowed_is_granted(statements: list[dict[str, Any]], action: str) -> None:
    """By name, unless the pattern that allows it names nothing: then the grant has no resource, or
    one outside the template.
    """
    grants = permissions(statements).grants("Fn", action)
    nameless = any(
        grant.resource is None or not str(grant.resource.target).strip("*?") for grant in grants
    )
    for logical_id, name in QUEUES.items():
        if allowed(statements, action, name):
            assert (
                logical_id in targets(grants)
                or nameless
                or any("*" in str(target) or "?" in str(target) for target in targets(grants))
            )


@given(
    st.lists(statement(("Allow",), negated=True), min_size=1, max_size=3),
    st.sampled_from(ACTIONS),
    st.sampled_from(["*", "sqs:*", ""]),
)
def test_deny_wins_over_everything(
    statements: list[dict[str, Any]], action: str, denied: str
) -> None:
    deny = {"Effect": "Deny", "Action": denied or action, "Resource": "*"}
    for order in ([deny, *statements], [*statements, deny]):
        assert permissions(order).grants("Fn", action) == ()


@given(
    st.lists(statement(("Allow",)), min_size=1, max_size=3),
    st.sampled_from(ACTIONS),
    st.sampled_from(sorted(QUEUES)),
)
def test_deny_of_one_queue_leaves_the_others(
    statements: list[dict[str, Any]], action: str, logical_id: str
) -> None:
    before = targets(permissions(statements).grants("Fn", action))
    for resource in ({"Fn::GetAtt": [logical_id, "Arn"]}, f"arn:aws:sqs:*:*:{QUEUES[logical_id]}"):
        deny = {"Effect": "Deny", "Action": action, "Resource": resource}
        after = permissions([*statements, deny])
        assert targets(after.grants("Fn", action)) == before - {logical_id}
        assert after.denied("Fn", action, logical_id)


@given(
    st.lists(statement(("Allow",), negated=True), min_size=1, max_size=3), st.sampled_from(ACTIONS)
)
def test_a_grant_in_its_own_name_is_written_out(
    statements: list[dict[str, Any]], action: str
) -> None:
    """`granted` is the very action and the very resource; anything a wildcard had a part in is
    `broad`.
    """
    written = {
        pattern.lower()
        for each in statements
        for pattern in listed(each.get("Action", []))
        if "Resource" in each
    }
    for grant in permissions(statements).grants("Fn", action):
        if grant.scope == "granted":
            assert action.lower() in written
            assert grant.resource is not None
            if grant.resource.target in QUEUES:
                name = QUEUES[str(grant.resource.target)]
                assert any(
                    each.rpartition(":")[2].rstrip("*") == name
                    for s in statements
                    for each in listed(s.get("Resource", []))
                )


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(
        ["Allow", "Deny", "*", "sqs:*", "", "arn:aws:sqs:*:*:orders", "arn:", "\x00"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::If", "Fn::Sub", "Fn::GetAtt", "AWS", "SQSSendMessagePolicy"]
            ),
            inner,
            max_size=1,
        )
        | st.dictionaries(
            st.sampled_from(
                [
                    "Effect",
                    "Action",
                    "NotAction",
                    "Resource",
                    "NotResource",
                    "Condition",
                    "Statement",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(JUNK, st.sampled_from(ACTIONS))
def test_policies_of_any_type_are_answered(policy: Any, action: str) -> None:
    resources: dict[str, Any] = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "Policies": [policy, {"PolicyDocument": policy}],
                "ManagedPolicyArns": policy,
            },
        },
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {"Roles": policy, "PolicyDocument": {"Statement": policy}},
        },
        "Fn": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
        "Sam": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"Policies": policy},
            "Connectors": {"C": {"Properties": policy}},
        },
        "Odd": {"Type": "AWS::Serverless::Function", "Properties": {"Role": policy}},
        "Connector": {
            "Type": "AWS::Serverless::Connector",
            "Properties": {"Source": policy, "Destination": policy, "Permissions": policy},
        },
    }
    template = {"Resources": resources}
    references = References(template)
    found = Permissions(template, references, Functions(template, references))
    for logical_id in resources:
        assert all(isinstance(grant, Grant) for grant in found.grants(logical_id, action))
        assert all(isinstance(words, str) for words in found.broad(logical_id))
        assert found.denied(logical_id, action, "Fn") in (True, False)

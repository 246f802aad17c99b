"""Writes the files of the catalogue that say what libraries own: `python -m
cfnlint_eda_rules.catalogue.generate`.

SAM's policy templates and connectors are the data of aws-sam-translator, the names of services and
methods those of botocore. Both come with cfn-lint.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import botocore.handlers
import botocore.session
import yaml
from botocore import xform_name

from cfnlint_eda_rules.catalogue.operations import spelled

Rows: TypeAlias = dict[str, Any]

_FOLDER = Path(__file__).parent
_WIDTH = 140

_HEADS = {
    "sam_policies": (
        "aws-sam-translator",
        """\
# SAM policy templates: the statements each becomes. `resources` are texts as Fn::Sub takes them,
# over the template's parameters.
# AWS SAM Developer Guide, "AWS SAM policy template list".
#   parameters  what the template is given
#   bundle      a CRUD or full-access bundle: it allows more than any one function needs, so it
#               proves nothing about the function
#   conditional an IAM condition goes with the statement
""",
    ),
    "connectors": (
        "aws-sam-translator",
        """\
# SAM connectors that give a role permissions: source type -> destination type -> what each
# permission becomes.
# AWS SAM Developer Guide, "AWS SAM connector reference".
#   role       whose role gets the statements: source or destination
#   Read/Write the statements; {source} and {destination} are the ARNs, {name} the destination's
#              name
# Connectors that become resource policies are left out: they say nothing about a function's role.
""",
    ),
    "sdk_names": (
        "botocore",
        """\
# AWS services and their methods, as the SDK for Python names them.
#
# hyphenated  boto3 clients with a hyphen in their names, which their class names leave out
#             (`AWS.BedrockRuntime`)
# aliases     other names that boto3 takes for a client
# signed      client -> the name that its requests are signed with, where that is another
# names       method of any client -> its operation, where the `words` of services.yaml do not tell
""",
    ),
}
# What is restored is written whole: that template allows as much as those that say so.
_BUNDLE = re.compile(r"Crud|FullAccess|RestoreFromBackup")


def generated() -> Mapping[str, Rows]:
    """Name of a file (`sam_policies`) -> what the installed library has to say there."""
    return {
        "sam_policies": _policies(_of_sam("policy_templates_data/policy_templates.json")),
        "connectors": _connectors(_of_sam("model/connector_profiles/profiles.json")),
        "sdk_names": _names(),
    }


def text(name: str, rows: Rows) -> str:
    """A generated file as it is written."""
    library, head = _HEADS[name]
    first = f"# Written by generate.py from {library} {version(library)}; not to be edited.\n"
    body = yaml.dump(rows, Dumper=_Dumper, width=_WIDTH, sort_keys=False, default_flow_style=None)
    return f"{first}{head}{body}"


def main() -> None:
    """Write every generated file."""
    for name, rows in generated().items():
        (_FOLDER / f"{name}.yaml").write_text(text(name, rows), encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _of_sam(name: str) -> Rows:
    rows: Rows = json.loads((files("samtranslator") / name).read_text(encoding="utf-8"))
    return rows


def _policies(data: Rows) -> Rows:
    return {name: _policy(name, row) for name, row in sorted(data["Templates"].items())}


def _policy(name: str, row: Rows) -> Rows:
    policy: Rows = {"parameters": list(row["Parameters"])} if row["Parameters"] else {}
    if _BUNDLE.search(name):
        policy["bundle"] = True
    return {**policy, "statements": [_statement(each) for each in row["Definition"]["Statement"]]}


def _statement(row: Rows) -> Rows:
    statement = {
        "actions": list(dict.fromkeys(_listed(row["Action"]))),
        "resources": [_substituted(resource) for resource in _listed(row["Resource"])],
    }
    return {**statement, "conditional": True} if "Condition" in row else statement


def _substituted(resource: Any) -> str:
    """A resource as the text of an Fn::Sub over the template's parameters."""
    match resource:
        case {"Fn::Sub": [str() as sub, dict() as variables]}:
            for name, value in variables.items():
                sub = sub.replace(f"${{{name}}}", f"${{{value['Ref']}}}")
            return sub
        case {"Fn::Sub": str() as sub}:
            return sub
    return str(resource)


# The types of SAM's resources that its connectors are told of by what they become.
_BECOMES = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
}


def _connectors(data: Rows) -> Rows:
    profiles: Rows = defaultdict(dict)
    for source, destination, profile in _role_profiles(data["Permissions"]):
        profiles[source][destination] = {
            "role": "source" if profile["SourcePolicy"] else "destination",
            **{
                permission: [_ends(statement) for statement in category["Statement"]]
                for permission, category in profile["AccessCategories"].items()
            },
        }
    return {"types": _BECOMES, "profiles": dict(profiles)}


def _role_profiles(permissions: Rows) -> Iterator[tuple[str, str, Rows]]:
    for source, destinations in permissions.items():
        for destination, row in destinations.items():
            if row["Type"] == "AWS_IAM_ROLE_MANAGED_POLICY":
                yield source, destination, row["Properties"]


_END = {
    "%{Source.Arn}": "{source}",
    "%{Destination.Arn}": "{destination}",
    "%{Destination.Name}": "{name}",
}


def _ends(row: Rows) -> Rows:
    statement = _statement(row)
    for theirs, ours in _END.items():
        statement["resources"] = [text.replace(theirs, ours) for text in statement["resources"]]
    return statement


def _names() -> Rows:
    services = _session().get_available_services()
    signed = {service: _signed(service) for service in services}
    return {
        "hyphenated": sorted(service for service in services if "-" in service),
        "aliases": dict(sorted(botocore.handlers.SERVICE_NAME_ALIASES.items())),
        "signed": {service: name for service, name in signed.items() if name != service},
        "names": dict(sorted(_odd_methods(services).items())),
    }


@cache
def _session() -> Any:
    return botocore.session.get_session()


def _signed(service: str) -> str:
    metadata = _session().get_service_model(service).metadata
    return str(metadata.get("signingName") or metadata["endpointPrefix"]).rpartition(".")[2]


def _odd_methods(services: list[str]) -> dict[str, str]:
    """The methods that their words lead to no operation; what two services spell each their own
    way is left to the words.
    """
    operations: dict[str, set[str]] = defaultdict(set)
    for service in services:
        for operation in _session().get_service_model(service).operation_names:
            operations[xform_name(operation)].add(operation)
    return {
        method: min(spelt)
        for method, spelt in operations.items()
        if spelled(method) not in spelt and len(spelt) == 1
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    main()

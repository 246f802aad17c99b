"""The same answer in every process: hash seeds, working directories, small stacks, files that
change between two runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cases import FIXTURES, ROOT, lint

LINTED = (
    "recursive_invocation/two-independent-loops-s3-and-sns",
    "lambda_monolith/alb-four-path-values-in-one-rule",
    "applications/document-vault-s3-then-dynamodb-and-fastapi-portal",
)
PROGRAM = """
import sys
from cases import lint
for place in sys.argv[1:]:
    for match in lint(place):
        print(match.rule.id, match.linenumber, match.message)
"""


def answer(places: list[str], *, shell: str = "", **environment: str) -> str:
    """What another process finds in templates; `shell` runs before it."""
    command = [sys.executable, "-c", PROGRAM, *places]
    done = subprocess.run(
        ["/bin/sh", "-c", f'{shell} exec "$@"', "sh", *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), **environment},
    )
    return done.stdout


def templates() -> list[str]:
    return [str(next((FIXTURES / place).glob("template.*"))) for place in LINTED]


def test_hash_seeds_change_nothing() -> None:
    first, *others = (answer(templates(), PYTHONHASHSEED=seed) for seed in ("0", "1"))
    assert first
    assert others == [first]


DEEP = {
    "app.py": "x = " + "[" * 3000 + "]" * 3000,
    "app.js": "exports.handler = async () => " + "(" * 3000 + "1" + ")" * 3000,
}


@pytest.mark.parametrize("name", DEEP)
def test_a_small_stack_is_enough(tmp_path: Path, name: str) -> None:
    runtime = "python3.13" if name.endswith(".py") else "nodejs22.x"
    function = {"Runtime": runtime, "Handler": "app.handler", "CodeUri": "."}
    deep: object = {"Ref": "AWS::Region"}
    for _ in range(60):
        deep = {"Fn::Join": ["", [deep]]}
    resources = {
        "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": deep}},
    }
    (tmp_path / name).write_text(DEEP[name])
    (tmp_path / "template.json").write_text(json.dumps({"Resources": resources}))
    assert answer([str(tmp_path / "template.json")], shell="ulimit -s 1024;") == ""


def test_the_working_directory_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(templates()[0])
    told = [match.message for match in lint(place)]
    monkeypatch.chdir(place.parent)
    assert told == [match.message for match in lint(place.name)]
    monkeypatch.chdir(tmp_path)
    assert told == [match.message for match in lint(os.path.relpath(place, tmp_path))]


TEMPLATE = """
Resources:
  Work: {Type: AWS::SQS::Queue}
  Other: {Type: AWS::SQS::Queue}
  Again:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: .
      Environment: {Variables: {WORK: !Ref Work, OTHER: !Ref Other}}
      Events: {Work: {Type: SQS, Properties: {Queue: !GetAtt Work.Arn}}}
"""
HANDLER = """
import os
import boto3

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["%s"], MessageBody="again")
"""


def test_a_handler_that_is_edited_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    handler = tmp_path / "app.py"
    found = []
    for name in ("WORK", "OTHER", "WORK"):
        handler.write_text(HANDLER % name)
        # As an editor may save: with the time of the file unchanged.
        os.utime(handler, (time.time(), 0))
        found.append([match.rule.id for match in lint(tmp_path / "template.yaml")])
    assert found == [["W9503"], [], ["W9503"]]

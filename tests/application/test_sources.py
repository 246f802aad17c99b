"""Where sources are sought when the template's own place says nothing of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.evidence import Evidence

TEMPLATE = {
    "Resources": {
        "Uploads": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "uploads"}},
        "Store": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "CodeUri": "src",
                "Policies": [
                    {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": "s3:PutObject",
                                "Resource": "arn:aws:s3:::uploads/*",
                            }
                        ]
                    }
                ],
            },
        },
    }
}


def written(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("def handler(event, context):\n    return 1\n")


@pytest.mark.parametrize("file", [None, "-", "copy/template.yaml"])
def test_paths_are_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str | None
) -> None:
    written(tmp_path, "project/.git/HEAD", "project/src/app.py", "copy/x")
    monkeypatch.chdir(tmp_path / "project")
    name = str(tmp_path / file) if file and file != "-" else file
    source = Application(TEMPLATE, name).source("Store")
    assert source is not None
    assert source.files == ("src/app.py",)


@pytest.mark.parametrize(
    ("names", "file", "evidence"),
    [
        (["copy/x", "project/x"], "copy/template.yaml", Evidence.BROAD),
        (["copy/x", "project/.git/HEAD"], "copy/template.yaml", Evidence.BROAD),
        (["copy/.git/HEAD", "project/x"], "copy/template.yaml", Evidence.GRANTED),
        (["copy/src/other.py", "project/src/app.py"], "copy/template.yaml", Evidence.GRANTED),
        (["project/x"], None, Evidence.BROAD),
        (["project/.git/HEAD"], None, Evidence.GRANTED),
    ],
)
def test_code_that_lies_nowhere_exists_unseen_unless_there_is_a_repository(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: list[str],
    file: str | None,
    evidence: Evidence,
) -> None:
    written(tmp_path, *names)
    monkeypatch.chdir(tmp_path / "project")
    application = Application(TEMPLATE, None if file is None else str(tmp_path / file))
    effects = application.effects.of("Store")
    assert {effect.evidence for effect in effects if effect.target == "Uploads"} == {evidence}

"""The language server of cfn-lint's Visual Studio Code extension, driven over stdio as the editor
drives it.

It runs where ``CFN_LINT_LANGUAGE_SERVER`` names the extension's built ``server/out/server.js`` and
Node.js is installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cases import FIXTURES

SERVER = os.environ.get("CFN_LINT_LANGUAGE_SERVER", "")
NODE = shutil.which("node") or ""
TEMPLATE = FIXTURES / "recursive_invocation" / "s3-thumbnail-in-uploads-bucket" / "template.yaml"

pytestmark = pytest.mark.skipif(
    not (SERVER and NODE), reason="no language server of the editor extension"
)


class Editor:
    """What an editor says to its language server, as far as it takes to see the diagnostics of a
    file.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.server = subprocess.Popen(
            [NODE, SERVER, "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.send(
            id=1,
            method="initialize",
            params={"processId": os.getpid(), "rootUri": None, "capabilities": {}},
        )
        self.until(lambda message: message.get("id") == 1)
        self.send(method="initialized", params={})
        # The server may only be given a file once it knows its settings.
        self.until(lambda message: message.get("method") == "workspace/configuration")

    def diagnostics(self, file: Path) -> list[dict[str, Any]]:
        document = {
            "uri": file.as_uri(),
            "languageId": "yaml",
            "version": 1,
            "text": file.read_text(encoding="utf-8"),
        }
        self.send(method="textDocument/didOpen", params={"textDocument": document})
        found = self.until(
            lambda message: message.get("method") == "textDocument/publishDiagnostics"
        )
        diagnostics: list[dict[str, Any]] = found["params"]["diagnostics"]
        return diagnostics

    def send(self, **message: Any) -> None:
        assert self.server.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.server.stdin.flush()

    def until(self, wanted: Any) -> dict[str, Any]:
        for message in self.messages():
            if message.get("method") == "workspace/configuration":
                result = [
                    self.settings if item["section"] == "cfnLint" else {}
                    for item in message["params"]["items"]
                ]
                self.send(id=message["id"], result=result)
            if wanted(message):
                return message
        raise AssertionError("the language server ended")

    def messages(self) -> Iterator[dict[str, Any]]:
        assert self.server.stdout
        while header := self.server.stdout.readline():
            length = int(header.partition(b":")[2])
            self.server.stdout.readline()
            yield json.loads(self.server.stdout.read(length))


@pytest.mark.parametrize(
    "settings",
    [
        {"path": str(Path(sys.executable).parent / "cfn-lint-eda")},
        {
            "path": str(Path(sys.executable).parent / "cfn-lint"),
            "appendRules": ["cfnlint_eda_rules"],
        },
    ],
    ids=["path", "appendRules"],
)
def test_the_editor_shows_the_loop(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FIXTURES)
    editor = Editor(settings)
    try:
        (found,) = editor.diagnostics(TEMPLATE)
    finally:
        editor.server.kill()
        editor.server.wait()
    assert "W9503" in json.dumps(found)
    assert "Resize" in found["message"]
    line = TEMPLATE.read_text(encoding="utf-8").splitlines()[found["range"]["start"]["line"]]
    assert line.strip()

"""A function's source from its folder to its facts: what only whole files decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfnlint_eda_rules.handlers.facts import Source
from cfnlint_eda_rules.handlers.interpreter import evaluator as interpreter
from cfnlint_eda_rules.handlers.reading import read
from cfnlint_eda_rules.handlers.source.code import Code

SIGNER = 'var algorithm = "AWS4-HMAC-SHA256";'
AGENT = 'var agent = [["aws-sdk-js", "3.600.0"]];'
HANDLER = (
    'exports.handler = async () => { await fetch("https://example.com/", { method: "POST" }); };'
)


def source(root: Path, **texts: str) -> Source | None:
    (root / "template.yaml").write_text("Resources: {}")
    (root / "src").mkdir()
    for name, text in texts.items():
        (root / "src" / f"{name}.js").write_text(text)
    return read(str(root / "template.yaml"), Code("nodejs22.x", "index.handler", None, "src"))


def operations(found: Source | None) -> list[str]:
    assert found is not None
    return [call.operation for call in found.calls]


@pytest.mark.parametrize(
    "texts",
    [
        {"index": f"{SIGNER}\n{AGENT}\n{HANDLER}"},
        {
            "index": f'const vendor = require("./vendor");\n{HANDLER}',
            "vendor": f"{SIGNER}\n{AGENT}",
        },
    ],
    ids=["in the handler's file", "in a file of its own"],
)
def test_a_bundle_with_the_sdk_in_it_is_no_source(tmp_path: Path, texts: dict[str, str]) -> None:
    assert source(tmp_path, **texts) is None


@pytest.mark.parametrize("line", [SIGNER, AGENT, 'const sdk = require("@aws-sdk/client-s3");'])
def test_code_that_signs_requests_itself_is_source(tmp_path: Path, line: str) -> None:
    assert operations(source(tmp_path, index=f"{line}\n{HANDLER}")) == ["POST"]


SDK = 'const AWS = require("aws-sdk"); const s3 = new AWS.S3(); const sns = new AWS.SNS(); const put = { Bucket: "b", Key: "k" };'
IN_SERIES = {
    "waterfall": 'require("async").waterfall([(next) => s3.putObject(put, next), (done, next) => sns.publish({ TopicArn: done.ETag }, next)], end);',
    "series": 'require("async").series([(next) => s3.putObject(put, next), (next) => { sns.publish({}, next); }], end);',
    "bluebird": 'const sdk = require("bluebird").promisifyAll(s3); sdk.putObjectAsync(put).then(() => sns.publish({}).promise()).then(() => end());',
}


@pytest.mark.parametrize("name", IN_SERIES)
def test_libraries_that_put_functions_in_series(tmp_path: Path, name: str) -> None:
    found = source(
        tmp_path, index=f"{SDK} exports.handler = (event, context, end) => {{ {IN_SERIES[name]} }};"
    )
    assert operations(found) == ["PutObject", "Publish"]
    assert found is not None
    put, publish = found.calls
    assert publish.preceded_by == {put.id}
    assert put.blocking
    assert publish.blocking


def test_functions_in_parallel_are_not_in_series(tmp_path: Path) -> None:
    tasks = "[(next) => s3.putObject(put, next), (next) => sns.publish({}, next)]"
    found = source(
        tmp_path,
        index=f'{SDK} exports.handler = (event, context, end) => {{ require("async").parallel({tasks}, end); }};',
    )
    assert operations(found) == ["PutObject", "Publish"]
    assert found is not None
    assert not any(call.preceded_by for call in found.calls)


@pytest.mark.parametrize("last", ["context.done", "event.callback", "() => {}"])
def test_a_version_2_request_with_a_callback_is_sent(tmp_path: Path, last: str) -> None:
    assert operations(
        source(
            tmp_path,
            index=f"{SDK} exports.handler = (event, context) => {{ s3.putObject(put, {last}); }};",
        )
    ) == ["PutObject"]


def test_methods_made_promises_send_their_requests(tmp_path: Path) -> None:
    text = f"{SDK} const send = require('util').promisify(s3.putObject.bind(s3)); exports.handler = async () => {{ await send(put); await send(put); }};"
    assert operations(source(tmp_path, index=text)) == ["PutObject", "PutObject"]


def test_middleware_of_the_programs_own(tmp_path: Path) -> None:
    text = f"""{SDK}
    const audit = () => ({{ after: async () => {{ await sns.publish({{}}).promise(); }} }});
    exports.handler = require("@middy/core")().use(audit()).use([]).handler(async () => {{ await s3.putObject(put).promise(); }});
    """
    assert operations(source(tmp_path, index=text)) == ["PutObject", "Publish"]


def test_a_handler_that_cannot_be_followed_is_no_source(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise LookupError("something new in the language")

    monkeypatch.setattr(interpreter, "evaluate", fails)
    inline = Code(
        runtime="python3.13",
        handler="index.handler",
        inline="def handler(event, context): pass",
        location=None,
    )
    assert read(None, inline) is None
    assert "index.py cannot be followed" in caplog.text
    caplog.clear()

"""A function's source from its folder to its facts: what only whole files decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfnlint_eda_rules.handlers.facts import Source, Unread
from cfnlint_eda_rules.handlers.interpreter import evaluator as interpreter
from cfnlint_eda_rules.handlers.reading import read
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Text, Value

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
    found = read(str(root / "template.yaml"), Code("nodejs22.x", "index.handler", None, "src"))
    return found if isinstance(found, Source) else None


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
    assert read(None, inline) == Unread("index.py cannot be followed")
    assert "index.py cannot be followed" in caplog.text
    caplog.clear()


# -- what values name ------------------------------------------------------------------------------

CONFIG = '{"bucket": "kept", "rows": [{"prefix": "small"}]}'
PUT = "boto3.client('s3').put_object(Bucket={bucket}, Key={key})"


def calls(root: Path, runtime: str, files: dict[str, str]) -> list[tuple[str, str, str]]:
    """The bucket, key prefix and file of each call of the handler in `src/app`."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    source = read(str(root / "template.yaml"), Code(runtime, "app.handler", None, "src"))
    assert isinstance(source, Source)

    def shown(value: Value | None) -> str:
        parts = value.parts if isinstance(value, Text) else (value,)
        return "".join(str(part.value) if isinstance(part, Literal) else "*" for part in parts)

    return [
        (shown(call.arguments.get("Bucket")), shown(call.arguments.get("Key")), call.file)
        for call in source.calls
    ]


PYTHON_DATA = {
    "by __file__": "with open(os.path.join(os.path.dirname(__file__), 'config.json')) as f:\n    c = json.load(f)",
    "by the working directory": "c = json.loads(open('config.json').read())",
    "by Path": "c = json.loads((Path(__file__).resolve().parent / 'config.json').read_text())",
    "by Path.open": "with Path(__file__).parent.joinpath('config.json').open() as f:\n    c = json.load(f)",
    "in the task's folder": "c = json.load(open('/var/task/config.json'))",
    "by the task's root": "c = json.load(open(os.environ['LAMBDA_TASK_ROOT'] + '/config.json'))",
    "YAML": "with open('config.yml') as f:\n    c = yaml.safe_load(f)",
}


@pytest.mark.parametrize("statement", PYTHON_DATA.values(), ids=PYTHON_DATA)
def test_python_reads_files_of_data(tmp_path: Path, statement: str) -> None:
    text = f"""import json, os, boto3, yaml
from pathlib import Path
{statement}
def handler(event, context):
    {PUT.format(bucket="c['bucket']", key="c['rows'][0]['prefix'] + '/' + event['k']")}
"""
    files = {
        "src/app.py": text,
        "src/config.json": CONFIG,
        "src/config.yml": "bucket: kept\nrows:\n- prefix: small",
    }
    assert calls(tmp_path, "python3.13", files) == [("kept", "small/*", "src/app.py")]


JAVASCRIPT_DATA = {
    "require": "const c = require('./config.json');",
    "import": "import c from './config.json' with { type: 'json' };",
    "names": "import { bucket, rows } from './config.json'; const c = { bucket, rows };",
    "fs": "const fs = require('fs'), path = require('path');\nconst c = JSON.parse(fs.readFileSync(path.join(__dirname, 'config.json'), 'utf8'));",
    "fs with an URL": "import { readFileSync } from 'node:fs';\nconst c = JSON.parse(readFileSync('./config.json').toString());",
    "YAML": "const fs = require('fs'); const c = require('js-yaml').load(fs.readFileSync('config.yml', 'utf8'));",
}


@pytest.mark.parametrize("statement", JAVASCRIPT_DATA.values(), ids=JAVASCRIPT_DATA)
def test_javascript_reads_files_of_data(tmp_path: Path, statement: str) -> None:
    text = f"""const {{ S3Client, PutObjectCommand }} = require('@aws-sdk/client-s3');
{statement}
exports.handler = async (event) => {{
  await new S3Client({{}}).send(new PutObjectCommand({{ Bucket: c.bucket, Key: `${{c.rows[0].prefix}}/${{event.k}}` }}));
}};
"""
    files = {
        "src/app.js": text,
        "src/config.json": CONFIG,
        "src/config.yml": "bucket: kept\nrows:\n- prefix: small",
    }
    assert calls(tmp_path, "nodejs22.x", files) == [("kept", "small/*", "src/app.js")]


@pytest.mark.parametrize("text", ["", "{", "[1, 2", "\0", "[" * 5000, '{"bucket": 3}'])
def test_strange_data_is_unknown(tmp_path: Path, text: str) -> None:
    app = f"import json, boto3\nc = json.load(open('config.json'))\ndef handler(event, context):\n    {PUT.format(bucket='c.get(1)', key='c')}\n"
    assert len(calls(tmp_path, "python3.13", {"src/app.py": app, "src/config.json": text})) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("'jobs.one'", ["one"]),
        ("f\"jobs.{event['k']}\"", ["one", "two"]),
        ("'jobs.' + event['k'] + '.run'", ["deep"]),
        ("{'a': 'jobs.one', 'b': 'jobs.two'}[event['k']]", ["one", "two"]),
        ("event['k']", []),
    ],
)
def test_python_modules_named_by_a_value(tmp_path: Path, name: str, expected: list[str]) -> None:
    def job(bucket: str) -> str:
        return (
            f"import boto3\ndef go(event):\n    {PUT.format(bucket=repr(bucket), key=repr('k'))}\n"
        )

    app = f"import importlib\ndef handler(event, context):\n    importlib.import_module({name}).go(event)\n"
    files = {"src/app.py": app, "src/jobs/three/run.py": job("deep")}
    files |= {f"src/jobs/{name}.py": job(name) for name in ("one", "two")}
    assert [bucket for bucket, _, _ in calls(tmp_path, "python3.13", files)] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("'./jobs/one'", ["one"]),
        ("`./jobs/${event.k}`", ["one", "two"]),
        ("'./jobs/' + event.k + '.js'", ["one", "two"]),
        ("`./jobs/t${event.k}`", ["two"]),
        ("`./jobs/${event.k}/run`", ["deep"]),
        ("event.k", []),
    ],
)
def test_javascript_modules_named_by_a_value(
    tmp_path: Path, name: str, expected: list[str]
) -> None:
    def job(bucket: str) -> str:
        return f"const {{ S3Client, PutObjectCommand }} = require('@aws-sdk/client-s3');\nexports.go = () => new S3Client({{}}).send(new PutObjectCommand({{ Bucket: '{bucket}' }}));"

    app = f"exports.handler = async (event) => {{ await require({name}).go(event); }};"
    files = {"src/app.js": app, "src/jobs/three/run.js": job("deep")}
    files |= {f"src/jobs/{name}.js": job(name) for name in ("one", "two")}
    assert [bucket for bucket, _, _ in calls(tmp_path, "nodejs22.x", files)] == expected


# -- what was not read -----------------------------------------------------------------------------


def unread(
    root: Path, runtime: str, files: dict[str, str]
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The modules that are missing, with the places where they would lie, and libraries without a
    model.
    """
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    source = read(str(root / "template.yaml"), Code(runtime, "app.handler", None, "src"))
    assert isinstance(source, Source)
    assert source.partly_read == bool(source.missing or source.unmodelled)
    return {module.name: module.places for module in source.missing}, source.unmodelled


@pytest.mark.parametrize(
    ("statement", "missing", "unmodelled"),
    [
        ("from .local import x", {".local": ("src/local",)}, ()),
        (
            "from generated.client import send as x",
            {"generated.client": ("src/generated/client",)},
            (),
        ),
        ("from shared import queue as x", {"shared.queue": ("src/shared/queue",)}, ()),
        ("from shared import store as x", {}, ()),
        ("from says import anything as x", {}, ()),
        (
            "import awswrangler_like_sdk as x",
            {"awswrangler_like_sdk": ("src/awswrangler_like_sdk",)},
            (),
        ),
        ("from cloudpathlib import S3Path as x", {}, ("cloudpathlib",)),
        ("import company_sdk as x", {}, ()),
        ("import requests as x, json, boto3, mypy_boto3_s3", {}, ()),
        ("import importlib; x = importlib.import_module('plugins.one')", {}, ()),
    ],
)
def test_python_modules_that_were_not_read(
    tmp_path: Path, statement: str, missing: dict[str, tuple[str, ...]], unmodelled: tuple[str, ...]
) -> None:
    files = {
        "src/app.py": f"{statement}\ndef handler(event, context):\n    return x\n",
        "src/shared/__init__.py": "",
        "src/shared/store.py": "",
        "src/says/__init__.py": "anything = 1",
        "layers/deps/requirements.txt": "Company-SDK==1.2\n",
    }
    assert unread(tmp_path, "python3.13", files) == (missing, unmodelled)


@pytest.mark.parametrize(
    ("statement", "missing", "unmodelled"),
    [
        ("const x = require('./gone')", {"./gone": ("src/gone",)}, ()),
        ("import x from '@/lib/y'", {"@/lib/y": ("src/@/lib/y",)}, ()),
        ("import x from './types'", {}, ()),
        ("import './style.css'", {}, ()),
        ("const x = require('uuid'), fs = require('node:fs')", {}, ()),
        ("const x = require('@acme/local/sub')", {"@acme/local/sub": ("acme",)}, ()),
        ("const { Table } = require('dynamodb-toolbox')", {}, ("dynamodb-toolbox",)),
        ("const x = require(`./plugins/${process.env.X}`)", {}, ()),
        ("const n = './one', x = require(n)", {}, ()),
    ],
)
def test_javascript_modules_that_were_not_read(
    tmp_path: Path, statement: str, missing: dict[str, tuple[str, ...]], unmodelled: tuple[str, ...]
) -> None:
    files = {
        "src/app.js": f"{statement};\nexports.handler = async () => 1;\n",
        "src/types.d.ts": "",
        "src/package.json": '{"dependencies": {"@acme/local": "file:../acme"}}',
    }
    assert unread(tmp_path, "nodejs22.x", files) == (missing, unmodelled)


@pytest.mark.parametrize(
    ("code", "reason", "places"),
    [
        (Code("nodejs22.x", "app.main", None, "out"), "app.main was not found", ("out/app",)),
        (Code("cobol", "app.main", None, "src"), "cobol is no language that is read", ()),
        (
            Code("nodejs22.x", "index.main", None, "src"),
            "src/index.js cannot be parsed or has no main",
            (),
        ),
        (
            Code("python3.13", "many.main", None, "src"),
            "src/many.py takes more steps than a run may take",
            (),
        ),
        (Code("", "", None, None, image=True), "no Dockerfile of its image was found", ()),
    ],
)
def test_why_a_source_is_not_read(
    tmp_path: Path, code: Code, reason: str, places: tuple[str, ...]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/index.js").write_text("exports.handler = async () => {};")
    calls = "".join(f"def f{n}(x):\n    f{n + 1}(x)\n    f{n + 1}(x)\n" for n in range(40))
    (tmp_path / "src/many.py").write_text(f"{calls}def main(event, context):\n    f0(event)\n")
    found = read(str(tmp_path / "template.yaml"), code)
    assert isinstance(found, Unread)
    assert found.reason == reason
    assert found.places[: len(places)] == places

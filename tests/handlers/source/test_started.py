"""Programs that serve without a handler: which module a script or an image starts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cfnlint_eda_rules.handlers.reading import locate
from cfnlint_eda_rules.handlers.source.code import Code


def written(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def found(root: Path, code: Code) -> tuple[str, str] | None:
    result = locate(str(root / "template.yaml"), code)
    return None if result is None else (os.path.relpath(result[0].entry, root), result[0].symbol)


SCRIPTS = {
    "node app.js": ("src/app.js", ""),
    "#!/bin/bash\n[ ! -d '/mnt/x' ] && mkdir -p /mnt/x\nHOSTNAME=0.0.0.0 exec node ./app.js": (
        "src/app.js",
        "",
    ),
    "exec bun run app.js": ("src/app.js", ""),
    "npm start": ("src/app.js", ""),
    "node dist/main.js": ("src/src/main.ts", ""),
    "python main.py": ("src/main.py", ""),
    "PATH=$PATH:/x PYTHONPATH=/opt/python exec python -m uvicorn --port=$PORT main:app": (
        "src/main.py",
        "app",
    ),
    "PATH=$PATH:$LAMBDA_TASK_ROOT/bin \\\n  exec gunicorn -b=:$PORT -w=1 'main:app'": (
        "src/main.py",
        "app",
    ),
    "python3 -m main": ("src/main.py", ""),
    "sh other.sh": ("src/main.py", ""),
    "# node app.js\njava -jar app.jar": None,
    "node": None,
    "node gone.js": None,
    "'": None,
    "sh run.sh": None,
}


@pytest.mark.parametrize(("text", "expected"), SCRIPTS.items())
@pytest.mark.parametrize("runtime", ["nodejs22.x", "python3.13"])
def test_a_script(
    tmp_path: Path, text: str, expected: tuple[str, str] | None, runtime: str
) -> None:
    written(
        tmp_path,
        {
            "src/run.sh": text,
            "src/other.sh": "python main.py",
            "src/app.js": "",
            "src/main.py": "",
            "src/src/main.ts": "",
            "src/package.json": '{"scripts": {"start": "node app.js"}}',
        },
    )
    fits = expected is not None and expected[0].endswith(".py") == runtime.startswith("python")
    assert found(tmp_path, Code(runtime, "run.sh", None, "src")) == (expected if fits else None)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('CMD ["node", "app.js"]', ("app.js", "")),
        ("CMD exec uvicorn --port=$PORT main:app", ("main.py", "app")),
        ('ENTRYPOINT ["sh", "-c", "node app.js"]', ("app.js", "")),
        ('ENTRYPOINT ["/entry.sh"]\nCMD ["main.handler"]', ("main.py", "handler")),
        ('CMD ["./app"]', None),
    ],
)
def test_an_image(tmp_path: Path, command: str, expected: tuple[str, str] | None) -> None:
    written(
        tmp_path,
        {"Dockerfile": f"FROM x\nWORKDIR /app\nCOPY . .\n{command}", "app.js": "", "main.py": ""},
    )
    code = Code("", "", None, None, image=True, docker_context=".")
    assert found(tmp_path, code) == expected

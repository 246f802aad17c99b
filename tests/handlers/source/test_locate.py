"""Finding a function's source: which file, which symbol, which modules, and what is never read."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from cfnlint_eda_rules.handlers.reading import locate
from cfnlint_eda_rules.handlers.source import files as module
from cfnlint_eda_rules.handlers.source.code import Code, Layer, Located, Modules
from cfnlint_eda_rules.handlers.source.files import Files, ProjectFiles
from cfnlint_eda_rules.handlers.source.locate import web_adapter
from cfnlint_eda_rules.template.boundary import Boundary, project_root

PYTHON = "python3.13"
NODE = "nodejs22.x"
HASH = "0a1b2c3d"


def project(root: Path, *names: str, **texts: str) -> None:
    for name in (*names, *texts):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_text(texts.get(name, f"# {name}"))


def code(
    runtime: str = PYTHON, handler: str = "app.handler", location: str | None = None, **more: Any
) -> Code:
    return Code(runtime, handler, more.pop("inline", None), location, **more)


def layers(*places: str) -> tuple[Layer, ...]:
    return tuple(map(Layer, places))


def found(root: Path, wanted: Code, template: str = "template.yaml") -> tuple[str, str] | None:
    """The entry's path from the project's root and the symbol; what is found is also readable."""
    result = locate(str(root / template), wanted)
    if result is None:
        return None
    located, modules = result
    assert modules.files.read(located.entry) is not None
    return os.path.relpath(located.entry, root), located.symbol


def reader(root: Path, wanted: Code) -> tuple[Located, Modules]:
    result = locate(str(root / "template.yaml"), wanted)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("names", "wanted", "expected"),
    [
        (["src/app.py"], code(location="src/"), ("src/app.py", "handler")),
        (["app.py"], code(location=""), ("app.py", "handler")),
        (["app.py"], code(location=None), ("app.py", "handler")),
        (["app.py"], code("java21", location=None), None),
        (["src/pkg/mod.py"], code(handler="pkg.mod.run", location="./src"), ("src/pkg/mod.py", "run")),
        (["src/pkg/__init__.py"], code(handler="pkg.run", location="src"), ("src/pkg/__init__.py", "run")),
        (["src/handlers/x.py"], code(handler="src/handlers/x.main", location="."), ("src/handlers/x.py", "main")),
        (["functions/app.py"], code(location="functions/app.py"), ("functions/app.py", "handler")),
        (["src/app.mjs"], code(NODE, location="src"), ("src/app.mjs", "handler")),
        (["src/app.js"], code(NODE, "app.nested.handler", "src"), ("src/app.js", "nested.handler")),
        (["src/app.ts"], code(NODE, location="src"), ("src/app.ts", "handler")),
        (["src/app.py"], code(NODE, location="src"), None),
        (["src/app.js"], code("", location="src"), ("src/app.js", "handler")),
        (["src/app.py"], code("java21", location="src"), None),
        (["src/app.py"], code(handler="", location="src"), None),
        (["src/index.ts"], code(NODE, "dist/index.handler", ""), ("src/index.ts", "handler")),
        (["src/index.ts"], code(NODE, "index.handler", "dist/"), ("src/index.ts", "handler")),
        (["dist/index.js", "src/index.ts"], code(NODE, "index.handler", "dist/"), ("dist/index.js", "handler")),
        (["src/handlers/get.ts"], code(NODE, "get.handler", "src", entry_points=("handlers/get.ts",)),
         ("src/handlers/get.ts", "handler")),
        (["a/index.ts", "b/index.ts"], code(NODE, "b/index.handler", "", entry_points=("a/index.ts", "b/index.ts")),
         ("b/index.ts", "handler")),
        ([f"asset.{HASH}/index.js"], code(NODE, "index.handler", asset_path=f"asset.{HASH}"), (f"asset.{HASH}/index.js", "handler")),
        ([f"asset.{HASH}/index.py"], code(handler="index.main", s3_key=f"{HASH}.zip"), (f"asset.{HASH}/index.py", "main")),
        ([".aws-sam/build/Orders/app.py"], code(location="gone/", logical_id="Orders"), (".aws-sam/build/Orders/app.py", "handler")),
        (["app.py", "function.zip"], code(location="function.zip"), ("app.py", "handler")),
        (["function/app.py", "app.py"], code(location="function.zip"), ("function/app.py", "handler")),
        (["src/orders/app.py"], code(location="build/src/orders.zip"), ("src/orders/app.py", "handler")),
        (["a/app.py"], code(location="function.zip"), None),
        (["app.py"], code(location="s3://bucket/app.zip"), ("app.py", "handler")),
        (["fn/orders/app.py"], code(location=None, s3_key="code/orders.zip"), ("fn/orders/app.py", "handler")),
        (["fn/orders/app.py", "old/orders/app.py"], code(location=None, s3_key="code/orders.zip"), None),
        (["fn/get-orders/src/app.py"], code(location=None, logical_id="GetOrdersFunction"), ("fn/get-orders/src/app.py", "handler")),
        (["fn/get_orders/app.py"], code(location=None, function_name="get-orders"), ("fn/get_orders/app.py", "handler")),
        (["fn/articles/recent/app.py"], code(location="deploy/articles_recent.zip"), ("fn/articles/recent/app.py", "handler")),
        (["source/users/index.ts"], code(NODE, "users/index.handler", None, s3_key="v1/users.zip"), ("source/users/index.ts", "handler")),
        (["source/core/get_num.py", "tests/get_num.py"], code(handler="get_num.run", location=None, s3_key="core.zip"), ("source/core/get_num.py", "run")),
        (["a/get_num.py", "b/get_num.py"], code(handler="get_num.run", location=None, s3_key="core.zip"), None),
        (["a/app.py"], code(location=None, s3_key="core.zip"), None),
        (["node_modules/orders/app.py"], code(location=None, s3_key="orders.zip"), None),
        (["src/a/orders/index.ts"], code(NODE, "index.handler", "dist/orders"), ("src/a/orders/index.ts", "handler")),
        (["src/a/orders/index.ts", "src/b/orders/index.ts"], code(NODE, "index.handler", "dist/orders"), None),
        ([f"cdk.out/asset.{HASH}/index.js"], code(NODE, "index.handler", asset_path=f"asset.{HASH}"), (f"cdk.out/asset.{HASH}/index.js", "handler")),
    ],
)  # fmt: skip
def test_the_handlers_file(
    tmp_path: Path, names: list[str], wanted: Code, expected: tuple[str, str] | None
) -> None:
    project(tmp_path, "template.yaml", *names)
    assert found(tmp_path, wanted) == expected


@pytest.mark.parametrize(
    ("template", "wanted", "expected"),
    [
        (
            ".aws-sam/build/template.yaml",
            code(location="Orders"),
            (".aws-sam/build/Orders/app.py", "handler"),
        ),
        (
            ".serverless/cloudformation-template-update-stack.json",
            code(NODE, "src/get.run", s3_key="x/orders.zip"),
            ("src/get.js", "run"),
        ),
        ("infra/template.yaml", code(location="../lambda"), ("lambda/app.py", "handler")),
        ("infra/template.yaml", code(NODE, "get.run", "../dist"), ("src/get.js", "run")),
    ],
)
def test_templates_in_other_folders(
    tmp_path: Path, template: str, wanted: Code, expected: tuple[str, str]
) -> None:
    project(
        tmp_path,
        ".git/",
        template,
        ".aws-sam/build/Orders/app.py",
        "src/get.js",
        "lambda/app.py",
        "serverless.yml",
    )
    assert found(tmp_path, wanted, template) == expected


@pytest.mark.parametrize(
    ("runtime", "text", "entry"),
    [
        (PYTHON, "x", "index.py"),
        (NODE, "x", "index.js"),
        ("", "import boto3", "index.py"),
        ("", "exports.handler = async () => {}", "index.js"),
    ],
)
def test_inline_code_needs_no_file(runtime: str, text: str, entry: str) -> None:
    result = locate(None, code(runtime, "index.main", inline=text))
    assert result is not None
    located, modules = result
    assert (
        located.entry,
        located.symbol,
        located.shown(located.entry),
        modules.files.read(entry),
    ) == (
        entry,
        "main",
        entry,
        text,
    )
    assert modules.resolve("./other", entry) is None


# --------------------------------------------------------------------------------------------------

DOCKERFILES = {
    "task root": 'FROM public.ecr.aws/lambda/python:3.13\nCOPY src/ ${LAMBDA_TASK_ROOT}/\nCMD ["app.handler"]',
    "working folder": 'FROM python:3.13\nARG DIR="/function"\nCOPY src/*.py ${DIR}\nWORKDIR ${DIR}\n'
    'ENTRYPOINT ["python", "-m", "awslambdaric"]\nCMD [ "app.handler" ]',
    "continued lines": "FROM lambda/python\nCOPY \\\n  # the code\n  src/app.py \\\n  ./\nCMD app.handler",
    "stages": 'FROM node AS Build\nWORKDIR /usr\nCOPY src ./src\nFROM lambda/nodejs\nCOPY --from=build /usr/src .\nCMD ["app.handler"]',
    "whole context": 'FROM lambda/python\nCOPY . .\nCMD ["src/app.handler"]',
}


@pytest.mark.parametrize("text", DOCKERFILES.values(), ids=DOCKERFILES.keys())
def test_images(tmp_path: Path, text: str) -> None:
    project(tmp_path, "api/src/app.py", **{"api/Dockerfile": text})
    assert found(tmp_path, code("", "", image=True, docker_context="./api")) == (
        "api/src/app.py",
        "handler",
    )


def test_the_templates_command_is_stronger_than_the_images(tmp_path: Path) -> None:
    project(
        tmp_path, "api/a.py", "api/b.js", **{"api/Dockerfile.dev": 'COPY . .\nCMD ["a.handler"]'}
    )
    wanted = code(
        "",
        "",
        image=True,
        docker_context="api",
        dockerfile="Dockerfile.dev",
        docker_command="b.run",
    )
    assert found(tmp_path, wanted) == ("api/b.js", "run")


def test_modules_of_an_image_come_from_the_copied_folder(tmp_path: Path) -> None:
    text = 'FROM lambda/python\nCOPY lib/ ${LAMBDA_TASK_ROOT}/\nCOPY app.py .\nCMD ["app.handler"]'
    project(tmp_path, "app.py", "lib/shared.py", Dockerfile=text)
    located, modules = reader(tmp_path, code("", "", image=True, docker_context="."))
    assert modules.resolve("shared", located.entry) == str(tmp_path / "lib/shared.py")


@pytest.mark.parametrize(
    ("line", "attached"),
    [
        (
            "COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter",
            True,
        ),
        ("COPY lambda-adapter /opt/extensions/", True),
        (
            "# COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter",
            False,
        ),
        ("COPY . .", False),
    ],
)
def test_web_adapter(tmp_path: Path, line: str, attached: bool) -> None:
    project(tmp_path, "main.go", Dockerfile=f'FROM golang\n{line}\nCMD ["./main"]')
    wanted = code("", "", image=True, docker_context=".")
    assert web_adapter(str(tmp_path / "template.yaml"), wanted) is attached
    assert locate(str(tmp_path / "template.yaml"), wanted) is None


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "importer", "expected"),
    [
        ("store", "src/app.py", "src/store.py"),
        ("pkg", "src/app.py", "src/pkg/__init__.py"),
        ("pkg.deep", "src/app.py", "src/pkg/deep.py"),
        (".deep", "src/pkg/__init__.py", "src/pkg/deep.py"),
        ("..store", "src/pkg/deep.py", "src/store.py"),
        (".", "src/pkg/deep.py", "src/pkg/__init__.py"),
        ("beside", "src/handlers/get.py", "src/handlers/beside.py"),
        ("shared", "src/app.py", "layer/python/shared.py"),
        ("plain", "src/app.py", "other/plain.py"),
        ("installed", "src/app.py", None),
        ("json", "src/app.py", None),
        ("boto3", "src/app.py", None),
        ("../store", "src/app.py", None),
        ("....outside", "src/pkg/deep.py", None),
    ],
)
def test_python_modules(tmp_path: Path, name: str, importer: str, expected: str | None) -> None:
    root = tmp_path / "project"
    project(tmp_path, "outside.py")
    project(
        root,
        "src/app.py",
        "src/store.py",
        "src/pkg/__init__.py",
        "src/pkg/deep.py",
        "src/handlers/get.py",
        "src/handlers/beside.py",
    )
    project(
        root,
        "src/json/sample.txt",
        "layer/python/shared.py",
        "other/plain.py",
        "src/installed/__init__.py",
    )
    project(
        root,
        **{
            "src/installed-1.0.dist-info/RECORD": "installed/__init__.py,,\ninstalled-1.0.dist-info/RECORD,,"
        },
    )
    _, modules = reader(root, code(location="src", layers=layers("layer", "other", "gone", "../")))
    assert modules.resolve(name, str(root / importer)) == (expected and str(root / expected))


def test_a_folder_without_init_is_an_empty_package(tmp_path: Path) -> None:
    project(tmp_path, "src/app.py", "src/lib/store.py")
    located, modules = reader(tmp_path, code(location="src"))
    package = modules.resolve("lib", located.entry)
    assert package is not None
    assert modules.files.read(package) == ""
    assert modules.resolve(".store", package) == str(tmp_path / "src/lib/store.py")


@pytest.mark.parametrize(
    ("name", "importer", "expected"),
    [
        ("./store", "api/src/app.ts", "api/src/store.ts"),
        ("./store.js", "api/src/app.ts", "api/src/store.ts"),
        ("./lib", "api/src/app.ts", "api/src/lib/index.mjs"),
        ("..", "api/src/lib/index.mjs", "api/src/index.js"),
        ("../../../../outside", "api/src/app.ts", None),
        ("@acme/shared", "api/src/app.ts", "common/src/main.ts"),
        ("@acme/shared/sub", "api/src/app.ts", "common/src/sub.ts"),
        ("tools", "api/src/app.ts", "packages/tools/index.js"),
        ("express", "api/src/app.ts", None),
        ("fs", "api/src/app.ts", None),
        ("node:fs", "api/src/app.ts", None),
        ("common", "api/src/app.ts", "layer/nodejs/node_modules/common/index.js"),
        ("axios", "api/src/app.ts", None),
        ("/opt/nodejs/util", "api/src/app.ts", "layer/nodejs/util.js"),
        ("/var/task/store", "api/src/app.ts", "api/src/store.ts"),
        ("/etc/passwd", "api/src/app.ts", None),
    ],
)
def test_javascript_modules(tmp_path: Path, name: str, importer: str, expected: str | None) -> None:
    root = tmp_path / "project"
    project(tmp_path, "outside.js")
    project(
        root,
        "api/src/app.ts",
        "api/src/store.ts",
        "api/src/lib/index.mjs",
        "api/src/index.js",
        "api/src/fs/index.js",
    )
    project(root, "packages/tools/index.js", "common/src/main.ts", "common/src/sub.ts")
    project(root, "layer/nodejs/util.js", "api/src/node_modules/express/index.js")
    project(
        root,
        "layer/nodejs/node_modules/common/index.js",
        "layer/nodejs/node_modules/axios/index.js",
    )
    project(root, **{
        "package.json": '{"workspaces": ["packages/*"]}',
        "packages/tools/package.json": '{"name": "tools"}',
        "api/package.json": '{"dependencies": {"@acme/shared": "file:../common", "tools": "*", "express": "^5"}}',
        "common/package.json": '{"main": "dist/main.js"}',
        "layer/nodejs/package.json": '{"dependencies": {"axios": "^1"}}',
    })  # fmt: skip
    _, modules = reader(root, code(NODE, location="api/src", layers=layers("layer")))
    assert modules.resolve(name, str(root / importer)) == (expected and str(root / expected))


def test_names_are_shown_from_the_templates_folder(tmp_path: Path) -> None:
    project(tmp_path, ".git/", "infra/template.yaml", "infra/src/app.py", "lib/a.py")
    result = locate(str(tmp_path / "infra/template.yaml"), code(location="src"))
    assert result is not None
    located, _ = result
    assert located.shown(located.entry) == "src/app.py"
    assert located.shown(str(tmp_path / "lib/a.py")) == "../lib/a.py"


# --------------------------------------------------------------------------------------------------


def test_the_project_is_the_nearest_folder_with_git(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    project(root, "a/.git", "a/b/template.yaml", "c/d/template.yaml")
    assert project_root(str(root / "a/b/template.yaml")) == str(root / "a")
    assert project_root(str(root / "c/d/template.yaml")) == str(root / "c/d")


@pytest.mark.parametrize(
    "location",
    [
        "..",
        "../outside",
        "{outside}",
        "link",
        "../outside/app.py",
        "a\0b",
        "x" * 5000,
        "\ud800",
        "~",
    ],
)
def test_nothing_outside_the_project_is_found(tmp_path: Path, location: str) -> None:
    project(tmp_path, "outside/app.py", "app.py", "project/template.yaml")
    (tmp_path / "project/link").symlink_to(tmp_path / "outside")
    wanted = location.replace("{outside}", str(tmp_path / "outside"))
    for more in (
        {"location": wanted},
        {"asset_path": wanted},
        {"layers": layers(wanted), "location": ""},
        {"s3_key": wanted + ".zip"},
    ):
        assert locate(str(tmp_path / "project/template.yaml"), code(**more)) is None
    image = code("", "", image=True, docker_context=wanted, docker_command="app.handler")
    assert locate(str(tmp_path / "project/template.yaml"), image) is None


@pytest.mark.parametrize(
    "handler",
    [
        "../outside/app.handler",
        "/etc/app.handler",
        "a\0.b",
        ".",
        "..",
        "app",
        "/",
        "x/" * 5000 + "a.b",
        "dist/" * 5000,
    ],
)
def test_strange_handlers_are_no_source(tmp_path: Path, handler: str) -> None:
    project(tmp_path, "outside/app.py", "project/app.py")
    for runtime in (PYTHON, NODE, ""):
        assert locate(str(tmp_path / "project/template.yaml"), code(runtime, handler, "")) is None


def test_only_text_of_regular_files_is_read(tmp_path: Path) -> None:
    project(tmp_path, "folder.py/", "outside.py", "project/link.py/", "project/small.py")
    root = tmp_path / "project"
    (root / "null.py").write_bytes(b"a\0b")
    (root / "large.py").write_bytes(b"#" * (module.LARGEST_FILE + 1))
    (root / "latin.py").write_bytes(b"# coding: latin-1\na = '\xe9'")
    (root / "broken.py").write_bytes(b"# coding: zlib\na = '\xe9'")
    (root / "out.py").symlink_to(tmp_path / "outside.py")
    (root / "within.py").symlink_to(root / "small.py")
    (root / "loop.py").symlink_to(root / "loop.py")
    os.mkfifo(root / "pipe.py")
    files = Files(ProjectFiles(Boundary(project_root(str(root / "template.yaml")))))
    readable = [path.name for path in sorted(root.iterdir()) if files.read(str(path)) is not None]
    assert readable == ["latin.py", "small.py", "within.py"]
    assert files.read(str(root / "latin.py")) == "# coding: latin-1\na = 'é'"


def test_so_many_files_are_read_and_no_more(tmp_path: Path) -> None:
    project(tmp_path, *(f"m{number}.py" for number in range(module.MOST_FILES + 5)))
    files = Files(ProjectFiles(Boundary(project_root(str(tmp_path / "template.yaml")))))
    texts = [files.read(str(tmp_path / f"m{number}.py")) for number in range(module.MOST_FILES + 5)]
    assert sum(text is not None for text in texts) == module.MOST_FILES
    assert files.read(str(tmp_path / "m0.py")) is not None


@pytest.mark.parametrize(
    "text",
    [
        "FROM a AS b\n" + "COPY --from=b / /\nFROM b AS b\n" * 20_000,
        "COPY\nADD --from\nFROM\nCMD [\nENTRYPOINT {}\nENV\nARG =\nWORKDIR\n$\n${",
        "\\\n" * 100_000,
        'CMD ["' + "a." * 100_000 + '"]',
        "COPY " + "* " * 50_000 + " /",
        "COPY ../../../etc /var/task\nCOPY a //b\nWORKDIR //c\nCMD a.b",
    ],
    ids=["stages", "torn", "continued", "handler", "sources", "paths"],
)
def test_hostile_dockerfiles(tmp_path: Path, text: str) -> None:
    project(tmp_path, Dockerfile=text)
    started = time.perf_counter()
    assert (
        locate(str(tmp_path / "template.yaml"), code("", "", image=True, docker_context="."))
        is None
    )
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[]",
        '{"main": ".", "exports": {".": 1}, "workspaces": {"packages": 3}}',
        '{"dependencies": []}',
    ],
)
def test_hostile_packages(tmp_path: Path, text: str) -> None:
    project(tmp_path, "app.js", **{"package.json": text, "lib/package.json": text})
    located, modules = reader(tmp_path, code(NODE, location=""))
    assert modules.resolve("./lib", located.entry) is None
    assert modules.resolve("other", located.entry) is None


ALIASES = """{
  // shared by all functions
  "compilerOptions": {
    "baseUrl": ".", /* of what follows */
    "paths": { "@/*": ["app/*", "src/*"], "@/core/*": ["core/*"], "config": ["src/settings.ts"], "url": ["a//b"], },
  },
}"""


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("@/store", "src/store.ts"),
        ("@/core/store", "core/store.ts"),
        ("config", "src/settings.ts"),
        ("core/store", "core/store.ts"),
        ("@/missing", None),
        ("@aws-sdk/client-s3", None),
    ],
)
def test_names_that_typescript_maps(tmp_path: Path, module: str, expected: str | None) -> None:
    project(
        tmp_path,
        ".git/",
        "template.yaml",
        "src/app.ts",
        "src/store.ts",
        "src/settings.ts",
        "core/store.ts",
    )
    (tmp_path / "tsconfig.json").write_text(ALIASES)
    located, modules = reader(tmp_path, code("nodejs22.x", location="src"))
    file = modules.resolve(module, located.entry)
    assert file == (None if expected is None else str(tmp_path / expected))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"compilerOptions": 1}',
        '{"compilerOptions": {"paths": {"@/*": 3, "*": [1]}}}',
        '"' * 9,
        "/*" * 9,
    ],
)
def test_hostile_aliases(tmp_path: Path, text: str) -> None:
    project(tmp_path, ".git/", "template.yaml", "src/app.ts")
    (tmp_path / "tsconfig.json").write_text(text)
    located, modules = reader(tmp_path, code("nodejs22.x", location="src"))
    assert modules.resolve("@/store", located.entry) is None


MAKEFILE = """
SOURCES := functions
.PHONY: build-Orders
build-Orders: install
\tcp -r $(SOURCES)/orders/. "$(ARTIFACTS_DIR)"
\t@cp $(SOURCES)/common/*.py $(ARTIFACTS_DIR)/lib/
install:
\tpip install -r requirements.txt -t $(ARTIFACTS_DIR)
build-Whole build-Other:
\tcd functions && cp -R orders $(ARTIFACTS_DIR)/
"""


@pytest.mark.parametrize(
    ("logical_id", "handler", "expected"),
    [
        ("Orders", "app.handler", ("functions/orders/app.py", "handler")),
        ("Orders", "lib.shared.run", ("functions/common/shared.py", "run")),
        ("Orders", "orders.app.handler", None),
        ("Whole", "orders.app.handler", ("functions/orders/app.py", "handler")),
        ("Other", "orders/app.handler", ("functions/orders/app.py", "handler")),
        ("Gone", "app.handler", None),
    ],
)
def test_what_a_makefile_builds(
    tmp_path: Path, logical_id: str, handler: str, expected: tuple[str, str] | None
) -> None:
    project(tmp_path, "functions/orders/app.py", "functions/common/shared.py", Makefile=MAKEFILE)
    wanted = code(handler=handler, location=".", makefile=True, logical_id=logical_id)
    assert found(tmp_path, wanted) == expected


@pytest.mark.parametrize(
    ("uri", "logical_id", "expected"),
    [
        ("/shop-orders:latest", "F", ("images/shop_orders/app.py", "handler")),
        ("/all:billing", "F", ("images/billing/app.py", "handler")),
        ("", "BillingFunction", ("images/billing/app.py", "handler")),
        ("/all:latest", "F", ("app.py", "handler")),
    ],
)
def test_an_image_by_its_name(
    tmp_path: Path, uri: str, logical_id: str, expected: tuple[str, str]
) -> None:
    text = 'FROM lambda/python\nCOPY app.py .\nCMD ["app.handler"]'
    places = ("images/shop_orders/", "images/billing/", "")
    project(
        tmp_path,
        *(f"{place}app.py" for place in places),
        **{f"{place}Dockerfile": text for place in places},
    )
    wanted = code("", "", image=True, image_uri=uri, logical_id=logical_id)
    assert found(tmp_path, wanted) == expected


@pytest.mark.parametrize(
    ("module", "files", "expected"),
    [
        ("@shop/store", {"package.json": '{"workspaces": ["libs/*"]}', "libs/kept/package.json": '{"name": "@shop/store"}'}, "libs/kept/index.ts"),
        ("@shop/store", {"pnpm-workspace.yaml": "packages:\n  - 'libs/**'", "libs/a/b/package.json": '{"name": "@shop/store"}'}, "libs/a/b/index.ts"),
        ("@shop/store", {"lerna.json": '{"packages": ["libs/x-*"]}', "libs/x-y/package.json": '{"name": "@shop/store"}'}, "libs/x-y/index.ts"),
        ("store/deep/a", {"package.json": '{"workspaces": ["libs/*"]}', "libs/kept/package.json": '{"name": "store", "exports": {"./deep/*": {"import": "./dist/d/*.js"}}}', "libs/kept/src/d/a.ts": ""}, "libs/kept/src/d/a.ts"),
        ("#lib/a", {"fn/package.json": '{"imports": {"#lib/*": "./parts/*.js"}}', "fn/parts/a.ts": ""}, "fn/parts/a.ts"),
        ("#lib/a", {"fn/package.json": '{"imports": 3}'}, None),
        ("shared/a", {"shared/a.js": ""}, "shared/a.js"),
        ("axios", {"axios/readme.md": ""}, None),
    ],
)  # fmt: skip
def test_packages_of_the_project(
    tmp_path: Path, module: str, files: dict[str, str], expected: str | None
) -> None:
    mains = {
        name.replace("package.json", "index.ts"): ""
        for name in files
        if name.startswith("libs/") and name.endswith(".json")
    }
    project(tmp_path, ".git/", "fn/app.js", **files, **mains)
    located, modules = reader(tmp_path, code(NODE, location="fn"))
    file = modules.resolve(module, located.entry)
    assert (file and os.path.relpath(file, tmp_path)) == expected

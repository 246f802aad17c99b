"""Which sources the configurations of build tools say that a file is made from."""

from pathlib import Path

import pytest

from cfnlint_eda_rules.handlers.languages import registry
from cfnlint_eda_rules.handlers.source.code import Code
from cfnlint_eda_rules.handlers.source.locate import locate

ESBUILD = 'require("esbuild").build({ %s, bundle: true, platform: "node" })'
WEBPACK = 'const path = require("path");\nmodule.exports = { %s, target: "node" };'
CASES = {
    "tsconfig's outDir and rootDir": (
        {"tsconfig.json": '{"compilerOptions": {"outDir": "./made", "rootDir": "./code"}}'},
        "made",
        "orders/get.handler",
        "code/orders/get.ts",
    ),
    "outDir without rootDir": (
        {
            "tsconfig.json": '{"compilerOptions": {"outDir": "made",}, /* all */ "include": ["code"]}'
        },
        "made",
        "get.handler",
        "code/get.ts",
    ),
    "an extended configuration": (
        {
            "tsconfig.json": '{"extends": ["./base", "./other.json"]}',
            "base.json": '{"compilerOptions": {"outDir": "${configDir}/made"}}',
            "other.json": '{"compilerOptions": {"rootDir": "code"}}',
        },
        "made",
        "get.handler",
        "code/get.ts",
    ),
    "a package's configuration": (
        {
            "tsconfig.json": '{"extends": "@team/base", "compilerOptions": {"rootDir": "code"}}',
            "node_modules/@team/base/tsconfig.json": (
                '{"compilerOptions": {"outDir": "${configDir}/made"}}'
            ),
        },
        "made",
        "get.handler",
        "code/get.ts",
    ),
    "a referenced project": (
        {
            "tsconfig.json": '{"files": [], "references": [{"path": "./api"}]}',
            "api/tsconfig.json": '{"compilerOptions": {"outDir": "../made", "rootDir": "code"}}',
        },
        "made",
        "get.handler",
        "api/code/get.ts",
    ),
    "a script's outfile": (
        {
            "package.json": '{"scripts": {"build": "esbuild code/a.ts --bundle --outfile=made/x.js"}}'
        },
        "made",
        "x.handler",
        "code/a.ts",
    ),
    "a script's outdir": (
        {
            "package.json": (
                '{"scripts": {"build": "tsc && npx esbuild code/a.ts code/b/c.ts --outdir made"}}'
            )
        },
        "made",
        "b/c.handler",
        "code/b/c.ts",
    ),
    "a script's glob": (
        {"package.json": '{"scripts": {"build": "esbuild \'code/*/index.ts\' --outdir=made"}}'},
        "made/orders",
        "index.handler",
        "code/orders/index.ts",
    ),
    "esbuild's list": (
        {"esbuild.js": ESBUILD % 'entryPoints: ["code/a.ts", "code/b.ts"], outdir: "made"'},
        "made",
        "b.handler",
        "code/b.ts",
    ),
    "esbuild's names": (
        {"build.mjs": ESBUILD % 'entryPoints: { "x/index": "code/a.ts" }, outdir: "made"'},
        "made/x",
        "index.handler",
        "code/a.ts",
    ),
    "esbuild's in and out": (
        {"build.ts": ESBUILD % 'entryPoints: [{ in: "code/a.ts", out: "x" }], outdir: "made"'},
        "made",
        "x.handler",
        "code/a.ts",
    ),
    "a script that runs esbuild": (
        {
            "package.json": '{"scripts": {"build": "node tools/bundle.mjs"}}',
            "tools/bundle.mjs": ESBUILD % 'entryPoints: ["code/a.ts"], outfile: "made/index.js"',
        },
        "made",
        "index.handler",
        "code/a.ts",
    ),
    "webpack's one entry": (
        {
            "webpack.config.js": WEBPACK
            % 'entry: "./code/a.ts", output: { path: path.resolve(__dirname, "made"), '
            'filename: "a.js" }'
        },
        "made",
        "a.handler",
        "code/a.ts",
    ),
    "webpack's named entries": (
        {
            "webpack.config.ts": (
                'import path from "path";\nconst dir = path.join(__dirname, "code");\n'
                'export default (env: any) => ({ entry: { "x": [path.join(dir, "a.ts")] }, '
                'output: { path: path.resolve(__dirname, "made"), filename: "[name]/index.js" } });'
            )
        },
        "made/x",
        "index.handler",
        "code/a.ts",
    ),
    "webpack's name is the handler's": (
        {"webpack.config.js": WEBPACK % 'entry: { "get-order": "./code/a.ts" }'},
        None,
        "get-order.handler",
        "code/a.ts",
    ),
    "rollup's input": (
        {
            "rollup.config.mjs": (
                'export default [{ input: "code/a.ts", output: { file: "made/index.js" } }];'
            )
        },
        "made",
        "index.handler",
        "code/a.ts",
    ),
    "rollup's inputs": (
        {
            "rollup.config.mjs": (
                'export default { input: { x: "code/a.ts", y: "code/b.ts" }, '
                'output: { dir: "made", format: "cjs" } };'
            )
        },
        "made",
        "y.handler",
        "code/b.ts",
    ),
    "tsup's entries": (
        {
            "tsup.config.ts": (
                'import { defineConfig } from "tsup";\n'
                'export default defineConfig({ entry: ["code/handlers/*.ts"], format: "cjs" });'
            )
        },
        "dist",
        "get.handler",
        "code/handlers/get.ts",
    ),
    "vite's library": (
        {
            "vite.config.ts": (
                'import { resolve } from "node:path";\nimport { defineConfig } from "vite";\n'
                "export default defineConfig({ build: { outDir: 'made', lib: { entry: "
                "{ x: resolve(__dirname, 'code/a.ts') }, formats: ['cjs'] } } });"
            )
        },
        "made",
        "x.handler",
        "code/a.ts",
    ),
    "vite's inputs": (
        {
            "vite.config.js": (
                "export default { build: { outDir: 'made', rollupOptions: "
                "{ input: { x: './code/a.ts' } } } };"
            )
        },
        "made",
        "x.handler",
        "code/a.ts",
    ),
}


@pytest.mark.parametrize("built", CASES.values(), ids=list(CASES))
def test_the_source_of_what_is_built(
    tmp_path: Path, built: tuple[dict[str, str], str | None, str, str]
) -> None:
    configurations, location, handler, expected = built
    code = Code("nodejs22.x", handler, None, location)

    found = _located(tmp_path, code, configurations, expected)

    assert found == expected


def test_two_sources_that_fit_are_none(tmp_path: Path) -> None:
    configurations = {
        "webpack.config.js": WEBPACK % 'entry: { "get-order": "./code/a.ts" }',
        "rollup.config.js": 'export default { input: { "get-order": "code/b.ts" } };',
    }
    code = Code("nodejs22.x", "get-order.handler", None, None)

    assert _located(tmp_path, code, configurations, "code/a.ts", "code/b.ts") is None


@pytest.mark.parametrize(
    "text",
    [
        "export default { entry: { a: {",
        "const a = a; export default { entry: a, output: a };",
        "export default { entry: 1, output: [[[]]] };",
        "export default { entry: " + "[" * 500 + "]" * 500 + " };",
        "const f = () => f(); export default { entry: f(), output: { path: f } };",
        'export default { entry: ["../../../etc/passwd.js", "\\0.js"], outdir: "made" };',
    ],
)
def test_a_hostile_configuration_says_nothing(tmp_path: Path, text: str) -> None:
    code = Code("nodejs22.x", "a.handler", None, "made")

    assert _located(tmp_path, code, {"esbuild.config.js": text, "tsconfig.json": text}) is None


def _located(folder: Path, code: Code, files: dict[str, str], *sources: str) -> str | None:
    for name, text in files.items() | {(source, "export const handler = 1;") for source in sources}:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / ".git").mkdir(exist_ok=True)
    found = locate(str(folder / "template.yaml"), code, registry.of_runtime(code.runtime))
    return None if found is None else found[0].shown(found[0].entry)

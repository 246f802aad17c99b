"""How much time and memory the rules add to cfn-lint: run by hand or on a schedule, never as a
test.

    python tests/benchmark.py                      # the bundled fixtures and generated applications
    python tests/benchmark.py --templates FOLDER   # real templates with their handlers

Prints, for cfn-lint alone, with these rules, and with cfn-lint-serverless where it is installed:
milliseconds per template in one process (the best of the repeats), what of it the rules themselves
take, peak memory, and seconds of a whole `cfn-lint` process on one small template. For generated
applications the rules' own time stands next to cfn-lint's, which is taken once and given up on
after `--patience` seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

SETS = {
    "cfn-lint alone": None,
    "with cfnlint_eda_rules": "cfnlint_eda_rules",
    "with cfn_lint_serverless": "cfn_lint_serverless.rules",
}
# In a checkout cfn-lint would take the name of the package for a folder of rules.
ELSEWHERE = tempfile.gettempdir()
SIZES = (50, 100, 250, 500, 2_000)
_TEMPLATES = (".yaml", ".yml", ".json", ".template")


# --------------------------------------------------------------------------------------------------


def chain(size: int) -> dict[str, Any]:
    """Queue -> function -> queue -> ..., the last one sending to the first."""
    links = size // 3
    resources: dict[str, Any] = {}
    for index in range(links):
        resources[f"Queue{index}"] = {"Type": "AWS::SQS::Queue"}
        resources.update(_worker(index, f"Queue{index}", [f"Queue{(index + 1) % links}"]))
    return _template(resources)


def star(size: int) -> dict[str, Any]:
    """One topic that every function publishes to and is subscribed to."""
    resources: dict[str, Any] = {"Hub": {"Type": "AWS::SNS::Topic"}}
    for index in range(size - 1):
        resources[f"Function{index}"] = _function(
            [{"SNSPublishMessagePolicy": {"TopicName": {"Fn::GetAtt": ["Hub", "TopicName"]}}}],
            {"Hub": {"Type": "SNS", "Properties": {"Topic": {"Ref": "Hub"}}}},
        )
    return _template(resources)


def mesh(size: int) -> dict[str, Any]:
    """Every function sends to ten queues around it: thousands of cycles."""
    workers = size // 3
    resources: dict[str, Any] = {}
    for index in range(workers):
        resources[f"Queue{index}"] = {"Type": "AWS::SQS::Queue"}
        resources.update(
            _worker(
                index,
                f"Queue{index}",
                [f"Queue{(index + step) % workers}" for step in range(-5, 6) if step],
            )
        )
    return _template(resources)


def roles(size: int) -> dict[str, Any]:
    """Functions with roles of their own and twenty statements each, on buckets of the template."""
    groups = size // 3
    resources: dict[str, Any] = {}
    for index in range(groups):
        statements = [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": {"Fn::Sub": f"${{Bucket{(index + n) % groups}.Arn}}/data/*"},
            }
            for n in range(20)
        ]
        resources[f"Bucket{index}"] = {"Type": "AWS::S3::Bucket"}
        resources[f"Role{index}"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                "Policies": [
                    {
                        "PolicyName": "work",
                        "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                    }
                ],
            },
        }
        resources[f"Function{index}"] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "java21",
                "Handler": "example.Handler",
                "Code": {"S3Bucket": "code", "S3Key": "code.jar"},
                "Role": {"Fn::GetAtt": [f"Role{index}", "Arn"]},
            },
        }
    return _template(resources)


GENERATORS: dict[str, Callable[[int], dict[str, Any]]] = {
    "chain": chain,
    "star": star,
    "mesh": mesh,
    "roles": roles,
}


def _worker(index: int, source: str, targets: list[str]) -> dict[str, Any]:
    policies = [
        {"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": [target, "QueueName"]}}}
        for target in targets
    ]
    function = _function(policies, {})
    mapping = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": [source, "Arn"]},
            "FunctionName": {"Ref": f"Function{index}"},
        },
    }
    return {f"Function{index}": function, f"Mapping{index}": mapping}


def _function(policies: list[Any], events: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "java21",
            "Handler": "example.Handler",
            "CodeUri": "s3://code/code.jar",
            "Policies": policies,
            "Events": events,
        },
    }


def _template(resources: dict[str, Any]) -> dict[str, Any]:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": resources,
    }


# --------------------------------------------------------------------------------------------------


def found_templates(folder: Path) -> Iterator[Path]:
    """The templates below a folder that declare a Lambda function."""
    for path in sorted(folder.rglob("*")):
        if (
            path.suffix in _TEMPLATES
            and path.is_file()
            and path.stat().st_size < 1_000_000
            and "node_modules" not in path.parts
        ):
            text = path.read_text(encoding="utf-8", errors="ignore")
            if "Resources" in text and (
                "AWS::Lambda::Function" in text or "AWS::Serverless::Function" in text
            ):
                yield path


def measure(module: str | None, paths: list[str], repeats: int) -> dict[str, Any]:
    """Lints the templates in this process; returns seconds by template (the best of the repeats)
    and peak memory in MB.

    Handlers are parsed again in each repeat.
    """
    from cfnlint.config import ConfigMixIn, ManualArgs
    from cfnlint.core import get_rules
    from cfnlint.runner.template.runner import run_template_by_file_path

    rules = get_rules([module] if module else [], [], ["W", "E"], {}, False, [])
    config = ConfigMixIn([], **ManualArgs(regions=["us-east-1"]))
    seconds: dict[str, float] = {}
    for _ in range(repeats):
        forget_handlers()
        for path in paths:
            begin = time.perf_counter()
            try:
                list(run_template_by_file_path(path, config, rules, False))  # type: ignore[arg-type]
            except Exception:
                continue
            seconds[path] = min(seconds.get(path, float("inf")), time.perf_counter() - begin)
    return {"seconds": seconds, "memory": _peak()}


def measure_rules(module: str, paths: list[str], repeats: int) -> dict[str, Any]:
    """As `measure`, but only the seconds that the rules of `module` themselves take, without
    cfn-lint's own reading and checking.
    """
    from cfnlint.decode import decode
    from cfnlint.rules import Rules
    from cfnlint.template import Template

    rules = list(Rules.create_from_module(module).values())
    seconds: dict[str, float] = {}
    for _ in range(repeats):
        forget_handlers()
        for path in paths:
            decoded, unreadable = decode(path)
            if unreadable or decoded is None:
                continue
            template = Template(path, decoded, ["us-east-1"])
            begin = time.perf_counter()
            for rule in rules:
                rule.match(template)
            seconds[path] = min(seconds.get(path, float("inf")), time.perf_counter() - begin)
    return {"seconds": seconds, "memory": _peak()}


def forget_handlers() -> None:
    """Makes what has been parsed be parsed again."""
    if trees := sys.modules.get("cfnlint_eda_rules.handlers.trees"):
        trees.forget()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_turn(
    module: str | None,
    paths: list[str],
    repeats: int,
    only: bool = False,
    patience: float | None = None,
) -> dict[str, Any]:
    """`measure`, or `measure_rules` where `only` the rules count, in a process of its own.

    Raises `subprocess.TimeoutExpired` when it takes more than `patience` seconds.
    """
    job = json.dumps({"module": module, "paths": paths, "repeats": repeats})
    done = subprocess.run(
        [sys.executable, __file__, "--job", "measure_rules" if only else "measure"],
        input=job,
        capture_output=True,
        text=True,
        check=True,
        cwd=ELSEWHERE,
        timeout=patience,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def whole_process(
    modules: Iterable[str | None], path: str, repeats: int = 7
) -> dict[str | None, float]:
    """Seconds of the `cfn-lint` command on one template by what is appended, the best of the
    repeats, taken in turns.
    """
    start = [sys.executable, "-c", "import sys; from cfnlint.runner import main; sys.exit(main())"]
    best: dict[str | None, float] = {}
    with tempfile.TemporaryDirectory() as compiled:
        # Installed packages are compiled; here they are on the first, untimed turn.
        environment = {
            name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
        }
        environment["PYTHONPYCACHEPREFIX"] = compiled
        for turn in range(repeats + 1):
            for module in modules:
                command = [*start, *(["--append-rules", module] if module else []), "--", path]
                begin = time.perf_counter()
                done = subprocess.run(
                    command, capture_output=True, check=False, cwd=ELSEWHERE, env=environment
                )
                seconds = time.perf_counter() - begin
                if done.returncode & 1:
                    raise RuntimeError(done.stderr.decode())
                if turn:
                    best[module] = min(best.get(module, float("inf")), seconds)
    return best


# --------------------------------------------------------------------------------------------------


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--templates", type=Path, default=Path(__file__).parent.parent / "fixtures")
    parser.add_argument("--most", type=int, default=100, help="templates at most, taken evenly")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument(
        "--patience",
        type=float,
        default=10,
        help="seconds to wait for cfn-lint alone on one generated application",
    )
    parser.add_argument("--job", choices=("measure", "measure_rules"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        print(
            json.dumps(
                {"measure": measure, "measure_rules": measure_rules}[options.job](
                    **json.load(sys.stdin)
                )
            )
        )
        return
    sets = {
        name: module
        for name, module in SETS.items()
        if module is None or importlib.util.find_spec(module.split(".")[0])
    }
    versions = ", ".join(f"{name} {version(name)}" for name in ("cfn-lint", "cfnlint-eda-rules"))
    print(
        f"Python {platform.python_version()}, {versions}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores\n"
    )
    real(options, sets)
    generated(options, sets)


def real(options: argparse.Namespace, sets: dict[str, str | None]) -> None:
    """Prints the table of the templates of a folder, and of a template of one resource for the
    whole process.
    """
    paths = [str(path) for path in found_templates(options.templates.resolve())]
    paths = paths[:: max(1, -(-len(paths) // options.most))]
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder, "small.json")
        small.write_text(
            json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}), encoding="utf-8"
        )
        processes = whole_process(sets.values(), str(small))
    alone = in_turn(None, paths, options.repeats)
    head = (
        "median ms",
        "sum s",
        "rules' own median ms",
        "rules' own share (median)",
        "peak MB",
        "whole process s",
        "start-up ms",
    )
    print(
        f"| {len(paths)} templates of {options.templates.name} | {' | '.join(head)} |\n|---|{'---|' * len(head)}"
    )
    for name, module in sets.items():
        result = alone if module is None else in_turn(module, paths, options.repeats)
        own = (
            {} if module is None else in_turn(module, paths, options.repeats, only=True)["seconds"]
        )
        both = [
            path
            for path in paths
            if path in alone["seconds"]
            and path in result["seconds"]
            and path in (own or alone["seconds"])
        ]
        seconds = [result["seconds"][path] for path in both]
        row = [f"{statistics.median(seconds) * 1000:.1f}", f"{sum(seconds):.2f}"]
        if module is None:
            row += ["", ""]
        else:
            row.append(f"{statistics.median(own[path] for path in both) * 1000:.2f}")
            row.append(
                f"{statistics.median(own[path] / alone['seconds'][path] for path in both):.1%}"
            )
        row += [f"{result['memory']:.0f}", f"{processes[module]:.2f}"]
        row.append("" if module is None else f"{(processes[module] - processes[None]) * 1000:+.0f}")
        print(f"| {name} | {' | '.join(row)} |", flush=True)


def generated(options: argparse.Namespace, sets: dict[str, str | None]) -> None:
    """Prints the table of the generated applications: cfn-lint alone once, the rules' own time as
    the best of the repeats.
    """
    others = {name: module for name, module in sets.items() if module is not None}
    columns = [
        f"{name.removeprefix('with ')}, own {unit}"
        for name in others
        for unit in ("s", "ms per resource")
    ]
    print(
        f"\n| generated | resources | cfn-lint alone s | {' | '.join(columns)} |\n|---|---|---|{'---|' * len(columns)}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for kind, generate in GENERATORS.items():
            patient = True
            for size in options.sizes:
                path = Path(folder, f"{kind}-{size}.json")
                path.write_text(json.dumps(generate(size)), encoding="utf-8")
                row = ["not run"]
                if patient:
                    try:
                        row = [
                            f"{in_turn(None, [str(path)], 1, patience=options.patience)['seconds'].get(str(path), float('nan')):.2f}"
                        ]
                    except subprocess.TimeoutExpired:
                        row, patient = [f"over {options.patience:.0f}"], False
                for module in others.values():
                    own = in_turn(module, [str(path)], options.repeats, only=True)["seconds"][
                        str(path)
                    ]
                    row += [f"{own:.3f}", f"{own * 1000 / size:.2f}"]
                print(f"| {kind} | {size} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()

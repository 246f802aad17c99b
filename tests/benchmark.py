"""How much time and memory the rules add to cfn-lint: run by hand or on a schedule, never as a test.

    python tests/benchmark.py                      # the bundled fixtures and generated applications
    python tests/benchmark.py --templates FOLDER   # real templates with their handlers

Prints, for cfn-lint alone, with these rules, and with cfn-lint-serverless where it is installed: seconds of a whole `cfn-lint`
process on one small template, seconds per template in one process (the best of the repeats), and peak memory.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

SETS = {"cfn-lint alone": None, "with cfnlint_eda_rules": "cfnlint_eda_rules", "with cfn_lint_serverless": "cfn_lint_serverless.rules"}
# In a checkout cfn-lint would take the name of the package for a folder of rules.
ELSEWHERE = tempfile.gettempdir()
SIZES = (50, 100, 250, 500, 2_000)
_TEMPLATES = (".yaml", ".yml", ".json", ".template")


# ------------------------------------------------------------------------------------------------------ generated applications


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
        resources.update(_worker(index, f"Queue{index}", [f"Queue{(index + step) % workers}" for step in range(-5, 6) if step]))
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
                "Policies": [{"PolicyName": "work", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
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


GENERATORS: dict[str, Callable[[int], dict[str, Any]]] = {"chain": chain, "star": star, "mesh": mesh, "roles": roles}


def _worker(index: int, source: str, targets: list[str]) -> dict[str, Any]:
    policies = [{"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": [target, "QueueName"]}}} for target in targets]
    function = _function(policies, {})
    mapping = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": {"Fn::GetAtt": [source, "Arn"]}, "FunctionName": {"Ref": f"Function{index}"}},
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
    return {"AWSTemplateFormatVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31", "Resources": resources}


# ----------------------------------------------------------------------------------------------------------------- measuring


def found_templates(folder: Path) -> Iterator[Path]:
    """The templates below a folder that declare a Lambda function."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in _TEMPLATES and path.is_file() and path.stat().st_size < 1_000_000 and "node_modules" not in path.parts:
            text = path.read_text(encoding="utf-8", errors="ignore")
            if "Resources" in text and ("AWS::Lambda::Function" in text or "AWS::Serverless::Function" in text):
                yield path


def measure(module: str | None, paths: list[str], repeats: int) -> dict[str, Any]:
    """Lints the templates in this process; returns seconds by template (the best of the repeats) and peak memory in MB."""
    from cfnlint.config import ConfigMixIn, ManualArgs
    from cfnlint.core import get_rules
    from cfnlint.runner.template.runner import run_template_by_file_path

    rules = get_rules([module] if module else [], [], ["W", "E"], {}, False, [])
    config = ConfigMixIn([], **ManualArgs(regions=["us-east-1"]))
    seconds: dict[str, float] = {}
    for _ in range(repeats):
        for path in paths:
            begin = time.perf_counter()
            try:
                list(run_template_by_file_path(path, config, rules, False))
            except Exception:
                continue
            seconds[path] = min(seconds.get(path, float("inf")), time.perf_counter() - begin)
    return {"seconds": seconds, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def in_turn(module: str | None, paths: list[str], repeats: int) -> dict[str, Any]:
    """`measure` in a process of its own."""
    job = json.dumps({"module": module, "paths": paths, "repeats": repeats})
    done = subprocess.run([sys.executable, __file__, "--job"], input=job, capture_output=True, text=True, check=True, cwd=ELSEWHERE)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def whole_process(module: str | None, path: str, repeats: int = 5) -> float:
    """Seconds of the `cfn-lint` command on one template, the best of the repeats."""
    command = [sys.executable, "-m", "cfnlint", *(["--append-rules", module] if module else []), "--", path]
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False, cwd=ELSEWHERE)
        best = min(best, time.perf_counter() - begin)
    return best


# ------------------------------------------------------------------------------------------------------------------- the table


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--templates", type=Path, default=Path(__file__).parent.parent / "fixtures")
    parser.add_argument("--most", type=int, default=100, help="templates at most, taken evenly")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--job", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        print(json.dumps(measure(**json.load(sys.stdin))))
        return
    sets = {name: module for name, module in SETS.items() if module is None or importlib.util.find_spec(module.split(".")[0])}
    versions = ", ".join(f"{name} {version(name)}" for name in ("cfn-lint", "cfnlint-eda-rules"))
    print(f"Python {platform.python_version()}, {versions}, {platform.system()} {platform.machine()}\n")

    paths = [str(path) for path in found_templates(options.templates.resolve())]
    paths = paths[:: max(1, len(paths) // options.most)]
    alone = in_turn(None, paths, options.repeats)
    print(
        f"| {len(paths)} templates of {options.templates.name} | median s | sum s | added (median) | peak MB | whole process s |\n|---|---|---|---|---|---|"
    )
    for name, module in sets.items():
        result = alone if module is None else in_turn(module, paths, options.repeats)
        both = [path for path in paths if path in alone["seconds"] and path in result["seconds"]]
        added = statistics.median(result["seconds"][path] / alone["seconds"][path] - 1 for path in both)
        seconds = [result["seconds"][path] for path in both]
        process = whole_process(module, paths[0])
        print(f"| {name} | {statistics.median(seconds):.4f} | {sum(seconds):.2f} | {added:+.1%} | {result['memory']:.0f} | {process:.2f} |")

    print(
        f"\n| generated | resources | {' | '.join(f'{name} s' for name in sets)} | added ms per resource |\n|---|---|{'---|' * (len(sets) + 1)}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for kind, generate in GENERATORS.items():
            for size in options.sizes:
                path = Path(folder, f"{kind}-{size}.json")
                path.write_text(json.dumps(generate(size)), encoding="utf-8")
                repeats = options.repeats if size <= 500 else 1
                times = {
                    name: in_turn(module, [str(path)], repeats)["seconds"].get(str(path), float("nan")) for name, module in sets.items()
                }
                added = (times["with cfnlint_eda_rules"] - times["cfn-lint alone"]) * 1000 / size
                print(f"| {kind} | {size} | {' | '.join(f'{seconds:.2f}' for seconds in times.values())} | {added:.2f} |")


if __name__ == "__main__":
    main()

"""A picture of the event flow the rules see: Mermaid, Graphviz DOT, or SVG through Graphviz."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from itertools import pairwise

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.event_flow import RecursiveLoop
from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.application.links import LinkRole
from cfnlint_eda_rules.catalogue.operations import SIDE_EFFECTS
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.references import External

FORMATS = ("mermaid", "dot", "svg")

_MERMAID_SHAPES = {
    "s3": ("[(", ")]"),
    "dynamodb": ("[(", ")]"),
    "sqs": ("[[", "]]"),
    "sns": ("{{", "}}"),
    "eventbridge": ("{{", "}}"),
    "invocation": ("(", ")"),
}
_DOT_SHAPES = {
    "s3": "cylinder",
    "dynamodb": "cylinder",
    "sqs": "box3d",
    "sns": "hexagon",
    "eventbridge": "hexagon",
    "invocation": "box",
}


class NoGraphviz(Exception):
    """Graphviz's `dot` is not on the PATH, or did not draw."""


@dataclass(frozen=True, slots=True)
class Node:
    """A resource or external thing; `form` as `Application.form` gives it, `blamed` the ids of the
    rules that report it.
    """

    label: str
    form: str
    blamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """Something that moves from one node to another; `on_loop` when it is part of a loop that is
    reported.
    """

    source: str
    target: str
    label: str
    on_loop: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes by label and edges, both in template order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def picture(
    application: Application, blamed: Mapping[str, tuple[str, ...]], strict: bool = False
) -> Picture:
    """The picture of an application. `blamed` maps a function's logical id to the ids of the rules
    that report it.
    """
    hops = {hop for loop in application.loops(strict) for hop in _hops(application, loop)}
    edges: dict[tuple[str, str, str], Edge] = {}

    def connect(source: str | External, target: str | External, label: str) -> None:
        ends = (application.label(source), application.label(target))
        label = label.replace("`", "")
        edges.setdefault((*ends, label), Edge(*ends, label, ends in hops))

    places: dict[str, str | External] = {}
    for link in application.links:
        connect(link.source, link.target, link.kind if link.role == LinkRole.TRIGGER else link.role)
        places |= {application.label(place): place for place in (link.source, link.target)}
    for function in application.functions:
        places.setdefault(function, function)
        for operation in application.operations(function):
            api = application.label(operation.api)
            places.setdefault(api, operation.api)
            connect(operation.api, function, f"{operation.method} {operation.path}".strip())
        for effect in application.effects.of(function):
            shown = effect.evidence != Evidence.BROAD or strict
            if shown and effect.target is not None and effect.operation.effect in SIDE_EFFECTS:
                places.setdefault(application.label(effect.target), effect.target)
                connect(function, effect.target, effect.because)
    for loop in application.loops(strict):
        for emission in loop.emissions:
            if not any(
                edge.source == emission.actor and edge.target == application.label(emission.target)
                for edge in edges.values()
            ):
                connect(emission.actor, emission.target, emission.because)
    nodes = (
        Node(
            label,
            application.deployment.message_format(place)
            if application.deployment.message_format(place)
            else "",
            blamed.get(label, ()),
        )
        for label, place in sorted(
            places.items(), key=lambda item: (application.order(str(item[1])), item[0])
        )
    )
    return Picture(tuple(nodes), tuple(edges.values()))


def _hops(application: Application, loop: RecursiveLoop) -> list[tuple[str, str]]:
    labels = [application.label(place) for place in loop.places]
    return list(pairwise(labels))


def mermaid(drawn: Picture) -> str:
    """A Mermaid flowchart, as GitHub renders it in a pull request."""
    names = {node.label: f"n{index}" for index, node in enumerate(drawn.nodes)}
    lines = ["flowchart LR"]
    for node in drawn.nodes:
        opening, closing = _MERMAID_SHAPES.get(node.form, ("[", "]"))
        text = _mermaid_text(
            f"{node.label}\n{' '.join(node.blamed)}" if node.blamed else node.label
        )
        lines.append(f'    {names[node.label]}{opening}"{text}"{closing}')
    for edge in drawn.edges:
        arrow = f'-->|"{_mermaid_text(edge.label)}"|' if edge.label else "-->"
        lines.append(f"    {names[edge.source]} {arrow} {names[edge.target]}")
    looping = [str(index) for index, edge in enumerate(drawn.edges) if edge.on_loop]
    if looping:
        lines.append(f"    linkStyle {','.join(looping)} stroke:#d00,stroke-width:3px")
    blamed = [names[node.label] for node in drawn.nodes if node.blamed]
    if blamed:
        lines.append("    classDef blamed fill:#fdd,stroke:#d00")
        lines.append(f"    class {','.join(blamed)} blamed")
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    escaped = (
        text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    )
    return escaped.replace("\n", "<br/>")


def dot(drawn: Picture) -> str:
    """A Graphviz digraph."""
    lines = [
        "digraph event_flow {",
        "    rankdir=LR;",
        '    node [fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];',
    ]
    for node in drawn.nodes:
        style = ' style=filled fillcolor="#ffdddd" color="#dd0000"' if node.blamed else ""
        text = f"{node.label}\n{' '.join(node.blamed)}" if node.blamed else node.label
        lines.append(
            f"    {_quoted(node.label)} [label={_quoted(text)} "
            f"shape={_DOT_SHAPES.get(node.form, 'ellipse')}{style}];"
        )
    for edge in drawn.edges:
        style = ' color="#dd0000" penwidth=3' if edge.on_loop else ""
        lines.append(
            f"    {_quoted(edge.source)} -> {_quoted(edge.target)} "
            f"[label={_quoted(edge.label)}{style}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def svg(drawn: Picture) -> str:
    """An SVG drawn by Graphviz. Raises `NoGraphviz` with what to do when it is not installed or
    fails.
    """
    program = shutil.which("dot")
    if program is None:
        raise NoGraphviz(
            "SVG needs Graphviz: install it so that `dot` is on the PATH, or use --format "
            "mermaid or --format dot."
        )
    done = subprocess.run(
        [program, "-Tsvg"], input=dot(drawn), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoGraphviz(f"Graphviz did not draw: {done.stderr.strip()}")
    return done.stdout

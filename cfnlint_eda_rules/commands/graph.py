"""A picture as text: Mermaid, Graphviz DOT, or SVG through Graphviz."""

from __future__ import annotations

import shutil
import subprocess

from cfnlint_eda_rules.commands.picture import Edge, Node, Picture

_MERMAID_SHAPES = {
    "s3": ("[(", ")]"),
    "dynamodb": ("[(", ")]"),
    "sqs": ("[[", "]]"),
    "sns": ("{{", "}}"),
    "eventbridge": ("{{", "}}"),
    "invocation": ("(", ")"),
    "external": (">", "]"),
}
_DOT_SHAPES = {
    "s3": "cylinder",
    "dynamodb": "cylinder",
    "sqs": "box3d",
    "sns": "hexagon",
    "eventbridge": "hexagon",
    "invocation": "box",
    "external": "note",
}
# More lines than this on one edge hide the picture.
_MOST_LABELS = 4


class NoGraphviz(Exception):
    """Graphviz's `dot` is not on the PATH, or did not draw."""


def lines_of(edge: Edge) -> tuple[str, ...]:
    """The labels of an edge as far as they fit on a picture."""
    left = len(edge.labels) - _MOST_LABELS + 1
    if left < 2:
        return edge.labels
    return (*edge.labels[: _MOST_LABELS - 1], f"and {left} more")


def _node_lines(node: Node) -> tuple[str, ...]:
    return (node.label, " ".join(node.blamed)) if node.blamed else (node.label,)


# --------------------------------------------------------------------------------------------------


def mermaid(drawn: Picture) -> str:
    """A Mermaid flowchart, as GitHub renders it in a pull request."""
    names = {node.label: f"n{index}" for index, node in enumerate(drawn.nodes)}
    lines = ["flowchart LR"]
    for node in drawn.nodes:
        opening, closing = _MERMAID_SHAPES.get(node.form, ("[", "]"))
        text = _mermaid_text(_node_lines(node))
        lines.append(f'    {names[node.label]}{opening}"{text}"{closing}')
    for edge in drawn.edges:
        text = _mermaid_text(lines_of(edge))
        arrow = f'-->|"{text}"|' if text else "-->"
        lines.append(f"    {names[edge.source]} {arrow} {names[edge.target]}")
    looping = [str(index) for index, edge in enumerate(drawn.edges) if edge.on_loop]
    if looping:
        lines.append(f"    linkStyle {','.join(looping)} stroke:#d00,stroke-width:3px")
    blamed = [names[node.label] for node in drawn.nodes if node.blamed]
    if blamed:
        lines.append("    classDef blamed fill:#fdd,stroke:#d00")
        lines.append(f"    class {','.join(blamed)} blamed")
    return "\n".join(lines) + "\n"


# What Mermaid or the Markdown around it reads as more than text: entities, HTML, directives
# (`%%{`), code fences. https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
_MERMAID_ENTITIES = str.maketrans(
    {
        "#": "#35;",
        '"': "#quot;",
        "<": "#lt;",
        ">": "#gt;",
        "&": "#amp;",
        "%": "#37;",
        "`": "#96;",
        "\\": "#92;",
    }
)


def _mermaid_text(lines: tuple[str, ...]) -> str:
    return "<br/>".join(line.translate(_MERMAID_ENTITIES) for line in lines)


def dot(drawn: Picture) -> str:
    """A Graphviz digraph."""
    lines = [
        "digraph event_flow {",
        "    rankdir=LR;",
        '    node [fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];',
    ]
    for node in drawn.nodes:
        style = ' style=filled fillcolor="#ffdddd" color="#dd0000"' if node.blamed else ""
        lines.append(
            f"    {_quoted(node.label)} [label={_quoted(*_node_lines(node))} "
            f"shape={_DOT_SHAPES.get(node.form, 'ellipse')}{style}];"
        )
    for edge in drawn.edges:
        style = ' color="#dd0000" penwidth=3' if edge.on_loop else ""
        lines.append(
            f"    {_quoted(edge.source)} -> {_quoted(edge.target)} "
            f"[label={_quoted(*lines_of(edge))}{style}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(*lines: str) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'


def svg(drawn: Picture) -> str:
    """An SVG drawn by Graphviz. Raises `NoGraphviz` with what to do when it is not installed or
    fails.
    """
    program = shutil.which("dot")
    if program is None:
        raise NoGraphviz(
            "SVG needs Graphviz: install it so that `dot` is on the PATH, or use --format "
            "html, mermaid or dot."
        )
    done = subprocess.run(
        [program, "-Tsvg"], input=dot(drawn), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoGraphviz(f"Graphviz did not draw: {done.stderr.strip()}")
    return done.stdout

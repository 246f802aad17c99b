"""A page for people: the picture, the findings, the evidence and what was read of each template, in
one HTML file that loads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from cfnlint_eda_rules.commands.examination import Examination
from cfnlint_eda_rules.commands.explain import about_function, coverage
from cfnlint_eda_rules.commands.graph import lines_of
from cfnlint_eda_rules.commands.layout import columns, components
from cfnlint_eda_rules.commands.picture import Edge, Node, Picture, picture
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.wording import plain

# Pixels: of a letter in a node and on an edge, between lines, of a node's height, between nodes.
_LETTER, _SMALL_LETTER, _LINE, _HEIGHT, _GAP = 7.9, 6.4, 14, 34, 24
_NARROWEST_GAP = 90
_LONGEST_LABEL = 34
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; color: #1b1b1b; }
h1, h2 { font-weight: 600; } h2 { margin-top: 3rem; border-top: 1px solid #ccc; padding-top: 1rem; }
table { border-collapse: collapse; margin: 1rem 0; } caption { text-align: left; font-weight: 600; }
th, td { border: 1px solid #ccc; padding: .35rem .6rem; text-align: left; vertical-align: top; }
pre { background: #f6f6f6; padding: .8rem; overflow: auto; white-space: pre-wrap; }
.picture { overflow: auto; border: 1px solid #ddd; margin: 1rem 0; }
svg text { font: 13px ui-monospace, monospace; } svg text.on { font-size: 10.5px; fill: #444; }
.node rect { fill: #eef4ff; stroke: #4a6fa5; }
.node.invocation rect { fill: #fff6e5; stroke: #b7791f; }
.node.external rect { fill: #f4f4f4; stroke: #888; stroke-dasharray: 4 3; }
.node.blamed rect { fill: #fdd; stroke: #d00; stroke-width: 2; } .rules { fill: #c00; }
.edge path { fill: none; stroke: #666; } .edge.loop path { stroke: #d00; stroke-width: 2.5; }
.on { paint-order: stroke; stroke: #fff; stroke-width: 3px; pointer-events: none; }
.edge:hover path { stroke-width: 3.5; }
"""
# Above this many edges the labels of a group are shown on hovering only.
_MANY = 40


def page(examined: Sequence[Examination], strict: bool = False, everything: bool = False) -> str:
    """The page about these templates."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        "<title>Event flow</title>",
        f"<style>{_STYLE}</style></head><body><h1>Event flow</h1>",
        *(part for one in examined for part in _template(one, strict, everything)),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _text(text: str) -> str:
    return escape(plain(text))


def _template(one: Examination, strict: bool, everything: bool) -> Iterator[str]:
    yield f"<h2>{_text(one.path)}</h2>"
    drawn = picture(one.application, one.blamed, strict, everything)
    yield from _pictures(drawn)
    yield from _table(
        "Findings",
        ("rule", "function", "what"),
        [(rule, str(finding.path[1]), finding.message) for rule, finding in one.findings],
    )
    yield from _table(
        "Coverage",
        ("function", "source", "why"),
        [(name, *coverage(one.application, name)) for name in one.application.functions],
    )
    for name in one.application.functions:
        about = escape(about_function(one.application, name, one.about(name)))
        yield f"<details><summary>{_text(name)}</summary><pre>{about}</pre></details>"


def _table(caption: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        yield f"<p>{caption}: none</p>"
        return
    heads = "".join(f"<th>{title}</th>" for title in titles)
    yield f"<table><caption>{caption}</caption><tr>{heads}</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"


# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a node is drawn: its left upper corner and its width."""

    x: float
    y: float
    width: float


def _pictures(drawn: Picture) -> Iterator[str]:
    """An SVG for each group of nodes that are connected."""
    nodes = {node.label: node for node in drawn.nodes}
    ends = [(edge.source, edge.target) for edge in drawn.edges]
    for group in components(list(nodes), ends):
        inside = frozenset(group)
        edges = [edge for edge in drawn.edges if edge.source in inside]
        yield from _svg([nodes[label] for label in group], edges)


def _svg(nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[str]:
    ordered = columns([n.label for n in nodes], [(e.source, e.target) for e in edges])
    places = _places(ordered, {node.label: node for node in nodes}, edges)
    width = max(box.x + box.width for box in places.values()) + 20
    back = any(places[edge.target].x <= places[edge.source].x for edge in edges)
    height = max(box.y for box in places.values()) + _HEIGHT + (70 if back else 25)
    yield f'<div class="picture"><svg width="{width:.0f}" height="{height:.0f}" role="img">'
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" '
        'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>'
    )
    for edge in edges:
        yield _edge(edge, places[edge.source], places[edge.target])
    for node in nodes:
        yield _node(node, places[node.label])
    for edge in edges if len(edges) <= _MANY else ():
        yield _edge_label(edge, places[edge.source], places[edge.target])
    yield "</svg></div>"


def _places(
    ordered: Sequence[Sequence[str]], nodes: Mapping[str, Node], edges: Sequence[Edge]
) -> Mapping[str, _Box]:
    tallest = max(map(len, ordered))
    longest: dict[str, int] = {}
    for edge in edges:
        length = max(map(len, _shown(edge)), default=0)
        longest[edge.source] = max(longest.get(edge.source, 0), length)
    found: dict[str, _Box] = {}
    x = 20.0
    for column in ordered:
        width = max(len(_title(nodes[label])) for label in column) * _LETTER + 24
        top = 30 + (tallest - len(column)) * (_HEIGHT + _GAP) / 2
        for row, label in enumerate(column):
            found[label] = _Box(x, top + row * (_HEIGHT + _GAP), width)
        gap = max(longest.get(label, 0) for label in column) * _SMALL_LETTER + 30
        x += width + max(_NARROWEST_GAP, gap)
    return found


def _title(node: Node) -> str:
    return " ".join((node.label, *node.blamed))


def _shown(edge: Edge) -> tuple[str, ...]:
    """The labels without the place of the evidence, which is shown on hovering."""
    heads = dict.fromkeys(
        label.partition(" in ")[0].partition(" granted by ")[0] for label in edge.labels
    )
    cut = (
        head if len(head) <= _LONGEST_LABEL else f"{head[: _LONGEST_LABEL - 1]}\u2026"
        for head in heads
    )
    return lines_of(Edge(edge.source, edge.target, tuple(cut)))


def _node(node: Node, box: _Box) -> str:
    kinds = f"node {node.form}{' blamed' if node.blamed else ''}"
    middle = box.x + box.width / 2
    blamed = f'<tspan class="rules" dx="6">{_text(" ".join(node.blamed))}</tspan>'
    return (
        f'<g class="{kinds}"><title>{_text(_title(node))}</title><rect x="{box.x:.0f}" '
        f'y="{box.y:.0f}" width="{box.width:.0f}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{middle:.0f}" y="{box.y + 22:.0f}" text-anchor="middle">{_text(node.label)}'
        f"{blamed if node.blamed else ''}</text></g>"
    )


def _edge(edge: Edge, source: _Box, target: _Box) -> str:
    path, _, _ = _curve(source, target)
    return (
        f'<g class="edge{" loop" if edge.on_loop else ""}"><title>'
        f"{_text('; '.join(edge.labels))}</title>"
        f'<path d="{path}" marker-end="url(#tip)"/></g>'
    )


def _edge_label(edge: Edge, source: _Box, target: _Box) -> str:
    _, x, y = _curve(source, target)
    lines = _shown(edge)
    y -= _LINE * (len(lines) - 1) / 2 + 4
    spans = "".join(
        f'<tspan x="{x:.0f}" dy="{_LINE if index else 0}">{_text(line)}</tspan>'
        for index, line in enumerate(lines)
    )
    return f'<text class="on" text-anchor="middle" y="{y:.0f}">{spans}</text>'


def _curve(source: _Box, target: _Box) -> tuple[str, float, float]:
    """The path of an edge and where its label goes: to the right, or around below to go back."""
    y1, y2 = source.y + _HEIGHT / 2, target.y + _HEIGHT / 2
    if target.x > source.x:
        x1, x2 = source.x + source.width, target.x
        bend = max(40.0, (x2 - x1) / 2)
        path = (
            f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} "
            f"{x2:.0f} {y2:.0f}"
        )
        return path, (x1 + x2) / 2, (y1 + y2) / 2
    x1, x2 = source.x + source.width / 2, target.x + target.width / 2
    y1, y2 = source.y + _HEIGHT, target.y + _HEIGHT
    low = max(y1, y2) + 46
    shift = 30 if source is target else 0
    path = (
        f"M{x1 + shift:.0f} {y1:.0f}C{x1 + shift:.0f} {low:.0f} {x2 - shift:.0f} {low:.0f} "
        f"{x2 - shift:.0f} {y2:.0f}"
    )
    return path, (x1 + x2) / 2, low - 6

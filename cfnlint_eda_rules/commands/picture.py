"""The event flow as nodes and edges to draw: what the rules look at, and what they found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.application.blocking_calls import BlockingCall, blocking_calls, compensations
from cfnlint_eda_rules.application.event_flow import RecursiveLoop
from cfnlint_eda_rules.application.evidence import Evidence
from cfnlint_eda_rules.application.links import LinkRole
from cfnlint_eda_rules.catalogue.operations import SIDE_EFFECTS
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.template.references import External
from cfnlint_eda_rules.wording import plain

Place = str | External

# What only observes: no rule follows it.
_OBSERVING = frozenset({"alarm"})


@dataclass(frozen=True, slots=True)
class Node:
    """A resource or external thing; `form` is what its messages look like
    (`message_formats.yaml`), or "external"; `blamed` the ids of the rules that report it.
    """

    label: str
    form: str
    blamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """All that moves from one node to another; `on_loop` when it is part of a loop that is
    reported.
    """

    source: str
    target: str
    labels: tuple[str, ...]
    on_loop: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes by label and edges, one for each pair, both in template order. Every text is one
    printable line.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


class _Drawing:
    """A picture in the making."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.places: dict[str, tuple[str, str]] = {}
        self.labels: dict[tuple[str, str], dict[str, None]] = {}

    def place(self, place: Place | None) -> str:
        """The label of a place, which is drawn from now on."""
        label = plain(self.application.label(place))
        form = self.application.deployment.message_format(place)
        logical_id = place if isinstance(place, str) else ""
        return self._put(label, form or ("external" if not logical_id else ""), logical_id)

    def external(self, label: str) -> str:
        """The label of something outside AWS."""
        return self._put(plain(label), "external", "")

    def _put(self, label: str, form: str, logical_id: str) -> str:
        self.places.setdefault(label, (form, logical_id))
        return label

    def connect(self, source: str, target: str, said: str) -> None:
        self.labels.setdefault((source, target), {})[plain(said.replace("`", ""))] = None


def picture(
    application: Application,
    blamed: Mapping[str, tuple[str, ...]],
    strict: bool = False,
    everything: bool = False,
) -> Picture:
    """The picture of an application. `blamed` maps a function's logical id to the ids of the rules
    that report it; `everything` adds what no rule looks at: alarms, and what is connected to no
    function that is judged.
    """
    drawing = _Drawing(application)
    _draw_links(drawing, everything)
    for function in application.functions:
        drawing.place(function)
        _draw_function(drawing, function, strict)
    hops = {hop for loop in application.loops(strict) for hop in _hops(drawing, loop)}
    for loop in application.loops(strict):
        _draw_emissions(drawing, loop)
    kept = set(drawing.places) if everything else _looked_at(drawing)
    nodes = (
        Node(label, form, blamed.get(label, ()))
        for label, (form, logical_id) in sorted(
            drawing.places.items(), key=lambda item: (application.order(item[1][1]), item[0])
        )
        if label in kept
    )
    edges = (
        Edge(*ends, tuple(filter(None, labels)), ends in hops)
        for ends, labels in drawing.labels.items()
        if ends[0] in kept
    )
    return Picture(tuple(nodes), tuple(edges))


def _draw_links(drawing: _Drawing, everything: bool) -> None:
    for link in drawing.application.links:
        if everything or link.kind not in _OBSERVING:
            said = link.kind if link.role == LinkRole.TRIGGER else link.role
            drawing.connect(drawing.place(link.source), drawing.place(link.target), said)


def _draw_function(drawing: _Drawing, function: str, strict: bool) -> None:
    application = drawing.application
    for operation in application.operations(function):
        said = f"{operation.method} {operation.path}".strip()
        drawing.connect(drawing.place(operation.api), plain(function), said)
    for effect in application.effects.of(function):
        shown = effect.evidence != Evidence.BROAD or strict
        if shown and effect.target is not None and effect.operation.effect in SIDE_EFFECTS:
            drawing.connect(plain(function), drawing.place(effect.target), effect.because)
    for call in _outside(application, function):
        for service, resource, _ in sorted(call.targets, key=str):
            said = f"{call.call.operation} in {call.call.place}".strip()
            drawing.connect(plain(function), drawing.external(resource or service), said)


def _outside(application: Application, function: str) -> Iterator[BlockingCall]:
    """The calls of a function that go to no AWS service: HTTP, databases, APIs."""
    for calls in (blocking_calls, compensations):
        for call in calls(application.effects, function):
            if call.operation is None:
                yield call


def _draw_emissions(drawing: _Drawing, loop: RecursiveLoop) -> None:
    """What only following the flow told."""
    for emission in loop.emissions:
        ends = (drawing.place(emission.actor), drawing.place(emission.target))
        if ends not in drawing.labels:
            drawing.connect(*ends, emission.because)


def _hops(drawing: _Drawing, loop: RecursiveLoop) -> Iterator[tuple[str, str]]:
    yield from pairwise(plain(drawing.application.label(place)) for place in loop.places)


def _looked_at(drawing: _Drawing) -> set[str]:
    """The labels connected, in any direction, to a function that the rules judge."""
    near: dict[str, set[str]] = {}
    for source, target in drawing.labels:
        near.setdefault(source, set()).add(target)
        near.setdefault(target, set()).add(source)
    functions = drawing.application.functions
    waiting = [plain(name) for name, function in functions.items() if function.in_scope]
    found = set(waiting)
    while waiting:
        new = near.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found

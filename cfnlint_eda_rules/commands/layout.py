"""Where the nodes of a picture go: columns from left to right along the flow, without Graphviz."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

_SWEEPS = 4

Ends = tuple[str, str]


def components(nodes: Sequence[str], edges: Iterable[Ends]) -> list[list[str]]:
    """The nodes in groups that no edge connects, each in the given order; largest group first."""
    root = {node: node for node in nodes}

    def find(node: str) -> str:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for source, target in edges:
        root[find(source)] = find(target)
    groups: dict[str, list[str]] = {}
    for node in nodes:
        groups.setdefault(find(node), []).append(node)
    return sorted(groups.values(), key=len, reverse=True)


def columns(nodes: Sequence[str], edges: Sequence[Ends]) -> list[list[str]]:
    """The nodes in columns: each right of what leads to it, where that closes no cycle; inside a
    column near what it is connected to.
    """
    forward = _without_cycles(nodes, edges)
    depth = _depths(nodes, forward)
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        found[depth[node]].append(node)
    return _untangled(found, edges)


def _without_cycles(nodes: Sequence[str], edges: Sequence[Ends]) -> Mapping[str, list[str]]:
    """Where each node leads, without the edges that lead back to one on the way."""
    leads: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        leads[source].append(target)
    entered = {target for source, target in edges if source != target}
    kept: dict[str, list[str]] = {node: [] for node in nodes}
    state: dict[str, int] = {}
    for start in sorted(nodes, key=lambda node: node in entered):
        if start in state:
            continue
        state[start] = 1
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(leads[start]))]
        while stack:
            node, waiting = stack[-1]
            target = next(waiting, "")
            if not target:
                state[node] = 2
                stack.pop()
            elif state.get(target) != 1:
                kept[node].append(target)
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(leads[target])))
    return kept


def _depths(nodes: Sequence[str], leads: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The length of the longest way to each node."""
    left = dict.fromkeys(nodes, 0)
    for targets in leads.values():
        for target in targets:
            left[target] += 1
    depth = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not left[node]]
    while ready:
        node = ready.pop()
        for target in leads[node]:
            depth[target] = max(depth[target], depth[node] + 1)
            left[target] -= 1
            if not left[target]:
                ready.append(target)
    return depth


def _untangled(found: list[list[str]], edges: Sequence[Ends]) -> list[list[str]]:
    near: dict[str, list[str]] = {}
    for source, target in edges:
        near.setdefault(source, []).append(target)
        near.setdefault(target, []).append(source)
    row = {node: float(index) for column in found for index, node in enumerate(column)}
    for _ in range(_SWEEPS):
        for column in found:
            column.sort(key=lambda node: _middle(row, near.get(node, [node])))
            row.update((node, float(index)) for index, node in enumerate(column))
    return found


def _middle(row: Mapping[str, float], near: Sequence[str]) -> float:
    return sum(row[node] for node in near) / len(near)

"""The order of the plugins: dependencies before dependents. 插件次序。"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from .inventory import FoundPlugin
from .locations import of_module
from .problems import PluginError, PluginProblem


def in_order(plugins: Mapping[str, FoundPlugin]) -> list[FoundPlugin]:
    """Parts of the platform first, dependencies before dependents, alphabetical among equals.

    Every dependency must be among `plugins`. Raises PluginError when they go round in a circle, with its path.
    """
    sorter = TopologicalSorter({name: sorted(plugins[name].manifest.depends_on) for name in sorted(plugins)})
    try:
        sorter.prepare()
    except CycleError as error:
        raise PluginError(_cycle_problem(error.args[1], plugins)) from None
    ready: list[tuple[bool, str]] = []
    order: list[FoundPlugin] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(ready, (not plugins[name].manifest.platform, name))
        _, name = heapq.heappop(ready)
        order.append(plugins[name])
        sorter.done(name)
    return order


def _cycle_problem(path: Sequence[str], plugins: Mapping[str, FoundPlugin]) -> PluginProblem:
    # graphlib names dependencies before dependents and the first again at the end.
    dependents_first = list(reversed(path[1:]))
    start = dependents_first.index(min(dependents_first))
    cycle = dependents_first[start:] + dependents_first[:start]
    return PluginProblem(
        plugin=cycle[0],
        found=f"a circle of dependencies, {' -> '.join([*cycle, cycle[0]])}",
        expected="dependencies that lead one way: works_with instead of depends_on in one of them",
        at=of_module(plugins[cycle[0]].module),
    )

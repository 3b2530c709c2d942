"""What `linli plugins list`, `info` and `graph` show, as plain values. 插件信息。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .dispatcher import Hooks
from .implementations import Implementation
from .inventory import Installed, InstalledPlugin
from .manifest import Title
from .problems import PluginError, PluginProblem, listed, nearest
from .stats import PluginStats


@dataclass(frozen=True)
class PluginSummary:
    """One line of the list of plugins."""

    name: str
    version: str
    title: Title
    platform: bool
    distribution: str | None


@dataclass(frozen=True)
class HookUse:
    """A hook that a plugin implements: the partner it is of, whether it waits for a partner not installed, where."""

    hook: str
    of: str | None
    dormant: bool
    at: str


@dataclass(frozen=True)
class PluginInfo:
    """Everything about one plugin.

    `names` are those it defines, by kind, as far as claimed; `stats` is the sum over the hook callers handed in.
    """

    summary: PluginSummary
    description: str
    requires: str
    depends_on: Mapping[str, str]
    works_with: Mapping[str, str]
    dependents: list[str]
    regulated: Mapping[str, str]
    hooks: list[HookUse]
    specifications: list[str]
    names: Mapping[str, list[str]]
    stats: PluginStats


@dataclass(frozen=True)
class Edge:
    """One plugin's use of another; `installed` is False for a partner in `works_with` that is not there."""

    source: str
    target: str
    relation: Literal["depends_on", "works_with"]
    versions: str
    installed: bool


def list_plugins(installed: Installed) -> list[PluginSummary]:
    """All installed plugins, dependencies before dependents."""
    return [_summary(plugin) for plugin in installed.values()]


def plugin_info(installed: Installed, name: str, callers: Iterable[Hooks] = ()) -> PluginInfo:
    """Everything about one plugin; PluginError with the nearest name when it is not installed."""
    plugin = installed.get(name)
    if plugin is None:
        expected = f"one of {listed(installed)}"
        raise PluginError(
            PluginProblem(plugin=name, found="no such plugin", expected=expected, nearest=nearest(name, installed))
        )
    return PluginInfo(
        summary=_summary(plugin),
        description=plugin.manifest.description,
        requires=plugin.requires,
        depends_on=plugin.depends_on,
        works_with=plugin.works_with,
        dependents=installed.dependents(name),
        regulated=plugin.regulated,
        hooks=_hook_uses(installed, name),
        specifications=[hook.name for hook in installed.registry.specifications_of(name)],
        names={kind: installed.claims.names(kind, name) for kind in installed.claims.kinds(name)},
        stats=PluginStats.total(hooks.stats[name] for hooks in callers if name in hooks.stats),
    )


def plugin_graph(installed: Installed) -> list[Edge]:
    """Who uses whom, in the order of the plugins and then of the partners' names."""
    return [edge for plugin in installed.values() for edge in _edges(plugin, installed)]


def _summary(plugin: InstalledPlugin) -> PluginSummary:
    manifest = plugin.manifest
    return PluginSummary(plugin.name, plugin.version, manifest.title, manifest.platform, plugin.distribution)


def _hook_uses(installed: Installed, name: str) -> list[HookUse]:
    running = [_hook_use(it, dormant=False) for it in installed.registry.implementations_of(name)]
    waiting = [_hook_use(it, dormant=True) for it in installed.registry.dormant if it.plugin == name]
    return sorted(running + waiting, key=lambda use: use.hook)


def _hook_use(implementation: Implementation, *, dormant: bool) -> HookUse:
    return HookUse(implementation.hook, implementation.of, dormant, str(implementation.at))


def _edges(plugin: InstalledPlugin, installed: Installed) -> list[Edge]:
    depends = [Edge(plugin.name, it, "depends_on", plugin.depends_on[it], True) for it in sorted(plugin.depends_on)]
    works = [
        Edge(plugin.name, it, "works_with", plugin.works_with[it], it in installed) for it in sorted(plugin.works_with)
    ]
    return depends + works

"""Makes of the plugins found the plugins installed: checked, ordered, their hooks read. 插件启动。"""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Sequence
from types import ModuleType

from pydantic import BaseModel

from linli.core import hookspecs

from .calls import call_now
from .claims import Claims
from .compatibility import incompatibilities
from .implementations import Implementation, read_implementations
from .inventory import FoundPlugin, Installed, InstalledPlugin
from .locations import of_module
from .order import in_order
from .problems import HookError, Problems
from .registry import CORE, Registry

DISTRIBUTION = "linli"


def boot(found: Sequence[FoundPlugin], core_version: str | None = None) -> Installed:
    """Check the plugins found against core and each other, order them, and read their hooks.

    `core_version` defaults to that of the installed distribution `linli`. Raises PluginError with everything wrong
    that could be told at once: first names, then versions and dependencies, then hooks, then settings.
    """
    plugins = _by_name(found)
    problems = Problems()
    problems.extend(incompatibilities(plugins, core_version or importlib.metadata.version(DISTRIBUTION)))
    problems.settle()
    ordered = in_order(plugins)
    claims = Claims()
    registry = _read_hooks(ordered, claims)
    return Installed(_with_settings(ordered, registry), registry, claims)


def _by_name(found: Sequence[FoundPlugin]) -> dict[str, FoundPlugin]:
    problems = Problems()
    plugins: dict[str, FoundPlugin] = {}
    for plugin in found:
        first = plugins.setdefault(plugin.manifest.name, plugin)
        if first.module is not plugin.module:
            twice = f"a second plugin of this name beside {of_module(first.module)}"
            problems.add(plugin.manifest.name, twice, "one plugin of a name", at=of_module(plugin.module))
    problems.settle()
    return plugins


def _read_hooks(plugins: Sequence[FoundPlugin], claims: Claims) -> Registry:
    problems = Problems()
    registry = Registry(claims, [plugin.manifest for plugin in plugins])
    registry.add_specifications(hookspecs, CORE, problems)
    for plugin in plugins:
        claims.claim("GraphQL name", plugin.manifest.graphql_name, plugin.manifest.name, at=of_module(plugin.module))
        _add_own_hooks(plugin, registry, problems)
    for plugin in plugins:
        registry.add_plugin(plugin.manifest.name, plugin.module, problems)
    problems.extend(claims.conflicts())
    problems.settle()
    registry.confirm()
    return registry


def _add_own_hooks(plugin: FoundPlugin, registry: Registry, problems: Problems) -> None:
    name = plugin.manifest.name
    for implementation in read_implementations(plugin.module, name, Problems()):
        wanted = implementation.hook == hookspecs.linli_add_hookspecs.__name__
        if not wanted or not registry.fits(implementation):
            continue
        own = _answer(implementation, problems)
        if isinstance(own, ModuleType):
            registry.add_specifications(own, name, problems)
        elif own is not None:
            problems.add(name, f"{own!r} from {implementation.hook}", "a module", at=implementation.at)


def _with_settings(plugins: Sequence[FoundPlugin], registry: Registry) -> list[InstalledPlugin]:
    problems = Problems()
    models: dict[str, type[BaseModel]] = {}
    for implementation in registry.chain(hookspecs.linli_settings.__name__):
        model = _answer(implementation, problems)
        if inspect.isclass(model) and issubclass(model, BaseModel):
            models[implementation.plugin] = model
        elif model is not None:
            found = f"{model!r} from {implementation.hook}"
            problems.add(implementation.plugin, found, "a subclass of pydantic.BaseModel", at=implementation.at)
    problems.settle()
    return [InstalledPlugin(it.manifest, it.module, it.distribution, models.get(it.manifest.name)) for it in plugins]


def _answer(implementation: Implementation, problems: Problems) -> object:
    try:
        return call_now(implementation, {})
    except Exception as error:
        failure = HookError(implementation.plugin, implementation.hook, implementation.at, error)
        problems.extend([failure.problem], cause=error)
        return None

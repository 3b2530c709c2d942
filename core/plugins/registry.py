"""All hooks of the platform and of all installed plugins, with every implementation, checked. 钩子注册表。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import pluggy
from pluggy import HookimplOpts

from .claims import Claims
from .conformance import Misfit, misfits
from .implementations import Implementation, read_implementations, unmarked
from .manifest import Plugin
from .markers import PROJECT
from .problems import Problems
from .specifications import PLATFORM_PREFIX, Specification, read_specifications

CORE = "core"


class _Manager(pluggy.PluginManager):
    """pluggy's manager, which passes over the implementations that wait for a partner that is not installed."""

    def __init__(self) -> None:
        super().__init__(PROJECT)
        self.dormant: list[Implementation] = []

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> HookimplOpts | None:
        function = plugin.__dict__.get(name)
        waiting = any(it.hook == name and it.function is function for it in self.dormant)
        return None if waiting else super().parse_hookimpl_opts(plugin, name)


class Registry:
    """pluggy's registry of hooks, filled once for all installed plugins and checked more strictly than pluggy does.

    pluggy accepts a misspelt hook, and its `check_pending` cannot know a partner that is switched off or absent; so
    every implementation is checked here against the hooks of core, of the plugin itself, and of the partner that
    `of` names. pluggy's own way of calling hooks is not used.
    """

    def __init__(self, claims: Claims, manifests: Iterable[Plugin]) -> None:
        self.specifications: dict[str, Specification] = {}
        self._claims = claims
        self._manifests = {manifest.name: manifest for manifest in manifests}
        self._platform = {CORE} | {name for name, manifest in self._manifests.items() if manifest.platform}
        self._manager = _Manager()
        self._read: dict[tuple[str, str], Implementation] = {}

    @property
    def dormant(self) -> tuple[Implementation, ...]:
        """Implementations of hooks whose owner is in `works_with` and not installed."""
        return tuple(self._manager.dormant)

    def add_specifications(self, module: ModuleType, owner: str, problems: Problems) -> None:
        """Take in the hooks that a module declares for `owner`; two owners of one hook are found by the claims."""
        prefix = PLATFORM_PREFIX if owner in self._platform else f"{self._manifests[owner].label}_"
        before = len(problems)
        read = read_specifications(module, owner, prefix, problems)
        for specification in read:
            self._claims.claim("hook", specification.name, owner, at=specification.at)
            self.specifications.setdefault(specification.name, specification)
        if len(problems) == before and all(self.specifications[it.name] is it for it in read):
            self._manager.add_hookspecs(module)

    def add_plugin(self, name: str, module: ModuleType, problems: Problems) -> None:
        """Take in a plugin's implementations; whatever is wrong with them goes to `problems`."""
        before = len(problems)
        for implementation in read_implementations(module, name, problems):
            if self._waits(implementation):
                self._manager.dormant.append(implementation)
            else:
                self._check(implementation, problems)
                self._read[name, implementation.hook] = implementation
        for forgotten in unmarked(module, name, self.specifications):
            problems.add(name, f"{forgotten.hook!r} without a mark", "@hookimpl above it", at=forgotten.at)
        if len(problems) == before:
            self._manager.register(module, name)

    def fits(self, implementation: Implementation) -> bool:
        """Whether an implementation can serve a hook that is known by now."""
        return not list(self._misfits(implementation))

    def confirm(self) -> None:
        """Let pluggy check too that no implementation is left without a hook."""
        self._manager.check_pending()

    def chain(self, hook: str) -> list[Implementation]:
        """The implementations of a hook, in the order in which their plugins were added."""
        registered = getattr(self._manager.hook, hook).get_hookimpls()
        return [self._read[implementation.plugin_name, hook] for implementation in registered]

    def implementations_of(self, plugin: str) -> list[Implementation]:
        """A plugin's implementations, sorted by hook."""
        chains = (self.chain(hook) for hook in sorted(self.specifications))
        return [implementation for chain in chains for implementation in chain if implementation.plugin == plugin]

    def specifications_of(self, owner: str) -> list[Specification]:
        """The hooks that a plugin, or core, declares, sorted by name."""
        mine = (it for it in self.specifications.values() if it.owner == owner)
        return sorted(mine, key=lambda specification: specification.name)

    def _check(self, implementation: Implementation, problems: Problems) -> None:
        for found, expected, near in self._misfits(implementation):
            problems.add(implementation.plugin, found, expected, nearest=near, at=implementation.at)

    def _misfits(self, implementation: Implementation) -> Iterator[Misfit]:
        manifest = self._manifests[implementation.plugin]
        return misfits(implementation, manifest, self.specifications, self._platform)

    def _waits(self, implementation: Implementation) -> bool:
        works_with = self._manifests[implementation.plugin].works_with
        return implementation.of in works_with and implementation.of not in self._manifests

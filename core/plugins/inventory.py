"""The installed plugins, checked and in order. 已安装插件。"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from pydantic import BaseModel

from ..config.retention_checks import RetentionLimits
from ..config.role_checks import Authority
from .authority import authority_of
from .claims import Claims
from .manifest import Plugin
from .registry import Registry


@dataclass(frozen=True)
class FoundPlugin:
    """A plugin's package as it was found, not yet checked against core and the others.

    `distribution` is the distribution whose entry point named it, None when it was handed over directly.
    """

    manifest: Plugin
    module: ModuleType
    distribution: str | None = None


@dataclass(frozen=True)
class InstalledPlugin:
    """A plugin that this process can run; which districts it is on in is their configuration's choice."""

    manifest: Plugin
    module: ModuleType
    distribution: str | None
    settings_model: type[BaseModel] | None

    @property
    def name(self) -> str:
        """The one name, in words joined by hyphens."""
        return self.manifest.name

    @property
    def label(self) -> str:
        """The name with underscores."""
        return self.manifest.label

    @property
    def version(self) -> str:
        """The plugin's version, PEP 440."""
        return self.manifest.version

    @property
    def requires(self) -> str:
        """The range of core's versions it runs with."""
        return self.manifest.requires

    @property
    def depends_on(self) -> Mapping[str, str]:
        """The plugins it cannot run without, with the ranges of their versions."""
        return self.manifest.depends_on

    @property
    def works_with(self) -> Mapping[str, str]:
        """The plugins it uses when they are there, with the ranges of their versions."""
        return self.manifest.works_with

    @property
    def regulated(self) -> Mapping[str, str]:
        """The features that need a stated basis, each with an explanation."""
        return self.manifest.regulated


class Installed(Mapping[str, InstalledPlugin]):
    """All installed plugins by name, dependencies before dependents, alphabetical among equals.

    `registry` holds their hooks, `claims` the names they define.
    """

    def __init__(self, plugins: Sequence[InstalledPlugin], registry: Registry, claims: Claims) -> None:
        self._plugins = {plugin.name: plugin for plugin in plugins}
        self.registry = registry
        self.claims = claims

    def __getitem__(self, name: str) -> InstalledPlugin:
        return self._plugins[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plugins)

    def __len__(self) -> int:
        return len(self._plugins)

    @property
    def platform(self) -> list[InstalledPlugin]:
        """The parts of the platform itself, which are on in every district."""
        return [plugin for plugin in self.values() if plugin.manifest.platform]

    @property
    def choosable(self) -> list[InstalledPlugin]:
        """The plugins that a district's configuration may turn on."""
        return [plugin for plugin in self.values() if not plugin.manifest.platform]

    def dependents(self, name: str) -> list[str]:
        """The plugins that cannot run without this one."""
        return [plugin.name for plugin in self.values() if name in plugin.depends_on]

    def owner_of(self, kind: str, name: str) -> str | None:
        """The plugin (or `core`) that defines a name, None when no installed one does: treat that as switched off."""
        return self.claims.owner_of(kind, name)

    def authority(self, plugins: Collection[str], three_admins: bool) -> Authority:
        """The roles and permissions of a district where these plugins are on, as its configuration may name them."""
        on = {*plugins, *(plugin.name for plugin in self.platform)}
        return authority_of(self.registry, on, three_admins=three_admins)

    def retention_limits(self) -> RetentionLimits:
        """How far each retention rule of core and of all plugins may be adjusted, by name."""
        from .retention import limits_of  # noqa: PLC0415  it comes with the models, and `linli --help` is to be quick

        return limits_of(self.registry)

"""What configuration must know of an installed plugin, as plain values; whoever finds plugins supplies them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Protocol

from pydantic import BaseModel

CORE = "core"
"""The section of core's own settings; no plugin may be called this."""


class InstalledPlugin(Protocol):
    """An installed plugin. 已安装的插件。

    `version` is a PEP 440 version; `requires` is the range of Linli's versions it works with; `depends_on` and
    `works_with` map plugins' names to ranges (an empty range allows every version); `regulated` maps the features
    that stay off until a district states a basis to their explanations.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def settings_model(self) -> type[BaseModel] | None: ...
    @property
    def requires(self) -> str: ...
    @property
    def depends_on(self) -> Mapping[str, str]: ...
    @property
    def works_with(self) -> Mapping[str, str]: ...
    @property
    def regulated(self) -> Mapping[str, str]: ...


Installed = Mapping[str, InstalledPlugin]
"""The installed plugins by name, in the order of their names."""


AnyInstalled = Iterable[InstalledPlugin] | Mapping[str, InstalledPlugin]
"""The installed plugins as their finder has them."""


def by_name(plugins: AnyInstalled) -> Installed:
    """The installed plugins by name, sorted."""
    found = plugins.values() if isinstance(plugins, Mapping) else plugins
    return {plugin.name: plugin for plugin in sorted(found, key=lambda plugin: plugin.name)}


def is_platform(plugin: InstalledPlugin) -> bool:
    """Whether a plugin is a part of the platform itself, on in every district and never named: it says so by a true
    `platform`, which other plugins need not have.
    """
    return bool(getattr(plugin, "platform", False))


def choosable(installed: Installed) -> list[str]:
    """The names that a district may put among its plugins."""
    return [name for name, plugin in installed.items() if not is_platform(plugin)]


def core_version() -> str:
    """The version of Linli that is running (PEP 440)."""
    return version("linli")

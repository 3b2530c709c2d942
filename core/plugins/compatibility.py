"""Whether the plugins found can run together: names, versions, dependencies. 插件兼容性。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from .inventory import FoundPlugin
from .locations import of_module
from .problems import PluginProblem, listed, nearest


def incompatibilities(plugins: Mapping[str, FoundPlugin], core_version: str) -> Iterator[PluginProblem]:
    """Every range that is not met, every dependency that is missing or of the wrong sort."""
    for plugin in plugins.values():
        yield from _version_problems(plugin, plugins, core_version)
        for name in plugin.manifest.depends_on:
            if name not in plugins:
                yield _missing(plugin, name, plugins)
            elif plugin.manifest.platform and not plugins[name].manifest.platform:
                expected = "dependencies on other parts of the platform only"
                yield _problem(plugin, f"a part of the platform that depends on {name!r}", expected)


def _version_problems(
    plugin: FoundPlugin, plugins: Mapping[str, FoundPlugin], core_version: str
) -> Iterator[PluginProblem]:
    versions = {name: found.manifest.version for name, found in plugins.items()} | {"core": core_version}
    manifest = plugin.manifest
    for name, wanted in {"core": manifest.requires, **manifest.depends_on, **manifest.works_with}.items():
        if name in versions and not _meets(versions[name], wanted):
            yield _problem(plugin, f"{name} {versions[name]}", f"a version of {name} in {wanted!r}")


def _meets(version: str, wanted: str) -> bool:
    # Developers run pre-releases of the next version, which count by their number.
    return SpecifierSet(wanted).contains(Version(version), prereleases=True)


def _missing(plugin: FoundPlugin, name: str, plugins: Mapping[str, FoundPlugin]) -> PluginProblem:
    others = plugins.keys() - {plugin.manifest.name}
    found = f"a dependency on {name!r}, which is not installed"
    return _problem(plugin, found, f"a plugin that is installed: {listed(others)}", nearest(name, others))


def _problem(plugin: FoundPlugin, found: str, expected: str, near: str | None = None) -> PluginProblem:
    name, at = plugin.manifest.name, of_module(plugin.module)
    return PluginProblem(plugin=name, found=found, expected=expected, nearest=near, at=at)

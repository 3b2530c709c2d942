"""Whether a district's plugins exist and fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from .document import Document
from .findings import Finding, did_you_mean, listing
from .installed import CORE, Installed, InstalledPlugin, choosable, core_version, is_platform
from .positions import KeyPath


def stated_plugins(document: Document, district: str) -> dict[str, KeyPath]:
    """The plugins that a district names, each with the first place where it does."""
    plugins = document.districts[district].get("plugins")
    stated: dict[str, KeyPath] = {}
    for index, name in enumerate(plugins if isinstance(plugins, list) else ()):
        path: KeyPath = ("districts", district, "plugins", index)
        if isinstance(name, str) and not document.is_unresolved(path):
            stated.setdefault(name, path)
    return stated


def enabled_plugins(document: Document, district: str, installed: Installed) -> list[InstalledPlugin]:
    """The installed plugins that are on: those the district names and the parts of the platform."""
    stated = stated_plugins(document, district)
    return [plugin for name, plugin in installed.items() if name in stated or is_platform(plugin)]


def check_plugins(document: Document, district: str, installed: Installed) -> Iterator[Finding]:
    """Every plugin named is installed, once, with its dependencies, in versions that go together."""
    stated = stated_plugins(document, district)
    yield from _repetitions(document, district, stated)
    for name, path in stated.items():
        if name == CORE or (name in installed and is_platform(installed[name])):
            yield _always_on(document, path, name)
            continue
        if name not in installed:
            yield _unknown(document, path, name, installed)
            continue
        plugin = installed[name]
        yield from _core_version(document, path, plugin)
        yield from _dependencies(document, path, plugin, installed, stated)
        yield from _partners(document, path, plugin, installed, stated)


def fits(version: str, versions: str) -> bool:
    """Whether a version is in a PEP 440 range; pre-releases count, since who installs one means it."""
    return SpecifierSet(versions).contains(Version(version), prereleases=True)


def _unknown(document: Document, path: KeyPath, name: str, installed: Installed) -> Finding:
    names = choosable(installed)
    suggestion, allowed = did_you_mean(name, names), listing("installed", names)
    return document.finding(path, "UNKNOWN_PLUGIN", f'unknown plugin "{name}"', allowed, suggestion, where=path[:-1])


def _always_on(document: Document, path: KeyPath, name: str) -> Finding:
    found = f'"{name}" is a part of the platform and always on'
    return document.finding(path, "PLATFORM_PLUGIN", found, None, "take it out", where=path[:-1])


def _repetitions(document: Document, district: str, stated: Mapping[str, KeyPath]) -> Iterator[Finding]:
    plugins = document.districts[district].get("plugins")
    for index, name in enumerate(plugins if isinstance(plugins, list) else ()):
        path: KeyPath = ("districts", district, "plugins", index)
        if isinstance(name, str) and stated.get(name, path) != path:
            found = f'plugin "{name}" is named twice'
            yield document.finding(path, "REPEATED_PLUGIN", found, None, "name it once", where=path[:-1])


def _core_version(document: Document, path: KeyPath, plugin: InstalledPlugin) -> Iterator[Finding]:
    suggestion = f"install a version of {plugin.name} that is made for this Linli"
    yield from _mismatch(
        document, path, plugin, other="linli", version=core_version(), versions=plugin.requires, suggestion=suggestion
    )


def _dependencies(
    document: Document, path: KeyPath, plugin: InstalledPlugin, installed: Installed, stated: Mapping[str, KeyPath]
) -> Iterator[Finding]:
    for name, versions in plugin.depends_on.items():
        found = f'plugin "{plugin.name}" needs "{name}", which is '
        if name not in installed:
            found, suggestion = f"{found}not installed", f"install {name} or take {plugin.name} out"
        elif name not in stated and not is_platform(installed[name]):
            found, suggestion = f"{found}not on here", f'add "{name}" to plugins'
        else:
            suggestion = f"install a version of {name} in that range"
            yield from _mismatch(
                document,
                path,
                plugin,
                other=name,
                version=installed[name].version,
                versions=versions,
                suggestion=suggestion,
            )
            continue
        yield document.finding(path, "MISSING_DEPENDENCY", found, None, suggestion, where=path[:-1])


def _partners(
    document: Document, path: KeyPath, plugin: InstalledPlugin, installed: Installed, stated: Mapping[str, KeyPath]
) -> Iterator[Finding]:
    """Partners may be absent; where both are on they must fit."""
    for name, versions in plugin.works_with.items():
        if name in installed and (name in stated or is_platform(installed[name])):
            suggestion = f"install a version of {name} in that range, or switch one of the two off"
            yield from _mismatch(
                document,
                path,
                plugin,
                other=name,
                version=installed[name].version,
                versions=versions,
                suggestion=suggestion,
            )


def _mismatch(
    document: Document,
    path: KeyPath,
    plugin: InstalledPlugin,
    *,
    other: str,
    version: str,
    versions: str,
    suggestion: str,
) -> Iterator[Finding]:
    code, found = "VERSION_MISMATCH", f'plugin "{plugin.name}" needs {other} {versions}, installed is {version}'
    try:
        if fits(version, versions):
            return
    except (InvalidSpecifier, InvalidVersion) as error:
        code, found = "INVALID_VERSION", f'plugin "{plugin.name}" cannot be compared with {other}: {error}'
        suggestion = "tell the plugin's author: versions and ranges are those of PEP 440"
    yield document.finding(path, code, found, None, suggestion, where=path[:-1])

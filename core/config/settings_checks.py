"""The settings of core and of plugins, each section against the model its owner declares."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from .core_settings import CoreSettings
from .document import Document
from .findings import Finding, Severity, did_you_mean, listing
from .installed import CORE, Installed
from .models import Section
from .plugin_checks import enabled_plugins
from .positions import KeyPath
from .validation import validate


class _NoSettings(Section):
    """The section of a plugin that has no settings."""


def read_settings(
    document: Document, district: str, installed: Installed
) -> tuple[dict[str, BaseModel], list[Finding]]:
    """The settings of core and of every plugin that is on, by section, and what is wrong with what is stated."""
    models, findings = _models(document, district, installed), list(_idle_sections(document, district, installed))
    settings: dict[str, BaseModel] = {}
    for name, model in models.items():
        section, refused = validate(model, document, ("districts", district, "settings", name))
        findings += refused
        if section is not None and model is not _NoSettings:
            settings[name] = section
    return settings, findings


def _models(document: Document, district: str, installed: Installed) -> dict[str, type[BaseModel]]:
    enabled = enabled_plugins(document, district, installed)
    return {CORE: CoreSettings} | {plugin.name: plugin.settings_model or _NoSettings for plugin in enabled}


def _idle_sections(document: Document, district: str, installed: Installed) -> Iterator[Finding]:
    """Sections that have no effect: of plugins that are off, which may be meant, or of nobody."""
    table: KeyPath = ("districts", district, "settings")
    enabled = {plugin.name for plugin in enabled_plugins(document, district, installed)}
    if not isinstance(document.districts[district].get("plugins", []), list):
        return  # which plugins are meant is unknown, and said elsewhere
    for name in document.table(*table):
        if name in installed and name not in enabled:
            yield _of_disabled(document, (*table, name))
        elif name != CORE and name not in installed:
            yield _of_unknown(document, (*table, name), installed)


def _of_disabled(document: Document, path: KeyPath) -> Finding:
    found = f'settings for "{path[-1]}", which is off here, have no effect'
    return document.finding(
        path, "SETTINGS_OF_DISABLED_PLUGIN", found, None, f'add "{path[-1]}" to plugins', severity=Severity.WARNING
    )


def _of_unknown(document: Document, path: KeyPath, installed: Installed) -> Finding:
    name, sections = str(path[-1]), (CORE, *installed)
    allowed = listing("sections", sections)
    found = f'settings for unknown plugin "{name}"'
    return document.finding(path, "UNKNOWN_PLUGIN", found, allowed, did_you_mean(name, sections))

"""Features that are off until a district states on what basis it switches them on.

What they are is the plugins' to declare: sign-ins, rankings, tracks, quotas and the like demanded of staff or
residents as proof or appraisal, and commerce (the State Council's measures on government apps, January 2026).
"""

from __future__ import annotations

from collections.abc import Iterator

from .document import Document
from .findings import Finding, Severity, did_you_mean, listing
from .installed import Installed, InstalledPlugin
from .plugin_checks import enabled_plugins
from .positions import KeyPath


def check_regulated(document: Document, district: str, installed: Installed) -> Iterator[Finding]:
    """What the law watches is on with a basis and off without; all of it is listed."""
    table = ("districts", district, "regulated")
    enabled = enabled_plugins(document, district, installed)
    known = {feature for plugin in enabled for feature in plugin.regulated}
    dormant = {feature for plugin in installed.values() for feature in plugin.regulated} - known
    for feature, basis in document.table(*table).items():
        if feature not in known:
            yield _foreign_feature(document, (*table, feature), known, feature in dormant)
        elif isinstance(basis, str) and not basis.strip():
            yield _without_basis(document, (*table, feature))
    for plugin in enabled:
        yield from _features(document, district, plugin)


def _foreign_feature(document: Document, path: KeyPath, known: set[str], dormant: bool) -> Finding:
    feature = str(path[-1])
    if dormant:
        found, suggestion = f'feature "{feature}" belongs to a plugin that is off here', "switch the plugin on"
        severity, code = Severity.WARNING, "FEATURE_OF_DISABLED_PLUGIN"
    else:
        found, suggestion = f'unknown regulated feature "{feature}"', did_you_mean(feature, known) or ""
        severity, code = Severity.ERROR, "UNKNOWN_FEATURE"
    allowed = listing("regulated features of the plugins that are on", sorted(known))
    return document.finding(path, code, found, allowed, suggestion or None, severity=severity)


def _without_basis(document: Document, path: KeyPath) -> Finding:
    found = f'regulated feature "{path[-1]}" is switched on without a basis'
    suggestion = "name the document or resolution it rests on, or take the line out"
    return document.finding(path, "MISSING_BASIS", found, None, suggestion)


def _features(document: Document, district: str, plugin: InstalledPlugin) -> Iterator[Finding]:
    """Notes about the regulated features of a plugin that is on: each is either off, or on with its basis."""
    place: KeyPath = ("districts", district, "regulated")
    for feature, explanation in sorted(plugin.regulated.items()):
        basis = document.table(*place).get(feature)
        title = f'regulated feature "{feature}" of {plugin.name}'
        path = (*place, feature) if feature in document.table(*place) else ("districts", district, "plugins")
        if basis is None:
            found, hint = f"{title} is off: {explanation}", f'to switch it on, state {feature} = "its basis"'
            yield document.finding(path, "REGULATED_OFF", found, None, hint, where=place, severity=Severity.NOTE)
        elif isinstance(basis, str) and basis.strip():
            found = f"{title} is on, on the basis of {document.shown(path)}"
            yield document.finding(path, "REGULATED_ON", found, None, None, severity=Severity.NOTE)

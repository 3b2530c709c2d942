"""What a district's configuration makes of the roles, against the roles and permissions that there are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .document import Document, at
from .findings import Finding, did_you_mean
from .installed import Installed
from .plugin_checks import enabled_plugins
from .positions import KeyPath


@dataclass(frozen=True)
class Authority:
    """The roles and permissions of a district; `withheld` says by role which it never gets, each with the reason."""

    roles: Collection[str]
    permissions: Collection[str]
    withheld: Mapping[str, Mapping[str, str]]


Authorities: TypeAlias = Callable[[Collection[str], bool], Authority]
"""What the enabled plugins make of it, and whether the three administrators are kept apart; the plugins know."""


def check_roles(
    document: Document, district: str, installed: Installed, authorities: Authorities | None
) -> Iterator[Finding]:
    """Every role that is adjusted exists, and so does each permission, which the role may hold."""
    table: KeyPath = ("districts", district, "settings", "core", "roles")
    stated = at(document.data, table)
    if authorities is None or not isinstance(stated, dict):
        return
    apart = at(document.data, (*table[:-1], "three_admins")) is True
    known = authorities([plugin.name for plugin in enabled_plugins(document, district, installed)], apart)
    for role, adjustment in stated.items():
        path = (*table, role)
        if role not in known.roles:
            found, near = f'unknown role "{role}"', did_you_mean(role, known.roles)
            yield document.finding(path, "UNKNOWN_ROLE", found, None, near)
        elif isinstance(adjustment, dict):
            yield from _permissions(document, path, adjustment, known)


def _permissions(
    document: Document, path: KeyPath, adjustment: Mapping[str, object], known: Authority
) -> Iterator[Finding]:
    role = str(path[-1])
    for change in ("add", "remove"):
        names = adjustment.get(change)
        for index, name in enumerate(names if isinstance(names, list) else ()):
            place = (*path, change, index)
            if name not in known.permissions:
                found, near = f"unknown permission {document.shown(place)}", did_you_mean(str(name), known.permissions)
                yield document.finding(place, "UNKNOWN_PERMISSION", found, None, near, where=place[:-1])
            elif change == "add" and (why := known.withheld.get(role, {}).get(name)) is not None:
                found = f'"{role}" never holds {name}: {why}'
                yield document.finding(
                    place, "PERMISSION_WITHHELD", found, None, "give it to another role", where=place[:-1]
                )

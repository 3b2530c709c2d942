"""Whether the districts can live beside each other: keys, the default one, databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic_core import PydanticCustomError

from .database import PLACE, DistrictDatabase, check_url, locate
from .document import Document, at, has
from .findings import Finding, did_you_mean, listing
from .models import DISTRICT_KEY, DatabaseConfiguration
from .positions import KeyPath

_SHARED: KeyPath = ("database", "url")
_POOLER: KeyPath = ("database", "pooler")
_DIRECT: KeyPath = ("database", "direct_url")
_SHAPE = "postgres://user@host/database"


def check_districts(document: Document) -> Iterator[Finding]:
    """There are districts, under proper keys, and the default one is among them."""
    if document.data.get("districts", {}) == {}:
        found = "there is no district"
        yield document.finding(("districts",), "NO_DISTRICT", found, None, "add [districts.KEY] with a name")
    for key in document.table("districts"):
        if not re.fullmatch(DISTRICT_KEY, key):
            yield _bad_key(document, key)
    yield from _default_district(document)


def check_databases(document: Document) -> Iterator[Finding]:
    """No two districts are in one file, and a pooler is stated whole."""
    places = {key: _url_path(document, key) for key in document.districts}
    located = {key: database for key, path in places.items() if (database := _locate(document, key, path))}
    yield from _shared_files(document, places, located)
    yield from _pooler(document)


def _pooler(document: Document) -> Iterator[Finding]:
    """A pooler goes with PostgreSQL, and one in transaction mode with a way around it for migrations.

    It stands before the database that districts share, never before one of their own.
    """
    mode, direct = at(document.data, _POOLER), at(document.data, _DIRECT)
    shared = at(document.data, _SHARED)
    if mode is not None and (shared is None or (isinstance(shared, str) and shared.startswith("sqlite"))):
        yield document.finding(_POOLER, "POOLER_ON_SQLITE", "SQLite has no pooler", None, "take it out")
    if mode == "transaction" and direct is None:
        found = 'behind a pooler in mode "transaction" nothing can be migrated'
        suggestion = f'add direct_url, the URL of PostgreSQL itself: "{_SHAPE}"'
        yield document.finding(_POOLER, "DIRECT_URL_MISSING", found, None, suggestion)
    if direct is not None and mode != "transaction":
        found = 'direct_url counts only with pooler = "transaction"'
        yield document.finding(_DIRECT, "DIRECT_URL_UNUSED", found, None, "take it out, or state the pooler")
    if isinstance(direct, str) and direct.startswith("sqlite"):
        yield document.finding(_DIRECT, "MIXED_ENGINES", "direct_url leads to SQLite", f'expected "{_SHAPE}"')


def _bad_key(document: Document, key: str) -> Finding:
    better = re.sub(r"[^a-z0-9_]+", "_", key.lower()).strip("_")[:31]
    suggestion = f'did you mean "{better}"?' if re.fullmatch(DISTRICT_KEY, better) else None
    allowed = "allowed: a small letter, then at most 30 small letters, digits and _"
    return document.finding(
        ("districts", key), "BAD_DISTRICT_KEY", f'"{key}" is no key of a district', allowed, suggestion
    )


def _default_district(document: Document) -> Iterator[Finding]:
    path: KeyPath = ("server", "default_district")
    default = at(document.data, path)
    if isinstance(default, str) and default not in document.table("districts") and not document.is_unresolved(path):
        districts = document.table("districts")
        found, allowed = f"unknown district {document.shown(path)}", listing("districts", districts)
        yield document.finding(path, "UNKNOWN_DISTRICT", found, allowed, did_you_mean(default, districts))


def _url_path(document: Document, district: str) -> KeyPath:
    own: KeyPath = ("districts", district, "database")
    return own if has(document.data, own) else _SHARED


def _locate(document: Document, district: str, path: KeyPath) -> DistrictDatabase | None:
    """The district's database, or None where its URL is refused anyway."""
    url: Any = at(document.data, path) if has(document.data, path) else DatabaseConfiguration().url
    if not isinstance(url, str) or document.is_unresolved(path):
        return None
    try:
        return locate(check_url(url), district, document.file.absolute().parent)
    except PydanticCustomError:
        return None


def _shared_files(
    document: Document, places: dict[str, KeyPath], located: dict[str, DistrictDatabase]
) -> Iterator[Finding]:
    owners: dict[object, str] = {}
    for key, database in located.items():
        first = key if database.file is None else owners.setdefault(database.file, key)
        if first != key:
            found = f'districts "{first}" and "{key}" would share one file, {document.shown(places[key])}'
            suggestion = f"write {PLACE} where the district's key belongs"
            yield document.finding(places[key], "SHARED_DATABASE", found, None, suggestion)

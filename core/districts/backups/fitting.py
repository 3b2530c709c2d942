"""Whether a backup may become this district: its keys, its plugins, its migrations, and an empty place. 恢复前检查。"""

from __future__ import annotations

from collections.abc import Mapping

from ...config import Configuration
from ...crypto.masters import MasterKeyError
from ...errors import text
from ...plugins.inventory import Installed
from ...records.keys import proved
from ...records.migrations import AppMigrations, Step, ledger, load
from ...records.migrations.session import Session
from ..custody import masters_of
from ..migrating import apps_of, labelled, with_needed
from .columns import Columns
from .manifest import BackupError, Manifest

FRESH = {
    ledger.TABLE: None,
    "core_key_epoch": 1,
    "core_org_node": 1,
    "core_org_state": 1,
    "core_event": 1,
    "core_event_payload": 1,
    "core_delivery": None,
}
"""How many rows `linli migrate` may have left in a table: a key, and the root with what tells of it."""


def fitting_apps(
    manifest: Manifest, configuration: Configuration, installed: Installed, key: str
) -> list[AppMigrations]:
    """The apps whose tables a backup holds. Raises BackupError where it does not fit this server and district."""
    _refuse_other(manifest, configuration, key)
    labels = {one.app for one in manifest.migrations} - {"core"}
    names = labelled(installed, labels)
    lacking = labels - {installed[name].label for name in names}
    if lacking:
        plugins = ", ".join(sorted(lacking))
        raise BackupError("PLUGIN_MISSING", text("The backup has tables of {plugins}: install it", plugins=plugins))
    apps = list(apps_of(installed, with_needed(installed, names)))
    unknown = [step for step in manifest.steps if step not in load(apps).migrations]
    if unknown:
        steps = ", ".join(map(str, unknown))
        raise BackupError("BACKUP_NEWER", text("The backup is newer than what is installed: {steps}", steps=steps))
    _refuse_keys(manifest, configuration, installed)
    return apps


def _refuse_other(manifest: Manifest, configuration: Configuration, key: str) -> None:
    # the chain of events begins with the district's key, so that no other district's events can take its place
    if manifest.district != key:
        told = text("The backup is of district {other}, not of {key}", other=manifest.district, key=key)
        raise BackupError("OTHER_DISTRICT", told)


def _refuse_keys(manifest: Manifest, configuration: Configuration, installed: Installed) -> None:
    try:
        if manifest.keys:
            proved([one.model_dump() for one in manifest.keys], masters_of(configuration, installed))
    except (MasterKeyError, KeyError) as error:
        told = text("The master keys here do not open the backup: {reason}", reason=str(error))
        raise BackupError("MASTER_KEYS_DIFFER", told) from error


def refuse_tables(manifest: Manifest, tables: Mapping[str, Columns]) -> None:
    """Raise BackupError where the backup has other tables than its migrations make."""
    different = manifest.tables.keys() ^ tables.keys()
    if different:
        told = text("These tables are not in both the backup and its migrations: {tables}", tables=", ".join(different))
        raise BackupError("TABLES_DIFFER", told)


async def refuse_ahead(session: Session, apps: list[AppMigrations], steps: list[Step]) -> None:
    """Raise BackupError where migrations were applied here that the backup knows nothing of."""
    recorded = await ledger.read(session, apps) or []
    more = [one.step for one in recorded if one.step not in steps]
    if more:
        told = text(
            "The district has migrations that the backup lacks ({steps}): begin with no database file or schema",
            steps=", ".join(map(str, more)),
        )
        raise BackupError("DISTRICT_AHEAD", told)


async def refuse_filled(session: Session) -> None:
    """Raise BackupError where anything was written here but what `linli migrate` writes."""
    for table in await session.stored(await session.tables()):
        most = FRESH.get(table, 0)
        if most is None or table.startswith("sqlite_"):
            continue
        found = await session.query(f'SELECT 1 FROM "{table}" LIMIT {most + 1}')  # noqa: S608  its own name
        if len(found) > most:
            told = text("The district is not empty: {table} has rows. Restore into a new one", table=table)
            raise BackupError("DISTRICT_NOT_EMPTY", told)

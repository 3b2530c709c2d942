"""A district made of a backup, entirely or not at all. 恢复。"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from ...config import Configuration
from ...graph.models import OrgNode
from ...plugins.inventory import Installed
from ...records.events import Told, append_plain
from ...records.keys import EPOCHS, in_custody
from ...records.migrations import AppMigrations, upgrade
from ...records.migrations.joined import JoinedStore
from ...records.migrations.session import Session
from ...records.migrations.upgrade import PATIENCE_SECONDS
from ...records.sealing import HEAD, seal_brought, seal_now
from ...records.store import scope
from ...records.unit_of_work import UnitOfWork, transact
from ..backup_event_types import BACKUP_RESTORED, DISTRICT, BackupRestored, subject_of
from ..custody import custody_of
from ..district import District
from ..exporting import Progress
from ..namespaces import dialect_of, namespace_of, register_models
from ..platform import CORE_MODELS, storages
from .columns import Columns, columns_after, writer
from .contents import ContentsIn
from .fitting import fitting_apps, refuse_ahead, refuse_filled, refuse_tables
from .manifest import Manifest
from .reading import BackupFile, altered


class Restoring:
    """The restoring of one district from one file."""

    def __init__(
        self, configuration: Configuration, installed: Installed, key: str, file: Path, operator: str | None = None
    ) -> None:
        self._configuration, self._installed, self._key, self._file = configuration, installed, key, file
        self._operator = operator
        self._namespace, self._dialect = namespace_of(configuration, key), dialect_of(configuration, key)

    async def carry_out(self, progress: Progress) -> Manifest:
        """Restore; what the backup says of itself. Raises BackupError, and then nothing is written but empty tables.

        The tables are made by the migrations of the backup, contents of files are put in their places, and all rows
        are one transaction: a process that is killed leaves an empty district, and the same may be begun again.
        """
        with BackupFile(self._file) as backup:
            apps = fitting_apps(backup.manifest, self._configuration, self._installed, self._key)
            tables = columns_after(apps, backup.manifest.steps)
            refuse_tables(backup.manifest, tables)
            await self._refuse_here(apps, backup.manifest)
            backup.check(progress)
            await self._migrate(apps, backup.manifest)
            await self._load(backup, tables, progress)
            return backup.manifest

    async def _refuse_here(self, apps: list[AppMigrations], manifest: Manifest) -> None:
        async with self._namespace.reading() as session:
            if session is not None:
                await refuse_ahead(session, apps, manifest.steps)
                await refuse_filled(session)

    async def _migrate(self, apps: list[AppMigrations], manifest: Manifest) -> None:
        with in_custody(custody_of(self._configuration, self._installed, self._key)):
            await upgrade(self._namespace, apps, only=manifest.steps)

    async def _load(self, backup: BackupFile, tables: Mapping[str, Columns], progress: Progress) -> None:
        kept = {label: storage.models for label, storage in storages(self._installed).items()}
        await register_models(self._configuration, {"core": CORE_MODELS, **kept})
        async with self._namespace.migrating(patience=PATIENCE_SECONDS, waiting=None) as session:
            store = JoinedStore(session, self._dialect, self._key)
            settings = self._configuration.districts[self._key]
            district = District(self._key, settings, self._installed, store, self._configuration.data)
            contents = ContentsIn(district, backup, lambda done: progress("contents", done, 0))
            await contents.keep()
            async with session.transaction():
                await session.lock(sorted(tables))
                await refuse_filled(session)
                async with session.unkeyed():
                    await self._fill(session, backup, tables, contents.place, progress)
                await _compare(session, backup.manifest)
                await self._seal(session, store, backup.manifest)

    async def _fill(
        self,
        session: Session,
        backup: BackupFile,
        tables: Mapping[str, Columns],
        place: Callable[[str], str],
        progress: Progress,
    ) -> None:
        for table in tables:
            await session.query(f'DELETE FROM "{table}"')  # noqa: S608  what the migrations left
        for table, columns in tables.items():
            total = backup.manifest.tables[table].rows
            rows = Rows(backup, table, columns, place)
            await session.load(table, list(columns), rows.read(self._dialect, lambda n: progress(table, n, total)))  # noqa: B023

    async def _seal(self, session: Session, store: JoinedStore, manifest: Manifest) -> None:
        """Seal what was committed and not yet sealed in the moment of the backup, where the tables for it are there.

        Then the chain goes on with the event that tells of the restoring.
        """
        if "core_delivery" not in await session.tables():
            return  # made by an older version: a server seals it after the migration
        await (seal_brought if self._dialect == "sqlite" else seal_now)(store)
        await self._tell(store, manifest)
        await seal_now(store)

    async def _tell(self, store: JoinedStore, manifest: Manifest) -> None:
        told = BackupRestored(
            made_at=manifest.made_at,
            district=manifest.district,
            core=manifest.core,
            last_sequence=manifest.last_sequence,
            last_chain=manifest.last_chain,
            operator=self._operator,
        )

        async def append(_unit: UnitOfWork) -> None:
            root = await OrgNode.filter(parent_id=None, valid_to=None).values_list("id", flat=True)
            # plugins are not told: their tables may be of an earlier version
            at: Any = root[0] if root else None
            append_plain(Told(BACKUP_RESTORED, DISTRICT, subject_of(self._key), told, at))

        with scope(store):
            await transact(append)


class Rows:
    """The rows of one table, as the driver takes them."""

    def __init__(self, backup: BackupFile, table: str, columns: Columns, place: Callable[[str], str]) -> None:
        self._backup, self._table, self._columns, self._place = backup, table, columns, place

    async def read(self, dialect: Any, tell: Callable[[int], None]) -> AsyncIterator[tuple[Any, ...]]:
        """Row by row. Raises BackupError for one that no column takes."""
        writers = [(name, writer(field, dialect)) for name, field in self._columns.items()]
        for done, row in enumerate(self._backup.rows(self._table), 1):
            if row.keys() != self._columns.keys():
                raise altered(f"{self._table}.jsonl")
            if self._table == "core_file":
                row["storage"] = self._place(row["storage"])
            try:
                yield tuple([write(row[name]) for name, write in writers])
            except (TypeError, ValueError, KeyError) as error:
                raise altered(f"{self._table}.jsonl") from error
            tell(done)


async def _compare(session: Session, manifest: Manifest) -> None:
    """Raise BackupError where the rows have another end of the chain, or other keys, than the manifest told."""
    head = await session.query(HEAD)
    found = (head[0]["sequence"], head[0]["chain"]) if head else (0, None)
    if found != (manifest.last_sequence, manifest.last_chain):
        raise altered("core_event.jsonl")
    if await session.query(EPOCHS) != [one.model_dump() for one in manifest.keys]:
        raise altered("core_key_epoch.jsonl")

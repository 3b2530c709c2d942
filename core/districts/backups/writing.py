"""Making a backup of one district while others read and write in it. 备份。"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ... import clock
from ...config import Configuration
from ...errors import text
from ...graph.queries import district_root
from ...plugins.inventory import Installed
from ...records.archive import Archive
from ...records.events import append
from ...records.keys import EPOCHS
from ...records.migrations import Applied, AppMigrations, ledger
from ...records.migrations.session import Session
from ...records.sealing import HEAD, seal_now
from ...records.unit_of_work import unit_of_work
from ..backup_event_types import BACKUP_MADE, DISTRICT, BackupMade, subject_of
from ..district import District
from ..exporting import Progress, counted, read_rows
from ..migrating import apps_here
from ..namespaces import namespace_of
from ..table_names import owner_of_prefix
from . import manifest as told
from .columns import Columns, columns_after
from .contents import ContentsOut
from .manifest import BackupError, Manifest


@dataclass(frozen=True)
class Made:
    """What a backup holds, which tables of nobody were left out, and the file's SHA-256."""

    manifest: Manifest
    left_out: tuple[str, ...]
    sha256: str


class Backup:
    """The backup of one district, which is open and entered, to a new file."""

    def __init__(self, configuration: Configuration, installed: Installed, district: District, file: Path) -> None:
        self._configuration, self._installed, self._district, self._file = configuration, installed, district, file

    async def make(self, progress: Progress) -> Made:
        """Write the file, and record that it was made.

        Everything in it is of one moment. Raises FileExistsError, and BackupError where tables stand here of a plugin
        that is not installed: nobody could say what is in them.
        """
        await seal_now(self._district.store)
        apps = await apps_here(self._configuration, self._installed, self._district.key)
        async with namespace_of(self._configuration, self._district.key).reading() as session:
            if session is None:
                raise LookupError(f"{self._district.key} was open, and is gone")
            async with session.snapshot():
                made = await self._write(session, apps, progress)
        try:
            await self._tell(made)
        except BaseException:
            self._file.unlink()
            raise
        return made

    async def _write(self, session: Session, apps: tuple[AppMigrations, ...], progress: Progress) -> Made:
        recorded = await ledger.read(session, apps) or []
        _refuse_unknown(recorded, apps)
        tables = columns_after(apps, [one.step for one in recorded])
        left_out = await self._left_out(session, tables)
        with Archive(self._file) as archive:
            rows = {table: await _add(archive, session, table, tables[table], progress) for table in sorted(tables)}
            counts = {
                table: told.Table(rows=count, bytes=entry.bytes, sha256=entry.sha256)
                for table, count in rows.items()
                for entry in [archive.entries[f"{table}.jsonl"]]
            }
            files = ContentsOut(self._district, session, archive, lambda done: progress("contents", done, 0))
            manifest = await self._manifest(session, recorded, counts, await files.write())
            return Made(manifest, left_out, archive.finish(manifest.model_dump(mode="json")))

    async def _left_out(self, session: Session, tables: Mapping[str, Columns]) -> tuple[str, ...]:
        """The tables that are none of Linli's; SQLite's own are not told of."""
        stored = await session.stored(await session.tables())
        strange = [name for name in stored if name not in tables and name != ledger.TABLE and name[:7] != "sqlite_"]
        owned = [name for name in strange if owner_of_prefix(name, self._installed) is not None]
        if owned:
            raise BackupError("TABLES_DIFFER", text("No migration made the tables {tables}", tables=", ".join(owned)))
        return tuple(strange)

    async def _manifest(
        self, session: Session, recorded: list[Applied], tables: dict[str, told.Table], contents: told.Contents
    ) -> Manifest:
        head, epochs = await session.query(HEAD), await session.query(EPOCHS)
        labels = {one.step.label for one in recorded}
        return Manifest(
            format=told.FORMAT,
            district=self._district.key,
            place=self._district.store.place,
            made_at=clock.now(),
            engine=self._district.store.dialect,
            core=importlib.metadata.version("linli"),
            plugins={it.name: it.version for it in self._installed.values() if it.label in labels},
            plugins_on=sorted(self._district.configuration.plugins),
            heads={one.step.label: one.step.name for one in recorded},
            migrations=[told.Applied(app=it.step.label, name=it.step.name, version=it.version) for it in recorded],
            keys=[told.Key.model_validate(epoch) for epoch in epochs],
            last_sequence=head[0]["sequence"] if head else 0,
            last_chain=head[0]["chain"] if head else None,
            tables=tables,
            contents=contents,
        )

    async def _tell(self, made: Made) -> None:
        payload = BackupMade(
            sha256=made.sha256,
            rows=made.manifest.rows,
            files=made.manifest.contents.files,
            last_sequence=made.manifest.last_sequence,
        )
        subject = subject_of(self._district.key)
        async with unit_of_work():
            root = await district_root()
            await append(BACKUP_MADE, DISTRICT, subject, payload, org_id=None if root is None else root.id)
        await seal_now(self._district.store)


def _refuse_unknown(recorded: list[Applied], apps: tuple[AppMigrations, ...]) -> None:
    unknown = sorted({one.step.label for one in recorded} - {app.label for app in apps})
    if unknown:
        raise BackupError(
            "PLUGIN_UNKNOWN",
            text("Tables stand here of {plugins}, which is not installed: install it", plugins=", ".join(unknown)),
        )


async def _add(archive: Archive, session: Session, table: str, columns: Columns, progress: Progress) -> int:
    [found] = await session.query(f'SELECT count(*) AS rows FROM "{table}"')  # noqa: S608  its own name
    order = next((column for column, field in columns.items() if field.pk), None)
    read = read_rows(session.rows(table, order), columns)
    return await archive.add(table, counted(read, partial(progress, table), int(found["rows"])))

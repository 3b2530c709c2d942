"""A plugin's tables as a file: every row with the values that the models would read. 导出插件数据。"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from tortoise.fields import Field
from tortoise.models import Model

from .. import clock
from ..plugins.inventory import InstalledPlugin
from ..records.archive import Archive
from ..records.migrations import Removal
from ..records.sealing import HEAD

FORMAT = "linli plugin export 1"

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]
"""Told of each table how many of its rows are exported, and of how many."""


class Exporting:
    """The export of one plugin's tables from one district to one file."""

    def __init__(self, key: str, plugin: InstalledPlugin, models: str, file: Path) -> None:
        self._key, self._plugin, self._models, self._file = key, plugin, models, file

    async def write(self, removal: Removal, progress: Progress) -> tuple[dict[str, int], str]:
        """Write the file; the number of rows by table, and the file's SHA-256."""
        with Archive(self._file) as archive:
            rows = {table: await self._add(archive, removal, table, progress) for table in removal.tables}
            return rows, archive.finish(await self._manifest(removal, rows))

    def take_back(self) -> None:
        """Remove the file again, since no table goes."""
        self._file.unlink()

    async def _add(self, archive: Archive, removal: Removal, table: str, progress: Progress) -> int:
        [found] = await removal.session.query(f'SELECT count(*) AS rows FROM "{table}"')  # noqa: S608  its own name
        columns = _columns(self._models, table)
        order = next((column for column, field in columns.items() if field.pk), None)
        read = read_rows(removal.session.rows(table, order), columns)
        return await archive.add(table, counted(read, partial(progress, table), int(found["rows"])))

    async def _manifest(self, removal: Removal, rows: Mapping[str, int]) -> dict[str, Any]:
        head = await removal.session.query(HEAD)
        return {
            "format": FORMAT,
            "district": self._key,
            "plugin": self._plugin.name,
            "version": self._plugin.version,
            "migrations": [step.name for step in reversed(removal.steps)],
            "exported_at": clock.now().isoformat(),
            "last_event_sequence": head[0]["sequence"] if head else 0,
            "rows": dict(rows),
        }


def _columns(models: str, table: str) -> dict[str, Field[Any]]:
    """What the plugin's models say of a table's columns; nothing of a table without a model."""
    for model in vars(import_module(models)).values():
        if isinstance(model, type) and issubclass(model, Model) and model._meta.db_table == table:
            fields = model._meta.fields_map
            return {column: fields[name] for name, column in model._meta.fields_db_projection.items()}
    return {}


async def read_rows(rows: AsyncIterator[Row], columns: Mapping[str, Field[Any]]) -> AsyncIterator[Row]:
    """A table's rows with the values that its columns' fields read, whatever the engine's way to keep them."""
    async for row in rows:
        yield {name: columns[name].to_python_value(value) if name in columns else value for name, value in row.items()}


async def counted(rows: AsyncIterator[Row], tell: Callable[[int, int], None], total: int) -> AsyncIterator[Row]:
    """The same rows, with a word on each that is done."""
    done = 0
    async for row in rows:
        yield row
        done += 1
        tell(done, total)

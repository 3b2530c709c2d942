"""Removing a plugin from a district: its rows are exported, then its tables dropped, in one transaction. 移除插件。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from tortoise.expressions import Q

from ..config import Configuration
from ..errors import RejectedError, text
from ..files.attaching import discard_all
from ..graph.queries import district_root
from ..plugins.inventory import Installed
from ..records.events import append
from ..records.migrations import AppMigrations, Removal, Step, present, uninstall
from ..records.migrations.joined import JoinedStore
from ..records.unit_of_work import unit_of_work
from .district import District
from .exporting import Exporting, Progress
from .migrating import apps_here
from .namespaces import dialect_of, namespace_of, register_models
from .platform import CORE_MODELS, storages
from .plugin_event_types import PLUGIN, PLUGIN_REMOVED, PluginRemoved, RowsRemoved

BY = "linli plugins remove"


@dataclass(frozen=True)
class Removed:
    """What went: the rows of each table, the migrations forgotten, and the SHA-256 of the file that holds the rows."""

    rows: Mapping[str, int]
    steps: tuple[Step, ...]
    sha256: str


class Removing:
    """The removal of one plugin, given by its name, from one district, given by its key."""

    def __init__(self, configuration: Configuration, installed: Installed, key: str, name: str) -> None:
        self._configuration, self._installed, self._key = configuration, installed, key
        self._plugin = installed[name]
        self._stored = storages(installed)
        self._namespace = namespace_of(configuration, key)

    async def rows(self) -> dict[str, int]:
        """How many rows each of the plugin's tables has; empty where it has no tables. Changes nothing."""
        if self._plugin.label not in self._stored:
            return {}
        return await present(self._namespace, await self._apps(), self._plugin.label)

    async def carry_out(self, file: Path, progress: Progress) -> Removed:
        """Export the rows to `file` and drop the tables; all of it happens, or no table goes.

        Raises RejectedError while the plugin is on or another's tables need it, FileExistsError for a file that is
        there. A process that dies after the export leaves the file and every table.
        """
        self._refuse_on()
        apps = await self._apps()
        self._refuse_needed(apps)
        models = {label: storage.models for label, storage in self._stored.items()}
        await register_models(self._configuration, {"core": CORE_MODELS, **models})
        exporting = Exporting(self._key, self._plugin, models[self._plugin.label], file)
        done: list[Removed] = []

        async def before(removal: Removal) -> None:
            rows, sha256 = await exporting.write(removal, progress)
            done.append(Removed(rows, removal.steps, sha256))
            try:
                await self._tell(removal, done[0])
            except BaseException:
                exporting.take_back()
                raise

        await uninstall(self._namespace, apps, self._plugin.label, before=before)
        return done[0] if done else Removed({}, (), "")

    async def _apps(self) -> tuple[AppMigrations, ...]:
        """Core, the plugin, and every plugin whose tables are there, with what they depend on."""
        return await apps_here(self._configuration, self._installed, self._key, [self._plugin.name])

    def _refuse_on(self) -> None:
        if self._plugin.name in self._configuration.districts[self._key].plugins:
            told = text("{plugin} is on in district {key}; turn it off first", plugin=self._plugin.name, key=self._key)
            raise RejectedError(told, code="PLUGIN_ON")

    def _refuse_needed(self, apps: tuple[AppMigrations, ...]) -> None:
        here = {app.label for app in apps}
        dependents = self._installed.dependents(self._plugin.name)
        needing = [other for other in dependents if self._installed[other].label in here]
        if needing:
            told = text(
                "{plugin} is needed by {others}, which has tables here; remove that first",
                plugin=self._plugin.name,
                others=", ".join(needing),
            )
            raise RejectedError(told, code="PLUGIN_NEEDED", details={"neededBy": needing})

    async def _tell(self, removal: Removal, done: Removed) -> None:
        """The event, shown to the plugins that are on as every other."""
        store = JoinedStore(removal.session, dialect_of(self._configuration, self._key), self._key)
        district = District(
            self._key, self._configuration.districts[self._key], self._installed, store, self._configuration.data
        )
        payload = PluginRemoved(
            plugin=self._plugin.name,
            version=self._plugin.version,
            by=BY,
            tables=[RowsRemoved(table=table, rows=count) for table, count in done.rows.items()],
            migrations=[step.name for step in reversed(done.steps)],
            export_sha256=done.sha256,
        )
        subject = uuid5(NAMESPACE_URL, f"linli:plugin:{self._plugin.name}")
        with district.scope():
            async with unit_of_work():
                await discard_all(district, Q(purpose__startswith=f"{self._plugin.label}."), "PLUGIN_REMOVED")
                root = await district_root()
                await append(PLUGIN_REMOVED, PLUGIN, subject, payload, org_id=None if root is None else root.id)

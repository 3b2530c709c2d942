"""Dropping a plugin's tables, which nothing else does. 卸载插件的数据表。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from ...errors import text
from . import ledger
from .apps import CORE, AppMigrations, named, reachable
from .errors import MigrationRefusedError, PluginNeededError
from .history import History, Step, load
from .ledger import Applied
from .namespaces import Namespace
from .operations import RunDialectSQL
from .session import Session, Waiting
from .upgrade import PATIENCE_SECONDS, Progress, silent


@dataclass(frozen=True)
class Removal:
    """What is about to go: the tables that keep rows, and the migrations, newest first; in the session's transaction."""

    session: Session
    tables: tuple[str, ...]
    steps: tuple[Step, ...]


Before = Callable[[Removal], Awaitable[None]]


async def uninstall(
    namespace: Namespace,
    apps: Iterable[AppMigrations],
    label: str,
    *,
    before: Before | None = None,
    progress: Progress | None = None,
    waiting: Waiting | None = None,
    patience: float = PATIENCE_SECONDS,
) -> list[Step]:
    """Drop all tables of one plugin and forget its migrations, in one transaction; return what was forgotten.

    `apps` are the apps that are on, and the plugin itself whether it is on or not. The reverse statements of its
    RunDialectSQL are run first, newest first; then every table named `<label>_...` goes. `before` is awaited in that
    transaction while nobody else can write to the tables, unless there is nothing to remove; what it raises undoes
    everything. Raises PluginNeededError when another of `apps` depends on it or a key of any other table points at it; core is never removed.
    """
    history = load(apps)
    app = named(history.apps, label)
    _refuse_needed(history, label)
    async with namespace.reading() as exists:
        if exists is None:
            return []
    async with namespace.migrating(patience=patience, waiting=waiting) as session:
        recorded = await ledger.read(session, history.apps) or []
        steps = [one.step for one in reversed(recorded) if one.step.label == label]
        tables = _owned(app, await session.tables(), recorded, history)
        await _refuse_referred(session, label, tables)
        _tell(progress, steps, "start")
        async with session.transaction():
            await _prepare(session, tables, steps, before)
            for step in steps:
                await _undo(session, history, step)
            await session.drop(tables)
            if steps:
                await ledger.remove(session, label)
    _tell(progress, steps, "done")
    return steps


async def _prepare(session: Session, tables: list[str], steps: list[Step], before: Before | None) -> None:
    await session.lock(tables)
    if before is not None and (tables or steps):
        await before(Removal(session, tuple(await session.stored(tables)), tuple(steps)))


async def present(namespace: Namespace, apps: Iterable[AppMigrations], label: str) -> dict[str, int]:
    """How many rows each of a plugin's tables has here; empty where it has no tables. Creates nothing."""
    history = load(apps)
    app = named(history.apps, label)
    async with namespace.reading() as session:
        if session is None:
            return {}
        recorded = await ledger.read(session, history.apps) or []
        tables = await session.stored(_owned(app, await session.tables(), recorded, history))
        return {table: await _count(session, table) for table in tables}


async def _count(session: Session, table: str) -> int:
    [row] = await session.query(f'SELECT count(*) AS rows FROM "{table}"')  # noqa: S608  a table's own name
    return int(row["rows"])


def _refuse_needed(history: History, label: str) -> None:
    if label == CORE:
        raise MigrationRefusedError(text("The tables of core cannot be removed"))
    needing = [other for other, labels in reachable(history.apps).items() if label in labels]
    if needing:
        raise PluginNeededError(
            text("{label} is needed by {others}; turn that off first", label=label, others=", ".join(needing)),
            details={"neededBy": needing},
        )


async def _refuse_referred(session: Session, label: str, tables: list[str]) -> None:
    referring = await session.referring(tables)
    if referring:
        raise PluginNeededError(
            text(
                "Rows of {tables} point at {label}; remove that plugin first", label=label, tables=", ".join(referring)
            ),
            details={"neededBy": referring},
        )


def _owned(app: AppMigrations, tables: list[str], recorded: list[Applied], history: History) -> list[str]:
    """The app's tables; `venues_extra_thing` belongs to `venues_extra` where that is known, not to `venues`."""
    known = {one.step.label for one in recorded} | {other.label for other in history.apps}
    longer = [label for label in known if app.owns(label)]
    return [table for table in tables if app.owns(table) and not any(table.startswith(f"{label}_") for label in longer)]


async def _undo(session: Session, history: History, step: Step) -> None:
    migration = history.migrations.get(step)
    editor = session.editor()
    for operation in reversed(migration.operations if migration else ()):
        if isinstance(operation, RunDialectSQL):
            for statement in operation.reverse[editor.DIALECT]:
                await editor._run_sql(statement)


def _tell(progress: Progress | None, steps: list[Step], event: str) -> None:
    for step in steps:
        (progress or silent)(step, event)

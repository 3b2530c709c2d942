"""Bringing a namespace up to date. 执行迁移。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tortoise.migrations.schema_generator.state import State

from . import ledger
from .apps import AppMigrations
from .history import History, Step, load
from .namespaces import Namespace
from .session import Session, Waiting
from .standing import due
from .states import apply, project

Progress = Callable[[Step, str], None]
PATIENCE_SECONDS = 60.0


async def upgrade(
    namespace: Namespace,
    apps: Iterable[AppMigrations],
    *,
    only: Sequence[Step] | None = None,
    progress: Progress | None = None,
    waiting: Waiting | None = None,
    patience: float = PATIENCE_SECONDS,
) -> list[Step]:
    """Apply what is missing, each migration and its record in one transaction; return what was applied.

    `apps` are all apps that are on; tables and records of the others stay as they are. With `only` these alone are
    applied, in the order given, which is one in which they were applied before. `progress` is called with
    "start" and "done"; `waiting` with a sentence when another migrator is at work, for which `patience` seconds
    are waited. A failing migration leaves the namespace as the one before it did. Raises MigrationLockedError,
    MigrationRefusedError, BadMigrationError, UnreadableNamespaceError, and what the database says.
    """
    history = load(apps)
    async with namespace.migrating(patience=patience, waiting=waiting) as session:
        recorded = await ledger.read(session, history.apps)
        missing = due(history, recorded)
        steps = missing if only is None else [step for step in only if step in missing]
        if not steps:
            return []
        # in the order in which it really happened, which is the only one that is known to work
        state = project(history, (one.step for one in recorded or () if one.step in history.migrations))
        for step in steps:
            first = recorded is None and step == steps[0]
            await _apply(session, history, step, state, first=first, progress=progress)
    return steps


async def _apply(
    session: Session, history: History, step: Step, state: State, *, first: bool, progress: Progress | None
) -> None:
    tell = progress or silent
    version = next(app.version for app in history.apps if app.label == step.label)
    tell(step, "start")
    async with session.transaction():
        if first:
            await ledger.create(session)
        await apply(step, history.migrations[step], state, session.editor())
        await ledger.add(session, step, version)
    tell(step, "done")


def silent(step: Step, event: str) -> None:
    """Nobody wants to know."""

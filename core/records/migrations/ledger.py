"""The record of what was applied: `core_migration`, in every district's own namespace and nowhere else. 迁移记录。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ...clock import now
from ...errors import text
from .apps import AppMigrations
from .errors import MigrationRefusedError, UnreadableNamespaceError
from .history import Step
from .session import Session

TABLE = "core_migration"


@dataclass(frozen=True)
class Applied:
    """One recorded migration; `position` counts up in the order of application, `version` is its package's."""

    step: Step
    version: str | None
    applied_at: datetime
    position: int


async def read(session: Session, apps: Iterable[AppMigrations]) -> list[Applied] | None:
    """What was applied, in order; None when nothing ever was.

    Raises UnreadableNamespaceError when the database will not say, and MigrationRefusedError when tables of the
    apps stand there without a record.
    """
    try:
        tables = await session.tables()
        if TABLE in tables:
            rows = await session.query(f"SELECT * FROM {TABLE} ORDER BY position")  # noqa: S608
            return [_applied(row) for row in rows]
    except session.driver_errors as error:
        raise UnreadableNamespaceError(f"{TABLE} cannot be read: {error}") from error
    stray = [table for table in tables if any(app.owns(table) for app in apps)]
    if stray:
        raise MigrationRefusedError(
            text(
                "There is no record of migrations ({record}) beside the tables {tables}: is this the right database?",
                record=TABLE,
                tables=", ".join(stray),
            )
        )
    return None


async def create(session: Session) -> None:
    """Make the table, inside the first migration's transaction."""
    await session.query(
        f"CREATE TABLE {TABLE} (app TEXT NOT NULL, name TEXT NOT NULL, version TEXT,"
        f" applied_at {session.instant_type} NOT NULL, position BIGINT NOT NULL UNIQUE, PRIMARY KEY (app, name))"
    )


async def add(session: Session, step: Step, version: str | None) -> None:
    """Record a migration, inside its transaction."""
    await session.query(
        f"INSERT INTO {TABLE} (app, name, version, applied_at, position)"  # noqa: S608
        f" VALUES (?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM {TABLE}))",
        step.label,
        step.name,
        version,
        session.instant(now()),
    )


async def remove(session: Session, label: str) -> None:
    """Forget every migration of an app, in the transaction that drops its tables."""
    await session.query(f"DELETE FROM {TABLE} WHERE app = ?", label)  # noqa: S608


def _applied(row: dict[str, object]) -> Applied:
    at = row["applied_at"]
    instant = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    version = row["version"]
    return Applied(
        Step(str(row["app"]), str(row["name"])),
        None if version is None else str(version),
        instant.astimezone(UTC),
        int(str(row["position"])),
    )

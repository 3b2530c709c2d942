"""What a namespace has and what it lacks. 命名空间的迁移状况。"""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import text
from . import ledger
from .apps import AppMigrations
from .errors import MigrationRefusedError
from .history import History, Step, load
from .ledger import Applied
from .namespaces import Namespace


async def applied(namespace: Namespace, apps: Iterable[AppMigrations]) -> list[Applied] | None:
    """What was applied here, in order; None when nothing ever was (no file, no schema, or an empty one).

    Creates nothing. Raises UnreadableNamespaceError when the database will not say.
    """
    async with namespace.reading() as session:
        return await ledger.read(session, apps) if session else None


async def behind(namespace: Namespace, apps: Iterable[AppMigrations]) -> list[Step]:
    """The migrations that are missing here; empty when the district may be served.

    A namespace that is ahead, as during a rolling upgrade, is not behind. Creates nothing; raises
    UnreadableNamespaceError when the database will not say.
    """
    history = load(apps)
    return history.missing(_steps(await applied(namespace, history.apps)))


async def ahead(namespace: Namespace, apps: Iterable[AppMigrations]) -> list[Step]:
    """The migrations recorded here that the installed packages do not ship: they are older than the database."""
    history = load(apps)
    return history.unknown(_steps(await applied(namespace, history.apps)))


async def plan(namespace: Namespace, apps: Iterable[AppMigrations]) -> list[Step]:
    """What `upgrade` would apply, in order; MigrationRefusedError where it would refuse. Creates nothing."""
    history = load(apps)
    return due(history, await applied(namespace, history.apps))


def due(history: History, recorded: Iterable[Applied] | None) -> list[Step]:
    """What is to be applied after these; MigrationRefusedError when they do not fit the installed packages."""
    done = _steps(recorded)
    unknown = history.unknown(done)
    if unknown:
        raise MigrationRefusedError(
            text("The database is newer than what is installed: it has {steps}", steps=_listed(unknown))
        )
    skipped = history.out_of_order(done)
    if skipped:
        step, parent = skipped[0]
        raise MigrationRefusedError(
            text("{step} was applied, but {parent}, which it depends on, was not", step=step, parent=parent)
        )
    return history.missing(done)


def _steps(recorded: Iterable[Applied] | None) -> list[Step]:
    return [one.step for one in recorded or ()]


def _listed(steps: Iterable[Step]) -> str:
    return ", ".join(str(step) for step in steps)

"""A migrator as a process: `migrator.py sqlite PATH | postgres URL SCHEMA -- ROOT:LABEL ...`.

Prints `ready`, then each step that it applied.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from linli.core.records.migrations import AppMigrations, Namespace, PostgresNamespace, SqliteNamespace, Step, upgrade


def app(named: str) -> AppMigrations:
    """The app of `ROOT:LABEL`."""
    root, _, label = named.partition(":")
    depends_on = {"volunteer_points": ("venues",)}.get(label, ())
    return AppMigrations(label, f"{root}.{label}.models", f"{root}.{label}.migrations", depends_on)


def tell(step: Step, event: str) -> None:
    """Print each step when it is done."""
    if event == "done":
        print(step, flush=True)


async def main(arguments: list[str]) -> None:
    """Upgrade one namespace."""
    place, apps = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    namespace: Namespace = (
        SqliteNamespace(Path(place[1])) if place[0] == "sqlite" else PostgresNamespace(place[1], place[2])
    )
    print("ready", flush=True)
    await upgrade(
        namespace,
        [app(named) for named in apps],
        progress=tell,
        waiting=lambda message: print(f"waiting: {message}", flush=True),
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

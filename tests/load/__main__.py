"""`python -m tests.load [TABLE ...] [--short]`: the tables, as they are measured."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator

from linli.core.clock import monotonic

from . import (
    backups,
    bookings,
    executors,
    files,
    grants,
    imports,
    ledgers,
    logins,
    mutations,
    outlines,
    pages,
    path,
    reactions,
    recording,
    recovery,
    search,
    sheets,
    start,
    subscribers,
    watching,
)
from .engines import say
from .peers import beside
from .sizes import FULL, SHORT, Size
from .tables import Table

TABLES: dict[str, Callable[[Size], Iterator[Table]]] = {
    "bookings": bookings.measure,
    "executors": executors.measure,
    "imports": imports.measure,
    "pages": pages.measure,
    "start": start.measure,
    "mutations": mutations.measure,
    "recording": recording.measure,
    "path": path.measure,
    "grants": grants.measure,
    "logins": logins.measure,
    "files": files.measure,
    "outlines": outlines.measure,
    "search": search.measure,
    "reactions": reactions.measure,
    "recovery": recovery.measure,
    "ledgers": ledgers.measure,
    "sheets": sheets.measure,
    "backup": backups.measure,
    "watching": watching.measure,
    "subscribers": subscribers.measure,
    "queries": beside.measure,
}


def main() -> int:
    """Print the tables that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"any of {', '.join(TABLES)}; all where none is")
    parser.add_argument("--short", action="store_true", help="little of everything: whether it works, not how fast")
    options = parser.parse_args()
    unknown = sorted(set(options.tables) - set(TABLES))
    if unknown:
        parser.error(f"there is no table {', '.join(unknown)}; there are: {', '.join(TABLES)}")
    began = monotonic()
    _print(_machine())
    for name, measure in TABLES.items():
        for table in measure(SHORT if options.short else FULL) if name in (options.tables or TABLES) else ():
            _print(*table.lines())
    say(f"measured in {monotonic() - began:.0f} s")
    return 0


def _machine() -> str:
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    busy = f"{os.getloadavg()[0]:.1f} processes busy before"
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, {versions}; {busy}.\n"


def _print(*lines: str) -> None:
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())

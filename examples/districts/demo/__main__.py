"""`python -m examples.districts.demo CONFIG TOKENS`: relations, people and accounts for the districts in CONFIG.

TOKENS is a JSON file, `{district: {account: token}}`; accounts that it lacks get a token, and it is written anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import datetime
from pathlib import Path

from linli.core import clock
from linli.core.config import Configuration, load
from linli.core.districts import District, open_platform
from linli.core.plugins.discovery import installed
from linli.core.plugins.inventory import Installed

from .contents import CONTENTS
from .rows import read
from .seeding import seed

STARTS = datetime.fromisoformat("2026-03-09T08:00:00+08:00")
"""When the demonstration plays: on a Monday without holidays near."""

DISTRICTS = Path(__file__).parent.parent


async def _seed_all(configuration: Configuration, plugins: Installed, known: dict[str, dict[str, str]]) -> None:
    async with open_platform(configuration, plugins) as platform:
        for key, contents in CONTENTS.items():
            divisions = read(DISTRICTS / key / "divisions.csv")
            district = platform.districts[key]
            with district.scope():
                known[key] = await seed(district, contents(divisions), known.get(key, {}))
                await _add_of_plugins(district)


async def _add_of_plugins(district: District) -> None:
    """What plugins that are on contribute to a demonstration; the first failure stops it."""
    for outcome in await district.hooks.outcomes("linli_demo", district=district):
        if outcome.failure is not None:
            raise outcome.failure


def main(config: Path, tokens: Path) -> None:
    """Seed all districts of the demonstration and keep their tokens."""
    clock.use(clock.Clock(STARTS))
    plugins = installed()
    known = json.loads(tokens.read_text()) if tokens.exists() else {}
    asyncio.run(_seed_all(load(config, plugins), plugins, known))
    with open(os.open(tokens, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(known, file, indent=2)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

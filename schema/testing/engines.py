"""Where test districts are kept: a file per test on SQLite, a schema per test on PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from linli.core.config import Configuration
from linli.core.crypto.masters import SECRET_BYTES
from linli.core.districts.migrating import migrate
from linli.core.plugins.inventory import Installed

VARIABLE = "LINLI_TEST_POSTGRES"
DEFAULT = "postgres://postgres@127.0.0.1:5432/postgres"
_templates: dict[tuple[str, ...], Path] = {}


@cache
def postgres_url() -> str | None:
    """The PostgreSQL server to test on: the one that LINLI_TEST_POSTGRES names, else a local one that answers."""
    named = os.environ.get(VARIABLE)
    return named or (DEFAULT if asyncio.run(_answers(DEFAULT)) else None)


async def _answers(url: str) -> bool:
    try:
        import asyncpg  # noqa: PLC0415  an extra

        connection = await asyncpg.connect(url.replace("postgres://", "postgresql://", 1), timeout=2)
    except (ImportError, OSError, TimeoutError):
        return False
    await connection.close()
    return True


def keep_master_key(folder: Path) -> None:
    """Lay the tests' master key beside linli.toml: always the same, since databases are copied."""
    file = folder / "linli.keys"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"k1={base64.urlsafe_b64encode(bytes(SECRET_BYTES)).decode()}\n", "utf-8")


async def prepare(configuration: Configuration, installed: Installed, key: str, plugins: Sequence[str]) -> None:
    """Make the tables of a test district; a SQLite file is copied from one made before for the same plugins."""
    keep_master_key(configuration.folder)
    file = configuration.database_of(key).file
    if file is None:
        await migrate(configuration, installed, key)
        return
    chosen = (*sorted(plugins), configuration.districts[key].settings.core.at().crypto_suite)
    if chosen not in _templates:
        await migrate(configuration, installed, key)
        _templates[chosen] = file.with_suffix(".template")
        shutil.copy(file, _templates[chosen])
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_templates[chosen], file)


async def drop(url: str, schema: str) -> None:
    """Remove what a test left on PostgreSQL."""
    import asyncpg  # noqa: PLC0415  an extra

    connection = await asyncpg.connect(url.replace("postgres://", "postgresql://", 1))
    try:
        await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    finally:
        await connection.close()

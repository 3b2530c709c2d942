"""Where test districts are kept: a file per test on SQLite, a schema per test on PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from linli.core.config import Configuration
from linli.core.crypto.masters import SECRET_BYTES
from linli.core.districts.migrating import migrate
from linli.core.districts.namespaces import schema_of
from linli.core.plugins.inventory import Installed

from . import postgres_reuse, postgres_template

VARIABLE = "LINLI_TEST_POSTGRES"
DEFAULT = "postgres://postgres@127.0.0.1:5432/postgres"
DROP = 'DROP SCHEMA IF EXISTS "{}" CASCADE'


@dataclass(frozen=True)
class Made:
    """A schema on PostgreSQL as a test was given it: where, for which plugins, and the digest of its definitions."""

    url: str
    chosen: tuple[str, ...]
    digest: str | None


_templates: dict[tuple[str, ...], Path] = {}
_scripts: dict[tuple[str, ...], str | None] = {}
_made: dict[str, Made] = {}
_left: dict[str, Made] = {}


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
    """Make the tables of a test district, migrated once for the same plugins and copied from then on."""
    keep_master_key(configuration.folder)
    file = configuration.database_of(key).file
    chosen = (*sorted(plugins), configuration.districts[key].settings.core.at().crypto_suite)
    if file is None:
        await _prepare_schema(configuration, installed, key, chosen)
        return
    if chosen not in _templates:
        await migrate(configuration, installed, key)
        _templates[chosen] = file.with_suffix(".template")
        shutil.copy(file, _templates[chosen])
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_templates[chosen], file)


async def _prepare_schema(
    configuration: Configuration, installed: Installed, key: str, chosen: tuple[str, ...]
) -> None:
    url, schema = configuration.database_of(key).url, schema_of(key)
    if chosen not in _scripts:
        await migrate(configuration, installed, key)
        async with _connected(url) as connection:
            script = await postgres_template.script_of(connection, schema)
            _scripts[chosen] = script
            if script is not None:
                _made[schema] = Made(url, chosen, await postgres_reuse.definitions(connection, schema))
        return
    script = _scripts[chosen]
    if script is None:
        await migrate(configuration, installed, key)
        return
    async with _connected(url) as connection:
        digest = await _from_left(connection, chosen, script, schema)
        if digest is None:
            await postgres_template.run(connection, script, schema)
            digest = await postgres_reuse.definitions(connection, schema)
    _made[schema] = Made(url, chosen, digest)


async def make_of(url: str, schema: str, tables: str) -> None:
    """Make a schema of statements alone, without migrating, or take over one that a test left that was made of them.

    They may create no sequences: one that is taken over would go on counting. A test `leave`s it as any other.
    """
    async with _connected(url) as connection:
        digest = await _from_left(connection, (tables,), "", schema)
        if digest is None:
            await connection.execute(f'CREATE SCHEMA "{schema}"; SET search_path TO "{schema}"; {tables}')
            digest = await postgres_reuse.definitions(connection, schema)
    _made[schema] = Made(url, (tables,), digest)


async def _from_left(connection: Any, chosen: tuple[str, ...], script: str, schema: str) -> str | None:
    """Take over a schema that a test left; the digest of its definitions, None where there is none to take."""
    for left, made in list(_left.items()):
        if made.chosen != chosen or made.digest is None:
            continue
        del _left[left]
        if await postgres_reuse.take_over(connection, left, made.digest, script, schema):
            return made.digest
        await connection.execute(DROP.format(left))
    return None


async def leave(url: str, schema: str) -> None:
    """A test needs its schema no more: another may have it, else it is removed."""
    made = _made.pop(schema, None)
    if made is None or made.digest is None:
        await drop(url, schema)
    else:
        _left[schema] = made


async def drop_left() -> None:
    """Remove what was left for a test that never came."""
    while _left:
        schema, made = _left.popitem()
        await drop(made.url, schema)


async def drop(url: str, schema: str) -> None:
    """Remove what a test left on PostgreSQL."""
    async with _connected(url) as connection:
        await connection.execute(DROP.format(schema))


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Any]:
    import asyncpg  # noqa: PLC0415  an extra

    connection = await asyncpg.connect(url.replace("postgres://", "postgresql://", 1))
    try:
        yield connection
    finally:
        await connection.close()

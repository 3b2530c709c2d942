"""Configured districts for tests of commands, and what stands in their databases."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import asyncpg
import pytest
from typer.testing import Result

T = TypeVar("T")
Linli = Callable[..., Result]
Maker = Callable[..., ModuleType]
STATED = os.environ.get("LINLI_TEST_POSTGRES")
POSTGRES = STATED or "postgres://postgres@127.0.0.1:5432/test"


@dataclass
class Project:
    """A folder with a linli.toml for these districts."""

    folder: Path
    url: str
    keys: tuple[str, ...]

    @property
    def config(self) -> Path:
        return self.folder / "linli.toml"

    @property
    def key(self) -> str:
        return self.keys[0]

    def write(self, more: str = "", *, plugins: str = "[]") -> Project:
        """Write linli.toml; `more` is added at its end."""
        districts = [
            f'[districts.{key}]\nname = "岳阳市岳阳楼区"\ncode = "430602000000"\nlisted = true\nplugins = {plugins}\n'
            for key in self.keys
        ]
        text = "\n".join([f'[database]\nurl = "{self.url}"\n', *districts, more])
        self.config.write_text(text, encoding="utf-8")
        return self

    def file(self, key: str | None = None) -> Path:
        """A district's file on SQLite."""
        return self.folder / "data" / f"{key or self.key}.sqlite3"

    def query(self, sql: str, key: str | None = None) -> list[tuple[Any, ...]]:
        """Rows of a district's database."""
        if self.url.startswith("postgres"):
            return aside(_fetch(self.url, f"d_{key or self.key}", sql))
        connection = sqlite3.connect(self.file(key))
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def change(self, sql: str) -> None:
        """Run statements on a district's database, as another process would."""
        if self.url.startswith("postgres"):
            aside(_execute(self.url, f"d_{self.key}", sql))
            return
        connection = sqlite3.connect(self.file())
        try:
            connection.executescript(sql)
        finally:
            connection.close()

    def exists(self, key: str | None = None) -> bool:
        """Whether anything of a district is stored."""
        if self.url.startswith("postgres"):
            [(found,)] = aside(_fetch(self.url, "public", f"SELECT to_regnamespace('d_{key or self.key}') IS NOT NULL"))
            return bool(found)
        return self.file(key).exists()

    def drop(self) -> None:
        """Remove the districts' schemas."""
        for key in self.keys:
            aside(_fetch(self.url, "public", f'DROP SCHEMA IF EXISTS "d_{key}" CASCADE'))


def aside(work: Coroutine[Any, Any, T]) -> T:
    """Run something asynchronous beside the loop that a test may have."""
    with ThreadPoolExecutor() as thread:
        return thread.submit(asyncio.run, work).result()


def postgres_answers() -> str:
    """The URL of the PostgreSQL to test on; skips where there is none."""
    try:
        aside(_fetch(POSTGRES, "public", "SELECT 1"))
    except OSError as error:
        if STATED:
            raise
        pytest.skip(f"NOT TESTED ON POSTGRESQL: LINLI_TEST_POSTGRES is unset and {POSTGRES} does not answer ({error})")
    return POSTGRES


async def _fetch(url: str, schema: str, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'SET search_path TO "{schema}"')
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def _execute(url: str, schema: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'SET search_path TO "{schema}"; {sql}')
    finally:
        await connection.close()

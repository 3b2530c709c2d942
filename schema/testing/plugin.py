"""The fixtures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import tomlkit
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from linli.core import clock as clocks
from linli.core.access import passwords
from linli.core.clock import FrozenClock
from linli.core.config import load
from linli.core.districts import District, Platform, open_platform
from linli.core.districts.migrating import ensure_root
from linli.core.districts.names import settle_names
from linli.core.districts.namespaces import schema_of
from linli.core.jobs.runner import Runner
from linli.core.plugins.discovery import installed as find_plugins
from linli.core.plugins.inventory import Installed
from linli.core.records.events import sealed_events
from linli.core.records.models import Event
from linli.core.records.sealing import seal_now
from linli.core.records.store import Dialect

from ..compiled.running import Compiler
from ..http.application import application
from .clients import Clients, clients
from .engines import drop_left, leave, postgres_url, prepare
from .schemas import composed_once
from .trees import Tree, plant

MONDAY = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "linli(plugins=[..], settings={..}, listed=bool): what the test's district turns on"
    )
    dear, passwords._hasher = passwords._hasher, cheap_hasher
    config.add_cleanup(lambda: setattr(passwords, "_hasher", dear))


def pytest_unconfigure() -> None:
    with suppress(OSError):  # the server may be gone before the tests are, and its schemas with it
        asyncio.run(drop_left())


@cache
def cheap_hasher() -> PasswordHash:
    """Hashes of passwords that cost little, in this process alone: no configuration leads here."""
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a module's tests on one engine, then those on the other: each change registers all models anew."""
    modules: dict[Path, int] = {}
    items.sort(key=lambda item: (modules.setdefault(item.path, len(modules)), _is_on_postgres(item)))


def _is_on_postgres(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    return called is not None and "postgres" in called.params.values()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Dialect:
    """The database engine; a test that asks for a district runs once on each."""
    if request.param == "postgres" and postgres_url() is None:
        pytest.skip("NO POSTGRESQL: set LINLI_TEST_POSTGRES to run this on PostgreSQL too")
    dialect: Dialect = request.param
    return dialect


@pytest.fixture
def clock() -> Iterator[FrozenClock]:
    """A clock that stands still until the test moves it."""
    frozen = FrozenClock(MONDAY)
    before = clocks.use(frozen)
    yield frozen
    clocks.use(before)


@cache
def _installed() -> Installed:
    found = find_plugins()
    settle_names(found)
    return found


@dataclass(frozen=True)
class Chosen:
    """What a test's marker asks for."""

    plugins: tuple[str, ...] = ()
    settings: dict[str, dict[str, Any]] | None = None
    listed: bool = False


def _chosen(request: pytest.FixtureRequest) -> Chosen:
    marker = request.node.get_closest_marker("linli")
    given = {} if marker is None else dict(marker.kwargs)
    return Chosen(**{**given, "plugins": tuple(given.get("plugins", ()))})


def _toml(key: str, url: str, chosen: Chosen) -> str:
    district = {
        "name": "岳阳市岳阳楼区",
        "code": "430602000000",
        "plugins": list(chosen.plugins),
        "listed": chosen.listed,
        "settings": chosen.settings or {},
    }
    return tomlkit.dumps({"database": {"url": url}, "districts": {key: district}})


@pytest.fixture
async def platform(
    request: pytest.FixtureRequest, engine: Dialect, tmp_path: Path, clock: FrozenClock
) -> AsyncIterator[Platform]:
    """A platform with one district, migrated."""
    chosen, key = _chosen(request), f"t{uuid4().hex[:16]}"
    url = f"sqlite://{tmp_path}/{{district}}.sqlite3" if engine == "sqlite" else str(postgres_url())
    file = tmp_path / "linli.toml"
    file.write_text(_toml(key, url, chosen), "utf-8")
    configuration = load(file, _installed())
    await prepare(configuration, _installed(), key, chosen.plugins)
    async with open_platform(configuration, _installed()) as opened:
        yield opened
    if engine == "postgres":
        await leave(url, schema_of(key))


@pytest.fixture
async def district(platform: Platform) -> District:
    """The platform's district, with its root."""
    (only,) = platform.districts.values()
    await ensure_root(only)
    return only


@pytest.fixture
async def tree(district: District) -> Tree:
    """A small organisation tree in the district."""
    root = await ensure_root(district)
    with district.scope():
        return await plant(district, root)


@pytest.fixture
async def client(district: District, platform: Platform) -> AsyncIterator[Clients]:
    """Makes clients that speak HTTP to the district."""
    async with clients(district, application(platform, composer=composed_once)) as made:
        yield made


@pytest.fixture
async def runner(district: District) -> AsyncIterator[Runner]:
    """Carries out jobs behind, as a server does."""
    made = Runner(district)
    made.start()
    yield made
    await made.stop()


@pytest.fixture
def events(district: District) -> Callable[[], Awaitable[list[Event]]]:
    """Seals what was committed and answers all events so far, in order."""

    async def so_far() -> list[Event]:
        await seal_now(district.store)
        with district.scope():
            return list(await sealed_events())

    return so_far


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch, district: District) -> Callable[[], AbstractContextManager[list[str]]]:
    """Counts the statements sent to the database while it is open."""
    reader: Any = type(district.store.reader)

    @contextmanager
    def counting() -> Iterator[list[str]]:
        sent: list[str] = []
        original, whole = reader.execute_query, reader.fetch_value

        async def counted(self: Any, query: str, values: Any = None) -> Any:
            sent.append(query)
            return await original(self, query, values)

        async def counted_whole(self: Any, query: str, values: Any) -> Any:
            sent.append(query)
            return await whole(self, query, values)

        with monkeypatch.context() as patch:
            patch.setattr(reader, "execute_query", counted)
            patch.setattr(reader, "fetch_value", counted_whole)
            yield sent

    return counting


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is answered resolver by resolver: for tests of what these send."""

    async def leave(*_: Any) -> None:
        return None

    monkeypatch.setattr(Compiler, "answer", leave)

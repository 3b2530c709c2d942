"""Districts made for a measurement: a linli.toml in a folder of its own, migrated, and taken away in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import uuid4

import tomlkit

from linli.core.config import load
from linli.core.districts import District, open_platform
from linli.core.districts.migrating import ensure_root, migrate
from linli.core.districts.namespaces import schema_of
from linli.core.plugins.discovery import installed
from linli.schema.testing.engines import drop

from .engines import Engine

T = TypeVar("T")

CODE = "430602000000"


@dataclass(frozen=True)
class Deployment:
    """Districts of one engine; `keys` tells by what name this page knows them and which key they have."""

    engine: Engine
    folder: Path
    keys: Mapping[str, str]

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "linli.toml"

    def file(self, name: str) -> Path:
        """A district's file on SQLite."""
        return self.folder / "data" / f"{self.keys[name]}.sqlite3"

    def schema(self, name: str) -> str:
        """A district's schema on PostgreSQL."""
        return schema_of(self.keys[name])

    async def inside(self, name: str, work: Callable[[District], Awaitable[T]]) -> T:
        """Do something in a district's scope, in this process."""
        plugins = installed()
        async with open_platform(load(self.config, plugins), plugins, [self.keys[name]]) as platform:
            district = platform.districts[self.keys[name]]
            with district.scope():
                return await work(district)


@contextmanager
def deployed(engine: Engine, districts: Mapping[str, Sequence[str]]) -> Iterator[Deployment]:
    """Districts by name with the plugins that are on there, migrated, each with its root."""
    keys = {name: f"{name}{uuid4().hex[:8]}" for name in districts}
    with TemporaryDirectory(prefix="linli-load-") as folder:
        deployment = Deployment(engine, Path(folder), keys)
        deployment.config.write_text(_toml(deployment, districts), "utf-8")
        try:
            asyncio.run(_migrate(deployment))
            yield deployment
        finally:
            for name in districts if engine.server else ():
                asyncio.run(drop(str(engine.server), deployment.schema(name)))


async def _migrate(deployment: Deployment) -> None:
    plugins = installed()
    configuration = load(deployment.config, plugins)
    for key in deployment.keys.values():
        await migrate(configuration, plugins, key)
    async with open_platform(configuration, plugins) as platform:
        for district in platform.districts.values():
            await ensure_root(district)


def _toml(deployment: Deployment, districts: Mapping[str, Sequence[str]]) -> str:
    url = deployment.engine.server or "sqlite://data/{district}.sqlite3"
    sections = {
        deployment.keys[name]: {"name": "岳阳市岳阳楼区", "code": CODE, "plugins": list(plugins)}
        for name, plugins in districts.items()
    }
    return tomlkit.dumps({"database": {"url": url}, "districts": sections})

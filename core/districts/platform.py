"""All districts of a process: opened from the configuration, closed together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files

from ..config import Configuration
from ..files.passing import sweep
from ..languages import add_catalogue
from ..plugins.dispatcher import Hooks
from ..plugins.inventory import Installed
from ..plugins.storage import Storage
from ..records import keys
from ..records.store import Store
from .custody import custody_of
from .district import District
from .namespaces import Pools, open_store, register_models

CORE_MODELS = "linli.core.models"


Opener = Callable[[str], Awaitable[District]]


class Platform:
    """The districts that this process serves. 平台。"""

    def __init__(
        self, configuration: Configuration, installed: Installed, districts: Sequence[District], opener: Opener
    ) -> None:
        self.configuration = configuration
        self.installed = installed
        self.districts = {district.key: district for district in districts}
        self._opener = opener

    async def open(self, key: str) -> District:
        """Open a district that was not opened before; it is closed together with the others."""
        self.districts[key] = district = await self._opener(key)
        return district

    @property
    def default(self) -> District | None:
        """The district that answers where none is named."""
        key = self.configuration.default_district
        return None if key is None else self.districts[key]


def storages(installed: Installed) -> dict[str, Storage]:
    """What each installed plugin keeps, by label."""
    kept = Hooks(installed, installed).collect_now("linli_storage")
    return {installed[plugin].label: storage for plugin, storage in kept}


@asynccontextmanager
async def open_platform(
    configuration: Configuration, installed: Installed, only: Sequence[str] | None = None
) -> AsyncIterator[Platform]:
    """Open the configured districts, or `only` those named, and close them at the end.

    All models of all installed plugins are registered, since Tortoise's registry is the process's.
    """
    apps = {label: storage.models for label, storage in storages(installed).items()}
    for plugin in installed.values():
        add_catalogue(plugin.label, files(plugin.module).joinpath("locale"))
    await register_models(configuration, {"core": CORE_MODELS, **apps})
    async with AsyncExitStack() as stack:
        pools = Pools(configuration.database.pool_size)
        stack.push_async_callback(pools.close)

        async def opener(key: str) -> District:
            store: Store = await open_store(configuration, key, pools)
            stack.push_async_callback(store.close)
            await keys.load(store, custody_of(configuration, installed, key))
            district = District(key, configuration.districts[key], installed, store, configuration.data)
            await asyncio.to_thread(sweep, district.passing)  # what a process that was killed left in the clear
            return district

        chosen = configuration.districts if only is None else only
        yield Platform(configuration, installed, [await opener(key) for key in chosen], opener)

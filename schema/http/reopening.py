"""Whether a district can be served, at the start and, where it could not, again every second. 恢复服务。"""

from __future__ import annotations

import asyncio

import structlog

from linli.core.config import Configuration
from linli.core.districts import Platform
from linli.core.districts.migrating import missing
from linli.core.errors import Text
from linli.core.plugins.inventory import Installed
from linli.core.records.failures import failure_of
from linli.core.records.migrations import UnreadableNamespaceError

from .door import SILENT, Door
from .lifespan import Background

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0


async def why_not(configuration: Configuration, installed: Installed, key: str) -> Text | None:
    """Why a district cannot be served now; None where it can."""
    try:
        return await missing(configuration, installed, key)
    except Exception as error:  # what is no failure of its database is raised again
        return silent(key, error)


def silent(key: str, error: Exception) -> Text:
    """That a district's database does not answer; raises `error` where it is something else."""
    if not isinstance(error, UnreadableNamespaceError) and failure_of(error) is None:
        raise error
    log.error("database_unreachable", district=key, reason=str(error) or type(error).__name__)
    return SILENT


class Reopening:
    """Opens a district as soon as it can be served: after `linli migrate`, or when its database is back."""

    def __init__(self, platform: Platform, door: Door, background: Background) -> None:
        self._platform, self._door, self._background = platform, door, background

    async def watch(self) -> None:
        """Look until the district answers."""
        while self._door.reason is not None:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except Exception as error:  # whatever it was, it may be over in a second, as when a database restarts
                self._tell(SILENT, error)

    async def _look(self) -> None:
        platform, key = self._platform, self._door.key
        reason = await missing(platform.configuration, platform.installed, key)
        if reason is not None:
            self._tell(reason)
            return
        district = await platform.open(key)
        await self._background.take_on(district)
        self._door.open(district)
        log.warning("district_available", district=key)

    def _tell(self, reason: Text, error: Exception | None = None) -> None:
        if reason != self._door.reason:
            log.warning("district_unavailable", district=self._door.key, reason=str(reason), exc_info=error)
        self._door.reason = reason

"""Telling how many attempts were refused, once a minute. 被拒操作汇总。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from linli.core.access.attempts import current_tally
from linli.core.districts import District

SECONDS = 60.0

log = structlog.get_logger(__name__)


class Attempts:
    """Tells for every district that is served."""

    def __init__(self, served: Iterable[District], *, seconds: float = SECONDS) -> None:
        self._served = list(served)
        self._seconds = seconds

    def take_on(self, district: District) -> None:
        """Tell for this one too."""
        self._served.append(district)

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(self._seconds)
            await self.tell()

    async def tell(self, *, all_: bool = False) -> None:
        """Tell of the minutes that are over, of the present one too with `all_`."""
        for district in self._served:
            try:
                with district.scope():
                    await current_tally().tell(all_=all_)
            except Exception as error:  # one district's database that restarts must not end it for the others
                log.error("attempts_not_told", district=district.key, exc_info=error)

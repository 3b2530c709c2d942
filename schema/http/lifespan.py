"""What a server does beside answering: it seals events and carries out what falls due. 后台任务。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from linli.core.districts import Platform
from linli.core.jobs.sweepers import Sweepers
from linli.core.records.sealing import Sealer
from linli.core.tasks import spawn

from .clock_route import clock_route

ALIVE, READY = "/healthz", "/readyz"


class Background:
    """The background of a server: `Starlette(routes=[.., *background.routes], lifespan=background.lifespan, ..)`.

    `behind` names districts that are not served. What fell due while no server ran is carried out first; `gate`
    keeps requests waiting until then.
    """

    def __init__(self, platform: Platform, behind: Collection[str] = ()) -> None:
        served = [district for key, district in platform.districts.items() if key not in behind]
        self._sealers = [Sealer(district.store) for district in served if district.store.dialect == "postgres"]
        self.sweepers = Sweepers(served)
        self.caught_up = asyncio.Event()
        self.routes: list[BaseRoute] = [clock_route(self.sweepers)]
        self._started = False

    @property
    def catching_up(self) -> bool:
        """Whether requests have to wait; never before the start, so that tests may do without one."""
        return self._started and not self.caught_up.is_set()

    @asynccontextmanager
    async def lifespan(self, _application: Starlette) -> AsyncIterator[None]:
        """Run while the server does."""
        for sealer in self._sealers:
            sealer.start()
        self._started = True
        catching_up = spawn(self._catch_up, name="catching up")
        try:
            yield
        finally:
            catching_up.cancel()
            await asyncio.wait([catching_up])
            await self.sweepers.stop()
            for sealer in self._sealers:  # after the sweepers: their last events are sealed too
                await sealer.stop()

    async def _catch_up(self) -> None:
        try:
            await self.sweepers.catch_up()
            self.sweepers.start()
        finally:
            self.caught_up.set()

    def gate(self, application: ASGIApp) -> ASGIApp:
        """The application, which answers only after the catching up; /readyz says so meanwhile."""

        async def gated(scope: Scope, receive: Receive, send: Send) -> None:
            if self.catching_up and scope["type"] in ("http", "websocket"):
                if scope["path"] == READY:
                    await self._not_ready()(scope, receive, send)
                    return
                if scope["path"] != ALIVE:
                    await self.caught_up.wait()
            await application(scope, receive, send)

        return gated

    def _not_ready(self) -> JSONResponse:
        told = dict.fromkeys(self.sweepers.behind, "carries out what fell due")
        return JSONResponse({"status": "catching up", "districts": told}, 503)

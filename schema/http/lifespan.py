"""What a server does beside answering: it seals events and carries out what falls due. 后台任务。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from linli.core.districts import District, Platform
from linli.core.files.keeping import Keeper
from linli.core.jobs.sweepers import Sweepers
from linli.core.records.sealing import Sealer
from linli.core.tasks import spawn
from linli.core.webhooks.telling import Telling

from .attempts import Attempts
from .clock_route import clock_route

ALIVE, READY = "/healthz", "/readyz"


class Background:
    """The background of a server: `Starlette(routes=[.., *background.routes], lifespan=background.lifespan, ..)`.

    `behind` names districts that are not served. What fell due while no server ran is carried out first; `gate`
    keeps requests waiting until then.
    """

    def __init__(self, platform: Platform, behind: Collection[str] = ()) -> None:
        served = [district for key, district in platform.districts.items() if key not in behind]
        self._attempts = Attempts(served)
        self._served = served
        self._sealers = [sealer for district in served for sealer in _sealers(district)]
        self.sweepers = Sweepers(served)
        self.caught_up = asyncio.Event()
        self.routes: list[BaseRoute] = [clock_route(self.sweepers)]
        self._also: list[tuple[Callable[[], Coroutine[Any, Any, None]], str]] = []
        self._started = False

    def also(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        """Run this too, from when requests are answered until the end; to be said before the start."""
        self._also.append((work, name))

    async def take_on(self, district: District) -> None:
        """A district is served from now on: what fell due meanwhile is carried out before this returns."""
        for sealer in _sealers(district):
            sealer.start()
            self._sealers.append(sealer)
        self._attempts.take_on(district)
        spawn(Keeper(district).run, name=f"keeper of files of {district.key}")
        spawn(Telling(district).run, name=f"webhooks of {district.key}")
        await self.sweepers.take_on(district)

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
        running = [spawn(self._catch_up, name="catching up")]
        running.append(spawn(self._attempts.run, name="telling of refused attempts"))
        running += [spawn(Keeper(one).run, name=f"keeper of files of {one.key}") for one in self._served]
        running += [spawn(Telling(one).run, name=f"webhooks of {one.key}") for one in self._served]
        running += [spawn(partial(self._afterwards, work), name=name) for work, name in self._also]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            await self.sweepers.stop()
            await self._attempts.tell(all_=True)
            for sealer in self._sealers:  # after the sweepers: their last events are sealed too
                await sealer.stop()

    async def _catch_up(self) -> None:
        try:
            await self.sweepers.catch_up()
            self.sweepers.start()
        finally:
            self.caught_up.set()

    async def _afterwards(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await self.caught_up.wait()
        await work()

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


def _sealers(district: District) -> list[Sealer]:
    """Who seals a district's events; on SQLite they are sealed as they are written."""
    return [Sealer(district.store)] if district.store.dialect == "postgres" else []

"""`GET /metrics` for Prometheus: on this machine, and to the networks that `[server] metrics_from` names. 监控指标。"""

from __future__ import annotations

import asyncio
import os
from ipaddress import ip_network

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from linli.core import clock
from linli.core.districts import Platform
from linli.schema.observing.districts import Found, Standing, standings
from linli.schema.observing.instruments import REGISTRY
from linli.schema.observing.process import Process

from .local import METHODS, is_local, nothing_here, sender

PATH = "/metrics"
SHARED = "PROMETHEUS_MULTIPROC_DIR"
KEPT_SECONDS = 1.0
"""How long what was found in the databases is told again, so that nobody keeps them busy by asking."""


class Metrics:
    """What Prometheus is told of a platform."""

    def __init__(self, platform: Platform, process: Process) -> None:
        self._platform, self._process = platform, process
        self._networks = [ip_network(one) for one in platform.configuration.server.metrics_from]
        self._looking = asyncio.Lock()
        self._found: dict[str, Standing | None] = {}
        self._looked = float("-inf")

    @property
    def route(self) -> Route:
        """The route; it answers 404 to whoever may not read it."""
        return Route(PATH, self._answer, methods=METHODS)

    async def _answer(self, request: Request) -> Response:
        if request.method != "GET" or not (is_local(request) or self._is_named(request)):
            return nothing_here()
        self._process.bring()
        found = Found(await self._standings())
        told = generate_latest(_counted()) + generate_latest(_only(found))
        return Response(told, headers={"content-type": CONTENT_TYPE_LATEST})

    def _is_named(self, request: Request) -> bool:
        address = sender(request)
        return address is not None and any(address in network for network in self._networks)

    async def _standings(self) -> dict[str, Standing | None]:
        async with self._looking:
            if clock.monotonic() - self._looked > KEPT_SECONDS:
                self._found = await standings(self._platform.districts.values())
                self._looked = clock.monotonic()
            return self._found


def _counted() -> CollectorRegistry:
    """What was counted: by this process, or by all workers."""
    if SHARED not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own
    return registry


def _only(found: Found) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(found)
    return registry

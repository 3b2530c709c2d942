"""`GET /plugins`: how often the plugins' hooks were called in this process. Offered only to this machine. 插件统计。"""

from __future__ import annotations

import os
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from linli.core.districts import Platform
from linli.core.plugins.dispatcher import Hooks
from linli.core.plugins.remote import PATH

from .local import METHODS, is_local, nothing_here


def plugins_route(platform: Platform) -> Route:
    """The route; it answers `{"process": id, "districts": {key: {plugin: {hook: {calls, failures, seconds}}}}}`."""

    async def told(request: Request) -> Response:
        if request.method != "GET" or not is_local(request):
            return nothing_here()
        districts = {key: _counted(district.hooks) for key, district in platform.districts.items()}
        return JSONResponse({"process": os.getpid(), "districts": districts})

    return Route(PATH, told, methods=METHODS)


def _counted(hooks: Hooks) -> dict[str, dict[str, dict[str, float]]]:
    return {
        plugin: {hook: asdict(counters) for hook, counters in stats.hooks.items()}
        for plugin, stats in hooks.stats.items()
    }

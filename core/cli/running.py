"""The asynchronous part of a command: run to its end, with everything closed behind it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from .language import words
from .messages import CommandError

if TYPE_CHECKING:
    from linli.core.config import Configuration
    from linli.core.districts import District
    from linli.core.plugins.inventory import Installed

T = TypeVar("T")
LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def run(work: Coroutine[Any, Any, T], loop_factory: LoopFactory | None = None) -> T:
    """Run `work` on a loop of its own; tasks that it leaves behind are stopped before the loop is closed."""
    _log_to_stderr()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(_to_its_end(work))


def _log_to_stderr() -> None:
    """Keep stdout for results: what is logged meanwhile is none. A server has chosen already where its log goes."""
    import structlog  # noqa: PLC0415  `linli --help` is to be quick

    if not structlog.is_configured():
        structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    from linli.core.tasks import stop_all  # noqa: PLC0415

    try:
        return await work
    finally:
        await stop_all()


@asynccontextmanager
async def entered(configuration: Configuration, installed: Installed, key: str) -> AsyncIterator[District]:
    """Open one district, enter its scope, and close it in the end.

    Raises CommandError where its database is behind or does not answer.
    """
    from linli.core.districts import open_platform  # noqa: PLC0415
    from linli.core.districts.migrating import missing  # noqa: PLC0415

    if await missing(configuration, installed, key):
        raise CommandError(
            words("district {key} is not up to date; run `linli migrate --district {key}` first", key=key)
        )
    async with open_platform(configuration, installed, [key]) as platform:
        district = platform.districts[key]
        with district.scope():
            yield district

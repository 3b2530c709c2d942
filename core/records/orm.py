"""Tortoise's process-wide part: all models of all installed plugins, registered once, for one engine."""

from __future__ import annotations

from collections.abc import Mapping

from tortoise.backends.base import executor
from tortoise.context import TortoiseContext, set_global_context

from .store import Dialect

_context: TortoiseContext | None = None
_registered: tuple[Dialect, tuple[tuple[str, str], ...]] | None = None

ENGINES: Mapping[Dialect, str] = {
    "sqlite": "linli.core.records.sqlite",
    "postgres": "linli.core.records.postgres",
}


async def register(dialect: Dialect, apps: Mapping[str, str]) -> None:
    """Register models, `{label: module}`; does nothing when just these are registered already.

    The default connection refuses every use: a district is entered by its scope, never by accident. Registering
    anew (another engine, other plugins) is for tests: statements that Tortoise had built are dropped with it.
    """
    global _context, _registered  # noqa: PLW0603  Tortoise's registry is global, so is ours
    wanted = (dialect, tuple(sorted(apps.items())))
    if _registered == wanted:
        return
    _registered = None
    if _context is not None:
        await _context.close_connections()
    executor.EXECUTOR_CACHE.clear()
    _context = TortoiseContext()
    set_global_context(_context)
    credentials = {"file_path": ":none:"} if dialect == "sqlite" else {}
    await _context.init(
        config={
            "connections": {"default": {"engine": ENGINES[dialect], "credentials": credentials}},
            "apps": {label: {"models": [module], "default_connection": "default"} for label, module in apps.items()},
        },
    )
    _registered = wanted

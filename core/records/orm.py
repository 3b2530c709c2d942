"""Tortoise's process-wide part: all models of all installed plugins, registered once, for the engines in use."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from tortoise.backends.base import executor
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext, set_global_context
from tortoise.models import Model

from . import engines
from .store import Dialect

_context: TortoiseContext | None = None
_registered: tuple[Dialect, Dialect | None, tuple[tuple[str, str], ...]] | None = None

ENGINES: Mapping[Dialect, str] = {
    "sqlite": "linli.core.records.sqlite",
    "postgres": "linli.core.records.postgres",
}
CREDENTIALS: Mapping[Dialect, Mapping[str, str]] = {"sqlite": {"file_path": ":none:"}, "postgres": {}}


async def register(dialect: Dialect, apps: Mapping[str, str], *, also: Dialect | None = None) -> None:
    """Register models, `{label: module}`; does nothing when just these are registered already.

    `also` is the second engine where districts of both are entered; then each query pays for asking which one it is.

    The default connection refuses every use: a district is entered by its scope, never by accident. Registering
    anew (another engine, other plugins) is for tests: statements that Tortoise had built are dropped with it.
    """
    global _context, _registered  # noqa: PLW0603  Tortoise's registry is global, so is ours
    wanted = (dialect, also, tuple(sorted(apps.items())))
    if _registered == wanted:
        return
    _registered = None
    if _context is not None:
        await _context.close_connections()
    engines.forget()
    executor.EXECUTOR_CACHE = {} if also is None else engines.StatementsByEngine()  # type: ignore[assignment]
    _context = TortoiseContext()
    set_global_context(_context)
    await _context.init(
        config={
            "connections": {"default": {"engine": ENGINES[dialect], "credentials": dict(CREDENTIALS[dialect])}},
            "apps": {label: {"models": [module], "default_connection": "default"} for label, module in apps.items()},
        },
    )
    if also is not None:
        engines.follow(_models(_context), also, _client(also))
    _registered = wanted


def _models(context: TortoiseContext) -> list[type[Model]]:
    assert context.apps is not None, "it was initialised"
    return [model for app in context.apps.values() for model in app.values()]


def _client(dialect: Dialect) -> BaseDBAsyncClient:
    """A client that knows the dialect, and refuses every use."""
    found: Any = import_module(ENGINES[dialect]).client_class
    client: BaseDBAsyncClient = found(connection_name="default", **CREDENTIALS[dialect])
    return client

"""Migrations of a district's namespace: our own executor over Tortoise's file format. 迁移。

await upgrade(SqliteNamespace(path), apps)        what `linli migrate` does to one district
await behind(PostgresNamespace(dsn, "d_x"), apps) what a server asks before it serves the district
make(apps, "venues", "add opening hours")         what a developer runs after changing models
check(apps)                                       what the build refuses
"""

from __future__ import annotations

from .apps import AppMigrations
from .authoring import make
from .checks import check
from .errors import (
    BadMigrationError,
    MigrationLockedError,
    MigrationRefusedError,
    PluginNeededError,
    UnreadableNamespaceError,
)
from .history import History, Step, heads, load
from .ledger import Applied
from .namespaces import Namespace, PostgresNamespace, SqliteNamespace
from .operations import RunDialectSQL
from .removal import Removal, present, uninstall
from .standing import ahead, applied, behind, plan
from .upgrade import upgrade

__all__ = [
    "AppMigrations",
    "Applied",
    "BadMigrationError",
    "History",
    "MigrationLockedError",
    "MigrationRefusedError",
    "Namespace",
    "PluginNeededError",
    "PostgresNamespace",
    "Removal",
    "RunDialectSQL",
    "SqliteNamespace",
    "Step",
    "UnreadableNamespaceError",
    "ahead",
    "applied",
    "behind",
    "check",
    "heads",
    "load",
    "make",
    "plan",
    "present",
    "uninstall",
    "upgrade",
]

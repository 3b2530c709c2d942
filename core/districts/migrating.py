"""Bringing a district's namespace up to date, and its root node into being."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Collection, Iterable

from ..config import Configuration
from ..errors import Text, text
from ..graph import services as graph
from ..graph.models import OrgNode
from ..graph.queries import district_root
from ..plugins.inventory import Installed
from ..records.keys import in_custody
from ..records.migrations import AppMigrations, Step, applied, behind, plan, upgrade
from ..records.migrations.upgrade import Progress
from ..records.unit_of_work import transact
from .custody import FIRST_ENCRYPTING, custody_of, ensure_master_key
from .district import District
from .namespaces import namespace_of
from .platform import CORE_MODELS, storages

CORE_MIGRATIONS = "linli.core.migrations"


def apps_of(installed: Installed, plugins: Iterable[str]) -> tuple[AppMigrations, ...]:
    """What is migrated where these plugins are on: core and those of them that keep something."""
    kept, wanted = storages(installed), set(plugins)
    labels = {plugin.name: plugin.label for plugin in installed.values()}
    apps = [
        AppMigrations(
            label=plugin.label,
            models_module=kept[plugin.label].models,
            migrations_package=kept[plugin.label].migrations,
            depends_on=tuple(labels[name] for name in plugin.depends_on if labels[name] in kept),
            version=plugin.version,
        )
        for plugin in installed.values()
        if plugin.name in wanted and plugin.label in kept
    ]
    return (AppMigrations("core", CORE_MODELS, CORE_MIGRATIONS, version=importlib.metadata.version("linli")), *apps)


async def apps_here(
    configuration: Configuration, installed: Installed, key: str, also: Iterable[str] = ()
) -> tuple[AppMigrations, ...]:
    """Core, every installed plugin whose tables are there, on or off, and those named, with what they depend on."""
    recorded = await applied(namespace_of(configuration, key), apps_of(installed, ()))
    labels = {one.step.label for one in recorded or ()}
    return apps_of(installed, with_needed(installed, [*also, *labelled(installed, labels)]))


def labelled(installed: Installed, labels: Collection[str]) -> list[str]:
    """The names of the installed plugins that have these labels."""
    return [one.name for one in installed.values() if one.label in labels]


def with_needed(installed: Installed, plugins: Iterable[str]) -> set[str]:
    """Plugins and all that they depend on."""
    wanted = set(plugins)
    waiting = list(wanted)
    while waiting:
        new = set(installed[waiting.pop()].depends_on) - wanted
        wanted |= new
        waiting += new
    return wanted


async def migrate(
    configuration: Configuration,
    installed: Installed,
    key: str,
    progress: Progress | None = None,
    made_key: Callable[[str], None] | None = None,
) -> list[Step]:
    """Apply what a district's namespace lacks; returns what was applied.

    Where values come to be encrypted for the first time and the configured file of master keys is not there, it is
    made, and `made_key` is told its path. Where keys were lost it is not: others would not open what is there.
    """
    if FIRST_ENCRYPTING in map(str, await pending(configuration, installed, key)):
        made = ensure_master_key(configuration)
        if made is not None and made_key is not None:
            made_key(made)
    apps = apps_of(installed, configuration.districts[key].plugins)
    with in_custody(custody_of(configuration, installed, key)):
        return await upgrade(namespace_of(configuration, key), apps, progress=progress)


async def pending(configuration: Configuration, installed: Installed, key: str) -> list[Step]:
    """What `migrate` would apply; changes nothing."""
    apps = apps_of(installed, configuration.districts[key].plugins)
    return await plan(namespace_of(configuration, key), apps)


async def missing(configuration: Configuration, installed: Installed, key: str) -> Text | None:
    """Why a district cannot be served yet, in words; None when it can."""
    apps = apps_of(installed, configuration.districts[key].plugins)
    steps = await behind(namespace_of(configuration, key), apps)
    if not steps:
        return None
    return text("run `linli migrate --district {key}`: {count} migrations are missing", key=key, count=len(steps))


async def ensure_root(district: District) -> OrgNode:
    """The district's root node, made unless it is there.

    Its name and code come from the configuration this once; afterwards the database is the truth.
    """
    named, kinds = district.configuration, district.kinds

    async def make(_unit: object) -> OrgNode:
        return await graph.ensure_root(kinds, name=named.name, code=named.code)

    with district.scope():
        root = await district_root()
        return root if root is not None else await transact(make)

"""The API of a district, or of a choice of plugins, as text: composed without any database."""

from __future__ import annotations

from collections.abc import Sequence

from linli.core.cli.messages import UsageError, unknown
from linli.core.config import Configuration
from linli.core.plugins.inventory import Installed

from .. import offline
from .texts import words

ALL = "all"


async def of_district(configuration: Configuration, installed: Installed, key: str) -> str:
    """The sorted SDL of a district as it is configured."""
    schema = await offline.of_district(key, configuration.districts[key], installed)
    return schema.as_str()


async def of_plugins(installed: Installed, listed: str) -> str:
    """The sorted SDL of a district where just these plugins are on, comma-separated; "all" of those installed.

    Raises UsageError for an unknown plugin and for one without a plugin that it depends on.
    """
    choosable = [plugin.name for plugin in installed.choosable]
    names = choosable if listed.strip() == ALL else [name.strip() for name in listed.split(",") if name.strip()]
    _check(names, choosable, installed)
    return (await offline.composed(installed, names)).as_str()


def _check(names: Sequence[str], choosable: Sequence[str], installed: Installed) -> None:
    for name in names:
        if name not in choosable:
            raise UsageError(unknown(words("plugin"), name, [*choosable, ALL]))
        for needed in installed[name].depends_on:
            if needed in choosable and needed not in names:
                raise UsageError(words("{name} depends on {needed}; add it to --plugins", name=name, needed=needed))

"""Who keeps something in a district: the plugins whose tables exist there, on or off. 数据所在的插件。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tortoise import Tortoise
from tortoise.models import Model

from ..plugins.inventory import Installed
from ..records.unit_of_work import current_client

if TYPE_CHECKING:
    from .district import District

RECORDED = "SELECT DISTINCT app FROM core_migration"


async def steward_labels(installed: Installed) -> frozenset[str]:
    """The labels of core and of the installed plugins whose tables exist in the district that is entered."""
    rows = await current_client().execute_query_dict(RECORDED)
    known = {plugin.label for plugin in installed.values()} | {"core"}
    return frozenset(known & {str(row["app"]) for row in rows})


async def kept_models(district: District) -> Sequence[type[Model]]:
    """Every model with a table in the district, those of plugins that are switched off included."""
    labels = await steward_labels(district.installed)
    apps = Tortoise.apps or {}
    return [model for label in sorted(labels & apps.keys()) for model in apps[label].values()]


def loaded_models() -> Sequence[type[Model]]:
    """Every model of core and of the installed plugins, with tables here or not."""
    return [model for models in (Tortoise.apps or {}).values() for model in models.values()]

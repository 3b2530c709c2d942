"""Which types of events there can be, without a district: for catalogues of them. 事件类型汇总。"""

from __future__ import annotations

from collections.abc import Collection

from ..plugins.dispatcher import Hooks
from ..plugins.inventory import Installed
from ..records.event_types import EventTypes
from .district import CORE_EVENT_TYPES


def catalogue_of(installed: Installed, plugins: Collection[str] | None = None) -> EventTypes:
    """The types of core and of these plugins, of all that are installed where none are named."""
    on = [one.name for one in installed.choosable] if plugins is None else list(plugins)
    found = EventTypes()
    found.register("core", *CORE_EVENT_TYPES)
    for plugin, types in Hooks(installed, on).collect_now("linli_event_types"):
        found.register(installed[plugin].label, *types)
    return found

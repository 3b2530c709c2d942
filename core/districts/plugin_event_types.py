"""What happens to a district's plugins."""

from __future__ import annotations

from pydantic import BaseModel

from ..records.event_types import EventType, Public

PLUGIN = "Plugin"


class RowsRemoved(BaseModel):
    """How many rows a table had."""

    table: Public[str]
    rows: Public[int]


class PluginRemoved(BaseModel):
    """Which plugin's tables went, by which command, with how many rows, and the hash of the file that holds them."""

    plugin: Public[str]
    version: Public[str]
    by: Public[str]
    tables: list[RowsRemoved]
    migrations: Public[list[str]]
    export_sha256: Public[str]


PLUGIN_REMOVED = EventType(
    "core.plugin_removed", 1, PluginRemoved, "A plugin's tables were exported and dropped. 插件数据已导出并删除。"
)

EVENT_TYPES = (PLUGIN_REMOVED,)

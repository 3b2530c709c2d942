"""The kinds of things that venues bring into the registry. 设施设备类型。"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from linli.core.records.event_types import Public
from linli.core.registry.thing_kinds import DeviceAttributes, ThingKind


class DoorAttributes(DeviceAttributes):
    """A controller that opens the doors of a room."""

    doors: Public[Annotated[int, Field(ge=1, le=1000)] | None] = Field(None, description="Doors it opens. 控制门数。")
    readers: Public[Annotated[int, Field(ge=0, le=1000)] | None] = Field(None, description="Card readers. 读卡器数。")


DOOR_CONTROLLER = ThingKind(
    code="DOOR_CONTROLLER",
    title_en="Door controller",
    title_zh="门禁控制器",
    attributes=DoorAttributes,
    plugin="venues",
)

"""The kinds of things that a district keeps: core's own, and what plugins register. 设施设备类型。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from ..errors import invalid
from ..graph.attributes import Attributes, NoAttributes, ShortText
from ..graph.kinds import CODE, CORE
from ..records.event_types import Public


@dataclass(frozen=True, kw_only=True)
class ThingKind:
    """A kind of facility or device. 设施设备类型。

    `code` is its name such as FIRE_HYDRANT, `attributes` describes what is kept of one, `plugin` is who registers it.
    """

    code: str
    title_en: str
    title_zh: str
    attributes: type[Attributes] = NoAttributes
    plugin: str = CORE


Year = Annotated[int, Field(ge=1900, le=2200)]


class DeviceAttributes(Attributes):
    """What was built in once by somebody."""

    maker: Public[ShortText | None] = Field(None, description="Who made it. 生产厂家。")
    model: Public[ShortText | None] = Field(None, description="Which model. 型号。")
    built_in: Public[Year | None] = Field(None, description="In which year it was built in. 安装年份。")


class ElevatorAttributes(DeviceAttributes):
    """An elevator; it is registered and inspected as special equipment (特种设备安全法 art. 33, 40)."""

    registration: Public[ShortText | None] = Field(None, description="Registration of the equipment. 设备注册代码。")
    stops: Public[Annotated[int, Field(ge=2, le=200)] | None] = Field(None, description="Stops. 层站数。")


class ExtinguisherAttributes(DeviceAttributes):
    """What is used against fire."""

    state: Public[Literal["WORKING", "DEFECT"] | None] = Field(None, description="Whether it works. 完好情况。")


THING_KINDS = (
    ThingKind(code="ELEVATOR", title_en="Elevator", title_zh="电梯", attributes=ElevatorAttributes),
    ThingKind(code="FIRE_HYDRANT", title_en="Fire hydrant", title_zh="消火栓", attributes=ExtinguisherAttributes),
    ThingKind(code="STREET_LIGHT", title_en="Street light", title_zh="路灯", attributes=DeviceAttributes),
    ThingKind(code="CAMERA", title_en="Camera", title_zh="监控摄像头", attributes=DeviceAttributes),
    ThingKind(code="CHARGING_POINT", title_en="Charging point", title_zh="充电设施", attributes=DeviceAttributes),
    ThingKind(code="WASTE_POINT", title_en="Waste collection point", title_zh="垃圾分类投放点"),
    ThingKind(code="NOTICE_BOARD", title_en="Notice board", title_zh="公告栏"),
)


class ThingKinds:
    """The kinds of things of a district, by code. Raises ValueError for one that two plugins define."""

    def __init__(self, kinds: Iterable[ThingKind]) -> None:
        found: dict[str, ThingKind] = {}
        for kind in kinds:
            if not CODE.fullmatch(kind.code):
                raise ValueError(f"{kind.plugin}: the kind {kind.code!r} is no name such as 'FIRE_HYDRANT'")
            other = found.setdefault(kind.code, kind)
            if other is not kind:
                raise ValueError(f"the kind {kind.code!r} is defined by {other.plugin!r} and by {kind.plugin!r}")
        self.by_code: Mapping[str, ThingKind] = MappingProxyType(found)

    def thing(self, code: str, *, path: str = "kind") -> ThingKind:
        """The kind of this code; ValidationError (KIND_UNKNOWN) where there is none."""
        if code not in self.by_code:
            told = "There is no kind {found}; there are: {allowed}"
            raise invalid(path, "KIND_UNKNOWN", told, found=code, allowed=", ".join(self.by_code))
        return self.by_code[code]

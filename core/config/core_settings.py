"""Core's own settings, the section `settings.core` of a district."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError


def _whole_minutes(value: time) -> time:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise PydanticCustomError("INVALID_TIME", 'a time of day in the district\'s zone, "HH:MM"')
    return value


LocalTime = Annotated[
    time,
    AfterValidator(_whole_minutes),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"}),
]
"""A time of day, to the minute, in the district's zone."""


class CoreSettings(BaseModel):
    """Settings of the platform itself, for one district. 平台设置。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_directory: bool = Field(
        default=True,
        description="Without a token one may read the administrative nodes and what else is public. "
        "未登录者可否查阅行政层级等公开信息。",
    )
    root_kind: str = Field(
        default="DISTRICT",
        pattern=r"^[A-Z][A-Z0-9_]*$",
        description="The kind of the district's root node, in SCREAMING_CASE. 根节点的组织类型。",
    )
    late_upload_hours: int = Field(
        default=24,
        ge=0,
        le=8760,
        description="How many hours after it happened an offline record is still accepted. 离线补录的时限（小时）。",
    )
    close_of_business: LocalTime = Field(
        default=time(17, 30),
        description="The time of day at which a deadline's last workday ends. 工作日下班时间，期限于此时届满。",
    )
    leap_birthday: Literal["FEB28", "MAR01"] = Field(
        default="FEB28",
        description="The birthday, in a common year, of somebody born on 29 February. 二月二十九日出生者在平年的生日。",
    )
    three_admins: bool = Field(
        default=False,
        description="system-admin, security-admin and auditor exclude each other; only security-admin grants. "
        "启用三员分立。",
    )
    crypto_suite: Literal["international", "gm"] = Field(
        default="international",
        description='Encryption of new values: "international" is AES-256-GCM, "gm" is SM4-GCM with SM3. '
        "新数据的加密套件，国密为 gm。",
    )

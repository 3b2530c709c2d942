"""What a district sets: `[districts.<key>.settings.notices]`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class NoticeSettings(BaseModel):
    """Keys that are not here are refused by `linli check`."""

    model_config = ConfigDict(extra="forbid")

    max_length: int = Field(default=200, ge=1, le=1000, description="Characters of a notice at most. 公告最长字数。")

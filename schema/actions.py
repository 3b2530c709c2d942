"""What a viewer can do with a record now: the answer of every `availableActions`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import strawberry

from .enums import enum


@enum(
    "What a step asks of whoever takes it. 操作要求。",
    REASON="A reason. 填写理由。",
    FILE="A file. 上传附件。",
    CONFIRM="To be asked again: it has consequences. 再次确认。",
)
class Requirement(StrEnum):
    """What a client asks for before it sends the mutation."""

    REASON = "REASON"
    FILE = "FILE"
    CONFIRM = "CONFIRM"


@strawberry.type(description="A step that the viewer has the right to take. 可执行的操作。")
class Action:
    """Told by the rules that the mutation runs."""

    name: str = strawberry.field(description="The mutation that takes it. 操作名。")
    title: str = strawberry.field(description="In the caller's language. 操作名称。")
    allowed: bool = strawberry.field(description="Whether it would be taken now. 当前是否可执行。")
    reason: str | None = strawberry.field(description="Why not, in words. 不可执行的原因。")
    requires: list[Requirement] = strawberry.field(description="What to ask for first. 操作要求。")
    until: datetime | None = strawberry.field(description="Until when it can be taken. 截止时间。")

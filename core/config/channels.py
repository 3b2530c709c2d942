"""By which channels notifications leave a district. 通知渠道设置。"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

_OWN = frozenset({"content-type", "content-length", "host", "idempotency-key", "transfer-encoding", "connection"})


def _check_headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        plain = name.isascii() and name.replace("-", "").isalnum()
        if not plain or name.lower() in _OWN or not (value.isascii() and value.isprintable()):
            raise PydanticCustomError("INVALID_HEADER", "headers of the gateway, in letters, digits and hyphens")
    return headers


class _Channel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    personal: bool = Field(
        default=False,
        description="Whether texts that tell about a person leave the district by it; else their titles alone do. "
        "是否发送含个人信息的正文；否则仅发送标题。",
    )


class FileChannel(_Channel):
    """Notifications as lines of JSON in data/notifications/<district>.jsonl, for a gateway to take. 文件渠道。"""


class HttpChannel(_Channel):
    """Notifications as JSON, posted to a gateway. HTTP 渠道。"""

    url: str = Field(pattern=r"^https?://", max_length=500, description="Where to. 网关地址。")
    headers: Annotated[dict[str, str], AfterValidator(_check_headers)] = Field(
        default_factory=dict,
        repr=False,
        description='What goes with it, such as a secret; write "$env:NAME" or "$file:PATH". 请求头，机密用引用。',
    )
    timeout_seconds: float = Field(
        default=5.0, gt=0, le=9, description="How long the gateway has for an answer. 超时（秒）。"
    )

"""Where files are kept and who scans them, configured for each district. 文件存储与扫描。"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from .providers import Address

StorageName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,19}$")]
PurposeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
FileBytes = Annotated[int, Field(ge=1024, le=2_000_000_000)]


def _check_scanner(address: str) -> str:
    scheme, _, rest = address.partition(":")
    host, _, port = rest.removeprefix("//").rpartition(":")
    if scheme == "unix" and rest.startswith("/"):
        return address
    if scheme == "tcp" and rest.startswith("//") and host and port.isdecimal() and int(port) <= 65_535:  # noqa: PLR2004
        return address
    raise PydanticCustomError("INVALID_ADDRESS", '"tcp://HOST:PORT" or "unix:/PATH"')


ScannerAddress = Annotated[str, AfterValidator(_check_scanner)]


class S3Bucket(BaseModel):
    """A bucket of a service that speaks S3, and the key that reads and writes there. 对象存储桶。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: Address = Field(description="Where the service is. 服务地址。")
    bucket: str = Field(min_length=1, description="The bucket, which exists. 存储桶。")
    region: str = Field(default="us-east-1", min_length=1, description="The region as the service calls it. 区域。")
    prefix: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9._-]+/)*$",
        description="What the names in the bucket begin with, before the district's key. 对象名前缀。",
    )
    access_key: str = Field(min_length=1, description="The id of the key. 访问密钥标识。")
    secret_key: str = Field(
        min_length=1, repr=False, description='The key; write "$env:NAME" or "$file:PATH". 访问密钥。'
    )
    path_style: bool = Field(
        default=True, description="The bucket stands in the path and not in the host. 是否使用路径式地址。"
    )

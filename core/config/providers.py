"""Who else says who somebody is: OpenID Connect and OAuth2, configured for each district. 身份提供方。"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

PLACE = re.compile(r"\{(\w+)\}")
PLACES = frozenset({"client_id", "client_secret", "code", "token"})

ProviderName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


def _check_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and _is_loopback(parts.hostname):
        return url
    raise PydanticCustomError("INVALID_URL", "an address that begins with https://")


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return host is not None and ip_address(host).is_loopback
    except ValueError:
        return False


Address = Annotated[str, AfterValidator(_check_address)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OidcProvider(_Part):
    """Id tokens and bearer tokens of an OpenID provider: signed JWTs. OIDC 提供方。"""

    issuer: str = Field(min_length=1, description="What `iss` must be, exactly. 签发方。")
    audience: str = Field(min_length=1, description="What `aud` must hold: the client id. 受众，即客户端标识。")
    jwks_url: Address = Field(description="Where the issuer's public keys are. 公钥集地址。")
    algorithms: tuple[Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519"], ...] = Field(
        default=("RS256", "ES256"), min_length=1, description="Signatures that count. 允许的签名算法。"
    )
    skew_seconds: int = Field(
        default=60, ge=0, le=600, description="How far the clocks may differ. 允许的时钟偏差（秒）。"
    )
    keys_minutes: int = Field(
        default=60, ge=1, le=1440, description="How long fetched keys are kept. 公钥缓存时间（分钟）。"
    )
    keys_stale_hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description="How long fetched keys count at most while the provider gives no newer ones. "
        "身份提供方无响应时旧公钥的最长使用时间（小时）。",
    )
    subject: str = Field(default="sub", min_length=1, description="Which claim says who it is. 主体声明。")


class OAuth2Request(_Part):
    """One request to a provider; `{client_id}`, `{client_secret}`, `{code}`, `{token}` stand for their values."""

    url: Address = Field(description="Where to. 地址。")
    method: Literal["GET", "POST"] = Field(default="GET", description="How. 请求方法。")
    query: dict[str, str] = Field(default_factory=dict, description="Parameters in the address. 查询参数。")
    body: dict[str, str] = Field(default_factory=dict, description="Parameters in the body. 请求体参数。")
    body_format: Literal["json", "form"] = Field(default="json", description="How the body is written. 请求体格式。")
    headers: dict[str, str] = Field(default_factory=dict, description="Headers. 请求头。")

    @model_validator(mode="after")
    def _check_places(self) -> Self:
        unknown = self.places - PLACES
        if unknown:
            told = f"of {{..}} only {', '.join(sorted(PLACES))}; found {', '.join(sorted(unknown))}"
            raise PydanticCustomError("UNKNOWN_PLACE", "{told}", {"told": told})
        return self

    @property
    def places(self) -> frozenset[str]:
        """The names that stand in braces."""
        texts = (*self.query.values(), *self.body.values(), *self.headers.values())
        return frozenset(name for text in texts for name in PLACE.findall(text))


class OAuth2Provider(_Part):
    """A code that the provider's app or page gave, exchanged for who it is: WeChat, 企业微信, 钉钉. OAuth2 提供方。"""

    client_id: str = Field(min_length=1, description="The app's id. 应用标识。")
    client_secret: str = Field(
        min_length=1, repr=False, description='The app\'s secret; write "$env:NAME" or "$file:PATH". 应用密钥。'
    )
    token: OAuth2Request = Field(description="The request for the access token. 获取令牌的请求。")
    token_path: str = Field(
        default="access_token", min_length=1, description="Where its answer has the token, dots between. 令牌字段路径。"
    )
    keep_token_seconds: int = Field(
        default=0,
        ge=0,
        le=86_400,
        description="How long an app's own token is kept, one that no code is needed for. 应用令牌的缓存时间（秒）。",
    )
    user: OAuth2Request | None = Field(
        default=None,
        description="The request for who it is; without one the token's answer says it. 获取用户的请求。",
    )
    subject: str = Field(min_length=1, description="Where the last answer says who, dots between. 用户标识字段路径。")
    error: str | None = Field(
        default=None, description="Where an answer has an error code; 0 and nothing are none. 错误码字段路径。"
    )

    @model_validator(mode="after")
    def _check_code(self) -> Self:
        user = frozenset() if self.user is None else self.user.places
        if "token" in self.token.places:
            raise PydanticCustomError("TOKEN_TOO_EARLY", "a request for the token that does not need it")
        if "code" not in self.token.places | user:
            raise PydanticCustomError("CODE_UNUSED", "a request that sends the code")
        if self.keep_token_seconds and "code" in self.token.places:
            raise PydanticCustomError("TOKEN_OF_ONE", "keep_token_seconds = 0 where the token comes of a code")
        return self

"""Core's own settings, the section `settings.core` of a district."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from .channels import FileChannel, HttpChannel
from .files import FileBytes, PurposeName, S3Bucket, ScannerAddress, StorageName
from .ledgers import LedgerTemplate, TemplateName
from .limits import Limits
from .providers import OAuth2Provider, OidcProvider, ProviderName
from .spans import SpanText
from .web import Network


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


class RoleAdjustment(BaseModel):
    """What a district adds to a role and takes from it. 角色调整。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    add: tuple[str, ...] = Field(default=(), description="Permissions to add. 增加的权限。")
    remove: tuple[str, ...] = Field(default=(), description="Permissions to take away. 去除的权限。")


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
    roles: dict[str, RoleAdjustment] = Field(
        default_factory=dict,
        description="What roles may do here beyond, or short of, what the plugins say, by role. 按角色调整权限。",
    )
    retention: dict[str, dict[str, SpanText]] = Field(
        default_factory=dict,
        description="How long is kept what a retention rule names, by plugin and rule; `linli retention` lists them. "
        "各项保存期限，按插件与规则设置。",
        examples=[{"core": {"sessions": "1 year"}}],
    )
    access_token_minutes: int = Field(
        default=30,
        ge=1,
        le=1440,
        description="How long an access token counts before it has to be renewed. 访问令牌的有效期（分钟）。",
    )
    session_idle_hours: int = Field(
        default=12,
        ge=1,
        le=8760,
        description="After how many hours without a renewal a session is over. 会话闲置多久后失效（小时）。",
    )
    session_hours: int = Field(
        default=168,
        ge=1,
        le=8760,
        description="After how many hours a session is over in any case. 会话的最长时限（小时）。",
    )
    second_factor_roles: tuple[str, ...] = Field(
        default=(),
        description="Roles that count only in sessions that began with a second factor. "
        "仅在二次验证后的会话中生效的角色。",
        examples=[["district-admin", "security-admin"]],
    )
    oidc: dict[ProviderName, OidcProvider] = Field(
        default_factory=dict,
        description="OpenID providers by name, whose tokens `loginWith` takes. OIDC 身份提供方。",
    )
    oauth2: dict[ProviderName, OAuth2Provider] = Field(
        default_factory=dict,
        description="OAuth2 providers by name, whose codes `loginWith` takes: WeChat, 企业微信, 钉钉. "
        "OAuth2 身份提供方。",
    )
    outgoing_networks: tuple[Network, ...] = Field(
        default=(),
        description="Networks that are not public to which webhooks and the like may send, such as 10.1.0.0/16; http "
        "without s is allowed there alone. 允许出站的内部网段。",
        examples=[["10.1.0.0/16"]],
    )
    channel_file: FileChannel | None = Field(
        default=None,
        description="Notifications also go into data/notifications/<district>.jsonl, for a gateway to take. "
        "消息同时写入文件，由网关读取。",
        examples=[{"personal": False}],
    )
    channel_http: HttpChannel | None = Field(
        default=None,
        description="Notifications are also posted to a gateway, for SMS say. 消息同时推送至短信等网关。",
        examples=[{"url": "https://gateway.example.gov.cn/notify", "headers": {"Authorization": "$env:GATEWAY_TOKEN"}}],
    )
    login_tries: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="How many wrong tries at one user name a network has within the window. "
        "同一网段对同一用户名在时间窗内的试错次数。",
    )
    login_tries_per_network: int = Field(
        default=50,
        ge=1,
        le=100_000,
        description="How many wrong tries a network has within the window at all names; accounts that signed in from "
        "there before are not held up. 同一网段在时间窗内的试错总数，曾由此登录的账号不受影响。",
    )
    login_window_minutes: int = Field(
        default=15,
        ge=1,
        le=1440,
        description="How long wrong tries are counted. 登录试错的统计时间窗（分钟）。",
    )

    file_storage: StorageName = Field(
        default="folder",
        description='Where contents of files are kept: "folder" is data/files beside linli.toml, "s3" the bucket of '
        "`s3`. 文件存储位置。",
    )
    s3: S3Bucket | None = Field(
        default=None,
        description='A bucket that speaks S3, for file_storage = "s3". S3 兼容的对象存储。',
        examples=[{"endpoint": "https://s3.example.gov.cn", "bucket": "linli", "access_key": "..", "secret_key": ".."}],
    )
    file_bytes: dict[PurposeName, FileBytes] = Field(
        default_factory=dict,
        description="How many bytes a file has at most, by purpose, where that is not what the purpose says. "
        "按用途设置文件大小上限（字节）。",
        examples=[{"venues.photo": 5_000_000}],
    )
    file_pending_hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description="After how many hours a file that nobody used is destroyed. 未使用文件的保留时间（小时）。",
    )
    files_pending: int = Field(
        default=100,
        ge=1,
        le=100_000,
        description="How many files of one account may wait to be used. 每个账号待使用文件的数量上限。",
    )
    sheet_undo_hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description="For how many hours a spreadsheet that was brought in can be taken back. "
        "表格导入的可撤销时限（小时）。",
    )
    clamd: ScannerAddress | None = Field(
        default=None,
        description="Where ClamAV's clamd listens, which then judges every file. 病毒扫描服务 clamd 的地址。",
        examples=["tcp://127.0.0.1:3310", "unix:/run/clamav/clamd.ctl"],
    )

    ledger_templates: dict[TemplateName, LedgerTemplate] = Field(
        default_factory=dict,
        description="The district's own workbooks that ledgers are written into, by name. 台账模板，按名称。",
        examples=[{"roster": {"ledger": "core.residents", "file": "templates/roster.xlsx"}}],
    )

    limits: Limits = Field(
        default_factory=Limits,
        description="How much an operation of the API may ask for. 接口限额。",
        examples=[{"cost": 10_000, "requests_per_minute_anonymous": 600}],
    )

    @model_validator(mode="after")
    def _check_files(self) -> Self:
        if self.file_storage == "s3" and self.s3 is None:
            raise PydanticCustomError("NO_BUCKET", 'the bucket in `s3` where file_storage is "s3"')
        return self

    @model_validator(mode="after")
    def _check_providers(self) -> Self:
        twice = sorted(set(self.oidc) & set(self.oauth2))
        if twice:
            raise PydanticCustomError(
                "PROVIDER_TWICE",
                "names of providers in one of oidc and oauth2; {twice} is in both",
                {"twice": twice[0]},
            )
        return self

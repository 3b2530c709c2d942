"""The configuration of a server: `linli.toml` after reading, checked and unchangeable."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr
from pydantic_core import PydanticCustomError

from ..crypto.masters import DEFAULT as DEFAULT_MASTERS
from .database import PLACE, DistrictDatabase, Pooler, check_url, locate
from .findings import did_you_mean
from .settings import DistrictSettings, fingerprint
from .web import Network, Origin

DISTRICT_KEY = "[a-z][a-z0-9_]{0,30}"


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_timezone(name: str) -> str:
    if name not in _timezones():
        context = {"suggestion": did_you_mean(name, _timezones()) or 'for China write "Asia/Shanghai"'}
        raise PydanticCustomError("INVALID_TIMEZONE", "a name of the IANA time zone database", context)
    return name


def _check_name(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise PydanticCustomError("INVALID_NAME", "a name in printable characters, on one line")
    return name


DatabaseUrl = Annotated[str, AfterValidator(check_url), Field(json_schema_extra={"pattern": "^(sqlite|postgres)://"})]
Timezone = Annotated[str, AfterValidator(_check_timezone)]


class Section(BaseModel):
    """A table of linli.toml: unchangeable, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseConfiguration(Section):
    """Where the districts' data are kept. 数据库。"""

    url: DatabaseUrl = Field(
        default=f"sqlite://data/{PLACE}.sqlite3",
        repr=False,
        description='"sqlite://FILE" or "postgres://USER@HOST/DATABASE"; {district} stands for the district\'s key. '
        "数据库地址，{district} 代表区县标识。",
    )
    pool_size: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="How many connections a process opens at most to each database; PostgreSQL only. "
        "每个进程对每个数据库的最大连接数，仅用于 PostgreSQL。",
    )
    pooler: Pooler | None = Field(
        default=None,
        description="How the pooler (pgbouncer and the like) that url leads to lends its sessions; leave it out where "
        "url leads to PostgreSQL itself. url 所指连接池代理的模式；直连 PostgreSQL 时不写。",
        examples=["transaction"],
    )
    direct_url: DatabaseUrl | None = Field(
        default=None,
        repr=False,
        description="PostgreSQL itself, past a pooler in transaction mode: migrations need it. "
        "绕过事务模式连接池、直连 PostgreSQL 的地址，迁移时使用。",
        examples=["postgres://linli@localhost:5432/linli"],
    )


class ServerConfiguration(Section):
    """How `linli serve` listens and what it shows. 服务。"""

    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on. 监听地址。")
    port: int = Field(
        default=8000, ge=0, le=65535, description="The port; 0 takes a free one. 端口，0 表示任意空闲端口。"
    )
    default_district: str | None = Field(
        default=None,
        description="The district that /graphql answers for; needless where there is only one. "
        "未写明区县的请求由哪个区县应答。",
        examples=["example"],
    )
    introspection: bool = Field(default=True, description="Clients may read the schema. 允许读取接口定义。")
    max_body_bytes: int = Field(
        default=1_048_576,
        ge=1024,
        le=67_108_864,
        description="How many bytes a request may hold. 请求体的最大字节数。",
    )
    max_seconds: int = Field(
        default=30,
        ge=1,
        le=600,
        description="How many seconds a request may take before it is stopped. 单个请求的最长处理时间（秒）。",
    )
    max_streams_per_address: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="How many WebSockets and event streams a process keeps open for one address; "
        "offices share one. 每个地址同时保持的订阅连接数上限。",
    )
    max_streams_per_account: int = Field(
        default=50,
        ge=1,
        le=100_000,
        description="The same for one account. 每个账号同时保持的订阅连接数上限。",
    )
    max_subscriptions: int = Field(
        default=50, ge=1, le=1000, description="How many subscriptions one WebSocket carries. 每个连接的订阅数上限。"
    )
    slow_client_seconds: int = Field(
        default=10,
        ge=1,
        le=600,
        description="After how many seconds a subscriber that takes nothing is dropped; it resumes. "
        "订阅端多少秒不接收数据即断开（可续传）。",
    )
    graphiql: bool = Field(default=True, description="Browsers are shown GraphiQL. 向浏览器提供 GraphiQL 页面。")
    https: bool = Field(
        default=False,
        description="Clients come over HTTPS, by a proxy in front: browsers are told to use nothing else. "
        "由前置代理提供 HTTPS，并要求浏览器只用 HTTPS。",
    )
    cors_origins: tuple[Origin, ...] = Field(
        default=(),
        description="The websites whose scripts may ask this server. 允许跨域访问的网站。",
        examples=[["https://portal.example.gov.cn"]],
    )
    trusted_proxies: tuple[Network, ...] = Field(
        default=(),
        description="The proxies that are believed when they say, by X-Forwarded-For, whom they ask for. "
        "可信代理的地址或网段，仅采信其 X-Forwarded-For。",
        examples=[["127.0.0.1"]],
    )
    metrics_from: tuple[Network, ...] = Field(
        default=(),
        description="The networks beside this machine that may read /metrics, past every proxy. "
        "除本机外可读取 /metrics 的网段。",
        examples=[["10.1.0.0/16"]],
    )
    slow_ms: int = Field(
        default=1000,
        ge=1,
        le=600_000,
        description="Operations that take so many milliseconds are logged as slow. 慢操作的记录阈值（毫秒）。",
    )
    platform_token: str | None = Field(
        default=None,
        min_length=32,
        max_length=256,
        repr=False,
        description="With it services ask /graphql/platform for figures over all districts; off without. "
        "跨区统计接口的令牌，不设则关闭。",
        examples=["$env:LINLI_PLATFORM_TOKEN"],
    )
    traces_to: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s@]+$",
        description="Where spans are sent, by OTLP over HTTP; needs linli[otel]. 链路追踪的接收地址（OTLP/HTTP）。",
        examples=["http://127.0.0.1:4318/v1/traces"],
    )


class KeysConfiguration(Section):
    """Where the master keys are, from which every district's keys are derived. 主密钥。"""

    master: str = Field(
        default=DEFAULT_MASTERS,
        pattern=r"^[a-z][a-z0-9_-]*:.+$",
        description='"file:linli.keys" or "env:VARIABLE"; plugins may know more places. 主密钥的存放位置。',
        examples=["env:LINLI_MASTER_KEYS"],
    )


class DistrictConfiguration(Section):
    """One district: who it is, what it uses, how that is set. 区县。"""

    name: Annotated[str, AfterValidator(_check_name)] = Field(
        min_length=1,
        description="The name of the district and, once, of its root node. 区县名称。",
        examples=["示例区"],
    )
    code: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="The code of the root node, in quotes; nationally 12 digits. 区划代码，须加引号。",
        examples=["430602000000"],
    )
    timezone: Timezone = Field(
        default="Asia/Shanghai", description="The zone in which its days begin, an IANA name. 时区。"
    )
    language: Literal["zh-CN", "en"] = Field(
        default="zh-CN", description="The language of its data and, unless asked otherwise, its messages. 语言。"
    )
    plugins: tuple[str, ...] = Field(default=(), description="The plugins that are on. 启用的插件。")
    listed: bool = Field(
        default=False, description="GET /districts names this district to everybody. 是否列入公开的区县目录。"
    )
    database: DatabaseUrl | None = Field(
        default=None,
        repr=False,
        description="A database of its own, elsewhere or of another engine; never behind a pooler. "
        "单独的数据库地址，可为另一服务器或另一种数据库，不经连接池代理。",
        examples=["postgres://linli@localhost:5432/example"],
    )
    regulated: dict[str, str] = Field(
        default_factory=dict,
        description="The basis (document, resolution) on which a regulated feature is switched on. "
        "受规管功能的启用依据。",
    )
    sections: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        alias="settings",
        repr=False,
        description="Settings as stated, by plugin; code reads `settings` instead. 各插件的设置。",
    )
    _settings: DistrictSettings = PrivateAttr(default_factory=lambda: DistrictSettings({}))

    @property
    def settings(self) -> DistrictSettings:
        """The checked settings of core and of every plugin that is on."""
        return self._settings

    @property
    def zone(self) -> ZoneInfo:
        """The time zone by whose days the district lives."""
        return ZoneInfo(self.timezone)

    @property
    def version(self) -> str:
        """A short hash over all that is configured for the district, defaults included."""
        stated = self.model_dump(exclude={"sections", "database"})
        return fingerprint(stated | {"settings": self._settings.versions})

    def basis(self, feature: str) -> str | None:
        """The basis stated for a regulated feature, or None: then it is off."""
        return self.regulated.get(feature)


class Configuration(Section):
    """The whole of linli.toml. 系统配置。"""

    database: DatabaseConfiguration = Field(
        default_factory=DatabaseConfiguration, description="Where the districts' data are kept. 数据库。"
    )
    server: ServerConfiguration = Field(
        default_factory=ServerConfiguration, description="How the server listens and what it shows. 服务。"
    )
    keys: KeysConfiguration = Field(
        default_factory=KeysConfiguration, description="Where the master keys are. 主密钥。"
    )
    districts: dict[str, DistrictConfiguration] = Field(
        default_factory=dict, description="The districts by their keys. 各区县。"
    )
    _file: Path = PrivateAttr(default=Path("linli.toml"))

    @property
    def file(self) -> Path:
        """The absolute path of linli.toml."""
        return self._file

    @property
    def folder(self) -> Path:
        """The folder of linli.toml: relative paths, and what the server writes, are relative to it."""
        return self._file.parent

    @property
    def data(self) -> Path:
        """The folder for whatever the server writes: databases, job store, files."""
        return self.folder / "data"

    @property
    def default_district(self) -> str | None:
        """The key of the district that stands in where none is named: the stated one, or the only one."""
        only = next(iter(self.districts)) if len(self.districts) == 1 else None
        return self.server.default_district or only

    def database_of(self, district: str) -> DistrictDatabase:
        """Where the data of a district, given by its key, are."""
        url = self.districts[district].database or self.database.url
        return locate(url, district, self.folder)

    def direct_database_of(self, district: str) -> DistrictDatabase:
        """The same without the pooler in front of it, if there is one."""
        direct = None if self.has_own_database(district) else self.database.direct_url
        return self.database_of(district) if direct is None else locate(direct, district, self.folder)

    def pooler_of(self, district: str) -> Pooler | None:
        """How the pooler in front of a district's database lends its sessions; None where there is none."""
        return None if self.has_own_database(district) else self.database.pooler

    def has_own_database(self, district: str) -> bool:
        """Whether a district, given by its key, is not where [database] says."""
        return self.districts[district].database is not None

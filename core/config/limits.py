"""How much an operation may ask for, one client at a time, in one district. 接口限额。"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """The limits of GraphQL operations; what goes beyond is refused before anything is read. 接口限额。"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: int = Field(
        default=5000,
        ge=500,
        le=50_000,
        description="How many words and signs a text has at most. 操作文本的词法单元上限。",
    )
    operations: int = Field(
        default=10, ge=1, le=100, description="How many operations stand in one text. 一份文本中的操作数上限。"
    )
    fragments: int = Field(
        default=100, ge=1, le=500, description="How many fragments stand in one text. 一份文本中的片段数上限。"
    )
    depth: int = Field(
        default=20,
        ge=5,
        le=100,
        description="How deep fields stand in each other; `edges` and `nodes` count too. 字段嵌套层数上限。",
    )
    fields: int = Field(
        default=2000,
        ge=100,
        le=20_000,
        description="How many fields an operation selects, those of a fragment wherever it stands. 选取字段数上限。",
    )
    repeats: int = Field(
        default=50,
        ge=5,
        le=1000,
        description="How often one place of the answer is asked for. 同一字段的重复次数上限。",
    )
    aliases: int = Field(
        default=50, ge=1, le=1000, description="How many fields are asked for by other names. 别名数上限。"
    )
    root_fields: int = Field(
        default=20, ge=1, le=200, description="How many root fields an operation has. 根字段数上限。"
    )
    directives: int = Field(default=50, ge=1, le=1000, description="How many directives an operation has. 指令数上限。")
    introspections: int = Field(
        default=2,
        ge=1,
        le=50,
        description="How often an operation asks for the schema itself. 单次操作的内省字段数上限。",
    )
    introspection_depth: int = Field(
        default=15,
        ge=5,
        le=50,
        description="How deep it asks there: what tools send is 14 deep. 内省嵌套层数上限。",
    )
    cost: int = Field(
        default=10_000,
        ge=100,
        le=1_000_000,
        description="How many records an answer may hold, as its page sizes tell; see docs. 操作开销上限（记录数）。",
    )
    page_size: int = Field(
        default=200,
        ge=20,
        le=200,
        description="How many records a page has at most. 每页条数上限。",
    )
    variables_bytes: int = Field(
        default=524_288,
        ge=1024,
        le=67_108_864,
        description="How many bytes of JSON the variables have, as far as the request's own size lets them. "
        "变量的最大字节数。",
    )
    seconds: int = Field(
        default=30,
        ge=1,
        le=600,
        description="How many seconds an operation may take, where `max_seconds` of the server is not less. "
        "单次操作的最长时间（秒）。",
    )
    statement_seconds: int = Field(
        default=20,
        ge=1,
        le=600,
        description="How many seconds one statement of an operation may take in the database. "
        "单条语句的最长时间（秒）。",
    )
    concurrent: int = Field(
        default=64,
        ge=1,
        le=10_000,
        description="How many requests of one account a process answers at a time. 每个账号的并发请求上限。",
    )
    concurrent_anonymous: int = Field(
        default=64,
        ge=1,
        le=10_000,
        description="The same for one address without a token. 未登录时每个地址的并发请求上限。",
    )
    requests_per_minute: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="How many requests one account has in a minute, in one process; as many at once. "
        "每个账号每分钟的请求上限。",
        examples=[3000],
    )
    requests_per_minute_anonymous: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="The same for one address without a token; behind a proxy name it in `trusted_proxies` first. "
        "未登录时每个地址每分钟的请求上限。",
        examples=[600],
    )

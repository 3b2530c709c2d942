"""Files in GraphQL: what they are, and links by which their content is fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional
from uuid import UUID

import strawberry

from linli.core.files import models
from linli.core.files.attaching import attached_to
from linli.core.files.links import link_to
from linli.core.files.purposes import FilePurpose, FileState
from linli.core.records.classes import FieldClass
from linli.core.records.record import Record

from ..context import Context, Info
from ..declare import column, computed, masked, node
from ..declare.node import Node
from ..declare.pages import Page
from ..enums import enum

enum(
    "Where a file stands. 文件状态。",
    PENDING="Uploaded, and not used yet. 待使用。",
    ATTACHED="It belongs to a record. 已使用。",
    GONE="Destroyed. 已销毁。",
)(FileState)
enum(
    "How much content tells of somebody. 信息分类。",
    PUBLIC="Nothing that not anybody may see. 公开。",
    INTERNAL="Something for those who see the record. 内部。",
    PERSONAL="Of a person. 个人信息。",
    SENSITIVE="Of a person, what may do harm. 敏感个人信息。",
)(FieldClass)


def _opened(name: str) -> Callable[[models.File, Info], str | None]:
    """Whoever sees a file sees what it is called: its content says more."""

    def read(row: models.File, _info: Info) -> str | None:
        kept = getattr(row, name)
        return None if kept is None else kept.decrypt()

    return read


def address(context: Context, file_id: UUID) -> str:
    """Where a file is fetched, without what proves that one may."""
    return f"/d/{context.district.key}/files/{file_id}"


async def _url(row: models.File, info: Info, expires_in: int | None = None) -> str:
    link = await link_to(row, info.context.viewer, expires_in)
    return f"{address(info.context, row.id)}?{link.query}"


@node(models.File, "A photo, a scan, a sheet: what was uploaded. 文件。", order=("position", "created_at"))
class File:
    """A file and what is known of it."""

    name = masked("Its name; null once it is destroyed. 文件名。", _opened("name"))
    size = column("Bytes. 大小（字节）。")
    media_type = column("What it is, by its content. 媒体类型。")
    sha256 = masked("SHA-256 of its content, in hexadecimal. 内容的 SHA-256。", _opened("sha256"))
    purpose = column("What it was uploaded for, as <plugin>.<thing>. 用途。")
    content_class = column(
        "How much its content tells of somebody. 内容分类。", source="field_class", type=FieldClass, filterable=False
    )
    state = column("Where it stands. 状态。", type=FileState)
    expires_at = column("When it is destroyed unless it is used. 逾期销毁时间。", filterable=False)
    created_at = column("When it was uploaded. 上传时间。")
    version = column("Counts its changes. 版本。", filterable=False)
    url = computed(
        "An address that fetches it without a token, for a while; asking for one of a PERSONAL or SENSITIVE file is "
        "recorded. 临时下载地址；含个人信息的文件每次获取均留痕。",
        _url,
        str,
        recorded=True,
        expires_in=(Optional[int], "For how many seconds: 300 where not said, 3600 at most. 有效秒数。"),
    )


def files_page(purpose: FilePurpose) -> Callable[..., Page]:
    """How a type's field finds the files of a record, as far as the viewer sees them."""

    def rows(row: Record, info: Info, **given: Any) -> Page:
        return Page(info.context, Node.registry["File"], attached_to(purpose, row.id), **given)

    return rows


def file_ids(context: Context, given: list[strawberry.ID], argument: str) -> list[UUID]:
    """The files that an input names; what is no id of a file is as if there were none."""
    return [context.required_id(one, "File", argument) for one in given]

"""Imports of sheets in GraphQL: where they stand, what was recognised, what was found. 表格导入。"""

from __future__ import annotations

from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.core.files.attaching import files_of
from linli.core.files.models import File as FileModel
from linli.core.jobs.models import Job as JobRow
from linli.core.languages import translate
from linli.core.privacy.file_purposes import ANNOTATED_SPREADSHEET
from linli.core.sheet_imports import models
from linli.core.sheet_imports.applying import read
from linli.core.sheet_imports.words import SheetFindingLevel, SheetState
from linli.core.spreadsheets.archives import column_letters
from linli.core.spreadsheets.field import SheetKind
from linli.core.spreadsheets.fields import FIELDS

from ..context import Info
from ..contributions import fields
from ..declare import column, computed, every, masked, node, page, record, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..enums import enum
from .files import File
from .history import history
from .jobs import Job

enum(
    "What a row of a sheet is above all. 表格类型。",
    PEOPLE="People, where they live and as what. 人员。",
    PREMISES="Homes and who owns them. 房屋。",
    UNITS="Units stationed at a place. 单位。",
    POSTS="Who holds which post. 任职。",
)(SheetKind)
enum(
    "Where an import of a sheet stands. 导入状态。",
    CHECKING="It is being looked at. 检查中。",
    PREVIEWED="It was looked at and waits to be applied. 待确认。",
    RUNNING="It is being written. 写入中。",
    APPLIED="It is written. 已写入。",
    UNDOING="It is being taken back. 撤销中。",
    UNDONE="It was taken back. 已撤销。",
    FAILED="It could not go on; what was written stays, and can be taken back. 失败。",
)(SheetState)
enum(
    "How a finding weighs. 问题级别。",
    ERROR="The row is not written. 错误，该行不写入。",
    WARNING="A value is not written, or somebody should look. 警告。",
    NOTE="Something worth knowing. 提示。",
)(SheetFindingLevel)


@strawberry.type(description="A column of a sheet as it was recognised. 表格列。")
class SheetColumn:
    """Which column, and what it is taken for."""

    index: int = strawberry.field(description="Its place, from 0. 列序号。")
    letter: str = strawberry.field(description="Its letter, such as B. 列标。")
    title: str = strawberry.field(description="Its heading, both levels joined by /. 表头。")
    field: str | None = strawberry.field(description="The field it is taken for; null for none. 对应字段。")
    field_title: str | None = strawberry.field(description="What that field is called. 字段名称。")
    sure: bool = strawberry.field(description="False where somebody should look. 是否确定。")
    guess: str | None = strawberry.field(description="A field with a heading alike, not taken. 相近字段。")
    unkept: bool = strawberry.field(description="Known, and nothing of it is kept. 已知但不导入。")
    sample: list[str] = strawberry.field(description="Some values; personal ones are masked. 样例（脱敏）。")


@strawberry.type(description="A field that a column may be. 可导入字段。")
class SheetFieldInfo:
    """Its key, what it is called, and for which sheets."""

    key: str = strawberry.field(description="As mappings name it, such as person.name. 标识。")
    title: str = strawberry.field(description="In the caller's language. 名称。")
    kinds: list[SheetKind] = strawberry.field(description="In which sheets it may stand. 适用表格。")
    required: list[SheetKind] = strawberry.field(description="Which sheets cannot do without. 必填的表格。")


def _columns(row: models.SheetImport, info: Info) -> list[SheetColumn]:
    return [SheetColumn(**one, field_title=_title(one["field"], info)) for one in row.columns]


def _title(key: str | None, info: Info) -> str | None:
    known = None if key is None else FIELDS.get(key)
    if known is None:
        return None
    return known.title if info.context.language.startswith("zh") else known.title_en


def _name(row: models.SheetImport, _info: Info) -> str | None:
    return None if row.name is None else row.name.decrypt()


async def _job(row: models.SheetImport, _info: Info) -> JobRow | None:
    """The newest one: whoever sees the import sees its jobs."""
    return await JobRow.filter(subject_id=row.id).order_by("-created_at", "-id").first()


async def _done(row: models.SheetImport, info: Info) -> int:
    """Rows of a sheet that is being looked at are counted by the job that does it."""
    job = await _job(row, info) if row.state == SheetState.CHECKING else None
    return row.done if job is None else job.done


async def _annotated(row: models.SheetImport, info: Info) -> FileModel | None:
    found = await files_of(ANNOTATED_SPREADSHEET, row.id)
    if not found:
        return None
    file: FileModel | None = await info.context.loaders.by_id(FileModel).load(found[0].id)
    return file


def _findings(row: models.SheetImport, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["SheetFinding"], Q(sheet_import_id=row.id), **given)


@node(models.SheetImport, "A sheet that is brought in. 表格导入。", order=("created_at",))
class SheetImport:
    """What it is, where it stands, and what came of its rows."""

    org = relation("At which organisation. 导入到的组织。", "OrgNode")
    kind = column("What its rows are. 表格类型。", type=SheetKind)
    state = column("Where it stands. 状态。", type=SheetState)
    name = masked("What the file is called. 文件名。", _name, nullable=True)
    sheet = column("Which sheet of the file. 工作表。", filterable=False)
    columns = computed("Its columns as they were recognised. 识别的列。", _columns, list[SheetColumn])
    update = column("Whether values that differ are written too. 是否更新不一致的值。", source="update_differing")
    create_places = column("Whether buildings that are not there are made. 是否新建楼栋。")
    total = column("How many rows there are; an estimate until they were read. 总行数。", filterable=False)
    done = computed("How many rows are looked at, or written. 已处理行数。", _done, int)
    job = computed("What is done about it behind, the newest such job. 后台任务。", _job, Optional[Job])
    created = column("Rows that entered something, or would. 新增行数。", filterable=False)
    changed = column("Rows that changed something, or would. 变更行数。", filterable=False)
    unchanged = column("Rows that say what is known. 无变化行数。", filterable=False)
    refused = column("Rows that are not written. 未写入行数。", filterable=False)
    found = column("How many findings there are; 10,000 are kept. 问题数。", filterable=False)
    findings = page("What was found, row by row. 问题清单。", "SheetFinding", _findings)
    annotated = computed("A copy of the sheet with what was found in its cells. 标注副本。", _annotated, Optional[File])
    undone = column("Records that were taken back. 已撤销记录数。", filterable=False)
    left = column("Records that stayed since others need or changed them. 未能撤销记录数。", filterable=False)
    failure = column("Why it could not go on: a stable code. 失败代码。", filterable=False)
    created_at = column("When it was brought in. 上传时间。", orderable=True)
    applied_at = column("When it was written. 写入时间。")
    undone_at = column("When it was taken back. 撤销时间。")
    version = column("Counts its changes. 版本。", filterable=False)
    history = history()


def _letter(row: models.SheetFinding, _info: Info) -> str | None:
    return None if row.column is None else column_letters(row.column)


def _message(row: models.SheetFinding, info: Info) -> str | None:
    return None if row.message is None else translate(read(row.message.decrypt()), info.context.language)


@node(models.SheetFinding, "What was found in a row or a cell of a sheet. 表格问题。", order=("position",))
class SheetFinding:
    """Where, what, and how it weighs; the values themselves are not told."""

    row = column("The row as spreadsheets count; 0 for the whole sheet. 行号。")
    field = column("The field that it is about. 字段。")
    level = column("How it weighs. 级别。", type=SheetFindingLevel)
    code = column("A stable code. 代码。")
    message = masked("In the caller's language. 说明。", _message, nullable=True)
    column = computed("Its letter; null for the whole row. 列标。", _letter, Optional[str])  # last: hides the function


def sheet_fields(_root: Any, info: Info) -> list[SheetFieldInfo]:
    """All fields that columns may be."""
    return [
        SheetFieldInfo(
            key=one.key, title=_title(one.key, info) or one.key, kinds=sorted(one.kinds), required=sorted(one.required)
        )
        for one in FIELDS.values()
        if one.kept
    ]


@fields("Imports of sheets. 表格导入。")
class SheetQuery:
    """What `Query` gets."""

    sheet_import = record("One import of a sheet. 一次表格导入。", SheetImport)
    sheet_imports = every("Imports of sheets. 表格导入列表。", "SheetImport")
    sheet_fields = computed(
        "The fields that a sheet's columns may be. 可导入字段。", sheet_fields, list[SheetFieldInfo]
    )

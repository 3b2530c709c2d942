"""Mutations of imports of sheets: looked at, applied, taken back. 表格导入变更。"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import strawberry
from strawberry.utils.str_converters import to_camel_case

from linli.core.access.searches import Search, tell
from linli.core.access.viewer import Viewer
from linli.core.errors import FieldProblem, ValidationError, invalid
from linli.core.files.attaching import attach, usable
from linli.core.files.contents import content
from linli.core.files.models import File
from linli.core.graph.models import OrgNode
from linli.core.jobs.sheets import set_to_work
from linli.core.privacy.file_purposes import SPREADSHEET
from linli.core.sheet_imports import opening, starting, undoing
from linli.core.sheet_imports.models import IMPORT
from linli.core.sheet_imports.models import SheetImport as Row
from linli.core.sheet_imports.words import SheetState
from linli.core.spreadsheets.field import SheetKind
from linli.core.spreadsheets.findings import Level
from linli.core.spreadsheets.reading import Recognised

from ..context import Context, Info
from ..contributions import fields
from ..inputs import MutationInput, optional, required, value
from ..mutations import mutation
from .lookups import node_for, seen
from .people_changes import MASKED
from .sheet_imports import SheetImport

MOST_MAPPED = 200
NEEDS = {SheetKind.UNITS: "core.org.write", SheetKind.POSTS: "core.post.write"}
"""What bringing in needs besides `core.registry.import`, as entering one by one does."""
PLACES = "core.org.write"
WHOSE = ("person", "owner")


def require(viewer: Viewer, at: OrgNode, kind: SheetKind) -> None:
    """Raise ForbiddenError where the viewer may not bring in such a sheet at an organisation."""
    viewer.require(IMPORT, at.path)
    if kind in NEEDS:
        viewer.require(NEEDS[kind], at.path)


@strawberry.input(description="What a column is taken for. 列的对应。")
class SheetMappingInput:
    """A column, and a field or none."""

    column: str = required("Its letter or its heading. 列标或表头。")
    field: str | None = optional("A key of `sheetFields`; null where it is not imported. 字段。")


@strawberry.input(description="A sheet to be looked at. 预览表格。")
class PreviewSheetInput(MutationInput):
    """Which file, where, and how it is read."""

    file_id: strawberry.ID = required("The file, uploaded for core.spreadsheet. 文件。")
    org_id: strawberry.ID = required("At which organisation; people and homes at a community. 导入到的组织。")
    kind: SheetKind = required("What its rows are. 表格类型。")
    sheet: str | None = optional("Which sheet; the one that reads most like a table where not said. 工作表。")
    mapping: list[SheetMappingInput] | None = optional("What columns are, where that is told otherwise. 列的对应。")
    update: bool | None = optional("Look as if values that differ were written too. 是否更新不一致的值。")
    create_places: bool | None = optional("Look as if buildings were made. 是否新建楼栋。")


@dataclass(frozen=True)
class Prepared:
    """What was read of a file before anything is written."""

    found: Recognised
    sha256: str


async def _recognised(info: Info, given: PreviewSheetInput) -> Prepared:
    """Read the file, aside and ahead of the transaction."""
    context = info.context
    at = await node_for(context, given.org_id, "orgId", IMPORT)
    require(context.viewer, at, given.kind)
    starting.check_place(at, given.kind)
    file = await _file(context, given)
    whole = b"".join([piece async for piece in await content(context.district, file)])
    mapping = _mapping(given)
    found = await opening.recognise(whole, kind=given.kind, sheet=value(given.sheet), mapping=mapping)
    if not opening.readable(found):
        wrong = [one for one in found.findings if one.level is Level.ERROR]
        raise ValidationError(*(FieldProblem("fileId", one.code, one.message) for one in wrong))
    return Prepared(found, hashlib.sha256(whole).hexdigest())


async def _file(context: Context, given: PreviewSheetInput) -> File:
    id_ = context.required_id(given.file_id, "File", "fileId")
    return usable(await File.get_or_none(id=id_, account_id=context.viewer.account_id), SPREADSHEET, "fileId")


def _mapping(given: PreviewSheetInput) -> dict[int | str, str | None]:
    named = value(given.mapping) or []
    if len(named) > MOST_MAPPED:
        raise invalid("mapping", "TOO_LONG", "At most {limit}", limit=MOST_MAPPED)
    return {one.column: value(one.field) for one in named}


@mutation(
    "Look at a sheet: what its columns are, what would come of its rows. It is looked at behind; poll `state`. "
    "预览表格，后台检查，轮询状态。",
    SheetImport,
    permission=IMPORT,
    before=_recognised,
)
async def preview_sheet(info: Info, input: PreviewSheetInput, prepared: Prepared) -> Row:  # noqa: A002
    """Keep the file with the import, and have its rows looked at."""
    context = info.context
    at = await node_for(context, input.org_id, "orgId", IMPORT)
    file = await _file(context, input)
    sheet = await starting.bring_in(
        at,
        input.kind,
        state=SheetState.CHECKING,
        name="" if file.name is None else file.name.decrypt(),
        sha256=prepared.sha256,
        sheet=prepared.found.sheet,
        columns=opening.columns_of(prepared.found),
        mapping={str(name): field for name, field in _mapping(input).items()},
        total=opening.rows_of(prepared.found),
        account_id=context.viewer.account_id,
        update=bool(value(input.update)),
        create_places=bool(value(input.create_places)),
    )
    await attach(context.viewer, [file.id], SPREADSHEET, sheet, org_id=at.id, path="fileId")
    await _tell_comparing(context, at, prepared.found)
    await set_to_work(sheet, context.viewer.account_id)
    return sheet


async def _tell_comparing(context: Context, at: OrgNode, found: Recognised) -> None:
    """Keep that an account has masked values compared: what differs and what does not tells it what is stored."""
    account_id = context.viewer.account_id
    assert account_id is not None, "a mutation is an account's"
    named = {field.partition(".")[2] for field in opening.fields_of(found) if field.partition(".")[0] in WHOSE}
    one = frozenset({None})  # stands for the values, of which nothing is told
    compared = sorted(named & {to_camel_case(column) for column in MASKED})
    await tell([Search("Person", name, "previewSheet", one, (at.path,)) for name in compared], account_id)


@strawberry.input(description="Which sheet is written. 写入表格。")
class ApplySheetInput(MutationInput):
    """Which, and how."""

    import_id: strawberry.ID = required("Which. 表格导入。")
    update: bool | None = optional("Write values that differ too. 一并更新不一致的值。")
    create_places: bool | None = optional("Make buildings that are not there; needs core.org.write. 新建楼栋。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


async def _for_change(context: Context, id_: str) -> Row:
    sheet = await seen(context, Row, id_, "importId")
    require(context.viewer, await OrgNode.get(id=sheet.org_id), SheetKind(sheet.kind))
    return sheet


@mutation(
    "Write a sheet that was looked at. It is written behind; poll `state`, `done` and `total`. 写入表格，轮询进度。",
    SheetImport,
    permission=IMPORT,
)
async def apply_sheet(info: Info, input: ApplySheetInput) -> Row:  # noqa: A002
    """Rows with an error are left out, all others are written."""
    context = info.context
    sheet = await _for_change(context, input.import_id)
    create_places = bool(value(input.create_places))
    if create_places or (sheet.state == SheetState.FAILED and sheet.create_places):  # goes on as it was begun
        context.viewer.require(PLACES, (await OrgNode.get(id=sheet.org_id)).path)
    begun = await starting.start(
        sheet,
        update=bool(value(input.update)),
        create_places=create_places,
        expected_version=value(input.expected_version),
        account_id=context.viewer.account_id,
    )
    await set_to_work(begun, context.viewer.account_id)
    return begun


@strawberry.input(description="Which sheet is taken back. 撤销表格导入。")
class UndoSheetInput(MutationInput):
    """Which."""

    import_id: strawberry.ID = required("Which. 表格导入。")


@mutation(
    "Take back what a sheet wrote, within a day. What is used or was changed since stays. 撤销表格导入（一日内）。",
    SheetImport,
    permission=IMPORT,
)
async def undo_sheet(info: Info, input: UndoSheetInput) -> Row:  # noqa: A002
    """What was entered goes, what was changed goes back."""
    context = info.context
    sheet = await _for_change(context, input.import_id)
    begun = await undoing.begin(sheet, context.district.settings.sheet_undo_hours)
    await set_to_work(begun, context.viewer.account_id)
    return begun


@fields("Imports of sheets. 表格导入变更。")
class SheetMutation:
    """Root fields."""

    preview_sheet = preview_sheet
    apply_sheet = apply_sheet
    undo_sheet = undo_sheet

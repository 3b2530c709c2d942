"""`linli import people`, `premises`, `units`, `posts`: sheets as communities keep them; and what became of them."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from .. import invocation
from ..files import refuse_taken
from ..language import in_words, language, words
from ..messages import CommandError, UsageError, note, say, unknown
from ..progress import progress
from ..running import entered, run
from ..tables import is_terminal

if TYPE_CHECKING:
    from linli.core.districts import District
    from linli.core.errors import Text
    from linli.core.graph.models import OrgNode
    from linli.core.sheet_imports.applying import Report, Work
    from linli.core.sheet_imports.models import SheetImport
    from linli.core.spreadsheets.field import SheetKind
    from linli.core.spreadsheets.findings import Finding
    from linli.core.spreadsheets.reading import Recognised

File = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="XLSX, XLS, ODS or CSV. 表格文件。")
]
DistrictOption = Annotated[str | None, typer.Option("--district", metavar="KEY", help="The district. 区县。")]
At = Annotated[
    str | None, typer.Option("--at", metavar="[KIND:]CODE", help="At which organisation. 导入到哪个组织（社区）。")
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Which sheet. 工作表。")]
Mapped = Annotated[
    str,
    typer.Option("--map", metavar="列=field,..", help="What columns are, by title or letter; 列= for none. 列的对应。"),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and report, write nothing. 仅检查，不写入。")]
Annotated_ = Annotated[
    Path | None,
    typer.Option("--annotated", metavar="OUT.xlsx", dir_okay=False, help="A copy with what was found. 标注副本。"),
]
Update = Annotated[bool, typer.Option("--update", help="Write values that differ too. 一并更新不一致的值。")]
CreatePlaces = Annotated[bool, typer.Option("--create-places", help="Make buildings that are not there. 新建楼栋。")]
Yes = Annotated[bool, typer.Option("--yes", help="Write without asking. 不再确认。")]


def command(kind: str, told: str) -> Callable[..., None]:
    """The command that imports one kind of sheets."""

    def imported(
        file: File,
        *,
        district: DistrictOption = None,
        at: At = None,
        sheet: Sheet = None,
        map_: Mapped = "",
        dry_run: DryRun = False,
        annotated: Annotated_ = None,
        update: Update = False,
        create_places: CreatePlaces = False,
        yes: Yes = False,
    ) -> None:
        call = invocation.current()
        key = invocation.chosen(call.configuration(), district)
        if annotated is not None:
            refuse_taken(annotated)
        wanted = Wanted(kind, file.name, file.read_bytes(), at, sheet, _mapping(map_), update, create_places)
        refused = run(_import(call, key, wanted, annotated, dry_run=dry_run, yes=yes))
        if refused:
            raise CommandError(words("rows that were not written: {count}; mend them and repeat", count=refused))

    imported.__doc__ = told
    return imported


@dataclass(frozen=True)
class Wanted:
    """What is to be imported, and how."""

    kind: str
    name: str
    content: bytes
    at: str | None
    sheet: str | None
    mapping: dict[int | str, str | None]
    update: bool
    create_places: bool

    @property
    def sha256(self) -> str:
        """What the same content is known by."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def kept_mapping(self) -> dict[str, str | None]:
        """The mapping as it is kept with the import."""
        return {str(name): field for name, field in self.mapping.items()}


def _mapping(written: str) -> dict[int | str, str | None]:
    """列=field,.. as a mapping; a column without a field is not imported."""
    found: dict[int | str, str | None] = {}
    for part in filter(None, (one.strip() for one in written.split(","))):
        column, mark, field = part.rpartition("=")
        if not mark or not column:
            raise UsageError(words('"{part}" in --map is no 列=field, such as 联系方式=person.phone', part=part))
        found[column.strip()] = field.strip() or None
    return found


async def _import(
    call: invocation.Invocation, key: str, wanted: Wanted, annotated: Path | None, *, dry_run: bool, yes: bool
) -> int:
    async with entered(call.configuration(), call.installed, key) as district:
        from linli.core.sheet_imports import opening  # noqa: PLC0415  `linli --help` is to be quick
        from linli.core.sheet_imports.starting import check_place  # noqa: PLC0415
        from linli.core.spreadsheets.field import SheetKind  # noqa: PLC0415

        from .. import sheet_report  # noqa: PLC0415

        kind = SheetKind(wanted.kind)
        at = await _place(district, wanted.at)
        check_place(at, kind)
        found = await opening.recognise(wanted.content, kind=kind, sheet=wanted.sheet, mapping=wanted.mapping)
        sheet_report.show_columns(found)
        if not opening.readable(found):
            sheet_report.show_findings(found.findings, len(found.findings))
            raise CommandError(words("the sheet cannot be read as it is; name its columns by --map"))
        begun = await _unfinished(district, at, kind, wanted)
        if begun is not None:
            note(words("going on after row {row}, where an earlier run stopped", row=begun.last_row))
        elif dry_run or not yes:
            report = await _look(district, at, found, wanted)
            sheet_report.show_report(report)
            await _annotate(found, report.findings, annotated)
            if dry_run:
                return 0
            if not (is_terminal(sys.stdin) and typer.confirm(in_words(words("Write it?")))):
                raise CommandError(words("nothing is written; repeat with --yes"))
        sheet, findings = await _write(district, at, found, wanted, begun)
        sheet_report.show_import(sheet, findings)
        await _annotate(found, findings, annotated)
        return sheet.refused


async def _place(district: District, code: str | None) -> OrgNode:
    from linli.core.graph.models import OrgNode  # noqa: PLC0415

    kind, _, number = (code or "").rpartition(":")
    if code is None:
        nodes = await OrgNode.filter(parent_id=None, valid_to=None)
    else:
        nodes = await OrgNode.filter(code=number, valid_to=None, **({"kind": kind} if kind else {}))
    if len(nodes) == 1:
        return nodes[0]
    if nodes:
        kinds = ", ".join(sorted(node.kind for node in nodes))
        raise CommandError(
            words("several organisations have the code {code}: {kinds}; name the kind", code=number, kinds=kinds)
        )
    raise CommandError(words("{key}: there is no organisation {code}", key=district.key, code=code or "-"))


async def _unfinished(district: District, at: OrgNode, kind: SheetKind, wanted: Wanted) -> SheetImport | None:
    """The import to go on with. Raises CommandError for one that was begun otherwise and can still be taken back."""
    from linli.core import clock  # noqa: PLC0415
    from linli.core.sheet_imports.starting import begun_so, unfinished  # noqa: PLC0415

    manner: dict[str, Any] = {
        "mapping": wanted.kept_mapping,
        "update": wanted.update,
        "create_places": wanted.create_places,
    }
    found = await unfinished(at, kind, sha256=wanted.sha256, sheet=wanted.sheet)
    same = next((one for one in found if begun_so(one, **manner)), None)
    if same is not None:
        return same
    recent = clock.now() - timedelta(hours=district.settings.sheet_undo_hours)
    other = next((one for one in found if one.applied_at is not None and one.applied_at > recent), None)
    if other is not None:
        raise CommandError(
            words(
                "an earlier run of this file with other options stopped after row {row}: repeat it with --map, --update"
                " and --create-places as they were, or take it back first by `linli import undo {id}`",
                row=other.last_row,
                id=other.id,
            )
        )
    return None


def _work(district: District, found: Recognised, wanted: Wanted, told: Callable[[int, int | None], None]) -> Work:
    from linli.core.sheet_imports import opening  # noqa: PLC0415
    from linli.core.sheet_imports.applying import Rows, Work  # noqa: PLC0415
    from linli.core.sheet_imports.planning import Options  # noqa: PLC0415
    from linli.core.spreadsheets.rows import rows  # noqa: PLC0415

    options = Options(
        found.kind,
        opening.fields_of(found),
        update=wanted.update,
        create_places=wanted.create_places,
        zone=district.zone,
    )
    return Work(district.kinds, options, Rows(rows(found)), wanted.name, told, findings=found.findings)


async def _look(district: District, at: OrgNode, found: Recognised, wanted: Wanted) -> Report:
    from linli.core.sheet_imports import applying, opening  # noqa: PLC0415

    with progress() as bar:
        work = _work(district, found, wanted, lambda done, total: bar(words("rows looked at"), done, total or 0))
        return await applying.check(work, at, opening.rows_of(found))


async def _write(
    district: District, at: OrgNode, found: Recognised, wanted: Wanted, begun: SheetImport | None
) -> tuple[SheetImport, list[Finding]]:
    from linli.core.records.unit_of_work import transact  # noqa: PLC0415
    from linli.core.sheet_imports import applying, opening, starting  # noqa: PLC0415
    from linli.core.sheet_imports.words import SheetState  # noqa: PLC0415

    entered = partial(
        starting.bring_in,
        at,
        found.kind,
        state=SheetState.RUNNING,
        name=wanted.name,
        sha256=wanted.sha256,
        sheet=wanted.sheet,
        columns=opening.columns_of(found),
        mapping=wanted.kept_mapping,
        total=opening.rows_of(found),
        update=wanted.update,
        create_places=wanted.create_places,
    )
    sheet = await transact(lambda _unit: entered()) if begun is None else begun
    with progress() as bar:
        work = _work(district, found, wanted, lambda done, total: bar(words("rows written"), done, total or 0))
        try:
            sheet = await applying.apply(work, sheet)
        except applying.StoppedError as error:
            raise CommandError(_elsewhere()) from error
    return sheet, await applying.kept_findings(sheet)


async def _annotate(found: Recognised, findings: Sequence[Finding], place: Path | None) -> None:
    if place is None:
        return
    from linli.core.sheet_imports.opening import aside  # noqa: PLC0415
    from linli.core.spreadsheets.annotate import annotated  # noqa: PLC0415

    await aside(lambda: _kept(place, annotated(found, findings, language())))
    note(words("a copy with what was found is in {file}", file=place))


def _kept(place: Path, made: bytes) -> None:
    """A new file that only its owner may read: people stand in it."""
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(made)


def _elsewhere() -> Text:
    return words("another process carries this import on, or has ended it; see `linli import list`")


def list_imports(district: DistrictOption = None) -> None:
    """List the sheets that were imported, the newest first. 列出表格导入记录。"""
    call = invocation.current()
    run(_list(call, invocation.chosen(call.configuration(), district)))


async def _list(call: invocation.Invocation, key: str) -> None:
    async with entered(call.configuration(), call.installed, key):
        from linli.core.sheet_imports.models import SheetImport  # noqa: PLC0415

        from .. import sheet_report  # noqa: PLC0415

        sheet_report.show_list(await SheetImport.all().order_by("-created_at").limit(200).select_related("org"))


def undo(
    import_: Annotated[str, typer.Argument(metavar="ID", help="Which import, by `linli import list`. 导入标识。")],
    *,
    district: DistrictOption = None,
) -> None:
    """Take back what a sheet wrote, within a day. 撤销表格导入。"""
    try:
        wanted = UUID(import_)
    except ValueError as error:
        raise UsageError(words('"{id}" is no UUID; see `linli import list`', id=import_)) from error
    call = invocation.current()
    left = run(_undo(call, invocation.chosen(call.configuration(), district), wanted))
    if left:
        note(words("records that stay, since they are used or were changed: {count}", count=left))


async def _undo(call: invocation.Invocation, key: str, wanted: UUID) -> int:
    async with entered(call.configuration(), call.installed, key) as district:
        from linli.core.records.unit_of_work import transact  # noqa: PLC0415
        from linli.core.sheet_imports import applying, undoing  # noqa: PLC0415
        from linli.core.sheet_imports.models import SheetImport  # noqa: PLC0415

        from .. import sheet_report  # noqa: PLC0415

        known = await SheetImport.get_or_none(id=wanted)
        if known is None:
            raise CommandError(words("{key}: there is no import {id}", key=key, id=wanted))
        before = known.found
        sheet = await transact(lambda _unit: undoing.begin(known, district.settings.sheet_undo_hours))
        with progress() as bar:
            try:
                sheet = await undoing.undo(
                    district.kinds,
                    sheet,
                    progress=lambda done, total: bar(words("records taken back"), done, total or 0),
                )
            except applying.StoppedError as error:
                raise CommandError(_elsewhere()) from error
        found = await applying.kept_findings(sheet, after=before)
        sheet_report.show_findings(found, sheet.left)
        say(words("records taken back: {count}", count=sheet.undone))
        return sheet.left


def template(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="people, premises, units or posts. 表格类型。")],
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", dir_okay=False, help="Where it is kept. 模板文件。")],
) -> None:
    """Write an empty sheet with the headings of a kind. 生成空白模板。"""
    from linli.core.spreadsheets.field import SheetKind  # noqa: PLC0415
    from linli.core.spreadsheets.templates import template as made  # noqa: PLC0415

    known = [one.value.lower() for one in SheetKind]
    if kind not in known:
        raise UsageError(unknown(words("kind of sheets"), kind, known))
    refuse_taken(out)
    out.write_bytes(made(SheetKind(kind.upper()), language()))
    say(words("an empty sheet is in {file}", file=out))

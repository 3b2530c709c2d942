"""Ledgers in GraphQL: what there is, how it begins, and the workbook as a file. 台账。"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.core.errors import invalid
from linli.core.files import models
from linli.core.files.attaching import admit
from linli.core.files.event_types import FILE
from linli.core.files.purposes import FileKind
from linli.core.files.receiving import Ready, limit_of, too_large
from linli.core.files.sealing import TooLargeError
from linli.core.files.staging import Staged
from linli.core.graph.models import OrgNode as OrgModel
from linli.core.jobs.timers import FILE_EXPIRY, schedule
from linli.core.privacy.file_purposes import LEDGER
from linli.core.records.classes import FieldClass
from linli.core.records.keys import current_keyring

from ..context import Context, Info
from ..contributions import fields
from ..declare import computed
from ..declare.node import Node
from ..enums import enum
from ..errors import RateLimitedError
from ..inputs import MutationInput, optional, required, value
from ..ledgers import templates
from ..ledgers.asking import Asked, find, understood
from ..ledgers.declarations import Ledger as Declared
from ..ledgers.exporting import Export, Manner, export, note_searches, recorded, template_of
from ..ledgers.paths import field_class
from ..ledgers.reading import Reading
from ..ledgers.templates import Template
from ..ledgers.workbooks import Layout
from ..mutations import mutation
from ..problems import unauthenticated
from .files import File
from .lookups import seen

HOURS = 24
MOST_SHOWN = 200
MOST_ROWS = 20_000
"""Rows that one request writes: within the 30 seconds that a request has; `linli ledger export` writes more."""

enum(
    "How the groups of a ledger are told apart. 台账分组方式。",
    HEADINGS="On one sheet, each with a heading. 同一工作表，以小标题分组。",
    SHEETS="Each on a sheet of its own. 每组一张工作表。",
)(Layout)


@strawberry.type(description="A column, a filter or a grouping of a ledger. 台账的列、筛选或分组。")
class LedgerPart:
    """How it is named in arguments, and what it is called."""

    key: str = strawberry.field(description="By which arguments name it. 标识。")
    title: str = strawberry.field(description="In the caller's language. 名称。")
    content_class: FieldClass | None = strawberry.field(description="How much a column tells; null else. 信息分类。")


@strawberry.type(description="A ledger that can be exported; nothing is ever entered for one. 台账。")
class Ledger:
    """What it is and how it can be asked for."""

    code: str = strawberry.field(description="Its name, as <plugin>.<name>. 标识。")
    title: str = strawberry.field(description="In the caller's language. 名称。")
    description: str = strawberry.field(description="What its rows are. 说明。")
    dated: bool = strawberry.field(description="Whether it can be asked for as of an instant. 可否按时点查询。")
    columns: list[LedgerPart] = strawberry.field(description="Its columns, in order. 列。")
    filters: list[LedgerPart] = strawberry.field(description="By what it can be narrowed. 筛选项。")
    groups: list[LedgerPart] = strawberry.field(description="How it can be grouped, the usual one first. 分组。")
    templates: list[str] = strawberry.field(description="The district's own workbooks for it. 模板。")


@strawberry.type(description="How a ledger begins. 台账预览。")
class LedgerPreview:
    """As it would be exported, masked."""

    ledger: Ledger = strawberry.field(description="Which. 台账。")
    count: int = strawberry.field(description="How many rows it has for this viewer. 总行数。")
    columns: list[LedgerPart] = strawberry.field(description="The columns of `rows`. 列。")
    rows: list[list[Optional[str]]] = strawberry.field(description="Its first rows, ungrouped. 前几行。")


@strawberry.input(description="Only rows that have one of these values. 台账筛选。")
class LedgerFilterInput:
    """A filter that the ledger offers."""

    key: str = strawberry.field(description="Which filter. 筛选项标识。")
    values: list[str] = strawberry.field(description="One of these; 50 at most. 取值。")


@strawberry.input(description="What is exported, and how. 导出台账。")
class ExportLedgerInput(MutationInput):
    """Which ledger of which place."""

    code: str = required("Which ledger. 台账标识。")
    under: strawberry.ID = required("Beneath which organisation. 所属组织。")
    columns: list[str] | None = optional("Which columns, in this order; all where not said. 列。")
    filters: list[LedgerFilterInput] | None = optional("What narrows it. 筛选。")
    group_by: str | None = optional("Which grouping; `none` for no groups, the first where not said. 分组。")
    layout: Layout | None = optional("How groups are told apart; HEADINGS where not said. 分组方式。")
    as_of: datetime | None = optional("As it was at this instant, of dated ledgers. 时点。")
    purpose: str | None = optional(
        "What values are shown in full for, in 4 to 200 characters; without it they are masked. 查看完整信息的用途。"
    )
    template: str | None = optional("The district's workbook that is filled; it says which columns. 模板。")


def _parts(declared: Sequence[Any], language: str) -> list[LedgerPart]:
    return [LedgerPart(key=one.key, title=one.title.in_language(language), content_class=None) for one in declared]


def _columns(ledger: Declared, columns: Sequence[Any], language: str) -> list[LedgerPart]:
    node = Node.registry[ledger.type]
    return [
        LedgerPart(key=one.key, title=one.title.in_language(language), content_class=field_class(node, one))
        for one in columns
    ]


def _told(context: Context, ledger: Declared) -> Ledger:
    language = context.language
    own = context.district.settings.ledger_templates
    return Ledger(
        code=ledger.code,
        title=ledger.title.in_language(language),
        description=ledger.description,
        dated=ledger.dated,
        columns=_columns(ledger, ledger.columns, language),
        filters=_parts(ledger.filters, language),
        groups=_parts(ledger.groups, language),
        templates=sorted(name for name, one in own.items() if one.ledger == ledger.code),
    )


def _all(_root: Any, info: Info) -> list[Ledger]:
    return [_told(info.context, ledger) for ledger in info.context.schema.ledgers.values()]


def _narrowing(filters: Sequence[LedgerFilterInput] | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place, one in enumerate(filters or ()):
        if one.key in found:
            raise invalid(f"filters.{place}", "REPEATED", "A filter is named twice")
        found[one.key] = one.values
    return found


async def _preview(  # noqa: PLR0917  the names are the arguments in the API
    _root: Any,
    info: Info,
    code: str,
    under: str,
    columns: list[str] | None = None,
    filters: list[LedgerFilterInput] | None = None,
    as_of: datetime | None = None,
    first: int | None = None,
) -> LedgerPreview:
    context, shown = info.context, 20 if first is None else first
    if context.viewer.anonymous:
        raise unauthenticated()
    if not 0 <= shown <= MOST_SHOWN:
        raise invalid("first", "OUT_OF_RANGE", "Between 0 and {limit}", limit=MOST_SHOWN)
    ledger, place = find(context, code), await seen(context, OrgModel, under, "under")
    asked = await understood(
        context, ledger, place, columns=columns, filters=_narrowing(filters), group="none", as_of=as_of
    )
    await note_searches(context, asked)
    reading = Reading(context, asked)
    rows = [row async for some in reading.batches(Q(), shown) for row in some]
    return LedgerPreview(
        ledger=_told(context, ledger),
        count=await reading.count(),
        columns=_columns(ledger, asked.columns, context.language),
        rows=[[None if cell is None else str(cell) for cell in row] for row in rows],
    )


@dataclass(frozen=True)
class Prepared:
    """A workbook that waits to be handed out: its content is kept, its row is not yet there."""

    made: Export
    ready: Ready


async def _prepare(info: Info, input: ExportLedgerInput) -> Prepared:  # noqa: A002
    """Write it ahead of the unit of work: others write meanwhile."""
    context = info.context
    ledger = find(context, input.code)
    under = await seen(context, OrgModel, input.under, "under")
    template = await _template(context, ledger, value(input.template))
    columns = value(input.columns)
    if template is not None:
        if columns is not None:
            raise invalid("columns", "TEMPLATE_SAYS", "A template says which columns it has: leave them out")
        columns = [column.key for column in template[1].wanted]
    asked = await understood(
        context,
        ledger,
        under,
        columns=columns,
        filters=_narrowing(value(input.filters)),
        group=value(input.group_by),
        as_of=value(input.as_of),
        purpose=value(input.purpose),
    )
    return await _staged(context, asked, value(input.layout) or Layout.HEADINGS, template)


async def _template(context: Context, ledger: Declared, name: str | None) -> tuple[str, Template] | None:
    if name is None:
        return None
    file, name = template_of(context, ledger.code, name)
    return name, await asyncio.to_thread(templates.read, name, file, ledger)


async def _staged(context: Context, asked: Asked, layout: Layout, template: tuple[str, Template] | None) -> Prepared:
    district = context.district
    arriving = district.staging.begin(current_keyring().present.suite.cipher, limit_of(district, LEDGER))
    try:
        manner = Manner(context.viewer.username or "-", layout, template, MOST_ROWS)
        made = await export(context, asked, _Into(arriving.take), manner)
        staged = await asyncio.to_thread(arriving.whole)
    except TooLargeError:
        await asyncio.to_thread(arriving.drop)
        raise too_large(limit_of(district, LEDGER)) from None
    except BaseException:
        await asyncio.to_thread(arriving.drop)
        raise
    return Prepared(made, await _kept(context, asked, staged))


async def _kept(context: Context, asked: Asked, staged: Staged) -> Ready:
    """The content in the storage; without a row it is taken away again before long."""
    name = f"{asked.ledger.title.in_language(context.language)} {asked.under.name}.xlsx"
    ready = Ready(name, FileKind.XLSX, staged, staged.sha256)
    try:
        await context.district.storage.keep(ready.id, staged.file)
    finally:
        await asyncio.to_thread(partial(staged.file.unlink, missing_ok=True))
    return ready


class _Into:
    """A file that only grows, for a workbook whose bytes are encrypted as they come."""

    def __init__(self, take: Any) -> None:
        self._take, self._written = take, 0

    def write(self, data: bytes) -> int:
        self._take(bytes(data))
        self._written += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""


@mutation(
    "Export a ledger as a workbook; the file is the exporter's alone for a day. 导出台账，文件仅供本人使用一日。",
    File,
    RateLimitedError,
    before=_prepare,
)
async def export_ledger(info: Info, input: ExportLedgerInput, prepared: Prepared) -> models.File:  # noqa: A002
    """Hand out what was written: that it was exported is committed with the row by which it can be fetched."""
    account_id = info.context.viewer.account_id
    assert account_id is not None, "nobody else has mutations"
    file = await admit(info.context.district, LEDGER, prepared.ready, account_id, hours=HOURS)
    assert file.expires_at is not None, "a file that waits expires"
    await schedule(FILE_EXPIRY, file.id, file.expires_at)
    await recorded(prepared.made, (FILE, file.id))
    return file


@fields("Ledgers. 台账查询。")
class LedgerQuery:
    """What `Query` gets."""

    ledgers = computed("The ledgers of this district. 台账目录。", _all, list[Ledger])
    ledger = computed(
        "How a ledger begins, masked, with the number of its rows. 台账预览（脱敏）。",
        _preview,
        LedgerPreview,
        code=(str, "Which ledger. 台账标识。"),
        under=(strawberry.ID, "Beneath which organisation. 所属组织。"),
        columns=(Optional[list[str]], "Which columns, in this order; all where not said. 列。"),
        filters=(Optional[list[LedgerFilterInput]], "What narrows it. 筛选。"),
        as_of=(Optional[datetime], "As it was at this instant, of dated ledgers. 时点。"),
        first=(Optional[int], "How many rows, 20 where not said, 200 at most. 行数。"),
    )


@fields("Exports of ledgers. 台账导出。")
class LedgerMutation:
    """What can be done with ledgers."""

    export_ledger = export_ledger

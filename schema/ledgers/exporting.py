"""Writing a ledger: read in batches, written in a thread, recorded before anybody has it. 导出台账。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from linli.core import clock
from linli.core.access.event_types import LEDGER_EXPORTED, LedgerExported
from linli.core.access.searches import tell
from linli.core.calendar.zones import local_date
from linli.core.errors import RejectedError, Text, text
from linli.core.files.passing import passing
from linli.core.languages import translate
from linli.core.records import events
from linli.core.records.unit_of_work import UnitOfWork, transact

from . import templates, workbooks
from .asking import Asked, unknown
from .filling import fill
from .places import Group, groups
from .reading import Reading
from .templates import Template
from .values import Cell
from .workbooks import Layout, Out, Written

if TYPE_CHECKING:
    from linli.core.districts import District

    from ..context import Context

MOST_SHEETS = 200
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Export:
    """What was written: how many rows, and of how many people which fields stand there in full."""

    asked: Asked
    rows: int
    people: int
    fields: tuple[str, ...]
    template: str | None = None


def template_of(context: Context, asked_code: str, name: str) -> tuple[Path, str]:
    """The file of a template of this ledger, as the district configures it; ValidationError for another."""
    known = context.district.settings.ledger_templates
    fitting = {key: one for key, one in known.items() if one.ledger == asked_code}
    if name not in fitting:
        raise unknown("template", name, fitting)
    return file_of(context.district, fitting[name].file), name


def file_of(district: District, written: str) -> Path:
    """Where a template is: beside linli.toml unless its path is whole."""
    return (Path() if district.data is None else district.data.parent) / written


@dataclass(frozen=True)
class Manner:
    """How a ledger is written: `who` has it, groups by `layout`, into a `template` by name; at most `most` rows."""

    who: str
    layout: Layout = Layout.HEADINGS
    template: tuple[str, Template] | None = None
    most: int = workbooks.MOST_ROWS


def _to_nobody(_done: int, _total: int) -> None:
    """Nobody waits to hear how far it is."""


async def export(context: Context, asked: Asked, out: Out, manner: Manner, tell_progress: Tell = _to_nobody) -> Export:
    """Write a ledger to `out`; nothing of it may be handed out before `recorded` has committed.

    Raises RejectedError LEDGER_TOO_LARGE.
    """
    await note_searches(context, asked)
    total = await _total(context, asked, manner)
    writing = _Writing(context, asked, manner, Reading(context, asked), total, tell_progress)
    rows = await (writing.plain(out) if manner.template is None else writing.filled(out, manner.template[1]))
    revealed = writing.reading.revealed
    name = None if manner.template is None else manner.template[0]
    return Export(asked, rows, len(revealed.people), tuple(sorted(revealed.fields)), name)


async def _total(context: Context, asked: Asked, manner: Manner) -> int:
    total = await Reading(context, asked).count()
    most = manner.most if manner.template is None else min(manner.most, templates.MOST_ROWS)
    if total > most:
        raise _too_large(
            text("This ledger has {count} rows, and at most {most} are written: ask for less", count=total, most=most)
        )
    return total


def _too_large(told: Text) -> RejectedError:
    return RejectedError(told, code="LEDGER_TOO_LARGE", details=dict(told.params))


async def note_searches(context: Context, asked: Asked) -> None:
    """Commit by which personal values an account searches, before anything is read; a command is told by its event."""
    account_id = context.viewer.account_id
    if not asked.searches or account_id is None:
        return

    async def work(_unit: UnitOfWork) -> None:
        await tell(asked.searches, account_id)

    await transact(work, account_id)


async def recorded(made: Export, subject: tuple[str, UUID], operator: str | None = None) -> None:
    """Append who exported what, what for and of how many people; in the unit of work that hands it out."""
    asked = made.asked
    told = LedgerExported(
        ledger=asked.ledger.code,
        rows=made.rows,
        people=made.people,
        fields=made.fields,
        filters=asked.filters,
        purpose=asked.purpose,
        template=made.template,
        operator=operator,
    )
    await events.append(LEDGER_EXPORTED, *subject, told, org_id=asked.under.id)


@dataclass(frozen=True)
class _Writing:
    """One ledger on its way."""

    context: Context
    asked: Asked
    manner: Manner
    reading: Reading
    total: int
    tell: Tell

    async def plain(self, out: Out) -> int:
        """Group after group; how many rows."""
        found = await groups(self.context, self.asked)
        if self.manner.layout is Layout.SHEETS and len(found) > MOST_SHEETS:
            told = text(
                "There would be {count} sheets, and at most {most} are written", count=len(found), most=MOST_SHEETS
            )
            raise _too_large(told)
        done = 0
        async with _folder(self.context.district) as folder:
            page = _page(self.context, self.asked, self.manner.who)
            written = Written(out, folder, page, self.manner.layout)
            try:
                for group in found:
                    done = await self._group(written, group, done)
            finally:
                await asyncio.to_thread(written.finish)
        return done

    async def _group(self, written: Written, group: Group, done: int) -> int:
        """A place where nobody is has its heading all the same, for that is told too."""
        size = 0 if group.title is None else await self.reading.count(group.within)
        await asyncio.to_thread(written.group, group.title, size)
        async for rows in self.reading.batches(group.within):
            await asyncio.to_thread(written.rows, rows)
            done += len(rows)
            self.tell(done, self.total)
        return done

    async def filled(self, out: Out, template: Template) -> int:
        """All groups one after the other, without headings: a template says how it looks."""
        rows: list[list[Cell]] = []
        for group in await groups(self.context, self.asked):
            async for more in self.reading.batches(group.within):
                rows += more
                self.tell(len(rows), self.total)
        around = _around(self.context, self.asked, self.manner.who, len(rows))
        await asyncio.to_thread(fill, template, rows, around, out)
        return len(rows)


def _page(context: Context, asked: Asked, who: str) -> workbooks.Page:
    language = context.language
    title = f"{asked.under.name} {asked.ledger.title.in_language(language)}"
    headings = [column.title.in_language(language) for column in asked.columns]
    number = translate(text("No."), language)
    return workbooks.Page(title, line(context, asked, who), headings, [one.width for one in asked.columns], number)


def line(context: Context, asked: Asked, who: str) -> str:
    """Whose it is, from when, what for, and that it is no record. 水印。"""
    now = clock.now().astimezone(context.district.zone)
    said = {"district": context.district.configuration.name, "who": who, "time": f"{now:%Y-%m-%d %H:%M}"}
    if asked.purpose is None:
        told = text("{district}; exported by {who} at {time}; masked; what counts is the record in the system", **said)
    else:
        told = text(
            "{district}; exported by {who} at {time}; for {purpose}; what counts is the record in the system",
            **said,
            purpose=asked.purpose,
        )
    return translate(told, context.language)


def _around(context: Context, asked: Asked, who: str, count: int) -> Mapping[str, str]:
    return {
        "title": asked.ledger.title.in_language(context.language),
        "organisation": str(asked.under.name),
        "district": context.district.configuration.name,
        "date": local_date(clock.now(), context.district.zone).isoformat(),
        "count": str(count),
        "exporter": who,
        "purpose": asked.purpose or "",
        "line": line(context, asked, who),
    }


@asynccontextmanager
async def _folder(district: District) -> AsyncIterator[Path]:
    """A folder that only the server reads, for rows on their way; it goes also where the process is killed."""
    made = passing(district.passing)
    folder = await asyncio.to_thread(made.__enter__)
    try:
        yield folder
    finally:
        await asyncio.to_thread(made.__exit__, None, None, None)

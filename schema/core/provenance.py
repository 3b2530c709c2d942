"""Where each value of a record comes from, and when it was last verified. 字段来源。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional
from uuid import UUID

import strawberry

from linli.core.access.models import Account
from linli.core.records.provenance import BY_HAND, Entry, Source, Stated, TracedRecord, entries

from ..context import Info
from ..contributions import fields
from ..declare import computed, relation
from ..enums import enum
from ..inputs import UNSET, optional, required, value

enum(
    "Who said so. 信息来源。",
    ENTERED="Staff entered it. 工作人员录入。",
    DECLARED="The person said so. 本人申报。",
    IMPORTED="From a file. 批量导入。",
    DERIVED="It follows from other records. 由其他记录得出。",
    UNKNOWN="From before sources were kept. 来源不详。",
)(Source)


@dataclass(frozen=True)
class Known:
    """What is known of one field."""

    field: str
    entry: Entry


def _of(name: str) -> Callable[[Known, Info], Any]:
    return lambda row, _info: getattr(row.entry, name)


def _account(name: str) -> Any:
    async def load(row: Known, info: Info) -> Account | None:
        id_: UUID | None = getattr(row.entry, name)
        found: Account | None = None if id_ is None else await info.context.loaders.by_id(Account).load(id_)
        return found

    return load


@fields("Where the value of a field comes from. 字段来源。")
class FieldProvenance:
    """One field; it tells nothing of the value, and is there also where that is masked."""

    field = computed("Which field. 字段。", lambda row, _info: row.field, str)
    source = computed("Who said so. 来源。", lambda row, _info: Source(row.entry.source), Source)
    detail = computed("What it was taken from, such as a paper or a file. 来源说明。", _of("detail"), Optional[str])
    at = computed("Since when it is so known. 采集时间。", _of("at"), Optional[datetime])
    by = relation("By which account, where the viewer may know. 采集账号。", "Account", resolve=_account("by"))
    verified_at = computed(
        "When somebody last found it right; null for never. 核实时间。", _of("verified_at"), Optional[datetime]
    )
    verified_by = relation(
        "By which account, where the viewer may know. 核实账号。", "Account", resolve=_account("verified_by")
    )


async def _provenance(row: TracedRecord, info: Info) -> list[Known]:
    if not await info.context.shows(type(row), row, "provenance"):
        return []
    return [Known(name, entry) for name, entry in entries(row).items()]


def provenance() -> Any:
    """The field `provenance` of a type."""
    told = "Of each field where its value comes from, and when it was last verified. 各字段的来源与核实时间。"
    return computed(told, _provenance, list[FieldProvenance])


@strawberry.input(description="Where the values of an input come from. 信息来源。")
class SourceInput:
    """Who said so."""

    kind: Source = required("Who said so. 来源。")
    detail: str | None = optional("A paper or a file, 200 characters at most; it names nobody. 来源说明。")


def source_input() -> Any:
    """The input `source` of a mutation."""
    return optional("Where the values come from; ENTERED where not said. 信息来源。")


def stated(given: Any) -> Stated:
    """The source that an input names."""
    if given in (None, UNSET):
        return BY_HAND
    return Stated(given.kind, value(given.detail))

"""Whom an id means once people were merged: the row that is kept stands in the place of the other. 合并后的人员。"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from tortoise.expressions import F, Subquery
from tortoise.functions import Coalesce

from ..graph import sql
from ..records.store import current_store
from ..records.unit_of_work import in_unit
from .models import Person

_HOLD = "SELECT id FROM core_person WHERE id = $1::uuid FOR KEY SHARE"


async def standing(ids: Collection[UUID]) -> dict[UUID, UUID]:
    """By each of these ids that was merged into another the id that is kept."""
    rows = Person.filter(id__in=list(ids), merged_into__isnull=False)
    return dict(await rows.values_list("id", "merged_into")) if ids else {}


def standing_among(ids: Collection[UUID]) -> Subquery:
    """The ids that are kept of these, as part of another statement."""
    # one look-up by the primary key, to which both engines join: `id = .. OR id IN (..)` makes PostgreSQL read all
    rows = Person.filter(id__in=list(ids)).annotate(stands=Coalesce("merged_into", F("id")))
    return Subquery(rows.values("stands"))


async def hold(person_id: UUID) -> UUID:
    """The id that is kept of somebody. Until the end of an open unit of work nobody merges that person.

    So nothing is written about a row that was merged meanwhile. On SQLite there is one writer at a time, and nothing to
    hold.
    """
    wanted = person_id
    while True:
        if in_unit() and current_store().dialect != "sqlite":
            await sql.fetch(_HOLD, wanted)
        found = (await standing([wanted])).get(wanted)
        if found is None:
            return wanted
        wanted = found


async def merged_into(person_id: UUID) -> list[UUID]:
    """The ids of the rows in whose place a person stands."""
    found: list[Any] = await Person.filter(merged_into=person_id).order_by("id").values_list("id", flat=True)
    return found

"""Erasing a person in every table of the district, those of plugins that are off included. 删除个人信息。"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from ..people.merged import merged_into
from . import core_holdings
from .holdings import Erasure

if TYPE_CHECKING:
    from ..districts import District

CORE = "core"


async def erase_everywhere(district: District, person_id: UUID) -> list[tuple[str, Erasure]]:
    """What each plugin, and core at last, did about a person; any failure undoes all of it. Needs a unit of work.

    The rows that were merged into the person go with them: see `rows_of`.
    """
    done: list[tuple[str, Erasure]] = []
    stewards = await district.stewards()
    for id_ in await rows_of(person_id):
        done += await stewards.collect_or_raise("linli_person_erase", district=district, person_id=id_)
        done.append((CORE, await core_holdings.erase(district, id_)))
    return done


async def rows_of(person_id: UUID) -> list[UUID]:
    """The ids under which a person is kept: the own one, and those of rows that were merged into it."""
    return [person_id, *await merged_into(person_id)]

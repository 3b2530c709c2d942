"""Erasing a person in every table of the district, those of plugins that are off included. 删除个人信息。"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from . import core_holdings
from .holdings import Erasure

if TYPE_CHECKING:
    from ..districts import District

CORE = "core"


async def erase_everywhere(district: District, person_id: UUID) -> list[tuple[str, Erasure]]:
    """What each plugin, and core at last, did about a person; any failure undoes all of it. Needs a unit of work."""
    stewards = await district.stewards()
    done = await stewards.collect_or_raise("linli_person_erase", district=district, person_id=person_id)
    return [*done, (CORE, await core_holdings.erase(district, person_id))]

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
    outcomes = await stewards.outcomes("linli_person_erase", district=district, person_id=person_id)
    for outcome in outcomes:
        if outcome.failure is not None:
            raise outcome.failure.failure
    done = [(outcome.plugin, outcome.value) for outcome in outcomes if outcome.value is not None]
    return [*done, (CORE, await core_holdings.erase(person_id))]

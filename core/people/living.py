"""People about whom something is entered: held, so that nobody erases them meanwhile. 未删除人员。"""

from __future__ import annotations

from uuid import UUID

from ..errors import text
from ..records.person_keys import PersonErasedError
from ..records.unit_of_work import current_unit
from .models import Person


async def held_living(*person_ids: UUID) -> None:
    """Keep people from being erased until the unit of work ends. Raises PersonErasedError.

    An erasure holds the person's row from its start; whoever read the person before waits here, and reads anew.
    """
    current_unit()
    # one by one in their order, so that of two who hold the same people none waits for the other
    for person_id in sorted(set(person_ids)):
        person = await Person.filter(id=person_id).select_for_update(no_key=True).get()
        if person.erased_at is not None:
            raise PersonErasedError(text("This person was erased"))

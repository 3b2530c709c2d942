"""What would move if two people were one, and what stands against it: looked at before it is done. 合并预览。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..people.models import Person
from ..records.encrypted import Encrypted
from .core_references import conflicts, references
from .references import Conflict, Merging, Reference

if TYPE_CHECKING:
    from ..districts import District

CORE = "core"
TAKEABLE = (
    *("name", "gender", "birth_date", "id_number", "phone", "party_status"),
    *("registered_residence_id", "habitual_residence_id", "employer_id"),
)
"""The columns of which the merged row's value may win."""


@dataclass(frozen=True)
class Found:
    """A reference of a plugin, and the ids of the rows that it leads to."""

    plugin: str
    reference: Reference
    ids: Sequence[UUID]


@dataclass(frozen=True)
class Look:
    """All that hangs on the person who would be merged, what stands against it, and in which columns they differ."""

    found: Sequence[Found]
    conflicts: Sequence[tuple[str, Conflict]]
    differing: Sequence[str]


async def look(district: District, kept: Person, merged: Person) -> Look:
    """Ask core and every plugin with tables here, on or off. Raises what a plugin's `linli_person_merge` raised."""
    stewards = await district.stewards()
    told = await stewards.collect_or_raise(
        "linli_person_merge", district=district, kept_id=kept.id, merged_id=merged.id
    )
    own = Merging(references(kept.id, merged.id), tuple(await conflicts(district.majority, kept, merged)))
    every = [(CORE, own), *told]
    found = [
        Found(plugin, reference, await _ids(reference, merged.id))
        for plugin, merging in every
        for reference in merging.references
    ]
    against = [(plugin, conflict) for plugin, merging in every for conflict in merging.conflicts]
    return Look(
        [one for one in found if one.ids], against, [it for it in TAKEABLE if _value(kept, it) != _value(merged, it)]
    )


async def _ids(reference: Reference, merged_id: UUID) -> list[UUID]:
    rows = reference.model.filter(reference.rows(merged_id)).order_by("id")
    found: list[Any] = await rows.values_list("id", flat=True)
    return found


def _value(person: Person, column: str) -> object:
    kept = getattr(person, column)
    return kept.decrypt() if isinstance(kept, Encrypted) else kept

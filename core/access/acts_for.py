"""For whom a viewer acts: wards whose guardian is confirmed, and principals within a scope. 代为办理的范围。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from .. import clock
from ..graph import sql
from ..graph.spans import VALID_AT
from ..people.relation_rules import GuardianBasis, Majority, PersonRelationKind, PersonRelationState
from ..records.visible import ANY_AREA

_AT = "$2::timestamptz"
ACTS_COLUMNS = (
    "k.id AS acts_id, k.kind AS acts_kind, k.person_id AS acts_for, k.basis AS acts_basis, k.scope AS acts_scope, "
    "kp.birth_date AS acts_birth"
)
_COUNT = (
    f"k.kind IN ('{PersonRelationKind.GUARDIAN}', '{PersonRelationKind.PROXY}') "
    f"AND k.state = '{PersonRelationState.CONFIRMED}' AND {VALID_AT.format(row='k', at=_AT)}"
)
"""Whether a relation lets the relative act at the instant `$2`, but for a ward's age."""

ACTS = (
    f"LEFT JOIN core_person_relation AS k ON k.relative_id = a.person_id AND a.person_confirmed AND {_COUNT} "
    "LEFT JOIN core_person AS kp ON kp.id = k.person_id "
)
"""To be joined to an account `a`: two joins by an index, since SQLite would read all of a join in parentheses first."""

_OF_PERSON = (
    f"SELECT {ACTS_COLUMNS} FROM core_person_relation AS k JOIN core_person AS kp ON kp.id = k.person_id "  # noqa: S608
    f"WHERE k.relative_id = $1::uuid AND {_COUNT} ORDER BY k.id"
)


@dataclass(frozen=True)
class Proxy:
    """Somebody for whom the viewer is a proxy, and the areas in which."""

    person_id: UUID
    areas: frozenset[str]

    def covers(self, area: str | None) -> bool:
        """Whether the proxy acts in an area; in none that nobody named."""
        return area == ANY_AREA or (area is not None and area in self.areas)


@dataclass(frozen=True)
class ActsFor:
    """The persons for whom somebody acts: wards in everything that is theirs, principals in areas."""

    wards: frozenset[UUID] = frozenset()
    proxies: tuple[Proxy, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wards or self.proxies)

    @property
    def everybody(self) -> frozenset[UUID]:
        """Wards and principals."""
        return self.wards | {proxy.person_id for proxy in self.proxies}

    @property
    def in_full(self) -> ActsFor:
        """Without principals: a proxy acts for them, and reads nothing of them in full."""
        return ActsFor(self.wards) if self.proxies else self

    def within(self, area: str | None) -> frozenset[UUID]:
        """The persons whose rows of an area are as the viewer's own."""
        return self.wards | {proxy.person_id for proxy in self.proxies if proxy.covers(area)}


NOBODY = ActsFor()


def acts_of(rows: Iterable[Mapping[str, Any]], majority: Majority) -> ActsFor:
    """For whom these rows of `ACTS_COLUMNS` let somebody act today; a minor's guardian until the 18th birthday."""
    found = {row["acts_id"]: row for row in rows if row["acts_id"] is not None}
    if not found:
        return NOBODY
    guarded = (row for row in found.values() if row["acts_kind"] == PersonRelationKind.GUARDIAN)
    asked = (row for row in found.values() if row["acts_kind"] == PersonRelationKind.PROXY)
    return ActsFor(
        frozenset(_id(row["acts_for"]) for row in guarded if _guarded(row, majority)),
        tuple(Proxy(_id(row["acts_for"]), frozenset((row["acts_scope"] or "").split())) for row in asked),
    )


async def acts_for(person_id: UUID, majority: Majority) -> ActsFor:
    """For whom a person acts now."""
    return acts_of(await sql.fetch(_OF_PERSON, person_id, clock.now()), majority)


def _guarded(row: Mapping[str, Any], majority: Majority) -> bool:
    if row["acts_basis"] != GuardianBasis.MINOR:
        return True
    born = row["acts_birth"]
    birth = date.fromisoformat(born) if isinstance(born, str) else born
    # whose age nobody knows any more has no guardian by it
    return birth is not None and not majority.reached(birth)


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)

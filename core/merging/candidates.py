"""People who may have been entered twice, by blind indexes, name, date of birth and phone. 疑似重复人员。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count

from ..people.document_models import IdentityDocument
from ..people.merge_models import PersonMerge
from ..people.merge_rules import MergeReason, Traits, may_be_one, reasons
from ..people.models import Person
from ..records.conditions import where

MOST_GROUPS, LARGEST_GROUP = 1000, 20
"""How many values that several share are looked into for each reason, and among how many people: what more of them
share, such as a made-up date of birth, tells of nobody."""

_ALIKE = (("name_key", "birth_date"), ("name_key", "phone_index"), ("birth_date", "phone_index"))


@dataclass(frozen=True)
class Candidate:
    """Two who may be one: the record that was entered first, the other, and in what they agree."""

    kept: Person
    merged: Person
    reasons: tuple[MergeReason, ...]


async def candidates(within: Q) -> list[Candidate]:
    """Pairs among these people, those that agree in most first; about whom somebody decided already are left out."""
    people: dict[UUID, Person] = {}
    pairs: set[tuple[UUID, UUID]] = set()
    for columns in _ALIKE:
        pairs |= _pairs(await _sharing(within, columns, people))
    pairs |= _pairs(await _by_document(within, people))
    pairs -= await _decided(pairs)
    traits = await _traits(people)
    found = [
        _candidate(people[one], people[other], traits) for one, other in pairs if may_be_one(traits[one], traits[other])
    ]
    return sorted(found, key=lambda it: (-len(it.reasons), it.kept.created_at, str(it.kept.id), str(it.merged.id)))


async def _sharing(within: Q, columns: Sequence[str], people: dict[UUID, Person]) -> list[list[UUID]]:
    """The ids of people who have the same values in these columns, and the people."""
    known = Q(*(where(f"{column}__isnull", value=False) for column in columns))
    shared = (
        await Person.filter(within, known, merged_into=None, erased_at=None)
        .annotate(many=Count("id"))
        .filter(many__gt=1, many__lte=LARGEST_GROUP)
        .group_by(*columns)
        .limit(MOST_GROUPS)
        .values(*columns)
    )
    groups = []
    for values in shared:
        rows = await Person.filter(within, **values, merged_into=None, erased_at=None)
        people |= {row.id: row for row in rows}
        groups.append([row.id for row in rows])
    return groups


async def _by_document(within: Q, people: dict[UUID, Person]) -> list[list[UUID]]:
    """The same for those who have or had a document of one kind and number."""
    shared = (
        await IdentityDocument.filter(number_index__isnull=False)
        .annotate(many=Count("person_id", distinct=True))
        .filter(many__gt=1, many__lte=LARGEST_GROUP)
        .group_by("kind", "number_index")
        .limit(MOST_GROUPS)
        .values("kind", "number_index")
    )
    groups = []
    for values in shared:
        ids = await IdentityDocument.filter(**values).values_list("person_id", flat=True)
        rows = await Person.filter(within, id__in=list(ids), merged_into=None, erased_at=None)
        people |= {row.id: row for row in rows}
        groups.append([row.id for row in rows])
    return groups


def _pairs(groups: Iterable[Sequence[UUID]]) -> set[tuple[UUID, UUID]]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


async def _decided(pairs: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Pairs that were proposed, refused or undone: somebody looked at them."""
    ids = {id_ for pair in pairs for id_ in pair}
    found: set[tuple[UUID, UUID]] = set()
    for one in sorted(ids):
        rows: list[tuple[Any, Any]] = await PersonMerge.filter(kept_id=one).values_list("kept_id", "merged_id")
        found |= {(min(row), max(row)) for row in rows}
    return found


async def _traits(people: dict[UUID, Person]) -> dict[UUID, Traits]:
    documents: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    ids = sorted(people)
    for start in range(0, len(ids), 500):
        rows = IdentityDocument.filter(person_id__in=ids[start : start + 500], number_index__isnull=False)
        for row in await rows:
            documents[row.person_id].add((row.kind, str(row.number_index)))
    return {id_: _traits_of(person, documents[id_]) for id_, person in people.items()}


def _traits_of(person: Person, documents: set[tuple[str, str]]) -> Traits:
    known = (person.name_key, person.birth_date, person.phone_index, person.id_number_index)
    return Traits(*known, frozenset(documents))


def _candidate(one: Person, other: Person, traits: dict[UUID, Traits]) -> Candidate:
    first, second = sorted((one, other), key=lambda it: (it.created_at, str(it.id)))
    return Candidate(first, second, reasons(traits[one.id], traits[other.id]))

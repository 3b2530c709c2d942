"""Searching by personal values: who asked by which column is kept before anything is found. 按个人信息检索留痕。

Whoever may see values in full may also find records by them, and could so guess what a reveal would have told. Each
such search is an event of its own and none is tallied: they are few, and no number is lost when the process is killed.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from ..graph.models import OrgNode
from ..graph.paths import ancestor_paths, is_beneath
from ..records import events
from ..records.unit_of_work import UnitOfWork, transact
from .event_types import ACCOUNT, SEARCHED, Searched


@dataclasses.dataclass(frozen=True, eq=False)
class Search:
    """Values that somebody compares with a column of all records of a type beneath some `paths`.

    `field` is the column's name in GraphQL; `operator` that of the filter, or the mutation that tells whether there is
    such a value. One that is told twice is the same object: two that look alike are two searches.
    """

    subject_type: str
    field: str
    operator: str
    values: frozenset[object] = dataclasses.field(repr=False)
    paths: tuple[str, ...]

    @property
    def top(self) -> str:
        """The path of the lowest organisation above all places."""
        above = [*ancestor_paths(self.paths[0]), self.paths[0]] if self.paths else []
        return next((top for top in reversed(above) if all(is_beneath(path, top) for path in self.paths)), "")


async def record(searches: Iterable[Search], account_id: UUID) -> None:
    """Commit that an account is about to search so, in a unit of work of its own; what is alike is one event."""
    told = list(searches)

    async def work(_unit: UnitOfWork) -> None:
        await tell(told, account_id)

    await transact(work, account_id)


async def tell(searches: Iterable[Search], account_id: UUID) -> None:
    """The same in the unit of work that is open."""
    groups: dict[tuple[str, str, str, str], list[Search]] = defaultdict(list)
    for one in searches:
        groups[one.subject_type, one.field, one.operator, one.top].append(one)
    places = dict(await OrgNode.filter(path__in={top for *_, top in groups}).values_list("path", "id"))
    for (*_, top), alike in groups.items():
        await events.append(SEARCHED, ACCOUNT, account_id, _told(alike), org_id=places.get(top))


def _told(alike: Sequence[Search]) -> Searched:
    one, values = alike[0], frozenset[object]().union(*(search.values for search in alike))
    return Searched(
        type=one.subject_type, field=one.field, operator=one.operator, values=len(values), conditions=len(alike)
    )

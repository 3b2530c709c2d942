"""What memory tells of who sees a row of any kind, where an event is delivered to many, is what the database tells."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from linli.core.access.models import Account
from linli.core.access.rows_seen import sees
from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.declare.node import Node
from linli.schema.testing import Clients, Tree
from tests.core.access.test_rows_seen import viewer
from tests.plugins.venues.api import Api

pytestmark = pytest.mark.linli(plugins=["venues"])


async def test_memory_and_the_database_show_the_same_rows_of_every_kind(
    district: District, tree: Tree, api: Api, client: Clients
) -> None:
    mine = await client("community-staff", at=tree.community, person=tree.staff)
    booked = await api.book(mine, "2026-03-11", "10:00", "11:00")
    assert booked["__typename"] == "Booking", booked
    chance, told, left = random.Random(8), 0, 0
    with district.scope():
        merging = Person.filter(id=tree.neighbour.id)
        await transact(lambda _unit: merging.update(merged_into=tree.resident.id))
        accounts = list(await Account.all())
        places = [one.path for one in (tree.root, tree.street, tree.community, tree.other_community)]
        known = [PUBLIC, *(_as(viewer(chance, places), chance.choice(accounts)) for _ in range(12))]
        for model in {one.model for one in Node.declared}:
            rows: list[Any] = list(await model.all().limit(40))
            for by in known if rows else ():
                seen = set(await model.filter(district.sight.condition(model, by)).values_list("id", flat=True))
                for row in rows:
                    memory = sees(district.sight, by, row, {"": row.path} if hasattr(row, "path") else {})
                    told, left = told + (memory is not None), left + (memory is None)
                    assert memory in (None, row.id in seen), f"{model.__name__} {row.id}: {by}"
    assert told > 0 < left


def _as(by: Viewer, account: Account) -> Viewer:
    return replace(by, account_id=account.id, person_id=account.person_id, behind=account.person_id)

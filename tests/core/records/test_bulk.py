from __future__ import annotations

from uuid import uuid4

import pytest

from linli.core.records.bulk import insert
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import current_client, unit_of_work
from tests.core.conftest import Stores

SHAPES = {
    "first": "CREATE TABLE shapes (id uuid, name text, size int)",
    "second": "CREATE TABLE shapes (size text, id uuid, note text, name text)",
}


@pytest.fixture
async def two(stores: Stores) -> dict[str, Store]:
    """Two districts whose tables of one name differ, over one connection on PostgreSQL."""
    pool = await stores.pool(size=1) if stores.dialect == "postgres" else None
    made: dict[str, Store] = {}
    for name, table in SHAPES.items():
        made[name] = await (stores.sqlite() if pool is None else stores.postgres(pool))
        await stores.outside(made[name], table)
    return made


async def test_rows_are_inserted_where_tables_of_two_districts_differ(two: dict[str, Store]) -> None:
    for _ in range(2):
        for name, size in (("first", 7), ("second", "seven")):
            with scope(two[name]):
                async with unit_of_work():
                    await insert("shapes", ["id", "name", "size"], [(str(uuid4()), name, size)])
                rows = await current_client().execute_query_dict("SELECT name, size FROM shapes")
            assert [dict(row) for row in rows][-1] == {"name": name, "size": size}

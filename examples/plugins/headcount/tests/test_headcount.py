from __future__ import annotations

import pytest

from linli.schema.testing import Clients, Tree

QUERY = '{ org(code: "430602003006") { headcount } }'


@pytest.mark.linli(plugins=["headcount"])
async def test_only_people_whom_one_may_see_are_counted(client: Clients, tree: Tree) -> None:
    staff = await client(as_="community-staff", at=tree.community)
    anybody = await client()
    assert await staff.data(QUERY) == {"org": {"headcount": 2}}
    assert await anybody.data(QUERY) == {"org": {"headcount": 0}}

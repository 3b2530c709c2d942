"""However a community is divided, each of its rows stands in exactly one group, and none of another community's."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.graph import services as graph
from linli.core.graph.models import OrgNode
from linli.core.people import services as people
from linli.core.records.unit_of_work import transact
from linli.schema.ledgers import reading
from linli.schema.testing import Clients, Tree
from tests.schema.ledgers.office import asked, exported

KINDS = ("GRID", "COMPOUND", "MICRO_GRID", "BUILDING")
PARENTS = {"GRID": (), "COMPOUND": (), "MICRO_GRID": ("GRID",), "BUILDING": ("COMPOUND",)}


async def _grown(district: District, tree: Tree, chance: Random) -> list[OrgNode]:
    """A community with some parts, some of them covered by grids, and people all over."""

    async def work(_unit: object) -> list[OrgNode]:
        nodes = [tree.community, tree.grid]
        for number in range(chance.randint(0, 12)):
            kind = chance.choice(KINDS)
            above = [node for node in nodes if node is tree.community or node.kind in PARENTS[kind]]
            parent = chance.choice(above).id
            given: dict[str, Any] = {"kind": kind, "name": f"示例{number}", "parent_id": parent, "code": None}
            nodes.append(await graph.create_org(district.kinds, **given, valid_from=None))
        await _covered(nodes)
        for number in range(chance.randint(0, 25)):
            home = chance.choice([*nodes, tree.other_community])
            await people.create_person(name=f"示例人{number}", habitual_residence_id=home.id)
        return nodes

    async def _covered(nodes: Sequence[OrgNode]) -> None:
        grids = [node for node in nodes if node.kind in ("GRID", "MICRO_GRID")]
        for compound in (node for node in nodes if node.kind == "COMPOUND"):
            for grid in chance.sample(grids, chance.randint(0, min(2, len(grids)))):
                given: dict[str, Any] = {"kind": "COVERS", "source_id": grid.id, "target_id": compound.id}
                await graph.create_relation(district.kinds, **given, valid_from=None)

    with district.scope():
        return await transact(work)


@pytest.mark.parametrize("seed", range(6))
async def test_the_rows_of_all_groups_are_the_rows_of_the_community(
    client: Clients, tree: Tree, district: District, seed: int
) -> None:
    await _grown(district, tree, Random(seed))
    staff = await client("community-staff", at=tree.community)
    whole = await exported(staff, "core.residents", tree.community, groupBy="none")
    names = sorted(whole.column("姓名"))
    assert len(names) == (await asked(staff, "core.residents", tree.community))["count"]
    for group in ("grid", "community", "building"):
        for layout in ("HEADINGS", "SHEETS"):
            parts = await exported(staff, "core.residents", tree.community, groupBy=group, layout=layout)
            assert sorted(parts.column("姓名")) == names
            assert sorted(parts.column("序号")) == list(range(1, len(names) + 1))


async def test_more_rows_than_a_batch_come_once_each_and_in_order(
    client: Clients, tree: Tree, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 3)

    async def work(_unit: object) -> None:
        for number in range(11):
            await people.create_person(name=f"示例{number:02}", habitual_residence_id=tree.grid.id)

    with district.scope():
        await transact(work)
    staff = await client("community-staff", at=tree.community)
    book = await exported(staff, "core.residents", tree.grid)
    assert book.column("姓名") == [f"示例{number:02}" for number in range(11)]

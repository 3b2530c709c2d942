from __future__ import annotations

from linli.schema.testing import Clients, Tree


async def test_the_district_names_itself(client: Clients) -> None:
    answer = await (await client()).data("{ district { name code timezone plugins { name } } }")
    assert answer == {
        "district": {"name": "岳阳市岳阳楼区", "code": "430602000000", "timezone": "Asia/Shanghai", "plugins": []}
    }


async def test_anybody_reads_the_administrative_tree_and_nothing_beneath(client: Clients, tree: Tree) -> None:
    nobody = await client()
    data = await nobody.data(
        """{ org(code: "430602000000") {
            kind name
            children { totalCount nodes { name children { totalCount nodes { name children { totalCount } } } } } } }"""
    )
    streets = data["org"]["children"]["nodes"]
    assert [street["name"] for street in streets] == ["东茅岭街道", "吕仙亭街道"]
    assert streets[1]["children"] == {
        "totalCount": 1,
        "nodes": [{"name": "观音阁社区", "children": {"totalCount": 0}}],
    }

"""The test kit: a district with chosen plugins, clients with roles, a small tree, a clock one can move.

A pytest plugin, found by its entry point. Tests ask for its fixtures::

    @pytest.mark.linli(plugins=["venues"], settings={"venues": {"off_day_partners": True}})
    async def test_anybody_reads_the_public_tree(client: Clients, tree: Tree) -> None:
        nobody = await client()
        assert await nobody.data("{ district { name } }") == {"district": {"name": "岳阳市岳阳楼区"}}

| fixture      | what it gives                                                                              |
| ------------ | ------------------------------------------------------------------------------------------ |
| `engine`     | "sqlite" and, where a server answers, "postgres": every test runs on both                  |
| `clock`      | a clock that stands still at 2026-03-09 08:00 (Asia/Shanghai) until it is moved            |
| `district`   | an empty district with its root                                                            |
| `tree`       | a small organisation tree in it, with people: see `Tree`                                   |
| `client`     | `await client()`, with `as_="street-official", at=tree.street` or with `person=tree.staff` |
| `events`     | `await events()`: the sealed events so far                                                 |
| `runner`     | carries out long jobs behind, as a server does                                             |
| `statements` | `with statements() as count: ..` counts the statements that are sent to the database       |
"""

from __future__ import annotations

from .clients import Answer as Answer
from .clients import Client as Client
from .clients import Clients as Clients
from .trees import Tree as Tree

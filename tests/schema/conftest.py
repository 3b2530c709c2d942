"""Schemas of any choice of plugins, composed without a database; and trees with many organisations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import pytest

from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.graph.names import keys
from linli.core.graph.paths import child_path
from linli.core.plugins.discovery import installed
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import transact
from linli.schema.compose import DistrictSchema
from linli.schema.offline import composed

Composer = Callable[..., Awaitable[DistrictSchema]]


@pytest.fixture
def composer() -> Composer:
    """Composes the schema of a district in which these plugins are on."""
    found = installed()
    return lambda *plugins: composed(found, plugins)


Plant = Callable[..., Awaitable[list[OrgNode]]]


@pytest.fixture
def plant(district: District) -> Plant:
    """Puts organisations of a kind, by name and code, right beneath a node: rows only, without states and events."""

    async def put(parent: OrgNode, kind: str, named: Iterable[tuple[str, str | None]]) -> list[OrgNode]:
        made = [_beneath(parent, kind, name, code) for name, code in named]
        with district.scope():
            await transact(lambda _unit: OrgNode.bulk_create(made))
        return made

    return put


def _beneath(parent: OrgNode, kind: str, name: str, code: str | None) -> OrgNode:
    id_, (key, initials) = new_id(), keys(name)
    path, depth = child_path(parent.path, id_), parent.depth + 1
    named = {"name": name, "code": code, "name_key": key, "name_initials": initials}
    return OrgNode(id=id_, kind=kind, parent_id=parent.id, path=path, depth=depth, **named)

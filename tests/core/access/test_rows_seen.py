"""What memory tells of who sees an event, and what the database does: the same for whoever asks."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

import pytest

from linli.core.access.roles import CORE_ROLES
from linli.core.access.rows_seen import sees
from linli.core.access.viewer import PUBLIC, ActiveGrant, Grants, Viewer
from linli.core.districts import District
from linli.core.feed.told import read
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.records.models import AUDIT, AUDIT_TYPES, Event
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Tree

PERMISSIONS = sorted({name for role in CORE_ROLES for name in role.permissions} | {AUDIT, "core.org.read"})
UNKNOWN = "gone.with_its_plugin"


def viewer(chance: random.Random, places: list[str]) -> Viewer:
    """Somebody with up to three grants."""
    grants = Grants(
        ActiveGrant(
            uuid4(),
            "role",
            frozenset(chance.sample(PERMISSIONS, 3)) | frozenset(chance.choice([(), (AUDIT,), ("core.org.read",)])),
            chance.choice(places),
            tuple(chance.sample(places, chance.randrange(2))),
        )
        for _ in range(chance.randrange(4))
    )
    return Viewer(uuid4(), "somebody", uuid4(), grants)


@pytest.fixture
async def happened(district: District, tree: Tree) -> list[Event]:
    """The events of the tree, some of them of kinds that few may see, somewhere and nowhere."""
    places = [tree.root.id, tree.street.id, tree.other_community.id, tree.unit.id, None]
    types = (*AUDIT_TYPES, UNKNOWN, "core.calendar_imported")
    with district.scope():
        [known] = await Event.all().limit(1)

        async def add(_unit: object) -> None:
            for type_ in types:
                for place in places:
                    told: dict[str, Any] = {
                        "type": type_,
                        "org_id": place,
                        "subject_type": "Account",
                        "subject_id": uuid4(),
                    }
                    of = {name: getattr(known, name) for name in ("at", "suite", "digest", "transaction_id")}
                    await Event.create(**told, **of, ordinal=0, sequence=1000 + (await Event.all().count()))

        await seal_now(district.store)
        await transact(add)
        return list(await Event.filter(sequence__isnull=False))


@pytest.mark.parametrize("seed", range(3))
async def test_memory_and_the_database_show_the_same_events(
    district: District, tree: Tree, happened: list[Event], seed: int
) -> None:
    chance = random.Random(seed)
    with district.scope():
        told = await read(0, 10_000)
        assert {one.event.id for one in told} == {one.id for one in happened}
        places = [node.path for node in await OrgNode.all()]
        for each in (PUBLIC, *(viewer(chance, places) for _ in range(40))):
            seen = await Event.filter(district.sight.condition(Event, each), sequence__isnull=False)
            found = {one.event.id for one in told if sees(district.sight, each, one.event, {"org": one.path})}
            assert found == {one.id for one in seen}
            shown = {node.id for node in await OrgNode.filter(district.sight.condition(OrgNode, each))}
            for node in await OrgNode.all():
                judged = sees(district.sight, each, node, {"": node.path})
                assert judged in (None, node.id in shown)


async def test_what_memory_cannot_tell_is_left_to_the_database(district: District, tree: Tree) -> None:
    somebody = Viewer(uuid4(), "somebody", tree.resident.id)
    assert sees(district.sight, somebody, tree.resident, {}) is True  # one's own
    assert sees(district.sight, somebody, tree.neighbour, {}) is None  # where the residence lies was not said
    nowhere = dict.fromkeys(Person.visible.at)
    assert sees(district.sight, somebody, tree.neighbour, nowhere) is False

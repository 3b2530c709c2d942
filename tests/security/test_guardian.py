"""A guardian reads whatever the ward reads, in full, and nothing else; without the relation nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLSchema

from linli.core.clock import FrozenClock
from linli.core.people.relation_models import PersonRelation
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients
from tests.security import documents
from tests.security.expectations import QUESTIONS
from tests.security.test_matrix import shown
from tests.security.world import SECRETS, VIEWERS, World

pytestmark = pytest.mark.linli(plugins=["venues"])

OF_THE_ACCOUNT = {"Account", "AccountSession", "Grant", "Identity", "Viewer"}
"""What belongs to the ward's account and not to the ward."""
HANGS_ON_THE_ACCOUNT = {"Event.account"}
MORE = {"PersonRelation.relative": "the guardian is the viewer"}


async def marks(who: Client, world: World, schema: GraphQLSchema) -> dict[str, bool]:
    found = {}
    for name in documents.questions(schema):
        if name.partition(".")[0] not in OF_THE_ACCOUNT and name not in HANGS_ON_THE_ACCOUNT:
            text, variables = documents.question(schema, name, world)
            found[name] = shown(await who.query(text, **variables))
    return found


async def test_a_guardian_reads_what_the_ward_reads(world: World, schema: GraphQLSchema, client: Clients) -> None:
    guardian = await client("resident", at=world.tree.community, person=world.tree.neighbour)
    found = await marks(guardian, world, schema)
    resident = VIEWERS.index("resident")
    expected = {name: QUESTIONS[name][resident] == "+" or name in MORE for name in found}
    assert {name: seen for name, seen in found.items() if seen != expected[name]} == {}
    assert sum(found.values()) > 40
    person = "query ($id: ID!) { person(id: $id) { name idNumber phone } }"
    full_name, id_number, phone, *_ = SECRETS
    in_full = {"name": full_name, "idNumber": id_number, "phone": phone}
    assert await guardian.data(person, id=world.ids["Person"]) == {"person": in_full}


@pytest.mark.parametrize("ended", ["REFUSED", "ENDED", "CLAIMED", "over", "grown up"])
async def test_nothing_of_it_is_left_where_the_relation_does_not_count(
    world: World, schema: GraphQLSchema, client: Clients, clock: FrozenClock, *, ended: str
) -> None:
    guardian = await client("resident", at=world.tree.community, person=world.tree.neighbour)
    ends: dict[str, dict[str, Any]] = {"over": {"valid_to": clock.now()}, "grown up": {"basis": "MINOR"}}
    changed = ends.get(ended, {"state": ended})
    with world.district.scope():
        await transact(lambda _unit: PersonRelation.filter(kind="GUARDIAN").update(**changed))
    for name in (
        "Query.booking",
        "Query.bookings",
        "Person.consents",
        "PersonRequest.person",
        "IdentityDocument.person",
    ):
        text, variables = documents.question(schema, name, world)
        assert not shown(await guardian.query(text, **variables)), name

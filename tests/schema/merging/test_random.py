"""Random merges among a few people, and undone again: nothing is lost in between, and all is as it was after."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.core import clock
from linli.core.access.models import Account
from linli.core.districts import District
from linli.core.merging.core_references import references
from linli.core.people import services
from linli.core.people.document_rules import DocumentKind
from linli.core.people.documents import add_document
from linli.core.people.models import Person, Post
from linli.core.people.relation_models import PersonRelation
from linli.core.privacy.models import Consent
from linli.core.records.encrypted import Encrypted
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import transact
from linli.core.records.verify import verify
from linli.plugins.venues.models import Appeal, Booking, NoShow, Series, Venue
from linli.plugins.venues.services.merging import REFERENCES
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import BOOK, Api, at
from tests.schema.kin.conftest import gid
from tests.schema.merging.conftest import JOIN, NUMBER, UNDO, Merge

LEADING = sorted({(one.model, one.column) for one in (*references(new_id(), new_id()), *REFERENCES)}, key=str)
COUNTED = {"version", "updated_at"}
"""What counts changes: a merge and its undoing are two."""
FIELDS = ("PHONE", "PARTY_STATUS", "ID_NUMBER", "EMPLOYER", "GENDER")


async def populate(chance: random.Random, tree: Tree) -> list[Person]:
    """Six people, with posts, consents, kin, documents and old accounts among them."""
    people = []
    for place in range(6):
        known: dict[str, Any] = {"name": f"示例随机{place}", "habitual_residence_id": tree.community.id}
        if chance.random() < 0.7:
            known |= {"phone": f"1380000000{place}", "party_status": chance.choice(["群众", "中共党员"])}
        if place == 0:
            known["id_number"] = NUMBER
        people.append(await services.create_person(**known))
    at, now = tree.community.id, clock.now()
    for _ in range(12):
        one, other = chance.sample(people, 2)
        await Post.create(person_id=one.id, org_id=at, kind=chance.choice("ABCDEFGH"))
        if chance.random() < 0.3:
            relation: dict[str, Any] = {
                "kind": "NEXT_OF_KIN",
                "state": chance.choice(["CONFIRMED", "ENDED", "REFUSED"]),
            }
            await PersonRelation.create(person_id=one.id, relative_id=other.id, **relation)
        if chance.random() < 0.3:
            given: dict[str, Any] = {"basis": "CONSENT", "channel": "COUNTER", "given_at": now - timedelta(days=1)}
            await Consent.create(person_id=one.id, purpose=chance.choice("xyz"), **given)
        if chance.random() < 0.3:
            await Account.create(username=f"old-{new_id()}", person_id=other.id, disabled_at=now)
    await add_document(people[0], DocumentKind.PASSPORT, "E12345678", "CHN")
    return people


async def book(chance: random.Random, people: list[Person], staff: Client, venue: str) -> None:
    """Staff book for them as they ask; who comes too late waits."""
    for _ in range(10):
        hour = chance.randrange(9, 15)
        asked = {"channel": "PHONE", "evidenceKind": "CALL", "evidence": "第7号"}
        behalf = {"onBehalfOf": {"personId": gid(chance.choice(people)), **asked}}
        span = {"start": at("2026-03-28", f"{hour:02}:00"), "end": at("2026-03-28", f"{hour + 1:02}:00")}
        booked = await staff.mutate(BOOK, input={"venueId": venue, **span, **behalf})
        if booked["__typename"] != "Booking":
            await staff.mutate(JOIN, input={"venueId": venue, **span, **behalf})


async def miss(chance: random.Random) -> None:
    """Some did not come, and some of them appealed; somebody has a series."""
    venue = await Venue.all().first()
    assert venue is not None
    for booking in await Booking.all():
        whose: dict[str, Any] = {"person_id": booking.person_id, "venue_id": venue.id}
        if chance.random() < 0.5:
            missed = await NoShow.create(
                booking_id=booking.id, person_id=booking.person_id, day=booking.start.date(), halves=1
            )
            if chance.random() < 0.5:
                await Appeal.create(no_show_id=missed.id, state="PENDING", reason="示例", **whose)
        if chance.random() < 0.3:
            day = booking.start.date()
            span: dict[str, Any] = {"first_day": day, "last_day": day, "start": 540, "end": 600}
            await Series.create(weekdays=["SATURDAY"], every_weeks=1, party_size=2, **span, **whose)


def plain(value: Any) -> Any:
    return value.decrypt() if isinstance(value, Encrypted) else value


async def dump() -> dict[str, Any]:
    """All rows of all tables that a merge touches, what is encrypted opened."""
    return {
        model.__name__: {
            row.pk: {name: plain(getattr(row, name)) for name in row._meta.fields_db_projection if name not in COUNTED}
            for row in await model.all()
        }
        for model in {model for model, _ in LEADING}
    }


def pointers(dumped: dict[str, Any], kept_by: dict[UUID, UUID]) -> dict[tuple[str, UUID, str], UUID | None]:
    """Whom each row leads to, who was merged standing for the one who is kept."""

    def last(id_: UUID | None) -> UUID | None:
        while id_ in kept_by:
            id_ = kept_by[id_]
        return id_

    return {
        (model.__name__, id_, column): last(row[column])
        for model, column in LEADING
        for id_, row in dumped[model.__name__].items()
        if column != "merged_into"
    }


@pytest.mark.linli(plugins=["venues"])
@pytest.mark.parametrize("seed", range(6))
async def test_random_merges_lose_nothing_and_are_undone_to_the_letter(
    *, district: District, tree: Tree, merge: Merge, secretary: Client, api: Api, client: Clients, seed: int
) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    with district.scope():
        people = await transact(lambda _unit: populate(chance, tree))
    await book(chance, people, await client("community-staff", at=tree.community), api.venue)
    with district.scope():
        await transact(lambda _unit: miss(chance))
        begun = await dump()
    assert begun["Booking"], "somebody booked"
    done, states, kept_by = [], [begun], dict[UUID, UUID]()
    for _ in range(8):
        kept, merged = chance.sample(people, 2)
        take = [one for one in FIELDS if chance.random() < 0.3]
        answer = await merge(kept, merged, take=take)
        if answer.get("state") != "MERGED":
            with district.scope():
                assert await dump() == states[-1], "what is refused changes nothing"
            continue
        with district.scope():
            now = await dump()
            rows = {row["id"]: row for row in now["Person"].values()}
        newly = {id_: row["merged_into"] for id_, row in rows.items() if row["merged_into"] is not None}
        kept_by = newly
        assert {name: set(table) for name, table in now.items()} == {name: set(it) for name, it in begun.items()}
        refused = {id_ for id_, row in now["PersonRelation"].items() if row["state"] == "REFUSED"}
        leads, led = pointers(now, kept_by), pointers(begun, kept_by)
        assert leads == led
        stray = [key for key in leads if now[key[0]][key[1]][key[2]] in kept_by and key[1] not in refused]
        assert stray == [], "nothing but a refused statement about the two still leads to who was merged"
        done.append(answer["id"])
        states.append(now)
    while done:
        undone = await secretary.mutate(UNDO, input={"id": done.pop()})
        assert undone["state"] == "UNDONE", undone
        states.pop()
        with district.scope():
            assert await dump() == states[-1]
    with district.scope():
        assert await dump() == begun
        assert (await verify()).ok

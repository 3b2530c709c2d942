"""What keeps two people from being merged: each with its code, and nothing changed until somebody settles it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from linli.core import clock
from linli.core.districts import District
from linli.core.people import services
from linli.core.people.models import Person, Post
from linli.core.people.relation_models import PersonRelation
from linli.core.privacy.models import Consent, PersonRequest
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.core.registry.models import HouseholdMember, Tenure
from linli.schema.testing import Client, Tree
from tests.plugins.venues.api import Api, at
from tests.schema.kin.conftest import mutation
from tests.schema.merging.conftest import CONFIRM, JOIN, PROPOSE, Merge, Twins, pair
from tests.schema.registry.api import Office, who

OTHER_NUMBER = "430602198001010019"
LEAVE = mutation("leaveWaitlist", "... on WaitlistEntry { id state }")

Make = Callable[..., Awaitable[Any]]
Conflicts = Callable[..., Awaitable[list[tuple[str, str, int]]]]


@pytest.fixture
def make(district: District) -> Make:
    """Puts rows into the district."""

    async def put(*rows: Any) -> None:
        async def save(_unit: object) -> None:
            for row in rows:
                await row.save()

        with district.scope():
            await transact(save)

    return put


@pytest.fixture
def change(district: District) -> Make:
    """Changes all rows of a model."""

    async def set_(model: Any, **columns: Any) -> None:
        with district.scope():
            await transact(lambda _unit: model.all().update(**columns))

    return set_


@pytest.fixture
def conflicts(twins: Twins, secretary: Client, district: District) -> Conflicts:
    """What a dry run and a proposal of merging the two say stands against it: both the same, and nothing changes."""

    async def found(kept: Person = twins.one, merged: Person = twins.other) -> list[tuple[str, str, int]]:
        seen = await secretary.mutate(PROPOSE, input=pair(kept, merged, dryRun=True))
        told = [(one["plugin"], one["code"], one["count"]) for one in seen["conflicts"]]
        if not told:
            return told
        with district.scope():
            before = await Event.exclude(type="core.denied").count()
        refused = await secretary.mutate(PROPOSE, input=pair(kept, merged))
        assert refused["errorCode"] == "MERGE_CONFLICTS"
        assert [(one["plugin"], one["code"], one["count"]) for one in refused["details"]["conflicts"]] == told
        with district.scope():
            assert await Event.exclude(type="core.denied").count() == before
        return told

    return found


async def test_two_id_numbers_are_two_people(twins: Twins, conflicts: Conflicts, district: District) -> None:
    with district.scope():
        one = await Person.get(id=twins.one.id)
        await transact(lambda _unit: services.update_person(one, None, id_number=OTHER_NUMBER, birth_date=None))
    assert await conflicts() == [("core", "ID_NUMBERS_DIFFER", 1)]
    with district.scope():
        one = await Person.get(id=twins.one.id)
        await transact(lambda _unit: services.update_person(one, None, id_number=None))
    assert await conflicts() == []


@pytest.mark.parametrize("whose", ["one", "other"])
async def test_a_request_about_one_of_the_two_is_decided_first(
    *, twins: Twins, conflicts: Conflicts, make: Make, change: Make, tree: Tree, whose: str
) -> None:
    known: dict[str, Any] = {"kind": "ERASURE", "state": "OPEN", "org_id": tree.community.id}
    await make(PersonRequest(person_id=getattr(twins, whose).id, **known))
    assert await conflicts() == [("core", "REQUEST_OPEN", 1)]
    await change(PersonRequest, state="REFUSED")
    assert await conflicts() == []


def consents(purpose: str, *people: Person) -> Iterable[Consent]:
    """Given yesterday."""
    given: dict[str, Any] = {"basis": "CONSENT", "channel": "COUNTER", "purpose": purpose}
    return (Consent(person_id=one.id, given_at=clock.now() - timedelta(days=1), **given) for one in people)


async def test_of_two_consents_to_one_purpose_one_is_withdrawn_first(
    twins: Twins, conflicts: Conflicts, make: Make, change: Make
) -> None:
    await make(*consents("core.contact", twins.one), *consents("core.registry", twins.other))
    assert await conflicts(twins.other, twins.one) == [], "two purposes are no conflict"
    await make(*consents("core.contact", twins.other), *consents("core.registry", twins.one))
    assert await conflicts() == [("core", "CONSENT_TWICE", 2)]
    await change(Consent, withdrawn_at=clock.now())
    assert await conflicts() == []


async def test_a_consent_that_one_withdrew_is_not_revived_by_the_other(
    twins: Twins, conflicts: Conflicts, make: Make, change: Make
) -> None:
    (withdrawn,) = consents("core.contact", twins.one)
    withdrawn.withdrawn_at = clock.now()
    await make(withdrawn, *consents("core.contact", twins.other))
    assert await conflicts() == [("core", "CONSENTS_DIFFER", 1)]
    await change(Consent, withdrawn_at=clock.now())
    assert await conflicts() == []


def relation(person: Person, relative: Person, kind: str, state: str = "CONFIRMED", **more: Any) -> PersonRelation:
    return PersonRelation(person_id=person.id, relative_id=relative.id, kind=kind, state=state, **more)


@pytest.mark.parametrize("state", ["CLAIMED", "CONFIRMED", "ENDED"])
async def test_nobody_becomes_the_own_relative(
    twins: Twins, conflicts: Conflicts, make: Make, change: Make, state: str
) -> None:
    await make(relation(twins.other, twins.one, "NEXT_OF_KIN", state))
    assert await conflicts() == [("core", "RELATED", 1)]
    await change(PersonRelation, state="REFUSED")
    assert await conflicts() == []


@pytest.mark.parametrize("turned", [False, True])
async def test_the_same_relation_of_both_to_a_third_would_stand_twice(
    *, twins: Twins, tree: Tree, conflicts: Conflicts, make: Make, change: Make, turned: bool
) -> None:
    """Next of kin is the same from both ends."""
    ends = (tree.neighbour, twins.other) if turned else (twins.other, tree.neighbour)
    await make(relation(twins.one, tree.neighbour, "NEXT_OF_KIN"), relation(*ends, "NEXT_OF_KIN"))
    assert await conflicts() == [("core", "RELATIONS_OVERLAP", 1)]
    await change(PersonRelation, state="ENDED")
    assert await conflicts() == []


async def test_guardians_of_one_another_over_the_two_are_a_loop(
    twins: Twins, tree: Tree, conflicts: Conflicts, make: Make, change: Make
) -> None:
    await make(
        relation(twins.one, tree.neighbour, "GUARDIAN", basis="COURT"),
        relation(tree.neighbour, twins.other, "GUARDIAN", basis="COURT"),
    )
    assert await conflicts() == [("core", "GUARDIAN_LOOP", 1)]
    assert await conflicts(twins.other, twins.one) == [("core", "GUARDIAN_LOOP", 1)]
    await change(PersonRelation, state="ENDED")
    assert await conflicts() == []


async def test_a_person_lives_in_one_household(
    twins: Twins, office: Office, conflicts: Conflicts, change: Make
) -> None:
    for number, person in (("1", twins.one), ("2", twins.other)):
        member = {"personId": who(person), "relation": "HEAD"}
        await office.do("createHousehold", premisesId=await office.home(number), members=[member])
    assert await conflicts() == [("core", "TWO_HOUSEHOLDS", 1)]
    await change(HouseholdMember, valid_to=clock.now(), valid_from=clock.now() - timedelta(days=1))
    assert await conflicts() == [("core", "TWO_HOUSEHOLDS", 1)], "at one time, though it is over"


async def test_shares_of_one_home_do_not_add_up_by_a_merge(
    twins: Twins, office: Office, conflicts: Conflicts, change: Make
) -> None:
    home, another = await office.home("1"), await office.home("2")
    await office.owner(home, twins.one, 1, 2)
    await office.owner(another, twins.other, 1, 2)
    assert await conflicts(twins.other, twins.one) == [], "two homes are no conflict"
    await office.owner(home, twins.other, 1, 2)
    assert await conflicts() == [("core", "TENURES_OVERLAP", 1)]
    now = clock.now()
    await change(Tenure, valid_to=now, valid_from=now - timedelta(days=1))
    assert await conflicts() == [("core", "TENURES_OVERLAP", 1)], "at one time, though it is over"


async def test_one_post_is_not_held_twice(twins: Twins, tree: Tree, conflicts: Conflicts, make: Make) -> None:
    now, place = clock.now(), {"org_id": tree.community.id}
    await make(
        Post(person_id=twins.one.id, kind="VOLUNTEER", **place),
        Post(person_id=twins.other.id, kind="DRIVER", **place),
        Post(person_id=twins.one.id, kind="COOK", valid_to=now, **place),
        Post(person_id=twins.other.id, kind="COOK", valid_from=now, **place),
    )
    assert await conflicts(twins.other, twins.one) == [], "another post, and another time, are no conflict"
    await make(Post(person_id=twins.other.id, kind="VOLUNTEER", valid_from=now, **place))
    assert await conflicts() == [("core", "POSTS_OVERLAP", 1)]


@pytest.mark.linli(plugins=["venues"])
async def test_who_waits_twice_for_one_time_leaves_the_waitlist_once(
    twins: Twins, tree: Tree, api: Api, conflicts: Conflicts
) -> None:
    day = "2026-03-28"
    assert (await api.book(tree.resident, day, "09:00", "10:00"))["__typename"] == "Booking"
    span = {"venueId": api.venue, "start": at(day, "09:00"), "end": at(day, "10:00")}
    one, other = await api.of(twins.one), await api.of(twins.other)
    waits = [await who_.mutate(JOIN, input=span) for who_ in (one, other)]
    assert {entry["state"] for entry in waits} == {"WAITING"}, waits
    assert ("venues", "WAITING_TWICE", 1) in await conflicts()
    assert (await other.mutate(LEAVE, input={"entryId": waits[1]["id"]}))["state"] == "LEFT"
    assert [code for _, code, _ in await conflicts()] == ["TWO_ACCOUNTS"]


async def test_what_arose_after_the_proposal_stands_against_its_confirmation(
    *, twins: Twins, tree: Tree, secretary: Client, street: Client, make: Make, merge: Merge, district: District
) -> None:
    proposed = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other))
    await make(
        *(Post(person_id=one.id, kind="VOLUNTEER", org_id=tree.community.id) for one in (twins.one, twins.other))
    )
    refused = await street.mutate(CONFIRM, input={"id": proposed["merge"]["id"]})
    assert refused["errorCode"] == "MERGE_CONFLICTS"
    with district.scope():
        other = await Person.get(id=twins.other.id)
        held = {post.person_id for post in await Post.all()}
    assert other.merged_into is None
    assert held == {twins.one.id, twins.other.id}

"""Searching by values that are masked from others leaves a trace, whatever is found and by whatever way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from linli.core.access.event_types import Searched
from linli.core.access.models import Account, Grant
from linli.core.access.tokens import Narrowed, issue
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.people.services import create_person
from linli.core.records.events import Journal, payloads
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.declare.batches import Batches
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

Events = Callable[[], Awaitable[list[Event]]]
Trail = Callable[[], Awaitable[list[tuple[Event, Any]]]]

FIND = "query ($filter: PersonFilter) { people(filter: $filter) { totalCount nodes { id } } }"
CREATE = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) {
    ... on Person { id } ... on Error { errorCode: code } } }"""
UPDATE = """mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) {
    ... on Person { id } ... on Error { errorCode: code } } }"""
NUMBER, ANOTHER = "430602195206150011", "430602199003070028"


@pytest.fixture
async def elder(district: District, tree: Tree) -> Person:
    values: dict[str, Any] = {"id_number": NUMBER, "phone": "13800000011", "gender": "MALE", "party_status": "MEMBER"}
    with district.scope():
        return await transact(
            lambda _unit: create_person(name="示例老人", habitual_residence_id=tree.community.id, **values)
        )


@pytest.fixture
def searched(district: District, events: Events) -> Trail:
    """What was searched for so far."""

    async def so_far() -> list[tuple[Event, Any]]:
        found = [event for event in await events() if event.type == "core.searched"]
        with district.scope():
            read = await payloads(found, district.event_types)
        return [(event, read[event.id]) for event in found]

    return so_far


def once(field: str, operator: str = "eq", values: int = 1) -> Searched:
    """What is told of one condition."""
    return Searched(type="Person", field=field, operator=operator, values=values, conditions=1)


ASKED: list[tuple[dict[str, Any], Searched]] = [
    ({"birthDate": {"in": ["1952-06-15", "1952-06-16"]}}, once("birthDate", "in", 2)),
    ({"birthDate": {"eq": "1999-01-01"}}, once("birthDate")),
    ({"idNumber": {"eq": NUMBER}}, once("idNumber")),
    ({"phone": {"in": ["13800000011", "1", "1"]}}, once("phone", "in", 2)),
    ({"partyStatus": {"startsWith": "M"}}, once("partyStatus", "startsWith")),
    ({"not": {"gender": {"eq": "FEMALE"}}}, once("gender")),
]


async def test_each_search_by_a_masked_value_tells_who_asked_by_which_column_and_with_how_many_values(
    client: Clients, tree: Tree, elder: Person, searched: Trail, district: District
) -> None:
    official = await client("street-official", at=tree.street)
    with district.scope():
        account = await Account.all().order_by("-created_at").first()
        assert account is not None
    for filter_, _ in ASKED:
        await official.data(FIND, filter=filter_)
    found = await searched()
    assert [payload for _, payload in found] == [payload for _, payload in ASKED], "nothing of what was found either"
    assert {(event.actor_id, event.subject_type, event.subject_id, event.org_id) for event, _ in found} == {
        (account.id, "Account", account.id, tree.street.id)
    }
    assert "1952" not in str([payload for _, payload in found])


async def test_a_date_of_birth_is_not_found_by_trying_without_a_trace(
    client: Clients, tree: Tree, elder: Person, searched: Trail
) -> None:
    official, who = await client("street-official", at=tree.street), global_id("Person", elder.id)
    days = [str(date(1952, 6, 1) + timedelta(days=day)) for day in range(200)]
    for many in ({"birthDate": {"in": days[:21]}}, {"or": [{"birthDate": {"eq": day}} for day in days[:21]]}):
        answer = await official.query(FIND, filter={"id": {"eq": who}, **many})
        assert (answer.data, answer.codes) == (None, ["VALIDATION"])
        assert answer.errors[0]["extensions"]["argument"] == "filter.birthDate"
    assert await searched() == []
    tried = [{"id": {"eq": who}, "birthDate": {"in": days[start : start + 20]}} for start in range(0, 200, 20)]
    found = await asyncio.gather(*(official.data(FIND, filter=one) for one in tried))
    assert [one["people"]["totalCount"] for one in found] == [1, *[0] * 9]
    assert [payload for _, payload in await searched()] == [once("birthDate", "in", 20)] * 10


async def test_a_search_through_a_relation_or_under_aliases_is_told_too(
    client: Clients, tree: Tree, elder: Person, searched: Trail
) -> None:
    official = await client("street-official", at=tree.street)
    await official.data(
        """query { org(code: "430602003006") { posts(filter: {person: {phone: {eq: "1"}}}) { totalCount } } }"""
    )
    await official.data("""query {
        a: people(filter: {birthDate: {eq: "1952-06-15"}}) { totalCount nodes { id } pageInfo { hasNextPage } }
        b: people(filter: {birthDate: {eq: "1952-06-16"}}) { totalCount }
        c: people(filter: {birthDate: {eq: "1952-06-16"}, phone: {eq: "1"}}) { nodes { id } }
    }""")
    by_post, (first, born), (second, phone) = await searched()
    assert by_post[1] == phone == once("phone")
    assert born == Searched(type="Person", field="birthDate", operator="eq", values=2, conditions=3)
    assert first.transaction_id == second.transaction_id != by_post[0].transaction_id


@pytest.mark.linli(plugins=["venues"])
async def test_lists_and_counts_of_a_plugin_that_are_filtered_by_the_person_are_told(
    client: Clients, tree: Tree, elder: Person, searched: Trail
) -> None:
    official = await client("street-official", at=tree.street)
    asked = '(filter: {person: {idNumber: {eq: "1"}}})'
    await official.data("{ bookings%s { totalCount } }" % asked)  # noqa: UP031  braces of GraphQL
    assert [payload for _, payload in await searched()] == [once("idNumber")]
    await official.data('{ org(code: "430602003006") { bookingCounts%s { total state { value } } } }' % asked)  # noqa: UP031
    assert [payload for _, payload in await searched()] == [once("idNumber")] * 2


@pytest.mark.usefixtures("elder")
async def test_what_the_viewer_sees_in_full_anyway_or_never_asks_for_leaves_no_trace(
    client: Clients, tree: Tree, searched: Trail
) -> None:
    for role in ("grid-officer", "street-official"):
        staff = await client(role, at=tree.street)
        assert (await staff.data(FIND, filter={"name": {"eq": "示例老人"}}))["people"]["totalCount"] == 1
    await staff.data(FIND, filter={"birthDate": {"in": []}})
    await staff.data('{ people(filter: {phone: {eq: "1"}}) { __typename } }')
    refused = await (await client("grid-officer")).query(FIND, filter={"phone": {"eq": "1"}})
    assert refused.codes == ["FORBIDDEN"]
    assert await searched() == []


@pytest.mark.usefixtures("elder")
async def test_a_name_is_told_where_it_is_masked_but_for_the_permission_to_reveal(
    client: Clients, district: District, tree: Tree, searched: Trail
) -> None:
    """A token that allows to reveal but not to read names finds them by that permission alone."""

    async def narrowed(_unit: object) -> str:
        account = await Account.create(username="revealing")
        await Grant.create(account_id=account.id, role="street-official", org_id=tree.street.id)
        permissions = ("core.person.read", "core.person.reveal")
        return await issue(account.id, narrowed=Narrowed(permissions, tree.street.id))

    with district.scope():
        token = await transact(narrowed)
    nobody = await client()
    official = Client(nobody.http, nobody.path, token)
    assert (await official.data(FIND, filter={"name": {"startsWith": "示例老"}}))["people"]["totalCount"] == 1
    assert [payload for _, payload in await searched()] == [once("name", "startsWith")]


async def test_a_guess_beside_another_change_is_told_too(
    client: Clients, elder: Person, searched: Trail, district: District
) -> None:
    """The event of the change names what changed alone, and by that tells that the rest is as it was believed."""
    admin, who = await client("district-admin"), global_id("Person", elder.id)
    given = {"phone": "13800000011", "gender": "MALE", "partyStatus": "MASSES"}
    assert await admin.mutate(UPDATE, input={"id": who, **given}) == {"id": who}
    assert [payload for _, payload in await searched()] == [
        once("gender", "updatePerson"),
        once("phone", "updatePerson"),
    ]
    assert await admin.mutate(UPDATE, input={"id": who, "name": "示例老人家", "partyStatus": "MEMBER"}) == {"id": who}
    assert len(await searched()) == 2


async def full(_journal: Any) -> None:
    raise OSError("no space left on device")


@pytest.mark.usefixtures("elder")
async def test_what_a_search_finds_does_not_leave_unless_its_event_is_written(
    client: Clients, tree: Tree, monkeypatch: pytest.MonkeyPatch, searched: Trail
) -> None:
    official, admin = await client("street-official", at=tree.street), await client("district-admin")
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "__call__", full)
        answer = await official.query(FIND, filter={"idNumber": {"eq": NUMBER}})
        guessed = await admin.query(CREATE, input={"name": "示例甲", "idNumber": NUMBER})
    for one in (answer, guessed):
        assert (one.data, set(one.codes)) == (None, {"INTERNAL"})
    assert await searched() == []


@pytest.mark.usefixtures("elder")
async def test_the_event_of_a_search_is_committed_before_anything_is_read(
    client: Clients, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def watched(read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def count(*given: Any, **more: Any) -> Any:
            seen.append(await Event.filter(type="core.searched").count())
            return await read(*given, **more)

        return count

    for name in ("count", "rows", "table"):
        monkeypatch.setattr(Batches, name, watched(getattr(Batches, name)))
    official = await client("street-official", at=tree.street)
    await official.data(FIND, filter={"phone": {"eq": "13800000011"}})
    assert seen
    assert set(seen) == {1}


@pytest.mark.usefixtures("elder")
async def test_an_id_number_that_somebody_has_is_not_found_by_entering_it_without_a_trace(
    client: Clients, tree: Tree, searched: Trail
) -> None:
    admin = await client("district-admin", at=tree.community)
    home = {"habitualResidenceId": global_id("OrgNode", tree.community.id)}
    made = await admin.mutate(CREATE, input={"name": "示例甲", "idNumber": ANOTHER, **home})
    assert made["id"], "which is an event as such"
    assert await searched() == []
    asked = {"name": "示例乙", "idNumber": NUMBER, **home}
    for headers in ({}, {"Idempotency-Key": "the-same"}, {"Idempotency-Key": "the-same"}):
        answer = await admin.query(CREATE, headers=headers, input=asked)
        assert answer.data == {"createPerson": {"errorCode": "CONFLICT"}}
    changed = await admin.mutate(UPDATE, input={"id": made["id"], "idNumber": NUMBER})
    assert changed == {"errorCode": "CONFLICT"}
    found = await searched()
    expected = [once("idNumber", "createPerson")] * 3 + [once("idNumber", "updatePerson")]
    assert [payload for _, payload in found] == expected
    assert {event.org_id for event, _ in found} == {tree.community.id}


@pytest.mark.parametrize(
    ("value", "traced"),
    [({"gender": "MALE"}, ["gender"]), ({"phone": "13800000011", "idNumber": NUMBER}, ["idNumber", "phone"])],
    ids=str,
)
async def test_that_a_change_changes_nothing_tells_the_value_and_is_told(
    client: Clients, elder: Person, searched: Trail, value: dict[str, Any], traced: list[str]
) -> None:
    """Whoever enters people and may not see them in full would learn from the version that a guess was right."""
    admin, who = await client("district-admin"), global_id("Person", elder.id)
    assert await admin.mutate(UPDATE, input={"id": who, **value}) == {"id": who}
    assert [payload for _, payload in await searched()] == [once(field, "updatePerson") for field in traced]
    assert await admin.mutate(UPDATE, input={"id": who, "partyStatus": "MASSES"}) == {"id": who}
    assert await admin.mutate(UPDATE, input={"id": who, "name": "示例老人"}) == {"id": who}
    assert len(await searched()) == len(traced), "a change is an event as such, and names are shown to staff"


TRAIL = """{ events(filter: {type: {eq: "core.searched"}}) { nodes { org { name } account { username } details } } }"""


@pytest.mark.usefixtures("elder")
async def test_searches_are_read_by_auditors_above_the_place_and_by_nobody_else(
    client: Clients, tree: Tree, events: Events, district: District
) -> None:
    secretary = await client("community-secretary", at=tree.community)
    await secretary.data(FIND, filter={"phone": {"eq": "1"}})
    await events()
    details = {"type": "Person", "field": "phone", "operator": "eq", "values": 1, "conditions": 1}
    for place in (None, tree.street):
        (told,) = (await (await client("auditor", at=place)).data(TRAIL))["events"]["nodes"]
        assert told["org"] == {"name": "观音阁社区"}
        assert told["details"] == details
    elsewhere = await client("auditor", at=tree.other_street)
    for asking in (secretary, elsewhere, await client("district-official"), await client("district-admin")):
        assert (await asking.data(TRAIL))["events"]["nodes"] == []


async def test_whoever_searches_in_two_streets_is_told_to_the_auditor_of_both(
    client: Clients, tree: Tree, district: District, searched: Trail
) -> None:
    official = await client("street-official", at=tree.street)
    with district.scope():
        account = await Account.all().order_by("-created_at").first()
        assert account is not None
        more: dict[str, Any] = {"account_id": account.id, "role": "street-official", "org_id": tree.other_street.id}
        await transact(lambda _unit: Grant.create(**more))
    await official.data(FIND, filter={"phone": {"eq": "1"}})
    ((event, _),) = await searched()
    assert event.org_id == tree.root.id

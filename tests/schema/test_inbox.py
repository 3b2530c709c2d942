"""The inbox over GraphQL: what a person reads, in which language, and what nobody else does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from linli.core.access.models import Account
from linli.core.clock import FrozenClock
from linli.core.deliveries.deliverer import Deliverer
from linli.core.districts import District
from linli.core.errors import text
from linli.core.inbox.kinds import NoticeKind
from linli.core.inbox.models import Notification
from linli.core.inbox.notifying import About, notify
from linli.core.people.models import Person
from linli.core.people.relation_models import PersonRelation
from linli.core.records.models import Event
from linli.core.records.unit_of_work import UnitOfWork, transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

INBOX = """{ viewer { unreadCount notifications { totalCount nodes { id kind title text needsAck readAt acknowledgedAt
    person { id } subject { id } } } } }"""
READ = """mutation ($input: MarkReadInput!) { markRead(input: $input) {
    ... on NotificationsRead { unreadCount } ... on Error { code path } } }"""
READ_ALL = """mutation ($input: MarkAllReadInput!) { markAllRead(input: $input) {
    ... on NotificationsRead { unreadCount } ... on Error { code } } }"""
ACKNOWLEDGE = """mutation ($input: AcknowledgeInput!) { acknowledge(input: $input) {
    ... on Notification { id readAt acknowledgedAt } ... on Error { code path } } }"""
GRANT = """mutation ($input: GrantRoleInput!) { grantRole(input: $input) {
    ... on Grant { id } ... on Error { code message } } }"""
CHOOSE = """mutation ($input: UpdateNotificationSettingsInput!) { updateNotificationSettings(input: $input) {
    ... on NotificationSettings { channels { name on } } ... on Error { code } } }"""
URGENT = NoticeKind("core.urgent", text("Urgent"), text("Read {what}"), needs_ack=True)
PLAIN = NoticeKind("core.plain", text("Plain"), text("Read {what}"))


@pytest.fixture(autouse=True)
def kinds(district: District) -> None:
    """Two kinds more than core has."""
    district.__dict__["notice_kinds"] = {**district.notice_kinds, URGENT.name: URGENT, PLAIN.name: PLAIN}


@pytest.fixture
def tell(district: District, tree: Tree) -> Callable[..., Awaitable[str]]:
    """Tells the resident something, or somebody else; the global id of it."""

    async def tells(kind: NoticeKind = PLAIN, person: Person | None = None, what: str = "这个") -> str:
        about = About("OrgNode", tree.community.id, tree.community.id)
        with district.scope():
            made = await transact(lambda _unit: notify((person or tree.resident).id, kind, about, {"what": what}))
        assert made is not None
        return global_id("Notification", made.id)

    return tells


async def inbox(of: Client, **more: Any) -> Any:
    return (await of.data(INBOX, **more))["viewer"]


async def test_a_person_reads_what_was_told_and_counts_what_is_unread(
    client: Clients, tree: Tree, tell: Callable[..., Awaitable[str]]
) -> None:
    first, second = await tell(), await tell()
    resident = await client(person=tree.resident)
    found = await inbox(resident)
    assert (found["unreadCount"], found["notifications"]["totalCount"]) == (2, 2)
    one = next(one for one in found["notifications"]["nodes"] if one["id"] == first)
    assert (one["title"], one["text"], one["needsAck"], one["readAt"]) == ("Plain", "Read 这个", False, None)
    assert one["subject"] == {"id": global_id("OrgNode", tree.community.id)}
    assert await resident.mutate(READ, input={"ids": [first, first]}) == {"unreadCount": 1}
    again = (await inbox(resident))["notifications"]["nodes"]
    assert {one["id"]: one["readAt"] is not None for one in again} == {first: True, second: False}
    assert await resident.mutate(READ_ALL, input={}) == {"unreadCount": 0}


async def test_nobody_reads_marks_or_acknowledges_what_another_was_told(
    client: Clients, tree: Tree, tell: Callable[..., Awaitable[str]]
) -> None:
    told = await tell(URGENT)
    others = [
        await client(person=tree.neighbour),
        await client("district-admin"),
        await client("auditor"),
        await client("community-staff", at=tree.community, person=tree.staff),
    ]
    for other in others:
        found = await inbox(other)
        assert (found["unreadCount"], found["notifications"]["totalCount"]) == (0, 0)
        assert await other.data("query ($id: ID!) { node(id: $id) { id } }", id=told) == {"node": None}
        assert await other.mutate(READ, input={"ids": [told]}) == {"code": "NOT_FOUND", "path": ["ids"]}
        assert await other.mutate(ACKNOWLEDGE, input={"id": told}) == {"code": "NOT_FOUND", "path": ["id"]}
        assert await other.mutate(READ_ALL, input={}) == {"unreadCount": 0}
    assert (await inbox(await client(person=tree.resident)))["unreadCount"] == 1


async def test_what_asks_for_it_is_acknowledged_once_and_on_record(
    client: Clients,
    tree: Tree,
    clock: FrozenClock,
    tell: Callable[..., Awaitable[str]],
    events: Callable[[], Awaitable[list[Event]]],
) -> None:
    urgent, plain = await tell(URGENT), await tell()
    resident = await client(person=tree.resident)
    refused = await resident.mutate(ACKNOWLEDGE, input={"id": plain})
    assert refused == {"code": "NOTHING_TO_ACKNOWLEDGE", "path": ["id"]}
    done = await resident.mutate(ACKNOWLEDGE, input={"id": urgent})
    assert done["acknowledgedAt"] == done["readAt"]
    clock.advance(clock.now().replace(hour=5))
    assert await resident.mutate(ACKNOWLEDGE, input={"id": urgent}) == done
    assert [event.type for event in await events()].count("core.notification_acknowledged") == 1
    assert (await inbox(resident))["unreadCount"] == 1


async def test_a_text_is_told_in_the_language_of_whoever_asks(client: Clients, tree: Tree, district: District) -> None:
    admin = await client("district-admin")
    with district.scope():
        account = await transact(lambda _unit: Account.create(username="zhao", person_id=tree.resident.id))
    given = {"accountId": global_id("Account", account.id), "role": "community-staff"}
    granted = await admin.mutate(GRANT, input={**given, "orgId": global_id("OrgNode", tree.community.id)})
    await Deliverer(district).drain()
    resident = await client(person=tree.resident)
    answers = [await resident.query(INBOX, headers={"accept-language": language}) for language in ("zh-CN", "en")]
    ((chinese,), (english,)) = [one.data["viewer"]["notifications"]["nodes"] for one in answers]
    assert (chinese["title"], english["title"]) == ("您已获得授权", "You were given a role")
    assert chinese["text"] == f"您在{tree.community.name}拥有角色 community-staff。"
    assert english["text"] == f"You have the role community-staff at {tree.community.name}."
    assert chinese["subject"] in (None, {"id": granted["id"]})


async def test_a_guardian_reads_what_the_ward_was_told(
    client: Clients, tree: Tree, district: District, tell: Callable[..., Awaitable[str]], clock: FrozenClock
) -> None:
    ward, own = await tell(URGENT), await tell(person=tree.neighbour)
    relation: dict[str, Any] = {
        "person_id": tree.resident.id,
        "relative_id": tree.neighbour.id,
        "kind": "GUARDIAN",
        "basis": "MINOR",
    }

    async def relate(_unit: object) -> None:
        await Person.filter(id=tree.resident.id).update(birth_date=date(2016, 3, 10))
        await PersonRelation.create(**relation, state="CONFIRMED", valid_from=clock.now())

    with district.scope():
        await transact(relate)
    guardian = await client(person=tree.neighbour)
    found = await inbox(guardian)
    assert found["unreadCount"] == 2
    shown = {one["id"]: (one["text"], one["person"]) for one in found["notifications"]["nodes"]}
    assert shown[ward] == ("Read 这个", {"id": global_id("Person", tree.resident.id)})
    assert shown[own][0] == "Read 这个"
    assert (await guardian.mutate(ACKNOWLEDGE, input={"id": ward}))["id"] == ward


async def test_an_account_that_nobody_confirmed_reads_titles_and_marks_nothing(
    client: Clients, tree: Tree, district: District, tell: Callable[..., Awaitable[str]]
) -> None:
    told = await tell()
    resident = await client(person=tree.resident)
    with district.scope():
        await transact(lambda _unit: Account.filter(person_id=tree.resident.id).update(person_confirmed=False))
    (one,) = (await inbox(resident))["notifications"]["nodes"]
    assert (one["title"], one["text"]) == ("Plain", None)
    assert (await resident.mutate(READ, input={"ids": [told]}))["code"] == "PERSON_UNCONFIRMED"
    assert (await resident.mutate(READ_ALL, input={}))["code"] == "PERSON_UNCONFIRMED"


async def test_an_account_without_a_person_has_no_inbox(client: Clients) -> None:
    admin = await client("district-admin")
    assert await inbox(admin) == {"unreadCount": 0, "notifications": {"totalCount": 0, "nodes": []}}
    chosen = await admin.mutate(CHOOSE, input={"channels": [{"name": "http", "on": False}]})
    assert chosen == {"code": "NO_PERSON"}


async def test_kinds_of_a_plugin_that_is_off_are_invisible(
    client: Clients, tree: Tree, district: District, tell: Callable[..., Awaitable[str]]
) -> None:
    told = await tell()
    with district.scope():
        await transact(lambda _unit: Notification.all().update(kind="meals.ready"))
    resident = await client(person=tree.resident)
    found = await inbox(resident)
    assert (found["unreadCount"], found["notifications"]["nodes"]) == (0, [])
    assert (await resident.mutate(READ, input={"ids": [told]}))["code"] == "NOT_FOUND"


async def test_words_that_changed_since_leave_a_gap_instead_of_failing(
    client: Clients, tree: Tree, district: District, tell: Callable[..., Awaitable[str]]
) -> None:
    await tell()
    changed = NoticeKind(PLAIN.name, text("Plain"), text("Read {other}"))
    district.__dict__["notice_kinds"] = {**district.notice_kinds, PLAIN.name: changed}
    (one,) = (await inbox(await client(person=tree.resident)))["notifications"]["nodes"]
    assert one["text"] == "Read —"


async def test_the_count_of_what_is_unread_is_one_statement_by_its_index(  # noqa: PLR0917  fixtures
    client: Clients,
    tree: Tree,
    district: District,
    tell: Callable[..., Awaitable[str]],
    statements: Callable[[], AbstractContextManager[list[str]]],
    clock: FrozenClock,
) -> None:
    resident = await client(person=tree.resident)
    with district.scope():
        await transact(lambda _unit: Notification.bulk_create([_read_long_ago(tree, clock) for _ in range(1000)]))
    for _ in range(3):
        await tell()
    with statements() as sent:
        assert await resident.data("{ viewer { unreadCount } }") == {"viewer": {"unreadCount": 3}}
    (statement,) = [one for one in sent if "core_notification" in one]
    with district.scope():
        plan = await transact(lambda unit: _plan(unit, statement, tree.resident.id))
    assert "core_notification_unread" in plan


def _read_long_ago(tree: Tree, clock: FrozenClock) -> Notification:
    told = {"kind": PLAIN.name, "subject_type": "OrgNode", "subject_id": tree.community.id, "needs_ack": False}
    return Notification(person_id=tree.resident.id, read_at=clock.now(), **told)


async def _plan(unit: UnitOfWork, statement: str, person_id: UUID) -> str:
    """Which way the engine reads."""
    places = max(statement.count("?"), statement.count("$"))
    values: list[Any] = [str(person_id), *(["core.plain"] * (places - 1))]
    if unit.store.dialect == "postgres":
        await unit.client.execute_query("ANALYZE core_notification")
    explain = "EXPLAIN QUERY PLAN" if unit.store.dialect == "sqlite" else "EXPLAIN"
    _, rows = await unit.client.execute_query(f"{explain} {statement}", values)
    return "\n".join(str(tuple(dict(row).values())) for row in rows)

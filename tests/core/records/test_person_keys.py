"""Values about a person in events: encrypted under the person's key, and erased by its destruction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from linli.core.crypto.keyring import Keyring
from linli.core.crypto.suites import GM
from linli.core.privacy.event_types import PERSON_ERASED, PersonErased
from linli.core.records import person_keys
from linli.core.records.event_types import SUBJECT, EventType, EventTypeError, EventTypes, Internal, Personal, Public
from linli.core.records.event_types import Sensitive as Secret
from linli.core.records.events import append, payloads
from linli.core.records.models import Event, EventPayload, PersonKey
from linli.core.records.sealing import seal_now
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import unit_of_work
from linli.core.records.verify import verify
from linli.core.records.verify_findings import FindingKind

NAME, ILLNESS = "示例甲乙丙", "哮喘"


class Visited(BaseModel):
    person_id: Internal[UUID]
    place: Public[str]
    name: Personal[str | None]
    illness: Secret[str | None] = None


OTHERWISE = (
    "UPDATE core_event_payload SET secret = CASE WHEN secret LIKE '0%' THEN '1' ELSE '0' END || substr(secret, 2)"
)
LATELY = "'2026-03-09 00:00:00+00:00'"
VISITED = EventType("core.visited", 1, Visited, "Somebody was visited", person="person_id")
CATALOGUE = EventTypes()
CATALOGUE.register("core", VISITED)


@pytest.fixture
def in_scope(store: Store) -> Iterator[Store]:
    with scope(store):
        yield store


async def visit(person_id: UUID, name: str | None = NAME, illness: str | None = ILLNESS) -> Event:
    async with unit_of_work():
        return await append(
            VISITED, "Visit", uuid4(), Visited(person_id=person_id, place="A", name=name, illness=illness)
        )


async def destroy(person_id: UUID) -> None:
    async with unit_of_work():
        await person_keys.destroy(person_id)


async def tell_of_erasure(person_id: UUID) -> None:
    async with unit_of_work():
        await append(PERSON_ERASED, "Person", person_id, PersonErased(plugins=(), erased_rows=0, kept_rows=0))


async def test_values_about_a_person_stand_in_the_table_encrypted_with_the_salt(in_scope: Store) -> None:
    person_id = uuid4()
    event = await visit(person_id)
    kept = await EventPayload.get(id=event.id)
    assert kept.payload == f'{{"person_id":"{person_id}","place":"A"}}'
    assert (kept.suite, kept.person_id) == ("AES-256-GCM", person_id)
    assert kept.secret is not None
    assert NAME not in str(vars(kept))
    found = await payloads([event], CATALOGUE)
    assert found[event.id] == Visited(person_id=person_id, place="A", name=NAME, illness=ILLNESS)
    await seal_now(in_scope)
    result = await verify()
    assert (result.ok, result.erased) == (True, 0)


async def test_a_payload_that_tells_nothing_of_the_person_needs_no_key(in_scope: Store) -> None:
    event = await visit(uuid4(), name=None, illness=None)
    kept = await EventPayload.get(id=event.id)
    assert (kept.suite, kept.secret, kept.person_id) == ("PLAIN", None, None)
    assert await PersonKey.all().count() == 0


async def test_a_destroyed_key_erases_the_persons_values_and_the_chain_still_holds(in_scope: Store) -> None:
    gone, stays = uuid4(), uuid4()
    first, second, other = await visit(gone), await visit(gone), await visit(stays)
    await destroy(gone)
    await destroy(gone)
    await tell_of_erasure(gone)
    await seal_now(in_scope)
    result = await verify()
    assert (result.ok, result.checked, result.erased) == (True, 4, 2)
    found = await payloads([first, second, other], CATALOGUE)
    assert [found[event.id] is None for event in (first, second, other)] == [True, True, False]
    key = await PersonKey.get(id=gone)
    assert key.secret is None
    assert key.destroyed_at is not None


async def test_nothing_is_told_of_a_person_who_was_erased(in_scope: Store) -> None:
    person_id = uuid4()
    await destroy(person_id)
    with pytest.raises(person_keys.PersonErasedError):
        await visit(person_id)
    assert await Event.all().count() == 0
    assert (await visit(person_id, name=None, illness=None)).id


async def tamper(statement: str, *values: Any) -> None:
    async with unit_of_work() as unit:
        places = iter(f"${place}" if unit.store.dialect == "postgres" else "?" for place in range(1, 10))
        await unit.client.execute_query(statement.format(*(next(places) for _ in values)), list(values))


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ('UPDATE core_event_payload SET payload = \'{{"place":"B"}}\'', FindingKind.PAYLOAD_CHANGED),
        ("UPDATE core_event_payload SET secret = substr(secret, 1, 100)", FindingKind.PAYLOAD_UNREADABLE),
        ("UPDATE core_event_payload SET secret = substr(secret, 1, 65)", FindingKind.PAYLOAD_UNREADABLE),
        ("UPDATE core_event_payload SET secret = '~'", FindingKind.PAYLOAD_UNREADABLE),
        (OTHERWISE, FindingKind.PAYLOAD_CHANGED),
        ("UPDATE core_event_payload SET suite = 'ROT13'", FindingKind.PAYLOAD_UNREADABLE),
        ("UPDATE core_event_payload SET salt = '00'", FindingKind.PAYLOAD_CHANGED),
        ("UPDATE core_event_payload SET secret = NULL", FindingKind.PAYLOAD_CHANGED),
        ("UPDATE core_person_key SET secret = NULL", FindingKind.PAYLOAD_UNREADABLE),
        (f"UPDATE core_person_key SET secret = NULL, destroyed_at = {LATELY}", FindingKind.ERASURE_UNTOLD),
        (
            f"UPDATE core_event_payload SET payload = NULL, salt = NULL, secret = NULL, erased_at = {LATELY}",
            FindingKind.PAYLOAD_CHANGED,
        ),
        ("DELETE FROM core_person_key", FindingKind.PAYLOAD_UNREADABLE),
    ],
)
async def test_a_payload_or_key_that_was_changed_is_found(in_scope: Store, statement: str, kind: FindingKind) -> None:
    await visit(uuid4())
    await seal_now(in_scope)
    await tamper(statement)
    assert [finding.kind for finding in (await verify()).findings] == [kind]


async def test_the_secret_of_one_event_does_not_open_in_another(in_scope: Store) -> None:
    person_id = uuid4()
    first, second = await visit(person_id), await visit(person_id)
    kept = await EventPayload.get(id=first.id)
    await tamper("UPDATE core_event_payload SET secret = {} WHERE id = {}", kept.secret, str(second.id))
    await seal_now(in_scope)
    assert [finding.event_id for finding in (await verify()).findings] == [str(second.id)]


async def test_the_districts_suite_encrypts_the_values(in_scope: Store) -> None:
    assert in_scope.keyring is not None
    (epoch,) = in_scope.keyring.epochs
    in_scope.keyring = Keyring("test", in_scope.keyring.masters, (type(epoch)(1, "k1", GM),))
    event = await visit(uuid4())
    assert (await EventPayload.get(id=event.id)).suite == "SM4-GCM"
    found = await payloads([event], CATALOGUE)
    assert isinstance(found[event.id], Visited)


class Nameless(BaseModel):
    name: Personal[str]


class Perhaps(BaseModel):
    name: Personal[str]
    person_id: Internal[UUID | None]


class Hidden(BaseModel):
    person_id: Personal[UUID]


@pytest.mark.parametrize(
    ("payload", "person"),
    [(Nameless, None), (Nameless, "person_id"), (Perhaps, "person_id"), (Perhaps, "name"), (Hidden, "person_id")],
)
def test_a_type_whose_values_are_about_nobody_is_refused(payload: type[BaseModel], person: str | None) -> None:
    with pytest.raises(EventTypeError, match="person="):
        EventType("core.odd", 1, payload, "x", person=person)


def test_a_type_may_be_about_its_subject() -> None:
    subject = uuid4()
    declared = EventType("core.odd", 1, Nameless, "x", person=SUBJECT)
    assert declared.person_of(subject, Nameless(name="甲")) == subject
    assert declared.secret_keys == {"name"}

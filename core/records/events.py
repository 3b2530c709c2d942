"""Events: every change tells what happened, in its own transaction. 事件。"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from pydantic import BaseModel
from tortoise.queryset import QuerySet

from .. import clock
from . import commitments, digest, outbox, person_keys, reactions, sealing
from .event_types import EventType, EventTypes, P
from .models import Event, EventPayload, PersonKey
from .record import new_id
from .store import current_store
from .together import Change
from .unit_of_work import UnitOfWork, current_unit

SALT_BYTES = 16

ENVELOPE_TYPES = {
    "id": "uuid",
    "type": "text",
    "schema_version": "int",
    "subject_type": "text",
    "subject_id": "uuid",
    "org_id": "uuid",
    "actor_id": "uuid",
    "at": "timestamptz",
    "transaction_id": "uuid",
    "ordinal": "int",
    "suite": "text",
    "digest": "text",
}
PAYLOAD_TYPES = {
    "id": "uuid",
    "salt": "text",
    "suite": "text",
    "payload": "text",
    "secret": "text",
    "person_id": "uuid",
}
SEALED = (*ENVELOPE_TYPES, "sequence", "chain")


def _insert(table: str, columns: Collection[str]) -> str:
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  names of ours


def _given(types: Mapping[str, str]) -> str:
    return ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(types.values(), start=1))


INSERT_EVENTS = _insert("core_event", SEALED)
INSERT_PAYLOADS = _insert("core_event_payload", PAYLOAD_TYPES)
# For any number of events; `arrival` is one value for all of them.
INSERT_ENVELOPES_AT_ONCE = (
    f"INSERT INTO core_event ({', '.join(ENVELOPE_TYPES)}, arrival) "  # noqa: S608  names of ours
    "SELECT given.*, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint "
    f"FROM unnest({_given(ENVELOPE_TYPES)}) AS given"
)
INSERT_PAYLOADS_AT_ONCE = (
    f"INSERT INTO core_event_payload ({', '.join(PAYLOAD_TYPES)}) "  # noqa: S608  names of ours
    f"SELECT * FROM unnest({_given(PAYLOAD_TYPES)})"
)


PayloadRow = dict[str, Any]


@dataclass(slots=True)
class Envelope:
    """The columns of an event of which nobody needs the record: of many at once it would take most of the time."""

    id: UUID
    type: str
    schema_version: int
    subject_type: str
    subject_id: UUID
    org_id: UUID | None
    actor_id: UUID | None
    at: datetime
    transaction_id: UUID
    suite: str
    digest: str
    ordinal: int = 0
    arrival: int | None = None
    sequence: int | None = None
    chain: str | None = None
    _saved_in_db: bool = False


class Journal:
    """The events of one unit of work, in order; written together just before it commits."""

    def __init__(self, unit: UnitOfWork) -> None:
        self.unit = unit
        self._next_ordinal = 0
        self._events: list[Event | Envelope] = []
        self._payloads: list[PayloadRow] = []

    def add(self, event: Event | Envelope, payload: PayloadRow) -> None:
        if not self._events:
            self.unit.before_commit.append(self)
        event.ordinal = self._next_ordinal
        self._next_ordinal += 1
        self._events.append(event)
        self._payloads.append(payload)

    async def __call__(self) -> None:
        """Write them, after all else that is to be done before the commit: vetoes and reactions may add some."""
        if self.unit.before_commit[-1] is not self:
            self.unit.before_commit.append(self)
            return
        events, self._events = self._events, []
        payloads, self._payloads = self._payloads, []
        rows = [{name: getattr(event, name) for name in (*digest.ENVELOPE, "chain")} for event in events]
        written = self._sealed if self.unit.store.dialect == "sqlite" else self._unsealed
        changes = await written(rows, payloads)
        await self.unit.write(*changes, *outbox.changes(self.unit, rows))
        for event, row in zip(events, rows, strict=True):
            event.sequence, event.chain, event._saved_in_db = row["sequence"], row["chain"], True

    async def _sealed(self, rows: list[dict[str, Any]], payloads: list[PayloadRow]) -> list[Change]:
        await sealing.seal_as_written(self.unit, rows)
        return [
            Change(INSERT_EVENTS, [[_text(row[name]) for name in SEALED] for row in rows]),
            Change(INSERT_PAYLOADS, [[_text(row[name]) for name in PAYLOAD_TYPES] for row in payloads]),
        ]

    async def _unsealed(self, rows: list[dict[str, Any]], payloads: list[PayloadRow]) -> list[Change]:
        self.unit.after_commit.append(partial(sealing.wake, self.unit.store))
        return [
            Change(INSERT_ENVELOPES_AT_ONCE, [[[row[name] for row in rows] for name in ENVELOPE_TYPES]]),
            Change(INSERT_PAYLOADS_AT_ONCE, [[[row[name] for row in payloads] for name in PAYLOAD_TYPES]]),
        ]


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _journal() -> Journal:
    unit = current_unit()
    return next((work for work in unit.before_commit if isinstance(work, Journal)), None) or Journal(unit)


def hash_suite() -> str:
    """The hash of new events: that of the suite in which the district's values are encrypted now."""
    ring = current_store().keyring
    return digest.SUITE if ring is None else digest.BY_CRYPTO_SUITE[ring.present.suite.name]


async def append(
    event_type: EventType[P], subject_type: str, subject_id: UUID, payload: P, *, org_id: UUID | None = None
) -> Event:
    """Tell that something happened to a record, as part of the open unit of work: kept with it or not at all.

    `org_id` is the node at which it may be seen. The event is written when the unit commits; readers see it once it
    is sealed. Raises NotCanonicalError when the payload holds what an event cannot keep, a float above all, and
    PersonErasedError for values about a person who was erased.
    """
    if type(payload) is not event_type.payload:
        raise TypeError(f"{event_type.name} carries {event_type.payload.__name__}, not {type(payload).__name__}")
    journal, suite = _journal(), hash_suite()
    event = Event(
        type=event_type.name,
        schema_version=event_type.version,
        subject_type=subject_type,
        subject_id=subject_id,
        org_id=org_id,
        actor_id=journal.unit.actor_id,
        at=clock.now(),
        transaction_id=journal.unit.id,
        suite=suite,
    )
    values = payload.model_dump(mode="json")
    told = {name: values.pop(name) for name in event_type.secret_keys if values[name] not in (None, [], {})}
    if told:
        row, personal = await _closed(event, event_type.person_of(subject_id, payload), told)
    else:
        row, personal = _row(event.id, suite=digest.PLAIN), None
    row["salt"], row["payload"] = secrets.token_hex(SALT_BYTES), digest.canonical(values)
    event.digest = commitments.of_event(
        suite, salt=row["salt"], plain=row["payload"], person_id=row["person_id"], personal=personal
    )
    journal.add(event, row)
    await reactions.react(journal.unit.store, event, payload)
    return event


class Told(NamedTuple):
    """One event of many: what `append` takes."""

    event_type: EventType[Any]
    subject_type: str
    subject_id: UUID
    payload: BaseModel
    org_id: UUID | None = None


async def append_many(told: Iterable[Told]) -> None:
    """Tell of many changes at once, in their order, as `append` tells of each."""
    for one in told:
        if reactions.any_for(current_unit().store) or one.event_type.secret_keys:
            await append(one.event_type, one.subject_type, one.subject_id, one.payload, org_id=one.org_id)
        else:
            append_plain(one)


def append_plain(one: Told) -> None:
    """As `append` does for an event that nobody reacts to and that tells nothing of a person: without a record."""
    if type(one.payload) is not one.event_type.payload:
        raise TypeError(f"{one.event_type.name} carries {one.event_type.payload.__name__}")
    journal, suite = _journal(), hash_suite()
    row = _row(new_id(), suite=digest.PLAIN)
    row["salt"], row["payload"] = secrets.token_hex(SALT_BYTES), digest.canonical(one.payload.model_dump(mode="json"))
    journal.add(
        Envelope(
            id=row["id"],
            type=one.event_type.name,
            schema_version=one.event_type.version,
            subject_type=one.subject_type,
            subject_id=one.subject_id,
            org_id=one.org_id,
            actor_id=journal.unit.actor_id,
            at=clock.now(),
            transaction_id=journal.unit.id,
            suite=suite,
            digest=commitments.of_event(suite, salt=row["salt"], plain=row["payload"]),
        ),
        row,
    )


async def _closed(event: Event, person_id: UUID, told: dict[str, Any]) -> tuple[PayloadRow, str]:
    """The row of a payload that tells of a person, and the hash of that: closed with the person's key and a salt."""
    salt = secrets.token_hex(SALT_BYTES)
    personal = commitments.of_person(event.suite, salt, told)
    suite, kept = person_keys.closed(await person_keys.secret_of(person_id), person_id, event.id, salt, told)
    return _row(event.id, suite=suite, secret=commitments.joined(personal, kept), person_id=person_id), personal


def _row(event_id: UUID, **columns: Any) -> PayloadRow:
    return {**dict.fromkeys(PAYLOAD_TYPES), "id": event_id, **columns}


def sealed_events(*, after: int = 0, types: Collection[str] | None = None) -> QuerySet[Event]:
    """The sealed events whose sequence is greater than `after`, in order; of these types only, when given."""
    found = Event.filter(sequence__gt=after).order_by("sequence")
    return found if types is None else found.filter(type__in=list(types))


async def newest_sequence() -> int:
    """The sequence of the newest sealed event; 0 where there is none."""
    newest = await Event.filter(sequence__isnull=False).order_by("-sequence").first()
    return 0 if newest is None else newest.sequence or 0


def history(subject_id: UUID, *, after: int = 0, types: Collection[str] | None = None) -> QuerySet[Event]:
    """What happened to one record, in order."""
    return sealed_events(after=after, types=types).filter(subject_id=subject_id)


async def payloads(events: Iterable[Event], catalogue: EventTypes) -> dict[UUID, BaseModel | None]:
    """The payloads of events by the events' ids, in their types' present shape; None where erased.

    Raises UnknownEventTypeError, UnknownSuiteError, and LookupError when a payload is missing.
    """
    wanted = list(events)
    stored = {row.id: row for row in await EventPayload.filter(id__in=[event.id for event in wanted])}
    missing = [str(event.id) for event in wanted if event.id not in stored]
    if missing:
        raise LookupError(f"no payload is kept for the events {', '.join(missing)}: verify the chain")
    secrets_ = await _secrets(stored.values())
    return {event.id: _read(catalogue.get(event.type), event, stored[event.id], secrets_) for event in wanted}


async def _secrets(rows: Iterable[EventPayload]) -> dict[UUID | None, bytes]:
    """The keys of the people whom payloads tell of, without those that were destroyed."""
    people = {row.person_id for row in rows if row.secret is not None}
    known = await PersonKey.filter(id__in=list(people)) if people else []
    return {key.id: person_keys.unwrapped(key.id, key.secret.stored) for key in known if key.secret is not None}


def _read(
    event_type: EventType[Any], event: Event, row: EventPayload, secrets_: Mapping[UUID | None, bytes]
) -> BaseModel | None:
    if row.payload is None or (row.secret is not None and row.person_id not in secrets_):
        return None
    if row.secret is None:
        values = orjson.loads(digest.opened(row.suite, row.payload))
    else:
        secret = secrets_[row.person_id]
        _, closed = commitments.parted(row.secret)
        _, told = person_keys.opened(secret, row.person_id, row.id, row.suite, closed)
        values = {**orjson.loads(row.payload), **told}
    found: BaseModel = event_type.read(event.schema_version, values)
    return found

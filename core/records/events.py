"""Events: every change tells what happened, in its own transaction. 事件。"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel
from tortoise.queryset import QuerySet

from .. import clock
from . import digest, reactions, sealing
from .event_types import EventType, EventTypes, P
from .models import Event, EventPayload
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
PAYLOAD_TYPES = {"id": "uuid", "salt": "text", "suite": "text", "payload": "text"}
SEALED = (*ENVELOPE_TYPES, "sequence", "chain")


def _insert(table: str, columns: Collection[str]) -> str:
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  names of ours


def _insert_both() -> str:
    """One statement and so one round trip for any number of events; `arrival` is one value for all of them."""
    types = [*ENVELOPE_TYPES.values(), *PAYLOAD_TYPES.values()]
    places = [f"${place}::{type_}[]" for place, type_ in enumerate(types, start=1)]
    of_events, of_payloads = places[: len(ENVELOPE_TYPES)], places[len(ENVELOPE_TYPES) :]
    return (
        f"WITH envelopes AS (INSERT INTO core_event ({', '.join(ENVELOPE_TYPES)}, arrival) "  # noqa: S608
        "SELECT given.*, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint "
        f"FROM unnest({', '.join(of_events)}) AS given) "
        f"INSERT INTO core_event_payload ({', '.join(PAYLOAD_TYPES)}) SELECT * FROM unnest({', '.join(of_payloads)})"
    )


INSERT_EVENTS = _insert("core_event", SEALED)
INSERT_PAYLOADS = _insert("core_event_payload", PAYLOAD_TYPES)
INSERT_BOTH = _insert_both()


class Journal:
    """The events of one unit of work, in order; written together just before it commits."""

    def __init__(self, unit: UnitOfWork) -> None:
        self.unit = unit
        self._next_ordinal = 0
        self._events: list[Event] = []
        self._payloads: list[dict[str, str]] = []

    def add(self, event: Event, payload: dict[str, str]) -> None:
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
        if self.unit.store.dialect == "sqlite":
            await self._write_sealed(rows, payloads)
        else:
            await self._write_unsealed(rows, payloads)
        for event, row in zip(events, rows, strict=True):
            event.sequence, event.chain, event._saved_in_db = row["sequence"], row["chain"], True

    async def _write_sealed(self, rows: list[dict[str, Any]], payloads: list[dict[str, str]]) -> None:
        await sealing.seal_as_written(self.unit, rows)
        await self.unit.client.execute_many(INSERT_EVENTS, [[_text(row[name]) for name in SEALED] for row in rows])
        await self.unit.client.execute_many(
            INSERT_PAYLOADS, [[row[name] for name in PAYLOAD_TYPES] for row in payloads]
        )

    async def _write_unsealed(self, rows: list[dict[str, Any]], payloads: list[dict[str, str]]) -> None:
        columns = [[row[name] for row in rows] for name in ENVELOPE_TYPES]
        columns += [[row[name] for row in payloads] for name in PAYLOAD_TYPES]
        await self.unit.client.execute_query(INSERT_BOTH, columns)
        self.unit.after_commit.append(partial(sealing.wake, self.unit.store))


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _journal() -> Journal:
    unit = current_unit()
    return next((work for work in unit.before_commit if isinstance(work, Journal)), None) or Journal(unit)


async def append(
    event_type: EventType[P], subject_type: str, subject_id: UUID, payload: P, *, org_id: UUID | None = None
) -> Event:
    """Tell that something happened to a record, as part of the open unit of work: kept with it or not at all.

    `org_id` is the node at which it may be seen. The event is written when the unit commits; readers see it once it
    is sealed. Raises NotCanonicalError when the payload holds what an event cannot keep, a float above all.
    """
    if type(payload) is not event_type.payload:
        raise TypeError(f"{event_type.name} carries {event_type.payload.__name__}, not {type(payload).__name__}")
    journal = _journal()
    text, salt = digest.canonical(payload.model_dump(mode="json")), secrets.token_hex(SALT_BYTES)
    event = Event(
        type=event_type.name,
        schema_version=event_type.version,
        subject_type=subject_type,
        subject_id=subject_id,
        org_id=org_id,
        actor_id=journal.unit.actor_id,
        at=clock.now(),
        transaction_id=journal.unit.id,
        suite=digest.SUITE,
        digest=digest.payload_digest(digest.SUITE, salt, text),
    )
    journal.add(event, {"id": str(event.id), "salt": salt, "suite": digest.PLAIN, "payload": text})
    await reactions.react(journal.unit.store, event, payload)
    return event


def sealed_events(*, after: int = 0, types: Collection[str] | None = None) -> QuerySet[Event]:
    """The sealed events whose sequence is greater than `after`, in order; of these types only, when given."""
    found = Event.filter(sequence__gt=after).order_by("sequence")
    return found if types is None else found.filter(type__in=list(types))


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
    return {event.id: _read(catalogue.get(event.type), event, stored[event.id]) for event in wanted}


def _read(event_type: EventType[Any], event: Event, row: EventPayload) -> BaseModel | None:
    if row.payload is None:
        return None
    found: BaseModel = event_type.read(event.schema_version, orjson.loads(digest.opened(row.suite, row.payload)))
    return found


async def erase_payload(event_id: UUID) -> None:
    """Destroy an event's values in the open unit of work; a tombstone stays, and the chain still verifies."""
    current_unit()
    await EventPayload.filter(id=event_id).update(salt=None, payload=None, erased_at=clock.now())

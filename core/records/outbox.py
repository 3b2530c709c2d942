"""The outbox: events are written down for whoever handles them, in their own transaction. 事件发件箱。

Which handlers want which events is known on the floors above, which say it here for each district.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from .. import clock
from .delivery_models import DeliveryState
from .listeners import Listeners
from .record import new_id
from .store import Store
from .together import Change, carry_out
from .unit_of_work import UnitOfWork

COLUMNS = {
    "id": "uuid",
    "handler": "text",
    "event_id": "uuid",
    "type": "text",
    "subject_id": "uuid",
    "sequence": "bigint",
    "state": "text",
    "attempts": "int",
    "next_at": "timestamptz",
}
_PLACES = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(COLUMNS.values(), start=1))
_MARKS = ", ".join("?" * len(COLUMNS))
INTO = f"INSERT INTO core_delivery ({', '.join(COLUMNS)})"
ON_POSTGRES = f"{INTO} SELECT * FROM unnest({_PLACES}) ON CONFLICT (event_id, handler) DO NOTHING"  # noqa: S608  names of ours
ON_SQLITE = f"{INTO} VALUES ({_MARKS}) ON CONFLICT (event_id, handler) DO NOTHING"
NUMBER = (
    "UPDATE core_delivery SET sequence = sealed.sequence FROM unnest($1::uuid[], $2::bigint[]) "
    "AS sealed(id, sequence) WHERE core_delivery.event_id = sealed.id"
)
"""As a part of the statement that seals, whose first values are the ids and the sequences."""
NUMBER_ONE = "UPDATE core_delivery SET sequence = ? WHERE event_id = ?"

Wanted = Mapping[str, Sequence[str]]
"""The names of the handlers of an event type, by its name."""
Row = Mapping[str, Any]

_wanted: WeakKeyDictionary[Store, Wanted] = WeakKeyDictionary()
_waiting = Listeners[[]]()


def deliver_to(store: Store, wanted: Wanted) -> None:
    """Have the events of a district written down for these handlers from now on."""
    _wanted[store] = wanted


def subscribe(store: Store, wake: Callable[[], None]) -> Callable[[], None]:
    """Have `wake` called when this process sealed events that somebody handles; the answer ends that."""
    return _waiting.subscribe(store, wake)


def tell(store: Store) -> None:
    """Deliveries were committed whose events are sealed."""
    _waiting.tell(store)


def changes(unit: UnitOfWork, events: Sequence[Row]) -> list[Change]:
    """By what deliveries of events that are being written are written; those of SQLite are sealed."""
    wanted = _wanted.get(unit.store, {})
    return _inserts(unit, [(event, handler) for event in events for handler in wanted.get(event["type"], ())])


async def insert(unit: UnitOfWork, pairs: Collection[tuple[Row, str]]) -> None:
    """Write one delivery for each event and handler; one that is there already stays as it is."""
    await carry_out(unit.client, unit.store.dialect, _inserts(unit, pairs))


def _inserts(unit: UnitOfWork, pairs: Collection[tuple[Row, str]]) -> list[Change]:
    if not pairs:
        return []
    now = clock.now()
    rows = [_row(event, handler, now) for event, handler in pairs]
    if unit.store.dialect == "postgres":
        return [Change(ON_POSTGRES, [[list(column) for column in zip(*rows, strict=True)]])]
    unit.after_commit.append(partial(tell, unit.store))
    return [Change(ON_SQLITE, [[_plain(value) for value in row] for row in rows])]


def numbered(unit: UnitOfWork, count: int) -> None:
    """So many deliveries of events that are being sealed were told where in the order these stand. On PostgreSQL."""
    if count:
        unit.after_commit.append(partial(tell, unit.store))


def _row(event: Row, handler: str, now: Any) -> tuple[Any, ...]:
    of_event = (event["id"], event["type"], event["subject_id"], event["sequence"])
    return (new_id(), handler, *of_event, DeliveryState.PENDING.value, 0, now)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value

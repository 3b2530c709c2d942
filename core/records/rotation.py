"""Rotating a district's keys while it is served: a new epoch, every value anew, the old ones retired. 密钥轮换。"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from pydantic import BaseModel
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from .. import clock
from ..crypto.keyring import Keyring
from . import commitments, events, person_keys
from .encrypting import BATCH, BEFORE_ALL, EncryptedColumn, encrypt_batch, encrypted_columns
from .event_types import EventType, Internal, Public
from .keys import Custody, begin_epoch, current_keyring, refresh
from .models import KeyEpoch
from .store import Store, scope
from .unit_of_work import UnitOfWork, transact

HEARD_SECONDS = 3.0
"""How long after an epoch begins every process knows of it: they look once a second."""

Progress = Callable[[str, int], None]

PAYLOADS = "core_event_payload.secret"
OTHER_SUITE = (
    "SELECT p.id, p.suite, p.secret, p.person_id, k.secret AS person_secret FROM core_event_payload p "  # noqa: S608
    "JOIN core_person_key k ON k.id = p.person_id WHERE p.id > $1 AND p.suite <> $2 AND p.secret IS NOT NULL "
    f"AND k.secret IS NOT NULL ORDER BY p.id LIMIT {BATCH}"
)
REPLACE = "UPDATE core_event_payload SET suite = $1, secret = $2 WHERE id = $3 AND secret = $4"


class RotationUnderWayError(RuntimeError):
    """Another process began an epoch at the same moment."""


class KeysRotated(BaseModel):
    """Under which key values are kept from now on, and how many were encrypted anew."""

    epoch: Public[int]
    master: Internal[str]
    suite: Public[str]
    values: Public[int]


KEYS_ROTATED = EventType("core.keys_rotated", 1, KeysRotated, "The district's keys were exchanged. 密钥轮换。")
KEY_EPOCH = "KeyEpoch"


@dataclass(frozen=True)
class Rotated:
    """What a rotation did: the epoch that counts now, and how many values were encrypted anew."""

    keyring: Keyring
    values: int
    resumed: bool


async def rotate(
    store: Store,
    custody: Custody,
    models: Iterable[type[Model]],
    *,
    progress: Progress = lambda _column, _count: None,
    heard_seconds: float = HEARD_SECONDS,
) -> Rotated:
    """Exchange the keys of the district whose store this is; a rotation that was cut off is carried on instead.

    Values are written under the new key by every process once `heard_seconds` are over; readers know both keys all
    the time. Raises RotationUnderWayError, MasterKeyError.
    """
    columns = encrypted_columns(models)
    with scope(store):
        resumed = len(current_keyring().epochs) > 1
        if not resumed:
            await _begin(custody)
            await refresh(store)
        await asyncio.sleep(heard_seconds)  # also after a cut: nobody knows how long ago that epoch began
        values = 0
        while done := await _pass(columns, progress) + await _payloads(progress):
            values += done
        await transact(partial(_retire, values))
        await refresh(store)
        return Rotated(current_keyring(), values, resumed)


async def _begin(custody: Custody) -> None:
    known = current_keyring()  # the number after it can be taken once

    async def work(unit: UnitOfWork) -> None:
        await begin_epoch(unit.client, custody, known)

    try:
        await transact(work)
    except IntegrityError as error:
        raise RotationUnderWayError("the keys of this district are being rotated by another process") from error


async def _pass(columns: Iterable[EncryptedColumn], progress: Progress) -> int:
    """Encrypt anew what is not under the present key; how many values there were."""
    total = 0
    for column in columns:
        after = BEFORE_ALL
        while ids := await transact(partial(_batch, column, after)):
            total, after = total + len(ids), str(ids[-1])
            progress(column.place, total)
    return total


async def _batch(column: EncryptedColumn, after: str, unit: UnitOfWork) -> list[object]:
    return await encrypt_batch(unit.client, current_keyring(), column, after)


async def _payloads(progress: Progress) -> int:
    """Encrypt anew what events tell of people, where it is of another suite; how many payloads there were."""
    total, after = 0, BEFORE_ALL
    while ids := await transact(partial(_payload_batch, after)):
        total, after = total + len(ids), str(ids[-1])
        progress(PAYLOADS, total)
    return total


async def _payload_batch(after: str, unit: UnitOfWork) -> list[object]:
    sqlite = unit.store.dialect == "sqlite"
    cipher = current_keyring().present.suite.cipher
    rows = await unit.client.execute_query_dict(_placed(OTHER_SUITE, sqlite=sqlite), [after, cipher])
    for row in rows:
        secret = person_keys.unwrapped(row["person_id"], row["person_secret"])
        personal, closed = commitments.parted(row["secret"])
        salt, told = person_keys.opened(secret, row["person_id"], row["id"], row["suite"], closed)
        suite, anew = person_keys.closed(secret, row["person_id"], row["id"], salt, told)
        kept = anew if personal is None else commitments.joined(personal, anew)
        await unit.client.execute_query(_placed(REPLACE, sqlite=sqlite), [suite, kept, row["id"], row["secret"]])
    return [row["id"] for row in rows]


def _placed(statement: str, *, sqlite: bool) -> str:
    return statement.replace("$", "?") if sqlite else statement


async def _retire(values: int, _unit: UnitOfWork) -> None:
    ring = current_keyring()
    await KeyEpoch.filter(number__lt=ring.present.number, retired_at=None).update(retired_at=clock.now())
    epoch = await KeyEpoch.get(number=ring.present.number)
    told = KeysRotated(epoch=epoch.number, master=epoch.master, suite=epoch.suite, values=values)
    await events.append(KEYS_ROTATED, KEY_EPOCH, epoch.id, told)


def with_suite(custody: Custody, suite: str) -> Custody:
    """The same custody for another suite."""
    return replace(custody, suite=suite)

"""Requests that act once: the same request again answers with the outcome of the first time. 幂等请求。"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from .. import clock
from ..errors import RejectedError, invalid, text
from .encrypted import encrypt
from .keys import current_keyring
from .models import Request
from .record import new_id
from .requests_refusals import restored, stored
from .spelling import bound, spelling
from .together import change
from .unit_of_work import UnitOfWork, transact

KEPT = timedelta(days=7)
BOUND = "core_request.body_hash"
"""What is kept of a body is keyed: an id number in it is found by trying them all otherwise."""
KEY = re.compile(r"[\x20-\x7e]{1,255}")

# These judge the caller or the moment, not what was asked: the same request may be granted a minute later.
NOT_KEPT = frozenset({"FORBIDDEN", "NOT_FOUND", "RATE_LIMITED", "INVALID_CREDENTIALS"})

BOUND = "core_request.body_hash"

COLUMNS = (
    "id",
    "account_id",
    "key",
    "body_hash",
    "outcome_type",
    "outcome_id",
    "outcome_version",
    "error_code",
    "refusal",
    "created_at",
)
# Waits for whoever is carrying out the same key; takes the place of a row that is older than KEPT.
CLAIM = (
    f"INSERT INTO core_request ({', '.join(COLUMNS)}) "  # noqa: S608  names of ours
    f"VALUES ({', '.join(f'${place}' for place in range(1, len(COLUMNS) + 1))}) "
    "ON CONFLICT (account_id, key) DO UPDATE SET "
    f"{', '.join(f'{name} = excluded.{name}' for name in COLUMNS if name not in ('account_id', 'key'))} "
    f"WHERE core_request.created_at <= ${len(COLUMNS) + 1} RETURNING id"
)
DONE = (
    "UPDATE core_request SET outcome_type = $1::text, outcome_id = $2::uuid, outcome_version = $3::int "
    "WHERE id = $4::uuid"
)


@dataclass(frozen=True)
class Outcome:
    """What a mutation did: the record it answers with. `replayed` tells that it had been done before."""

    type: str
    id: UUID | None = None
    version: int | None = None
    replayed: bool = False


Work = Callable[[UnitOfWork], Awaitable[Outcome]]
Before = Callable[[], Awaitable[None]]


def body_hash(operation: str, variables: Mapping[str, Any]) -> str:
    """The hash of a request's body: the operation's text or name and its variables, JSON values in any key order."""
    # ASCII escapes let a lone surrogate through; floats are allowed in a request, unlike in an event.
    body = json.dumps([operation, variables], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(body.encode()).hexdigest()


async def once(account_id: UUID, key: str, body: str, work: Work, before: Before | None = None) -> Outcome:
    """Do `work` in a unit of work of the account, unless it has done so under this key within 7 days.

    `body` is the request's `body_hash`. Two at the same moment: one acts, the other waits and answers the same. A
    refusal is kept like an outcome and raised again, but for NOT_KEPT ones. `before` is what takes long and needs no
    unit of work: it is done ahead of `work`, and not at all for a request that is known; what it refuses is not kept,
    since nothing was begun. Raises ValidationError for a key that is not 1 to 255 printable ASCII characters,
    RejectedError IDEMPOTENCY_KEY_REUSED for one used with another body.
    """
    if not KEY.fullmatch(key):
        raise invalid("requestId", "REQUEST_ID", "Use 1 to 255 printable ASCII characters")
    claim = _Claim(account_id, key, body)
    if before is None:
        return await _carried_out(claim, work)
    async with _turn(account_id, key):
        return await _known_or_prepared(claim, before) or await _carried_out(claim, work)


_turns: WeakValueDictionary[tuple[UUID, str], asyncio.Lock] = WeakValueDictionary()


def _turn(account_id: UUID, key: str) -> asyncio.Lock:
    """What the same request waits for in this process: `before` may use up a code that counts once."""
    return _turns.setdefault((account_id, key), asyncio.Lock())


async def _known_or_prepared(claim: _Claim, before: Before) -> Outcome | None:
    """The outcome under the key, or None once `before` is done."""
    earlier = await claim.known()
    if earlier is not None:
        return earlier
    try:
        await before()
    except RejectedError:
        # another process may have carried out the same request meanwhile, which makes it look wrong: a password that
        # was changed is no longer the old one
        earlier = await claim.known()
        if earlier is None:
            raise
    return earlier


async def _carried_out(claim: _Claim, work: Work) -> Outcome:
    try:
        return await transact(partial(claim.carry_out, work), claim.account_id)
    except RejectedError as refusal:
        if not claim.held or refusal.code in NOT_KEPT:
            raise
        earlier = await transact(partial(claim.keep_refusal, refusal), claim.account_id)
        if earlier is None:
            raise
        return earlier


def reused() -> RejectedError:
    """The key stands for another request."""
    told = text("This request id was used for another request")
    return RejectedError(told, code="IDEMPOTENCY_KEY_REUSED", path=["requestId"])


class _Claim:
    """One account's claim on a key; `held` while nobody else has an outcome under it."""

    def __init__(self, account_id: UUID, key: str, body: str) -> None:
        self.account_id, self.key, self.body = account_id, key, body
        self.held = False

    async def carry_out(self, work: Work, unit: UnitOfWork) -> Outcome:
        id_ = new_id()
        self.held = await self._insert(unit, id_)
        if not self.held:
            return await self._earlier()
        outcome = await work(unit)
        done = change(unit.store.dialect, DONE, outcome.type, outcome.id, outcome.version, id_)
        unit.closing.append(done)
        return outcome

    async def keep_refusal(self, refusal: RejectedError, unit: UnitOfWork) -> Outcome | None:
        """Keep it for replays, its unit of work being undone; another's outcome when one was quicker meanwhile."""
        id_ = new_id()
        kept = encrypt(Request, "refusal", stored(refusal), id_)
        self.held = await self._insert(unit, id_, refusal.code, None if kept is None else kept.stored)
        return None if self.held else await self._earlier()

    async def _insert(self, unit: UnitOfWork, id_: UUID, code: str | None = None, refusal: str | None = None) -> bool:
        """Whether the key was free, and is this request's now."""
        body, now = current_keyring().blind(self.body, BOUND), clock.now()
        values = (id_, self.account_id, self.key, body, None, None, None, code, refusal, now, now - KEPT)
        dialect = unit.store.dialect
        return bool(await unit.client.execute_query_dict(spelling(CLAIM, dialect), bound(values, dialect)))

    async def known(self) -> Outcome | None:
        """The outcome under this key, or its refusal raised again; None while the key is free."""
        lasting = Request.filter(account_id=self.account_id, key=self.key, created_at__gt=clock.now() - KEPT)
        found = await lasting.first()
        return None if found is None else self._outcome(found)

    async def _earlier(self) -> Outcome:
        return self._outcome(await Request.get(account_id=self.account_id, key=self.key))

    def _outcome(self, found: Request) -> Outcome:
        if not _same(found.body_hash, self.body):
            raise reused()
        if found.refusal is not None:
            raise restored(found.refusal.decrypt())
        assert found.outcome_type is not None, "a request that is neither done nor refused was committed"
        return Outcome(found.outcome_type, found.outcome_id, found.outcome_version, replayed=True)


def _same(kept: str, body: str) -> bool:
    """Whether what is kept of a body is this body's.

    It is kept under the district's key: a plain hash would let whoever has the database find by trial what was sent,
    such as an id number. After the keys were exchanged the two cannot be compared: then the request's name counts.
    """
    ring = current_keyring()
    comparable = kept.rpartition(":")[0] in {epoch.key_id for epoch in ring.epochs}
    return not comparable or kept in ring.blinds(body, BOUND)

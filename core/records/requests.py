"""Requests that act once: the same request again answers with the outcome of the first time. 幂等请求。"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from .. import clock
from ..errors import RejectedError, invalid, text
from .encrypted import Encrypted, encrypt
from .keys import current_keyring
from .models import Request
from .record import new_id
from .requests_refusals import restored, stored
from .unit_of_work import UnitOfWork, transact

KEPT = timedelta(days=7)
BOUND = "core_request.body_hash"
"""What is kept of a body is keyed: an id number in it is found by trying them all otherwise."""
KEY = re.compile(r"[\x20-\x7e]{1,255}")

# These judge the caller or the moment, not what was asked: the same request may be granted a minute later.
NOT_KEPT = frozenset({"FORBIDDEN", "NOT_FOUND", "RATE_LIMITED"})

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


@dataclass(frozen=True)
class Outcome:
    """What a mutation did: the record it answers with. `replayed` tells that it had been done before."""

    type: str
    id: UUID | None = None
    version: int | None = None
    replayed: bool = False


Work = Callable[[UnitOfWork], Awaitable[Outcome]]


def body_hash(operation: str, variables: Mapping[str, Any]) -> str:
    """The hash of a request's body: the operation's text or name and its variables, JSON values in any key order."""
    # ASCII escapes let a lone surrogate through; floats are allowed in a request, unlike in an event.
    body = json.dumps([operation, variables], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(body.encode()).hexdigest()


async def once(account_id: UUID, key: str, body: str, work: Work) -> Outcome:
    """Do `work` in a unit of work of the account, unless it has done so under this key within 7 days.

    `body` is the request's `body_hash`. Two at the same moment: one acts, the other waits and answers the same. A
    refusal is kept like an outcome and raised again, but for NOT_KEPT ones. Raises ValidationError for a key that
    is not 1 to 255 printable ASCII characters, RejectedError IDEMPOTENCY_KEY_REUSED for one used with another body.
    """
    if not KEY.fullmatch(key):
        raise invalid("requestId", "REQUEST_ID", "Use 1 to 255 printable ASCII characters")
    claim = _Claim(account_id, key, body)
    try:
        return await transact(partial(claim.carry_out, work), account_id)
    except RejectedError as refusal:
        if not claim.held or refusal.code in NOT_KEPT:
            raise
        earlier = await transact(partial(claim.keep_refusal, refusal), account_id)
        if earlier is None:
            raise
        return earlier


class _Claim:
    """One account's claim on a key; `held` while nobody else has an outcome under it."""

    def __init__(self, account_id: UUID, key: str, body: str) -> None:
        self.account_id, self.key, self.body = account_id, key, body
        self.held = False

    async def carry_out(self, work: Work, unit: UnitOfWork) -> Outcome:
        request = self._request()
        self.held = await _insert(unit, request)
        if not self.held:
            return await self._earlier()
        outcome = await work(unit)
        await Request.filter(id=request.id).update(
            outcome_type=outcome.type, outcome_id=outcome.id, outcome_version=outcome.version
        )
        return outcome

    async def keep_refusal(self, refusal: RejectedError, unit: UnitOfWork) -> Outcome | None:
        """Keep it for replays, its unit of work being undone; another's outcome when one was quicker meanwhile."""
        kept = encrypt(Request, "refusal", stored(refusal))
        self.held = await _insert(unit, self._request(error_code=refusal.code, refusal=kept))
        return None if self.held else await self._earlier()

    def _request(self, **columns: str | Encrypted | None) -> Request:
        return Request(
            id=new_id(),
            account_id=self.account_id,
            key=self.key,
            body_hash=current_keyring().blind(self.body, BOUND),
            created_at=clock.now(),
            **columns,
        )

    async def _earlier(self) -> Outcome:
        """The outcome under this key, or its refusal raised again."""
        found = await Request.get(account_id=self.account_id, key=self.key)
        if not _is_of(found.body_hash, self.body):
            raise RejectedError(
                text("This request id was used for another request"), code="IDEMPOTENCY_KEY_REUSED", path=["requestId"]
            )
        if found.refusal is not None:
            raise restored(found.refusal.decrypt())
        assert found.outcome_type is not None, "a request that is neither done nor refused was committed"
        return Outcome(found.outcome_type, found.outcome_id, found.outcome_version, replayed=True)


def _is_of(kept: str, body: str) -> bool:
    """Whether a row tells of this body; one whose key was exchanged since tells nothing, and is believed."""
    ours = current_keyring().blinds(body, BOUND)
    under, _, _ = kept.rpartition(":")
    return kept in (*ours, body) or bool(under and all(not one.startswith(f"{under}:") for one in ours))


async def _insert(unit: UnitOfWork, request: Request) -> bool:
    """Whether the key was free, and is the request's now."""
    fields = request._meta.fields_map
    values = [fields[name].to_db_value(getattr(request, name), request) for name in COLUMNS]
    statement = CLAIM.replace("$", "?") if unit.store.dialect == "sqlite" else CLAIM
    return bool(await unit.client.execute_query_dict(statement, [*values, clock.now() - KEPT]))


async def purge() -> int:
    """Forget requests older than 7 days; answers how many. For a schedule, in a unit of work of its own."""

    async def work(_: UnitOfWork) -> int:
        return await Request.filter(created_at__lte=clock.now() - KEPT).delete()

    return await transact(work)

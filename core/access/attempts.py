"""Attempts that were refused, as events that no flood can multiply. 被拒操作与登录失败。

The first one of an account, of a kind, in a minute is told at once, so that the trail has it when the answer leaves.
Further ones are counted in memory and told with their number when the minute is over: two rows at most for each
process. They are written in units of work of their own, since what was refused is undone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from weakref import WeakKeyDictionary

from .. import clock
from ..records import events
from ..records.store import Store, current_store
from ..records.unit_of_work import UnitOfWork, transact
from .event_types import ACCOUNT, DENIED, LOGIN_FAILED, Denied, LoginFailed


@dataclass(frozen=True)
class Attempt:
    """Of whom; without a permission it is an attempt to sign in."""

    account_id: UUID
    permission: str | None = None


class Tally:
    """The attempts of one minute at one district."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._counts: Counter[Attempt] = Counter()

    async def note(self, attempt: Attempt) -> None:
        """Tell of it, or count it where the like was told within this minute."""
        minute = clock.now().replace(second=0, microsecond=0)
        over = self._take(minute)
        self._counts[attempt] += 1
        first = self._counts[attempt] == 1
        await self._write(*over)
        if first:
            await self._write(minute, {attempt: 1})

    async def tell(self, *, all_: bool = False) -> None:
        """Tell how many more there were, of minutes that are over; of the present one too with `all_`."""
        minute = None if all_ else clock.now().replace(second=0, microsecond=0)
        await self._write(*self._take(minute))

    def _take(self, minute: datetime | None) -> tuple[datetime | None, Mapping[Attempt, int]]:
        if minute is not None and self._minute == minute:
            return minute, {}
        over, self._minute = self._minute, minute
        counts, self._counts = self._counts, Counter()
        return over, {attempt: count - 1 for attempt, count in counts.items() if count > 1}

    async def _write(self, minute: datetime | None, counts: Mapping[Attempt, int]) -> None:
        for attempt, count in counts.items():
            assert minute is not None, "attempts are counted within a minute"
            await _record(attempt, minute, count)


async def _record(attempt: Attempt, minute: datetime, count: int) -> None:
    async def work(_unit: UnitOfWork) -> None:
        who, permission = attempt.account_id, attempt.permission
        if permission is None:
            await events.append(LOGIN_FAILED, ACCOUNT, who, LoginFailed(minute=minute, count=count))
        else:
            await events.append(DENIED, ACCOUNT, who, Denied(permission=permission, minute=minute, count=count))

    await transact(work, None if attempt.permission is None else attempt.account_id)


_tallies: WeakKeyDictionary[Store, Tally] = WeakKeyDictionary()


def current_tally() -> Tally:
    """The attempts at the district that is entered."""
    return _tallies.setdefault(current_store(), Tally())

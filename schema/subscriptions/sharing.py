"""For how long what was read and answered for an event serves others, and which subscriptions can share. 共享期限。"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from types import FunctionType
from typing import Any

import orjson

from linli.core import clock
from linli.core.feed import Feed, Told

from ..execution import Request
from .shared import SharedEvent

SHARED_SECONDS = 1.0
"""How old the rows and answers of an event may be for whoever takes it later than others."""


class Sharing:
    """What is shared of the events that are delivered at present: nothing is kept for those who come later."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._events: dict[int, SharedEvent] = {}

    def __len__(self) -> int:
        return len(self._events)

    async def of(self, told: Told) -> SharedEvent:
        """What is shared of an event now; after another one that may have changed rights it is read anew."""
        now, turn = clock.monotonic(), self._feed.turn
        known = self._events.get(told.sequence)
        if known is None or known.turn != turn or now - known.at > SHARED_SECONDS:
            self._forget(now)
            made = SharedEvent(await self._feed.current(told), turn, now)
            known = self._events.get(told.sequence)
            if known is None or known.turn < turn:  # what somebody read meanwhile may be of before
                known = self._events[told.sequence] = made
        return known

    def clear(self) -> None:
        """Nobody follows any more."""
        self._events.clear()

    def _forget(self, now: float) -> None:
        turn = self._feed.turn
        over = [at for at, one in self._events.items() if one.turn != turn or now - one.at > SHARED_SECONDS]
        for sequence in over:
            del self._events[sequence]


def shared_by(answer: Callable[..., Any], asked: Request, language: str) -> Hashable | None:
    """What an answer depends on beside the event and the viewer; None where it depends on the subscription itself.

    A function of a module, or a `partial` of one, keeps nothing to itself: equal arguments give equal answers. Whatever
    else `answer` is might, and so is asked for each subscriber.
    """
    function, values = _parts(answer)
    if function is None:
        return None
    try:
        hash(values)
    except TypeError:
        return None
    return function, values, asked.query, asked.operation_name, orjson.dumps(asked.variables), language


def _parts(answer: Callable[..., Any]) -> tuple[FunctionType | None, Hashable]:
    """The function of a module that it is, and what is bound to it."""
    bound: Any = answer
    values: tuple[Any, ...] = ()
    if isinstance(answer, partial):
        bound, values = answer.func, (answer.args, *sorted(answer.keywords.items()))
    plain = isinstance(bound, FunctionType) and bound.__closure__ is None
    return (bound if plain else None), values

"""Who sleeps until a district's next timer, and is to be woken when an earlier one was committed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from weakref import WeakKeyDictionary

from ..records.store import Store

Wake = Callable[[datetime], None]

_sleeping: WeakKeyDictionary[Store, set[Wake]] = WeakKeyDictionary()


def subscribe(store: Store, wake: Wake) -> Callable[[], None]:
    """Have `wake` told the due instant of every timer that this process commits; the answer ends that."""
    sleepers = _sleeping.setdefault(store, set())
    sleepers.add(wake)
    return lambda: sleepers.discard(wake)


def tell(store: Store, due_at: datetime) -> None:
    """A timer was committed."""
    for wake in tuple(_sleeping.get(store, ())):
        wake(due_at)

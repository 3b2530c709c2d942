"""Who sleeps until a district's next timer, and is to be woken when an earlier one was committed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..records.listeners import Listeners
from ..records.store import Store

Wake = Callable[[datetime], None]

_sleeping = Listeners[[datetime]]()


def subscribe(store: Store, wake: Wake) -> Callable[[], None]:
    """Have `wake` told the due instant of every timer that this process commits; the answer ends that."""
    return _sleeping.subscribe(store, wake)


def tell(store: Store, due_at: datetime) -> None:
    """A timer was committed."""
    _sleeping.tell(store, due_at)

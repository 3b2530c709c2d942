"""Telling, in this process, that events of a district were sealed. 封存通知。"""

from __future__ import annotations

from collections.abc import Callable

from .listeners import Listeners
from .store import Store

_told = Listeners[[]]()


def subscribe(store: Store, told: Callable[[], object]) -> Callable[[], None]:
    """Call `told` after each commit of this process by which events of the district are sealed; the answer ends it."""
    return _told.subscribe(store, told)


def tell(store: Store) -> None:
    """Events were sealed, and that is committed."""
    _told.tell(store)

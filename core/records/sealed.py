"""Telling, in this process, that events of a district were sealed. 封存通知。"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from .store import Store

Told = Callable[[], None]

_told: WeakKeyDictionary[Store, list[Told]] = WeakKeyDictionary()


def listen(store: Store, told: Told) -> None:
    """Call `told` after each commit of this process by which events of the district are sealed."""
    _told.setdefault(store, []).append(told)


def unlisten(store: Store, told: Told) -> None:
    """Call it no more."""
    _told[store].remove(told)


def tell(store: Store) -> None:
    """Events were sealed, and that is committed."""
    for told in _told.get(store, ()):
        told()

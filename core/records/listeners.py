"""Whoever waits in this process for something to happen in a district's database. 进程内通知。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec
from weakref import WeakKeyDictionary

from .store import Store

P = ParamSpec("P")


class Listeners(Generic[P]):
    """By the store of the district; they are told what `tell` is given."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[Store, dict[object, Callable[P, object]]] = WeakKeyDictionary()

    def subscribe(self, store: Store, told: Callable[P, object]) -> Callable[[], None]:
        """Have `told` called each time from now on; the answer ends that."""
        listening, key = self._of.setdefault(store, {}), object()
        listening[key] = told
        return lambda: listening.pop(key, None) and None

    def tell(self, store: Store, *given: P.args, **named: P.kwargs) -> None:
        """It happened, and is committed."""
        for told in tuple(self._of.get(store, {}).values()):
            told(*given, **named)

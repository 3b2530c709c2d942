"""What others do about an event while it happens: in its transaction, so that a refusal undoes it. 事件联动。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from .models import Event
from .store import Store

Reaction = Callable[[Event, BaseModel], Awaitable[None]]

_reactions: WeakKeyDictionary[Store, Reaction] = WeakKeyDictionary()


def react_with(store: Store, reaction: Reaction) -> None:
    """Have every event of a district shown to `reaction`: the floor above, which knows the plugins, fills this in."""
    _reactions[store] = reaction


def any_for(store: Store) -> bool:
    """Whether anybody acts on a district's events."""
    return store in _reactions


async def react(store: Store, event: Event, payload: BaseModel) -> None:
    """Let the others act; what they raise undoes the unit of work, what they write is kept with the event."""
    reaction = _reactions.get(store)
    if reaction is not None:
        await reaction(event, payload)

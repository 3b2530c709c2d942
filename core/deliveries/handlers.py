"""What is done about an event after its commit, and by whom. 事件处理器。"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..records.models import Event
from ..records.outbox import Wanted

if TYPE_CHECKING:
    from ..districts import District

Handle = Callable[["District", Event, Any], Awaitable[None]]

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
LONGEST_NAME = 100
SECONDS = 10.0
MOST_ATTEMPTS = 12
"""With the pauses between them these are some 35 minutes, after which somebody has to look."""


@dataclass(frozen=True)
class EventHandler:
    """Something that is done about events: `EventHandler("points.award", {"hours.finalized": 1}, award, "Awards ..")`.

    `on` are the types of events with the version of the payload for which the handler was written; payloads that were
    stored in an earlier version are brought up to it. `await handle(district, event, payload)` runs in the district's
    scope after the event was committed and sealed, inside the unit of work that also notes the delivery as done: both
    happen or neither, so that whatever it writes is there once. It begins no unit of work and sends nothing out of
    the process. Events about one subject come one after the other; those about others may come at the same time.
    After a failure it is tried again, at longer and longer intervals and `attempts` times at most, and what comes
    later of that subject waits; then the delivery is dead until somebody has it tried anew. `seconds` is its time.

    One that works `outside` of the district, by sending something, is called without a unit of work, and may be told of
    an event twice where its process died before it could note that it was done: what it sends names `event.id`.
    """

    name: str
    on: Mapping[str, int]
    handle: Handle
    description: str
    attempts: int = MOST_ATTEMPTS
    seconds: float = SECONDS
    outside: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            raise ValueError(
                f"event handler {self.name!r}: expected <plugin>.<thing> in lower case, {LONGEST_NAME} long"
            )
        if not self.on:
            raise ValueError(f"event handler {self.name!r}: say on which types of events it acts")
        if self.attempts < 1 or self.seconds <= 0:
            raise ValueError(f"event handler {self.name!r}: give it an attempt and time for it")
        if not self.description.strip():
            raise ValueError(f"event handler {self.name!r}: describe what it does")


@dataclass(frozen=True)
class Handler:
    """A handler with the plugin that brought it."""

    plugin: str
    handler: EventHandler


Handlers = Mapping[str, Handler]


CORE = "core"


def handlers_of(district: District, own: Iterable[EventHandler] = ()) -> Handlers:
    """Core's `own` handlers and those of the plugins that are on, by name.

    Raises ValueError for one without its plugin's prefix, declared twice, or written for another version of an event
    type than the one that is installed.
    """
    found: dict[str, Handler] = {}
    for plugin, declared in [(CORE, own), *district.hooks.collect_now("linli_event_handlers")]:
        for one in declared:
            _check(one, plugin, district, found)
            found[one.name] = Handler(plugin, one)
    return found


def _check(one: EventHandler, plugin: str, district: District, found: Handlers) -> None:
    told = f"event handler {one.name!r} of plugin {plugin!r}"
    prefix = f"{CORE if plugin == CORE else district.installed[plugin].label}."
    if not one.name.startswith(prefix):
        raise ValueError(f"{told}: its name must begin with {prefix!r}")
    if one.name in found:
        raise ValueError(f"{told} is declared twice")
    for problem in _versions(one, district):
        raise ValueError(f"{told}: {problem}")


def _versions(one: EventHandler, district: District) -> Iterator[str]:
    """A type of a partner that is off here is let pass: none of its events comes."""
    known = {event_type.name: event_type for event_type in district.event_types}
    for name, version in one.on.items():
        if name in known and known[name].version != version:
            yield f"it reads version {version} of {name}, which is at {known[name].version}: look what has changed"


def wanted_by(handlers: Handlers) -> Wanted:
    """Which handlers want events of a type, by its name."""
    wanted: dict[str, list[str]] = {}
    for name, one in handlers.items():
        for event_type in one.handler.on:
            wanted.setdefault(event_type, []).append(name)
    return wanted

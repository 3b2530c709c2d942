"""What a subscription delivers: which events concern it, and what is answered for each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linli.core.access.viewer import Viewer
from linli.core.access.visibility import Sight
from linli.core.feed import Told

from ..declare.fields import Declared, DeclaredField

if TYPE_CHECKING:
    from ..context import Context

Answering = Callable[["Context", Told], Awaitable[Any]]
"""What the field is for an event and a viewer, in a context of its own: None where nothing is to be delivered."""


@dataclass(frozen=True)
class Looked:
    """What a look found: a value to be delivered, None where nothing is new; and whether nothing will follow."""

    value: Any = None
    over: bool = False


@dataclass(frozen=True)
class Watch:
    """Something that changes without events: `look` is asked at the beginning, after events, and every few seconds.

    It remembers what it told, and asks as the viewer who is re-evaluated each time.
    """

    look: Callable[[Context], Awaitable[Looked]]
    every: float


def _always(_told: Told) -> bool:
    return True


@dataclass(frozen=True)
class Source:
    """What the resolver of a subscription answers, once, when it begins.

    `types` are the event types that can concern it, None all of them; `concerns` narrows these by what an event is
    and must not depend on the viewer nor ask the database. `answer` asks what it likes, as the viewer who is
    re-evaluated for each event, and must answer nothing that this viewer does not see. Where it is a function of a
    module or a `partial` of one, its answer also goes to others who ask for the same and would have been answered
    alike, see `shared_by`. `seen` tells in memory that a viewer surely does not see an event, so that nobody is asked
    in vain; it is a function of a module too. With `after` what came since is delivered first. With a `watch` events
    are answered by looking there, and the subscription ends when it says so.
    """

    answer: Answering
    types: frozenset[str] | None = None
    concerns: Callable[[Told], bool] = _always
    seen: Callable[[Sight, Viewer, Told], bool | None] | None = None
    after: int | None = None
    watch: Watch | None = None

    def may_concern(self, told: Told) -> bool:
        """Whether an event has to be looked at, whoever follows."""
        return (self.types is None or told.event.type in self.types) and self.concerns(told)

    def __aiter__(self) -> AsyncIterator[Any]:
        """GraphQL takes for a source only what can be iterated; events come from the district's feed."""
        raise TypeError("a Source is driven by linli.schema.subscriptions.streams")


def subscription(
    description: str,
    resolve: Callable[..., Any],
    type: Any,  # noqa: A002  the word of the field
    **arguments: tuple[Any, str],
) -> Any:
    """A field of `GraphQL(subscription=..)`: `resolve(root, info, **arguments)` answers a `Source`, or raises."""
    made = DeclaredField(
        Declared(kind="computed", description=description, type=type, resolve=resolve), is_subscription=True
    )
    made.takes(**arguments)
    return made

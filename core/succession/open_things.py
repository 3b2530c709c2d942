"""What hangs on organisations that are merged or split, and what is to become of it. 承继事项。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model

from ..errors import Text
from ..graph.models import OrgNode


class Fate(StrEnum):
    """What becomes of records of a kind. 处理方式。

    Rows are never pointed at the successor: MOVED ends what was and begins the same there.
    """

    MOVED = "MOVED"
    ENDED = "ENDED"
    KEPT = "KEPT"
    REFUSED = "REFUSED"


@dataclass(frozen=True)
class SuccessionChange:
    """A merge or a split that is planned or about to happen, as those who keep records are asked about it.

    `sources` end at `at`; `target_ids` succeed them, of which new ones are not there yet; `heir_id` takes what names no
    part, None where a split has no heir.
    """

    merges: bool
    at: datetime
    sources: tuple[OrgNode, ...]
    target_ids: tuple[UUID, ...]
    heir_id: UUID | None

    @cached_property
    def source_ids(self) -> list[UUID]:
        """The ids of those that end."""
        return [source.id for source in self.sources]


@dataclass(frozen=True)
class OpenThing:
    """The records of a kind that hang on the sources, and their fate with its reason.

    `model` and `rows` say which records, so that whoever looks at a plan is shown those that they may see. `act` is
    awaited in the transaction of the change once the tree is changed, and never for a dry run.
    """

    model: type[Model]
    rows: Q
    fate: Fate
    reason: Text
    act: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Found:
    """An open thing, whose it is, and how many records those are."""

    plugin: str
    thing: OpenThing
    count: int

    @property
    def what(self) -> str:
        """The kind of records, by the name of their model."""
        return self.thing.model.__name__

"""What a verification can find."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..errors import Text


class FindingKind(StrEnum):
    """What is wrong with the events, or with a value that is kept encrypted."""

    CHANGED = "CHANGED"
    REMOVED = "REMOVED"
    REORDERED = "REORDERED"
    WRONG_GENESIS = "WRONG_GENESIS"
    UNSEALED = "UNSEALED"
    DOWNGRADED = "DOWNGRADED"
    PAYLOAD_CHANGED = "PAYLOAD_CHANGED"
    PAYLOAD_MISSING = "PAYLOAD_MISSING"
    PAYLOAD_UNREADABLE = "PAYLOAD_UNREADABLE"
    ERASURE_UNTOLD = "ERASURE_UNTOLD"
    ERASURE_UNDONE = "ERASURE_UNDONE"
    PAYLOAD_WITHOUT_EVENT = "PAYLOAD_WITHOUT_EVENT"
    ANCHOR_MISSED = "ANCHOR_MISSED"
    VALUE_ALTERED = "VALUE_ALTERED"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: of which kind, at which place of the sequence, with which event, in words."""

    kind: FindingKind
    sequence: int | None
    event_id: str | None
    message: Text


@dataclass(frozen=True)
class Anchor:
    """The place and chain of an event, to be kept where whoever could change the database cannot reach."""

    sequence: int
    chain: str

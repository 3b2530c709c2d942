"""What happens to a district as a whole."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel

from ..records.event_types import EventType, Internal

DISTRICT = "District"


def subject_of(key: str) -> UUID:
    """What stands for a district where events are about it."""
    return uuid5(NAMESPACE_URL, f"linli:district:{key}")


class BackupMade(BaseModel):
    """The hash of the file, how many rows and contents of files it holds, and the last event in it."""

    sha256: Internal[str]
    rows: Internal[int]
    files: Internal[int]
    last_sequence: Internal[int]


BACKUP_MADE = EventType("core.backup_made", 1, BackupMade, "A backup of the district was made. 已备份区县数据。")


class BackupRestored(BaseModel):
    """Of which backup: when it was made, of which district, by which versions, its last event; and who restored it."""

    made_at: Internal[datetime]
    district: Internal[str]
    core: Internal[str]
    last_sequence: Internal[int]
    last_chain: Internal[str | None]
    operator: Internal[str | None]


BACKUP_RESTORED = EventType(
    "core.backup_restored",
    1,
    BackupRestored,
    "The district was made of a backup; what follows is new. 已从备份恢复区县。",
)

EVENT_TYPES = (BACKUP_MADE, BACKUP_RESTORED)

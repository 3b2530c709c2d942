"""What happens to a district as a whole."""

from __future__ import annotations

from pydantic import BaseModel

from ..records.event_types import EventType, Internal

DISTRICT = "District"


class BackupMade(BaseModel):
    """The hash of the file, how many rows and contents of files it holds, and the last event in it."""

    sha256: Internal[str]
    rows: Internal[int]
    files: Internal[int]
    last_sequence: Internal[int]


BACKUP_MADE = EventType("core.backup_made", 1, BackupMade, "A backup of the district was made. 已备份区县数据。")

EVENT_TYPES = (BACKUP_MADE,)

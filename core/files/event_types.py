"""What happens to files; never their names, nor what is in them."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Public

FILE = "File"


class FileUploaded(BaseModel):
    """What for, and what it is."""

    purpose: Public[str]
    media_type: Public[str]
    size: Public[int]


class FileAttached(BaseModel):
    """To which record a file belongs from now on."""

    purpose: Public[str]
    subject_table: Public[str]
    subject_id: Internal[UUID]


class FileDiscarded(BaseModel):
    """Why the content was destroyed: EXPIRED, REMOVED, ERASED or PLUGIN_REMOVED."""

    purpose: Public[str]
    reason: Public[str]


class FileOpened(BaseModel):
    """Who may open a file by a link, and for how many seconds."""

    purpose: Public[str]
    field_class: Public[str]
    seconds: Public[int]


FILE_UPLOADED = EventType("core.file_uploaded", 1, FileUploaded, "A file was uploaded. 上传文件。")
FILE_ATTACHED = EventType("core.file_attached", 1, FileAttached, "A file was attached to a record. 文件已使用。")
FILE_DISCARDED = EventType("core.file_discarded", 1, FileDiscarded, "A file was destroyed. 销毁文件。")
FILE_OPENED = EventType(
    "core.file_opened", 1, FileOpened, "A link to a file with personal content was handed out. 打开含个人信息的文件。"
)

EVENT_TYPES = (FILE_UPLOADED, FILE_ATTACHED, FILE_DISCARDED, FILE_OPENED)

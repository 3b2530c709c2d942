"""What files are for: which kinds, how large, who sees them, to which records they belong. 文件用途。"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tortoise.models import Model

from ..records.classes import FieldClass

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class FileState(StrEnum):
    """Where a file stands. 文件状态。"""

    PENDING = "PENDING"  # 待使用
    ATTACHED = "ATTACHED"  # 已使用
    GONE = "GONE"  # 已销毁


class FileKind(StrEnum):
    """What a file can be, by its content. 文件类型。"""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    CSV = "text/csv"
    TEXT = "text/plain"


IMAGES = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.WEBP})
SCANS = IMAGES | {FileKind.PDF}


@dataclass(frozen=True)
class FilePurpose:
    """What a file is uploaded for: `FilePurpose("venues.photo", Venue, IMAGES, 10 << 20, FieldClass.PUBLIC, (..), ..)`.

    `name` is `<plugin>.<thing>`. Files of it belong to records of `subject`, `most` to one of them, and are seen by
    whoever sees the record; with `shown_by` only by the person whose own the record is, and by whoever holds one of
    these permissions where it is seen. `kinds` and `most_bytes` bound one file, unless the district's `file_bytes`
    says otherwise. `permissions`: whoever holds one of them anywhere may upload. `field_class` is what the content
    tells: of PERSONAL and SENSITIVE files each link is recorded before it is handed out. `description` is "English.
    中文。". What the platform makes itself, such as a ledger, has neither subject nor permissions: nobody uploads it,
    and it belongs to the account that asked for it until it expires.
    """

    name: str
    subject: type[Model] | None
    kinds: frozenset[FileKind]
    most_bytes: int
    field_class: FieldClass
    permissions: tuple[str, ...]
    description: str
    most: int = 10
    shown_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"file purpose {self.name!r}: expected <plugin>.<thing> in lower case")
        if not self.kinds or bool(self.permissions) != bool(self.subject) or self.most_bytes < 1 or self.most < 1:
            raise ValueError(f"file purpose {self.name!r}: say which kinds, how large, how many, and who may upload")
        if not self.description.strip():
            raise ValueError(f"file purpose {self.name!r}: describe what the files are for")

    @property
    def table(self) -> str:
        """The table of the records that files of this purpose belong to."""
        if self.subject is None:
            raise TypeError(f"files of {self.name} belong to no record")
        return str(self.subject._meta.db_table)

    @property
    def uploaded(self) -> bool:
        """Whether anybody uploads files of it; others the platform makes."""
        return bool(self.permissions)

    @property
    def recorded(self) -> bool:
        """Whether somebody who opens such a file leaves a trace."""
        return self.field_class in (FieldClass.PERSONAL, FieldClass.SENSITIVE)

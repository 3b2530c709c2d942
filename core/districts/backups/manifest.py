"""What a backup says of itself. 备份清单。"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...errors import RejectedError, Text, text
from ...records.migrations import Step

FORMAT = "linli backup 1"
CONTENTS, CONTENTS_LIST = "contents", "contents.jsonl"
"""The contents of all files one after the other, and of each its length and hash."""

Count = Annotated[int, Field(ge=0)]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class BackupError(RejectedError):
    """A file that is no backup of this district, or a district into which it cannot be restored; nothing changed.

    Codes: BACKUP_UNREADABLE, BACKUP_FOREIGN, BACKUP_ALTERED, BACKUP_TOO_LARGE of the file; OTHER_DISTRICT,
    PLUGIN_MISSING, BACKUP_NEWER, TABLES_DIFFER, MASTER_KEYS_DIFFER, DISTRICT_NOT_EMPTY, DISTRICT_AHEAD of where it is
    to go; PLUGIN_UNKNOWN of a district that cannot be backed up.
    """

    code = "BACKUP_UNREADABLE"

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(message, code=code)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Applied(_Strict):
    """One migration, as the district's record has it; they stand in the order of application."""

    app: str
    name: str
    version: str | None


class Key(_Strict):
    """One epoch of the district's keys: which master key opens it, and the proof that tells it from another."""

    number: Count
    identity: str
    master: str
    suite: str
    proof: str


class Table(_Strict):
    """A table's entry: how many rows, and how long and with which hash it is, unpacked."""

    rows: Count
    bytes: Count
    sha256: Hash


class Contents(_Strict):
    """The contents of files: how many, the two entries that hold them, and the files whose content was not there."""

    files: Count
    entries: dict[str, Table]
    missing: list[str]


class Manifest(_Strict):
    """All of it. `place` is the name of the file or schema, from which chains of old begin."""

    format: str
    district: str
    place: str
    made_at: Annotated[datetime, Field(strict=False)]
    engine: str
    core: str
    plugins: dict[str, str]
    plugins_on: list[str]
    heads: dict[str, str]
    migrations: list[Applied]
    keys: list[Key]
    last_sequence: Count
    last_chain: str | None
    tables: dict[str, Table]
    contents: Contents

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(table.rows for table in self.tables.values())

    @property
    def steps(self) -> list[Step]:
        """The migrations that made the tables."""
        return [Step(one.app, one.name) for one in self.migrations]

    @property
    def entries(self) -> dict[str, Table]:
        """What the zip holds beside the manifest, by name."""
        return {**{f"{name}.jsonl": table for name, table in self.tables.items()}, **self.contents.entries}


def read_manifest(content: bytes) -> Manifest:
    """The manifest of a backup. Raises BackupError for any other."""
    try:
        found: Any = json.loads(content)
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise BackupError("BACKUP_FOREIGN", text("The file is no backup of this format: {format}", format=FORMAT))
        return Manifest.model_validate(found)
    except (ValidationError, ValueError, RecursionError) as error:
        raise BackupError("BACKUP_ALTERED", text("{entry} of the backup was altered", entry="manifest.json")) from error

"""A file of JSON lines in the data folder, for a gateway of the operator's to read. 文件渠道。"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import orjson

from linli.core.inbox.channels import Message

FOLDER_MODE, FILE_MODE = 0o700, 0o600


class JsonLines:
    """One line for each message, which is on the disk before the message counts as sent.

    The gateway takes the file by renaming it; the next line begins another one.
    """

    def __init__(self, place: Path, *, personal: bool) -> None:
        self._place = place
        self.personal = personal

    async def send(self, message: Message) -> None:
        """Append a line."""
        await asyncio.to_thread(self._append, orjson.dumps(message.as_json()) + b"\n")

    def _append(self, line: bytes) -> None:
        self._place.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        # one write with O_APPEND stays whole beside those of other processes; no link is followed elsewhere
        file = os.open(self._place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
        try:
            os.fchmod(file, FILE_MODE)
            if os.write(file, line) != len(line):
                raise OSError("the line was not written whole")
            os.fsync(file)
        finally:
            os.close(file)

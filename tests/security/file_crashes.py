"""A process that dies by SIGKILL in the midst of work on a file: `file_crashes.py CONFIG DISTRICT TOKEN WHERE`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import httpx

from linli.core.config import load
from linli.core.districts import open_platform
from linli.core.files.attaching import discard
from linli.core.files.models import File
from linli.core.plugins.discovery import installed
from linli.core.records.unit_of_work import transact
from linli.core.storages.folder import Folder
from linli.schema.http.application import application
from linli.schema.http.files import upload

PDF = b"%PDF-1.7\n% 430602195206150011\n%%EOF\n"


async def die(*_: Any) -> None:
    """End at once, as by a failure of power."""
    os.kill(os.getpid(), signal.SIGKILL)


async def main(config: Path, key: str, token: str, where: str) -> None:
    """Upload a scan and die before its row is written, or destroy one and die before its content is."""
    plugins = installed()
    async with open_platform(load(config, plugins), plugins, [key]) as platform:
        district = platform.districts[key]
        if where == "before the row":
            setattr(upload, "admit", die)  # noqa: B010  not a name that the module gives to others
            transport = httpx.ASGITransport(application(platform))
            async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
                await http.post(
                    f"/d/{district.key}/files",
                    data={"purpose": "core.consent_evidence"},
                    files={"file": ("a.pdf", PDF)},
                    headers={"authorization": f"Bearer {token}"},
                )
        else:
            Folder.destroy = die  # type: ignore[assignment,method-assign]
            with district.scope():
                file = await File.get(state="PENDING")
                await transact(lambda _unit: discard(district, file, "REMOVED"))
            await asyncio.sleep(30)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:5]))

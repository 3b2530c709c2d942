"""Scanning files by ClamAV's clamd. 病毒扫描。"""

from __future__ import annotations

from typing import TYPE_CHECKING

from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

if TYPE_CHECKING:
    from linli.core.districts import District
    from linli.core.files.receiving import Incoming

plugin = Plugin(
    name="clamav",
    title=Title(en="ClamAV", zh="ClamAV 病毒扫描"),
    description="Lets clamd judge every file that arrives. 由 clamd 扫描收到的文件。",
    version="0.1.0",
    requires=">=0.1,<0.2",
    platform=True,
)


@hookimpl
async def linli_file_scanners(district: District, incoming: Incoming) -> None:
    """Ask the clamd of `settings.core.clamd`, where there is one."""
    if district.settings.clamd is not None:
        from .scanning import scan  # noqa: PLC0415

        await scan(district.settings.clamd, incoming)

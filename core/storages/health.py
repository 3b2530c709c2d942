"""What `linli check` tells of contents. 文件内容检查。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..files.keeping import leftovers, missing
from ..plugins.health import HealthProblem

if TYPE_CHECKING:
    from ..districts import District


async def problems(district: District) -> Sequence[HealthProblem]:
    """A storage that is not there, files without content, contents without a file."""
    if district.data is None:
        return []
    found = []
    if district.settings.file_storage not in district.storages:
        known = ", ".join(sorted(district.storages))
        message = f"file_storage is {district.settings.file_storage!r}, and nothing gives such a storage."
        found.append(HealthProblem(message=message, remedy=f"Write one of {known} in settings.core.", fatal=True))
    lost = await missing(district)
    if lost:
        message = f"{len(lost)} files are without their content, the first is {lost[0]}."
        remedy = "Bring data/files (or the bucket) back from the backup that fits the database."
        found.append(HealthProblem(message=message, remedy=remedy, fatal=True))
    left = await leftovers(district)
    if left:
        message = f"{len(left)} contents belong to no file: a crash left them, or they are arriving now."
        found.append(
            HealthProblem(message=message, remedy="Nothing to do: a server takes them away within half a day.")
        )
    return found

"""The bundled places for contents of files: a folder, and a bucket that speaks S3. 内置文件存储。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

if TYPE_CHECKING:
    from linli.core.districts import District
    from linli.core.files.storage import FileStorage
    from linli.core.plugins.health import HealthProblem

plugin = Plugin(
    name="storages",
    title=Title(en="File storages", zh="文件存储"),
    description="Keeps contents of files in a folder or in a bucket. 在文件夹或对象存储中保存文件内容。",
    version="0.1.0",
    requires=">=0.1,<0.2",
    platform=True,
)


@hookimpl
def linli_file_storage(district: District) -> Mapping[str, FileStorage]:
    """The folder `data/files/<district>`, and the bucket of `settings.core.s3`."""
    from .folder import Folder  # noqa: PLC0415  the libraries are loaded where a file is kept

    found: dict[str, FileStorage] = {"folder": Folder(district.files)}
    if district.settings.s3 is not None:
        from .s3 import S3  # noqa: PLC0415

        found["s3"] = S3(district.settings.s3, district.key)
    return found


@hookimpl
async def linli_check(district: District) -> Sequence[HealthProblem]:
    """Files without content, and contents without a file."""
    from .health import problems  # noqa: PLC0415

    return await problems(district)

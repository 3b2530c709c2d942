"""The hooks around files: what they are for, where they are kept, who scans them. 文件的钩子。"""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..plugins.markers import hookspec

if TYPE_CHECKING:
    from ..districts.district import District
    from ..files.purposes import FilePurpose
    from ..files.receiving import Incoming
    from ..files.storage import FileStorage


@hookspec
def linli_file_purposes() -> Sequence[FilePurpose]:
    """List what files are uploaded for, and to which of the plugin's records they belong. 声明文件用途。

    Called: once per process for the names, and once for each district where the plugin is on.
    Returns: purposes named `<label>.<thing>`; files of them are invisible where the plugin is off. A mutation that
    takes `fileIds` hands them to `linli.core.files.attaching.attach`.
    Failure: the platform does not start, and so it is when two plugins define one purpose.

    Example::

        @hookimpl
        def linli_file_purposes() -> Sequence[FilePurpose]:
            from linli.plugins.venues.photos import PHOTO

            return [PHOTO]
    """


@hookspec
def linli_file_storage(district: District) -> Mapping[str, FileStorage]:
    """Add places where contents of files are kept. 声明文件存储。

    Called: once for each district, when a file is first kept or read there; `district` is the district. A district
    writes to the one that `file_storage` names, and reads files where they were kept.
    Returns: storages by their names in small letters; what they are given is encrypted already.
    Failure: no file is kept or read, and so it is when two plugins give one name.

    Example::

        @hookimpl
        def linli_file_storage(district: District) -> Mapping[str, FileStorage]:
            from linli.core.storages.folder import Folder

            return {"folder": Folder(district.files)}
    """


@hookspec(mode="veto", time_limit=120.0)
async def linli_file_scanners(district: District, incoming: Incoming) -> None:
    """Judge the content of a file before it is kept, such as by a scanner for viruses. 扫描文件内容。

    Called: for every file that arrives and is of a kind that its purpose takes, as it came, before pictures are made
    anew; `district` is where, `incoming` its name, kind, purpose, size, SHA-256 and `pieces()`, its content a megabyte
    at a time. For every plugin that is on there, in the district's scope, in no transaction.
    Returns: nothing; raise RejectedError, with a code of the plugin's own, to refuse the file.
    Failure: any other failure refuses the file too, as FILE_NOT_SCANNED.

    Example::

        @hookimpl
        async def linli_file_scanners(district: District, incoming: Incoming) -> None:
            from linli.core.clamav.scanning import scan

            await scan(district.settings.clamd, incoming)
    """

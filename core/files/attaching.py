"""Files and the records that they belong to: admitted, attached, destroyed; all in units of work. 文件的使用与销毁。"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from tortoise.expressions import F, Q

from .. import clock
from ..access.viewer import Viewer
from ..errors import RateLimitedError, RejectedError, text
from ..records import events
from ..records.encrypted import encrypt
from ..records.record import MutableRecord
from ..records.unit_of_work import current_unit
from ..tasks import spawn
from .event_types import (
    FILE,
    FILE_ATTACHED,
    FILE_DISCARDED,
    FILE_UPLOADED,
    FileAttached,
    FileDiscarded,
    FileUploaded,
)
from .models import File
from .purposes import FilePurpose, FileState
from .receiving import Ready

if TYPE_CHECKING:
    from ..districts import District
    from .storage import FileStorage

BLANK: dict[str, Any] = {
    "name": None,
    "sha256": None,
    "given_sha256": None,
    "secret": None,
    "state": FileState.GONE.value,
}
"""What a file that is gone keeps instead of what told something; without its secret no copy of the content opens."""

log = structlog.get_logger(__name__)


async def admit(
    district: District, purpose: FilePurpose, ready: Ready, account_id: UUID, *, hours: int | None = None
) -> File:
    """Enter a content that the storage has as a file that waits to be used, `hours` or as long as the district says.

    Raises RateLimitedError where the account has too many that wait.
    """
    await _check_room(district, account_id)
    id_, lasting = ready.id, district.settings.file_pending_hours if hours is None else hours
    file = await File.create(
        id=id_,
        name=encrypt(File, "name", ready.name, id_),
        size=ready.staged.size,
        media_type=ready.kind.value,
        purpose=purpose.name,
        field_class=purpose.field_class.value,
        state=FileState.PENDING.value,
        sha256=encrypt(File, "sha256", ready.staged.sha256, id_),
        given_sha256=encrypt(File, "given_sha256", ready.given_sha256, id_),
        secret=encrypt(File, "secret", base64.b64encode(ready.staged.seal.secret).decode(), id_),
        cipher=ready.staged.seal.cipher,
        storage=district.settings.file_storage,
        account_id=account_id,
        expires_at=clock.now() + timedelta(hours=lasting),
    )
    told = FileUploaded(purpose=purpose.name, media_type=file.media_type, size=file.size)
    await events.append(FILE_UPLOADED, FILE, file.id, told)
    return file


async def _check_room(district: District, account_id: UUID) -> None:
    waiting = File.filter(account_id=account_id, state=FileState.PENDING.value).order_by("expires_at")
    if await waiting.count() < district.settings.files_pending:
        return
    first = await waiting.first()
    left = 1 if first is None or first.expires_at is None else (first.expires_at - clock.now()).total_seconds()
    raise RateLimitedError(text("Too many of your files wait to be used"), max(1, ceil(left)))


async def attach(
    viewer: Viewer,
    file_ids: Sequence[UUID],
    purpose: FilePurpose,
    subject: MutableRecord,
    *,
    org_id: UUID | None = None,
    person_id: UUID | None = None,
    path: str = "fileIds",
) -> list[File]:
    """Let files that the viewer uploaded for a purpose belong to a record, in this order, all or none.

    For the unit of work of the change that uses them; the caller holds the record, so that nobody else adds files to it
    meanwhile. `org_id` is where the record stands, `person_id` whom the files tell of.

    Raises RejectedError: FILE_UNKNOWN for a file that is not there or somebody else's, FILE_TAKEN, FILE_EXPIRED,
    FILE_PURPOSE for one of another purpose, FILE_TOO_MANY.
    """
    current_unit()
    if type(subject) is not purpose.subject:
        expected = "no record" if purpose.subject is None else purpose.subject.__name__
        raise TypeError(f"files of {purpose.name} belong to {expected}, not {type(subject).__name__}")
    found = {
        file.id: file
        for file in await File.filter(id__in=list(file_ids), account_id=viewer.account_id)
        .select_for_update()
        .order_by("id")
    }
    before = await File.filter(attached_to(purpose, subject.id)).order_by("-position")
    if len(before) + len(file_ids) > purpose.most:
        message = text("There are at most {most} files", most=purpose.most)
        raise RejectedError(message, code="FILE_TOO_MANY", path=(path,), details={"most": purpose.most})
    attached: list[File] = []
    for place, file_id in enumerate(file_ids, before[0].position + 1 if before else 0):
        file = usable(found.get(file_id), purpose, path)
        changes = {
            "state": FileState.ATTACHED.value,
            "subject_table": purpose.table,
            "subject_id": subject.id,
            "position": place,
            "person_id": person_id,
            "org_id": org_id,
            "attached_at": clock.now(),
            "expires_at": None,
        }
        await _write(file, **changes)
        told = FileAttached(purpose=purpose.name, subject_table=purpose.table, subject_id=subject.id)
        await events.append(FILE_ATTACHED, FILE, file.id, told, org_id=org_id)
        attached.append(file)
    return attached


def usable(file: File | None, purpose: FilePurpose, path: str) -> File:
    """A file that may be attached. Raises RejectedError as `attach` does."""
    if file is None:
        raise RejectedError(text("There is no such file of yours"), code="FILE_UNKNOWN", path=(path,))
    if file.state == FileState.ATTACHED:
        raise RejectedError(text("This file is used already"), code="FILE_TAKEN", path=(path,))
    if file.state == FileState.GONE or file.expires_at is None or file.expires_at <= clock.now():
        raise RejectedError(text("This file was not used in time: upload it again"), code="FILE_EXPIRED", path=(path,))
    if file.purpose != purpose.name:
        message = text("This file was uploaded for {other}", other=file.purpose)
        raise RejectedError(message, code="FILE_PURPOSE", path=(path,), details={"expected": purpose.name})
    return file


def attached_to(purpose: FilePurpose, subject_id: UUID) -> Q:
    """The files of a record."""
    attached = FileState.ATTACHED.value
    return Q(purpose=purpose.name, subject_table=purpose.table, subject_id=subject_id, state=attached)


async def files_of(purpose: FilePurpose, subject_id: UUID) -> list[File]:
    """The files of a record, in their order."""
    return list(await File.filter(attached_to(purpose, subject_id)).order_by("position", "id"))


async def discard(district: District, file: File, reason: str) -> None:
    """Destroy a file: its key in this unit of work, its content after the commit; once is enough."""
    unit = current_unit()
    if file.state == FileState.GONE:
        return
    storage = district.storages.get(file.storage)
    await _write(file, **BLANK, expires_at=None)
    await events.append(
        FILE_DISCARDED, FILE, file.id, FileDiscarded(purpose=file.purpose, reason=reason), org_id=file.org_id
    )
    if storage is not None:
        unit.after_commit.append(partial(_begin_destroying, storage, file.id))


async def discard_all(district: District, which: Q, reason: str) -> int:
    """Destroy the files that fulfil a condition; how many there were."""
    rows = await File.filter(which, state__in=[FileState.PENDING.value, FileState.ATTACHED.value]).order_by("id")
    for file in rows:
        await discard(district, file, reason)
    return len(rows)


async def lapse(subject_ids: Iterable[UUID]) -> None:
    """Note that records ended: from now on counts how long their files are kept."""
    current_unit()
    now = clock.now()
    ended = File.filter(subject_id__in=list(subject_ids), state=FileState.ATTACHED.value, lapsed_at=None)
    await ended.update(lapsed_at=now, version=F("version") + 1, updated_at=now)


async def _write(file: File, **changes: Any) -> None:
    changes |= {"version": file.version + 1, "updated_at": clock.now()}
    await File.filter(id=file.id).update(**changes)
    file.update_from_dict(changes)


def _begin_destroying(storage: FileStorage, file_id: UUID) -> None:
    spawn(partial(_destroy, storage, file_id), name=f"destroying the content of file {file_id}")


async def _destroy(storage: FileStorage, file_id: UUID) -> None:
    """What is left where this fails, or is cut off, is found by the keeper."""
    try:
        await storage.destroy(file_id)
    except Exception as error:
        log.error("content_not_destroyed", file=str(file_id), exc_info=error)


async def expire(district: District, file_id: UUID) -> None:
    """Destroy a file that nobody used in time; nothing happens to one that was used, or may still be."""
    file = await File.filter(id=file_id).select_for_update().first()
    if file is not None and file.state == FileState.PENDING and (file.expires_at or clock.now()) <= clock.now():
        await discard(district, file, "EXPIRED")

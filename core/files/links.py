"""Links to files that need no token: signed, short-lived, and never more than who asked for one may see. 文件链接。"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from .. import clock
from ..access.active_grants import viewer_for
from ..access.models import Account
from ..access.viewer import PUBLIC, Viewer
from ..errors import NotFoundError, RejectedError, invalid, text
from ..records import events
from ..records.keys import current_keyring
from ..records.unit_of_work import UnitOfWork, transact
from .event_types import FILE, FILE_OPENED, FileOpened
from .models import File
from .purposes import FileState

if TYPE_CHECKING:
    from ..districts import District

SECONDS, MOST_SECONDS = 300, 3600
BOUND = "core_file.link"
ANYBODY = "-"


@dataclass(frozen=True)
class Link:
    """What a link says: which file, for whom it was made (`-` for anybody), until when in seconds since 1970."""

    file_id: UUID
    by: str
    until: int
    signature: str

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({"by": self.by, "until": self.until, "signature": self.signature})


def _signed(file_id: UUID, by: str, until: int, field_class: str) -> str:
    return f"{file_id}|{by}|{until}|{field_class}"


async def link_to(file: File, viewer: Viewer, seconds: int | None = None) -> Link:
    """A link for a viewer who sees the file; that a PERSONAL or SENSITIVE one is opened is committed first.

    Raises ValidationError for more than an hour, RejectedError FILE_EXPIRED for a file that is gone.
    """
    lasting = SECONDS if seconds is None else seconds
    if not 1 <= lasting <= MOST_SECONDS:
        raise invalid("expiresIn", "OUT_OF_RANGE", "From 1 to {most} seconds", most=MOST_SECONDS)
    if file.state == FileState.GONE:
        raise RejectedError(text("This file was not used in time: upload it again"), code="FILE_EXPIRED")
    if file.field_class in ("PERSONAL", "SENSITIVE"):
        await _record(file, viewer, lasting)
    by = ANYBODY if viewer.account_id is None else str(viewer.account_id)
    until = int((clock.now() + timedelta(seconds=lasting)).timestamp())
    signature = current_keyring().blind(_signed(file.id, by, until, file.field_class), BOUND)
    return Link(file.id, by, until, signature)


async def _record(file: File, viewer: Viewer, seconds: int) -> None:
    told = FileOpened(purpose=file.purpose, field_class=file.field_class, seconds=seconds)

    async def work(_unit: UnitOfWork) -> None:
        await events.append(FILE_OPENED, FILE, file.id, told, org_id=file.org_id)

    await transact(work, viewer.account_id)


async def followed(district: District, link: Link) -> File:
    """The file that a link leads to, where who asked for it still sees it; in the district's scope.

    Raises NotFoundError for a link that nobody here made or that leads to nothing any more, RejectedError LINK_EXPIRED.
    """
    file = await File.get_or_none(id=link.file_id)
    field_class = "" if file is None else file.field_class
    signed = _signed(link.file_id, link.by, link.until, field_class)
    ring = current_keyring()
    genuine = any(hmac.compare_digest(link.signature, one) for one in ring.blinds(signed, BOUND))
    if file is None or not genuine:
        raise _unknown()
    if link.until <= clock.now().timestamp():
        raise RejectedError(text("This link has expired: ask for the file again"), code="LINK_EXPIRED")
    viewer = await _viewer(district, link.by)
    if viewer is None or not await File.filter(district.sight.condition(File, viewer), id=file.id).exists():
        raise _unknown()
    return file


async def _viewer(district: District, by: str) -> Viewer | None:
    if by == ANYBODY:
        return PUBLIC
    account = await Account.get_or_none(id=by, disabled_at=None)
    return None if account is None else await viewer_for(account, district.roles, district.majority)


def _unknown() -> NotFoundError:
    return NotFoundError(text("There is no such file, or you may not see it"))


def seconds_left(link: Link, now: datetime) -> int:
    """How long a link may be used yet."""
    return max(0, link.until - int(now.timestamp()))

"""`POST /d/<district>/files`: one file, streamed to the disk, judged, kept. 上传文件。"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.requests import Request

from linli.core.access.attempts import Attempt, current_tally
from linli.core.access.turns import Turns
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import ForbiddenError, NotFoundError, RejectedError, invalid, text
from linli.core.files.attaching import admit
from linli.core.files.models import File
from linli.core.files.purposes import FilePurpose
from linli.core.files.receiving import Ready, judged, limit_of
from linli.core.files.staging import Staged
from linli.core.jobs.timers import FILE_EXPIRY, schedule
from linli.core.records.keys import current_keyring
from linli.core.records.requests import Outcome, body_hash, once
from linli.core.records.unit_of_work import UnitOfWork, transact

from .form import Form, boundary_of, malformed, read

OPERATION = "POST files"
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
AT_ONCE, AT_ONCE_EACH = 32, 4
TURNS = Turns(AT_ONCE, AT_ONCE_EACH)
"""Uploads under way in a process, and of one account among them."""


async def upload(request: Request, district: District, viewer: Viewer, key: str | None) -> tuple[File, bool]:
    """The file that came, and whether it is new: not where the same request came before. In the district's scope.

    Raises RejectedError, BadRequestError, ClientDisconnect.
    """
    assert viewer.account_id is not None, "the public uploads nothing"
    boundary_of(request)
    most = max((limit_of(district, one) for one in _allowed(district, viewer)), default=0)
    if most == 0:
        await _forbid(viewer, "files")
    with TURNS.taken(district.key, viewer.account_id):
        form = await read(request, district.staging, current_keyring().present.suite.cipher, most)
        assert form.file is not None, "a form without a file is refused"
        async with _dropped(form.file):
            purpose = await _purpose(district, viewer, form)
            _check_digest(form, form.file)
            ready = await judged(district, purpose, form.file, form.name, form.declared)
            async with _dropped(ready.staged):
                return await _keep(district, viewer, purpose, ready, key or form.values.get("requestId"))


def _allowed(district: District, viewer: Viewer) -> list[FilePurpose]:
    return [one for one in district.file_purposes.values() if any(map(viewer.subtrees, one.permissions))]


async def _purpose(district: District, viewer: Viewer, form: Form) -> FilePurpose:
    wanted = form.values.get("purpose")
    if wanted is None:
        raise malformed()
    purpose = district.file_purposes.get(wanted)
    if purpose is None or not purpose.uploaded:
        known = ", ".join(one.name for one in _allowed(district, viewer))
        raise invalid("purpose", "UNKNOWN", "Files are uploaded for one of {known}", known=known)
    if purpose not in _allowed(district, viewer):
        await _forbid(viewer, purpose.permissions[0])
    return purpose


async def _forbid(viewer: Viewer, permission: str) -> None:
    assert viewer.account_id is not None, "the public uploads nothing"
    await current_tally().note(Attempt(viewer.account_id, permission))
    raise ForbiddenError(text("You may not do this here"), path=("purpose",), details={"permission": permission})


def _check_digest(form: Form, staged: Staged) -> None:
    stated = form.values.get("sha256")
    if stated is None:
        return
    if not SHA256.fullmatch(stated):
        raise invalid("sha256", "FORMAT", "Send the SHA-256 as 64 hexadecimal digits")
    if stated.lower() != staged.sha256:
        raise RejectedError(
            text("What arrived is not what was sent: its SHA-256 is another"), code="FILE_DIGEST", path=("sha256",)
        )


@asynccontextmanager
async def _dropped(staged: Staged) -> AsyncIterator[None]:
    """Take a staged content away in the end, unless the storage took it."""
    try:
        yield
    finally:
        await asyncio.to_thread(staged.file.unlink, missing_ok=True)


async def _keep(
    district: District, viewer: Viewer, purpose: FilePurpose, ready: Ready, key: str | None
) -> tuple[File, bool]:
    """First the content, then the row: what a crash leaves between them is a content without a file."""
    assert viewer.account_id is not None, "the public uploads nothing"
    await district.storage.keep(ready.id, ready.staged.file)
    enter = partial(_enter, district, purpose, ready)
    try:
        if key is None:
            outcome = await transact(enter, viewer.account_id)
        else:
            asked = body_hash(OPERATION, {"purpose": purpose.name, "sha256": ready.given_sha256})
            outcome = await once(viewer.account_id, key, asked, enter)
    except Exception:  # whatever it was, and whether or not the row stands
        await _destroy_unless_entered(district, ready)
        raise
    if outcome.replayed:
        await district.storage.destroy(ready.id)
    file = await File.get_or_none(id=outcome.id, account_id=viewer.account_id)
    if file is None or file.secret is None:
        raise NotFoundError(text("There is no such file, or you may not see it"))
    return file, not outcome.replayed


async def _enter(district: District, purpose: FilePurpose, ready: Ready, unit: UnitOfWork) -> Outcome:
    assert unit.actor_id is not None, "an account uploads"
    file = await admit(district, purpose, ready, unit.actor_id)
    assert file.expires_at is not None, "a file that waits expires"
    await schedule(FILE_EXPIRY, file.id, file.expires_at)
    return Outcome("File", file.id, file.version)


async def _destroy_unless_entered(district: District, ready: Ready) -> None:
    if not await File.filter(id=ready.id).exists():
        await district.storage.destroy(ready.id)

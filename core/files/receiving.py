"""From a content that arrived to a file: judged, made anew where it is a picture, scanned, kept. 接收文件。"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import structlog

from ..errors import RejectedError, text
from ..records.keys import current_keyring
from .images import made_anew
from .kinds import kind_of
from .names import cleaned
from .purposes import IMAGES, FileKind, FilePurpose
from .sealing import CHUNK
from .staging import Staged

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..districts import District

T = TypeVar("T")
PIECE = 16 * CHUNK
"""How much of a content is in memory at a time."""
AT_ONCE = 2
"""How many pictures are worked on at a time in one process: each may take 300 MB."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Incoming:
    """What a scanner judges: a content as it came, with the name and kind that it would have."""

    name: str
    kind: FileKind
    purpose: str
    size: int
    sha256: str
    staged: Staged

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content, a megabyte at a time."""
        with await asyncio.to_thread(self.staged.open) as content:
            while piece := await asyncio.to_thread(content.read, PIECE):
                yield piece


@dataclass(frozen=True)
class Ready:
    """A content that may be kept: `staged` is what is kept, `given_sha256` of what came."""

    name: str
    kind: FileKind
    staged: Staged
    given_sha256: str

    @property
    def id(self) -> UUID:
        """The id of the file that it becomes."""
        return self.staged.seal.id


def limit_of(district: District, purpose: FilePurpose) -> int:
    """How many bytes a file of this purpose has at most here."""
    return district.settings.file_bytes.get(purpose.name, purpose.most_bytes)


def too_large(most: int) -> RejectedError:
    """There is more of it than is taken."""
    return RejectedError(
        text("A file of this purpose has at most {most} bytes", most=most),
        code="FILE_TOO_LARGE",
        path=("file",),
        details={"most": most},
    )


async def judged(district: District, purpose: FilePurpose, staged: Staged, name: str, declared: str) -> Ready:
    """What may be kept of a content that arrived for a purpose; the caller drops both contents when it is over.

    Raises RejectedError with a code that begins with FILE_.
    """
    if staged.size == 0:
        raise RejectedError(text("The file is empty"), code="FILE_EMPTY", path=("file",))
    if staged.size > limit_of(district, purpose):
        raise too_large(limit_of(district, purpose))
    kind = await asyncio.to_thread(_kind, staged, name, declared)
    if kind not in purpose.kinds:
        taken = sorted(purpose.kinds)
        raise RejectedError(
            text("For this purpose {taken} are taken", taken=", ".join(taken)),
            code="FILE_TYPE",
            path=("file",),
            details={"taken": taken},
        )
    kept_name = cleaned(name, kind)
    await _scanned(district, Incoming(kept_name, kind, purpose.name, staged.size, staged.sha256, staged))
    if kind not in IMAGES:
        return Ready(kept_name, kind, staged, staged.sha256)
    anew = await _in_studio(partial(_anew, district, purpose, staged, kind))
    return Ready(kept_name, kind, anew, staged.sha256)


def _kind(staged: Staged, name: str, declared: str) -> FileKind:
    with staged.open() as content:
        return kind_of(content, staged.size, name, declared)


async def _scanned(district: District, incoming: Incoming) -> None:
    """Let every scanner judge it; one that fails has not judged it, so that nothing is kept."""
    if not district.hooks.implementers("linli_file_scanners"):
        return
    try:
        await district.hooks.veto("linli_file_scanners", district=district, incoming=incoming)
    except RejectedError:
        raise
    except Exception as failure:
        log.error("file_not_scanned", district=district.key, exc_info=failure)
        raise RejectedError(
            text("The file cannot be scanned now: try again later"), code="FILE_NOT_SCANNED", path=("file",)
        ) from failure


def _anew(district: District, purpose: FilePurpose, staged: Staged, kind: FileKind) -> Staged:
    with staged.open() as content:
        made = made_anew(content, kind)
    most = limit_of(district, purpose)
    if len(made) > most:
        raise too_large(most)
    return district.staging.put(current_keyring().present.suite.cipher, made, most)


@cache
def _studio() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "linli-pictures")


async def _in_studio(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_studio(), copy_context().run, work)

"""Looking after contents: leftovers of crashes are taken away, what is missing is told. 文件内容清理与核对。"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from ..crypto.suites import TamperedError
from .contents import content
from .models import File
from .passing import sweep
from .purposes import FileState
from .storage import ContentMissingError

if TYPE_CHECKING:
    from ..districts import District
    from .storage import FileStorage

BATCH = 500
LOOK_SECONDS = 6 * 3600.0
KEPT = (FileState.PENDING.value, FileState.ATTACHED.value)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Leftovers:
    """Contents that belong to no file, and staged ones; by the name of the storage."""

    contents: frozenset[tuple[str, UUID]] = frozenset()
    staged: frozenset[str] = frozenset()

    def __and__(self, other: Leftovers) -> Leftovers:
        return Leftovers(self.contents & other.contents, self.staged & other.staged)

    def __len__(self) -> int:
        return len(self.contents) + len(self.staged)


class Keeper:
    """Takes away what a crash left of one district's files.

    An upload under way looks like a leftover. So what is there without a file in one look, and in the next one hours
    later, is taken away; no clock is believed.
    """

    def __init__(self, district: District, *, seconds: float = LOOK_SECONDS) -> None:
        self._district, self._seconds = district, seconds
        self._seen = Leftovers()

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # a storage that does not answer must not end it
                log.error("files_not_looked_after", district=self._district.key, exc_info=error)
            await asyncio.sleep(self._seconds)

    async def look(self) -> int:
        """Look once; how many leftovers were taken away."""
        await asyncio.to_thread(sweep, self._district.passing)
        with self._district.scope():
            found = await leftovers(self._district)
        old = found & self._seen
        for name, file_id in sorted(old.contents):
            await self._district.storages[name].destroy(file_id)
        taken = [*old.contents, *await asyncio.to_thread(lambda: list(self._district.staging.sweep(old.staged)))]
        self._seen = Leftovers(found.contents - old.contents, found.staged - old.staged)
        if taken:
            log.warning("file_leftovers_destroyed", district=self._district.key, number=len(taken))
        return len(taken)


async def leftovers(district: District) -> Leftovers:
    """What is there now without a file; an upload under way among it. The district is entered."""
    contents: set[tuple[str, UUID]] = set()
    for name, storage in district.storages.items():
        async for ids in _batches(storage):
            known = File.filter(id__in=ids, storage=name, state__in=KEPT)
            contents |= {(name, id_) for id_ in set(ids) - set(await known.values_list("id", flat=True))}
    return Leftovers(frozenset(contents), await asyncio.to_thread(district.staging.names))


async def _batches(storage: FileStorage) -> AsyncIterator[list[UUID]]:
    ids: list[UUID] = []
    async for id_ in storage.ids():
        ids.append(id_)
        if len(ids) == BATCH:
            yield ids
            ids = []
    if ids:
        yield ids


async def missing(district: District) -> list[UUID]:
    """The files whose content is not where it should be. The district is entered."""
    there = {(name, id_) for name, storage in district.storages.items() async for id_ in storage.ids()}
    return [file.id async for file in kept_files() if (file.storage, file.id) not in there]


async def kept_files() -> AsyncIterator[File]:
    """All files with a content, in batches, so that memory does not grow with the district."""
    after: UUID | None = None
    while True:
        rows = File.filter(state__in=KEPT).order_by("id").limit(BATCH)
        found = await (rows if after is None else rows.filter(id__gt=after))
        for file in found:
            yield file
        if len(found) < BATCH:
            return
        after = found[-1].id


async def damage(district: District, file: File) -> str | None:
    """What is wrong with the content of a file: MISSING or ALTERED; None where it is what came."""
    digest = hashlib.sha256()
    try:
        async for piece in await content(district, file):
            digest.update(piece)
        expected = None if file.sha256 is None else file.sha256.decrypt()
    except ContentMissingError:
        return "MISSING"
    except TamperedError:
        return "ALTERED"
    return None if digest.hexdigest() == expected else "ALTERED"

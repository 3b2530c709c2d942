"""A bucket of a service that speaks S3, by the library obstore. S3 兼容的对象存储。"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from ..config.files import S3Bucket
from ..files.storage import ContentMissingError

if TYPE_CHECKING:
    from obstore.store import S3Store

ANSWER_SECONDS, CONNECT_SECONDS = "60s", "5s"


class S3:
    """Contents under `<prefix><district>/<id>` in a bucket; large ones are sent in parts."""

    def __init__(self, bucket: S3Bucket, district: str) -> None:
        self._bucket = bucket
        self._prefix = f"{bucket.prefix}{district}/"

    @cached_property
    def _store(self) -> S3Store:
        from obstore.store import S3Store  # noqa: PLC0415  an extra

        its = self._bucket
        return S3Store(
            its.bucket,
            endpoint=its.endpoint,
            region=its.region,
            access_key_id=its.access_key,
            secret_access_key=its.secret_key,
            virtual_hosted_style_request=not its.path_style,
            client_options={
                "allow_http": its.endpoint.startswith("http://"),  # this machine's alone: the setting sees to that
                "timeout": ANSWER_SECONDS,
                "connect_timeout": CONNECT_SECONDS,
            },
        )

    async def keep(self, id_: UUID, staged: Path) -> None:
        """Send the staged file."""
        await self._store.put_async(self._name(id_), staged)

    async def read(self, id_: UUID, start: int, stop: int) -> bytes:
        """A part of a content."""
        try:
            return bytes(await self._store.get_range_async(self._name(id_), start=start, end=stop))
        except FileNotFoundError:
            raise ContentMissingError(f"there is no content of file {id_}") from None

    async def destroy(self, id_: UUID) -> None:
        """Take a content away."""
        with suppress(FileNotFoundError):
            await self._store.delete_async(self._name(id_))

    async def ids(self) -> AsyncIterator[UUID]:
        """The ids of all contents, as the service lists them."""
        async for batch in self._store.list(prefix=self._prefix):
            for one in batch:
                with suppress(ValueError):
                    yield UUID(str(one["path"]).rpartition("/")[2])

    def _name(self, id_: UUID) -> str:
        return f"{self._prefix}{id_}"

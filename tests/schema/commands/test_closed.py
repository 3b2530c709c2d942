from __future__ import annotations

import pytest

from linli.core.records.store import StoreClosedError
from linli.schema.http.closed import ClosedStore


async def test_a_closed_store_refuses_every_use() -> None:
    store = ClosedStore("sqlite", "yueyanglou")
    with pytest.raises(StoreClosedError, match="the database of district yueyanglou is not open"):
        store.reader  # noqa: B018  raises
    with pytest.raises(StoreClosedError):
        await store.begin()
    assert not store.is_transient(StoreClosedError())
    await store.close()

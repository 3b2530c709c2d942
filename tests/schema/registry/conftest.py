from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from linli.core.districts import District
from linli.core.records.models import Event
from linli.schema.testing import Clients, Tree
from tests.schema.registry.api import Office

Unchanged = Callable[[], Awaitable[int]]


@pytest.fixture
async def office(client: Clients, tree: Tree) -> Office:
    """Staff of the community."""
    return Office(await client("community-staff", at=tree.community), tree)


@pytest.fixture
def told(district: District) -> Unchanged:
    """How many events there are: every change tells one, so that a refusal adds none but attempts and guesses."""

    async def count() -> int:
        with district.scope():
            return await Event.exclude(type__in=["core.denied", "core.searched"]).count()

    return count

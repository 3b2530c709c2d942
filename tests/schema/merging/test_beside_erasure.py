"""A merge beside the erasure of one of the two, at the same moment: one of them is first, and nothing of it is half."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.people.merge_models import PersonMerge
from linli.core.people.models import Person
from linli.core.privacy.models import PersonRequest
from linli.core.records.verify import verify
from linli.schema.testing import Client, Clients
from tests.schema.kin.conftest import gid, mutation
from tests.schema.merging.conftest import CONFIRM, PROPOSE, UNDO, Merge, Twins, pair

ERASE = mutation("erasePerson", "... on PersonRequest { id state person { id } }")
GRANT = mutation("confirmPersonRequest", "... on PersonRequest { id state }")
ERASED = "已删除"
LATER = (0.0, 0.004, 0.012, 0.03)
"""Seconds that one of the two is late, so that the other is met at another step."""


@pytest.fixture
async def officials(client: Clients) -> tuple[Client, Client]:
    """Who asks for the erasure, and who grants it."""
    return await client("district-official"), await client("district-official")


async def beside(first: Any, second: Any, late: float) -> tuple[Any, Any]:
    """Both at once, the second a little late."""

    async def wait() -> Any:
        await asyncio.sleep(late)
        return await second

    return await asyncio.gather(first, wait())


async def rows(twins: Twins) -> list[Person]:
    return [await Person.get(id=one.id) for one in (twins.one, twins.other)]


@pytest.mark.parametrize("late", LATER)
@pytest.mark.parametrize("merge_first", [True, False])
@pytest.mark.parametrize("whose", ["one", "other"])
async def test_a_request_for_erasure_beside_a_merge_is_about_the_one_person_or_stands_against_it(
    *,
    twins: Twins,
    secretary: Client,
    street: Client,
    officials: tuple[Client, Client],
    district: District,
    whose: str,
    merge_first: bool,
    late: float,
) -> None:
    proposed = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other))
    confirm = street.mutate(CONFIRM, input={"id": proposed["merge"]["id"]})
    asked = {"personId": gid(getattr(twins, whose)), "reason": "本人要求"}
    erase = officials[0].mutate(ERASE, input=asked)
    if merge_first:
        merged, filed = await beside(confirm, erase, late)
    else:
        filed, merged = await beside(erase, confirm, late)
    assert filed["state"] == "OPEN", filed
    if merged.get("state") == "MERGED":
        assert filed["person"] == {"id": gid(twins.one)}
    else:
        assert merged["errorCode"] == "MERGE_CONFLICTS", merged
    assert (await officials[1].mutate(GRANT, input={"id": filed["id"]}))["state"] == "DONE"
    with district.scope():
        names = [row.name for row in await rows(twins)]
        (request,) = await PersonRequest.all()
        assert (await verify()).ok
    if merged.get("state") == "MERGED":
        assert (names, request.person_id) == ([ERASED, ERASED], twins.one.id)
    else:
        asked_of, spared = (0, 1) if whose == "one" else (1, 0)
        assert (names[asked_of], names[spared]) == (ERASED, "示例重名")


@pytest.mark.parametrize("late", LATER)
@pytest.mark.parametrize("whose", ["one", "other"])
async def test_nobody_is_merged_with_somebody_who_is_being_erased(
    *,
    twins: Twins,
    secretary: Client,
    client: Clients,
    officials: tuple[Client, Client],
    district: District,
    whose: str,
    late: float,
) -> None:
    proposed = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other))
    asked = {"personId": gid(getattr(twins, whose)), "reason": "本人要求"}
    filed = await officials[0].mutate(ERASE, input=asked)
    another = await client("district-official")  # who is erased lives nowhere, and nobody below decides on that
    granted, merged = await beside(
        officials[1].mutate(GRANT, input={"id": filed["id"]}),
        another.mutate(CONFIRM, input={"id": proposed["merge"]["id"]}),
        late,
    )
    assert granted["state"] == "DONE", granted
    assert merged["errorCode"] in {"MERGE_CONFLICTS", "INVALID_TRANSITION", "PERSON_ERASED"}, merged
    with district.scope():
        assert [row.merged_into for row in await rows(twins)] == [None, None]
        assert sorted(row.name for row in await rows(twins)) == sorted([ERASED, "示例重名"])
        (merge,) = await PersonMerge.all()
        assert (merge.state, merge.moved, merge.before) == ("REFUSED", [], None)
        assert (await verify()).ok


@pytest.mark.parametrize("late", LATER)
async def test_undoing_a_merge_beside_the_request_to_erase_gives_back_both_or_erases_both(
    *,
    twins: Twins,
    merge: Merge,
    secretary: Client,
    officials: tuple[Client, Client],
    district: District,
    late: float,
) -> None:
    done = await merge(twins.one, twins.other)
    undone, filed = await beside(
        secretary.mutate(UNDO, input={"id": done["id"]}),
        officials[0].mutate(ERASE, input={"personId": gid(twins.other), "reason": "本人要求"}),
        late,
    )
    assert filed["state"] == "OPEN", filed
    assert (await officials[1].mutate(GRANT, input={"id": filed["id"]}))["state"] == "DONE"
    with district.scope():
        names = [row.name for row in await rows(twins)]
        assert (await verify()).ok
    if undone.get("state") == "UNDONE":
        assert sorted(names) == sorted([ERASED, "示例重名"])
    else:
        assert (undone["errorCode"], names) == ("REQUEST_OPEN", [ERASED, ERASED])

"""Many who ask at once share a look, but never one that began before they asked."""

from __future__ import annotations

import asyncio

import pytest

from linli.core.records.rounds import Rounds


async def test_whoever_asks_is_answered_by_a_look_that_began_afterwards() -> None:
    going, begun = asyncio.Event(), 0

    async def look() -> int:
        nonlocal begun
        begun += 1
        mine = begun
        await going.wait()
        return mine

    rounds = Rounds(look, "test")
    first = asyncio.ensure_future(rounds.ask())
    await asyncio.sleep(0.01)
    later = [asyncio.ensure_future(rounds.ask()) for _ in range(20)]
    await asyncio.sleep(0.01)
    assert begun == 1, "those who came while it was under way wait for the next"
    going.set()
    assert await first == 1
    assert await asyncio.gather(*later) == [2] * 20


async def test_whoever_leaves_takes_the_answer_from_nobody() -> None:
    async def look() -> str:
        await asyncio.sleep(0.01)
        return "seen"

    rounds = Rounds(look, "test")
    leaving, staying = (asyncio.ensure_future(rounds.ask()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == "seen"


async def test_a_look_that_fails_fails_for_those_who_asked_and_not_for_the_next() -> None:
    failing = True

    async def look() -> str:
        if failing:
            raise ConnectionError("gone")
        return "seen"

    rounds = Rounds(look, "test")
    with pytest.raises(ConnectionError):
        await rounds.ask()
    failing = False
    assert await rounds.ask() == "seen"

from __future__ import annotations

import asyncio

import pytest
import structlog

from linli.core.cli.running import run
from linli.core.tasks import spawn


def test_what_is_logged_meanwhile_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> int:
        structlog.get_logger().warning("something_happened")
        return 1

    assert run(work()) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "something_happened" in told.err


@pytest.mark.parametrize("failing", [False, True])
def test_tasks_that_are_left_behind_are_stopped(failing: bool) -> None:
    ended: list[str] = []

    async def background() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("stopped")

    async def work() -> None:
        spawn(background, name="left behind")
        await asyncio.sleep(0)
        if failing:
            raise ZeroDivisionError

    if failing:
        with pytest.raises(ZeroDivisionError):
            run(work())
    else:
        run(work())
    assert ended == ["stopped"]

"""What frontend teams run over the SDL, from npm: graphql-inspector, graphql-codegen with tsc, the Relay compiler."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from tests.contract.node import installed
from tests.schema.conftest import Composer

HERE = Path(__file__).parent / "graphql_frontends"


@pytest.fixture(scope="module")
def check() -> list[str]:
    """The command that runs all three, its packages installed."""
    return [installed(HERE, "relay-compiler"), str(HERE / "check.mjs")]


async def test_the_tools_of_frontends_find_nothing_wrong_with_the_sdl(
    check: list[str], composer: Composer, tmp_path: Path
) -> None:
    sdl = tmp_path / "sdl.graphql"
    sdl.write_text((await composer("venues")).as_str(), encoding="utf-8")
    command = [*check, str(sdl), str(tmp_path)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout)
    relay = found.pop("relay")
    assert found == {"schema": [], "inspector": [], "deprecated": [], "changes": 0, "types": None}
    assert relay["problem"] is None
    assert relay["made"] == [
        "BookVenueMutation.graphql.ts",
        "InboxQuery.graphql.ts",
        "InboxSubscription.graphql.ts",
        "OrgTreePaginationQuery.graphql.ts",
        "OrgTreeQuery.graphql.ts",
        "OrgTree_org.graphql.ts",
    ]

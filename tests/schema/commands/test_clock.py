"""`linli clock advance` against a server."""

from __future__ import annotations

import socket

import httpx
import pytest

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import serving

START = "2026-10-01T08:00:00+08:00"


def test_a_scenario_server_is_moved_on_and_never_back(linli: Linli, migrated: Project) -> None:
    with serving(migrated, "--clock", START) as server:
        port = str(httpx.URL(server.url).port)
        there = ("--port", port, "--config", migrated.config)
        result = linli("clock", "advance", "--to", "2026-10-03T08:00", *there)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.startswith("the clock shows 2026-10-03T00:00:")
        assert result.stdout.endswith("; carried out: 2\n"), "two nights, in which retention looked for what is due"
        back = linli("clock", "advance", "--to", START, *there)
        assert back.exit_code == 1
        assert back.stderr.startswith("error: The clock shows 2026-10-03T00:00:")
        assert server.stop()[0] == 0


def test_a_server_of_the_present_is_not_moved(linli: Linli, migrated: Project) -> None:
    with serving(migrated) as server:
        port = httpx.URL(server.url).port
        migrated.write(f"\n[server]\nport = {port}\n")
        result = linli("clock", "advance", "--to", START, "--config", migrated.config)
    assert result.exit_code == 1
    assert result.stderr == f"error: The server at port {port} was not started with --clock\n"


def test_a_server_that_is_not_there_is_told(linli: Linli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = linli("clock", "advance", "--to", START, "--port", port)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: No server of Linli answers at port {port}: ")


def test_what_failed_on_the_way_is_a_finding(linli: Linli, monkeypatch: pytest.MonkeyPatch) -> None:
    def advance(*_: object) -> dict[str, object]:
        return {"now": START, "fired": 3, "failed": 2}

    monkeypatch.setattr("linli.core.jobs.remote.advance", advance)
    result = linli("clock", "advance", "--to", START, "--port", "1")
    assert (result.exit_code, result.stdout) == (1, f"the clock shows {START}; carried out: 3\n")
    assert result.stderr == "error: carried out without success: 2; see the server's log\n"


def test_what_is_no_instant_is_refused(linli: Linli) -> None:
    result = linli("clock", "advance", "--to", "tomorrow", "--port", "1")
    assert result.exit_code == 2
    assert result.stderr.startswith('error: --to "tomorrow" is no instant; write one such as ')

"""`linli plugins stats` against a server."""

from __future__ import annotations

import socket

import httpx

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import serving


def test_the_command_prints_what_a_server_counted(linli: Linli, migrated: Project) -> None:
    migrated.write(plugins='["venues"]')
    assert linli("migrate", "--config", migrated.config).exit_code == 0
    with serving(migrated) as server:
        port = httpx.URL(server.url).port
        result = linli("plugins", "stats", "--port", str(port))
        process = server.process.pid
    assert result.exit_code == 0, result.output
    head, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert head == ["district", "plugin", "hook", "calls", "failures", "seconds"]
    assert all(row[0] == migrated.key for row in rows)
    called = {(row[1], row[2]): row for row in rows}[("venues", "linli_graphql")]
    assert (int(called[3]) > 0, called[4], float(called[5]) >= 0) == (True, "0", True)
    assert result.stderr == f"counted by process {process} since it started\n"


def test_the_command_is_told_that_nobody_answers(linli: Linli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = linli("plugins", "stats", "--port", port)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: No server of Linli answers at port {port}: ")

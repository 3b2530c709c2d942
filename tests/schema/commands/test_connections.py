"""What a server does with requests that have no end: it bounds them, and serves the others meanwhile."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
from linli.schema.http import connection
from tests.core.cli.projects import Project
from tests.schema.commands.servers import PATIENCE, Running, serving

KEY = "yueyanglou"
MEGABYTE = 1_000_000
AT_MOST = 100 * MEGABYTE
"""Far beyond every limit, so that a test ends where there is none."""
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


@contextmanager
def new_server(folder: Path) -> Iterator[Running]:
    """A server of a new district. How connections are kept is no matter of the database: one engine will do."""
    project = Project(folder, "sqlite://data/{district}.sqlite3", (KEY,)).write()
    done = CliRunner().invoke(application(installed()), ["migrate", "--config", str(project.config)])
    assert done.exit_code == 0, done.output
    with serving(project) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the tests that leave it as it was: that is what they are about."""
    with new_server(tmp_path_factory.mktemp("connections")) as running:
        yield running


@contextmanager
def connected(server: Running, begun: bytes) -> Iterator[socket.socket]:
    """A connection on which this was sent."""
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), PATIENCE) as made:
        made.sendall(begun)
        yield made


def sent(to: socket.socket, piece: Callable[[int], bytes]) -> int:
    """How many bytes it takes until the server ends the connection."""
    total = 0
    try:
        while total < AT_MOST:
            part = piece(total)
            to.sendall(part)
            total += len(part)
    except OSError:  # reset, or a broken pipe
        return total
    return total


def memory(server: Running) -> int:
    """Bytes that the server's process holds."""
    with open(f"/proc/{server.process.pid}/statm") as told:
        return int(told.read().split()[1]) * 4096


def rest(of: socket.socket) -> bytes:
    """What the server still sends before it ends the connection; nothing where it is cut."""
    found = bytearray()
    try:
        while part := of.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return bytes(found)


def test_a_head_without_end_is_cut_off_and_not_kept(server: Running) -> None:
    one_header: Callable[[int], bytes] = lambda _: b"a" * MEGABYTE  # noqa: E731
    many_headers: Callable[[int], bytes] = lambda at: b"".join(b"X-%d-%d: 1\r\n" % (at, one) for one in range(50_000))  # noqa: E731
    long_path: Callable[[int], bytes] = lambda _: b"/" * MEGABYTE  # noqa: E731
    before = memory(server)
    for begun, piece in (
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ", one_header),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", many_headers),
        (b"GET /", long_path),
    ):
        with connected(server, begun) as client:
            assert sent(client, piece) < 20 * MEGABYTE
    assert memory(server) - before < 20 * MEGABYTE
    assert server.get("/healthz").status_code == 200


def test_a_head_a_little_too_long_is_told_so_and_an_ordinary_long_one_is_read(server: Running) -> None:
    begun = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: "
    with connected(server, begun) as client:
        for _ in range(66):  # in pieces, as a slow network brings them
            client.sendall(b"a" * 1000)
            time.sleep(0.001)
        assert rest(client).startswith(b"HTTP/1.1 431 ")
    with connected(server, begun) as client:
        client.sendall(b"a" * 30_000 + b"\r\n\r\n")
        assert rest(client).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_goes_on_behind_its_refusal_is_cut_off(server: Running) -> None:
    begun = b"POST /d/%b/graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" % KEY.encode()
    with connected(server, begun + b"Transfer-Encoding: chunked\r\n\r\n") as client:
        for _ in range(18):
            client.sendall(CHUNK)
        assert client.recv(65536).startswith(b"HTTP/1.1 413 ")
        assert sent(client, lambda _: CHUNK) < 20 * MEGABYTE
    with connected(server, b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n") as client:
        assert client.recv(65536).startswith(b"HTTP/1.1 405 ")
        assert sent(client, lambda _: CHUNK) < 20 * MEGABYTE
    assert server.get("/healthz").status_code == 200


def test_heads_that_never_end_are_cut_off_in_time_and_hold_nobody_up(server: Running) -> None:
    begun = time.monotonic()
    with connected(server, b"") as silent, connected(server, b"GET /healthz HTTP/1.1\r\nHo") as slow:
        assert server.get("/healthz").status_code == 200
        for _ in range(3):
            time.sleep(1)
            slow.sendall(b"s")  # whoever trickles gains nothing
        assert rest(slow).startswith(b"HTTP/1.1 408 ")
        assert rest(silent).startswith(b"HTTP/1.1 408 ")
    assert connection.HEAD_SECONDS - 1 < time.monotonic() - begun < connection.HEAD_SECONDS + 10


def test_a_slow_body_and_many_requests_on_one_connection_are_answered_as_ever(server: Running) -> None:
    body = b'{"query":"{ district { key } }"}'
    head = b"POST /d/%b/graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
        KEY.encode(),
        len(body),
    )
    with connected(server, head + body[:5]) as client:
        time.sleep(2)
        client.sendall(body[5:])
        first = client.recv(65536)
        while b'"key"' not in first:  # its body may come behind its head
            first += client.recv(65536)
        assert first.startswith(b"HTTP/1.1 200 ")
        client.sendall((head + body) * 5)  # pipelined
        answers = bytearray()
        while answers.count(b'"key"') < 5:
            answers += client.recv(65536)
        assert answers.count(b"HTTP/1.1 200 ") == 5


def test_a_client_that_goes_away_in_the_middle_of_its_body_is_no_error_of_the_server(tmp_path: Path) -> None:
    head = b"POST /d/%b/graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    with new_server(tmp_path) as server:  # of its own: all that is logged is about this one
        with connected(server, head % KEY.encode()):
            pass
        until = time.monotonic() + PATIENCE
        while not (told := [line for line in server.log() if line["event"] == "request"]):
            assert time.monotonic() < until
            time.sleep(0.05)
        assert [line["status"] for line in told] == [400]
        assert [line for line in server.log() if line["level"] == "error"] == []

"""A way to a server that can be opened, and cut together with all that goes over it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Way:
    """Leads from a port of this machine to the server of a URL while it is open; `url` is the same by this way."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname or "", parts.port or 5432)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        user = "" if parts.username is None else f"{parts.username}@"
        self.url = parts._replace(netloc=f"{user}127.0.0.1:{self._port}").geturl()
        self._ends: list[socket.socket] = []
        self._listening: socket.socket | None = None

    def open(self) -> None:
        """Let everybody through."""
        self._listening = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def cut(self) -> None:
        """Let nobody through, and break what is open."""
        if self._listening is not None:
            _end(self._listening)
            self._listening = None
        while self._ends:
            _end(self._ends.pop())

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open for a while."""
        self.open()
        try:
            yield
        finally:
            self.cut()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(self._to)
                self._ends += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while sent := one.recv(65536):
            other.sendall(sent)
    _end(one)
    _end(other)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()

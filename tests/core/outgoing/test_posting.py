"""That a message goes to the server it is meant for and to no other: its certificate is looked at."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from linli.core.outgoing import posting
from linli.core.outgoing.posting import post

HERE = (ip_network("127.0.0.0/8"),)
NAME = "hooks.example.cn"


@dataclass
class Receiver:
    """A receiver with TLS, and what came to it: the name asked for, and the header Host."""

    port: int = 0
    names: list[str | None] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


def certificate(folder: Path, of: str) -> Path:
    """A certificate and its key in one file; it is its own authority."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, of)])
    other = x509.IPAddress(ip_address(of)) if of[0].isdigit() else x509.DNSName(of)
    made = (
        x509.CertificateBuilder(named, named, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (file := folder / f"{of}.pem").write_bytes(made.public_bytes(pem) + private)
    return file


@contextmanager
def receiving(file: Path) -> Iterator[Receiver]:
    found = Receiver()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            found.hosts.append(self.headers["host"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.sni_callback = lambda _socket, name, _context: found.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    found.port = server.server_address[1]
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def believed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Has an authority believed, and `NAME` lead to this machine."""

    def looked_up(host: str, port: int, **_: object) -> list[Any]:
        assert host == NAME
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("linli.core.outgoing.addresses.socket.getaddrinfo", looked_up)

    def believe(file: Path) -> None:
        context = ssl.create_default_context(cafile=str(file))
        monkeypatch.setattr(posting, "_tls", lambda: context)

    return believe


async def sent(url: str) -> int:
    return await post(url, b"{}", {}, seconds=5.0, networks=HERE)


async def test_a_certificate_of_that_name_by_a_known_authority_is_taken(
    tmp_path: Path, believed: Callable[[Path], None]
) -> None:
    file = certificate(tmp_path, NAME)
    believed(file)
    with receiving(file) as receiver:
        assert await sent(f"https://{NAME}:{receiver.port}/hooks") == 204
        assert (receiver.names, receiver.hosts) == ([NAME], [f"{NAME}:{receiver.port}"])


async def test_a_number_as_address_needs_a_certificate_of_that_number(
    tmp_path: Path, believed: Callable[[Path], None]
) -> None:
    file = certificate(tmp_path, "127.0.0.1")
    believed(file)
    with receiving(file) as receiver:
        assert await sent(f"https://127.0.0.1:{receiver.port}/hooks") == 204
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await sent(f"https://{NAME}:{receiver.port}/hooks")
        assert len(receiver.hosts) == 1


async def test_a_certificate_of_another_name_gets_nothing(tmp_path: Path, believed: Callable[[Path], None]) -> None:
    file = certificate(tmp_path, "other.example.cn")
    believed(file)
    with receiving(file) as receiver:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await sent(f"https://{NAME}:{receiver.port}/hooks")
        assert receiver.hosts == []


@pytest.mark.usefixtures("believed")
async def test_an_authority_that_nobody_knows_gets_nothing(tmp_path: Path) -> None:
    with receiving(certificate(tmp_path, NAME)) as receiver:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await sent(f"https://{NAME}:{receiver.port}/hooks")
        assert receiver.hosts == []

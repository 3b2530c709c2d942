"""Where a server sends nothing, whatever it is told."""

from __future__ import annotations

import asyncio
import socket
import threading
from ipaddress import ip_network
from typing import Any

import pytest

from linli.core.errors import ValidationError
from linli.core.outgoing.addresses import ForbiddenAddressError, checked, judged

INSIDE = (ip_network("10.1.0.0/16"),)

PRIVATE = (
    *("127.0.0.1", "127.1.2.3", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
    *("224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[ff02::1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[fec0::1]", "[5f00::1]"),
    *("[3fff::1]", "[64:ff9b:1::1]", "[fd00:ec2::254]"),
)


@pytest.mark.parametrize("host", PRIVATE)
async def test_private_addresses_are_refused_when_typed_and_when_sent_to(host: str) -> None:
    url = f"https://{host}/hooks"
    with pytest.raises(ValidationError):
        checked(url)
    with pytest.raises(ForbiddenAddressError):
        await judged(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.cn/",
        "ftp://hooks.example.cn/",
        "https://user:word@hooks.example.cn/",
        "https:///hooks",
        "https://hooks.example.cn:0/",
        "https://hooks.example.cn:99999/",
        "https://hooks.example.cn/#there",
        "https://hooks.example.cn/\n",
        "https://[::1/",
        "javascript:alert(1)",
        "",
        "https://hooks.example.cn/" + "a" * 500,
        "https://hooks..example.cn/",
        "https://" + "a" * 64 + ".example.cn/",
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        checked(url)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [("url", "URL")]


async def test_a_network_that_an_operator_names_may_be_reached_also_without_tls() -> None:
    assert checked("http://10.1.2.3:8080/hooks", INSIDE)
    assert (await judged("http://10.1.2.3:8080/hooks", INSIDE)).url == "http://10.1.2.3:8080/hooks"
    with pytest.raises(ForbiddenAddressError):
        await judged("https://10.2.0.1/hooks", INSIDE)
    with pytest.raises(ForbiddenAddressError):
        await judged("http://93.184.216.34/hooks", INSIDE)


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "017700000001", "127.1", "①②⑦.0.0.1", "ⓛocalhost"])
async def test_other_spellings_of_a_private_address_lead_nowhere(host: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        await judged(f"https://{host}/hooks")


def resolving(*addresses: str) -> Any:
    def look_up(_host: str, port: int, **_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return look_up


async def test_a_name_that_leads_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.core.outgoing.addresses.socket.getaddrinfo", resolving("93.184.216.34", "127.0.0.1"))
    with pytest.raises(ForbiddenAddressError):
        await judged("https://hooks.example.cn/")


async def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.core.outgoing.addresses.socket.getaddrinfo", resolving("93.184.216.34"))
    target = await judged("https://hooks.example.cn:8443/a?b=c")
    assert target.url == "https://93.184.216.34:8443/a?b=c"
    assert (target.host, target.authority) == ("hooks.example.cn", "hooks.example.cn:8443")


async def test_a_name_in_other_letters_goes_out_as_names_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.core.outgoing.addresses.socket.getaddrinfo", resolving("93.184.216.34"))
    target = await judged("https://邻里.example.cn/a")
    assert (target.host, target.authority) == ("xn--7e4a0u.example.cn", "xn--7e4a0u.example.cn")


async def test_names_that_take_long_to_find_keep_other_work_waiting_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = threading.Event()

    def slow(*_: object, **__: object) -> list[Any]:
        found.wait(10)
        return []

    monkeypatch.setattr("linli.core.outgoing.addresses.socket.getaddrinfo", slow)
    asked = [asyncio.create_task(judged(f"https://a{number}.example.cn/")) for number in range(40)]
    try:
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(lambda: "done") == "done"
    finally:
        found.set()
        await asyncio.gather(*asked, return_exceptions=True)

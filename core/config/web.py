"""Texts of the configuration that name places on the web: origins of browsers, addresses of proxies."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def _check_origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        told = 'an origin as browsers send it, such as "https://portal.example.gov.cn": no path, no *, small letters'
        raise PydanticCustomError("INVALID_ORIGIN", told)
    return text


def _check_network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        told = 'an address or a network, such as "127.0.0.1" or "10.0.0.0/8"'
        raise PydanticCustomError("INVALID_NETWORK", told) from None
    return text


Origin = Annotated[str, AfterValidator(_check_origin)]
"""Scheme, host and port of a website (RFC 6454), as the header Origin has them."""
Network = Annotated[str, AfterValidator(_check_network)]
"""An IP address, or a network in CIDR notation."""

"""Where a request comes from, as coarsely as recognising one's own devices and slowing down guessers needs. 来源。"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"
V4_PREFIX, V6_PREFIX = 24, 48

# The first that is found counts: all but the last ones pretend to be one of the last ones as well.
_PROGRAMS = {
    "wxwork": "企业微信",
    "DingTalk": "钉钉",
    "MicroMessenger": "微信",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "HarmonyOS": "HarmonyOS",
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class Origin:
    """The address and the User-Agent of a request, as they came."""

    address: str = UNKNOWN
    agent: str = ""

    @property
    def network(self) -> str:
        """The network of the address: /24 of IPv4, /48 of IPv6; what is no address is `unknown`."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return UNKNOWN
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        prefix = V6_PREFIX if mapped is None and address.version == 6 else V4_PREFIX  # noqa: PLR2004  IPv6
        return str(ip_network(f"{mapped or address}/{prefix}", strict=False))

    @property
    def device(self) -> str:
        """Program and system without versions, such as `Firefox / Linux`."""
        found = (_first(_PROGRAMS, self.agent), _first(_SYSTEMS, self.agent))
        return " / ".join(part for part in found if part) or UNKNOWN


def _first(names: dict[str, str], agent: str) -> str | None:
    return next((told for mark, told in names.items() if mark in agent), None)

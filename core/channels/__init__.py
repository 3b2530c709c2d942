"""The bundled channels: a file for the operator's own gateway, and a POST to an address. 内置通知渠道。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING

from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

if TYPE_CHECKING:
    from linli.core.districts import District
    from linli.core.inbox.channels import Channel
    from linli.core.outgoing.addresses import Network
    from linli.core.plugins.health import HealthProblem

plugin = Plugin(
    name="channels",
    title=Title(en="Channels of notifications", zh="通知渠道"),
    description="Hands notifications to gateways by a file or by HTTP. 通过文件或 HTTP 将消息交给网关。",
    version="0.1.0",
    requires=">=0.1,<0.2",
    platform=True,
)


@hookimpl
def linli_channels(district: District) -> Mapping[str, Channel]:
    """What `settings.core.channel_file` and `.channel_http` turn on."""
    from .file import JsonLines  # noqa: PLC0415  loaded where a district has a channel
    from .http import Http  # noqa: PLC0415

    settings, found = district.settings, dict[str, "Channel"]()
    if settings.channel_file is not None and district.data is not None:
        place = district.data / "notifications" / f"{district.key}.jsonl"
        found["file"] = JsonLines(place, personal=settings.channel_file.personal)
    if settings.channel_http is not None:
        found["http"] = Http(settings.channel_http, _networks(district))
    return found


@hookimpl
def linli_check(district: District) -> Sequence[HealthProblem]:
    """An address to which nothing will ever be sent."""
    from linli.core.errors import ValidationError  # noqa: PLC0415
    from linli.core.plugins.health import HealthProblem  # noqa: PLC0415

    from .http import check  # noqa: PLC0415

    if district.settings.channel_http is None:
        return []
    try:
        check(district.settings.channel_http, _networks(district))
    except ValidationError as error:
        told = f"Nothing is sent to settings.core.channel_http.url: {error.problems[0].message}."
        remedy = "Write an https address, or name its network in settings.core.outgoing_networks."
        return [HealthProblem(message=told, remedy=remedy)]
    return []


def _networks(district: District) -> list[Network]:
    return [ip_network(one) for one in district.settings.outgoing_networks]

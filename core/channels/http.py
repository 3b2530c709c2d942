"""A POST with JSON to one address. HTTP 渠道。"""

from __future__ import annotations

from collections.abc import Collection

import orjson

from linli.core.config.channels import HttpChannel
from linli.core.inbox.channels import ChannelRefusedError, Message
from linli.core.outgoing.addresses import Network, checked
from linli.core.outgoing.posting import post

OK = range(200, 300)


class Http:
    """Posts each message; anything but 2xx is tried again."""

    def __init__(self, settings: HttpChannel, networks: Collection[Network]) -> None:
        self._settings, self._networks = settings, networks
        self.personal = settings.personal

    async def send(self, message: Message) -> None:
        """Post it. Raises ChannelRefusedError, ForbiddenAddressError, and what fails on the way."""
        own = {"content-type": "application/json", "idempotency-key": str(message.id)}
        status = await post(
            self._settings.url,
            orjson.dumps(message.as_json()),
            {**self._settings.headers, **own},
            seconds=self._settings.timeout_seconds,
            networks=self._networks,
        )
        if status not in OK:
            raise ChannelRefusedError(status)


def check(settings: HttpChannel, networks: Collection[Network]) -> None:
    """Raise ValidationError for an address to which nothing will ever be sent."""
    checked(settings.url, networks)

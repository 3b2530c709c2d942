"""Telling webhooks what they are to be told: a sender for each, as long as the server runs. 网络钩子发送。"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from pydantic import BaseModel

from .. import clock
from ..deliveries.deliverer import Deliverer
from ..deliveries.handlers import EventHandler, Handler
from ..errors import RejectedError, text
from ..outgoing.posting import post
from ..records import sealed
from ..records.encrypted import decrypted
from ..records.models import Event
from ..records.unit_of_work import transact
from .following import follow, handler_name
from .messages import body
from .models import Webhook
from .services import change, known_of
from .signing import headers

if TYPE_CHECKING:
    from ..districts import District

POLL_SECONDS = 1.0
"""How soon a webhook is told of what happened; also of what another process sealed."""
SECONDS = 10.0
ATTEMPTS = 300
"""With five minutes between them most of a day and a night, after which somebody has to look."""
OK, GONE = range(200, 300), 410

log = structlog.get_logger(__name__)


class WebhookRefusedError(RejectedError):
    """The receiver answered something else than that it took the message; the code tells what."""

    def __init__(self, status: int) -> None:
        super().__init__(text("The receiver answers {status}", status=status), code=f"HTTP_{status}")


class Telling:
    """Tells the webhooks of one district, until it is cancelled."""

    def __init__(self, district: District, *, seconds: float = POLL_SECONDS) -> None:
        self._district, self._seconds = district, seconds
        self._senders: dict[UUID, tuple[int, Deliverer]] = {}
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Go on until cancelled."""
        unsubscribe = sealed.subscribe(self._district.store, self._woken.set)
        try:
            while True:
                self._woken.clear()
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._seconds):
                        await self._woken.wait()
        finally:
            unsubscribe()
            for _, sender in self._senders.values():
                await asyncio.shield(sender.stop())

    async def _look(self) -> None:
        try:
            with self._district.scope():
                active = await follow(known_of(self._district).types)
            await self._adjust(active)
        except Exception as error:  # a database that restarts must not end this for good
            log.error("following_failed", district=self._district.key, exc_info=error)

    async def _adjust(self, active: list[Webhook]) -> None:
        """One sender for each webhook as it is now."""
        wanted = {webhook.id: webhook for webhook in active}
        for id_, (version, sender) in tuple(self._senders.items()):
            if id_ not in wanted or wanted[id_].version != version:
                await asyncio.shield(sender.stop())
                del self._senders[id_]  # only now: one that is cancelled before is still among those to be stopped
        for id_ in wanted.keys() - self._senders.keys():
            sender = sender_of(self._district, wanted[id_])
            self._senders[id_] = wanted[id_].version, sender
            sender.start()


def sender_of(district: District, webhook: Webhook) -> Deliverer:
    """Whoever sends what waits for a webhook."""
    types = {event_type.name: event_type.version for event_type in district.event_types}
    on = {name: types[name] for name in webhook.types if name in types} or {"core.webhook_changed": 1}
    handler = EventHandler(
        handler_name(webhook.id),
        on,
        _Message(webhook).send,
        "Tells a webhook. 通知网络钩子。",
        attempts=ATTEMPTS,
        seconds=SECONDS,
        outside=True,
    )
    return Deliverer(district, {handler.name: Handler("core", handler)})


class _Message:
    """Messages to one webhook, as it was when its sender was made."""

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    async def send(self, district: District, event: Event, payload: BaseModel) -> None:
        webhook, now = self._webhook, clock.now()
        keys = [decrypted(webhook.secret)]
        if webhook.previous_until is not None and webhook.previous_until > now:
            keys.append(decrypted(webhook.previous_secret))
        told = body(event, district.event_types.get(event.type), payload, district.key)
        signed = headers(f"msg_{event.id.hex}", now, told, [key for key in keys if key])
        status = await post(webhook.url, told, signed, seconds=SECONDS, networks=known_of(district).networks)
        if status == GONE:
            await transact(lambda _unit: change(webhook, None, known_of(district), paused=True))
        if status not in OK:
            raise WebhookRefusedError(status)

"""Making, changing and ending webhooks; every function runs in a unit of work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from .. import clock
from ..deliveries.turns import end_all
from ..errors import ConflictError, InvalidTransitionError, RejectedError, invalid, text
from ..graph.models import OrgNode
from ..outgoing.addresses import Network, checked
from ..records import events
from ..records.encrypted import decrypted, encrypt, update_row
from ..records.models import AUDIT_TYPES
from ..records.record import new_id
from .event_types import CHANGED, WEBHOOK, WebhookChanged
from .following import PREFIX, handler_name
from .models import Webhook
from .signing import new_secret

if TYPE_CHECKING:
    from ..districts import District

MOST_HOURS = 168


@dataclass(frozen=True)
class Known:
    """What a district knows: the types of its events, and the networks to which something may be sent."""

    types: Collection[str]
    networks: Sequence[Network] = ()


def known_of(district: District) -> Known:
    """What a district knows."""
    networks = tuple(ip_network(one) for one in district.settings.outgoing_networks)
    return Known(tuple(one.name for one in district.event_types), networks)


@dataclass(frozen=True)
class Secret:
    """A webhook, and its secret, this once."""

    webhook: Webhook
    secret: str


def checked_types(types: Sequence[str], known: Known) -> list[str]:
    """Types of events, each once and in order; ValidationError NOTHING, EVENT_TYPE."""
    if not types:
        raise invalid("types", "NOTHING", "Say which types of events")
    for name in types:
        if name not in known.types or name in AUDIT_TYPES:
            near = get_close_matches(name, [one for one in known.types if one not in AUDIT_TYPES], 1)
            raise invalid(
                "types",
                "EVENT_TYPE",
                "No event {found} is told of; the nearest is {near}",
                found=name,
                near=near or "-",
            )
    return sorted(set(types))


async def create(org: OrgNode, url: str, types: Sequence[str], known: Known, made_by: UUID | None) -> Secret:
    """Have an address told of what happens from now on. Raises ValidationError."""
    secret, id_ = new_secret(), new_id()
    webhook = await Webhook.create(
        id=id_,
        org_id=org.id,
        url=checked(url, known.networks),
        types=checked_types(types, known),
        secret=encrypt(Webhook, "secret", secret, id_),
        made_by=made_by,
    )
    await _tell(webhook, "MADE")
    return Secret(webhook, secret)


async def change(
    webhook: Webhook,
    expected_version: int | None,
    known: Known,
    *,
    url: str | None = None,
    types: Sequence[str] | None = None,
    paused: bool | None = None,
) -> Webhook:
    """Change where it leads, of what it is told, or pause it; while it is paused nothing is lost."""
    webhook = await _held(webhook, expected_version)
    changed: dict[str, object] = {}
    if url is not None:
        changed["url"] = checked(url, known.networks)
    if types is not None:
        changed["types"] = checked_types(types, known)
    if paused is not None and paused != (webhook.paused_at is not None):
        changed["paused_at"] = clock.now() if paused else None
    return await _written(webhook, "CHANGED", **changed) if changed else webhook


async def rotate(webhook: Webhook, expected_version: int | None, hours: int) -> Secret:
    """Give it a new secret; the one before signs too for so many hours. Raises ValidationError OUT_OF_RANGE."""
    if not 0 <= hours <= MOST_HOURS:
        raise invalid("keepHours", "OUT_OF_RANGE", "Between {least} and {most}", least=0, most=MOST_HOURS)
    webhook, secret = await _held(webhook, expected_version), new_secret()
    before = decrypted(webhook.secret)
    changed = {
        "secret": encrypt(Webhook, "secret", secret, webhook.id),
        "previous_secret": encrypt(Webhook, "previous_secret", before, webhook.id) if hours else None,
        "previous_until": clock.now() + timedelta(hours=hours) if hours else None,
    }
    return Secret(await _written(webhook, "ROTATED", **changed), secret)


async def end(webhook: Webhook, expected_version: int | None) -> Webhook:
    """Tell it nothing more, for good; its secrets are destroyed with it."""
    webhook = await _held(webhook, expected_version)
    await end_all(handler_name(webhook.id))
    gone = {"previous_secret": None, "previous_until": None, "ended_at": clock.now()}
    nothing = encrypt(Webhook, "secret", "", webhook.id)
    return await _written(webhook, "ENDED", secret=nothing, **gone)


async def refuse_ended(handler: str) -> None:
    """Raise RejectedError HANDLER_ENDED where a handler is a webhook that has ended: nobody would be told any more.

    Needs a unit of work, in which the webhook does not end meanwhile.
    """
    if not handler.startswith(PREFIX):
        return
    webhook = await Webhook.filter(id=UUID(hex=handler.removeprefix(PREFIX))).select_for_update(no_key=True).first()
    if webhook is None or webhook.ended_at is not None:
        told = text("This webhook has ended: nothing is sent to it any more")
        raise RejectedError(told, code="HANDLER_ENDED", path=("deliveryId",))


async def _held(webhook: Webhook, expected_version: int | None) -> Webhook:
    held = await Webhook.filter(id=webhook.id).select_for_update(no_key=True).get()
    if expected_version is not None and expected_version != held.version:
        raise ConflictError(text("The record has changed since"), current=held, path=("expectedVersion",))
    if held.ended_at is not None:
        raise InvalidTransitionError(text("This webhook has ended"), path=("webhookId",))
    return held


async def _written(webhook: Webhook, what: str, **changed: object) -> Webhook:
    changed |= {"version": webhook.version + 1, "updated_at": clock.now()}
    await update_row(Webhook.all(), webhook.id, **changed)
    webhook.update_from_dict(changed)
    await _tell(webhook, what)
    return webhook


async def _tell(webhook: Webhook, what: str) -> None:
    # the rest of an address may be as good as a password, and an event is for good
    parts = urlsplit(webhook.url)
    told = WebhookChanged(
        url=f"{parts.scheme}://{parts.netloc}", types=tuple(webhook.types), org_id=webhook.org_id, what=what
    )
    await events.append(CHANGED, WEBHOOK, webhook.id, told, org_id=webhook.org_id)

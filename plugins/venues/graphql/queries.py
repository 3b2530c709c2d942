"""What can be asked about venues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import strawberry
from tortoise.expressions import Q
from tortoise.models import Model

from linli.core.graph.beneath import within
from linli.core.graph.models import OrgNode
from linli.core.graph.successions import Zone
from linli.schema.context import Info
from linli.schema.contributions import fields
from linli.schema.declare import aggregate, computed, page
from linli.schema.declare.node import Node
from linli.schema.declare.pages import Page

from .bookings import BOOKING_COUNTS, Booking
from .no_shows import NoShow
from .series import BookingSeries
from .venues import Venue


def _all(target: str) -> Any:
    return lambda _root, info, **given: Page(info.context, Node.registry[target], Q(), **given)


def _one(target: str) -> Any:
    async def find(_root: Any, info: Info, id: str) -> Model | None:  # noqa: A002  the argument's name in the API
        wanted = info.context.local_id(id, target)
        if wanted is None:
            return None
        found: Model | None = await info.context.loaders.by_id(Node.registry[target].model).load(wanted)
        return found

    return find


_ID = (strawberry.ID, "The id. 标识。")


@fields("Questions about venues. 场所查询。")
class VenueQuery:
    """Root fields."""

    venue = computed("One venue. 场所。", _one("Venue"), Optional[Venue], id=_ID)
    venues = page("All venues. 场所列表。", "Venue", _all("Venue"))
    booking = computed("One booking. 预约。", _one("Booking"), Optional[Booking], id=_ID)
    bookings = page("Bookings that the viewer sees. 预约列表。", "Booking", _all("Booking"))
    booking_series = computed(
        "One series of bookings. 周期预约。", _one("BookingSeries"), Optional[BookingSeries], id=_ID
    )
    no_show = computed("One no-show. 爽约记录。", _one("NoShow"), Optional[NoShow], id=_ID)
    no_shows = page("No-shows that the viewer sees. 爽约记录列表。", "NoShow", _all("NoShow"))
    no_show_appeals = page("Appeals that the viewer sees. 爽约申诉列表。", "NoShowAppeal", _all("NoShowAppeal"))
    waitlist = page("Waitlist entries that the viewer sees. 候补列表。", "WaitlistEntry", _all("WaitlistEntry"))


def _in(zones: Sequence[Zone]) -> Q:
    return within("owner", zones) | within("community", zones)


async def _venues(row: Any, info: Info, **given: Any) -> Page:
    """The venues that belong to an organisation or lie in it, or to one beneath, or to what those succeeded.

    Past ones are asked as today.
    """
    zones = (await info.context.loaders.successions()).zones
    node = row if isinstance(row, OrgNode) else await info.context.loaders.by_id(OrgNode).load(row.id)
    found = Q(id__in=[]) if node is None else _in(zones(node.path))
    return Page(info.context, Node.registry["Venue"], found, wide=True, **given)


@fields("What organisations have of venues. 组织的场所。")
class OrgVenues:
    """Fields of OrgNode."""

    venues = page("The venues that belong to it or lie in it. 所属及辖区内场所。", "Venue", _venues)
    booking_counts = aggregate(
        "Bookings of the venues that lie in it. 辖区内场所预约统计。", BOOKING_COUNTS, beneath="venue__community"
    )

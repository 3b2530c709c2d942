"""What can be asked about venues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.expressions import Q

from linli.core.graph.beneath import within
from linli.core.graph.models import OrgNode
from linli.core.graph.successions import Zone
from linli.schema.context import Info
from linli.schema.contributions import fields
from linli.schema.declare import aggregate, every, page, record
from linli.schema.declare.node import Node
from linli.schema.declare.pages import Page

from .bookings import BOOKING_COUNTS, Booking
from .no_shows import NoShow
from .series import BookingSeries
from .venues import Venue


@fields("Questions about venues. 场所查询。")
class VenueQuery:
    """Root fields."""

    venue = record("One venue. 场所。", Venue)
    venues = every("All venues. 场所列表。", "Venue")
    booking = record("One booking. 预约。", Booking)
    bookings = every("Bookings that the viewer sees. 预约列表。", "Booking")
    booking_series = record("One series of bookings. 周期预约。", BookingSeries)
    no_show = record("One no-show. 爽约记录。", NoShow)
    no_shows = every("No-shows that the viewer sees. 爽约记录列表。", "NoShow")
    no_show_appeals = every("Appeals that the viewer sees. 爽约申诉列表。", "NoShowAppeal")
    waitlist = every("Waitlist entries that the viewer sees. 候补列表。", "WaitlistEntry")


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

"""No-shows and appeals to them in GraphQL."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from linli.core.access.models import Account
from linli.core.people.models import Person
from linli.schema.context import Info
from linli.schema.core.history import history
from linli.schema.declare import column, masked, node, relation

from .. import models
from ..permissions import NO_SHOW_WAIVE
from ..services.access import manages
from ..services.records import VENUE_ENDS
from .enums import AppealState

Finder = Callable[[Any, Info], Coroutine[Any, Any, Person | None]]


def _person_behind(column_name: str) -> Finder:
    async def find(row: Any, info: Info) -> Person | None:
        id_: UUID | None = getattr(row, column_name)
        account = None if id_ is None else await Account.get_or_none(id=id_)
        if account is None or account.person_id is None:
            return None
        found: Person | None = await info.context.loaders.by_id(Person).load(account.person_id)
        return found

    return find


async def _appeal(row: models.NoShow, info: Info) -> models.Appeal | None:
    return await models.Appeal.filter(info.context.sees(models.Appeal), no_show_id=row.id).first()


@node(models.NoShow, "A booking that nobody came for, or that was cancelled late. 爽约记录。", order=("day",))
class NoShow:
    """Three within the period bar somebody from booking, as long as they count."""

    booking = relation("Which booking. 预约。", "Booking")
    person = relation("Whose. 预约人。", "Person")
    date = column("On which day. 日期。", source="day", orderable=True)
    halves = column("How much it counts, in halves: 2 missed, 1 cancelled late. 计次（半次）。")
    struck_at = column("When it was struck out; null while it counts. 撤销时间。")
    struck_reason = column("Why it was struck out. 撤销原因。", filterable=False)
    struck_by = relation("Who decided so. 撤销人。", "Person", resolve=_person_behind("struck_by"))
    appeal = relation("The appeal to it. 申诉。", "NoShowAppeal", resolve=_appeal)


def _said(name: str) -> Any:
    async def read(row: models.Appeal, info: Info) -> str | None:
        said: str | None = getattr(row, name)
        viewer = info.context.viewer
        if viewer.owns(row.person_id):
            return said
        venue = await models.Venue.filter(id=row.venue_id).select_related(*VENUE_ENDS).get()
        return said if manages(viewer, NO_SHOW_WAIVE, venue.owner) else None

    return read


@node(
    models.Appeal, "What somebody has to say against a no-show. 爽约申诉。", name="NoShowAppeal", order=("created_at",)
)
class NoShowAppeal:
    """Decided by the owner of the venue; never by whoever missed the booking or filed the appeal."""

    no_show = relation("Against what. 爽约记录。", "NoShow")
    venue = relation("At which venue. 场所。", "Venue")
    person = relation("Whose. 申诉人。", "Person")
    reason = masked("Why, for the person and whoever decides. 申诉理由。", _said("reason"), nullable=True)
    state = column("Where it stands. 状态。", type=AppealState)
    decision = masked("The reason of the answer, for the same. 处理意见。", _said("decision"), nullable=True)
    decided_at = column("When it was answered. 处理时间。")
    decided_by = relation(
        "Who answered, where the viewer may know. 处理人。", "Person", resolve=_person_behind("decided_by")
    )
    history = history()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was filed. 申诉时间。", orderable=True)

"""The ledger of what units share, and that of who booked it. 资源设施共享台账。"""

from __future__ import annotations

from collections.abc import Callable

from linli.core.plugins.manifest import Title
from linli.core.records.classes import FieldClass
from linli.schema.context import Info
from linli.schema.ledgers import ByKind, ByPlace, Column, Ledger, OneOf

from ..models import Venue

BY_COMMUNITY = ByPlace("community", Title(en="By community", zh="按社区"), ("COMMUNITY",))
BY_UNIT = ByPlace("unit", Title(en="By unit", zh="按单位"), ("RESIDENT_UNIT",))


def _time(name: str) -> Callable[[Venue, Info], str]:
    return lambda row, _info: "{:02}:{:02}".format(*divmod(getattr(row, name), 60))


SHARED = Ledger(
    code="venues.shared",
    title=Title(en="Shared venues", zh="资源设施共享台账"),
    description="What units share with a community. 驻区单位共享的资源设施。",
    type="Venue",
    place="community",
    columns=(
        Column("name", Title(en="Venue", zh="场所名称"), "name", 24),
        Column("kind", Title(en="Kind", zh="类型"), "kind"),
        Column("owner", Title(en="Owner", zh="所属单位"), "owner.name", 24),
        Column("community", Title(en="Community", zh="所在社区"), "community.name", 18),
        Column("units", Title(en="Courts or rooms", zh="场地数"), "units", 8),
        Column("capacity", Title(en="Persons each", zh="单场容量"), "capacity", 8),
        Column("opens", Title(en="Opens", zh="开放时间起"), _time("open_from"), 10, FieldClass.PUBLIC),
        Column("closes", Title(en="Closes", zh="开放时间止"), _time("open_to"), 10, FieldClass.PUBLIC),
    ),
    filters=(OneOf("kind", Title(en="Kind", zh="类型"), "kind"),),
    groups=(BY_COMMUNITY, ByKind("kind", Title(en="By kind", zh="按类型"), "kind")),
    order=("name_key",),
)

BOOKINGS = Ledger(
    code="venues.bookings",
    title=Title(en="Use of shared venues", zh="共享场所使用台账"),
    description="Who booked the venues of a unit. 单位共享场所的预约使用情况。",
    type="Booking",
    place="venue__owner",
    columns=(
        Column("venue", Title(en="Venue", zh="场所名称"), "venue.name", 24),
        Column("start", Title(en="From", zh="开始时间"), "start", 17, timed=True),
        Column("end", Title(en="Until", zh="结束时间"), "end", 17, timed=True),
        Column("name", Title(en="Name", zh="预约人"), "person.name"),
        Column("phone", Title(en="Phone", zh="电话"), "person.phone", 14),
        Column("partySize", Title(en="Persons", zh="人数"), "party_size", 6),
        Column("tier", Title(en="Title", zh="使用人群"), "tier"),
        Column("state", Title(en="State", zh="状态"), "state"),
    ),
    filters=(
        OneOf("state", Title(en="State", zh="状态"), "state"),
        OneOf("tier", Title(en="Title", zh="人群"), "tier"),
    ),
    groups=(BY_UNIT, ByKind("state", Title(en="By state", zh="按状态"), "state")),
    order=("start",),
)

LEDGERS = (SHARED, BOOKINGS)

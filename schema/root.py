"""The root types of every district's schema."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Optional

import strawberry
from tortoise.models import Model

from linli.core.calendar import DayKind
from linli.core.errors import invalid
from linli.core.graph.spans import valid_now

from .context import Info
from .contributions import fields
from .core.access import Viewer
from .core.boundaries import org_at
from .core.consents import ConsentPurpose, purposes
from .core.event_stream import events_as_they_come
from .core.files import File
from .core.history import Event, all_events
from .core.labels import MAX_ENUMS, EnumLabel, labels
from .core.org_changes import PointInput, point_of
from .core.organisations import Org, OrgKindInfo, OrgNode, find_org, org_by_credit_code, past_orgs
from .core.past import PastPage
from .core.people import Person
from .core.search import search
from .declare import computed, every, page, record
from .declare.node import Node as Declared
from .declare.pages import DEFAULT_PAGE, MAX_PAGE, Page
from .declare.sizes import Fixed, Paged, PerDay, PerValue
from .enums import enum
from .interfaces import Node
from .scalars import JSON, Long, parse_global_id
from .searching import SearchHit, SearchKind
from .subscriptions import subscription
from .words import OrgKind

MAX_IDS = 200
MAX_DAYS = 366
MANY_KINDS = 50
"""How many words a vocabulary is reckoned to have."""

enum(
    "What kind of day the official calendar makes of a date. 日期类型。",
    WORKDAY="An ordinary working day. 工作日。",
    MAKEUP_WORKDAY="A weekend day worked in exchange. 调休上班。",
    WEEKEND="Saturday or Sunday. 周末。",
    STATUTORY_HOLIDAY="A holiday by law. 法定节日。",
    HOLIDAY_ADJUSTED="A weekday off around a holiday. 调休放假。",
    UNKNOWN="The year's schedule is not published yet. 放假安排尚未公布。",
)(DayKind)


@strawberry.type(description="A plugin that is on here. 插件。")
class PluginInfo:
    """One of the district's plugins."""

    name: str = strawberry.field(description="Its one name. 标识。")
    title: str = strawberry.field(description="In the caller's language. 名称。")
    version: str = strawberry.field(description="Its version. 版本。")


@strawberry.type(description="The district that this API serves. 区县。")
class District:
    """Who answers here."""

    key: str = strawberry.field(description="Key in URLs and configuration. 标识。")
    name: str = strawberry.field(description="Name of its root. 名称。")
    code: str | None = strawberry.field(description="National code. 区划代码。")
    timezone: str = strawberry.field(description="IANA time zone of all its days. 时区。")
    plugins: list[PluginInfo] = strawberry.field(description="What is on. 已启用插件。")


@strawberry.type(description="A day of the official calendar. 日历日。")
class CalendarDay:
    """What a date is."""

    date: date = strawberry.field(description="The date. 日期。")
    kind: DayKind = strawberry.field(description="What kind of day. 日期类型。")
    name: str | None = strawberry.field(description="The holiday's name. 节日名称。")


async def _record(info: Info, id_: str) -> Model | None:
    parsed = parse_global_id(id_)
    declared = None if parsed is None else info.context.schema.declared(parsed[0])
    if parsed is None or declared is None:
        return None
    found: Model | None = await info.context.loaders.by_id(declared.model).load(parsed[1])
    return found


async def _node(_root: Any, info: Info, id: str) -> Model | None:  # noqa: A002  the argument's name in the API
    return await _record(info, id)


async def _nodes(_root: Any, info: Info, ids: list[str]) -> list[Model | None]:
    if len(ids) > MAX_IDS:
        raise invalid("ids", "OUT_OF_RANGE", "At most {limit} ids", limit=MAX_IDS)
    return [await _record(info, one) for one in ids]


def _district(_root: Any, info: Info) -> District:
    here, language = info.context.district, info.context.language
    return District(
        key=here.key,
        name=here.configuration.name,
        code=here.configuration.code,
        timezone=here.configuration.timezone,
        plugins=[
            PluginInfo(name=it.name, title=it.manifest.title.in_language(language), version=it.version)
            for it in here.plugins
        ],
    )


def _viewer(_root: Any, info: Info) -> Viewer | None:
    return None if info.context.viewer.anonymous else Viewer()


async def _org(  # noqa: PLR0917  the names are the arguments in the API
    _root: Any,
    info: Info,
    id: str | None = None,  # noqa: A002
    code: str | None = None,
    kind: str | None = None,
    credit_code: str | None = None,
    as_of: datetime | None = None,
) -> Org | None:
    if [id, code, credit_code].count(None) != 2:  # noqa: PLR2004  of three ways one is taken
        raise invalid("id", "ID_OR_CODE", "Give either an id, or a code, or a credit code")
    if credit_code is not None:
        return await org_by_credit_code(info.context, credit_code, as_of)
    return await find_org(info.context, id, code, kind, as_of)


async def _org_at(
    _root: Any, info: Info, point: PointInput, kind: str | None = None, as_of: datetime | None = None
) -> Org | None:
    return await org_at(info.context, point_of(point), kind, as_of)


async def _orgs(_root: Any, info: Info, as_of: datetime | None = None, **given: Any) -> Page | PastPage:
    if as_of is not None:
        return await past_orgs(info.context, as_of, **given)
    return Page(info.context, Declared.registry["OrgNode"], valid_now(), wide=True, **given)


def _org_kinds(_root: Any, info: Info) -> list[OrgKindInfo]:
    kinds, language = info.context.district.kinds, info.context.language
    return [
        OrgKindInfo(
            code=kind.code,  # type: ignore[arg-type]
            title=kind.title_zh if language == "zh-CN" else kind.title_en,
            plugin=kind.plugin,
            attributes_schema=JSON(kind.attributes.model_json_schema()),
            allowed_parents=sorted(kinds.parents(kind)),  # type: ignore[arg-type]
        )
        for kind in kinds.orgs.values()
    ]


async def _calendar(_root: Any, info: Info, from_: date, to: date) -> list[CalendarDay]:
    if not from_ <= to:
        raise invalid("to", "END_BEFORE_START", "The end lies before the start")
    if (to - from_).days >= MAX_DAYS:
        raise invalid("to", "OUT_OF_RANGE", "At most {limit} days", limit=MAX_DAYS)
    calendar = await info.context.district.calendar()
    return [CalendarDay(date=day.date, kind=day.kind, name=day.name) for day in calendar.days(from_, to)]


@fields("What every district can be asked. 查询。")
class Query:
    """What every district can be asked."""

    node = computed("Any record by its id. 按标识取记录。", _node, Optional[Node], id=(strawberry.ID, "The id. 标识。"))
    nodes = computed(
        "Records by their ids, null for those not seen. 批量取记录。",
        _nodes,
        list[Optional[Node]],
        size=PerValue("ids", MAX_IDS),
        ids=(list[strawberry.ID], "The ids, 200 at most. 标识。"),
    )
    district = computed("The district that answers here. 本区县。", _district, District)
    viewer = computed("Who is asking; null without a token. 当前用户。", _viewer, Optional[Viewer])
    org = computed(
        "One organisation, by id, by code, or by credit code. 组织。",
        _org,
        Optional[OrgNode],
        id=(Optional[strawberry.ID], "Its id. 标识。"),
        code=(Optional[str], "Its code; of several kinds with one code the highest. 代码。"),
        kind=(Optional[OrgKind], "Its kind, where a code is not enough. 类型。"),
        credit_code=(
            Optional[str],
            "Unified social credit code of a unit or firm, as it is today. 统一社会信用代码。",
        ),
        as_of=(Optional[datetime], "As it was at this instant. 历史时点。"),
    )
    orgs = page(
        "Organisations that are valid now, or were at an instant. 组织列表。",
        "OrgNode",
        _orgs,
        as_of=(Optional[datetime], "As they were at this instant. 历史时点。"),
    )
    org_at = computed(
        "The organisation in whose outline a point lies: the deepest one that the viewer may see. 坐标所在组织。",
        _org_at,
        Optional[OrgNode],
        point=(PointInput, "Where. 坐标。"),
        kind=(Optional[OrgKind], "The one of this kind. 类型。"),
        as_of=(Optional[datetime], "As it was at this instant. 历史时点。"),
    )
    search = computed(
        "Records that begin with a text, by name, pinyin, initials or code, and people by numbers; best first. 检索。",
        search,
        list[SearchHit],
        size=Paged(DEFAULT_PAGE, MAX_PAGE),
        text=(str, "1 to 100 characters; a letter or digit alone is too short. 检索词。"),
        kinds=(Optional[list[SearchKind]], "Only of these kinds. 类型。"),
        under=(Optional[strawberry.ID], "Only beneath this organisation. 所属组织。"),
        first=(Optional[int], "How many, 20 where not said, 200 at most. 条数。"),
    )
    org_kinds = computed(
        "The kinds that this district knows. 组织类型。", _org_kinds, list[OrgKindInfo], size=Fixed(MANY_KINDS)
    )
    person = record("One person. 人员。", Person)
    people = every("People whom the viewer may see. 人员列表。", "Person")
    consent_purposes = computed(
        "What personal data are used for here. 个人信息处理目的。", purposes, list[ConsentPurpose]
    )
    person_claims = every(
        "Claims to be a person of one's places, to decide on. Needs core.person.write. "
        "待审的认领申请，需要权限 core.person.write。",
        "PersonClaim",
    )
    file = record("One file: what one uploaded, or what belongs to a record that one sees. 文件。", File)
    events = page("What happened, in order. 事件列表。", "Event", all_events)
    labels = computed(
        "What the values of enums are called, in the caller's language. 枚举名称。",
        labels,
        list[EnumLabel],
        size=PerValue("enums", MAX_ENUMS, each=MANY_KINDS),
        enums=(list[str], "Names of enums, 50 at most. 枚举名。"),
    )
    calendar = computed(
        "What kind of days these are. 日历。",
        _calendar,
        list[CalendarDay],
        size=PerDay("from", "to", MAX_DAYS),
        from_=(date, "First day. 起始日。"),
        to=(date, "Last day, included; 366 days at most. 截止日。"),
    )


@fields("What can be done in every district. 变更。")
class Mutation:
    """What can be done in every district."""


@fields("What can be followed in every district, over a WebSocket or as server-sent events. 订阅。")
class Subscription:
    """What can be followed in every district."""

    events = subscription(
        "What happens, in order, as far as the viewer may see where it happens. 事件流。",
        events_as_they_come,
        Event,
        types=(Optional[list[str]], "Only events of these types, 100 at most. 事件类型。"),
        under=(Optional[strawberry.ID], "Only what happens at this organisation or beneath. 所属组织。"),
        after=(Optional[Long], "First what came after this sequence: the last that one received. 从该序号之后续传。"),
    )

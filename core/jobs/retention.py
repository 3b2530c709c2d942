"""The daily timer of retention: at night what was kept long enough goes, a batch at a time. 每日到期清理。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

import structlog
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from .. import clock
from ..calendar.zones import local_date, local_instant
from ..privacy.core_retention import RETENTION
from ..privacy.retaining import carry_out_batch, due, is_due
from ..privacy.retention import Retention, RetentionRule
from ..records.unit_of_work import transact
from .models import Job, Timer
from .timers import schedule, timer_id

if TYPE_CHECKING:
    from ..districts import District

DAILY, RULE_DUE = "core.retention", "core.retention_rule"
DISTRICT = uuid5(NAMESPACE_OID, "linli retention")
"""What the daily timer is about: one for each district."""
AT = time(3, 0)
CARRIED_OUT = RetentionRule(
    "core.timers",
    Timer,
    "done_at",
    "30 days",
    "1 day",
    "1 year",
    "A timer that was carried out tells when something happened to whom; to find faults 30 days are enough, a default "
    "of Linli. 已执行的定时事项仅供排查，三十日为平台默认值。",
    rows=lambda: ~Q(kind__in=[DAILY, RULE_DUE]),
)
ENDED = RetentionRule(
    "core.jobs",
    Job,
    "ended_at",
    "90 days",
    "1 day",
    "1 year",
    "How far long work was is of no use once it has ended, and its event tells that it did; 90 days are a default of "
    "Linli. 任务结束后其进度仅供查阅，九十日为平台默认值。",
)
CORE_RETENTION: tuple[Retention, ...] = (*RETENTION, CARRIED_OUT, ENDED)

log = structlog.get_logger(__name__)


async def retention_of(district: District) -> Sequence[Retention]:
    """What core and every plugin with tables here say, on or off; the district is entered."""
    said: list[tuple[str, Any]] = (await district.stewards()).collect_now("linli_retention_rules")
    return [*CORE_RETENTION, *(one for _, of_plugin in said for one in of_plugin)]


async def rules_of(district: District) -> list[RetentionRule]:
    """The rules that are carried out here, in their order."""
    return [one for one in await retention_of(district) if isinstance(one, RetentionRule)]


async def begin(district: District) -> None:
    """See that the next night's timer waits, not later than tonight; the district is entered."""
    tonight = _night_after(clock.now(), district)
    waiting = Timer.filter(id=timer_id(DAILY, DISTRICT), done_at__isnull=True, due_at__lte=tonight)
    if not await waiting.exists():
        await transact(lambda _unit: schedule(DAILY, DISTRICT, tonight))


async def every_night(district: District, _timer: Timer) -> None:
    """Have each rule carried out that has something to do, and come again tomorrow."""
    for rule in await rules_of(district):
        if await _has_something(district, rule):
            await schedule(RULE_DUE, rule.id, clock.now())
    await schedule(DAILY, DISTRICT, _night_after(clock.now(), district))


async def carry_out_rule(district: District, timer: Timer) -> None:
    """One batch of a rule; where more may be left the timer falls due again, after what else is due already."""
    for rule in await rules_of(district):
        if rule.id == timer.subject_id and await carry_out_batch(due(rule, district.settings, district.zone)):
            await schedule(RULE_DUE, rule.id, clock.now())


async def _has_something(district: District, rule: RetentionRule) -> bool:
    """Whether rows are due; also where that cannot be told, for then the rule's own timer fails, and no other."""
    try:
        async with in_transaction():
            return await is_due(due(rule, district.settings, district.zone))
    except Exception as error:
        log.error("retention_rule_failed", district=district.key, rule=rule.name, exc_info=error)
        return True


def _night_after(now: datetime, district: District) -> datetime:
    today = local_date(now, district.zone)
    tonight = local_instant(today, AT, district.zone)
    return tonight if tonight > now else local_instant(today + timedelta(days=1), AT, district.zone)

"""All retention rules of a district, one after the other, a batch at a time. 执行保存期限规则。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from linli.core.districts import District
from linli.core.jobs.retention import retention_of
from linli.core.privacy.retaining import BATCH, Due, carry_out_batch, count, due
from linli.core.privacy.retention import KeptForGood, Retention, RetentionRule
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import UnitOfWork, transact

from .progress import Bar

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Found:
    """A rule as it counts in a district, how many rows were due, and how many are done; or what is kept for good."""

    name: str
    table: str
    action: str
    reason: str
    span: str | None = None
    allowed: str = ""
    due: int = 0
    done: int = 0


class Retaining:
    """Looks at every rule of a district and carries it out; `failed` are those that could not be, told in the log."""

    def __init__(self, district: District, bar: Bar, batch: int | None = None) -> None:
        self._district, self._bar, self._batch = district, bar, batch or BATCH
        self.failed: list[str] = []

    async def all(self, *, dry_run: bool) -> list[Found]:
        """Every rule, in order, then what is kept for good; the district is entered."""
        retention = await retention_of(self._district)
        rules = [one for one in retention if isinstance(one, RetentionRule)]
        found = [await self._rule(rule, dry_run=dry_run) for rule in rules]
        if not dry_run:
            await seal_now(self._district.store)
        return [*found, *_for_good(retention)]

    async def _rule(self, rule: RetentionRule, *, dry_run: bool) -> Found:
        """One that fails keeps no other from its turn."""
        what = due(rule, self._district.settings, self._district.zone)
        allowed = f"{rule.at_least} .. {rule.at_most}"
        found = Found(rule.name, rule.what, rule.action.value, rule.reason, str(what.span), allowed)
        try:
            found = replace(found, due=await count(what))
            return found if dry_run else replace(found, done=await self._carry_out(what, found.due))
        except Exception as error:
            log.error("retention_rule_failed", district=self._district.key, rule=rule.name, exc_info=error)
            self.failed.append(rule.name)
            return found

    async def _carry_out(self, what: Due, expected: int) -> int:
        done = 0
        while rows := await transact(partial(_some, what, self._batch)):
            done += rows
            self._bar(what.rule.name, done, max(done, expected))
        return done


async def _some(what: Due, most: int, _unit: UnitOfWork) -> int:
    return await carry_out_batch(what, most)


def _for_good(retention: Sequence[Retention]) -> list[Found]:
    return [Found(_named(one), one.what, "KEPT", one.reason) for one in retention if isinstance(one, KeptForGood)]


def _named(one: KeptForGood) -> str:
    return f"{one.name} ({', '.join(sorted(one.columns))})" if one.columns else one.name

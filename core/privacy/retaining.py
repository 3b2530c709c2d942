"""Carrying out retention rules: what is due goes, in batches, each with its event in one transaction. 到期清理。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from tortoise.expressions import F, Q, Subquery
from tortoise.fields import DateField

from .. import clock
from ..config.core_settings import CoreSettings
from ..config.spans import Span
from ..records import events
from ..records.conditions import where
from ..records.record import MutableRecord
from ..records.unit_of_work import current_unit
from .event_types import RETENTION_APPLIED, RETENTION_RULE, RetentionApplied
from .models import PersonRequest
from .requests import RequestState
from .retention import RetentionAction, RetentionRule

BATCH = 500
"""How many rows go in one transaction, unless the operator says otherwise."""


@dataclass(frozen=True)
class Due:
    """A rule at a moment: how long is kept here, and which rows have been kept that long."""

    rule: RetentionRule
    span: Span
    before: datetime
    condition: Q


def due(rule: RetentionRule, settings: CoreSettings, zone: tzinfo) -> Due:
    """What a rule means now, in a district with these settings."""
    span = span_of(rule, settings)
    before = span.before(clock.now(), zone)
    is_day = isinstance(rule.model._meta.fields_map[rule.since], DateField)
    old = where(f"{rule.since}__lt", before.date() if is_day else before)
    held = [~Q(id__in=Subquery(rule.model.filter(each).values("id"))) for each in _holds(rule)]
    return Due(rule, span, before, Q(old, rule.rows(), *_not_blank(rule.blank), *held))


def span_of(rule: RetentionRule, settings: CoreSettings) -> Span:
    """How long is kept here: what the configuration says, which `linli check` has held against the limits."""
    owner, _, thing = rule.name.partition(".")
    stated = settings.retention.get(owner, {}).get(thing)
    return rule.span if stated is None else Span.read(stated)


def _holds(rule: RetentionRule) -> list[Q]:
    """Which rows stay although they are old: what is open about them, or about their person, is decided first."""
    holds = [] if rule.held is None else [rule.held()]
    if rule.person is not None:
        waiting = PersonRequest.filter(state=RequestState.OPEN.value).values("person_id")
        holds.append(where(f"{rule.person}__in", Subquery(waiting)))
    return holds


def _not_blank(blank: Mapping[str, object]) -> list[Q]:
    """At least one of the columns says something still: what was cleared is not cleared again."""
    saying = [
        where(f"{name}__not_isnull", True) if value is None else ~where(name, value) for name, value in blank.items()
    ]
    return [Q(*saying, join_type=Q.OR)] if saying else []


async def count(what: Due) -> int:
    """How many rows are due."""
    return int(await what.rule.model.filter(what.condition).count())


async def is_due(what: Due) -> bool:
    """Whether any row is."""
    return bool(await what.rule.model.filter(what.condition).exists())


async def carry_out_batch(what: Due, most: int = BATCH) -> int:
    """Delete or clear some of the rows that are due, with the event that says so, in the open unit of work.

    Answers how many; 0 when none is left. Rows that another process has in hand are waited for, and looked at anew.
    """
    current_unit()
    rule = what.rule
    picked = rule.model.filter(what.condition).order_by("id").limit(most).select_for_update().only("id")
    ids = [row.pk for row in await picked]
    if ids:
        await (_clear(rule, ids) if rule.action is RetentionAction.CLEARED else _delete(rule, ids))
        told = RetentionApplied(
            rule=rule.name, action=rule.action.value, rows=len(ids), kept_for=str(what.span), before=what.before
        )
        await events.append(RETENTION_APPLIED, RETENTION_RULE, rule.id, told)
    return len(ids)


async def _clear(rule: RetentionRule, ids: list[Any]) -> None:
    changes: dict[str, Any] = dict(rule.blank)
    if issubclass(rule.model, MutableRecord):
        changes |= {"version": F("version") + 1, "updated_at": clock.now()}
    await rule.model.filter(id__in=ids).update(**changes)


async def _delete(rule: RetentionRule, ids: list[Any]) -> None:
    for model, column in rule.unlinked.items():
        await model.filter(**{f"{column}__in": ids}).update(**{column: None})
    for model, column in rule.along.items():
        await model.filter(**{f"{column}__in": ids}).delete()
    await rule.model.filter(id__in=ids).delete()

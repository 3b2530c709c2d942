"""Timers: what falls due at an instant, written down in the transaction that causes it. 定时事项。"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from .. import clock
from ..calendar.zones import utc
from ..graph.sql import execute
from ..records.unit_of_work import current_unit
from . import waking
from .models import KIND_LENGTH, Timer

if TYPE_CHECKING:
    from ..districts import District

Fire = Callable[["District", Timer], Awaitable[None]]

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
LONGEST_NAME = KIND_LENGTH

# One row for a kind and subject: whoever schedules at the same moment replaces it instead of adding a second.
SCHEDULE = (
    "INSERT INTO core_timer (id, kind, subject_id, due_at, done_at, attempts) VALUES ($1, $2, $3, $4, NULL, 0) "
    "ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, done_at = NULL, attempts = 0"
)


@dataclass(frozen=True)
class TimerKind:
    """A kind of thing that falls due: `TimerKind("venues.no_show", fire, "A booking that nobody came for ..")`.

    `await fire(district, timer)` runs in the district's scope, inside the unit of work that also notes the timer as
    done: both happen or neither, once. It judges by `timer.due_at` and not by the present, since after an outage
    timers are carried out late and in order; it reads the subject first, and does nothing where that no longer needs
    it. It writes, and schedules what comes next, with the services of the request path; it begins no unit of work
    and sends nothing out of the process. A failure undoes it, and it is tried again.
    """

    name: str
    fire: Fire
    description: str

    def __post_init__(self) -> None:
        check_name(self.name)
        if not self.description.strip():
            raise ValueError(f"timer {self.name!r}: describe what is done when it falls due")


def check_name(name: str, what: str = "timer") -> None:
    """Raise ValueError unless this can be the name of a kind."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ValueError(f"{what} {name!r}: expected <plugin>.<thing> in lower case, {LONGEST_NAME} characters at most")


async def _every_night(district: District, timer: Timer) -> None:
    from .retention import every_night  # noqa: PLC0415  it schedules timers itself

    await every_night(district, timer)


async def _carry_out_rule(district: District, timer: Timer) -> None:
    from .retention import carry_out_rule  # noqa: PLC0415  it schedules timers itself

    await carry_out_rule(district, timer)


async def _expire_file(district: District, timer: Timer) -> None:
    from ..files.attaching import expire  # noqa: PLC0415  loaded where a file expires

    await expire(district, timer.subject_id)


FILE_EXPIRY = "core.file_expiry"

CORE_TIMERS: tuple[TimerKind, ...] = (
    TimerKind("core.retention", _every_night, "Looks every night what has been kept long enough. 每日检查保存期限。"),
    TimerKind(FILE_EXPIRY, _expire_file, "Destroys a file that nobody used in time. 销毁逾期未用的文件。"),
    TimerKind("core.retention_rule", _carry_out_rule, "Carries out one retention rule, a batch at a time. 到期清理。"),
)


def kinds_of(district: District) -> Mapping[str, TimerKind]:
    """The kinds of core and of the plugins that are on, by name; timers of others stay parked.

    Raises ValueError for a kind without its plugin's prefix, or declared twice.
    """
    kinds = {kind.name: kind for kind in CORE_TIMERS}
    for plugin, declared in district.hooks.collect_now("linli_timers"):
        for kind in declared:
            _check_owner(kind, plugin, district.installed[plugin].label, kinds)
            kinds[kind.name] = kind
    return kinds


def _check_owner(kind: TimerKind, plugin: str, label: str, known: Mapping[str, TimerKind]) -> None:
    if not kind.name.startswith(f"{label}."):
        raise ValueError(f"timer {kind.name!r} of plugin {plugin!r}: its name must begin with {label + '.'!r}")
    if kind.name in known:
        raise ValueError(f"timer {kind.name!r} of plugin {plugin!r} is declared twice")


def timer_id(kind: str, subject_id: UUID) -> UUID:
    """The id of the one timer that a kind has for a subject."""
    return uuid5(subject_id, kind)


async def schedule(kind: str, subject_id: UUID, due_at: datetime) -> Timer:
    """Have `kind` carried out for a record at an instant, or at once where it has passed; needs a unit of work.

    Scheduling the same again replaces the instant, and lets a timer that was carried out fall due anew.
    """
    unit = current_unit()
    check_name(kind)
    timer = Timer(id=timer_id(kind, subject_id), kind=kind, subject_id=subject_id, due_at=utc(due_at))
    await execute(SCHEDULE, timer.id, kind, subject_id, timer.due_at)
    unit.after_commit.append(partial(waking.tell, unit.store, timer.due_at))
    timer._saved_in_db = True
    return timer


async def cancel(kind: str, subject_id: UUID) -> None:
    """Forget what was scheduled, if anything still waits; needs a unit of work."""
    current_unit()
    await Timer.filter(id=timer_id(kind, subject_id), done_at__isnull=True).delete()


async def overdue(kind: str, subject_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the subjects whose timer fell due and is not carried out yet: they are shown as if it were."""
    ids = [timer_id(kind, subject_id) for subject_id in subject_ids]
    waiting = Timer.filter(id__in=ids, done_at__isnull=True, due_at__lte=clock.now())
    return frozenset(await waiting.values_list("subject_id", flat=True))  # type: ignore[arg-type]  # flat

"""Kinds of long work: what is done, who sees how far it is. 后台任务类型。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

from ..access.visibility import Belonging
from ..errors import Text
from ..graph.models import OrgNode
from ..records.classes import FieldClass
from ..records.event_types import EventTypeError, classes_of
from .models import Job
from .timers import check_name

if TYPE_CHECKING:
    from ..districts import District
    from .runs import Run

Work = Callable[["Run"], Awaitable[None]]
Ended = Callable[["District", Job], Awaitable[None]]

MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class JobKind:
    """A kind of long work: `JobKind("points.count", text("Points are counted"), Count, count, "..", "Counts ..")`.

    `await work(run)` runs in the district's scope and not in a unit of work; `run.input` is an `input`, whose keys
    are PUBLIC or INTERNAL: values of people stay where they are, and their ids are passed. What it writes it writes in
    steps, `await run.step(..)`, each a unit of work that keeps how far it is together with the effect: whoever takes
    the work over after a kill finds `run.cursor` as the last step left it. It may be begun several times, by any
    process, so what it does between steps has no effect outside of it. A RejectedError ends it for good with its code;
    after any other failure it goes on from the last step, `attempts` times in a row before it is given up with
    INTERNAL_ERROR.

    Whoever asked for a job sees it, and so does everybody who holds `permission` where it is done. `ended` is awaited
    in the transaction in which one fails for good or is cancelled, to tidy up. One that is not `cancellable` runs to
    its end.
    """

    name: str
    title: Text
    input: type[BaseModel]
    work: Work
    permission: str
    description: str
    attempts: int = MOST_ATTEMPTS
    cancellable: bool = True
    ended: Ended | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "job")
        if not self.description.strip():
            raise ValueError(f"job {self.name!r}: describe what it does")
        if self.attempts < 1:
            raise ValueError(f"job {self.name!r}: give it an attempt")
        self._check_input()

    def _check_input(self) -> None:
        try:
            classes = classes_of(self.input, f"input of job {self.name}")
        except EventTypeError as error:
            raise ValueError(f"job {self.name!r}: {error}") from error
        told = sorted(path for path, mark in classes.items() if mark in (FieldClass.PERSONAL, FieldClass.SENSITIVE))
        if told:
            raise ValueError(f"job {self.name!r}: {', '.join(told)} would be kept in its row: pass the record's id")


JobKinds = Mapping[str, JobKind]


def kinds_of(district: District, own: Iterable[JobKind]) -> JobKinds:
    """Core's `own` kinds and those of the plugins that are on, by name; jobs of others stay parked.

    Raises ValueError for a kind without its plugin's prefix, or declared twice.
    """
    found = {one.name: one for one in own}
    for plugin, declared in district.hooks.collect_now("linli_jobs"):
        prefix = f"{district.installed[plugin].label}."
        for one in declared:
            if not one.name.startswith(prefix) or one.name in found:
                raise ValueError(f"job {one.name!r} of plugin {plugin!r}: begin with {prefix!r}, each name once")
            found[one.name] = one
    return found


def belonging(kinds: JobKinds) -> list[Belonging]:
    """By which permission jobs of each kind are seen where they are done."""
    return [Belonging({"kind": one.name}, OrgNode, (one.permission,)) for one in kinds.values()]

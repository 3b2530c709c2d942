"""A reform is carried out: each change in a transaction of its own, what was done before is passed over. 区划调整。"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ..errors import NotFoundError, text
from ..graph.core_kinds import SUCCEEDED_BY
from ..graph.models import OrgNode, OrgRelation
from ..graph.queries import org_by_reference
from ..graph.services import NewOrg, Succession, Wanted, plan_merge, plan_split, update_org
from ..records.unit_of_work import UnitOfWork, transact
from .changing import change_orgs, open_things
from .open_things import Fate, Found
from .reforms import Change, Merge, Rename, Split, Target

if TYPE_CHECKING:
    from ..districts import District

Progress = Callable[[int, int], None]
"""Told how many changes are done and of how many."""


@dataclass(frozen=True)
class Applied:
    """What came of a change: `done_before` where nothing was left to do, else how many organisations moved, and what
    hung on those that ended. `refused` only in a dry run: something stands against it, which `found` tells.
    """

    change: Change
    done_before: bool = False
    refused: bool = False
    moved: int = 0
    found: Sequence[Found] = ()


class _Rehearsed(Exception):  # noqa: N818  undoes a rehearsal, which is no error
    """All changes were carried out, and are undone."""


async def apply_reform(
    district: District,
    changes: Sequence[Change],
    *,
    at: datetime | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> list[Applied]:
    """Carry out the changes in their order, each whole or not at all; what is done already is left as it is.

    A dry run does all of it in one transaction, which it undoes, without what is refused. To be called within a
    district's scope and outside of units of work. Raises what the first change that cannot be carried out raises; those
    before it stay.
    """
    if dry_run:
        return await _rehearsed(district, changes, at)
    done = []
    for number, change in enumerate(changes):
        progress(number, len(changes))
        done.append(await transact(partial(_apply, district, change, at)))
    progress(len(changes), len(changes))
    return done


async def _rehearsed(district: District, changes: Sequence[Change], at: datetime | None) -> list[Applied]:
    done: list[Applied] = []

    async def rehearse(unit: UnitOfWork) -> None:
        done[:] = [await _apply(district, change, at, unit, rehearsed=True) for change in changes]
        raise _Rehearsed

    try:
        await transact(rehearse)
    except _Rehearsed:
        return done
    raise AssertionError("a rehearsal is always undone")


async def _apply(
    district: District, change: Change, at: datetime | None, _: UnitOfWork, *, rehearsed: bool = False
) -> Applied:
    if isinstance(change, Rename):
        return await _rename(district, change)
    if await _is_done(district, change):
        return Applied(change, done_before=True)
    plan = await (_merge(district, change, at) if isinstance(change, Merge) else _split(district, change, at))
    found = await open_things(district, plan)
    if rehearsed and any(one.thing.fate is Fate.REFUSED for one in found):
        return Applied(change, refused=True, moved=len(plan.moved), found=found)
    await change_orgs(district, plan, found)
    return Applied(change, moved=len(plan.moved), found=found)


async def _rename(district: District, change: Rename) -> Applied:
    node = await _node(district, change.code)
    done = node.name == change.name
    if not done:
        await update_org(district.kinds, node.id, name=change.name)
    return Applied(change, done_before=done)


async def _merge(district: District, change: Merge, at: datetime | None) -> Succession:
    sources = [await _node(district, code) for code in change.sources]
    target = await _wanted(district, change.target, sources[0])
    return await plan_merge(district.kinds, [source.id for source in sources], target, at=at)


async def _split(district: District, change: Split, at: datetime | None) -> Succession:
    source = await _node(district, change.source)
    codes = [target.code for target in change.targets]
    children = [((await _node(district, child)).id, codes.index(into)) for child, into in change.children]
    return await plan_split(
        district.kinds,
        source.id,
        [await _wanted(district, target, source) for target in change.targets],
        children,
        heir=None if change.heir is None else codes.index(change.heir),
        at=at,
    )


async def _wanted(district: District, target: Target, source: OrgNode) -> Wanted:
    if target.name is None:
        return (await _node(district, target.code)).id
    above = source.parent_id if target.under is None else (await _node(district, target.under)).id
    return NewOrg(kind=source.kind, name=target.name, code=_code(target.code), parent_id=above or source.id)


async def _is_done(district: District, change: Merge | Split) -> bool:
    """Whether all that is to end has ended and was succeeded by valid organisations with these codes."""
    if isinstance(change, Merge):
        sources, named = change.sources, [change.target]
    else:
        sources, named = [change.source], change.targets
    targets = {_code(target.code) for target in named}
    for source in sources:
        steps = OrgRelation.filter(kind=SUCCEEDED_BY, source__code=_code(source), source__valid_to__isnull=False)
        found = {step.target.code for step in await steps.select_related("target") if step.target.valid_to is None}
        if not targets <= found:
            return False
    return True


async def _node(district: District, reference: str) -> OrgNode:
    found = await org_by_reference(reference, tuple(district.kinds.orgs))
    if found is None:
        raise NotFoundError(text("There is no valid organisation with the code {code}", code=reference), path=("code",))
    return found


def _code(reference: str) -> str:
    return reference.rpartition(":")[2]

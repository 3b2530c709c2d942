"""What core's own records do when organisations are merged or split. 核心数据的承继。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from tortoise.expressions import Q

from .. import clock
from ..access.granting import end_grant
from ..access.models import Grant, Token
from ..errors import Text, text
from ..graph.core_kinds import SUCCEEDED_BY
from ..graph.kinds import Kinds
from ..graph.models import OrgRelation
from ..graph.services.relations import close_relation, create_relation
from ..people.models import Person, Post
from ..people.services import end_posts_at
from ..records.conditions import where
from ..registry.models import Premises, Tenure, Thing
from .open_things import Fate, OpenThing, SuccessionChange

if TYPE_CHECKING:
    from ..districts import District

HOMES = ("registered_residence_id", "habitual_residence_id")


async def open_things(district: District, change: SuccessionChange) -> list[OpenThing]:
    """Relations, posts, grants, narrowed tokens, people, homes and things, and what is held; told in this order."""
    return [
        *await _relations(district.kinds, change),
        _posts(change),
        *_powers(change),
        *_people(change),
        *_homes(change),
    ]


def open_after(at: datetime) -> Q:
    """The rows with a time of validity that are valid after an instant."""
    return Q(valid_to=None) | Q(valid_to__gt=at)


def _posts(change: SuccessionChange) -> OpenThing:
    rows = Q(open_after(change.at), org_id__in=change.source_ids)
    reason = text("Who holds a post at the successor is appointed there")
    return OpenThing(Post, rows, Fate.ENDED, reason, partial(end_posts_at, change.source_ids, change.at))


def _powers(change: SuccessionChange) -> list[OpenThing]:
    now = clock.now()
    grants = Q(open_after(now), org_id__in=change.source_ids)
    tokens = Q(org_id__in=change.source_ids, revoked_at=None)
    return [
        OpenThing(
            Grant,
            grants,
            Fate.ENDED,
            text("Roles are given anew at the successor, whose staff read what its predecessors left"),
            partial(_end_grants, grants),
        ),
        OpenThing(Token, tokens, Fate.ENDED, text("A token that is narrowed to an organisation ends with it")),
    ]


async def _end_grants(rows: Q) -> None:
    now = clock.now()
    for id_ in await Grant.filter(rows).order_by("id").values_list("id", flat=True):
        grant = await Grant.filter(rows, id=id_).first()
        if grant is not None:  # it ends with the one from which it was delegated
            await end_grant(grant, now)


def _people(change: SuccessionChange) -> list[OpenThing]:
    homes = Q(*(where(f"{home}__in", change.source_ids) for home in HOMES), join_type=Q.OR)
    staff = Q(employer_id__in=change.source_ids)
    if change.heir_id is None:
        work = text("Their employer ended and has no single successor: say where they work now")
    else:
        work = text("They count as staff of the successor")
    home = text("They count as residents of the successor; where they are registered stays as it was recorded")
    return [OpenThing(Person, homes, Fate.KEPT, home), OpenThing(Person, staff, Fate.KEPT, work)]


def _homes(change: SuccessionChange) -> list[OpenThing]:
    rows = Q(open_after(change.at), org_id__in=change.source_ids)
    reason = text("They stay where they were recorded; whoever works at the successor keeps them from now on")
    return [
        OpenThing(Premises, rows, Fate.KEPT, reason),
        OpenThing(Thing, rows, Fate.KEPT, reason),
        *_answered_for(change),
        OpenThing(Tenure, rows, Fate.KEPT, _held(change)),
    ]


def _answered_for(change: SuccessionChange) -> list[OpenThing]:
    """What stands elsewhere and names a micro-grid that ends."""
    rows = Q(open_after(change.at), ~Q(org_id__in=change.source_ids), micro_grid_id__in=change.source_ids)
    if change.heir_id is None:
        reason = text("Nobody answers for them then: say which micro-grid does")
    else:
        reason = text("The successor answers for them from now on")
    return [OpenThing(Premises, rows, Fate.KEPT, reason), OpenThing(Thing, rows, Fate.KEPT, reason)]


def _held(change: SuccessionChange) -> Text:
    """What a unit owns or rents passes to whoever succeeds it (Civil Code art. 67)."""
    if change.heir_id is None:
        return text("Who of the successors holds it from now on is for somebody to say")
    return text("The successor holds what it held")


async def _relations(kinds: Kinds, change: SuccessionChange) -> list[OpenThing]:
    """Those that are valid on: begun anew at the heir, ended where it has the same already or there is no heir."""
    ends = Q(source_id__in=change.source_ids) | Q(target_id__in=change.source_ids)
    found = OrgRelation.filter(Q(ends, open_after(change.at)), kind__in=list(kinds.relations))
    relations = await found.exclude(kind=SUCCEEDED_BY).select_related("source", "target").order_by("id")
    moved, ended = await _sorted_out(kinds, change, relations)
    return [
        _some(moved, Fate.MOVED, partial(_move, kinds, change, moved)),
        _some(ended, Fate.ENDED, partial(_end, change, ended)),
    ]


def _some(relations: Sequence[OrgRelation], fate: Fate, act: Callable[[], Awaitable[None]]) -> OpenThing:
    if fate is Fate.MOVED:
        reason = text("It ends, and the same begins at the successor")
    else:
        reason = text("The successor has the same relation already, or nobody takes it")
    return OpenThing(OrgRelation, Q(id__in=[one.id for one in relations]), fate, reason, act)


async def _sorted_out(
    kinds: Kinds, change: SuccessionChange, relations: Sequence[OrgRelation]
) -> tuple[list[OrgRelation], list[OrgRelation]]:
    moved: list[OrgRelation] = []
    ended: list[OrgRelation] = []
    taken: set[tuple[str, UUID, UUID]] = set()
    for relation in relations:
        source, target = _new_ends(change, relation)
        lasting = relation.source.valid_to is None and relation.target.valid_to is None
        kept = change.heir_id is not None and source != target and lasting
        if kept and (relation.kind, source, target) not in taken and await _is_free(kinds, change, relation):
            taken.add((relation.kind, source, target))
            moved.append(relation)
        else:
            ended.append(relation)
    return moved, ended


async def _is_free(kinds: Kinds, change: SuccessionChange, relation: OrgRelation) -> bool:
    """Whether the heir may have it: neither the same already, nor another where its kind allows one at a time."""
    source, target = _new_ends(change, relation)
    kind = kinds.relation(relation.kind)
    same = Q(source_id=source, target_id=target)
    if kind.cardinality.one_target:
        same |= Q(source_id=source)
    if kind.cardinality.one_source:
        same |= Q(target_id=target)
    others = OrgRelation.filter(Q(same, open_after(change.at)), kind=relation.kind).exclude(id=relation.id)
    return not await others.exists()


def _new_ends(change: SuccessionChange, relation: OrgRelation) -> tuple[UUID, UUID]:
    heir = change.heir_id or relation.source_id
    source = heir if relation.source_id in change.source_ids else relation.source_id
    target = heir if relation.target_id in change.source_ids else relation.target_id
    return source, target


async def _move(kinds: Kinds, change: SuccessionChange, relations: Sequence[OrgRelation]) -> None:
    for relation in relations:
        source, target = _new_ends(change, relation)
        end, valid_to = _not_before(relation.valid_from, change.at), relation.valid_to
        await close_relation(relation, end)
        await create_relation(
            kinds,
            kind=relation.kind,
            source_id=source,
            target_id=target,
            valid_from=end,
            valid_to=valid_to,
            attributes=relation.attributes,
        )


async def _end(change: SuccessionChange, relations: Sequence[OrgRelation]) -> None:
    for relation in relations:
        await close_relation(relation, _not_before(relation.valid_from, change.at))


def _not_before(start: datetime | None, at: datetime) -> datetime:
    """When something ends at an instant that may begin only later: it never was, then."""
    return at if start is None else max(start, at)

"""People who may have been entered twice, in GraphQL: pairs with reasons, never values; each look is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.core.access.searches import Search
from linli.core.errors import invalid
from linli.core.graph.beneath import within as in_zones
from linli.core.graph.models import OrgNode as OrgModel
from linli.core.graph.successions import Zone
from linli.core.merging.candidates import candidates
from linli.core.people.merge_rules import MergeReason
from linli.core.people.models import Person as PersonModel

from ..context import Context, Info
from ..contributions import fields
from ..declare import computed
from ..declare.sizes import Paged
from ..enums import enum
from .merges import MERGE, may_merge, places_of
from .people import Person

FIRST, MOST = 20, 200
COMPARED = (("Person", "phone"), ("Person", "birthDate"), ("Person", "idNumber"), ("IdentityDocument", "number"))

enum(
    "In what two records of people agree. 疑似重复依据。",
    DOCUMENT="A document of one kind and number. 证件号码相同。",
    PHONE="The phone. 电话相同。",
    NAME="The name. 姓名相同。",
    BIRTH_DATE="The date of birth. 出生日期相同。",
)(MergeReason)


@strawberry.type(description="Two records that may be one person. 疑似重复人员。")
class MergeCandidate:
    """Which two, and why; what they agree in is not told."""

    kept: Person = strawberry.field(description="The one entered first. 较早登记者。")
    merged: Person = strawberry.field(description="The other. 较晚登记者。")
    reasons: list[MergeReason] = strawberry.field(description="In what they agree. 依据。")


async def _candidates(
    _root: Any, info: Info, under: str | None = None, first: int | None = None
) -> list[MergeCandidate]:
    """Nobody for viewers who may merge nowhere, and beneath a place that they do not see."""
    context, many = info.context, FIRST if first is None else first
    if not 1 <= many <= MOST:
        raise invalid("first", "OUT_OF_RANGE", "Between {least} and {most}", least=1, most=MOST)
    within = context.district.sight.holding(PersonModel, context.viewer, [MERGE])
    place = await _place(context, under)
    if within is None or (under is not None and place is None):
        return []
    await context.loaders.recorded(_searches(context))
    found = await candidates(
        within if place is None else Q(within, _living((await context.loaders.successions()).zones(place.path)))
    )
    told: list[MergeCandidate] = []
    for one in found:
        if len(told) == many:
            break
        if may_merge(context.viewer, await places_of([one.kept, one.merged])):
            told.append(MergeCandidate(kept=one.kept, merged=one.merged, reasons=list(one.reasons)))  # type: ignore[arg-type]
    return told


def _living(zones: Sequence[Zone]) -> Q:
    """People who live, are registered or work in one of these zones."""
    ends = ("habitual_residence", "registered_residence", "employer")
    return Q(*(in_zones(end, zones) for end in ends), join_type=Q.OR)


async def _place(context: Context, under: str | None) -> OrgModel | None:
    wanted = None if under is None else context.local_id(under, "OrgNode")
    found: OrgModel | None = None if wanted is None else await context.loaders.by_id(OrgModel).load(wanted)
    return found


def _searches(context: Context) -> list[Search]:
    """What is kept of a look: which columns of whom were compared."""
    paths, one = context.viewer.subtrees(MERGE), frozenset({None})
    return [Search(type_, field, "mergeCandidates", one, paths) for type_, field in COMPARED]


@fields("People who may have been entered twice. 疑似重复人员。")
class CandidateQuery:
    """What `Query` gets."""

    merge_candidates = computed(
        f"People who may have been entered twice, where the viewer may merge both; recorded. Needs {MERGE}. "
        f"疑似重复人员（留痕），需要权限 {MERGE}。",
        _candidates,
        list[MergeCandidate],
        size=Paged(FIRST, MOST),
        under=(Optional[strawberry.ID], "Beneath which organisation; everywhere where not said. 所属组织。"),
        first=(Optional[int], "How many, 20 where not said, 200 at most. 条数。"),
    )

"""Relations between people in GraphQL: guardians, next of kin and proxies, read from both ends."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import Any
from uuid import UUID

import strawberry
from tortoise.expressions import Q

from linli.core.graph.spans import valid_now
from linli.core.people.models import Person as PersonModel
from linli.core.people.relation_models import PersonRelation as Row
from linli.core.people.relation_rules import GuardianBasis, PersonRelationKind, PersonRelationState

from ..context import Context, Info
from ..contributions import fields
from ..declare import column, computed, every, masked, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..enums import enum
from .history import history
from .people import Person, holds

WRITE, CONFIRM = "core.person_relation.write", "core.person_relation.confirm"
MOST_RELATIVES = 50

enum(
    "What the relative is to the person. 关系类型。",
    GUARDIAN="The guardian, who acts in all that is the person's own. 监护人。",
    NEXT_OF_KIN="Next of kin, from both ends. 近亲属。",
    PROXY="Whom the person asked to act, within a scope and a period. 委托代理人。",
)(PersonRelationKind)
enum(
    "Where a relation stands. 关系状态。",
    CLAIMED="Stated, and to be confirmed by somebody else. 待核实。",
    CONFIRMED="Confirmed; counts while it is valid. 已核实。",
    REFUSED="Not confirmed, with reasons. 不予确认。",
    ENDED="Ended. 已终止。",
)(PersonRelationState)
enum(
    "Why somebody has a guardian. 监护依据。",
    MINOR="Being under 18 (Civil Code art. 27). 未成年。",
    COURT="A court, or who may, appointed the guardian (art. 28, 31, 36). 指定监护。",
    AGREEMENT="By agreement (art. 30, 33). 协议监护、意定监护。",
)(GuardianBasis)


@enum(
    "What somebody is to a person. 亲属与代办角色。",
    GUARDIAN="The person's guardian. 监护人。",
    WARD="The person's ward. 被监护人。",
    NEXT_OF_KIN="The person's next of kin. 近亲属。",
    PROXY="The person's proxy. 代理人。",
    PRINCIPAL="Whose proxy the person is. 委托人。",
)
class RelativeRole(StrEnum):
    """The kinds of relations, and what they are from the other end."""

    GUARDIAN = "GUARDIAN"
    WARD = "WARD"
    NEXT_OF_KIN = "NEXT_OF_KIN"
    PROXY = "PROXY"
    PRINCIPAL = "PRINCIPAL"


OTHER_END = {
    PersonRelationKind.GUARDIAN: RelativeRole.WARD,
    PersonRelationKind.NEXT_OF_KIN: RelativeRole.NEXT_OF_KIN,
    PersonRelationKind.PROXY: RelativeRole.PRINCIPAL,
}


def _for_those_who_decide(name: str) -> Any:
    async def read(row: Row, info: Info) -> str | None:
        said: str | None = getattr(row, name)
        viewer = info.context.viewer
        if said is None or viewer.owns(row.person_id) or viewer.owns(row.relative_id):
            return said
        person = await PersonModel.get(id=row.person_id)
        decides = await holds(info, WRITE, person) or await holds(info, CONFIRM, person)
        return said if decides else None

    return read


def _scope(row: Row, _info: Info) -> list[str]:
    return (row.scope or "").split()


@node(Row, "What one person is to another. 人员关系。", order=("created_at",))
class PersonRelation:
    """A guardian, next of kin or proxy."""

    kind = column("What the relative is to the person. 关系类型。", type=PersonRelationKind)
    person = relation("The ward, the principal, or one of the kin. 本人。", "Person")
    relative = relation("The guardian, the proxy, or the other of the kin. 关系人。", "Person")
    state = column("Where it stands. 状态。", type=PersonRelationState)
    basis = column("Why there is a guardian; null for others. 监护依据。", type=GuardianBasis)
    scope = computed("In which areas a proxy acts. 委托事项范围。", _scope, list[str])
    valid_from = column("Counts from; null means since ever. 起始时间。")
    valid_to = column("Counts until, exclusive. 终止时间。")
    claim_evidence = masked(
        "What was shown by whoever stated it; for the two and those who decide. 登记凭证。",
        _for_those_who_decide("claim_evidence"),
        nullable=True,
    )
    decision_evidence = masked(
        "What it was confirmed by, or why it was refused; for the same. 核实依据或不予确认的理由。",
        _for_those_who_decide("decision_evidence"),
        nullable=True,
    )
    decided_at = column("When it was confirmed or refused. 核实时间。")
    ended_at = column("When somebody ended it. 终止登记时间。")
    created_at = column("When it was stated. 登记时间。", orderable=True)
    version = column("Counts its changes. 版本。", filterable=False)
    history = history()


def _relations(row: PersonModel, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["PersonRelation"], Q(person_id=row.id) | Q(relative_id=row.id), **given)


@strawberry.type(description="Somebody who is related to a person now. 关系人。")
class Relative:
    """What somebody is to the person, by a confirmed relation that is valid now."""

    role: RelativeRole = strawberry.field(description="What they are to the person. 关系。")
    person: Person | None = strawberry.field(description="Who, where the viewer may see them. 关系人。")
    relation: PersonRelation = strawberry.field(description="The relation that says so. 关系记录。")


def counting() -> Q:
    """Relations that are confirmed and valid now."""
    return Q(valid_now(), state=PersonRelationState.CONFIRMED.value)


async def _load(context: Context, ids: list[UUID]) -> list[list[Row]]:
    """The relations of each of these persons, in one statement."""
    ends = Q(person_id__in=ids) | Q(relative_id__in=ids)
    rows = await Row.filter(context.sees(Row), ends, counting()).order_by("created_at", "id")
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
        found[row.relative_id].append(row)
    return [found[id_][:MOST_RELATIVES] for id_ in ids]


async def _relatives(row: PersonModel, info: Info) -> list[Relative]:
    rows = await info.context.loaders.of(_load).load(row.id)
    return [await _relative(row, one, info) for one in rows]


async def _relative(of: PersonModel, row: Row, info: Info) -> Relative:
    kind = PersonRelationKind(row.kind)
    here = row.person_id == of.id
    other = await info.context.loaders.by_id(PersonModel).load(row.relative_id if here else row.person_id)
    role = RelativeRole(kind.value) if here else OTHER_END[kind]
    return Relative(role=role, person=other, relation=row)  # type: ignore[arg-type]  # rows stand for their type


@fields("Who is related to a person. 人员关系。")
class PersonRelations:
    """What `Person` gets."""

    relations = page("Relations with others, from either end. 人员关系。", "PersonRelation", _relations)
    relatives = computed(
        "Guardians, wards, kin, proxies and principals now, 50 at most. 当前关系人。", _relatives, list[Relative]
    )


@fields("Relations between people. 人员关系。")
class RelationQuery:
    """What `Query` gets."""

    person_relations = every("Relations between people. 人员关系列表。", "PersonRelation")

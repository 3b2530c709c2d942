"""Households and their members in GraphQL. 家庭户。"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise.expressions import Q

from linli.core.people.models import Person as PersonModel
from linli.core.registry import models
from linli.core.registry.words import HouseholdKind, HouseholdRelation

from ..context import Info
from ..declare import column, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..enums import enum
from .history import history
from .premises import AS_OF, valid
from .provenance import provenance

enum(
    "What kind of household it is. 户类型。",
    FAMILY="A family. 家庭户。",
    COLLECTIVE="People who share a dormitory. 集体户。",
)(HouseholdKind)
enum(
    "What somebody is to the head of the household. 与户主关系。",
    HEAD="The head. 户主。",
    SPOUSE="Husband or wife. 配偶。",
    SON="Son. 子。",
    DAUGHTER="Daughter. 女。",
    GRANDCHILD="Grandchild. 孙子女、外孙子女。",
    PARENT="Parent. 父母。",
    GRANDPARENT="Grandparent. 祖父母、外祖父母。",
    SIBLING="Brother or sister. 兄弟姐妹。",
    OTHER="Somebody else. 其他。",
)(HouseholdRelation)


def _members(row: models.Household, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    return Page(info.context, Node.registry["HouseholdMember"], Q(Q(household_id=row.id), valid(as_of)), **given)


@node(models.Household, "Those who live together in premises. 家庭户。", order=("created_at",))
class Household:
    """A household and its home."""

    premises = relation("Where it lives. 房屋。", "Premises")
    kind = column("What kind. 户类型。", type=HouseholdKind)
    members = page("Who belongs to it. 成员。", "HouseholdMember", _members, as_of=AS_OF)
    valid_from = column("From; null means since ever. 起始时间。")
    valid_to = column("Until, exclusive. 终止时间。")
    provenance = provenance()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    history = history()


@node(models.HouseholdMember, "That a person belongs to a household. 家庭户成员。", order=("created_at",))
class HouseholdMember:
    """Who belongs to which household, and as what."""

    household = relation("Which household. 家庭户。", "Household")
    person = relation("Who. 人员。", "Person")
    relation = column("What the person is to the head. 与户主关系。", type=HouseholdRelation)
    valid_from = column("From; null means since ever. 起始时间。")
    valid_to = column("Until, exclusive. 终止时间。")
    provenance = provenance()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    history = history()


def all_households(_root: Any, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """All households that the viewer sees."""
    return Page(info.context, Node.registry["Household"], valid(as_of), wide=True, **given)


def memberships(row: PersonModel, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """The household that a person belongs to."""
    return Page(info.context, Node.registry["HouseholdMember"], Q(Q(person_id=row.id), valid(as_of)), **given)

"""For whom the viewer acts, and what others did for the viewer."""

from __future__ import annotations

from typing import Any, Optional
from uuid import UUID

import strawberry
from tortoise.expressions import Q

from linli.core.access.acted_for_models import ActedFor as Row
from linli.core.access.models import Account as AccountModel
from linli.core.access.on_behalf import Capacity, Channel, EvidenceKind
from linli.core.access.seeing_acts import mark_seen, told_persons, unseen
from linli.core.errors import invalid
from linli.core.people.models import Person as PersonModel
from linli.core.records.masks import mask_name
from linli.core.records.requests import Outcome

from ..context import Context, Info
from ..contributions import fields
from ..declare import column, computed, listed, masked, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..inputs import MutationInput, required
from ..interfaces import Node as NodeInterface
from ..mutations import mutation
from .session_changes import owner

MOST_AT_ONCE = 200


def _concerns(row: Row, info: Info) -> bool:
    """Whether the viewer is the person, the guardian, or who acted."""
    viewer = info.context.viewer
    return viewer.owns(row.person_id) or row.account_id == viewer.account_id


async def _names(_context: Context, ids: list[UUID]) -> list[str]:
    """What whoever is behind these accounts is called."""
    accounts = {one.id: one for one in await AccountModel.filter(id__in=ids).select_related("person")}
    return [_name(accounts[id_]) for id_ in ids]


def _name(account: AccountModel) -> str:
    return account.username if account.person is None else account.person.name


async def _by(row: Row, info: Info) -> str:
    name = await info.context.loaders.of(_names).load(row.account_id)
    return name if _concerns(row, info) else mask_name(name)


def _evidence(row: Row, info: Info) -> str | None:
    return row.evidence if _concerns(row, info) else None


async def _subject(row: Row, info: Info) -> Any:
    declared = Node.registry.get(row.subject_type)
    if declared is None or info.context.schema.declared(row.subject_type) is None:
        return None
    return await info.context.loaders.by_id(declared.model).load(row.subject_id)


@node(Row, "What somebody did for a person. 代办记录。", order=("-at",))
class ActedFor:
    """What was done for whom, by whom, how it was asked for and what shows that."""

    person = relation("For whom. 代办对象。", "Person")
    by = computed("Who did it, for the person in full. 代办人。", _by, str)
    capacity = column("As what. 办理身份。", type=Capacity)
    action = column("What was done, as the mutation's name. 办理事项。")
    subject = computed(
        "The record that it made or changed; null where the viewer may not see it. 对象。",
        _subject,
        Optional[NodeInterface],
    )
    channel = column("How it was asked for. 渠道。", type=Channel)
    evidence_kind = column("What shows that it was asked for. 凭证类型。", type=EvidenceKind)
    evidence = masked("The text or reference, for the person and who acted. 凭证。", _evidence, nullable=True)
    at = column("When. 时间。", orderable=True)
    seen_at = column("When the person, or the guardian, had seen it. 查看时间。")


async def _acts_for(_root: object, info: Info) -> list[PersonModel]:
    ids = sorted(info.context.viewer.acts.everybody)
    return list(await PersonModel.filter(id__in=ids, erased_at=None).order_by("created_at", "id")) if ids else []


def _acted_for(_root: object, info: Info, **given: Any) -> Page:
    told = Q(person_id__in=told_persons(info.context.viewer))
    return Page(info.context, Node.registry["ActedFor"], told, **given)


async def _unseen(_root: object, info: Info) -> int:
    return await unseen(info.context.viewer)


@fields("Acting for others. 代为办理。")
class ViewerActs:
    """What `Viewer` gets."""

    acts_for = listed(
        "Wards whose guardian the viewer is, and principals whose proxy. 可代办的人员。", "Person", _acts_for
    )
    acted_for = page("What others did for the viewer and the viewer's wards. 他人代办记录。", "ActedFor", _acted_for)
    acted_for_unseen = computed("How much of it nobody has seen yet. 未查看的代办记录数。", _unseen, int)


@strawberry.type(description="What was told is seen. 已查看。")
class ActedForSeen:
    """How much is left."""

    id: strawberry.Private[UUID | None] = None
    unseen: int = strawberry.field(description="How much nobody has seen yet. 未查看数。")


@strawberry.input(description="What one has seen. 标记代办记录为已查看。")
class MarkActedForSeenInput(MutationInput):
    """Which."""

    ids: list[strawberry.ID] = required("Which, 1 to 200. 代办记录。")


async def _seen_before(info: Info, _input: MarkActedForSeenInput, _outcome: Outcome) -> ActedForSeen:
    return ActedForSeen(unseen=await unseen(info.context.viewer))


@mutation(
    "Note that one has seen what others did for oneself or a ward. 标记代办记录为已查看。",
    ActedForSeen,
    again=_seen_before,
)
async def mark_acted_for_seen(info: Info, input: MarkActedForSeenInput) -> ActedForSeen:  # noqa: A002
    """The person does it, or a guardian who did not act."""
    context = info.context
    owner(context)
    if not 1 <= len(input.ids) <= MOST_AT_ONCE:
        raise invalid("ids", "OUT_OF_RANGE", "Between 1 and {limit}", limit=MOST_AT_ONCE)
    await mark_seen(context.viewer, [context.required_id(one, "ActedFor", "ids") for one in input.ids])
    return ActedForSeen(unseen=await unseen(context.viewer))


@fields("Seeing what was done for oneself. 查看代办记录。")
class ActedForMutation:
    """What can be done to what was told."""

    mark_acted_for_seen = mark_acted_for_seen

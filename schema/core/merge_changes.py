"""Mutations of merges of people: proposed by one, confirmed by another, undone within 30 days. 人员合并变更。"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import strawberry

from linli.core.districts.stewards import kept_models
from linli.core.languages import translate
from linli.core.merging import deciding, undoing
from linli.core.merging.looking import Look
from linli.core.people.merge_models import PersonMerge as Row
from linli.core.people.models import Person as PersonModel
from linli.core.records.requests import Outcome
from linli.core.records.unit_of_work import transact

from ..context import Context, Info
from ..contributions import fields
from ..enums import enum
from ..inputs import MutationInput, optional, required, value
from ..mutations import mutation
from .lookups import seen
from .merges import MERGE, PersonMerge, require_merge


@enum(
    "What of the second record may count from now on. 取用字段。",
    NAME="Its name. 姓名。",
    GENDER="Its gender. 性别。",
    BIRTH_DATE="Its date of birth. 出生日期。",
    ID_NUMBER="Its citizen id, and the date of birth in it. 公民身份号码。",
    PHONE="Its phone. 电话。",
    PARTY_STATUS="Its party status. 政治面貌。",
    REGISTERED_RESIDENCE="Where it is registered. 户籍地。",
    HABITUAL_RESIDENCE="Where it lives. 常住地。",
    EMPLOYER="Where it works. 工作单位。",
)
class MergeField(StrEnum):
    """Fields of Person."""

    NAME = "NAME"
    GENDER = "GENDER"
    BIRTH_DATE = "BIRTH_DATE"
    ID_NUMBER = "ID_NUMBER"
    PHONE = "PHONE"
    PARTY_STATUS = "PARTY_STATUS"
    REGISTERED_RESIDENCE = "REGISTERED_RESIDENCE"
    HABITUAL_RESIDENCE = "HABITUAL_RESIDENCE"
    EMPLOYER = "EMPLOYER"


_COLUMNS = {field: field.value.lower() for field in MergeField} | {
    MergeField.REGISTERED_RESIDENCE: "registered_residence_id",
    MergeField.HABITUAL_RESIDENCE: "habitual_residence_id",
    MergeField.EMPLOYER: "employer_id",
}
_FIELDS = {column: field for field, column in _COLUMNS.items()}


@strawberry.type(description="Rows that point at the second record and would move. 将迁移的引用。")
class MergeReferences:
    """How many rows of which table."""

    plugin: str = strawberry.field(description="Whose table; `core` for the platform's own. 插件。")
    what: str = strawberry.field(description="The table. 数据表。")
    column: str = strawberry.field(description="By which column they point. 列。")
    count: int = strawberry.field(description="How many. 行数。")


@strawberry.type(description="What keeps two people from being merged. 合并冲突。")
class MergeConflict:
    """A stable code, and in words."""

    plugin: str = strawberry.field(description="Who says so. 插件。")
    code: str = strawberry.field(description="A stable code. 代码。")
    message: str = strawberry.field(description="In the caller's language. 说明。")
    what: str = strawberry.field(description="In which table. 数据表。")
    count: int = strawberry.field(description="How many rows. 行数。")


@strawberry.type(description="A merge of two people: looked at, or proposed. 人员合并预览或提议。")
class MergeProposal:
    """What would move, what stands against it, and the proposal that was made unless it was a dry run."""

    id: strawberry.Private[UUID | None]
    dry_run: bool = strawberry.field(description="Whether nothing was changed. 是否仅预演。")
    merge: PersonMerge | None = strawberry.field(description="What was proposed; null for a dry run. 合并提议。")
    references: list[MergeReferences] = strawberry.field(description="What would move now. 将迁移的引用。")
    conflicts: list[MergeConflict] = strawberry.field(description="What stands against it now. 冲突。")
    differing: list[MergeField] = strawberry.field(description="In which fields they differ. 不一致的字段。")


@strawberry.input(description="Two records of one person. 人员合并。")
class MergePersonsInput(MutationInput):
    """Which, what wins, and why."""

    kept_id: strawberry.ID = required("Who stays. 保留的人员。")
    merged_id: strawberry.ID = required("Who was entered a second time. 被合并的人员。")
    take: list[MergeField] | None = optional("What of the second record counts from then on. 取用字段。")
    reason: str = required("Why they are one, 1 to 500 characters. 理由。")
    dry_run: bool | None = optional("Only tell what would happen. 仅预演。")


async def _again(info: Info, given: MergePersonsInput, outcome: Outcome) -> MergeProposal:
    """What was proposed before, as it is now; a dry run is done once more."""
    if outcome.id is None:
        return await transact(lambda _unit: _propose(info, given), info.context.viewer.account_id)
    known = await Row.get(id=outcome.id)
    return MergeProposal(id=known.id, dry_run=False, merge=known, references=[], conflicts=[], differing=[])  # type: ignore[arg-type]


@mutation(
    "Propose that two people are one; somebody else confirms it. 提出人员合并，须由他人确认。",
    MergeProposal,
    permission=MERGE,
    again=_again,
)
async def merge_persons(info: Info, input: MergePersonsInput) -> MergeProposal:  # noqa: A002
    """Look at both, tell what would move and what stands against it, and propose it unless that is a dry run."""
    return await _propose(info, input)


async def _propose(info: Info, given: MergePersonsInput) -> MergeProposal:
    context = info.context
    kept = await seen(context, PersonModel, given.kept_id, "keptId")
    merged = await seen(context, PersonModel, given.merged_id, "mergedId")
    await require_merge(context.viewer, kept, merged)
    take, dry_run = [_COLUMNS[one] for one in value(given.take) or ()], bool(value(given.dry_run))
    made = None
    if not dry_run:
        made = await deciding.propose(context.district, kept.id, merged.id, take, given.reason)
    else:
        deciding.checked(given.reason, "reason")
    _, _, found = await deciding.judge(context.district, kept.id, merged.id, take)
    return _told(context, made, found)


def _told(context: Context, made: Row | None, found: Look) -> MergeProposal:
    return MergeProposal(
        id=None if made is None else made.id,
        dry_run=made is None,
        merge=made,  # type: ignore[arg-type]  # rows stand for their type
        references=[
            MergeReferences(plugin=it.plugin, what=it.reference.table, column=it.reference.column, count=len(it.ids))
            for it in found.found
        ],
        conflicts=[
            MergeConflict(
                plugin=plugin,
                code=it.code,
                message=translate(it.message, context.language),
                what=it.table,
                count=it.rows,
            )
            for plugin, it in found.conflicts
        ],
        differing=[_FIELDS[column] for column in found.differing],
    )


@strawberry.input(description="Which merge is confirmed. 确认合并。")
class ConfirmPersonMergeInput(MutationInput):
    """Which."""

    id: strawberry.ID = required("Which. 合并提议。")


@strawberry.input(description="Which merge is refused. 不予合并。")
class RefusePersonMergeInput(MutationInput):
    """Which, and why."""

    id: strawberry.ID = required("Which. 合并提议。")
    answer: str = required("Why, 1 to 500 characters. 理由。")


@strawberry.input(description="Which merge is undone. 撤销合并。")
class UndoPersonMergeInput(MutationInput):
    """Which."""

    id: strawberry.ID = required("Which. 合并。")


async def _to_decide(context: Context, id_: str) -> Row:
    merge = await seen(context, Row, id_, "id")
    both = [await PersonModel.get(id=one) for one in (merge.kept_id, merge.merged_id)]
    await require_merge(context.viewer, *both)
    return merge


@mutation("Merge two people whom another held to be one. 确认人员合并。", PersonMerge, permission=MERGE)
async def confirm_person_merge(info: Info, input: ConfirmPersonMergeInput) -> Row:  # noqa: A002
    """The second step: what points at the second record points at the first from then on."""
    merge = await _to_decide(info.context, input.id)
    return await deciding.confirm(info.context.district, merge, info.context.viewer)


@mutation("Say that two people are not one. 不予合并。", PersonMerge, permission=MERGE)
async def refuse_person_merge(info: Info, input: RefusePersonMergeInput) -> Row:  # noqa: A002
    """They are no candidates any more."""
    return await deciding.refuse(await _to_decide(info.context, input.id), info.context.viewer, input.answer)


@mutation("Make two people of one again, within 30 days. 撤销人员合并（30日内）。", PersonMerge, permission=MERGE)
async def undo_person_merge(info: Info, input: UndoPersonMergeInput) -> Row:  # noqa: A002
    """What was moved goes back; what was made since stays with the one who was kept."""
    merge = await _to_decide(info.context, input.id)
    models = {str(one._meta.db_table): one for one in await kept_models(info.context.district)}
    return await undoing.undo(models, merge)


@fields("Merges of people. 人员合并变更。")
class MergeMutation:
    """Root fields."""

    merge_persons = merge_persons
    confirm_person_merge = confirm_person_merge
    refuse_person_merge = refuse_person_merge
    undo_person_merge = undo_person_merge

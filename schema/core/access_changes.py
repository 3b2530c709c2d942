"""Mutations of accounts, grants and the calendar."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import strawberry

from linli.core import clock
from linli.core.access import claims, granting, models, services, sessions
from linli.core.access.active_grants import viewer_for
from linli.core.access.limits import SUPERVISING
from linli.core.access.sessions import Reason
from linli.core.calendar import parse_holiday_cn
from linli.core.calendar import schedules as calendar
from linli.core.calendar.models import CalendarSchedule as ScheduleModel
from linli.core.errors import ForbiddenError, NotFoundError, invalid, text
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person as PersonModel

from ..context import Context, Info
from ..contributions import fields
from ..declare import column, node
from ..inputs import UNSET, MutationInput, optional, required, value
from ..mutations import mutation
from ..scalars import JSON
from .access import Account, Grant
from .lookups import instant, node_for, seen
from .session_changes import owner

ACCOUNTS, GRANTS = "core.account.write", "core.grant.write"


@strawberry.input(description="A new account. 新账号。")
class CreateAccountInput(MutationInput):
    """Who signs in, and how."""

    username: str = required("User name. 用户名。")
    password: str | None = optional("Password, 10 characters at least. 密码。")
    person_id: strawberry.ID | None = optional("The person behind it. 人员。")


@dataclass(frozen=True)
class _New:
    """The account to be made, and whose."""

    account: services.NewAccount
    person_id: UUID | None


async def _new(info: Info, input: CreateAccountInput) -> _New:  # noqa: A002
    """What the viewer wants to make, where the viewer may; the hash is slow and is made ahead of the transaction."""
    await _require_root(info.context, ACCOUNTS)
    person = None
    if input.person_id not in (None, UNSET):
        person = await seen(info.context, PersonModel, str(input.person_id), "personId")
    made = await asyncio.to_thread(services.new_account, input.username, value(input.password))
    return _New(made, None if person is None else person.id)


@mutation(
    "Make an account. Whoever makes it for a person does not confirm that it is that person's: until somebody else "
    "approves the claim that comes with it, personal values stay masked. 新建账号；为人员开立的，须由他人审核确认。",
    Account,
    permission=ACCOUNTS,
    before=_new,
)
async def create_account(info: Info, input: CreateAccountInput, new: _New) -> models.Account:  # noqa: A002
    """Make an account where the viewer may make any, still."""
    await _require_root(info.context, ACCOUNTS)
    account = await services.add_account(new.account, new.person_id, made_by=info.context.viewer.account_id)
    await claims.claim_for(account)
    return account


@strawberry.input(description="Whose sessions end. 结束他人会话。")
class EndSessionsInput(MutationInput):
    """Whose."""

    account_id: strawberry.ID = required("Whose. 账号。")


@mutation(
    "End all sessions of an account, such as one whose device was lost; it may sign in again, and service tokens stay. "
    "Those of an account that gives roles or reads the audit trail need core.grant.write too. "
    "结束某账号的全部会话；授权或审计人员的会话还需要权限 core.grant.write。",
    Account,
    permission=ACCOUNTS,
)
async def end_sessions(info: Info, input: EndSessionsInput) -> models.Account:  # noqa: A002
    """End them where the viewer manages accounts, and the account is none that watches over the viewer."""
    context = info.context
    await _require_root(context, ACCOUNTS)
    account = await seen(context, models.Account, input.account_id, "accountId")
    if account.id != context.viewer.account_id and await _supervises(context, account):
        # whoever may take the role away may do the lesser thing
        await _require_root(context, GRANTS)
    await sessions.end_all(account.id, Reason.ADMINISTRATION)
    return account


async def _supervises(context: Context, account: models.Account) -> bool:
    """Whether an account may give roles or read the audit trail, anywhere."""
    there = await viewer_for(account, context.district.roles)
    return any(there.subtrees(permission) for permission in SUPERVISING)


async def _require_root(context: Context, permission: str) -> None:
    """Accounts and the calendar belong to the whole district."""
    root = await OrgNode.get(parent_id=None, valid_to=None)
    context.viewer.require(permission, root.path)


@strawberry.input(description="Which role to whom where. 授权。")
class GrantRoleInput(MutationInput):
    """A role at a node and everything beneath it."""

    account_id: strawberry.ID = required("To whom. 账号。")
    role: str = required("Which role. 角色。")
    org_id: strawberry.ID = required("Where. 组织。")
    valid_from: datetime | None = optional("Since when; now where not said, null for since ever. 起始时间。")
    valid_to: datetime | None = optional("Until when, exclusive. 终止时间。")


@mutation("Give an account a role; never to oneself. 授权。", Grant, permission=GRANTS)
async def grant_role(info: Info, input: GrantRoleInput) -> models.Grant:  # noqa: A002
    """Give the role where the viewer may."""
    place = await node_for(info.context, input.org_id, "orgId", GRANTS)
    account_id = info.context.required_id(input.account_id, "Account", "accountId")
    await _check_known(account_id, "accountId")
    return await granting.grant_role(
        info.context.district.granting,
        givers=info.context.viewer.accounts,
        account_id=account_id,
        role=input.role,
        org_id=place.id,
        valid_from=instant(input.valid_from, clock.now()),
        valid_to=value(input.valid_to),
    )


async def _check_known(account_id: UUID, argument: str) -> None:
    if not await models.Account.filter(id=account_id).exists():
        raise NotFoundError(text("There is no such record, or you may not see it"), path=(argument,))


@strawberry.input(description="Which role to whom for how long. 委托授权。")
class DelegateRoleInput(MutationInput):
    """Somebody acts in a role for a time."""

    grant_id: strawberry.ID = required("Whose role: the grant. 授权记录。")
    to_account_id: strawberry.ID = required("To whom. 受托账号。")
    valid_from: datetime = required("Since when. 起始时间。")
    valid_to: datetime = required("Until when, exclusive; within the grant's time. 终止时间。")


@mutation(
    "Let somebody act in one's own role for a time; others' roles, and with three_admins all, need core.grant.write."
    " 委托他人代行职责；委托他人名下的角色，或启用三员分立时，需要权限 core.grant.write。",
    Grant,
)
async def delegate_role(info: Info, input: DelegateRoleInput) -> models.Grant:  # noqa: A002
    """Delegate one's own grant, or where the viewer may grant that of somebody else."""
    context = info.context
    grant = await seen(context, models.Grant, input.grant_id, "grantId")
    own = grant.account_id == context.viewer.account_id
    if own:
        _require_awake(context, grant)
    if not own or context.district.settings.three_admins:
        context.viewer.require(GRANTS, (await OrgNode.get(id=grant.org_id)).path)
    account_id = context.required_id(input.to_account_id, "Account", "toAccountId")
    await _check_known(account_id, "toAccountId")
    return await granting.delegate_role(
        context.district.granting,
        grant_id=grant.id,
        account_id=account_id,
        valid_from=input.valid_from,
        valid_to=input.valid_to,
        givers=context.viewer.accounts,
    )


def _require_awake(context: Context, grant: models.Grant) -> None:
    """Who may not use the own role now passes it on to nobody: by a narrowed token, or without the second factor."""
    owner(context)
    if grant.id not in {one.id for one in context.viewer.grants}:
        raise ForbiddenError(text("This role does not count for you now"), path=("grantId",))


@strawberry.input(description="Which grant ends. 撤销授权。")
class RevokeGrantInput(MutationInput):
    """Which."""

    grant_id: strawberry.ID = required("Which. 授权记录。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Take a role back; also what one delegated oneself. 撤销授权或本人的委托。", Grant, permission=GRANTS)
async def revoke_grant(info: Info, input: RevokeGrantInput) -> models.Grant:  # noqa: A002
    """End the grant where the viewer may, or delegated it."""
    grant = await seen(info.context, models.Grant, input.grant_id, "grantId")
    mine = models.Grant.filter(id=grant.delegated_from_id, account_id=info.context.viewer.account_id)
    if grant.delegated_from_id is None or info.context.viewer.narrowed or not await mine.exists():
        place = await OrgNode.get(id=grant.org_id)
        info.context.viewer.require(GRANTS, place.path)
    return await granting.revoke_grant(grant, value(input.expected_version))


@node(ScheduleModel, "The official schedule of a year, as imported. 放假安排。", order=("year",))
class CalendarSchedule:
    """A year's schedule."""

    year = column("The year. 年份。", orderable=True)
    papers = column("The papers that publish it. 发文。", filterable=False)
    imported_at = column("When it was imported. 导入时间。")
    version = column("Counts its changes. 版本。", filterable=False)


@strawberry.input(description="An official schedule. 放假安排。")
class ImportCalendarInput(MutationInput):
    """A year and its days, in holiday-cn's shape."""

    year: int = required("The year. 年份。")
    schedule: JSON = required("{year, papers, days: [{name, date, isOffDay}]}. 放假安排。")


@mutation("Import a year's official schedule. 导入放假安排。", CalendarSchedule, permission="core.calendar.write")
async def import_calendar(info: Info, input: ImportCalendarInput) -> ScheduleModel:  # noqa: A002
    """Keep the schedule; what depends on it is judged anew."""
    await _require_root(info.context, "core.calendar.write")
    schedule = parse_holiday_cn(input.schedule)
    if schedule.year != input.year:
        raise invalid("schedule.year", "OTHER_YEAR", "The schedule is of {found}", found=schedule.year)
    return await calendar.keep_schedule(schedule)


@fields("Changes of accounts, grants and the calendar. 账号、授权与日历变更。")
class AccessMutation:
    """What can be done to accounts, grants and the calendar."""

    create_account = create_account
    end_sessions = end_sessions
    grant_role = grant_role
    delegate_role = delegate_role
    revoke_grant = revoke_grant
    import_calendar = import_calendar

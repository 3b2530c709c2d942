"""Accounts and their tokens; every function runs in a unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from .. import clock
from ..errors import ConflictError, FieldProblem, ValidationError, text
from ..people.living import held_living
from ..people.merged import hold
from ..records import events
from .event_types import (
    ACCOUNT,
    ACCOUNT_CLOSED,
    ACCOUNT_CREATED,
    PASSWORD_CHANGED,
    TOKEN_ISSUED,
    AccountClosed,
    AccountMade,
    PasswordChanged,
    TokenIssued,
)
from .models import Account
from .names import folded, is_taken, name_problem
from .passwords import hashed
from .sessions import Reason, end_all
from .tokens import Narrowed, issue

SHORTEST_PASSWORD = 10


@dataclass(frozen=True)
class NewAccount:
    """A user name in its one spelling and a password's hash, None where it signs in by token only."""

    username: str
    password_hash: str | None


def new_account(username: str, password: str | None) -> NewAccount:
    """What an account is made of. Takes as long as a password's hash: call it in a thread, outside of a unit of work.

    Raises ValidationError for a user name with spaces or with what cannot be seen, or a password under 10 characters.
    """
    found = (name_problem(username), None if password is None else _password_problem(password, "password"))
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise ValidationError(*problems)
    return NewAccount(folded(username), None if password is None else hashed(password))


async def create_account(username: str, password: str | None, person_id: UUID | None) -> Account:
    """Make an account, hash and all; for the command line and tests, where nobody waits for the writer's place."""
    return await add_account(new_account(username, password), person_id)


async def add_account(new: NewAccount, person_id: UUID | None, *, made_by: UUID | None = None) -> Account:
    """Make an account; without a password it signs in by token only.

    One that another account makes (`made_by`) for a person waits for somebody else to confirm that.

    Raises ConflictError for a name in use and for a person who has an account that is not disabled, PersonErasedError.
    """
    if await is_taken(new.username):
        raise _name_taken()
    if person_id is not None:
        person_id = await hold(person_id)
        await check_without_account(person_id)
    try:
        account = await Account.create(
            username=new.username,
            password_hash=new.password_hash,
            person_id=person_id,
            person_confirmed=person_id is None or made_by is None,
            created_by=made_by,
        )
    except IntegrityError as error:  # somebody took it a moment ago
        raise _name_taken() from error
    await events.append(ACCOUNT_CREATED, ACCOUNT, account.id, AccountMade(person_id=person_id))
    return account


def _name_taken() -> ConflictError:
    return ConflictError(text("This user name is in use"), path=("username",))


async def check_without_account(person_id: UUID) -> None:
    """Raise ConflictError for a person who has an account that is not disabled, PersonErasedError; in a unit."""
    # the row is locked until the commit: of two at once the second one waits, and finds the first one's account
    await held_living(person_id)
    if await Account.filter(person_id=person_id, disabled_at=None).exists():
        raise ConflictError(text("This person has an account already"), path=("personId",))


async def issue_token(
    account: Account,
    expires_at: datetime | None,
    narrowed: Narrowed = Narrowed(),  # noqa: B008  frozen
) -> str:
    """Give an account a token and tell of it, without the secret; answers the token, this once."""
    token = await issue(account.id, expires_at, narrowed=narrowed)
    told = TokenIssued(expires_at=expires_at, permissions=narrowed.permissions, org_id=narrowed.org_id)
    await events.append(TOKEN_ISSUED, ACCOUNT, account.id, told)
    return token


def check_password(password: str, path: str) -> None:
    """Raise ValidationError for a password that is too short."""
    problem = _password_problem(password, path)
    if problem is not None:
        raise ValidationError(problem)


def _password_problem(password: str, path: str) -> FieldProblem | None:
    if len(password) >= SHORTEST_PASSWORD:
        return None
    return FieldProblem(path, "TOO_SHORT", text("At least {limit} characters", limit=SHORTEST_PASSWORD))


async def change_password(account: Account, kept: str, session_id: UUID | None) -> Account:
    """Keep another password's hash; all sessions end but the one in which it is changed."""
    now = clock.now()
    changed = {"password_hash": kept, "version": account.version + 1, "updated_at": now}
    if not await Account.filter(id=account.id, version=account.version).update(**changed):
        raise ConflictError(text("The record has changed since"), current=account)
    account.update_from_dict(changed)
    ended = await end_all(account.id, Reason.PASSWORD_CHANGED, but=session_id)
    await events.append(PASSWORD_CHANGED, ACCOUNT, account.id, PasswordChanged(sessions=ended))
    return account


async def close_account(account: Account, operator: str) -> int:
    """Let nobody sign in to an account any more, and refuse its tokens; how many sessions ended. 停用账号。

    Its grants stay as they are and count for nobody, so that what it might do can be read later.
    """
    now = clock.now()
    changed = {"disabled_at": now, "version": account.version + 1, "updated_at": now}
    if not await Account.filter(id=account.id, version=account.version, disabled_at=None).update(**changed):
        raise ConflictError(text("The record has changed since"), current=account)
    account.update_from_dict(changed)
    ended = await end_all(account.id, Reason.ACCOUNT_CLOSED, operator=operator)
    await events.append(ACCOUNT_CLOSED, ACCOUNT, account.id, AccountClosed(sessions=ended, operator=operator))
    return ended

"""The union members that say what the caller caused, and how exceptions become them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import strawberry

from linli.core import errors
from linli.core.errors import RejectedError as Rejection
from linli.core.languages import translate
from linli.core.records.record import Record

from .scalars import JSON

if TYPE_CHECKING:
    from .context import Context

CORE_CODES = (
    "VALIDATION",
    "CONFLICT",
    "OVERLAPPING",
    "RATE_LIMITED",
    "NOT_FOUND",
    "FORBIDDEN",
    "INVALID_TRANSITION",
    "SELF_VERIFICATION",
    "PERSON_UNCONFIRMED",
    "IDEMPOTENCY_KEY_REUSED",
    "ALREADY_DONE",
    "INVALID_CREDENTIALS",
    "EXCLUSIVE_ROLES",
    "SESSION_ENDED",
    "NO_SESSION",
    "IDENTITY_NOT_BOUND",
    "LAST_IDENTITY",
    "SECOND_FACTOR_REQUIRED",
    "PROVIDER_UNAVAILABLE",
    "CALENDAR_UNKNOWN",
    "CYCLE",
    "ROOT",
    "PERSON_ERASED",
    "CONSENT_REQUIRED",
    "GUARDIAN_CONSENT_REQUIRED",
    "RELATION_EXISTS",
    "GUARDIAN_LOOP",
    "GUARDIAN_UNDER_AGE",
    "GUARDIAN_BASIS",
    "BIRTH_DATE_UNKNOWN",
    "HAS_CHILDREN",
    "CREDIT_CODE_IN_USE",
    "MICRO_GRID_HAS_OFFICER",
    "PLACE_TAKEN",
    "PREMISES_ENDED",
    "PREMISES_IN_USE",
    "ORG_IN_USE",
    "SHARES_OVER_WHOLE",
    "ALREADY_HELD",
    "PERSON_IN_HOUSEHOLD",
    "HOUSEHOLD_HAS_HEAD",
    "HOUSEHOLD_ENDED",
    "THING_CODE_TAKEN",
    "FILE_UNKNOWN",
    "FILE_TAKEN",
    "FILE_EXPIRED",
    "FILE_PURPOSE",
    "FILE_TOO_MANY",
    "LEDGER_TOO_LARGE",
    "TEMPLATE_INVALID",
    "SUCCESSION_REFUSED",
    "MERGE_CONFLICTS",
    "MERGED_MEANWHILE",
    "MERGED_FURTHER",
    "UNDO_TOO_LATE",
    "CHANGED_SINCE",
    "REQUEST_OPEN",
    "NOT_DEAD",
    "HANDLER_ENDED",
    "NOT_CANCELLABLE",
    "NOTHING_TO_ACKNOWLEDGE",
    "NO_PERSON",
    "ADDRESS_FORBIDDEN",
    "SHEET_TOO_SLOW",
    "ORG_ENDED",
    "REJECTED",
)


@strawberry.enum(description="Why something was refused; stable, branch on it. 错误代码。")
class ErrorCode(StrEnum):
    """The codes of core and of the district's plugins; a schema fills it in."""


@strawberry.interface(description="Why a mutation was refused. 错误。")
class Error:
    """Every refusal."""

    code: ErrorCode = strawberry.field(description="Stable code. 错误代码。")
    message: str = strawberry.field(description="In the caller's language. 错误信息。")
    path: list[str] = strawberry.field(description="Which input was refused. 出错的输入。")


@strawberry.type(description="One refused input. 一处输入错误。")
class FieldError:
    """Where, why, in words."""

    path: str = strawberry.field(description="Which input. 输入路径。")
    code: str = strawberry.field(description="Stable code. 错误代码。")
    message: str = strawberry.field(description="In the caller's language. 错误信息。")


@strawberry.type(description="The input breaks a rule; every problem at once. 输入不合规则。")
class ValidationError(Error):
    """Malformed input."""

    fields: list[FieldError] = strawberry.field(description="Every problem. 全部问题。")


@strawberry.type(description="The record is no longer as the caller believed. 版本或标识冲突。")
class ConflictError(Error):
    """A stale version, an id or a code in use."""

    current_id: strawberry.ID | None = strawberry.field(
        description="The record as it is now, where the viewer may see it. 当前记录。"
    )
    current_version: int | None = strawberry.field(description="Its version now. 当前版本。")


@strawberry.type(description="The time or place is taken. 时段已被占用。")
class OverlappingError(Error):
    """Taken."""


@strawberry.type(description="Too many attempts. 操作过于频繁。")
class RateLimitedError(Error):
    """Come back later."""

    retry_after_seconds: int = strawberry.field(description="Wait this long. 多少秒后重试。")


@strawberry.type(description="Refused by a rule of core or of a plugin. 被拒绝。")
class RejectedError(Error):
    """Every refusal without a type of its own."""

    plugin: str = strawberry.field(description="Who refused. 拒绝的插件。")
    details: JSON = strawberry.field(description="What helps to mend the request. 详情。")


Answer = Callable[[Any, "Context"], Error]


def common(rejection: Rejection, context: Context) -> dict[str, Any]:
    """The values that every error has."""
    return {
        "code": rejection.code,
        "message": translate(rejection.message, context.language),
        "path": list(rejection.path),
    }


def _validation(rejection: errors.ValidationError, context: Context) -> Error:
    fields = [
        FieldError(path=problem.path, code=problem.code, message=translate(problem.message, context.language))
        for problem in rejection.problems
    ]
    told = common(rejection, context)
    if len(fields) == 1:
        told["message"] = fields[0].message
    return ValidationError(**told, fields=fields)


def _conflict(rejection: errors.ConflictError, context: Context) -> Error:
    current = rejection.current if isinstance(rejection.current, Record) else None
    return ConflictError(
        **common(rejection, context),
        current_id=None if current is None else context.global_id(current),
        current_version=getattr(current, "version", None),
    )


def _rejected(rejection: Rejection, context: Context) -> Error:
    return RejectedError(**common(rejection, context), plugin=rejection.plugin, details=JSON(rejection.details))


_ANSWERS: dict[type[Rejection], tuple[type, Answer]] = {
    errors.ValidationError: (ValidationError, _validation),
    errors.ConflictError: (ConflictError, _conflict),
    errors.OverlappingError: (
        OverlappingError,
        lambda rejection, context: OverlappingError(**common(rejection, context)),
    ),
    errors.RateLimitedError: (
        RateLimitedError,
        lambda rejection, context: RateLimitedError(
            **common(rejection, context), retry_after_seconds=rejection.retry_after
        ),
    ),
}
EVERYWHERE: tuple[type, ...] = (ValidationError, ConflictError, RejectedError)


def answers(kind: type[Rejection], told_as: type, tell: Answer) -> None:
    """Let a plugin tell a refusal of its own by a type of its own, in the unions that have it as a member."""
    _ANSWERS[kind] = (told_as, tell)


def answer(rejection: Rejection, context: Context, members: tuple[type, ...]) -> Error:
    """The union member that tells a refusal; RejectedError where the union has none of its own for it."""
    for kind in type(rejection).__mro__:
        made = _ANSWERS.get(kind)
        if made is not None and made[0] in members:
            return made[1](rejection, context)
    return _rejected(rejection, context)

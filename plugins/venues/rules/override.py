"""What an owner's own terms may change, and what they may not. 场所开放办法的调整。"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from linli.core.errors import FieldProblem, RejectedError, Text, ValidationError, text

from .kinds import Tier, WindowKind
from .policy import Blackout, OpeningPolicy
from .quotas import Quota, QuotaScope
from .ranges import WHOLE_DAY, MinuteRange
from .tiers import tiers_allowed


@dataclass(frozen=True)
class AgreementFloor:
    """What the co-building agreement promises residents on days off: the least that stays. 共建协议约定的最低开放。

    `hours` are the hours of an OFF day that stay open, all of the opening unless the agreement states fewer;
    `weekends` says that it names ordinary weekends too.
    """

    hours: tuple[MinuteRange, ...] = (WHOLE_DAY,)
    weekends: bool = False


def check_override(proposed: OpeningPolicy, floor: AgreementFloor) -> None:
    """Refuse terms that break the opening rule; the fees are looked at first.

    Raises ValidationError (OUT_OF_RANGE, DUPLICATE at `fees.<n>`), RejectedError FEE_NOT_ALLOWED for a fee for
    RESIDENT on OFF, RejectedError BELOW_AGREEMENT_FLOOR for less access on days off than the agreement promises.
    """
    _check_fee_values(proposed)
    _check_resident_fee(proposed)
    _check_floor(proposed, floor)
    _check_quotas(proposed)


def _check_fee_values(proposed: OpeningPolicy) -> None:
    problems: list[FieldProblem] = []
    seen: Counter[tuple[WindowKind, Tier]] = Counter()
    for index, fee in enumerate(proposed.fees):
        seen[fee.window, fee.tier] += 1
        if fee.fen < 0:
            message = text("A fee cannot be negative", domain="venues")
            problems.append(FieldProblem(f"fees.{index}.fen", "OUT_OF_RANGE", message))
        if seen[fee.window, fee.tier] > 1:
            message = text("There is a fee for this window and tier already", domain="venues")
            problems.append(FieldProblem(f"fees.{index}", "DUPLICATE", message))
    if problems:
        raise ValidationError(*problems, plugin="venues")


def _check_resident_fee(proposed: OpeningPolicy) -> None:
    for index, fee in enumerate(proposed.fees):
        if (fee.window, fee.tier) == (WindowKind.OFF, Tier.RESIDENT) and fee.fen > 0:
            raise RejectedError(
                text("Days off are free of charge for residents", domain="venues"),
                code="FEE_NOT_ALLOWED",
                path=("fees", str(index), "fen"),
                plugin="venues",
            )


def _check_floor(proposed: OpeningPolicy, floor: AgreementFloor) -> None:
    if Tier.RESIDENT not in tiers_allowed(WindowKind.OFF, proposed):
        raise _below_floor("tiers", text("Residents cannot be shut out on days off", domain="venues"))
    if floor.weekends and not proposed.weekend_is_holiday:
        raise _below_floor("weekendIsHoliday", text("The agreement opens weekends to residents", domain="venues"))
    for index, blackout in enumerate(proposed.blackouts):
        promised = _promised_hours(blackout, floor)
        if promised:
            raise _below_floor(
                f"blackouts.{index}",
                text("The agreement keeps {hours} open on days off", domain="venues", hours=promised),
            )


def _check_quotas(proposed: OpeningPolicy) -> None:
    for index, quota in enumerate(proposed.quotas):
        if rations_days_off(quota):
            message = text("Residents share days off by person, not by a limit for all of them", domain="venues")
            raise _below_floor(f"quotas.{index}", message)


def rations_days_off(quota: Quota) -> bool:
    """Whether a quota takes days off from residents as a whole; what each of them gets may be limited."""
    residents = quota.tier is Tier.RESIDENT and WindowKind.OFF in quota.windows
    return residents and quota.scope is QuotaScope.TIER


def _promised_hours(blackout: Blackout, floor: AgreementFloor) -> MinuteRange | None:
    if WindowKind.OFF not in blackout.windows:
        return None
    return next((hours for hours in floor.hours if hours.overlaps(blackout.hours)), None)


def _below_floor(path: str, message: Text) -> RejectedError:
    return RejectedError(message, code="BELOW_AGREEMENT_FLOOR", path=path.split("."), plugin="venues")

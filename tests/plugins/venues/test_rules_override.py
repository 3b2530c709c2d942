"""What an owner's terms may not do to residents on days off."""

from __future__ import annotations

import pytest

from linli.core.errors import RejectedError, ValidationError
from linli.plugins.venues.rules import (
    AgreementFloor,
    Blackout,
    Fee,
    MinuteRange,
    OpeningPolicy,
    Quota,
    QuotaPeriod,
    QuotaScope,
    QuotaUnit,
    Tier,
    TierTable,
    WindowKind,
    check_override,
)

FREE_FOR_RESIDENTS = (WindowKind.OFF, Tier.RESIDENT)
OFF_ONLY = frozenset({WindowKind.OFF})


def refusal(policy: OpeningPolicy, floor: AgreementFloor | None = None) -> tuple[str, str]:
    with pytest.raises(RejectedError) as caught:
        check_override(policy, floor or AgreementFloor())
    assert caught.value.plugin == "venues"
    return caught.value.code, ".".join(caught.value.path)


def test_ten_yuan_for_residents_on_days_off_are_refused() -> None:
    """AC-03, second half."""
    policy = OpeningPolicy(fees=(Fee(WindowKind.WORK, Tier.OWN_STAFF, 500), Fee(*FREE_FOR_RESIDENTS, 1000)))
    assert refusal(policy) == ("FEE_NOT_ALLOWED", "fees.1.fen")


@pytest.mark.parametrize("window", WindowKind)
@pytest.mark.parametrize("tier", Tier)
def test_every_other_fee_is_the_owners_choice(window: WindowKind, tier: Tier) -> None:
    policy = OpeningPolicy(fees=(Fee(window, tier, 1000),))
    if (window, tier) == FREE_FOR_RESIDENTS:
        assert refusal(policy)[0] == "FEE_NOT_ALLOWED"
        assert policy.fee(window, tier) == 0, "a row that slipped in by another way charges nobody"
    else:
        check_override(policy, AgreementFloor())
        assert policy.fee(window, tier) == 1000


def test_a_fee_of_nothing_may_be_written_down() -> None:
    policy = OpeningPolicy(fees=(Fee(*FREE_FOR_RESIDENTS, 0),))
    check_override(policy, AgreementFloor())
    assert [policy.fee(window, tier) for window in WindowKind for tier in Tier] == [0] * 9


def test_fees_are_positive_and_single() -> None:
    fees = (Fee(WindowKind.WORK, Tier.OWN_STAFF, -1), Fee(WindowKind.WORK, Tier.OWN_STAFF, 1))
    with pytest.raises(ValidationError) as caught:
        check_override(OpeningPolicy(fees=fees), AgreementFloor())
    found = [(problem.path, problem.code) for problem in caught.value.problems]
    assert found == [("fees.0.fen", "OUT_OF_RANGE"), ("fees.1", "DUPLICATE")]


def test_residents_cannot_be_shut_out_on_days_off() -> None:
    own_only = TierTable(*[frozenset({Tier.OWN_STAFF})] * 3)
    assert refusal(OpeningPolicy(tiers=own_only)) == ("BELOW_AGREEMENT_FLOOR", "tiers")
    check_override(
        OpeningPolicy(tiers=own_only, extra_tiers=TierTable(off=frozenset({Tier.RESIDENT}))), AgreementFloor()
    )


def test_weekends_may_become_after_hours_unless_the_agreement_names_them() -> None:
    policy = OpeningPolicy(weekend_is_holiday=False)
    check_override(policy, AgreementFloor())
    assert refusal(policy, AgreementFloor(weekends=True)) == ("BELOW_AGREEMENT_FLOOR", "weekendIsHoliday")


def test_a_blackout_on_days_off_spares_the_hours_of_the_agreement() -> None:
    cleaning = OpeningPolicy(blackouts=(Blackout(MinuteRange.of("07:00", "09:00"), windows=OFF_ONLY),))
    assert refusal(cleaning) == ("BELOW_AGREEMENT_FLOOR", "blackouts.0")
    check_override(cleaning, AgreementFloor(hours=(MinuteRange.of("09:00", "18:00"),)))
    assert refusal(cleaning, AgreementFloor(hours=(MinuteRange.of("08:59", "18:00"),)))[0] == "BELOW_AGREEMENT_FLOOR"


def test_other_terms_are_the_owners_choice() -> None:
    terms = OpeningPolicy(
        version=7,
        extra_tiers=TierTable(work=frozenset(Tier)),
        off_day_partners=True,
        residents_excluded_on_school_days=True,
        blackouts=(Blackout(MinuteRange.of("08:00", "17:00")),),
    )
    check_override(terms, AgreementFloor())


@pytest.mark.parametrize(
    ("scope", "windows", "refused"),
    [
        (QuotaScope.TIER, OFF_ONLY, True),
        (QuotaScope.TIER, frozenset(WindowKind), True),
        (QuotaScope.TIER, frozenset({WindowKind.AFTER_HOURS}), False),
        (QuotaScope.PERSON, OFF_ONLY, False),
    ],
)
def test_days_off_are_shared_by_person_and_never_rationed(
    scope: QuotaScope, windows: frozenset[WindowKind], *, refused: bool
) -> None:
    quota = Quota(Tier.RESIDENT, scope, QuotaPeriod.WEEK, QuotaUnit.BOOKINGS, 2, windows)
    policy = OpeningPolicy(quotas=(quota,))
    if refused:
        assert refusal(policy) == ("BELOW_AGREEMENT_FLOOR", "quotas.0")
    else:
        check_override(policy, AgreementFloor())

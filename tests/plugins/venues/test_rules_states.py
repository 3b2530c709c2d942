"""The life of a booking: the table, what happens by itself, and when a step is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.errors import InvalidTransitionError, RejectedError
from linli.plugins.venues.rules import (
    TERMINAL,
    TRANSITIONS,
    Action,
    Actor,
    BookingState,
    BookingTimes,
    Circumstances,
    Guard,
    OpeningPolicy,
    Transition,
    allowed_actions,
    check_in_window,
    due_transition,
    is_late_cancellation,
    state_at,
    step,
    transitions_from,
)

POLICY = OpeningPolicy()
START = datetime(2026, 3, 15, 1, tzinfo=UTC)  # Sunday 09:00 in Shanghai
TIMES = BookingTimes(START, START + timedelta(hours=1), START - timedelta(days=3))
S = BookingState


def after_start(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def facts(minutes: float = -600, **known: bool) -> Circumstances:
    return Circumstances(after_start(minutes), TIMES, **known)


def test_what_is_over_stays_over() -> None:
    assert {S.COMPLETED, S.REJECTED, S.EXPIRED, S.CANCELLED, S.DISPLACED} == TERMINAL
    assert all(allowed_actions(state) == () for state in TERMINAL)
    assert all(due_transition(state, TIMES, POLICY) is None for state in TERMINAL)


def test_every_state_can_be_reached_and_left_for_good() -> None:
    reached = {S.REQUESTED} | {row.target for row in TRANSITIONS}
    assert reached == set(S)
    over = set(TERMINAL)
    for _ in S:
        over |= {row.source for row in TRANSITIONS if row.target in over}
    assert over == set(S)


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        (S.REQUESTED, "CONFIRM APPROVE REJECT CANCEL EXPIRE"),
        (S.CONFIRMED, "CANCEL DISPLACE CHECK_IN MARK_NO_SHOW"),
        (S.PROVISIONAL, "CONFIRM CANCEL DISPLACE CHECK_IN EXPIRE"),
        (S.IN_USE, "CHECK_OUT COMPLETE"),
        (S.NO_SHOW, "CHECK_IN"),
    ],
)
def test_a_state_knows_its_actions(state: BookingState, actions: str) -> None:
    assert " ".join(allowed_actions(state)) == actions


def test_the_booker_is_offered_only_what_is_the_bookers() -> None:
    assert allowed_actions(S.REQUESTED, Actor.BOOKER) == (Action.CANCEL,)
    assert allowed_actions(S.CONFIRMED, Actor.BOOKER) == (Action.CANCEL, Action.CHECK_IN)
    assert allowed_actions(S.REQUESTED, Actor.OWNER) == (Action.APPROVE, Action.REJECT, Action.CANCEL)


def test_steps_with_a_timer_are_the_systems_alone() -> None:
    assert all(row.by == {Actor.SYSTEM} for row in TRANSITIONS if row.timer)
    assert {row.event for row in TRANSITIONS} >= {"venues.confirmed", "venues.displaced", "venues.no_show"}
    assert all(row.event.startswith("venues.") for row in TRANSITIONS)


def test_a_no_show_is_left_only_by_a_check_in_recorded_late() -> None:
    rows = transitions_from(S.NO_SHOW)
    assert {row.action for row in rows} == {Action.CHECK_IN}
    assert all(Guard.RECORDED_LATE in row.guards and Guard.CHECK_IN_OPEN in row.guards for row in rows)


@pytest.mark.parametrize(
    ("action", "state", "known", "target"),
    [
        (Action.CONFIRM, S.REQUESTED, facts(), S.CONFIRMED),
        (Action.CONFIRM, S.REQUESTED, facts(days_known=False), S.PROVISIONAL),
        (Action.CONFIRM, S.PROVISIONAL, facts(), S.CONFIRMED),
        (Action.APPROVE, S.REQUESTED, facts(needs_approval=True), S.CONFIRMED),
        (Action.APPROVE, S.REQUESTED, facts(needs_approval=True, days_known=False), S.PROVISIONAL),
        (Action.REJECT, S.REQUESTED, facts(needs_approval=True), S.REJECTED),
        (Action.CANCEL, S.CONFIRMED, facts(-0.1), S.CANCELLED),
        (Action.DISPLACE, S.CONFIRMED, facts(), S.DISPLACED),
        (Action.DISPLACE, S.PROVISIONAL, facts(), S.DISPLACED),
        (Action.CHECK_IN, S.CONFIRMED, facts(-15), S.IN_USE),
        (Action.CHECK_IN, S.CONFIRMED, facts(14.9), S.IN_USE),
        (Action.CHECK_IN, S.PROVISIONAL, facts(0, days_known=False), S.IN_USE),
        (Action.CHECK_IN, S.NO_SHOW, facts(10, recorded_late=True, vouched=True), S.IN_USE),
        (Action.CHECK_IN, S.NO_SHOW, facts(10, recorded_late=True, vouched=True, handed_on=True), S.COMPLETED),
        (Action.CHECK_OUT, S.IN_USE, facts(40), S.COMPLETED),
        (Action.COMPLETE, S.IN_USE, facts(60), S.COMPLETED),
        (Action.MARK_NO_SHOW, S.CONFIRMED, facts(15), S.NO_SHOW),
        (Action.EXPIRE, S.REQUESTED, facts(), S.EXPIRED),
    ],
)
def test_a_step_leads_where_the_table_says(
    action: Action, state: BookingState, known: Circumstances, target: BookingState
) -> None:
    taken = step(action, state, known, POLICY)
    assert (taken.action, taken.source, taken.target) == (action, state, target)


@pytest.mark.parametrize(
    ("action", "state", "known", "code"),
    [
        (Action.CONFIRM, S.REQUESTED, facts(needs_approval=True), "INVALID_TRANSITION"),
        (Action.CONFIRM, S.PROVISIONAL, facts(days_known=False), "INVALID_TRANSITION"),
        (Action.CONFIRM, S.PROVISIONAL, facts(eligible=False), "NOT_ELIGIBLE"),
        (Action.APPROVE, S.REQUESTED, facts(own_request=True), "SELF_VERIFICATION"),
        (Action.APPROVE, S.REQUESTED, facts(0), "IN_THE_PAST"),
        (Action.APPROVE, S.CONFIRMED, facts(), "INVALID_TRANSITION"),
        (Action.CANCEL, S.CONFIRMED, facts(0), "CANCELLATION_TIME_PAST"),
        (Action.CANCEL, S.IN_USE, facts(20), "INVALID_TRANSITION"),
        (Action.CHECK_IN, S.CONFIRMED, facts(-15.1), "INVALID_TRANSITION"),
        (Action.CHECK_IN, S.CONFIRMED, facts(15), "INVALID_TRANSITION"),
        (Action.CHECK_IN, S.CONFIRMED, facts(0, eligible=False), "NOT_ELIGIBLE"),
        (Action.CHECK_IN, S.NO_SHOW, facts(10), "INVALID_TRANSITION"),
        (Action.CHECK_IN, S.NO_SHOW, facts(10, recorded_late=True), "SELF_VERIFICATION"),
        (Action.CHECK_IN, S.NO_SHOW, facts(16, recorded_late=True, vouched=True), "INVALID_TRANSITION"),
        (Action.CHECK_IN, S.CANCELLED, facts(0), "INVALID_TRANSITION"),
    ],
)
def test_a_step_is_refused_with_the_code_that_says_most(
    action: Action, state: BookingState, known: Circumstances, code: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        step(action, state, known, POLICY)
    assert (caught.value.code, caught.value.plugin) == (code, "venues")
    assert isinstance(caught.value, InvalidTransitionError) == (code == "INVALID_TRANSITION")


def test_a_refused_check_in_says_when_it_is_open() -> None:
    with pytest.raises(InvalidTransitionError, match="from 15 minutes before the start to 15 minutes after it"):
        step(Action.CHECK_IN, S.CONFIRMED, facts(-60), POLICY)


def outcome(action: Action, state: BookingState, known: Circumstances) -> Transition | str:
    try:
        return step(action, state, known, POLICY)
    except RejectedError as refused:
        return str(refused)


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", Action)
def test_every_step_is_taken_or_refused_in_words(action: Action, state: BookingState) -> None:
    names = ("needs_approval", "own_request", "days_known", "eligible", "recorded_late", "vouched", "handed_on")
    for minutes, values in product((-60, 0, 20), product((False, True), repeat=len(names))):
        found = outcome(action, state, facts(minutes, **dict(zip(names, values, strict=True))))
        if isinstance(found, Transition):
            assert found in transitions_from(state)
        else:
            assert "{" not in found


FACTS = st.builds(
    Circumstances,
    st.integers(-300, 300).map(after_start),
    st.just(TIMES),
    *[st.booleans()] * 6,
)


@given(st.lists(st.tuples(st.sampled_from(Action), FACTS), max_size=30))
def test_no_sequence_of_steps_leaves_a_terminal_state(tried: list[tuple[Action, Circumstances]]) -> None:
    state = S.REQUESTED
    for action, circumstances in tried:
        found = outcome(action, state, circumstances)
        if isinstance(found, Transition):
            assert state not in TERMINAL
            state = found.target


@pytest.mark.parametrize(
    ("state", "times", "at", "target"),
    [
        pytest.param(S.CONFIRMED, TIMES, after_start(15), S.NO_SHOW, id="AC-08: 09:15"),
        pytest.param(S.PROVISIONAL, TIMES, after_start(15), S.EXPIRED, id="nothing was promised"),
        pytest.param(S.IN_USE, TIMES, after_start(60), S.COMPLETED, id="at its end"),
        pytest.param(
            *(S.REQUESTED, TIMES, TIMES.requested_at + timedelta(hours=24), S.EXPIRED), id="24 hours after the request"
        ),
        pytest.param(
            *(S.REQUESTED, BookingTimes(START, TIMES.end, after_start(-60)), START, S.EXPIRED),
            id="at the start, if that is sooner",
        ),
        pytest.param(
            *(S.CONFIRMED, BookingTimes(START, after_start(10), TIMES.requested_at), after_start(10), S.NO_SHOW),
            id="at the end of a booking shorter than the time to check in",
        ),
    ],
)
def test_a_step_falls_due_by_itself(
    state: BookingState, times: BookingTimes, at: datetime, target: BookingState
) -> None:
    due = due_transition(state, times, POLICY)
    assert due is not None
    assert (due.at, due.transition.source, due.transition.target) == (at, state, target)
    assert state_at(state, times, POLICY, at) is target
    assert state_at(state, times, POLICY, at - timedelta.resolution) is state


def test_a_no_show_waits_for_nothing() -> None:
    assert due_transition(S.NO_SHOW, TIMES, POLICY) is None
    assert state_at(S.NO_SHOW, TIMES, POLICY, after_start(600)) is S.NO_SHOW


def test_a_check_in_is_taken_until_the_no_show_falls_due() -> None:
    window = check_in_window(TIMES, POLICY)
    assert window == (after_start(-15), after_start(15))
    due = due_transition(S.CONFIRMED, TIMES, POLICY)
    assert due is not None
    assert due.at == window.closes


def test_who_gets_a_released_slot_after_its_start_has_time_to_come() -> None:
    """AC-08: 戊 is confirmed at 09:15 for the slot of 09:00, and is no no-show at once."""
    times = BookingTimes(START, TIMES.end, after_start(-900), confirmed_at=after_start(15))
    assert check_in_window(times, POLICY).closes == after_start(30)
    assert state_at(S.CONFIRMED, times, POLICY, after_start(29)) is S.CONFIRMED
    late = BookingTimes(START, TIMES.end, after_start(-900), confirmed_at=after_start(50))
    assert check_in_window(late, POLICY).closes == TIMES.end


@pytest.mark.parametrize(
    ("state", "minutes", "late"),
    [
        (S.CONFIRMED, -120, False),
        (S.CONFIRMED, -119, True),
        (S.CONFIRMED, -1, True),
        (S.PROVISIONAL, -1, False),
        (S.REQUESTED, -1, False),
    ],
)
def test_cancelling_is_free_until_two_hours_before_the_start(state: BookingState, minutes: int, late: bool) -> None:
    assert is_late_cancellation(state, TIMES, POLICY, after_start(minutes)) is late

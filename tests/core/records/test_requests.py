from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from linli.core import clock
from linli.core.config import CoreSettings
from linli.core.errors import (
    ConflictError,
    FieldProblem,
    ForbiddenError,
    InvalidTransitionError,
    NotFoundError,
    OverlappingError,
    RejectedError,
    ValidationError,
    text,
)
from linli.core.people.models import Person
from linli.core.privacy import core_retention
from linli.core.privacy.retaining import carry_out_batch, due
from linli.core.records.event_types import EventType, Public
from linli.core.records.events import append
from linli.core.records.models import Event, Request
from linli.core.records.requests import KEPT, Outcome, body_hash, once
from linli.core.records.requests_refusals import restored, stored
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import UnitOfWork, transact, unit_of_work


class Noted(BaseModel):
    text: Public[str]


class NotEligibleError(RejectedError):
    """A plugin's own refusal, with a field of its own."""

    code = "NOT_ELIGIBLE"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(text("Missing: {missing}", domain="venues", missing=", ".join(missing)), plugin="venues")
        self.missing = missing


class OpaqueError(RejectedError):
    """A plugin's own refusal, with something that no text can hold."""

    def __init__(self) -> None:
        super().__init__("Opaque", code="OPAQUE")
        self.something = object()


NOTED = EventType("core.noted", 1, Noted, "Something was noted")
BODY = body_hash("mutation { note }", {})
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
JSON_OBJECTS = st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.integers() | st.text(max_size=3))


@pytest.fixture
def in_scope(store: Store) -> Iterator[Store]:
    with scope(store):
        yield store


@pytest.fixture
def time() -> Iterator[clock.FrozenClock]:
    frozen = clock.FrozenClock(datetime(2026, 1, 5, tzinfo=UTC))
    before = clock.use(frozen)
    yield frozen
    clock.use(before)


class Note:
    """Work that is done by writing an event, and counts how often it was asked to; refuses with `refusals` first."""

    def __init__(self, *refusals: RejectedError) -> None:
        self.refusals = list(refusals)
        self.calls = 0

    async def __call__(self, unit: UnitOfWork) -> Outcome:
        self.calls += 1
        note = uuid4()
        await append(NOTED, "Note", note, Noted(text="a"))
        await asyncio.sleep(0.01)
        if self.refusals:
            raise self.refusals.pop(0)
        return Outcome("Note", note, 1)


async def answer(account: UUID, key: str, work: Note, body: str = BODY) -> Outcome | str:
    try:
        return await once(account, key, body, work)
    except RejectedError as refusal:
        return refusal.code


async def test_a_request_is_carried_out_and_its_outcome_kept(in_scope: Store) -> None:
    account, work = uuid4(), Note()
    outcome = await once(account, "k", BODY, work)
    kept = await Request.get(account_id=account, key="k")
    assert (kept.outcome_type, kept.outcome_id, kept.outcome_version) == ("Note", outcome.id, 1)
    assert (kept.error_code, kept.refusal) == (None, None)
    assert BODY not in kept.body_hash
    assert not outcome.replayed
    assert (await Event.get(subject_id=outcome.id)).actor_id == account


async def test_the_same_request_again_answers_the_same_and_does_nothing(in_scope: Store) -> None:
    account, work = uuid4(), Note()
    first = await once(account, "k", BODY, work)
    again = await once(account, "k", BODY, work)
    assert again == Outcome("Note", first.id, 1, replayed=True)
    assert work.calls == await Event.all().count() == 1


async def test_an_outcome_may_be_without_id_and_version(in_scope: Store) -> None:
    async def log_out(_: UnitOfWork) -> Outcome:
        return Outcome("Viewer")

    account = uuid4()
    await once(account, "k", BODY, log_out)
    assert await once(account, "k", BODY, log_out) == Outcome("Viewer", None, None, replayed=True)


async def test_twenty_at_the_same_moment_act_once(in_scope: Store) -> None:
    account, work = uuid4(), Note()
    outcomes = await asyncio.gather(*(once(account, "k", BODY, work) for _ in range(20)))
    assert work.calls == await Event.all().count() == 1
    assert len({outcome.id for outcome in outcomes}) == 1
    assert sorted(outcome.replayed for outcome in outcomes) == [False] + [True] * 19


async def test_two_that_were_refused_at_the_same_moment_answer_the_same(in_scope: Store) -> None:
    account, work = uuid4(), Note(OverlappingError("Taken"))
    answers = await asyncio.gather(*(answer(account, "k", work) for _ in range(20)))
    kept = await Request.get(account_id=account, key="k")
    ids = {found.id if isinstance(found, Outcome) else found for found in answers}
    assert ids == {kept.error_code or kept.outcome_id}
    assert await Event.all().count() == (0 if kept.error_code else 1)


async def test_accounts_do_not_share_keys(in_scope: Store) -> None:
    work = Note()
    outcomes = await asyncio.gather(*(once(uuid4(), "k", BODY, work) for _ in range(5)))
    assert work.calls == len({outcome.id for outcome in outcomes}) == 5


async def test_a_key_used_for_another_body_is_refused(in_scope: Store) -> None:
    account, work = uuid4(), Note()
    await once(account, "k", BODY, work)
    with pytest.raises(RejectedError) as refused:
        await once(account, "k", body_hash("mutation { note }", {"a": 1}), work)
    assert (refused.value.code, refused.value.path) == ("IDEMPOTENCY_KEY_REUSED", ("requestId",))
    assert work.calls == 1
    assert (await once(account, "k", BODY, work)).replayed


@pytest.mark.parametrize("key", ["", "k" * 256, "键", "a\nb", "a\n", "\x7f", "a\tb"])
async def test_a_key_that_is_not_printable_ascii_is_refused_at_once(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        await once(uuid4(), key, BODY, Note())
    assert [problem.path for problem in refused.value.problems] == ["requestId"]


async def test_any_printable_key_is_taken(in_scope: Store) -> None:
    account, work = uuid4(), Note()
    for key in ("k", "k" * 255, " !~", "7f1c0a54-7b0a-4a39-9c4c-6f3b8a1c2d3e"):
        assert not (await once(account, key, BODY, work)).replayed
        assert (await once(account, key, BODY, work)).replayed


async def test_a_refusal_undoes_the_work_and_is_raised_again(in_scope: Store) -> None:
    account = uuid4()
    work = Note(InvalidTransitionError(text("A {state} booking stays", state="终止"), path=["id"], details={"at": 3}))
    for _ in range(3):
        with pytest.raises(InvalidTransitionError) as refused:
            await once(account, "k", BODY, work)
        assert refused.value.message == text("A {state} booking stays", state="终止")
        assert (refused.value.path, refused.value.details) == (("id",), {"at": 3})
    assert work.calls == 1
    assert await Event.all().count() == 0
    assert (await Request.get(account_id=account)).error_code == "INVALID_TRANSITION"


async def test_a_veto_before_the_commit_is_kept_like_any_refusal(in_scope: Store) -> None:
    account, work = uuid4(), Note()

    async def veto() -> None:
        raise RejectedError("No", code="VETO", plugin="venues")

    async def vetoed(unit: UnitOfWork) -> Outcome:
        unit.before_commit.append(veto)
        return await work(unit)

    for _ in range(2):
        with pytest.raises(RejectedError, match="VETO"):
            await once(account, "k", BODY, vetoed)
    assert work.calls == 1
    assert await Event.all().count() == 0


JUDGING_THE_CALLER = [RejectedError("No", code="RATE_LIMITED"), RejectedError("No", code="INVALID_CREDENTIALS")]


@pytest.mark.parametrize("refusal", [ForbiddenError("No"), NotFoundError("No"), *JUDGING_THE_CALLER])
async def test_a_refusal_of_the_caller_or_the_moment_may_be_tried_again(
    in_scope: Store, refusal: RejectedError
) -> None:
    account, work = uuid4(), Note(refusal)
    assert await answer(account, "k", work) == refusal.code
    assert await Request.all().count() == 0
    assert not (await once(account, "k", BODY, work)).replayed


async def test_an_error_that_nobody_expected_leaves_the_key_free(in_scope: Store) -> None:
    account, work = uuid4(), Note()

    async def broken(_: UnitOfWork) -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await once(account, "k", BODY, broken)
    assert not (await once(account, "k", BODY, work)).replayed


async def test_a_refused_key_is_not_free_for_another_body(in_scope: Store) -> None:
    account, work = uuid4(), Note(OverlappingError("Taken"))
    assert await answer(account, "k", work) == "OVERLAPPING"
    assert await answer(account, "k", work, body_hash("other", {})) == "IDEMPOTENCY_KEY_REUSED"


async def test_who_is_refused_while_another_succeeds_answers_with_that_success(in_scope: Store) -> None:
    account, rival, outside = uuid4(), Note(), copy_context()
    rivals: list[asyncio.Task[Outcome]] = []

    async def refused(_: UnitOfWork) -> Outcome:
        rivals.append(asyncio.create_task(once(account, "k", BODY, rival), context=outside))
        await asyncio.sleep(0.1)  # the rival waits for this request's row, or for the right to write, by now
        raise OverlappingError("Taken")

    answered = await once(account, "k", BODY, refused)
    winner = await rivals[0]
    assert (answered.id, answered.replayed, winner.replayed, rival.calls) == (winner.id, True, False, 1)


class Preparing:
    """What comes before the work, and how often it was asked to."""

    def __init__(self, *refusals: RejectedError) -> None:
        self.refusals = list(refusals)
        self.calls = 0

    async def __call__(self) -> None:
        self.calls += 1
        await asyncio.sleep(0.01)
        if self.refusals:
            raise self.refusals.pop(0)


async def test_what_comes_before_is_not_done_for_a_request_that_is_known(in_scope: Store) -> None:
    account, work, before = uuid4(), Note(), Preparing()
    first = await once(account, "k", BODY, work, before)
    assert await once(account, "k", BODY, work, before) == Outcome("Note", first.id, 1, replayed=True)
    with pytest.raises(RejectedError, match="IDEMPOTENCY_KEY_REUSED"):
        await once(account, "k", body_hash("other", {}), work, before)
    assert (before.calls, work.calls) == (1, 1)


async def test_a_refusal_that_is_known_is_raised_again_before_anything_is_done(in_scope: Store) -> None:
    account, work, before = uuid4(), Note(OverlappingError("Taken")), Preparing()
    for _ in range(2):
        with pytest.raises(OverlappingError):
            await once(account, "k", BODY, work, before)
    assert (before.calls, work.calls) == (1, 1)


async def test_what_is_refused_before_the_work_is_not_kept(in_scope: Store) -> None:
    account, work, before = uuid4(), Note(), Preparing(OverlappingError("Not yet"))
    with pytest.raises(OverlappingError):
        await once(account, "k", BODY, work, before)
    assert await Request.all().count() == 0
    assert not (await once(account, "k", BODY, work, before)).replayed
    assert (before.calls, work.calls) == (2, 1)


async def test_twenty_at_the_same_moment_prepare_and_act_once(in_scope: Store) -> None:
    account, work, before = uuid4(), Note(), Preparing()
    outcomes = await asyncio.gather(*(once(account, "k", BODY, work, before) for _ in range(20)))
    assert (before.calls, work.calls) == (1, 1)
    assert len({outcome.id for outcome in outcomes}) == 1


async def test_who_is_refused_since_another_process_was_quicker_answers_as_that_one(in_scope: Store) -> None:
    account, work = uuid4(), Note()

    async def too_late() -> None:
        await once(account, "k", BODY, work)
        raise OverlappingError("Taken by the same request")

    assert (await once(account, "k", BODY, work, too_late)).replayed
    assert work.calls == 1


async def test_what_was_sent_is_not_found_by_trying_plain_hashes(in_scope: Store) -> None:
    await once(uuid4(), "k", BODY, Note())
    kept = await Request.get()
    assert BODY[:16] not in kept.body_hash
    assert kept.body_hash.startswith("k1.1:")


async def test_after_the_keys_were_exchanged_a_request_is_known_by_its_key(in_scope: Store) -> None:
    account, work, ring = uuid4(), Note(), in_scope.keyring
    assert ring is not None
    first = await once(account, "k", BODY, work)
    new = replace(ring.present, number=2)
    for epochs in ((ring.present, new), (new,)):
        in_scope.keyring = ring.with_epochs(epochs)
        again = await once(account, "k", BODY, work)
        assert (again.id, again.replayed) == (first.id, True)
    assert not (await once(account, "k2", BODY, work)).replayed
    assert (await once(account, "k2", BODY, work)).replayed


async def test_after_seven_days_a_key_is_free_again(in_scope: Store, time: clock.FrozenClock) -> None:
    account, work = uuid4(), Note()
    first = await once(account, "k", BODY, work)
    time.advance(time.now() + timedelta(days=7) - timedelta(microseconds=1))
    assert (await once(account, "k", BODY, work)).id == first.id
    time.advance(time.now() + timedelta(microseconds=1))
    other = await once(account, "k", body_hash("other", {}), work, Preparing())
    assert not other.replayed
    assert await Request.all().count() == 1
    assert (await once(account, "k", body_hash("other", {}), work)).id == other.id


async def _purge() -> int:
    (rule,) = (it for it in core_retention.RULES if it.model is Request)
    assert timedelta(days=rule.span.longest()) == KEPT
    return await transact(lambda _unit: carry_out_batch(due(rule, CoreSettings(), UTC)))


async def test_purging_forgets_what_is_older_than_seven_days(in_scope: Store, time: clock.FrozenClock) -> None:
    account, work = uuid4(), Note()
    for key in ("a", "b"):
        await once(account, key, BODY, work)
        time.advance(time.now() + timedelta(days=4))
    assert await _purge() == 1
    assert [request.key for request in await Request.all()] == ["b"]
    assert await _purge() == 0


async def test_a_request_inside_another_is_refused(in_scope: Store) -> None:
    async with unit_of_work():
        with pytest.raises(RuntimeError):
            await once(uuid4(), "k", BODY, Note())


@pytest.mark.parametrize(
    "refusal",
    [
        RejectedError("Plain"),
        RejectedError(
            text("{n} of {day}", domain="venues", n=3, day="周一"), code="X", path=["a", "b"], plugin="venues"
        ),
        OverlappingError("Taken", details={"until": "2026-01-01T00:00:00Z", "list": [1, None]}),
        ValidationError(
            FieldProblem("input.name", "TOO_LONG", text("At most {n}", n=5)), FieldProblem("b", "B", text("B"))
        ),
        NotEligibleError(["年龄", "户籍"]),
    ],
)
def test_a_refusal_comes_back_as_it_was(refusal: RejectedError) -> None:
    again = restored(stored(refusal))
    assert type(again) is type(refusal)
    assert vars(again) == vars(refusal)
    assert str(again) == str(refusal)


def test_a_conflict_comes_back_without_the_record_of_then() -> None:
    again = restored(stored(ConflictError("Stale", current=Person(), path=["expectedVersion"])))
    assert isinstance(again, ConflictError)
    assert (again.current, again.path, again.code) == (None, ("expectedVersion",), "CONFLICT")


def test_a_refusal_that_holds_more_than_text_comes_back_as_a_plain_one() -> None:
    again = restored(stored(OpaqueError()))
    assert (type(again), again.code, str(again.message)) == (RejectedError, "OPAQUE", "Opaque")


def test_a_refusal_of_a_type_that_is_gone_comes_back_as_a_plain_one() -> None:
    kept = stored(NotEligibleError(["a"])).replace("NotEligibleError", "GoneError")
    assert (type(restored(kept)), restored(kept).code) == (RejectedError, "NOT_ELIGIBLE")


def test_what_a_text_cannot_hold_is_written_out() -> None:
    refusal = RejectedError(text("Since {day}", day=datetime(2026, 1, 5, tzinfo=UTC).date()))
    assert str(restored(stored(refusal)).message) == "Since 2026-01-05"


@UNHURRIED
@given(JSON_OBJECTS, st.randoms())
def test_the_order_of_variables_does_not_change_the_body(variables: dict[str, Any], random: Any) -> None:
    keys = list(variables)
    random.shuffle(keys)
    assert body_hash("q", {key: variables[key] for key in keys}) == body_hash("q", variables)


@UNHURRIED
@given(JSON_OBJECTS, JSON_OBJECTS)
def test_other_variables_are_another_body(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = repr(sorted(one.items(), key=str)) == repr(sorted(other.items(), key=str))
    assert (body_hash("q", one) == body_hash("q", other)) is same


def test_another_operation_is_another_body() -> None:
    assert body_hash("a", {}) != body_hash("b", {})
    assert body_hash("a", {"x": 0.5, "y": "\ud800"}) == body_hash("a", {"y": "\ud800", "x": 0.5})

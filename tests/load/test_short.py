"""What the measurements rest on, in little: figures never fail a test, wrong answers do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from linli.core.clock import now
from linli.core.districts import District
from linli.core.records.delivery_models import Delivery
from linli.core.records.record import new_id
from linli.core.records.store import Dialect
from linli.core.records.unit_of_work import transact
from linli.schema.testing.engines import VARIABLE
from tests.load import backups, ledgers, outlines, reactions, recovery, search, sheets, subscribers, trees, watching
from tests.load.bookings import STARTS, race, slots, winner
from tests.load.deployments import CODE
from tests.load.engines import SQLITE, Engine, postgres
from tests.load.peers import beside
from tests.load.processes import FailedError, linli, run
from tests.load.sizes import SHORT
from tests.load.tables import Table, figure, ratios, spread
from tests.load.wire import WrongAnswerError

WON = {"data": {"bookVenue": {"__typename": "Booking", "id": "B1"}}}
LOST = {"data": {"bookVenue": {"__typename": "OverlappingError", "code": "OVERLAPPING", "message": "taken"}}}
BARRED = {"data": {"bookVenue": {"__typename": "RejectedError", "code": "BARRED", "message": "barred"}}}
BROKEN = {"data": None, "errors": [{"message": "broken"}]}


@pytest.fixture
def measured(engine: Dialect) -> Engine:
    """Each engine that the test kit found."""
    found = SQLITE if engine == "sqlite" else postgres()
    assert found is not None, f"set {VARIABLE} to measure on PostgreSQL too"
    return found


def test_of_twenty_who_want_one_slot_exactly_one_gets_it(measured: Engine) -> None:
    rounds = race(measured, SHORT.booking_rounds)
    assert len({one.booking for one in rounds}) == SHORT.booking_rounds
    assert len({one.winner for one in rounds}) > 1, "one account was always first: nobody raced"


def test_the_winner_is_the_one_answer_that_is_a_booking() -> None:
    assert winner([LOST, LOST, WON, LOST]) == 2


@pytest.mark.parametrize(
    "answers",
    [[LOST, LOST], [WON, LOST, WON], [WON, BARRED], [WON, BROKEN], []],
    ids=["nobody won", "two won", "refused for another reason", "an error", "no answers"],
)
def test_any_other_outcome_of_a_round_is_refused(answers: list[Any]) -> None:
    with pytest.raises(WrongAnswerError):
        winner(answers)


def test_slots_are_half_hours_that_never_touch_another_day() -> None:
    found = list(islice(slots(STARTS), 200))
    assert found[0][0].isoformat() == "2026-03-10T07:00:00+08:00"
    assert found[29][1].isoformat() == "2026-03-10T22:00:00+08:00"
    assert found[30][0].isoformat() == "2026-03-11T07:00:00+08:00"
    assert len({start for start, _ in found}) == 200


def test_a_tree_has_as_many_nodes_as_asked_for_and_parents_come_first(tmp_path: Path) -> None:
    trees.write(tmp_path / "orgs.csv", 5_200)
    header, *lines = (tmp_path / "orgs.csv").read_text("utf-8").splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    above = {CODE}
    for row in rows:
        assert row["parent_code"] in above
        above.add(row["code"])
    assert len(above) == len(rows) + 1 == 5_201
    assert Counter(row["level"] for row in rows)["SUBDISTRICT"] == 3


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"linli\.toml"):
        run(linli(tmp_path / "linli.toml", "check"))


def test_a_table_is_markdown_with_aligned_columns() -> None:
    table = Table("Title", ("engine", "s"), [("SQLite", "1.00"), ("数据库", "12")], "A note.")
    assert list(table.lines()) == [
        "### Title",
        "",
        "| engine | s    |",
        "| ------ | ---- |",
        "| SQLite | 1.00 |",
        "| 数据库 | 12   |",
        "",
        "A note.",
        "",
    ]


@pytest.mark.parametrize(
    ("value", "shown"), [(0.1234, "0.12"), (1.5, "1.50"), (12.34, "12.3"), (123.4, "123"), (98_765.4, "98,765")]
)
def test_figures_have_the_digits_that_count(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_spread_and_ratios_show_the_median_and_the_extremes() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2.00 (1.00..3.00)"
    assert spread(ratios([4.0, 9.0], [2.0, 3.0])) == "2.50 (2.00..3.00)"
    assert spread([0.5]) == "0.50"


def test_each_point_among_two_thousand_outlines_lies_where_it_was_drawn(measured: Engine) -> None:
    name, _, asked, *_ = outlines.row(measured, SHORT.points)
    assert (name, asked) == (measured.name, str(SHORT.points))  # a wrong answer is no measurement


def test_each_person_who_is_searched_for_is_found_by_what_was_typed(measured: Engine) -> None:
    found = search.rows(measured, SHORT)
    assert len(found) == 2 * len(search.QUESTIONS)
    assert {row[0] for row in found} == {measured.name}  # a wrong answer is no measurement


def test_each_event_of_a_backlog_is_handled_once(measured: Engine) -> None:
    name, waiting, *_ = reactions.row(measured, SHORT)
    assert (name, waiting) == (measured.name, str(SHORT.reactions))  # a wrong answer is no measurement


async def test_what_waits_too_long_for_a_handler_is_no_measurement(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PATIENCE_SECONDS", 0.1)
    told: dict[str, Any] = {"handler": "doors.open", "type": "doors.opened", "event_id": new_id(), "sequence": 1}
    with district.scope():
        await transact(lambda _unit: Delivery.create(**told, subject_id=new_id(), next_at=now()))
        with pytest.raises(WrongAnswerError, match="1 deliveries still wait"):
            await recovery.handled(district)


def test_each_person_stands_once_in_an_exported_ledger(measured: Engine) -> None:
    found = ledgers.rows(measured, SHORT)
    counts = [int(row[2].replace(",", "")) for row in found]
    assert counts[1:] == [SHORT.ledger_rows] * 2
    assert 0 < counts[0] <= SHORT.ledger_rows


def test_every_row_of_a_sheet_is_brought_in(measured: Engine) -> None:
    name, *figures = sheets.row(measured, SHORT)
    assert (name, len(figures)) == (measured.name, 6)  # a wrong answer is no measurement


def test_a_backup_brings_back_as_many_people_as_there_were(measured: Engine) -> None:
    name, people, *_ = backups.row(measured, SHORT)
    assert (name, people) == (measured.name, f"{SHORT.kept_people:,}")  # a wrong answer is no measurement


def test_requests_are_answered_alike_whether_or_not_they_are_watched(measured: Engine) -> None:
    found = watching.rows(measured, SHORT)
    assert [row[1] for row in found] == list(watching.QUESTIONS)  # a wrong answer is no measurement


@pytest.mark.parametrize("everybody", [False, True])
def test_whoever_follows_gets_every_event_that_it_sees(measured: Engine, everybody: bool) -> None:
    processes = 2 if measured.server else 1
    found = subscribers.follow(measured, SHORT, processes, everybody=everybody)
    assert found.delays
    assert found.quantile(0.5) <= found.quantile(0.99)


def test_linli_and_the_limit_answer_the_questions_of_the_comparison_alike() -> None:
    server = postgres()
    if server is None:
        pytest.skip(f"set {VARIABLE} to compare with other servers")
    titles = [table.title for table in beside.compared(server, replace(SHORT, seconds=0.05), None)]
    assert len(titles) == 6

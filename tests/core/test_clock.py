"""The clock, and that nothing else reads the time."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import linli.core
from linli.core import clock as clocks
from linli.core.clock import Clock, FrozenClock
from linli.core.errors import RejectedError

START = datetime(2031, 5, 1, 8, 30, tzinfo=UTC)
LATER = START + timedelta(days=30)
A_MOMENT = timedelta(seconds=30)

CODE = Path(linli.core.__file__).resolve().parent.parent

ALLOWED = {
    "core/clock.py": "the one place",
    # The order in which transactions wrote, for the sealer; the instant of an event is the clock's.
    "core/records/events.py": "statement_timestamp(",
}
"""Files that may read the system's time, and what of it."""

READING = re.compile(
    r"datetime\.(datetime\.(now|utcnow|today)|date\.today)"
    r"|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|localtime|gmtime|ctime|asctime|strftime)"
    r"|tortoise\.(timezone\.now|functions\.Now|contrib\.\w+\.functions\.Now)"
    r"|pypika_tortoise\.functions\.(Now|CurDate|CurTime|CurTimestamp|UtcTimestamp)"
    r"|pydantic(\.types)?\.(Past|Future)(Date|Datetime)"
)
"""Names that tell the time, in full."""

SQL = re.compile(
    r"\bnow\(\)|\bcurrent_(date|time|timestamp)\b|\blocaltimestamp\b|\b(clock|statement|transaction)_timestamp\("
    r"|'now'|\bunixepoch\(\)|\bjulianday\(\)",
    re.IGNORECASE,
)
"""The same in statements."""


class Reader(ast.NodeVisitor):
    """Finds what reads the system's time in a module: `(line, what)`."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []
        self._names: dict[str, str] = {}

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            self._names[bound] = alias.name if alias.asname else bound

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if node.level == 0:
                self._names[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def visit_Name(self, node: ast.Name) -> None:
        self._check(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._check(node)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg in ("auto_now", "auto_now_add") and not (
            isinstance(node.value, ast.Constant) and not node.value.value
        ):
            self.found.append((node.value.lineno, f"{node.arg}="))
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # docstrings may speak of it
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and (told := SQL.search(node.value)):
            self.found.append((node.lineno, told.group()))

    def _check(self, node: ast.expr) -> None:
        name = self._full_name(node)
        if name is not None and READING.fullmatch(name):
            self.found.append((node.lineno, name))

    def _full_name(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute):
            before = self._full_name(node.value)
            return None if before is None else f"{before}.{node.attr}"
        return None


def readings(source: str) -> list[tuple[int, str]]:
    """What reads the system's time in a module's source; imports count wherever they stand."""
    tree, reader = ast.parse(source), Reader()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            reader.visit(node)
    reader.visit(tree)
    return reader.found


def modules() -> list[Path]:
    folders = (CODE / name for name in ("core", "schema", "plugins"))
    found = (file for folder in folders for file in folder.rglob("*.py"))
    return [file for file in found if "tests" not in file.parts]


def offences() -> Iterator[str]:
    for file in modules():
        place = file.relative_to(CODE).as_posix()
        for line, what in readings(file.read_text("utf-8")):
            if place != "core/clock.py" and ALLOWED.get(place) != what:
                yield f"{place}:{line}: {what}"


def test_nothing_but_the_clock_reads_the_time() -> None:
    assert len(modules()) > 100
    assert list(offences()) == [], "ask linli.core.clock.now(), or monotonic() for durations"


def test_what_is_allowed_is_still_needed() -> None:
    for place, what in ALLOWED.items():
        found = readings((CODE / place).read_text("utf-8"))
        assert what == "the one place" or what in [one for _, one in found]
        assert found


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
        ("import datetime as d\nd.date.today()", "datetime.date.today"),
        ("from datetime import datetime as when\nwhen.utcnow()", "datetime.datetime.utcnow"),
        ("from datetime import datetime, UTC\nclass A:\n    at = Field(default=datetime.now)", "datetime.datetime.now"),
        ("def f():\n    from datetime import date\n    return date.today()", "datetime.date.today"),
        ("def f():\n    return time.time()\nimport time", "time.time"),
        ("from time import time as seconds\nseconds()", "time.time"),
        ("from time import monotonic\nmonotonic()", "time.monotonic"),
        ("from tortoise import timezone\ntimezone.now()", "tortoise.timezone.now"),
        ("from pydantic import PastDate\nborn: PastDate", "pydantic.PastDate"),
        ("at = fields.DatetimeField(auto_now_add=True)", "auto_now_add="),
        ("sql = 'SELECT now()'", "now()"),
        ("sql = f'WHERE at < CURRENT_TIMESTAMP AND {x}'", "CURRENT_TIMESTAMP"),
        ("sql = \"datetime('now')\"", "'now'"),
        ("sql = 'SELECT clock_timestamp()'", "clock_timestamp("),
    ],
)
def test_whoever_reads_the_time_is_found(source: str, what: str) -> None:
    assert [told for _, told in readings(source)] == [what]


@pytest.mark.parametrize(
    "source",
    [
        "from . import clock\nclock.now()",
        "from ..clock import now, monotonic\nnow()\nmonotonic()",
        "from datetime import datetime\ndatetime(2026, 1, 1)\ndatetime.fromisoformat('2026-01-01')",
        "import time\ntime.sleep(1)",
        "at = fields.DatetimeField(auto_now=False)",
        'def f():\n    """What `now()` answers, never CURRENT_TIMESTAMP."""',
        "told = 'it is now a month ago'",
    ],
)
def test_whoever_does_not_is_not(source: str) -> None:
    assert readings(source) == []


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """The clock in use before the test is in use after it."""
    before = clocks.current()
    yield
    clocks.use(before)


@pytest.fixture
def moves() -> Iterator[list[datetime]]:
    """What the clock showed whenever it was moved."""
    seen: list[datetime] = []
    end = clocks.moved.subscribe(lambda: seen.append(clocks.now()))
    yield seen
    end()


def test_a_clock_runs_from_its_start() -> None:
    running = Clock(START)
    first, second = running.now(), running.now()
    assert START <= first <= second < START + A_MOMENT
    assert first.utcoffset() == timedelta()


def test_a_clock_without_a_start_shows_the_present() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < A_MOMENT


def test_only_a_clock_with_a_start_runs_in_scenario_time() -> None:
    assert Clock(START).scenario
    assert not Clock().scenario
    assert not FrozenClock(START).scenario


def test_a_start_is_the_same_in_every_zone() -> None:
    east = START.astimezone(timezone(timedelta(hours=8)))
    assert START <= Clock(east).now() < START + A_MOMENT
    assert FrozenClock(east).now() == START


def test_a_clock_that_is_moved_runs_on() -> None:
    running = Clock(START)
    running.advance(LATER)
    assert LATER <= running.now() < LATER + A_MOMENT
    assert running.now() < running.now() + A_MOMENT


def test_scenario_time_is_not_put_back() -> None:
    running = Clock(START)
    with pytest.raises(RejectedError) as refused:
        running.advance(START - timedelta(seconds=1))
    assert refused.value.code == "CLOCK_BACKWARDS"
    assert datetime.fromisoformat(refused.value.details["now"]) >= START
    assert START <= running.now() < START + A_MOMENT


def test_a_frozen_clock_stands_until_it_is_moved_to_and_fro() -> None:
    frozen = FrozenClock(START)
    assert frozen.now() == frozen.now() == START
    frozen.advance(LATER)
    assert frozen.now() == LATER
    frozen.advance(START)
    assert frozen.now() == START


@pytest.mark.parametrize("make", [Clock, FrozenClock])
def test_an_instant_without_a_zone_is_refused(make: type[Clock]) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        make(START.replace(tzinfo=None))
    moving = make(START)
    with pytest.raises(ValueError, match="has no time zone"):
        moving.advance(LATER.replace(tzinfo=None))


def test_who_waits_is_told_of_every_move_until_it_ends_that(moves: list[datetime]) -> None:
    frozen = FrozenClock(START)
    clocks.use(frozen)
    frozen.advance(LATER)
    assert moves == [START, LATER]
    twice: list[None] = []
    end = clocks.moved.subscribe(lambda: twice.append(None))
    frozen.advance(START)
    end()
    frozen.advance(LATER)
    assert (len(moves), len(twice)) == (4, 1)


def test_nobody_is_told_of_a_move_that_was_refused(moves: list[datetime]) -> None:
    running = Clock(LATER)
    with pytest.raises(RejectedError):
        running.advance(START)
    assert moves == []


def test_the_clock_in_use_answers_now_for_the_whole_process() -> None:
    frozen = FrozenClock(START)
    before = clocks.use(frozen)
    assert (clocks.now(), clocks.current()) == (START, frozen)
    assert clocks.use(before) is frozen


def test_durations_never_shrink() -> None:
    first = clocks.monotonic()
    clocks.use(FrozenClock(START))
    assert clocks.monotonic() >= first

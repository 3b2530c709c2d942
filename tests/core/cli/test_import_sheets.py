"""`linli import people` and its like: from files as communities keep them, with what was found, and back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from linli.core.sheet_imports import applying
from tests.core.cli.projects import Linli, Project
from tests.schema.sheets import name, number, sheet

COMMUNITY = "430602003006"
DIVISIONS = """code,kind,name,parent_code
430602000000,DISTRICT,岳阳楼区,
430602003000,SUBDISTRICT,吕仙亭街道,430602000000
430602003006,COMMUNITY,观音阁社区,430602003000
"""


@pytest.fixture
def community(linli: Linli, migrated: Project) -> Project:
    """A district with one community."""
    divisions = migrated.folder / "divisions.csv"
    divisions.write_text(DIVISIONS, encoding="utf-8")
    result = linli("import", "orgs", divisions, "--config", migrated.config)
    assert result.exit_code == 0, result.output
    return migrated


def _file(project: Project, content: bytes, name: str = "名册.csv") -> Path:
    file = project.folder / name
    file.write_bytes(content)
    return file


def _people(project: Project) -> list[tuple[object, ...]]:
    return project.query("SELECT name FROM core_person ORDER BY name")


def test_a_dry_run_tells_what_would_come_and_writes_nothing(linli: Linli, community: Project) -> None:
    file = _file(community, sheet("姓名 身份证号", ["示例一", number(1)], ["示例二", "430602195206150012"]))
    result = linli("import", "people", file, "--at", COMMUNITY, "--dry-run", "--config", community.config)
    assert result.exit_code == 0, result.output
    assert "ID_NUMBER_CHECKSUM" in result.stdout
    assert "430602195206150012" not in result.output
    assert "created: 1, changed: 0, unchanged: 0, refused: 1" in result.stderr
    assert _people(community) == []
    assert community.query("SELECT count(*) FROM core_sheet_import") == [(0,)]


def test_people_are_imported_listed_and_taken_back(linli: Linli, community: Project) -> None:
    file = _file(community, sheet("姓名 身份证号", ["示例一", number(1)], ["示例二", number(2)]))
    result = linli("import", "people", file, "--at", COMMUNITY, "--yes", "--config", community.config)
    assert result.exit_code == 0, result.output
    assert [who for (who,) in _people(community)] == ["示例一", "示例二"]
    again = linli("import", "people", file, "--at", COMMUNITY, "--yes", "--config", community.config)
    assert "unchanged: 2" in again.stderr
    listed = linli("import", "list", "--config", community.config).stdout.splitlines()
    assert [line.split("\t")[3] for line in listed[1:]] == ["APPLIED", "APPLIED"]
    first = listed[2].split("\t")[0]
    undone = linli("import", "undo", first, "--config", community.config)
    assert (undone.exit_code, "records taken back: 2" in undone.stdout) == (0, True), undone.output
    assert _people(community) == []
    verified = linli("audit", "verify", "--config", community.config)
    assert (verified.exit_code, "the chain holds" in verified.stdout) == (0, True), verified.output


def test_rows_that_are_refused_make_the_command_fail_after_the_others_are_written(
    linli: Linli, community: Project
) -> None:
    file = _file(community, sheet("姓名 身份证号", ["示例一", number(1)], ["示例二", "430602195206150012"]))
    result = linli("import", "people", file, "--at", COMMUNITY, "--yes", "--config", community.config)
    assert (result.exit_code, "rows that were not written: 1" in result.stderr) == (1, True), result.output
    assert [who for (who,) in _people(community)] == ["示例一"]


def test_columns_are_named_by_the_operator_where_nobody_knows_them(linli: Linli, community: Project) -> None:
    file = _file(community, sheet("居民 身份证号 联系电话", ["示例一", number(1), "13800000001"]))
    mapped = ("--map", "居民=person.name", "--yes", "--config", community.config)
    result = linli("import", "people", file, "--at", COMMUNITY, *mapped)
    assert result.exit_code == 0, result.output
    assert [who for (who,) in _people(community)] == ["示例一"]
    odd = linli("import", "people", file, "--at", COMMUNITY, "--map", "居民", "--config", community.config)
    assert odd.exit_code == 2


def test_people_are_imported_at_a_community_that_is_there(linli: Linli, community: Project) -> None:
    file = _file(community, sheet("姓名 身份证号", ["示例一", number(1)]))
    elsewhere = linli("import", "people", file, "--at", "430602003999", "--config", community.config)
    assert (elsewhere.exit_code, "there is no organisation" in elsewhere.stderr) == (1, True)
    district = linli("import", "people", file, "--config", community.config)
    assert (district.exit_code, "at a community" in district.stderr) == (1, True), district.output
    assert linli("import", "undo", "x", "--config", community.config).exit_code == 2


def test_what_is_killed_midway_goes_on_after_the_last_batch_and_doubles_nothing(
    linli: Linli, community: Project
) -> None:
    rows = [[name(place), number(place), "3栋", str(place), "户主"] for place in range(3000)]
    file = _file(community, sheet("姓名 身份证号 楼栋 房号 与户主关系", *rows))
    command = ["import", "people", str(file), "--at", COMMUNITY, "--create-places", "--yes"]
    given = [*command, "--config", str(community.config)]
    running = subprocess.Popen([sys.executable, "-m", "linli.core.cli.main", *given], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not _done(community) and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    done = _done(community)
    assert 0 < done < 3000
    assert community.query("SELECT count(*) FROM core_person") == [(done,)]
    result = linli(*given)
    assert (result.exit_code, "going on after row" in result.stderr) == (0, True), result.output
    counts = [community.query(f"SELECT count(*) FROM {table}") for table in ("core_person", "core_household_member")]
    assert counts == [[(3000,)], [(3000,)]]
    told = community.query("SELECT state, created, refused, done FROM core_sheet_import")
    assert told == [("APPLIED", 3000, 0, 3000)]


def test_what_was_begun_with_other_options_is_not_gone_on_with_unnoticed(
    linli: Linli, community: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches, real = iter(range(1)), applying._write

    async def once(*given: Any) -> Any:
        if next(batches, None) is None:
            raise applying.StoppedError  # as where the process is killed after the first batch
        return await real(*given)

    rows = [[name(place), name(place + 1), number(place)] for place in range(applying.BATCH + 1)]
    file = _file(community, sheet("姓名 曾用名 身份证号", *rows))
    given = ("import", "people", file, "--at", COMMUNITY, "--yes", "--config", community.config)
    with monkeypatch.context() as stopped:
        stopped.setattr(applying, "_write", once)
        first = linli(*given, "--map", "姓名=person.name,曾用名=")
        assert (first.exit_code, "another process" in first.stderr) == (1, True), first.output
    assert _done(community) == applying.BATCH
    other = linli(*given, "--map", "曾用名=person.name,姓名=")
    assert (other.exit_code, "other options stopped after row 301" in other.stderr) == (1, True), other.output
    assert _done(community) == applying.BATCH
    ((id_,),) = community.query("SELECT id FROM core_sheet_import")
    assert f"linli import undo {id_}" in other.stderr.replace("\n", " ")
    undone = linli("import", "undo", str(id_), "--config", community.config)
    assert (undone.exit_code, _people(community)) == (0, []), undone.output
    fresh = linli(*given, "--map", "曾用名=person.name,姓名=")
    assert fresh.exit_code == 0, fresh.output
    assert {who for (who,) in _people(community)} == {name(place + 1) for place in range(applying.BATCH + 1)}


def test_of_two_processes_that_import_one_file_at_once_nobody_is_entered_twice(linli: Linli, project: Project) -> None:
    """One of them is killed in the midst; the same command brings the rest in."""
    assert linli("migrate", "--config", project.config).exit_code == 0
    community, at = project, ("--district", project.key, "--config", str(project.config))
    divisions = _file(project, DIVISIONS.encode(), "divisions.csv")
    assert linli("import", "orgs", divisions, *at).exit_code == 0
    rows = [[name(place), number(place), str(place // 3), ""] for place in range(900)]
    file = _file(community, sheet("姓名 身份证号 房号 联系电话", *rows))
    command = ["import", "people", str(file), "--at", COMMUNITY, "--yes", *at]

    def begun() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "linli.core.cli.main", *command], stderr=subprocess.PIPE)

    both = [begun(), begun()]
    deadline = time.monotonic() + 120
    while not _done(community) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(both[0].pid, signal.SIGKILL)
    told = [one.communicate()[1].decode() for one in both]
    assert (both[0].returncode, both[1].returncode in (0, 1)) == (-signal.SIGKILL, True), told
    result = linli(*command)
    assert result.exit_code == 0, (told, result.output)
    counts = [
        community.query(f"SELECT count(*) FROM {table}") for table in ("core_person", "core_premises", "core_tenure")
    ]
    assert counts == [[(900,)], [(300,)], [(900,)]], told
    assert len(set(community.query("SELECT id_number_index FROM core_person"))) == 900
    assert community.query("SELECT DISTINCT state FROM core_sheet_import WHERE state <> 'APPLIED'") == []
    verified = linli("audit", "verify", *at)
    assert (verified.exit_code, "the chain holds" in verified.stdout) == (0, True), verified.output


def _done(project: Project) -> int:
    rows = project.query("SELECT done FROM core_sheet_import")
    return int(rows[0][0]) if rows else 0


def test_a_template_is_filled_in_and_imported_again(linli: Linli, community: Project) -> None:
    for kind in ("people", "premises", "units", "posts"):
        out = community.folder / f"{kind}.xlsx"
        made = linli("import", "template", kind, out, "--config", community.config)
        assert (made.exit_code, out.exists()) == (0, True), made.output
        assert linli("import", "template", kind, out, "--config", community.config).exit_code == 1
    book = load_workbook(community.folder / "people.xlsx")
    page = book.worksheets[0]
    headings = {str(box.value).rstrip("*"): box.column for box in page[1]}
    page.cell(2, headings["Name"]).value = "示例一"
    page.cell(2, headings["Id number"]).value = number(1)
    filled = community.folder / "填好.xlsx"
    book.save(filled)
    result = linli("import", "people", filled, "--at", COMMUNITY, "--yes", "--config", community.config)
    assert result.exit_code == 0, result.output
    assert [who for (who,) in _people(community)] == ["示例一"]
    odd = linli("import", "template", "cats", community.folder / "cats.xlsx", "--config", community.config)
    assert (odd.exit_code, (community.folder / "cats.xlsx").exists()) == (2, False)
    nowhere = linli("import", "template", "people", community.folder / "no" / "x.xlsx", "--config", community.config)
    assert (nowhere.exit_code, "is no folder" in nowhere.stderr) == (1, True), nowhere.output


def test_a_copy_with_what_was_found_is_a_new_file_of_its_owner_alone(linli: Linli, community: Project) -> None:
    content = sheet("姓名 身份证号", ["=1+1", number(1)], ["示例二", "430602195206150012"])
    file, copy = _file(community, content), community.folder / "标注.xlsx"
    given = ("import", "people", file, "--at", COMMUNITY, "--dry-run", "--config", community.config)
    onto_itself = linli(*given, "--annotated", file)
    assert (onto_itself.exit_code, file.read_bytes() == content) == (1, True), onto_itself.output
    result = linli(*given, "--annotated", copy)
    assert result.exit_code == 0, result.output
    assert copy.stat().st_mode & 0o077 == 0
    rows = list(load_workbook(copy).worksheets[1].iter_rows())
    assert (rows[1][0].value, rows[1][0].data_type) == ("=1+1", "s")
    assert str(rows[2][2].value).startswith("B3 ")
    assert rows[2][1].fill.fgColor.rgb.endswith("FFC7CE")
    assert linli(*given, "--annotated", copy).exit_code == 1


def test_of_two_processes_that_carry_one_import_on_the_second_says_so(
    linli: Linli, community: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def taken(*_given: object) -> None:
        raise applying.StoppedError

    monkeypatch.setattr(applying, "apply", taken)
    file = _file(community, sheet("姓名 身份证号", ["示例一", number(1)]))
    result = linli("import", "people", file, "--at", COMMUNITY, "--yes", "--config", community.config)
    assert (result.exit_code, "another process carries this import on" in result.stderr) == (1, True), result.output

"""`linli org`: organisations that are merged, split and renamed, on both engines."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from tests.core.cli.projects import Linli, Project

FOLDER = Path(__file__).parents[3] / "examples" / "districts" / "yueyanglou"
DIVISIONS, REFORM = FOLDER / "divisions.csv", FOLDER / "reform-2026.csv"
ORGS = """\
code,level,name,parent_code
430602001000,SUBDISTRICT,甲街道,430602000000
430602002000,SUBDISTRICT,乙街道,430602000000
430602001001,COMMUNITY,一社区,430602001000
430602001002,COMMUNITY,二社区,430602001000
430602002001,COMMUNITY,三社区,430602002000
"""
TREE = (
    "SELECT n.name, p.name FROM core_org_node AS n JOIN core_org_node AS p ON p.id = n.parent_id "
    "WHERE n.valid_to IS NULL ORDER BY n.name"
)


@pytest.fixture
def small(linli: Linli, project: Project) -> Project:
    """A district of two streets and three communities."""
    linli("migrate", "--district", project.key, "--config", project.config)
    file = project.folder / "orgs.csv"
    file.write_text(ORGS, "utf-8")
    assert linli("import", "orgs", file, "--district", project.key, "--config", project.config).exit_code == 0
    return project


def lines(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_streets_are_merged_into_a_new_one_with_the_code_of_one_of_them(linli: Linli, small: Project) -> None:
    named = ("--district", small.key, "--config", small.config)
    given = ("org", "merge", "430602001000", "430602002000", "--into", "430602001000=丙街道")
    before = small.query(TREE)
    shown = linli(*given, "--dry-run", *named)
    assert (shown.exit_code, small.query(TREE)) == (0, before)
    assert lines(shown.stdout)[1][3:] == ["organisations beneath", "moved", "3", "not written"]
    done = linli(*given, *named)
    assert (done.exit_code, done.stderr) == (0, "changes: 1, written; done before: 0\n")
    assert small.query(TREE) == sorted(
        [("丙街道", "岳阳市岳阳楼区"), ("一社区", "丙街道"), ("二社区", "丙街道"), ("三社区", "丙街道")]
    )
    assert linli(*given, *named).stderr == "changes: 0, written; done before: 1\n"


def test_a_street_is_split_and_its_children_go_where_it_is_said(linli: Linli, small: Project) -> None:
    named = ("--district", small.key, "--config", small.config)
    ends = ("--into", "430602003000=丙街道", "--into", "430602002000")
    refused = linli("org", "split", "430602001000", *ends, "--child", "430602001001=430602002000", *named)
    assert refused.exit_code == 1
    assert refused.stderr == "error: children: 1 organisations go nowhere, 430602001002: name a target for each\n"
    odd = linli("org", "split", "430602001000", *ends, "--child", "430602001001", *named)
    assert (odd.exit_code, "names no successor; write CODE=CODE" in odd.stderr) == (2, True)
    children = ("--child", "430602001001=430602002000", "--heir", "430602003000")
    done = linli("org", "split", "430602001000", *ends, *children, *named)
    assert done.exit_code == 0, done.output
    assert dict(small.query(TREE))["一社区"] == "乙街道"
    assert dict(small.query(TREE))["二社区"] == "丙街道"


def test_a_dry_run_of_a_split_lists_the_homes_that_stand_there(linli: Linli, small: Project) -> None:
    named = ("--district", small.key, "--config", small.config)
    small.change(
        "INSERT INTO core_premises (id, org_id, unit, number, use, version, created_at, updated_at) "
        f"SELECT '{uuid4()}', id, '', '502', 'RESIDENTIAL', 1, created_at, created_at "
        "FROM core_org_node WHERE code = '430602001001'"
    )
    before = small.query(TREE)
    ends = ("--into", "430602001011=东社区", "--into", "430602001012=西社区", "--heir", "430602001011")
    shown = linli("org", "split", "430602001001", *ends, "--dry-run", *named)
    assert (shown.exit_code, small.query(TREE)) == (0, before), shown.output
    homes = [line[3:6] for line in lines(shown.stdout) if line[3].startswith("core: Premises")]
    assert homes == [["core: Premises", "kept", "1"]]
    done = linli("org", "split", "430602001001", *ends, *named)
    assert [line[3:6] for line in lines(done.stdout) if line[3].startswith("core: Premises")] == homes
    assert small.query(
        "SELECT count(*) FROM core_premises AS p JOIN core_org_node AS n ON n.id = p.org_id "
        "WHERE n.code = '430602001001' AND n.valid_to IS NOT NULL"
    ) == [(1,)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("change,code\nmerge,A\n", "line 2.into: The column into is empty"),
        ("change,code,colour\n", "line 1.colour: There is no column colour"),
        ("code,into\nA,B\n", "line 1.change: The column change is missing"),
        ("change,code,into\nburn,A,B\n", "line 2.change: There is no change burn"),
        ("change,code,into\nchild,A,B\n", "line 2.change: A child follows the rows of the split"),
        ("change,code,into\nsplit,A,B\nchild,C,D\n", "line 2.into: C goes to D, which is no successor here"),
        ("change,code,into\n合并,430602001009,430602002000\n", "no valid organisation with the code 430602001009"),
    ],
)
def test_a_file_that_cannot_be_meant_changes_nothing(linli: Linli, small: Project, text: str, told: str) -> None:
    file, before = small.folder / "reform.csv", small.query(TREE)
    file.write_text(text, "utf-8")
    result = linli("org", "reform", file, "--district", small.key, "--config", small.config)
    assert (result.exit_code, told in result.stderr) == (1, True), result.stderr
    assert small.query(TREE) == before


def test_the_command_carries_out_a_reform_once_and_shows_it_first(linli: Linli, project: Project) -> None:
    named = ("--district", project.key, "--config", project.config)
    linli("migrate", *named)
    assert linli("import", "orgs", DIVISIONS, *named).exit_code == 0
    streets = "SELECT count(*) FROM core_org_node WHERE kind = 'SUBDISTRICT' AND valid_to IS NULL"
    shown = linli("org", "reform", REFORM, "--dry-run", *named)
    assert shown.exit_code == 0, shown.output
    assert shown.stderr == "changes: 6, not written; done before: 0\n"
    assert project.query(streets) == [(25,)]
    done = linli("org", "reform", REFORM, *named)
    assert done.exit_code == 0, done.output
    first, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert first[:3] == ["change", "what ends", "what succeeds"]
    assert rows[1][:6] == ["split", "430602018000", "430602015000, 430602013000", "organisations beneath", "moved", "5"]
    assert project.query(streets) == [(20,)]
    again = linli("org", "reform", REFORM, *named)
    assert again.stderr == "changes: 0, written; done before: 6\n"
    assert linli("audit", "verify", *named).exit_code == 0

from __future__ import annotations

import pytest

from tests.core.cli.projects import Linli, Project

ORGS = """\
code,level,name,parent_code
430602001000,SUBDISTRICT,岳阳楼街道,430602000000
430602001001,COMMUNITY,某社区,430602001000
"""
NODES = "SELECT kind, name FROM core_org_node WHERE code <> '430602000000' AND valid_to IS NULL ORDER BY depth"


def lines(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


@pytest.fixture
def imported(linli: Linli, migrated: Project) -> Project:
    """A district with a subdistrict and a community."""
    file = migrated.folder / "orgs.csv"
    file.write_text(ORGS, "utf-8")
    assert linli("import", "orgs", file, "--config", migrated.config).exit_code == 0
    return migrated


def test_what_is_new_is_written_and_reported_row_by_row(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    file = project.folder / "orgs.csv"
    file.write_text(ORGS, "utf-8")
    result = linli("import", "orgs", "--district", project.key, file, "--config", project.config)
    assert result.exit_code == 0, result.output
    assert lines(result.stdout) == [
        ["line", "change", "kind", "code", "name", "before", "after", "done"],
        ["2", "added", "SUBDISTRICT", "430602001000", "岳阳楼街道", "", "", "written"],
        ["3", "added", "COMMUNITY", "430602001001", "某社区", "", "", "written"],
    ]
    assert result.stderr == "rows: 2 (UTF-8), unchanged: 0\nadded: 2, written\n"
    assert project.query(NODES) == [("SUBDISTRICT", "岳阳楼街道"), ("COMMUNITY", "某社区")]


def test_a_dry_run_writes_nothing(linli: Linli, migrated: Project) -> None:
    file = migrated.folder / "orgs.csv"
    file.write_text(ORGS, "utf-8")
    result = linli("import", "orgs", file, "--dry-run", "--config", migrated.config)
    assert result.exit_code == 0
    assert [row[-1] for row in lines(result.stdout)[1:]] == ["not written", "not written"]
    assert migrated.query(NODES) == []


def test_what_else_differs_is_listed_only(linli: Linli, imported: Project) -> None:
    file = imported.folder / "orgs.csv"
    file.write_text(ORGS.replace("某社区", "另社区"), "utf-8")
    result = linli("import", "orgs", file, "--config", imported.config)
    assert result.exit_code == 0
    assert lines(result.stdout)[1:] == [
        ["3", "renamed", "COMMUNITY", "430602001001", "另社区", "某社区", "另社区", "listed only"]
    ]
    assert result.stderr.endswith("renamed: 1, listed only\n")
    assert ("COMMUNITY", "某社区") in imported.query(NODES)


def test_what_is_named_is_applied(linli: Linli, imported: Project) -> None:
    file = imported.folder / "orgs.csv"
    file.write_text(ORGS.replace("某社区", "另社区"), "utf-8")
    result = linli("import", "orgs", file, "--apply", "renamed, moved", "--config", imported.config)
    assert result.stderr.endswith("renamed: 1, written\n")
    assert ("COMMUNITY", "另社区") in imported.query(NODES)


def test_what_is_gone_ends_beneath_the_scope(linli: Linli, imported: Project) -> None:
    file = imported.folder / "orgs.csv"
    file.write_text(ORGS.replace("430602001001", "430602001002"), "utf-8")
    apply = ("--apply", "gone", "--scope", "430602001000")
    result = linli("import", "orgs", file, *apply, "--config", imported.config)
    assert result.exit_code == 0, result.stderr
    assert ["", "gone", "COMMUNITY", "430602001001", "某社区", "", "", "written"] in lines(result.stdout)
    assert len(imported.query(NODES)) == 2


def test_one_refused_row_keeps_everything_from_being_written(linli: Linli, migrated: Project) -> None:
    file = migrated.folder / "orgs.csv"
    file.write_text(ORGS + "x y,FOO,,430602001000\n", "utf-8")
    result = linli("import", "orgs", file, "--config", migrated.config)
    assert result.exit_code == 1
    header, *problems = lines(result.stdout)
    assert header == ["line", "column", "code", "problem"]
    assert [problem[:3] for problem in problems] == [
        ["4", "code", "CODE_SYNTAX"],
        ["4", "kind", "KIND_UNKNOWN"],
        ["4", "name", "NAME_EMPTY"],
    ]
    assert result.stderr.endswith("error: problems: 3, so nothing is changed; mend them and repeat\n")
    assert migrated.query(NODES) == []


def test_of_very_many_problems_the_first_are_shown(linli: Linli, migrated: Project) -> None:
    file = migrated.folder / "orgs.csv"
    file.write_text("code,level,name,parent_code\n" + ",FOO,x,\n" * 600, "utf-8")
    result = linli("import", "orgs", file, "--config", migrated.config)
    assert len(lines(result.stdout)) == 1 + 1000
    assert "the first 1000 of 1200 problems" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--apply", "renmed"], 2, 'unknown change in --apply "renmed"; did you mean "renamed"?'),
        (["--apply", "added"], 2, 'unknown change in --apply "added"; expected one of: renamed, moved, located, gone'),
        (["--apply", "gone"], 2, "--apply gone without --scope; name beneath which organisation"),
        (["--scope", "9"], 1, "scope: There is no organisation with the code 9"),
    ],
)
def test_a_wrong_option_is_refused(linli: Linli, migrated: Project, arguments: list[str], code: int, told: str) -> None:
    file = migrated.folder / "orgs.csv"
    file.write_text(ORGS, "utf-8")
    result = linli("import", "orgs", file, *arguments, "--config", migrated.config)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"error: {told}")


def test_a_file_that_is_not_there_is_refused(linli: Linli, sqlite: Project) -> None:
    result = linli("import", "orgs", "nowhere.csv", "--config", sqlite.config)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: FILE.csv: file 'nowhere.csv' does not exist.")


def test_a_file_that_is_no_text_is_refused(linli: Linli, migrated: Project) -> None:
    file = migrated.folder / "orgs.csv"
    file.write_bytes(ORGS.encode("utf-16"))
    result = linli("import", "orgs", file, "--config", migrated.config)
    assert result.exit_code == 1
    assert "error: file: UTF-16 is not read; save the file as UTF-8 or GB18030" in result.stderr


def test_what_was_perhaps_renamed_under_another_code_is_proposed_and_not_carried_out(
    linli: Linli, migrated: Project
) -> None:
    file, named = migrated.folder / "orgs.csv", ("--config", migrated.config)
    streets = "code,level,name,parent_code\n430602014000,SUBDISTRICT,站前街道,430602000000\n"
    file.write_text(streets + "430602018000,SUBDISTRICT,龙山街道,430602000000\n", "utf-8")
    assert linli("import", "orgs", file, *named).exit_code == 0
    newer = streets.replace("430602014000,SUBDISTRICT,站前", "430602024000,SUBDISTRICT,站前路")
    file.write_text(newer + "430602019000,SUBDISTRICT,月山街道,430602000000\n", "utf-8")
    shown = linli("import", "orgs", file, "--dry-run", *named)
    (told,) = [line for line in shown.stderr.splitlines() if line.startswith("line ")]
    assert told == ("line 2: 430602024000 站前路街道 is new, 430602014000 站前街道 is not in the file; are they one?")
    assert linli("import", "orgs", file, *named).exit_code == 0
    assert ("SUBDISTRICT", "站前街道") in migrated.query(NODES)
    merged = linli("org", "merge", "430602014000", "--into", "430602024000", *named)
    assert merged.exit_code == 0, merged.output
    assert ("SUBDISTRICT", "站前街道") not in migrated.query(NODES)
    assert linli("import", "orgs", file, *named).stderr == "rows: 2 (UTF-8), unchanged: 2\n"

from __future__ import annotations

import pytest
from pwdlib import PasswordHash

from tests.core.cli.projects import Linli, Project

PASSWORD = "correct horse battery"
GRANTS = (
    "SELECT a.username, g.role, o.kind, o.code, g.valid_from, g.valid_to FROM core_grant g"
    " JOIN core_account a ON a.id = g.account_id JOIN core_org_node o ON o.id = g.org_id ORDER BY g.role"
)
ORGS = """\
code,level,name,parent_code
430602001000,SUBDISTRICT,岳阳楼街道,430602000000
430602001001,COMMUNITY,某社区,430602001000
"""


def test_an_account_is_made_with_a_role_at_the_root_valid_since_ever(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    create = ("account", "create", "--district", project.key, "chen", "--role", "district-admin")
    result = linli(*create, "--config", project.config)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        'the account "chen" is made\nit is given the role district-admin at DISTRICT:430602000000\n'
    )
    assert project.query(GRANTS) == [("chen", "district-admin", "DISTRICT", "430602000000", None, None)]
    assert project.query("SELECT type FROM core_event ORDER BY type")[:2] == [
        ("core.account_created",),
        ("core.grant_given",),
    ]


def test_a_second_run_says_so_and_changes_nothing(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    create = ("account", "create", "--district", project.key, "chen", "--role", "auditor", "--config", project.config)
    linli(*create)
    again = linli(*create)
    assert again.exit_code == 0
    assert again.stdout == (
        'the account "chen" exists already\nit has the role auditor at DISTRICT:430602000000 already\n'
    )
    assert len(project.query(GRANTS)) == 1


def test_a_missing_role_is_added(linli: Linli, migrated: Project) -> None:
    linli("account", "create", "chen", "--config", migrated.config)
    linli("account", "create", "chen", "--role", "auditor", "--config", migrated.config)
    result = linli("account", "create", "chen", "--role", "resident", "--config", migrated.config)
    assert result.exit_code == 0
    assert [role for _, role, *_ in migrated.query(GRANTS)] == ["auditor", "resident"]


def test_a_role_that_has_ended_is_given_again(linli: Linli, migrated: Project) -> None:
    create = ("account", "create", "chen", "--role", "auditor", "--config", migrated.config)
    linli(*create)
    migrated.change("UPDATE core_grant SET valid_to = '2020-01-01 00:00:00.000000+00:00'")
    assert "it is given the role auditor" in linli(*create).stdout
    assert len(migrated.query(GRANTS)) == 2


@pytest.mark.parametrize("at", ["COMMUNITY:430602001001", "430602001001"])
def test_a_role_is_given_at_an_organisation(linli: Linli, migrated: Project, at: str) -> None:
    file = migrated.folder / "orgs.csv"
    file.write_text(ORGS, "utf-8")
    linli("import", "orgs", file, "--config", migrated.config)
    result = linli("account", "create", "wang", "--role", "grid-officer", "--at", at, "--config", migrated.config)
    assert result.stdout.endswith("it is given the role grid-officer at COMMUNITY:430602001001\n")
    assert migrated.query(GRANTS) == [("wang", "grid-officer", "COMMUNITY", "430602001001", None, None)]


def test_the_password_is_the_first_line_of_stdin(linli: Linli, migrated: Project) -> None:
    create = ("account", "create", "chen", "--password-stdin", "--config", migrated.config)
    assert linli(*create, input=f"{PASSWORD}\r\nsecond line\n").exit_code == 0
    [(kept,)] = migrated.query("SELECT password_hash FROM core_account")
    assert PasswordHash.recommended().verify(PASSWORD, kept)
    assert linli(*create, input=PASSWORD).stdout == 'the account "chen" exists already\n'


def test_an_existing_account_keeps_its_password_and_says_so(linli: Linli, migrated: Project) -> None:
    create = ("account", "create", "chen", "--password-stdin", "--config", migrated.config)
    linli(*create, input=PASSWORD)
    result = linli(*create, input="another password")
    assert result.exit_code == 0
    assert result.stdout.endswith("its password stays as it was; the one on stdin is another\n")
    [(kept,)] = migrated.query("SELECT password_hash FROM core_account")
    assert PasswordHash.recommended().verify(PASSWORD, kept)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["x", "--role", "grid-oficer"], 2, 'unknown role "grid-oficer"; did you mean "grid-officer"?'),
        (["x", "--role", "qqq"], 2, 'unknown role "qqq"; expected one of: assessor, auditor,'),
        (["x", "--at", "1"], 2, "--at without --role; add --role, or leave out --at"),
        (["x", "--role", "auditor", "--at", "9"], 1, "no valid organisation 9; expected [KIND:]CODE of one"),
        (
            ["x", "--role", "auditor", "--at", "COMMUNTY:1"],
            1,
            'unknown kind of organisation "COMMUNTY"; did you mean "COMMUNITY"?',
        ),
        (["a b"], 1, "username: 1 to 100 characters without spaces"),
        (["x", "--password-stdin"], 2, "no password on stdin; write it as the first line"),
        ([], 2, "NAME is missing"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    linli: Linli, migrated: Project, arguments: list[str], code: int, told: str
) -> None:
    result = linli("account", "create", *arguments, "--config", migrated.config)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"error: {told}")
    assert migrated.query("SELECT * FROM core_account") == []


def test_a_password_that_is_too_short_is_refused(linli: Linli, migrated: Project) -> None:
    result = linli("account", "create", "x", "--password-stdin", "--config", migrated.config, input="short")
    assert result.exit_code == 1
    assert result.stderr == "error: password: At least 10 characters\n"


def test_a_district_that_is_behind_is_refused_and_not_touched(linli: Linli, project: Project) -> None:
    result = linli("account", "create", "x", "--district", project.key, "--config", project.config)
    assert result.exit_code == 1
    key = project.key
    assert result.stderr == f"error: district {key} is not up to date; run `linli migrate --district {key}` first\n"
    assert not project.exists()


def test_without_a_root_a_role_has_no_place(linli: Linli, migrated: Project) -> None:
    migrated.change("DELETE FROM core_org_state; DELETE FROM core_org_node")
    result = linli("account", "create", "x", "--role", "auditor", "--config", migrated.config)
    assert result.exit_code == 1
    assert "district yueyanglou has no root node; run `linli migrate --district yueyanglou`" in result.stderr


def test_which_of_several_districts_must_be_said(linli: Linli, project: Project) -> None:
    result = linli("account", "create", "x", "--config", project.config)
    assert result.exit_code == 2
    named = ", ".join(project.keys)
    assert result.stderr == f"error: no district is named; expected one of {named}; add --district KEY\n"

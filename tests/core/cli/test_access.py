from __future__ import annotations

import pytest

from tests.core.cli.projects import Linli, Project

ORGS = """\
code,level,name,parent_code
430602001000,SUBDISTRICT,岳阳楼街道,430602000000
430602001001,COMMUNITY,某社区,430602001000
430602002000,SUBDISTRICT,三眼桥街道,430602000000
"""


@pytest.fixture
def staffed(linli: Linli, migrated: Project) -> Project:
    """A district with two streets and an official of the first."""
    orgs = migrated.folder / "orgs.csv"
    orgs.write_text(ORGS, "utf-8")
    linli("import", "orgs", orgs, "--config", migrated.config)
    role = ("--role", "street-official", "--at", "430602001000")
    result = linli("account", "create", "wang", *role, "--config", migrated.config)
    assert result.exit_code == 0, result.stderr
    return migrated


def explained(linli: Linli, project: Project, *more: str) -> tuple[int, list[str]]:
    result = linli("access", "explain", "--account", "wang", *more, "--config", project.config)
    return result.exit_code, result.stdout.splitlines() or result.stderr.splitlines()


def test_yes_names_the_grant_that_decides(linli: Linli, staffed: Project) -> None:
    assert explained(linli, staffed, "--can", "core.org.read", "--at", "COMMUNITY:430602001001") == (
        0,
        [
            "yes: wang may core.org.read at COMMUNITY:430602001001",
            "role street-official at SUBDISTRICT:430602001000, from - until -",
        ],
    )


def test_no_names_what_counts_elsewhere_and_what_would_be_needed(linli: Linli, staffed: Project) -> None:
    code, lines = explained(linli, staffed, "--can", "core.org.read", "--at", "430602002000")
    assert (code, lines[:2]) == (
        1,
        [
            "no: wang may not core.org.read at SUBDISTRICT:430602002000",
            "not there: role street-official at SUBDISTRICT:430602001000, from - until -",
        ],
    )
    assert "auditor" in lines[2]
    assert explained(linli, staffed, "--can", "core.grant.write") == (
        1,
        [
            "no: wang may not core.grant.write at DISTRICT:430602000000",
            "needed: at DISTRICT:430602000000 or above one of the roles: district-admin, security-admin",
        ],
    )


def test_a_delegated_role_names_whose_it_is(linli: Linli, staffed: Project) -> None:
    linli("account", "create", "deputy", "--config", staffed.config)
    staffed.change(
        "INSERT INTO core_grant (id, version, created_at, updated_at, account_id, role, org_id, delegated_from_id)"
        " SELECT '01a204d8-2ad9-7595-bcd2-eb614bd0e8ee', 1, g.created_at, g.updated_at, a.id, g.role, g.org_id, g.id"
        " FROM core_grant g, core_account a WHERE a.username = 'deputy'"
    )
    result = linli(
        "access",
        "explain",
        "--account",
        "deputy",
        "--can",
        "core.org.read",
        "--at",
        "430602001001",
        "--config",
        staffed.config,
    )
    assert result.stdout.endswith(
        "role street-official at SUBDISTRICT:430602001000, from - until -, delegated by wang\n"
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--can", "core.org.reed"], 'unknown permission "core.org.reed"; did you mean "core.org.read"?'),
        (["--can", "core.org.read", "--at", "nowhere"], "no valid organisation nowhere"),
    ],
)
def test_what_does_not_exist_is_told(linli: Linli, staffed: Project, more: list[str], told: str) -> None:
    code, lines = explained(linli, staffed, *more)
    assert code != 0
    assert told in " ".join(lines)


def test_a_person_who_held_two_of_the_three_administrators_roles_already_is_found(
    linli: Linli, migrated: Project
) -> None:
    """By two accounts of one person, and by one account without a person; another who holds one role is not named."""
    named = ("--config", migrated.config)
    for name, roles in {"one": ["auditor"], "two": ["system-admin"], "both": ["auditor", "security-admin"]}.items():
        for role in roles:
            assert linli("account", "create", name, "--role", role, *named).exit_code == 0
    assert linli("account", "create", "other", "--role", "auditor", *named).exit_code == 0
    columns = "version, created_at, updated_at, name, name_key"
    now = "1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP"
    migrated.change(
        f"INSERT INTO core_person (id, {columns}) VALUES ('019a0000-0000-7000-8000-000000000001', {now}, 'x', 'x');"
        "UPDATE core_account SET person_id = '019a0000-0000-7000-8000-000000000001' WHERE username IN ('one', 'two');"
    )
    before = linli("check", *named)
    assert (before.exit_code, before.stdout) == (0, "")
    migrated.write(f"[districts.{migrated.key}.settings.core]\nthree_admins = true\n")
    found = linli("check", *named)
    assert found.exit_code == 1
    lines = found.stdout.splitlines()
    said = f"district {migrated.key}: one person holds roles that exclude each other"
    assert sorted(line.partition(" (with ")[0] for line in lines) == [
        f"{said} (both: auditor, both: security-admin)",
        f"{said} (one: auditor, two: system-admin)",
    ]
    assert all("`revokeGrant`" in line for line in lines)


def test_roles_held_one_after_the_other_exclude_nobody(linli: Linli, migrated: Project) -> None:
    named = ("--config", migrated.config)
    for role in ("auditor", "system-admin"):
        assert linli("account", "create", "both", "--role", role, *named).exit_code == 0
    migrated.write(f"[districts.{migrated.key}.settings.core]\nthree_admins = true\n")
    for role, end in (("auditor", "2999-01-01 00:00:00+00:00"), ("system-admin", "2000-01-01 00:00:00+00:00")):
        assert linli("check", *named).exit_code == 1
        migrated.change(f"UPDATE core_grant SET valid_to = '{end}' WHERE role = '{role}'")
    assert (linli("check", *named).exit_code, linli("check", *named).stdout) == (0, "")
    migrated.change(
        "UPDATE core_grant SET valid_to = NULL, valid_from = '2999-01-01 00:00:00+00:00' WHERE role = 'system-admin'"
    )
    assert linli("check", *named).exit_code == 0
    migrated.change("UPDATE core_grant SET valid_from = '2998-01-01 00:00:00+00:00' WHERE role = 'system-admin'")
    assert linli("check", *named).exit_code == 1

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from linli.core import clock
from linli.core.access.tokens import digest
from linli.core.cli.durations import after
from linli.core.cli.messages import UsageError
from tests.core.cli.projects import Linli, Project

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_exactly_the_token_is_printed(linli: Linli, project: Project) -> None:
    config = ("--district", project.key, "--config", project.config)
    linli("migrate", "--config", project.config)
    linli("account", "create", "chen", *config)
    result = linli("token", "create", "--account", "chen", *config)
    assert (result.exit_code, result.stderr) == (0, "")
    token = result.stdout.removesuffix("\n")
    assert token.startswith("linli_")
    assert "\n" not in token
    assert project.query("SELECT digest, expires_at, revoked_at FROM core_token") == [(digest(token), None, None)]


def test_a_token_counts_as_long_as_it_is_said(linli: Linli, migrated: Project) -> None:
    linli("account", "create", "chen", "--config", migrated.config)
    before = clock.use(clock.FrozenClock(START))
    try:
        linli("token", "create", "--account", "chen", "--ttl", "30d", "--config", migrated.config)
    finally:
        clock.use(before)
    [(expires_at,)] = migrated.query("SELECT expires_at FROM core_token")
    assert datetime.fromisoformat(expires_at) == START + timedelta(days=30)


def test_an_account_that_is_not_there_is_refused_with_what_to_do(linli: Linli, migrated: Project) -> None:
    result = linli("token", "create", "--account", "chen", "--config", migrated.config)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == ('error: no account "chen"; make it by `linli account create --district yueyanglou chen`\n')


def test_a_disabled_account_gets_no_token(linli: Linli, migrated: Project) -> None:
    linli("account", "create", "chen", "--config", migrated.config)
    migrated.change("UPDATE core_account SET disabled_at = '2026-01-01 00:00:00.000000+00:00'")
    result = linli("token", "create", "--account", "chen", "--config", migrated.config)
    assert result.exit_code == 1
    assert 'the account "chen" is disabled' in result.stderr
    assert migrated.query("SELECT * FROM core_token") == []


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
        ("12h", timedelta(hours=12)),
        ("90m", timedelta(minutes=90)),
        (" 45S ", timedelta(seconds=45)),
    ],
)
def test_a_span_is_a_number_and_a_unit(written: str, span: timedelta) -> None:
    assert after(START, written, "--ttl") == START + span


@pytest.mark.parametrize("written", ["", "30", "d", "-1d", "0d", "1.5h", "1y", "999999999w", "٣d"])
def test_anything_else_is_no_span(written: str) -> None:
    with pytest.raises(UsageError, match="is no span of time; write one such as 30d, 12h or 90m"):
        after(START, written, "--ttl")


def test_a_span_that_is_none_is_a_usage_error(linli: Linli, sqlite: Project) -> None:
    result = linli("token", "create", "--account", "chen", "--ttl", "soon", "--config", sqlite.config)
    assert result.exit_code == 2
    assert result.stderr == 'error: --ttl "soon" is no span of time; write one such as 30d, 12h or 90m\n'


def test_a_token_is_narrowed_to_permissions_and_a_place(linli: Linli, migrated: Project) -> None:
    config = ("--config", migrated.config)
    linli("account", "create", "chen", "--role", "district-admin", *config)
    wanted = ("--permission", "core.org.read", "--permission", "core.org.write", "--at", "430602000000")
    assert linli("token", "create", "--account", "chen", *wanted, *config).exit_code == 0
    [(permissions, org_id)] = migrated.query("SELECT permissions, org_id FROM core_token")
    assert permissions == "core.org.read core.org.write"
    assert [(org_id,)] == migrated.query("SELECT id FROM core_org_node WHERE parent_id IS NULL")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (("--permission", "core.org.raed"), "core.org.read"),
        (("--at", "430602003006"), "no valid organisation 430602003006"),
    ],
)
def test_a_token_is_not_narrowed_to_what_is_not_there(
    linli: Linli, migrated: Project, wanted: tuple[str, str], told: str
) -> None:
    linli("account", "create", "chen", "--config", migrated.config)
    result = linli("token", "create", "--account", "chen", *wanted, "--config", migrated.config)
    assert result.exit_code != 0
    assert told in result.stderr
    assert migrated.query("SELECT * FROM core_token") == []

"""Taking back grants and ending sessions from the command line."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from linli.core.cli.operator import operator
from tests.core.cli.projects import Linli, Project

SESSION = "01a204d8-2ad9-7595-bcd2-eb614bd0e8ee"


@pytest.fixture
def manned(linli: Linli, project: Project) -> Project:
    """A district with an official and an open session, on either engine."""
    linli("migrate", "--district", project.key, "--config", project.config)
    told(linli, project, "account", "create", "wang", "--role", "district-official")
    return project


def told(linli: Linli, project: Project, *command: str) -> list[list[str]]:
    """The cells of what a command prints."""
    result = linli(*command, "--district", project.key, "--config", project.config)
    assert result.exit_code == 0, result.stderr
    return [line.split("\t") for line in result.stdout.splitlines()]


def refused(linli: Linli, project: Project, *command: str) -> str:
    result = linli(*command, "--district", project.key, "--config", project.config)
    assert result.exit_code != 0
    return result.stderr


def last_event(project: Project) -> tuple[str, Any]:
    """The type of the last event, and its payload."""
    [(kind, payload)] = project.query(
        "SELECT e.type, p.payload FROM core_event AS e JOIN core_event_payload AS p ON p.id = e.id"
        " ORDER BY e.at DESC, e.ordinal DESC LIMIT 1"
    )
    return kind, json.loads(payload)


def test_a_grant_is_listed_and_taken_back_once_by_a_named_operator(linli: Linli, manned: Project) -> None:
    header, row = told(linli, manned, "access", "grants", "--account", "wang")
    assert header == ["grant", "role", "at", "from (UTC)", "until (UTC)", "delegated by"]
    assert row[1:] == ["district-official", "DISTRICT:430602000000", "", "", ""]
    assert told(linli, manned, "access", "revoke", row[0]) == [
        ["wang no longer has the role district-official at DISTRICT:430602000000 by this grant"]
    ]
    kind, payload = last_event(manned)
    assert (kind, payload["role"], payload["operator"]) == ("core.grant_revoked", "district-official", operator())
    assert told(linli, manned, "access", "grants", "--account", "wang") == [header]
    assert refused(linli, manned, "access", "revoke", row[0]) == "error: This grant has ended already\n"


def test_what_is_no_grant_is_told(linli: Linli, manned: Project) -> None:
    assert "no id; a UUID is expected" in refused(linli, manned, "access", "revoke", "wang")
    assert f"there is no grant {SESSION}" in refused(linli, manned, "access", "revoke", SESSION)
    assert f"wang has no session {SESSION}" in refused(
        linli, manned, "account", "sign-out", "wang", "--session", SESSION
    )


def test_a_closed_account_is_told_as_closed_and_gets_no_token(linli: Linli, manned: Project) -> None:
    assert told(linli, manned, "account", "close", "wang") == [["wang is closed, and 0 sessions with it"]]
    kind, payload = last_event(manned)
    assert (kind, payload) == ("core.account_closed", {"sessions": 0, "operator": operator()})
    assert 'the account "wang" is disabled' in refused(linli, manned, "account", "close", "wang")
    assert 'the account "wang" is disabled' in refused(linli, manned, "token", "create", "--account", "wang")


def test_sessions_are_listed_and_ended_one_or_all(linli: Linli, migrated: Project) -> None:
    told(linli, migrated, "account", "create", "wang")
    for number in range(3):
        opened = str(UUID(int=UUID(SESSION).int + number))
        migrated.change(
            "INSERT INTO core_session (id, version, created_at, updated_at, account_id, provider, network, agent,"
            " last_used_at, expires_at, second_factor)"
            f" SELECT '{opened}', 1, created_at, created_at, id, 'password', '',"
            " 'Firefox / Linux', created_at, '2999-01-01 00:00:00.000000+00:00', 0 FROM core_account"
        )
    header, *rows = told(linli, migrated, "account", "sessions", "wang")
    assert header[:3] == ["session", "provider", "device"]
    assert [row[1:3] for row in rows] == [["password", "Firefox / Linux"]] * 3
    ended = told(linli, migrated, "account", "sign-out", "wang", "--session", SESSION)
    assert ended == [["wang: 1 sessions are ended; service tokens stay"]]
    assert last_event(migrated) == (
        "core.session_ended",
        {"session_id": SESSION, "reason": "BY_OPERATOR", "operator": operator()},
    )
    assert len(told(linli, migrated, "account", "sessions", "wang")) == 1 + 2
    assert told(linli, migrated, "account", "sign-out", "wang") == [["wang: 2 sessions are ended; service tokens stay"]]
    assert told(linli, migrated, "account", "sessions", "wang") == [header]


def test_the_operator_is_whoever_runs_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("LOGNAME", "somebody-else")
    name = operator()
    assert name not in ("", "somebody-else")
    monkeypatch.setenv("SUDO_USER", "li")
    assert operator() == f"li ({name})"

"""`linli retention`: how long what is kept, and what was kept that long goes, also when the process is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
from tortoise.expressions import Q, RawSQL

from linli.core import clock
from linli.core.access.models import Account, AccountSession, RefreshToken, Token
from linli.core.config import load
from linli.core.districts import open_platform
from linli.core.jobs import retention
from linli.core.people.models import Person
from linli.core.plugins.discovery import installed
from linli.core.privacy.retention import RetentionRule
from linli.core.records.unit_of_work import transact
from tests.core.cli.projects import Linli, Maker, Project, aside

TABLES = ("core_session", "core_refresh_token", "core_token")
LIMITS = "[districts.yueyanglou.settings.core.retention]\n"
KILLING = """
import os, signal
told = []
@hookimpl
async def linli_event(event):
    if event.type == "core.retention_applied":
        told.append(event)
    if len(told) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
"""
RUN = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
application(installed([importlib.import_module("made_for_cli_killing")]))(sys.argv[2:])
"""


async def _sessions(project: Project, number: int) -> None:
    """Sessions that were over a year ago, each with its tokens."""
    found, old = installed(), clock.now() - timedelta(days=366)

    async def write(_: object) -> None:
        account = await Account.create(username=f"a-{uuid4()}")
        seen = {"provider": "password", "network": "10.0.0.0/24", "agent": "x", "last_used_at": old, "expires_at": old}
        made = [AccountSession(account_id=account.id, **seen) for _ in range(number)]
        await AccountSession.bulk_create(made)
        await RefreshToken.bulk_create([RefreshToken(session_id=it.id, digest=f"r{it.id.hex}") for it in made])
        tokens = [Token(account_id=account.id, session_id=it.id, digest=f"t{it.id.hex}") for it in made]
        await Token.bulk_create(tokens)

    async with open_platform(load(project.config, found), found, [project.key]) as platform:
        with platform.districts[project.key].scope():
            await transact(write)


@pytest.fixture
def filled(project: Project, linli: Linli) -> Project:
    """A district with twenty sessions of long ago."""
    assert linli("migrate", "--district", project.key, "--config", project.config).exit_code == 0
    aside(_sessions(project, 20))
    return project


def run(project: Project, *more: str) -> list[str]:
    return ["retention", "--district", project.key, *more, "--config", str(project.config)]


def rows(project: Project) -> list[int]:
    return [int(project.query(f"SELECT count(*) FROM {table}")[0][0]) for table in TABLES]


def told(project: Project) -> list[int]:
    """How many rows each event says were deleted, in order."""
    found = project.query(
        "SELECT p.payload FROM core_event e JOIN core_event_payload p ON p.id = e.id "
        "WHERE e.type = 'core.retention_applied' ORDER BY e.sequence"
    )
    return [json.loads(payload)["rows"] for (payload,) in found]


def line(output: str, name: str) -> list[str]:
    (found,) = (each.split("\t") for each in output.splitlines() if each.startswith(f"{name}\t"))
    return found


def test_it_lists_what_is_due_and_why_and_carries_it_out_once(filled: Project, linli: Linli) -> None:
    listed = linli(*run(filled, "--dry-run"))
    assert listed.exit_code == 0, listed.output
    rule = line(listed.stdout, "core.sessions")
    assert rule[1:6] == ["core_session", "rows deleted", "6 months", "6 months .. 3 years", "20"]
    assert "Cybersecurity Law of 2017" in rule[6]
    assert line(listed.stdout, "core.requests")[5] == "0"
    kept = line(listed.stdout, "core.accounts (password_hash)")
    assert kept[2:6] == ["kept", "", "", ""]
    assert (rows(filled), told(filled)) == ([20, 20, 20], [])
    done = linli(*run(filled, "--batch", "8"))
    assert done.exit_code == 0, done.output
    assert line(done.stdout, "core.sessions")[5] == "20"
    assert "rows deleted or cleared: 20" in done.stdout
    assert (rows(filled), told(filled)) == ([0, 0, 0], [8, 8, 4])
    again = linli(*run(filled))
    assert "rows deleted or cleared: 0" in again.stdout
    assert told(filled) == [8, 8, 4]
    assert linli("audit", "verify", "--district", filled.key, "--config", filled.config).exit_code == 0


def test_a_process_that_is_killed_leaves_whole_rows_and_is_carried_on(
    filled: Project, made: Maker, linli: Linli
) -> None:
    made("killing", KILLING)
    filled.write(plugins='["killing"]')
    command = [sys.executable, "-c", RUN, str(filled.folder), *run(filled, "--batch", "3")]
    killed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert rows(filled) == [14, 14, 14]
    filled.write()
    done = linli(*run(filled))
    assert line(done.stdout, "core.sessions")[5] == "14"
    assert (rows(filled), told(filled)) == ([0, 0, 0], [3, 3, 14])
    assert linli("audit", "verify", "--district", filled.key, "--config", filled.config).exit_code == 0


def test_a_period_is_chosen_within_its_limits_and_errors_say_which(migrated: Project, linli: Linli) -> None:
    refused = {
        'core.sessions = "180 days"': '"core.sessions" is kept for 180 days; allowed: 6 months to 3 years',
        'core.requests = "8 days"': '"core.requests" is kept for 8 days; allowed: 7 days to 7 days',
        'core.session = "1 year"': 'unknown retention rule "core.session" (did you mean "core.sessions"?)',
        'venues.waitlist = "4 years"': '"venues.waitlist" is kept for 4 years; allowed: 1 day to 3 years',
        'core.sessions = "a year"': 'a span such as "30 days", "6 months" or "3 years"',
        "core.sessions = 365": "a text",
        '"core.sessions" = "1 year"': "core.sessions",
    }
    for written, said in refused.items():
        migrated.write(LIMITS + written)
        result = linli("check", "--config", migrated.config)
        assert (result.exit_code, said in result.stdout) == (1, True), result.stdout
        assert "linli.toml:11:" in result.stdout, written
    migrated.write(LIMITS + 'core.sessions = "1 year"\nvenues.waitlist = "2 weeks"\n')
    assert linli("check", "--config", migrated.config).exit_code == 0
    listed = linli(*run(migrated, "--dry-run"))
    assert line(listed.stdout, "core.sessions")[3] == "1 year"


def test_a_rule_that_fails_is_named_and_the_others_are_carried_out(
    filled: Project, linli: Linli, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = RetentionRule(
        "core.broken",
        Person,
        "created_at",
        "1 day",
        "1 day",
        "1 day",
        "Broken on purpose. 测试。",
        rows=lambda: Q(name=RawSQL("no_such_function(1)")),
    )
    monkeypatch.setattr(retention, "CORE_RETENTION", (broken, *retention.CORE_RETENTION))
    result = linli(*run(filled))
    assert (result.exit_code, "rules that failed, see the log: core.broken" in result.stderr) == (1, True)
    assert line(result.stdout, "core.sessions")[5] == "20"
    assert (rows(filled), told(filled)) == ([0, 0, 0], [20])

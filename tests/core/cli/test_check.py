from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest

from linli.core.plugins.dispatcher import Hooks, Outcome
from linli.core.plugins.health import HealthProblem
from linli.core.plugins.locations import Location
from linli.core.plugins.problems import HookError
from tests.core.cli.projects import Linli, Project, postgres_answers


def test_all_findings_are_told_at_once(linli: Linli, sqlite: Project) -> None:
    sqlite.config.write_text(
        sqlite.config.read_text("utf-8").replace("listed", "listd") + "\n[server]\nport = 99999\n", "utf-8"
    )
    result = linli("check", "--config", sqlite.config)
    assert result.exit_code == 1
    found = result.stdout.splitlines()
    assert len(found) == 2
    assert f"{sqlite.config}:7: districts.yueyanglou.listd" in found[0]
    assert 'did you mean "listed"?' in found[0]
    assert "server.port" in found[1]
    assert f"error: {sqlite.config} has errors: 2;" in result.stderr


def test_a_file_that_is_missing_is_told_with_what_to_do(linli: Linli, tmp_path: Path) -> None:
    result = linli("check", "--config", tmp_path / "linli.toml")
    assert result.exit_code == 1
    assert "cannot be read: No such file or directory (`linli init DIR` writes one" in result.stdout


def test_missing_migrations_are_a_warning(linli: Linli, project: Project) -> None:
    result = linli("check", "--config", project.config)
    assert result.exit_code == 0
    for key in project.keys:
        assert f"district {key}: warning: " in result.stdout
        assert f"migrations are missing, the first is core.0001_initial (run `linli migrate --district {key}`)" in (
            result.stdout
        )
        assert not project.exists(key)


def test_nothing_is_told_where_all_is_well(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    result = linli("check", "--config", project.config)
    told = result.stdout.splitlines()
    durable = [line for line in told if " of PostgreSQL is off (" not in line]  # as on a server that is thrown away
    assert (result.exit_code, durable) == (0, [])
    assert result.stderr == f"no errors in {project.config}; other remarks: {len(told)}\n"


def test_databases_that_do_not_answer_are_errors_told_at_once_without_their_passwords(
    linli: Linli, tmp_path: Path
) -> None:
    project = Project(tmp_path, "postgres://linli:secret@127.0.0.1:1/x", ("first", "second")).write(
        '[districts.third]\nname = "x"\ndatabase = "postgres://linli:secret@no..host/x"\n'
    )
    result = linli("check", "--config", project.config)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["district first", "district second", "district third"]
    assert lines[0].startswith("district first: the database does not answer: schema d_first: ")
    assert lines[0].endswith("(see that it runs, and that the database URL leads to it)")
    assert f"error: {project.config} has errors: 3; " in result.stderr
    assert "secret" not in result.output
    assert "Traceback" not in result.output


def test_databases_that_never_answer_are_not_waited_for_long(linli: Linli, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgres://linli:secret@127.0.0.1:{silent.getsockname()[1]}/x"
        project = Project(tmp_path, url, ("first", "second", "third")).write()
        begun = time.monotonic()
        result = linli("check", "--config", project.config)
        assert time.monotonic() - begun < 9
    assert result.exit_code == 1
    assert result.stdout.count("no answer within 5 seconds") == 3


def test_a_database_that_refuses_the_login_is_an_error(linli: Linli, tmp_path: Path) -> None:
    url = postgres_answers().rpartition("/")[0]
    project = Project(tmp_path, f"{url}/no_such_database", ("first",)).write()
    result = linli("check", "--config", project.config)
    assert result.exit_code == 1
    assert 'district first: the database does not answer: schema d_first: database "no_such_database"' in result.stdout


def test_a_file_that_is_no_database_is_an_error(linli: Linli, sqlite: Project) -> None:
    sqlite.file().parent.mkdir()
    sqlite.file().write_bytes(b"this is no database, but long enough to be looked at" * 20)
    result = linli("check", "--config", sqlite.config)
    assert result.exit_code == 1
    assert "district yueyanglou: the database does not answer: " in result.stdout


def test_postgresql_without_its_driver_is_an_error_that_says_what_to_install(tmp_path: Path) -> None:
    project = Project(tmp_path, "postgres://linli:secret@127.0.0.1:1/x", ("first",)).write()
    without = "import sys; sys.modules['asyncpg'] = None; from linli.core.cli.main import main; main()"
    for command in ("check", "migrate", "serve"):
        done = subprocess.run(
            [sys.executable, "-c", without, command, "--config", str(project.config)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert "pip install 'linli[postgres]'" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_a_database_of_a_newer_version_is_a_warning(linli: Linli, migrated: Project) -> None:
    migrated.change(
        "INSERT INTO core_migration (app, name, applied_at, position) VALUES ('core', '9999_later', '2030-01-01', 99)"
    )
    result = linli("check", "--config", migrated.config)
    assert result.exit_code == 0
    assert "district yueyanglou: warning: The database is newer than what is installed" in result.stdout


@pytest.fixture
def health(monkeypatch: pytest.MonkeyPatch) -> list[Outcome]:
    """What plugins answer when they are asked for their health."""
    answers: list[Outcome] = []

    async def outcomes(_self: Hooks, hook: str, /, **_arguments: object) -> Sequence[Outcome]:
        assert hook == "linli_check"
        return answers

    monkeypatch.setattr(Hooks, "outcomes", outcomes)
    return answers


def test_what_plugins_find_wrong_is_a_warning(linli: Linli, migrated: Project, health: list[Outcome]) -> None:
    health += [Outcome("venues", [HealthProblem(message="No venue.", remedy="Create one.")]), Outcome("other")]
    result = linli("check", "--config", migrated.config)
    assert (result.exit_code, result.stdout) == (
        0,
        "district yueyanglou: warning: venues: No venue. (Create one.)\n",
    )


def test_what_keeps_a_plugin_from_working_is_an_error(linli: Linli, migrated: Project, health: list[Outcome]) -> None:
    failure = HookError("other", "linli_check", Location("other.py", 3), ValueError())
    fatal = HealthProblem(message="No door.", remedy="Mend it.", fatal=True)
    health += [Outcome("venues", [fatal]), Outcome("other", failure=failure)]
    result = linli("check", "--config", migrated.config)
    assert result.exit_code == 1
    assert "district yueyanglou: venues: No door. (Mend it.)\n" in result.stdout
    assert "the health check of other failed: other.py:3: plugin 'other' failed in linli_check: ValueError" in (
        result.stdout
    )


def test_a_server_that_may_lose_what_it_acknowledged_is_a_warning(linli: Linli, tmp_path: Path) -> None:
    key = f"cli_{uuid.uuid4().hex[:10]}"
    project = Project(tmp_path, f"{postgres_answers()}?synchronous_commit=off", (key,)).write()
    try:
        assert linli("migrate", "--config", project.config).exit_code == 0
        result = linli("check", "--config", project.config)
    finally:
        project.drop()
    assert result.exit_code == 0
    assert f"district {key}: warning: synchronous_commit of PostgreSQL is off (set it to on; " in result.stdout

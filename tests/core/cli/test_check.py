from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from linli.core.plugins.dispatcher import Hooks, Outcome
from linli.core.plugins.health import HealthProblem
from linli.core.plugins.locations import Location
from linli.core.plugins.problems import HookError
from tests.core.cli.projects import Linli, Project


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


def test_missing_migrations_are_a_note(linli: Linli, project: Project) -> None:
    result = linli("check", "--config", project.config)
    assert result.exit_code == 0
    for key in project.keys:
        assert f"district {key}: note: " in result.stdout
        assert f"migrations are missing, the first is core.0001_initial (run `linli migrate --district {key}`)" in (
            result.stdout
        )
        assert not project.exists(key)


def test_nothing_is_told_where_all_is_well(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    result = linli("check", "--config", project.config)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"no errors in {project.config}; other remarks: 0\n"


def test_a_database_that_does_not_answer_is_a_note_without_its_password(linli: Linli, tmp_path: Path) -> None:
    project = Project(tmp_path, "postgres://linli:secret@127.0.0.1:1/x", ("yueyanglou",)).write()
    result = linli("check", "--config", project.config)
    assert result.exit_code == 0
    assert "district yueyanglou: note: the database does not answer: schema d_yueyanglou: " in result.stdout
    assert "secret" not in result.output


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

from __future__ import annotations

import pytest

from tests.core.cli.projects import Linli, Project


def test_every_district_is_migrated_and_gets_its_root(linli: Linli, project: Project) -> None:
    result = linli("migrate", "--config", project.config)
    assert result.exit_code == 0, result.stderr
    for key in project.keys:
        assert f"{key}: core.0001_initial applied" in result.stdout
        assert f"{key}: the root node 岳阳市岳阳楼区 is made" in result.stdout
        roots = project.query("SELECT kind, code, name, valid_from, parent_id FROM core_org_node", key)
        assert roots == [("DISTRICT", "430602000000", "岳阳市岳阳楼区", None, None)]
        assert project.query("SELECT name, valid_from, valid_to FROM core_org_state", key) == [
            ("岳阳市岳阳楼区", None, None)
        ]


def test_a_second_run_has_nothing_to_do(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    again = linli("migrate", "--config", project.config)
    assert (again.exit_code, again.stdout) == (0, "".join(f"{key}: nothing to do\n" for key in project.keys))


def test_the_root_keeps_its_name_when_the_configuration_changes(linli: Linli, sqlite: Project) -> None:
    linli("migrate", "--config", sqlite.config)
    sqlite.config.write_text(sqlite.config.read_text("utf-8").replace("岳阳市岳阳楼区", "别的名称"), "utf-8")
    assert linli("migrate", "--config", sqlite.config).stdout == "yueyanglou: nothing to do\n"
    assert sqlite.query("SELECT name FROM core_org_node") == [("岳阳市岳阳楼区",)]


def test_one_district_alone(linli: Linli, project: Project) -> None:
    result = linli("migrate", "--district", project.keys[1], "--config", project.config)
    assert result.exit_code == 0
    assert project.exists(project.keys[1])
    assert not project.exists(project.keys[0])


def test_a_plan_tells_everything_and_changes_nothing(linli: Linli, project: Project) -> None:
    result = linli("migrate", "--plan", "--config", project.config)
    assert result.exit_code == 0
    for key in project.keys:
        assert f"{key}: core.0001_initial would be applied" in result.stdout
        assert f"{key}: the root node 岳阳市岳阳楼区 would be made" in result.stdout
        assert not project.exists(key)


def test_a_plan_of_what_is_done_is_empty(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    assert linli("migrate", "--plan", "--config", project.config).stdout == "".join(
        f"{key}: nothing to do\n" for key in project.keys
    )


def test_a_plan_tells_of_a_root_that_is_missing(linli: Linli, sqlite: Project) -> None:
    linli("migrate", "--config", sqlite.config)
    sqlite.change("DELETE FROM core_org_state; DELETE FROM core_org_node")
    told = linli("migrate", "--plan", "--config", sqlite.config)
    assert told.stdout == "yueyanglou: the root node 岳阳市岳阳楼区 would be made\n"


def test_a_plugin_that_is_on_gets_its_tables(linli: Linli, sqlite: Project) -> None:
    sqlite.write(plugins='["venues"]')
    told = linli("migrate", "--config", sqlite.config)
    assert told.exit_code == 0, told.stderr
    assert told.stdout.index("core.0001_initial applied") < told.stdout.index("venues.0001_initial applied")
    assert "venues_venue" in [name for (name,) in sqlite.query("SELECT name FROM sqlite_master")]


def test_the_others_are_migrated_when_one_fails(linli: Linli, project: Project) -> None:
    if project.url.startswith("postgres"):
        project.write(
            f'\n[districts.{project.keys[0]}_lost]\nname = "无"\ndatabase = "postgres://postgres@127.0.0.1:1/x"'
        )
        lost = f"{project.keys[0]}_lost"
    else:
        lost = project.keys[0]
        project.file(lost).parent.mkdir()
        project.file(lost).write_bytes(b"this is no database, but long enough to be looked at" * 20)
    result = linli("migrate", "--config", project.config)
    assert result.exit_code == 1
    assert f"error: {lost}: the database failed:" in result.stderr
    assert f"error: not migrated: {lost}; mend what is told above and repeat" in result.stderr
    assert f"{project.keys[1]}: core.0001_initial applied" in result.stdout


def test_a_database_of_a_newer_version_is_refused(linli: Linli, sqlite: Project) -> None:
    linli("migrate", "--config", sqlite.config)
    sqlite.change(
        "INSERT INTO core_migration (app, name, applied_at, position) VALUES ('core', '9999_later', '2030-01-01', 99)"
    )
    result = linli("migrate", "--config", sqlite.config)
    assert result.exit_code == 1
    assert "error: yueyanglou: The database is newer than what is installed: it has core.9999_later" in result.stderr


def test_an_unknown_district_is_refused_with_the_nearest(linli: Linli, sqlite: Project) -> None:
    result = linli("migrate", "--district", "yueyanglu", "--config", sqlite.config)
    assert result.exit_code == 2
    assert result.stderr == 'error: unknown district "yueyanglu"; did you mean "yueyanglou"?\n'


def test_what_nobody_foresaw_keeps_its_traceback(
    linli: Linli, sqlite: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr("linli.core.cli.migrating.pending", fail)
    result = linli("migrate", "--config", sqlite.config)
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert "error: yueyanglou: ZeroDivisionError: no such luck" in result.stderr

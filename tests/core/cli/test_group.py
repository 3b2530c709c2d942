"""What is the same for all commands: `--config`, usage errors, the two languages, help."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from linli.core.plugins.problems import PluginError, PluginProblem
from tests.core.cli.projects import Linli, Project


@pytest.mark.parametrize(
    "arguments",
    [
        ["--config", "{config}", "account", "create", "x"],
        ["account", "--config", "{config}", "create", "x"],
        ["account", "create", "x", "--config={config}"],
        ["--config", "other.toml", "account", "create", "--config", "{config}", "x"],
    ],
)
def test_the_configuration_is_named_before_and_after_the_command(
    linli: Linli, migrated: Project, arguments: list[str]
) -> None:
    assert linli(*(it.format(config=migrated.config) for it in arguments)).exit_code == 0
    assert migrated.query("SELECT username FROM core_account") == [("x",)]


def test_the_configuration_is_named_by_the_environment(
    linli: Linli, migrated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_CONFIG", str(migrated.config))
    assert linli("account", "create", "x").exit_code == 0
    assert linli("account", "create", "x", "--config", "other.toml").exit_code == 1


def test_the_configuration_is_looked_for_in_the_working_folder(
    linli: Linli, migrated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(migrated.folder)
    assert linli("account", "create", "x").exit_code == 0


@pytest.mark.parametrize("command", [["init"], ["plugins", "list"], ["schema", "diff"], ["serve"]])
def test_every_command_explains_its_options(linli: Linli, command: list[str]) -> None:
    result = linli(*command, "--help")
    assert result.exit_code == 0
    assert f"Usage: linli {' '.join(command)} [OPTIONS]" in result.stdout
    assert "--config PATH" in result.stdout


def test_without_a_command_there_is_help(linli: Linli) -> None:
    result = linli()
    assert result.exit_code == 0
    for command in ("init", "check", "migrate", "serve", "account", "token", "import", "plugins", "schema", "config"):
        assert f"\n  {command}  " in result.stdout


def test_the_version_is_told(linli: Linli) -> None:
    assert linli("--version").stdout == "linli 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["chek"], 'unknown command "chek"; did you mean "check"?', "未知的命令“chek”；是否指“check”？"),
        (["account"], "no command; expected one of: create", "缺少命令；应为其中之一：create"),
        (["token", "create"], "--account is missing", "缺少 --account"),
        (["account", "create"], "NAME is missing", "缺少 NAME"),
        (
            ["check", "--confg", "x"],
            "unknown option --confg; did you mean --config?",
            "未知的选项 --confg；是否指 --config？",
        ),
        (["check", "--qqq"], "unknown option --qqq", "未知的选项 --qqq"),
        (["serve", "--port", "70000"], "--port: Input should be less than or equal to 65535", "--port："),
        (["check", "more"], "Got unexpected extra argument", ""),
        (["serve", "--port"], "Option '--port' requires an argument", ""),
    ],
)
def test_a_command_line_that_cannot_be_meant_is_refused_in_both_languages(
    linli: Linli, monkeypatch: pytest.MonkeyPatch, arguments: list[str], english: str, chinese: str
) -> None:
    result = linli(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {english}")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    result = linli(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"错误：{chinese}")


def test_a_usage_error_names_the_help(linli: Linli) -> None:
    assert linli("token", "create").stderr.splitlines()[1:] == ["`linli token create --help` tells more"]


def test_help_is_chinese_where_the_locale_is(linli: Linli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    told = linli("account", "create", "--help").stdout
    assert "创建账号或补充角色。" in told
    assert "用户名。" in told
    assert "Create an account" not in told


def test_a_configuration_that_will_not_do_is_refused_with_every_finding(linli: Linli, sqlite: Project) -> None:
    sqlite.write('\n[server]\nport = "x"\nhost = 1\n[districts.yueyanglou.settings.venues]\nx = 1\n')
    result = linli("account", "create", "x", "--config", sqlite.config)
    assert (result.exit_code, result.stdout) == (1, "")
    told = result.stderr.splitlines()
    assert [line.startswith("error: ") for line in told] == [True, True, False, False]
    assert "server.port" in told[0]
    assert "server.host" in told[1]
    assert "warning: districts.yueyanglou.settings.venues" in told[2]
    assert told[3] == "mend the configuration; `linli check` tells whether it will do"


def test_a_database_that_does_not_answer_is_told_in_words(linli: Linli, tmp_path: Path) -> None:
    project = Project(tmp_path, "postgres://linli:secret@127.0.0.1:1/x", ("yueyanglou",)).write()
    result = linli("token", "create", "--account", "x", "--config", project.config)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: the database failed: schema d_yueyanglou: ")
    assert "secret" not in result.stderr


def test_a_file_that_may_not_be_read_is_told_in_words(
    linli: Linli, migrated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = migrated.folder / "orgs.csv"
    file.write_text("code")

    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == file:
            raise PermissionError(13, os.strerror(13), str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    result = linli("import", "orgs", file, "--config", migrated.config)
    assert (result.exit_code, result.stderr) == (1, f"error: {file}: Permission denied\n")


def test_plugins_that_do_not_fit_are_told_one_by_one(linli: Linli, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PluginError(
            PluginProblem(plugin="a", found="x", expected="y"), PluginProblem(plugin="b", found="x", expected="y")
        )

    monkeypatch.setattr("linli.core.config.config_schema", refuse)
    result = linli("config", "schema")
    assert result.exit_code == 1
    assert result.stderr == "error: plugin 'a': found x; expected y\nerror: plugin 'b': found x; expected y\n"


def test_a_fault_of_our_own_is_not_dressed_up(linli: Linli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("linli.core.config.config_schema", fail)
    with pytest.raises(ZeroDivisionError):
        linli("config", "schema")

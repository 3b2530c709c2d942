"""What `linli check` says of keys."""

from __future__ import annotations

import base64

import pytest

from tests.core.cli.projects import Linli, Project

OTHER = base64.urlsafe_b64encode(b"\x07" * 32).decode()


def checked(linli: Linli, project: Project) -> tuple[int, list[str]]:
    result = linli("check", "--config", project.config)
    return result.exit_code, result.stdout.splitlines()


def test_lost_master_keys_are_one_error_however_many_districts_need_them(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    (project.folder / "linli.keys").rename(project.folder / "kept-elsewhere")
    code, (found,) = checked(linli, project)
    assert code == 1
    assert found.startswith(f"keys.master: there are no master keys in {project.folder / 'linli.keys'}")


def test_a_file_that_is_not_made_yet_is_no_error(linli: Linli, sqlite: Project) -> None:
    code, (found,) = checked(linli, sqlite)
    assert code == 0
    assert "migrations are missing" in found


def test_a_key_file_that_others_may_read_is_an_error_before_any_district_needs_it(
    linli: Linli, sqlite: Project
) -> None:
    (sqlite.folder / "linli.keys").write_text(f"k1={OTHER}\n", "utf-8")
    (sqlite.folder / "linli.keys").chmod(0o644)
    code, found = checked(linli, sqlite)
    assert code == 1
    assert f"run `chmod 600 {sqlite.folder / 'linli.keys'}`" in found[0]


def test_another_master_key_of_the_same_name_is_an_error_without_a_secret(linli: Linli, migrated: Project) -> None:
    (migrated.folder / "linli.keys").write_text(f"k1={OTHER}\n", "utf-8")
    code, (found,) = checked(linli, migrated)
    assert code == 1
    assert found.startswith("district yueyanglou: the master key 'k1' is not the one that encrypted")
    assert OTHER[:8] not in found


@pytest.mark.parametrize(
    ("master", "said"),
    [
        ("env:LINLI_MASTER_KEYS_OF_NOBODY", "keys.master: there are no master keys: set LINLI_MASTER_KEYS_OF_NOBODY"),
        ("flie:linli.keys", "keys.master: nothing knows the scheme 'flie' of [keys] master; did you mean 'file'?"),
    ],
)
def test_master_keys_that_cannot_be_had_are_an_error(
    linli: Linli, sqlite: Project, master: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINLI_MASTER_KEYS_OF_NOBODY", raising=False)
    sqlite.write(f'[keys]\nmaster = "{master}"\n')
    code, found = checked(linli, sqlite)
    assert code == 1
    assert found[0].startswith(said)


def test_a_suite_that_is_configured_and_not_used_is_a_warning_with_the_command(linli: Linli, migrated: Project) -> None:
    migrated.write('[districts.yueyanglou.settings.core]\ncrypto_suite = "gm"\n')
    assert checked(linli, migrated) == (
        0,
        [
            'district yueyanglou: warning: crypto_suite is "gm", values are encrypted with "international"'
            " (run `linli keys rotate --district yueyanglou`, or state the suite that is used)"
        ],
    )
    linli("keys", "rotate", "--config", migrated.config)
    assert checked(linli, migrated) == (0, [])


def test_an_exchange_that_was_cut_off_is_a_warning(linli: Linli, migrated: Project) -> None:
    linli("keys", "rotate", "--config", migrated.config)
    migrated.change("UPDATE core_key_epoch SET retired_at = NULL")
    code, (found,) = checked(linli, migrated)
    assert code == 0
    assert "an exchange of keys is not finished" in found
    assert "linli keys rotate --district yueyanglou" in found

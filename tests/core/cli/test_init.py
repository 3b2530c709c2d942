from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.cli.projects import Linli


def test_what_init_writes_passes_check(linli: Linli, tmp_path: Path) -> None:
    result = linli("init", tmp_path / "new" / "folder")
    config = tmp_path / "new" / "folder" / "linli.toml"
    assert (result.exit_code, result.stdout) == (0, f"{config} is written\n")
    assert f"--config {config}" in result.stderr
    assert linli("check", "--config", config).exit_code == 0


def test_init_overwrites_nothing(linli: Linli, tmp_path: Path) -> None:
    config = tmp_path / "linli.toml"
    config.write_text("mine")
    result = linli("init", tmp_path)
    assert result.exit_code == 1
    assert result.stderr == f"error: {config} is there already and is not overwritten; name another folder\n"
    assert config.read_text() == "mine"


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_init_into_a_file_is_refused(linli: Linli, tmp_path: Path, place: str) -> None:
    (tmp_path / "taken").write_text("")
    result = linli("init", tmp_path / place)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {tmp_path / 'taken'}")
    assert "name another folder" in result.stderr

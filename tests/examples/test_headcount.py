"""The third-party plugin works as its author would use it: found by its entry point, tested with the test kit."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "examples" / "plugins" / "headcount"


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment in which the plugin's distribution is installed, as far as Python can tell."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text("utf-8"))["project"]
    ((group, points),) = project["entry-points"].items()
    metadata = tmp_path / f"linli_headcount-{project['version']}.dist-info"
    metadata.mkdir()
    names = f"Name: {project['name']}\nVersion: {project['version']}\n"
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\n{names}")
    lines = [f"[{group}]", *(f"{name} = {module}" for name, module in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLUGIN), str(tmp_path)])}


def _run(environment: dict[str, str], *command: str, folder: Path = PLUGIN) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_field_is_in_the_schema_of_districts_that_turn_it_on_only(installed: dict[str, str]) -> None:
    linli = ("-m", "linli.core.cli.main", "schema", "print")
    assert "headcount: Int!" in _run(installed, *linli, "--plugins", "headcount")
    assert "headcount" not in _run(installed, *linli, "--plugins", "venues")


def test_its_own_tests_pass(installed: dict[str, str], tmp_path: Path) -> None:
    told = _run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'base'}")
    assert " passed" in told

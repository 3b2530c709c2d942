"""Third-party plugins work as their authors would use them: found by entry points, tested with the test kit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "examples" / "plugins"


@dataclass(frozen=True)
class Author:
    """Who has a copy of an example's distribution, installed as far as Python can tell."""

    plugin: Path
    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.plugin,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def linli(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "linli.core.cli.main", *command)


@pytest.fixture
def author(request: pytest.FixtureRequest, tmp_path: Path) -> Author:
    """The author of the plugin that the test names."""
    name = request.param
    plugin, site = tmp_path / name, tmp_path / "site"
    shutil.copytree(PLUGINS / name, plugin, ignore=shutil.ignore_patterns("__pycache__"))
    project = tomllib.loads((plugin / "pyproject.toml").read_text("utf-8"))["project"]
    ((group, points),) = project["entry-points"].items()
    metadata = site / f"linli_{name}-{project['version']}.dist-info"
    metadata.mkdir(parents=True)
    names = f"Name: {project['name']}\nVersion: {project['version']}\n"
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\n{names}")
    lines = [f"[{group}]", *(f"{point} = {module}" for point, module in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    environment = {key: value for key, value in os.environ.items() if key != "LINLI_CONFIG"}
    return Author(plugin, {**environment, "LANG": "C", "PYTHONPATH": os.pathsep.join([str(plugin), str(site)])})


@pytest.mark.parametrize(
    ("author", "trace"), [("headcount", "headcount: Int!"), ("notices", "postNotice(")], indirect=["author"]
)
def test_they_are_in_the_schema_of_districts_that_turn_them_on_only(author: Author, trace: str) -> None:
    on = author.linli("schema", "print", "--plugins", author.plugin.name)
    off = author.linli("schema", "print", "--plugins", "venues")
    assert (on.returncode, off.returncode) == (0, 0), on.stderr + off.stderr
    assert (trace in on.stdout, trace in off.stdout) == (True, False)


@pytest.mark.parametrize("author", ["headcount", "notices"], indirect=True)
def test_their_own_tests_pass(author: Author, tmp_path: Path) -> None:
    done = author.run("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'base'}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.parametrize("author", ["notices"], indirect=True)
def test_a_migration_is_written_when_the_models_change_and_only_then(author: Author) -> None:
    same = author.linli("plugins", "migration", "notices", "nothing")
    assert (same.returncode, same.stdout) == (0, "")
    assert same.stderr == "the migrations of notices carry its models: nothing to write\n"
    models = author.plugin / "linli_notices" / "models.py"
    words = "words = public(Text(1000))"
    models.write_text(models.read_text("utf-8").replace(words, f"{words}\n    author = public(Text(50, null=True))"))
    file = author.plugin / "linli_notices" / "migrations" / "0002_author.py"
    changed = author.linli("plugins", "migration", "notices", "author")
    assert changed.returncode == 0, changed.stderr
    assert changed.stdout == f"{file} is written: read it, and commit it with the models\n"
    assert "('notices', '0001_initial')" in file.read_text("utf-8")


@pytest.mark.parametrize("author", ["notices"], indirect=True)
@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("notics", 2, 'unknown plugin "notics"; did you mean "notices"?'),
        ("graphql", 1, "graphql has no models: its hook linli_storage names none"),
    ],
)
def test_where_there_is_nothing_to_migrate_it_says_so(author: Author, name: str, status: int, told: str) -> None:
    refused = author.linli("plugins", "migration", name, "more")
    assert (refused.returncode, told in refused.stderr) == (status, True), refused.stderr

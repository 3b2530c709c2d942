"""Configurations on both engines, and `linli` run in this process."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import textwrap
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import structlog
from typer.testing import CliRunner, Result

from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
from tests.core.cli.projects import Linli, Maker, Project, postgres_answers

SOURCE = """\
import typer

from linli.core.cli import invocation, messages, running
from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

plugin = Plugin(
    name={name!r}, title=Title(en="Made", zh="测试"), description="Made for a test. 测试用。",
    version="1.0", requires=">=0.1"{more},
)

"""


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English, no configuration but that of the test, and logs as they were."""
    for name in list(os.environ):
        if name.startswith("LINLI_") or name in ("LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    yield
    structlog.reset_defaults()


@pytest.fixture
def linli() -> Linli:
    """Runs a command line in this process: `linli("check", "--config", path, input=..)`."""
    app = application(installed())

    def run(*arguments: object, input: str | None = None) -> Result:  # noqa: A002  as the runner calls it
        result = CliRunner().invoke(app, [str(it) for it in arguments], input=input, prog_name="linli")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def sqlite(tmp_path: Path) -> Project:
    """A project of one district on SQLite, not migrated."""
    return Project(tmp_path, "sqlite://data/{district}.sqlite3", ("yueyanglou",)).write()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, made once: migrating is the slowest part of most tests."""
    made = Project(tmp_path_factory.mktemp("template"), "sqlite://{district}.sqlite3", ("yueyanglou",)).write()
    result = CliRunner().invoke(application(installed()), ["migrate", "--config", str(made.config)])
    assert result.exit_code == 0, result.output
    return made.folder / "yueyanglou.sqlite3"


@pytest.fixture
def migrated(sqlite: Project, template: Path) -> Project:
    """A project of one district on SQLite, migrated."""
    sqlite.file().parent.mkdir()
    shutil.copy(template, sqlite.file())
    shutil.copy(template.with_name("linli.keys"), sqlite.folder)
    return sqlite


@pytest.fixture(params=["sqlite", "postgres"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """A project of two districts, not migrated, on either engine."""
    if request.param == "sqlite":
        yield Project(tmp_path, "sqlite://data/{district}.sqlite3", ("first", "second")).write()
        return
    url = postgres_answers()
    mark = uuid.uuid4().hex[:10]
    made = Project(tmp_path, url, (f"cli_{mark}_a", f"cli_{mark}_b")).write()
    try:
        yield made
    finally:
        made.drop()


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Makes a plugin: `made("doors", source, depends_on={..})` writes its package and imports it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names: list[str] = []

    def make(name: str, body: str = "", **manifest: object) -> ModuleType:
        names.append(f"made_for_cli_{name}")
        more = "".join(f", {key}={value!r}" for key, value in manifest.items())
        source = SOURCE.format(name=name, more=more) + textwrap.dedent(body)
        (tmp_path / names[-1]).mkdir()
        (tmp_path / names[-1] / "__init__.py").write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(names[-1])

    yield make
    for module in list(sys.modules):
        if module.split(".")[0] in names:
            del sys.modules[module]

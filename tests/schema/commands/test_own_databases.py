"""Districts in databases of their own, beside the one that others share: on both engines, in one server."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from linli.core.cli.main import application
from linli.core.config import check, load
from linli.core.districts import open_platform
from linli.core.plugins.discovery import installed
from linli.core.records.postgres import PostgresStore
from tests.core.cli.backups import ASKED, PLUGIN, Side
from tests.core.cli.projects import Linli, Maker, Project, aside, postgres_answers
from tests.schema.commands.servers import Running, refused, serving, until
from tests.schema.commands.ways import Way

SHARED = "sqlite://data/{district}.sqlite3"
QUERY = '{ district { key } org(code: "430602000000") { name } people { nodes { name } } }'
CREATE = 'mutation { createPerson(input: {name: "%s"}) { __typename } }'


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def own() -> str:
    """The URL of a second database, made when first needed; it stays, for dropping one takes a busy server minutes."""
    server, name = postgres_answers(), "linli_test_own"
    with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        aside(_run(server, f'CREATE DATABASE "{name}"'))
    return f"{server.rpartition('/')[0]}/{name}"


@dataclass
class Several:
    """Three districts: in a file, in a schema of a shared database, and in a database of its own, by a way."""

    project: Project
    keys: tuple[str, str, str]
    way: Way
    linli: Linli
    tokens: dict[str, str]

    def __call__(self, *arguments: object, fails: bool = False) -> str:
        """What a command prints that succeeds, or fails."""
        result = self.linli(*arguments, "--config", self.project.config)
        assert (result.exit_code != 0) is fails, result.output
        return str(result.output)

    def ask(self, server: Running, key: str, query: str) -> tuple[int, str | None]:
        """The status, and the code of the first error."""
        answer = server.graphql(key, query, authorization=f"Bearer {self.tokens[key]}")
        errors = answer.json().get("errors") or [{}]
        if answer.status_code == 200 and query == QUERY:
            assert answer.json()["data"]["district"] == {"key": key}
        return answer.status_code, errors[0].get("extensions", {}).get("code")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory, own: str) -> Iterator[Several]:
    """The three, migrated once, each with somebody who may ask."""
    mark, way, tmp_path = uuid.uuid4().hex[:10], Way(own), tmp_path_factory.mktemp("several")
    keys = (f"file_{mark}", f"shared_{mark}", f"own_{mark}")
    urls = dict(zip(keys[1:], (postgres_answers(), way.url), strict=True))
    more = [
        f'[districts.{key}]\nname = "岳阳市岳阳楼区"\ncode = "430602000000"\ndatabase = "{url}"\n'
        for key, url in urls.items()
    ]
    project = Project(tmp_path, SHARED, keys[:1]).write("\n".join(more))
    app = application(installed())
    made = Several(project, keys, way, lambda *given: CliRunner().invoke(app, [str(it) for it in given]), {})
    try:
        with way.opened():
            made("migrate")
            for key in keys:
                made("account", "create", "chen", "--role", "district-admin", "--district", key)
                made.tokens[key] = made("token", "create", "--account", "chen", "--district", key).strip()
        yield made
    finally:
        Project(tmp_path, postgres_answers(), keys[1:2]).drop()
        Project(tmp_path, own, keys[2:]).drop()


@pytest.fixture
def several(migrated: Several) -> Iterator[Several]:
    """The three, and nothing cut."""
    with migrated.way.opened():
        yield migrated


def test_districts_of_both_engines_are_served_by_one_process_and_one_that_is_cut_off_harms_no_other(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli.core.districts.figures.SECONDS", 60.0)
    several("check")
    *others, cut = several.keys
    with serving(several.project) as server:

        def work(number: int) -> None:
            key = several.keys[number % 3]
            assert several.ask(server, key, CREATE % key) == (200, None)
            assert several.ask(server, key, QUERY) == (200, None)

        with ThreadPoolExecutor(6) as threads:
            list(threads.map(work, range(18)))
        several.way.cut()
        assert several.ask(server, cut, QUERY) == (503, "DATABASE_UNAVAILABLE")
        for key in others:
            began = time.monotonic()
            assert several.ask(server, key, CREATE % key) == (200, None)
            assert time.monotonic() - began < 5
        several.way.open()
        until(lambda: several.ask(server, cut, CREATE % cut) == (200, None))
        assert server.stop()[0] == 0
    for key in several.keys:
        several("audit", "verify", "--district", key)
    rows = [line.split("\t")[:3] for line in several("stats", "--all-districts").splitlines()[1:]]
    assert rows == [[key, "7", "1"] for key in several.keys]


def test_a_database_that_is_silent_is_told_by_every_command_and_by_a_server_of_its_district_alone(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli.core.districts.figures.SECONDS", 60.0)  # a busy machine is no failure
    *others, silent = several.keys
    several.way.cut()
    told = several("check", fails=True)
    assert told.count("DATABASE_UNREACHABLE") <= 1
    assert [line for line in told.splitlines() if "does not answer" in line] == [
        line for line in told.splitlines() if f"district {silent}" in line
    ]
    told = several("migrate", fails=True)
    assert all(f"{key}: nothing to do" in told for key in others)
    assert f"not migrated: {silent}" in told
    told = several("stats", "--all-districts", fails=True)
    assert f"figures are missing of {silent}" in told
    assert "Traceback" not in several("backup", several.project.folder / "x.zip", "--district", silent, fails=True)
    with serving(several.project) as server:
        assert several.ask(server, silent, QUERY) == (503, "DATABASE_UNAVAILABLE")
        assert [several.ask(server, key, QUERY) for key in others] == [(200, None)] * 2
        assert list(server.get("/readyz").json()["districts"]) == [silent]
        several.way.open()
        until(lambda: several.ask(server, silent, QUERY) == (200, None))
        assert server.get("/readyz").status_code == 200
        assert server.stop()[0] == 0


def test_a_district_in_a_file_keeps_a_server_to_one_process(several: Several) -> None:
    served = refused(several.project, "--workers", "2")
    assert served.returncode == 2
    assert "--workers 2 on SQLite" in served.stderr


def test_each_database_has_a_pool_of_its_own_no_larger_than_configured(several: Several) -> None:
    config = several.project.config.read_text("utf-8")
    several.project.config.write_text(config.replace("[database]\n", "[database]\npool_size = 2\n"), "utf-8")

    async def pools() -> list[tuple[str, int]]:
        found = installed()
        async with open_platform(load(several.project.config, found), found) as platform:
            stores = [it.store for it in platform.districts.values() if isinstance(it.store, PostgresStore)]
            return [(store.usage.name, store.pool.get_max_size()) for store in stores]

    (shared, of_shared), (own, of_own) = aside(pools())
    assert (of_shared, of_own) == (2, 2)
    assert shared != own


@pytest.mark.parametrize(
    ("url", "code", "told"),
    [
        ("postgresql://linli@db/own", "INVALID_DATABASE_URL", 'did you mean "postgres://"?'),
        ("mysql://linli@db/own", "INVALID_DATABASE_URL", "neither sqlite:// nor postgres://"),
        ("postgres://linli@db", "INVALID_DATABASE_URL", "no single database name"),
        ("postgres://li:n@li@db:x/own", "INVALID_DATABASE_URL", "an address that cannot be read"),
        ("sqlite://data/first.sqlite3", "SHARED_DATABASE", 'districts "first" and "second" would share one file'),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_where_it_stands(tmp_path: Path, url: str, code: str, told: str) -> None:
    project = Project(tmp_path, SHARED, ("first",)).write(f'[districts.second]\nname = "x"\ndatabase = "{url}"\n')
    [finding] = [it for it in check(project.config, installed()) if it.code == code]
    assert (finding.where, finding.line) == ("districts.second.database", 12)
    assert told in finding.render()
    assert "li:n" not in finding.render(), "a password is not shown"


def test_a_database_that_is_not_there_and_a_user_who_may_not_are_told_in_words(linli: Linli, tmp_path: Path) -> None:
    server = postgres_answers().rpartition("/")[0]
    more = f'[districts.second]\nname = "x"\ndatabase = "{server}/linli_nowhere"\n'
    project = Project(tmp_path, SHARED, ("first",)).write(more)
    assert linli("migrate", "--district", "first", "--config", project.config).exit_code == 0
    result = linli("check", "--config", project.config)
    assert result.exit_code == 1
    assert 'database "linli_nowhere" does not exist' in result.stdout
    assert "see that it runs, and that the database URL leads to it" in result.stdout
    with serving(project) as served:
        told = served.graphql("second", QUERY).json()["errors"][0]
        assert told["extensions"]["code"] == "DATABASE_UNAVAILABLE"
        assert served.graphql("first", "{ district { key } }").status_code == 200


@pytest.mark.parametrize("project", ["sqlite", "postgres"], indirect=True)
def test_a_district_moves_from_the_shared_database_to_one_of_its_own(project: Project, own: str, made: Maker) -> None:
    found, key = installed([made("reacting", PLUGIN)]), f"moves_{uuid.uuid4().hex[:10]}"
    side = Side(Project(project.folder, project.url, (key,)).write(plugins='["venues", "reacting"]'), found)
    there = Side(Project(project.folder, own, (key,)), found)
    try:
        side.done("migrate")
        token = side.fill(people=3)
        before = side.asked(token, ASKED)
        side.done("backup", project.folder / "moving.zip")
        config = project.config.read_text("utf-8")
        project.config.write_text(config.replace("plugins = ", f'database = "{own}"\nplugins = '), "utf-8")
        assert "rows of" in side.done("restore", project.folder / "moving.zip")
        for check_of_all in (("audit", "verify"), ("files", "verify")):
            side.done(*check_of_all)
        assert side.asked(token, ASKED) == before
        [(people,)] = side.project.query("SELECT count(*) FROM core_person")
        assert side.serve() == 1
        assert there.project.query("SELECT count(*) FROM core_person") > [(people,)], "what waited is done there"
        assert side.project.query("SELECT count(*) FROM core_person") == [(people,)], "and not where it was before"
    finally:
        there.project.drop()
        if project.url.startswith("postgres"):
            side.project.drop()

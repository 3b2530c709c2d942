"""Districts behind pgbouncer in transaction mode, a real one."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.core.cli.projects import POSTGRES, Linli, Project, postgres_answers
from tests.core.webhooks.conftest import Receiver, receiver
from tests.schema.commands.servers import refused, serving
from tests.schema.commands.ways import Way
from tests.schema.subscriptions.sockets import opened

__all__ = ["receiver"]

QUERY = '{ district { key } org(code: "430602000000") { name } people { nodes { name } } }'
CREATE = 'mutation { createPerson(input: {name: "%s"}) { __typename } }'
PGBOUNCER = os.environ.get("LINLI_TEST_PGBOUNCER") or shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
SETTINGS = """\
[databases]
test = host={host} port={server} user={user} dbname={database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 2
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port))):
        return True
    return False


@pytest.fixture(params=["transaction"])
def pooler(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a pgbouncer with two sessions for everybody."""
    if PGBOUNCER is None:
        pytest.skip("NOT TESTED BEHIND A POOLER: install pgbouncer, or name one in LINLI_TEST_PGBOUNCER")
    parts, port = urlsplit(postgres_answers()), _free_port()
    settings = SETTINGS.format(
        host=parts.hostname,
        server=parts.port or 5432,
        user=parts.username,
        database=parts.path.strip("/"),
        port=port,
        mode=request.param,
    )
    file = tmp_path / "pgbouncer.ini"
    file.write_text(settings)
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([PGBOUNCER, "-q", *as_nobody, str(file)], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 10
        while not _answers(port):
            assert time.monotonic() < end, "pgbouncer does not answer"
            assert process.poll() is None, "pgbouncer ended"
            time.sleep(0.05)
        yield f"postgres://{parts.username}@127.0.0.1:{port}/test"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_districts_behind_a_pooler_never_see_each_other(linli: Linli, project: Project, pooler: str) -> None:
    itself = project.url
    config = project.config.read_text("utf-8")
    stated = f'url = "{pooler}"\npooler = "transaction"\ndirect_url = "{itself}"\n'
    project.config.write_text(config.replace(f'url = "{itself}"\n', stated), "utf-8")
    assert linli("check", "--config", project.config).exit_code == 0
    assert linli("migrate", "--config", project.config).exit_code == 0
    tokens = {}
    for key in project.keys:
        named = ("--district", key, "--config", project.config)
        assert linli("account", "create", "chen", "--role", "district-admin", *named).exit_code == 0
        tokens[key] = linli("token", "create", "--account", "chen", *named).stdout.strip()
    with serving(project) as server:

        def ask(number: int) -> None:
            key = project.keys[number % 2]
            headers = {"authorization": f"Bearer {tokens[key]}"}
            if number % 10 < 2:
                answer = server.graphql(key, CREATE % key, **headers).json()
                assert answer == {"data": {"createPerson": {"__typename": "Person"}}}
            answer = server.graphql(key, QUERY, **headers).json()
            assert answer["data"]["district"]["key"] == key
            assert answer["data"]["org"] == {"name": "岳阳市岳阳楼区"}
            assert server.graphql(project.keys[1 - number % 2], QUERY, **headers).status_code == 401

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(ask, range(100)))
        assert server.stop()[0] == 0
    for key in project.keys:
        assert project.query("SELECT DISTINCT name FROM core_person", key) == [(key,)]
        assert project.query("SELECT count(*) FROM core_person", key) == [(10,)]
        assert linli("audit", "verify", "--district", key, "--config", project.config).exit_code == 0


@pytest.mark.parametrize("pooler", ["transaction", "session"], indirect=True)
def test_a_pooler_of_which_nothing_is_said_is_refused(linli: Linli, tmp_path: Path, pooler: str) -> None:
    project = Project(tmp_path, pooler, ("first", "second")).write()
    checked = linli("check", "--config", project.config)
    assert checked.exit_code == 1
    assert checked.stdout.count("The database URL leads to a connection pooler: write [database] pooler") == 2
    for done in (linli("migrate", "--config", project.config), linli("plugins", "--config", project.config)):
        assert "Traceback" not in done.output
    served = refused(project, "--port", "0")
    assert (served.returncode, served.stdout) == (1, "")
    assert "error: The database URL leads to a connection pooler" in served.stderr


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
@pytest.mark.parametrize("pooler", ["session"], indirect=True)
def test_a_pooler_that_lends_whole_sessions_needs_only_be_stated(linli: Linli, project: Project, pooler: str) -> None:
    config = project.config.read_text("utf-8")
    stated = f'url = "{pooler}"\npooler = "session"\npool_size = 1\n'
    project.config.write_text(config.replace(f'url = "{project.url}"\n', stated), "utf-8")
    assert linli("migrate", "--config", project.config).exit_code == 0
    with serving(project) as server:
        for key in project.keys * 3:
            assert server.graphql(key, "{ district { key } }").json() == {"data": {"district": {"key": key}}}
        assert server.stop()[0] == 0


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ('pooler = "transaction"', 'add direct_url, the URL of PostgreSQL itself: "postgres://user@host/database"'),
        (f'direct_url = "{POSTGRES}"', 'direct_url counts only with pooler = "transaction"'),
        ('pooler = "transaction"\ndirect_url = "sqlite://x"', "direct_url leads to SQLite"),
        ('pooler = "statement"', 'database.pooler: found "statement"; it should be "session" or "transaction"'),
    ],
)
def test_a_pooler_is_stated_whole_or_not_at_all(linli: Linli, tmp_path: Path, stated: str, code: str) -> None:
    project = Project(tmp_path, POSTGRES, ("first",)).write()
    config = project.config.read_text("utf-8")
    project.config.write_text(config.replace("[database]\n", f"[database]\n{stated}\n"), "utf-8")
    result = linli("check", "--config", project.config)
    assert result.exit_code == 1
    assert code in result.stdout


def test_sqlite_has_no_pooler(linli: Linli, migrated: Project) -> None:
    config = migrated.config.read_text("utf-8")
    migrated.config.write_text(config.replace("[database]\n", '[database]\npooler = "session"\n'), "utf-8")
    result = linli("check", "--config", migrated.config)
    assert result.exit_code == 1
    assert ":2: database.pooler: SQLite has no pooler (take it out)" in result.stdout


FOUND = """mutation { createOrg(input: {
    kind: SUBDISTRICT, name: "街道", code: "43060200%d000", parentId: "%s"}) { __typename } }"""
FOLLOW = """subscription { events(types: ["core.org_created"]) { sequence } }"""
WEBHOOK = """mutation ($url: String!, $orgId: ID!) { createWebhook(input: {
    orgId: $orgId, url: $url, types: ["core.org_created"]}) { __typename } }"""


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_without_a_way_for_notifications_subscribers_and_webhooks_are_served_by_looking(
    linli: Linli, project: Project, pooler: str, receiver: Receiver
) -> None:
    itself, way, (key, _) = project.url, Way(project.url), project.keys
    config = project.config.read_text("utf-8").replace(
        f'url = "{itself}"\n', f'url = "{pooler}"\npooler = "transaction"\ndirect_url = "{way.url}"\n'
    )
    allowed = f'[districts.{key}.settings.core]\noutgoing_networks = ["127.0.0.0/8"]\n'
    project.config.write_text(config + allowed, "utf-8")
    named = ("--district", key, "--config", project.config)
    with way.opened(), ExitStack() as ended:
        assert linli("migrate", "--config", project.config).exit_code == 0
        assert linli("account", "create", "chen", "--role", "district-admin", *named).exit_code == 0
        token = linli("token", "create", "--account", "chen", *named).stdout.strip()
        another = Project(project.folder / "another", itself, project.keys)
        another.folder.mkdir()
        for name in ("linli.toml", "linli.keys"):
            shutil.copy(project.folder / name, another.folder)
        here, there = ended.enter_context(serving(project)), ended.enter_context(serving(another))
        way.cut()
        as_chen = {"authorization": f"Bearer {token}"}
        root = here.graphql(key, '{ org(code: "430602000000") { id } }', **as_chen).json()["data"]["org"]["id"]
        asked = {"query": WEBHOOK, "variables": {"url": receiver.url, "orgId": root}}
        made = httpx.post(f"{there.url}/d/{key}/graphql", json=asked, headers=as_chen, timeout=60)
        assert made.json()["data"]["createWebhook"]["__typename"] == "WebhookSecret", made.text

        async def follow() -> list[int]:
            async with opened(f"{here.url}/d/{key}/graphql", token) as socket:
                await socket.subscribe(FOLLOW)
                for number in range(1, 4):
                    answer = await asyncio.to_thread(there.graphql, key, FOUND % (number, root), **as_chen)
                    assert answer.json() == {"data": {"createOrg": {"__typename": "OrgNode"}}}
                return [(await socket.event())["sequence"] for _ in range(3)]

        found = asyncio.run(follow())
        assert found == sorted(set(found))
        asyncio.run(receiver.until(3, 60))
        assert sorted(message.sequence for message in receiver.got) == found
        way.open()
        assert [server.stop()[0] for server in (here, there)] == [0, 0]
    failures = [line for line in here.log() if line["event"] == "listening_failed"]
    assert failures, "it is logged that nobody listens"


def test_a_database_of_its_own_is_not_behind_the_pooler_of_the_others(linli: Linli, tmp_path: Path) -> None:
    project = Project(tmp_path, POSTGRES, ("first",))
    own = '[districts.own]\nname = "x"\ndatabase = "sqlite://own.sqlite3"\n'
    project.write(own)
    config = project.config.read_text("utf-8")
    stated = f'[database]\npooler = "transaction"\ndirect_url = "{POSTGRES}"\n'
    project.config.write_text(config.replace("[database]\n", stated), "utf-8")
    assert linli("migrate", "--district", "own", "--config", project.config).exit_code == 0
    assert linli("stats", "--district", "own", "--config", project.config).exit_code == 0

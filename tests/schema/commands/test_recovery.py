"""A server and the districts that it could not serve when it started."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from linli.core.errors import text
from linli.core.languages import translate
from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import serving, until
from tests.schema.commands.ways import Way

NAME = "岳阳市岳阳楼区"
QUERY = '{ org(code: "430602000000") { name } }'
SERVED = {"data": {"org": {"name": NAME}}}


def test_a_district_is_served_soon_after_it_was_migrated(linli: Linli, project: Project) -> None:
    late, ready = project.keys
    linli("migrate", "--district", ready, "--config", project.config)
    with serving(project) as server:
        refused = server.graphql(late, QUERY, **{"accept-language": "zh-CN"})
        assert refused.status_code == 503
        told = refused.json()["errors"][0]
        assert told["extensions"]["code"] == "DISTRICT_UNAVAILABLE"
        assert "请运行 `linli migrate --district" in told["message"]
        assert server.get(f"/d/{late}/p/some/route").status_code == 503
        assert list(server.get("/readyz").json()["districts"]) == [late]
        linli("migrate", "--district", late, "--config", project.config)
        until(lambda: server.get("/readyz").status_code == 200)
        assert server.graphql(late, QUERY).json() == SERVED
        assert server.graphql(ready, QUERY).json() == SERVED
        assert server.get(f"/d/{late}/p/some/route").status_code == 404
        assert [it["key"] for it in server.get("/districts").json()["districts"]] == [late, ready]
        assert server.stop()[0] == 0
    logged = [(line["event"], line.get("district")) for line in server.log() if "available" in line["event"]]
    # A look between two of its migrations finds another reason, and tells it.
    assert set(logged[:-1]) == {("district_unavailable", late)}
    assert logged[-1] == ("district_available", late)


def test_what_it_writes_then_is_sealed_and_its_timers_run(linli: Linli, project: Project) -> None:
    late = project.key
    with serving(project) as server:
        linli("migrate", "--config", project.config)
        create = ("account", "create", "chen", "--role", "district-admin", "--district", late)
        linli(*create, "--config", project.config)
        token = linli("token", "create", "--account", "chen", "--district", late, "--config", project.config)
        until(lambda: server.get("/readyz").status_code == 200)
        rename = """mutation { createPerson(input: {name: "示例甲"}) { __typename } }"""
        answer = server.graphql(late, rename, authorization=f"Bearer {token.stdout.strip()}")
        assert answer.json() == {"data": {"createPerson": {"__typename": "Person"}}}
        unsealed = "SELECT count(*) FROM core_event WHERE sequence IS NULL"
        until(lambda: project.query(unsealed) == [(0,)])
        assert server.stop()[0] == 0


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_several_processes_recover(linli: Linli, project: Project) -> None:
    with serving(project, "--workers", "2") as server:
        assert server.get("/readyz").status_code == 503
        linli("migrate", "--config", project.config)
        until(lambda: all(server.get("/readyz").status_code == 200 for _ in range(8)))
        for _ in range(8):
            assert server.graphql(project.key, QUERY).json() == SERVED
        assert server.stop()[0] == 0


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_processes_end_with_the_one_that_started_them(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    with serving(project, "--workers", "2") as server:
        assert server.graphql(project.key, QUERY).json() == SERVED
        server.process.kill()
        until(lambda: not answers(server.url))


def answers(url: str) -> bool:
    """Whether anybody listens there."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_a_database_that_comes_back_is_used_again(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    itself, way = project.url, Way(project.url)
    project.url = way.url
    project.write()
    project.url = itself
    with serving(project) as server:
        refused = server.graphql(project.key, QUERY, **{"accept-language": "en"})
        assert refused.status_code == 503
        told = refused.json()["errors"][0]
        assert told["message"].endswith("is not served: its database does not answer")
        assert told["extensions"]["code"] == "DATABASE_UNAVAILABLE"
        with way.opened():
            until(lambda: server.get("/readyz").status_code == 200)
            for key in project.keys:
                assert server.graphql(key, QUERY).json() == SERVED
            assert server.stop()[0] == 0
    logged = [line["event"] for line in server.log()]
    counted = ("database_unreachable", "district_unavailable", "district_available")
    assert [logged.count(event) for event in counted] == [2, 2, 2]


def test_texts_inside_texts_are_told_in_the_same_language() -> None:
    outer = text("District {key} is not served: {reason}", key="x", reason=text("its database does not answer"))
    assert translate(outer, "zh-CN").endswith("数据库无响应")
    assert translate(outer, "en") == "District x is not served: its database does not answer"

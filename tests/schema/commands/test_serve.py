from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import httpx
import pytest

from tests.core.cli.projects import POSTGRES, Linli, Project
from tests.schema.commands.servers import PATIENCE, Running, refused, serving

NAME = "岳阳市岳阳楼区"
QUERY = '{ district { key name } org(code: "430602000000") { name } viewer { account { username } } }'
PASSWORD = "correct horse battery"


def test_districts_are_served_until_sigterm(linli: Linli, project: Project) -> None:
    config = ("--district", project.key, "--config", project.config)
    linli("migrate", "--config", project.config)
    linli("account", "create", "chen", *config)
    token = linli("token", "create", "--account", "chen", *config).stdout.strip()
    with serving(project) as server:
        assert server.get("/healthz").json() == {"status": "ok"}
        assert server.get("/readyz").status_code == 200
        listed = server.get("/districts").json()["districts"]
        assert [(it["key"], it["name"]) for it in listed] == [(key, NAME) for key in project.keys]
        answer = server.graphql(project.key, QUERY, authorization=f"Bearer {token}")
        assert answer.json()["data"] == {
            "district": {"key": project.key, "name": NAME},
            "org": {"name": NAME},
            "viewer": {"account": {"username": "chen"}},
        }
        assert server.graphql(project.keys[1], QUERY, authorization=f"Bearer {token}").status_code == 401
        begun = time.monotonic()
        code, rest = server.stop()
    assert code == 0
    assert time.monotonic() - begun < 5
    assert rest == "".join(f"{NAME}: {server.url}/d/{key}/graphql\n" for key in project.keys)
    assert server.log()[-1]["event"] == "stopped"


def test_every_request_is_one_line_of_the_log(migrated: Project) -> None:
    with serving(migrated) as server:
        assert server.get("/healthz").headers["x-request-id"]
        given = server.graphql(migrated.key, "{ district { key } }", **{"x-request-id": "my-id.1"})
        assert given.headers["x-request-id"] == "my-id.1"
        assert httpx.post(f"{server.url}/graphql", json={"query": "{ district { key } }"}).status_code == 200
        server.stop()
    lines = [line for line in server.log() if line["event"] == "request"]
    assert [(it["method"], it["path"], it["district"], it["status"]) for it in lines] == [
        ("POST", "/d/yueyanglou/graphql", "yueyanglou", 200),
        ("POST", "/graphql", "yueyanglou", 200),
    ]
    assert lines[0]["request_id"] == "my-id.1"
    assert all(line["ms"] > 0 and line["level"] == "info" and line["time"].endswith("Z") for line in lines)


def test_ctrl_c_is_a_good_end(migrated: Project) -> None:
    with serving(migrated) as server:
        assert server.stop(signal.SIGINT)[0] == 0


def test_a_request_under_way_is_finished_first(migrated: Project) -> None:
    body = b'{"query": "{ district { key } }"}'
    head = (
        f"POST /d/yueyanglou/graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with serving(migrated) as server:
        url = httpx.URL(server.url)
        with socket.create_connection((url.host, url.port or 0), timeout=PATIENCE) as client:
            client.sendall(head.encode() + body[:10])
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            with pytest.raises(httpx.ConnectError):
                server.get("/healthz")
            client.sendall(body[10:])
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert answer.endswith(b'{"data":{"district":{"key":"yueyanglou"}}}')
        assert server.process.wait(PATIENCE) == 0


def test_an_idle_connection_does_not_keep_the_server(migrated: Project) -> None:
    with serving(migrated) as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/healthz").status_code == 200
        begun = time.monotonic()
        assert server.stop()[0] == 0
        assert time.monotonic() - begun < 5


def _log_in(server: Running, done: list[int]) -> None:
    mutation = (
        f'mutation {{ login(input: {{username: "chen", password: "{PASSWORD}"}}) {{ ... on Session {{ token }} }} }}'
    )
    try:
        while True:
            answer = server.graphql("yueyanglou", mutation)
            assert answer.json()["data"]["login"]["token"]
            done.append(1)
    except httpx.TransportError:
        return


def test_a_server_that_was_killed_leaves_a_database_that_works(linli: Linli, migrated: Project) -> None:
    create = ("account", "create", "chen", "--password-stdin", "--config", migrated.config)
    assert linli(*create, input=PASSWORD).exit_code == 0
    done: list[int] = []
    with serving(migrated) as server:
        writers = [threading.Thread(target=_log_in, args=(server, done)) for _ in range(2)]
        for writer in writers:
            writer.start()
        while len(done) < 3:
            time.sleep(0.05)
        os.kill(server.process.pid, signal.SIGKILL)
        for writer in writers:
            writer.join(PATIENCE)
    [(result,)] = migrated.query("PRAGMA integrity_check")
    [(tokens,)] = migrated.query("SELECT count(*) FROM core_token")
    assert result == "ok"
    assert tokens >= len(done)
    assert linli("migrate", "--config", migrated.config).stdout == "yueyanglou: nothing to do\n"
    with serving(migrated) as again:
        assert again.graphql("yueyanglou", QUERY).json()["data"]["org"] == {"name": NAME}
        assert again.stop()[0] == 0


def test_a_district_that_is_behind_is_not_served_and_the_others_are(linli: Linli, project: Project) -> None:
    behind, ready = project.keys
    linli("migrate", "--district", ready, "--config", project.config)
    with serving(project) as server:
        answer = server.graphql(behind, "{ district { key } }")
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["extensions"]["code"] == "DISTRICT_UNAVAILABLE"
        assert server.graphql(ready, "{ district { key } }").json() == {"data": {"district": {"key": ready}}}
        assert list(server.get("/readyz").json()["districts"]) == [behind]
        assert [it["key"] for it in server.get("/districts").json()["districts"]] == [ready]
        code, rest = server.stop()
    assert code == 0
    assert f"{NAME}: not served, run `linli migrate --district {behind}`" in rest
    assert not project.exists(behind)


def test_a_database_that_does_not_answer_takes_down_only_its_district(linli: Linli, project: Project) -> None:
    if project.url.startswith("sqlite"):
        project.file().parent.mkdir()
        project.file().write_bytes(b"this is no database, but long enough to be looked at" * 20)
        lost = project.key
    else:
        lost = f"{project.key}_lost"
        project.write(f'\n[districts.{lost}]\nname = "无"\ndatabase = "postgres://postgres:secret@127.0.0.1:1/x"\n')
    linli("migrate", "--district", project.keys[1], "--config", project.config)
    with serving(project) as server:
        assert server.graphql(project.keys[1], QUERY).json()["data"]["org"] == {"name": NAME}
        answer = server.graphql(lost, QUERY)
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["message"].endswith("数据库无响应")
        assert server.stop()[0] == 0
    assert "database_unreachable" in [line["event"] for line in server.log()]
    assert "secret" not in server.errors.read_text("utf-8")


def test_the_clock_starts_where_it_is_said(linli: Linli, migrated: Project) -> None:
    linli("account", "create", "chen", "--config", migrated.config)
    token = linli("token", "create", "--account", "chen", "--ttl", "30d", "--config", migrated.config).stdout.strip()
    with serving(migrated, "--clock", "2099-01-01T00:00:00+08:00") as server:
        answer = server.graphql("yueyanglou", QUERY, authorization=f"Bearer {token}")
        assert answer.json()["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"
        assert server.stop()[0] == 0
    with serving(migrated, "--clock", "2001-01-01T00:00") as server:
        answer = server.graphql("yueyanglou", QUERY, authorization=f"Bearer {token}")
        assert answer.json()["data"]["viewer"] == {"account": {"username": "chen"}}
        assert server.stop()[0] == 0


def test_a_wrong_configuration_is_not_served_and_every_finding_is_told(migrated: Project) -> None:
    migrated.write('plugns = 1\n[server]\nport = "x"\n')
    done = refused(migrated, "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2
    assert 'did you mean "plugins"?' in errors[0]
    assert "server.port" in errors[1]


def test_a_port_that_is_taken_is_refused(migrated: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = refused(migrated, "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: cannot listen on 127.0.0.1:{port}: Address already in use; name another --host or --port\n"
    )


def test_an_address_that_is_not_here_is_refused(linli: Linli, migrated: Project) -> None:
    result = linli("serve", "--host", "nowhere.invalid", "--port", "0", "--config", migrated.config)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: cannot listen on nowhere.invalid:0: ")


def test_the_configuration_names_host_and_port(migrated: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        migrated.write(f"\n[server]\nport = {port}\n")
        assert f"127.0.0.1:{port}" in refused(migrated).stderr


def test_the_configuration_limits_what_a_request_holds_and_the_rest_is_not_read(migrated: Project) -> None:
    migrated.write("\n[server]\nmax_body_bytes = 2048\n")
    with serving(migrated) as server:
        url = httpx.URL(server.url)
        assert server.graphql(migrated.key, "{ district { key } }" + " " * 1500).status_code == 200
        refused = server.graphql(migrated.key, "{ district { key } }" + " " * 2048, **{"accept-language": "en"})
        assert (refused.status_code, refused.json()["errors"][0]["message"]) == (
            413,
            "A request holds at most 2048 bytes",
        )
        head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        with socket.create_connection((url.host, url.port or 0), timeout=PATIENCE) as client:
            client.sendall(head + b"Content-Length: 1000000000000\r\n\r\n" + b" " * 4096)
            assert client.recv(65536).startswith(b"HTTP/1.1 413 ")
        assert server.stop()[0] == 0


def test_several_processes_are_refused_on_sqlite_with_the_reason(linli: Linli, migrated: Project) -> None:
    result = linli("serve", "--workers", "2", "--config", migrated.config)
    assert result.exit_code == 2
    assert result.stderr == (
        "error: --workers 2 on SQLite: a district's file has one writer; leave it out, or use PostgreSQL\n"
    )


def test_several_processes_have_no_clock_in_common(linli: Linli, migrated: Project) -> None:
    migrated.url = POSTGRES
    migrated.write()
    result = linli("serve", "--workers", "2", "--clock", "2026-01-01T00:00Z", "--config", migrated.config)
    assert result.exit_code == 2
    assert "--workers 2 with --clock" in result.stderr


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_several_processes_answer_on_one_port(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    with serving(project, "--workers", "2") as server:
        for _ in range(4):
            assert server.graphql(project.key, QUERY).json()["data"]["org"] == {"name": NAME}
        code, rest = server.stop()
    assert code == 0
    assert rest == "".join(f"{NAME}: {server.url}/d/{key}/graphql\n" for key in project.keys)


def test_processes_that_cannot_start_are_not_started_for_ever(migrated: Project) -> None:
    script = (
        "import socket, sys; from pathlib import Path; from linli.schema.http.workers import Workers\n"
        "if __name__ == '__main__':\n"
        "    listening = socket.create_server(('127.0.0.1', 0)); listening.set_inheritable(True)\n"
        "    workers = Workers(Path('nowhere.toml'), listening, 2, lambda: print('ready')); workers.run()\n"
        "    sys.exit(7 if workers.failed else 0)\n"
    )
    file = migrated.folder / "start.py"
    file.write_text(script)
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (7, "")
    assert "nowhere.toml: cannot be read" in done.stderr


def test_what_is_told_is_chinese_where_the_locale_is(migrated: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    with serving(migrated) as server:
        code, rest = server.stop()
    assert (code, rest) == (0, f"{NAME}：{server.url}/d/yueyanglou/graphql\n")


def test_the_files_are_closed_when_the_server_has_ended(migrated: Project) -> None:
    with serving(migrated) as server:
        assert server.stop()[0] == 0
    assert sorted(it.name for it in migrated.file().parent.iterdir()) == ["yueyanglou.sqlite3"]
    sqlite3.connect(migrated.file()).close()

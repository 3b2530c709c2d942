"""Keys are exchanged by one process while others serve: nobody notices, and a killed exchange is carried on."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, Running, serving
from tests.security.residents import Office, Resident

CLIENTS = 4
OLD, NEW = "k1.1", "k1.2"


class Load:
    """Clients that enter people, look them up and try to enter them twice, until they are told to stop."""

    def __init__(self, server: Running, project: Project, token: str) -> None:
        self.entered: list[Resident] = []
        self.failures: list[str] = []
        self._over = threading.Event()
        offices = [Office(server.url, project.key, token) for _ in range(CLIENTS)]
        self._threads = [threading.Thread(target=self._work, args=each) for each in enumerate(offices)]

    def _work(self, first: int, office: Office) -> None:
        try:
            for number in count(first, CLIENTS):
                if self._over.is_set():
                    return
                self._enter(office, Resident(number))
        except Exception as error:  # told by the test: a thread that dies alone would be a test that cannot fail
            self.failures.append(repr(error))
        finally:
            office.close()

    def _enter(self, office: Office, resident: Resident) -> None:
        made = office.enter(resident)
        assert (made.get("idNumber"), made.get("phone")) == resident.masked, made
        self.entered.append(resident)
        assert office.enter(resident) == {"code": "CONFLICT"}
        found = office.ask("query ($id: ID!) { person(id: $id) { phone } }", id=made["id"])
        assert found == {"person": {"phone": resident.masked[1]}}

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(PATIENCE)
        assert self.failures == []


def begin_rotation(project: Project, *more: str) -> subprocess.Popen[str]:
    """`linli keys rotate` as a process of its own."""
    command = [sys.executable, "-m", "linli.core.cli.main", "keys", "rotate", "--config", str(project.config)]
    return subprocess.Popen(
        [*command, "--district", project.key, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def rotated(project: Project, *more: str) -> str:
    """What a rotation that ran to its end said."""
    said, complained = (process := begin_rotation(project, *more)).communicate(timeout=60)
    assert process.returncode == 0, complained
    return said


def token_of_an_admin(linli: Linli, project: Project) -> str:
    named = ("--district", project.key, "--config", project.config)
    assert linli("migrate", *named).exit_code == 0
    assert linli("account", "create", "boss", "--role", "district-admin", *named).exit_code == 0
    return linli("token", "create", "--account", "boss", *named).stdout.strip()


def served(project: Project) -> tuple[str, ...]:
    """By two processes, where the engine allows it: the second learns of the new keys by itself."""
    return ("--workers", "2") if project.url.startswith("postgres") else ()


def keys_in_use(project: Project) -> set[str]:
    """The key that each stored value and each index names."""
    rows = project.query("SELECT id_number, phone, id_number_index, phone_index FROM core_person")
    return {str(value).split(":")[-2] for row in rows for value in row}


def assert_all_is_well(linli: Linli, project: Project, server: Running, token: str, load: Load) -> None:
    assert keys_in_use(project) == {NEW}
    assert project.query("SELECT count(*) FROM core_person WHERE phone NOT LIKE 'SM4-GCM:%'") == [(0,)]
    office = Office(server.url, project.key, token)
    assert office.everybody() == {resident.masked for resident in load.entered}
    office.close()
    verified = linli("audit", "verify", "--district", project.key, "--config", project.config)
    assert verified.exit_code == 0, verified.output


def wait_until(reached: object, project: Project, numbers: set[str]) -> None:
    """Wait until values under each of these keys are stored."""
    end = time.monotonic() + PATIENCE
    while not numbers <= keys_in_use(project):
        assert time.monotonic() < end, (reached, keys_in_use(project))
        time.sleep(0.05)


def test_keys_are_exchanged_under_load_and_no_request_fails(linli: Linli, project: Project) -> None:
    token = token_of_an_admin(linli, project)
    with serving(project, *served(project)) as server:
        load = Load(server, project, token)
        with load.running():
            wait_until("people are entered", project, {OLD})
            said = rotated(project, "--suite", "gm")
            time.sleep(1)
        assert f"values are encrypted anew, with SM4-GCM under {NEW}" in said
        assert_all_is_well(linli, project, server, token, load)


def test_an_exchange_that_is_killed_halfway_is_finished_by_the_next(linli: Linli, project: Project) -> None:
    token = token_of_an_admin(linli, project)
    with serving(project, *served(project)) as server:
        load = Load(server, project, token)
        with load.running():
            wait_until("people are entered", project, {OLD})
            process = begin_rotation(project, "--suite", "gm")
            wait_until("both keys are in use", project, {OLD, NEW})
            process.kill()
            process.communicate(timeout=PATIENCE)
            assert process.returncode == -9
            time.sleep(1)
            assert {OLD, NEW} <= keys_in_use(project)
            said = rotated(project)
        assert "a rotation that was cut off is finished" in said
        assert_all_is_well(linli, project, server, token, load)

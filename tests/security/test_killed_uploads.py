"""A server that is killed at random moments while files come: none that it acknowledged is lost, none is half."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field

import httpx

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import PATIENCE, Running, serving
from tests.security.test_file_processes import PURPOSE, contents, link, looked_after, named
from tests.security.test_key_rotation import token_of_an_admin

KILLS, CLIENTS = 10, 3
"""Ten on each engine, each at another moment."""
SETTINGS = "[districts.{key}.settings.core]\nfiles_pending = 10000\n"


@dataclass
class Senders:
    """Clients that send one file after the other, and keep what was acknowledged: ids with the digests."""

    url: str
    token: str
    chance: random.Random
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def send(self, ended: threading.Event) -> None:
        """Go on until the server is gone."""
        while not ended.is_set():
            content = b"%PDF-1.7\n% " + self.chance.randbytes(self.chance.choice([10, 5_000, 200_000, 900_000]))
            content += b"\n%%EOF\n"
            try:
                answer = httpx.post(
                    self.url,
                    data={"purpose": PURPOSE},
                    files={"file": ("a.pdf", content)},
                    headers={"authorization": f"Bearer {self.token}"},
                    timeout=PATIENCE,
                )
            except httpx.HTTPError:  # it was killed while this was under way
                return
            if answer.status_code != 201:
                self.refused.append(answer.text)
                return
            self.acknowledged[answer.json()["id"]] = hashlib.sha256(content).hexdigest()


def killed(server: Running, senders: Senders, seconds: float) -> None:
    """Let the clients send for so long, and kill all processes of the server at once."""
    ended = threading.Event()
    threads = [threading.Thread(target=senders.send, args=(ended,)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
    ended.set()
    for thread in threads:
        thread.join(PATIENCE)


def test_no_file_that_was_acknowledged_is_lost_by_kills_at_random_moments(linli: Linli, project: Project) -> None:
    seed = int(os.environ.get("LINLI_TEST_SEED", random.SystemRandom().randrange(2**32)))
    print(f"seed {seed}: LINLI_TEST_SEED={seed} does it again")
    chance = random.Random(seed)
    project.write(SETTINGS.format(key=project.key))
    token = token_of_an_admin(linli, project)
    acknowledged: dict[str, str] = {}
    left = 0
    for _ in range(KILLS):
        with serving(project) as server:
            sent = Senders(f"{server.url}/d/{project.key}/files", token, random.Random(chance.random()))
            killed(server, sent, chance.uniform(0.02, 0.4))
        assert sent.refused == []
        acknowledged |= sent.acknowledged
        left = max(left, len(contents(project)))
    assert acknowledged, "some came through"
    assert len(contents(project)) >= len(acknowledged)
    looked_after(project)
    verified = linli("files", "verify", *named(project))
    assert (verified.exit_code, "without a file" in verified.output) == (0, False), verified.output
    rows = project.query("SELECT count(*) FROM core_file WHERE state = 'PENDING'")[0][0]
    assert len(contents(project)) == rows >= len(acknowledged)
    assert linli("audit", "verify", *named(project)).exit_code == 0
    with serving(project) as server:
        for id_, digest in chance.sample(sorted(acknowledged.items()), min(20, len(acknowledged))):
            answer = httpx.get(link(server, project, token, id_), timeout=PATIENCE)
            assert hashlib.sha256(answer.content).hexdigest() == digest
    print(f"{KILLS} kills, {len(acknowledged)} files acknowledged, {rows} kept")

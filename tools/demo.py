"""`make demo`: two districts with their real divisions, filled with invented people, served until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TextIO
from urllib.error import URLError
from urllib.request import urlopen

CHECKOUT = Path(__file__).resolve().parent.parent
if str(CHECKOUT) not in sys.path:
    sys.path.insert(0, str(CHECKOUT))

from examples.districts.demo import rows  # noqa: E402  found once the checkout is on the path
from examples.districts.demo.__main__ import DISTRICTS, STARTS  # noqa: E402
from examples.districts.demo.contents import CONTENTS  # noqa: E402
from examples.districts.demo.guide import guide  # noqa: E402

LOG = "server.log"

PATIENCE = 60.0
"""Seconds that the server has to come up, and to end."""


class DemoError(Exception):
    """The demonstration cannot go on; the message says why."""


@dataclass(frozen=True)
class Demo:
    """A running demonstration: where it is, the tokens, by district and account, and the server."""

    url: str
    tokens: dict[str, dict[str, str]]
    server: subprocess.Popen[bytes]


def prepare(folder: Path) -> Path:
    """Make the districts in `folder`, or bring up to date those that are there; returns the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "linli.toml"
    if not config.exists():
        shutil.copy(DISTRICTS / "linli.toml", config)
    _linli(config, "migrate")
    for key, contents in CONTENTS.items():
        divisions = DISTRICTS / key / "divisions.csv"
        added = folder / f"{key}-organisations.csv"
        rows.write(added, contents(rows.read(divisions)).orgs)
        for file in (divisions, added):
            _import(config, key, file)
        outlines = DISTRICTS / key / "boundaries.geojson"
        if outlines.exists():
            _import(config, key, outlines, "boundaries", "--since", "ever")
    _run(sys.executable, "-m", "examples.districts.demo", str(config), str(folder / "tokens.json"))
    return config


@contextmanager
def served(folder: Path, port: int) -> Iterator[Demo]:
    """Prepare a demonstration in `folder` and serve it on `port`; 0 takes a free one."""
    config = prepare(folder)
    port = port or _free_port()
    options = ["--port", str(port), "--clock", STARTS.isoformat()]
    with (folder / LOG).open("wb") as log:
        server = subprocess.Popen(  # noqa: S603  our own command
            [*_command(config), "serve", *options], cwd=CHECKOUT, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        demo = Demo(f"http://127.0.0.1:{port}", json.loads((folder / "tokens.json").read_text()), server)
        _wait(demo, folder / LOG)
        yield demo
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _command(config: Path) -> list[str]:
    return [sys.executable, "-m", "linli.core.cli.main", "--config", str(config)]


def _import(config: Path, key: str, file: Path, what: str = "orgs", *options: str) -> None:
    """Import a file; the report, a line for each organisation, is kept beside the configuration."""
    with (config.parent / f"{key}-{file.stem}-report.tsv").open("w", encoding="utf-8") as report:
        _linli(config, "import", what, *options, "--district", key, str(file), output=report)


def _linli(config: Path, *arguments: str, output: TextIO | None = None) -> None:
    _say(f"$ linli {' '.join(arguments)}")
    _run(*_command(config), *arguments, output=output)


def _run(*command: str, output: TextIO | None = None) -> None:
    done = subprocess.run(command, cwd=CHECKOUT, check=False, stdout=output)  # noqa: S603  our own commands
    if done.returncode:
        raise DemoError(f"this failed: {' '.join(command)}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(demo: Demo, log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if demo.server.poll() is not None:
            raise DemoError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
        try:
            with urlopen(f"{demo.url}/readyz", timeout=5):  # noqa: S310  our own server
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise DemoError(f"the server did not answer within {PATIENCE:.0f} seconds")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    """Serve until Ctrl-C or SIGTERM: both are a good end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--folder", type=Path, default=CHECKOUT / ".demo")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with served(options.folder, options.port) as demo:
            for line in guide(demo.url, demo.tokens):
                _say(line)
            if demo.server.wait():
                raise DemoError(f"the server ended with {demo.server.returncode}; see {options.folder / LOG}")
    except KeyboardInterrupt:
        _say("The demonstration has ended.  演示已结束。")
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

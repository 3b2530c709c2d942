"""Both READMEs and docs/ say what is so: their queries are run against the demonstration, their commands in a shell."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from examples.districts.demo.client import Client
from examples.districts.demo.guide import STEPS, curl, guide, query
from tools.demo import Demo, prepare, served

CHECKOUT = Path(__file__).parents[1]
README = CHECKOUT / "README.md"
CHINESE = CHECKOUT / "README.zh-CN.md"
PLUGINS = CHECKOUT / "docs" / "plugins.md"
FRONTEND = CHECKOUT / "docs" / "frontend.md"
BLOCK = re.compile(r"^<!-- (?P<mark>[^\n]+?) -->\n+```(?P<language>\S+)\n(?P<text>.*?)^```$", re.M | re.S)
ASKED = re.compile(r"ask(?: district=(?P<district>\S+))?(?: as=(?P<account>\S+))?")


@dataclass(frozen=True)
class Block:
    """A marked block of a document: `<!-- mark -->`, then the block."""

    file: str
    mark: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.file} {self.mark}"


def _blocks(file: Path) -> list[Block]:
    found = BLOCK.finditer(file.read_text("utf-8"))
    return [Block(file.name, one["mark"], one["language"], one["text"]) for one in found]


def _asked(file: Path) -> list[tuple[Block, Block]]:
    """The queries of a document, each with the answer that follows it."""
    blocks = _blocks(file)
    return [(one, blocks[number + 1]) for number, one in enumerate(blocks) if one.mark.startswith("ask")]


def _marked(file: Path, mark: str) -> list[str]:
    return [block.text for block in _blocks(file) if block.mark == mark]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    """The demonstration, as `make demo` starts it."""
    with served(folder, 0) as running:
        yield running


def _ask(demo: Demo, block: Block) -> Any:
    asked = ASKED.fullmatch(block.mark)
    assert asked, block.mark
    district, account = asked["district"] or "yueyanglou", asked["account"]
    token = demo.tokens[district][account] if account else None
    return Client(f"{demo.url}/d/{district}/graphql", token).ask(block.text)


def test_every_query_of_the_readme_and_the_docs_is_answered_as_shown(demo: Demo) -> None:
    pairs = [pair for file in (README, *sorted(CHECKOUT.glob("docs/*.md"))) for pair in _asked(file)]
    assert len(pairs) >= len(STEPS)
    for asked, shown in pairs:
        assert (shown.mark, shown.language) == ("answer", "json"), asked
        assert _ask(demo, asked) == json.loads(shown.text), asked


def test_the_readme_shows_the_queries_that_the_demonstration_prints(demo: Demo) -> None:
    shown = [(asked.mark, asked.text) for asked, _ in _asked(README)]
    assert shown == [(f"ask as={who}" if who else "ask", query(name)) for name, who, _ in STEPS]
    printed = "\n".join(guide(demo.url, demo.tokens))
    assert all(query(name).rstrip() in printed for name, _, _ in STEPS)
    assert all(token in printed for tokens in demo.tokens.values() for token in tokens.values())


def test_the_printed_curl_lines_work(demo: Demo) -> None:
    line = curl(f"{demo.url}/d/yueyanglou/graphql", query("tree"), demo.tokens["yueyanglou"]["community"])
    answer = json.loads(_shell(line, CHECKOUT))
    assert answer["data"]["communities"] == {"totalCount": 181}


def test_the_second_district_has_no_venues(demo: Demo) -> None:
    client = Client(f"{demo.url}/d/tongjiang/graphql")
    answer = client.ask('{ district { name plugins { name } } __type(name: "Venue") { name } }')
    assert answer == {"district": {"name": "佳木斯市同江市", "plugins": []}, "__type": None}


def test_both_readmes_hold_the_same_blocks() -> None:
    english, chinese = _blocks(README), _blocks(CHINESE)
    assert [(one.mark, one.language, one.text) for one in english] == [
        (one.mark, one.language, one.text) for one in chinese
    ]


def test_the_first_five_minutes_of_an_operator_go_as_written(tmp_path: Path) -> None:
    (commands,) = _marked(README, "run")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "examples").symlink_to(CHECKOUT / "examples")
    told = _shell(commands, tmp_path)
    assert re.search(r"^linli_\S{40,}$", told, re.M), told
    with sqlite3.connect(tmp_path / "my-district" / "data" / "example.sqlite3") as database:
        (count,) = database.execute("SELECT count(*) FROM core_org_node WHERE kind = 'COMMUNITY'").fetchone()
    database.close()
    assert count == 181


@pytest.mark.parametrize(
    "block",
    [one for file in (README, PLUGINS, FRONTEND) for one in _blocks(file) if one.mark.startswith("file: ")],
    ids=str,
)
def test_files_that_are_shown_are_the_files(block: Block) -> None:
    assert (CHECKOUT / block.mark.removeprefix("file: ")).read_text("utf-8") == block.text


def test_a_second_demonstration_in_the_folder_changes_nothing(demo: Demo, folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    made = _rows(folder / "data" / "yueyanglou.sqlite3")
    shutil.copytree(folder, again)
    before = {key: _rows(again / "data" / f"{key}.sqlite3") for key in demo.tokens}
    assert before["yueyanglou"] == made
    prepare(again)
    assert {key: _rows(again / "data" / f"{key}.sqlite3") for key in demo.tokens} == before
    assert json.loads((again / "tokens.json").read_text()) == demo.tokens


def _rows(file: Path) -> dict[str, list[Any]]:
    """Everything in a district's file, by table."""
    with sqlite3.connect(file) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {table: database.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for table in tables}
    database.close()
    return found


def _shell(commands: str, folder: Path) -> str:
    """What the commands print; they must all succeed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LINLI_")}
    done = subprocess.run(
        ["/bin/sh", "-euc", commands], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

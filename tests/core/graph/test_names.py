from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from linli.core.graph.models import OrgNode
from linli.core.graph.names import keys, prefix_range, search_ranges, syllables
from linli.core.privacy.core_holdings import ERASED_KEYS, ERASED_NAME
from tests.core.graph.conftest import Graph

DISTRICTS = Path(__file__).parents[3] / "examples" / "districts"


@pytest.mark.parametrize(
    ("name", "key", "initials"),
    [
        ("五里牌社区", "wulipaishequ 五里牌社区", "wlpsq"),
        ("吕仙亭街道", "lvxiantingjiedao 吕仙亭街道", "lxtjd"),
        ("重庆路", "chongqinglu 重庆路", "cql"),
        ("长安 社区（东）", "changanshequdong 长安 社区（东）", "casqd"),
        ("Ａ座1号楼", "azuo1haolou Ａ座1号楼", "az1hl"),
        ("Hall B", "hallb Hall B", "hallb"),
        ("·", " ·", ""),
    ],
)
def test_a_name_has_a_key_and_initials(name: str, key: str, initials: str) -> None:
    assert keys(name) == (key, initials)


def test_the_pinyin_of_every_real_name_is_what_pypinyin_says_of_the_whole() -> None:
    names = []
    for file in DISTRICTS.glob("*/divisions.csv"):
        with file.open(encoding="utf-8", newline="") as opened:
            names += [row["name"] for row in csv.DictReader(opened)]
    assert len(names) > 400
    assert [name for name in names if "".join(syllables(name)) != "".join(lazy_pinyin(name))] == []


def test_keys_fit_their_columns_for_the_longest_name() -> None:
    key, initials = keys("庄" * 200)
    assert len(key) <= 600
    assert key.endswith("庄" * 200)
    assert len(initials) == 64


def test_pinyin_is_loaded_only_when_a_chinese_name_comes() -> None:
    """Neither by a server with every plugin at its start."""
    code = (
        "import sys, linli.schema.http.server; from linli.core.plugins.discovery import installed; installed();"
        "from linli.core.graph.names import keys; keys('Hall'); print('pypinyin' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_keys_of_an_erased_name_are_those_of_the_name() -> None:
    assert keys(ERASED_NAME) == ERASED_KEYS


@given(st.text(max_size=5), st.text(max_size=8))
def test_a_prefix_range_holds_what_begins_with_the_prefix(prefix: str, text: str) -> None:
    low, high = prefix_range(prefix)
    last = text[len(prefix) : len(prefix) + 1] == "\U0010ffff"
    assert (low <= text < high) == text.startswith(prefix) or last


async def found(typed: str) -> list[str]:
    """The names of the nodes that somebody who types this is offered, in their order."""
    names: dict[str, None] = {}
    for column, low, high in search_ranges(typed):
        conditions = {f"{column}__gte": low, f"{column}__lt": high}
        names |= dict.fromkeys([node.name for node in await OrgNode.filter(**conditions).order_by("name_key", "id")])
    return list(names)


NAMES = ["五里牌社区", "重庆路社区", "长安社区", "东茅岭社区", "1号网格", "东茅岭", "阿弥社区", "Zoo"]


async def test_names_are_ordered_by_pinyin_on_every_engine(graph: Graph, root: OrgNode) -> None:
    for name in NAMES:
        await graph.create("TEAM", root, name)
    ordered = [node.name for node in await OrgNode.filter(parent_id=root.id).order_by("name_key", "id")]
    assert ordered == ["1号网格", "阿弥社区", "长安社区", "重庆路社区", "东茅岭", "东茅岭社区", "五里牌社区", "Zoo"]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("五里", ["五里牌社区"]),
        ("wulip", ["五里牌社区"]),
        ("WuLi Pai", ["五里牌社区"]),
        ("wlp", ["五里牌社区"]),
        ("dml", ["东茅岭", "东茅岭社区"]),
        ("chongq", ["重庆路社区"]),
        ("zhongq", []),
        ("牌", []),
        ("zo", ["Zoo"]),
    ],
)
async def test_names_are_found_by_their_beginning_pinyin_and_initials(
    graph: Graph, root: OrgNode, typed: str, names: list[str]
) -> None:
    for name in NAMES:
        await graph.create("TEAM", root, name)
    assert await found(typed) == names

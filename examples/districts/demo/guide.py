"""What the demonstration tells whoever started it: addresses, tokens, and queries to paste."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from .people import PASSWORD, TONGJIANG, YUEYANGLOU

QUERIES = Path(__file__).parent.parent / "queries"

STEPS = (
    ("tree", None, "The tree, as anybody may read it. 公开的组织树"),
    ("relations", "community", "Relations, as the staff of the community read them. 组织关系（社区工作者）"),
    ("windows", None, "When the court is open to whom in a week. 场所开放时段"),
    ("accepted", "yi", "乙, of a partner unit, books the court after hours. 预约成功"),
    ("refused", "bing", "丙, a resident, asks for working hours, and learns from when on. 预约被拒及下次可约时间"),
)
"""A query's file, whose token it is sent with, and what it shows."""


def query(name: str) -> str:
    """A query of the demonstration."""
    return (QUERIES / f"{name}.graphql").read_text(encoding="utf-8")


def guide(url: str, tokens: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """All lines that are printed once the server at `url` answers."""
    endpoint = f"{url}/d/yueyanglou/graphql"
    yield ""
    yield "Linli is up: open an address in a browser for GraphiQL.  邻里已启动，浏览器打开下列地址即为 GraphiQL。"
    yield f"  岳阳市岳阳楼区  {endpoint}    plugins: venues"
    yield f"  佳木斯市同江市  {url}/d/tongjiang/graphql    plugins: none"
    yield f"  all districts   {url}/districts"
    yield "  It is Monday 2026-03-09 08:00 there when the server starts.  服务启动时为 2026-03-09（周一）08:00。"
    yield f"Accounts: send `Authorization: Bearer <token>`, or sign in with the password {PASSWORD}.  账号与令牌"
    for key, accounts in (("yueyanglou", YUEYANGLOU), ("tongjiang", TONGJIANG)):
        for account in accounts:
            yield f"  {key}  {account.username:<10} {tokens[key][account.username]}  {account.about}"
    for number, (name, who, title) in enumerate(STEPS, 1):
        yield ""
        yield f"{number}. {title}" + (f"  [{who}]" if who else "")
        yield query(name).rstrip()
        yield curl(endpoint, query(name), tokens["yueyanglou"][who] if who else None)
    yield ""
    yield "Ctrl-C ends the server; remove the folder .demo to begin anew.  按 Ctrl-C 结束；删除 .demo 目录可重新开始。"


def curl(endpoint: str, document: str, token: str | None) -> str:
    """A line for the shell that sends a query."""
    body = json.dumps({"query": " ".join(document.split())}, ensure_ascii=False)
    headers = ["Content-Type: application/json", *([f"Authorization: Bearer {token}"] if token else [])]
    sent = [part for header in headers for part in ("-H", header)]
    return shlex.join(["curl", "-s", endpoint, *sent, "-d", body])

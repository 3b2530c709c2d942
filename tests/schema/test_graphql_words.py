"""What GraphQL itself refuses is told in the caller's language too, with the same code."""

from __future__ import annotations

from typing import Any

import pytest

from linli.schema.testing import Clients

CALENDAR = "query ($from: Date!, $to: Date!) { calendar(from: $from, to: $to) { date } }"
ORGS = "query ($filter: OrgNodeFilter) { orgs(filter: $filter) { totalCount } }"

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("query", "variables", "chinese", "english"),
    [
        (
            CALENDAR,
            {"from": "2026-02-30", "to": "2026-03-01"},
            "变量 $from，-：'2026-02-30' 不是有效的 Date，应为：a calendar date such as 2026-03-11",
            "Date cannot represent '2026-02-30'",
        ),
        (CALENDAR, {"to": "2026-03-01"}, "变量 $from，-：缺少 Date! 类型的值", "to be provided"),
        (
            ORGS,
            {"filter": {"kind": {"eq": "STARSHIP"}}},
            "变量 $filter，kind.eq：枚举 OrgKind 没有值 STARSHIP",
            "'STARSHIP' does not exist",
        ),
        (ORGS, {"filter": {"nope": 1}}, "变量 $filter，-：OrgNodeFilter 没有字段 nope", "unknown field 'nope'"),
        ("{ nope }", {}, "Query 没有字段 nope", "Cannot query field 'nope'"),
        ("{ orgs(", {}, "请求不符合 GraphQL 语法：Expected Name, found <EOF>.", "Syntax Error"),
    ],
)
async def test_it_is_told_in_the_callers_language(
    client: Clients, query: str, variables: dict[str, Any], chinese: str, english: str
) -> None:
    nobody = await client()
    told = await nobody.query(query, **variables)
    assert (told.codes, told.errors[0]["message"]) == (["GRAPHQL_VALIDATION"], chinese)
    foreign = await nobody.query(query, headers={"accept-language": "en"}, **variables)
    assert english in foreign.errors[0]["message"]

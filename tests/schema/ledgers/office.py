"""Exporting ledgers over GraphQL, and reading the workbooks back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from python_calamine import load_workbook

from linli.core.graph.models import OrgNode
from linli.schema.scalars import global_id
from linli.schema.testing import Client

EXPORT = """mutation ($input: ExportLedgerInput!) { exportLedger(input: $input) { __typename
    ... on File { id name mediaType purpose contentClass state expiresAt url }
    ... on Error { code message path } ... on RejectedError { details }
    ... on ValidationError { fields { path code message } } } }"""
LEDGER = """query ($code: String!, $under: ID!, $first: Int, $columns: [String!], $filters: [LedgerFilterInput!],
        $asOf: DateTime) {
    ledger(code: $code, under: $under, first: $first, columns: $columns, filters: $filters, asOf: $asOf) {
        count rows columns { key title contentClass } } }"""
HEAD = 3
"""Rows above those of a ledger: title, line, headings."""


@dataclass(frozen=True)
class Workbook:
    """The sheets of a workbook by name, as lists of rows."""

    sheets: Mapping[str, list[list[Any]]]

    @property
    def only(self) -> list[list[Any]]:
        """The rows of its only sheet."""
        (rows,) = self.sheets.values()
        return rows

    def column(self, heading: str) -> list[Any]:
        """What stands in a column of the rows with a running number, on all sheets."""
        found: list[Any] = []
        for rows in self.sheets.values():
            place = rows[HEAD - 1].index(heading)
            found += [row[place] for row in rows[HEAD:] if isinstance(row[0], float)]
        return found

    @property
    def groups(self) -> list[str]:
        """The headings of groups."""
        return [row[0] for rows in self.sheets.values() for row in rows[HEAD:] if isinstance(row[0], str) and row[0]]


def opened(content: bytes) -> Workbook:
    book = load_workbook(BytesIO(content))
    return Workbook({name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names})


async def asked(client: Client, code: str, under: OrgNode, **more: Any) -> dict[str, Any]:
    """How a ledger begins."""
    found: dict[str, Any] = (await client.data(LEDGER, code=code, under=global_id("OrgNode", under.id), **more))[
        "ledger"
    ]
    return found


async def answered(client: Client, code: str, under: OrgNode, **more: Any) -> dict[str, Any]:
    """What an export answers."""
    found: dict[str, Any] = await client.mutate(
        EXPORT, input={"code": code, "under": global_id("OrgNode", under.id), **more}
    )
    return found


async def content_of(client: Client, url: str) -> bytes:
    answer = await client.http.get(url)
    assert answer.status_code == 200, answer.text
    return answer.content


async def exported(client: Client, code: str, under: OrgNode, **more: Any) -> Workbook:
    """Export, fetch by the link, and read."""
    answer = await answered(client, code, under, **more)
    assert answer["__typename"] == "File", answer
    return opened(await content_of(client, answer["url"]))

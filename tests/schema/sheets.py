"""Sheets over GraphQL: what tests send, and how they wait for what goes on behind."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from linli.core.graph.models import OrgNode
from linli.core.people import citizen_id
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Tree
from tests.schema.files.conftest import upload

SHEET = "core.spreadsheet"
SHOWN = """id state kind done total created changed unchanged refused found undone left failure version name
    columns { letter title field sure sample }
    findings(first: 100) { totalCount nodes { row column field level code message } }
    annotated { id name mediaType }"""
PREVIEW = f"""mutation ($input: PreviewSheetInput!) {{ previewSheet(input: $input) {{
    ... on SheetImport {{ {SHOWN} }} ... on Error {{ code message path }}
    ... on ValidationError {{ fields {{ path code }} }} }} }}"""
APPLY = f"""mutation ($input: ApplySheetInput!) {{ applySheet(input: $input) {{
    ... on SheetImport {{ {SHOWN} }} ... on Error {{ code message path }} }} }}"""
UNDO = f"""mutation ($input: UndoSheetInput!) {{ undoSheet(input: $input) {{
    ... on SheetImport {{ {SHOWN} }} ... on Error {{ code message path }} }} }}"""
ONE = f"query ($id: ID!) {{ sheetImport(id: $id) {{ {SHOWN} }} }}"
AT_WORK = ("CHECKING", "RUNNING", "UNDOING")
PATIENCE_SECONDS = 60


def number(place: int) -> str:
    """An id number of nobody: the check character fits."""
    born = date(1930, 1, 1) + timedelta(days=(place * 37) % 30_000)
    body = f"430602{born:%Y%m%d}{place % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, citizen_id.WEIGHTS, strict=True))
    return body + citizen_id.CHECKS[total % 11]


def name(place: int) -> str:
    """A name for each place, of nobody."""
    return "示" + "".join("一二三四五六七八九十"[int(digit)] for digit in str(place))


def sheet(headings: str, *rows: Sequence[Any]) -> bytes:
    """A file of CSV."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(headings.split())
    writer.writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def codes(shown: dict[str, Any], level: str | None = None) -> list[tuple[int, str]]:
    """What was found, by row."""
    nodes = shown["findings"]["nodes"]
    return [(one["row"], one["code"]) for one in nodes if one["row"] and level in (None, one["level"])]


@dataclass
class Desk:
    """Somebody who brings in sheets."""

    client: Client
    tree: Tree

    async def preview(self, content: bytes, kind: str = "PEOPLE", at: OrgNode | None = None, **more: Any) -> Any:
        """Upload and look at a sheet; the import once it was looked at, or the refusal."""
        file = await upload(self.client, content, SHEET, "名册.csv", kind="text/csv")
        given = {"fileId": file.id, "orgId": global_id("OrgNode", (at or self.tree.community).id), "kind": kind, **more}
        return await self.settled(await self.client.mutate(PREVIEW, input=given))

    async def apply(self, import_id: str, **more: Any) -> Any:
        """Have it written, and wait."""
        return await self.settled(await self.client.mutate(APPLY, input={"importId": import_id, **more}))

    async def bring_in(self, content: bytes, kind: str = "PEOPLE", at: OrgNode | None = None, **more: Any) -> Any:
        """Look at a sheet and have it written."""
        looked = await self.preview(content, kind, at)
        assert looked.get("state") == "PREVIEWED", looked
        return await self.apply(looked["id"], **more)

    async def undo(self, import_id: str) -> Any:
        """Take it back, and wait."""
        return await self.settled(await self.client.mutate(UNDO, input={"importId": import_id}))

    async def settled(self, shown: dict[str, Any]) -> Any:
        """The import once nothing goes on behind it any more."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while shown.get("state") in AT_WORK:
                await asyncio.sleep(0.02)
                answer = await self.client.data(ONE, id=shown["id"])
                shown = answer["sheetImport"]
        return shown

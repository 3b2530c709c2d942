"""`/d/<district>/p/venues/doors/<venue>?date=`: whom the doorman expects on a day, as a page to print. 门卫名单。

The page asks what `doorList` answers to whoever opens it, and shows no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from html import escape
from string import Template
from typing import Any

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from linli.core import clock
from linli.core.calendar import local_date
from linli.core.districts import District
from linli.core.errors import Text, text
from linli.core.languages import translate
from linli.schema.execution import Answer
from linli.schema.http.plugin_routes import refused
from linli.schema.problems import ProblemError
from linli.schema.scalars import parse_date

QUERY = """query ($venue: ID!, $day: Date!) {
  venue(id: $venue) { name owner { name } doorList(date: $day) { name unit start end partySize tier state } }
  labels(enums: ["Tier", "BookingState"]) { value text }
}"""

PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<title>$title</title>
<style>
body { font: 12pt/1.5 sans-serif; margin: 2em; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #999; padding: .3em .6em; text-align: left; }
</style>
</head>
<body>
<h1>$title</h1>
<p>$owner $day</p>
$entries
</body>
</html>
""")

HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""Names of people are kept by no cache; a name brings no script along."""

_COLUMNS = (
    text("Time", domain="venues"),
    text("Unit", domain="venues"),
    text("Name", domain="venues"),
    text("Persons", domain="venues"),
    text("Title to come", domain="venues"),
    text("State", domain="venues"),
)
_NOBODY = text("Nobody is expected, or you may not see who", domain="venues")
_UNKNOWN = text("There is no such record, or you may not see it")
_NO_DAY = text("Give a date such as {example}", domain="venues", example="2026-03-11")


def routes(district: District) -> list[Route]:
    """The plugin's routes in a district."""
    return [Route("/doors/{venue}", partial(door_list, district))]


async def door_list(district: District, request: Request) -> Response:
    """The page, for today where no date is named; 400 for what is no date, 404 for a venue that is not seen."""
    try:
        day = parse_date(request.query_params.get("date", local_date(clock.now(), district.zone).isoformat()))
    except GraphQLError:
        return refused(request, district, ProblemError("VALIDATION", _NO_DAY, argument="date"), 400)
    answer: Answer = await request.state.ask(QUERY, venue=request.path_params["venue"], day=day.isoformat())
    data = answer.plain
    assert data is not None, answer.errors
    if data["venue"] is None:
        return refused(request, district, ProblemError("NOT_FOUND", _UNKNOWN), 404)
    return HTMLResponse(_page(data, day, request.state.language), headers=HEADERS)


def _page(data: Mapping[str, Any], day: date, language: str) -> str:
    venue, labels = data["venue"], {one["value"]: one["text"] for one in data["labels"]}
    owner = venue["owner"]["name"] if venue["owner"] else ""
    rows = list(_rows(venue["doorList"], labels))
    entries = _table(rows, language) if rows else f"<p>{_told(_NOBODY, language)}</p>"
    return PAGE.substitute(
        language=language, title=escape(venue["name"]), owner=escape(owner), day=day.isoformat(), entries=entries
    )


def _rows(entries: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> Iterator[list[str]]:
    for one in entries:
        time = f"{_clock(one['start'])}-{_clock(one['end'])}"
        titles = labels[one["tier"]], labels[one["state"]]
        yield [time, str(one["unit"]), one["name"], str(one["partySize"]), *titles]


def _table(rows: Iterable[Iterable[str]], language: str) -> str:
    heads = "".join(f"<th>{_told(column, language)}</th>" for column in _COLUMNS)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table>\n<tr>{heads}</tr>\n{body}\n</table>"


def _told(said: Text, language: str) -> str:
    return escape(translate(said, language))


def _clock(moment: str) -> str:
    """HH:MM of an instant as the API tells it, in the district's zone."""
    return moment[11:16]

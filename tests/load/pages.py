"""The first page of a subtree, in a small district and in a large one: it must not matter how much there is. 分页。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from linli.core.clock import monotonic

from . import people, trees
from .deployments import CODE, Deployment, deployed
from .engines import Engine, engines, say
from .processes import linli, run, serving
from .sizes import Size
from .tables import Table, figure, milliseconds, spread
from .wire import Connection, WrongAnswerError, body, connections

SMALL = 200
WARM = 5

_PAGE = "nodes { id kind code name } pageInfo { hasNextPage endCursor }"
_ORDER = "orderBy: [{field: CODE, direction: ASC}]"
_OF_KIND = "filter: {kind: {eq: MICRO_GRID}}"
_COMMUNITY = f"{CODE[:6]}001001"


@dataclass(frozen=True)
class Question:
    """A page that is asked for: what it is called, beneath which organisation, the list, and how many rows it has."""

    title: str
    code: str
    asked: str
    rows: int = 20

    @property
    def document(self) -> str:
        """The operation."""
        takes = "$id: ID!, $after: String!" if "$after" in self.asked else "$id: ID!"
        return f"query ({takes}) {{ org(id: $id) {{ page: {self.asked} {{ {_PAGE} }} }} }}"


BARE = "{ district { key } }"
BY_CODE = f'{{ org(code: "{_COMMUNITY}") {{ id }} }}'
FIRST = Question("first page beneath the root, by name", CODE, "descendants(first: 20)")
QUESTIONS = (
    FIRST,
    Question("the page after it", CODE, "descendants(first: 20, after: $after)"),
    Question("first page beneath the root, by code", CODE, f"descendants(first: 20, {_ORDER})"),
    Question("micro-grids beneath the root, by name", CODE, f"descendants(first: 20, {_OF_KIND})"),
    Question("beneath a community of 99 nodes, by name", _COMMUNITY, "descendants(first: 20)"),
    Question("children of that community, by name", _COMMUNITY, "children(first: 20)", rows=9),
)


@dataclass
class Turns:
    """Seconds of each answer in the small and in the large district."""

    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per question and engine."""
    rows = [row for engine in engines() for row in _rows(engine, size)]
    yield Table(
        f"First page of a subtree, in {SMALL} and in {size.nodes:,} organisations",
        ("engine", "asked for", f"in {SMALL}, ms", f"in {size.nodes:,}, ms", "ratio"),
        rows,
        "Whole requests over HTTP, with an administrator's token. Target: a ratio below 2.",
    )


def _rows(engine: Engine, size: Size) -> list[tuple[str, ...]]:
    say(f"pages: {engine.name}, {SMALL} and {size.nodes:,} nodes")
    with deployed(engine, {"small": (), "large": ()}) as deployment:
        for name, nodes in (("small", SMALL), ("large", size.nodes)):
            file = deployment.folder / f"{name}.csv"
            trees.write(file, nodes)
            run(linli(deployment.config, "import", "orgs", "--district", deployment.keys[name], str(file)))
        return asyncio.run(_asked(deployment, size.page_turns))


async def _asked(deployment: Deployment, turns: int) -> list[tuple[str, ...]]:
    small, large = [await deployment.inside(name, people.admin) for name in ("small", "large")]
    with serving(deployment.config) as server:
        urls = [server.endpoint(deployment.keys[name]) for name in ("small", "large")]
        async with connections(urls[0], small) as (one,), connections(urls[1], large) as (other,):
            rows = []
            for title, document in (("no organisation at all", BARE), ("one organisation, by its code", BY_CODE)):
                sent = body(document)
                rows.append(_row(deployment, title, await _turns([(one, sent), (other, sent)], turns)))
            for question in QUESTIONS:
                asked = [(each, await _sent(each, question)) for each in (one, other)]
                rows.append(_row(deployment, question.title, await _turns(asked, turns)))
    return rows


async def _sent(connection: Connection, question: Question) -> bytes:
    """The question's body for a district; raises WrongAnswerError unless the page is as it should be."""
    variables = {"id": await _id_of(connection, question.code)}
    if "$after" in question.asked:
        first = await connection.data(FIRST.document, **variables)
        variables["after"] = first["org"]["page"]["pageInfo"]["endCursor"]
    page = (await connection.data(question.document, **variables))["org"]["page"]
    if len(page["nodes"]) != question.rows or page["pageInfo"]["hasNextPage"] != (question.rows == FIRST.rows):
        raise WrongAnswerError(f"{question.title}: {len(page['nodes'])} rows, {page['pageInfo']}")
    return body(question.document, **variables)


async def _id_of(connection: Connection, code: str) -> str:
    found = await connection.data("query ($code: String!) { org(code: $code) { id } }", code=code)
    return str(found["org"]["id"])


async def _turns(asked: Sequence[tuple[Connection, bytes]], turns: int) -> Turns:
    """Both districts in turn, the first answers not counted."""
    taken = Turns()
    for turn in range(-WARM, turns):
        for (connection, sent), seconds in zip(asked, (taken.small, taken.large), strict=True):
            began = monotonic()
            answer = await connection.post(sent)
            if turn >= 0:
                seconds.append(monotonic() - began)
            if b'"errors"' in answer[:10]:
                raise WrongAnswerError(answer.decode())
    return taken


def _row(deployment: Deployment, title: str, turns: Turns) -> tuple[str, ...]:
    small, large = milliseconds(turns.small), milliseconds(turns.large)
    ratio = median(large) / median(small)
    return deployment.engine.name, title, spread(small), spread(large), figure(ratio)

"""What the two executors take for one answer, next to a statement written by hand. 两种执行方式。"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import orjson

from linli.core.clock import monotonic
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.records.whole import fetch_bytes
from linli.schema.compose import compose
from linli.schema.context import Context
from linli.schema.execution import COMPILED, Executor, Request
from linli.schema.http.authentication import known
from linli.schema.scalars import global_id

from . import people, trees
from .deployments import CODE, Deployment, deployed
from .engines import Engine, engines, say
from .processes import linli, run
from .sizes import Size
from .tables import Table, figure, milliseconds, spread
from .wire import WrongAnswerError

WARM = 5
STREET = f"{CODE[:6]}001000"
Answer = Callable[[], Awaitable[bytes]]

_POSTGRES = {
    "id": "translate(encode(convert_to('OrgNode:'||{0}.id,'UTF8'),'base64'),E'\\n','')",
    "name": "to_json({0}.name)",
    "join": "'['||string_agg({0},','{1})||']'",
}
_SQLITE = {
    "id": "linli_base64('OrgNode:'||{0}.id)",
    "name": "json_quote({0}.name)",
    "join": "'['||group_concat({0},',')||']'",
}


@dataclass(frozen=True)
class Question:
    """An operation, its variables, and how somebody would ask the database by hand for the same bytes."""

    title: str
    text: str
    variables: Mapping[str, Any]
    sql: str
    values: tuple[Any, ...] = ()


@dataclass
class Turns:
    """Seconds of each answer."""

    compiled: list[float] = field(default_factory=list)
    resolved: list[float] = field(default_factory=list)
    by_hand: list[float] = field(default_factory=list)


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per question and engine."""
    rows = [row for engine in engines() for row in _rows(engine, size)]
    yield Table(
        f"An answer by either executor, in {size.nodes:,} organisations",
        (
            "engine",
            "asked for",
            "by hand, ms",
            "compiled, ms",
            "resolved, ms",
            "by hand / compiled",
            "resolved / compiled",
        ),
        rows,
        "In one process and in turns, without HTTP, as an administrator; by hand nobody asks who may see what. Answers "
        "are compared first.",
    )


def _rows(engine: Engine, size: Size) -> list[tuple[str, ...]]:
    say(f"executors: {engine.name}, {size.nodes:,} nodes")
    with deployed(engine, {"large": ()}) as deployment:
        file = deployment.folder / "large.csv"
        trees.write(file, size.nodes)
        run(linli(deployment.config, "import", "orgs", "--district", deployment.keys["large"], str(file)))

        async def ask(district: District) -> list[tuple[str, ...]]:
            return await _asked(deployment, district, size.page_turns)

        return asyncio.run(deployment.inside("large", ask))


def _list(spelled: Mapping[str, str], row: str, rows: str, order: str) -> str:
    """A JSON array of rows, in order, by hand."""
    array = spelled["join"].format(row, f" ORDER BY {order}")
    return f"(SELECT {array} FROM ({rows}) {order[0]})"


def questions(dialect: str, some: OrgNode, street: OrgNode) -> list[Question]:
    """The shapes of questions that frontends ask."""
    spelled = _POSTGRES if dialect == "postgres" else _SQLITE
    mark = "$1::uuid" if dialect == "postgres" else "?1"
    whole = "convert_to({},'UTF8')" if dialect == "postgres" else "CAST({} AS BLOB)"

    def row(alias: str, more: str = "") -> str:
        id_, name = spelled["id"].format(alias), spelled["name"].format(alias)
        parts = f"""'{{"id":"'||{id_}||'","kind":"'||{alias}.kind||'","code":"'||{alias}.code||'","name":'||{name}"""
        return f"{parts}{more}||'}}'"

    def kids(alias: str, of: str, more: str = "") -> str:
        rows = f"SELECT * FROM core_org_node WHERE parent_id={of}.id ORDER BY name_key, id LIMIT 10"
        array = _list(spelled, row(alias, more), rows, f"{alias}.name_key, {alias}.id")
        return f"""||',"children":{{"nodes":'||{array}||'}}'"""

    def kind(alias: str, word: str, limit: int, more: str) -> str:
        rows = f"SELECT * FROM core_org_node WHERE kind='{word}' ORDER BY name_key, id LIMIT {limit}"
        array = _list(spelled, row(alias, more), rows, f"{alias}.name_key, {alias}.id")
        return "SELECT " + whole.format(f"""'{{"orgs":{{"nodes":'||{array}||'}}}}'""")

    above = spelled["name"].format("b")
    parent = f"""||',"depth":'||a.depth||',"version":'||a.version||',"parent":{{"name":'||{above}||'}}'"""
    one = f"""'{{"org":'||{row("a", parent)}||'}}'"""
    point = (
        f"SELECT {whole.format(one)} FROM core_org_node a JOIN core_org_node b ON b.id=a.parent_id WHERE a.id={mark}"
    )
    fields = "id kind code name"
    of = "orgs(first: %d, filter: {kind: {eq: %s}})"
    low, high = street.path, street.path[:-1] + "0"
    within = "kind='MICRO_GRID' AND path>{} AND path<{}".format(
        *(("$1", "$2") if dialect == "postgres" else ("?1", "?2"))
    )
    newest = f"SELECT * FROM core_org_node WHERE {within} ORDER BY created_at DESC, id DESC LIMIT 50"
    up = f"""||',"parent":{{"name":'||(SELECT {above} FROM core_org_node b WHERE b.id=a.parent_id)||'}}'"""
    array = _list(spelled, row("a", up), newest, "a.created_at DESC, a.id DESC")
    count = f"(SELECT count(*) FROM core_org_node WHERE {within})"
    listed = f"""'{{"org":{{"descendants":{{"totalCount":'||{count}||',"nodes":'||{array}||'}}}}}}'"""
    return [
        Question(
            "one by id with its parent's name",
            f"query ($id: ID!) {{ org(id: $id) {{ {fields} depth version parent {{ name }} }} }}",
            {"id": global_id("OrgNode", some.id)},
            point,
            (str(some.id),),
        ),
        Question(
            "100 communities with up to 10 grids each",
            f"{{ {of % (100, 'COMMUNITY')} {{ nodes {{ {fields} "
            f"children(first: 10) {{ nodes {{ {fields} }} }} }} }} }}",
            {},
            kind("a", "COMMUNITY", 100, kids("b", "a")),
        ),
        Question(
            "20 streets, 10 communities, 10 grids",
            f"{{ {of % (20, 'SUBDISTRICT')} {{ nodes {{ {fields} children(first: 10) {{ nodes {{ {fields} "
            f"children(first: 10) {{ nodes {{ {fields} }} }} }} }} }} }} }}",
            {},
            kind("a", "SUBDISTRICT", 20, kids("b", "a", kids("c", "b"))),
        ),
        Question(
            "the newest 50 beneath a street, their parents' names, and how many there are",
            "query ($id: ID!) { org(id: $id) { descendants(first: 50, filter: {kind: {eq: MICRO_GRID}}, "
            "orderBy: [{field: CREATED_AT, direction: DESC}]) "
            f"{{ totalCount nodes {{ {fields} parent {{ name }} }} }} }} }}",
            {"id": global_id("OrgNode", street.id)},
            f"SELECT {whole.format(listed)}",
            (low, high),
        ),
    ]


async def _asked(deployment: Deployment, district: District, turns: int) -> list[tuple[str, ...]]:
    schema, viewer = compose(district), await known(await people.admin(district), district)
    executors = {compiles: Executor(schema, compiles=compiles) for compiles in (True, False)}
    some, street = await OrgNode.filter(kind="GRID").order_by("code").first(), await OrgNode.get(code=STREET)
    assert some is not None
    found = []
    for question in questions(district.store.dialect, some, street):

        async def asked(compiles: bool, question: Question = question) -> bytes:
            context = Context(district, schema, viewer)
            answer = await executors[compiles].execute(Request(question.text, question.variables), context)
            if compiles != (answer.executor == COMPILED):
                raise WrongAnswerError(f"{question.title}: {answer.executor}")
            return orjson.dumps(answer.body())

        async def by_hand(question: Question = question) -> bytes:
            return b'{"data":' + await fetch_bytes(question.sql, question.values) + b"}"

        ways: list[Answer] = [lambda ask=asked: ask(True), lambda ask=asked: ask(False), by_hand]  # type: ignore[misc]
        first, *others = [orjson.loads(await way()) for way in ways]
        if any(other != first for other in others):
            raise WrongAnswerError(question.title)
        taken = Turns()
        for turn in range(-WARM, turns):
            for way, seconds in zip(ways, (taken.compiled, taken.resolved, taken.by_hand), strict=True):
                began = monotonic()
                await way()
                if turn >= 0:
                    seconds.append(monotonic() - began)
        found.append(_row(deployment.engine, question, taken))
    return found


def _row(engine: Engine, question: Question, taken: Turns) -> tuple[str, ...]:
    hand, compiled, resolved = (milliseconds(one) for one in (taken.by_hand, taken.compiled, taken.resolved))
    base = median(compiled)
    ratios = figure(median(hand) / base), figure(median(resolved) / base)
    return engine.name, question.title, spread(hand), spread(compiled), spread(resolved), *ratios

"""How long somebody waits who types a name or the end of a number, among a million people. 检索。"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import quantiles
from typing import Any
from uuid import UUID

from tortoise.indexes import Index

from linli.core import clock
from linli.core.clock import monotonic
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.graph.names import keys
from linli.core.graph.sql import execute, execute_many, fetch
from linli.core.people.models import Person
from linli.core.records.encrypted import blind, blind_tail, encrypt
from linli.core.records.record import new_id
from linli.core.records.store import Dialect
from linli.core.records.unit_of_work import transact

from . import people, trees
from .deployments import CODE, Deployment, deployed
from .engines import Engine, engines, say
from .processes import linli, run, serving
from .sizes import Size
from .tables import Row, Table, figure, milliseconds
from .wire import Connection, WrongAnswerError, body, connections

STREET, STREETS = 2_501, 8
"""Organisations of a street, and how many streets there are: 25 communities each. People live at any of them."""
PER_NODE = 50
COMMUNITY = f"{CODE[:6]}001001"
BATCH = 5_000
WARM = 10
FAMILIES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国华文玉兰海红梅春晓"
ASK = "query ($text: String!) { search(text: $text, kinds: [PERSON]) { reason record { id ... on Person { name } } } }"
INDEXES: dict[Dialect, str] = {
    "sqlite": "SELECT name, sql AS made FROM sqlite_master WHERE type = 'index' AND tbl_name = 'core_person'",
    "postgres": "SELECT indexname AS name, indexdef AS made FROM pg_indexes"
    " WHERE tablename = 'core_person' AND schemaname = current_schema()",
}
COLUMNS = (
    *("id", "version", "created_at", "updated_at", "name", "name_key", "name_initials"),
    *("id_number", "id_number_index", "id_number_tail", "phone", "phone_index", "phone_tail"),
    *("habitual_residence_id", "registered_residence_id", "provenance"),
)


@dataclass(frozen=True)
class Viewer:
    """Who asks, and the numbers of the people whom they see."""

    place: str
    token: str
    people: Sequence[int]


@dataclass(frozen=True)
class Question:
    """What is typed of a person with a number, and by what people are found: `zh` begins pinyin too."""

    title: str
    reasons: tuple[str, ...]
    typed: Callable[[int], str]


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine, viewer and question."""
    yield Table(
        f"Searching among {size.people:,} people",
        ("engine", "viewer at", "typed", "asked", "p50, ms", "p99, ms"),
        [row for engine in engines() for row in rows(engine, size)],
        "Whole requests over HTTP, one after the other, each for another person of the place; each answer is checked. "
        "By numbers an event is committed first.",
    )


def rows(engine: Engine, size: Size) -> list[Row]:
    """Enter the people, search for some of them, and answer the rows; raises WrongAnswerError."""
    say(f"search: {engine.name}, {size.people:,} people")
    with deployed(engine, {"district": ()}) as deployment:
        file = deployment.folder / "orgs.csv"
        trees.write(file, STREET * max(1, min(STREETS, size.people // PER_NODE // STREET)))
        run(linli(deployment.config, "import", "orgs", "--district", deployment.keys["district"], str(file)))
        return asyncio.run(_asked(deployment, size))


async def _asked(deployment: Deployment, size: Size) -> list[Row]:
    began = monotonic()
    viewers = await deployment.inside("district", lambda district: _prepare(district, size.people))
    say(f"search: entered in {monotonic() - began:.0f} s")
    with serving(deployment.config) as server:
        return [row for who in viewers for row in await _rows_of(deployment, server.endpoint, who, size.searches)]


async def _rows_of(deployment: Deployment, endpoint: Callable[[str], str], who: Viewer, turns: int) -> list[Row]:
    """One viewer's: on a connection of its own, for the server closes those that wait for long."""
    async with connections(endpoint(deployment.keys["district"]), who.token) as (connection,):
        return [
            (deployment.engine.name, who.place, one.title, *await _turns(connection, one, who.people, turns))
            for one in QUESTIONS
        ]


async def enter(district: District, count: int) -> Sequence[tuple[UUID, str]]:
    """Enter so many people at all organisations in turn; these with their codes."""
    nodes: Any = await OrgNode.filter(kind__not="DISTRICT").order_by("code", "kind").values_list("id", "code")
    homes = [home for home, _ in nodes]
    made = await transact(lambda _unit: _without_indexes(district.store.dialect))
    await populate(count, homes)
    for index in made:
        await transact(partial(_index, index))
    if district.store.dialect == "postgres":
        await transact(lambda _unit: execute("ANALYZE"))  # as its daemon does it a little later
    return list(nodes)


async def _prepare(district: District, count: int) -> list[Viewer]:
    """Who sees everybody, and who sees one community."""
    nodes = await enter(district, count)
    here = {place for place, (_, code) in enumerate(nodes) if code.startswith(COMMUNITY)}
    neighbours = [number for number in range(count) if number % len(nodes) in here]
    root, community = await OrgNode.get(parent_id=None), await OrgNode.get(code=COMMUNITY, kind="COMMUNITY")
    everywhere = await people.appointed(district, "everywhere", "street-official", root)
    there = await people.appointed(district, "there", "community-secretary", community)
    place = f"a community of {len(neighbours):,}"
    return [Viewer("the root", everywhere, range(count)), Viewer(place, there, neighbours)]


async def populate(count: int, homes: Sequence[UUID]) -> None:
    """Enter so many people with encrypted values, who live at these places in turn; in the district's scope."""
    for start in range(0, count, BATCH):
        values = [_values(number, homes[number % len(homes)]) for number in range(start, min(start + BATCH, count))]
        await transact(partial(_write, values))


async def _without_indexes(dialect: Dialect) -> list[str]:
    """Take away the plain indexes of people while they are entered; how each is made again."""
    names = {str(index.name) for index in Person._meta.indexes if isinstance(index, Index)}
    found = [(row["name"], str(row["made"])) for row in await fetch(INDEXES[dialect]) if row["name"] in names]
    for name, _ in found:
        await execute(f'DROP INDEX "{name}"')
    if len(found) != len(names):
        raise WrongAnswerError(f"of the indexes {names} there are only {found}")
    return [made for _, made in found]


async def _index(made: str, _unit: object) -> None:
    await execute(made)


async def _write(values: list[tuple[Any, ...]], _unit: object) -> None:
    marks = ", ".join(f"${place}" for place in range(1, len(COLUMNS) + 1))
    await execute_many(f"INSERT INTO core_person ({', '.join(COLUMNS)}) VALUES ({marks})", values)


def name_of(number: int) -> str:
    """The invented name of the person with this number."""
    chance = Random(number)
    return chance.choice(FAMILIES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def phone_of(number: int) -> str:
    """Another one for each."""
    return f"1{30_000_000_00 + number * 7_919 % 1_000_000_007:010d}"


def _values(number: int, home: UUID) -> tuple[Any, ...]:
    id_, now, name, phone = new_id(), clock.now(), name_of(number), phone_of(number)
    key, initials = keys(name)
    numbers: list[Any] = []
    for column, value in (("id_number", f"999999{number:012d}"), ("phone", phone)):
        kept = encrypt(Person, column, value, id_)
        numbers += [kept and kept.stored, blind(Person, column, value), blind_tail(Person, column, value)]
    return (id_, 1, now, now, name, key, initials, *numbers, home, home, None)


QUESTIONS = (
    Question("two characters of a name", ("NAME",), lambda number: name_of(number)[:2]),
    Question("a whole name", ("NAME",), name_of),
    Question("pinyin of the family name", ("PINYIN",), lambda number: keys(name_of(number)[:1])[0].partition(" ")[0]),
    Question("two initials", ("INITIALS", "PINYIN"), lambda number: keys(name_of(number))[1][:2]),
    Question("four digits", ("PHONE_TAIL",), lambda number: phone_of(number)[-4:]),
    Question("a whole phone", ("PHONE",), phone_of),
)


async def _turns(who: Connection, question: Question, numbers: Sequence[int], turns: int) -> tuple[str, str, str]:
    """How often it was asked, p50 and p99; the first answers are not counted."""
    taken, chance = [], Random(question.title)
    for turn in range(-WARM, turns):
        sent = body(ASK, text=question.typed(chance.choice(numbers)))
        began = monotonic()
        answer = json.loads(await who.post(sent))
        if turn >= 0:
            taken.append(monotonic() - began)
        hits = (answer.get("data") or {}).get("search") or ()
        if not {hit["reason"] for hit in hits}.intersection(question.reasons):
            raise WrongAnswerError(f"{question.title}: {answer}")
    seconds = milliseconds(taken)
    return str(turns), figure(quantiles(seconds, n=2)[0]), figure(quantiles(seconds, n=100)[98])

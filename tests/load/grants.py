"""What many grants cost: the same answers for who holds one at the root and for who holds twenty. 授权数量。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from linli.core.clock import monotonic
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people import services as registry
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id

from . import people, trees
from .deployments import CODE, Deployment, deployed
from .engines import Engine, engines, say
from .processes import linli, run, serving
from .sizes import Size
from .tables import Table, figure, milliseconds, ratios, spread
from .wire import Connection, WrongAnswerError, body, connections

STREETS = {1: 7, 2: 7, 3: 6}
"""Streets by number, and in how many of their communities there is a grant: twenty, none of which covers another."""

ROLE = "community-staff"
RESIDENTS = 400
ROWS = 100
LEAST_NODES = 3 * 2_501
WARM = 10


@dataclass(frozen=True)
class Question:
    """What is asked for, how many rows that has, and how many times as long it may take with twenty grants."""

    title: str
    document: str
    rows: int
    target: str = ""


@dataclass
class Turns:
    """Seconds of each answer for the one grant, and for the twenty."""

    one: list[float] = field(default_factory=list)
    twenty: list[float] = field(default_factory=list)


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per question and engine."""
    nodes = max(size.nodes, LEAST_NODES)
    yield Table(
        f"Twenty grants in three streets and one at the root, in {nodes:,} organisations",
        ("engine", "asked for", "one, ms", "twenty, ms", "ratio", "of the least", "target"),
        [row for engine in engines() for row in _rows(engine, nodes, size.asked)],
        "Whole requests over HTTP, in turns; both answers are the same to the byte. "
        "The ratio is the median of each turn's.",
    )


def _rows(engine: Engine, nodes: int, turns: int) -> list[tuple[str, ...]]:
    say(f"grants: {engine.name}, {nodes:,} nodes")
    with deployed(engine, {"district": ()}) as deployment:
        file = deployment.folder / "orgs.csv"
        trees.write(file, nodes)
        run(linli(deployment.config, "import", "orgs", "--district", deployment.keys["district"], str(file)))
        return asyncio.run(_asked(deployment, turns))


async def _asked(deployment: Deployment, turns: int) -> list[tuple[str, ...]]:
    one, twenty, person_id = await deployment.inside("district", _prepare)
    with serving(deployment.config) as server:
        async with connections(server.endpoint(deployment.keys["district"]), one, twenty) as (few, many):
            return [
                _row(deployment.engine, question, await _turns(question, few, many, turns))
                for question in _questions(person_id)
            ]


async def _prepare(district: District) -> tuple[str, str, str]:
    """The tokens of who holds one grant and of who holds twenty, and somebody whom both see."""
    places = [await OrgNode.get(kind="COMMUNITY", code=code) for code in _communities()]
    residents = await transact(lambda _unit: _residents(places))
    one = await people.appointed(district, "one", ROLE, await OrgNode.get(parent_id=None))
    return one, await people.appointed(district, "twenty", ROLE, *places), global_id("Person", residents[-1].id)


def _communities() -> list[str]:
    return [f"{CODE[:6]}{street:03d}{place:03d}" for street, most in STREETS.items() for place in range(1, most + 1)]


async def _residents(places: Sequence[OrgNode]) -> list[Person]:
    made: list[Person] = []
    for number, place in product(range(RESIDENTS // len(places)), places):
        person = await registry.create_person(
            name=f"示例居民{number}",
            phone=f"1380000{len(made):04d}",
            registered_residence_id=place.id,
            habitual_residence_id=place.id,
        )
        made.append(person)
    return made


def _questions(person_id: str) -> Iterator[Question]:
    grids = ", ".join(f'"{code}-G01-M0{number}"' for code in _communities() for number in range(1, 6))
    code, street = f"{CODE[:6]}001001-G01-M01", f"{CODE[:6]}001000"
    within = f"first: {ROWS}, filter: {{kind: {{eq: MICRO_GRID}}}}, orderBy: [{{field: CODE, direction: ASC}}]"
    nodes = "nodes { id kind code name }"
    yield Question("nothing that depends on them", "{ district { key } }", 0)
    yield Question("100 micro-grids, by code", f"{{ orgs({within}) {{ {nodes} }} }}", ROWS, "1.15")
    yield Question(
        "100 micro-grids beneath a street, by code",
        f'{{ org(code: "{street}") {{ descendants({within}) {{ {nodes} }} }} }}',
        ROWS,
        "1.15",
    )
    yield Question(
        "100 micro-grids that are named",
        f"{{ orgs(first: {ROWS}, filter: {{code: {{in: [{grids}]}}}}) {{ {nodes} }} }}",
        ROWS,
        "1.15",
    )
    people_asked = f"people(first: {ROWS}, orderBy: [{{field: CREATED_AT, direction: ASC}}])"
    yield Question("100 people", f"{{ {people_asked} {{ nodes {{ id name phone }} }} }}", ROWS, "1.15")
    yield Question("a micro-grid, by its code", f'{{ org(code: "{code}") {{ id code }} }}', 1, "1.25")
    yield Question("a person, by id", f'{{ node(id: "{person_id}") {{ id ... on Person {{ name }} }} }}', 1, "1.25")


async def _turns(question: Question, one: Connection, twenty: Connection, turns: int) -> Turns:
    """Both in turn, each first every other time; the first answers are not counted."""
    sent, taken = body(question.document), Turns()
    wanted = await one.post(sent)
    if b'"errors"' in wanted[:10] or wanted.count(b'"id"') != question.rows:
        raise WrongAnswerError(f"{question.title}: {wanted.decode()}")
    for turn in range(-WARM, turns):
        both = ((one, taken.one), (twenty, taken.twenty))
        for connection, seconds in both if turn % 2 else both[::-1]:
            began = monotonic()
            answer = await connection.post(sent)
            if turn >= 0:
                seconds.append(monotonic() - began)
            if answer != wanted:
                raise WrongAnswerError(f"{question.title}: {answer.decode()} instead of {wanted.decode()}")
    return taken


def _row(engine: Engine, question: Question, turns: Turns) -> tuple[str, ...]:
    one, twenty = milliseconds(turns.one), milliseconds(turns.twenty)
    least = figure(min(twenty) / min(one))
    return engine.name, question.title, spread(one), spread(twenty), spread(ratios(twenty, one)), least, question.target

"""Counts of people by place: what viewers see, what is withheld from whom, and how it is read."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest

from linli.core.access.models import Account, Grant
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.core.people_changes import Gender
from linli.schema.declare import Node, aggregate, aggregates, among, counts
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.core.privacy.test_suppression import Known

from .conftest import Plant

Settle = Callable[..., Awaitable[None]]
Statements = Callable[[], AbstractContextManager[list[str]]]
Lines = dict[str | None, int | None]

COUNTS = """query ($id: ID!) { org(id: $id) { peopleCounts { total
    ageBand { key value suppressed } gender { key value suppressed } registration { key value suppressed } } } }"""


@pytest.fixture
def settle(district: District) -> Settle:
    """Lets so many people live somewhere: rows only."""

    async def put(home: OrgNode, count: int, **values: Any) -> None:
        people = [Person(name="示例", name_key="shili", habitual_residence_id=home.id, **values) for _ in range(count)]
        with district.scope():
            await transact(lambda _unit: Person.bulk_create(people))

    return put


def by_key(lines: list[dict[str, Any]]) -> Lines:
    """The counts by value, each withheld exactly where it is null."""
    assert all(line["suppressed"] is (line["value"] is None) for line in lines)
    return {line["key"]: line["value"] for line in lines}


async def counted(client: Client, org: OrgNode) -> tuple[int, dict[str, Lines]]:
    found = (await client.data(COUNTS, id=global_id("OrgNode", org.id)))["org"]["peopleCounts"]
    return found.pop("total"), {name: by_key(lines) for name, lines in found.items()}


async def test_a_street_is_counted_by_age_gender_and_registration(client: Clients, tree: Tree, settle: Settle) -> None:
    await settle(tree.grid, 7, birth_date=date(1950, 1, 1), gender="FEMALE", registered_residence_id=tree.grid.id)
    await settle(tree.community, 8, birth_date=date(2021, 1, 1), gender="MALE", registered_residence_id=tree.grid.id)
    await settle(tree.other_community, 50, birth_date=date(2021, 1, 1))
    for asking in (await client("street-official", at=tree.street), await client("community-secretary", at=tree.root)):
        total, by = await counted(asking, tree.street)
        assert total == 17  # with the resident and the neighbour, of whom nothing is known
        assert by["registration"] == {"NOT_HERE": 2, "SAME": 7, "SEPARATE": 8}
        assert by["gender"] == {"MALE": 8, "FEMALE": 7, None: 2}
        assert {band: count for band, count in by["ageBand"].items() if count} == {"UNDER_6": 8, "FROM_70": 7, None: 2}
        assert len(by["ageBand"]) == 8
        assert next(iter(by["ageBand"])) == "UNDER_6"


async def test_who_may_not_see_a_value_in_full_gets_no_count_below_five_nor_what_gives_it_away(
    client: Clients, tree: Tree, settle: Settle
) -> None:
    await settle(tree.grid, 7, gender="FEMALE")
    await settle(tree.grid, 30, gender="MALE")
    await settle(tree.grid, 4)
    official = await client("district-official", at=tree.root)
    total, by = await counted(official, tree.grid)
    assert (total, by["gender"]) == (41, {"MALE": 30, "FEMALE": None, None: None})
    await settle(tree.grid, 1)
    assert (await counted(official, tree.grid))[1]["gender"] == {"MALE": 30, "FEMALE": 7, None: 5}


async def test_nobody_counts_more_than_the_own_list_shows(client: Clients, tree: Tree, settle: Settle) -> None:
    await settle(tree.grid, 30, gender="FEMALE")
    asked = {"nobody": await client(), "resident": await client(person=tree.resident)}
    asked["elsewhere"] = await client("grid-officer", at=tree.other_community)
    asked["staff"] = await client("community-staff", at=tree.community)
    found = {name: (await counted(asking, tree.street))[0] for name, asking in asked.items()}
    assert found == {"nobody": 0, "resident": 1, "elsewhere": 0, "staff": 32}
    listed = "{ people(filter: {not: {employer: {kind: {eq: RESIDENT_UNIT}}}}) { totalCount } }"
    for name, asking in asked.items():
        assert (await asking.data(listed))["people"]["totalCount"] >= found[name]
    (_, own), (_, none) = await counted(asked["resident"], tree.street), await counted(asked["nobody"], tree.street)
    assert own["gender"] == {"MALE": None, "FEMALE": None, None: None}
    assert none["gender"] == {"MALE": 0, "FEMALE": 0, None: 0}


async def test_a_birthday_moves_somebody_to_the_next_band(
    client: Clients, tree: Tree, settle: Settle, clock: FrozenClock
) -> None:
    await settle(tree.grid, 6, birth_date=date(1966, 3, 9))
    await settle(tree.grid, 9, birth_date=date(1966, 3, 10))
    secretary = await client("community-secretary", at=tree.community)
    bands = (await counted(secretary, tree.grid))[1]["ageBand"]
    assert (bands["FROM_35"], bands["FROM_60"]) == (9, 6)
    clock.advance(clock.now() + timedelta(hours=17))  # past midnight in the district, not yet in UTC
    bands = (await counted(secretary, tree.grid))[1]["ageBand"]
    assert (bands["FROM_35"], bands["FROM_60"]) == (0, 15)


async def test_no_sum_over_places_gives_away_what_one_of_them_withholds(
    client: Clients, tree: Tree, settle: Settle, plant: Plant
) -> None:
    (street,) = await plant(tree.root, "SUBDISTRICT", [("新街道", "S1")])
    communities = await plant(street, "COMMUNITY", [("甲社区", "A1"), ("乙社区", "A2"), ("丙社区", "A3")])
    for number, place in enumerate(communities):
        await settle(place, 20 + number, gender="FEMALE")
        await settle(place, 2 if number == 0 else 30, gender="MALE")
        await settle(place, 9)
    official = await client("district-official", at=tree.root)
    shown = [(await counted(official, place))[1]["gender"] for place in communities]
    assert shown[0] == {"FEMALE": 20, "MALE": None, None: None}
    assert shown[1] == {"FEMALE": 21, "MALE": 30, None: 9}
    of_street = (await counted(official, street))[1]["gender"]
    assert of_street == {"FEMALE": 63, "MALE": None, None: None}  # else it less the others would be the two men
    secretary = await client("community-secretary", at=street)
    assert (await counted(secretary, street))[1]["gender"] == {"FEMALE": 63, "MALE": 62, None: 27}


async def test_who_may_reveal_in_one_place_derives_nothing_of_the_next(
    client: Clients, district: District, tree: Tree, settle: Settle, plant: Plant
) -> None:
    (street,) = await plant(tree.root, "SUBDISTRICT", [("新街道", "S1")])
    first, second = await plant(street, "COMMUNITY", [("甲社区", "A1"), ("乙社区", "A2")])
    for place in (first, second):
        await settle(place, 20, gender="FEMALE")
        await settle(place, 3, gender="MALE")
        await settle(place, 6)
    official = await client("district-official", at=tree.root)
    assert (await counted(official, street))[1]["gender"] == {"FEMALE": 40, "MALE": 6, None: 12}
    assert (await counted(official, first))[1]["gender"] == {"FEMALE": 20, "MALE": None, None: None}
    with district.scope():
        account = await Account.get(username=await username(official))
        await transact(lambda _unit: Grant.create(account_id=account.id, role="community-secretary", org_id=first.id))
    assert (await counted(official, first))[1]["gender"] == {"FEMALE": 20, "MALE": 3, None: 6}
    assert (await counted(official, second))[1]["gender"] == {"FEMALE": 20, "MALE": None, None: None}
    assert (await counted(official, street))[1]["gender"] == {"FEMALE": 40, "MALE": None, None: None}


async def username(client: Client) -> str:
    """Whose account a client speaks for."""
    return str((await client.data("{ viewer { account { username } } }"))["viewer"]["account"]["username"])


async def test_from_all_answers_of_one_viewer_nothing_withheld_follows(
    client: Clients, tree: Tree, settle: Settle, plant: Plant
) -> None:
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    (street,) = await plant(tree.root, "SUBDISTRICT", [("新街道", "S1")])
    beneath: dict[str, list[OrgNode]] = {str(street.id): await plant(street, "COMMUNITY", named("A", 3))}
    for community in beneath[str(street.id)]:
        beneath[str(community.id)] = await plant(community, "GRID", named(f"{community.code}-", chance.randrange(3)))
    everywhere = [street, *(place for places in beneath.values() for place in places)]
    for place in everywhere:
        for gender in ("MALE", "FEMALE", None):
            await settle(place, chance.choice((0, chance.randrange(8), chance.randrange(20))), gender=gender)
    official, known = await client("district-official", at=tree.root), Known()
    answers = [(await counted(official, place))[1]["gender"] for place in everywhere]
    unknowns = {str(place.id): range(3 * number, 3 * number + 3) for number, place in enumerate(everywhere)}

    def people(place: OrgNode) -> list[list[int]]:
        """Of each gender the unknowns: how many live right there, or right at a place beneath."""
        parts = [people(part) for part in beneath.get(str(place.id), ())]
        return [[unknowns[str(place.id)][of], *(one for part in parts for one in part[of])] for of in range(3)]

    for place, answer in zip(everywhere, answers, strict=True):
        known.add([one for column in people(place) for one in column])
        for column, count in zip(people(place), answer.values(), strict=True):
            if count is not None:
                known.add(column)
                assert count >= 5 or not any(answer.values()), f"seed {seed}"
    for place, answer in zip(everywhere, answers, strict=True):
        for column, count in zip(people(place), answer.values(), strict=True):
            assert count is not None or not known.tells(column), f"seed {seed}: {place.code} {answer}"


def named(prefix: str, count: int) -> list[tuple[str, str]]:
    """Names and codes of so many organisations."""
    return [(f"{prefix}{number}", f"{prefix}{number}") for number in range(count)]


async def test_a_list_of_places_is_counted_in_one_statement(
    client: Clients, tree: Tree, settle: Settle, plant: Plant, statements: Statements
) -> None:
    made = await plant(tree.other_street, "COMMUNITY", [(f"社区{number}", f"A{number}") for number in range(12)])
    for number, place in enumerate(made):
        await settle(place, number + 1, gender="FEMALE")
    boss = await client("community-secretary", at=tree.root)
    asked = """{ orgs(filter: {code: {startsWith: "A"}}, first: 50, orderBy: [{field: CODE}]) { nodes { code
        peopleCounts { total gender { key value } ageBand { value } registration { value } } } } }"""
    with statements() as sent:
        found = (await boss.data(asked))["orgs"]["nodes"]
    assert len([one for one in sent if 'FROM "core_person"' in one]) == 1
    counts = {one["code"]: one["peopleCounts"] for one in found}
    for number in range(12):
        assert counts[f"A{number}"]["total"] == number + 1
        assert counts[f"A{number}"]["gender"][1] == {"key": "FEMALE", "value": number + 1}


async def test_an_organisation_of_the_past_is_counted_as_today(client: Clients, tree: Tree, settle: Settle) -> None:
    await settle(tree.grid, 3)
    asked = 'query ($id: ID!) { org(id: $id, asOf: "2026-03-08T00:00:00Z") { peopleCounts { total } } }'
    boss = await client("community-secretary", at=tree.root)
    found = await boss.data(asked, id=global_id("OrgNode", tree.street.id))
    assert found["org"]["peopleCounts"]["total"] == 5


async def test_what_is_withheld_is_not_asked_for_by_filters(client: Clients, tree: Tree) -> None:
    boss = await client("community-secretary", at=tree.root)
    refused = await boss.query(
        'query ($id: ID!) { org(id: $id) { peopleCounts(filter: {gender: {eq: "MALE"}}) { total } } }',
        id=global_id("OrgNode", tree.street.id),
    )
    assert refused.codes == ["GRAPHQL_VALIDATION"]


@pytest.fixture
async def crowd(district: District, tree: Tree, settle: Settle, plant: Plant) -> None:
    """Many people elsewhere."""
    for grid in await plant(tree.other_community, "GRID", [(f"{number}号网格", f"G{number}") for number in range(300)]):
        await settle(grid, 7, gender="FEMALE")
    with district.scope():
        if district.store.dialect == "postgres":
            await transact(lambda unit: unit.client.execute_query("ANALYZE core_person"))
            await transact(lambda unit: unit.client.execute_query("ANALYZE core_org_node"))


@pytest.mark.usefixtures("crowd")
async def test_people_of_a_small_place_are_found_by_their_residence(
    client: Clients, district: District, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = await client("district-official", at=tree.root)
    plan = await plan_of_counts(district, boss, tree.community, monkeypatch)
    assert "core_person_habitual" in plan
    assert "SCAN core_person" not in plan
    assert "Seq Scan on core_person" not in plan


@pytest.mark.usefixtures("crowd")
async def test_staff_of_one_street_read_its_people_only(
    client: Clients, district: District, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = await client("community-staff", at=tree.street)
    plan = await plan_of_counts(district, staff, tree.street, monkeypatch)
    assert "core_person_habitual" in plan
    assert "SCAN core_person" not in plan
    assert "Seq Scan on core_person" not in plan


async def plan_of_counts(district: District, asking: Client, org: OrgNode, monkeypatch: pytest.MonkeyPatch) -> str:
    """The plan of the statement that counts people."""
    reader = type(district.store.reader)
    original = reader.execute_query
    sent: list[tuple[str, Any]] = []

    async def noted(self: Any, query: str, values: Any = None) -> Any:
        if 'FROM "core_person"' in query:
            sent.append((query, values))
        return await original(self, query, values)

    with monkeypatch.context() as patch:
        patch.setattr(reader, "execute_query", noted)
        await counted(asking, org)
    ((statement, values),) = sent
    explained = "EXPLAIN QUERY PLAN" if district.store.dialect == "sqlite" else "EXPLAIN"
    with district.scope():
        _, rows = await original(district.store.reader, f"{explained} {statement}", values)
    return "\n".join(str(tuple(dict(row).values())) for row in rows)


def declared(**how: str) -> str:
    """What the author of a wrong declaration is told."""
    field = aggregate("Staff. 职工。", counts("Person", gender=among("By gender. 性别。", "gender", Gender)), **how)
    with pytest.raises(LookupError) as told:
        aggregates.complete(field, Node.registry["Person"], "Unit.staffCounts")
    return str(told.value)


def test_the_author_of_an_aggregate_is_told_what_is_wrong_with_it() -> None:
    assert "gender tells about persons" in declared(by="employer")
    assert "either `beneath` or `by`" in declared()
    assert "PersonCounts is declared by other `counts`" in declared(beneath="employer")
    with pytest.raises(LookupError, match="no closed list of values"):
        list(counts("Person", "name").dimensions(Node.registry["Person"]))

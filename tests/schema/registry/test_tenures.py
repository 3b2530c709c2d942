"""Who owns and uses homes: shares never exceed the whole, at no instant, and not by two clients at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.errors import RejectedError
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.core.registry import premises, tenures
from linli.core.registry.models import Tenure
from linli.schema.testing import Tree
from tests.schema.registry.api import Office, org, who
from tests.schema.registry.conftest import Unchanged

HELD = """query ($id: ID!, $then: DateTime) { premises(id: $id) { tenures(asOf: $then) { nodes {
    kind share { numerator denominator } person { name } org { name } evidence } } } }"""


async def test_a_home_is_owned_by_a_person_a_firm_or_together(office: Office, tree: Tree) -> None:
    home = await office.home()
    await office.owner(home, tree.resident, 1, 2, evidence="湘（2026）示例不动产权第1号")
    firm = {"premisesId": home, "orgId": org(tree.unit), "kind": "OWNER"}
    await office.do("createTenure", **firm, share={"numerator": 2, "denominator": 4})
    await office.do("createTenure", premisesId=home, personId=who(tree.neighbour), kind="CO_OWNER")
    found = (await office.client.data(HELD, id=home))["premises"]["tenures"]["nodes"]
    assert found == [
        {
            "kind": "OWNER",
            "share": {"numerator": 1, "denominator": 2},
            "person": {"name": "示例丙"},
            "org": None,
            "evidence": "湘（2026）示例不动产权第1号",
        },
        {
            "kind": "OWNER",
            "share": {"numerator": 2, "denominator": 4},
            "person": None,
            "org": {"name": "示例单位1"},
            "evidence": None,
        },
        {"kind": "CO_OWNER", "share": None, "person": {"name": "示例戊"}, "org": None, "evidence": None},
    ]
    of_firm = "query ($id: ID!) { org(id: $id) { tenures { nodes { premises { number } } } } }"
    assert await office.client.data(of_firm, id=org(tree.unit)) == {
        "org": {"tenures": {"nodes": [{"premises": {"number": "502"}}]}}
    }


async def test_an_owner_of_whom_nothing_else_is_said_owns_the_whole(
    office: Office, tree: Tree, told: Unchanged
) -> None:
    home = await office.home()
    given = {"premisesId": home, "kind": "OWNER"}
    tenure = await office.send(
        "createTenure", "... on Tenure { share { numerator } }", **given, personId=who(tree.resident)
    )
    assert tenure["share"] == {"numerator": 1}
    before = await told()
    assert await office.refused("createTenure", **given, personId=who(tree.neighbour)) == "SHARES_OVER_WHOLE"
    assert await told() == before
    await office.do("createTenure", premisesId=home, personId=who(tree.neighbour), kind="TENANT")


async def test_shares_are_judged_at_every_instant(office: Office, tree: Tree, told: Unchanged) -> None:
    home = await office.home()
    first = {"validFrom": "2020-01-01T00:00:00+08:00", "validTo": "2024-01-01T00:00:00+08:00"}
    await office.owner(home, tree.resident, 2, 3, **first)
    await office.owner(home, tree.neighbour, 2, 3, validFrom=first["validTo"])
    before = await told()
    half = {"premisesId": home, "orgId": org(tree.unit), "kind": "OWNER", "share": {"numerator": 1, "denominator": 2}}
    answer = await office.send("createTenure", "... on RejectedError { details }", **half, validFrom=None)
    assert (answer["code"], answer["details"]) == (
        "SHARES_OVER_WHOLE",
        {"total": "7/6", "at": "2019-12-31T16:00:00+00:00"},
    )
    assert await told() == before
    third = {**half, "share": {"numerator": 1, "denominator": 3}}
    tenure = await office.do("createTenure", **third, validFrom=None)
    assert await office.refused("updateTenure", id=tenure, share=half["share"]) == "SHARES_OVER_WHOLE"
    await office.do("updateTenure", id=tenure, share={"numerator": 1, "denominator": 2}, validTo=first["validFrom"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"validTo": "2020-01-01T00:00:00Z"}, "END_BEFORE_START"),
        ({"share": {"numerator": 0, "denominator": 2}}, "OUT_OF_RANGE"),
        ({"share": {"numerator": 3, "denominator": 2}}, "OUT_OF_RANGE"),
        ({"share": {"numerator": 1, "denominator": 0}}, "OUT_OF_RANGE"),
        ({"share": None}, "SHARE_NEEDED"),
        ({"kind": "TENANT", "share": {"numerator": 1, "denominator": 2}}, "SHARE_OF_NO_OWNER"),
        ({"evidence": ""}, "TEXT"),
        ({"orgId": "x"}, "PERSON_OR_ORG"),
        ({"personId": None}, "PERSON_OR_ORG"),
    ],
)
async def test_a_tenure_that_cannot_be_is_refused(
    office: Office, tree: Tree, told: Unchanged, given: dict[str, Any], code: str
) -> None:
    home = await office.home()
    before = await told()
    right = {"premisesId": home, "personId": who(tree.resident), "kind": "OWNER"}
    assert await office.refused("createTenure", **{**right, **given}) == code
    assert await told() == before


async def test_nobody_holds_a_home_that_has_ended_or_twice_in_one_way(
    office: Office, tree: Tree, told: Unchanged, clock: FrozenClock
) -> None:
    home, other = await office.home(), await office.home("503")
    await office.owner(home, tree.resident, 1, 3)
    clock.advance(clock.now() + timedelta(days=1))
    await office.do("endPremises", id=other)
    before = await told()
    tenant = {"personId": who(tree.resident), "kind": "TENANT"}
    assert await office.refused("createTenure", premisesId=other, **tenant) == "PREMISES_ENDED"
    assert await office.refused("createHousehold", premisesId=other) == "PREMISES_ENDED"
    again = {"premisesId": home, "personId": who(tree.resident), "kind": "OWNER"}
    third = {"share": {"numerator": 1, "denominator": 3}}
    assert await office.refused("createTenure", **again, **third) == "ALREADY_HELD"
    assert await told() == before
    past = {"validFrom": "2026-03-09T00:00:00Z", "validTo": "2026-03-09T12:00:00Z"}
    await office.do("createTenure", premisesId=other, **tenant, **past)


async def test_a_tenure_ends_once(office: Office, tree: Tree, clock: FrozenClock) -> None:
    tenure = await office.owner(await office.home(), tree.resident)
    assert await office.refused("endTenure", id=tenure, at="2020-01-01T00:00:00Z") == "END_BEFORE_START"
    assert await office.refused("endTenure", id=tenure, expectedVersion=7) == "CONFLICT"
    clock.advance(clock.now() + timedelta(days=1))
    await office.do("endTenure", id=tenure)
    assert await office.refused("endTenure", id=tenure) == "INVALID_TRANSITION"
    found = await office.client.data(
        "query ($id: ID!) { person(id: $id) { tenures { totalCount } } }", id=who(tree.resident)
    )
    assert found == {"person": {"tenures": {"totalCount": 0}}}


async def test_two_clients_at_once_do_not_own_more_than_the_whole(
    office: Office, tree: Tree, district: District
) -> None:
    homes = [await office.home(str(number)) for number in range(4)]
    third: dict[str, Any] = {"kind": "OWNER", "share": {"numerator": 2, "denominator": 5}}
    holders = [
        {"personId": who(tree.resident)},
        {"personId": who(tree.neighbour)},
        *({"orgId": org(unit)} for unit in (tree.unit, tree.partner, tree.stranger)),
    ]
    answers = await asyncio.gather(
        *(office.send("createTenure", premisesId=home, **third, **holder) for holder in holders for home in homes)
    )
    assert sorted(one.get("code", "") for one in answers) == [""] * 8 + ["SHARES_OVER_WHOLE"] * 12
    with district.scope():
        assert await Tenure.all().count() == 8


days = st.one_of(st.none(), st.integers(0, 8))
steps = st.lists(
    st.tuples(st.integers(0, 4), days, days, st.integers(1, 4), st.integers(1, 4), st.booleans()), max_size=12
)


async def test_after_any_tenures_the_owners_hold_at_most_the_whole_on_every_day(district: District, tree: Tree) -> None:
    people = [tree.resident, tree.neighbour, tree.staff, tree.partner_staff, tree.stranger_staff]
    loop, rooms = asyncio.get_running_loop(), iter(range(10_000))
    taken = {"accepted": 0, "refused": 0}

    async def follow(asked: list[tuple[int, int | None, int | None, int, int, bool]]) -> None:
        with district.scope():
            home = await transact(
                lambda _unit: premises.create_premises(
                    tree.community, number=str(next(rooms)), use="OTHER", valid_from=None
                )
            )
            held: list[tuple[Days, Fraction]] = []
            for number, start, end, numerator, denominator, short in asked:
                share = (min(numerator, denominator), denominator)
                span = (start, None if end is None or (short and start is None) else end)
                made = await attempt(home.id, people[number], share, span)
                wanted = [*held, (span, Fraction(*share))]
                assert (made == "SHARES_OVER_WHOLE") <= any(total(wanted, day) > 1 for day in range(-1, 10))
                if made is None:
                    held = wanted
                taken["refused" if made else "accepted"] += 1
                assert all(total(held, day) <= 1 for day in range(-1, 10))
            await transact(lambda _unit: Tenure.filter(premises_id=home.id).delete())

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(steps)
    def run(asked: list[tuple[int, int | None, int | None, int, int, bool]]) -> None:
        asyncio.run_coroutine_threadsafe(follow(asked), loop).result()

    await asyncio.to_thread(run)
    assert all(taken.values()), taken


Days = tuple[int | None, int | None]


def at(day: int | None) -> datetime | None:
    return None if day is None else datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)


def total(held: list[tuple[Days, Fraction]], day: int) -> Fraction:
    """What is held on a day, by looking at every tenure."""
    return sum(
        (share for (start, end), share in held if (start is None or start <= day) and (end is None or day < end)),
        Fraction(0),
    )


async def attempt(home: Any, person: Person, share: tuple[int, int], span: Days) -> str | None:
    """Enter a tenure; the code of its refusal."""
    start, end = span
    try:
        await transact(
            lambda _unit: tenures.create_tenure(
                home, person, kind="OWNER", share=share, valid_from=at(start), valid_to=at(end)
            )
        )
    except RejectedError as refused:
        return refused.code
    return None

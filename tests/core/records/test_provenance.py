"""Where values come from: one entry for a record, and one for each field that differs."""

from __future__ import annotations

from uuid import uuid4

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.records.provenance import (
    Source,
    Stated,
    TracedRecord,
    begun,
    corrected,
    entries,
    fields_of,
    trace,
    verified,
)
from linli.core.records.unit_of_work import unit_of_work

FILE = Stated(Source.IMPORTED, "people.xlsx")
COLUMNS = tuple(Person.traced)


def test_fields_are_named_as_the_api_names_them() -> None:
    assert trace("name", "id_number", "employer_id", share_numerator="share") == {
        "name": "name",
        "id_number": "idNumber",
        "employer_id": "employer",
        "share_numerator": "share",
    }


async def test_a_row_of_an_import_says_it_once(district: District, clock: FrozenClock) -> None:
    account = uuid4()
    with district.scope():
        async with unit_of_work(account):
            person = Person(name="示例甲", provenance=begun(Person, FILE))
    assert person.provenance is not None
    assert list(orjson.loads(person.provenance)) == [""]
    assert len(person.provenance) < 120
    told = entries(person)
    assert set(told) == set(fields_of(Person))
    assert {(one.source, one.detail, one.by) for one in told.values()} == {("IMPORTED", "people.xlsx", account)}
    assert {one.at for one in told.values()} == {clock.now()}


def test_of_a_record_from_before_it_is_not_known_where_its_values_come_from() -> None:
    told = entries(Person(name="示例甲"))
    assert {(one.source, one.by, one.verified_at) for one in told.values()} == {("UNKNOWN", None, None)}


steps = st.lists(
    st.tuples(st.sampled_from(["corrected", "verified"]), st.sets(st.sampled_from(COLUMNS), min_size=1)), max_size=6
)


async def test_after_any_steps_each_field_tells_the_last_that_touched_it(district: District) -> None:
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(steps)
    def follow(taken: list[tuple[str, set[str]]]) -> None:
        person = Person(name="示例甲", provenance=begun(Person, FILE))
        sources = dict.fromkeys(COLUMNS, "IMPORTED people.xlsx")
        seen = dict.fromkeys(COLUMNS, False)
        for number, (step, columns) in enumerate(taken):
            if step == "corrected":
                person.provenance = corrected(person, columns, Stated(Source.ENTERED, str(number)))
                sources |= dict.fromkeys(columns, f"ENTERED {number}")
                seen |= dict.fromkeys(columns, False)
            else:
                person.provenance = verified(person, [Person.traced[column] for column in columns])
                seen |= dict.fromkeys(columns, True)
        told = entries(person)
        for column in COLUMNS:
            entry = told[Person.traced[column]]
            assert f"{entry.source} {entry.detail}" == sources[column]
            assert (entry.verified_at is not None) == seen[column]

    with district.scope():
        async with unit_of_work():
            follow()


def test_every_traced_column_is_a_column_and_a_field_of_the_api() -> None:
    from linli.schema.compose import complete_declarations  # noqa: PLC0415  composes nothing else here
    from linli.schema.declare.node import Node  # noqa: PLC0415

    complete_declarations()
    traced = {one.model: one for one in Node.registry.values() if issubclass(one.model, TracedRecord)}
    names = {"Person", "IdentityDocument", "Premises", "Tenure", "Household", "HouseholdMember", "Thing"}
    assert {one.name for one in traced.values()} >= names
    for model, one in traced.items():
        assert issubclass(model, TracedRecord)
        shown = {one.graphql_name(name) for name in one.fields}
        assert set(model.traced) <= set(model._meta.fields_db_projection), one.name
        assert {*fields_of(model), "provenance"} <= shown, one.name

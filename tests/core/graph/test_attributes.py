from __future__ import annotations

from typing import Any

import pytest

from linli.core.graph.attributes import Attributes, CompoundAttributes, NoAttributes, UnitAttributes, checked_attributes
from linli.core.graph.core_kinds import ORG_KINDS
from linli.core.records.classes import FieldClass
from linli.core.records.event_types import Internal, Personal, Public


def test_keys_are_kept_in_camel_case_and_nulls_left_out() -> None:
    given = {"creditCode": "91110000600037341L", "nature": "ENTERPRISE", "address": None}
    kept, problems = checked_attributes(UnitAttributes, given)
    assert (kept, problems) == ({"creditCode": "91110000600037341L", "nature": "ENTERPRISE"}, [])


@pytest.mark.parametrize(
    ("model", "given", "path", "code"),
    [
        (UnitAttributes, {"creditCode": "91110000600037341M"}, "attributes.creditCode", "CREDIT_CODE"),
        (UnitAttributes, {"credit_code": "91110000600037341L"}, "attributes.credit_code", "EXTRA_FORBIDDEN"),
        (UnitAttributes, {"nature": "SCHOOL"}, "attributes.nature", "LITERAL_ERROR"),
        (CompoundAttributes, {"households": "12"}, "attributes.households", "INT_TYPE"),
        (CompoundAttributes, {"households": -1}, "attributes.households", "GREATER_THAN_EQUAL"),
        (CompoundAttributes, {"phone": "0730 {x}"}, "attributes.phone", "STRING_PATTERN_MISMATCH"),
        (NoAttributes, {"anything": 1}, "attributes.anything", "EXTRA_FORBIDDEN"),
    ],
)
def test_a_wrong_attribute_is_named(model: type[Attributes], given: dict[str, Any], path: str, code: str) -> None:
    kept, (problem,) = checked_attributes(model, given)
    assert (kept, problem.path, problem.code) == ({}, path, code)
    assert str(problem.message).startswith(path)


def test_all_wrong_attributes_are_named_at_once() -> None:
    _, problems = checked_attributes(CompoundAttributes, {"households": "x", "buildings": "y", "z": 1})
    assert len(problems) == 3


def test_a_key_without_a_class_is_refused_where_it_is_written() -> None:
    with pytest.raises(TypeError, match=r"Unclassified\.rooms has no field class"):

        class Unclassified(Attributes):
            rooms: int | None = None


def test_what_tells_about_a_person_is_no_attribute() -> None:
    with pytest.raises(TypeError, match=r"Officer\.phone has no field class: write it as Public"):

        class Officer(Attributes):
            phone: Personal[str | None] = None


def test_a_float_is_no_attribute() -> None:
    with pytest.raises(TypeError, match=r"Area\.hectares: no floats"):

        class Area(Attributes):
            hectares: Public[list[float] | None] = None


def test_every_key_of_a_core_kind_has_a_class_and_a_description() -> None:
    for kind in ORG_KINDS:
        assert set(kind.attributes.classes().values()) <= set(FieldClass)
        assert all(info.description for info in kind.attributes.model_fields.values())


def test_classes_are_told_by_the_stored_key() -> None:
    class Care(Attributes):
        night_beds: Internal[int | None] = None

    assert Care.classes() == {"nightBeds": FieldClass.INTERNAL}

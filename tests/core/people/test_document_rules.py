"""What numbers of identity documents look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.people.document_rules import DocumentKind, problems, spelt

FITTING = [
    ("PASSPORT", "E12345678", "CHN"),
    ("PASSPORT", "G9876543", "USA"),
    ("HK_MACAO_PERMIT", "H12345678", None),
    ("HK_MACAO_PERMIT", "M1234567800", None),
    ("TAIWAN_PERMIT", "12345678", None),
    ("TAIWAN_PERMIT", "1234567890(B)", None),
    ("FOREIGN_PERMANENT_RESIDENCE", "USA110080010101", "USA"),
    ("FOREIGN_PERMANENT_RESIDENCE", "911124198108030024", "USA"),
    ("MILITARY_ID", "南字第12345678号", None),
    ("BIRTH_CERTIFICATE", "P430000001", None),
    ("OTHER", "A-1", None),
]


@pytest.mark.parametrize(("kind", "number", "country"), FITTING)
def test_numbers_as_documents_print_them_fit(kind: str, number: str, country: str | None) -> None:
    assert [one.code for one in problems(DocumentKind(kind), number, country)] == []


@pytest.mark.parametrize(
    ("kind", "number", "country", "expected"),
    [
        ("PASSPORT", "", "CHN", ["SHAPE"]),
        ("PASSPORT", "E1234567", None, ["COUNTRY_REQUIRED"]),
        ("PASSPORT", "E1234567", "China", ["COUNTRY"]),
        ("HK_MACAO_PERMIT", "X12345678", None, ["SHAPE"]),
        ("TAIWAN_PERMIT", "1234567", None, ["SHAPE"]),
        ("FOREIGN_PERMANENT_RESIDENCE", "911124198108030023", "USA", ["CHECKSUM"]),
        ("FOREIGN_PERMANENT_RESIDENCE", "911124198113030024", "USA", ["DATE"]),
        ("OTHER", "x" * 33, None, ["SHAPE"]),
        ("OTHER", "a\x00", None, ["SHAPE"]),
    ],
)
def test_numbers_that_no_such_document_has_are_refused(
    kind: str, number: str, country: str | None, expected: list[str]
) -> None:
    assert [one.code for one in problems(DocumentKind(kind), number, country)] == expected


@given(st.text(max_size=40))
def test_a_number_has_one_spelling(number: str) -> None:
    once = spelt(number)
    assert spelt(once) == once
    assert spelt(f" {number} ") == once


def test_full_width_digits_and_small_letters_are_the_same_number() -> None:
    assert spelt(" e12 345 67８ ") == "E12345678"

"""Identity documents other than the citizen id: their kinds, and what a number may look like. 身份证件规则。

The shapes are those printed on the documents. Of those with several issuers, such as passports, only what all have in
common is asked for, so that no real document is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from ..errors import FieldProblem, text
from . import citizen_id

LONGEST_NUMBER = 32


class DocumentKind(StrEnum):
    """What kind of document. 证件类型。"""

    PASSPORT = "PASSPORT"  # 护照
    HK_MACAO_PERMIT = "HK_MACAO_PERMIT"  # 港澳居民来往内地通行证
    TAIWAN_PERMIT = "TAIWAN_PERMIT"  # 台湾居民来往大陆通行证
    FOREIGN_PERMANENT_RESIDENCE = "FOREIGN_PERMANENT_RESIDENCE"  # 外国人永久居留身份证
    MILITARY_ID = "MILITARY_ID"  # 军人证件
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"  # 出生医学证明
    OTHER = "OTHER"  # 其他


_SHAPES = {
    DocumentKind.PASSPORT: re.compile(r"[A-Z0-9]{5,20}"),
    DocumentKind.HK_MACAO_PERMIT: re.compile(r"[HM][0-9]{8}([0-9]{2})?"),
    DocumentKind.TAIWAN_PERMIT: re.compile(r"[0-9]{8}|[0-9]{10}(\([A-Z]\))?"),
    # three letters and twelve digits until 2023, since then 18 characters as a citizen id has, beginning with 9
    DocumentKind.FOREIGN_PERMANENT_RESIDENCE: re.compile(r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]"),
    DocumentKind.BIRTH_CERTIFICATE: re.compile(r"[A-Z][0-9]{9}"),
}
_COUNTRY = re.compile(r"[A-Z]{3}")
_OF_COUNTRIES = frozenset({DocumentKind.PASSPORT, DocumentKind.FOREIGN_PERMANENT_RESIDENCE})


def spelt(number: str) -> str:
    """A number as it is kept and compared: without spaces, full-width characters and small letters."""
    plain = "".join(unicodedata.normalize("NFKC", number).split()).upper()
    return unicodedata.normalize("NFKC", plain)  # what a space parted may now be one character


def problems(kind: DocumentKind, number: str, country: str | None) -> Iterator[FieldProblem]:
    """What is wrong with a document whose number is `spelt`."""
    shape = _SHAPES.get(kind)
    fits = shape.fullmatch(number) if shape else 1 <= len(number) <= LONGEST_NUMBER and number.isprintable()
    if not fits:
        yield FieldProblem("number", "SHAPE", text("This is no number of such a document"))
    elif kind is DocumentKind.FOREIGN_PERMANENT_RESIDENCE and len(number) == citizen_id.LENGTH:
        # checked as a citizen id is (GB 11643): its digits hold a date of birth too
        found = next(citizen_id.problems(number), None)
        if found is not None:
            yield FieldProblem("number", found, text("The digits of this number do not fit each other"))
    if country is None and kind in _OF_COUNTRIES:
        yield FieldProblem("country", "COUNTRY_REQUIRED", text("Say of which country"))
    if country is not None and not _COUNTRY.fullmatch(country):
        yield FieldProblem("country", "COUNTRY", text("A country is three letters of ISO 3166-1, such as CHN"))

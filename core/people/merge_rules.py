"""When two records may be one person: reasons to look, never to merge by themselves. 重复人员判别规则。

Pure functions. A family shares a phone and many share a name, so one of these alone says nothing; a document's number
is one person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class MergeReason(StrEnum):
    """In what two records agree. 疑似重复的依据。"""

    DOCUMENT = "DOCUMENT"  # 证件号码相同
    PHONE = "PHONE"  # 电话相同
    NAME = "NAME"  # 姓名相同
    BIRTH_DATE = "BIRTH_DATE"  # 出生日期相同


@dataclass(frozen=True)
class Traits:
    """What is compared: blind indexes of the encrypted values, the others as they are; None where it is not known."""

    name: str
    birth_date: date | None = None
    phone: str | None = None
    id_number: str | None = None
    documents: frozenset[tuple[str, str]] = frozenset()


def reasons(one: Traits, other: Traits) -> tuple[MergeReason, ...]:
    """In what the two agree, in the order of `MergeReason`; what is not known agrees with nothing."""
    agree = {
        MergeReason.DOCUMENT: bool(one.documents & other.documents),
        MergeReason.PHONE: one.phone is not None and one.phone == other.phone,
        MergeReason.NAME: one.name == other.name,
        MergeReason.BIRTH_DATE: one.birth_date is not None and one.birth_date == other.birth_date,
    }
    return tuple(reason for reason in MergeReason if agree[reason])


def may_be_one(one: Traits, other: Traits) -> bool:
    """Whether the two are worth a look: one document, or two of name, date of birth and phone; two citizens never are.

    Everybody has one id number (Resident Identity Card Law of 2011, art. 3).
    """
    if one.id_number is not None and other.id_number is not None and one.id_number != other.id_number:
        return False
    found = reasons(one, other)
    return MergeReason.DOCUMENT in found or len(found) >= 2  # noqa: PLR2004  two of three

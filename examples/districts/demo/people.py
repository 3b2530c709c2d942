"""Invented people and the accounts of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from .ids import numbered

HERE = "COMMUNITY:430602003006"
"""观音阁社区, where the venue is."""

ELSEWHERE = "COMMUNITY:430602002003"
"""尚书山社区, in another street."""

PASSWORD = "linli-demo-only"  # noqa: S105  printed by the demonstration, and good for nothing else


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist: where they live and whom they work for, as KIND:CODE."""

    id: UUID
    name: str
    home: str
    employer: str | None = None


@dataclass(frozen=True)
class Account:
    """A user name with a role at an organisation, KIND:CODE, and what to say of it."""

    username: str
    role: str
    at: str
    about: str
    person: Person | None = None


JIA = Person(numbered(1), "示例甲", ELSEWHERE, "RESIDENT_UNIT:U1")
YI = Person(numbered(2), "示例乙", ELSEWHERE, "RESIDENT_UNIT:U2")
BING = Person(numbered(3), "示例丙", HERE)
DING = Person(numbered(4), "示例丁", ELSEWHERE, "RESIDENT_UNIT:U3")
WU = Person(numbered(5), "示例戊", HERE)

YUEYANGLOU = (
    Account("admin", "district-admin", "DISTRICT:430602000000", "区级管理员 district admin"),
    Account("street", "street-official", "SUBDISTRICT:430602003000", "吕仙亭街道干部 official of the street"),
    Account("community", "community-staff", HERE, "观音阁社区工作者 staff of the community"),
    Account("unit", "unit-admin", "RESIDENT_UNIT:U1", "单位一管理员 admin of unit U1, which owns the court"),
    Account("jia", "unit-staff", "RESIDENT_UNIT:U1", "甲：单位一职工 works at U1", JIA),
    Account("yi", "unit-staff", "RESIDENT_UNIT:U2", "乙：共建单位二职工 works at U2, which has an agreement", YI),
    Account("bing", "resident", HERE, "丙：本社区居民 lives in the community", BING),
    Account("ding", "unit-staff", "RESIDENT_UNIT:U3", "丁：单位三职工（未签共建协议） works at U3, without one", DING),
    Account("wu", "resident", HERE, "戊：本社区居民 lives in the community", WU),
)

TONGJIANG = (Account("admin", "district-admin", "DISTRICT:230881000000", "市级管理员 district admin"),)

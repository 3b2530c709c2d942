"""How many people live in a place, by age, gender and registration. 常住人口统计。"""

from __future__ import annotations

from enum import StrEnum

from tortoise.expressions import F, Q

from ..contributions import fields
from ..declare import Dimension, ages, aggregate, among, counts
from ..enums import enum
from .people import REVEAL
from .people_changes import Gender


@enum(
    "Completed years of age, in bands that services go by. 周岁年龄段。",
    UNDER_6="Before school. 学龄前，0-5 周岁。",
    FROM_6="Compulsory schooling. 义务教育，6-15 周岁。",
    FROM_16="Young adults. 青年，16-34 周岁。",
    FROM_35="Older working age. 中年，35-59 周岁。",
    FROM_60="Elderly. 60-69 周岁。",
    FROM_70="Elderly, older. 70-79 周岁。",
    FROM_80="Of high age. 高龄，80 周岁及以上。",
)
class AgeBand(StrEnum):
    """Each band ends where the next one begins."""

    UNDER_6 = "UNDER_6"
    FROM_6 = "FROM_6"
    FROM_16 = "FROM_16"
    FROM_35 = "FROM_35"
    FROM_60 = "FROM_60"
    FROM_70 = "FROM_70"
    FROM_80 = "FROM_80"


@enum(
    "Where people are registered, seen from where they live. 人户状态。",
    SAME="Registered where they live. 人户一致。",
    SEPARATE="Registered elsewhere in the district. 人户分离。",
    NOT_HERE="Not registered in the district. 户籍不在本区。",
)
class Registration(StrEnum):
    """Whether people live where they are registered."""

    SAME = "SAME"
    SEPARATE = "SEPARATE"
    NOT_HERE = "NOT_HERE"


AGES = {band: int(band.rpartition("_")[2]) if band is not AgeBand.UNDER_6 else 0 for band in AgeBand}
REGISTRATIONS = (
    (Registration.NOT_HERE, Q(registered_residence_id__isnull=True)),
    (Registration.SAME, Q(registered_residence_id=F("habitual_residence_id"))),
    (Registration.SEPARATE, Q(registered_residence_id__isnull=False)),
)

PERSON_COUNTS = counts(
    "Person",
    age_band=ages(
        "By age today; null where the date of birth is not known. 年龄段。", "birth_date", AgeBand, AGES, reveal=REVEAL
    ),
    gender=among("By gender. 性别。", "gender", Gender, reveal=REVEAL),
    registration=Dimension(
        "By where they are registered. 人户状态。",
        Registration,
        ("registered_residence", "habitual_residence"),
        lambda _context: REGISTRATIONS,
        REVEAL,
        rest=False,
    ),
)


@fields("What organisations have of people. 组织的人口统计。")
class OrgPeople:
    """Fields of OrgNode."""

    people_counts = aggregate(
        "The people who live here or beneath. 常住人口统计。", PERSON_COUNTS, beneath="habitual_residence"
    )

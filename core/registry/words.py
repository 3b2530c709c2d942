"""The words of the registry: uses of premises, kinds of tenure, relations within a household. 登记用语。"""

from __future__ import annotations

from enum import StrEnum


class PremisesUse(StrEnum):
    """What premises are for. 房屋用途。"""

    RESIDENTIAL = "RESIDENTIAL"
    COMMERCIAL = "COMMERCIAL"
    OFFICE = "OFFICE"
    PARKING = "PARKING"
    STORAGE = "STORAGE"
    COMMUNITY = "COMMUNITY"
    OTHER = "OTHER"


class AreaBasis(StrEnum):
    """From what the exclusive area is known, the better first (2020 interpretation, art. 8). 面积依据。"""

    REGISTRY = "REGISTRY"
    SURVEY = "SURVEY"
    CONTRACT = "CONTRACT"


class TenureKind(StrEnum):
    """How somebody holds premises. 权属与居住关系类型。"""

    OWNER = "OWNER"
    CO_OWNER = "CO_OWNER"
    TENANT = "TENANT"
    OCCUPANT = "OCCUPANT"


OWNING = (TenureKind.OWNER, TenureKind.CO_OWNER)


class HouseholdKind(StrEnum):
    """A family, or people who share a dormitory (户口登记: 家庭户, 集体户). 户类型。"""

    FAMILY = "FAMILY"
    COLLECTIVE = "COLLECTIVE"


class HouseholdRelation(StrEnum):
    """Seen from the head of the household, by the first digit of GB/T 4761-2008. 与户主关系。"""

    HEAD = "HEAD"
    SPOUSE = "SPOUSE"
    SON = "SON"
    DAUGHTER = "DAUGHTER"
    GRANDCHILD = "GRANDCHILD"
    PARENT = "PARENT"
    GRANDPARENT = "GRANDPARENT"
    SIBLING = "SIBLING"
    OTHER = "OTHER"

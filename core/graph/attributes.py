"""What is kept of an organisation beyond its name: one model per kind, every key optional, classified and described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from ..errors import FieldProblem
from ..records.classes import FieldClass
from ..records.event_types import Public
from ..value_problems import problem
from .credit_codes import credit_code_valid


class Attributes(BaseModel):
    """The attributes of a kind: subclass it, and give every key a field class. 扩展属性。

    Keys are written in camelCase; unknown ones are refused, so that each has a class and a description. They are PUBLIC
    or INTERNAL: what tells about a person is not kept of an organisation. Floats are refused, since events have none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a wrong key where it is written."""
        super().__pydantic_init_subclass__(**kwargs)
        for name, info in cls.model_fields.items():
            if not any(mark in (FieldClass.PUBLIC, FieldClass.INTERNAL) for mark in info.metadata):
                raise TypeError(f"{cls.__name__}.{name} has no field class: write it as Public[..] or Internal[..]")
            if _has_float(info.annotation):
                raise TypeError(f"{cls.__name__}.{name}: no floats; use an integer of a smaller unit, or text")

    @classmethod
    def classes(cls) -> dict[str, FieldClass]:
        """The class of every key, by the key as it is stored."""
        return {
            info.alias or name: next(mark for mark in info.metadata if isinstance(mark, FieldClass))
            for name, info in cls.model_fields.items()
        }


def _has_float(annotation: Any) -> bool:
    return annotation is float or any(_has_float(part) for part in get_args(annotation))


class NoAttributes(Attributes):
    """The kind has no attributes."""


def _credit_code(value: str) -> str:
    if not credit_code_valid(value):
        raise PydanticCustomError("credit_code", "is no unified social credit code of GB 32100-2015")
    return value


ShortText = Annotated[str, Field(min_length=1, max_length=200)]
Phone = Annotated[str, Field(pattern=r"^[0-9+() -]{3,32}$")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class ContactAttributes(Attributes):
    """How an organisation is reached; its own address and phone, not a person's."""

    address: Public[ShortText | None] = Field(None, description="Street address. 地址。")
    phone: Public[Phone | None] = Field(None, description="Phone of the office. 办公电话。")


class GridAttributes(ContactAttributes):
    """A grid or micro-grid; extent and supervision phone are to be posted publicly (滨州市网格化条例 art. 6)."""

    extent: Public[str | None] = Field(None, max_length=1000, description="What belongs to it, in words. 四至范围。")
    households: Public[Count | None] = Field(None, description="Households. 户数。")
    supervision_phone: Public[Phone | None] = Field(None, description="Where complaints go. 监督电话。")


class CompoundAttributes(ContactAttributes):
    """A residential compound."""

    space: Public[Literal["NEW_COMMERCIAL", "HAS_IDLE_SPACE", "NO_SPACE"] | None] = Field(
        None,
        description="New commercial housing, with idle premises, or without premises. 新建商品房、有闲置场地、无场地。",
    )
    has_property_company: Public[bool | None] = Field(None, description="Whether a property firm serves it. 有无物业。")
    buildings: Public[Count | None] = Field(None, description="Buildings. 栋数。")
    households: Public[Count | None] = Field(None, description="Households. 户数。")


class BuildingAttributes(Attributes):
    """A residential building."""

    storeys: Public[Count | None] = Field(None, description="Storeys. 层数。")
    entrances: Public[Count | None] = Field(None, description="Entrances. 单元数。")
    households: Public[Count | None] = Field(None, description="Households. 户数。")


class PartyOrgAttributes(ContactAttributes):
    """A party organisation."""

    form: Public[Literal["WORKING_COMMITTEE", "COMMITTEE", "GENERAL_BRANCH", "BRANCH", "GROUP"] | None] = Field(
        None, description="Its form. 党工委、党委、党总支、党支部、党小组。"
    )


class UnitAttributes(ContactAttributes):
    """A unit stationed in the district."""

    credit_code: Public[Annotated[str, AfterValidator(_credit_code)] | None] = Field(
        None, description="Unified social credit code (GB 32100-2015). 统一社会信用代码。"
    )
    nature: Public[
        Literal[
            "AGENCY",
            "ENTERPRISE",
            "INSTITUTION",
            "MILITARY_POLICE",
            "CENTRAL_PROVINCIAL",
            "NEW_ECONOMIC",
            "NEW_SOCIAL",
        ]
        | None
    ] = Field(None, description="What it is. 机关、企业、事业单位、军警、中省直单位、新经济组织、新社会组织。")


class SuccessionAttributes(Attributes):
    """What is said of a succession."""

    heir: Public[bool | None] = Field(
        default=None, description="Of several successors the one that takes what names no part. 是否为主要承继方。"
    )


def checked_attributes(
    model: type[Attributes], given: Mapping[str, Any], *, path: str = "attributes"
) -> tuple[dict[str, Any], list[FieldProblem]]:
    """The attributes as they are stored, nulls left out, and what is wrong with them."""
    try:
        kept = model.model_validate(dict(given))
    except ValidationError as error:
        return {}, [problem(path, found) for found in error.errors(include_url=False)]
    return kept.model_dump(mode="json", by_alias=True, exclude_none=True), []

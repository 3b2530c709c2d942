"""An invented compound with its homes: who owns them, who lives in them, and the things around. 演示房屋。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.records.provenance import Source, Stated
from linli.core.registry import households, premises, tenures, things
from linli.core.registry.models import Premises, Thing

from . import people
from .rows import Org

SINCE = datetime(2025, 12, 31, 16, tzinfo=UTC)
"""From when they count: the beginning of 2026 in China."""

FROM_A_LIST = Stated(Source.IMPORTED, "示例房屋台账")
HERE = "COMPOUND:430602003006-C01"
"""The first compound of 观音阁社区."""


@dataclass(frozen=True)
class Home:
    """A flat of a building: entrance, number, exclusive area in hundredths of a square metre, and its owners."""

    building: str
    unit: str
    number: str
    area: int
    owners: Sequence[tuple[people.Person, int, int]] = ()
    members: Sequence[tuple[people.Person, str]] = ()


class Device(NamedTuple):
    """Something that stands at an organisation, KIND:CODE."""

    at: str
    kind: str
    name: str
    code: str


BUILDINGS = tuple(
    Org(f"430602003006-C01-B{number:02}", "BUILDING", f"示例小区01第{number}栋", HERE) for number in (1, 2)
)
_FIRST, _SECOND = (f"BUILDING:{building.code}" for building in BUILDINGS)
HOMES = (
    Home(_FIRST, "1", "101", 8950, [(people.BING, 1, 2), (people.WU, 1, 2)], [(people.BING, "HEAD")]),
    Home(_FIRST, "1", "102", 9825, [(people.WU, 1, 1)], [(people.WU, "HEAD")]),
    Home(_FIRST, "2", "201", 12040),
    Home(_SECOND, "1", "101", 8950, [(people.JIA, 1, 1)]),
    Home(_SECOND, "1", "102", 9825),
)
THINGS = (
    Device(HERE, "FIRE_HYDRANT", "示例消火栓", "F01"),
    Device(_FIRST, "ELEVATOR", "示例第1栋电梯", "L01"),
    Device(_SECOND, "ELEVATOR", "示例第2栋电梯", "L02"),
)


async def enter(district: District, homes: Sequence[Home], devices: Sequence[Device], ids: Mapping[str, UUID]) -> None:
    """Put homes and things in; in a unit of work. What is there already is left as it is."""
    for home in homes:
        place = await OrgNode.get(id=ids[home.building])
        if not await Premises.filter(org_id=place.id, unit=home.unit, number=home.number).exists():
            await _enter(place, home)
    for at, kind, name, code in devices:
        if not await Thing.filter(kind=kind, code=code).exists():
            place = await OrgNode.get(id=ids[at])
            await things.create_thing(
                district.thing_kinds,
                place,
                kind=kind,
                name=name,
                code=code,
                valid_from=SINCE,
                stated=FROM_A_LIST,
            )


async def _enter(place: OrgNode, home: Home) -> None:
    made = await premises.create_premises(
        place,
        unit=home.unit,
        number=home.number,
        floor=int(home.number[0]),
        area=home.area,
        area_basis="REGISTRY",
        use="RESIDENTIAL",
        address=f"示例路1号{place.name}{home.unit}单元{home.number}室",
        valid_from=SINCE,
        stated=FROM_A_LIST,
    )
    for owner, numerator, denominator in home.owners:
        holder = await Person.get(id=owner.id)
        share = numerator, denominator
        await tenures.create_tenure(made.id, holder, kind="OWNER", share=share, valid_from=SINCE, stated=FROM_A_LIST)
    if home.members:
        members = [(person.id, relation) for person, relation in home.members]
        await households.create_household(made.id, members, valid_from=SINCE, stated=FROM_A_LIST)

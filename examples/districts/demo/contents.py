"""What the demonstration adds to the real divisions of each district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import homes, people, units
from .homes import Device, Home
from .people import Account, Person
from .rows import Org, Relation, communities
from .territory import territories


@dataclass(frozen=True)
class Contents:
    """The organisations, parents first, their relations, the accounts with the people behind them, homes and things."""

    orgs: Sequence[Org]
    relations: Sequence[Relation]
    accounts: Sequence[Account]
    homes: Sequence[Home] = ()
    things: Sequence[Device] = ()

    @property
    def people(self) -> list[Person]:
        """The people behind the accounts."""
        return [account.person for account in self.accounts if account.person is not None]


def yueyanglou(divisions: Sequence[Org]) -> Contents:
    """岳阳楼区: grids, micro-grids, compounds, party organisations, and the three units around one shared court."""
    found = territories(divisions)
    above = list(units.party_orgs(divisions, {"DISTRICT": "委", "SUBDISTRICT": "党工委"}))
    return Contents(
        orgs=[*above, *(org for territory in found for org in territory.orgs()), *homes.BUILDINGS, *units.THREE],
        relations=[
            *map(units.leads, above),
            *(relation for territory in found for relation in territory.relations()),
            *map(units.stationed, units.THREE),
            units.agreement(units.THREE[1]),
        ],
        accounts=people.YUEYANGLOU,
        homes=homes.HOMES,
        things=homes.THINGS,
    )


def tongjiang(divisions: Sequence[Org]) -> Contents:
    """同江市: 160 units that build jointly with the communities of the town, led by general branches."""
    stationed = list(units.many(divisions))
    homes = {unit.parent_code for unit in stationed}
    branches = units.party_orgs(communities(divisions), {"COMMUNITY": "党总支"})
    above = [
        *units.party_orgs(divisions, {"DISTRICT": "委"}),
        *(branch for branch in branches if branch.parent_code in homes),
    ]
    return Contents(
        orgs=[*above, *stationed],
        relations=[
            *map(units.leads, above),
            *map(units.stationed, stationed),
            *map(units.agreement, stationed),
        ],
        accounts=people.TONGJIANG,
    )


CONTENTS = {"yueyanglou": yueyanglou, "tongjiang": tongjiang}

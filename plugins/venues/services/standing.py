"""By which titles a person may use a venue, from the registry. 人群认定。"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.core.graph import queries
from linli.core.graph.core_kinds import CO_BUILDS, RESIDENT_UNIT
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.graph.paths import ancestor_paths
from linli.core.graph.spans import valid_at
from linli.core.people.models import Person, Post

from ..models import Venue
from ..rules import Standing, Tier
from ..settings import ResidentScope

NOBODY = Standing()
"""What somebody is of whom nothing is known."""

_SCOPE_KINDS = {ResidentScope.STREET: "SUBDISTRICT", ResidentScope.DISTRICT: "DISTRICT"}


@dataclass(frozen=True)
class _Ties:
    """A venue's ends, and where a person works and lives: the nodes, and all nodes above them by path."""

    owner: OrgNode
    community: OrgNode
    employer: OrgNode | None
    posts: tuple[OrgNode, ...]
    homes: tuple[OrgNode, ...]
    above: dict[str, OrgNode]

    def units(self) -> dict[UUID, OrgNode]:
        """The resident units whose staff the person is: employer it or beneath it, or a post there."""
        places = [*self.posts, *([self.employer] if self.employer else [])]
        lines = [self.above[path] for place in places for path in _line(place) if path in self.above]
        return {node.id: node for node in lines if node.kind == RESIDENT_UNIT}

    def works_for(self, owner: OrgNode) -> bool:
        """Whether the person is staff of a venue's owner.

        The staff of a community are its own: neither the units that stand beneath it in the tree nor whoever holds
        a post in one of its buildings.
        """
        if owner.kind == RESIDENT_UNIT:
            return owner.id in self.units()
        if any(post.id == owner.id for post in self.posts):
            return True
        employer = self.employer
        return employer is not None and employer.path.startswith(owner.path) and not self._in_unit(employer, owner)

    def _in_unit(self, place: OrgNode, owner: OrgNode) -> bool:
        beneath = [path for path in _line(place) if len(path) > len(owner.path)]
        return any(path in self.above and self.above[path].kind == RESIDENT_UNIT for path in beneath)

    def lives_in(self, area: OrgNode) -> bool:
        return any(home.path.startswith(area.path) for home in self.homes)


async def standing_of(person: Person, venue: Venue, at: datetime, scope: ResidentScope) -> Standing:
    """What a person is to a venue at an instant; the venue's owner and community are loaded.

    Organisations that have ended stand for whoever succeeded them: an owner, community or employer for its heir, a home
    for all its successors, since nobody said in which part of a split it lies.

    OWN_STAFF: staff of the owner. PARTNER_STAFF: staff of another unit with a valid agreement (CO_BUILDS) with the
    venue's community. RESIDENT: registered or living in the community, or as far away as `scope` says.
    """
    ties = await _ties(person, venue, at)
    owner, community = ties.owner, ties.community
    held: set[Tier] = set()
    units = {id_: unit for id_, unit in ties.units().items() if id_ != owner.id}
    partners = await _partners(units, community.id, at)
    if ties.works_for(owner):
        held.add(Tier.OWN_STAFF)
    if partners:
        held.add(Tier.PARTNER_STAFF)
    if ties.lives_in(await _area(community, scope)):
        held.add(Tier.RESIDENT)
    return Standing(frozenset(held), unit_without_agreement=bool(units.keys() - partners))


async def present_ends(venue: Venue) -> tuple[OrgNode, OrgNode]:
    """A venue's owner and community, which are loaded, or the heirs of those that have ended."""
    now = await queries.heirs_of([venue.owner, venue.community])
    return now[venue.owner.id], now[venue.community.id]


async def _ties(person: Person, venue: Venue, at: datetime) -> _Ties:
    posts = await Post.filter(valid_at(at), person_id=person.id)
    homes = [home for home in (person.registered_residence_id, person.habitual_residence_id) if home is not None]
    ends = (venue.owner_id, venue.community_id)
    wanted = {*homes, *(post.org_id for post in posts), *([person.employer_id] if person.employer_id else [])}
    # in one statement: between two, a merge may end the home and not yet the venue's community
    read = {node.id: node for node in await OrgNode.filter(id__in={*ends, *wanted})}
    now = await queries.heirs_of([read[id_] for id_ in ends])
    nodes = {id_: node for id_, node in read.items() if node.valid_from is None or node.valid_from <= at}
    employers = await queries.heirs_of([nodes[id_] for id_ in (person.employer_id,) if id_ in nodes], at)
    living = await queries.successors_of([nodes[home] for home in homes if home in nodes], at)
    held = [nodes[post.org_id] for post in posts if post.org_id in nodes]
    valid_posts, valid_employers = _valid(held, at), _valid(employers.values(), at)
    working = [*valid_employers, *valid_posts]
    paths = {path for node in working for path in ancestor_paths(node.path)} - {node.path for node in working}
    above = await OrgNode.filter(valid_at(at), path__in=list(paths), kind=RESIDENT_UNIT) if paths else []
    return _Ties(
        owner=now[venue.owner_id],
        community=now[venue.community_id],
        employer=valid_employers[0] if valid_employers else None,
        posts=tuple(valid_posts),
        homes=tuple(_valid((home for homes in living.values() for home in homes), at)),
        above={node.path: node for node in (*above, *working)},
    )


def _valid(nodes: Iterable[OrgNode], at: datetime) -> list[OrgNode]:
    return [node for node in nodes if node.valid_to is None or node.valid_to > at]


async def _partners(units: Collection[UUID], community_id: UUID, at: datetime) -> frozenset[UUID]:
    if not units:
        return frozenset()
    agreements = OrgRelation.filter(valid_at(at), kind=CO_BUILDS, source_id__in=list(units), target_id=community_id)
    return frozenset([agreement.source_id for agreement in await agreements])


async def _area(community: OrgNode, scope: ResidentScope) -> OrgNode:
    """The node whose residents count; the community itself where nothing wider stands above it."""
    if scope is ResidentScope.COMMUNITY:
        return community
    above = OrgNode.filter(path__in=ancestor_paths(community.path), kind=_SCOPE_KINDS[scope])
    return await above.first() or community


def _line(node: OrgNode) -> list[str]:
    return [*ancestor_paths(node.path), node.path]

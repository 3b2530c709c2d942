"""Which organisation a row means: compounds, buildings, grids, units, communities, by code or by name. 行中的地点。"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from uuid import UUID

from ..errors import Text, text
from ..graph.core_kinds import BUILDING, COMMUNITY, COMPOUND, GRID, MICRO_GRID, RESIDENT_UNIT
from ..graph.credit_units import CREDIT_CODE
from ..graph.models import OrgNode
from ..graph.paths import subtree_range
from ..spreadsheets.field import SheetKind
from ..spreadsheets.places import bare_building

_KINDS = (COMPOUND, BUILDING, GRID, MICRO_GRID, RESIDENT_UNIT)
_SPACES = re.compile(r"\s+")
NEAR = 3


def spelt(name: str) -> str:
    """One spelling of a name: plain width, no spaces, capitals."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", name)).upper()


def building_key(name: str) -> str:
    """What buildings are compared by: 3栋, 三号楼, 3# and 3 are one."""
    return spelt(bare_building(spelt(name)))


class Places:
    """The valid organisations beneath the importer's place, and the communities of the district."""

    def __init__(self, at: OrgNode, nodes: Iterable[OrgNode], communities: Iterable[OrgNode]) -> None:
        self.at = at
        self.nodes: dict[UUID, OrgNode] = {at.id: at}
        self._named: dict[tuple[str, str], list[OrgNode]] = defaultdict(list)
        self._buildings: dict[tuple[UUID | None, str], list[OrgNode]] = defaultdict(list)
        self._communities: dict[str, list[OrgNode]] = defaultdict(list)
        for node in nodes:
            self.add(node)
        for node in communities:
            for key in {spelt(node.name), _short(node.name), node.code or spelt(node.name)}:
                self._communities[key].append(node)

    def add(self, node: OrgNode) -> None:
        """Let rows mean an organisation too."""
        self.nodes[node.id] = node
        for key in {spelt(node.name), spelt(node.code or node.name)}:
            self._named[node.kind, key].append(node)
        if node.kind == BUILDING:
            self._buildings[node.parent_id, building_key(node.name)].append(node)

    def named(self, kind: str, name: str) -> list[OrgNode]:
        """The organisations of a kind with this name or code."""
        return self._named.get((kind, spelt(name)), [])

    def any_named(self, name: str) -> list[OrgNode]:
        """The organisations of any kind with this name or code, the importer's place among them."""
        key, found = spelt(name), {self.at.id: self.at} if spelt(self.at.name) == spelt(name) else {}
        for (_, known), nodes in self._named.items():
            found |= {node.id: node for node in nodes if known == key}
        return list(found.values())

    def building(self, parent_id: UUID, name: str) -> list[OrgNode]:
        """The buildings of a compound or community with this name or number."""
        return self._buildings.get((parent_id, building_key(name)), [])

    def buildings(self, name: str) -> list[OrgNode]:
        """The buildings anywhere here with this name or number."""
        key = building_key(name)
        return [node for (_, known), nodes in self._buildings.items() if known == key for node in nodes]

    def community(self, name: str) -> list[OrgNode]:
        """The communities of the district with this name, with or without 社区, or code."""
        return self._communities.get(spelt(name)) or self._communities.get(_short(name), [])

    def by_credit_code(self, code: str) -> list[OrgNode]:
        """The units here with this credit code."""
        units = (node for node in self.nodes.values() if node.kind == RESIDENT_UNIT)
        return [node for node in units if node.attributes.get(CREDIT_CODE) == spelt(code)]

    def grid(self, name: str) -> list[OrgNode]:
        """The micro-grids with this name or code, else the grids."""
        return self.named(MICRO_GRID, name) or self.named(GRID, name)

    @property
    def has_micro_grids(self) -> bool:
        """Whether any micro-grid is here."""
        return any(kind == MICRO_GRID for kind, _ in self._named)

    def near(self, kind: str, name: str) -> Text | str:
        """Names of a kind that come close to one that is not there, to be shown."""
        names = {spelt(node.name): node.name for node in self.nodes.values() if node.kind == kind}
        close = get_close_matches(spelt(name), list(names), NEAR, 0.4)
        return ", ".join(names[one] for one in close) or text("none like it")


def _short(name: str) -> str:
    return spelt(name).removesuffix("居委会").removesuffix("村委会").removesuffix("社区").removesuffix("居民委员会")


async def places_beneath(at: OrgNode, kind: SheetKind) -> Places:
    """What rows of a kind of sheets at an organisation may mean, as it is now."""
    low, high = subtree_range(at.path)
    beneath = OrgNode.filter(path__gte=low, path__lt=high, valid_to=None)
    nodes = beneath if kind is SheetKind.POSTS else beneath.filter(kind__in=list(_KINDS))
    communities = OrgNode.filter(kind=COMMUNITY, valid_to=None)
    return Places(at, await nodes.order_by("id"), await communities.order_by("id"))

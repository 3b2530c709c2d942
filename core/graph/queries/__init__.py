"""Reading the graph: the present by the path, the past by the states, and across the tree by the relations."""

from __future__ import annotations

from .across import neighbourhood, path_between
from .as_of import (
    OrgAt,
    ancestors_as_of,
    children_as_of,
    depth_as_of,
    descendants_as_of,
    node_as_of,
    org_by_code_as_of,
)
from .places import boundaries_at, nodes_around
from .present import ancestors, children, descendants, district_root, org_by_code, org_by_reference
from .succeeded import counted_as_of, heirs_of, successions, successors_of

__all__ = [
    "OrgAt",
    "ancestors",
    "ancestors_as_of",
    "boundaries_at",
    "children",
    "children_as_of",
    "counted_as_of",
    "depth_as_of",
    "descendants",
    "descendants_as_of",
    "district_root",
    "heirs_of",
    "neighbourhood",
    "node_as_of",
    "nodes_around",
    "org_by_code",
    "org_by_code_as_of",
    "org_by_reference",
    "path_between",
    "successions",
    "successors_of",
]

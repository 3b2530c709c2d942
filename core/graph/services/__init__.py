"""What is done to the graph; every function runs in a unit of work, checks, writes, and tells an event."""

from __future__ import annotations

from .boundaries import set_boundary
from .creation import create_org, ensure_root
from .endings import end_org
from .moves import move_org
from .relations import create_relation, end_relation
from .successions import (
    MOST_CHILDREN,
    MOST_SOURCES,
    MOST_TARGETS,
    NewOrg,
    Succession,
    Wanted,
    carry_out,
    plan_merge,
    plan_split,
)
from .updates import update_org

__all__ = [
    "MOST_CHILDREN",
    "MOST_SOURCES",
    "MOST_TARGETS",
    "NewOrg",
    "Succession",
    "Wanted",
    "carry_out",
    "create_org",
    "create_relation",
    "end_org",
    "end_relation",
    "ensure_root",
    "move_org",
    "plan_merge",
    "plan_split",
    "set_boundary",
    "update_org",
]

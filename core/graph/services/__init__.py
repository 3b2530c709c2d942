"""What is done to the graph; every function runs in a unit of work, checks, writes, and tells an event."""

from __future__ import annotations

from .boundaries import set_boundary
from .creation import create_org, ensure_root
from .endings import end_org
from .moves import move_org
from .relations import create_relation, end_relation
from .updates import update_org

__all__ = [
    "create_org",
    "create_relation",
    "end_org",
    "end_relation",
    "ensure_root",
    "move_org",
    "set_boundary",
    "update_org",
]

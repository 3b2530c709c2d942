"""Incidents: what happens in a grid, as the servers next door keep it too. 网格事件（测速用）。

A plugin like any other: its types are declared and nothing in it is there for speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from linli.core import Plugin, Title, hookimpl

if TYPE_CHECKING:
    from linli.core.access.permissions import Permission
    from linli.core.access.roles import RoleContribution
    from linli.core.plugins.storage import Storage
    from linli.core.records.event_types import EventType
    from linli.schema import GraphQL

# Hooks import what they hand over when they are called.
# ruff: noqa: PLC0415

plugin = Plugin(
    name="incidents",
    title=Title(en="Incidents", zh="网格事件"),
    description="What happens in a grid. 网格里发生的事。",
    version="0.1.0",
    requires=">=0.1,<0.2",
)


@hookimpl
def linli_storage() -> Storage:
    """One table."""
    from linli.core.plugins.storage import Storage

    return Storage(models="tests.load.incidents.models", migrations="tests.load.incidents.migrations")


@hookimpl
def linli_permissions() -> Sequence[Permission]:
    """Who reads them, and who reports one."""
    from linli.core.access.permissions import Permission

    return [
        Permission("incidents.incident.read", "Read incidents. 查看事件。"),
        Permission("incidents.incident.report", "Report incidents. 上报事件。"),
    ]


@hookimpl
def linli_roles() -> Sequence[RoleContribution]:
    """Streets read, and whoever runs the district reports too."""
    from linli.core.access.roles import RoleContribution

    return [
        RoleContribution("street-official", ("incidents.incident.read",)),
        RoleContribution("district-admin", ("incidents.incident.read", "incidents.incident.report")),
    ]


@hookimpl
def linli_event_types() -> Sequence[EventType[Any]]:
    """What happens to incidents."""
    from .services import REPORTED

    return [REPORTED]


@hookimpl
def linli_graphql() -> GraphQL:
    """The type, its counts at organisations, and the mutation."""
    from linli.schema import GraphQL

    from .graphql import IncidentMutation, OrgIncidents

    return GraphQL(mutation=IncidentMutation, extend={"OrgNode": OrgIncidents})

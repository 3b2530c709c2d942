"""Notices: what a community tells everybody. 社区公告。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from linli.core import Plugin, Title, hookimpl

if TYPE_CHECKING:
    from pydantic import BaseModel

    from linli.core.access.permissions import Permission
    from linli.core.access.roles import RoleContribution
    from linli.core.plugins.storage import Storage
    from linli.core.records.event_types import EventType
    from linli.schema import GraphQL

# Hooks import what they hand over when they are called: where the plugin is off, nothing of it is loaded.
# ruff: noqa: PLC0415

plugin = Plugin(
    name="notices",
    title=Title(en="Notices", zh="社区公告"),
    description="Communities tell everybody something. 社区发布公告。",
    version="0.1.0",
    requires=">=0.1,<0.2",
)


@hookimpl
def linli_storage() -> Storage:
    """One table."""
    from linli.core.plugins.storage import Storage

    return Storage(models="linli_notices.models", migrations="linli_notices.migrations")


@hookimpl
def linli_settings() -> type[BaseModel]:
    """How long a notice may be."""
    from .settings import NoticeSettings

    return NoticeSettings


@hookimpl
def linli_permissions() -> Sequence[Permission]:
    """Who may post."""
    from linli.core.access.permissions import Permission

    return [Permission("notices.notice.post", "Post notices. 发布公告。")]


@hookimpl
def linli_roles() -> Sequence[RoleContribution]:
    """Community staff, and whoever runs the district."""
    from linli.core.access.roles import RoleContribution

    return [RoleContribution(role, ("notices.notice.post",)) for role in ("community-staff", "district-admin")]


@hookimpl
def linli_event_types() -> Sequence[EventType[Any]]:
    """What happens to notices."""
    from .services import POSTED

    return [POSTED]


@hookimpl
def linli_graphql() -> GraphQL:
    """The type, a list, the mutation, and the register."""
    from linli.schema import GraphQL

    from .graphql import NoticeMutation, NoticeQuery
    from .ledgers import POSTED

    return GraphQL(query=NoticeQuery, mutation=NoticeMutation, ledgers=(POSTED,))
